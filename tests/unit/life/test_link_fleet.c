/* SPDX-License-Identifier: MIT */
/* Mail that one host hands to another, in either order of their lines. */
#include "core_run.h"

static struct core_run run;

#define FRONT_OF(id)                                                                               \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=" id "\n"                                                        \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define FRONT FRONT_OF("<1@a.example>")
#define HANDED_TO(relay)                                                                           \
    "smtp: AAAAA01: to=<x@c.example>, relay=back[" relay "]:25, delay=1, "                         \
    "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as BBBBB02)\n"                   \
    "qmgr: AAAAA01: removed\n"
#define HANDED HANDED_TO("10.1.0.2")
#define BACK(client, id)                                                                           \
    "smtpd: BBBBB02: client=" client "\n"                                                          \
    "cleanup: BBBBB02: message-id=<" id ">\n"                                                      \
    "qmgr: BBBBB02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define LEFT                                                                                       \
    "smtp: BBBBB02: to=<x@c.example>, relay=mx.c.example[203.0.113.1]:25, delay=1, "               \
    "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"

static const struct {
    const char *name;
    struct {
        const char *host, *lines;
        int after_s, late_s; /* than the part before; than their own time */
    } part[4];
    enum origin root; /* of BBBBB02 */
    int observations;
} rows[] = {
    {"the front's lines first",
     {{"front", FRONT HANDED, 0, 0}, {"back", BACK("front[10.1.0.1]", "1@a.example") LEFT, 1, 0}},
     ORIGIN_OUTSIDE,
     1},
    {"the back's lines first",
     {{"back", BACK("front[10.1.0.1]", "1@a.example") LEFT, 0, 0},
      {"front", FRONT HANDED, 300, 300}},
     ORIGIN_OUTSIDE,
     1},
    {"as they happen",
     {{"front", FRONT, 0, 0},
      {"back", BACK("front[10.1.0.1]", "1@a.example"), 0, 0},
      {"front", HANDED, 1, 0},
      {"back", LEFT, 1, 0}},
     ORIGIN_OUTSIDE,
     1},
    {"later than anybody waits: the mail of who brought it",
     {{"back", BACK("front[10.1.0.1]", "1@a.example") LEFT "qmgr: CCCCC03: removed\n", 0, 0},
      {"back", "qmgr: CCCCC03: removed\n", 661, 0},
      {"front", FRONT HANDED, 0, 661}},
     ORIGIN_TRUSTED,
     1},
    {"clocks further apart than they may be",
     {{"back", BACK("front[10.1.0.1]", "1@a.example") LEFT, 0, 0}, {"front", FRONT HANDED, 11, -1}},
     ORIGIN_NONE,
     0},
    {"to itself, by its address in the fleet",
     {{"back", FRONT, 0, 0},
      {"back", BACK("back[10.1.0.2]", "1@a.example"), 0, 0},
      {"back", HANDED LEFT, 1, 0}},
     ORIGIN_OUTSIDE,
     1},
    {"another message-id",
     {{"front", FRONT HANDED, 0, 0}, {"back", BACK("front[10.1.0.1]", "2@a.example") LEFT, 1, 0}},
     ORIGIN_NONE,
     0},
    {"a stranger's, who borrows the message-id",
     {{"front", FRONT HANDED, 0, 0}, {"back", BACK("z[198.51.100.9]", "1@a.example") LEFT, 1, 0}},
     ORIGIN_OUTSIDE,
     1},
    {"a reply of a host that is none of the fleet's",
     {{"front", FRONT HANDED_TO("203.0.113.2"), 0, 0},
      {"back", BACK("z[198.51.100.9]", "1@a.example"), 1, 0}},
     ORIGIN_OUTSIDE,
     1},
};

/* The message that the other host has handed over. */
static const struct message *arrived(void)
{
    uint16_t back = hosts_find(&run.p->hosts, SPAN("back"));
    struct queue_id id;
    uint32_t at = 0;

    ck_assert_int_ne(back, HOSTS_NONE);
    queue_id_parse(SPAN("BBBBB02"), &id);
    const struct message *m =
        tracker_find_all(&run.p->tracker, (uint16_t)(back * HOSTS_INSTANCES_MAX), id, &at);
    ck_assert_ptr_nonnull(m);
    return m;
}

