/* SPDX-License-Identifier: MIT */
#include "alert/sink.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "journal_end.h"
#include "common/log.h"
#include "common/message_ids.h"
#include "rows.h"
#include "alert/sink_command.h"
#include "alert/sink_fields.h"
#include "report/incident_json.h"
#include "report/incident_line.h"
#include "whole_file.h"

static const struct told_mark unmarked = {.id = ""};

/* A loop as the daemon's, with an attack and a journal of its own. */
struct world {
    struct journal_end end;
    struct log_socket_paths paths;
    struct attack attack;
    struct incident_view view;
    struct event_base *base;
    struct event *child;
    struct sinks *sinks;
    int ended;
    char log_path[96]; /* what commands write to */
};

static void on_child(evutil_socket_t number, short what, void *ctx)
{
    struct world *w = ctx;
    int status;
    pid_t pid;

    (void)number;
    (void)what;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        w->ended += sinks_child_ended(w->sinks, pid, status);
}

static void set_up(struct world *w, const char *command, dur_us timeout, uint32_t at_once)
{
    memset(w, 0, sizeof(*w));
    signal(SIGPIPE, SIG_IGN);
    journal_end_open(&w->end);
    w->paths = (struct log_socket_paths){w->end.path, NULL};
    snprintf(w->log_path, sizeof(w->log_path), "%s/out", w->end.dir);
    attack_init(&w->attack);
    attack_messages(&w->attack, 6, 1);
    attack_view(&w->attack, 0, &w->view);
    w->base = event_base_new();
    w->child = evsignal_new(w->base, SIGCHLD, on_child, w);
    event_add(w->child, NULL);
    free(w->attack.settings.alert.command);
    w->attack.settings.alert.command = strdup(command);
    w->attack.settings.alert.command_timeout = timeout;
    w->attack.settings.alert.command_at_once = at_once;
    w->sinks = sinks_new_at(w->base, &w->attack.settings, &w->paths);
    ck_assert_ptr_nonnull(w->sinks);
}

static void tear_down(struct world *w)
{
    sinks_free(w->sinks);
    event_free(w->child);
    event_base_free(w->base);
    incident_view_done(&w->view);
    attack_done(&w->attack);
    unlink(w->log_path);
    journal_end_close(&w->end);
}

static void run_until_ended(struct world *w, int count)
{
    while (w->ended < count)
        event_base_loop(w->base, EVLOOP_ONCE);
}

/* A script in the world's directory; its path. */
static const char *script(char *path, size_t size, const char *text)
{
    static int number;

    snprintf(path, size, "/tmp/relaywatch-test-%ld-%d.sh", (long)getpid(), number++);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    ck_assert_int_ge(fd, 0);
    dprintf(fd, "#!/bin/sh\n%s\n", text);
    close(fd);
    return path;
}

/* --- the journal ------------------------------------------------------------------------------ */

static void want_field(const char *datagram, ssize_t len, const char *name, const char *want)
{
    char value[65536];

    ck_assert_int_gt(len, 0);
    ck_assert_msg(journal_field(datagram, (size_t)len, name, value, sizeof(value)), "no %s", name);
    want_text(name, value, want);
}

