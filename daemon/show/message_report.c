/* SPDX-License-Identifier: MIT */
/*
 * As with incidents, a message is first turned into JSON and then printed from that, so that
 * `explain` looks alike whether it read the logs or asked the daemon. What only one of the two
 * knows, such as verdicts, is simply absent in the other.
 */
#include "show/message_report.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/mail_address.h"
#include "common/text_of.h"
#include "life/lifecycle_state.h"
#include "report/grounds.h"
#include "report/incident.h"
#include "report/text_json.h"
#include "show/print.h"
#include "show/terminal.h"
#include "track/tracker_ids.h"

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *text_or_null(const struct intern *text)
{
    return text ? text_json(intern_span(text)) : json_null();
}

static json_t *time_json(uint32_t s)
{
    char when[WHEN_TEXT_MAX];

    return json_string(when_print(s * US_PER_S, when));
}

/* The name of the host where m's client, which is that of the first message in the chain, came in;
 * empty if that is forgotten. */
static struct span host_of_client(struct pipeline *p, const struct message *m)
{
    enum { HOPS = 32 };

    for (int i = 0; m && m->parent.slot && i < HOPS; i++)
        m = tracker_deref(&p->tracker, m->parent);
    return m ? intern_span(hosts_of(&p->hosts, m->source)->name) : SPAN_NONE;
}

/* Why the client is trusted or not. */
static json_t *client_evidence(struct pipeline *p, const struct message *m)
{
    struct buf buf = buf_new(1000);

    grounds_of_client(&buf, p->options.site, host_of_client(p, m), intern_span(m->client));
    json_t *text = text_json(buf_span(&buf));
    buf_done(&buf);
    return text;
}

void message_report_set_evidence(json_t *object, const struct pipeline *p,
                                 const struct recipient *r)
{
    struct span domain = intern_span(r->text);

    if (r->flags & RECIPIENT_ADDRESS)
        domain = mail_address_domain(domain);
    set(object, "evidence", json_string(site_evidence(p->options.site, domain)));
}

/* Where neither settings nor log tell of the domain, the judge goes by what became of the mail and
 * of the notice. */
static const char *notice_evidence(const struct site *site, const struct message *m,
                                   enum domain_class class, enum verdict verdict)
{
    if (class != CLASS_UNKNOWN)
        return site_sender_evidence(
            site, mail_address_domain(intern_span(message_who(m, WHO_NOTICE_TO))));
    if (m->cause == CAUSE_RELAYED && m->root == ORIGIN_OUTSIDE)
        return "who relays through this host from outside";
    return verdict == VERDICT_NOTICE ? "and smtp takes it to a stranger's server"
                                     : "and nothing tells whose the domain is";
}

void message_report_set_notice(json_t *object, const struct pipeline *p, const struct message *m,
                               enum verdict verdict)
{
    const struct site *site = p->options.site;

    struct span to = intern_span(message_who(m, WHO_NOTICE_TO));

    if (!to.len)
        return;
    enum domain_class class = site_sender_class(site, to);
    set(object, "notice_to", text_json(to));
    if (class != CLASS_UNKNOWN)
        set(object, "class", json_string(class_name(class)));
    set(object, "evidence", json_string(notice_evidence(site, m, class, verdict)));
}

/* Empty if it is forgotten. */
static struct span login_of(struct pipeline *p, const struct message *m)
{
    if (m->origin == ORIGIN_BOUNCE)
        m = tracker_deref(&p->tracker, m->parent);
    return m ? intern_span(message_who(m, WHO_LOGIN)) : SPAN_NONE;
}

