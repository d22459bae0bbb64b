/* SPDX-License-Identifier: MIT */
#include "engine/log_sample.h"

#include "engine/pipeline_time.h"

#include <stdio.h>
#include <stdlib.h>

/* MANY: as FORMLESS_MANY of service/sight.c. */
enum { MANY = 20, TEXTS = 65536, ALL_HOSTS = HOSTS_NONE / HOSTS_INSTANCES_MAX };

bool log_sample_init(struct log_sample *sample, when_zone *zone)
{
    *sample = (struct log_sample){.first = WHEN_UNKNOWN,
                                  .last = WHEN_UNKNOWN,
                                  .postfix_last = WHEN_UNKNOWN,
                                  .far_host = HOSTS_NONE};
    log_line_parser_init(&sample->parser, zone, NULL, ADDRESS_FORM_UNKNOWN, 0);
    sample->buffer = malloc(LOG_LINE_MAX);
    return sample->buffer && interns_init(&sample->texts, TEXTS, 0) &&
           hosts_init(&sample->hosts, ALL_HOSTS, &sample->texts);
}

void log_sample_done(struct log_sample *sample)
{
    hosts_done(&sample->hosts);
    interns_done(&sample->texts);
    list_done(&sample->parts);
    free(sample->buffer);
}

static struct log_sample_part *part_of(struct log_sample *sample, uint32_t number)
{
    struct log_sample_part *part = NULL;

    while (sample->parts.count <= number)
        if (!(part = list_add(&sample->parts, sizeof(*part), LOG_SAMPLE_PARTS)))
            return NULL;
    part = sample->parts.items;
    return &part[number];
}

/* --- lines ------------------------------------------------------------------------------------ */

static void show(struct log_sample_part *part, struct span text)
{
    snprintf(part->odd, sizeof(part->odd), "%.*s", SPAN_ARG(span_trim(text)));
    make_printable(part->odd);
}

/* As in the pipeline, the next line decides whether one dated far ahead was right. */
static bool is_believed(struct log_sample *sample, uint16_t number, uint32_t at_s)
{
    const struct host *host = &sample->hosts.host[number];
    bool is_far = pipeline_is_far_ahead(host, at_s);
    bool is_confirmed = sample->far_host == number && at_s + 86400u >= sample->far_s;

    if (is_far || sample->far_host == number)
        sample->far_host = is_far && !is_confirmed ? number : HOSTS_NONE;
    sample->far_s = at_s;
    return !is_far || is_confirmed;
}

/* The host's clock is what it is after the line. */
static void see_host(struct log_sample *sample, const struct syslog_header *header)
{
    uint16_t source =
        hosts_source(&sample->hosts, header->host, SPAN_NONE, false, ADDRESS_FORM_UNKNOWN);

    if (source == HOSTS_NONE)
        return;
    uint16_t number = hosts_host(source);
    struct host *host = &sample->hosts.host[number];
    uint32_t at_s = pipeline_event_time(host, header->when);
    if (!is_believed(sample, number, at_s))
        return;
    if (at_s > host->now_s)
        host->now_s = at_s;
    host_heard_note(&sample->hosts.heard[number], at_s, host->now_s, host->now_s * US_PER_S);
}

static void see(struct log_sample *sample, struct log_sample_part *part,
                const struct log_line *line, struct span text)
{
    if (line->kind == LOG_LINE_EMPTY)
        return;
    part->lines++;
    if (line->kind == LOG_LINE_NO_SYSLOG) {
        if (part->formless++ == 0)
            show(part, text);
        return;
    }
    part->formed++;
    part->formless = 0;
    wall_us when = line->header.when;
    if (sample->first == WHEN_UNKNOWN || when < sample->first)
        sample->first = when;
    if (sample->last == WHEN_UNKNOWN || when > sample->last)
        sample->last = when;
    if (line->kind == LOG_LINE_NO_PROGRAM && part->nameless++ == 0)
        show(part, text);
    if (line->kind != LOG_LINE_POSTFIX)
        return;
    part->postfix++;
    part->nameless = 0;
    if (sample->postfix_last == WHEN_UNKNOWN || when > sample->postfix_last)
        sample->postfix_last = when;
    see_host(sample, &line->header);
}

void log_sample_lines(struct log_sample *sample, uint32_t number, wall_us written, const char *data,
                      size_t len)
{
    struct log_sample_part *part = part_of(sample, number);
    struct span rest = span_of(data, len), text;
    struct log_line line;

    if (!part)
        return;
    if (written > 0 && written != sample->parser.clock.reference)
        log_line_parser_set_reference(&sample->parser, written);
    while (span_take_line(&rest, &text)) {
        log_line_parse(&sample->parser, log_line_unwrap(&sample->parser, text, sample->buffer),
                       &line);
        see(sample, part, &line, text);
    }
}

void log_sample_entry(struct log_sample *sample, const struct syslog_header *header)
{
    struct log_sample_part *part = part_of(sample, 0);
    struct log_line line;

    log_line_parse_entry(&sample->parser, header, &line);
    if (part)
        see(sample, part, &line, header->text);
}

/* --- what they show --------------------------------------------------------------------------- */

const struct log_sample_part *log_sample_part(const struct log_sample *sample, uint32_t number)
{
    const struct log_sample_part *part = sample->parts.items;

    return number < sample->parts.count && part[number].lines ? &part[number] : NULL;
}

struct log_sample_part log_sample_all(const struct log_sample *sample)
{
    const struct log_sample_part *part = sample->parts.items;
    struct log_sample_part all = {0};

    for (size_t i = 0; i < sample->parts.count; i++) {
        all.lines += part[i].lines;
        all.formed += part[i].formed;
        all.formless += part[i].formless;
        all.postfix += part[i].postfix;
        all.nameless += part[i].nameless;
    }
    return all;
}

bool log_sample_is_formless(const struct log_sample_part *part)
{
    return part->formless >= MANY || (part->formless && !part->formed);
}

bool log_sample_is_nameless(const struct log_sample_part *part)
{
    return part->nameless >= MANY || (part->nameless && !part->postfix);
}

uint32_t log_sample_hosts(const struct log_sample *sample)
{
    uint32_t newest_s = 0, count = 0;

    for (uint16_t i = 0; i < sample->hosts.host_count; i++)
        if (sample->hosts.host[i].now_s > newest_s)
            newest_s = sample->hosts.host[i].now_s;
    for (uint16_t i = 0; i < sample->hosts.host_count; i++)
        count += sample->hosts.host[i].now_s + (uint64_t)HOSTS_SILENT_S >= newest_s;
    return count;
}

bool log_sample_host_is_silent(const struct log_sample *sample, uint16_t host, wall_us now,
                               struct host_seen *ret)
{
    *ret = host_heard_seen(&sample->hosts.heard[host], host, now);
    return sample->hosts.host_count > 1 && ret->silent;
}
