/* SPDX-License-Identifier: MIT */
#include "report/advice.h"
#include "report/incident.h"
#include "rows.h"

static const struct {
    const char *name;
    enum kind kind;
    enum cause cause;
    enum key_type type;
    const char *key;
    struct totals totals;
    uint64_t clients;
    uint32_t networks, sender_domains; /* numbers of */
    const char *reason;
    const char *advice[3]; /* how each sentence begins, in order */
} rows[] = {
    {"one client",
     KIND_OPEN_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "192.0.2.1",
     {.messages = 150, .recipients = 234, .sent = 98, .bounced = 47, .queued = 77},
     1,
     1,
     1,
     "client 192.0.2.1, neither trusted nor logged in, sent 150 messages to 234 recipients "
     "outside; "
     "98 delivered, 47 refused, 77 still in the queue",
     {"End smtpd_relay_restrictions with reject_unauth_destination", NULL}},
    {"one message",
     KIND_OPEN_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "192.0.2.1",
     {.messages = 1, .recipients = 1, .sent = 1},
     1,
     1,
     1,
     "client 192.0.2.1, neither trusted nor logged in, sent 1 message to 1 recipient outside; "
     "1 delivered, 0 refused, 0 still in the queue",
     {"End smtpd_relay_restrictions with", NULL}},
    {"a botnet",
     KIND_OPEN_RELAY,
     CAUSE_NONE,
     KEY_SENDER_DOMAIN,
     "spam.example",
     {.messages = 150, .recipients = 150, .sent = 150, .queued = 3, .held = 3},
     150,
     150,
     1,
     "150 clients under sender domain spam.example, neither trusted nor logged in, sent 150 "
     "messages "
     "to 150 recipients outside; 150 delivered, 0 refused, 3 still in the queue",
     {"End smtpd_relay_restrictions with", NULL}},
    {"a whole host",
     KIND_OPEN_RELAY,
     CAUSE_NONE,
     KEY_HOST,
     "mx1",
     {.messages = 2, .recipients = 2},
     2,
     2,
     2,
     "2 clients of host mx1, neither trusted nor logged in, sent 2 messages to 2 recipients "
     "outside; "
     "0 delivered, 0 refused, 0 still in the queue",
     {"End smtpd_relay_restrictions with", NULL}},
    {"a login",
     KIND_ACCOUNT_ABUSE,
     CAUSE_NONE,
     KEY_ACCOUNT,
     "bob@example.net",
     {.messages = 5, .recipients = 500},
     1,
     1,
     1,
     "account bob@example.net, from 1 address in 1 network, sent 5 messages to 500 recipients "
     "outside; "
     "0 delivered, 0 refused, 0 still in the queue",
     {"Change the password, or lock the login where it is kept", "Then restart Postfix", NULL}},
    {"a flood into a queue that stands still",
     KIND_ACCOUNT_ABUSE,
     CAUSE_NONE,
     KEY_ACCOUNT,
     "bob",
     {.messages = 60, .undecided = 600, .queued = 60},
     1,
     1,
     1,
     "account bob, from 1 address in 1 network, sent 60 messages to 0 recipients outside; "
     "0 delivered, 0 refused, 60 still in the queue, 600 recipients untried",
     {"Change the password", "Then restart", NULL}},
    {"a login from everywhere",
     KIND_ACCOUNT_ABUSE,
     CAUSE_NONE,
     KEY_ACCOUNT,
     "bob",
     {.messages = 5, .recipients = 500},
     12,
     11,
     1,
     "account bob, from 12 addresses in 11 networks, sent 5 messages to 500 recipients outside; "
     "0 delivered, 0 refused, 0 still in the queue",
     {"Change the password", "Then restart", NULL}},
    {"a script",
     KIND_LOCAL_ABUSE,
     CAUSE_NONE,
     KEY_UID,
     "33",
     {.messages = 2, .recipients = 2},
     0,
     0,
     1,
     "uid 33, through the sendmail command, sent 2 messages to 2 recipients outside; 0 delivered, "
     "0 refused, 0 still in the queue",
     {"Find the script: PHP names it", NULL}},
    {"a gateway",
     KIND_TRUSTED_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "10.0.0.1",
     {.messages = 2, .recipients = 2},
     1,
     1,
     2,
     "client 10.0.0.1, in a trusted network, under 2 sender domains, sent 2 messages to 2 "
     "recipients outside; 0 delivered, 0 refused, 0 still in the queue",
     {"Check that machine", NULL}},
    {"a client like an office",
     KIND_TRUSTED_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "192.0.2.1",
     {.messages = 2, .recipients = 2},
     1,
     1,
     1,
     "client 192.0.2.1, taken for one of yours, under 1 sender domain, sent 2 messages to 2 "
     "recipients outside; 0 delivered, 0 refused, 0 still in the queue",
     {"Check that machine", NULL}},
    {"a joe job",
     KIND_BACKSCATTER_VICTIM,
     CAUSE_NONE,
     KEY_RECIPIENT,
     "bob@example.net",
     {.messages = 100, .recipients = 100, .queued = 4},
     40,
     0,
     0,
     "100 notices and replies from 40 servers to recipient bob@example.net, about mail that was "
     "not sent from here: somebody is forging the address",
     {"Nothing is wrong here", NULL}},
    {"notices",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_UNKNOWN_LOCAL_RECIPIENT,
     KEY_CLIENT,
     "192.0.2.1",
     {.messages = 20, .notices = 20},
     1,
     1,
     0,
     "20 notices to outside senders, probably forged, about mail from client 192.0.2.1: mail for "
     "unknown users is accepted first",
     {"Refuse unknown users at RCPT. Those of local(8): local_recipient_maps",
      "If virtual(8) or a mailbox server (lmtp) refused them"}},
    {"one notice",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_RELAYED,
     KEY_HOST,
     "mx1",
     {.messages = 1, .notices = 1},
     3,
     3,
     0,
     "1 notice to outside senders, probably forged, about mail from 3 clients of host mx1: mail "
     "relayed for strangers is refused at its destination",
     {"Close the relay first: smtpd_relay_restrictions", NULL}},
};