/* A message without a sender yet (null) differs from one with the null sender (""). */
json_t *message_report_to_json(struct pipeline *p, const struct message *m)
{
    json_t *object = json_object();
    /* Without a known root, the message itself is the first of its chain. */
    enum origin root = (enum origin)(m->root ? m->root : m->origin);
    char id[QUEUE_ID_TEXT_MAX];

    set(object, "type", json_string("message"));
    set(object, "queue_id", json_string(queue_id_print(m->id, id)));
    set(object, "host", text_json(intern_span(hosts_of(&p->hosts, m->source)->name)));
    set(object, "instance", text_json(intern_span(p->hosts.source[m->source].instance)));
    set(object, "origin", json_string(origin_name((enum origin)m->origin)));
    set(object, "root", json_string(origin_name(root)));
    set(object, "client", text_or_null(m->client));
    if (m->client)
        set(object, "client_evidence", client_evidence(p, m));
    if (root == ORIGIN_ACCOUNT)
        set(object, "account", text_json(login_of(p, m)));
    /* 0 is a uid too (root), so the member is left out where there is none. */
    if (root == ORIGIN_LOCAL)
        set(object, "uid", json_integer(m->uid));
    set(object, "sender",
        !m->sender && message_has(m, MESSAGE_HAS_SENDER) ? json_string("")
                                                         : text_or_null(m->sender));
    set(object, "message_id", text_json(tracker_message_id(&p->tracker, m)));
    set(object, "acceptance_in_log", json_boolean(message_has(m, MESSAGE_BEGAN)));
    set(object, "queued_since", time_json(m->begun_s));
    set(object, "last_seen", time_json(m->last_s));
    set(object, "state", json_string(state_name((enum message_state)m->state)));
    return object;
}

enum { LINE_BYTES = 4000 };

json_t *message_report_line_to_json(const struct syslog_header *h, struct span text)
{
    struct buf buf = buf_new(2 * LINE_BYTES);
    char when[WHEN_TEXT_MAX];

    /* A line of a file is shown as it is. A journal entry has only fields, so one is composed. */
    if (text.len)
        return text_json(span_head(text, text.len < LINE_BYTES ? text.len : LINE_BYTES));
    buf_printf(&buf, "%s %.*s %.*s[%u]: %.*s", when_print(h->when, when), SPAN_ARG(h->host),
               SPAN_ARG(h->tag), h->pid, SPAN_ARG(h->text));
    json_t *line = text_json(buf_span(&buf));
    buf_done(&buf);
    return line;
}

bool message_report_queue_id(struct span text, struct queue_id *ret)
{
    size_t n = queue_id_parse(text, ret);

    /* "4F1A2B: from=..."; a longer word only begins like one. */
    return n && n < text.len && (text.at[n] == ':' || text.at[n] == ' ');
}

/* --- for people ------------------------------------------------------------------------------- */

static bool is(const json_t *object, const char *name, const char *text)
{
    return strcmp(text_of(object, name), text) == 0;
}

static bool is_null(const json_t *object, const char *name)
{
    return json_is_null(json_object_get(object, name));
}

static void label(const char *name)
{
    printf("  %-14s ", name);
}

static void print_text_of(const json_t *object, const char *name)
{
    print_safe(span_str(text_of(object, name)));
}

static void print_field(const char *name, const char *text)
{
    label(name);
    print_safe(span_str(text));
    putchar('\n');
}

/* Where the message came from, and for a derived message what it goes back to. */
static void print_origin(const json_t *m)
{
    label("came from");
    print_text_of(m, "origin");
    if (!is(m, "root", text_of(m, "origin"))) {
        printf(", which goes back to ");
        print_text_of(m, "root");
    }
    if (json_object_get(m, "uid"))
        printf(" uid %lld", (long long)json_integer_value(json_object_get(m, "uid")));
    if (*text_of(m, "client")) {
        printf(": ");
        print_text_of(m, "client");
    }
    if (*text_of(m, "account")) {
        printf(" as ");
        print_text_of(m, "account");
    }
    putchar('\n');
    if (is(m, "root", "outside") || is(m, "root", "trusted"))
        print_field("", text_of(m, "client_evidence"));
    print_field("sender", is_null(m, "sender")    ? "not in the log"
                          : *text_of(m, "sender") ? text_of(m, "sender")
                                                  : "<> (the null sender)");
    char when[TERMINAL_TIME_MAX];
    bool accepted = json_is_true(json_object_get(m, "acceptance_in_log"));
    label(accepted ? "accepted" : "in queue since");
    printf("%s%s\n", terminal_time_of(text_of(m, "queued_since"), when),
           accepted ? "" : ", worked out from delay=: its acceptance is not in the log");
}

/* Why mail to the outside is evidence: it depends on who sent it. */
static const char *sent_by(const json_t *m, const json_t *verdict)
{
    static const char *const senders[ORIGIN_COUNT] = {
        [ORIGIN_OUTSIDE] = " from a client that is neither trusted nor logged in",
        [ORIGIN_ACCOUNT] = " from a login",
        [ORIGIN_LOCAL] = " from a local user",
        [ORIGIN_TRUSTED] = " from a trusted client",
    };

    if (!is(verdict, "why", verdict_text(VERDICT_RELAYED)))
        return "";
    for (int i = 0; i < ORIGIN_COUNT; i++)
        if (senders[i] && is(m, "root", origin_name((enum origin)i)))
            return senders[i];
    return "";
}