START_TEST(mail_is_one_message_on_two_hosts)
{
    core_begin_site(&run, NULL, "fleet = 10.1.0.0/24\n");
    for (int i = 0; i < 4 && rows[_i].part[i].host; i++) {
        run.host = rows[_i].part[i].host;
        run.off_s = -rows[_i].part[i].late_s;
        run.now_s += (uint32_t)rows[_i].part[i].after_s;
        core_feed(&run, "%s", rows[_i].part[i].lines);
    }
    want_number(rows[_i].name, arrived()->root, rows[_i].root);
    want_number(rows[_i].name, (int64_t)run.p->detector.counters.observations,
                rows[_i].observations);
    core_end(&run);
}
END_TEST

static const struct {
    const char *name, *client, *id, *relay;
    int others; /* hosts in the log besides these two */
    enum origin root;
} untold[] = {
    {"a host near by", "10.1.0.1", "<1@a.example>", "10.1.0.2", 0, ORIGIN_OUTSIDE},
    {"one of eight", "10.1.0.1", "<1@a.example>", "10.1.0.2", 6, ORIGIN_OUTSIDE},
    {"one of nine", "10.1.0.1", "<1@a.example>", "10.1.0.2", 7, ORIGIN_TRUSTED},
    {"another message-id", "10.1.0.1", "<2@a.example>", "10.1.0.2", 0, ORIGIN_TRUSTED},
    {"without a message-id", "10.1.0.1", "<>", "10.1.0.2", 0, ORIGIN_TRUSTED},
    {"a server elsewhere says so", "10.1.0.1", "<1@a.example>", "203.0.113.2", 0, ORIGIN_TRUSTED},
    {"a public address says a host near by", "203.0.113.7", "<1@a.example>", "10.1.0.2", 0,
     ORIGIN_OUTSIDE},
};

START_TEST(a_few_hosts_near_by_are_a_fleet_that_nobody_told_of)
{
    const char *id = untold[_i].id;
    bool none = strcmp(id, "<>") == 0;

    core_begin_site(&run, NULL, "");
    run.host = "front";
    core_feed(&run, FRONT_OF("%s"), none ? id : "<1@a.example>");
    for (int i = 0; i < untold[_i].others; i++) {
        char host[20];
        snprintf(host, sizeof(host), "other%d", i);
        run.host = host;
        core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n");
    }
    run.host = "back";
    core_feed(&run,
              "smtpd: BBBBB02: client=front[%s]\n"
              "cleanup: BBBBB02: message-id=%s\n"
              "qmgr: BBBBB02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n" LEFT,
              untold[_i].client, id);
    run.host = "front";
    core_feed(&run, HANDED_TO("%s"), untold[_i].relay);
    run.host = "back";
    run.now_s += 70;
    core_feed(&run, "qmgr: CCCCC03: removed\n");
    want_number(untold[_i].name, arrived()->root, untold[_i].root);
    core_end(&run);
}
END_TEST

