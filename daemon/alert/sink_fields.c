/* SPDX-License-Identifier: MIT */
/*
 * The names are an interface: people filter on them with journalctl, and systemd/relaywatch.catalog
 * refers to them. Journal fields hold any bytes, but what strangers choose is made printable first.
 */
#include "alert/sink_fields.h"

#include "common/message_ids.h"
#include "report/severity.h"

const char *const alert_field_names[] = {"MESSAGE_ID",
                                         "RELAYWATCH_KIND",
                                         "RELAYWATCH_ID",
                                         "RELAYWATCH_EVENT",
                                         "RELAYWATCH_SEVERITY",
                                         "RELAYWATCH_KEY_TYPE",
                                         "RELAYWATCH_KEY",
                                         "RELAYWATCH_HOST",
                                         "RELAYWATCH_CAUSE",
                                         "RELAYWATCH_MESSAGES",
                                         "RELAYWATCH_RECIPIENTS",
                                         "RELAYWATCH_SENT",
                                         "RELAYWATCH_DEFERRED",
                                         "RELAYWATCH_BOUNCED",
                                         "RELAYWATCH_QUEUED",
                                         "RELAYWATCH_HELD",
                                         "RELAYWATCH_UNDECIDED",
                                         "RELAYWATCH_NOTICES",
                                         "RELAYWATCH_CLIENTS",
                                         "RELAYWATCH_FIRST_SEEN",
                                         "RELAYWATCH_LAST_SEEN",
                                         "RELAYWATCH_CROSSED",
                                         "RELAYWATCH_REOPENED",
                                         "RELAYWATCH_CLOSE_REASON",
                                         "RELAYWATCH_REASON",
                                         "RELAYWATCH_ADVICE",
                                         "RELAYWATCH_COMMANDS",
                                         "RELAYWATCH_STANZA",
                                         "RELAYWATCH_JSON",
                                         "RELAYWATCH_WARNING",
                                         "RELAYWATCH_TEXT",
                                         NULL};

int alert_priority(enum severity severity, enum incident_event event)
{
    static const int raised[] = {[SEVERITY_INFO] = LOG_NOTICE,
                                 [SEVERITY_WARNING] = LOG_ERR,
                                 [SEVERITY_CRITICAL] = LOG_ALERT};
    bool is_news = event == INCIDENT_RAISED || event == INCIDENT_REOPENED;

    if (event == INCIDENT_OVER || event == INCIDENT_WITHDRAWN || event == INCIDENT_CLOSED)
        return LOG_NOTICE;
    return raised[severity] + !is_news;
}

const char *alert_message_id(enum kind kind, enum incident_event event)
{
    return message_id_text(event == INCIDENT_OVER        ? MESSAGE_ID_ENDED
                           : event == INCIDENT_WITHDRAWN ? MESSAGE_ID_WITHDRAWN
                           : event == INCIDENT_REOPENED  ? MESSAGE_ID_REOPENED
                           : event == INCIDENT_CLOSED    ? MESSAGE_ID_CLOSED
                                                         : (enum message_id)kind);
}

struct entry {
    const struct log_socket *log_socket;
    struct buf *buf;
};

static void add_text(struct entry *e, const char *name, const char *text)
{
    log_socket_field(e->log_socket, e->buf, name, span_str(text));
}

static void add_number(struct entry *e, const char *name, uint64_t n)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
    add_text(e, name, text);
}

static void add_time(struct entry *e, const char *name, uint32_t s)
{
    char text[WHEN_TEXT_MAX];

    add_text(e, name, when_print(s * US_PER_S, text));
}

/* Strangers choose the value: journalctl shows a field with unprintable bytes as "[blob data]". */
static void add_printable(struct entry *e, const char *name, struct span s)
{
    char text[VIEW_TEXT_MAX];
    size_t n = s.len < sizeof(text) ? s.len : sizeof(text);

    for (size_t i = 0; i < n; i++)
        text[i] = printable_char(s.at[i]);
    log_socket_field(e->log_socket, e->buf, name, span_of(text, n));
}