static struct incident incident;
static struct incident_view view;
static struct intern *key;
static struct interns texts; /* only counts */
static struct site *site;
static struct hosts hosts;
static struct detector detector = {.hosts = &hosts};

static void fill_with(int row, unsigned facts, const char *certificate)
{
    hosts.site = site = site_new();
    site_set_fact(site, facts);
    if (certificate)
        site_see_certificate(site, span_str(certificate), true);
    key = intern_make(&texts, span_str(rows[row].key));
    incident = (struct incident){
        .id = "or-0123", .kind = rows[row].kind, .cause = rows[row].cause, .key_text = key};
    view = (struct incident_view){.incident = &incident,
                                  .detector = &detector,
                                  .key_type = rows[row].type,
                                  .totals = rows[row].totals,
                                  .clients = rows[row].clients,
                                  .networks = {.count = rows[row].networks},
                                  .domains = rows[row].sender_domains};
    advice_fill(&view);
}

static void fill(int row)
{
    fill_with(row, 0, NULL);
}

static void drop(void)
{
    site_free(site);
    site = NULL;
    free(key);
}

START_TEST(reason_is_one_sentence)
{
    fill(_i);
    want_text(rows[_i].name, view.reason, rows[_i].reason);
    drop();
}
END_TEST

START_TEST(advice_is_what_ends_it)
{
    int want = 0;

    fill(_i);
    for (; want < 3 && rows[_i].advice[want]; want++)
        ck_assert_msg(
            strncmp(view.advice[want], rows[_i].advice[want], strlen(rows[_i].advice[want])) == 0,
            "%s: got \"%s\", want \"%s...\"", rows[_i].name, view.advice[want],
            rows[_i].advice[want]);
    want_number(rows[_i].name, view.advice_count, want);
    drop();
}
END_TEST

static const struct {
    const char *script, *want;
} scripts[] = {
    {"33:a.php", "Look at the script that the headers of 1 message name: \"33:a.php\", with the "
                 "uid of its owner before it"},
    {"shop.example/\"a.php",
     "Look at the script that the headers of 1 message name: \"shop.example/\\\"a.php\""},
    {"33", "Look at the script that the headers of 1 message name: \"33\""},
};

/* A machine that mail is taken from may have one, too. */
START_TEST(a_script_that_headers_name_comes_first)
{
    struct interns names;
    static const enum kind kinds[] = {KIND_LOCAL_ABUSE, KIND_TRUSTED_RELAY};

    ck_assert(interns_init(&names, 100, 1));
    for (int i = 0; i < COUNT(kinds); i++) {
        struct tally said[MAIL_HEADER_COUNT] = {0};
        struct incident found = {.kind = kinds[i]};
        view = (struct incident_view){.incident = &found, .said = said};
        view.detector = &(struct detector){.hosts = &(struct hosts){0}};
        tally_count(&said[MAIL_HEADER_SCRIPT], &names, span_str(scripts[_i].script), 1, 1);
        advice_fill(&view);
        want_text("first", view.advice[0], scripts[_i].want);
        tally_done(&said[MAIL_HEADER_SCRIPT], &names);
    }
    interns_done(&names);
}
END_TEST

