/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "config/settings.h"
#include "config/settings_print.h"

#include <glob.h>
#include <stdio.h>

#include "base/buf.h"
#include "config/settings_table.h"

/* The settings of a text that must be good. */
static struct settings parsed(const char *text)
{
    struct settings settings;
    struct inifile_error err = {0, ""};

    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(text), &err), "%d: %s", err.line, err.text);
    return settings;
}

/* "LINE: sentence" for a text that must be bad, and must change nothing. */
static char *refused(struct span text)
{
    struct settings settings;
    struct inifile_error err = {-1, ""};
    struct buf out = buf_new(1024);

    ck_assert(settings_init(&settings));
    char *before = settings_print(&settings);
    bool good = settings_parse(&settings, text, &err);
    char *after = settings_print(&settings);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    settings_done(&settings);
    if (good)
        buf_add_str(&out, "taken");
    else
        buf_printf(&out, "%d: %s", err.line, err.text);
    return buf_take(&out);
}

static struct buf read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    struct buf out = buf_new(1 << 20);

    ck_assert_msg(file != NULL, "%s: cannot be opened", path);
    for (int c; (c = getc(file)) != EOF;)
        buf_add(&out, span_of(&(char){(char)c}, 1));
    fclose(file);
    buf_add(&out, SPAN_NONE);
    return out;
}

static void append_error(void *ctx, const struct inifile_error *err)
{
    buf_printf(ctx, "%d: %s\n", err->line, err->text);
}

/* What follows an error is read as if the error were not there: no error hides or makes another. */
START_TEST(every_error_is_told)
{
    static const char text[] = "early = 1\n"
                               "[open-relay]\n"
                               "recipients = many\n"
                               "nonsense\n"
                               "  indented below nonsense\n"
                               "window = 1h\n"
                               "windows = 1h\n"
                               "  indented below windows\n"
                               "[sites]\n"
                               "anything = goes\n"
                               "  here\n"
                               "[account-abuse *@example.org]\n"
                               "recipients = 5\n"
                               "[local-abuse]\n"
                               "recipients = 0\n"
                               "[local-abuse]\n"
                               "recipients = 0\n"
                               "[site]\n"
                               "own_domains = example.org\n"
                               "  -bad-.example\x01\n"
                               "trusted_networks = 192.0.2.0/24,\n"
                               "  300.1.2.3\n";
    static const char want[] =
        "1: key \"early\" before any section; allowed: keys below a [section]\n"
        "3: recipients = many; allowed: 1 to 1000000\n"
        "4: \"nonsense\" is not a setting; allowed: key = value\n"
        "7: unknown key \"windows\" in [open-relay]; did you mean \"window\"?\n"
        "9: unknown section [sites]; did you mean [site]?\n"
        "12: [account-abuse *@example.org]; allowed: one name as it is, no "
        "pattern\n"
        "15: recipients = 0; allowed: 1 to 1000000\n"
        "16: duplicate section [local-abuse]; the first is on line 14\n"
        "20: control character 0x01 at column 16; allowed: plain text\n"
        "21: trusted_networks = 300.1.2.3; allowed: networks, as in 192.0.2.0/24, [2001:db8::]/32 "
        "or !192.0.2.1\n";
    struct settings settings;
    struct buf got = buf_new(65536);

    ck_assert(settings_init(&settings));
    ck_assert(!settings_parse_all(&settings, span_str(text), append_error, &got));
    ck_assert_str_eq(got.at, want);
    buf_done(&got);
    settings_done(&settings);
}
END_TEST

