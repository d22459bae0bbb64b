/* SPDX-License-Identifier: MIT */
#include "detect/closing.h"

#include "relay_run.h"

static const struct {
    const char *name;
    json_type type;
} members[] = {
    {"type", JSON_STRING},          {"id", JSON_STRING},
    {"kind", JSON_STRING},          {"key", JSON_OBJECT},
    {"host", JSON_STRING},          {"messages", JSON_INTEGER},
    {"recipients", JSON_INTEGER},   {"sent", JSON_INTEGER},
    {"deferred", JSON_INTEGER},     {"bounced", JSON_INTEGER},
    {"queued", JSON_INTEGER},       {"held", JSON_INTEGER},
    {"undecided", JSON_INTEGER},    {"notices", JSON_INTEGER},
    {"crossed", JSON_OBJECT},       {"reopened", JSON_INTEGER},
    {"cause", JSON_NULL},           {"clients", JSON_INTEGER},
    {"client_list", JSON_ARRAY},    {"client_names", JSON_ARRAY},
    {"sender_domains", JSON_ARRAY}, {"recipient_domains", JSON_ARRAY},
    {"accounts", JSON_ARRAY},       {"uids", JSON_ARRAY},
    {"first_seen", JSON_STRING},    {"last_seen", JSON_STRING},
    {"raised_at", JSON_STRING},     {"state", JSON_STRING},
    {"queue_ids", JSON_ARRAY},      {"related", JSON_ARRAY},
    {"evidence", JSON_ARRAY},       {"reason", JSON_STRING},
    {"advice", JSON_ARRAY},         {"commands", JSON_ARRAY},
    {"subjects", JSON_ARRAY},       {"scripts", JSON_ARRAY},
    {"stanza", JSON_STRING},
};

static json_t *incident(void)
{
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    json_t *json = incident_json(&view);
    incident_view_done(&view);
    return json;
}

START_TEST(json_has_every_member)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    json_t *json = incident(), *value = json_object_get(json, members[_i].name);

    ck_assert_msg(value && json_typeof(value) == members[_i].type, "%s: got type %d, want %d",
                  members[_i].name, value ? (int)json_typeof(value) : -1, (int)members[_i].type);
    json_decref(json);
}
END_TEST

START_TEST(json_is_as_the_contract_shows_it)
{
    relay(7, "a.example[192.0.2.1]", "a@b.example", "victim.example");
    json_t *json = incident();
    char *key = json_dumps(json_object_get(json, "key"), 0);
    char *ids = json_dumps(json_object_get(json, "queue_ids"), JSON_COMPACT);
    char *clients = json_dumps(json_object_get(json, "client_list"), 0);

    want_text("key", key, "{\"client\": \"192.0.2.1\"}");
    want_text("clients", clients, "[\"192.0.2.1\"]");
    want_text("type", json_string_value(json_object_get(json, "type")), "incident");
    want_text("kind", json_string_value(json_object_get(json, "kind")), "open-relay");
    want_text("host", json_string_value(json_object_get(json, "host")), "mx1");
    want_text("first", json_string_value(json_object_get(json, "first_seen")),
              "2026-11-24T03:00:00Z");
    want_text("state", json_string_value(json_object_get(json, "state")), "open");
    want_number("messages", json_integer_value(json_object_get(json, "messages")), 7);
    want_number("queued", json_integer_value(json_object_get(json, "queued")), 7);
    /* Samples in the order of the log. */
    want_number("ids", strncmp(ids, "[\"A0000000\",\"A0000001\",", 22), 0);
    free(key);
    free(ids);
    free(clients);
    json_decref(json);
}
END_TEST

START_TEST(json_says_what_crossed)
{
    relay(7, "a[192.0.2.1]", "a@b.example", "victim.example");
    run.now_s += 3601;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    json_t *json = incident();
    char *crossed = json_dumps(json_object_get(json, "crossed"), JSON_COMPACT);

    want_text("crossed", crossed,
              "{\"measure\":\"recipients\",\"value\":5,\"threshold\":5,\"window\":\"1h\"}");
    want_number("reopened", json_integer_value(json_object_get(json, "reopened")), 1);
    free(crossed);
    json_decref(json);
}
END_TEST

START_TEST(json_says_who_closed_it)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    detector_close(&run.p->detector, core_incident(&run), SPAN("a test"), CORE_BEGIN_S + 60);
    json_t *json = incident();

    want_text("state", json_string_value(json_object_get(json, "state")), "closed");
    want_text("at", json_string_value(json_object_get(json, "closed_at")), "2026-11-24T03:01:00Z");
    want_text("reason", json_string_value(json_object_get(json, "close_reason")), "a test");
    json_decref(json);
}
END_TEST