START_TEST(alert_has_all_fields)
{
    static char got[200000], value[65536];
    struct world w;

    set_up(&w, "", US_PER_S, 1);
    sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
    ssize_t n = journal_end_read(&w.end, got, sizeof(got));
    want_field(got, n, "PRIORITY", "1");
    want_field(got, n, "SYSLOG_FACILITY", "3");
    want_field(got, n, "MESSAGE_ID", message_id_text(MESSAGE_ID_OPEN_RELAY));
    want_field(got, n, "RELAYWATCH_KIND", "open-relay");
    want_field(got, n, "RELAYWATCH_ID", w.view.incident->id);
    want_field(got, n, "RELAYWATCH_EVENT", "raised");
    want_field(got, n, "RELAYWATCH_SEVERITY", "critical");
    want_field(got, n, "RELAYWATCH_KEY_TYPE", "client");
    want_field(got, n, "RELAYWATCH_KEY", "192.0.2.1");
    want_field(got, n, "RELAYWATCH_HOST", "mx1");
    want_field(got, n, "RELAYWATCH_MESSAGES", "6");
    want_field(got, n, "RELAYWATCH_RECIPIENTS", "6");
    want_field(got, n, "RELAYWATCH_SENT", "0");
    want_field(got, n, "RELAYWATCH_DEFERRED", "6");
    want_field(got, n, "RELAYWATCH_QUEUED", "6");
    want_field(got, n, "RELAYWATCH_CLIENTS", "1");
    want_field(got, n, "RELAYWATCH_UNDECIDED", "0");
    want_field(got, n, "RELAYWATCH_CROSSED", "5 recipients in 1h, the threshold is 5");
    want_field(got, n, "RELAYWATCH_REOPENED", "0");
    want_field(got, n, "RELAYWATCH_FIRST_SEEN", "2026-11-24T03:47:12Z");
    want_field(got, n, "RELAYWATCH_REASON", w.view.reason);
    want_field(got, n, "RELAYWATCH_STANZA", "[open-relay 192.0.2.1]\nrecipients = 20\n");
    ck_assert(journal_field(got, (size_t)n, "RELAYWATCH_COMMANDS", value, sizeof(value)));
    value[49] = '\0';
    want_text("commands", value, "# put on hold what is queued\nrelaywatch queue or-");
    char *line = incident_line(&w.view, INCIDENT_RAISED);
    want_field(got, n, "MESSAGE", line);
    free(line);
    ck_assert(journal_field(got, (size_t)n, "RELAYWATCH_JSON", value, sizeof(value)));
    json_t *json = json_loads(value, 0, NULL);
    want_text("event", json_string_value(json_object_get(json, "event")), "raised");
    json_object_del(json, "event");
    json_t *want = incident_json(&w.view);
    ck_assert(json_equal(json, want));
    json_decref(json);
    json_decref(want);
    want_number("sent", (int64_t)sinks_counters(w.sinks)->sent, 1);
    tear_down(&w);
}
END_TEST

START_TEST(site_warning_is_sent)
{
    static char got[4096];
    struct site_warning warning = {.code = "mynetworks-too-wide", .text = "say \"10.0.0.0/4\""};
    struct world w;

    set_up(&w, "", US_PER_S, 1);
    sinks_warning(w.sinks, &warning, false, &unmarked);
    ssize_t n = journal_end_read(&w.end, got, sizeof(got));
    want_field(got, n, "MESSAGE",
               "site-warning code=mynetworks-too-wide text=\"say \\\"10.0.0.0/4\\\"\"");
    want_field(got, n, "MESSAGE_ID", message_id_text(MESSAGE_ID_SITE_WARNING));
    want_field(got, n, "RELAYWATCH_WARNING", warning.code);
    want_field(got, n, "RELAYWATCH_TEXT", warning.text);
    want_field(got, n, "PRIORITY", "4");
    tear_down(&w);
}
END_TEST

