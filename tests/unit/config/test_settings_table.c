/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "config/settings.h"
#include "config/settings_table.h"

#include <stdio.h>

/* Every row of settings.def, at its bounds and beyond: what is wrong is refused, names the key,
 * what was found and what is allowed, and leaves the field alone. */
struct bench {
    struct settings settings;
    const struct setting *row;
};

static struct bench bench_new(int i)
{
    struct bench bench = {.row = setting_row((size_t)i)};

    ck_assert(settings_init(&bench.settings));
    return bench;
}

static void *field_of(struct bench *bench)
{
    return setting_field(bench->row, &bench->settings);
}

static void accept(struct bench *bench, const char *value, const char *want)
{
    struct inifile_error err = {0, ""};
    struct buf got = buf_new(1 << 16);

    ck_assert_msg(setting_store(bench->row, span_str(value), field_of(bench), &err),
                  "%s = %s: refused: %s", bench->row->key, value, err.text);
    setting_print(bench->row, field_of(bench), &got);
    buf_add(&got, SPAN_NONE);
    want_text(bench->row->key, got.at, want);
    buf_done(&got);
}

static void refuse(struct bench *bench, const char *value)
{
    struct inifile_error err = {0, ""};
    struct buf before = buf_new(1 << 16), after = buf_new(1 << 16), start = buf_new(1 << 16);

    setting_print(bench->row, field_of(bench), &before);
    ck_assert_msg(!setting_store(bench->row, span_str(value), field_of(bench), &err),
                  "%s = %s: taken", bench->row->key, value);
    setting_print(bench->row, field_of(bench), &after);
    ck_assert(span_equal(buf_span(&before), buf_span(&after)));
    buf_printf(&start, "%s = ", bench->row->key);
    ck_assert_msg(span_starts(span_str(err.text), buf_span(&start)) &&
                      strstr(err.text, "; allowed: ") != NULL,
                  "%s = %s: says \"%s\"", bench->row->key, value, err.text);
    buf_done(&before);
    buf_done(&after);
    buf_done(&start);
}

START_TEST(every_row_has_section_default_and_sentence)
{
    struct bench bench = bench_new(_i);
    const struct setting *row = bench.row;
    size_t sections = 0;

    for (size_t i = 0; i < SETTING_SECTION_COUNT; i++)
        sections += strcmp(setting_section(i)->name, row->section) == 0;
    ck_assert_uint_eq(sections, 1);
    accept(&bench, row->initial, row->initial);
    ck_assert_msg(row->sentence[0] && row->sentence[strlen(row->sentence) - 1] == '.',
                  "%s: no sentence", row->key);
    ck_assert_int_le(row->min, row->max);
    settings_done(&bench.settings);
}
END_TEST

static void text_of(const struct setting *row, int64_t n, char text[static 64])
{
    char duration[WHEN_TEXT_MAX];

    if (row->type == SETTING_DURATION)
        snprintf(text, 64, "%s", when_print_duration(n * US_PER_S, duration));
    else
        snprintf(text, 64, "%" PRId64, n);
}

START_TEST(numbers_are_held_to_their_bounds)
{
    struct bench bench = bench_new(_i);
    char text[64], more[80];

    if (bench.row->type != SETTING_COUNT && bench.row->type != SETTING_PERCENT &&
        bench.row->type != SETTING_DURATION) {
        settings_done(&bench.settings);
        return;
    }
    text_of(bench.row, bench.row->min, text);
    accept(&bench, text, text);
    text_of(bench.row, bench.row->max, text);
    accept(&bench, text, text);
    text_of(bench.row, bench.row->max + 1, text);
    refuse(&bench, text);
    if (bench.row->min > 0) {
        text_of(bench.row, bench.row->min - 1, text);
        refuse(&bench, text);
    }
    text_of(bench.row, bench.row->max, text);
    snprintf(more, sizeof(more), "%s x", text);
    refuse(&bench, more);
    snprintf(more, sizeof(more), "%s0000000000", text);
    refuse(&bench, more);
    settings_done(&bench.settings);
}
END_TEST

static const char *const garbage[] = {
    "-1",    "+5",   "0x10", "5.5", "1e3",  "five", "\"5\"",    "5,", "99999999999999999999999999",
    "1h30m", "true", "on",   "YES", "Auto", "5 5",  "\xc3\xa9",
};

