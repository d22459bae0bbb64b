/* SPDX-License-Identifier: MIT */
#include "site/postconf_value.h"
#include "rows.h"

static struct postconf *postconf;
static struct site *site;

static void set_up(void)
{
    postconf = postconf_parse(SPAN("a = $b\nb = one, $c\nc = two\nempty = $none\nlike = ones\n"
                                   "circle = $circle\nmyhostname = mx.example.org\n"));
    site = site_new();
    ck_assert(postconf && site);
}

static void tear_down(void)
{
    postconf_free(postconf);
    site_free(site);
}

static const struct {
    const char *name, *value; /* NULL: it can't be expanded */
    bool empty, set, has_one;
} values[] = {
    {"a", "one, two", false, true, true},
    {"like", "ones", false, true, false},
    {"empty", "", true, false, false},
    {"nobody", "", true, false, false},
    {"circle", NULL, false, true, false},
    {"inet_interfaces", "all", false, false, false}, /* a default */
    {"mydestination", "mx.example.org, localhost.example.org, localhost", false, false, false},
};

START_TEST(values_are_expanded)
{
    const char *name = values[_i].name;
    char *value = postconf_value(postconf, site, name);

    want_number(name, value != NULL, values[_i].value != NULL);
    if (value)
        want_text(name, value, values[_i].value);
    want_number(name, (int64_t)site_warning_count(site), !value);
    want_number(name, postconf_is_empty(postconf, site, name), values[_i].empty);
    want_number(name, postconf_is_set(postconf, site, name), values[_i].set);
    want_number(name, postconf_lists(postconf, site, name, SPAN("one")), values[_i].has_one);
    free(value);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_value");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    ADD_ROWS(tc, values_are_expanded, values);
    return run_suite("postconf_value", tc);
}
