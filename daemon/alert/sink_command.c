/* SPDX-License-Identifier: MIT */
/*
 * Alerts wait in a ring until one of `command_at_once` slots is free. A slot is one running child:
 * its standard error, and a timer that sends SIGTERM when its time is up and SIGKILL two seconds
 * later. Signals go to the whole process group, because the command is usually a script with
 * children of its own.
 */
#include "alert/sink_command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alert/alert_queue.h"
#include "common/log.h"
#include "common/spawn.h"

enum { ARGUMENTS_MAX = 64, OUTPUT_MAX = 400, RUNNING_MAX = 64, GRACE_S = 2 };

struct run {
    struct command_sink *sink;
    pid_t pid;  /* 0: free */
    bool late;  /* ran out of time */
    bool test;  /* test-alert waits for its end */
    int errors; /* our end of its standard error, or -1 */
    struct event *errors_event, *timer;
    char output[OUTPUT_MAX]; /* the start of its standard error */
    size_t output_len;
};

struct command_sink {
    struct event_base *base;
    struct sinks_counters *counters;
    struct told *told;
    char *command, *events;
    dur_us timeout;
    uint32_t at_once;
    bool output; /* what it prints goes where the daemon's own does */
    struct run run[RUNNING_MAX];
    uint32_t running;
    struct alert_queue waiting;
    struct command_test test;
    bool logged_full;
};

/* Without memory it stays as it was. */
static void set_text(char **field, const char *text)
{
    char *copy = strdup(text ? text : "");

    if (copy) {
        free(*field);
        *field = copy;
    }
}

static void set(struct command_sink *sink, const struct settings *settings)
{
    set_text(&sink->command, settings->alert.command);
    set_text(&sink->events, settings->alert.events);
    sink->timeout = settings->alert.command_timeout;
    sink->at_once = settings->alert.command_at_once < RUNNING_MAX ? settings->alert.command_at_once
                                                                  : RUNNING_MAX;
    sink->output = settings->alert.command_output;
}

struct command_sink *command_sink_new(struct event_base *base, const struct settings *settings,
                                      struct sinks_counters *counters)
{
    struct command_sink *sink = calloc(1, sizeof(*sink));

    if (!sink)
        return NULL;
    sink->base = base;
    sink->counters = counters;
    set(sink, settings);
    if (alert_queue_init(&sink->waiting, COMMANDS_WAITING) && sink->command && sink->events)
        return sink;
    command_sink_free(sink);
    return NULL;
}

static void stop_listening(struct run *run)
{
    if (run->errors_event)
        event_free(run->errors_event);
    if (run->errors >= 0)
        close(run->errors);
    run->errors_event = NULL;
    run->errors = -1;
}

static void free_run(struct run *run)
{
    stop_listening(run);
    if (run->timer)
        event_free(run->timer);
    run->timer = NULL;
    run->pid = 0;
}

void command_sink_free(struct command_sink *sink)
{
    if (!sink)
        return;
    if (sink->waiting.count)
        log_error("the alert command was not run for %u queued alerts", sink->waiting.count);
    alert_queue_done(&sink->waiting);
    for (uint32_t i = 0; i < RUNNING_MAX; i++)
        if (sink->run[i].pid)
            free_run(&sink->run[i]);
    free(sink->command);
    free(sink->events);
    free(sink);
}

/* --- while it runs ---------------------------------------------------------------------------- */

/* Keeps the start. Reads and discards the rest, so that a full pipe does not block the command. */
static void on_errors(evutil_socket_t fd, short what, void *ctx)
{
    struct run *run = ctx;
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof(bytes));

    (void)what;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        stop_listening(run);
        return;
    }
    for (ssize_t i = 0; i < n && run->output_len + 1 < sizeof(run->output); i++)
        run->output[run->output_len++] = bytes[i] == '\n' ? ' ' : bytes[i];
}

static void on_time_up(evutil_socket_t fd, short what, void *ctx)
{
    static const struct timeval grace = {GRACE_S, 0};
    struct run *run = ctx;

    (void)fd;
    (void)what;
    kill(-run->pid, run->late ? SIGKILL : SIGTERM);
    if (!run->late)
        event_add(run->timer, &grace);
    run->late = true;
}

/* --- starting --------------------------------------------------------------------------------- */