/* Of a login's mail, which the back takes from a public address. */
static const struct {
    const char *name, *client, *sender, *id, *relay, *reply, *recipient;
    int others;
    enum origin root;
    bool late; /* in whichever order the lines come */
} away[] = {
    {"a host elsewhere", "198.51.100.1", "a@a.example", "<1@a.example>", "198.51.100.2", "BBBBB02",
     "x@c.example", 0, ORIGIN_ACCOUNT, true},
    {"by IPv6", "2001:db8::1", "a@a.example", "<1@a.example>", "2001:db8::2", "BBBBB02",
     "x@c.example", 0, ORIGIN_ACCOUNT, true},
    {"one of eight", "198.51.100.1", "a@a.example", "<1@a.example>", "198.51.100.2", "BBBBB02",
     "x@c.example", 6, ORIGIN_ACCOUNT, true},
    {"one of nine", "198.51.100.1", "a@a.example", "<1@a.example>", "198.51.100.2", "BBBBB02",
     "x@c.example", 7, ORIGIN_OUTSIDE, true},
    {"another queue ID", "198.51.100.1", "a@a.example", "<1@a.example>", "198.51.100.2", "BBBBB03",
     "x@c.example", 0, ORIGIN_OUTSIDE, true},
    {"another message-id", "198.51.100.1", "a@a.example", "<2@a.example>", "198.51.100.2",
     "BBBBB02", "x@c.example", 0, ORIGIN_OUTSIDE, true},
    {"another sender", "198.51.100.1", "b@a.example", "<1@a.example>", "198.51.100.2", "BBBBB02",
     "x@c.example", 0, ORIGIN_OUTSIDE, true},
    {"another recipient", "198.51.100.1", "a@a.example", "<1@a.example>", "198.51.100.2", "BBBBB02",
     "y@gmail.com", 0, ORIGIN_OUTSIDE, true},
    {"what answered brought it", "198.51.100.2", "a@a.example", "<1@a.example>", "198.51.100.2",
     "BBBBB02", "x@c.example", 0, ORIGIN_OUTSIDE, false},
    {"near by, though the other is not", "10.0.0.1", "a@a.example", "<1@a.example>", "198.51.100.2",
     "BBBBB02", "x@c.example", 0, ORIGIN_TRUSTED, true},
};

static void front_of_login(void)
{
    run.host = "front";
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=bob\n"
                    "cleanup: AAAAA01: message-id=<1@a.example>\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n");
}

static void front_handed(int row)
{
    run.host = "front";
    core_feed(&run,
              "smtp: AAAAA01: to=<x@c.example>, relay=back[%s]:25, delay=1, delays=1/0/0/0, "
              "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %s)\n"
              "qmgr: AAAAA01: removed\n",
              away[row].relay, away[row].reply);
}

static void back_arrived(int row)
{
    run.host = "back";
    core_feed(&run,
              "smtpd: BBBBB02: client=front[%s]\n"
              "cleanup: BBBBB02: message-id=%s\n"
              "qmgr: BBBBB02: from=<%s>, size=1, nrcpt=1 (queue active)\n",
              away[row].client, away[row].id, away[row].sender);
}

static void back_delivered(int row)
{
    run.host = "back";
    core_feed(&run,
              "smtp: BBBBB02: to=<%s>, relay=mx.c.example[203.0.113.1]:25, delay=1, "
              "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n",
              away[row].recipient);
}

/* The reply is logged before or after the delivery, or before the mail has arrived. */
START_TEST(hosts_at_public_addresses_must_agree_in_more)
{
    for (int order = 0; order < 2 + away[_i].late; order++) {
        char name[100];
        snprintf(name, sizeof(name), "%s, order %d", away[_i].name, order);
        core_begin_site(&run, NULL, "");
        front_of_login();
        for (int i = 0; i <= away[_i].others; i++) {
            char host[20];
            snprintf(host, sizeof(host), i ? "other%d" : "back", i);
            run.host = host;
            core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n");
        }
        if (order == 2)
            front_handed(_i);
        back_arrived(_i);
        if (order == 0)
            front_handed(_i);
        back_delivered(_i);
        if (order == 1)
            front_handed(_i);
        run.host = "back";
        run.now_s += 70;
        core_feed(&run, "qmgr: CCCCC03: removed\n");
        want_number(name, arrived()->root, away[_i].root);
        core_end(&run);
    }
}
END_TEST

/* Where the back's lines came first, its mail was counted as a stranger's: once, until it is known
 * that such mail has to wait. */
START_TEST(mail_judged_too_early_is_recounted)
{
    for (int known = 0; known < 2; known++) {
        core_begin(&run, NULL);
        front_of_login();
        if (known)
            site_see_handover(run.site, span_str(away[0].client));
        run.host = "back";
        core_feed(&run,
                  "smtpd: BBBBB02: client=front[%s]\n"
                  "qmgr: BBBBB02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n",
                  away[0].client);
        back_delivered(0);
        core_feed(&run, "cleanup: BBBBB02: message-id=<1@a.example>\n");
        want_number("not yet", run.p->judge.reread, 0);
        front_handed(0);
        want_number(known ? "known" : "new", run.p->judge.reread, known ? 0 : REREAD_APART);
        core_end(&run);
    }
}
END_TEST

