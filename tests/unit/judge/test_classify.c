/* SPDX-License-Identifier: MIT */
/* The cause of each kind of notice; the stories are in tests/scenarios. */
#include "detect/scope.h"

#include "core_run.h"
#include "judge_lines.h"

/* Refused, or not taken yet, with that reply. */
#define SAID(program, to, relay, dsn, status, reply)                                               \
    program ": AAAAA01: to=<" to ">, relay=" relay ", delay=1, dsn=" dsn ", status=" status        \
            " (" reply ")\n"
#define LMTP_HOST "box[198.51.100.9]:24"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static const struct {
    const char *name, *lines;
    enum verdict verdict;
    enum cause cause;
} notices[] = {
    {"unknown user of local",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown user of virtual",
     STRANGER FROM("a@a.example") BOUNCE("virtual", "x@example.net", "virtual", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown user over LMTP",
     STRANGER FROM("a@a.example") BOUNCE("lmtp", "x@example.net", "mx1[private/lmtp]", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown alias",
     STRANGER FROM("a@a.example") SAID("error", "x@example.net", "none", "5.1.1", "bounced",
                                       "User unknown in virtual alias table") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown alias, without a code that says so",
     STRANGER FROM("a@a.example") SAID("error", "x@example.net", "none", "5.0.0", "bounced",
                                       "User unknown in virtual alias table") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown alias of a domain that nobody told",
     STRANGER FROM("a@a.example") SAID("error", "x@b.example", "none", "5.1.1", "bounced",
                                       "User unknown in virtual alias table") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown at a relay domain, by error(8)",
     STRANGER FROM("a@a.example") SAID("error", "x@customer.example", "none", "5.1.1", "bounced",
                                       "User unknown in relay recipient table") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_RELAY_RECIPIENT},
    {"a stranger's server has such a table",
     STRANGER FROM("a@a.example") SAID("smtp", "x@b.example", MX, "5.1.1", "bounced",
                                       "User unknown in virtual alias table") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"unknown user of pipe",
     STRANGER FROM("a@a.example")
         SAID("pipe", "x@example.net", "maildrop", "5.1.1", "bounced", "user unknown") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"unknown user over LMTP, without a code that says so",
     STRANGER FROM("a@a.example")
         SAID("lmtp", "x@example.net", "mx1[private/lmtp]", "5.0.0", "bounced",
              "host mx1[private/lmtp] said: 550 No such user here (in reply to RCPT TO command)")
             UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"another code, whatever is said",
     STRANGER FROM("a@a.example")
         SAID("lmtp", "x@example.net", "mx1[private/lmtp]", "5.6.0", "bounced",
              "host mx1[private/lmtp] said: 550 5.6.0 attachment: no such user (in reply to end "
              "of DATA command)") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"the sender's address is bad",
     STRANGER FROM("a@a.example") BOUNCE("lmtp", "x@example.net", "mx1[private/lmtp]", "5.1.8")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"full mailbox",
     STRANGER FROM("a@a.example") BOUNCE("lmtp", "x@example.net", "mx1[private/lmtp]", "5.2.2")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OVER_QUOTA},
    {"full mailbox of a relay domain",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@customer.example", MX, "5.2.2") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OVER_QUOTA},
    {"quota in words",
     STRANGER FROM("a@a.example")
         SAID("lmtp", "x@example.net", LMTP_HOST, "5.2.0", "bounced",
              "host box[198.51.100.9] said: 552 5.2.0 <x> Quota exceeded (in reply to RCPT)")
             UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OVER_QUOTA},
    {"a stranger's full mailbox",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.2.2") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"full where an alias leads",
     STRANGER FROM("a@a.example")
         BOUNCE("smtp", "x@b.example>, orig_to=<info@example.net", MX, "5.2.2") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FORWARD_REFUSED},
    {"given up at a full mailbox",
     STRANGER FROM("a@a.example") SAID("lmtp", "x@example.net", LMTP_HOST, "4.2.2", "deferred",
                                       "host box said: 452 4.2.2 Mailbox is full")
         EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OVER_QUOTA},
    {"given up at a stranger's full mailbox",
     STRANGER FROM("a@a.example") SAID("smtp", "x@b.example", MX, "4.2.2", "deferred",
                                       "452 4.2.2 Mailbox is full") EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"full for a while, then down",
     STRANGER FROM("a@a.example")
         SAID("lmtp", "x@example.net", LMTP_HOST, "4.2.2", "deferred", "452 4.2.2 full")
             SAID("lmtp", "x@example.net", "none", "4.4.1", "deferred", "connect to box: refused")
                 EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_EXPIRED},
    {"a loop of local",
     STRANGER FROM("a@a.example") SAID("local", "x@example.net", "local", "5.4.6", "bounced",
                                       "mail forwarding loop for x@example.net") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_MAIL_LOOP},
    {"too many hops behind us",
     STRANGER FROM("a@a.example")
         SAID("smtp", "x@customer.example", MX, "5.4.0", "bounced",
              "host mx said: 554 5.4.0 Error: too many hops (in reply to end of DATA command)")
             UNDELIVERED,
     VERDICT_NOTICE, CAUSE_MAIL_LOOP},
    {"too many hops where an alias leads",
     STRANGER FROM("a@a.example")
         SAID("smtp", "x@b.example>, orig_to=<info@example.net", MX, "5.4.6", "bounced",
              "host mx said: 554 5.4.6 Hop count exceeded") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_MAIL_LOOP},
    {"a stranger's words of loops",
     STRANGER FROM("a@a.example")
         SAID("smtp", "x@b.example", MX, "5.4.0", "bounced", "too many hops") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"a domain that leads here",
     STRANGER FROM("a@a.example")
         SAID("smtp", "x@vacation.example>, orig_to=<x@example.net", "none", "5.4.6", "bounced",
              "mail for vacation.example loops back to myself") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"a stranger's words of a domain that leads here",
     STRANGER FROM("a@a.example") SAID("smtp", "x@b.example>, orig_to=<x@example.net", MX, "5.4.6",
                                       "bounced", "mail for vacation.example loops back to myself")
         UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FORWARD_REFUSED},
    {"unknown user of a relay domain",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@customer.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_RELAY_RECIPIENT},
    {"spam for a relay domain",
     STRANGER FROM("a@a.example") BOUNCE("smtp", "x@customer.example", MX, "5.7.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"refused where an alias leads",
     STRANGER FROM("a@a.example")
         BOUNCE("smtp", "x@b.example>, orig_to=<info@example.net", MX, "5.7.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FORWARD_REFUSED},
    {"relayed", STRANGER FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"a trusted client's",
     TRUSTED FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OTHER},
    {"refused by the filter",
     STRANGER FROM("a@a.example")
         BOUNCE("smtp", "x@example.net", "127.0.0.1[127.0.0.1]:10024", "5.7.0") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FILTER_REFUSED},
    {"a full mailbox, over LMTP here",
     STRANGER FROM("a@a.example")
         BOUNCE("lmtp", "x@example.net", "127.0.0.1[127.0.0.1]:24", "5.2.2") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_OVER_QUOTA},
    {"policy, over LMTP here",
     STRANGER FROM("a@a.example")
         BOUNCE("lmtp", "x@example.net", "127.0.0.1[127.0.0.1]:24", "5.7.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_FILTER_REFUSED},
    {"late",
     STRANGER FROM("a@a.example") DEFER("x@b.example>, orig_to=<info@example.net")
         NOTICE("sender delay"),
     VERDICT_NOTICE, CAUSE_DELAY_NOTICE},
    {"wanted", STRANGER FROM("a@a.example") LMTP("x@example.net") NOTICE("sender delivery status"),
     VERDICT_NOTICE_REQUESTED, CAUSE_NONE},
    {"given up where an alias leads",
     STRANGER FROM("a@a.example") DEFER("x@b.example>, orig_to=<info@example.net")
         EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_EXPIRED},
    {"given up at our own backend",
     STRANGER FROM("a@a.example") DEFER("x@example.net") EXPIRED UNDELIVERED, VERDICT_NOTICE,
     CAUSE_EXPIRED},
    {"relayed and given up", STRANGER FROM("a@a.example") DEFER("x@b.example") EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_RELAYED},
    {"given up without a delivery", STRANGER FROM("a@a.example") EXPIRED UNDELIVERED,
     VERDICT_NOTICE, CAUSE_EXPIRED},
    {"of the middle of the log",
     FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1") UNDELIVERED,
     VERDICT_NOTICE, CAUSE_UNKNOWN_LOCAL_RECIPIENT},
    {"to one of ours",
     STRANGER FROM("bob@example.net") BOUNCE("local", "x@example.net", "local", "5.1.1")
         UNDELIVERED,
     VERDICT_NOTICE_TO_US, CAUSE_NONE},
    {"to a login", LOGIN FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW, CAUSE_NONE},
    {"to a script",
     SCRIPT FROM("a@a.example") BOUNCE("smtp", "x@b.example", MX, "5.1.1") UNDELIVERED,
     VERDICT_NOTICE_TO_SENDER_WE_KNOW, CAUSE_NONE},
    {"for the postmaster",
     STRANGER FROM("a@a.example") BOUNCE("local", "x@example.net", "local", "5.1.1")
         NOTICE("postmaster non-delivery"),
     VERDICT_NOTICE_POSTMASTER, CAUSE_NONE},
};

START_TEST(notice_is)
{
    const struct detector *d = &run.p->detector;
    enum cause cause = CAUSE_NONE;

    core_feed(&run, "%s", notices[_i].lines);
    run.now_s += 61;
    core_feed(&run, "qmgr: BBBBB01: removed");
    ck_assert_msg(run.verdict == notices[_i].verdict, "%s: got \"%s\", want \"%s\"",
                  notices[_i].name, verdict_text(run.verdict), verdict_text(notices[_i].verdict));
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (scope_kind(d->cell[i].scope) == KIND_BACKSCATTER_SOURCE)
            cause = scope_cause(d->cell[i].scope);
    want_text(notices[_i].name, cause_name(cause), cause_name(notices[_i].cause));
}
END_TEST

/* Classes are remembered, until the site learns. */
START_TEST(class_is_asked_again_when_the_site_has_learned)
{
    core_feed(&run, STRANGER FROM("a@a.example") DEFER("x@new.example"));
    struct message *m = core_find(&run, "AAAAA01");
    want_number("before", message_recipients(m)[0].class, CLASS_OUTSIDE);
    core_feed(&run, LOCAL("y@new.example") DEFER("z@new.example"));
    want_number("after", message_recipients(core_find(&run, "AAAAA01"))[2].class, CLASS_OURS);
}
END_TEST

/* By which table the refused recipient would have been known. */
static const struct {
    const char *name;
    enum program program;
    const char *domain, *reply;
    enum address_class want;
} tables[] = {
    {"local(8)", PROGRAM_LOCAL, "example.net", "unknown user", ADDRESS_LOCAL},
    {"local(8), whatever the settings say", PROGRAM_LOCAL, "box.example", "", ADDRESS_LOCAL},
    {"virtual(8)", PROGRAM_VIRTUAL, "example.net", "unknown user", ADDRESS_VIRTUAL_MAILBOX},
    {"lmtp, told", PROGRAM_LMTP, "box.example", "", ADDRESS_VIRTUAL_MAILBOX},
    {"lmtp, told as local", PROGRAM_LMTP, "here.example", "", ADDRESS_LOCAL},
    {"lmtp, told as aliases", PROGRAM_LMTP, "alias.example", "", ADDRESS_VIRTUAL_ALIAS},
    {"lmtp, nothing told", PROGRAM_LMTP, "example.net", "", ADDRESS_UNKNOWN},
    {"pipe, told", PROGRAM_PIPE, "box.example", "", ADDRESS_VIRTUAL_MAILBOX},
    {"pipe, nothing told", PROGRAM_PIPE, "example.net", "", ADDRESS_UNKNOWN},
    {"error(8), in words", PROGRAM_ERROR, "example.net", "User unknown in virtual alias table",
     ADDRESS_VIRTUAL_ALIAS},
    {"error(8), told", PROGRAM_ERROR, "here.example", "no more", ADDRESS_LOCAL},
    {"cleanup(8), nothing told", PROGRAM_CLEANUP, "example.net", "", ADDRESS_UNKNOWN},
    {"smtp, a relay domain", PROGRAM_SMTP, "customer.example", "", ADDRESS_RELAY},
    {"smtp, for the outside", PROGRAM_SMTP, "b.example",
     "host x said: 550 User unknown in local recipient table", ADDRESS_OUTSIDE},
    {"smtp, for one of ours", PROGRAM_SMTP, "example.net", "", ADDRESS_UNKNOWN},
};

START_TEST(table_is_by_program_and_settings)
{
    struct record rec = {.program = tables[_i].program,
                         .recipient_domain = span_str(tables[_i].domain),
                         .relay = SPAN("none"),
                         .reply = span_str(tables[_i].reply)};

    site_add_domain(run.site, SPAN("here.example"), CLASS_OURS, false);
    site_set_address_class(run.site, SPAN("here.example"), ADDRESS_LOCAL);
    site_add_domain(run.site, SPAN("box.example"), CLASS_OURS, false);
    site_set_address_class(run.site, SPAN("box.example"), ADDRESS_VIRTUAL_MAILBOX);
    site_add_domain(run.site, SPAN("alias.example"), CLASS_OURS, false);
    site_set_address_class(run.site, SPAN("alias.example"), ADDRESS_VIRTUAL_ALIAS);
    want_text(tables[_i].name,
              address_class_name(classifier_address_class(&run.p->judge.classifier, &rec, false)),
              address_class_name(tables[_i].want));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("judge_class");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, notice_is, notices);
    tcase_add_test(tc, class_is_asked_again_when_the_site_has_learned);
    ADD_ROWS(tc, table_is_by_program_and_settings, tables);
    return run_suite("judge_class", tc);
}
