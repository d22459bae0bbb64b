/* SPDX-License-Identifier: MIT */
#include "control/control.h"
#include "alert/sink.h"
#include "control/query.h"

#include <jansson.h>
#include <time.h>

#include "attack.h"
#include "report/incident_json.h"
#include "show/incident_whole.h"
#include "show/incident_text.h"
#include "rows.h"

struct world {
    struct attack attack;
    struct setup setup;
    struct runtime runtime;
};

static void set_up(struct world *w)
{
    attack_init(&w->attack);
    w->setup = (struct setup){.settings = w->attack.settings, .site = w->attack.site};
    w->runtime = (struct runtime){.setup = &w->setup,
                                  .pipeline = w->attack.pipeline,
                                  .source_text = "the journal",
                                  .source_why = "[source] type",
                                  .state_text = "saved",
                                  .started = (wall_us)1000 * US_PER_S,
                                  .now = (wall_us)4600 * US_PER_S,
                                  .read_at = WHEN_UNKNOWN};
}

static void tear_down(struct world *w)
{
    attack_done(&w->attack);
}

static int64_t mono_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

struct pace {
    int pieces;
    int64_t longest_us;
    size_t largest;
};

/* All objects of an answer but "end", which must be the last; an error is one of them. */
static json_t *ask(const struct world *w, const char *request, struct pace *pace)
{
    struct evbuffer *out = evbuffer_new();
    struct query *query = query_new(&w->runtime, span_str(request));
    json_t *list = json_array();
    struct pace now = {0};
    bool more;

    ck_assert_ptr_nonnull(query);
    do {
        int64_t before = mono_us();
        size_t had = evbuffer_get_length(out);
        more = query_more(query, out);
        now.pieces++;
        if (mono_us() - before > now.longest_us)
            now.longest_us = mono_us() - before;
        if (evbuffer_get_length(out) - had > now.largest)
            now.largest = evbuffer_get_length(out) - had;
    } while (more);
    query_free(query);
    char *line;
    size_t len;
    while ((line = evbuffer_readln(out, &len, EVBUFFER_EOL_LF))) {
        json_t *object = json_loadb(line, len, 0, NULL);
        ck_assert_msg(object, "no JSON: %s", line);
        json_array_append_new(list, object);
        free(line);
    }
    want_number("half a line", (int64_t)evbuffer_get_length(out), 0);
    evbuffer_free(out);
    size_t n = json_array_size(list);
    ck_assert_uint_gt(n, 0);
    const char *last = json_string_value(json_object_get(json_array_get(list, n - 1), "type"));
    if (strcmp(last, "error") != 0) {
        want_text("last", last, "end");
        json_array_remove(list, n - 1);
    }
    if (pace)
        *pace = now;
    return list;
}

static json_t *first(const json_t *list)
{
    ck_assert_uint_gt(json_array_size(list), 0);
    return json_array_get(list, 0);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "(none)";
}

static int64_t count_in(const json_t *object, const char *group, const char *name)
{
    const json_t *value = json_object_get(group ? json_object_get(object, group) : object, name);

    ck_assert_msg(json_is_integer(value), "no %s", name);
    return json_integer_value(value);
}

static const char *id_of(const struct world *w, uint32_t i)
{
    const struct incident *list[16];

    ck_assert_uint_gt(incidents_in_order(&w->attack.pipeline->detector, list), i);
    return list[i]->id;
}

static char *with_id(const char *command, const char *id, const char *more)
{
    static char request[256];

    snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"%s\",\"id\":\"%s\"%s}", command, id,
             more);
    return request;
}

/* --- status ----------------------------------------------------------------------------------- */

