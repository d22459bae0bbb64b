/* SPDX-License-Identifier: MIT */
/* What a delivery record makes of a message; the stories are in tests/scenarios. */
#include "core_run.h"
#include "site/site_doors.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define CHILD(client)                                                                              \
    "smtpd: AAAAA02: client=" client "\n"                                                          \
    "cleanup: AAAAA02: message-id=<1@a.example>\n"
#define QUEUED_AS(relay)                                                                           \
    "smtp: AAAAA01: to=<x@c.example>, relay=" relay                                                \
    ", delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAA02)"

static const struct {
    const char *name, *lines;
    enum origin origin; /* of AAAAA02 */
    int doubtful;
} hops[] = {
    {"a filter's hop", PARENT CHILD("localhost[127.0.0.1]") QUEUED_AS("127.0.0.1[127.0.0.1]:10024"),
     ORIGIN_FILTER, 0},
    {"the hop of one that was removed",
     PARENT CHILD("localhost[127.0.0.1]") "qmgr: AAAAA02: removed\n" QUEUED_AS(
         "127.0.0.1[127.0.0.1]:10024"),
     ORIGIN_FILTER, 0},
    {"a remote server's word",
     PARENT CHILD("localhost[127.0.0.1]") QUEUED_AS("mx[198.51.100.1]:25"), ORIGIN_TRUSTED, 0},
    {"another client's message",
     PARENT CHILD("c[203.0.113.9]") QUEUED_AS("127.0.0.1[127.0.0.1]:10024"), ORIGIN_OUTSIDE, 1},
    {"another message-id",
     PARENT "smtpd: AAAAA02: client=localhost[127.0.0.1]\n"
            "cleanup: AAAAA02: message-id=<2@a.example>\n" QUEUED_AS("127.0.0.1[127.0.0.1]:10024"),
     ORIGIN_TRUSTED, 1},
};

START_TEST(hop_is_believed_of_this_host_only)
{
    core_feed(&run, "%s", hops[_i].lines);
    want_number(hops[_i].name, core_find(&run, "AAAAA02")->origin, hops[_i].origin);
    want_number("doubtful", (int64_t)run.p->life.counters.doubtful_links, hops[_i].doubtful);
}
END_TEST

/* A reply may name an ID that the server has seen before: what came long before the message that
 * is delivered can't be that message going on. */
START_TEST(hop_is_not_older_than_what_it_carries)
{
    for (uint32_t older_s = 2; older_s <= 3; older_s++) {
        end();
        begin();
        core_feed(&run, "%s", CHILD("localhost[127.0.0.1]"));
        run.now_s += older_s;
        core_feed(&run, "%s", PARENT QUEUED_AS("127.0.0.1[127.0.0.1]:10024"));
        want_number("older by", core_find(&run, "AAAAA02")->origin,
                    older_s == 2 ? ORIGIN_FILTER : ORIGIN_TRUSTED);
        want_number("doubtful", (int64_t)run.p->life.counters.doubtful_links, older_s == 3);
    }
}
END_TEST

/* Mail by the transport "relay" is for relay domains, unless all mail leaves by it. */
#define BY_RELAY(to, hop)                                                                          \
    "relay/smtp: AAAAA01: to=<" to ">, relay=" hop ", delay=1, dsn=2.0.0, status=sent (Ok)\n"

static const struct {
    const char *name, *lines;
    bool left; /* of the last recipient */
} relays[] = {
    {"a relay domain's server", BY_RELAY("x@c.example", "mx[198.51.100.1]:25"), false},
    {"a relay host, by its port", BY_RELAY("x@c.example", "mx[198.51.100.1]:587"), true},
    {"a relay host, by TLS", BY_RELAY("x@c.example", "mx[198.51.100.1]:465"), true},
    {"a provider's mail", BY_RELAY("x@gmail.com", "mx[198.51.100.1]:25"), true},
    {"what leaves beside it",
     BY_RELAY("x@gmail.com", "mx[198.51.100.1]:25") BY_RELAY("y@c.example", "mx[198.51.100.1]:25"),
     true},
};

START_TEST(relay_transport_serves_relay_domains)
{
    core_feed(&run, PARENT "%s", relays[_i].lines);
    struct message *m = core_find(&run, "AAAAA01");
    const struct recipient *r = &message_recipients(m)[m->recipient_count - 1];
    want_number(relays[_i].name, (r->flags & RECIPIENT_LEFT) != 0, relays[_i].left);
}
END_TEST

START_TEST(forward_makes_a_child)
{
    core_feed(&run, PARENT "local: AAAAA01: to=<b@c.d>, relay=local, delay=1, status=sent "
                           "(forwarded as AAAAA03)");
    const struct message *child = core_find(&run, "AAAAA03");
    ck_assert_ptr_nonnull(child);
    want_number("origin", child->origin, ORIGIN_FORWARD);
    want_number("root", child->root, ORIGIN_OUTSIDE);
    want_number("children", (int64_t)run.p->life.counters.children, 1);
}
END_TEST

