/* SPDX-License-Identifier: MIT */
#include "judge/mail_headers.h"

#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, "[local-abuse]\nrecipients = 2\n[open-relay]\nrecipients = 2\n"
                     "[backscatter-source]\nnotices = 1\n");
}

static void end(void)
{
    core_end(&run);
}

/* What stands behind pickup's line, or before it: a subject, and a script. */
static void submit(const char *id, const char *headers, bool header_first)
{
    char begun[200];

    snprintf(begun, sizeof(begun), "pickup: %s: uid=33 from=<www-data>\n", id);
    core_feed(&run,
              "%s%s%scleanup: %s: message-id=<%s@example.net>\n"
              "qmgr: %s: from=<www-data@example.net>, size=9, nrcpt=1 (queue active)\n"
              "smtp: %s: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
              "status=sent (Ok)\nqmgr: %s: removed\n",
              header_first ? "" : begun, headers, header_first ? begun : "", id, id, id, id, id);
    run.now_s += 60;
}

/* {"subjects": ..., "scripts": ...} of the only incident. */
static void want_said(const char *name, const char *subjects, const char *scripts)
{
    struct incident_view view;

    incident_view_init(&view, &run.p->detector, core_incident(&run));
    json_t *json = incident_json(&view);
    char *got = json_dumps(json_object_get(json, "subjects"), JSON_COMPACT);
    char *got_scripts = json_dumps(json_object_get(json, "scripts"), JSON_COMPACT);
    want_text(name, got, subjects);
    want_text(name, got_scripts, scripts);
    free(got);
    free(got_scripts);
    json_decref(json);
    incident_view_done(&view);
}

#define FROM_LOCAL        " from local; from=<www-data@example.net>: watched\n"
#define SUBJECT(id, text) "cleanup: " id ": warning: header Subject: " text FROM_LOCAL
#define SCRIPT(id, text)  "cleanup: " id ": info: header X-PHP-Originating-Script: " text FROM_LOCAL

START_TEST(messages_are_counted_by_what_their_headers_say)
{
    submit("AAAAA01", SUBJECT("AAAAA01", "pills") SCRIPT("AAAAA01", "33:a.php"), _i);
    submit("AAAAA02", SUBJECT("AAAAA02", "pills"), _i);
    submit("AAAAA03", "", _i);
    submit("AAAAA04", SCRIPT("AAAAA04", "33:a.php") SUBJECT("AAAAA04", "loans"), _i);
    want_said("said", "[{\"text\":\"pills\",\"messages\":2},{\"text\":\"loans\",\"messages\":1}]",
              "[{\"text\":\"33:a.php\",\"messages\":2}]");
}
END_TEST

/* Who adds a second one can't hide what PHP has written before it. */
START_TEST(the_first_of_each_counts)
{
    submit("AAAAA01", SCRIPT("AAAAA01", "33:a.php") SCRIPT("AAAAA01", "33:other.php"), false);
    submit("AAAAA02", "", false);
    want_said("said", "[]", "[{\"text\":\"33:a.php\",\"messages\":1}]");
}
END_TEST

START_TEST(an_id_that_is_used_again_is_other_mail)
{
    submit("AAAAA01", SUBJECT("AAAAA01", "pills"), false);
    submit("AAAAA01", "", false);
    submit("AAAAA01", SUBJECT("AAAAA01", "loans"), _i);
    want_said("said", "[{\"text\":\"loans\",\"messages\":1},{\"text\":\"pills\",\"messages\":1}]",
              "[]");
}
END_TEST