START_TEST(status_tells_the_figures)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 30, 1);
    runtime_count_lines(&w.runtime, 5);
    runtime_set_now(&w.runtime, (wall_us)4640 * US_PER_S);
    runtime_count_lines(&w.runtime, 7);
    site_warn(w.attack.site, "mynetworks-too-wide", "far too wide");
    w.runtime.again = (struct judging_again){true, 3600 * US_PER_S, WHEN_UNKNOWN};
    w.runtime.settings_refused = 60 * US_PER_S;
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"status\"}", NULL);
    const json_t *status = first(list);
    want_number("objects", (int64_t)json_array_size(list), 2);
    want_text("version", text_of(status, "version"), RELAYWATCH_VERSION);
    want_number("uptime", count_in(status, NULL, "uptime_s"), 3640);
    want_number("lines", count_in(status, "lines", "read"), 120);
    want_number("minute", count_in(status, "lines", "last_minute"), 12);
    want_number("hour", count_in(status, "lines", "last_hour"), 12);
    want_number("in flight", count_in(status, "messages", "in_flight"), 30);
    want_number("seen", count_in(status, "messages", "seen"), 30);
    want_number("open", count_in(status, "incidents", "open"), 1);
    ck_assert_int_gt(count_in(status, NULL, "memory_kib"), 1000);
    want_text("warning", text_of(json_array_get(json_object_get(status, "warnings"), 0), "code"),
              "mynetworks-too-wide");
    const json_t *again = json_object_get(status, "judging_again");
    want_text("since", text_of(again, "since"), "1970-01-01T01:00:00Z");
    want_text("refused", text_of(status, "settings_refused"), "1970-01-01T00:01:00Z");
    ck_assert(json_is_null(json_object_get(again, "up_to")));
    const json_t *open = json_array_get(list, 1);
    want_text("type", text_of(open, "type"), "open_incident");
    want_text("key", text_of(json_object_get(open, "key"), "client"), "192.0.2.1");
    want_number("recipients", count_in(open, NULL, "recipients"), 30);
    want_number("queued", count_in(open, NULL, "queued"), 30);
    json_decref(list);
    tear_down(&w);
}
END_TEST

START_TEST(severity_of_open_incidents)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 30, 1);
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"status\"}", NULL);
    want_text("not asked for", text_of(json_array_get(list, 1), "severity"), "(none)");
    want_number("by kind", count_in(first(list), "open_by_kind", "open-relay"), 1);
    want_number("of no other", count_in(first(list), "open_by_kind", "account-abuse"), 0);
    json_decref(list);
    list = ask(&w, "{\"v\":1,\"command\":\"status\",\"open\":100,\"severity\":true}", NULL);
    want_number("objects", (int64_t)json_array_size(list), 2);
    const json_t *open = json_array_get(list, 1);
    want_text("severity", text_of(open, "severity"), "critical");
    want_number("recipients", count_in(open, NULL, "recipients"), 30);
    want_number("queued", count_in(open, NULL, "queued"), 30);
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* Each once, in steps, whoever is well and whoever is not; only if that is asked for. */
START_TEST(all_hosts_if_asked)
{
    enum { HOSTS = 250 };
    struct world w;
    char name[16];

    set_up(&w);
    for (int i = 0; i <= HOSTS; i++) { /* the first is heard once it is not alone */
        snprintf(name, sizeof(name), "mx%d", i % HOSTS);
        w.attack.host = name;
        attack_message(&w.attack, (unsigned)i, 1);
    }
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"status\"}", NULL);
    const json_t *hosts = json_object_get(first(list), "hosts");
    want_number("count", count_in(hosts, NULL, "count"), HOSTS);
    want_number("well", count_in(hosts, NULL, "well"), HOSTS);
    want_number("listed", (int64_t)json_array_size(json_object_get(hosts, "list")), 10);
    want_number("not asked", (int64_t)json_array_size(list), 1);
    json_decref(list);
    list = ask(&w, "{\"v\":1,\"command\":\"status\",\"hosts\":true}", NULL);
    want_number("objects", (int64_t)json_array_size(list), 1 + HOSTS);
    for (int i = 0; i < HOSTS; i++) {
        const json_t *host = json_array_get(list, (size_t)i + 1);
        snprintf(name, sizeof(name), "mx%d", i);
        want_text("type", text_of(host, "type"), "host");
        want_text("name", text_of(host, "host"), name);
        want_number(name, json_is_false(json_object_get(host, "silent")), 1);
    }
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* --- series ----------------------------------------------------------------------------------- */

/* The value of the series of that name whose labels have these values, in their order. */
static double value_of(const json_t *list, const char *name, const char *labels)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *series = json_array_get(list, i);
        char text[256] = "";
        const char *label;
        json_t *value, *all = json_object_get(series, "labels");
        json_object_foreach(all, label, value)
        {
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? " " : "",
                     json_string_value(value));
        }
        if (strcmp(text_of(series, "name"), name) == 0 && strcmp(text, labels) == 0)
            return json_number_value(json_object_get(series, "value"));
    }
    ck_abort_msg("no series %s{%s}", name, labels);
    return 0;
}

