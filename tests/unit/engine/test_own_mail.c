/* SPDX-License-Identifier: MIT */
#include "engine/own_mail.h"

#include <stdio.h>

#include "rows.h"

static struct own_mail own;
static struct log_line_parser parser;

static void set_up(void)
{
    memset(&own, 0, sizeof(own));
    log_line_parser_init(&parser, NULL, NULL, ADDRESS_FORM_EXTERNAL, 0);
    log_line_parser_set_reference(&parser, 1795492029 * US_PER_S);
}

/* The last name that the log shows, of the lines that pass a glance. */
static void read_log(const char *log, char *got, size_t size)
{
    struct span rest = span_str(log), text;
    struct log_line line;

    *got = '\0';
    while (span_take_line(&rest, &text)) {
        log_line_parse_header(&parser, text, &line);
        bool useful = own_mail_may_use(&own, line.record.program, &line.header) ||
                      line.record.program == PROGRAM_CLEANUP;
        if (!useful)
            continue;
        log_line_read(&parser, &line);
        struct span name = own_mail_see(&own, &line);
        if (name.len)
            snprintf(got, size, "%.*s", SPAN_ARG(name));
    }
}

#define AT(time, host, program, text) "Nov 24 " time " " host " postfix/" program "[1]: " text "\n"
#define LINE(program, text)           AT("03:47:12", "mx1", program, text)
#define PICKUP(id, user)              LINE("pickup", id ": uid=0 from=<" user ">")
#define FROM(id, sender)              LINE("qmgr", id ": from=<" sender ">, size=1, nrcpt=1 (queue active)")
#define OWN_ID(id)                    LINE("cleanup", id ": message-id=<20261124034712." id "@mx.corp.example>")
#define NOTICE(id)                    LINE("bounce", "4FBFE00000: sender non-delivery notification: " id)
#define A                             "4FBFE15E604A"
#define B                             "3C12115E604B"

static const struct {
    const char *name, *log, *want;
} logs[] = {
    {"a user without a domain", PICKUP(A, "root") FROM(A, "root@corp.example"), "corp.example"},
    {"with one", PICKUP(A, "root@a.example") FROM(A, "root@a.example"), ""},
    {"that of a percent sign", PICKUP(A, "a%a.example") FROM(A, "a@a.example"), ""},
    {"another message's", PICKUP(A, "root") FROM(B, "root@corp.example"), ""},
    {"another host's",
     PICKUP(A, "root")
         AT("03:47:12", "mx2", "qmgr", A ": from=<a@a.example>, size=1, nrcpt=1 (queue active)"),
     ""},
    {"five minutes later",
     PICKUP(A, "root")
         AT("03:52:12", "mx1", "qmgr", A ": from=<a@a.example>, size=1, nrcpt=1 (queue active)"),
     "a.example"},
    {"and one second",
     PICKUP(A, "root")
         AT("03:52:13", "mx1", "qmgr", A ": from=<a@a.example>, size=1, nrcpt=1 (queue active)"),
     ""},
    {"tried again", PICKUP(A, "root") FROM(A, "root@corp.example") FROM(A, "a@a.example"),
     "corp.example"},
    {"requeued", LINE("pickup", A ": uid=0 from=<a> orig_id=" B) FROM(A, "a@a.example") OWN_ID(A),
     ""},
    {"a local message-id", PICKUP(A, "a@a.example") OWN_ID(A), "mx.corp.example"},
    {"before pickup's record", OWN_ID(A) PICKUP(A, "a@a.example"), "mx.corp.example"},
    {"nobody's", OWN_ID(A), ""},
    {"its own", PICKUP(A, "a@a.example") LINE("cleanup", A ": message-id=<1@a.example>"), ""},
    {"a notice's", OWN_ID(A) NOTICE(A), "mx.corp.example"},
    {"a notice's, named before", NOTICE(A) OWN_ID(A), "mx.corp.example"},
    {"a stranger's beside a notice", OWN_ID(A) NOTICE(B), ""},
    {"a short ID's", PICKUP("ABCDE1", "root") FROM("ABCDE1", "root@corp.example"), "corp.example"},
};

START_TEST(two_records_tell_a_name)
{
    char got[64];

    read_log(logs[_i].log, got, sizeof(got));
    want_text(logs[_i].name, got, logs[_i].want);
}
END_TEST

/* Once told, the records that most logs have many of are left out at a glance. */
static const struct {
    const char *name, *log;
    enum program program;
    const char *text;
    bool useful;
} glances[] = {
    {"a user", "", PROGRAM_PICKUP, A ": uid=0 from=<root>", true},
    {"an address", "", PROGRAM_PICKUP, A ": uid=0 from=<a@a.example>", true},
    {"a user, one is known", PICKUP(A, "root") FROM(A, "root@corp.example"), PROGRAM_PICKUP,
     A ": uid=0 from=<root>", true},
    {"an address, the ID is known", PICKUP(A, "a@a.example") OWN_ID(A), PROGRAM_PICKUP,
     A ": uid=0 from=<a@a.example>", false},
    {"a user, the ID is known", PICKUP(A, "a@a.example") OWN_ID(A), PROGRAM_PICKUP,
     A ": uid=0 from=<root>", true},
    {"a user, both are known", PICKUP(A, "root") OWN_ID(A) FROM(A, "root@corp.example"),
     PROGRAM_PICKUP, A ": uid=0 from=<root>", false},
    {"any sender", "", PROGRAM_QMGR, A ": from=<a@a.example>", false},
    {"a picked up one's", PICKUP(A, "root"), PROGRAM_QMGR, A ": from=<a@a.example>", true},
    {"once more", PICKUP(A, "root") FROM(A, "root@corp.example"), PROGRAM_QMGR, A ": removed",
     false},
    {"a notice", "", PROGRAM_BOUNCE, "x", true},
    {"a notice, the ID is known", OWN_ID(A) NOTICE(A), PROGRAM_BOUNCE, "x", false},
    {"a delivery", PICKUP(A, "root"), PROGRAM_SMTP, A ": to=<a@a.example>", false},
};

START_TEST(a_glance_tells_what_may_be_of_use)
{
    static const char *const lines[] = {
        [PROGRAM_PICKUP] = PICKUP(A, "x"),
        [PROGRAM_QMGR] = FROM(A, "x"),
        [PROGRAM_BOUNCE] = NOTICE(A),
        [PROGRAM_SMTP] = LINE("smtp", "x"),
    };
    struct log_line line;
    char got[64];

    read_log(glances[_i].log, got, sizeof(got));
    const char *like = lines[glances[_i].program];
    log_line_parse_header(&parser, span_str(like), &line);
    line.header.text = span_str(glances[_i].text);
    want_number(glances[_i].name, own_mail_may_use(&own, glances[_i].program, &line.header),
                glances[_i].useful);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("own_mail");

    tcase_add_checked_fixture(tc, set_up, NULL);
    ADD_ROWS(tc, two_records_tell_a_name, logs);
    ADD_ROWS(tc, a_glance_tells_what_may_be_of_use, glances);
    return run_suite("own_mail", tc);
}
