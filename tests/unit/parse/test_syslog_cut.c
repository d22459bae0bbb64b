/* SPDX-License-Identifier: MIT */
/* CRI-O and podman cut what they read in one go, and mark what is cut with a P. A stranger may have
 * written what the rest begins with. */
#include "parse/syslog_cut.h"
#include "rows.h"

#include <stdio.h>

#define TIME    "2026-11-24T03:47:12.185246123Z "
#define LATER   "2026-11-24T03:47:12.185300000+01:00 "
#define PART    TIME "stdout P Nov 24 03:47:12 mx1 postfix/"
#define REST    LATER "stdout F qmgr[1]: x"
#define LINE    TIME "stdout F Nov 24 03:47:12 mx1 postfix/qmgr[1]: x"
#define FORGED  LATER "stdout F Nov 24 03:47:12 mx1 postfix/qmgr[1]: forged"
#define NO_LINE NULL /* a part */

enum { LINES = 5 };

static const struct {
    const char *name, *line[LINES], *want[LINES];
} rows[] = {
    {"a whole line", {LINE}, {LINE}},
    {"in two", {PART, REST}, {NO_LINE, LINE}},
    {"in three",
     {TIME "stdout P Nov 24 03:47:12 ", LATER "stdout P mx1 postfix/", REST},
     {NO_LINE, NO_LINE, LINE}},
    {"nothing is left", {TIME "stdout P x", LATER "stdout F "}, {NO_LINE, TIME "stdout F x"}},
    {"the rest looks like a line",
     {PART, FORGED},
     {NO_LINE,
      TIME "stdout F Nov 24 03:47:12 mx1 postfix/Nov 24 03:47:12 mx1 postfix/qmgr[1]: forged"}},
    {"a line after the rest", {PART, REST, LINE}, {NO_LINE, LINE, LINE}},
    {"another stream between",
     {PART, LATER "stderr F b", REST},
     {NO_LINE, LATER "stderr F b", LINE}},
    {"parts of both streams",
     {PART, TIME "stderr P a", REST, LATER "stderr F b"},
     {NO_LINE, NO_LINE, LINE, TIME "stderr F ab"}},
    {"another form between", {PART, "Nov 24", REST}, {NO_LINE, "Nov 24", LINE}},
    {"no blank after the tag", {TIME "stdout Px"}, {TIME "stdout Px"}},
    {"two tags", {TIME "stdout P:x y"}, {TIME "stdout P:x y"}},
    {"no tag", {TIME "stdout "}, {TIME "stdout "}},
    {"no stream", {TIME "stdin P x"}, {TIME "stdin P x"}},
    {"a host of that name", {TIME "stdout postfix/qmgr[1]: x"}, {TIME "stdout postfix/qmgr[1]: x"}},
    {"no date", {"stdout P x"}, {"stdout P x"}},
};

static struct syslog_parts parts;

START_TEST(parts_are_joined)
{
    char buf[256], got[256];
    uint8_t open = 0;

    for (int i = 0; i < LINES && rows[_i].line[i]; i++) {
        const char *want = rows[_i].want[i];
        struct span line = span_str(rows[_i].line[i]);
        bool is_part = syslog_cut_is_part(open, line);
        struct span joined = syslog_cut_join(&parts, &open, line, buf, sizeof(buf));
        snprintf(got, sizeof(got), "%.*s", SPAN_ARG(joined));
        want_text(rows[_i].name, got, want ? want : rows[_i].line[i]);
        want_number(rows[_i].name, joined.at == buf, is_part && want);
    }
    want_number("nothing is open", open, 0);
}
END_TEST

/* What was unwrapped is in the buffer already. */
START_TEST(a_rest_in_the_buffer_is_joined)
{
    char buf[256];
    uint8_t open = 0;

    syslog_cut_join(&parts, &open, span_str(PART), buf, sizeof(buf));
    strcpy(buf, REST);
    struct span joined = syslog_cut_join(&parts, &open, span_str(buf), buf, sizeof(buf));
    ck_assert(span_equal(joined, SPAN(LINE)));
}
END_TEST

