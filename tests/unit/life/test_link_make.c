/* SPDX-License-Identifier: MIT */
/* What a link that was made becomes when the log tells more. */
#include "core_run.h"
#include "return_lines.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    site_add_filter_service(run.site, SPAN("filter"));
}

static void end(void)
{
    core_end(&run);
}

/* An alias's mail, delivered before the log tells its sender, is taken for that of another sender
 * with its message-id. Its own is delivered later. */
START_TEST(sender_logged_late_frees_an_aliass_mail)
{
    core_feed(&run, "smtpd: BBBBB01: client=b[192.0.2.9]\n"
                    "cleanup: BBBBB01: message-id=<1@a.example>\n"
                    "qmgr: BBBBB01: from=<z@z.example>, size=1, nrcpt=1 (queue active)\n"
                    "pipe: BBBBB01: to=<x@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n");
    core_feed(&run, "%s%s%s", PARENT, CHILD("1@a.example"),
              SENT("y@d.example>, orig_to=<x@c.example"));
    const struct message *m = core_find(&run, "AAAAA02");
    want_number("the other's", m->parent.slot, core_find(&run, "BBBBB01")->slot);
    core_feed(&run, "%s%s", FROM, PIPED("sent"));
    want_number("its own", m->parent.slot, core_find(&run, "AAAAA01")->slot);
}
END_TEST

/* Two mails of one sender without message-ids, the later one to the first recipient only. What
 * comes back to both is the first one's, and leaves the second to be found. */
START_TEST(link_moves_to_mail_with_more_of_the_recipients)
{
#define IN(id)                                                                                     \
    "smtpd: " id ": client=b[192.0.2.2]\ncleanup: " id ": message-id=<>\n"                         \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
#define PIPE(id, to)                                                                               \
    "pipe: " id ": to=<" to ">, relay=filter, delay=1, dsn=2.0.0, status=sent (ok)\n"
#define OUT(id)                                                                                    \
    "pickup: " id ": uid=110 from=<a@a.example>\ncleanup: " id ": message-id=<" id "@mx1>\n"       \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
    core_feed(&run, "%s%s%s", IN("BBBBB01"), PIPE("BBBBB01", "x@c.example"),
              PIPE("BBBBB01", "y@c.example"));
    core_feed(&run, "%s%s", IN("BBBBB02"), PIPE("BBBBB02", "x@c.example"));
    core_feed(&run, "%s%s", OUT("AAAAA02"), SENT("x@c.example"));
    const struct message *m = core_find(&run, "AAAAA02");
    want_number("the latest", m->parent.slot, core_find(&run, "BBBBB02")->slot);
    core_feed(&run, "%s", SENT("y@c.example"));
    want_number("that of both", m->parent.slot, core_find(&run, "BBBBB01")->slot);
    want_number("forwards of both", core_find(&run, "BBBBB01")->forwards, 2);
    want_number("forwards of the latest", core_find(&run, "BBBBB02")->forwards, 0);
    want_text("root", origin_name(m->root), "outside");
    want_number("children", (int64_t)run.p->life.counters.children, 1);
    core_feed(&run, "%s", SENT("z@c.example"));
    want_number("a copy", m->parent.slot, core_find(&run, "BBBBB01")->slot);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_make");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, sender_logged_late_frees_an_aliass_mail);
    tcase_add_test(tc, link_moves_to_mail_with_more_of_the_recipients);
    return run_suite("link_make", tc);
}
