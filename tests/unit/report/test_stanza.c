/* SPDX-License-Identifier: MIT */
#include "report/stanza.h"

#include "config/settings.h"
#include "rows.h"

static const struct {
    const char *name;
    enum kind kind;
    enum key_type type;
    const char *key;
    struct crossing crossing;
    struct totals totals;
    uint32_t networks, senders; /* numbers of */
    const char *want;
} rows[] = {
    {"a newsletter",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "news@example.org",
     {CROSSED_RECIPIENTS, false, false, 201, 200, 3600},
     {.recipients = 5000},
     1,
     1,
     "[account-abuse news@example.org]\nrecipients = 10000\n"},
    {"just crossed",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "news",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 200},
     1,
     1,
     "[account-abuse news]\nrecipients = 500\n"},
    {"undecided",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "news",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 1, .undecided = 250},
     1,
     1,
     "[account-abuse news]\nrecipients = 1000\n"},
    {"networks",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "sales",
     {CROSSED_NETWORKS, false, false, 10, 10, 3600},
     {.recipients = 8},
     23,
     1,
     "[account-abuse sales]\nnetworks = 50\n"},
    {"refused",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "sales",
     {CROSSED_REFUSED, false, false, 50, 50, 3600},
     {.recipients = 150, .bounced = 60},
     1,
     1,
     "[account-abuse sales]\nrecipients = 500\nrefused = 200\n"},
    {"foreign senders",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "sales",
     {CROSSED_FOREIGN, false, false, 100, 100, 3600},
     {.recipients = 100},
     1,
     1,
     "[account-abuse sales]\nforeign_recipients = 200\n"},
    {"null sender",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "sales",
     {CROSSED_NULL_SENDER, false, false, 10, 10, 3600},
     {.recipients = 10},
     1,
     1,
     "[account-abuse sales]\nnull_sender = 20\n"},
    {"a uid",
     KIND_LOCAL_ABUSE,
     KEY_UID,
     "33",
     {CROSSED_RECIPIENTS, true, false, 600, 600, 86400},
     {.recipients = 600},
     0,
     9,
     "[local-abuse 33]\nrecipients = 2000\n"},
    {"a client",
     KIND_TRUSTED_RELAY,
     KEY_CLIENT,
     "2001:db8::1",
     {CROSSED_UNSEEN, false, false, 50, 50, 3600},
     {.recipients = 40},
     1,
     60,
     "[trusted-relay 2001:db8::1]\nunseen_senders = 200\n"},
    {"a victim",
     KIND_BACKSCATTER_VICTIM,
     KEY_RECIPIENT,
     "alice@example.org",
     {CROSSED_MESSAGES, false, false, 100, 100, 3600},
     {.messages = 220, .recipients = 220},
     1,
     0,
     "[backscatter-victim alice@example.org]\nmessages = 500\n"},
    {"as many as there can be",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "news",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 700000},
     1,
     1,
     "[account-abuse news]\nrecipients = 1000000\n"},
    {"a sender of a shared uid",
     KIND_LOCAL_ABUSE,
     KEY_SENDER,
     "shop@example.org",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 200},
     1,
     1,
     "[local-abuse shop@example.org]\nrecipients = 500\n"},
    {"a sender of a shared client",
     KIND_TRUSTED_RELAY,
     KEY_SENDER,
     "ann@example.org",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 200},
     1,
     1,
     "[trusted-relay ann@example.org]\nsender_recipients = 500\n"},
    /* No section names these. */
    {"a network",
     KIND_OPEN_RELAY,
     KEY_NETWORK,
     "192.0.2.0/24",
     {CROSSED_RECIPIENTS, false, false, 5, 5, 3600},
     {.recipients = 9},
     1,
     1,
     ""},
    {"a sender without a domain",
     KIND_LOCAL_ABUSE,
     KEY_SENDER,
     "root",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 200},
     1,
     1,
     ""},
    {"notices",
     KIND_BACKSCATTER_SOURCE,
     KEY_CLIENT,
     "192.0.2.1",
     {CROSSED_NOTICES, false, false, 20, 20, 3600},
     {.notices = 20},
     1,
     1,
     ""},
    /* What a stranger chose stays out of the file if it could be read as something else. */
    {"blanks",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "a b",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"begins a comment",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     ";bob",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"begins another",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "#bob",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"a line break",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "a]\n[alert]\ncommand=/x#",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"a pattern",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "*",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"no ASCII",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "m\xc3\xbcller",
     {CROSSED_NONE, false, false, 0, 0, 0},
     {0},
     0,
     0,
     ""},
    {"brackets",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "a]b[;c#d",
     {CROSSED_RECIPIENTS, false, false, 200, 200, 3600},
     {.recipients = 200},
     0,
     0,
     "[account-abuse a]b[;c#d]\nrecipients = 500\n"},
};

START_TEST(stanza_exempts_it)
{
    struct interns texts = {0};
    struct intern *key = intern_make(&texts, span_str(rows[_i].key));
    struct incident incident = {
        .kind = rows[_i].kind, .key_text = key, .crossing = rows[_i].crossing};
    static struct incident_view view;

    view = (struct incident_view){.incident = &incident,
                                  .key_type = rows[_i].type,
                                  .totals = rows[_i].totals,
                                  .networks = {.count = rows[_i].networks},
                                  .senders = {.count = rows[_i].senders}};
    stanza_fill(&view);
    want_text(rows[_i].name, view.stanza, rows[_i].want);
    free(key);
}
END_TEST

/* What is printed is what the settings take. */
START_TEST(settings_take_it)
{
    struct inifile_error err = {.text = ""};
    struct settings settings;

    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(rows[_i].want), &err), "%s: %s", rows[_i].name,
                  err.text);
    want_number(rows[_i].name, (int64_t)settings.override_count, *rows[_i].want != '\0');
    settings_done(&settings);
}
END_TEST

START_TEST(the_only_client_of_a_host_is_named)
{
    struct interns texts;

    ck_assert(interns_init(&texts, 100, 1));
    struct intern *key = intern_get(&texts, SPAN("mx1"));
    struct incident incident = {.kind = KIND_TRUSTED_RELAY,
                                .key_text = key,
                                .crossing = {CROSSED_RECIPIENTS, false, false, 8000, 8000, 3600}};
    static struct incident_view view;
    view = (struct incident_view){
        .incident = &incident, .key_type = KEY_HOST, .clients = 1, .totals = {.recipients = 8000}};
    tally_count(&view.client_names, &texts, SPAN("192.0.2.25"), 1, 10);
    stanza_fill(&view);
    want_text("one", view.stanza, "[trusted-relay 192.0.2.25]\nrecipients = 20000\n");
    tally_count(&view.client_names, &texts, SPAN("192.0.2.26"), 1, 10);
    view.clients = 2;
    stanza_fill(&view);
    want_text("two", view.stanza, "");
    tally_done(&view.client_names, &texts);
    intern_put(&texts, key);
    interns_done(&texts);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("stanza");

    ADD_ROWS(tc, stanza_exempts_it, rows);
    ADD_ROWS(tc, settings_take_it, rows);
    tcase_add_test(tc, the_only_client_of_a_host_is_named);
    return run_suite("stanza", tc);
}