START_TEST(garbage_is_refused_by_every_number)
{
    struct bench bench = bench_new(_i);

    for (int i = 0; !setting_is_string(bench.row) && i < COUNT(garbage); i++)
        refuse(&bench, garbage[i]);
    if (!setting_is_string(bench.row))
        refuse(&bench, "");
    settings_done(&bench.settings);
}
END_TEST

static const struct {
    enum setting_type type;
    const char *value, *want; /* NULL: refused */
} values[] = {
    {SETTING_YESNO, "yes", "yes"},
    {SETTING_YESNO, "no", "no"},
    {SETTING_YESNO, "yesno", NULL},
    {SETTING_PERCENT, "30%", "30"},
    {SETTING_PERCENT, "%", NULL},
    {SETTING_PERCENT, "101%", NULL},
    {SETTING_SOURCE, "journal", "journal"},
    {SETTING_SOURCE, "file", "file"},
    {SETTING_SOURCE, "files", NULL},
    {SETTING_DURATION, "3600", "1h"},
    {SETTING_DURATION, "60m", "1h"},
    {SETTING_PATH, "", ""},
    {SETTING_PATH, "/var/log/journal", "/var/log/journal"},
    {SETTING_PATH, "/with a blank", "/with a blank"},
    {SETTING_PATH, "var/log", NULL},
    {SETTING_NAME, "", ""},
    {SETTING_NAME, "mail-1.x_y", "mail-1.x_y"},
    {SETTING_NAME, "-x", NULL},
    {SETTING_NAME, "a/b", NULL},
    {SETTING_NAME, "a b", NULL},
    {SETTING_LISTEN, "[::1]:80", "[::1]:80"},
    {SETTING_LISTEN, "0.0.0.0:65535", "0.0.0.0:65535"},
    {SETTING_LISTEN, "", NULL},
    {SETTING_LISTEN, "127.0.0.1", NULL},
    {SETTING_LISTEN, "127.0.0.1:", NULL},
    {SETTING_LISTEN, "127.0.0.1:0", NULL},
    {SETTING_LISTEN, "127.0.0.1:65536", NULL},
    {SETTING_LISTEN, "127.0.0.1:80x", NULL},
    {SETTING_LISTEN, "127.0.0.1/32:80", NULL},
    {SETTING_LISTEN, "::1:80", NULL},
    {SETTING_LISTEN, "localhost:80", NULL},
    {SETTING_LISTEN, ":80", NULL},
    {SETTING_PATHS, "/a /b*, /c", "/a /b*, /c"},
    {SETTING_PATHS, "/a b", NULL},
    {SETTING_COMMAND, "/usr/bin/x -a --b=c", "/usr/bin/x -a --b=c"},
    {SETTING_COMMAND, "x", NULL},
    {SETTING_DOMAINS, "example.org, .sub.example !out.example",
     "example.org, .sub.example !out.example"},
    {SETTING_DOMAINS,
     "!.x.example b\xc3\xbc"
     "cher.example a_b.example xn--x.example",
     "!.x.example b\xc3\xbc"
     "cher.example a_b.example xn--x.example"},
    {SETTING_DOMAINS, "example.org.", "example.org."},
    {SETTING_DOMAINS, "localhost", "localhost"},
    {SETTING_DOMAINS, "a..b", NULL},
    {SETTING_DOMAINS, "..a", NULL},
    {SETTING_DOMAINS, "!", NULL},
    {SETTING_DOMAINS, ".", NULL},
    {SETTING_DOMAINS, "user@example.org", NULL},
    {SETTING_DOMAINS, "*.example.org", NULL},
    {SETTING_DOMAINS, "example.org/24", NULL},
    {SETTING_NETWORKS, "127.0.0.0/8 [::1]/128, !192.0.2.1", "127.0.0.0/8 [::1]/128, !192.0.2.1"},
    {SETTING_NETWORKS, "0.0.0.0/0", "0.0.0.0/0"},
    {SETTING_NETWORKS, "10.0.0.0/33", NULL},
    {SETTING_NETWORKS, "mail.example.org", NULL},
    {SETTING_NETWORKS, "!", NULL},
    {SETTING_ADDRESSES, "192.0.2.1 2001:db8::1 [2001:db8::2]",
     "192.0.2.1 2001:db8::1 [2001:db8::2]"},
    {SETTING_MAILBOXES, "Archive@example.org \"a b\"@x.example", NULL},
    {SETTING_MAILBOXES, "Archive@example.org, b+c@x.example", "Archive@example.org, b+c@x.example"},
    {SETTING_MAILBOXES, "example.org", NULL},
    {SETTING_MAILBOXES, "@example.org", NULL},
    {SETTING_MAILBOXES, "a@.example.org", NULL},
    {SETTING_MAILBOXES, "a@", NULL},
    {SETTING_EVENTS, "raised, reopened warning-over", "raised, reopened warning-over"},
    {SETTING_EVENTS, "raised over", NULL},
    {SETTING_EVENTS, "Raised", NULL},
    {SETTING_EVENTS, "raised,", "raised,"},
    {SETTING_EVENTS, "", NULL},
    {SETTING_EVENTS, ",", NULL},
    {SETTING_BROKERS, "", ""},
    {SETTING_BROKERS, "kafka1:9092, k-2.example.org:1", "kafka1:9092, k-2.example.org:1"},
    {SETTING_BROKERS, "192.0.2.1:65535 [::1]:9092", "192.0.2.1:65535 [::1]:9092"},
    {SETTING_BROKERS, "kafka1", NULL},
    {SETTING_BROKERS, "kafka1:", NULL},
    {SETTING_BROKERS, "kafka1:0", NULL},
    {SETTING_BROKERS, "kafka1:65536", NULL},
    {SETTING_BROKERS, "kafka1:9092x", NULL},
    {SETTING_BROKERS, ":9092", NULL},
    {SETTING_BROKERS, "!kafka1:9092", NULL},
    {SETTING_BROKERS, "SSL://kafka1:9092", NULL},
    {SETTING_TOPICS, "", ""},
    {SETTING_TOPICS, "mail, Mail.2_x-y", "mail, Mail.2_x-y"},
    {SETTING_TOPICS, "ma/il", NULL},
    {SETTING_TOPICS, "mail@1", NULL},
    {SETTING_ADDRESSES, "192.0.2.0/24", NULL},
    {SETTING_ADDRESSES, "192.0.2.1/32", NULL},
    {SETTING_ADDRESSES, "!192.0.2.1", NULL},
};

