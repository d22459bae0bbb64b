/* SPDX-License-Identifier: MIT */
#include "show/hop_order.h"

#include "rows.h"

static const struct {
    const char *name;
    int count, parent[6], want[6];
} rows[] = {
    {"none", 0, {0}, {0}},
    {"one", 1, {-1}, {0}},
    {"the last hop was asked for", 3, {1, 2, -1}, {2, 1, 0}},
    {"the middle one", 3, {1, -1, 0}, {1, 0, 2}},
    {"two children, then a grandchild", 4, {-1, 3, 0, 0}, {0, 2, 3, 1}},
    {"two of one queue ID", 4, {-1, -1, 1, 0}, {0, 3, 1, 2}},
    {"a ring", 3, {1, 0, -1}, {2, 0, 1}},
    {"its own parent", 2, {0, -1}, {1, 0}},
};

START_TEST(each_comes_behind_its_parent)
{
    int order[6] = {-1, -1, -1, -1, -1, -1};

    hop_order(rows[_i].parent, rows[_i].count, order);
    for (int i = 0; i < rows[_i].count; i++)
        want_number(rows[_i].name, order[i], rows[_i].want[i]);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hop_order");

    ADD_ROWS(tc, each_comes_behind_its_parent, rows);
    return run_suite("hop_order", tc);
}
