/* SPDX-License-Identifier: MIT */
/* How many keys mail that was delivered here takes in the index; whose it is when it comes back,
 * test_link_return.c and test_link_forgotten.c tell. */
#include "core_run.h"
#include "life/link_alone.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

#define BEGUN(id, message_id)                                                                      \
    "smtpd: " id ": client=b[192.0.2.2]\n"                                                         \
    "cleanup: " id ": message-id=<" message_id ">\n"                                               \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
#define HERE(id, to)                                                                               \
    "local: " id ": to=<" to ">, relay=local, delay=1, dsn=2.0.0, status=sent (delivered)\n"

/* The keys of one by its message-id; of each that shares it by recipient and mailbox besides. */
static const struct {
    const char *name, *lines;
    uint32_t keys;
    bool shares; /* AAAAA01, its message-id with another */
} rows[] = {
    {"not delivered yet", BEGUN("AAAAA01", "1@a.example"), 1, false},
    {"delivered", BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example"), 1, false},
    {"to two",
     BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example") HERE("AAAAA01", "y@c.example"),
     2, false},
    {"once more to the same",
     BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example") HERE("AAAAA01", "x@c.example"),
     1, false},
    {"beside another",
     BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example") BEGUN("AAAAA02", "2@a.example")
         HERE("AAAAA02", "x@c.example"),
     2, false},
    {"and then another with its message-id",
     BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example") BEGUN("AAAAA02", "1@a.example"),
     4, true},
    {"after another with its message-id",
     BEGUN("AAAAA02", "1@a.example") BEGUN("AAAAA01", "1@a.example") HERE("AAAAA01", "x@c.example"),
     4, true},
    {"without one", BEGUN("AAAAA01", "") HERE("AAAAA01", "x@c.example"), 2, false},
};

START_TEST(keys_are_made_when_they_tell)
{
    core_feed(&run, "%s", rows[_i].lines);
    want_number(rows[_i].name, run.p->life.links.count, rows[_i].keys);
    want_number(rows[_i].name, message_has(core_find(&run, "AAAAA01"), MESSAGE_SHARES_ID),
                rows[_i].shares);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_alone");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, keys_are_made_when_they_tell, rows);
    return run_suite("link_alone", tc);
}