START_TEST(types_take_their_values)
{
    int i = 0;

    while (setting_row((size_t)i)->type != values[_i].type)
        i++;
    struct bench bench = bench_new(i);
    if (values[_i].want)
        accept(&bench, values[_i].value, values[_i].want);
    else
        refuse(&bench, values[_i].value);
    settings_done(&bench.settings);
}
END_TEST

START_TEST(the_wrong_word_of_a_list_is_named)
{
    struct inifile_error err;
    size_t i = 0;

    while (strcmp(setting_row(i)->key, "trusted_networks") != 0)
        i++;
    char *field = NULL;
    ck_assert(!setting_store(setting_row(i), SPAN("127.0.0.0/8, 10.0.0/8"), &field, &err));
    ck_assert_str_eq(err.text, "trusted_networks = 10.0.0/8; allowed: networks, as in "
                               "192.0.2.0/24, [2001:db8::]/32 or !192.0.2.1");
    ck_assert_ptr_null(field);
}
END_TEST

START_TEST(thresholds_of_a_kind_are_found_in_a_copy)
{
    struct bench bench = bench_new(_i);
    struct thresholds copy;

    for (size_t i = 0; i < SETTING_SECTION_COUNT; i++) {
        const struct setting_section *section = setting_section(i);
        if (strcmp(section->name, bench.row->section) != 0 || section->kind == KIND_COUNT)
            continue;
        want_text("section", kind_name(section->kind), section->name);
        copy = bench.settings.kind[section->kind];
        ck_assert_mem_eq(setting_threshold(bench.row, section->kind, &copy), field_of(&bench),
                         setting_bytes(bench.row));
    }
    settings_done(&bench.settings);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("settings_table");

    tcase_add_loop_test(tc, every_row_has_section_default_and_sentence, 0, SETTING_COUNT_ALL);
    tcase_add_loop_test(tc, numbers_are_held_to_their_bounds, 0, SETTING_COUNT_ALL);
    tcase_add_loop_test(tc, garbage_is_refused_by_every_number, 0, SETTING_COUNT_ALL);
    ADD_ROWS(tc, types_take_their_values, values);
    tcase_add_test(tc, the_wrong_word_of_a_list_is_named);
    tcase_add_loop_test(tc, thresholds_of_a_kind_are_found_in_a_copy, 0, SETTING_COUNT_ALL);
    return run_suite("settings_table", tc);
}
