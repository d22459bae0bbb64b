/* SPDX-License-Identifier: MIT */
#include "site/providers.h"
#include "rows.h"

#include <libpsl.h>
#include <stdio.h>

static const struct {
    const char *name, *sources;
} domain_rows[] = {
#define DOMAIN(name, sources) {name, #sources},
#include "site/providers.def"
};

static const char *const mx_rows[] = {
#define MX(name) name,
#include "site/providers.def"
};

static const char *const hosted_rows[] = {
#define HOSTED(name) name,
#include "site/providers.def"
};

static const char *const sender_rows[] = {
#define SENDER(name) name,
#include "site/providers.def"
};

/* Two labels or more of a-z, 0-9 and inner hyphens. */
static bool is_lower_name(const char *name)
{
    size_t label = 0, dots = 0;

    for (const char *at = name; *at; at++) {
        bool hyphen = *at == '-';
        if (*at == '.') {
            if (label == 0 || at[-1] == '-')
                return false;
            label = 0;
            dots++;
        } else if (!(is_digit(*at) || (*at >= 'a' && *at <= 'z') || (hyphen && label > 0))) {
            return false;
        } else {
            label++;
        }
    }
    return dots > 0 && label > 0 && name[strlen(name) - 1] != '-';
}

START_TEST(every_domain_is_a_lower_case_name_of_a_registrant)
{
    const char *name = domain_rows[_i].name;

    ck_assert_msg(is_lower_name(name), "%s: no lower-case domain name", name);
    ck_assert_msg(!psl_is_public_suffix(psl_builtin(), name), "%s: a public suffix", name);
    ck_assert_msg(provider_has_domain(span_str(name)), "%s: not found", name);
}
END_TEST

START_TEST(domains_ascend)
{
    const char *before = _i ? domain_rows[_i - 1].name : "";

    ck_assert_msg(strcmp(before, domain_rows[_i].name) < 0, "%s: stands after %s",
                  domain_rows[_i].name, before);
}
END_TEST

START_TEST(every_domain_names_its_sources)
{
    const char *sources = domain_rows[_i].sources;
    size_t known = strspn(sources, "STHEDA");

    ck_assert_msg(known > 0 && sources[known] == '\0', "%s: sources \"%s\"", domain_rows[_i].name,
                  sources);
}
END_TEST

/* A rule for what lies below a name needs a longer name: ".google.com" would take in customers. */
START_TEST(every_mx_is_a_lower_case_name_of_three_labels)
{
    const char *rule = mx_rows[_i], *name = rule + (*rule == '.');
    const char *dot = strchr(name, '.');

    ck_assert_msg(is_lower_name(name), "%s: no lower-case host name", rule);
    ck_assert_msg(strchr(dot + 1, '.') != NULL, "%s: too short", rule);
    for (int i = 0; i < COUNT(mx_rows); i++)
        ck_assert_msg(i == _i || strcmp(mx_rows[i], rule) != 0, "%s: twice", rule);
}
END_TEST

START_TEST(every_mx_is_found)
{
    const char *rule = mx_rows[_i];
    char host[300];

    snprintf(host, sizeof(host), "%s%s", *rule == '.' ? "any" : "", rule);
    ck_assert_msg(provider_has_mx(span_str(host)), "%s: not found", host);
}
END_TEST

START_TEST(every_host_for_customers_is_found_and_takes_no_other_mail)
{
    const char *rule = hosted_rows[_i], *name = rule + (*rule == '.');
    char host[300];

    snprintf(host, sizeof(host), "%s%s", *rule == '.' ? "any" : "", rule);
    ck_assert_msg(is_lower_name(name), "%s: no lower-case host name", rule);
    ck_assert_msg(provider_hosts_customers_at(span_str(host)), "%s: not found", host);
    ck_assert_msg(!provider_has_mx(span_str(host)), "%s: takes consumers' mail", host);
    ck_assert_msg(!provider_hosts_customers_at(span_str("gmail-smtp-in.l.google.com")),
                  "a host for consumers is found");
}
END_TEST

START_TEST(every_host_that_sends_for_customers_is_found)
{
    const char *rule = sender_rows[_i];
    char host[300];

    snprintf(host, sizeof(host), "any%s", rule);
    ck_assert_msg(*rule == '.' && is_lower_name(rule + 1), "%s: no rule for hosts", rule);
    ck_assert_msg(provider_sends_from(span_str(host)), "%s: not found", host);
    ck_assert_msg(!provider_sends_from(span_str(rule + 1)), "%s: found without a host", rule);
    ck_assert_msg(!provider_sends_from(span_str("mx.example")), "anybody's host is found");
}
END_TEST

/* Catches a table that was cut or that a list was poured into. */
START_TEST(the_tables_have_their_usual_size)
{
    ck_assert_int_ge(COUNT(domain_rows), 500);
    ck_assert_int_le(COUNT(domain_rows), 800);
    ck_assert_int_ge(COUNT(mx_rows), 30);
    ck_assert_int_le(COUNT(mx_rows), 100);
}
END_TEST

