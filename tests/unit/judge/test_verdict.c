/* SPDX-License-Identifier: MIT */
#include "judge/verdict.h"

#include "rows.h"

START_TEST(every_verdict_has_a_sentence)
{
    for (int i = 0; i < VERDICT_COUNT; i++)
        ck_assert_msg(strlen(verdict_text((enum verdict)i)) > 5, "verdict %d: got no sentence", i);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("verdict");

    tcase_add_test(tc, every_verdict_has_a_sentence);
    return run_suite("verdict", tc);
}
