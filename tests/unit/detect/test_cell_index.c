/* SPDX-License-Identifier: MIT */
#include "detect/cell_index.h"

#include <stdlib.h>

#include "rows.h"

enum { MANY = 3000 };

static struct detector d;

static void set_up(void)
{
    d = (struct detector){.cell = calloc(MANY, sizeof(struct cell)), .cell_count = MANY};
    d.cell_index_size = CELLS_MIN * 2;
    d.cell_index = calloc(d.cell_index_size, sizeof(*d.cell_index));
}

static void tear_down(void)
{
    free(d.cell);
    free(d.cell_index);
}

/* Many with the same home, and with the same half of the key. */
static uint64_t key_of(uint32_t i)
{
    return (uint64_t)(i / 4 % 64 + 1) << 32 | i;
}

static void add(uint32_t i)
{
    d.cell[i].key = key_of(i);
    ck_assert(cell_index_reserve(&d));
    cell_index_add(&d, &d.cell[i]);
}

static void want_found(uint32_t i, bool there)
{
    want_number("found", cell_index_find(&d, key_of(i)) == (there ? &d.cell[i] : NULL), true);
}

START_TEST(each_is_found_until_it_is_removed)
{
    for (uint32_t i = 0; i < MANY; i++)
        add(i);
    want_number("cells", d.cell_found, MANY);
    for (uint32_t i = 0; i < MANY; i += 3)
        cell_index_remove(&d, &d.cell[i]);
    for (uint32_t i = 0; i < MANY; i++)
        want_found(i, i % 3 != 0);
    cell_index_remove(&d, &d.cell[0]);
    want_number("twice removed", d.cell_found, MANY - MANY / 3);
}
END_TEST

START_TEST(rebuilt_without_parked_and_retired_cells)
{
    for (uint32_t i = 0; i < 1000; i++)
        add(i);
    d.cell[1].parked = d.cell[2].retired = true;
    d.cell[3].key = 0;
    d.cell_found -= 3;
    ck_assert(cell_index_rebuild(&d));
    for (uint32_t i = 0; i < 1000; i++)
        want_found(i, i < 1 || i > 3);
    want_number("slots", d.cell_index_size, 2048);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell_index");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, each_is_found_until_it_is_removed);
    tcase_add_test(tc, rebuilt_without_parked_and_retired_cells);
    return run_suite("cell_index", tc);
}
