/* SPDX-License-Identifier: MIT */
#include "report/backscatter.h"

#include "refused_view.h"

#define DOVECOT "mx1[private/dovecot-lmtp]"
#define UNKNOWN CAUSE_UNKNOWN_LOCAL_RECIPIENT

/* Each program and class with the words, the setting, and what the advice must and must not say. */
static const struct {
    const char *name;
    enum cause cause;
    const char *by, *domain, *words, *setting, *has[3], *has_not;
} rows[] = {
    {"local(8)",
     UNKNOWN,
     "local local local unknown user: '...'",
     "local example.org",
     "mail for unknown local users is accepted first, and refused by local(8)",
     "local_recipient_maps",
     {"of example.org", "local_recipient_maps must not be empty"},
     "virtual"},
    {"virtual(8)",
     UNKNOWN,
     "virtual virtual-mailbox virtual unknown user: '...'",
     "virtual-mailbox example.org",
     "mail for unknown virtual mailboxes is accepted first, and refused by virtual(8)",
     "virtual_mailbox_maps",
     {"virtual(8) refuses", "those of example.org in virtual_mailbox_maps"},
     "local_recipient_maps"},
    {"error(8), aliases",
     UNKNOWN,
     "error virtual-alias none User unknown in virtual alias table",
     "virtual-alias example.org",
     "mail for unknown addresses of virtual alias domains is accepted first, and refused by "
     "error(8)",
     "virtual_alias_maps",
     {"virtual_alias_maps must have each address of example.org", "is in virtual_alias_domains"},
     "local_recipient_maps"},
    {"error(8), mailboxes",
     UNKNOWN,
     "error virtual-mailbox none User unknown in virtual mailbox table",
     "virtual-mailbox example.org",
     "mail for unknown virtual mailboxes is accepted first, and refused by error(8)",
     "virtual_mailbox_maps",
     {"virtual_mailbox_maps"},
     "reject_unverified_recipient"},
    {"Dovecot, nothing told",
     UNKNOWN,
     "lmtp unknown " DOVECOT " 550 5.1.1 <...> no",
     "unknown example.org",
     "mail for unknown users is accepted first, and refused by " DOVECOT " (lmtp)",
     "smtpd_recipient_restrictions",
     {DOVECOT " (lmtp) refuses mailboxes of example.org",
      "reject_unverified_recipient in smtpd_recipient_restrictions",
      "virtual_mailbox_maps (virtual_alias_maps, if"},
     "local_recipient_maps"},
    {"Dovecot, virtual mailboxes",
     UNKNOWN,
     "lmtp virtual-mailbox " DOVECOT " 550 5.1.1 <...> no",
     "virtual-mailbox example.org",
     "mail for unknown virtual mailboxes is accepted first, and refused by " DOVECOT " (lmtp)",
     "virtual_mailbox_maps",
     {"list those of example.org in virtual_mailbox_maps, or use reject_unverified_recipient"},
     "local_recipient_maps"},
    {"Cyrus, in mydestination",
     UNKNOWN,
     "lmtp local mx1[/run/cyrus/lmtp] 550 5.1.1 User unknown",
     "local example.org",
     "mail for unknown local users is accepted first, and refused by mx1[/run/cyrus/lmtp] (lmtp)",
     "smtpd_recipient_restrictions",
     {"reject_unverified_recipient"},
     "recipient_maps"},
    {"a program",
     UNKNOWN,
     "pipe virtual-mailbox maildrop user unknown",
     "virtual-mailbox example.org",
     "mail for unknown virtual mailboxes is accepted first, and refused by maildrop (pipe)",
     "virtual_mailbox_maps",
     {"maildrop (pipe) refuses", "reject_unverified_recipient"},
     "local_recipient_maps"},
    {"behind a gateway",
     CAUSE_UNKNOWN_RELAY_RECIPIENT,
     "smtp relay gate[10.1.1.1]:25 550 5.1.1 <...> no",
     "relay customer.example",
     "mail for unknown users of a relay domain is accepted first, and refused by "
     "gate[10.1.1.1]:25 (smtp)",
     "relay_recipient_maps",
     {"recipients of customer.example in relay_recipient_maps", "reject_unverified_recipient"},
     "local_recipient_maps"},
    {"behind one that no setting names",
     CAUSE_UNKNOWN_RELAY_RECIPIENT,
     "smtp unknown gate[10.1.1.1]:25 550 5.1.1 <...> no",
     "unknown customer.example",
     "mail for unknown users of a relay domain is accepted first, and refused by "
     "gate[10.1.1.1]:25 (smtp)",
     "relay_recipient_maps",
     {"of customer.example in relay_recipient_maps"},
     "virtual"},
    {"a filter",
     CAUSE_FILTER_REFUSED,
     "smtp unknown 127.0.0.1[127.0.0.1]:10024 554 5.7.1 spam",
     "unknown example.org",
     "a filter behind the queue refuses mail that was accepted: 127.0.0.1[127.0.0.1]:10024 (smtp)",
     "smtpd_proxy_filter",
     {"smtpd_milters"},
     "local_recipient_maps"},
    {"anything else",
     CAUSE_OTHER,
     "lmtp virtual-mailbox " DOVECOT " 552 5.3.4 too big",
     "virtual-mailbox example.org",
     "mail is accepted and refused afterwards, 7 times by " DOVECOT " (lmtp): \"552 5.3.4 too "
     "big\"",
     NULL,
     {DOVECOT " (lmtp) refused mail for users of example.org, 7 times: \"552 5.3.4 too big\"",
      "smtpd must refuse itself"},
     "loops"},
    {"a domain that leads here",
     CAUSE_OTHER,
     "smtp outside none mail for b.example loops back to myself",
     "outside b.example",
     "mail is accepted and refused afterwards, 7 times by smtp(8): \"mail for b.example loops back "
     "to myself\"",
     NULL,
     {"users of b.example, 7 times", "transport_maps"},
     "smtpd must"},
    {"nobody knows who",
     CAUSE_OTHER,
     NULL,
     NULL,
     "mail is accepted and refused afterwards",
     NULL,
     {"relaywatch explain"},
     "\""},
    {"nobody knows which",
     UNKNOWN,
     NULL,
     NULL,
     "mail for unknown users is accepted first",
     "local_recipient_maps",
     {"local_recipient_maps", "virtual_mailbox_maps"},
     NULL},
    {"nobody knows behind what",
     CAUSE_UNKNOWN_RELAY_RECIPIENT,
     NULL,
     NULL,
     "mail for unknown users of a relay domain is accepted first",
     "relay_recipient_maps",
     {"relay_recipient_maps"},
     "local_recipient_maps"},
    {"relayed",
     CAUSE_RELAYED,
     "smtp outside mx[198.51.100.1]:25 550 no",
     "outside b.example",
     "mail relayed for strangers is refused at its destination",
     "smtpd_relay_restrictions",
     {"reject_unauth_destination"},
     "198.51.100.1"},
};