/* Its first evidence may come long after. */
START_TEST(held_mail_keeps_its_headers)
{
    for (int i = 1; i <= 2; i++)
        core_feed(&run,
                  "pickup: AAAAA0%d: uid=33 from=<www-data>\n"
                  "cleanup: AAAAA0%d: hold: header Subject: pills" FROM_LOCAL
                  "cleanup: AAAAA0%d: message-id=<%d@example.net>\n",
                  i, i, i, i);
    run.now_s += 3600;
    for (int i = 1; i <= 2; i++)
        core_feed(&run,
                  "postsuper: AAAAA0%d: released from hold\n"
                  "qmgr: AAAAA0%d: from=<www-data@example.net>, size=9, nrcpt=1 (queue active)\n"
                  "smtp: AAAAA0%d: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (Ok)\n",
                  i, i, i);
    want_said("said", "[{\"text\":\"pills\",\"messages\":2}]", "[]");
}
END_TEST

/* Usually the second queue file is not checked: receive_override_options. */
START_TEST(behind_a_filter_those_of_the_first_queue_file_count)
{
    for (int i = 1; i <= 2; i++)
        core_feed(&run,
                  "smtpd: AAAAA0%d: client=x[192.0.2.1]\n"
                  "cleanup: AAAAA0%d: warning: header Subject: pills from x[192.0.2.1]; "
                  "from=<a@b.example> to=<u@victim.example> proto=ESMTP helo=<x>: watched\n"
                  "cleanup: AAAAA0%d: message-id=<%d@b.example>\n"
                  "qmgr: AAAAA0%d: from=<a@b.example>, size=9, nrcpt=1 (queue active)\n"
                  "smtpd: BBBBB0%d: client=localhost[127.0.0.1], orig_queue_id=AAAAA0%d, "
                  "orig_client=x[192.0.2.1]\n"
                  "cleanup: BBBBB0%d: message-id=<%d@b.example>\n"
                  "qmgr: BBBBB0%d: from=<a@b.example>, size=9, nrcpt=1 (queue active)\n"
                  "smtp: AAAAA0%d: to=<u@victim.example>, relay=127.0.0.1[127.0.0.1]:10024, "
                  "delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBB0%d)\n"
                  "qmgr: AAAAA0%d: removed\n"
                  "smtp: BBBBB0%d: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (Ok)\nqmgr: BBBBB0%d: removed\n",
                  i, i, i, i, i, i, i, i, i, i, i, i, i, i, i);
    want_said("said", "[{\"text\":\"pills\",\"messages\":2}]", "[]");
}
END_TEST

/* MailScanner gives the queue file another ID. */
START_TEST(mail_that_goes_on_under_another_id_keeps_its_headers)
{
    for (int i = 1; i <= 2; i++) {
        core_feed(&run,
                  "pickup: AAAAA0%d: uid=33 from=<www-data>\n"
                  "cleanup: AAAAA0%d: warning: header Subject: pills" FROM_LOCAL
                  "cleanup: AAAAA0%d: message-id=<%d@example.net>\n"
                  "cleanup: AAAAA0%d: hold: header Received: by mx1 (Postfix)" FROM_LOCAL,
                  i, i, i, i, i);
        char line[200];
        int n = snprintf(line, sizeof(line),
                         "2026-11-24T03:00:00Z mx1 MailScanner[2]: Requeue: AAAAA0%d.A1B2C to "
                         "BBBBB0%d\n",
                         i, i);
        pipeline_lines(run.p, line, (size_t)n);
        core_feed(&run,
                  "qmgr: BBBBB0%d: from=<www-data@example.net>, size=9, nrcpt=1 (queue active)\n"
                  "smtp: BBBBB0%d: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (Ok)\nqmgr: BBBBB0%d: removed\n",
                  i, i, i);
    }
    want_said("said", "[{\"text\":\"pills\",\"messages\":2}]", "[]");
}
END_TEST