static void add_figures(struct entry *e, const struct incident_view *view)
{
    const struct totals *t = &view->totals;

    add_number(e, "RELAYWATCH_MESSAGES", t->messages);
    add_number(e, "RELAYWATCH_RECIPIENTS", t->recipients);
    add_number(e, "RELAYWATCH_SENT", t->sent);
    add_number(e, "RELAYWATCH_DEFERRED", t->deferred);
    add_number(e, "RELAYWATCH_BOUNCED", t->bounced);
    add_number(e, "RELAYWATCH_QUEUED", t->queued);
    add_number(e, "RELAYWATCH_HELD", t->held);
    add_number(e, "RELAYWATCH_UNDECIDED", t->undecided);
    add_number(e, "RELAYWATCH_NOTICES", t->notices);
    add_number(e, "RELAYWATCH_CLIENTS", view->clients);
    add_time(e, "RELAYWATCH_FIRST_SEEN", t->first_s);
    add_time(e, "RELAYWATCH_LAST_SEEN", t->last_s);
}

/* The steps, one per line. */
static void add_advice(struct entry *e, const struct incident_view *view)
{
    struct buf steps = buf_new((size_t)VIEW_ADVICE_MAX * (VIEW_TEXT_MAX + 8));

    for (uint32_t i = 0; i < view->advice_count; i++)
        buf_printf(&steps, "%s%u. %s", i ? "\n" : "", i + 1, view->advice[i]);
    log_socket_field(e->log_socket, e->buf, "RELAYWATCH_ADVICE", buf_span(&steps));
    buf_done(&steps);
}

/* To be pasted: each command below the comment that says what it is for. */
static void add_commands(struct entry *e, const struct incident_view *view)
{
    struct buf text = buf_new((size_t)VIEW_COMMANDS_MAX * (VIEW_COMMAND_MAX + VIEW_TEXT_MAX));

    for (uint32_t i = 0; i < view->command_count; i++)
        buf_printf(&text, "%s# %s\n%s", i ? "\n" : "", view->command[i].what,
                   view->command[i].text);
    log_socket_field(e->log_socket, e->buf, "RELAYWATCH_COMMANDS", buf_span(&text));
    buf_done(&text);
}

/* Only the journal takes fields. Syslog and standard error get the same facts in the text of the
 * message. */
void alert_fields(const struct log_socket *log_socket, struct buf *buf, enum incident_event event,
                  const struct incident_view *view, const char *json)
{
    const struct incident *incident = view->incident;
    struct entry e = {log_socket, buf};
    char crossed[VIEW_TEXT_MAX];

    if (log_socket->type != LOG_SOCKET_JOURNAL)
        return;
    add_text(&e, "MESSAGE_ID", alert_message_id(incident->kind, event));
    add_text(&e, "RELAYWATCH_KIND", kind_name(incident->kind));
    add_text(&e, "RELAYWATCH_ID", incident->id);
    add_text(&e, "RELAYWATCH_EVENT", incident_event_name(event));
    add_text(&e, "RELAYWATCH_SEVERITY", severity_name(view->severity));
    add_text(&e, "RELAYWATCH_KEY_TYPE", key_type_name(view->key_type));
    add_printable(&e, "RELAYWATCH_KEY", intern_span(incident->key_text));
    add_printable(&e, "RELAYWATCH_HOST", view_host(view));
    if (incident->cause != CAUSE_NONE)
        add_text(&e, "RELAYWATCH_CAUSE", cause_name(incident->cause));
    add_figures(&e, view);
    if (*crossing_text(&incident->crossing, crossed))
        add_text(&e, "RELAYWATCH_CROSSED", crossed);
    add_number(&e, "RELAYWATCH_REOPENED", incident->reopened);
    if (incident->closed_s)
        add_printable(&e, "RELAYWATCH_CLOSE_REASON",
                      incident->close_reason ? intern_span(incident->close_reason) : SPAN("none"));
    add_printable(&e, "RELAYWATCH_REASON", span_str(view->reason));
    add_advice(&e, view);
    add_commands(&e, view);
    /* Never empty: journalctl -x would show the field's name instead. */
    add_text(&e, "RELAYWATCH_STANZA",
             *view->stanza ? view->stanza
                           : "# no section can name it: raise the kind's thresholds");
    if (json)
        add_text(&e, "RELAYWATCH_JSON", json);
}