START_TEST(defaults_are_those_of_the_design)
{
    struct settings s = parsed("");
    const struct thresholds *account = &s.kind[KIND_ACCOUNT_ABUSE];
    const dur_us hour = 3600 * US_PER_S;

    for (int kind = 0; kind < KIND_COUNT; kind++) {
        ck_assert(s.kind[kind].enabled);
        want_number(kind_name((enum kind)kind), s.kind[kind].window, hour);
    }
    ck_assert_uint_eq(s.kind[KIND_OPEN_RELAY].recipients, 5);
    ck_assert_uint_eq(s.kind[KIND_OPEN_RELAY].wide_factor, 4);
    ck_assert_uint_eq(account->recipients, 200);
    ck_assert_uint_eq(account->networks, 10);
    ck_assert_uint_eq(account->networks_recipients, 50);
    ck_assert_uint_eq(account->refused, 50);
    ck_assert_uint_eq(account->refused_percent, 30);
    ck_assert_uint_eq(account->null_sender, 10);
    ck_assert_uint_eq(s.kind[KIND_LOCAL_ABUSE].recipients, 200);
    ck_assert_uint_eq(s.kind[KIND_TRUSTED_RELAY].recipients, 2000);
    ck_assert_uint_eq(s.kind[KIND_TRUSTED_RELAY].foreign_recipients, 100);
    ck_assert_uint_eq(s.kind[KIND_TRUSTED_RELAY].wide_factor, 4);
    ck_assert_uint_eq(s.kind[KIND_BACKSCATTER_SOURCE].notices, 20);
    ck_assert_uint_eq(s.kind[KIND_BACKSCATTER_SOURCE].wide_factor, 1);
    ck_assert_uint_eq(s.kind[KIND_BACKSCATTER_VICTIM].messages, 100);
    ck_assert_uint_eq(s.kind[KIND_BACKSCATTER_VICTIM].clients, 10);
    ck_assert_uint_eq(s.kind[KIND_BACKSCATTER_VICTIM].wide_factor, 4);
    ck_assert_int_eq(s.source.type, SOURCE_AUTO);
    ck_assert_int_eq(s.source.backfill, 5 * 24 * hour);
    ck_assert(s.site.ask_postfix && s.source.journal_check_sender && s.alert.journal);
    ck_assert_str_eq(s.site.own_domains, "");
    ck_assert_int_eq(s.limits.grace, 60 * US_PER_S);
    ck_assert_int_eq(s.limits.message_age, 6 * 24 * hour);
    ck_assert_uint_eq(s.limits.messages, 2000000);
    ck_assert(!s.metrics.enabled);
    ck_assert_str_eq(s.metrics.listen, "127.0.0.1:9397");
    settings_done(&s);
}
END_TEST

START_TEST(every_row_can_be_set)
{
    const struct setting *row = setting_row((size_t)_i);
    struct buf text = buf_new(1024), got = buf_new(1024);
    const char *value = row->initial;

    if (row->type == SETTING_COUNT || row->type == SETTING_PERCENT)
        value = "7";
    if (row->type == SETTING_YESNO)
        value = row->initial[0] == 'y' ? "no" : "yes";
    if (row->type == SETTING_COUNT && row->min > 7)
        value = "50000";
    buf_printf(&text, "[%s]\n%s = %s\n", row->section, row->key, value);
    struct settings s = parsed(text.at);
    setting_print(row, setting_field(row, &s), &got);
    buf_add(&got, SPAN_NONE);
    want_text(row->key, got.at, value);
    settings_done(&s);
    buf_done(&text);
    buf_done(&got);
}
END_TEST

START_TEST(out_of_bounds_is_refused_with_its_line)
{
    const struct setting *row = setting_row((size_t)_i);
    struct buf text = buf_new(1024), want = buf_new(1024);

    if (row->type == SETTING_COUNT || row->type == SETTING_PERCENT) {
        buf_printf(&text, "\n[%s]\n\n%s = %" PRId64 "\n", row->section, row->key, row->max + 1);
        buf_printf(&want, "4: %s = %" PRId64 "; allowed: %" PRId64 " to %" PRId64, row->key,
                   row->max + 1, row->min, row->max);
        char *got = refused(buf_span(&text));
        want_text(row->key, got, want.at);
        free(got);
    }
    buf_done(&text);
    buf_done(&want);
}
END_TEST

START_TEST(an_override_takes_the_rest_from_its_kind)
{
    struct settings s = parsed("[account-abuse bulk]\n"
                               "recipients = 5000\n"
                               "[account-abuse]\n"
                               "recipients = 300\n"
                               "window = 2h\n"
                               "enabled = no\n"
                               "[account-abuse other]\n"
                               "enabled = yes\n");
    const struct thresholds *bulk = settings_for(&s, KIND_ACCOUNT_ABUSE, SPAN("BULK"), -1);
    const struct thresholds *other = settings_for(&s, KIND_ACCOUNT_ABUSE, SPAN("other"), -1);
    const struct thresholds *rest = settings_for(&s, KIND_ACCOUNT_ABUSE, SPAN("bul"), -1);

    ck_assert_uint_eq(s.override_count, 2);
    ck_assert_int_eq(s.overrides[0].line, 1);
    ck_assert_uint_eq(bulk->recipients, 5000);
    ck_assert_uint_eq(bulk->networks, 10);
    ck_assert(!bulk->enabled);
    ck_assert_int_eq(bulk->window, 7200 * US_PER_S);
    ck_assert_uint_eq(other->recipients, 300);
    ck_assert(other->enabled);
    ck_assert_ptr_eq(rest, &s.kind[KIND_ACCOUNT_ABUSE]);
    ck_assert_ptr_eq(settings_for(&s, KIND_LOCAL_ABUSE, SPAN("bulk"), -1),
                     &s.kind[KIND_LOCAL_ABUSE]);
    settings_done(&s);
}
END_TEST