static const struct {
    const char *domain;
    bool want;
} domain_lookups[] = {
    {"gmail.com", true},
    {"GMail.COM", true},
    {"gmail.com.", true},
    {"googlemail.com", true},
    {"hotmail.co.uk", true},
    {"outlook.com", true},
    {"yahoo.com", true},
    {"yahoo.com.tw", true},
    {"icloud.com", true},
    {"web.de", true},
    {"t-online.de", true},
    {"mail.ru", true},
    {"qq.com", true},
    {"126.com", true},
    {"zoznam.sk", true},
    {"t.vodafone.ne.jp", true},
    {"gmail.com.evil.example", false},
    {"evil.example.gmail.com", false},
    {"mail.gmail.com", false},
    {"notgmail.com", false},
    {"gmail.co", false},
    {"gmail.comm", false},
    {"mail.com.example", false},
    {"yahoo.example", false},
    {"google.com", false},
    {"microsoft.com", false},
    {"company.onmicrosoft.com", false},
    {"vodafone.ne.jp", false},
    {"example.com", false},
    {".gmail.com", false},
    {"gmail.com..", false},
    {" gmail.com", false},
    {"user@gmail.com", false},
    {"[gmail.com]", false},
    {"com", false},
    {".", false},
    {"", false},
    {"0", false},
    {"zzzz", false},
};

START_TEST(a_domain_is_found_by_its_exact_name)
{
    const char *domain = domain_lookups[_i].domain;

    want_number(domain, provider_has_domain(span_str(domain)), domain_lookups[_i].want);
}
END_TEST

static const struct {
    const char *host;
    bool want;
} mx_lookups[] = {
    {"gmail-smtp-in.l.google.com", true},
    {"alt1.gmail-smtp-in.l.google.com", true},
    {"ALT4.Gmail-SMTP-in.L.Google.com.", true},
    {"hotmail-com.olc.protection.outlook.com", true},
    {"eur.olc.protection.outlook.com", true},
    {"mta5.am0.yahoodns.net", true},
    {"mx-eu.mail.am0.yahoodns.net", true},
    {"mx00.emig.gmx.net", true},
    {"mx-ha02.web.de", true},
    {"mxs.mail.ru", true},
    {"mx3.qq.com", true},
    {"aspmx.l.google.com", false},
    {"alt1.aspmx.l.google.com", false},
    {"smtp.google.com", false},
    {"aspmx2.googlemail.com", false},
    {"notgmail-smtp-in.l.google.com", false},
    {"gmail-smtp-in.l.google.com.evil.example", false},
    {"company.mail.protection.outlook.com", false},
    {"company-com.o-v1.mx.microsoft", false},
    {"olc.protection.outlook.com", false},
    {".olc.protection.outlook.com", false},
    {"evilolc.protection.outlook.com", false},
    {"abc.pamx1.hotmail.com", false},
    {"mx-biz.mail.am0.yahoodns.net", false},
    {"mx-van.mail.am0.yahoodns.net", false},
    {"am0.yahoodns.net", false},
    {"mx01.mail.icloud.com", false},
    {"mx.yandex.ru", false},
    {"mx.yandex.net", false},
    {"emx.mail.ru", false},
    {"mx.zoho.com", false},
    {"mxbiz1.qq.com", false},
    {"mxdomain.qq.com", false},
    {"163mx01.mxmail.netease.com", false},
    {"mail.protonmail.ch", false},
    {"in1-smtp.messagingengine.com", false},
    {"gmail.com", false},
    {"mail.example.org", false},
    {"127.0.0.1", false},
    {"none", false},
    {".", false},
    {"", false},
};

START_TEST(an_mx_is_found_only_if_it_serves_no_customers_domains)
{
    const char *host = mx_lookups[_i].host;

    want_number(host, provider_has_mx(span_str(host)), mx_lookups[_i].want);
}
END_TEST

START_TEST(what_can_be_no_name_is_a_miss)
{
    char text[300];

    ck_assert(!provider_has_domain(SPAN_NONE));
    ck_assert(!provider_has_mx(SPAN_NONE));
    ck_assert(!provider_has_domain(SPAN("gmail.com\0.evil.example")));
    ck_assert(!provider_has_mx(SPAN("mxs.mail.ru\0.evil.example")));
    memset(text, 'a', sizeof(text));
    ck_assert(!provider_has_domain(span_of(text, sizeof(text))));
    ck_assert(!provider_has_mx(span_of(text, sizeof(text))));
}
END_TEST

/* A rule for the hosts below a name matches up to the 255 bytes that a name can have. */
START_TEST(names_end_at_255_bytes)
{
    const struct span rule = SPAN(".olc.protection.outlook.com");
    char text[256];

    memset(text, 'a', sizeof(text));
    memcpy(text + 255 - rule.len, rule.at, rule.len);
    ck_assert(provider_has_mx(span_of(text, 255)));
    memset(text, 'a', sizeof(text));
    memcpy(text + 256 - rule.len, rule.at, rule.len);
    ck_assert(!provider_has_mx(span_of(text, 256)));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("providers");

    ADD_ROWS(tc, every_domain_is_a_lower_case_name_of_a_registrant, domain_rows);
    ADD_ROWS(tc, domains_ascend, domain_rows);
    ADD_ROWS(tc, every_domain_names_its_sources, domain_rows);
    ADD_ROWS(tc, every_mx_is_a_lower_case_name_of_three_labels, mx_rows);
    ADD_ROWS(tc, every_mx_is_found, mx_rows);
    ADD_ROWS(tc, every_host_for_customers_is_found_and_takes_no_other_mail, hosted_rows);
    ADD_ROWS(tc, every_host_that_sends_for_customers_is_found, sender_rows);
    tcase_add_test(tc, the_tables_have_their_usual_size);
    ADD_ROWS(tc, a_domain_is_found_by_its_exact_name, domain_lookups);
    ADD_ROWS(tc, an_mx_is_found_only_if_it_serves_no_customers_domains, mx_lookups);
    tcase_add_test(tc, what_can_be_no_name_is_a_miss);
    tcase_add_test(tc, names_end_at_255_bytes);
    return run_suite("providers", tc);
}
