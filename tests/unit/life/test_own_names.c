/* SPDX-License-Identifier: MIT */
#include "life/own_names.h"

#include "core_run.h"

static struct core_run run;

/* Nothing tells the domains. */
static void begin(void)
{
    struct site *plain = site_new();

    core_begin(&run, NULL);
    pipeline_set(run.p, &run.settings, plain);
    site_free(run.site);
    run.site = plain;
}

static void end(void)
{
    core_end(&run);
}

#define FROM(id, sender) "qmgr: " id ": from=<" sender ">, size=1, nrcpt=1 (queue active)\n"
#define OWN_ID(id)       "cleanup: " id ": message-id=<20261124034712." id "@corp.example>\n"
#define DONE(id, status)                                                                           \
    "smtp: " id                                                                                    \
    ": to=<a@b.example>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=" status " (x)\n"
#define CLIENT(id) "smtpd: " id ": client=c[192.0.2.9]\n"

static const struct {
    const char *name, *lines;
    bool ours; /* corp.example, as a sender's domain */
} logs[] = {
    {"a user without a domain",
     "pickup: AAAAA01: uid=0 from=<root>\n" FROM("AAAAA01", "root@corp.example"), true},
    {"pickup's record comes later",
     FROM("AAAAA01", "root@corp.example") "pickup: AAAAA01: uid=0 from=<root>\n", true},
    {"a user with an extension",
     "pickup: AAAAA01: uid=0 from=<www-data+a_b.c>\n" FROM("AAAAA01",
                                                           "www-data+a_b.c@corp.example"),
     true},
    {"a user with a domain",
     "pickup: AAAAA01: uid=0 from=<root@corp.example>\n" FROM("AAAAA01", "root@corp.example"),
     false},
    {"a percent sign",
     "pickup: AAAAA01: uid=1000 from=<bob%corp.example>\n" FROM("AAAAA01", "bob@corp.example"),
     false},
    {"a UUCP path",
     "pickup: AAAAA01: uid=1000 from=<corp.example!bob>\n" FROM("AAAAA01", "bob@corp.example"),
     false},
    {"a null sender", "pickup: AAAAA01: uid=1000 from=<>\n" FROM("AAAAA01", "bob@corp.example"),
     false},
    {"requeued",
     "pickup: AAAAA01: uid=105 from=<bob> orig_id=AAAAA02\n" FROM("AAAAA01", "bob@corp.example"),
     false},
    {"another message's sender",
     "pickup: AAAAA01: uid=0 from=<root>\n" FROM("AAAAA02", "root@corp.example"), false},
    {"a client's, under the same ID",
     "pickup: AAAAA01: uid=0 from=<root>\nqmgr: AAAAA01: removed\n" CLIENT("AAAAA01")
         FROM("AAAAA01", "root@corp.example"),
     false},

    {"a local message without a message-id",
     "pickup: AAAAA01: uid=0 from=<a@b.example>\n" OWN_ID("AAAAA01"), true},
    {"pickup's record comes after it",
     OWN_ID("AAAAA01") "pickup: AAAAA01: uid=0 from=<a@b.example>\n", true},
    {"another message's ID in it",
     "pickup: AAAAA02: uid=0 from=<a@b.example>\ncleanup: AAAAA02: "
     "message-id=<20261124034712.AAAAA01@corp.example>\n",
     false},
    {"a requeued message's",
     "pickup: AAAAA01: uid=105 from=<a> orig_id=AAAAA02\n" OWN_ID("AAAAA01"), false},
    {"a stranger's guess", CLIENT("AAAAA01") OWN_ID("AAAAA01"), false},
    {"a filter's", "smtpd: AAAAA01: client=localhost[127.0.0.1]\n" OWN_ID("AAAAA01"), false},
    {"nobody's", OWN_ID("AAAAA01") DONE("AAAAA01", "sent"), false},
    {"a notice's",
     CLIENT("AAAAA02")
         OWN_ID("AAAAA01") "bounce: AAAAA02: sender non-delivery notification: AAAAA01\n",
     true},
    {"a notice's, named before",
     CLIENT("AAAAA02") "bounce: AAAAA02: sender non-delivery notification: AAAAA01\n" OWN_ID(
         "AAAAA01"),
     true},

    {"a probe", FROM("AAAAA01", "double-bounce@corp.example") DONE("AAAAA01", "deliverable"), true},
    {"a probe of a bad address",
     FROM("AAAAA01", "double-bounce@corp.example") DONE("AAAAA01", "undeliverable"), true},
    {"a probe under another sender",
     FROM("AAAAA01", "bob@corp.example") DONE("AAAAA01", "deliverable"), false},
    {"mail that says it is one",
     FROM("AAAAA01", "double-bounce@corp.example") DONE("AAAAA01", "sent"), false},
    {"a stranger who says it is one",
     CLIENT("AAAAA01") FROM("AAAAA01", "double-bounce@corp.example")
         DONE("AAAAA01", "undeliverable"),
     false},
    {"sendmail -bv",
     "pickup: AAAAA01: uid=1000 from=<double-bounce@corp.example>\n" FROM(
         "AAAAA01", "double-bounce@corp.example") DONE("AAAAA01", "deliverable"),
     false},
    {"sendmail -bv, named later",
     FROM("AAAAA01", "double-bounce@corp.example") DONE(
         "AAAAA01", "deliverable") "pickup: AAAAA01: uid=1000 from=<double-bounce@corp.example>\n",
     false},

    {"an alias that leads away",
     CLIENT("AAAAA01") "smtp: AAAAA01: to=<bob@corp.example>, orig_to=<bob>, "
                       "relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (x)\n",
     false},
};

START_TEST(only_what_postfix_wrote_tells_its_names)
{
    core_feed(&run, "%s", logs[_i].lines);
    pipeline_tick(run.p, (run.now_s + 120) * US_PER_S);
    want_number(logs[_i].name, site_sender_class(run.site, SPAN("a@corp.example")),
                logs[_i].ours ? CLASS_OURS : CLASS_UNKNOWN);
    want_number(logs[_i].name, site_writes_as(run.site, SPAN("corp.example")), logs[_i].ours);
    /* Where its mail goes is another matter. */
    want_number(logs[_i].name, site_class(run.site, SPAN("corp.example")), CLASS_UNKNOWN);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("own_names");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, only_what_postfix_wrote_tells_its_names, logs);
    return run_suite("own_names", tc);
}
