/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/mail_address.h"
#include "rows.h"

static const struct {
    const char *address, *domain;
} domains[] = {
    {"bob@example.net", "example.net"},
    {"\"a@b\"@example.net", "example.net"},
    {"bob", ""},
    {"", ""},
    {"bob@", ""},
    {"@example.net", "example.net"},
    {"bob@[192.0.2.1]", "[192.0.2.1]"},
    {"user%victim.example@example.net", "example.net"},
};

START_TEST(domain_is_behind_the_last_at)
{
    struct span domain = mail_address_domain(span_str(domains[_i].address));

    ck_assert_msg(span_equal(domain, span_str(domains[_i].domain)), "%s: got \"%.*s\", want \"%s\"",
                  domains[_i].address, SPAN_ARG(domain), domains[_i].domain);
}
END_TEST

static const struct {
    const char *a, *b;
    bool related;
} pairs[] = {
    {"example.net", "example.net", true},
    {"mx1.example.net", "Example.NET.", true},
    {"mx1.example.net", "shop.example.net", true},
    {"example.net", "example.org", false},
    {"anexample.net", "example.net", false},
    {"mx1.example.co.uk", "example.co.uk", true},
    {"a.co.uk", "b.co.uk", false},
    {"co.uk", "co.uk", false},
    {"net", "net", false},
    {"", "", false},
    {"unknown", "unknown", false},
};

START_TEST(domains_of_one_owner_are_related)
{
    want_number(pairs[_i].a, mail_domain_is_related(span_str(pairs[_i].a), span_str(pairs[_i].b)),
                pairs[_i].related);
}
END_TEST

static const struct {
    const char *text;
    int end;
} ends[] = {
    {"bob@example.net>, relay=none", 15},
    {"\"a>b\"@example.net>", 17},
    {"\"a\\\">b\"@example.net>", 19},
    {"\"never closed>", -1},
    {"\"", -1},
    {"\"\\", -1},
    {"never ended", -1},
    {">", 0},
    {"", -1},
};

START_TEST(ends_at_the_bracket_outside_quotes)
{
    want_number(ends[_i].text, mail_address_end(span_str(ends[_i].text)), ends[_i].end);
}
END_TEST

static const struct {
    const char *address, *list;
} lists[] = {
    {"owner-news@example.net", "news"},
    {"news-owner@example.net", "news"},
    {"news-bounces@example.net", "news"},
    {"news-bounce@example.net", "news"},
    {"news-request@example.net", "news"},
    {"news-bounces+bob=a.b@example.net", "news"},
    {"news-return@example.net", "news"},
    {"a-b-owner@example.net", "a-b"},
    {"news+bounces-17@example.net", "news"},
    {"news+bounces-17-bob=example.org@example.net", "news"},
    {"news-bounces-17-bob=example.org@example.net", "news"},
    {"news-return-17-bob=example.org@example.net", "news"},
    {"news-return-bob=example.org@example.net", ""},
    {"-return-17-bob=example.org@example.net", ""},
    {"news+17@example.net", ""},
    {"news@example.net", ""},
    {"-owner@example.net", ""},
    {"owner@example.net", ""},
    {"news-owners@example.net", ""},
    {"news+x-owner@example.net", ""},
    {"owner-news", ""},
    {"", ""},
};

START_TEST(a_list_is_named_by_its_senders)
{
    struct span list = mail_address_list(span_str(lists[_i].address));
    char got[64] = "";

    memcpy(got, list.len ? list.at : "", list.len);
    want_text(lists[_i].address, got, lists[_i].list);
}
END_TEST

static const struct {
    const char *rewritten, *address;
    bool want;
} rewritings[] = {
    {"SRS0=aB1c=TT=isp.example=bob@ours.example", "bob@isp.example", true},
    {"srs0+aB1c=TT=ISP.example=Bob@ours.example", "bob@isp.example", true},
    {"SRS0-aB1c=TT=isp.example=bob=x@ours.example", "bob=x@isp.example", true},
    {"SRS0=aB1c=TT=isp.example=bob@ours.example", "rob@isp.example", false},
    {"SRS0=aB1c=TT=isp.example=bob@ours.example", "bob@isp2.example", false},
    {"SRS1=aB1c=isp.example==TT=isp.example=bob@ours.example", "bob@isp.example", false},
    {"SRS0=aB1c=isp.example=bob@ours.example", "bob@isp.example", false},
    {"SRS0=aB1c=TT==bob@ours.example", "bob@", false},
    {"SRS0=aB1c=TT=isp.example=bob", "bob@isp.example", false},
    {"SRS0/aB1c=TT=isp.example=bob@ours.example", "bob@isp.example", false},
    {"SRS0=aB1c=TT=isp.example=bob@ours.example", "", false},
    {"SRS0=@ours.example", "", false},
    {"", "", false},
};

