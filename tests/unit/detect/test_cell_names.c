/* SPDX-License-Identifier: MIT */
#include "detect/cell_names.h"

#include "detector_run.h"

static const struct {
    const char *sender, *want;
} senders[] = {
    {"a@example.org", "example.org"},
    {"a@Mail.Shop.CO.UK", "shop.co.uk"},
    {"a@host", "host"},
    {"", ""},
};

START_TEST(a_sender_s_domain_is_the_one_that_was_registered)
{
    struct detector *d = &run.p->detector;

    for (int round = 0; round < 2; round++) {
        struct observation o = {.sender = span_str(senders[_i].sender)};
        struct names n = {.has_domain = false};
        struct span got = names_domain(d, &n, &o);
        ck_assert_msg(span_equal(got, span_str(senders[_i].want)), "%s: got %.*s, want %s",
                      senders[_i].sender, SPAN_ARG(got), senders[_i].want);
    }
}
END_TEST

START_TEST(keys_without_a_text_have_none)
{
    struct cell_rest rest = {.uid = 33};
    const struct cell cell = {.rest = &rest};

    ck_assert_ptr_null(cell_key_text(&cell, KEY_UID));
    ck_assert_ptr_null(cell_key_text(&cell, KEY_HOST));
    ck_assert_ptr_null(cell_key_text(&cell, KEY_ACCOUNT));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell_names");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, a_sender_s_domain_is_the_one_that_was_registered, senders);
    tcase_add_test(tc, keys_without_a_text_have_none);
    return run_suite("cell_names", tc);
}
