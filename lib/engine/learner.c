/* SPDX-License-Identifier: MIT */
#include "engine/learner.h"

#include <stdlib.h>

#include "base/mail_address.h"
#include "detect/host_scopes.h"
#include "engine/own_mail.h"
#include "engine/pipeline_hosts.h"
#include "parse/syslog_wrap.h"
#include "site/domains.h"
#include "site/proofs.h"
#include "site/site_accounts.h"
#include "site/site_doors.h"

enum { QUEUES_MAX = 256, NAME_MAX_BYTES = 256, TAKEN_MAX = 5000 };

struct queue_name {
    char host[NAME_MAX_BYTES], instance[64];
};

struct learner {
    struct log_line_parser parser;
    struct log_line line;
    char unwrapped[LOG_LINE_MAX]; /* the syslog line in a line of another form */
    struct site *site;            /* what was known before */
    struct site *learned;         /* what the log adds */
    struct domains taken;         /* DOMAIN!HOST whose mail lmtp or pipe took, perhaps as filters */
    struct own_mail own;
    struct queue_name *queue;
    uint32_t queue_count;
    char host[NAME_MAX_BYTES];   /* the first host name that is not the settings' myhostname */
    char called[NAME_MAX_BYTES]; /* what Postfix calls itself, if not by the settings' myhostname */
    bool supported;              /* a name or domain in the log matches the settings */
    bool container;              /* some host is named by a container ID */
};

struct learner *learner_new(struct site *site, when_zone *zone, void *zone_ctx)
{
    struct learner *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->site = site;
    l->learned = site_new();
    l->queue = calloc(QUEUES_MAX, sizeof(*l->queue));
    if (!l->learned || !l->queue || !domains_init(&l->taken)) {
        learner_free(l);
        return NULL;
    }
    site_set_seed(l->learned, site_seed(site));
    log_line_parser_init(&l->parser, zone, zone_ctx, site_address_form(site), 0);
    return l;
}

void learner_free(struct learner *l)
{
    if (!l)
        return;
    site_free(l->learned);
    domains_done(&l->taken);
    free(l->queue);
    free(l);
}

void learner_set_reference(struct learner *l, wall_us reference)
{
    log_line_parser_set_reference(&l->parser, reference);
}

/* --- whose log it is -------------------------------------------------------------------------- */

static void keep_name(char *to, size_t size, struct span name)
{
    if (*to || name.len == 0 || name.len >= size)
        return;
    memcpy(to, name.at, name.len);
    to[name.len] = '\0';
}

/* A name of the host, written by the system or by Postfix. */
static void see_name(struct learner *l, struct span name, bool by_postfix)
{
    if (site_is_settings_host(l->site, name))
        l->supported = true;
    else if (by_postfix)
        keep_name(l->called, sizeof(l->called), name);
    else if (syslog_wrap_is_container_id(name))
        l->container = true;
    else
        keep_name(l->host, sizeof(l->host), name);
}

/* "relay=mx.example.org[private/dovecot-lmtp]": lmtp(8) to a socket names myhostname
 * (smtp/smtp_connect.c). */
static void see_relay(struct learner *l, const struct record *rec)
{
    if (proof_socket(rec).len)
        see_name(l, span_head(rec->relay, (size_t)span_find(rec->relay, '[')), true);
}

/* --- what a record proves --------------------------------------------------------------------- */

static void learn_by(struct learner *l, struct span domain, enum domain_class class,
                     enum proof proof, uint8_t door)
{
    if (domain.len)
        site_learn(l->learned, domain, class, proof, door);
}

static void learn(struct learner *l, struct span domain, enum domain_class class, enum proof proof)
{
    learn_by(l, domain, class, proof, 0);
}

/* "example.org!mx1". Empty if it is too long. */
static struct span domain_on_host(const struct learner *l, struct span domain,
                                  char buf[2 * NAME_MAX_BYTES])
{
    struct span host = l->line.header.host;

    if (domain.len >= NAME_MAX_BYTES || host.len >= NAME_MAX_BYTES)
        return SPAN_NONE;
    memcpy(buf, domain.at, domain.len);
    buf[domain.len] = '!';
    memcpy(buf + domain.len + 1, host.at, host.len);
    return span_of(buf, domain.len + 1 + host.len);
}

/* If a stranger's server takes mail for a domain that lmtp or pipe took mail for on the same host,
 * those are filters: deliveries by them prove nothing. */
static void see_where_taken(struct learner *l, const struct record *rec)
{
    char buf[2 * NAME_MAX_BYTES];
    struct span domain = rec->recipient_domain, here = domain_on_host(l, domain, buf);

    if (rec->program != PROGRAM_SMTP) {
        if (here.len && rec->status == STATUS_SENT && proof_is_by_door(rec))
            domains_learn(&l->taken, here, CLASS_OURS, PROOF_BY_DELIVERY, 0, TAKEN_MAX);
    } else if (domains_proof(&l->taken, here) == PROOF_BY_DELIVERY && rec->has_hop &&
               !address_is_private(&rec->hop) && !site_is_own_address(l->site, &rec->hop)) {
        domains_learn(&l->taken, here, CLASS_UNKNOWN, PROOF_SENT_AWAY, 0, TAKEN_MAX);
        learn(l, domain, CLASS_UNKNOWN, PROOF_SENT_AWAY);
    }
}