START_TEST(overrides_are_found_by_their_subject)
{
    struct settings s = parsed("[trusted-relay 2001:DB8:0:0::25]\nrecipients = 1\n"
                               "[local-abuse 33]\nrecipients = 2\n"
                               "[local-abuse list]\nrecipients = 3\n"
                               "[open-relay 192.0.2.7]\nrecipients = 4\n"
                               "[backscatter-victim Info@example.org]\nmessages = 5\n"
                               "[account-abuse a ] b]\nrecipients = 6\n");

    ck_assert_uint_eq(settings_for(&s, KIND_TRUSTED_RELAY, SPAN("2001:db8::25"), -1)->recipients,
                      1);
    ck_assert_uint_eq(settings_for(&s, KIND_LOCAL_ABUSE, SPAN_NONE, 33)->recipients, 2);
    ck_assert_uint_eq(settings_for(&s, KIND_LOCAL_ABUSE, SPAN("33"), 34)->recipients, 200);
    ck_assert_uint_eq(settings_for(&s, KIND_LOCAL_ABUSE, SPAN("list"), 38)->recipients, 3);
    ck_assert_int_eq(s.overrides[2].uid, -1);
    s.overrides[2].uid = 38; /* as the daemon does after looking up the name */
    ck_assert_uint_eq(settings_for(&s, KIND_LOCAL_ABUSE, SPAN_NONE, 38)->recipients, 3);
    ck_assert_uint_eq(settings_for(&s, KIND_OPEN_RELAY, SPAN("192.0.2.7"), -1)->recipients, 4);
    ck_assert_uint_eq(
        settings_for(&s, KIND_BACKSCATTER_VICTIM, SPAN("info@EXAMPLE.org"), -1)->messages, 5);
    ck_assert_uint_eq(settings_for(&s, KIND_ACCOUNT_ABUSE, SPAN("a ] b"), -1)->recipients, 6);
    settings_done(&s);
}
END_TEST

START_TEST(subjects_and_overrides_have_their_bounds)
{
    struct buf text = buf_new(1 << 16);
    char name[SETTINGS_SUBJECT_MAX + 1];

    memset(name, 'u', sizeof(name));
    buf_printf(&text, "[account-abuse %.*s]\n", SETTINGS_SUBJECT_MAX - 1, name);
    struct settings s = parsed(text.at);
    ck_assert_uint_eq(strlen(s.overrides[0].subject), SETTINGS_SUBJECT_MAX - 1);
    settings_done(&s);
    text.len = 0;
    buf_printf(&text, "[account-abuse %.*s]\n", SETTINGS_SUBJECT_MAX, name);
    char *got = refused(buf_span(&text));
    ck_assert_ptr_nonnull(strstr(got, "...]; allowed: names of at most 255 bytes"));
    free(got);
    text.len = 0;
    for (int i = 0; i <= SETTINGS_OVERRIDES_MAX; i++)
        buf_printf(&text, "[account-abuse u%d]\n", i);
    got = refused(buf_span(&text));
    ck_assert_str_eq(got, "257: too many sections for single subjects; allowed: 256");
    free(got);
    buf_done(&text);
}
END_TEST

static const struct {
    const char *written, *want; /* NULL: no guess */
} typos[] = {
    {"recipents", "recipients"},
    {"recipientss", "recipients"},
    {"Recipients", "recipients"},
    {"recpiients", "recipients"},
    {"recipient", "recipients"},
    {"widefactor", "wide_factor"},
    {"wide-factor", "wide_factor"},
    {"windw", "window"},
    {"enable", "enabled"},
    {"colour", NULL},
    {"x", NULL},
    {"w", NULL},
};

START_TEST(typing_mistakes_are_guessed)
{
    struct buf text = buf_new(256), want = buf_new(512);

    buf_printf(&text, "[open-relay]\n%s = 1\n", typos[_i].written);
    if (typos[_i].want)
        buf_printf(&want, "2: unknown key \"%s\" in [open-relay]; did you mean \"%s\"?",
                   typos[_i].written, typos[_i].want);
    else
        buf_printf(&want,
                   "2: unknown key \"%s\" in [open-relay]; allowed: enabled, window, recipients, "
                   "wide_factor, day_factor",
                   typos[_i].written);
    char *got = refused(buf_span(&text));
    want_text(typos[_i].written, got, want.at);
    free(got);
    buf_done(&text);
    buf_done(&want);
}
END_TEST