static void log_line(struct attack *attack, const char *program, const char *text)
{
    attack_line(attack, "%s[1]: %s", program, text);
}

START_TEST(series_have_what_the_log_shows)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 30, 1);
    log_line(&w.attack, "smtp",
             "ABCF4240: to=<v1000000@big.example>, relay=b.example[192.0.2.9]:25, "
             "delay=9, dsn=2.0.0, status=sent (ok)");
    log_line(&w.attack, "qmgr", "ABCF4240: removed");
    log_line(&w.attack, "smtpd",
             "NOQUEUE: reject: RCPT from a[192.0.2.3]: 554 5.7.1 <x@b.example>: "
             "Relay access denied; from=<> to=<x@b.example>");
    log_line(&w.attack, "smtpd", "NOQUEUE: reject: CONNECT from a[192.0.2.3]: 554 5.7.1 no");
    log_line(&w.attack, "smtpd", "warning: a[192.0.2.3]: SASL PLAIN authentication failed: x");
    w.runtime.read_at = (wall_us)4599500000;
    w.runtime.raised[KIND_OPEN_RELAY][SEVERITY_CRITICAL] = 3;
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"series\"}", NULL);
    ck_assert(value_of(list, "relaywatch_build_info", RELAYWATCH_VERSION) == 1);
    ck_assert(value_of(list, "relaywatch_last_line_timestamp_seconds", "") == 4599.5);
    ck_assert(value_of(list, "process_start_time_seconds", "") == 1000);
    ck_assert(value_of(list, "process_open_fds", "") >= 3);
    ck_assert(value_of(list, "process_resident_memory_bytes", "") > 1e6);
    ck_assert(value_of(list, "process_cpu_seconds_total", "") > 0);
    ck_assert(value_of(list, "relaywatch_open_incidents", "open-relay") == 1);
    ck_assert(value_of(list, "relaywatch_open_incidents", "account-abuse") == 0);
    ck_assert(value_of(list, "relaywatch_incidents_raised_total", "open-relay critical") == 3);
    ck_assert(value_of(list, "relaywatch_deliveries_total", "outside outside deferred") == 30);
    ck_assert(value_of(list, "relaywatch_deliveries_total", "outside outside sent") == 1);
    ck_assert(value_of(list, "relaywatch_deliveries_total", "account outside sent") == 0);
    ck_assert(value_of(list, "relaywatch_rejects_total", "relay-denied") == 1);
    ck_assert(value_of(list, "relaywatch_rejects_total", "other") == 1);
    ck_assert(value_of(list, "relaywatch_sasl_failures_total", "") == 1);
    ck_assert(value_of(list, "relaywatch_queue_messages", "deferred under_5m") == 29);
    ck_assert(value_of(list, "relaywatch_queue_messages", "active under_5m") == 0);
    ck_assert_uint_lt(json_array_size(list), 200);
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* At the bound of an age and just before it. */
START_TEST(queue_by_age)
{
    static const struct {
        const char *time, *want;
    } rows[] = {{"03:47:12", "active under_5m"},
                {"03:52:11", "active under_5m"},
                {"03:52:12", "active under_1h"},
                {"04:47:11", "active under_1h"},
                {"04:47:12", "active under_1d"}};
    struct world w;

    set_up(&w);
    log_line(&w.attack, "smtpd", "ABC00001: client=unknown[192.0.2.1]");
    log_line(&w.attack, "qmgr", "ABC00001: from=<a@b.example>, size=1, nrcpt=1 (queue active)");
    for (int i = 0; i < COUNT(rows); i++) {
        char line[128];
        snprintf(line, sizeof(line), "2026-11-24T%s+00:00 mx1 postfix/anvil[1]: statistics: x\n",
                 rows[i].time);
        pipeline_lines(w.attack.pipeline, line, strlen(line));
        json_t *list = ask(&w, "{\"v\":1,\"command\":\"series\"}", NULL);
        ck_assert_msg(value_of(list, "relaywatch_queue_messages", rows[i].want) == 1, "at %s",
                      rows[i].time);
        json_decref(list);
    }
    tear_down(&w);
}
END_TEST

/* --- activity --------------------------------------------------------------------------------- */

static int64_t minute_of(const json_t *list, const char *origin, size_t i)
{
    const json_t *rates = json_object_get(first(list), "recipients_per_minute");

    return json_integer_value(json_array_get(json_object_get(rates, origin), i));
}

