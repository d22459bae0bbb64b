/* SPDX-License-Identifier: MIT */
#include "config/inifile.h"
#include "rows.h"

#include <stdio.h>

#include "base/buf.h"

/* Writes down what it is given; keys that begin with "list" are lists, those that begin with "bad"
 * and the section "bad" are refused. */
static bool take_section(void *ctx, struct span header, int line, struct inifile_error *err)
{
    if (span_equal(header, SPAN("bad")))
        return inifile_refuse(err, "bad section");
    buf_printf(ctx, "%d[%.*s] ", line, SPAN_ARG(header));
    return true;
}

static bool take_value(void *ctx, struct span key, struct span value, int line,
                       struct inifile_error *err)
{
    if (span_starts(key, SPAN("bad")))
        return inifile_refuse(err, "bad key");
    buf_printf(ctx, "%d%.*s=%.*s| ", line, SPAN_ARG(key), SPAN_ARG(value));
    return true;
}

static bool is_list(void *ctx, struct span key)
{
    (void)ctx;
    return span_starts(key, SPAN("list"));
}

static const struct inifile_handler handler = {take_section, take_value, is_list, NULL};

/* What it read, or "LINE: sentence". */
static struct buf read_text(struct span text)
{
    struct buf out = buf_new(1 << 22);
    struct inifile_error err = {-1, ""};

    if (!inifile_read(text, &handler, &out, &err)) {
        buf_done(&out);
        out = buf_new(1024);
        buf_printf(&out, "%d: %s", err.line, err.text);
    }
    buf_add(&out, SPAN_NONE);
    return out;
}

static const struct {
    const char *name, *text, *want;
} rows[] = {
    {"empty", "", ""},
    {"blank lines and comments", "\n  \n# a\n; b\n  # c\n\t; d\n", ""},
    {"a key", "[a]\nk = v\n", "1[a] 2k=v| "},
    {"no newline at the end", "[a]\nk = v", "1[a] 2k=v| "},
    {"carriage returns", "[a]\r\nk = v\r\n", "1[a] 2k=v| "},
    {"byte order mark", "\xef\xbb\xbf[a]\nk=v\n", "1[a] 2k=v| "},
    {"no blanks, many blanks", "[a]\nk=v\nl   =   w x  \n", "1[a] 2k=v| 3l=w x| "},
    {"blanks within a value", "[a]\nk = v \t w\n", "1[a] 2k=v w| "},
    {"no value", "[a]\nk =\nl=\n", "1[a] 2k=| 3l=| "},
    {"equals and colons in a value", "[a]\nk = a=b:c\n", "1[a] 2k=a=b:c| "},
    {"section trimmed", "[ a  b ]\n", "1[a  b] "},
    {"brackets in a section", "[a [b] c]\n", "1[a [b] c] "},
    {"comment signs that begin no comment", "[a]\nk = a;b#c\n", "1[a] 2k=a;b#c| "},
    {"value that begins with a bracket", "[a]\nk = [::1]:80\n", "1[a] 2k=[::1]:80| "},
    {"key before a section", "k = v\n", "1k=v| "},
    {"key again", "[a]\nk = 1\nk = 2\n", "1[a] 2k=1| 3k=2| "},
    {"list over lines", "[a]\nlist = a,\n  b\n\tc\nk = v\n", "1[a] 2list=a, b c| 5k=v| "},
    {"list that begins below", "[a]\nlist =\n  a\n  b\n", "1[a] 2list=a b| "},
    {"list with a bracket below", "[a]\nlist =\n  [::1]/128\n", "1[a] 2list=[::1]/128| "},
    {"list with key = value below", "[a]\nlist =\n  k = v\n", "1[a] 2list=k = v| "},
    {"list with a comment between", "[a]\nlist = a\n# no\n  # no\n  b\n", "1[a] 2list=a b| "},
    {"list, then a section", "[a]\nlist = a\n  b\n[c]\n", "1[a] 2list=a b| 4[c] "},

    {"indented key", "[a]\n  k = v\n",
     "2: \"k = v\" is indented; only a list may continue on indented lines, right below "
     "its key"},
    {"indented below a key", "[a]\nk = v\n  w\n",
     "3: \"w\" is indented; only a list may continue on indented lines, right below "
     "its key"},
    {"indented section", "  [a]\n",
     "1: \"[a]\" is indented; only a list may continue on indented lines, right below "
     "its key"},
    {"list with an empty line between", "[a]\nlist = a\n\n  b\n",
     "4: \"b\" is indented; only a list may continue on indented lines, right below "
     "its key"},
    {"inline comment", "[a]\nk = v ; c\n", "2: \"k = v ; c\": a comment needs a line of its own"},
    {"inline comment with #", "[a]\nk = v\t#c\n",
     "2: \"k = v?#c\": a comment needs a line of its own"},
    {"inline comment in a list", "[a]\nlist = v\n  w ;c\n",
     "3: \"w ;c\": a comment needs a line of its own"},
    {"comment for a value", "[a]\nk = ;c\n", "2: \"k = ;c\": a comment needs a line of its own"},
    {"no equals", "[a]\nk v\n", "2: \"k v\" is not a setting; allowed: key = value"},
    {"colon", "[a]\nk: v\n", "2: \"k: v\" is not a setting; allowed: key = value"},
    {"colon before equals", "[a]\nk: v=w\n",
     "2: \"k: v=w\" is not a setting; allowed: key = value"},
    {"no key", "[a]\n= v\n", "2: \"= v\"; allowed: keys of 1 to 48 bytes"},
    {"no end of section", "[a\n", "1: \"[a\"; allowed: [section] alone on its line"},
    {"lone bracket", "[\n", "1: \"[\"; allowed: [section] alone on its line"},
    {"text behind a section", "[a] b\n", "1: \"[a] b\"; allowed: [section] alone on its line"},
    {"comment behind a section", "[a] ; b]\n",
     "1: \"[a] ; b]\"; allowed: [section] alone on its line"},
    {"control character", "[a]\nk = \x07\n",
     "2: control character 0x07 at column 5; allowed: plain text"},
    {"delete", "k\x7f = v\n", "1: control character 0x7f at column 2; allowed: plain text"},
    {"the first error counts", "[a]\nk\nl\n", "2: \"k\" is not a setting; allowed: key = value"},
    {"section refused", "[a]\nk = v\n[bad]\n", "3: bad section"},
    {"value refused, on its own line", "[a]\nbad = v\n\n\nk = v\n", "2: bad key"},
    {"list refused, on its first line", "[a]\nlist = a\nbadlist = v\n", "3: bad key"},
    {"value refused at a section", "[a]\nbad = v\n\n[b]\n", "2: bad key"},
    {"value refused at the end", "[a]\nbad = v\n\n", "2: bad key"},
};

