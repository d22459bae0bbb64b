/* SPDX-License-Identifier: MIT */
#include "report/incident_json.h"

#include "detect/crossing.h"
#include "detect/scope.h"
#include "report/backscatter.h"
#include "report/grounds.h"
#include "report/refusals.h"
#include "report/severity.h"

/* 0 means that it has not happened. */
static json_t *json_time(uint32_t s)
{
    char buf[WHEN_TEXT_MAX];

    return s ? json_string(when_print(s * US_PER_S, buf)) : json_null();
}

/* The most frequent texts, which tally_sort has put first. */
static json_t *json_tally(const struct tally *tally)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < tally->count && i < VIEW_LIST_MAX; i++)
        json_array_append_new(list, text_json(intern_span(tally->entry[i].text)));
    return list;
}

/* [{"text": "33:mail.php", "messages": 12}]: a person looks for the script that wrote most. */
static json_t *json_said(const struct incident_view *view, enum mail_header header)
{
    json_t *list = json_array();

    for (uint32_t i = 0; view->said && i < view->said[header].count && i < VIEW_LIST_MAX; i++) {
        const struct tally_entry *entry = &view->said[header].entry[i];
        json_t *row = json_object();
        json_object_set_new(row, "text", text_json(intern_span(entry->text)));
        json_object_set_new(row, "messages", json_integer(entry->count));
        json_array_append_new(list, row);
    }
    return list;
}

/* Takes over the value. jansson refuses NULL, so lack of memory need not be checked for. */
static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static void set_count(json_t *object, const char *name, uint64_t value)
{
    set(object, name, json_integer((json_int_t)value));
}

/* A uid is a number in JSON; all other keys are strings. */
json_t *incident_key_json(const struct incident *incident)
{
    enum key_type type = incident_key_type(incident);
    struct span text = intern_span(incident->key_text);
    json_t *key = json_object();
    uint64_t uid = 0;

    if (type == KEY_UID && span_take_number(&text, &uid))
        set_count(key, key_type_name(type), uid);
    else
        set(key, key_type_name(type), text_json(text));
    return key;
}

/* message_ids skips samples without one, so the two lists may differ in length. */
static void set_samples(json_t *object, const struct incident_view *view)
{
    json_t *ids = json_array(), *message_ids = json_array();
    char buf[QUEUE_ID_TEXT_MAX];

    for (uint32_t i = 0; i < view->sample_count; i++) {
        json_array_append_new(ids, json_string(queue_id_print(view->sample[i].id, buf)));
        if (view->sample[i].message_id)
            json_array_append_new(message_ids, text_json(intern_span(view->sample[i].message_id)));
    }
    set(object, "queue_ids", ids);
    set(object, "message_ids", message_ids);
}

static void set_totals(json_t *object, const struct incident_view *view)
{
    const struct totals *t = &view->totals;

    set_count(object, "messages", t->messages);
    set_count(object, "recipients", t->recipients);
    set_count(object, "sent", t->sent);
    set_count(object, "deferred", t->deferred);
    set_count(object, "bounced", t->bounced);
    set_count(object, "queued", t->queued);
    set_count(object, "held", t->held);
    set_count(object, "undecided", t->undecided);
    set_count(object, "notices", t->notices);
}

/* Of those in client_list of which a name is known. */
static json_t *json_client_names(const struct incident_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < view->client_names.count && i < VIEW_LIST_MAX; i++) {
        struct span text = view_client(view, i);
        if (text.len > view->client_names.entry[i].text->len)
            json_array_append_new(list, text_json(text));
    }
    return list;
}

/* Lists are there even if empty, so that readers need not check for them. */
static void set_lists(json_t *object, const struct incident_view *view)
{
    const struct incident *incident = view->incident;
    json_t *accounts = json_array(), *uids = json_array();
    struct span key = intern_span(incident->key_text);
    uint64_t uid = 0;

    set_count(object, "clients", view->clients);
    set(object, "client_list", json_tally(&view->client_names));
    set(object, "client_names", json_client_names(view));
    set(object, "client_networks", json_tally(&view->networks));
    set(object, "sender_domains", json_tally(&view->sender_domains));
    set_count(object, "sender_domain_count", view->domains);
    set(object, "senders", json_tally(&view->senders));
    set(object, "recipient_domains", json_tally(&view->recipient_domains));
    set(object, "subjects", json_said(view, MAIL_HEADER_SUBJECT));
    set(object, "scripts", json_said(view, MAIL_HEADER_SCRIPT));
    if (incident->kind == KIND_ACCOUNT_ABUSE)
        json_array_append_new(accounts, text_json(key));
    if (incident->kind == KIND_LOCAL_ABUSE && span_take_number(&key, &uid))
        json_array_append_new(uids, json_integer((json_int_t)uid));
    set(object, "accounts", accounts);
    set(object, "uids", uids);
}