/* Fewer than an incident has, of one network. */
static void relay(struct attack *attack, unsigned count, unsigned net)
{
    char domain[32];

    snprintf(domain, sizeof(domain), "net%u.example", net);
    for (unsigned i = 0; i < count; i++)
        attack_message_of(attack, 1000 * net + i, net, 1, domain);
}

/* What was read while catching up is no rate. */
START_TEST(activity_by_minute_and_who_is_nearest)
{
    struct world w;

    set_up(&w);
    w.runtime.catching_up = true;
    relay(&w.attack, 3, 10);
    runtime_caught_up(&w.runtime);
    relay(&w.attack, 4, 20);
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"activity\"}", NULL);
    want_number("this minute", minute_of(list, "outside", 59), 4);
    want_number("of logins", minute_of(list, "account", 59), 0);
    const json_t *near = json_array_get(list, 1);
    want_text("type", text_of(near, "type"), "nearest");
    want_text("of", text_of(near, "of"), "client");
    want_text("name", text_of(near, "name"), "192.0.20.1");
    want_number("recipients", count_in(near, NULL, "recipients"), 4);
    want_number("threshold", count_in(near, NULL, "threshold"), 5);
    want_number("percent", count_in(near, NULL, "percent"), 80);
    want_number("objects", (int64_t)json_array_size(list), 3);
    json_decref(list);
    runtime_set_now(&w.runtime, (wall_us)(4600 + 180) * US_PER_S);
    relay(&w.attack, 2, 30);
    list = ask(&w, "{\"v\":1,\"command\":\"activity\"}", NULL);
    want_number("three minutes ago", minute_of(list, "outside", 56), 4);
    want_number("in between", minute_of(list, "outside", 57), 0);
    want_number("this minute", minute_of(list, "outside", 59), 2);
    json_decref(list);
    runtime_set_now(&w.runtime, (wall_us)(4600 + 7200) * US_PER_S);
    list = ask(&w, "{\"v\":1,\"command\":\"activity\"}", NULL);
    for (size_t i = 0; i < 60; i++)
        want_number("two hours later", minute_of(list, "outside", i), 0);
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* --- incidents -------------------------------------------------------------------------------- */

START_TEST(incidents_are_as_scan_shows_them)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 6, 1);
    attack_messages(&w.attack, 9, 77);
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"incidents\"}", NULL);
    want_number("incidents", (int64_t)json_array_size(list),
                w.attack.pipeline->detector.incident_count);
    for (uint32_t i = 0; i < json_array_size(list); i++) {
        struct incident_view view;
        attack_view(&w.attack, i, &view);
        json_t *want = incident_json(&view), *got = json_array_get(list, i);
        json_object_del(got, INCIDENT_MORE);
        ck_assert_msg(json_equal(got, want), "incident %u differs", i);
        json_decref(want);
        incident_view_done(&view);
    }
    json_decref(list);
    tear_down(&w);
}
END_TEST

START_TEST(ended_ones_are_recent_for_a_day)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 6, 1);
    struct pipeline *p = w.attack.pipeline;
    pipeline_clock(p, p->now_s * US_PER_S);
    pipeline_tick(p, (p->now_s + 7200) * US_PER_S);
    ck_assert_int_eq(p->detector.incident[0].state, INCIDENT_ENDED);
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"incidents\"}", NULL);
    want_text("state", text_of(first(list), "state"), "ended");
    json_decref(list);
    pipeline_tick(p, (p->now_s + 2 * 86400) * US_PER_S);
    list = ask(&w, "{\"v\":1,\"command\":\"incidents\"}", NULL);
    want_number("old", (int64_t)json_array_size(list), 0);
    json_decref(list);
    list = ask(&w, "{\"v\":1,\"command\":\"incidents\",\"all\":true}", NULL);
    want_number("all", (int64_t)json_array_size(list), 1);
    json_decref(list);
    tear_down(&w);
}
END_TEST

