/* SPDX-License-Identifier: MIT */
#include "engine/learner.h"

#include <stdio.h>

#include "detect/scope.h"
#include "rows.h"
#include "site/site_doors.h"

static struct site *site;
static struct learner *learner;

static void set_up(void)
{
    site = site_new();
    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_set_settings_host(site, SPAN("mx1.example.org"));
    learner = learner_new(site, NULL, NULL);
    ck_assert_ptr_nonnull(learner);
    learner_set_reference(learner, 1795492029 * US_PER_S);
}

static void tear_down(void)
{
    learner_free(learner);
    site_free(site);
}

#define LINE(host, program, text) "Nov 24 03:47:12 " host " postfix/" program "[1]: " text "\n"
#define ID                        "4FBFE15E604A: "
#define SENT                      ", delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)"

static const struct {
    const char *name, *log;
    bool anothers;
} hosts[] = {
    {"the host is called so", LINE("mx1", "smtpd", "connect from c[192.0.2.1]"), false},
    {"it is called otherwise", LINE("conch", "smtpd", "connect from c[192.0.2.1]"), true},
    {"otherwise, but mail comes for the settings' domain",
     LINE("conch", "lmtp", ID "to=<u@example.org>, relay=box[private/lmtp]" SENT), false},
    {"otherwise, but it was forwarded for it",
     LINE("conch", "smtp",
          ID "to=<u@a.example>, orig_to=<u@example.org>, relay=mx[192.0.2.9]:25" SENT),
     false},
    {"otherwise, but one of the settings' domain logs in",
     LINE("conch", "smtpd",
          ID "client=c[192.0.2.1], sasl_method=PLAIN, "
             "sasl_username=bob@example.org"),
     false},
    {"otherwise, but one logs in before a before-queue filter",
     LINE("conch", "smtpd",
          "NOQUEUE: client=c[192.0.2.1], sasl_method=PLAIN, "
          "sasl_username=bob@example.org"),
     false},
    {"Postfix calls itself so",
     LINE("conch", "cleanup", ID "message-id=<20261124024712.4FBFE15E604A@mx1.example.org>"),
     false},
    {"Postfix calls itself otherwise",
     LINE("5c1e77a0b9d2", "cleanup", ID "message-id=<20261124024712.4FBFE15E604A@b.example>"),
     true},
    {"a container's number", LINE("5c1e77a0b9d2", "smtpd", "connect from c[192.0.2.1]"), false},
    {"no line of Postfix", "Nov 24 03:47:12 conch sshd[1]: hello\n", false},
};

START_TEST(a_log_tells_whether_the_settings_are_its_own)
{
    learner_lines(learner, hosts[_i].log, strlen(hosts[_i].log));
    want_number(hosts[_i].name, learner_settings_are_anothers(learner), hosts[_i].anothers);
}
END_TEST

/* What the log proves at its end is told to the site that judges it from the beginning. */
START_TEST(what_is_learned_is_told)
{
    static const char log[] =
        LINE("mx1", "smtpd",
             "NOQUEUE: reject: RCPT from c[192.0.2.1]: 554 5.7.1 <x@b.example>: "
             "Relay access denied; from=<> to=<x@b.example>")
            LINE("mx1", "virtual", ID "to=<u@a.example>, relay=virtual" SENT);
    struct settings settings;
    struct site *judged_by = site_new();

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = judged_by};
    struct pipeline *p = pipeline_new(&options);
    learner_lines(learner, log, strlen(log));
    learner_tell(learner, judged_by, p);
    want_number("a mailbox", site_class(judged_by, SPAN("a.example")), CLASS_OURS);
    want_number("refused", site_class(judged_by, SPAN("b.example")), CLASS_OUTSIDE);
    pipeline_free(p);
    site_free(judged_by);
    settings_done(&settings);
}
END_TEST

/* Whether a mailbox is known to exist once the whole log was read. */
static const struct {
    const char *name, *line;
    bool known;
} mailboxes[] = {
    {"a mailbox", LINE("mx1", "virtual", ID "to=<u@a.example>, relay=virtual" SENT), true},
    {"an alias",
     LINE("mx1", "virtual", ID "to=<x@a.example>, orig_to=<u@a.example>, relay=virtual" SENT),
     true},
    {"a refusal",
     LINE("mx1", "virtual",
          ID "to=<u@a.example>, relay=virtual, delay=1, dsn=5.2.2, "
             "status=bounced (it was status=sent (Ok))"),
     false},
    {"a login without a domain",
     LINE("mx1", "smtpd", ID "client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=u"), true},
    {"another one", LINE("mx1", "virtual", ID "to=<v@a.example>, relay=virtual" SENT), false},
};