static const struct {
    enum severity severity;
    enum kind kind;
    enum incident_event event;
    int priority;
    enum message_id id;
} urgencies[] = {
    {SEVERITY_CRITICAL, KIND_OPEN_RELAY, INCIDENT_RAISED, LOG_ALERT, MESSAGE_ID_OPEN_RELAY},
    {SEVERITY_CRITICAL, KIND_OPEN_RELAY, INCIDENT_UPDATED, LOG_CRIT, MESSAGE_ID_OPEN_RELAY},
    {SEVERITY_CRITICAL, KIND_OPEN_RELAY, INCIDENT_OVER, LOG_NOTICE, MESSAGE_ID_ENDED},
    {SEVERITY_CRITICAL, KIND_ACCOUNT_ABUSE, INCIDENT_REOPENED, LOG_ALERT, MESSAGE_ID_REOPENED},
    {SEVERITY_WARNING, KIND_ACCOUNT_ABUSE, INCIDENT_RAISED, LOG_ERR, MESSAGE_ID_ACCOUNT_ABUSE},
    {SEVERITY_WARNING, KIND_LOCAL_ABUSE, INCIDENT_WIDENED, LOG_WARNING, MESSAGE_ID_LOCAL_ABUSE},
    {SEVERITY_WARNING, KIND_BACKSCATTER_SOURCE, INCIDENT_WITHDRAWN, LOG_NOTICE,
     MESSAGE_ID_WITHDRAWN},
    {SEVERITY_INFO, KIND_ACCOUNT_ABUSE, INCIDENT_RAISED, LOG_NOTICE, MESSAGE_ID_ACCOUNT_ABUSE},
    {SEVERITY_INFO, KIND_ACCOUNT_ABUSE, INCIDENT_CLOSED, LOG_NOTICE, MESSAGE_ID_CLOSED},
    {SEVERITY_INFO, KIND_TRUSTED_RELAY, INCIDENT_UPDATED, LOG_INFO, MESSAGE_ID_TRUSTED_RELAY},
};

START_TEST(priority_follows_severity_and_id_the_kind)
{
    const char *name = kind_name(urgencies[_i].kind);

    want_number(name, alert_priority(urgencies[_i].severity, urgencies[_i].event),
                urgencies[_i].priority);
    want_text(name, alert_message_id(urgencies[_i].kind, urgencies[_i].event),
              message_id_text(urgencies[_i].id));
}
END_TEST

/* A journald that sleeps: what came meanwhile is there when it wakes, in order, none twice. */
START_TEST(full_journal_queues_alerts)
{
    enum { ALERTS = 200 };
    static char got[200000];
    struct world w;
    int received = 0;

    set_up(&w, "", US_PER_S, 1);
    for (int i = 0; i < ALERTS; i++)
        sinks_alert(w.sinks, INCIDENT_UPDATED, &w.view, &unmarked);
    ck_assert_uint_lt(sinks_counters(w.sinks)->sent, ALERTS);
    while (received < ALERTS) {
        while (journal_end_read(&w.end, got, sizeof(got)) > 0)
            received++;
        event_base_loop(w.base, received < ALERTS ? EVLOOP_ONCE : EVLOOP_NONBLOCK);
    }
    want_number("sent", (int64_t)sinks_counters(w.sinks)->sent, ALERTS);
    want_number("dropped", (int64_t)sinks_counters(w.sinks)->dropped, 0);
    ck_assert_int_lt(journal_end_read(&w.end, got, sizeof(got)), 0);
    tear_down(&w);
}
END_TEST

/* Updates, not those that say what they are about. */
START_TEST(beyond_the_bound_the_least_important_go)
{
    enum { EXTRA = 7 };
    static char got[200000];
    struct world w;

    set_up(&w, "", US_PER_S, 1);
    close(w.end.fd);
    unlink(w.end.path);
    for (int i = 0; i < ALERTS_WAITING + EXTRA; i++)
        sinks_alert(w.sinks, i < EXTRA ? INCIDENT_RAISED : INCIDENT_UPDATED, &w.view, &unmarked);
    want_number("dropped", (int64_t)sinks_counters(w.sinks)->dropped, EXTRA);
    want_number("sent", (int64_t)sinks_counters(w.sinks)->sent, 0);
    journal_end_bind(&w.end, SOCK_DGRAM);
    sinks_alert(w.sinks, INCIDENT_UPDATED, &w.view, &unmarked);
    ssize_t n = journal_end_read(&w.end, got, sizeof(got));
    want_field(got, n, "RELAYWATCH_EVENT", "raised");
    tear_down(&w);
}
END_TEST

START_TEST(reload_changes_the_destination)
{
    struct world w;

    set_up(&w, "", US_PER_S, 1);
    want_text("where", sinks_destination(w.sinks), "the journal");
    w.paths.syslog = w.end.path;
    w.attack.settings.alert.journal = false;
    sinks_set(w.sinks, &w.attack.settings);
    want_text("where", sinks_destination(w.sinks), "syslog");
    tear_down(&w);
}
END_TEST