START_TEST(show_gives_one_or_says_so)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 6, 1);
    json_t *list = ask(&w, with_id("show", id_of(&w, 0), ""), NULL);
    want_number("objects", (int64_t)json_array_size(list), 1);
    want_text("id", text_of(first(list), "id"), id_of(&w, 0));
    want_text("more", text_of(json_object_get(first(list), INCIDENT_MORE), "key"),
              "client 192.0.2.1");
    json_decref(list);
    list = ask(&w, with_id("show", "or-nothing", ""), NULL);
    want_text("error", text_of(first(list), "text"), "there is no incident \"or-nothing\"");
    want_text("code", text_of(first(list), "code"), "unknown");
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* 60 seconds, wherever the minute of the clock begins. */
START_TEST(last_minute_is_the_last_60_seconds)
{
    static const struct {
        int64_t at_s;
        uint64_t lines, want;
    } steps[] = {{1000, 1, 1},   {1030, 10, 11}, {1059, 100, 111},   {1060, 0, 110}, {1089, 0, 110},
                 {1090, 0, 100}, {1118, 0, 100}, {1119, 1000, 1000}, {5000, 0, 0}};
    struct runtime runtime = {.now = 0};

    for (int i = 0; i < COUNT(steps); i++) {
        char name[16];
        snprintf(name, sizeof(name), "%d", (int)steps[i].at_s);
        runtime_set_now(&runtime, steps[i].at_s * US_PER_S);
        runtime_count_lines(&runtime, steps[i].lines);
        want_number(name, (int64_t)runtime_lines_last_minute(&runtime), (int64_t)steps[i].want);
    }
}
END_TEST

/* --- close ------------------------------------------------------------------------------------ */

START_TEST(close_keeps_the_reason)
{
    struct world w;

    set_up(&w);
    for (unsigned i = 0; i < 12; i++)
        attack_message_of(&w.attack, i, 10 + i / 6, 1, i < 6 ? "one.example" : "two.example");
    json_t *list = ask(&w, with_id("close", id_of(&w, 0), ",\"reason\":\"it is wanted\""), NULL);
    want_text("state", text_of(first(list), "state"), "closed");
    want_text("reason", text_of(first(list), "close_reason"), "it is wanted");
    json_decref(list);
    list = ask(&w, "{\"v\":1,\"command\":\"incidents\"}", NULL);
    want_number("listed", (int64_t)json_array_size(list), 2);
    want_text("open first", text_of(json_array_get(list, 0), "state"), "open");
    want_text("then closed", text_of(json_array_get(list, 1), "state"), "closed");
    json_decref(list);
    list = ask(&w, "{\"v\":1,\"command\":\"status\"}", NULL);
    const json_t *incidents = json_object_get(first(list), "incidents");
    want_number("open", json_integer_value(json_object_get(incidents, "open")), 1);
    want_number("closed", json_integer_value(json_object_get(incidents, "closed")), 1);
    want_number("ended", json_integer_value(json_object_get(incidents, "ended")), 0);
    want_number("shown", (int64_t)json_array_size(list), 2);
    json_decref(list);
    list = ask(&w, with_id("close", id_of(&w, 1), ",\"reason\":7"), NULL);
    want_text("no reason", text_of(first(list), "close_reason"), "(none)");
    want_text("closed", text_of(first(list), "state"), "closed");
    json_decref(list);
    list = ask(&w, with_id("close", "or-nothing", ""), NULL);
    want_text("code", text_of(first(list), "code"), "unknown");
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* --- clients ---------------------------------------------------------------------------------- */

/* All of them, not only those of the list; each once. */
START_TEST(clients_lists_all_addresses)
{
    enum { CLIENTS = 1200 };
    static char seen[CLIENTS];
    struct world w;
    int n = 0;

    set_up(&w);
    for (unsigned i = 0; i < CLIENTS; i++)
        attack_message_of(&w.attack, i, 10 + i / 250, i % 250, "same.example");
    detector_group(&w.attack.pipeline->detector);
    json_t *list = ask(&w, with_id("clients", id_of(&w, 0), ""), NULL);
    want_number("objects", (int64_t)json_array_size(list), 3);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        const json_t *clients = json_object_get(object, "clients");
        want_number("distinct", json_integer_value(json_object_get(object, "distinct")), CLIENTS);
        for (size_t k = 0; k < json_array_size(clients); k++, n++) {
            unsigned high, low;
            const char *text = json_string_value(json_array_get(clients, k));
            ck_assert_int_eq(sscanf(text, "192.0.%u.%u", &high, &low), 2);
            ck_assert_int_eq(seen[(high - 10) * 250 + low]++, 0);
        }
    }
    want_number("clients", n, CLIENTS);
    json_decref(list);
    list = ask(&w, with_id("clients", "or-nothing", ""), NULL);
    want_text("code", text_of(first(list), "code"), "unknown");
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* --- queue ------------------------------------------------------------------------------------ */

static int queued(const struct world *w, const char *id, const char *more)
{
    json_t *list = ask(w, with_id("queue", id, more), NULL);
    int n = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        n += (int)json_array_size(json_object_get(json_array_get(list, i), "queue_ids"));
    json_decref(list);
    return n;
}

/* Removed, held and released ones come and go; what is listed is what the incident says. */
START_TEST(queue_lists_what_is_queued)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 20, 1);
    const unsigned base = 0xABC00000u + 1000000;
    const char *id = id_of(&w, 0);
    want_number("all", queued(&w, id, ""), 20);
    for (unsigned i = 0; i < 5; i++)
        attack_line(&w.attack, "qmgr[1]: %X: removed", base + i);
    want_number("removed", queued(&w, id, ""), 15);
    for (unsigned i = 5; i < 8; i++)
        attack_line(&w.attack, "postsuper[1]: %X: placed on hold", base + i);
    want_number("held", queued(&w, id, ""), 12);
    want_number("held too", queued(&w, id, ",\"held\":true"), 15);
    /* Somebody else's message is none of it. */
    attack_line(&w.attack, "smtpd[1]: FFFFFF: client=unknown[203.0.113.5]");
    attack_line(&w.attack, "qmgr[1]: FFFFFF: from=<a@b.example>, size=1, nrcpt=1 (queue active)");
    attack_line(&w.attack, "smtp[1]: FFFFFF: to=<v@big.example>, relay=none, delay=1, "
                           "delays=0/0/0/1, dsn=4.0.0, status=deferred (later)");
    want_number("not the other", queued(&w, id, ""), 12);
    struct incident_view view;
    attack_view(&w.attack, 0, &view);
    want_number("as the incident says", (int64_t)(view.totals.queued - view.totals.held), 12);
    incident_view_done(&view);
    tear_down(&w);
}
END_TEST

