/* SPDX-License-Identifier: MIT */
/* What counts of messages to the same addresses, and to others. */
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

/* A login's message; "N" in an address is the number. Returns how many of its recipients count. */
static int send(int number, const char *login, const char *const *to, int n)
{
    int counted = 0;

    core_feed(&run, "smtpd: %05X1: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=%s",
              number, login);
    core_feed(&run, "qmgr: %05X1: from=<a@example.net>, size=900, nrcpt=%d (queue active)", number,
              n);
    for (int i = 0; i < n; i++) {
        size_t k = strcspn(to[i], "N");
        core_feed(&run,
                  "smtp: %05X1: to=<%.*s%.0d%s>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
                  "status=sent (Ok)",
                  number, (int)k, to[i], to[i][k] ? number : 0, to[i] + k + (to[i][k] != 0));
        counted += run.verdict == VERDICT_RELAYED;
    }
    core_feed(&run, "qmgr: %05X1: removed", number);
    return counted;
}

#define X "x@archive.example"
#define Y "y@audit.example"
#define Z "z@third.example"
#define U "uN@friend.example"
#define V "vN@friend.example"

static const struct {
    const char *name;
    const char *to[6];
    int n, first, later; /* what counts of the first three, and of the next five */
} rows[] = {
    {"the copy comes last", {U, X}, 2, 6, 5},
    {"the copy comes first", {X, U}, 2, 6, 5},
    {"among several", {U, X, V}, 3, 9, 10},
    {"two copies", {X, U, Y}, 3, 9, 5},
    {"two only", {X, Y}, 2, 6, 5},
    {"three only", {X, Y, Z}, 3, 9, 5},
    {"no copy", {U, V}, 2, 6, 10},
    {"alone", {X}, 1, 3, 5},
};

START_TEST(of_eight_messages)
{
    int first = 0, later = 0;

    for (int i = 1; i <= 8; i++)
        *(i <= 3 ? &first : &later) += send(i, "a@example.net", rows[_i].to, rows[_i].n);
    want_number(rows[_i].name, first, rows[_i].first);
    want_number(rows[_i].name, later, rows[_i].later);
}
END_TEST

START_TEST(an_address_that_gets_mail_alone_is_none)
{
    static const char *const both[] = {X, U}, *const alone[] = {X};

    for (int i = 1; i <= 3; i++)
        send(i, "a@example.net", both, 2);
    want_number("found", send(4, "a@example.net", both, 2), 1);
    want_number("of another login", send(5, "b@example.net", both, 2), 2);
    want_number("alone", send(6, "a@example.net", alone, 1), 0);
    want_number("no more", send(7, "a@example.net", both, 2), 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("own_copies");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, of_eight_messages, rows);
    tcase_add_test(tc, an_address_that_gets_mail_alone_is_none);
    return run_suite("own_copies", tc);
}
