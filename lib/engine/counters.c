/* SPDX-License-Identifier: MIT */
#include "engine/counters.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

void pipeline_count_line(struct pipeline *p, enum log_line_kind kind)
{
    static const size_t counters[] = {
        [LOG_LINE_EMPTY] = offsetof(struct pipeline, counters.empty),
        [LOG_LINE_NO_SYSLOG] = offsetof(struct pipeline, counters.not_syslog),
        [LOG_LINE_OTHER] = offsetof(struct pipeline, counters.other_programs),
        [LOG_LINE_NO_PROGRAM] = offsetof(struct pipeline, counters.no_program),
        [LOG_LINE_POSTFIX] = offsetof(struct pipeline, counters.hosts_refused),
    };

    ++*(uint64_t *)((char *)p + counters[kind]);
}

void pipeline_count_record(struct pipeline *p, const struct record *rec)
{
    if (program_is_filter(rec->program)) {
        p->counters.other_programs++;
        return;
    }
    p->counters.postfix++;
    switch (rec->type) {
    case RECORD_UNPARSED:
        p->counters.unparsed++;
        break;
    case RECORD_AMBIGUOUS:
        p->counters.ambiguous++;
        break;
    case RECORD_CUT:
        p->counters.cut++;
        break;
    case RECORD_IGNORED:
        p->counters.ignored++;
        break;
    case RECORD_NOTE:
    case RECORD_SAYS:
        p->counters.noted++;
        break;
    case RECORD_VERSION:
        p->counters.postfix_restarts++;
        break;
    default:
        break;
    }
}

void pipeline_take_refusal(struct pipeline *p, const struct record *rec)
{
    p->refused[rec->refusal]++;
    if (record_refuses_domain(rec))
        lifecycle_refused(&p->life, rec);
}

uint64_t pipeline_messages(const struct pipeline *p)
{
    return p->life.counters.begun - p->life.counters.children;
}

/* The pipeline's own counters come first, then those of the stages in the order of a line. Names
 * are a contract: metrics and --json have them. */
void pipeline_each_counter(const struct pipeline *p, pipeline_count *visit, void *ctx)
{
#define X(name, sentence) visit(ctx, #name, sentence, p->counters.name);
    PIPELINE_COUNTERS(X)
#undef X
    const struct lifecycle_counters *life = &p->life.counters;
    const struct tracker_counters *tracker = &p->tracker.counters;
    const struct detector_counters *detector = &p->detector.counters;
    const struct {
        const char *name, *sentence;
        uint64_t value;
    } rows[] = {
        {"queue_ids", "queue files seen", life->begun},
        {"children", "of these: notices, forwards, filter hops, requeued mail", life->children},
        {"in_flight", "messages that have not left the queue", tracker_in_flight(&p->tracker)},
        {"reused", "queue IDs reused before their end was seen", life->reused},
        {"unattributed", "messages whose acceptance is not in the log", life->unattributed},
        {"late_links", "links to a message already judged without them", life->late_links},
        {"doubtful_links", "links refused because something did not fit", life->doubtful_links},
        {"links_overwritten", "messages that can no longer be found by message-id",
         life->links_overwritten},
        {"proxied_over", "clients of before-queue filters forgotten at the limit",
         life->proxied_over},
        {"links_early_over", "links forgotten at the limit before their messages were known",
         life->early_over},
        {"lost_returns", "messages back from a filter after what went in was forgotten",
         life->lost_returns},
        {"late_deliveries", "deliveries after the message was gone", life->late_deliveries},
        {"no_memory", "records lost because memory was short", life->no_memory},
        {"messages_evicted", "messages evicted at the limit", tracker->evicted},
        {"messages_expired", "messages forgotten because they were silent too long",
         tracker->expired},
        {"finished_early", "finished messages forgotten early at the limit of finished",
         tracker->finished_early},
        {"recipients_over", "recipients beyond the limit per message", tracker->recipients_over},
        {"hosts_evicted", "silent hosts and queues whose place another one took", p->hosts.evicted},
        {"texts_refused", "texts refused at the limit", p->texts.refused},
        {"observations", "evidence counted", detector->observations},
        {"exempt", "evidence exempted by a setting", detector->exempt},
        {"cells_evicted", "cells evicted at the limit", detector->cells_evicted},
        {"keys_refused", "wider keys refused at the limit", detector->keys_refused},
        {"incidents_evicted", "incidents evicted at the limit", detector->incidents_evicted},
        {"evidence_late", "evidence older than its window", detector->late},
        {"undecided", "recipients whose domain could not be placed",
         p->judge.verdicts[VERDICT_UNKNOWN_DOMAINS]},
        {"domains_refused", "domains learned from the log beyond the limit",
         site_learned_dropped(p->options.site)},
        {"headers_over", "subjects and scripts forgotten at the limit before their mail was judged",
         p->judge.headers.over},
        {"warnings_dropped", "site warnings that there was no room for",
         site_warnings_dropped(p->options.site)},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        visit(ctx, rows[i].name, rows[i].sentence, rows[i].value);
}

/* The [limits] that were reached, as "messages, cells". Texts have no setting of their own: their
 * bound follows from that of messages. */
static void list_full(const struct pipeline *p, char *buf, size_t size)
{
    const struct link_index *links = &p->life.links;
    bool as_many = links->mask >= p->tracker.limits.messages; /* as that limit allows */
    const struct {
        const char *setting;
        bool full;
    } rows[] = {
        {"messages", p->tracker.counters.evicted > p->tracker.counters.evicted_for_bytes ||
                         p->texts.refused > 0 || (links->tight && as_many)},
        {"memory", p->tracker.counters.evicted_for_bytes > 0 || (links->tight && !as_many)},
        {"cells", p->detector.counters.cells_evicted > 0 || p->detector.counters.keys_refused > 0},
        {"incidents", p->detector.counters.incidents_evicted > 0},
        {"hosts", p->hosts.refused > 0},
    };
    size_t n = 0;

    *buf = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].full)
            n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "", rows[i].setting);
}