START_TEST(srs_holds_the_address_that_it_rewrote)
{
    want_number(rewritings[_i].rewritten,
                mail_address_is_srs_of(span_str(rewritings[_i].rewritten),
                                       span_str(rewritings[_i].address)),
                rewritings[_i].want);
}
END_TEST

static const struct {
    const char *address, *user;
} verps[] = {
    {"bounce+bob=example.org@ours.example", "bounce"},
    {"list-bounces+bob=example.org@ours.example", "list-bounces"},
    {"bounce-17-bob=example.org@ours.example", "bounce"},
    {"bob+lists@ours.example", "bob+lists"},
    {"prvs=17=bob@ours.example", "prvs=17=bob"},
    {"=x+y@ours.example", "=x+y"},
    {"bob", "bob"},
    {"", ""},
};

START_TEST(recipient_in_a_sender_is_cut_off)
{
    struct span user = mail_address_without_verp(span_str(verps[_i].address));

    want_number(verps[_i].address, span_equal(user, span_str(verps[_i].user)), true);
}
END_TEST

static const struct {
    const char *address, *pattern; /* "": none */
} patterns[] = {
    {"bob@ours.example", ""},
    {"bob17@ours.example", ""},
    {"bob-smith.jr@ours.example", ""},
    {"17@ours.example", ""},
    {"1984bob@ours.example", ""},
    {"anna-marialongname17@ours.example", ""},
    {"anna-marialongername17@ours.example", "anna-#"},
    {"bounce-17@ours.example", "bounce-#"},
    {"Bounce-8f3a@ours.example", "bounce-#"},
    {"bounce-af01c9@ours.example", "bounce-#"},
    {"bounce-af01c@ours.example", ""},
    {"bounce-abcd17@ours.example", ""},
    {"17-4-x@ours.example", "#-#-x"},
    {"bounce-17-u1=a.example@ours.example", "bounce#"},
    {"bounce+17-u1=a.example@ours.example", "bounce#"},
    {"news-u1=a.example@ours.example", "news#"},
    {"prvs=0a1b2c=john.smith@ours.example", "prvs=#=john.smith"},
    {"noreply+ticket17@ours.example", "noreply#"},
    {"b+8f3a@ours.example", "b#"},
    {"+b@ours.example", ""},
    {"0100018c1a2b3c4d@ours.example", "#"},
    {"abcdefghijklmnop@ours.example", ""},
    {"abcdefghijklm123@ours.example", ""},
    {"a1b2c3d4e5f6a7b@ours.example", ""},
    {"a1b2c3d4e5f6a7bb@ours.example", "#"},
    {"", ""},
    {"@ours.example", ""},
    {"-@ours.example", ""},
    {"x1-", ""},
    {"abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-1@ours.example",
     "abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-#"},
    {"abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-ab-1@ours.example", ""},
};

START_TEST(what_a_program_makes_has_a_pattern)
{
    char got[MAIL_PATTERN_MAX + 1];

    got[mail_address_pattern(span_str(patterns[_i].address), got)] = '\0';
    want_text(patterns[_i].address, got, patterns[_i].pattern);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("mail_address");

    ADD_ROWS(tc, domain_is_behind_the_last_at, domains);
    ADD_ROWS(tc, domains_of_one_owner_are_related, pairs);
    ADD_ROWS(tc, ends_at_the_bracket_outside_quotes, ends);
    ADD_ROWS(tc, a_list_is_named_by_its_senders, lists);
    ADD_ROWS(tc, srs_holds_the_address_that_it_rewrote, rewritings);
    ADD_ROWS(tc, recipient_in_a_sender_is_cut_off, verps);
    ADD_ROWS(tc, what_a_program_makes_has_a_pattern, patterns);
    return run_suite("mail_address", tc);
}
