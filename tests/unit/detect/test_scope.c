/* SPDX-License-Identifier: MIT */
#include "detect/scope.h"
#include "rows.h"

START_TEST(a_number_holds_all_three)
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int cause = 0; cause < CAUSE_COUNT; cause++) {
            uint32_t scope = scope_number(4095, (enum kind)kind, (enum cause)cause);
            want_number("host", scope_host(scope), 4095);
            want_number("kind", scope_kind(scope), kind);
            want_number("cause", scope_cause(scope), cause);
        }
    ck_assert(scope_number(0, KIND_OPEN_RELAY, CAUSE_NONE) !=
              scope_number(1, KIND_OPEN_RELAY, CAUSE_NONE));
}
END_TEST

START_TEST(every_kind_has_a_key_and_an_end)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        ck_assert_msg(scope_key((enum kind)kind, 0) != KEY_NONE, "%s has no key",
                      kind_name((enum kind)kind));
        want_number(kind_name((enum kind)kind), scope_key((enum kind)kind, LEVELS_MAX), KEY_NONE);
    }
    want_text("account", key_type_name(scope_key(KIND_ACCOUNT_ABUSE, 0)), "sasl_username");
    want_text("widest", key_type_name(scope_key(KIND_OPEN_RELAY, 3)), "host");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("scope");

    tcase_add_test(tc, a_number_holds_all_three);
    tcase_add_test(tc, every_kind_has_a_key_and_an_end);
    return run_suite("scope", tc);
}