static const struct {
    int row;
    unsigned facts;
    const char *certificate, *advice; /* NULL: none */
} certificates[] = {
    {0, 0, NULL, NULL},
    {0, 0, "192.0.2.1", "It has shown a certificate"},
    {0, 0, "192.0.2.2", NULL},
    {0, SITE_LISTED_CERTS, NULL, "If it relays by a certificate"},
    {0, SITE_ALL_CERTS | SITE_LISTED_CERTS, NULL, "permit_tls_all_clientcerts"},
    {2, SITE_LISTED_CERTS, NULL, NULL},
    {2, SITE_ALL_CERTS, NULL, "permit_tls_all_clientcerts"},
};

START_TEST(advice_tells_of_certificates)
{
    const char *advice = certificates[_i].advice;

    fill_with(certificates[_i].row, certificates[_i].facts, certificates[_i].certificate);
    want_number("sentences", view.advice_count, 1 + (advice != NULL));
    if (advice)
        ck_assert_msg(strncmp(view.advice[1], advice, strlen(advice)) == 0, "%s", view.advice[1]);
    drop();
}
END_TEST

/* Each cause with the setting that ends it. */
static const struct {
    enum cause cause;
    const char *setting;
} settings[] = {
    {CAUSE_UNKNOWN_LOCAL_RECIPIENT, "local_recipient_maps"},
    {CAUSE_UNKNOWN_RELAY_RECIPIENT, "relay_recipient_maps"},
    {CAUSE_FILTER_REFUSED, "smtpd_milters"},
    {CAUSE_RELAYED, "smtpd_relay_restrictions"},
    {CAUSE_AUTOREPLY, "RFC 3834"},
    {CAUSE_EXPIRED, "smtpd_recipient_restrictions"},
    {CAUSE_DELAY_NOTICE, "delay_warning_time"},
    {CAUSE_DSN_REQUESTED, "smtpd_discard_ehlo_keywords"},
    {CAUSE_OVER_QUOTA, "quota-status"},
    {CAUSE_MAIL_LOOP, "virtual_alias_maps"},
    {CAUSE_OTHER, "relaywatch explain"},
};

START_TEST(advice_names_the_setting_of_its_cause)
{
    incident = (struct incident){
        .id = "bs-0123", .kind = KIND_BACKSCATTER_SOURCE, .cause = settings[_i].cause};
    view = (struct incident_view){.incident = &incident, .key_type = KEY_HOST};
    advice_fill(&view);
    ck_assert_msg(strstr(view.advice[0], settings[_i].setting) != NULL,
                  "%s: got \"%s\", want %s in it", cause_name(settings[_i].cause), view.advice[0],
                  settings[_i].setting);
}
END_TEST

/* A very long key does not push the figures out of the sentence. */
START_TEST(long_key_is_cut)
{
    char name[1000];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    key = intern_make(&texts, span_str(name));
    incident = (struct incident){.id = "aa-0123", .kind = KIND_ACCOUNT_ABUSE, .key_text = key};
    view = (struct incident_view){
        .incident = &incident, .key_type = KEY_ACCOUNT, .totals = {.messages = 12345}};
    advice_fill(&view);
    ck_assert_msg(strstr(view.reason, "sent 12345 messages") != NULL, "got \"%s\"", view.reason);
    ck_assert_int_lt(strlen(view.reason), 320);
    drop();
    memcpy(name + sizeof(name) - 13, "@end.example", 13);
    memcpy(name + 41, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 12);
    key = intern_make(&texts, span_str(name));
    incident.key_text = key;
    advice_fill(&view);
    ck_assert_msg(strstr(view.reason, "xx\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac...xx"), "got \"%s\"",
                  view.reason);
    ck_assert_msg(strstr(view.reason, "xx@end.example, from"), "got \"%s\"", view.reason);
    drop();
}
END_TEST

START_TEST(every_kind_has_a_sentence)
{
    ck_assert_msg(strlen(kind_sentence((enum kind)_i)) > 10, "%s: got no sentence",
                  kind_name((enum kind)_i));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("advice");

    ADD_ROWS(tc, reason_is_one_sentence, rows);
    ADD_ROWS(tc, advice_is_what_ends_it, rows);
    ADD_ROWS(tc, a_script_that_headers_name_comes_first, scripts);
    ADD_ROWS(tc, advice_tells_of_certificates, certificates);
    ADD_ROWS(tc, advice_names_the_setting_of_its_cause, settings);
    tcase_add_test(tc, long_key_is_cut);
    tcase_add_loop_test(tc, every_kind_has_a_sentence, 0, KIND_COUNT);
    return run_suite("advice", tc);
}
