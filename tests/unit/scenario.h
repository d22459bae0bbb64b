/* SPDX-License-Identifier: MIT */
/*
 * Reads a scenario file and plays it: one story of a mail server, told by its log, and what must
 * come out. The first line says it in a sentence. Then verbs, "# ..." between them:
 *
 *   settings { INI }         a settings file; "reload { INI }" is another one later
 *   site { INI }             the [site] section; without it example.net is ours, 10.0.0.0/8 trusted
 *   postfix { main.cf }      what postconf says besides
 *   feed { LINES }           lines of a log, "PROGRAM: TEXT" for one of Postfix on mx1 now
 *   repeat N [every TIME] { LINES }   %n is the turn, %ip an address in a network of its own, %id,
 *                            %id2 and %id3 queue IDs of this turn
 *   pass TIME                event time goes on
 *   shuffle N                the turns may also come in any order, line by line: N of them
 *   expect incident KIND NAME=VALUE...   an incident not named is a failure
 *   expect none
 *   expect events NAME=COUNT...   raised, widened, updated, ended, withdrawn
 *   expect counter NAME VALUE
 *   expect warning CODE                a site warning
 *
 * The expectations at the end hold when the log is at its end, others at their place.
 */
#ifndef RELAYWATCH_TESTS_SCENARIO_H
#define RELAYWATCH_TESTS_SCENARIO_H

#include "engine/pipeline.h"

enum { SCENARIO_STEPS_MAX = 100, SCENARIO_UNITS_MAX = 4000, SCENARIO_LINES_MAX = 30000 };

enum step_type {
    STEP_SETTINGS,
    STEP_RELOAD,
    STEP_SITE,
    STEP_POSTFIX,
    STEP_LINES,
    STEP_PASS,
    STEP_EXPECT,
};

/* Lines that keep their order: a turn of a repeat, or a feed. */
struct unit {
    int first, count; /* in scenario.line */
};

struct step {
    enum step_type type;
    int number; /* of the line in the file */
    char *text; /* settings, expectation */
    int first_unit, units;
    uint32_t seconds; /* pass; between the units of a repeat */
};

struct scenario {
    const char *name; /* the file's */
    char *text;
    struct step step[SCENARIO_STEPS_MAX];
    int steps;
    struct unit unit[SCENARIO_UNITS_MAX];
    int units;
    char *line[SCENARIO_LINES_MAX]; /* owned */
    int lines;
    int shuffles;
    int blocks;
};

/* Ends the test program where the file can't be read. path is kept. */
struct scenario *scenario_read(const char *path);
void scenario_free(struct scenario *scenario);

/* How the lines are handed over. */
struct manner {
    int lines_at_once; /* 0: a step's lines all together */
    uint64_t shuffle;  /* not 0: another order of the turns for each number */
    uint64_t seed;     /* of the hashes, if not 0; else that of the turns */
    bool silent;       /* the clock is not told: the log alone says what time it is */
    bool judge;        /* look at the expectations */
};

/* The incidents as JSON lines at the end; the caller frees it. Failures of expectations go to
 * Check. */
char *scenario_play(const struct scenario *scenario, const struct manner *manner);

#endif
