/* SPDX-License-Identifier: MIT */
#include "base/swar.h"

#include <stdio.h>

#include "rows.h"

static const struct {
    uint8_t first, last;
} ranges[] = {{'0', '9'}, {'A', 'F'}, {'A', 'Z'}, {'.', '9'}, {0, 0x7f}, {'x', 'x'}, {1, 0x7e}};

/* Every byte in every position, beside neighbours that would show a carry. */
START_TEST(each_byte_is_in_its_range_or_not)
{
    static const uint8_t beside[] = {0x00, 0x7f, 0x80, 0xff, '0', 'A'};

    for (size_t b = 0; b < sizeof(beside); b++)
        for (int byte = 0; byte < 256; byte++)
            for (int place = 0; place < 8; place++) {
                char text[8];
                memset(text, beside[b], sizeof(text));
                text[place] = (char)byte;
                uint64_t got = swar_in_range(swar_load(text), ranges[_i].first, ranges[_i].last),
                         want = 0;
                for (int i = 0; i < 8; i++)
                    if ((uint8_t)text[i] >= ranges[_i].first && (uint8_t)text[i] <= ranges[_i].last)
                        want |= (uint64_t)0x80 << 8 * i;
                ck_assert_msg(got == want,
                              "%#x to %#x, byte %#x at %d beside %#x: got %#llx, "
                              "want %#llx",
                              ranges[_i].first, ranges[_i].last, (unsigned)byte, place, beside[b],
                              (unsigned long long)got, (unsigned long long)want);
            }
}
END_TEST

static const struct {
    const char *text; /* eight bytes */
    unsigned digits;
    uint32_t number; /* that they spell */
} numbers[] = {
    {"a2345678", 0, 0},        {"1]: text", 1, 1},          {"9a999999", 1, 9},
    {"007]: a ", 3, 7},        {"4194304]", 7, 4194304},    {"12345678", 8, 12345678},
    {"99999999", 8, 99999999}, {"00000000", 8, 0},          {"12/45678", 2, 12},
    {"123:5678", 3, 123},      {"1234567\xb1", 7, 1234567},
};

START_TEST(leading_digits_write_a_number)
{
    uint64_t word = swar_load(numbers[_i].text);
    unsigned digits = swar_leading(swar_in_range(word, '0', '9'));

    want_number(numbers[_i].text, digits, numbers[_i].digits);
    if (digits)
        want_number(numbers[_i].text, swar_decimal(word, digits), numbers[_i].number);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("swar");

    ADD_ROWS(tc, each_byte_is_in_its_range_or_not, ranges);
    ADD_ROWS(tc, leading_digits_write_a_number, numbers);
    return run_suite("swar", tc);
}
