/* SPDX-License-Identifier: MIT */
/* scenario.h: the file in steps. Included once. */
#ifndef RELAYWATCH_TESTS_SCENARIO_READ_H
#define RELAYWATCH_TESTS_SCENARIO_READ_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "scenario.h"
#include "whole_file.h"

__attribute__((format(printf, 3, 4), noreturn)) static void
scenario_bad(const struct scenario *s, int number, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "%s:%d: ", s->name, number);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

/* What a "%..." of a turn stands for; the length of the name. */
static size_t turn_value(const char *at, int block, int n, char *ret, size_t size)
{
    static const char *const ids[] = {"%id2", "%id3", "%id"};
    static const int offsets[] = {1, 2, 0};

    for (int i = 0; i < 3; i++)
        if (strncmp(at, ids[i], strlen(ids[i])) == 0) {
            snprintf(ret, size, "%05X%05X", block * 16 + offsets[i], n);
            return strlen(ids[i]);
        }
    if (strncmp(at, "%ip", 3) == 0) {
        snprintf(ret, size, "100.%d.%d.7", n / 250, n % 250);
        return 3;
    }
    if (strncmp(at, "%n", 2) == 0) {
        snprintf(ret, size, "%d", n);
        return 2;
    }
    return 0;
}

static char *turn_line(const char *line, int block, int n)
{
    struct buf buf = buf_new(8192);
    char value[64];

    while (*line) {
        size_t len = *line == '%' ? turn_value(line, block, n, value, sizeof(value)) : 0;
        buf_add(&buf, len ? span_str(value) : span_of(line, 1));
        line += len ? len : 1;
    }
    return buf_take(&buf);
}

static void add_unit(struct scenario *s, const struct step *step, char *block, int n)
{
    struct unit *unit = &s->unit[s->units++];
    char *copy = strdup(block), *rest = copy, *line;

    if (s->units == SCENARIO_UNITS_MAX)
        scenario_bad(s, step->number, "too many turns");
    *unit = (struct unit){.first = s->lines};
    while ((line = strsep(&rest, "\n")) != NULL) {
        while (*line == ' ')
            line++;
        if (!*line || *line == '#')
            continue;
        if (s->lines == SCENARIO_LINES_MAX)
            scenario_bad(s, step->number, "too many lines");
        s->line[s->lines++] = turn_line(line, s->blocks, n);
        unit->count++;
    }
    free(copy);
}

static uint32_t seconds_of(const struct scenario *s, int number, const char *word)
{
    dur_us d;

    if (!word || !when_parse_duration(span_str(word), &d))
        scenario_bad(s, number, "no time");
    return (uint32_t)(d / US_PER_S);
}

/* Behind "repeat": "N [every TIME]". */
static void read_repeat(struct scenario *s, struct step *step, char *words, char *block)
{
    char *word = strsep(&words, " ");
    int n = atoi(word);

    if (n < 1)
        scenario_bad(s, step->number, "repeat: no number");
    word = words ? strsep(&words, " ") : NULL;
    if (word && strcmp(word, "every") == 0)
        step->seconds = seconds_of(s, step->number, words ? strsep(&words, " ") : NULL);
    for (int i = 1; i <= n; i++)
        add_unit(s, step, block, i);
    step->units = n;
}

/* The text up to the line "}"; *rest goes on behind it. */
static char *take_block(struct scenario *s, char **rest, int *number)
{
    char *from = *rest, *line;
    int begun = *number;

    while ((line = strsep(rest, "\n")) != NULL) {
        (*number)++;
        if (strcmp(line, "}") == 0) {
            *line = '\0';
            return from;
        }
        if (*rest)
            (*rest)[-1] = '\n';
    }
    scenario_bad(s, begun, "a block without }");
}

static void read_block(struct scenario *s, struct step *step, char *verb, char *words, char *block)
{
    static const struct {
        const char *verb;
        enum step_type type;
    } verbs[] = {{"settings", STEP_SETTINGS},
                 {"reload", STEP_RELOAD},
                 {"site", STEP_SITE},
                 {"postfix", STEP_POSTFIX}};

    step->text = block;
    step->first_unit = s->units;
    if (strcmp(verb, "feed") == 0 || strcmp(verb, "repeat") == 0) {
        s->blocks++;
        step->type = STEP_LINES;
        step->units = 1;
        if (*verb == 'r')
            read_repeat(s, step, words, block);
        else
            add_unit(s, step, block, 0);
        return;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
        if (strcmp(verb, verbs[i].verb) == 0) {
            step->type = verbs[i].type;
            return;
        }
    scenario_bad(s, step->number, "no verb: %s", verb);
}

static void read_step(struct scenario *s, char *line, char **rest, int *number)
{
    struct step *step = &s->step[s->steps++];
    size_t len = strlen(line);
    char *words = line, *verb;

    if (s->steps == SCENARIO_STEPS_MAX)
        scenario_bad(s, *number, "too many steps");
    *step = (struct step){.number = *number};
    if (len > 2 && line[len - 1] == '{') {
        line[len - 2] = '\0';
        verb = strsep(&words, " ");
        read_block(s, step, verb, words, take_block(s, rest, number));
        return;
    }
    verb = strsep(&words, " ");
    if (strcmp(verb, "pass") == 0) {
        step->type = STEP_PASS;
        step->seconds = seconds_of(s, *number, words);
    } else if (strcmp(verb, "shuffle") == 0 && words) {
        s->shuffles = atoi(words);
        s->steps--;
    } else if (strcmp(verb, "expect") == 0 && words) {
        step->type = STEP_EXPECT;
        step->text = words;
    } else {
        scenario_bad(s, *number, "no verb: %s", verb);
    }
}

struct scenario *scenario_read(const char *path)
{
    struct scenario *s = calloc(1, sizeof(*s));
    const char *slash = strrchr(path, '/');
    char *rest, *line;
    int number = 1;

    if (!s)
        exit(EXIT_FAILURE);
    s->name = slash ? slash + 1 : path;
    rest = s->text = whole_file(path);
    line = strsep(&rest, "\n");
    if (*line < 'A' || *line > 'Z' || line[strlen(line) - 1] != '.')
        scenario_bad(s, 1, "the first line is no sentence");
    while ((line = strsep(&rest, "\n")) != NULL) {
        number++;
        if (*line && *line != '#')
            read_step(s, line, &rest, &number);
    }
    return s;
}

void scenario_free(struct scenario *s)
{
    for (int i = 0; i < s->lines; i++)
        free(s->line[i]);
    free(s->text);
    free(s);
}

#endif
