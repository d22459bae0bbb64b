/* SPDX-License-Identifier: MIT */
#include "parse/record_filter.h"
#include "rows.h"

#define AMAVIS(message_id)                                                                         \
    "(01234-05) Passed CLEAN {RelayedInbound}, [192.0.2.1] <a@a.example> -> <x@b.example>, "       \
    "Queue-ID: 4FBFE15E604A, Message-ID: <" message_id ">, mail_id: abc, Hits: -1, size: 900, "    \
    "queued_as: 4FBFE15E604B, 123 ms"

static const struct {
    const char *name;
    enum program program;
    const char *text;
    enum record_type type;
    const char *id, *link;
} rows[] = {
    {"amavis", PROGRAM_AMAVIS, AMAVIS("1@a.example"), RECORD_FILTERED, "4FBFE15E604A",
     "4FBFE15E604B"},
    {"a message-id that says so too", PROGRAM_AMAVIS,
     AMAVIS("1, queued_as: 4FBFE15E604C, @a.example"), RECORD_FILTERED, "4FBFE15E604A",
     "4FBFE15E604B"},
    {"blocked", PROGRAM_AMAVIS,
     "(01234-05) Blocked SPAM, [192.0.2.1] <a@a.example> -> <x@b.example>, quarantine: q",
     RECORD_IGNORED, "", ""},
    {"MailScanner", PROGRAM_MAILSCANNER, "Requeue: 4FBFE15E604A.A1B2C to 4FBFE15E604B",
     RECORD_FILTERED, "4FBFE15E604A", "4FBFE15E604B"},
    {"MailScanner, something else", PROGRAM_MAILSCANNER, "Virus and Content Scanning: Starting",
     RECORD_IGNORED, "", ""},
    {"split within the message-id", PROGRAM_AMAVIS,
     "(01234-05) Passed CLEAN, [192.0.2.1] <a@a.example> -> <x@b.example>, Queue-ID: 4FBFE15E604A, "
     "Message-ID: <1, queued_as: 4FBFE15E604C...",
     RECORD_IGNORED, "", ""},
    {"cut", PROGRAM_AMAVIS, "(01234-05) Passed CLEAN, [192.0.2.1] <a@a.example> -> <x@b.ex",
     RECORD_IGNORED, "", ""},
};

START_TEST(a_filter_names_both_ids)
{
    struct record rec = {.program = rows[_i].program, .type = RECORD_IGNORED};
    char id[QUEUE_ID_TEXT_MAX] = "", link[QUEUE_ID_TEXT_MAX] = "";

    record_parse_filter(span_str(rows[_i].text), &rec);
    if (rows[_i].type == RECORD_FILTERED) {
        want_number(rows[_i].name, rec.type, RECORD_FILTERED);
        queue_id_print(rec.id, id);
        queue_id_print(rec.link, link);
    } else {
        ck_assert_msg(rec.type != RECORD_FILTERED, "%s: filtered", rows[_i].name);
    }
    want_text(rows[_i].name, id, rows[_i].id);
    want_text(rows[_i].name, link, rows[_i].link);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_filter");

    ADD_ROWS(tc, a_filter_names_both_ids, rows);
    return run_suite("record_filter", tc);
}