/* --- our own lines ---------------------------------------------------------------------------- */

/* A sender that writes whole records into its addresses must not come back through us. */
START_TEST(own_lines_are_none_of_postfix)
{
    static char got[200000];
    struct world w;
    struct attack other;

    set_up(&w, "", US_PER_S, 1);
    for (unsigned i = 0; i < 10; i++) {
        unsigned id = 0xDEF00000u + i;
        attack_line(&w.attack, "smtpd[1]: %X: client=unknown[203.0.113.9]", id);
        attack_line(&w.attack,
                    "qmgr[1]: %X: from=<\" mx1 postfix/smtpd[1]: AAAAAA%u: client=a[192.0.2.9]\"@"
                    "x.example>, size=1, nrcpt=1 (queue active)",
                    id, i);
        attack_line(&w.attack,
                    "smtp[1]: %X: to=<v@big.example>, relay=none, delay=1, delays=0/0/0/1, "
                    "dsn=4.0.0, status=deferred (postfix/smtpd[1]: AAAAAA: client=a[192.0.2.9])",
                    id);
    }
    struct incident_view view;
    attack_view(&w.attack, 1, &view);
    attack_init(&other);
    w.attack.settings.alert.journal = false;
    w.paths = (struct log_socket_paths){NULL, w.end.path};
    sinks_set(w.sinks, &w.attack.settings);
    want_text("where", sinks_destination(w.sinks), "syslog");
    sinks_alert(w.sinks, INCIDENT_RAISED, &view, &unmarked);
    log_open(false, &w.paths);
    log_error("Nov 24 03:47:12 mx1 postfix/smtpd[1]: AAAAAA: client=a[192.0.2.9]\n"
              "Nov 24 03:47:12 mx1 postfix/smtpd[1]: AAAAAA: client=a[192.0.2.9]");
    log_close();
    int lines = 0;
    for (ssize_t n; (n = journal_end_read(&w.end, got, sizeof(got))) > 0; lines++) {
        char file[210000];
        ptrdiff_t prefix = span_find(span_str(got), '>');
        ck_assert_ptr_null(strchr(got, '\n'));
        /* as rsyslog writes it: the host after the date */
        int len =
            snprintf(file, sizeof(file), "%.15s mx1 %s\n", got + prefix + 1, got + prefix + 17);
        pipeline_lines(other.pipeline, file, (size_t)len);
    }
    want_number("lines", lines, 2);
    want_number("read", (int64_t)other.pipeline->counters.lines, 2);
    want_number("of other programs", (int64_t)other.pipeline->counters.other_programs, 2);
    want_number("of Postfix", (int64_t)other.pipeline->counters.postfix, 0);
    want_number("messages", other.pipeline->tracker.count, 0);
    incident_view_done(&view);
    attack_done(&other);
    tear_down(&w);
}
END_TEST

/* --- the command ------------------------------------------------------------------------------ */

START_TEST(command_gets_the_json)
{
    struct world w;
    char path[96], command[256];

    script(path, sizeof(path),
           "{ echo \"$RELAYWATCH_EVENT $RELAYWATCH_KIND $2\"; cat; ls /proc/self/fd | wc -l; } "
           ">\"$1\"");
    set_up(&w, "", US_PER_S, 1);
    snprintf(command, sizeof(command), "%s %s two", path, w.log_path);
    free(w.attack.settings.alert.command);
    w.attack.settings.alert.command = strdup(command);
    w.attack.settings.alert.command_timeout = 20 * US_PER_S;
    sinks_set(w.sinks, &w.attack.settings);
    sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
    run_until_ended(&w, 1);
    char *text = whole_file(w.log_path);
    char *json_text = strchr(text, '\n') + 1, *last = strchr(json_text, '\n') + 1;
    ck_assert(span_starts(span_str(text), SPAN("raised open-relay two\n")));
    json_t *json = json_loadb(json_text, (size_t)(last - json_text), 0, NULL);
    want_text("event", json_string_value(json_object_get(json, "event")), "raised");
    want_text("id", json_string_value(json_object_get(json, "id")), w.view.incident->id);
    json_decref(json);
    want_text("descriptors: three and ls's own", span_trim(span_str(last)).at, "4\n");
    want_number("commands", (int64_t)sinks_counters(w.sinks)->commands, 1);
    free(text);
    unlink(path);
    tear_down(&w);
}
END_TEST