START_TEST(a_mailbox_that_took_mail_exists)
{
    static const char before[] = LINE("mx1", "virtual", ID "to=<w@a.example>, relay=virtual" SENT);
    struct settings settings;
    struct site *judged_by = site_new();
    struct learner *l = learner_new(judged_by, NULL, NULL);

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = judged_by};
    struct pipeline *p = pipeline_new(&options);
    for (int first = 0; first < 2; first++) {
        if (first)
            learner_lines(l, before, strlen(before));
        learner_lines(l, mailboxes[_i].line, strlen(mailboxes[_i].line));
    }
    learner_tell(l, judged_by, p);
    site_mailboxes_told(judged_by);
    want_number(mailboxes[_i].name, !site_is_never_seen(judged_by, SPAN("u@a.example"), 1),
                mailboxes[_i].known);
    pipeline_free(p);
    learner_free(l);
    site_free(judged_by);
    settings_done(&settings);
}
END_TEST

/* Lines of which only the tag and the first words are read still teach what they can, at whichever
 * place in the log they stand. */
static const struct {
    const char *name, *line, *domain;
    enum domain_class class;
} late[] = {
    {"a login",
     LINE("mx1", "smtpd",
          ID "client=c[192.0.2.1], sasl_method=PLAIN, "
             "sasl_username=u@a.example"),
     "a.example", CLASS_OURS},
    {"a refusal",
     LINE("mx1", "smtpd",
          "NOQUEUE: reject: RCPT from c[192.0.2.1]: 554 5.7.1 <x@a.example>: "
          "Relay access denied; from=<> to=<x@a.example>"),
     "a.example", CLASS_OUTSIDE},
    {"a mailbox", LINE("mx1", "virtual", ID "to=<u@a.example>, relay=virtual" SENT), "a.example",
     CLASS_OURS},
    {"a second domain", LINE("mx1", "virtual", ID "to=<u@b.example>, relay=virtual" SENT),
     "b.example", CLASS_OURS},
    {"an alias of a proved domain",
     LINE("mx1", "virtual", ID "to=<\"x@c.example>\"@d.example>, relay=virtual" SENT), "d.example",
     CLASS_OURS},
    {"connections", LINE("mx1", "smtpd", "connect from a.example[192.0.2.1]"), "a.example",
     CLASS_UNKNOWN},
    {"a client", LINE("mx1", "smtpd", ID "client=a.example[192.0.2.1]"), "a.example",
     CLASS_UNKNOWN},
};

START_TEST(lines_that_look_alike_teach_what_they_can)
{
    static const char before[] = LINE("mx1", "smtpd", "connect from c[192.0.2.1]")
        LINE("mx1", "smtpd", ID "client=c[192.0.2.1]")
            LINE("mx1", "virtual", ID "to=<u@c.example>, relay=virtual" SENT)
                LINE("mx1", "virtual", ID "to=<u@c.example>, relay=virtual" SENT);
    struct settings settings;
    struct site *plain = site_new();
    struct learner *l = learner_new(plain, NULL, NULL);

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = plain};
    struct pipeline *p = pipeline_new(&options);
    learner_lines(l, before, strlen(before));
    learner_lines(l, late[_i].line, strlen(late[_i].line));
    learner_tell(l, plain, p);
    want_number(late[_i].name, site_class(plain, span_str(late[_i].domain)), late[_i].class);
    want_number("before", site_class(plain, SPAN("c.example")), CLASS_OURS);
    pipeline_free(p);
    learner_free(l);
    site_free(plain);
    settings_done(&settings);
}
END_TEST