/* A mailbox, or an alias that leads to one. */
static void see_mailbox(struct learner *l, struct span address, struct span domain)
{
    if (site_class(l->site, domain) == CLASS_OURS || site_class(l->learned, domain) == CLASS_OURS)
        site_see_mailbox(l->learned, address, hash_nocase(address, site_seed(l->learned)), 1);
}

static void see_mailboxes(struct learner *l, const struct record *rec)
{
    if (rec->status != STATUS_SENT || rec->program == PROGRAM_SMTP)
        return;
    see_mailbox(l, rec->recipient, rec->recipient_domain);
    if (rec->orig_recipient.at)
        see_mailbox(l, rec->orig_recipient, mail_address_domain(rec->orig_recipient));
}

/* Mailboxes, unless mail for what is certainly outside goes there, too. */
static void learn_socket(struct learner *l, const struct record *rec)
{
    uint8_t door = site_door(l->learned, rec->relay);

    if (rec->status == STATUS_SENT && site_is_outside(l->site, rec->recipient_domain))
        site_socket_takes_abroad(l->learned, door, rec->recipient_domain);
    else if (rec->status == STATUS_SENT && !site_door_is_filter(l->learned, door))
        learn_by(l, rec->recipient_domain, CLASS_OURS, PROOF_BY_SOCKET, door);
}

/* What may return its mail (a filter) proves nothing here: only the messages show whether it
 * does. */
static void learn_delivery(struct learner *l, const struct record *rec)
{
    /* What runs on this host may be a filter; its mail will tell when it is judged. */
    bool here = rec->has_hop ? site_is_own_address(l->site, &rec->hop) : proof_is_by_door(rec);
    bool socket = proof_socket(rec).len != 0;

    see_relay(l, rec);
    if (socket)
        learn_socket(l, rec);
    if (rec->program == PROGRAM_LMTP && rec->has_hop && rec->status == STATUS_SENT &&
        !address_is_private(&rec->hop))
        site_door(l->learned, rec->relay); /* what comes from there is the site's */
    see_where_taken(l, rec);
    if (!here && !socket) {
        enum proof proof = proof_of_delivery(rec, l->line.header.host);
        if (proof != PROOF_NONE)
            learn(l, rec->recipient_domain, CLASS_OURS, proof);
    }
    see_mailboxes(l, rec);
}

/* True if nothing has shown yet that the settings are those of a host in the log. */
static bool looks_for_settings(const struct learner *l)
{
    return !l->supported && site_settings_host(l->site).len;
}

/* Mail for a domain that the settings call ours supports them: they may well be this host's. */
static void see_own_domain(struct learner *l, struct span domain)
{
    if (looks_for_settings(l) && domain.len && site_class(l->site, domain) == CLASS_OURS)
        l->supported = true;
}

static void learn_login(struct learner *l, struct span domain)
{
    see_own_domain(l, domain);
    learn(l, domain, CLASS_OURS, PROOF_BY_LOGIN);
}

