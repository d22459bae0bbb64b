/* SPDX-License-Identifier: MIT */
#include "cmd/check_sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "parse/log_form.h"
#include "source/feed.h"

enum { SAID_MAX = 10 }; /* files or hosts of one kind; the others are counted */

/* --- taking ----------------------------------------------------------------------------------- */

bool check_sample_init(struct check_sample *sample)
{
    *sample = (struct check_sample){0};
    return log_sample_init(&sample->log, clock_local_zone);
}

void check_sample_done(struct check_sample *sample)
{
    char **name = sample->names.items;

    for (size_t i = 0; i < sample->names.count; i++)
        free(name[i]);
    list_done(&sample->names);
    log_sample_done(&sample->log);
}

static void keep_name(struct check_sample *sample, uint32_t number, const char *name)
{
    while (sample->names.count <= number)
        if (!list_add(&sample->names, sizeof(char *), LOG_SAMPLE_PARTS))
            return;
    char **kept = sample->names.items;
    if (!kept[number])
        kept[number] = strdup(name);
}

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct check_sample *sample = ctx;

    if (lines->name)
        keep_name(sample, lines->log, lines->name);
    log_sample_lines(&sample->log, lines->log, lines->written, lines->data, lines->len);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct check_sample *sample = ctx;
    struct syslog_header header;

    if (feed_header(entry, &header))
        log_sample_entry(&sample->log, &header);
}

static void take_note(void *ctx, enum source_note note, const char *text)
{
    (void)ctx;
    (void)note;
    (void)text;
}

struct source_sink check_sample_sink(struct check_sample *sample)
{
    return (struct source_sink){
        .lines = take_lines, .entry = take_entry, .note = take_note, .ctx = sample};
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static const char *name_of(const struct check_sample *sample, uint32_t number,
                           const struct source_choice *choice)
{
    char *const *name = sample->names.items;

    return number < sample->names.count && name[number] ? name[number] : choice->text;
}

static void find_formless(const char *name, const struct log_sample_part *part,
                          struct findings *findings)
{
    const struct log_form *form = log_form_of(span_str(part->odd));
    char what[300] = "";

    if (form)
        snprintf(what, sizeof(what), " This looks like %s%s%s.", form->is,
                 form->instead ? ": " : "", text_or_empty(form->instead));
    findings_add(findings, "blind", NULL,
                 "%s has no known form: none of its last %llu lines has a date and a program as "
                 "syslog writes them: \"%s\".%s LOG FORMS in relaywatch(8) says what is read.",
                 name, (unsigned long long)part->formless, part->odd, what);
}

static void find_nameless(const char *name, const struct log_sample_part *part,
                          struct findings *findings)
{
    findings_add(findings, "blind", NULL,
                 "%s has no known form: the last %llu lines of Postfix have lost the program's "
                 "name (rsyslog: use another template, or parser.permitSlashInProgramName): \"%s\"",
                 name, (unsigned long long)part->nameless, part->odd);
}

static void find_forms(const struct check_sample *sample, const struct source_choice *choice,
                       struct findings *findings)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < sample->log.parts.count; i++) {
        const struct log_sample_part *part = log_sample_part(&sample->log, i);
        bool formless = part && log_sample_is_formless(part);
        if (!formless && !(part && log_sample_is_nameless(part)))
            continue;
        if (count++ >= SAID_MAX)
            continue;
        if (formless)
            find_formless(name_of(sample, i, choice), part, findings);
        else
            find_nameless(name_of(sample, i, choice), part, findings);
    }
    if (count > SAID_MAX)
        findings_add(findings, "blind", NULL, "The same holds for %u more files.",
                     count - SAID_MAX);
}

static void find_hosts(const struct log_sample *log, const struct settings *settings,
                       struct findings *findings)
{
    uint32_t hosts = log_sample_hosts(log);

    if (hosts > settings->limits.hosts)
        findings_add(findings, "blind", NULL,
                     "%u hosts write to the log, and [limits] hosts allows %u: the lines of the "
                     "others are not read.",
                     hosts, settings->limits.hosts);
}

static void find_silent(const struct log_sample *log, wall_us now, struct findings *findings)
{
    char quiet[WHEN_TEXT_MAX], pause[WHEN_TEXT_MAX], name[256];
    struct host_seen seen;
    uint32_t count = 0;

    for (uint16_t i = 0; i < log->hosts.host_count; i++) {
        if (!log_sample_host_is_silent(log, i, now, &seen) || count++ >= SAID_MAX)
            continue;
        snprintf(name, sizeof(name), "%.*s", SPAN_ARG(intern_span(log->hosts.host[i].name)));
        make_printable(name);
        findings_add(findings, "blind", NULL,
                     "The host %s is silent: no line of it has come for %s, and its longest pause "
                     "was %s.",
                     name, when_print_span(seen.quiet_s * US_PER_S, quiet),
                     when_print_span(seen.pause_s * US_PER_S, pause));
    }
    if (count > SAID_MAX)
        findings_add(findings, "blind", NULL, "%u more hosts are silent.", count - SAID_MAX);
}

void check_sample_find(const struct check_sample *sample, const struct source_choice *choice,
                       const struct settings *settings, wall_us now, struct findings *findings)
{
    find_forms(sample, choice, findings);
    find_hosts(&sample->log, settings, findings);
    find_silent(&sample->log, now, findings);
}

/* --- what it shows ---------------------------------------------------------------------------- */

void check_sample_print(const struct check_sample *sample, wall_us now)
{
    const struct log_sample *log = &sample->log;
    struct log_sample_part all = log_sample_all(log);
    char since[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX], age[WHEN_TEXT_MAX];

    if (!all.lines) {
        puts("log: no line of it was seen");
        return;
    }
    printf("log: %llu lines at its end were looked at", (unsigned long long)all.lines);
    if (all.formed < all.lines)
        printf(", %llu of them in no known form", (unsigned long long)(all.lines - all.formed));
    putchar('\n');
    if (log->last != WHEN_UNKNOWN)
        printf("    from %s to %s\n", when_print(log->first, since), when_print(log->last, until));
    if (!all.postfix)
        puts("    none of Postfix: is this the mail log?");
    else
        printf("    %llu of Postfix, the last one %s ago", (unsigned long long)all.postfix,
               when_print_span(now > log->postfix_last ? now - log->postfix_last : 0, age));
    if (log->hosts.host_count > 1)
        printf(", by %u hosts", log->hosts.host_count);
    if (all.postfix)
        putchar('\n');
}

static void set_time(json_t *object, const char *name, wall_us when)
{
    char text[WHEN_TEXT_MAX];

    json_object_set_new(object, name,
                        when == WHEN_UNKNOWN ? json_null() : json_string(when_print(when, text)));
}

json_t *check_sample_to_json(const struct check_sample *sample)
{
    struct log_sample_part all = log_sample_all(&sample->log);
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:i}", "lines", (json_int_t)all.lines, "formless_lines",
                  (json_int_t)(all.lines - all.formed), "postfix_lines", (json_int_t)all.postfix,
                  "hosts", (int)sample->log.hosts.host_count);

    set_time(object, "first_line", sample->log.first);
    set_time(object, "last_line", sample->log.last);
    set_time(object, "last_postfix_line", sample->log.postfix_last);
    return object;
}
