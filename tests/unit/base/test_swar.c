/* SPDX-License-Identifier: MIT */
#include "base/swar.h"

#include <stdbool.h>
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
    want_number("digits", swar_digits(word), digits);
    if (digits)
        want_number(numbers[_i].text, swar_decimal(word, digits), numbers[_i].number);
}
END_TEST

/* Every byte in every position of two blocks that are alike but for a few places. */
START_TEST(each_of_32_bytes_has_its_bit)
{
    char text[33], other[33];

    for (int byte = 0; byte < 256; byte++)
        for (int place = 0; place < 32; place++) {
            uint32_t which = 0, same = 0;
            for (int i = 0; i < 33; i++) {
                text[i] = (char)(i % 5 ? i * 37 + place : byte);
                other[i] = (char)(i % 3 ? text[i] : byte + 0x80 * (i & 1));
            }
            text[place + 1] = other[place + 1] = (char)byte;
            for (int i = 0; i < 32; i++) {
                which |= (uint32_t)(text[i + 1] == (char)byte) << i;
                same |= (uint32_t)(text[i + 1] == other[i + 1]) << i;
            }
            uint32_t hex = 0;
            for (int i = 0; i < 16; i++)
                hex |= (uint32_t)(text[i + 1] && strchr("0123456789ABCDEF", text[i + 1])) << i;
            want_number("hex", swar_hex(text + 1), hex);
            want_number("hex by eight", swar_hex_by_eight(text + 1), hex);
            want_number("which", swar_which(text + 1, (char)byte), which);
            want_number("which by eight", swar_which_by_eight(text + 1, (char)byte), which);
            want_number("same", swar_same(text + 1, other + 1), same);
            want_number("same by eight", swar_same_by_eight(text + 1, other + 1), same);
        }
}
END_TEST

START_TEST(digits_end_at_any_byte)
{
    for (int byte = 0; byte < 256; byte++)
        for (unsigned place = 0; place < 8; place++) {
            char text[8] = "12340987";
            text[place] = (char)byte;
            bool digit = byte >= '0' && byte <= '9';
            want_number("digits", swar_digits(swar_load(text)), digit ? 8 : place);
        }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("swar");

    ADD_ROWS(tc, each_byte_is_in_its_range_or_not, ranges);
    ADD_ROWS(tc, leading_digits_write_a_number, numbers);
    tcase_add_test(tc, each_of_32_bytes_has_its_bit);
    tcase_add_test(tc, digits_end_at_any_byte);
    return run_suite("swar", tc);
}
