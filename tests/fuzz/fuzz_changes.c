/* SPDX-License-Identifier: MIT */
/*
 * Lines, time that passes, reloads with other settings, in any order: the same incidents come out
 * of a pipeline that just runs and of one that has other hashes, gets its lines in other pieces, is
 * saved and read back now and then, and reads its settings again though they are the same.
 *
 * Two bytes are a step: what to do, and to whom.
 */
#include "config/settings.h"
#include "engine/snapshot.h"
#include "report/incident.h"
#include "report/incident_json.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_S 1795492029
#define THRESHOLDS                                                                                 \
    "[open-relay]\nrecipients = 3\n[account-abuse]\nrecipients = 4\n[local-abuse]\n"               \
    "recipients = 3\n[trusted-relay]\nrecipients = 5\nforeign_recipients = 2\n"                    \
    "[backscatter-source]\nnotices = 2\n[backscatter-victim]\nmessages = 4\nclients = 2\n"
#define SITE "[site]\nown_domains = example.org\ntrusted_networks = 10.0.0.0/8\n"

static const char *const inis[] = {
    SITE THRESHOLDS,
    SITE THRESHOLDS "[limits]\nmessages = 1000\nfinished = 16\nrecipients = 2\nhosts = 1\n"
                    "cells = 64\nincidents = 10\ngrace = 5s\n",
    SITE "[open-relay]\nwindow = 10m\nrecipients = 6\n[account-abuse]\nwindow = 3h\n",
    SITE THRESHOLDS "[open-relay 192.0.2.1]\nrecipients = 20\n[account-abuse u1]\nenabled = no\n"
                    "[alert]\nend_after = 10m\nupdate_every = 1m\n[limits]\nhosts = 3\n",
};
enum { INIS = sizeof(inis) / sizeof(*inis) };

struct bytes {
    char *at;
    size_t len;
};

static int keep(void *ctx, const void *data, size_t len)
{
    struct bytes *bytes = ctx;

    bytes->at = realloc(bytes->at, bytes->len + len + 1);
    if (!bytes->at)
        abort();
    memcpy(bytes->at + bytes->len, data, len);
    bytes->len += len;
    return 0;
}

struct side {
    struct pipeline_options options;
    struct pipeline *p;
};

static void begin(struct side *side, const struct settings *settings, uint64_t seed)
{
    side->options =
        (struct pipeline_options){.settings = settings, .site = site_new(), .seed = seed};
    if (!side->options.site ||
        !site_add_domain(side->options.site, SPAN("example.org"), CLASS_OURS, false))
        abort();
    struct address a;
    if (!address_parse(SPAN("10.0.0.0"), &a))
        abort();
    side->p = pipeline_new(&side->options);
    if (!side->p)
        abort();
    pipeline_set_reference(side->p, NOW_S * US_PER_S);
}

/* No time passes meanwhile, and the clock is told before anything is read, as the daemon does. */
static void save_and_load(struct side *side)
{
    struct bytes bytes = {0};
    char why[SNAPSHOT_WHY_MAX];
    wall_us clock = side->p->clock;

    if (snapshot_write(side->p, keep, &bytes) != 0)
        abort();
    pipeline_free(side->p);
    side->options.seed++;
    side->p = snapshot_read(span_of(bytes.at, bytes.len), &side->options, why);
    if (!side->p) {
        fprintf(stderr, "refused: %s\n", why);
        abort();
    }
    if (clock)
        pipeline_clock(side->p, clock);
    free(bytes.at);
}

static char *outcome(struct side *side)
{
    struct detector *d = &side->p->detector;
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    pipeline_finish(side->p);
    const struct incident **list = calloc(d->incident_count + 1, sizeof(*list));
    if (!out || !list)
        abort();
    for (uint32_t i = 0, n = incidents_in_order(d, list); i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, d, list[i]);
        json_t *json = incident_json(&view);
        json_dumpf(json, out, JSON_COMPACT | JSON_SORT_KEYS);
        fputc('\n', out);
        json_decref(json);
        incident_view_done(&view);
    }
    for (int i = 0; i < VERDICT_COUNT; i++)
        fprintf(out, "%llu ", (unsigned long long)side->p->judge.verdicts[i]);
    fclose(out);
    free(list);
    return text;
}

