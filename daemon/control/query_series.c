/* SPDX-License-Identifier: MIT */
/*
 * The names follow https://prometheus.io/docs/practices/naming/, those of the process are what
 * Prometheus' own clients give. Series of one name stand together.
 */
#include "control/query_series.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/subprocess.h"
#include "report/severity.h"

/* What one series is: name, type and sentence, as HELP and TYPE have them. */
struct family {
    const char *name, *type, *help;
};

static json_t *series(const struct family *family, json_t *value)
{
    json_t *object = json_object();

    query_text(object, "type", "series");
    query_text(object, "name", family->name);
    query_text(object, "metric_type", family->type);
    query_text(object, "help", family->help);
    json_object_set_new(object, "labels", json_object());
    json_object_set_new(object, "value", value);
    return object;
}

static json_t *count(const struct family *family, uint64_t n)
{
    return series(family, json_integer((json_int_t)n));
}

static void label(json_t *object, const char *name, const char *value)
{
    query_text(json_object_get(object, "labels"), name, value);
}

/* --- the process ------------------------------------------------------------------------------ */

static uint64_t open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    uint64_t n = 0;

    if (!dir)
        return 0;
    for (const struct dirent *entry; (entry = readdir(dir));)
        n += entry->d_name[0] != '.';
    closedir(dir);
    return n - 1; /* without that of the directory */
}

/* All of /proc/self/statm, in pages: virtual, then resident. */
static void memory(uint64_t *ret_virtual, uint64_t *ret_resident)
{
    struct buf text = {0};
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    *ret_virtual = *ret_resident = 0;
    if (subprocess_read_file("/proc/self/statm", true, 256, &text) < 0)
        return;
    struct span s = buf_span(&text);
    if (span_take_number(&s, ret_virtual) && span_take(&s, SPAN(" ")))
        span_take_number(&s, ret_resident);
    *ret_virtual *= page;
    *ret_resident *= page;
    buf_done(&text);
}

static void add_process(struct evbuffer *out, const struct runtime *runtime)
{
    static const struct family cpu = {"process_cpu_seconds_total", "counter",
                                      "User and system CPU time of the daemon."};
    static const struct family resident = {"process_resident_memory_bytes", "gauge",
                                           "Resident memory of the daemon."};
    static const struct family address_space = {"process_virtual_memory_bytes", "gauge",
                                                "Virtual memory of the daemon."};
    static const struct family files = {"process_open_fds", "gauge",
                                        "Open file descriptors of the daemon."};
    static const struct family files_max = {"process_max_fds", "gauge",
                                            "Limit of its open file descriptors."};
    static const struct family start = {"process_start_time_seconds", "gauge",
                                        "When the daemon started, in seconds since 1970."};
    struct rusage used = {0};
    struct rlimit limit = {0};
    uint64_t all, in_memory;

    getrusage(RUSAGE_SELF, &used);
    getrlimit(RLIMIT_NOFILE, &limit);
    memory(&all, &in_memory);
    query_object(
        out, series(&cpu,
                    json_real((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                              (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / US_PER_S)));
    query_object(out, count(&resident, in_memory));
    query_object(out, count(&address_space, all));
    query_object(out, count(&files, open_files()));
    query_object(out, count(&files_max, limit.rlim_cur));
    query_object(out, series(&start, json_real((double)runtime->started / US_PER_S)));
}

/* --- the daemon ------------------------------------------------------------------------------- */

static void add_daemon(struct evbuffer *out, const struct runtime *runtime)
{
    static const struct family build = {"relaywatch_build_info", "gauge",
                                        "Always 1; the version is a label."};
    static const struct family last = {
        "relaywatch_last_line_timestamp_seconds", "gauge",
        "When the last line of the log was read, in seconds since 1970."};
    static const struct family behind = {"relaywatch_behind_bytes", "gauge",
                                         "Bytes of the log not read yet."};
    static const struct family catching_up = {
        "relaywatch_catching_up", "gauge",
        "1 while the daemon reads what was written before it started."};
    json_t *object = count(&build, 1);

    label(object, "version", RELAYWATCH_VERSION);
    query_object(out, object);
    if (runtime->read_at != WHEN_UNKNOWN)
        query_object(out, series(&last, json_real((double)runtime->read_at / US_PER_S)));
    query_object(out, count(&behind, runtime->source ? source_behind(runtime->source) : 0));
    query_object(out, count(&catching_up, runtime->catching_up));
}

static void add_incidents(struct evbuffer *out, const struct runtime *runtime)
{
    static const struct family open = {"relaywatch_open_incidents", "gauge",
                                       "Open incidents, by kind."};
    static const struct family raised = {
        "relaywatch_incidents_raised_total", "counter",
        "Incidents that were reported as raised, by kind and by their severity then."};
    const struct detector *d = &runtime->pipeline->detector;
    uint64_t by_kind[KIND_COUNT] = {0};

    for (const struct incident *i = NULL; (i = detector_next_incident(d, i));)
        by_kind[i->kind] += i->state == INCIDENT_OPEN && !i->closed_s;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        json_t *object = count(&open, by_kind[kind]);
        label(object, "kind", kind_name((enum kind)kind));
        query_object(out, object);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int severity = SEVERITY_INFO; severity <= SEVERITY_CRITICAL; severity++) {
            json_t *object = count(&raised, runtime->raised[kind][severity]);
            label(object, "kind", kind_name((enum kind)kind));
            label(object, "severity", severity_name((enum severity)severity));
            query_object(out, object);
        }
}

/* --- the mail --------------------------------------------------------------------------------- */

/* "Undecided" is the word for people: nothing tells whose the domain is. */
static const char *class_label(enum domain_class class)
{
    return class == CLASS_UNKNOWN ? "undecided" : class_name(class);
}

/* Roots only: other origins inherit one. Those that any server has are there from the start, so
 * that a rate sees their first event. */
static bool has_series(enum origin root)
{
    return root == ORIGIN_OUTSIDE || root == ORIGIN_TRUSTED || root == ORIGIN_ACCOUNT ||
           root == ORIGIN_LOCAL || root == ORIGIN_BOUNCE || root == ORIGIN_UNKNOWN;
}

static void add_deliveries(struct evbuffer *out, const struct judge *judge)
{
    static const struct family family = {
        "relaywatch_deliveries_total", "counter",
        "Recipients by where their mail came from, whose they are and how the attempt ended; one "
        "that is tried again counts only if it ends otherwise."};
    static const enum status statuses[] = {STATUS_SENT, STATUS_DEFERRED, STATUS_BOUNCED};

    for (int root = 0; root < ORIGIN_COUNT; root++)
        for (int class = 0; class < CLASS_NULL; class ++)
            for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
                uint64_t n = judge_deliveries(judge, (enum origin)root, (enum domain_class) class,
                                              statuses[i]);
                if (!n && !has_series((enum origin)root))
                    continue;
                json_t *object = count(&family, n);
                label(object, "origin", origin_name((enum origin)root));
                label(object, "class", class_label((enum domain_class) class));
                label(object, "status", status_name(statuses[i]));
                query_object(out, object);
            }
}