/* Standard output is a file meanwhile, as it is a pipe in a container. */
START_TEST(command_prints_where_the_daemon_does)
{
    static const char *const want[] = {"", "{\n"};
    static char got[200];
    struct world w;
    char path[96];

    set_up(&w, script(path, sizeof(path), "head -c 1; echo"), 20 * US_PER_S, 1);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO), fd = open(w.log_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(kept >= 0 && fd >= 0);
    for (int yes = 0; yes < 2; yes++) {
        w.attack.settings.alert.command_output = yes;
        sinks_set(w.sinks, &w.attack.settings);
        dup2(fd, STDOUT_FILENO);
        sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
        dup2(kept, STDOUT_FILENO);
        run_until_ended(&w, yes + 1);
        ssize_t n = pread(fd, got, sizeof(got) - 1, 0);
        got[n > 0 ? n : 0] = '\0';
        want_text(yes ? "yes" : "no", got, want[yes]);
    }
    want_number("commands", (int64_t)sinks_counters(w.sinks)->commands, 2);
    close(kept);
    close(fd);
    unlink(path);
    tear_down(&w);
}
END_TEST

START_TEST(command_gets_site_warnings)
{
    static char got[4096];
    struct site_warning warning = {.code = "blind", .text = "a \x9b\"b\""};
    struct world w;
    char path[96], command[256];

    script(path, sizeof(path),
           "{ echo \"$RELAYWATCH_EVENT $RELAYWATCH_ID $RELAYWATCH_KIND\"; cat; } >>\"$1\"");
    set_up(&w, "", US_PER_S, 1);
    snprintf(command, sizeof(command), "%s %s", path, w.log_path);
    free(w.attack.settings.alert.command);
    w.attack.settings.alert.command = strdup(command);
    w.attack.settings.alert.command_timeout = 20 * US_PER_S;
    sinks_set(w.sinks, &w.attack.settings);
    sinks_warning(w.sinks, &warning, false, &unmarked);
    snprintf(warning.text, sizeof(warning.text), "%s", "Over");
    sinks_warning(w.sinks, &warning, true, &unmarked);
    run_until_ended(&w, 2);
    char *text = whole_file(w.log_path);
    want_text("both", text,
              "warning blind site-warning\n"
              "{\"type\":\"warning\",\"code\":\"blind\",\"text\":\"a ?\\\"b\\\"\","
              "\"event\":\"warning\"}\n"
              "warning-over blind site-warning\n"
              "{\"type\":\"warning\",\"code\":\"blind\",\"text\":\"Over\","
              "\"event\":\"warning-over\"}\n");
    ck_assert_int_gt(journal_end_read(&w.end, got, sizeof(got)), 0);
    ssize_t n = journal_end_read(&w.end, got, sizeof(got));
    want_field(got, n, "RELAYWATCH_EVENT", "warning-over");
    want_field(got, n, "PRIORITY", "5");
    free(text);
    unlink(path);
    tear_down(&w);
}
END_TEST

