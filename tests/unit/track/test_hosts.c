/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "track/hosts.h"
#include "rows.h"

static struct interns texts;
static struct hosts hosts;

static void begin(void)
{
    ck_assert(interns_init(&texts, 1000, 1));
    ck_assert(hosts_init(&hosts, 3, &texts));
}

static void end(void)
{
    hosts_done(&hosts);
    want_number("texts left", texts.used, 0);
    interns_done(&texts);
}

static uint16_t source(const char *host, const char *instance)
{
    return hosts_source(&hosts, span_str(host), span_str(instance), ADDRESS_FORM_UNKNOWN);
}

START_TEST(a_source_is_a_host_and_an_instance)
{
    uint16_t a = source("mx1", "postfix"), b = source("mx1", "postfix-out"),
             c = source("mx2", "postfix");

    ck_assert(a != b && b != c && a != c);
    want_number("again", source("mx1", "postfix"), a);
    want_number("again", source("mx2", "postfix"), c);
    want_number("host of b", hosts.source[b].host, hosts.source[a].host);
    want_text("host of c", hosts_of(&hosts, c)->name->at, "mx2");
    want_number("instances of mx1", hosts_of(&hosts, a)->source_count, 2);
}
END_TEST

START_TEST(host_names_ignore_case_instances_do_not)
{
    uint16_t a = source("MX1.example.net", "postfix");

    want_number("another case", source("mx1.EXAMPLE.net", "postfix"), a);
    want_text("as first seen", hosts_of(&hosts, a)->name->at, "MX1.example.net");
    ck_assert(source("MX1.example.net", "Postfix") != a);
}
END_TEST

START_TEST(refuses_hosts_beyond_its_bound)
{
    source("mx1", "postfix");
    source("mx2", "postfix");
    source("mx3", "postfix");
    want_number("a fourth", source("mx4", "postfix"), HOSTS_NONE);
    want_number("and again", source("mx4", "postfix"), HOSTS_NONE);
    want_number("refused", (int64_t)hosts.refused, 2);
    ck_assert(source("mx3", "postfix") != HOSTS_NONE);
    want_number("hosts", hosts.host_count, 3);
}
END_TEST

START_TEST(refuses_instances_beyond_its_bound)
{
    char name[32];

    for (int host = 0; host < 3; host++)
        for (int i = 0; i < HOSTS_INSTANCES_MAX + 2; i++) {
            char instance[32];
            snprintf(name, sizeof(name), "mx%d", host);
            snprintf(instance, sizeof(instance), "postfix-%d", i);
            want_number(instance, source(name, instance) == HOSTS_NONE, i >= HOSTS_INSTANCES_MAX);
        }
    want_number("refused", (int64_t)hosts.refused, 6);
    want_number("sources", hosts.source_count, 3 * HOSTS_INSTANCES_MAX);
}
END_TEST

START_TEST(remembers_how_addresses_are_written)
{
    uint16_t a = hosts_source(&hosts, SPAN("mx1"), SPAN("postfix"), ADDRESS_FORM_EXTERNAL);
    uint16_t b = hosts_source(&hosts, SPAN("mx1"), SPAN("old"), ADDRESS_FORM_INTERNAL);

    hosts_source(&hosts, SPAN("mx1"), SPAN("postfix"),
                 ADDRESS_FORM_INTERNAL); /* already known, so its form stays */
    want_number("a", hosts.source[a].form, ADDRESS_FORM_EXTERNAL);
    want_number("b", hosts.source[b].form, ADDRESS_FORM_INTERNAL);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hosts");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_source_is_a_host_and_an_instance);
    tcase_add_test(tc, host_names_ignore_case_instances_do_not);
    tcase_add_test(tc, refuses_hosts_beyond_its_bound);
    tcase_add_test(tc, refuses_instances_beyond_its_bound);
    tcase_add_test(tc, remembers_how_addresses_are_written);
    return run_suite("hosts", tc);
}