START_TEST(the_file_of_last_time_is_replaced)
{
    struct settings s = parsed("[site]\nown_domains = a.example\n[open-relay]\nrecipients = 7\n"
                               "[account-abuse bulk]\n");
    struct inifile_error err;

    ck_assert(settings_parse(&s, SPAN("[site]\nrelay_domains = b.example\n"), &err));
    ck_assert_str_eq(s.site.own_domains, "");
    ck_assert_str_eq(s.site.relay_domains, "b.example");
    ck_assert_uint_eq(s.kind[KIND_OPEN_RELAY].recipients, 5);
    ck_assert_uint_eq(s.override_count, 0);
    settings_done(&s);
    settings_done(&s); /* twice is fine */
}
END_TEST

START_TEST(a_file_has_its_bound)
{
    size_t len = 4 * 1024 * 1024 + 1;
    char *text = malloc(len);

    memset(text, '\n', len);
    char *got = refused(span_of(text, len));
    ck_assert_str_eq(got, "0: file of 4194305 bytes; allowed: 4194304 bytes");
    free(got);
    free(text);
}
END_TEST

/* tests/conf: what is good is taken, and says the same once printed; what is bad is refused as its
 * first line tells. */
static void each_file(const char *pattern, void (*check)(const char *path))
{
    glob_t files;

    ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        check(files.gl_pathv[i]);
    globfree(&files);
}

static void check_good(const char *path)
{
    struct buf text = read_file(path);
    struct settings s = parsed(text.at);
    char *printed = settings_print(&s);
    struct settings again = parsed(printed);
    char *printed_again = settings_print(&again);

    want_text(path, printed_again, printed);
    free(printed);
    free(printed_again);
    settings_done(&s);
    settings_done(&again);
    buf_done(&text);
}

static void check_bad(const char *path)
{
    struct buf text = read_file(path);
    struct span first = span_head(buf_span(&text), (size_t)span_find(buf_span(&text), '\n'));
    char want[1024];
    char *got = refused(buf_span(&text));

    ck_assert_msg(span_take(&first, SPAN("; want: ")), "%s: begins with no \"; want: \"", path);
    snprintf(want, sizeof(want), "%.*s", SPAN_ARG(first));
    want_text(path, got, want);
    free(got);
    buf_done(&text);
}

START_TEST(good_files_are_taken)
{
    each_file(SOURCE_DIR "/tests/conf/good-*.ini", check_good);
}
END_TEST

START_TEST(bad_files_are_refused_as_they_say)
{
    each_file(SOURCE_DIR "/tests/conf/bad-*.ini", check_bad);
}
END_TEST

START_TEST(good_files_say_what_they_mean)
{
    struct buf text = read_file(SOURCE_DIR "/tests/conf/good-lists.ini");
    struct settings s = parsed(text.at);

    ck_assert_str_eq(s.site.own_domains, "example.org, example.net .sub.example !out.example");
    ck_assert_str_eq(s.site.trusted_networks, "127.0.0.0/8 [::1]/128 !192.0.2.1, 192.0.2.0/24");
    settings_done(&s);
    buf_done(&text);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("settings");

    tcase_add_test(tc, every_error_is_told);
    tcase_add_test(tc, defaults_are_those_of_the_design);
    tcase_add_loop_test(tc, every_row_can_be_set, 0, SETTING_COUNT_ALL);
    tcase_add_loop_test(tc, out_of_bounds_is_refused_with_its_line, 0, SETTING_COUNT_ALL);
    tcase_add_test(tc, an_override_takes_the_rest_from_its_kind);
    tcase_add_test(tc, overrides_are_found_by_their_subject);
    tcase_add_test(tc, subjects_and_overrides_have_their_bounds);
    ADD_ROWS(tc, typing_mistakes_are_guessed, typos);
    tcase_add_test(tc, the_file_of_last_time_is_replaced);
    tcase_add_test(tc, a_file_has_its_bound);
    tcase_add_test(tc, good_files_are_taken);
    tcase_add_test(tc, bad_files_are_refused_as_they_say);
    tcase_add_test(tc, good_files_say_what_they_mean);
    return run_suite("settings", tc);
}