/* The n-th message of that front, on the front and on the back. */
static void hand(int front, int n)
{
    char host[20];

    snprintf(host, sizeof(host), "front%d", front);
    run.host = host;
    core_feed(&run,
              "smtpd: A%02dF%04d: client=b[192.0.2.2]\n"
              "cleanup: A%02dF%04d: message-id=<%d.%d@a.example>\n"
              "qmgr: A%02dF%04d: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: A%02dF%04d: to=<x@c.example>, relay=back[10.1.0.2]:25, delay=1, "
              "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as B%02dF%04d)\n"
              "qmgr: A%02dF%04d: removed",
              front, n, front, n, front, n, front, n, front, n, front, n, front, n);
}

static void arrive(int front, int n)
{
    run.host = "back";
    core_feed(&run,
              "smtpd: B%02dF%04d: client=front%d[10.1.0.1]\n"
              "cleanup: B%02dF%04d: message-id=<%d.%d@a.example>\n"
              "qmgr: B%02dF%04d: removed",
              front, n, front, front, n, front, n, front, n);
}

/* However many they are, all find each other when the back's lines come four minutes late. */
static const struct {
    const char *name;
    int fronts, messages; /* of each */
} many[] = {{"of one host", 1, 2000}, {"of all", 90, 1000}};

START_TEST(many_that_come_late_are_found)
{
    int all = many[_i].fronts * many[_i].messages;

    core_begin_site(&run, NULL, "fleet = 10.1.0.0/24\n");
    for (int i = 0; i < all; i++) {
        run.now_s = CORE_BEGIN_S + (uint32_t)(240 * i / all);
        hand(i % many[_i].fronts, i / many[_i].fronts);
    }
    for (int i = 0; i < all; i++) {
        run.now_s = CORE_BEGIN_S + (uint32_t)(240 * i / all);
        arrive(i % many[_i].fronts, i / many[_i].fronts);
    }
    want_number(many[_i].name, (int64_t)run.p->life.counters.children, all);
    want_number("links lost", (int64_t)run.p->life.counters.links_overwritten, 0);
    core_end(&run);
}
END_TEST

/* --- three hosts, whose lines come in any order ----------------------------------------------- */

enum { CHAIN_HOSTS = 4, CHAIN_MESSAGES = 12, CHAIN_LINES_MAX = 200 };
static const char *const chain_hosts[CHAIN_HOSTS] = {"front0", "front1", "mid", "back"};
static const int chain_off_s[CHAIN_HOSTS] = {-3, 2, 4, 0}; /* clocks */

struct chain_line {
    uint32_t at_s;
    char text[200];
};
static struct chain_log {
    struct chain_line line[CHAIN_LINES_MAX];
    int count;
} chain[CHAIN_HOSTS];

__attribute__((format(printf, 3, 4))) static void chain_log(int host, int at_s, const char *format,
                                                            ...)
{
    struct chain_line *line = &chain[host].line[chain[host].count++];
    va_list args;

    line->at_s = CORE_BEGIN_S + (uint32_t)(at_s + chain_off_s[host]);
    va_start(args, format);
    vsnprintf(line->text, sizeof(line->text), format, args);
    va_end(args);
}

static void chain_hop(int host, int at_s, const char *id, const char *client, int n)
{
    chain_log(host, at_s, "smtpd: %s: client=%s", id, client);
    chain_log(host, at_s, "cleanup: %s: message-id=<%d@a.example>", id, n);
    chain_log(host, at_s, "qmgr: %s: from=<a%d@a.example>, size=1, nrcpt=1 (queue active)", id, n);
}

static void chain_gone(int host, int at_s, const char *id, const char *relay, const char *reply)
{
    chain_log(host, at_s,
              "smtp: %s: to=<x@c.example>, relay=%s:25, delay=1, delays=1/0/0/0, dsn=2.0.0, "
              "status=sent (250 2.0.0 Ok%s%s)",
              id, relay, reply ? ": queued as " : "", reply ? reply : "");
    chain_log(host, at_s, "qmgr: %s: removed", id);
}