/* A memory file with the JSON and a newline, positioned at the start. */
static int file_of_memory(const char *json)
{
    int fd = memfd_create("relaywatch-incident", MFD_CLOEXEC);
    size_t len = strlen(json), done = 0;

    if (fd < 0)
        return -errno;
    while (done < len) {
        ssize_t n = write(fd, json + done, len - done);
        if (n < 0)
            goto fail;
        done += (size_t)n;
    }
    if (write(fd, "\n", 1) == 1 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
fail:;
    int r = -errno;
    close(fd);
    return r < 0 ? r : -EIO;
}

/* Splits a copy of the command into words; free argv[0] afterwards. The settings allow no
 * quotes. */
static bool split(const char *command, char *argv[ARGUMENTS_MAX + 1])
{
    char *text = strdup(command);
    int n = 0;

    argv[0] = text;
    for (char *at = text; at && n < ARGUMENTS_MAX;) {
        at += strspn(at, " \t");
        if (!*at)
            break;
        argv[n++] = at;
        at += strcspn(at, " \t");
        if (*at)
            *at++ = '\0';
    }
    argv[n] = NULL;
    return text && n > 0 && argv[0] == text;
}

/* What a script may want without parsing JSON. Strangers choose none of it. */
struct environment {
    char event[64], id[80], kind[64], path[512], tz[128];
    char *list[7];
};

static void fill_environment(struct environment *e, const struct alert_item *job)
{
    const char *path = getenv("PATH"), *tz = getenv("TZ");
    int n = 0;

    snprintf(e->event, sizeof(e->event), "RELAYWATCH_EVENT=%s", job->event);
    snprintf(e->id, sizeof(e->id), "RELAYWATCH_ID=%s", job->id);
    snprintf(e->kind, sizeof(e->kind), "RELAYWATCH_KIND=%s", job->kind);
    snprintf(e->path, sizeof(e->path), "PATH=%s", path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
    snprintf(e->tz, sizeof(e->tz), "TZ=%s", tz ? tz : "");
    e->list[n++] = e->event;
    e->list[n++] = e->id;
    e->list[n++] = e->kind;
    e->list[n++] = e->path;
    if (tz)
        e->list[n++] = e->tz;
    e->list[n] = NULL;
}

static int spawn_job(struct command_sink *sink, const struct alert_item *job, int errors,
                     pid_t *ret)
{
    char *argv[ARGUMENTS_MAX + 1];
    struct environment environment;
    int in = file_of_memory(job->bytes);

    if (in < 0)
        return in;
    int r = split(sink->command, argv) ? 0 : -EINVAL;
    if (r == 0) {
        fill_environment(&environment, job);
        const struct spawn spawn = {
            argv[0], argv, environment.list, in, sink->output ? STDOUT_FILENO : -1, errors};
        r = spawn_program(&spawn, ret);
    }
    free(argv[0]);
    close(in);
    return r;
}

static struct run *find_free(struct command_sink *sink)
{
    for (uint32_t i = 0; sink->running < sink->at_once && i < RUNNING_MAX; i++)
        if (!sink->run[i].pid)
            return &sink->run[i];
    return NULL;
}

/* Sets up all events before the child, so that nothing can fail once it is running. */
static int start(struct command_sink *sink, struct run *run, const struct alert_item *job)
{
    struct timeval limit = {(time_t)(sink->timeout / US_PER_S),
                            (suseconds_t)(sink->timeout % US_PER_S)};
    int pipes[2], r = -ENOMEM;

    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -errno;
    *run = (struct run){.sink = sink, .errors = pipes[0]};
    fcntl(run->errors, F_SETFL, O_NONBLOCK);
    run->timer = evtimer_new(sink->base, on_time_up, run);
    run->errors_event = event_new(sink->base, run->errors, EV_READ | EV_PERSIST, on_errors, run);
    if (run->timer && run->errors_event && event_add(run->errors_event, NULL) == 0 &&
        event_add(run->timer, &limit) == 0)
        r = spawn_job(sink, job, pipes[1], &run->pid);
    close(pipes[1]);
    if (r < 0)
        free_run(run);
    else
        sink->running++;
    return r;
}

static void start_waiting(struct command_sink *sink)
{
    struct run *run;

    while (sink->waiting.count && (run = find_free(sink))) {
        const struct alert_item *job = alert_queue_first(&sink->waiting);
        told_begin(sink->told, &job->mark);
        int r = start(sink, run, job);
        told_end(sink->told, &job->mark);
        if (r < 0) {
            sink->counters->commands_failed++;
            log_error("the alert command \"%s\" could not be started: %s", sink->command,
                      strerror(-r));
        }
        alert_queue_pop(&sink->waiting);
    }
    if (!sink->waiting.count)
        sink->logged_full = false;
}

/* Queues the run even if a slot is free, and then starts what can be started: one path for both
 * cases. */
void command_sink_run(struct command_sink *sink, enum alert_rank rank, const char *event,
                      const char *id, const char *kind, const char *json,
                      const struct told_mark *mark)
{
    struct alert_item job = {.rank = rank, .mark = *mark};

    if (!*sink->command || !span_has_word(span_str(sink->events), span_str(event)) ||
        told_before(sink->told, mark))
        return;
    job.bytes = strdup(json);
    if (!job.bytes) {
        sink->counters->commands_failed++;
        return;
    }
    snprintf(job.event, sizeof(job.event), "%s", event);
    snprintf(job.id, sizeof(job.id), "%s", id);
    snprintf(job.kind, sizeof(job.kind), "%s", kind);
    told_wait(sink->told, mark);
    if (!alert_queue_push(&sink->waiting, &job)) {
        if (!sink->logged_full)
            log_error("the alert command is too slow: %d alerts wait for it, the least important "
                      "are dropped",
                      COMMANDS_WAITING);
        sink->logged_full = true;
        sink->counters->commands_dropped++;
    }
    start_waiting(sink);
}

bool command_sink_test(struct command_sink *sink, const char *json)
{
    struct alert_item job = {.event = "test", .id = "test", .kind = "test"};
    struct command_test *test = &sink->test;
    uint32_t i = 0;
    int r = -EAGAIN;

    if (!*sink->command)
        return false;
    while (i < RUNNING_MAX && sink->run[i].pid)
        i++;
    job.bytes = strdup(json);
    if (job.bytes && i < RUNNING_MAX)
        r = start(sink, &sink->run[i], &job);
    free(job.bytes);
    *test = (struct command_test){.running = r == 0};
    if (r == 0)
        sink->run[i].test = true;
    else
        snprintf(test->text, sizeof(test->text), "could not be started: %s", strerror(-r));
    return true;
}

const struct command_test *command_sink_tested(const struct command_sink *sink)
{
    return &sink->test;
}

void command_sink_remember(struct command_sink *sink, struct told *told)
{
    sink->told = told;
}

void command_sink_set(struct command_sink *sink, const struct settings *settings)
{
    set(sink, settings);
    if (*sink->command)
        start_waiting(sink);
    while (sink->waiting.count && !*sink->command)
        alert_queue_pop(&sink->waiting);
}

/* --- ending ----------------------------------------------------------------------------------- */

static void record_end(struct command_sink *sink, struct run *run, int status)
{
    bool ok = !run->late && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    char how[64];

    if (run->late)
        snprintf(how, sizeof(how), "took longer than command_timeout and was stopped");
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof(how), "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(how, sizeof(how), "exited with status %d", WEXITSTATUS(status));
    if (run->late)
        sink->counters->commands_late++;
    else if (ok)
        sink->counters->commands++;
    else
        sink->counters->commands_failed++;
    if (!ok)
        log_warning("the alert command %s%s%s", how, run->output_len ? "; it said: " : "",
                    run->output);
    if (run->test) {
        sink->test = (struct command_test){.ok = ok};
        snprintf(sink->test.text, sizeof(sink->test.text), "%s%s%s", how,
                 run->output_len ? "; it said: " : "", run->output);
    }
}

bool command_sink_ended(struct command_sink *sink, pid_t pid, int status)
{
    for (uint32_t i = 0; pid > 0 && i < RUNNING_MAX; i++) {
        struct run *run = &sink->run[i];
        if (run->pid != pid)
            continue;
        if (run->errors >= 0)
            on_errors(run->errors, EV_READ, run);
        if (run->late)
            kill(-pid, SIGKILL); /* and whatever it started */
        record_end(sink, run, status);
        free_run(run);
        sink->running--;
        start_waiting(sink);
        return true;
    }
    return false;
}