/* What Postfix writes its own mail under is known before the first line is judged. */
START_TEST(names_of_postfix_are_learned)
{
    static const char log[] = LINE("mx1", "pickup", ID "uid=0 from=<root>")
        LINE("mx1", "cleanup", ID "message-id=<20261124024712.4FBFE15E604A@mx1.corp.example>")
            LINE("mx1", "qmgr", ID "from=<root@corp.example>, size=1, nrcpt=1 (queue active)")
                LINE("mx1", "smtpd", "4FBFE15E604B: client=c[192.0.2.1]")
                    LINE("mx1", "qmgr",
                         "4FBFE15E604B: from=<a@a.example>, size=1, nrcpt=1 (queue active)");
    struct settings settings;
    struct site *judged_by = site_new();

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = judged_by};
    struct pipeline *p = pipeline_new(&options);
    learner_lines(learner, log, strlen(log));
    learner_tell(learner, judged_by, p);
    want_number("myhostname", site_writes_as(judged_by, SPAN("mx1.corp.example")), true);
    want_number("myorigin", site_writes_as(judged_by, SPAN("corp.example")), true);
    want_number("a stranger's", site_writes_as(judged_by, SPAN("a.example")), false);
    pipeline_free(p);
    site_free(judged_by);
    settings_done(&settings);
}
END_TEST

#define TOOK_ON(host, program, relay) LINE(host, program, ID "to=<u@a.example>, relay=" relay SENT)
#define TOOK(program, relay)          TOOK_ON("mx1", program, relay)
static const struct {
    const char *name, *log;
    enum domain_class class; /* after a pipe service has taken mail for it once more */
} taken[] = {
    {"a pipe service", TOOK("pipe", "scan"), CLASS_OURS},
    {"and a stranger's server", TOOK("pipe", "scan") TOOK("smtp", "mx[198.51.100.1]:25"),
     CLASS_UNKNOWN},
    {"on another host", TOOK("pipe", "scan") TOOK_ON("mx2", "smtp", "mx[198.51.100.1]:25"),
     CLASS_OURS},
    {"on both hosts",
     TOOK("pipe", "scan") TOOK_ON("mx2", "pipe", "scan")
         TOOK_ON("mx2", "smtp", "mx[198.51.100.1]:25"),
     CLASS_UNKNOWN},
    {"an lmtp server and a stranger's",
     TOOK("lmtp", "box[10.1.1.1]:24") TOOK("smtp", "mx[198.51.100.1]:25"), CLASS_UNKNOWN},
    {"an lmtp filter here and a stranger's",
     TOOK("lmtp", "127.0.0.1[127.0.0.1]:10024") TOOK("smtp", "mx[198.51.100.1]:25"), CLASS_UNKNOWN},
    {"a socket and a stranger's",
     TOOK("lmtp", "mx1[private/lmtp]") TOOK("smtp", "mx[198.51.100.1]:25"), CLASS_OURS},
    {"a private server", TOOK("pipe", "scan") TOOK("smtp", "mx[10.1.1.1]:25"), CLASS_OURS},
    {"no server", TOOK("pipe", "scan") TOOK("smtp", "none"), CLASS_OURS},
    {"a stranger's alone", TOOK("smtp", "mx[198.51.100.1]:25"), CLASS_OURS},
    {"a mailbox and a stranger's",
     TOOK("pipe", "scan") TOOK("virtual", "virtual") TOOK("smtp", "mx[198.51.100.1]:25"),
     CLASS_OURS},
};

/* What smtp(8) takes away is known before the first line is judged. */
START_TEST(a_domain_whose_mail_leaves_is_not_ours_by_delivery)
{
    struct settings settings;
    struct site *judged_by = site_new();

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = judged_by};
    struct pipeline *p = pipeline_new(&options);
    learner_lines(learner, taken[_i].log, strlen(taken[_i].log));
    learner_tell(learner, judged_by, p);
    site_learn(judged_by, SPAN("a.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    want_number(taken[_i].name, site_class(judged_by, SPAN("a.example")), taken[_i].class);
    pipeline_free(p);
    site_free(judged_by);
    settings_done(&settings);
}
END_TEST

#define SOCKET(to) LINE("mx1", "lmtp", ID "to=<" to ">, relay=mx1[private/scan]" SENT)

static const struct {
    const char *name, *log;
    bool filter;
} sockets[] = {
    {"mailboxes", SOCKET("u@a.example") SOCKET("u@b.example") SOCKET("u@c.example"), false},
    {"a filter",
     SOCKET("u@a.example") SOCKET("u@gmail.com") SOCKET("u@gmx.de") SOCKET("u@yahoo.com"), true},
    {"mailboxes of one provider's domain",
     SOCKET("u@a.example") SOCKET("u@gmail.com") SOCKET("v@gmail.com") SOCKET("w@gmail.com"),
     false},
};

START_TEST(a_socket_that_takes_mail_for_providers_is_no_mailbox)
{
    struct settings settings;
    struct site *judged_by = site_new();

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = judged_by};
    struct pipeline *p = pipeline_new(&options);
    site_door(judged_by, SPAN("mx1[private/lmtp]"));
    learner_lines(learner, sockets[_i].log, strlen(sockets[_i].log));
    learner_tell(learner, judged_by, p);
    uint8_t door = site_door(judged_by, SPAN("mx1[private/scan]"));
    want_number(sockets[_i].name, site_door_is_filter(judged_by, door), sockets[_i].filter);
    want_number("a.example", site_class(judged_by, SPAN("a.example")),
                sockets[_i].filter ? CLASS_UNKNOWN : CLASS_OURS);
    ck_assert_int_ne(site_class(judged_by, SPAN("gmail.com")), CLASS_OURS);
    pipeline_free(p);
    site_free(judged_by);
    settings_done(&settings);
}
END_TEST