/* How many queue IDs there are, of which host. across: the incident may be on several. */
static int queued_on(const struct world *w, const char *id, const char *more, const char *host,
                     bool across)
{
    json_t *list = ask(w, with_id("queue", id, more), NULL);
    int n = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *ids = json_object_get(json_array_get(list, i), "queue_ids");
        const json_t *hosts = json_object_get(json_array_get(list, i), "hosts");
        want_number("hosts", (int64_t)json_array_size(hosts), (int64_t)json_array_size(ids));
        want_number("across",
                    json_is_true(json_object_get(json_array_get(list, i), "across_hosts")), across);
        for (size_t k = 0; k < json_array_size(ids); k++)
            n += strcmp(json_string_value(json_array_get(hosts, k)), host) == 0;
    }
    json_decref(list);
    return n;
}

/* What is counted across hosts tells the host of each, and gives those of one alone. */
START_TEST(queue_tells_hosts_in_a_fleet)
{
    struct world w;
    struct network net;

    set_up(&w);
    ck_assert(network_parse(SPAN("10.1.0.0/24"), &net));
    attack_messages(&w.attack, 10, 1);
    want_number("one host", queued_on(&w, id_of(&w, 0), "", "mx1", false), 10);
    tear_down(&w);
    attack_init(&w.attack);
    site_add_fleet(w.attack.site, &net, true);
    pipeline_set(w.attack.pipeline, &w.attack.settings, w.attack.site);
    w.setup = (struct setup){.settings = w.attack.settings, .site = w.attack.site};
    w.runtime.pipeline = w.attack.pipeline;
    for (unsigned i = 0; i < 10; i++) {
        w.attack.host = i < 4 ? "mx1" : "mx2";
        attack_message(&w.attack, 1000000 + i, 1);
    }
    const char *id = id_of(&w, 0);
    want_number("mx1", queued_on(&w, id, "", "mx1", true), 4);
    want_number("mx2", queued_on(&w, id, "", "mx2", true), 6);
    want_number("mx1 alone", queued_on(&w, id, ",\"host\":\"MX1\"", "mx1", true), 4);
    want_number("mx2 is left out", queued_on(&w, id, ",\"host\":\"mx1\"", "mx2", true), 0);
    json_t *list = ask(&w, with_id("queue", id, ",\"host\":\"mx3\""), NULL);
    want_text("no such host", text_of(first(list), "text"),
              "no host \"mx3\" is known from the log");
    json_decref(list);
    tear_down(&w);
}
END_TEST

