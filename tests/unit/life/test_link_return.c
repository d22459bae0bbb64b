/* SPDX-License-Identifier: MIT */
/* Which message is another one that came back; g14 to g35 of the scenarios tell the stories. */
#include "core_run.h"
#include "return_lines.h"
#include "site/site_doors.h"

enum { CHAIN_MAX = 12 }; /* hops */

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    site_add_filter_service(run.site, SPAN("filter"));
}

static void end(void)
{
    core_end(&run);
}

static const struct {
    const char *name, *lines;
    enum origin origin, root; /* of AAAAA02 */
} cases[] = {
    {"given back", PARENT PIPED("sent") CHILD("1@a.example") SENT("x@c.example"), ORIGIN_FILTER,
     ORIGIN_OUTSIDE},
    {"given back before pipe says so",
     PARENT CHILD("1@a.example") PIPED("sent") SENT("X@C.example"), ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"given back, and an alias here",
     PARENT PIPED("sent") CHILD("1@a.example") SENT("y@d.example>, orig_to=<x@c.example"),
     ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"for somebody else", PARENT PIPED("sent") CHILD("1@a.example") SENT("y@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of another message-id", PARENT PIPED("sent") CHILD("2@a.example") SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"by a service that no setting names",
     PARENT
     "pipe: AAAAA01: to=<x@c.example>, relay=dovecot, delay=1, dsn=2.0.0, status=sent (ok)\n" CHILD(
         "1@a.example") SENT("x@c.example"),
     ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"for a recipient that did not go through the filter",
     PARENT PIPED("sent") "smtp: AAAAA01: to=<z@d.example>, relay=h[198.51.100.1]:25, delay=1, "
                          "dsn=2.0.0, status=sent (ok)\n" CHILD("1@a.example") SENT("z@d.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"on its way to the filter",
     PARENT PIPED("sent") CHILD("1@a.example") "pipe: AAAAA02: to=<x@c.example>, relay=filter, "
                                               "delay=1, dsn=2.0.0, status=sent (ok)\n",
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"a second recipient that the filter was not given",
     PARENT PIPED("sent") CHILD("1@a.example") SENT("x@c.example") SENT("y@c.example"),
     ORIGIN_FILTER, ORIGIN_OUTSIDE},
    {"eleven more recipients than the filter was given",
     PARENT PIPED("sent") CHILD("1@a.example") SENT("x@c.example") SENT("a@d.example")
         SENT("b@d.example") SENT("c@d.example") SENT("d@d.example") SENT("e@d.example")
             SENT("f@d.example") SENT("g@d.example") SENT("h@d.example") SENT("i@d.example")
                 SENT("j@d.example") SENT("k@d.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"forwarded by a mailbox", PARENT SAVED CHILD("1@a.example") FROM SENT("y@c.example"),
     ORIGIN_FORWARD, ORIGIN_OUTSIDE},
    {"forwarded by a mailbox, its sender logged last",
     PARENT SAVED CHILD("1@a.example") SENT("y@c.example") FROM, ORIGIN_FORWARD, ORIGIN_OUTSIDE},
    {"given back, under another sender, logged last",
     PARENT PIPED("sent") CHILD("1@a.example")
         SENT("x@c.example") "qmgr: AAAAA02: from=<z@a.example>, size=1, nrcpt=1 (queue active)\n",
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"forwarded under another sender",
     PARENT PIPED("sent") CHILD("1@a.example") "qmgr: AAAAA02: from=<z@a.example>, size=1, nrcpt=1 "
                                               "(queue active)\n" SENT("y@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of another host",
     PARENT PIPED("sent") "mx2 pickup: AAAAA03: uid=110 from=<a@a.example>\n"
                          "mx2 cleanup: AAAAA03: message-id=<1@a.example>\n" CHILD("3@a.example")
                              SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of no message-id that is known",
     "smtpd: AAAAA01: client=b[192.0.2.2]\n" PIPED(
         "sent") "pickup: AAAAA02: uid=110 from=<a@a.example>\n" SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of a local user, through the filter",
     "pickup: AAAAA01: uid=33 from=<a@a.example>\ncleanup: AAAAA01: "
     "message-id=<1@a.example>\n" PIPED("sent") CHILD("1@a.example") SENT("x@c.example"),
     ORIGIN_FILTER, ORIGIN_LOCAL},
    {"without a message-id, under another sender",
     "smtpd: AAAAA01: client=b[192.0.2.2]\ncleanup: AAAAA01: message-id=<>\n"
     "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n" PIPED("sent")
         CHILD("2@mx1") "qmgr: AAAAA02: from=<z@a.example>, size=1, nrcpt=1 (queue active)\n" SENT(
             "x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"not delivered", PARENT PIPED("deferred") CHILD("1@a.example") SENT("x@c.example"),
     ORIGIN_LOCAL, ORIGIN_LOCAL},
    {"of a client, not of sendmail",
     PARENT PIPED("sent") "smtpd: AAAAA02: client=c[203.0.113.9]\n"
                          "cleanup: AAAAA02: message-id=<1@a.example>\n" SENT("x@c.example"),
     ORIGIN_OUTSIDE, ORIGIN_OUTSIDE},
};

START_TEST(message_came_back)
{
    core_feed(&run, "%s", cases[_i].lines);
    pipeline_finish(run.p);
    const struct message *m = core_find(&run, "AAAAA02");
    want_text(cases[_i].name, origin_name(m->origin), origin_name(cases[_i].origin));
    want_text(cases[_i].name, origin_name(m->root), origin_name(cases[_i].root));
    if (cases[_i].root == ORIGIN_LOCAL) {
        bool own = cases[_i].origin == ORIGIN_LOCAL;
        want_number("uid", m->uid, own ? 110 : 33);
        want_number("client", m->client != NULL, 0);
        want_number("children", (int64_t)run.p->life.counters.children, !own);
    }
}
END_TEST

/* Another host's message of the same message-id and recipient was not given to this host's
 * filter. */
START_TEST(another_hosts_message_did_not_come_back_here)
{
    core_feed(&run, "%s", CHILD("1@a.example"));
    run.host = "mx2";
    core_feed(&run, "%s", PARENT PIPED("sent"));
    run.host = "mx1";
    core_feed(&run, "%s", SENT("x@c.example"));
    want_text("origin", origin_name(core_find(&run, "AAAAA02")->origin), "local");
}
END_TEST

/* Whoever gives all his mail one message-id is not forwarded by the filter that it went through. */
START_TEST(filter_does_not_forward)
{
    core_feed(&run, "%s%s%s%s", PARENT, PIPED("sent"), CHILD("1@a.example"), SENT("x@c.example"));
    want_text("filter", origin_name(core_find(&run, "AAAAA02")->origin), "filter");
    core_feed(&run,
              "smtpd: BBBBB01: client=b[192.0.2.2]\n"
              "cleanup: BBBBB01: message-id=<1@a.example>\n"
              "qmgr: BBBBB01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "pickup: BBBBB02: uid=110 from=<a@a.example>\n"
              "cleanup: BBBBB02: message-id=<1@a.example>\n"
              "qmgr: BBBBB02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: BBBBB02: to=<y@d.example>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n");
    want_text("the second, alone", origin_name(core_find(&run, "BBBBB02")->origin), "local");
    core_feed(&run, "pipe: BBBBB01: to=<y@d.example>, relay=filter, delay=1, dsn=2.0.0, "
                    "status=sent (ok)\n");
    want_text("the second", origin_name(core_find(&run, "BBBBB02")->origin), "filter");
    want_number("its parent", core_find(&run, "BBBBB02")->parent.slot,
                core_find(&run, "BBBBB01")->slot);
}
END_TEST

/* What a reply named is linked, whatever is delivered here with its message-id afterwards. */
START_TEST(named_link_is_not_made_anew)
{
    core_feed(
        &run, "%s%s", PARENT,
        "smtpd: AAAAA02: client=localhost[127.0.0.1]\n"
        "cleanup: AAAAA02: message-id=<1@a.example>\n"
        "smtp: AAAAA01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
        "dsn=2.0.0, status=sent (250 Ok: queued as AAAAA02)\n"
        "smtpd: AAAAA03: client=localhost[127.0.0.1]\n"
        "cleanup: AAAAA03: message-id=<1@a.example>\n"
        "qmgr: AAAAA03: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
        "local: AAAAA03: to=<x@c.example>, relay=local, delay=1, dsn=2.0.0, status=sent (ok)\n"
        "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
        "lmtp: AAAAA02: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10028, delay=1, "
        "dsn=2.0.0, status=sent (ok)\n");
    const struct message *second = core_find(&run, "AAAAA02");
    want_number("second hop", second->parent.slot, core_find(&run, "AAAAA01")->slot);
    want_number("third", core_find(&run, "AAAAA03")->parent.slot, second->slot);
}
END_TEST

/* Five of one message-id and recipient are one too many for their set: the oldest is forgotten, and
 * what comes back is the latest one's. */
START_TEST(the_latest_is_meant)
{
    for (int i = 0; i <= LINK_WAYS; i++)
        core_feed(&run,
                  "smtpd: BBBBB%02d: client=b%d[192.0.2.%d]\n"
                  "cleanup: BBBBB%02d: message-id=<1@a.example>\n"
                  "pipe: BBBBB%02d: to=<x@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                  "status=sent (ok)\n",
                  i, i, i, i, i);
    core_feed(&run, "%s%s", CHILD("1@a.example"), SENT("x@c.example"));
    want_number("client",
                span_equal(intern_span(core_find(&run, "AAAAA02")->client), SPAN("b4[192.0.2.4]")),
                1);
}
END_TEST

/* A filter that hands back 1500 messages only once it has them all. */
START_TEST(a_backlog_comes_back)
{
    enum { MESSAGES = 1500 };
    for (int i = 0; i < MESSAGES; i++)
        core_feed(&run,
                  "smtpd: B%06d: client=b[192.0.2.1]\n"
                  "cleanup: B%06d: message-id=<%d@a.example>\n"
                  "pipe: B%06d: to=<x%d@c.example>, relay=filter, delay=1, dsn=2.0.0, "
                  "status=sent (ok)\n",
                  i, i, i, i, i);
    for (int i = 0; i < MESSAGES; i++)
        core_feed(&run,
                  "pickup: C%06d: uid=110 from=<a@a.example>\n"
                  "cleanup: C%06d: message-id=<%d@a.example>\n"
                  "smtp: C%06d: to=<x%d@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (ok)\n",
                  i, i, i, i, i);
    want_number("children", (int64_t)run.p->life.counters.children, MESSAGES);
}
END_TEST

/* Delivered again and again, it takes one place. */
START_TEST(one_delivery_takes_one_place)
{
    core_feed(&run,
              "cleanup: BBBBB01: message-id=<1@a.example>\n"
              "pipe: BBBBB01: to=<x@c.example>, relay=filter, delay=1, dsn=2.0.0, "
              "status=sent (ok)\n%s",
              PARENT);
    for (int i = 0; i < 2 * LINK_WAYS; i++)
        core_feed(&run, "%s", PIPED("sent"));
    int places = 0;
    for (uint32_t i = 0; i < LINK_ENTRIES; i++)
        places += run.p->life.links.entry[i].ref.slot != 0;
    want_number("places", places, 2); /* by message-id */
}
END_TEST

#define HOP(id)                                                                                    \
    "smtpd: " id ": client=localhost[127.0.0.1]\n"                                                 \
    "cleanup: " id ": message-id=<1@a.example>\n"                                                  \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define TAKEN(id, port)                                                                            \
    "smtp: " id ": to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:" port ", delay=1, dsn=2.0.0, "    \
    "status=sent (250 Ok)\n"

/* Two filters in a row. The last message is taken for what came of the first one until the record
 * of the one between them comes. */
START_TEST(message_between_is_linked_to_both)
{
    core_feed(&run, "%s%s%s%s", PARENT, HOP("AAAAA03"), TAKEN("AAAAA01", "10024"), HOP("AAAAA02"));
    core_feed(&run, "%s", SENT("x@c.example"));
    const struct message *first = core_find(&run, "AAAAA01"), *last = core_find(&run, "AAAAA02");
    want_number("for now", last->parent.slot, first->slot);
    core_feed(&run, "%s", TAKEN("AAAAA03", "10026"));
    const struct message *between = core_find(&run, "AAAAA03");
    want_number("of the first", between->parent.slot, first->slot);
    want_number("of the one between", last->parent.slot, between->slot);
    want_number("one mail", last->whole.slot, first->slot);
}
END_TEST

/* What the reply of the last filter, which answers first, says is more than a message-id tells. */
START_TEST(name_links_to_the_message_between)
{
    core_feed(&run, "%s%s%s%s%s", PARENT, HOP("AAAAA03"), TAKEN("AAAAA01", "10024"), HOP("AAAAA02"),
              SENT("x@c.example"));
    const struct message *last = core_find(&run, "AAAAA02");
    uint32_t whole = last->whole.slot;
    want_number("for now", last->parent.slot, core_find(&run, "AAAAA01")->slot);
    core_feed(&run, "smtp: AAAAA03: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10028, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok: queued as AAAAA02)\n");
    struct message *between = core_find(&run, "AAAAA03");
    want_number("then", last->parent.slot, between->slot);
    want_number("one mail", last->whole.slot, whole);
    want_number("handed on", message_recipients(between)[0].flags & RECIPIENT_HERE, 0);
}
END_TEST

/* It names mail of another message-id, or of another sender: it stays what it was linked to. */
static const struct {
    const char *name, *message_id, *sender;
    bool links;
} between[] = {
    {"the same", "1@a.example", "a@a.example", true},
    {"another message-id", "2@a.example", "a@a.example", false},
    {"another sender", "1@a.example", "b@a.example", false},
    {"no message-id", "", "a@a.example", false},
};

START_TEST(name_of_linked_mail_has_to_fit)
{
    core_feed(&run, "%s%s%s%s", PARENT, TAKEN("AAAAA01", "10024"), HOP("AAAAA02"),
              SENT("x@c.example"));
    core_feed(&run,
              "smtpd: AAAAA03: client=localhost[127.0.0.1]\n"
              "cleanup: AAAAA03: message-id=<%s>\n"
              "qmgr: AAAAA03: from=<%s>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA03: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10028, delay=1, "
              "dsn=2.0.0, status=sent (250 Ok: queued as AAAAA02)\n",
              between[_i].message_id, between[_i].sender);
    want_number(between[_i].name, core_find(&run, "AAAAA02")->parent.slot,
                core_find(&run, between[_i].links ? "AAAAA03" : "AAAAA01")->slot);
}
END_TEST

/* A filter that tells by orig_queue_id= whose mail it gives back has given that back. */
START_TEST(named_mail_has_come_back)
{
    static const char named[] = "smtpd: AAAAA03: client=localhost[127.0.0.1], "
                                "orig_queue_id=AAAAA01\n"
                                "cleanup: AAAAA03: message-id=<1@a.example>\n";
    core_feed(&run, "%s%s%s", PARENT, named, TAKEN("AAAAA01", "10024"));
    struct message *first = core_find(&run, "AAAAA01");
    want_number("all that there is", message_recipients(first)[0].came_back, 1);
    core_feed(&run, "smtp: AAAAA03: to=<y@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                    "dsn=2.0.0, status=sent (ok)\n"
                    "smtp: AAAAA01: to=<y@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok)\n"
                    "smtp: AAAAA01: to=<z@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok)\n");
    want_number("one that it has", message_recipients(first)[1].came_back, 1);
    want_number("one that it has not", message_recipients(first)[2].came_back, 0);
}
END_TEST

/* The link to a message between stays, though its hop to that message is named only for the second
 * recipient, when the link is made already. */
START_TEST(named_recipient_went_in)
{
#define NAMED(to)                                                                                  \
    "smtp: AAAAA03: to=<" to ">, relay=127.0.0.1[127.0.0.1]:10028, delay=1, dsn=2.0.0, "           \
    "status=sent (250 Ok: queued as AAAAA02)\n"
    core_feed(&run, "%s%s%s", PARENT, HOP("AAAAA03"), TAKEN("AAAAA01", "10024"));
    core_feed(&run, "smtp: AAAAA01: to=<y@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok)\n");
    core_feed(&run, "%s%s%s%s", HOP("AAAAA02"), SENT("x@c.example"), NAMED("x@c.example"),
              NAMED("y@c.example"));
    const struct message *last = core_find(&run, "AAAAA02");
    want_number("between", last->parent.slot, core_find(&run, "AAAAA03")->slot);
    core_feed(&run, "%s", SENT("y@c.example"));
    want_number("still", last->parent.slot, core_find(&run, "AAAAA03")->slot);
}
END_TEST

/* The link stays though the first one's deliveries are logged in full before those of the message
 * between. */
START_TEST(message_between_knows_less_at_first)
{
    core_feed(&run, "%s%s%s%s%s", PARENT, HOP("AAAAA03"), TAKEN("AAAAA01", "10024"), HOP("AAAAA02"),
              SENT("x@c.example"));
    core_feed(&run, "%s%s", NAMED("x@c.example"), SENT("y@c.example"));
    core_feed(&run, "smtp: AAAAA01: to=<y@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok)\n");
    want_number("between", core_find(&run, "AAAAA02")->parent.slot,
                core_find(&run, "AAAAA03")->slot);
}
END_TEST

/* What the last one counted for stays, lest the mail be counted twice: the link of the first one
 * was logged later still. */
START_TEST(mail_is_counted_once_with_a_message_between)
{
    core_feed(&run, "%s%s%s%s%s%s", PARENT, HOP("AAAAA04"), HOP("AAAAA03"),
              TAKEN("AAAAA04", "10026"), HOP("AAAAA02"), SENT("x@c.example"));
    core_feed(&run, "smtp: AAAAA01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
                    "dsn=2.0.0, status=sent (250 Ok: queued as AAAAA04)\n");
    const struct message *last = core_find(&run, "AAAAA02");
    uint32_t whole = last->whole.slot;
    core_feed(&run, "%s", TAKEN("AAAAA03", "10028"));
    want_number("between", last->parent.slot, core_find(&run, "AAAAA03")->slot);
    want_number("the last", last->whole.slot, whole);
    want_number("the one between", core_find(&run, "AAAAA03")->whole.slot, whole);
}
END_TEST

/* A filter gets its mail twice, as it answered too late: both that it gives back are that mail. */
START_TEST(filter_gives_back_twice)
{
    core_feed(&run, "%s%s%s%s", PARENT, HOP("AAAAA03"), HOP("AAAAA02"), TAKEN("AAAAA01", "10024"));
    core_feed(&run,
              "%ssmtp: AAAAA03: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
              "dsn=2.0.0, status=sent (ok)\n",
              SENT("x@c.example"));
    const struct message *first = core_find(&run, "AAAAA01"), *twice = core_find(&run, "AAAAA03");
    want_number("the one", core_find(&run, "AAAAA02")->parent.slot, first->slot);
    want_number("the other waits", twice->parent.slot, 0);
    pipeline_finish(run.p);
    want_number("and is that mail", twice->parent.slot, first->slot);
}
END_TEST

/* The lines of mail through filters in a row that no setting names, in an order that processes may
 * log them in: each message's own stand in order, and one begins when the one before is queued. */
static void feed_in_some_order(int hops, uint32_t random)
{
    enum { ACCEPTED, NAMED, QUEUED, DELIVERED, REMOVED, STEPS };
    int next[CHAIN_MAX + 1], last = 0;

    memset(next, 0, sizeof(next));
    for (int left = (hops + 1) * STEPS; left; left--) {
        int i;
        do {
            random = random * 1103515245 + 12345;
            i = (int)((random >> 16) % ((uint32_t)last + 1));
        } while (next[i] == STEPS);
        char id[16];
        snprintf(id, sizeof(id), "AAAA%02d", i);
        last += next[i] == QUEUED && i == last && i < hops;
        switch (next[i]++) {
        case ACCEPTED:
            if (i)
                core_feed(&run, "pickup: %s: uid=110 from=<a@a.example>", id);
            else
                core_feed(&run, "smtpd: %s: client=b[192.0.2.2]", id);
            break;
        case NAMED:
            core_feed(&run, "cleanup: %s: message-id=<1@a.example>", id);
            break;
        case QUEUED:
            core_feed(&run, "qmgr: %s: from=<a@a.example>, size=1, nrcpt=1 (queue active)", id);
            break;
        case DELIVERED:
            if (i < hops)
                core_feed(&run,
                          "pipe: %s: to=<x@c.example>, relay=f%d, delay=1, dsn=2.0.0, status=sent "
                          "(ok)",
                          id, i);
            else
                core_feed(&run,
                          "smtp: %s: to=<x@c.example>, relay=mx[198.51.100.1]:25, delay=1, "
                          "dsn=2.0.0, status=sent (ok)",
                          id);
            break;
        default:
            core_feed(&run, "qmgr: %s: removed", id);
        }
    }
}

/* The row is the number of hops. In every other order no setting names the filters: then whose mail
 * it is shows as well, but the first through them may be counted at each. */
START_TEST(hops_by_pipe_in_any_order)
{
    enum { ORDERS = 40 };

    core_end(&run);
    for (uint32_t order = 0; order < ORDERS; order++) {
        struct incident_view view;
        core_begin(&run, "[open-relay]\nrecipients = 1\n");
        for (int i = 0; i < _i && order % 2; i++) {
            char service[16];
            snprintf(service, sizeof(service), "f%d", i);
            site_add_filter_service(run.site, span_str(service));
        }
        feed_in_some_order(_i, order);
        pipeline_finish(run.p);
        for (int i = 0; i <= _i; i++) {
            char id[16];
            snprintf(id, sizeof(id), "AAAA%02d", i);
            const struct message *m = core_find(&run, id);
            want_text(id, origin_name(m->root), "outside");
            want_number(id, span_equal(intern_span(m->client), SPAN("b[192.0.2.2]")), 1);
        }
        if (order % 2 == 0) {
            core_end(&run);
            continue;
        }
        incident_view_init(&view, &run.p->detector, core_incident(&run));
        want_number("messages", (int64_t)view.totals.messages, 1);
        want_number("recipients", (int64_t)view.totals.recipients, 1);
        want_number("sent", (int64_t)view.totals.sent, 1);
        incident_view_done(&view);
        core_end(&run);
    }
    begin();
}
END_TEST

/* Whoever sends a mail once more, through two filters and a program that takes it away, does not
 * get it back from there: else all that leaves by it would be taken for what a filter has. */
static void send_through_filters(char first, const char *accept)
{
    static const char *const relay[] = {"127.0.0.1[127.0.0.1]:10024", "127.0.0.1[127.0.0.1]:10026",
                                        "mailapi"};

    for (int i = 0; i < 3; i++)
        core_feed(&run,
                  "%s%cAAAA%02d%s\n"
                  "cleanup: %cAAAA%02d: message-id=<1@a.example>\n"
                  "qmgr: %cAAAA%02d: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "%s: %cAAAA%02d: to=<x@c.example>, relay=%s, delay=1, dsn=2.0.0, status=sent "
                  "(ok)\n",
                  i ? "smtpd: " : accept, first, i,
                  i || *accept == 's' ? ": client=localhost[127.0.0.1]" : ": uid=1000 from=<a>",
                  first, i, first, i, i < 2 ? "smtp" : "pipe", first, i, relay[i]);
}

START_TEST(mail_sent_once_more_has_not_come_back)
{
    const char *accept = _i ? "smtpd: " : "pickup: ";

    for (char first = 'A'; first <= 'C'; first++) {
        send_through_filters(first, accept);
        run.now_s += 2;
    }
    pipeline_finish(run.p);
    for (char first = 'A'; first <= 'C'; first++) {
        char id[] = {first, 'A', 'A', 'A', 'A', '0', '0', '\0'};
        want_text(id, origin_name(core_find(&run, id)->origin), _i ? "trusted" : "local");
        id[6] = '2';
        want_text(id, origin_name(core_find(&run, id)->origin), "filter");
    }
    ck_assert(!site_door_has_given_back(run.site, site_door(run.site, SPAN("mailapi"))));
}
END_TEST

/* A retry, long after what it came of is forgotten, changes nothing. */
START_TEST(late_retry_stays_what_it_is)
{
    core_feed(&run, "%s%s%s%s", PARENT, PIPED("sent"), "qmgr: AAAAA01: removed\n",
              CHILD("1@a.example"));
    core_feed(&run, "smtp: AAAAA02: to=<x@c.example>, relay=none, delay=1, dsn=4.0.0, "
                    "status=deferred (x)");
    run.now_s += 7200;
    core_feed(&run, "smtpd: CCCCC01: client=a[192.0.2.1]");
    ck_assert_ptr_null(core_find(&run, "AAAAA01"));
    core_feed(&run, "%s", SENT("x@c.example"));
    want_text("origin", origin_name(core_find(&run, "AAAAA02")->origin), "filter");
    want_text("root", origin_name(core_find(&run, "AAAAA02")->root), "outside");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_pipe");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, message_came_back, cases);
    tcase_add_test(tc, another_hosts_message_did_not_come_back_here);
    tcase_add_test(tc, named_link_is_not_made_anew);
    tcase_add_test(tc, filter_does_not_forward);
    tcase_add_test(tc, the_latest_is_meant);
    tcase_add_test(tc, a_backlog_comes_back);
    tcase_add_test(tc, one_delivery_takes_one_place);
    tcase_add_test(tc, message_between_is_linked_to_both);
    tcase_add_test(tc, name_links_to_the_message_between);
    ADD_ROWS(tc, name_of_linked_mail_has_to_fit, between);
    tcase_add_test(tc, named_mail_has_come_back);
    tcase_add_test(tc, named_recipient_went_in);
    tcase_add_test(tc, message_between_knows_less_at_first);
    tcase_add_test(tc, mail_is_counted_once_with_a_message_between);
    tcase_add_test(tc, filter_gives_back_twice);
    tcase_add_loop_test(tc, hops_by_pipe_in_any_order, 1, CHAIN_MAX + 1);
    tcase_add_loop_test(tc, mail_sent_once_more_has_not_come_back, 0, 2);
    tcase_add_test(tc, late_retry_stays_what_it_is);
    return run_suite("life_pipe", tc);
}
