/* SPDX-License-Identifier: MIT */
#include "common/seed.h"

#include "rows.h"

START_TEST(each_run_has_its_own)
{
    uint64_t seed = seed_draw();

    for (int i = 0; i < 100; i++)
        ck_assert_msg(seed_draw() != seed, "got one seed twice");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("seed");

    tcase_add_test(tc, each_run_has_its_own);
    return run_suite("seed", tc);
}