static json_t *json_sentences(const char (*text)[VIEW_TEXT_MAX], uint32_t count)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, text_json(span_str(text[i])));
    return list;
}

/* What a person reads first: how it grew, what it is part of, why, and what to do. */
static void set_story(json_t *object, const struct incident_view *view)
{
    const struct incident *incident = view->incident;
    json_t *related = json_array(), *narrower = json_array(), *commands = json_array();
    struct grounds grounds;

    for (uint32_t i = 0; i < incident->narrower_count; i++)
        json_array_append_new(narrower, text_json(intern_span(incident->narrower[i])));
    set(object, "narrower_keys", narrower);
    for (uint32_t i = 0; i < view->related_count; i++)
        json_array_append_new(related, json_string(view->related[i]->id));
    set(object, "related", related);
    set(object, "reason", text_json(span_str(view->reason)));
    grounds_find(view, &grounds);
    set(object, "evidence", json_sentences(grounds.text, grounds.count));
    set(object, "advice", json_sentences(view->advice, view->advice_count));
    for (uint32_t i = 0; i < view->command_count; i++) {
        json_t *command = json_object();
        set(command, "what", json_string(view->command[i].what));
        set(command, "command", json_string(view->command[i].text));
        json_array_append_new(commands, command);
    }
    set(object, "commands", commands);
    set(object, "stanza", *view->stanza ? json_string(view->stanza) : json_null());
}

/* null: by a version that did not note it. */
static json_t *crossing_json(const struct crossing *crossing)
{
    json_t *object = crossing->what == CROSSED_NONE ? NULL : json_object();
    char window[WHEN_TEXT_MAX];

    if (!object)
        return json_null();
    set(object, "measure", json_string(crossed_name(crossing->what)));
    set_count(object, "value", crossing->value);
    set_count(object, "threshold", crossing->threshold);
    set(object, "window", json_string(when_print_duration(crossing->window_s * US_PER_S, window)));
    return object;
}

json_t *incident_json(const struct incident_view *view)
{
    const struct incident *incident = view->incident;
    json_t *object = json_object();

    set(object, "type", json_string("incident"));
    set(object, "id", json_string(incident->id));
    if (incident->told_as[0])
        set(object, "told_as", json_string(incident->told_as));
    set(object, "kind", json_string(kind_name(incident->kind)));
    set(object, "severity", json_string(severity_name(view->severity)));
    if (view->signs[0])
        set(object, "severity_reason", json_string(view->signs));
    set(object, "key", incident_key_json(view->incident));
    set(object, "host", text_json(view_host(view)));
    if (view->hosts.count) {
        set_count(object, "hosts", view->hosts.count + view->hosts.more);
        set(object, "host_list", json_tally(&view->hosts));
    }
    set_totals(object, view);
    set(object, "cause",
        incident->cause == CAUSE_NONE ? json_null() : json_string(cause_name(incident->cause)));
    const char *setting = backscatter_setting(view);
    set(object, "setting", setting ? json_string(setting) : json_null());
    set(object, "crossed", crossing_json(&incident->crossing));
    set_lists(object, view);
    set(object, "refused_by", refusals_json(view));
    set(object, "refused_domains", refusals_domains_json(view));
    set(object, "first_seen", json_time(view->totals.first_s));
    set(object, "last_seen", json_time(view->totals.last_s));
    set(object, "raised_at", json_time(incident->raised_s));
    set(object, "ended_at", json_time(incident->state == INCIDENT_ENDED ? incident->ended_s : 0));
    set(object, "state",
        json_string(incident->withdrawn                ? "withdrawn"
                    : incident->closed_s               ? "closed"
                    : incident->state == INCIDENT_OPEN ? "open"
                                                       : "ended"));
    set(object, "closed_at", json_time(incident->closed_s));
    set(object, "close_reason",
        incident->close_reason ? text_json(intern_span(incident->close_reason)) : json_null());
    set_count(object, "reopened", incident->reopened);
    set_samples(object, view);
    set_story(object, view);
    return object;
}