static void learn_record(struct learner *l, const struct record *rec)
{
    learn(l, own_mail_see(&l->own, &l->line), CLASS_OURS, PROOF_BY_NAME);
    if (record_refuses_domain(rec)) {
        learn(l, rec->refused_domain, proof_class_of_refusal(rec), PROOF_BY_REFUSAL);
    } else if (rec->type == RECORD_CLIENT || rec->type == RECORD_PROXY_CLIENT) {
        learn_login(l, proof_domain_of_login(rec->account));
        site_see_login(l->learned, rec->account);
    } else if (rec->type == RECORD_CERTIFICATE) {
        site_see_certificate(l->learned, rec->client_address, rec->of_known_ca);
    } else if (rec->type == RECORD_DELIVERY) {
        see_own_domain(l, rec->recipient_domain);
        see_own_domain(l, mail_address_domain(rec->orig_recipient));
        learn_delivery(l, rec);
    } else if (rec->type == RECORD_MESSAGE_ID) {
        see_name(l, proof_own_message_id(rec->message_id, rec->id), true);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

/* True if the message-id may be Postfix's own: "ID: message-id=<20261124034712.ID@host>", or
 * without the date before a long ID. */
static bool may_be_own_id(struct span text)
{
    enum { DATE_AND_DOT = 15, SHORTEST_ID = 5 };
    ptrdiff_t open = span_find(text, '<');
    struct span id = span_head(text, text.len < SHORTEST_ID ? text.len : SHORTEST_ID);

    if (open < 0)
        return false;
    text = span_skip(text, (size_t)open + 1);
    return span_starts(text, id) ||
           (text.len > DATE_AND_DOT && span_starts(span_skip(text, DATE_AND_DOT), id));
}

/* "ID: to=<user@example.org>, ...", and a mailbox here has taken mail for example.org before: it
 * proves nothing new, but that this mailbox exists, which is noted. A quoted address and an alias
 * are not told by a glance. */
static bool tells_mailbox_alone(struct learner *l, struct span text, enum proof proof)
{
    ptrdiff_t end = span_find(text, '>'), open = span_find(text, '<');

    if (open < 0 || end < open || text.at[open + 1] == '"')
        return false;
    struct span address = span_of(text.at + open + 1, (size_t)(end - open - 1));
    struct span domain = mail_address_domain(address), rest = span_skip(text, (size_t)end + 1);
    if (!domain.len || !site_is_proved(l->learned, domain, proof) ||
        span_starts(rest, SPAN(", orig_to=<")))
        return false;
    ptrdiff_t reply = span_find(rest, '(');
    if (span_ends(span_head(rest, reply < 0 ? 0 : (size_t)reply), SPAN(" status=sent ")))
        see_mailbox(l, address, domain);
    return true;
}

/* True if such a record may prove something, as about one in six does. */
static bool is_of_use(struct learner *l, enum program program, const struct syslog_header *header)
{
    struct span text = header->text;

    switch (program) {
    case PROGRAM_SMTPD:
        /* Without a login: "connect from NAME[ADDRESS]", "ID: client=NAME[ADDRESS]". */
        return !text.len ||
               (text.at[text.len - 1] != ']' && !span_starts(text, SPAN("disconnect ")));
    case PROGRAM_CLEANUP:
        return may_be_own_id(text);
    case PROGRAM_LMTP:
        return looks_for_settings(l) || !tells_mailbox_alone(l, text, PROOF_BY_SOCKET);
    case PROGRAM_LOCAL:
    case PROGRAM_VIRTUAL:
    case PROGRAM_PIPE:
        return looks_for_settings(l) || !tells_mailbox_alone(l, text, PROOF_CERTAIN);
    case PROGRAM_SMTP:
        return l->taken.learned || looks_for_settings(l);
    default:
        return own_mail_may_use(&l->own, program, header);
    }
}

static void see_queue(struct learner *l, const struct syslog_header *header)
{
    struct queue_name name = {"", ""};
    struct span instance;

    program_of_tag(header->tag, &instance);
    if (header->host.len >= sizeof(name.host) || instance.len >= sizeof(name.instance))
        return;
    keep_name(name.host, sizeof(name.host), header->host);
    keep_name(name.instance, sizeof(name.instance), instance);
    /* Lines whose prefix has no number come here each time. */
    for (uint32_t i = 0; i < l->queue_count; i++)
        if (memcmp(&l->queue[i], &name, sizeof(name)) == 0)
            return;
    if (l->queue_count < QUEUES_MAX)
        l->queue[l->queue_count++] = name;
}

static void take(struct learner *l)
{
    struct log_line *line = &l->line;

    if (line->kind != LOG_LINE_POSTFIX)
        return;
    if (line->header.prefix < 0 || line->header.prefix_new) {
        see_name(l, line->header.host, false);
        if (line->record.program == PROGRAM_QMGR)
            see_queue(l, &line->header);
    }
    if (!is_of_use(l, line->record.program, &line->header))
        return;
    log_line_read(&l->parser, line);
    learn_record(l, &line->record);
}

/* True if only the whole line can tell what it proves. Most lines are told by their tag and first
 * words alone. */
static bool is_worth_parsing(struct learner *l, struct span text)
{
    struct syslog_header *header = &l->line.header;

    return !syslog_header_peek(&l->parser.clock, text, header) ||
           (l->parser.tag[header->prefix].program != PROGRAM_NONE &&
            is_of_use(l, l->parser.tag[header->prefix].program, header));
}

void learner_lines(struct learner *l, const char *data, size_t len)
{
    struct span rest = span_of(data, len), text;

    while (span_take_line(&rest, &text)) {
        text = log_line_unwrap(&l->parser, text, l->unwrapped);
        if (!is_worth_parsing(l, text))
            continue;
        log_line_parse_header(&l->parser, text, &l->line);
        take(l);
    }
}

void learner_entry(struct learner *l, const struct syslog_header *header)
{
    log_line_parse_entry_header(&l->parser, header, &l->line);
    take(l);
}

void learner_set_site(struct learner *l, struct site *site)
{
    l->site = site;
}

/* --- results ---------------------------------------------------------------------------------- */

bool learner_has_enough(const struct learner *l)
{
    return !site_may_have_more_domains(l->site) &&
           (l->supported || !site_settings_host(l->site).len);
}

bool learner_settings_are_anothers(const struct learner *l)
{
    return site_settings_host(l->site).len && !l->supported &&
           (*l->called || (*l->host && !l->container));
}

struct span learner_host(const struct learner *l)
{
    return span_str(*l->called ? l->called : l->host);
}

void learner_tell(const struct learner *l, struct site *site, struct pipeline *p)
{
    site_learn_from(site, l->learned);
    for (uint32_t i = 0; i < l->queue_count; i++)
        host_scopes_source(&p->detector, pipeline_host_name(p, span_str(l->queue[i].host)),
                           span_str(l->queue[i].instance), true, site_address_form(site));
}