/* Open or ended. */
static bool has_open_relay(const struct detector *d)
{
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].kind == KIND_OPEN_RELAY)
            return true;
    return false;
}

/* No honest address is that long, or looks like a record. */
static void warn_of_cut_records(const struct pipeline *p)
{
    enum { MANY = 10 };

    if (p->counters.cut + p->counters.ambiguous >= MANY)
        site_warn(p->options.site, "records-cut",
                  "Somebody sends to addresses that are so long, or look so much like a record of "
                  "the log, that it doesn't show where this mail went. scan --annotate marks these "
                  "records CUT or AMBIGUOUS.");
}

/* A few may be anything. */
static void warn_of_lost_returns(const struct pipeline *p)
{
    enum { MANY = 10 };

    if (p->life.counters.lost_returns >= MANY)
        site_warn(p->options.site, "returns-unknown",
                  "%" PRIu64 " messages came back from a content filter when those that had gone "
                  "in were forgotten: it took more than ten minutes, or more than `finished` "
                  "messages were finished meanwhile. The log doesn't show any more whose they are, "
                  "so nobody is blamed for them. See why the filter is slow, or raise finished in "
                  "[limits].",
                  p->life.counters.lost_returns);
}

static bool is_warned(const struct site *site, const char *code)
{
    for (size_t i = 0; i < site_warning_count(site); i++)
        if (strcmp(site_warning(site, i)->code, code) == 0)
            return true;
    return false;
}

/* Of several, one is named. */
static void warn_of_hosts_without_settings(const struct pipeline *p)
{
    struct site *site = p->options.site;

    if (!site_host_count(site) || is_warned(site, "settings-of-host-missing"))
        return;
    for (uint16_t i = 0; i < p->hosts.host_count; i++) {
        const struct host *host = &p->hosts.host[i];
        if (i == p->detector.fleet || !host->last_s || p->hosts.networks[i] != SITE_NETWORKS_OF_ALL)
            continue;
        site_warn(site, "settings-of-host-missing",
                  "Host %.100s has no file in postconf_directory, so it is taken to trust every "
                  "network that any other host trusts. Save what postconf prints there as "
                  "HOST.postconf, under the name that the log gives the host; relaywatch check "
                  "shows the networks.",
                  host->name->at);
        return;
    }
}

/* Only what makes results doubtful is a warning: without Postfix lines, or without an alleged open
 * relay, nothing depends on what is unknown. */
void pipeline_warn(struct pipeline *p)
{
    struct site *site = p->options.site;
    char full[80];

    if (p->counters.postfix && !site_knows_domains(site))
        site_warn(site, "own-domains-unknown",
                  "No settings tell which domains are ours, so strangers' mail counts as relayed "
                  "only if it goes to public mailbox providers or to others that the log shows to "
                  "be outside. List ours in own_domains in [site], or get them from Postfix "
                  "(ask_postfix or postconf in [site], --postconf).");
    if (!site_knows_networks(site, SITE_NETWORKS_OF_ALL) && has_open_relay(&p->detector))
        site_warn(site, "trusted-networks-unknown",
                  "The networks that Postfix trusts are unknown, so one of our own clients with "
                  "a public address looks like a stranger. List them in trusted_networks in "
                  "[site], or get them from Postfix (ask_postfix or postconf there, --postconf).");
    warn_of_cut_records(p);
    warn_of_lost_returns(p);
    warn_of_hosts_without_settings(p);
    old_queue_look(&p->old_queue, &p->tracker, site, p->life.counters.unattributed,
                   p->options.settings->kind[KIND_OPEN_RELAY].recipients, p->now_s);
    list_full(p, full, sizeof(full));
    if (*full)
        site_warn(site, "state-full",
                  "A table was full and entries were evicted, so figures are too low. Raise the "
                  "limits in [limits]: %s.",
                  full);
}
