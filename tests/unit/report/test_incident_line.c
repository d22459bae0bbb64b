/* SPDX-License-Identifier: MIT */
#include "report/incident_line.h"

#include "relay_run.h"

static char *line_of(enum incident_event event)
{
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    char *line = incident_line(&view, event);
    incident_view_done(&view);
    return line;
}

START_TEST(line_is_key_and_value)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    char *line = line_of(INCIDENT_RAISED);
    static const char *const parts[] = {("open-relay raised severity=critical client=\"192.0.2.1\" "
                                         "recipients=5 first=2026-11-24T03:00:00Z id=or-"),
                                        " host=\"mx1\"",
                                        " messages=5 ",
                                        " deferred=5 ",
                                        " queued=5 ",
                                        " undecided=0 notices=0 clients=1 last=",
                                        " crossed=\"5 recipients in 1h, the threshold is 5\"",
                                        " sender_domain_top=\"b.example\"",
                                        " reason=\""};

    ck_assert_ptr_nonnull(line);
    for (int i = 0; i < COUNT(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "line: got %s, want %s in it", line,
                      parts[i]);
    ck_assert_msg(strncmp(line, parts[0], strlen(parts[0])) == 0, "line: got %s", line);
    free(line);
}
END_TEST

/* Why it is as urgent as it says, for those who read on. */
START_TEST(the_reason_for_the_severity_follows_the_beginning)
{
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, "
                    "sasl_username=a@example.net\n"
                    "qmgr: AAAAA01: from=<a@example.net>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)");
    char *line = line_of(INCIDENT_RAISED), *end;

    ck_assert_ptr_nonnull(line);
    char *at = strstr(line, " severity_reason=\"");
    ck_assert_msg(at && at > strstr(line, " id="), "got %s", line);
    end = strstr(at, "\" host=");
    ck_assert_msg(end, "got %s", line);
    end[1] = '\0';
    want_text(
        "reason", at,
        " severity_reason=\"looks like a mailing of its owner: 1 message under the login's own "
        "address, 0 of 1 recipients refused\"");
    free(line);
}
END_TEST

START_TEST(a_severity_as_usual_has_no_reason)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    char *line = line_of(INCIDENT_RAISED);

    ck_assert_ptr_nonnull(line);
    ck_assert_msg(!strstr(line, "severity_reason"), "got %s", line);
    free(line);
}
END_TEST

/* A long name is cut in its middle: it may differ at its end, and its domain is there. */
START_TEST(long_values_keep_both_ends_and_the_reason_its_figures)
{
    char name[300];

    memset(name, 'n', sizeof(name));
    memcpy(name + sizeof(name) - 13, "@end.example", 13);
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n"
              "qmgr: AAAAA01: from=<x@b.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
              name);
    char *line = line_of(INCIDENT_RAISED);
    static const char *const parts[] = {
        " sasl_username=\"nnnnnnnn", "nnn...nnn", "nn@end.example\" recipients=1 ",
        "reason=\"account nnn",
        ("nn@end.example, from 1 address in 1 network, sent 1 message to 1 recipient outside; "
         "1 delivered, 0 refused, 1 still in the queue\"")};

    ck_assert_ptr_nonnull(line);
    for (int i = 0; i < COUNT(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "line: got %s, want %s in it", line,
                      parts[i]);
    free(line);
}
END_TEST

static char *line_of_script(const char *login, const char *script)
{
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=%.60s[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n"
              "cleanup: AAAAA01: info: header X-PHP-Script: %s from local; from=<x@b.example>\n"
              "cleanup: AAAAA01: info: header Subject: pills from local; from=<x@b.example>\n"
              "qmgr: AAAAA01: from=<x@%.250s>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
              login, login, script, login);
    return line_of(INCIDENT_RAISED);
}

START_TEST(what_headers_say_ends_the_line)
{
    static const char want[] = " script_top=\"h/\\\"x\\\".php\" subject_top=\"pills\"";
    char *line = line_of_script("bob", "h/\"x\".php");

    ck_assert_ptr_nonnull(line);
    ck_assert_msg(strcmp(line + strlen(line) - strlen(want), want) == 0, "got %s", line);
    free(line);
}
END_TEST

