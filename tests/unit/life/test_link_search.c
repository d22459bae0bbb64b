/* SPDX-License-Identifier: MIT */
/* Rows of test_link_return.c play whole stories. */
#include "life/link_search.h"

#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(
        &run,
        "smtpd: AAAAA01: client=b[192.0.2.2]\n"
        "cleanup: AAAAA01: message-id=<1@a.example>\n"
        "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
        "pipe: AAAAA01: to=<u@example.org>, relay=spam, delay=1, dsn=2.0.0, status=sent (ok)\n");
}

static void end(void)
{
    core_end(&run);
}

static const struct {
    const char *name, *message_id, *sender;
    bool found;
} children[] = {
    {"the same message", "1@a.example", "a@a.example", true},
    {"of another sender", "1@a.example", "c@a.example", false},
    {"another message", "2@a.example", "a@a.example", false},
};

START_TEST(parent_is_found_by_all_that_they_share)
{
    core_feed(
        &run,
        "pickup: AAAAA02: uid=110 from=<%s>\n"
        "cleanup: AAAAA02: message-id=<%s>\n"
        "qmgr: AAAAA02: from=<%s>, size=1, nrcpt=1 (queue active)\n"
        "smtp: AAAAA02: to=<u@example.org>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)\n",
        children[_i].sender, children[_i].message_id, children[_i].sender);
    struct message *p = core_find(&run, "AAAAA01"), *c = core_find(&run, "AAAAA02");
    struct link_finding found = link_search_parent(&run.p->life, c, 0, true);
    want_number(children[_i].name, found.parent == p, children[_i].found);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_search");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, parent_is_found_by_all_that_they_share, children);
    return run_suite("link_search", tc);
}