START_TEST(retry_is_the_same_recipient)
{
    core_feed(&run, PARENT "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, dsn=4.0.0, "
                           "status=deferred (x)\n"
                           "smtp: AAAAA01: to=<X@B.example>, relay=h[198.51.100.1]:25, delay=9, "
                           "dsn=2.0.0, status=sent (ok)");
    struct message *m = core_find(&run, "AAAAA01");
    want_number("recipients", m->recipient_count, 1);
    want_number("status", message_recipients(m)[0].status, STATUS_SENT);
}
END_TEST

START_TEST(beginning_is_worked_out_from_delay)
{
    core_feed(&run, "smtp: AAAAA04: to=<x@b.example>, relay=none, delay=332231, dsn=4.0.0, "
                    "status=deferred (x)");
    const struct message *m = core_find(&run, "AAAAA04");
    want_number("queued before", (int64_t)m->last_s - m->begun_s, 332231);
}
END_TEST

/* Where all domains are told, only what has nobody else's mail knows better; a18, a34 and e28 of
 * the scenarios have the rest. */
static const struct {
    const char *name, *agent, *status;
    enum domain_class class;
} teachers[] = {
    {"local", "local", "sent (delivered)", CLASS_OURS},
    {"local refuses", "local", "bounced (unknown user)", CLASS_OURS},
    {"virtual", "virtual", "sent (delivered)", CLASS_OURS},
    {"virtual refuses", "virtual", "bounced (unknown user)", CLASS_OURS},
    {"lmtp to a mailbox", "lmtp", "sent (Ok)", CLASS_OURS},
    {"pipe", "pipe", "sent (Ok)", CLASS_OUTSIDE},
    {"smtp", "smtp", "sent (Ok)", CLASS_OUTSIDE},
    {"error", "error", "bounced (x)", CLASS_OUTSIDE},
};

START_TEST(deliveries_teach_domains)
{
    core_feed(&run, PARENT "%s: AAAAA01: to=<x@new.example>, relay=x, delay=1, status=%s",
              teachers[_i].agent, teachers[_i].status);
    want_text(teachers[_i].name, class_name(site_class(run.site, SPAN("new.example"))),
              class_name(teachers[_i].class));
}
END_TEST

static const struct {
    const char *name, *relay;
    bool door; /* at 10.0.0.1 */
} near[] = {
    {"a mail server", "mx[10.0.0.1]:25", true},
    {"its name begins with a bracket", "]x[10.0.0.1]:25", true},
    {"a filter", "]x[10.0.0.1]:10025", true},
    {"another", "mx[10.0.0.2]:25", false},
};

/* Mail may come back from there, whatever the server is called. */
START_TEST(a_machine_near_by_is_a_door)
{
    core_feed(&run,
              PARENT "smtp: AAAAA01: to=<x@c.example>, relay=%s, delay=1, delays=1/0/0/0, "
                     "dsn=2.0.0, status=sent (250 2.0.0 Ok)",
              near[_i].relay);
    want_number(near[_i].name, site_has_door_at(run.site, SPAN("10.0.0.1")), near[_i].door);
}
END_TEST

static const struct {
    const char *name, *agent, *relay, *reply;
    bool stays;
} mailboxes[] = {
    {"local", "local", "local", "delivered to maildir", true},
    {"virtual", "virtual", "virtual", "delivered to maildir", true},
    {"a mailbox program", "local", "local", "delivered to command: /usr/bin/procmail", true},
    {"a program", "local", "local", "delivered to command: /usr/bin/filter", false},
    {"Dovecot", "lmtp", "mx1[private/dovecot-lmtp]", "250 2.0.0 <x@c.example> x1 Saved", true},
    {"a filter's socket", "lmtp", "mx1[private/scan]", "250 2.0.0 Ok", false},
    {"a filter that the settings name", "lmtp", "127.0.0.1[127.0.0.1]:10024", "250 2.0.0 x Saved",
     false},
    {"a pipe", "pipe", "scan", "delivered via scan service", false},
};

START_TEST(mail_in_a_mailbox_stays_there)
{
    core_feed(&run, PARENT "%s: AAAAA01: to=<x@c.example>, relay=%s, delay=1, status=sent (%s)",
              mailboxes[_i].agent, mailboxes[_i].relay, mailboxes[_i].reply);
    want_number(mailboxes[_i].name, message_recipients(core_find(&run, "AAAAA01"))[0].came_back,
                mailboxes[_i].stays);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_delivery");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, hop_is_believed_of_this_host_only, hops);
    ADD_ROWS(tc, deliveries_teach_domains, teachers);
    ADD_ROWS(tc, a_machine_near_by_is_a_door, near);
    ADD_ROWS(tc, mail_in_a_mailbox_stays_there, mailboxes);
    ADD_ROWS(tc, relay_transport_serves_relay_domains, relays);
    tcase_add_test(tc, hop_is_not_older_than_what_it_carries);
    tcase_add_test(tc, forward_makes_a_child);
    tcase_add_test(tc, retry_is_the_same_recipient);
    tcase_add_test(tc, beginning_is_worked_out_from_delay);
    return run_suite("life_delivery", tc);
}