START_TEST(what_headers_say_never_costs_the_line)
{
    char name[2000];

    for (int len = 100; len < 1000; len += 9) {
        memset(name, '"', sizeof(name));
        name[len] = '\0';
        char *line = line_of_script(
            name, "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
                  "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
        ck_assert_msg(line != NULL, "%d: got no line", len);
        ck_assert_uint_le(strlen(line), 1800);
        free(line);
    }
}
END_TEST

/* What a stranger writes stays inside its quotes, on one line, and printable. */
static const char *const hostile[] = {
    "\" kind=open-relay client=\"192.0.2.9",
    "a\\\" x=\\",
    "\x1b[31m\x07\x7f",
    "\xe2\x80\xa8",
    "'$(x)`y`",
};

START_TEST(line_quotes_what_strangers_write)
{
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n"
              "qmgr: AAAAA01: from=<x@%s>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
              hostile[_i], hostile[_i]);
    char *line = line_of(INCIDENT_RAISED);
    bool quoted = false, escaped = false;

    ck_assert_ptr_nonnull(line);
    for (const char *c = line; *c; c++) {
        ck_assert_msg(*c >= ' ' && *c < 0x7f, "%d: got byte %#x, want printable", _i,
                      (unsigned char)*c);
        if (quoted && escaped)
            escaped = false;
        else if (quoted && *c == '\\')
            escaped = true;
        else if (*c == '"')
            quoted = !quoted;
        else if (!quoted)
            ck_assert_msg(strchr("'$`()", *c) == NULL, "%d: got %c outside of quotes in %s", _i, *c,
                          line);
    }
    ck_assert_msg(!quoted, "%d: got an open quote in %s", _i, line);
    ck_assert_msg(strstr(line, " client=\"192.0.2.9") == NULL, "%d: got a forged field in %s", _i,
                  line);
    free(line);
}
END_TEST

