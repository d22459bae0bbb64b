/* SPDX-License-Identifier: MIT */
#include "site/site_accounts.h"

#include <stdio.h>

#include "rows.h"
#include "site/site.h"

static struct site *site;

static void begin(void)
{
    site = site_new();
    site_set_seed(site, 7);
    site_add_domain(site, SPAN("a.example"), CLASS_OURS, false);
    site_add_domain(site, SPAN("b.example"), CLASS_OURS, false);
}

static void end(void)
{
    site_free(site);
}

/* "bob", or "bob as bob@a.example" for mail with that sender; true if the last one tells anything.
 * Several are parted by commas. */
static bool see(const char *what)
{
    struct span rest = span_str(what), login;
    bool told = false;

    while (rest.len) {
        ptrdiff_t comma = span_find(rest, ',');
        login = span_head(rest, comma < 0 ? rest.len : (size_t)comma);
        rest = span_skip(rest, login.len + (comma >= 0));
        ptrdiff_t as = span_find(login, ' ');
        struct span sender = as < 0 ? SPAN_NONE : span_skip(login, (size_t)as + 4);
        if (as >= 0)
            login = span_head(login, (size_t)as);
        told = site_see_login(site, login);
        if (sender.len)
            told = site_see_sender_of_login(site, login, sender);
    }
    return told;
}

static void want(const char *name, const char *login, const char *account, bool has_two)
{
    char buf[SITE_LOGIN_MAX];
    struct site_account got = site_account_of(site, span_str(login), buf);

    ck_assert_msg(span_equal(got.name, span_str(account)), "%s: got %.*s, want %s", name,
                  SPAN_ARG(got.name), account);
    want_number(name, got.has_two, has_two);
}

static const struct {
    const char *name, *seen;
    bool told;
    const char *login, *account;
    bool has_two;
} rows[] = {
    {"nothing seen", "", false, "bob", "bob", false},
    {"no login", "bob", false, "", "", false},
    {"both, no sender", "bob,bob@a.example", false, "bob", "bob", false},
    {"a sender, no login", "bob as bob@a.example", false, "bob", "bob", false},
    {"login, then sender", "bob@a.example,bob as bob@a.example", true, "bob", "bob@a.example",
     true},
    {"sender, then login", "bob as bob@a.example,bob@a.example", true, "bob", "bob@a.example",
     true},
    {"known already", "bob@a.example,bob as bob@a.example,bob as bob@a.example", false, "Bob",
     "bob@a.example", true},
    {"without case", "BOB@a.Example,Bob as bOb@A.example", true, "bob", "bOb@A.example", true},
    {"the other one", "bob@a.example,bob as bob@a.example", true, "bob@a.example", "bob@a.example",
     true},
    {"of another domain", "bob@a.example,bob as bob@a.example", true, "bob@b.example",
     "bob@b.example", false},
    {"somebody else", "bob@a.example,bob as bob@a.example", true, "rob", "rob", false},
    {"as somebody else", "rob@a.example,bob as rob@a.example", false, "bob", "bob", false},
    {"as a longer name", "bobby@a.example,bob as bobby@a.example", false, "bob", "bob", false},
    {"as two, of which one logs in", "bob@a.example,bob as bob@a.example,bob as bob@b.example",
     false, "bob", "bob@a.example", true},
    {"as two that log in", "bob@a.example,bob@b.example,bob as bob@a.example,bob as bob@b.example",
     true, "bob", "bob", false},
    {"the first of these", "bob@a.example,bob@b.example,bob as bob@a.example,bob as bob@b.example",
     true, "bob@a.example", "bob@a.example", false},
    {"the second logs in later",
     "bob@a.example,bob as bob@a.example,bob as bob@b.example,bob@b.example", true, "bob", "bob",
     false},
    {"not ours", "bob@c.example,bob as bob@c.example", false, "bob", "bob", false},
    {"a provider's", "bob@gmail.com,bob as bob@gmail.com", false, "bob", "bob", false},
};

