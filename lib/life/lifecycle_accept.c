/* SPDX-License-Identifier: MIT */
#include "life/lifecycle_accept.h"
#include "life/lifecycle_state.h"

#include "judge/accounts.h"
#include "life/link_early.h"
#include "life/link_keys.h"
#include "life/link_return.h"
#include "life/own_names.h"
#include "site/proofs.h"
#include "site/site_doors.h"

/* How long the same acceptance is taken for a duplicate line. */
enum { DUPLICATE_S = 2 };

static bool is_same_acceptance(const struct message *m, const struct record *rec)
{
    if (rec->type == RECORD_PICKUP)
        return m->origin == ORIGIN_LOCAL && m->uid == rec->uid;
    return span_equal(intern_span(m->client), rec->client);
}

/* Two syslog names under which qmgr has not been heard yet may be two instances, as long as each
 * accepts a message under the same ID. */
static bool is_one_queue(const struct hosts *hosts, uint16_t a, uint16_t b)
{
    return hosts->source[a].is_queue || hosts->source[b].is_queue;
}

/* An acceptance belongs to an existing message if that message's later records were logged first
 * (it waits for an origin), or if the line is a duplicate. */
static struct message *accepted(struct lifecycle *life, uint16_t source, const struct record *rec,
                                bool *ret_again)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    *ret_again = false;
    if (m && m->source != source && message_has(m, MESSAGE_BEGAN) &&
        !is_one_queue(life->hosts, m->source, source))
        m = NULL; /* it belongs to another instance */
    if (m && m->origin == ORIGIN_NONE && message_has(m, MESSAGE_WAITING)) {
        m->last_s = life->now_s;
        return m;
    }
    if (m && m->state == MESSAGE_NEW && m->begun_s + DUPLICATE_S >= life->now_s &&
        message_has(m, MESSAGE_BEGAN) && is_same_acceptance(m, rec)) {
        *ret_again = true;
        return m;
    }
    return lifecycle_go_to(life, m, source, rec->id, LIFECYCLE_ACCEPT);
}

static enum origin client_origin(const struct lifecycle *life, const struct message *m,
                                 const struct client_memo *client)
{
    char id[QUEUE_ID_TEXT_MAX];

    if (trace_wants(life->trace, TRACE_SITE))
        trace_say(life->trace, TRACE_SITE, "%s client %.*s is %s%s", queue_id_print(m->id, id),
                  SPAN_ARG(intern_span(m->client)), client->why ? "trusted: " : "a stranger",
                  client->why ? client->why : "");
    return client->why ? ORIGIN_TRUSTED : ORIGIN_OUTSIDE;
}

/* Follows orig_queue_id=. Without a login the record has no free text, so on a connection from this
 * host, or from where mail is handed to, Postfix itself wrote the ID. False if there is no ID that
 * may be believed. */
static bool link_by_id(struct lifecycle *life, struct message *m, const struct record *rec,
                       bool by_filter)
{
    struct address a;

    if (!queue_id_is_set(rec->link) || !(by_filter || (address_parse(rec->client_address, &a) &&
                                                       site_may_xforward(life->site, &a))))
        return false;
    struct message *parent = lifecycle_find_on_host(life, m->source, rec->link);
    if (parent && parent != m) {
        lifecycle_set_parent(life, m, parent, ORIGIN_FILTER, "orig_queue_id=");
        return true;
    }
    early_links_keep(
        life, (struct early_link){
                  .kind = EARLY_ORIG, .source = m->source, .parent = rec->link, .child = m->id});
    if (!message_has(m, MESSAGE_FROM_HERE))
        return false;
    if (rec->orig_client.len)
        return false;          /* orig_client= tells more */
    m->origin = ORIGIN_FILTER; /* a hop of a message that is not in the log, or not yet */
    return true;
}

void lifecycle_see_login(struct lifecycle *life, struct span account)
{
    struct span domain =
        site_may_have_more_domains(life->site) ? proof_domain_of_login(account) : SPAN_NONE;

    if (domain.len)
        lifecycle_learn(life, domain, CLASS_OURS, PROOF_BY_LOGIN, 0);
    if (site_see_login(life->site, account))
        accounts_changed(life->judge, account);
}

/* orig_client=: a filter tells whose mail it is (XFORWARD), which Postfix accepts only from its
 * own. Whether that client had logged in is known from the message it came from, if one turns
 * up. */
static void name_client(struct lifecycle *life, struct message *m, struct span client)
{
    intern_put(life->tracker->texts, m->client);
    m->client = intern_get(life->tracker->texts, client);
    m->is_named = true;
    m->origin = client_origin(life, m, clients_of(&life->judge->clients, m));
    if (life->hosts->host[hosts_host(m->source)].fronts & HOST_PROXIES)
        lifecycle_index(life, m, link_key_of_client(life, m->client, m->source));
}