/* How long parts and rest are, and how often the part comes. */
static const struct {
    const char *name;
    int part, times, rest;
    size_t room;
    bool joined;
} lengths[] = {
    {"of Postfix", 2000, 1, 200, 4096, true},       {"just not too long", 4000, 1, 56, 4096, true},
    {"too long by one", 4000, 1, 57, 4096, false},  {"too long a part", 8192, 1, 10, 4096, false},
    {"many parts", 100, 30, 10, 4096, true},        {"too many parts", 100, 10000, 10, 4096, false},
    {"too small a buffer", 100, 1, 10, 140, false},
};

START_TEST(what_is_too_long_is_no_line)
{
    static char line[16384], buf[4096];
    uint8_t open = 0;
    struct span joined;

    for (int i = 0; i < lengths[_i].times; i++) {
        int len = snprintf(line, sizeof(line), TIME "stdout P %0*d", lengths[_i].part, i);
        syslog_cut_join(&parts, &open, span_of(line, (size_t)len), buf, lengths[_i].room);
    }
    int len = snprintf(line, sizeof(line), LATER "stdout F %0*d", lengths[_i].rest, 7);
    joined = syslog_cut_join(&parts, &open, span_of(line, (size_t)len), buf, lengths[_i].room);
    want_number(lengths[_i].name, joined.at == buf, lengths[_i].joined);
    if (!lengths[_i].joined)
        ck_assert(span_equal(joined, SPAN(LATER "stdout ")));
    /* The next one is joined again. */
    syslog_cut_join(&parts, &open, span_str(PART), buf, sizeof(buf));
    joined = syslog_cut_join(&parts, &open, span_str(REST), buf, sizeof(buf));
    ck_assert(span_equal(joined, SPAN(LINE)));
}
END_TEST

#define P TIME "stdout P a\n"
#define F TIME "stdout F a\n"
#define p TIME "stderr P a\n"
#define f TIME "stderr F a\n"

static const struct {
    const char *name, *whole, *more;
} blocks[] = {
    {"nothing", "", ""},
    {"another form", "Nov 24 03:47:12 mx1 a: b\n", ""},
    {"whole lines", F f F, ""},
    {"joined", P F p f, ""},
    {"a part at its end", F, P},
    {"parts at its end", F, P P P},
    {"nothing but a part", "", P},
    {"another stream after it", F f, P f f},
    {"both streams", F f, P p},
    {"the one ends, the other not", f, P p F},
    {"one within the other", f, P p f},
    {"joined, then a part", P F p f, P},
    {"another form after it", P "Nov 24 03:47:12 mx1 a: b\n", ""},
    {"one that never ends", P f f f f f f f f, ""},
    {"no newline", F, P TIME "stdout P a"},
    {"no line", "", TIME "stdout F a"},
    {"the rest, but not its end", F, P TIME "stdout F a"},
};

START_TEST(a_block_ends_with_a_whole_line)
{
    char block[1024];
    int len = snprintf(block, sizeof(block), "%s%s", blocks[_i].whole, blocks[_i].more);

    want_number(blocks[_i].name, (int64_t)syslog_cut_whole(block, (size_t)len, sizeof(block)),
                (int64_t)strlen(blocks[_i].whole));
}
END_TEST

/* The position that is saved is the end of `taken`, of which no more than MOST bytes may wait. */
static const struct {
    const char *name, *taken, *more;
} waits[] = {
    {"a part may wait", "", P},
    {"a whole line does not count", F, P},
    {"a part that is too long by one", TIME "stdout P aa\n", ""},
    {"parts that are too long together", P P, ""},
    {"too long with what comes after it", P, TIME "stdout F"},
    {"too long, behind a whole line", F P f, ""},
    {"no line, however long", "", TIME "stdout P aaaaaaaaaaaaaaaaaaaa"},
};

START_TEST(a_part_does_not_hold_up_the_log)
{
    enum { MOST = sizeof(P) - 1 };
    char block[1024];
    int len = snprintf(block, sizeof(block), "%s%s", waits[_i].taken, waits[_i].more);

    want_number(waits[_i].name, (int64_t)syslog_cut_whole(block, (size_t)len, MOST),
                (int64_t)strlen(waits[_i].taken));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_cut");

    ADD_ROWS(tc, parts_are_joined, rows);
    tcase_add_test(tc, a_rest_in_the_buffer_is_joined);
    ADD_ROWS(tc, what_is_too_long_is_no_line, lengths);
    ADD_ROWS(tc, a_block_ends_with_a_whole_line, blocks);
    ADD_ROWS(tc, a_part_does_not_hold_up_the_log, waits);
    return run_suite("syslog_cut", tc);
}