static struct refused_view v;

static void fill(int row)
{
    refused_view_begin(&v, rows[row].cause);
    if (rows[row].by)
        refused_view_add(&v, rows[row].by, rows[row].domain, 7);
}

START_TEST(words_say_who)
{
    char words[VIEW_TEXT_MAX];

    fill(_i);
    want_text(rows[_i].name, backscatter_words(&v.view, words), rows[_i].words);
    refused_view_end(&v);
}
END_TEST

START_TEST(setting_is_the_one_that_ends_it)
{
    fill(_i);
    const char *setting = backscatter_setting(&v.view);
    want_text(rows[_i].name, setting ? setting : "(none)",
              rows[_i].setting ? rows[_i].setting : "(none)");
    refused_view_end(&v);
}
END_TEST

START_TEST(advice_says_how)
{
    char all[VIEW_ADVICE_MAX * VIEW_TEXT_MAX] = "";

    fill(_i);
    backscatter_advise(&v.view);
    for (uint32_t i = 0; i < v.view.advice_count; i++)
        strcat(strcat(all, v.view.advice[i]), "\n");
    for (int i = 0; i < 3 && rows[_i].has[i]; i++)
        ck_assert_msg(strstr(all, rows[_i].has[i]) != NULL, "%s: \"%s\" lacks \"%s\"",
                      rows[_i].name, all, rows[_i].has[i]);
    ck_assert_msg(!rows[_i].has_not || !strstr(all, rows[_i].has_not), "%s: \"%s\" has \"%s\"",
                  rows[_i].name, all, rows[_i].has_not ? rows[_i].has_not : "");
    refused_view_end(&v);
}
END_TEST

/* Where several refuse, each has its sentence, and the first setting is that of most. */
START_TEST(several_refuse)
{
    refused_view_begin(&v, UNKNOWN);
    refused_view_add(&v, "local local local unknown user: '...'", "local a.example", 5);
    refused_view_add(&v, "virtual virtual-mailbox virtual unknown user: '...'",
                     "virtual-mailbox b.example", 9);
    refused_view_add(&v, "error virtual-alias none User unknown in virtual alias table",
                     "virtual-alias c.example", 2);
    refused_view_add(&v, "lmtp unknown x[y] 550 5.1.1 no", "unknown d.example", 1);
    backscatter_advise(&v.view);
    want_number("sentences", v.view.advice_count, 3);
    want_text("setting", backscatter_setting(&v.view), "virtual_mailbox_maps");
    ck_assert_ptr_nonnull(strstr(v.view.advice[0], "b.example"));
    ck_assert_ptr_nonnull(strstr(v.view.advice[1], "a.example"));
    ck_assert_ptr_nonnull(strstr(v.view.advice[2], "c.example"));
    refused_view_end(&v);
}
END_TEST

/* However long what strangers choose is, no sentence loses its point. */
START_TEST(long_texts_are_cut)
{
    char by[REFUSED_BY_MAX], domain[REFUSED_BY_MAX], words[VIEW_TEXT_MAX];

    memset(by, 'x', sizeof(by));
    memset(domain, 'd', sizeof(domain));
    memcpy(by, "lmtp unknown ", 13);
    by[13 + 90] = ' ';
    memcpy(domain, "unknown ", 8);
    by[sizeof(by) - 1] = domain[sizeof(domain) - 1] = '\0';
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        refused_view_begin(&v, (enum cause)cause);
        refused_view_add(&v, by, domain, UINT32_MAX);
        backscatter_words(&v.view, words);
        ck_assert_int_lt((int)strlen(words), 240);
        backscatter_advise(&v.view);
        for (uint32_t i = 0; i < v.view.advice_count; i++)
            ck_assert_int_lt((int)strlen(v.view.advice[i]), VIEW_TEXT_MAX - 1);
        refused_view_end(&v);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("backscatter");

    ADD_ROWS(tc, words_say_who, rows);
    ADD_ROWS(tc, setting_is_the_one_that_ends_it, rows);
    ADD_ROWS(tc, advice_says_how, rows);
    tcase_add_test(tc, several_refuse);
    tcase_add_test(tc, long_texts_are_cut);
    return run_suite("backscatter", tc);
}
