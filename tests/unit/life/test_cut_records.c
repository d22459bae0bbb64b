/* SPDX-License-Identifier: MIT */
/* Postfix cuts a record's text at 2000 bytes, so whoever writes a long address chooses how it ends.
 * Strangers who do so can neither hide what they relay nor make it look like anything else. */
#include "core_run.h"
#include "report/view.h"

enum { CUT = 2000, LINE_BYTES = 4096 };

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    site_set_address_form(run.site, ADDRESS_FORM_EXTERNAL);
    site_set_fact(run.site, SITE_SMTP_LEAVES);
}

static void end(void)
{
    core_end(&run);
}

/* Feeds "PROGRAM: TEXT" as Postfix logs it, where "~" stands for as many "y" as it takes for what
 * follows to be the end of the record. */
static void feed_cut(const char *program, const char *text)
{
    char line[LINE_BYTES];
    const char *fill = strchr(text, '~');
    size_t before = fill ? (size_t)(fill - text) : strlen(text);
    size_t after = fill ? strlen(fill + 1) : 0;

    ck_assert(before + after < CUT);
    size_t n = (size_t)snprintf(line, sizeof(line), "%s: %.*s", program, (int)before, text);
    if (fill) {
        memset(line + n, 'y', CUT - before - after);
        strcpy(line + n + CUT - before - after, fill + 1);
    }
    core_feed(&run, "%s", line);
}

static void accept_from(const char *client, const char *id)
{
    core_feed(&run,
              "smtpd: %s: client=%s\ncleanup: %s: message-id=<%s@spam.example>\n"
              "qmgr: %s: from=<s@spam.example>, size=900, nrcpt=1 (queue active)",
              id, client, id, id, id);
}

static const char *id_of(int i)
{
    static char id[QUEUE_ID_TEXT_MAX];

    snprintf(id, sizeof(id), "4FBFE%06X", i);
    return id;
}

/* The incidents, as "KIND MESSAGES/RECIPIENTS ". */
static const char *raised(void)
{
    static char text[400];
    const struct incident *list[64];

    pipeline_finish(run.p);
    uint32_t n = incidents_in_order(&run.p->detector, list);
    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, &run.p->detector, list[i]);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %llu/%llu ",
                 kind_name(list[i]->kind), (unsigned long long)view.totals.messages,
                 (unsigned long long)view.totals.recipients);
        incident_view_done(&view);
    }
    return text;
}

#define MX     "relay=mx.victim.example[198.51.100.1]:25"
#define RELAYS "open-relay 5/5 "

static const struct {
    const char *name, *program, *record, *want;
} deliveries[] = {
    {"cut in the local part", "smtp", "to=<v%d+~", RELAYS},
    {"cut in the domain", "smtp", "to=<v%d+~@victim", RELAYS},
    {"cut in a quoted local part", "smtp", "to=<\"v%d ~", RELAYS},
    {"cut behind the address", "smtp", "to=<v%d+~@victim.example>, re", RELAYS},
    {"cut in the relay", "smtp", "to=<v%d+~@victim.example>, relay=mx.victim.example[127.0.0.1",
     RELAYS},
    {"cut in the delays", "smtp", "to=<v%d+~@victim.example>, " MX ", delay=1, delays=0/0", RELAYS},
    {"cut in the status", "smtp", "to=<v%d+~@victim.example>, " MX ", delay=1, dsn=2.0.0, stat",
     RELAYS},
    {"quotes that hold a record of local(8)", "smtp",
     "to=<\"v%d>, relay=local, delay=0, dsn=2.0.0, status=sent (~\"@victim.example", RELAYS},
    {"quotes that end like a probe", "smtp",
     "to=<\"v%d~>, relay=none, delay=0, dsn=2.0.0, status=deliverable (x)", RELAYS},
    {"quotes that hold a record, not cut", "smtp",
     "to=<\"v%d>, relay=a, delay=0, status=x (\"@victim.example>, " MX
     ", delay=1, dsn=2.0.0, status=sent (Ok)",
     RELAYS},
    /* These may be for ours. */
    {"a relay domain, cut", "smtp", "to=<v%d+~@customer.ex", ""},
    {"a domain that may be a relay domain", "smtp", "to=<v%d+~@", ""},
    {"an alias, cut", "smtp", "to=<v%d@out.example>, orig_to=<a+~@exam", ""},
    {"the transport of relay domains", "relay/smtp", "to=<v%d+~@victim", ""},
    {"a mailbox", "local", "to=<v%d+~@example", ""},
    {"a mailbox of ours, quoted", "local",
     "to=<\"v%d~\"@example.net>, relay=local, delay=0, dsn=2.0.0, status=sent (delivered to mail",
     ""},
    {"a pipe", "pipe", "to=<v%d+~", ""},
    {"a mailbox server", "lmtp", "to=<v%d+~", ""},
};