/* Mail that comes in on the fronts, and leaves by two other hosts, one behind the other. */
static void write_chain(const char *network, int clients, const char *login)
{
    memset(chain, 0, sizeof(chain));
    for (int n = 0; n < CHAIN_MESSAGES; n++) {
        char front[10], mid[10], back[10], who[100];
        int at_s = n / 3 * 7, host = n % 2;
        snprintf(front, sizeof(front), "A0%04X", 0xA000 + n * 7919 % 4096);
        snprintf(mid, sizeof(mid), "B0%04X", 0xB000 + n);
        snprintf(back, sizeof(back), "C0%04X", 0xC000 + n);
        snprintf(who, sizeof(who), "b[%s%d]%s", network, n % clients, login);
        chain_hop(host, at_s, front, who, n);
        chain_gone(host, at_s + 1, front, "mid[10.1.0.3]", mid);
        chain_hop(2, at_s + 1, mid, host ? "front1[10.1.0.2]" : "front0[10.1.0.1]", n);
        chain_gone(2, at_s + 2, mid, "back[10.1.0.4]", back);
        chain_hop(3, at_s + 2, back, "mid[10.1.0.3]", n);
        chain_gone(3, at_s + 3, back, "mx.c.example[203.0.113.1]", NULL);
    }
}

/* Each host's lines in their order, all at once or some at a time; the hosts' in any order. */
static void feed_chain(unsigned order)
{
    int at[CHAIN_HOSTS] = {0}, left = CHAIN_HOSTS;
    unsigned most = order % 3 ? 16 : CHAIN_LINES_MAX;

    while (left) {
        order = order * 1103515245u + 12345u;
        int host = (int)(order >> 16) % CHAIN_HOSTS;
        for (unsigned i = 0; i <= (order >> 20) % most && at[host] < chain[host].count; i++) {
            const struct chain_line *line = &chain[host].line[at[host]++];
            run.host = chain_hosts[host];
            run.now_s = line->at_s;
            core_feed(&run, "%s", line->text);
            left -= at[host] == chain[host].count;
        }
    }
}

static const struct {
    const char *name, *network;
    int clients;
    const char *login;
} chains[] = {
    {"a login", "192.0.2.", 5, ", sasl_method=PLAIN, sasl_username=bot"},
    {"strangers of a network", "192.0.2.", 5, ""},
    {"a client that is trusted", "10.0.0.", 1, ""},
};

/* All that is told of the incident but when that was raised. */
static char *chain_incident(int row, unsigned order)
{
    struct incident_view view;

    core_begin_site(&run,
                    "[account-abuse]\nrecipients = 12\n[open-relay]\nrecipients = 12\n"
                    "[trusted-relay]\nrecipients = 12\n",
                    "fleet = 10.1.0.0/24\n");
    write_chain(chains[row].network, chains[row].clients, chains[row].login);
    feed_chain(order);
    pipeline_finish(run.p);
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    json_t *json = incident_json(&view);
    json_object_del(json, "raised_at");
    char *text = json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    incident_view_done(&view);
    core_end(&run);
    return text;
}

START_TEST(the_order_of_hosts_changes_nothing)
{
    char *want = chain_incident(_i, 0);

    ck_assert_msg(strstr(want, "\"hosts\": 2,") != NULL, "%s: %s", chains[_i].name, want);
    for (unsigned order = 1; order < 300; order++) {
        char name[80], *got = chain_incident(_i, order);
        snprintf(name, sizeof(name), "%s, order %u", chains[_i].name, order);
        want_long_text(name, got, want);
        free(got);
    }
    free(want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_fleet");

    ADD_ROWS(tc, the_order_of_hosts_changes_nothing, chains);

    ADD_ROWS(tc, mail_is_one_message_on_two_hosts, rows);
    ADD_ROWS(tc, a_few_hosts_near_by_are_a_fleet_that_nobody_told_of, untold);
    ADD_ROWS(tc, hosts_at_public_addresses_must_agree_in_more, away);
    tcase_add_test(tc, mail_judged_too_early_is_recounted);
    ADD_ROWS(tc, many_that_come_late_are_found, many);
    return run_suite("link_fleet", tc);
}