START_TEST(a_notice_counts_with_the_mail_that_it_is_about)
{
    core_feed(&run, "smtpd: AAAAA01: client=x[192.0.2.1]\n"
                    "cleanup: AAAAA01: warning: header Subject: pills from x[192.0.2.1]; "
                    "from=<a@b.example> to=<u@example.net> proto=ESMTP helo=<x>: watched\n"
                    "qmgr: AAAAA01: from=<a@b.example>, size=9, nrcpt=1 (queue active)\n"
                    "local: AAAAA01: to=<u@example.net>, relay=local, delay=1, dsn=5.1.1, "
                    "status=bounced (unknown user: \"u\")\n"
                    "bounce: AAAAA01: sender non-delivery notification: BBBBB01\n"
                    "qmgr: BBBBB01: from=<>, size=9, nrcpt=1 (queue active)\n"
                    "qmgr: AAAAA01: removed\n"
                    "smtp: BBBBB01: to=<a@b.example>, relay=mx[198.51.100.1]:25, delay=1, "
                    "dsn=2.0.0, status=sent (Ok)\nqmgr: BBBBB01: removed\n");
    want_said("said", "[{\"text\":\"pills\",\"messages\":1}]", "[]");
}
END_TEST

/* --- the bound -------------------------------------------------------------------------------- */

static void show(int n)
{
    core_feed(&run, "cleanup: %05X%05X: warning: header Subject: pills" FROM_LOCAL, n, n);
}

START_TEST(nothing_is_allocated_before_the_first)
{
    submit("AAAAA01", "cleanup: AAAAA01: warning: header X-Mailer: x" FROM_LOCAL, false);
    ck_assert_ptr_null(run.p->judge.headers.entry);
}
END_TEST

/* Mail that nobody waits for is not missed. */
START_TEST(the_oldest_goes)
{
    const struct mail_headers *headers = &run.p->judge.headers;

    core_feed(&run, "pickup: AAAAA01: uid=33 from=<www-data>\n" SUBJECT("AAAAA01", "pills"));
    for (int n = 1; n < MAIL_HEADERS_MAX; n++)
        show(n);
    want_number("count", headers->count, MAIL_HEADERS_MAX);
    want_number("none is missed", (int64_t)headers->over, 0);
    ck_assert_ptr_nonnull(mail_headers_of(headers, core_find(&run, "AAAAA01")));
    show(MAIL_HEADERS_MAX);
    want_number("count", headers->count, MAIL_HEADERS_MAX);
    want_number("one is missed", (int64_t)headers->over, 1);
    ck_assert_ptr_null(mail_headers_of(headers, core_find(&run, "AAAAA01")));
    show(MAIL_HEADERS_MAX + 1);
    want_number("one is missed", (int64_t)headers->over, 1);
}
END_TEST

START_TEST(an_entry_is_appended_once)
{
    struct mail_headers headers = {0};
    struct mail_headers_entry entry = {.id = {1, 2}, .at_s = 1};

    ck_assert(mail_headers_append(&headers, &entry));
    ck_assert(!mail_headers_append(&headers, &entry));
    for (entry.id.lo = 2; entry.id.lo <= MAIL_HEADERS_MAX; entry.id.lo++)
        ck_assert(mail_headers_append(&headers, &entry));
    ck_assert(!mail_headers_append(&headers, &entry));
    mail_headers_done(&headers, &run.p->texts);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("mail_headers");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, messages_are_counted_by_what_their_headers_say, 0, 2);
    tcase_add_test(tc, the_first_of_each_counts);
    tcase_add_loop_test(tc, an_id_that_is_used_again_is_other_mail, 0, 2);
    tcase_add_test(tc, held_mail_keeps_its_headers);
    tcase_add_test(tc, behind_a_filter_those_of_the_first_queue_file_count);
    tcase_add_test(tc, mail_that_goes_on_under_another_id_keeps_its_headers);
    tcase_add_test(tc, a_notice_counts_with_the_mail_that_it_is_about);
    tcase_add_test(tc, nothing_is_allocated_before_the_first);
    tcase_add_test(tc, the_oldest_goes);
    tcase_add_test(tc, an_entry_is_appended_once);
    return run_suite("mail_headers", tc);
}