START_TEST(texts_are_read_or_refused)
{
    struct buf got = read_text(span_str(rows[_i].text));

    want_text(rows[_i].name, got.at, rows[_i].want);
    buf_done(&got);
}
END_TEST

START_TEST(a_nul_is_a_control_character)
{
    struct buf got = read_text(span_of("k = a\0b\n", 8));

    ck_assert_str_eq(got.at, "1: control character 0x00 at column 6; allowed: plain text");
    buf_done(&got);
}
END_TEST

/* A long list on one line comes through whole: inih itself would take the rest of a line of 200
 * bytes for a new one. */
START_TEST(lines_of_any_length_come_through_whole)
{
    static const char *const separators[] = {" ", ",", ", "};
    const char *separator = separators[_i];

    for (size_t words = 1; words * (5 + strlen(separator)) + 6 < INIFILE_LINE_MAX; words++) {
        struct buf text = buf_new(1 << 16), want = buf_new(1 << 16);
        buf_add_str(&text, "list = ");
        buf_add_str(&want, "1list=");
        for (size_t i = 0; i < words; i++) {
            buf_printf(&text, "%s%05zu", i ? separator : "", i);
            buf_printf(&want, "%s%05zu", i ? separator : "", i);
        }
        buf_add_str(&want, "| ");
        struct buf got = read_text(buf_span(&text));
        want_text("words", got.at, want.at);
        buf_done(&text);
        buf_done(&want);
        buf_done(&got);
    }
}
END_TEST

/* What follows a cut must not look like a comment, a section or a key to inih. */
static const char *const hostile[] = {"#x", ";x", "[x]", "evil=1", "=", ":"};

START_TEST(no_cut_makes_a_new_meaning)
{
    for (size_t fill = 150; fill < 230; fill++) {
        struct buf text = buf_new(1 << 16);
        buf_add_str(&text, "list = ");
        for (size_t i = 0; i < fill; i++)
            buf_add_str(&text, "x");
        /* After a comma these belong to the list, and a cut is possible right before them. */
        buf_printf(&text, ",%s yyyy\nk = v\n", hostile[_i]);
        struct buf got = read_text(buf_span(&text));
        if (fill < 190) {
            ck_assert_msg(strstr(got.at, hostile[_i]) != NULL, "%zu: lost: %s", fill, got.at);
            ck_assert_msg(strstr(got.at, "yyyy| 2k=v| ") != NULL, "%zu: got %s", fill, got.at);
        } else {
            bool whole = strstr(got.at, hostile[_i]) && strstr(got.at, "yyyy| 2k=v| ");
            ck_assert_msg(whole || strstr(got.at, "word too long"), "%zu: got %s", fill, got.at);
        }
        buf_done(&text);
        buf_done(&got);
    }
}
END_TEST