/* The worst case: every value has its greatest length, and every byte is escaped. */
START_TEST(longest_line_fits_its_bound)
{
    char name[1000], host[200];

    memset(name, '"', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memset(host, 'h', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=%s[192.0.2.1], sasl_method=PLAIN, sasl_username=%s\n"
              "qmgr: AAAAA01: from=<x@%.250s>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
              host, name, name);
    for (int event = INCIDENT_RAISED; event < INCIDENT_EVENT_COUNT; event++) {
        char *line = line_of((enum incident_event)event);
        ck_assert_msg(line != NULL, "%s: got no line",
                      incident_event_name((enum incident_event)event));
        ck_assert_msg(strlen(line) < 1800, "%s: got %zu bytes, want less than 1800",
                      incident_event_name((enum incident_event)event), strlen(line));
        free(line);
    }
}
END_TEST

/* A key of these bytes, so many, in an incident of the kind with great figures. */
static char *line_of_key(enum kind kind, int level, const char *text, size_t len, uint64_t figure,
                         enum incident_event event)
{
    static char long_key[1000];
    struct interns texts;

    for (size_t i = 0; i < len; i++)
        long_key[i] = text[i % strlen(text)];
    ck_assert(interns_init(&texts, 100, 1));
    struct incident made = {.kind = kind,
                            .level = level,
                            .id = "or-0123456789ab",
                            .told_as = "or-ba9876543210",
                            .key_text = intern_get(&texts, span_of(long_key, len)),
                            .host_name = intern_get(&texts, span_of(long_key, len)),
                            .close_reason = intern_get(&texts, span_of(long_key, len)),
                            .reopened = UINT32_MAX,
                            .crossing = {CROSSED_FOREIGN, false, false, figure, figure, 3600}};
    view = (struct incident_view){.incident = &made,
                                  .key_type = incident_key_type(&made),
                                  .severity = SEVERITY_CRITICAL,
                                  .totals = {.messages = figure,
                                             .recipients = figure,
                                             .sent = figure,
                                             .deferred = figure,
                                             .bounced = figure,
                                             .queued = figure,
                                             .held = figure,
                                             .undecided = figure,
                                             .notices = figure,
                                             .first_s = CORE_BEGIN_S,
                                             .last_s = CORE_BEGIN_S},
                                  .clients = figure};
    memset(view.reason, '"', sizeof(view.reason) - 1);
    memset(view.signs, 's', sizeof(view.signs) - 1); /* our own words */
    char *line = incident_line(&view, event);
    intern_put(&texts, made.key_text);
    intern_put(&texts, made.host_name);
    intern_put(&texts, made.close_reason);
    interns_done(&texts);
    return line;
}

/* Whatever the key: the first 160 bytes end after the time, and its quotes are closed by then. */
START_TEST(a_telephone_shows_the_most_important)
{
    static const char *const keys[] = {"a", "\"", "\\", "ab\"", "\x1b\xff", " "};
    const char *kind = kind_name((enum kind)(_i % KIND_COUNT));

    for (int k = 0; k < COUNT(keys); k++)
        for (size_t len = 1; len < 600; len += len < 60 ? 1 : 37) {
            char *line = line_of_key((enum kind)(_i % KIND_COUNT), 0, keys[k], len, 1234567,
                                     (enum incident_event)(_i / KIND_COUNT));
            ck_assert_ptr_nonnull(line);
            const char *end = strstr(line, " first=2026-11-24T03:00:00Z id=or-0123456789ab");
            ck_assert_msg(end && end - line + 27 <= 160, "%s, %zu of %s: got %.200s", kind, len,
                          keys[k], line);
            ck_assert_msg(strstr(line, " severity=critical ") < end, "%s", line);
            ck_assert_msg(strstr(line, "=1234567 undecided=1234567 first=") < end, "%s", line);
            ck_assert_msg(strlen(line) < 1800, "%s: got %zu bytes", kind, strlen(line));
            free(line);
        }
}
END_TEST

/* A key of an ordinary length is not cut. */
START_TEST(ordinary_keys_are_whole)
{
    char *line = line_of_key(KIND_ACCOUNT_ABUSE, 0, "someone.with.a.name@mail.example", 32, 500,
                             INCIDENT_RAISED);
    char *id = strstr(line, " id=");

    ck_assert_ptr_nonnull(id);
    *id = '\0';
    want_text("whole", line,
              "account-abuse raised severity=critical "
              "sasl_username=\"someone.with.a.name@mail.example\" recipients=500 undecided=500 "
              "first=2026-11-24T03:00:00Z");
    free(line);
}
END_TEST

/* Greater figures than there can be: the line is there all the same. */
START_TEST(greatest_figures_fit)
{
    char *line = line_of_key(KIND_BACKSCATTER_VICTIM, 1, "\"", 600, UINT64_MAX, INCIDENT_WITHDRAWN);

    ck_assert_ptr_nonnull(line);
    ck_assert_uint_lt(strlen(line), 1800);
    free(line);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("incident_line");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, line_is_key_and_value);
    tcase_add_test(tc, the_reason_for_the_severity_follows_the_beginning);
    tcase_add_test(tc, a_severity_as_usual_has_no_reason);
    tcase_add_test(tc, long_values_keep_both_ends_and_the_reason_its_figures);
    ADD_ROWS(tc, line_quotes_what_strangers_write, hostile);
    tcase_add_test(tc, what_headers_say_ends_the_line);
    tcase_add_test(tc, what_headers_say_never_costs_the_line);
    tcase_add_test(tc, longest_line_fits_its_bound);
    tcase_add_loop_test(tc, a_telephone_shows_the_most_important, 0,
                        KIND_COUNT * INCIDENT_EVENT_COUNT);
    tcase_add_test(tc, ordinary_keys_are_whole);
    tcase_add_test(tc, greatest_figures_fit);
    return run_suite("incident_line", tc);
}