/* Lines whose prefix is not numbered must not fill the table with one queue. */
START_TEST(a_queue_is_learned_once)
{
    static const char first[] = "<22>1 2026-11-24T03:47:12Z mx1 postfix/qmgr 1 - - " ID "removed\n";
    static const char second[] =
        "<22>1 2026-11-24T03:47:12Z mx1 postfix-out/qmgr 1 - - " ID "removed\n";
    struct settings settings;

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = site};
    struct pipeline *p = pipeline_new(&options);
    for (int i = 0; i < 300; i++)
        learner_lines(learner, first, strlen(first));
    learner_lines(learner, second, strlen(second));
    learner_tell(learner, site, p);
    uint16_t source =
        hosts_source(&p->hosts, SPAN("mx1"), SPAN("postfix-out"), false, ADDRESS_FORM_UNKNOWN);
    ck_assert(p->hosts.source[source].is_queue);
    pipeline_free(p);
    settings_done(&settings);
}
END_TEST

/* The second reading knows them from the start, and none of its stages has seen a line of them. */
START_TEST(there_is_room_for_all_hosts_with_a_queue)
{
    struct settings settings;
    char line[128];

    ck_assert(settings_init(&settings));
    struct pipeline_options options = {.settings = &settings, .site = site};
    struct pipeline *p = pipeline_new(&options);
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof(line),
                 "Nov 24 03:47:12 mx%d postfix/qmgr[1]: 4FBFE15E604A: removed\n", i);
        learner_lines(learner, line, strlen(line));
    }
    learner_tell(learner, site, p);
    want_number("hosts", p->hosts.host_count, 100);
    want_number("scopes", p->detector.scope_count, scope_number(p->hosts.room, 0, 0));
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof(line),
                 "Nov 24 03:47:%02d mx%d postfix/qmgr[1]: 4FBFE15E604A: removed\n", 12 + i % 40, i);
        pipeline_lines(p, line, strlen(line));
    }
    pipeline_finish(p);
    pipeline_free(p);
    settings_done(&settings);
}
END_TEST

START_TEST(complete_settings_of_this_host_leave_nothing_to_learn)
{
    ck_assert(!learner_has_enough(learner));
    site_domains_configured(site, true);
    ck_assert(!learner_has_enough(learner)); /* whose are they? */
    learner_lines(learner, hosts[0].log, strlen(hosts[0].log));
    ck_assert(learner_has_enough(learner));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("learner");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    ADD_ROWS(tc, a_log_tells_whether_the_settings_are_its_own, hosts);
    tcase_add_test(tc, what_is_learned_is_told);
    ADD_ROWS(tc, a_mailbox_that_took_mail_exists, mailboxes);
    ADD_ROWS(tc, lines_that_look_alike_teach_what_they_can, late);
    tcase_add_test(tc, names_of_postfix_are_learned);
    ADD_ROWS(tc, a_domain_whose_mail_leaves_is_not_ours_by_delivery, taken);
    ADD_ROWS(tc, a_socket_that_takes_mail_for_providers_is_no_mailbox, sockets);
    tcase_add_test(tc, a_queue_is_learned_once);
    tcase_add_test(tc, there_is_room_for_all_hosts_with_a_queue);
    tcase_add_test(tc, complete_settings_of_this_host_leave_nothing_to_learn);
    return run_suite("learner", tc);
}
