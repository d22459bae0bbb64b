/* SPDX-License-Identifier: MIT */
/* Which log is followed, as far as that does not depend on this machine. */
#include <stdio.h>

#include "source/source_select.h"
#include "rows.h"

#define MAILLOG "/var/log/postfix.log"

static const struct {
    const char *ini, *maillog;
    enum source_type type;
    const char *text;
    bool warns;
} rows[] = {
    {"files = /srv/mail.log", NULL, SOURCE_FILE, "/srv/mail.log", false},
    {"files = /srv/mail.log", MAILLOG, SOURCE_FILE, "/srv/mail.log", false},
    {"files = /srv/a.log /srv/b*.log", NULL, SOURCE_FILE, "/srv/a.log /srv/b*.log", false},
    {"type = file", NULL, SOURCE_FILE, "/var/log/mail.log", true},
    {"type = journal", MAILLOG, SOURCE_JOURNAL, "the journal", false},
    {"type = journal\nfiles = /srv/mail.log", NULL, SOURCE_JOURNAL, "the journal", false},
    {"journal_directory = /srv/journal", MAILLOG, SOURCE_JOURNAL, "/srv/journal", false},
    {"journal_namespace = mail", MAILLOG, SOURCE_JOURNAL, "the journal", false},
    {"", MAILLOG, SOURCE_FILE, MAILLOG, false},
};

START_TEST(source_is)
{
    struct settings settings;
    struct inifile_error err;
    struct source_choice source_choice;
    char text[256];

    snprintf(text, sizeof(text), "[source]\n%s\n", rows[_i].ini);
    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(text), &err), "%s", err.text);
    ck_assert(source_select(&settings, rows[_i].maillog, &source_choice));
    want_number(rows[_i].ini, source_choice.type, rows[_i].type);
    want_text(rows[_i].ini, source_choice.text, rows[_i].text);
    want_text(rows[_i].ini, source_choice.files,
              source_choice.type == SOURCE_FILE ? rows[_i].text : "");
    want_number(rows[_i].ini, source_choice.warning != NULL, rows[_i].warns);
    source_choice_done(&source_choice);
    settings_done(&settings);
}
END_TEST

static const struct {
    const char *name, *files, *path;
    bool has;
} logs[] = {
    {"the file", "/var/log/a, /var/log/b", "/var/log/b", true},
    {"another", "/var/log/a", "/var/log/b", false},
    {"a glob", "/var/log/*/mail.log", "/var/log/mx1/mail.log", true},
    {"a glob's directory", "/var/log/*", "/var/log/mx1/mail.log", false},
    {"another name of it", "/dev/fd/../fd/0/../../dev/null", "/dev/null", false},
    {"by a link", "/proc/self/root/etc/passwd", "/etc/passwd", true},
};

START_TEST(knows_its_files)
{
    struct source_choice choice = {.type = SOURCE_FILE, .files = (char *)(uintptr_t)logs[_i].files};

    want_number(logs[_i].name, source_choice_has(&choice, logs[_i].path), logs[_i].has);
    choice.type = SOURCE_JOURNAL;
    want_number("the journal", source_choice_has(&choice, logs[_i].path), false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("source_select");

    ADD_ROWS(tc, source_is, rows);
    ADD_ROWS(tc, knows_its_files, logs);
    return run_suite("source_select", tc);
}
