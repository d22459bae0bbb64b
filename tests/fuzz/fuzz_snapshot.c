/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a snapshot: refused, or read, and then the pipeline runs on, says its incidents, and
 * what it writes is read again and written the same.
 *
 * The first byte says what the rest is: a snapshot; or a log, whose first half makes a snapshot,
 * which is then damaged at the places that the second half names (libFuzzer seldom gets past the
 * head).
 */
#include "report/incident.h"
#include "report/incident_json.h"
#include "report/incident_line.h"
#include "config/settings.h"
#include "engine/snapshot.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SETTINGS                                                                                   \
    "[open-relay]\nrecipients = 1\n[account-abuse]\nrecipients = 2\n[local-abuse]\n"               \
    "recipients = 1\n[backscatter-source]\nnotices = 1\n[backscatter-victim]\nmessages = 2\n"      \
    "clients = 2\n[limits]\nmessages = 1000\nfinished = 16\nrecipients = 4\nhosts = 2\n"           \
    "cells = 64\nincidents = 10\n"
#define NOW_S 1795492029

/* What is fed to a pipeline that was read. */
static const char more[] =
    "Nov 24 05:00:00 mx1 postfix/smtpd[7]: 4A0000000A: client=c.example.net[192.0.2.77]\n"
    "Nov 24 05:00:00 mx1 postfix/cleanup[8]: 4A0000000A: message-id=<1@c.example.net>\n"
    "Nov 24 05:00:00 mx1 postfix/qmgr[9]: 4A0000000A: from=<a@b.example>, size=9, nrcpt=1 "
    "(queue active)\n"
    "Nov 24 05:00:01 mx1 postfix/smtp[10]: 4A0000000A: to=<x@y.example>, relay=none, delay=1, "
    "delays=0/0/0/1, dsn=5.1.1, status=bounced (no)\n"
    "Nov 24 05:00:01 mx1 postfix/bounce[11]: 4A0000000A: sender non-delivery notification: "
    "4A0000000B\n"
    "Nov 24 05:00:01 mx1 postfix/qmgr[9]: 4A0000000A: removed\n";

struct bytes {
    char *at;
    size_t len;
};

static int keep(void *ctx, const void *data, size_t len)
{
    struct bytes *bytes = ctx;

    bytes->at = realloc(bytes->at, bytes->len + len);
    if (!bytes->at)
        abort();
    memcpy(bytes->at + bytes->len, data, len);
    bytes->len += len;
    return 0;
}

static struct bytes write_down(const struct pipeline *p)
{
    struct bytes bytes = {0};

    if (snapshot_write(p, keep, &bytes) != 0)
        abort();
    return bytes;
}

static struct pipeline_options options_of(const struct settings *settings)
{
    struct pipeline_options options = {.settings = settings, .site = site_new(), .seed = 1};

    if (!options.site || !site_add_domain(options.site, SPAN("example.org"), CLASS_OURS, false))
        abort();
    return options;
}

static void run_on(struct pipeline *p)
{
    struct detector *d = &p->detector;

    pipeline_lines(p, more, sizeof(more) - 1);
    pipeline_tick(p, (p->now_s + (wall_us)1000000) * US_PER_S);
    pipeline_finish(p);
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident_view view;
        if (d->incident[i].state == INCIDENT_FREE)
            continue;
        incident_view_init(&view, d, &d->incident[i]);
        json_t *json = incident_json(&view);
        char *line = incident_line(&view, INCIDENT_RAISED);
        if (!json || !line)
            abort();
        free(line);
        json_decref(json);
        incident_view_done(&view);
    }
}

/* Whatever was read is written in a form that stands: read and written once more, it is the
 * same. */
static void try(const struct settings *settings, struct span bytes)
{
    char why[SNAPSHOT_WHY_MAX];
    struct pipeline_options options = options_of(settings), again = options_of(settings);
    struct pipeline *p = snapshot_read(bytes, &options, why);

    if (p) {
        struct bytes first = write_down(p);
        struct pipeline *q = snapshot_read(span_of(first.at, first.len), &again, why);
        if (!q)
            abort();
        struct bytes second = write_down(q);
        if (first.len != second.len || memcmp(first.at, second.at, first.len) != 0)
            abort();
        free(first.at);
        free(second.at);
        pipeline_free(q);
        run_on(p);
    } else if (!*why) {
        abort();
    }
    pipeline_free(p);
    site_free(options.site);
    site_free(again.site);
}

static struct bytes snapshot_of(const struct settings *settings, struct span log)
{
    struct pipeline_options options = options_of(settings);
    struct pipeline *p = pipeline_new(&options);

    if (!p)
        abort();
    pipeline_set_reference(p, NOW_S * US_PER_S);
    pipeline_lines(p, log.at, log.len);
    struct bytes bytes = write_down(p);
    pipeline_free(p);
    site_free(options.site);
    return bytes;
}

/* Three bytes a time: where, counted from the last place, and what is put there. */
static void damage(struct bytes *bytes, struct span how)
{
    size_t at = 0;

    for (; how.len >= 3; how = span_skip(how, 3)) {
        at = (at + (uint8_t)how.at[0] + ((size_t)(uint8_t)how.at[1] << 8)) % bytes->len;
        bytes->at[at] = how.at[2];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings;
    struct inifile_error err;

    if (size < 2 || size > 16384)
        return 0;
    if (!settings_init(&settings) || !settings_parse(&settings, SPAN(SETTINGS), &err))
        abort();
    struct span rest = {(const char *)data + 1, size - 1};
    if (data[0] & 1) {
        try(&settings, rest);
    } else {
        /* The last bytes, up to a quarter of them, say what is damaged. */
        size_t how = rest.len * (data[0] >> 1) / 512;
        struct bytes bytes = snapshot_of(&settings, span_head(rest, rest.len - how));
        damage(&bytes, span_skip(rest, rest.len - how));
        try(&settings, span_of(bytes.at, bytes.len));
        free(bytes.at);
    }
    settings_done(&settings);
    return 0;
}