/* Each queue ID once, in pieces that are short in time and bounded in size. */
START_TEST(many_queue_ids_come_in_pieces)
{
    enum { MESSAGES = 200000 };
    struct world w;
    struct pace pace;

    set_up(&w);
    attack_messages(&w.attack, MESSAGES, 1);
    json_t *list = ask(&w, with_id("queue", id_of(&w, 0), ""), &pace);
    char *seen = calloc(MESSAGES, 1);
    int n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *ids = json_object_get(json_array_get(list, i), "queue_ids");
        for (size_t k = 0; k < json_array_size(ids); k++, n++) {
            unsigned long at = strtoul(json_string_value(json_array_get(ids, k)), NULL, 16) -
                               (0xABC00000u + 1000000);
            ck_assert_uint_lt(at, MESSAGES);
            ck_assert_int_eq(seen[at]++, 0);
        }
    }
    free(seen);
    json_decref(list);
    want_number("ids", n, MESSAGES);
    ck_assert_int_ge(pace.pieces, 10);
    ck_assert_uint_le(pace.largest, 400 * 1024);
    printf("%d queue IDs: %d pieces, the longest %lld us\n", MESSAGES, pace.pieces,
           (long long)pace.longest_us);
    tear_down(&w);
}
END_TEST

/* Messages and incidents come and go while an answer is given. */
START_TEST(pipeline_goes_on_between_pieces)
{
    enum { MESSAGES = 60000 };
    struct world w;
    unsigned next = MESSAGES;

    set_up(&w);
    attack_messages(&w.attack, MESSAGES, 1);
    struct evbuffer *out = evbuffer_new();
    struct query *queue = query_new(&w.runtime, span_str(with_id("queue", id_of(&w, 0), "")));
    struct query *all = query_new(&w.runtime, SPAN("{\"v\":1,\"command\":\"incidents\"}"));
    struct query *status = query_new(&w.runtime, SPAN("{\"v\":1,\"command\":\"status\"}"));
    struct query *explain =
        query_new(&w.runtime, SPAN("{\"v\":1,\"command\":\"explain\",\"queue_id\":\"ABCF4240\"}"));
    bool more = true;
    while (more) {
        more = query_more(queue, out);
        if (all && !query_more(all, out)) {
            query_free(all);
            all = NULL;
        }
        if (status && !query_more(status, out)) {
            query_free(status);
            status = NULL;
        }
        if (explain && !query_more(explain, out)) {
            query_free(explain);
            explain = NULL;
        }
        for (unsigned i = 0; i < 5000; i++) {
            attack_line(&w.attack, "qmgr[1]: %X: removed", 0xABC00000u + 1000000 + next - MESSAGES);
            attack_message(&w.attack, next++, 2 + i % 200);
        }
    }
    query_free(queue);
    query_free(all);
    query_free(status);
    query_free(explain);
    evbuffer_free(out);
    tear_down(&w);
}
END_TEST

/* --- explain ---------------------------------------------------------------------------------- */

static json_t *explain(const struct world *w, const char *id)
{
    char request[128];

    snprintf(request, sizeof(request), "{\"v\":1,\"command\":\"explain\",\"queue_id\":\"%s\"}", id);
    return ask(w, request, NULL);
}