START_TEST(logins_are_one_account)
{
    want_number(rows[_i].name, see(rows[_i].seen), rows[_i].told);
    want(rows[_i].name, rows[_i].login, rows[_i].account, rows[_i].has_two);
}
END_TEST

START_TEST(settings_tell_the_domain_of_logins)
{
    char full[SITE_LOGIN_MAX + 1];

    site_set_login_domain(site, SPAN("a.example"));
    see("bob,carol,dave@a.example,erin,erin@b.example");
    want_number("tells", see("bob@a.example"), true);
    want("without", "Bob", "Bob@a.example", true);
    want("with", "bob@A.example", "bob@A.example", true);
    want("one alone", "carol", "carol", false);
    want("the other alone", "dave@a.example", "dave@a.example", false);
    want("of another domain", "erin@b.example", "erin@b.example", false);
    want("not that one", "erin", "erin", false);
    see("bob@b.example,bob as bob@b.example");
    want("whatever he sends as", "bob", "bob@a.example", true);
    memset(full, 'x', SITE_LOGIN_MAX);
    full[SITE_LOGIN_MAX] = '\0';
    want("too long with its domain", full, full, false);
}
END_TEST

static void restore(void *to, struct span name, bool in_doubt)
{
    site_restore_account(to, name, in_doubt);
}

START_TEST(accounts_are_told_to_another_site)
{
    struct site *first = site;

    see("bob@a.example,bob as bob@a.example");
    see("eve@a.example,eve@b.example,eve as eve@a.example,eve as eve@b.example");
    begin();
    site_each_account(first, restore, site);
    want("one", "bob", "bob@a.example", true);
    want("in doubt", "eve", "eve", false);
    ck_assert(
        span_equal(site_doubtful_account(site, SPAN("eve@b.example")), SPAN("eve@a.example")));
    ck_assert(!site_doubtful_account(site, SPAN("bob")).len);
    site_restore_account(site, SPAN("bob@b.example"), false);
    want("another says otherwise", "bob", "bob", false);
    end();
    begin();
    site_learn_from(site, first);
    want("learned", "bob", "bob@a.example", true);
    site_free(first);
}
END_TEST

START_TEST(oldest_are_forgotten)
{
    char text[64];

    for (int i = 0; i <= SITE_ACCOUNTS_MAX; i++) {
        snprintf(text, sizeof(text), "u%d@a.example,u%d as u%d@a.example", i, i, i);
        want_number("told", see(text), true);
    }
    want("the oldest", "u0", "u0", false);
    want("the next", "u1", "u1@a.example", true);
    snprintf(text, sizeof(text), "u%d@a.example", SITE_ACCOUNTS_MAX);
    want("the latest", text, text, true);
    struct site *full = site;
    begin();
    site_each_account(full, restore, site);
    see("new@a.example,new as new@a.example");
    want("in the same order", "u1", "u1", false);
    want("not the next", "u2", "u2@a.example", true);
    site_free(full);
}
END_TEST

/* Those that nobody uses any more go. */
START_TEST(logins_in_use_stay)
{
    enum { LOGINS_MAX = 65536 };
    char text[64];

    see("bob,eve");
    for (int i = 0; i < 2 * LOGINS_MAX; i++) {
        snprintf(text, sizeof(text), "u%d", i);
        see(text);
        if (i == LOGINS_MAX)
            want_number("seen before", see("bob"), false);
    }
    want_number("in use", site_has_login_as(site, SPAN("bob")), true);
    want_number("not in use", site_has_login_as(site, SPAN("eve")), false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_accounts");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, logins_are_one_account, rows);
    tcase_add_test(tc, settings_tell_the_domain_of_logins);
    tcase_add_test(tc, accounts_are_told_to_another_site);
    tcase_add_test(tc, oldest_are_forgotten);
    tcase_add_test(tc, logins_in_use_stay);
    return run_suite("site_accounts", tc);
}