START_TEST(lengths_have_their_bounds)
{
    char *line = malloc(INIFILE_LINE_MAX + 2);
    struct buf got;

    memset(line, 'x', INIFILE_LINE_MAX + 2);
    line[0] = '#';
    got = read_text(span_of(line, INIFILE_LINE_MAX));
    ck_assert_str_eq(got.at, "");
    buf_done(&got);
    got = read_text(span_of(line, INIFILE_LINE_MAX + 1));
    ck_assert_str_eq(got.at, "1: line of 4097 bytes; allowed: 4096 bytes (a list may continue on "
                             "indented lines)");
    buf_done(&got);
    memcpy(line, "k = ", 4);
    got = read_text(span_of(line, 300));
    ck_assert_str_eq(got.at, "1: word too long; allowed: 195 bytes");
    buf_done(&got);
    line[49] = '=';
    got = read_text(span_of(line + 1, 60)); /* " = xxx": no key */
    ck_assert_ptr_nonnull(strstr(got.at, "indented"));
    buf_done(&got);
    free(line);
}
END_TEST

/* However far the value is from its key, inih gets both. */
START_TEST(blanks_before_a_value_cost_nothing)
{
    for (int blanks = 0; blanks < 400; blanks++) {
        char line[1024];
        snprintf(line, sizeof(line), "key%*s=%*sv w\n", blanks, "", blanks, "");
        struct buf got = read_text(span_str(line));
        ck_assert_str_eq(got.at, "1key=v w| ");
        buf_done(&got);
    }
}
END_TEST

START_TEST(keys_have_48_bytes)
{
    char line[64];

    memset(line, 'k', 48);
    memcpy(line + 48, "=v", 3);
    struct buf got = read_text(span_str(line));
    ck_assert_int_eq(got.at[1], 'k');
    buf_done(&got);
    memset(line, 'k', 49);
    memcpy(line + 49, "=v", 3);
    got = read_text(span_str(line));
    ck_assert_ptr_nonnull(strstr(got.at, "allowed: keys of 1 to 48 bytes"));
    buf_done(&got);
}
END_TEST

START_TEST(sections_are_not_cut)
{
    char header[1024] = "[account-abuse ";

    memset(header + 15, 'u', 900);
    memcpy(header + 915, "]\nk = v\n", 9);
    struct buf got = read_text(span_str(header));
    ck_assert_uint_eq(strspn(got.at + strlen("1[account-abuse "), "u"), 900);
    ck_assert_ptr_nonnull(strstr(got.at, "] 2k=v| "));
    buf_done(&got);
}
END_TEST

START_TEST(a_value_has_its_bound)
{
    struct buf text = buf_new(1 << 22);

    buf_add_str(&text, "list =\n");
    for (int i = 0; i < INIFILE_VALUE_MAX / 8 + 2; i++)
        buf_add_str(&text, " 1234567\n");
    buf_add_str(&text, "k = v\n");
    struct buf got = read_text(buf_span(&text));
    ck_assert_msg(strstr(got.at, "too long; allowed: 262144 bytes") != NULL, "got %.100s", got.at);
    buf_done(&text);
    buf_done(&got);
}
END_TEST

START_TEST(shown_text_is_short_and_printable)
{
    char buf[INIFILE_SHOWN_MAX], text[200];

    ck_assert_str_eq(inifile_show(SPAN("a\tb\x1b[1m"), buf), "a?b?[1m");
    ck_assert_str_eq(inifile_show(SPAN_NONE, buf), "");
    memset(text, 'x', sizeof(text));
    inifile_show(span_of(text, sizeof(text)), buf);
    ck_assert_uint_eq(strlen(buf), INIFILE_SHOWN_MAX - 1);
    ck_assert_str_eq(buf + strlen(buf) - 4, "x...");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("inifile");

    ADD_ROWS(tc, texts_are_read_or_refused, rows);
    tcase_add_test(tc, a_nul_is_a_control_character);
    tcase_add_loop_test(tc, lines_of_any_length_come_through_whole, 0, 3);
    ADD_ROWS(tc, no_cut_makes_a_new_meaning, hostile);
    tcase_add_test(tc, lengths_have_their_bounds);
    tcase_add_test(tc, blanks_before_a_value_cost_nothing);
    tcase_add_test(tc, keys_have_48_bytes);
    tcase_add_test(tc, sections_are_not_cut);
    tcase_add_test(tc, a_value_has_its_bound);
    tcase_add_test(tc, shown_text_is_short_and_printable);
    return run_suite("inifile", tc);
}