START_TEST(cut_delivery_is_a_recipient_of_unknown_fate)
{
    if (*deliveries[_i].want) { /* without relay domains, what smtp(8) takes has left */
        site_free(run.site);
        run.site = site_new();
        site_add_domain(run.site, SPAN("example.net"), CLASS_OURS, false);
        site_domains_configured(run.site, true);
        site_set_address_form(run.site, ADDRESS_FORM_EXTERNAL);
        site_set_fact(run.site, SITE_SMTP_LEAVES);
        pipeline_set(run.p, &run.settings, run.site);
    }
    for (int i = 0; i < 5; i++) {
        char record[LINE_BYTES], text[2 * LINE_BYTES];
        const char *percent = strchr(deliveries[_i].record, '%');
        snprintf(record, sizeof(record), "%.*s%d%s", (int)(percent - deliveries[_i].record),
                 deliveries[_i].record, i, percent + 2);
        snprintf(text, sizeof(text), "%s: %s", id_of(i), record);
        accept_from("unknown[192.0.2.1]", id_of(i));
        feed_cut(deliveries[_i].program, text);
        core_feed(&run, "qmgr: %s: removed", id_of(i));
    }
    want_text(deliveries[_i].name, raised(), deliveries[_i].want);
}
END_TEST

#define MESSAGE "4FBFEFFFFFF" /* the stranger's other message, to a mailbox of ours */

static const struct {
    const char *name, *record;
    enum address_form form;
} disowned[] = {
    {"forwarded as, cut behind the ID",
     MESSAGE ": to=<\"a~\"@example.net>, relay=local, delay=0, dsn=2.0.0, status=sent (forwarded "
             "as ",
     ADDRESS_FORM_EXTERNAL},
    {"a whole record in quotes",
     MESSAGE ": to=<\"~>, relay=local, delay=0, dsn=2.0.0, status=sent (forwarded as ",
     ADDRESS_FORM_EXTERNAL},
    {"a whole record, unquoted",
     MESSAGE ": to=<~>, relay=local, delay=0, dsn=2.0.0, status=sent (forwarded as ",
     ADDRESS_FORM_INTERNAL},
    {"a whole record, form unknown",
     MESSAGE ": to=<~>, relay=local, delay=0, dsn=2.0.0, status=sent (forwarded as ",
     ADDRESS_FORM_UNKNOWN},
};

/* Each of a stranger's messages is named by the record of another. */
START_TEST(cut_record_names_no_message)
{
    for (int close = 0; close < 2; close++) {
        end();
        begin();
        site_set_address_form(run.site, disowned[_i].form);
        pipeline_set(run.p, &run.settings, run.site);
        for (int i = 0; i < 5; i++) {
            char record[LINE_BYTES];
            accept_from("unknown[192.0.2.1]", id_of(i));
            accept_from("unknown[192.0.2.3]", MESSAGE);
            snprintf(record, sizeof(record), "%s%s%s", disowned[_i].record, id_of(i),
                     close && _i > 0 ? ")" : "");
            feed_cut("local", record);
            core_feed(&run, "qmgr: " MESSAGE ": removed");
            core_feed(&run,
                      "smtp: %s: to=<v@victim.example>, " MX ", delay=1, dsn=2.0.0, status=sent "
                      "(Ok)\nqmgr: %s: removed",
                      id_of(i), id_of(i));
        }
        want_text(disowned[_i].name, raised(), RELAYS);
    }
}
END_TEST

/* What a stranger's record says can't change how the records of others are read. */
START_TEST(no_address_decides_the_form)
{
    site_set_address_form(run.site, ADDRESS_FORM_UNKNOWN);
    pipeline_set(run.p, &run.settings, run.site);
    core_feed(&run, "master: daemon started -- version 3.7.11, configuration /etc/postfix");
    accept_from("unknown[192.0.2.3]", MESSAGE);
    feed_cut("local", MESSAGE ": to=<\"~>, relay=none, delay=0, dsn=2.0.0, status=sent (x)");
    feed_cut("qmgr", MESSAGE ": from=<a>b@c.example>, size=1, nrcpt=1 (queue active)");
    want_number("form", run.p->form, ADDRESS_FORM_EXTERNAL);
    want_number("ambiguous", (int64_t)run.p->counters.ambiguous, 0);
}
END_TEST

/* The sender is a record of qmgr that never comes, or comes cut: the message stays in the queue. */
START_TEST(message_is_judged_without_its_sender)
{
    for (int cut = 0; cut < 2; cut++) {
        end();
        begin();
        for (int i = 0; i < 5; i++) {
            char record[LINE_BYTES];
            core_feed(&run, "smtpd: %s: client=unknown[192.0.2.1]", id_of(i));
            snprintf(record, sizeof(record), "%s: from=<s+~@spam", id_of(i));
            if (cut)
                feed_cut("qmgr", record);
            core_feed(&run,
                      "smtp: %s: to=<v@victim.example>, " MX ", delay=1, dsn=4.0.0, "
                      "status=deferred (later)",
                      id_of(i));
        }
        want_number("at once", run.p->detector.incident_count, cut);
        pipeline_tick(run.p, (wall_us)(run.now_s + 3600) * US_PER_S);
        want_number("after the grace", run.p->detector.incident_count, 1);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cut_records");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, cut_delivery_is_a_recipient_of_unknown_fate, deliveries);
    ADD_ROWS(tc, cut_record_names_no_message, disowned);
    tcase_add_test(tc, no_address_decides_the_form);
    tcase_add_test(tc, message_is_judged_without_its_sender);
    return run_suite("cut_records", tc);
}