START_TEST(explain_follows_the_chain_both_ways)
{
    static const char *const ids[] = {"AAAAA1", "BBBBB2"};
    struct world w;

    set_up(&w);
    attack_line(&w.attack, "smtpd[1]: AAAAA1: client=bad.example[192.0.2.9]");
    attack_line(&w.attack, "cleanup[1]: AAAAA1: message-id=<1@bad.example>");
    attack_line(&w.attack, "qmgr[1]: AAAAA1: from=<a@bad.example>, size=1, nrcpt=1 (queue active)");
    attack_line(&w.attack,
                "smtp[1]: AAAAA1: to=<v@big.example>, relay=mx[198.51.100.1]:25, delay=1, "
                "delays=0/0/0/1, dsn=5.0.0, status=bounced (no)");
    attack_line(&w.attack, "cleanup[1]: BBBBB2: message-id=<2@mx1>");
    attack_line(&w.attack, "qmgr[1]: BBBBB2: from=<>, size=1, nrcpt=1 (queue active)");
    attack_line(&w.attack, "bounce[1]: AAAAA1: sender non-delivery notification: BBBBB2");
    attack_line(&w.attack, "qmgr[1]: AAAAA1: removed");
    detector_group(&w.attack.pipeline->detector);
    for (int i = 0; i < 2; i++) {
        json_t *list = explain(&w, ids[i]);
        want_number("messages", (int64_t)json_array_size(list), 2);
        for (size_t k = 0; k < 2; k++) {
            const json_t *m = json_array_get(list, k);
            bool parent = strcmp(text_of(m, "queue_id"), ids[0]) == 0;
            want_text("root", text_of(m, "root"), "outside");
            want_text("client", text_of(m, "client"), "bad.example[192.0.2.9]");
            want_text("parent", text_of(m, "parent"), parent ? "(none)" : ids[0]);
            const json_t *children = json_object_get(m, "children");
            want_number("children", (int64_t)json_array_size(children), parent ? 1 : 0);
        }
        json_decref(list);
    }
    json_t *list = explain(&w, "CCCCC3");
    want_text("error", text_of(first(list), "type"), "error");
    json_decref(list);
    tear_down(&w);
}
END_TEST

START_TEST(explain_names_the_incident)
{
    struct world w;

    set_up(&w);
    attack_messages(&w.attack, 6, 1);
    json_t *list = explain(&w, "ABCF4240"); /* 0xABC00000 + 1000000 */
    const json_t *m = first(list), *r = json_array_get(json_object_get(m, "recipients"), 0);
    want_text("incident", text_of(m, "incident"), id_of(&w, 0));
    want_text("kind", text_of(m, "incident_kind"), "open-relay");
    want_text("class", text_of(r, "class"), "outside");
    want_text("status", text_of(r, "status"), "deferred");
    want_text("recipient", text_of(r, "recipient"), "big.example");
    want_text("sender", text_of(m, "sender"), "u1000000@spam1.example");
    json_decref(list);
    tear_down(&w);
}
END_TEST

START_TEST(counters_have_sentences)
{
    struct world w;

    set_up(&w);
    const struct sinks_counters alerts = {.commands_late = 3};
    const struct control_counters control = {.refused = 4};
    w.runtime.alerts = &alerts;
    w.runtime.control = &control;
    json_t *list = ask(&w, "{\"v\":1,\"command\":\"counters\"}", NULL);
    want_text("name", text_of(first(list), "name"), "lines");
    want_text("sentence", text_of(first(list), "sentence"), "lines read");
    int64_t late = -1, refused = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        json_int_t value = json_integer_value(json_object_get(one, "value"));
        if (strcmp(text_of(one, "name"), "alerts_commands_late") == 0)
            late = value;
        if (strcmp(text_of(one, "name"), "control_refused") == 0)
            refused = value;
    }
    want_number("alerts_commands_late", late, 3);
    want_number("control_refused", refused, 4);
    json_decref(list);
    tear_down(&w);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("query");

    tcase_add_test(tc, status_tells_the_figures);
    tcase_add_test(tc, severity_of_open_incidents);
    tcase_add_test(tc, all_hosts_if_asked);
    tcase_add_test(tc, series_have_what_the_log_shows);
    tcase_add_test(tc, queue_by_age);
    tcase_add_test(tc, activity_by_minute_and_who_is_nearest);
    tcase_add_test(tc, incidents_are_as_scan_shows_them);
    tcase_add_test(tc, ended_ones_are_recent_for_a_day);
    tcase_add_test(tc, show_gives_one_or_says_so);
    tcase_add_test(tc, last_minute_is_the_last_60_seconds);
    tcase_add_test(tc, close_keeps_the_reason);
    tcase_add_test(tc, clients_lists_all_addresses);
    tcase_add_test(tc, queue_lists_what_is_queued);
    tcase_add_test(tc, queue_tells_hosts_in_a_fleet);
    tcase_add_test(tc, many_queue_ids_come_in_pieces);
    tcase_add_test(tc, pipeline_goes_on_between_pieces);
    tcase_add_test(tc, explain_follows_the_chain_both_ways);
    tcase_add_test(tc, explain_names_the_incident);
    tcase_add_test(tc, counters_have_sentences);
    return run_suite("query", tc);
}