/* A record of message `who`, of which there are 32 at a time; `turn` tells their lives apart. */
static size_t record(char *buf, size_t size, uint32_t at_s, unsigned what, unsigned who,
                     unsigned turn)
{
    char id[16];
    unsigned s = at_s % 86400;

    snprintf(id, sizeof(id), "4%02X%02XA", who % 32, turn % 16);
    int n = snprintf(buf, size, "2026-11-24T%02u:%02u:%02uZ mx%u postfix/", s / 3600, s / 60 % 60,
                     s % 60, who % 16 == 5);
    buf += n;
    size -= (size_t)n;
    switch (what) {
    case 0:
        n += snprintf(buf, size, "smtpd[1]: %s: client=unknown[192.0.2.%u]\n", id, who % 5);
        break;
    case 1:
        n += snprintf(buf, size,
                      "smtpd[1]: %s: client=unknown[198.51.%u.7], sasl_method=PLAIN, "
                      "sasl_username=u%u\n",
                      id, who % 7, who % 3);
        break;
    case 2:
        n += snprintf(buf, size, "pickup[1]: %s: uid=%u from=<www>\n", id, 33 + who % 2);
        break;
    case 3:
        n += snprintf(buf, size, "cleanup[1]: %s: message-id=<%u@x.example>\n", id, who % 11);
        break;
    case 4:
    case 5:
        n += snprintf(buf, size,
                      "qmgr[1]: %s: from=<%s%u@%s.example>, size=9, nrcpt=%u (queue active)\n", id,
                      "a", who % 3, who & 1 ? "spam" : "other", 1 + who % 4);
        break;
    case 6:
        n += snprintf(buf, size, "qmgr[1]: %s: from=<>, size=9, nrcpt=1 (queue active)\n", id);
        break;
    case 7:
    case 8:
        n += snprintf(buf, size,
                      "smtp[1]: %s: to=<r%u@v%u.example>, relay=mx.v.example[198.51.100.9]:25, "
                      "delay=1, delays=0/0/0/1, dsn=2.0.0, status=%s (x)\n",
                      id, turn % 6, who % 2,
                      turn % 3 == 0   ? "sent"
                      : turn % 3 == 1 ? "deferred"
                                      : "bounced");
        break;
    case 9:
        n += snprintf(buf, size,
                      "local[1]: %s: to=<u%u@example.org>, relay=local, delay=1, delays=0/0/0/1, "
                      "dsn=2.0.0, status=%s (x)\n",
                      id, turn % 4, turn & 4 ? "bounced" : "sent");
        break;
    case 10:
        n += snprintf(buf, size, "bounce[1]: %s: sender non-delivery notification: 4%02X%02XA\n",
                      id, (who + 1) % 32, turn % 16);
        break;
    default:
        n += snprintf(buf, size, "qmgr[1]: %s: removed\n", id);
        break;
    }
    return (size_t)n;
}

static void reload(struct side *side, const struct settings *settings)
{
    side->options.settings = settings;
    pipeline_set(side->p, settings, side->options.site);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings[INIS];
    static bool ready;
    struct inifile_error err;
    struct side plain, other;
    uint32_t at_s = NOW_S, now = 0;
    unsigned turn = 0;
    char line[512];

    if (size > 4096)
        return 0;
    for (int i = 0; !ready && i < INIS; i++)
        if (!settings_init(&settings[i]) || !settings_parse(&settings[i], span_str(inis[i]), &err))
            abort();
    ready = true;
    begin(&plain, &settings[0], 1);
    begin(&other, &settings[0], 99);
    for (size_t i = 0; i + 1 < size; i += 2) {
        unsigned what = data[i] % 20, who = data[i + 1];
        if (what < 14) {
            turn += what < 3;
            size_t n = record(line, sizeof(line), at_s, what, who, data[i] / 20 + turn);
            pipeline_lines(plain.p, line, n);
            pipeline_lines(other.p, line, n);
        } else if (what == 14) {
            at_s += who;
        } else if (what == 15) {
            at_s += who * 60;
            pipeline_tick(plain.p, at_s * US_PER_S);
            pipeline_tick(other.p, at_s * US_PER_S);
        } else if (what == 16) {
            now = who % INIS;
            reload(&plain, &settings[now]);
            reload(&other, &settings[now]);
        } else {
            save_and_load(&other);
        }
    }
    char *want = outcome(&plain), *got = outcome(&other);
    if (strcmp(want, got) != 0) {
        fprintf(stderr, "plain\n%s\nother\n%s\n", want, got);
        abort();
    }
    free(want);
    free(got);
    pipeline_free(plain.p);
    pipeline_free(other.p);
    site_free(plain.options.site);
    site_free(other.options.site);
    return 0;
}
