/* SPDX-License-Identifier: MIT */
/* Mail of a machine near by waits only while what it may have come of is under way to it; g84 of
 * the scenarios tells the story. */
#include "core_run.h"

static struct core_run run;

#define FIRST(id)                                                                                  \
    "smtpd: " id ": client=b[192.0.2.2]\n"                                                         \
    "cleanup: " id ": message-id=<1@a.example>\n"                                                  \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define NEAR                                                                                       \
    "smtpd: AAAAA02: client=x[10.0.0.7]\n"                                                         \
    "cleanup: AAAAA02: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define PICKED(id)                                                                                 \
    "pickup: " id ": uid=5000 from=<a@a.example>\n"                                                \
    "cleanup: " id ": message-id=<1@a.example>\n"
#define TO(relay)                                                                                  \
    "lmtp: AAAAA01: to=<x@example.net>, relay=" relay                                              \
    ", delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (Ok)\n"
#define AWAY    "mx.b.example[198.51.100.1]:25"
#define REMOVED "qmgr: AAAAA01: removed\n"

static const struct {
    const char *name, *lines;
    bool resolved; /* AAAAA02 */
} rows[] = {
    {"under way", FIRST("AAAAA01") NEAR, false},
    {"tried, and still there", FIRST("AAAAA01") NEAR TO(AWAY), false},
    {"gone elsewhere", FIRST("AAAAA01") NEAR TO(AWAY) REMOVED, true},
    {"gone to a mailbox here", FIRST("AAAAA01") NEAR TO("mx1[private/lmtp]") REMOVED, true},
    {"gone to it", FIRST("AAAAA01") NEAR TO("x[10.0.0.7]:24") REMOVED, false},
    {"gone untried", FIRST("AAAAA01") NEAR REMOVED, false},
    {"another under way", FIRST("AAAAA01") FIRST("AAAAA03") NEAR TO(AWAY) REMOVED, false},
    {"another under way, which the index no longer holds",
     FIRST("AAAAA03") FIRST("AAAAA01") NEAR PICKED("AAAAA05") PICKED("AAAAA06") TO(AWAY) REMOVED,
     false},
    {"mail is handed to it",
     "smtpd: AAAAA04: client=b[192.0.2.2]\n"
     "lmtp: AAAAA04: to=<y@example.net>, relay=x[10.0.0.7]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, "
     "status=sent (Ok)\n" FIRST("AAAAA01") NEAR TO(AWAY) REMOVED,
     false},
};

START_TEST(mail_near_by_waits_for_what_is_under_way)
{
    core_begin(&run, NULL);
    core_feed(&run, "%s", rows[_i].lines);
    const struct message *m = core_find(&run, "AAAAA02");
    ck_assert_ptr_nonnull(m);
    want_number(rows[_i].name, message_has(m, MESSAGE_RESOLVED), rows[_i].resolved);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_release");

    ADD_ROWS(tc, mail_near_by_waits_for_what_is_under_way, rows);
    return run_suite("link_release", tc);
}
