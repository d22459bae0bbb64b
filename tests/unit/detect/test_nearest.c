/* SPDX-License-Identifier: MIT */
#include "detect/nearest.h"

#include "detector_run.h"

static struct nearest nearest;

static void look(uint32_t now_s)
{
    uint32_t at = 0;

    nearest = (struct nearest){0};
    while (nearest_look(&nearest, &run.p->detector, &at, 3, now_s))
        ;
    nearest_sort(&nearest);
}

static void want_key(enum nearest_group group, uint32_t i, const char *name, uint32_t value,
                     uint32_t threshold)
{
    ck_assert_uint_lt(i, nearest.count[group]);
    const struct nearest_key *key = &nearest.key[group][i];
    want_text("name", key->name, name);
    want_number(name, key->value, value);
    want_number(name, key->threshold, threshold);
    want_number(name, key->permille, 1000 * value / threshold);
}

static struct observation of_account(const char *account)
{
    struct observation o = relayed(1, 1, 100000);

    o.kind = KIND_ACCOUNT_ABUSE;
    o.account = span_str(account);
    return o;
}

static struct observation of_uid(uint32_t uid, int domain)
{
    struct observation o = relayed(1, domain, 100000);

    o.kind = KIND_LOCAL_ABUSE;
    o.client = SPAN_NONE;
    o.uid = uid;
    return o;
}

START_TEST(the_nearest_come_first)
{
    again(NULL);
    for (int i = 0; i < 30; i++)
        observe(of_account("bob"));
    for (int i = 0; i < 50; i++)
        observe(of_account("anna"));
    look(100000);
    want_number("accounts", nearest.count[NEAREST_ACCOUNTS], 2);
    want_key(NEAREST_ACCOUNTS, 0, "anna", 50, 200);
    want_key(NEAREST_ACCOUNTS, 1, "bob", 30, 200);
    want_number("clients", nearest.count[NEAREST_CLIENTS], 0);
}
END_TEST

/* Its sender domains are cells of their own. */
START_TEST(client_counts_whole_and_once)
{
    again(NULL);
    for (int domain = 0; domain < 3; domain++)
        observe(relayed(7, domain, 100000));
    look(100000);
    want_number("clients", nearest.count[NEAREST_CLIENTS], 1);
    want_key(NEAREST_CLIENTS, 0, "100.0.0.7", 3, 5);
}
END_TEST

START_TEST(incident_is_not_listed)
{
    again(NULL);
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 100000));
    want_number("raised", run.events[INCIDENT_RAISED], 1);
    look(100000);
    want_number("clients", nearest.count[NEAREST_CLIENTS], 0);
}
END_TEST

/* The day's window goes on when the hour's is over: 60 of 600 instead of 60 of 200. */
START_TEST(window_that_is_nearer)
{
    again(NULL);
    for (int i = 0; i < 60; i++)
        observe(of_account("bob"));
    look(100000);
    want_key(NEAREST_ACCOUNTS, 0, "bob", 60, 200);
    want_number("an hour", nearest.key[NEAREST_ACCOUNTS][0].window_s, 3600);
    look(100000 + 2 * 3600);
    want_key(NEAREST_ACCOUNTS, 0, "bob", 60, 600);
    want_number("a day", nearest.key[NEAREST_ACCOUNTS][0].window_s, 86400);
    look(100000 + 3 * 86400);
    want_number("later", nearest.count[NEAREST_ACCOUNTS], 0);
}
END_TEST

/* As in `alerts at`: ten senders make a uid a shared one. */
START_TEST(shared_uid_has_a_higher_threshold)
{
    again(NULL);
    for (int domain = 0; domain < 9; domain++)
        observe(of_uid(33, domain));
    look(100000);
    want_key(NEAREST_UIDS, 0, "33", 9, 200);
    observe(of_uid(33, 9));
    look(100000);
    want_number("uids", nearest.count[NEAREST_UIDS], 1);
    want_key(NEAREST_UIDS, 0, "33", 10, 800);
}
END_TEST

START_TEST(override_has_its_own_threshold)
{
    again("[account-abuse bob]\nrecipients = 1000\n");
    observe(of_account("bob"));
    look(100000);
    want_key(NEAREST_ACCOUNTS, 0, "bob", 1, 1000);
}
END_TEST

START_TEST(many_keys_leave_the_nearest)
{
    static char names[100][16];

    again(NULL);
    for (int n = 0; n < 100; n++) {
        snprintf(names[n], sizeof(names[n]), "u%02d", n);
        for (int i = 0; i <= n; i++)
            observe(of_account(names[n]));
    }
    look(100000);
    want_number("kept", nearest.count[NEAREST_ACCOUNTS], NEAREST_KEPT);
    want_key(NEAREST_ACCOUNTS, 0, "u99", 100, 200);
    want_key(NEAREST_ACCOUNTS, NEAREST_KEPT - 1, "u68", 69, 200);
}
END_TEST

START_TEST(kind_that_is_off_has_none)
{
    again("[account-abuse]\nenabled = no\n");
    observe(of_account("bob"));
    look(100000);
    want_number("accounts", nearest.count[NEAREST_ACCOUNTS], 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("nearest");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, the_nearest_come_first);
    tcase_add_test(tc, client_counts_whole_and_once);
    tcase_add_test(tc, incident_is_not_listed);
    tcase_add_test(tc, window_that_is_nearer);
    tcase_add_test(tc, shared_uid_has_a_higher_threshold);
    tcase_add_test(tc, override_has_its_own_threshold);
    tcase_add_test(tc, many_keys_leave_the_nearest);
    tcase_add_test(tc, kind_that_is_off_has_none);
    return run_suite("nearest", tc);
}