static void add_refusals(struct evbuffer *out, const struct pipeline *p)
{
    static const struct family rejects = {
        "relaywatch_rejects_total", "counter",
        "What smtpd refused before it was in the queue, by reason."};
    static const struct family logins = {"relaywatch_sasl_failures_total", "counter",
                                         "Logins that smtpd refused."};

    for (int refusal = REFUSAL_NONE + 1; refusal < REFUSAL_LOGIN; refusal++) {
        json_t *object = count(&rejects, p->refused[refusal]);
        label(object, "reason", refusal_name((enum refusal)refusal));
        query_object(out, object);
    }
    query_object(out, count(&logins, p->refused[REFUSAL_LOGIN]));
}

/* --- the queue -------------------------------------------------------------------------------- */

static const char *const state_names[QUERY_QUEUE_STATES] = {"incoming", "active", "deferred",
                                                            "hold"};
static const struct {
    const char *name;
    uint32_t below_s;
} ages[QUERY_QUEUE_AGES] = {
    {"under_5m", 300}, {"under_1h", 3600}, {"under_1d", 86400}, {"from_1d", UINT32_MAX}};

/* The log doesn't tell the active queue from the deferred: what was deferred waits there, most of
 * the time. */
static int state_of(struct message *m)
{
    if (m->state == MESSAGE_NEW)
        return 0;
    if (m->state == MESSAGE_HELD)
        return 3;
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (message_recipients(m)[i].status == STATUS_DEFERRED)
            return 2;
    return 1;
}

static void visit(void *ctx, struct message *m)
{
    struct query *query = ctx;
    const struct pipeline *p = query->runtime->pipeline;
    uint32_t now_s = p->hosts.host[hosts_host(m->source)].now_s;
    uint32_t age_s = now_s > m->begun_s ? now_s - m->begun_s : 0;
    int age = 0;

    if (m->state == MESSAGE_GONE)
        return;
    while (age < QUERY_QUEUE_AGES - 1 && age_s >= ages[age].below_s)
        age++;
    query->queue[state_of(m)][age]++;
}

static enum query_step walk(struct query *query, struct evbuffer *out)
{
    static const struct family family = {
        "relaywatch_queue_messages", "gauge",
        "Messages in the queue, by state and by age; active also has those that wait there."};

    if (query_walk(query, visit))
        return QUERY_MORE;
    for (int state = 0; state < QUERY_QUEUE_STATES; state++)
        for (int age = 0; age < QUERY_QUEUE_AGES; age++) {
            json_t *object = count(&family, query->queue[state][age]);
            label(object, "state", state_names[state]);
            label(object, "age", ages[age].name);
            query_object(out, object);
        }
    return QUERY_END;
}

enum query_step query_series(struct query *query, struct evbuffer *out)
{
    const struct runtime *runtime = query->runtime;

    add_daemon(out, runtime);
    add_process(out, runtime);
    add_incidents(out, runtime);
    add_deliveries(out, &runtime->pipeline->judge);
    add_refusals(out, runtime->pipeline);
    query->step = walk;
    return QUERY_MORE;
}
