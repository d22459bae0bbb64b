/* SPDX-License-Identifier: MIT */
#include "report/incident_line.h"

#include "core_run.h"

static struct core_run run;
static struct incident_view view;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static void relay(int n, const char *client, const char *sender, const char *recipient)
{
    static int number;

    if (run.p->counters.lines == 0)
        number = 0;
    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: A%07X: client=%s\ncleanup: A%07X: message-id=<%d@x>\n"
                  "qmgr: A%07X: from=<%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@%s>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)",
                  number, client, number, number, number, sender, number, number, recipient);
}

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
    static const char *const parts[] = {"open-relay raised id=or-",
                                        " client=\"192.0.2.1\"",
                                        " host=\"mx1\"",
                                        " messages=5 ",
                                        " recipients=5 ",
                                        " deferred=5 ",
                                        " queued=5 ",
                                        " first=2026-11-24T03:00:00Z ",
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
        " sasl_username=\"nnnnnnnn", "nnn...nnn", "nn@end.example\" host=", "reason=\"account nnn",
        ("nn@end.example, from 1 address in 1 network, sent 1 message to 1 recipient outside; "
         "1 delivered, 0 refused, 1 still in the queue\"")};

    ck_assert_ptr_nonnull(line);
    for (int i = 0; i < COUNT(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "line: got %s, want %s in it", line,
                      parts[i]);
    free(line);
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

int main(void)
{
    TCase *tc = tcase_create("incident_line");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, line_is_key_and_value);
    tcase_add_test(tc, long_values_keep_both_ends_and_the_reason_its_figures);
    ADD_ROWS(tc, line_quotes_what_strangers_write, hostile);
    tcase_add_test(tc, longest_line_fits_its_bound);
    return run_suite("incident_line", tc);
}
