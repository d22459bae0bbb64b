/* SPDX-License-Identifier: MIT */
#include "site/domain_list.h"

#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "rows.h"

/* "LINE: TEXT" of each error, in lines. */
static void say(void *ctx, const struct inifile_error *err)
{
    buf_printf(ctx, "%d: %s\n", err->line, err->text);
}

#define ALLOWED "; allowed: a domain, as in example.org, .example.org or !example.org\n"

static const struct {
    const char *name, *text, *said;
} rows[] = {
    {"one", "example.org", ""},
    {"several", "# ours\n\nexample.org\r\n  b.example  \n#\n!out.example\n.sub.example\n", ""},
    {"another script", "m\xc3\xbcller.example\n", ""},
    {"none", "", "0: it has no domain\n"},
    {"comments only", "# nothing\n\n", "0: it has no domain\n"},
    {"two on a line", "a.example\nb.example c.example\n", "2: b.example c.example" ALLOWED},
    {"an address, and a bare sign", "a.example\n\na@b.example\n!\n",
     "3: a@b.example" ALLOWED "4: !" ALLOWED},
    {"a table", "example.org OK\n", "1: example.org OK" ALLOWED},
    {"comments behind it", "example.org # ours\n.sub.example\t#\r\n!out.example  ## not", ""},
    {"a comment, indented", "  # none\nexample.org\n", ""},
    {"no blank before it", "example.org#ours\n", "1: example.org#ours" ALLOWED},
    {"two and a comment", "example.org b.example # c\n", "1: example.org b.example" ALLOWED},
    {"only a comment behind a blank", " # example.org\n", "0: it has no domain\n"},
};

START_TEST(wrong_lines_are_told)
{
    struct buf said = buf_new(4096);
    struct site *site = site_new();

    buf_add_str(&said, "");
    bool good = domain_list_apply(site, span_str(rows[_i].text), say, &said);
    want_text(rows[_i].name, text_or_empty(said.at), rows[_i].said);
    want_number(rows[_i].name, good, !*rows[_i].said);
    buf_done(&said);
    site_free(site);
}
END_TEST

START_TEST(they_are_all_that_is_ours)
{
    struct site *site = site_new();

    ck_assert(
        domain_list_apply(site, SPAN("Example.org\n.sub.example\n!out.sub.example\n"), say, NULL));
    want_number("ours", site_class(site, SPAN("example.ORG")), CLASS_OURS);
    want_number("below", site_class(site, SPAN("a.sub.example")), CLASS_OURS);
    want_number("taken out", site_class(site, SPAN("out.sub.example")), CLASS_OUTSIDE);
    want_number("another", site_class(site, SPAN("a.example.org")), CLASS_OUTSIDE);
    want_number("complete", site_may_have_more_domains(site), false);
    site_free(site);
}
END_TEST

/* What came first decides. */
START_TEST(settings_go_before)
{
    struct site *site = site_new();

    ck_assert(site_add_domain(site, SPAN("example.org"), CLASS_RELAY_DOMAIN, true));
    ck_assert(domain_list_apply(site, SPAN("example.org\n"), say, NULL));
    want_number("class", site_class(site, SPAN("example.org")), CLASS_RELAY_DOMAIN);
    site_free(site);
}
END_TEST

/* --- size ------------------------------------------------------------------------------------- */

static struct buf list_of(unsigned from, unsigned n)
{
    struct buf text = buf_new((size_t)n * 40 + 1);

    for (unsigned i = from; i < from + n; i++)
        buf_printf(&text, "customer-%u.example-%u.org\n", i, i % 977);
    return text;
}

static double seconds_for(unsigned n)
{
    struct buf text = list_of(0, n);
    struct site *site = site_new();
    struct timespec began, ended;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
    ck_assert(domain_list_apply(site, buf_span(&text), say, NULL));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    want_number("the last", site_class(site, SPAN("customer-9.example-9.org")), CLASS_OURS);
    site_free(site);
    buf_done(&text);
    return (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
}

/* Ten times as many take about ten times as long; a list that is searched takes a hundred. */
START_TEST(many_are_read_at_once)
{
    double some = seconds_for(10000), many = seconds_for(100000);

    printf("10,000: %.4f s, 100,000: %.4f s\n", some, many);
    ck_assert_msg(many < 40 * some, "%.4f s, %.4f s", some, many);
}
END_TEST

START_TEST(there_is_a_bound)
{
    struct buf text = list_of(0, SITE_DOMAINS_MAX + 1), said = buf_new(4096);
    struct site *site = site_new();

    ck_assert(!domain_list_apply(site, buf_span(&text), say, &said));
    want_text("said", said.at,
              "200001: customer-200000.example-692.org; there are too many domains, or it is too "
              "long\n");
    buf_done(&said);
    buf_done(&text);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("domain_list");

    ADD_ROWS(tc, wrong_lines_are_told, rows);
    tcase_add_test(tc, they_are_all_that_is_ours);
    tcase_add_test(tc, settings_go_before);
    tcase_add_test(tc, many_are_read_at_once);
    tcase_add_test(tc, there_is_a_bound);
    return run_suite("domain_list", tc);
}
