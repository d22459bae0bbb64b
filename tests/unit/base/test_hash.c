/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/hash.h"
#include "rows.h"

static const struct {
    const char *name, *a, *b;
    bool bytes, nocase; /* equal */
} rows[] = {
    {"the same", "alpha.example", "alpha.example", true, true},
    {"another case", "Alpha.EXAMPLE", "alpha.example", false, true},
    {"nothing and nothing", "", "", true, true},
    {"one longer", "alpha.exampl", "alpha.example", false, false},
    {"a NUL is not the end", "abc", "abcd", false, false},
    {"in the last byte of a word", "1234567a", "1234567b", false, false},
    {"in the first byte behind a word", "12345678a", "12345678b", false, false},
    {"@ and ` differ by the bit of case", "@@@@@@@@", "````````", false, false},
    {"[ and { do too", "[[[[[[[[", "{{{{{{{{", false, false},
    {"A and a", "A", "a", false, true},
    {"Z and z in nine bytes", "ZZZZZZZZZ", "zzzzzzzzz", false, true},
    {"other languages have no case here", "\xc3\x84", "\xc3\xa4", false, false},
    {"above 127 the bit is no case", "\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1",
     "\xe1\xe1\xe1\xe1\xe1\xe1\xe1\xe1", false, false},
};

START_TEST(equal_texts_hash_equally)
{
    struct span a = span_str(rows[_i].a), b = span_str(rows[_i].b);

    want_number(rows[_i].name, hash_bytes(a, 5) == hash_bytes(b, 5), rows[_i].bytes);
    want_number(rows[_i].name, hash_nocase(a, 5) == hash_nocase(b, 5), rows[_i].nocase);
}
END_TEST

/* Agrees with span_equal_nocase, for every pair of single bytes. */
START_TEST(nocase_is_ascii_case_and_nothing_else)
{
    for (int other = 0; other < 256; other++) {
        char a = (char)_i, b = (char)other;
        bool want = span_equal_nocase(span_of(&a, 1), span_of(&b, 1));
        bool got = hash_nocase(span_of(&a, 1), 1) == hash_nocase(span_of(&b, 1), 1);
        ck_assert_msg(got == want, "%#x and %#x: got %d, want %d", (unsigned)_i, (unsigned)other,
                      got, want);
    }
}
END_TEST

START_TEST(seed_changes_every_hash)
{
    struct span s = span_str(rows[_i].a);

    ck_assert_msg(hash_bytes(s, 1) != hash_bytes(s, 2), "%s: got one hash, want two",
                  rows[_i].name);
    ck_assert_msg(hash_nocase(s, 1) != hash_nocase(s, 2), "%s: got one hash, want two",
                  rows[_i].name);
}
END_TEST

/* No seed makes every text alike. */
START_TEST(every_seed_tells_texts_apart)
{
    static const uint64_t seeds[] = {0, 1, UINT64_MAX, HASH_ODD_1, HASH_ODD_2};

    for (int i = 0; i < COUNT(seeds); i++)
        ck_assert_msg(hash_bytes(SPAN("a"), seeds[i]) != hash_bytes(SPAN("b"), seeds[i]) &&
                          hash_nocase(SPAN("longer.a"), seeds[i]) !=
                              hash_nocase(SPAN("longer.b"), seeds[i]),
                      "seed %#llx: got one hash, want two", (unsigned long long)seeds[i]);
}
END_TEST

/* Tables use the low bits: 4096 keys that differ in two digits fill most of 4096 places' share of
 * 1 - 1/e (2589); half of that would be a poor hash. */
START_TEST(low_bits_are_spread)
{
    static unsigned char seen[4096];
    int used = 0;
    char text[32];

    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < 4096; i++) {
        snprintf(text, sizeof(text), "192.0.%d.%d", i / 64, i % 64);
        unsigned char *at = &seen[hash_bytes(span_str(text), 0) & 4095];
        used += !*at;
        *at = 1;
    }
    ck_assert_msg(used > 2450 && used < 2730, "spread: got %d places, want about 2589", used);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hash");

    ADD_ROWS(tc, equal_texts_hash_equally, rows);
    tcase_add_loop_test(tc, nocase_is_ascii_case_and_nothing_else, 0, 256);
    ADD_ROWS(tc, seed_changes_every_hash, rows);
    tcase_add_test(tc, every_seed_tells_texts_apart);
    tcase_add_test(tc, low_bits_are_spread);
    return run_suite("hash", tc);
}