/* The name of each event that there is, and none of those that were left out. */
START_TEST(command_is_run_for_the_events_of_the_settings)
{
    struct site_warning warning = {.code = "blind", .text = "a"};
    struct world w;
    char path[96], command[256];

    script(path, sizeof(path), "echo \"$RELAYWATCH_EVENT\" >>\"$1\"");
    set_up(&w, "", US_PER_S, 1);
    snprintf(command, sizeof(command), "%s %s", path, w.log_path);
    free(w.attack.settings.alert.command);
    w.attack.settings.alert.command = strdup(command);
    w.attack.settings.alert.command_timeout = 20 * US_PER_S;
    for (int some = 0; some < 2; some++) {
        if (some) {
            free(w.attack.settings.alert.events);
            w.attack.settings.alert.events = strdup("reopened, warning-over raised");
        }
        sinks_set(w.sinks, &w.attack.settings);
        for (int event = 0; event < INCIDENT_EVENT_COUNT; event++)
            sinks_alert(w.sinks, (enum incident_event)event, &w.view, &unmarked);
        sinks_warning(w.sinks, &warning, false, &unmarked);
        sinks_warning(w.sinks, &warning, true, &unmarked);
        run_until_ended(&w, some ? 12 : 9);
    }
    char *text = whole_file(w.log_path);
    want_text("all, then some", text,
              "raised\nwidened\nupdated\nended\nwithdrawn\nreopened\nclosed\nwarning\n"
              "warning-over\nraised\nreopened\nwarning-over\n");
    want_number("commands", (int64_t)sinks_counters(w.sinks)->commands, 12);
    free(text);
    unlink(path);
    tear_down(&w);
}
END_TEST

static const struct {
    const char *name, *script;
    dur_us timeout;
    int64_t good, failed, late;
} commands[] = {
    {"good", "exit 0", 20 * US_PER_S, 1, 0, 0},
    {"fails", "echo no >&2; exit 3", 20 * US_PER_S, 0, 1, 0},
    {"crashes", "kill -SEGV $$", 20 * US_PER_S, 0, 1, 0},
    {"closes its input", "exec <&-; exit 0", 20 * US_PER_S, 1, 0, 0},
    {"much output", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 0",
     20 * US_PER_S, 1, 0, 0},
    {"sleeps", "exec sleep 600", 20000, 0, 0, 1},
    {"its children sleep", "sleep 600; exit 0", 20000, 0, 0, 1},
};

START_TEST(command_ends_as_it_likes)
{
    struct world w;
    char path[96];

    set_up(&w, script(path, sizeof(path), commands[_i].script), commands[_i].timeout, 1);
    sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
    run_until_ended(&w, 1);
    const struct sinks_counters *c = sinks_counters(w.sinks);
    want_number(commands[_i].name, (int64_t)c->commands, commands[_i].good);
    want_number(commands[_i].name, (int64_t)c->commands_failed, commands[_i].failed);
    want_number(commands[_i].name, (int64_t)c->commands_late, commands[_i].late);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    unlink(path);
    tear_down(&w);
}
END_TEST

static const struct {
    const char *name, *script;
    dur_us timeout;
    bool ok;
    const char *text;
} tested[] = {
    {"good", "exit 0", 20 * US_PER_S, true, "exited with status 0"},
    {"fails", "echo no >&2; exit 3", 20 * US_PER_S, false, "exited with status 3; it said: no "},
    {"late", "exec sleep 600", 20000, false, "took longer than command_timeout and was stopped"},
    {"none", NULL, 20000, false, "could not be started: No such file or directory"},
    {"gets it", "grep -q '^{\"type\":\"test\",.*:\"test\"}$' && [ $RELAYWATCH_EVENT = test ]",
     20 * US_PER_S, true, "exited with status 0"},
};

