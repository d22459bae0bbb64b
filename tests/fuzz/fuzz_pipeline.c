/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a log, through the whole core: however the lines are handed over (all at once, a few
 * at a time, one by one with somebody watching, or taken apart as journal entries), the incidents
 * are the same, so are the counters, and no table is larger than its setting.
 *
 * The first byte chooses how the lines are cut and whether the tables are tight; the rest is the
 * log.
 */
#include "report/incident.h"
#include "report/incident_json.h"
#include "report/incident_line.h"
#include "engine/pipeline.h"
#include "config/settings.h"
#include "engine/counters.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum feeding { WHOLE, PIECES, WATCHED, ENTRIES, FEEDINGS };

/* Low thresholds, so that a short input can cross them. */
#define THRESHOLDS                                                                                 \
    "[open-relay]\nrecipients = 1\n[account-abuse]\nrecipients = 2\nnetworks = 2\n"                \
    "networks_recipients = 2\nrefused = 2\nnull_sender = 1\n[local-abuse]\nrecipients = 1\n"       \
    "[trusted-relay]\nrecipients = 2\nforeign_recipients = 1\n"                                    \
    "[backscatter-source]\nnotices = 1\n[backscatter-victim]\nmessages = 2\nclients = 2\n"
#define ROOMY "[limits]\nmessages = 5000\nfinished = 100\ncells = 1000\nincidents = 100\n"
#define TIGHT                                                                                      \
    "[limits]\nmessages = 1000\nfinished = 16\nrecipients = 2\nhosts = 2\ncells = 64\n"            \
    "incidents = 10\n"

struct outcome {
    char *text; /* counters and incidents */
    size_t incidents_at;
};

static struct site *make_site(void)
{
    static const char *const trusted[] = {"127.0.0.0/8", "192.0.2.0/24"};
    struct site *site = site_new();

    if (!site || !site_add_domain(site, SPAN("example.org"), CLASS_OURS, false))
        abort();
    site_domains_configured(site, true);
    for (size_t i = 0; i < 2; i++) {
        struct network net;
        if (!network_parse(span_str(trusted[i]), &net) || !site_add_network(site, &net, true))
            abort();
    }
    site_networks_configured(site);
    return site;
}

static void watch(void *ctx, const struct pipeline_line *line)
{
    *(uint64_t *)ctx += line->text.len;
}

/* Up to the nth line end, or all. */
static size_t some_lines(struct span log, unsigned n)
{
    size_t len = 0;

    while (n-- && len < log.len) {
        ptrdiff_t end = span_find(span_skip(log, len), '\n');
        len = end < 0 ? log.len : len + (size_t)end + 1;
    }
    return len;
}

/* Each piece in memory of its own, so that one byte too far is seen. */
static void feed_copy(struct pipeline *p, struct span piece)
{
    char *copy = malloc(piece.len + !piece.len);

    if (!copy)
        abort();
    memcpy(copy, piece.at, piece.len);
    pipeline_lines(p, copy, piece.len);
    free(copy);
}

static void feed_entry(struct pipeline *p, struct syslog_clock *clock, struct span line)
{
    static struct syslog_parts parts;
    char buf[SYSLOG_CUT_MAX];
    struct syslog_header header;

    if (line.len && line.at[line.len - 1] == '\n')
        line.len--;
    while (line.len && line.at[0] == '\0') /* as log_line_parse does */
        line = span_skip(line, 1);
    line = syslog_cut_join(&parts, &clock->open, line, buf, sizeof(buf));
    if (syslog_header_parse(clock, line, &header))
        pipeline_entry(p, &header);
}

static void feed(struct pipeline *p, struct span log, enum feeding feeding, unsigned cut)
{
    struct syslog_clock clock = {.reference = p->parser->clock.reference, .last = WHEN_UNKNOWN};

    while (log.len) {
        unsigned lines = feeding == WHOLE || feeding == WATCHED ? ~0u
                         : feeding == PIECES                    ? 1 + cut++ % 7
                                                                : 1;
        size_t len = some_lines(log, lines);
        if (feeding == ENTRIES)
            feed_entry(p, &clock, span_head(log, len));
        else
            feed_copy(p, span_head(log, len));
        log = span_skip(log, len);
    }
}

static void print_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    fprintf(ctx, "%s %llu\n", name, (unsigned long long)value);
}

static void print_incidents(struct detector *d, FILE *out)
{
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));

    if (!list)
        abort();
    for (uint32_t i = 0, n = incidents_in_order(d, list); i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        json_t *json = incident_json(&view);
        char *line = incident_line(&view, INCIDENT_RAISED);
        if (!json || !line || strchr(line, '\n'))
            abort();
        json_dumpf(json, out, JSON_COMPACT);
        fprintf(out, "\n%s\n", line);
        free(line);
        json_decref(json);
        incident_view_done(&view);
    }
    free(list);
}

static struct outcome run(const struct settings *settings, struct span log, enum feeding feeding,
                          unsigned cut)
{
    uint64_t seen = 0;
    size_t size;
    struct outcome outcome = {0};
    struct pipeline_options options = {.settings = settings,
                                       .site = make_site(),
                                       .on_line = feeding == WATCHED ? watch : NULL,
                                       .on_line_ctx = &seen};
    struct pipeline *p = pipeline_new(&options);
    FILE *out = open_memstream(&outcome.text, &size);

    if (!p || !out)
        abort();
    pipeline_set_reference(p, 1795492029 * US_PER_S);
    feed(p, log, feeding, cut);
    pipeline_finish(p);
    if (p->tracker.count > settings->limits.messages ||
        p->detector.cell_used > settings->limits.cells ||
        p->detector.incident_count > settings->limits.incidents)
        abort();
    pipeline_each_counter(p, print_counter, out);
    fflush(out);
    outcome.incidents_at = size;
    print_incidents(&p->detector, out);
    fclose(out);
    pipeline_free(p);
    site_free(options.site);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings;
    struct inifile_error err;
    struct outcome outcome[FEEDINGS];

    if (size < 2)
        return 0;
    if (!settings_init(&settings) ||
        !settings_parse(&settings, data[0] & 1 ? SPAN(THRESHOLDS TIGHT) : SPAN(THRESHOLDS ROOMY),
                        &err))
        abort();
    struct span log = {(const char *)data + 1, size - 1};
    for (enum feeding i = WHOLE; i < FEEDINGS; i++)
        outcome[i] = run(&settings, log, i, data[0] >> 1);
    for (enum feeding i = PIECES; i < FEEDINGS; i++) {
        /* An entry that is no syslog line never gets there: only the incidents compare. */
        const struct outcome *a = &outcome[WHOLE], *b = &outcome[i];
        if (strcmp(a->text + a->incidents_at, b->text + b->incidents_at) != 0 ||
            (i != ENTRIES && strcmp(a->text, b->text) != 0)) {
            fprintf(stderr, "at once:\n%s\nfeeding %d:\n%s\n", a->text, i, b->text);
            abort();
        }
    }
    for (enum feeding i = WHOLE; i < FEEDINGS; i++)
        free(outcome[i].text);
    settings_done(&settings);
    return 0;
}
