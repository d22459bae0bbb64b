/* SPDX-License-Identifier: MIT */
/* What a milter takes away, and what it brings back; g100 and g101 of the scenarios tell the
 * story. */
#include "core_run.h"

static struct core_run run;

#define TAKEN_BY(id, who, message_id, sender)                                                      \
    "smtpd: " id ": client=" who "\n"                                                              \
    "cleanup: " id ": message-id=" message_id "\n"                                                 \
    "cleanup: " id ": milter-discard: END-OF-MESSAGE from b[192.0.2.2]: milter triggers DISCARD "  \
    "action; from=<" sender "> to=<c@d.example> proto=ESMTP helo=<pc>\n"
#define LOGIN "b[192.0.2.2], sasl_method=PLAIN, sasl_username=ann"
#define BACK_FROM(id, who, message_id, sender)                                                     \
    "qmqpd: " id ": client=" who "\n"                                                              \
    "cleanup: " id ": message-id=" message_id "\n"                                                 \
    "qmgr: " id ": from=<" sender ">, size=1, nrcpt=1 (queue active)\n"
#define HERE  "localhost[127.0.0.1]"
#define TAKEN TAKEN_BY("AAAAA01", LOGIN, "<1@a.example>", "a@b.example")
#define BACK  BACK_FROM("AAAAA02", HERE, "<1@a.example>", "a@b.example")

static const struct {
    const char *name, *lines;
    enum origin origin; /* of AAAAA02, as far as it is known */
    bool resolved;
} rows[] = {
    {"a login's", TAKEN BACK, ORIGIN_ACCOUNT, true},
    {"all logged after it, within a second", BACK TAKEN, ORIGIN_ACCOUNT, true},
    {"a stranger's", TAKEN_BY("AAAAA01", "b[192.0.2.2]", "<1@a.example>", "a@b.example") BACK,
     ORIGIN_OUTSIDE, true},
    {"a machine's", TAKEN_BY("AAAAA01", "b[10.0.0.2]", "<1@a.example>", "a@b.example") BACK,
     ORIGIN_TRUSTED, true},
    {"a script's",
     "pickup: AAAAA01: uid=33 from=<a@b.example>\n"
     "cleanup: AAAAA01: message-id=<1@a.example>\n"
     "cleanup: AAAAA01: milter-discard: END-OF-MESSAGE from localhost[127.0.0.1]: milter triggers "
     "DISCARD action; from=<a@b.example> to=<c@d.example>\n" BACK,
     ORIGIN_LOCAL, true},
    {"another sender", TAKEN BACK_FROM("AAAAA02", HERE, "<1@a.example>", "x@b.example"),
     ORIGIN_TRUSTED, false},
    {"another message-id", TAKEN BACK_FROM("AAAAA02", HERE, "<2@a.example>", "a@b.example"),
     ORIGIN_TRUSTED, false},
    {"from another machine",
     TAKEN BACK_FROM("AAAAA02", "b[192.0.2.9]", "<1@a.example>", "a@b.example"), ORIGIN_OUTSIDE,
     true},
    {"a second time", TAKEN BACK_FROM("AAAAA03", HERE, "<1@a.example>", "a@b.example") BACK,
     ORIGIN_TRUSTED, false},
    {"without a message-id",
     TAKEN_BY("AAAAA01", LOGIN, "<>", "a@b.example")
         BACK_FROM("AAAAA02", HERE, "<>", "a@b.example"),
     ORIGIN_ACCOUNT, true},
    {"one of two of a login",
     TAKEN_BY("AAAAA01", LOGIN, "<>", "a@b.example") TAKEN_BY("AAAAA03", LOGIN, "<>", "a@b.example")
         BACK_FROM("AAAAA02", HERE, "<>", "a@b.example"),
     ORIGIN_ACCOUNT, true},
    {"one of two people's",
     TAKEN_BY("AAAAA01", LOGIN, "<>", "a@b.example")
         TAKEN_BY("AAAAA03", "c[192.0.2.3]", "<>", "a@b.example")
             BACK_FROM("AAAAA02", HERE, "<>", "a@b.example"),
     ORIGIN_TRUSTED, false},
};

START_TEST(mail_comes_back_as_whose_it_was)
{
    core_begin(&run, NULL);
    core_feed(&run, "%s", rows[_i].lines);
    const struct message *m = core_find(&run, "AAAAA02");
    ck_assert_ptr_nonnull(m);
    want_number(rows[_i].name, m->origin, rows[_i].origin);
    want_number("resolved", message_has(m, MESSAGE_RESOLVED), rows[_i].resolved);
    core_end(&run);
}
END_TEST

/* MailScanner takes its mail in batches. */
START_TEST(it_may_take_minutes)
{
    core_begin(&run, NULL);
    core_feed(&run, "%s", TAKEN);
    run.now_s += 300;
    core_feed(&run, "%s", BACK);
    want_number("origin", core_find(&run, "AAAAA02")->origin, ORIGIN_ACCOUNT);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_taken");

    ADD_ROWS(tc, mail_comes_back_as_whose_it_was, rows);
    tcase_add_test(tc, it_may_take_minutes);
    return run_suite("link_taken", tc);
}