/* What the class rests on and, where it is unknown, what would decide it. */
static void print_evidence(const json_t *object)
{
    bool unknown = is(object, "class", class_name(CLASS_UNKNOWN));

    if (!*text_of(object, "evidence"))
        return;
    label("");
    printf("%s: %s%s\n", text_of(object, "class"), text_of(object, "evidence"),
           unknown ? "; own_domains or relay_domains of [site] would, or Postfix's settings "
                     "(--postconf)"
                   : "");
}

static void print_notice_to(const json_t *verdict)
{
    const char *class = text_of(verdict, "class");

    label("");
    printf("to ");
    print_text_of(verdict, "notice_to");
    printf(", %s%s%s\n", class, *class ? ": " : "", text_of(verdict, "evidence"));
}

static void print_verdict(const json_t *m, const json_t *verdict, bool first)
{
    bool alleged = !is_null(verdict, "kind");

    label(first ? "verdict" : "");
    printf("%s", alleged ? text_of(verdict, "kind") : "nothing is alleged");
    if (json_object_get(verdict, "status")) {
        const char *domain = text_of(verdict, "recipient_domain");
        printf(" (");
        print_safe(span_str(*domain ? domain : "no domain"));
        printf(", %s, %s)", text_of(verdict, "class"), text_of(verdict, "status"));
    }
    puts(":");
    label("");
    printf("%s%s\n", text_of(verdict, "why"), sent_by(m, verdict));
    if (json_object_get(verdict, "notice_to"))
        print_notice_to(verdict);
    else
        print_evidence(verdict);
}

static void print_verdicts(const json_t *m)
{
    const json_t *verdicts = json_object_get(m, "verdicts");

    if (verdicts && !json_array_size(verdicts))
        print_field("verdict", "none yet: no delivery is in the log");
    for (size_t i = 0; i < json_array_size(verdicts); i++)
        print_verdict(m, json_array_get(verdicts, i), i == 0);
    if (is_null(m, "incident")) {
        print_field("verdict", "in no incident");
    } else if (json_object_get(m, "incident")) {
        label("verdict");
        printf("part of %s, incident ", text_of(m, "incident_kind"));
        print_text_of(m, "incident");
        putchar('\n');
    }
}

static void print_recipients(const json_t *m)
{
    const json_t *list = json_object_get(m, "recipients");
    /* The daemon lists only some of many recipients, but counts all. */
    size_t n = json_array_size(list);
    long long all = (long long)json_integer_value(json_object_get(m, "recipient_count"));

    for (size_t i = 0; i < n; i++) {
        const json_t *r = json_array_get(list, i);
        label(i ? "" : "goes to");
        print_text_of(r, "recipient");
        printf(" (");
        print_text_of(r, "class");
        printf("%s): ", json_is_true(json_object_get(r, "forwarded")) ? ", forwarded" : "");
        print_text_of(r, "status");
        putchar('\n');
        print_evidence(r);
    }
    if (all > (long long)n)
        printf("  %-14s and %lld more\n", "", all - (long long)n);
    if (list && !n)
        print_field("goes to", "no delivery is in the log yet");
}

void message_report_print(const json_t *m, bool color)
{
    const json_t *children = json_object_get(m, "children");

    printf("%s", color ? "\033[1m" : "");
    print_text_of(m, "queue_id");
    printf("%s on ", color ? "\033[0m" : "");
    print_text_of(m, "host");
    printf(", ");
    print_text_of(m, "instance");
    if (*text_of(m, "parent")) {
        printf("; %s of ", is(m, "origin", origin_name(ORIGIN_BOUNCE)) ? "a notice" : "made");
        print_text_of(m, "parent");
        if (*text_of(m, "parent_host") && !is(m, "parent_host", text_of(m, "host"))) {
            printf(" on ");
            print_text_of(m, "parent_host");
        }
    }
    putchar('\n');
    print_verdicts(m);
    print_origin(m);
    print_field("now", text_of(m, "state"));
    print_recipients(m);
    for (size_t i = 0; i < json_array_size(children); i++)
        print_field(i ? "" : "became", json_string_value(json_array_get(children, i)));
    putchar('\n');
}