void lifecycle_client(struct lifecycle *life, uint16_t source, const struct record *rec,
                      uint32_t client_hash)
{
    bool again;
    struct message *m = accepted(life, source, rec, &again);

    if (!m || again)
        return;
    m->flags |= MESSAGE_BEGAN;
    m->uid = 0;
    m->client = intern_get_hashed(life->tracker->texts, rec->client, client_hash);
    if (rec->account.len) {
        m->origin = ORIGIN_ACCOUNT;
        m->who = intern_get(life->tracker->texts, rec->account);
        lifecycle_see_login(life, rec->account);
        lifecycle_resolve(life, m, ORIGIN_ACCOUNT);
        link_early_known(life, m);
        link_return_named(life, m);
        return;
    }
    const struct client_memo *client = clients_of(&life->judge->clients, m);
    bool from_here = client->is_self, by_fleet = client->is_fleet;
    m->flags |= from_here ? MESSAGE_FROM_HERE : 0;
    m->is_near = client->is_near;
    m->origin = client_origin(life, m, client);
    bool by_filter = from_here || (m->is_near && queue_id_is_set(rec->link) &&
                                   site_has_door_at(life->site, rec->client_address));
    if (!link_by_id(life, m, rec, by_filter) && from_here && rec->orig_client.len)
        name_client(life, m, rec->orig_client);
    /* Mail from this host may be a hop of another message. The line that tells is logged when that
     * message is delivered. Mail from a machine near by, too, if its message-id has been seen. */
    if (message_has(m, MESSAGE_RESOLVED))
        ;
    else if (m->origin == ORIGIN_FILTER || from_here || by_fleet || m->is_near)
        tracker_wait(life->tracker, m, life->clock_s);
    else
        lifecycle_resolve(life, m, (enum origin)m->origin);
    link_early_known(life, m);
    link_return_named(life, m);
}

/* Requeued mail takes its recipients along, so that what was counted isn't counted again: the next
 * attempt may come long after the old ID is forgotten. */
static void take_recipients(struct lifecycle *life, struct message *m, struct message *old)
{
    for (uint16_t i = 0; i < old->recipient_count; i++) {
        struct recipient *r = &message_recipients(old)[i];
        struct recipient *copy =
            tracker_recipient(m, r->hash) ? NULL : tracker_add_recipient(life->tracker, m, r->hash);
        if (!copy)
            continue;
        *copy = *r;
        intern_ref(copy->text);
        r->flags &= (uint8_t)~RECIPIENT_COUNTED;
    }
    struct message *whole = tracker_deref(life->tracker, old->whole);
    m->flags |= (whole ? whole->flags : 0) & MESSAGE_COUNTED;
    m->whole = (struct message_ref){0, 0};
}

void lifecycle_pickup(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    bool again;
    struct message *m = accepted(life, source, rec, &again);

    if (!m || again)
        return;
    m->flags |= MESSAGE_BEGAN | MESSAGE_PICKED_UP;
    m->uid = (uint32_t)rec->uid;
    m->origin = ORIGIN_LOCAL;
    if (!queue_id_is_set(rec->link)) {
        m->flags |= proof_is_bare_user(rec->sender) ? MESSAGE_BARE : 0;
        own_names_of_id(life, m);
        own_names_of_sender(life, m);
        tracker_wait(life->tracker, m, life->clock_s);
        link_early_known(life, m);
        link_return_named(life, m);
        return;
    }
    /* postsuper -r: the uid is that of Postfix's mail owner, who didn't send it. */
    struct message *old = tracker_find(life->tracker, source, rec->link);
    m->origin = ORIGIN_REQUEUE;
    if (old && old != m) {
        lifecycle_set_parent(life, m, old, ORIGIN_REQUEUE, "orig_id=");
        m->begun_s = old->begun_s;
        m->cell = old->cell;
        m->cell_serial = old->cell_serial;
        judge_goes_on(life->judge, m, old);
        take_recipients(life, m, old);
        /* A notice stays a notice, and forwarded mail stays forwarded. */
        if (old->origin == ORIGIN_BOUNCE || old->origin == ORIGIN_FORWARD) {
            m->origin = old->origin;
            m->cause = old->cause;
            m->who = intern_ref(old->who);
            m->flags |= old->flags & MESSAGE_NOTICED;
        }
        if (lifecycle_inherit(life, m))
            return;
        tracker_wait(life->tracker, m, life->clock_s);
        return;
    }
    lifecycle_resolve(life, m, ORIGIN_UNKNOWN);
}