/* Whatever events say, and however many run. */
START_TEST(test_tells_how_the_command_ended)
{
    static char got[4096];
    struct world w;
    char path[96] = "/nonexistent";

    set_up(&w, tested[_i].script ? script(path, sizeof(path), tested[_i].script) : path,
           tested[_i].timeout, 0);
    free(w.attack.settings.alert.events);
    w.attack.settings.alert.events = strdup("ended");
    sinks_set(w.sinks, &w.attack.settings);
    struct sinks_test test = sinks_test(w.sinks);
    want_number("log", test.log, 0);
    ck_assert(test.command);
    ck_assert(sinks_tested(w.sinks)->running == !!tested[_i].script);
    run_until_ended(&w, !!tested[_i].script);
    ck_assert(!sinks_tested(w.sinks)->running);
    ck_assert(sinks_tested(w.sinks)->ok == tested[_i].ok);
    want_text(tested[_i].name, sinks_tested(w.sinks)->text, tested[_i].text);
    ssize_t n = journal_end_read(&w.end, got, sizeof(got));
    want_field(got, n, "RELAYWATCH_EVENT", "test");
    want_field(got, n, "MESSAGE_ID", message_id_text(MESSAGE_ID_TEST));
    want_field(got, n, "PRIORITY", "1");
    unlink(path);
    tear_down(&w);
}
END_TEST

START_TEST(test_tells_that_the_journal_is_gone)
{
    struct world w;

    set_up(&w, "", US_PER_S, 1);
    journal_end_close(&w.end);
    struct sinks_test test = sinks_test(w.sinks);
    ck_assert_int_lt(test.log, 0);
    ck_assert(!test.command);
    ck_assert(!sinks_tested(w.sinks)->running);
    journal_end_open(&w.end);
    tear_down(&w);
}
END_TEST

/* TERM is not enough for it: KILL comes two seconds later. */
START_TEST(command_that_ignores_term_is_killed)
{
    struct world w;
    char path[96];

    set_up(&w, script(path, sizeof(path), "trap '' TERM; while :; do sleep 600; done"), 20000, 1);
    sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
    run_until_ended(&w, 1);
    want_number("late", (int64_t)sinks_counters(w.sinks)->commands_late, 1);
    unlink(path);
    tear_down(&w);
}
END_TEST

START_TEST(command_that_is_not_there)
{
    struct world w;

    set_up(&w, "/nonexistent/program with arguments", US_PER_S, 2);
    sinks_alert(w.sinks, INCIDENT_RAISED, &w.view, &unmarked);
    sinks_alert(w.sinks, INCIDENT_UPDATED, &w.view, &unmarked);
    /* At once; under valgrind, whose vfork is a fork, when the child has ended. */
    while (sinks_counters(w.sinks)->commands_failed < 2)
        event_base_loop(w.base, EVLOOP_ONCE);
    tear_down(&w);
}
END_TEST

/* Three at once, 64 wait, the others push the oldest out. */
START_TEST(commands_at_once_and_waiting_are_bounded)
{
    enum { AT_ONCE = 3, DROPPED = 5, ALL = AT_ONCE + COMMANDS_WAITING + DROPPED };
    struct world w;
    char path[96], command[256];

    script(path, sizeof(path), "echo $RELAYWATCH_EVENT >>\"$1\"");
    set_up(&w, "", US_PER_S, AT_ONCE);
    snprintf(command, sizeof(command), "%s %s", path, w.log_path);
    free(w.attack.settings.alert.command);
    w.attack.settings.alert.command = strdup(command);
    w.attack.settings.alert.command_timeout = 60 * US_PER_S;
    sinks_set(w.sinks, &w.attack.settings);
    /* Nobody reads the loop meanwhile, so none of them can end. */
    for (int i = 0; i < ALL; i++)
        sinks_alert(w.sinks, INCIDENT_UPDATED, &w.view, &unmarked);
    want_number("dropped", (int64_t)sinks_counters(w.sinks)->commands_dropped, DROPPED);
    run_until_ended(&w, ALL - DROPPED);
    want_number("good", (int64_t)sinks_counters(w.sinks)->commands, ALL - DROPPED);
    char *text = whole_file(w.log_path);
    want_number("runs", (int64_t)strlen(text), (ALL - DROPPED) * (int64_t)strlen("updated\n"));
    free(text);
    unlink(path);
    tear_down(&w);
}
END_TEST