/* The key has one member, and a uid is a number. */
static const struct {
    const char *name, *ini, *lines, *key;
} keys[] = {
    {"uid", "[local-abuse]\nrecipients = 1\n",
     "pickup: AAAAA01: uid=33 from=<x>\n"
     "cleanup: AAAAA01: message-id=<1@a.example>\n"
     "qmgr: AAAAA01: from=<x@example.net>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
     "{\"uid\": 33}"},
    {"uid 4294967295", "[local-abuse]\nrecipients = 1\n",
     "pickup: AAAAA01: uid=4294967295 from=<x>\n"
     "cleanup: AAAAA01: message-id=<1@a.example>\n"
     "qmgr: AAAAA01: from=<x@example.net>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
     "{\"uid\": 4294967295}"},
    {"account", "[account-abuse]\nrecipients = 1\n",
     "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=a\"b\\c\n"
     "qmgr: AAAAA01: from=<x@example.net>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
     "{\"sasl_username\": \"a\\\"b\\\\c\"}"},
    {"an account that is not UTF-8", "[account-abuse]\nrecipients = 1\n",
     "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=a\xff\xc3(b\n"
     "qmgr: AAAAA01: from=<x@example.net>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
     "{\"sasl_username\": \"a\?\?(b\"}"},
    {"IPv6 network", "[open-relay]\nrecipients = 2\n",
     "smtpd: AAAAA01: client=a[2001:db8:1:2::1]\n"
     "qmgr: AAAAA01: from=<x@a.example>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)\n"
     "smtpd: AAAAA02: client=a[2001:db8:1:3::1]\n"
     "qmgr: AAAAA02: from=<x@c.example>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA02: to=<x@b.example>, relay=none, delay=1, status=sent (x)",
     "{\"client_network\": \"2001:db8:1::/48\"}"},
};

START_TEST(json_key_is_one_member)
{
    core_end(&run);
    core_begin(&run, keys[_i].ini);
    core_feed(&run, "%s", keys[_i].lines);
    json_t *json = incident();
    char *key = json_dumps(json_object_get(json, "key"), JSON_ENSURE_ASCII);

    want_text(keys[_i].name, key, keys[_i].key);
    free(key);
    json_decref(json);
}
END_TEST

static void want_list(const char *name, const char *want)
{
    json_t *json = incident();
    char *listed = json_dumps(json_object_get(json, name), JSON_COMPACT);

    want_text(name, listed, want);
    free(listed);
    json_decref(json);
}

/* In the order of the clients; the name is a stranger's text. "unknown" is no name. */
START_TEST(json_names_clients)
{
    relay(5, "a.example[192.0.2.1]", "a@b.example", "victim.example");
    relay(7, "unknown[192.0.2.2]", "a@b.example", "victim.example");
    relay(6, "\xe4\"<b>[192.0.2.3]", "a@b.example", "victim.example");
    want_list("client_list", "[\"192.0.2.2\",\"192.0.2.3\",\"192.0.2.1\"]");
    want_list("client_names", "[\"?\\\"<b>[192.0.2.3]\",\"a.example[192.0.2.1]\"]");
}
END_TEST

/* Of a client that DNS names at times only, the name is shown. */
START_TEST(a_name_counts_once_it_is_known)
{
    relay(5, "unknown[192.0.2.1]", "a@b.example", "victim.example");
    relay(1, "a.example[192.0.2.1]", "a@c.example", "victim.example");
    relay(4, "unknown[192.0.2.1]", "a@c.example", "victim.example");
    want_list("client_list", "[\"192.0.2.1\"]");
    want_list("client_names", "[\"a.example[192.0.2.1]\"]");
}
END_TEST

/* A login's clients are too many to keep the names of. */
START_TEST(clients_of_a_login_have_no_names)
{
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 1\n");
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                    "qmgr: AAAAA01: from=<x@b.example>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA01: to=<x@b.example>, relay=none, delay=1, status=sent (x)\n"
                    "smtpd: AAAAA02: client=b[192.0.2.2], sasl_method=PLAIN, sasl_username=bob\n"
                    "qmgr: AAAAA02: from=<x@b.example>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA02: to=<x@b.example>, relay=none, delay=1, status=sent (x)");
    want_list("client_list", "[\"192.0.2.1\",\"192.0.2.2\"]");
    want_list("client_names", "[]");
}
END_TEST

START_TEST(json_says_what_it_rests_on)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    want_list("evidence", "[\"victim.example is outside: the settings don't list it\","
                          "\"client 192.0.2.1 is a stranger: no trusted network has it\"]");
}
END_TEST

START_TEST(json_lists_the_narrower_keys)
{
    relay(5, "a[192.0.2.1]", "a@two.example", "b.example");
    relay(6, "a[192.0.3.1]", "a@two.example", "b.example");
    json_t *json = incident();
    char *listed = json_dumps(json_object_get(json, "narrower_keys"), JSON_COMPACT);
    want_text("narrower_keys", listed, "[\"192.0.2.1\",\"192.0.3.1\"]");
    free(listed);
    json_decref(json);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("incident_json");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, json_has_every_member, members);
    tcase_add_test(tc, json_is_as_the_contract_shows_it);
    tcase_add_test(tc, json_says_what_crossed);
    tcase_add_test(tc, json_says_who_closed_it);
    ADD_ROWS(tc, json_key_is_one_member, keys);
    tcase_add_test(tc, json_names_clients);
    tcase_add_test(tc, a_name_counts_once_it_is_known);
    tcase_add_test(tc, clients_of_a_login_have_no_names);
    tcase_add_test(tc, json_says_what_it_rests_on);
    tcase_add_test(tc, json_lists_the_narrower_keys);
    return run_suite("incident_json", tc);
}
