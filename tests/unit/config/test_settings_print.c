/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "config/settings.h"
#include "config/settings_print.h"

#include <stdio.h>

#include "base/buf.h"
#include "config/settings_table.h"

START_TEST(the_shipped_file_is_the_defaults)
{
    char *want = settings_print_defaults();
    FILE *file = fopen(SOURCE_DIR "/conf/relaywatch.conf", "r");
    struct buf got = buf_new(1 << 20);

    ck_assert_ptr_nonnull(file);
    for (int c; (c = getc(file)) != EOF;)
        buf_add(&got, span_of(&(char){(char)c}, 1));
    fclose(file);
    want_text("conf/relaywatch.conf", got.at, want);
    buf_done(&got);
    free(want);
}
END_TEST

static void check_same_as_defaults(const char *text)
{
    struct settings defaults, s;
    struct inifile_error err = {0, ""};

    ck_assert(settings_init(&defaults) && settings_init(&s));
    ck_assert_msg(settings_parse(&s, span_str(text), &err), "%d: %s", err.line, err.text);
    char *want = settings_print(&defaults), *got = settings_print(&s);
    ck_assert_str_eq(got, want);
    free(want);
    free(got);
    settings_done(&defaults);
    settings_done(&s);
}

START_TEST(the_shipped_file_says_the_defaults_commented_or_not)
{
    char *text = settings_print_defaults();

    check_same_as_defaults(text);
    /* Make "#key = value" into "key = value"; sentences have a blank after "#". */
    for (char *at = text; (at = strstr(at, "\n#")) != NULL; at++)
        if (at[2] != ' ')
            at[1] = '\n';
    check_same_as_defaults(text);
    free(text);
}
END_TEST

START_TEST(no_line_of_the_shipped_file_is_too_wide)
{
    char *text = settings_print_defaults();

    for (char *at = text; *at; at += strcspn(at, "\n") + 1)
        ck_assert_msg(strcspn(at, "\n") < 100, "%.*s", (int)strcspn(at, "\n"), at);
    free(text);
}
END_TEST

START_TEST(every_row_is_printed_once)
{
    struct settings s;
    struct buf line = buf_new(256);

    ck_assert(settings_init(&s));
    char *text = settings_print(&s);
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++) {
        const struct setting *row = setting_row(i);
        line.len = 0;
        buf_printf(&line, "\n%s =%s%s\n", row->key, row->initial[0] ? " " : "", row->initial);
        ck_assert_msg(strstr(text, line.at) != NULL, "no \"%s\"", line.at);
    }
    for (size_t i = 0; i < SETTING_SECTION_COUNT; i++) {
        line.len = 0;
        buf_printf(&line, "[%s]\n", setting_section(i)->name);
        char *first = strstr(text, line.at);
        ck_assert_ptr_nonnull(first);
        ck_assert_ptr_null(strstr(first + 1, line.at));
    }
    free(text);
    buf_done(&line);
    settings_done(&s);
}
END_TEST

START_TEST(long_lists_are_wrapped_and_read_back)
{
    struct settings s;
    struct inifile_error err;
    struct buf text = buf_new(1 << 20);

    buf_add_str(&text, "[site]\nown_domains =\n");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "  domain-%d.example\n", i);
    ck_assert(settings_init(&s));
    ck_assert(settings_parse(&s, buf_span(&text), &err));
    char *list = strdup(s.site.own_domains), *printed = settings_print(&s);
    for (char *at = printed; *at; at += strcspn(at, "\n") + 1)
        ck_assert_uint_lt(strcspn(at, "\n"), 100);
    ck_assert_msg(settings_parse(&s, span_str(printed), &err), "%d: %s", err.line, err.text);
    ck_assert_str_eq(s.site.own_domains, list);
    free(list);
    free(printed);
    buf_done(&text);
    settings_done(&s);
}
END_TEST

START_TEST(overrides_are_printed_whole)
{
    struct settings s;
    struct inifile_error err;

    ck_assert(settings_init(&s));
    ck_assert(settings_parse(&s, SPAN("[local-abuse list]\nrecipients = 7\n"), &err));
    char *text = settings_print(&s);
    ck_assert_ptr_nonnull(
        strstr(text, "\n[local-abuse list]\nenabled = yes\nwindow = 1h\nrecipients = 7\n"));
    free(text);
    settings_done(&s);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("settings_print");

    tcase_add_test(tc, the_shipped_file_is_the_defaults);
    tcase_add_test(tc, the_shipped_file_says_the_defaults_commented_or_not);
    tcase_add_test(tc, no_line_of_the_shipped_file_is_too_wide);
    tcase_add_test(tc, every_row_is_printed_once);
    tcase_add_test(tc, long_lists_are_wrapped_and_read_back);
    tcase_add_test(tc, overrides_are_printed_whole);
    return run_suite("settings_print", tc);
}
