/* SPDX-License-Identifier: MIT */
/* Which local message is one that a pipe(8) service gave back; g14 to g17 of the scenarios tell the
 * stories. */
#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
#define PIPED(status)                                                                              \
    "pipe: AAAAA01: to=<x@c.example>, relay=filter, delay=1, delays=1/0/0/0, dsn=2.0.0, "          \
    "status=" status " (delivered via filter service)\n"
#define CHILD(id)                                                                                  \
    "pickup: AAAAA02: uid=110 from=<a@a.example>\n"                                                \
    "cleanup: AAAAA02: message-id=<" id ">\n"
#define SENT(to)                                                                                   \
    "smtp: AAAAA02: to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, "  \
    "status=sent (ok)\n"

static const struct {
    const char *name, *lines;
    enum origin origin, root; /* of AAAAA02 */
} cases[] = {
    {"given back", PARENT PIPED("sent") CHILD("1@a.example") SENT("x@c.example"), ORIGIN_FILTER,
     ORIGIN_OUTSIDE},
    {"given back before pipe says so",
     PARENT CHILD("1@a.example") PIPED("sent") SENT("X@C.example"), ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"given back, and an alias here",
     PARENT PIPED("sent") CHILD("1@a.example") SENT("y@d.example>, orig_to=<x@c.example"),
     ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"for somebody else", PARENT PIPED("sent") CHILD("1@a.example") SENT("y@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of another message-id", PARENT PIPED("sent") CHILD("2@a.example") SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"not delivered", PARENT PIPED("deferred") CHILD("1@a.example") SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of a client, not of sendmail",
     PARENT PIPED("sent") "smtpd: AAAAA02: client=c[203.0.113.9]\n"
                          "cleanup: AAAAA02: message-id=<1@a.example>\n" SENT("x@c.example"),
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
};

START_TEST(message_came_back)
{
    core_feed(&run, "%s", cases[_i].lines);
    const struct message *m = core_find(&run, "AAAAA02");
    want_text(cases[_i].name, origin_name(m->origin), origin_name(cases[_i].origin));
    want_text(cases[_i].name, origin_name(m->root), origin_name(cases[_i].root));
    want_number(cases[_i].name, site_is_filter_service(run.site, SPAN("filter")),
                cases[_i].origin == ORIGIN_FILTER);
}
END_TEST

/* Five of one message-id are one too many for their set; to forget the oldest is all that happens. */
START_TEST(the_oldest_is_forgotten)
{
    for (int i = 0; i <= LIFE_PIPED_WAYS; i++)
        core_feed(&run,
                  "cleanup: BBBBB%02d: message-id=<1@a.example>\n"
                  "pipe: BBBBB%02d: to=<x%d@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                  "status=sent (ok)\n",
                  i, i, i);
    for (int i = 0; i <= LIFE_PIPED_WAYS; i++)
        core_feed(&run,
                  "pickup: CCCCC%02d: uid=110 from=<a@a.example>\n"
                  "cleanup: CCCCC%02d: message-id=<1@a.example>\n"
                  "smtp: CCCCC%02d: to=<x%d@c.example>, relay=h[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (ok)\n",
                  i, i, i, i);
    want_number("oldest", core_find(&run, "CCCCC00")->origin, ORIGIN_LOCAL);
    for (int i = 1; i <= LIFE_PIPED_WAYS; i++) {
        char id[24];
        snprintf(id, sizeof(id), "CCCCC%02d", i);
        want_number(id, core_find(&run, id)->origin, ORIGIN_FILTER);
    }
}
END_TEST

/* Delivered again and again, it takes one place. */
START_TEST(many_recipients_take_one_place)
{
    core_feed(&run, "cleanup: BBBBB01: message-id=<1@a.example>\n"
                    "pipe: BBBBB01: to=<a@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n");
    core_feed(&run, "%s", PARENT);
    for (int i = 0; i < 2 * LIFE_PIPED_WAYS; i++)
        core_feed(&run,
                  "pipe: AAAAA01: to=<x%d@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                  "status=sent (ok)\n",
                  i);
    core_feed(&run, "%s%s", CHILD("1@a.example"), SENT("a@c.example"));
    want_number("origin", core_find(&run, "AAAAA02")->origin, ORIGIN_FILTER);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_pipe");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, message_came_back, cases);
    tcase_add_test(tc, the_oldest_is_forgotten);
    tcase_add_test(tc, many_recipients_take_one_place);
    return run_suite("life_pipe", tc);
}