START_TEST(stopping_leaves_commands_and_frees_all)
{
    struct world w;
    char path[96];

    set_up(&w, script(path, sizeof(path), "sleep 0.02"), 60 * US_PER_S, 1);
    for (int i = 0; i < 3; i++)
        sinks_alert(w.sinks, INCIDENT_UPDATED, &w.view, &unmarked);
    tear_down(&w);
    int status;
    ck_assert_int_gt(waitpid(-1, &status, 0), 0);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    unlink(path);
}
END_TEST

/* --- the catalog ------------------------------------------------------------------------------ */

static bool is_known_field(struct span name)
{
    for (const char *const *known = alert_field_names; *known; known++)
        if (span_equal(name, span_str(*known)))
            return true;
    return false;
}

START_TEST(catalog_explains_every_id)
{
    char *text = whole_file(SOURCE_DIR "/systemd/relaywatch.catalog");
    int entries = 0;

    for (int id = 0; id < MESSAGE_ID_COUNT; id++) {
        char head[64];
        snprintf(head, sizeof(head), "\n-- %s\nSubject: ", message_id_text((enum message_id)id));
        ck_assert_msg(strstr(text, head), "no entry for %s", message_id_text((enum message_id)id));
    }
    for (const char *at = text; (at = strstr(at, "\n-- ")); at++)
        entries++;
    want_number("entries", entries, MESSAGE_ID_COUNT);
    for (char *at = text; (at = strchr(at, '@'));) {
        char *end = strchr(at + 1, '@');
        ck_assert_ptr_nonnull(end);
        struct span name = span_of(at + 1, (size_t)(end - at - 1));
        if (!is_known_field(name) && !span_equal(name, SPAN("FIELD")))
            ck_abort_msg("no field %.*s", SPAN_ARG(name));
        at = end + 1;
    }
    free(text);
}
END_TEST

/* systemd's own reader takes it. */
START_TEST(catalog_is_one_to_journalctl)
{
    char root[] = "/tmp/relaywatch-test.XXXXXX", command[1024];

    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(command, sizeof(command),
             "set -e; command -v journalctl >/dev/null || exit 0\n"
             "mkdir -p %s/usr/lib/systemd/catalog %s/var/lib/systemd/catalog\n"
             "cp '%s/systemd/relaywatch.catalog' %s/usr/lib/systemd/catalog/\n"
             "journalctl --root=%s --update-catalog 2>&1\n"
             "test $(journalctl --root=%s --list-catalog | grep -c relaywatch) = %d",
             root, root, SOURCE_DIR, root, root, root, MESSAGE_ID_COUNT);
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof(command), "rm -rf %s", root);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    static const struct log_socket_paths nowhere = {NULL, NULL};
    TCase *tc = tcase_create("sink");

    log_open(false, &nowhere);
    tcase_add_test(tc, alert_has_all_fields);
    tcase_add_test(tc, site_warning_is_sent);
    ADD_ROWS(tc, priority_follows_severity_and_id_the_kind, urgencies);
    tcase_add_test(tc, full_journal_queues_alerts);
    tcase_add_test(tc, beyond_the_bound_the_least_important_go);
    tcase_add_test(tc, reload_changes_the_destination);
    tcase_add_test(tc, own_lines_are_none_of_postfix);
    tcase_add_test(tc, command_gets_the_json);
    tcase_add_test(tc, command_prints_where_the_daemon_does);
    tcase_add_test(tc, command_gets_site_warnings);
    tcase_add_test(tc, command_is_run_for_the_events_of_the_settings);
    ADD_ROWS(tc, command_ends_as_it_likes, commands);
    ADD_ROWS(tc, test_tells_how_the_command_ended, tested);
    tcase_add_test(tc, test_tells_that_the_journal_is_gone);
    tcase_add_test(tc, command_that_ignores_term_is_killed);
    tcase_add_test(tc, command_that_is_not_there);
    tcase_add_test(tc, commands_at_once_and_waiting_are_bounded);
    tcase_add_test(tc, stopping_leaves_commands_and_frees_all);
    tcase_add_test(tc, catalog_explains_every_id);
    tcase_add_test(tc, catalog_is_one_to_journalctl);
    return run_suite("sink", tc);
}
