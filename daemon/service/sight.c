/* SPDX-License-Identifier: MIT */
#include "service/sight.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/host_heard.h"
#include "service/status_line.h"

/* CLOSE: the last line of a message and the last change of the queue come in either order.
 * SILENT_AFTER: what lies between Postfix and the log may collect lines for a while. */
#define LOOK_EVERY   (30 * US_PER_S)
#define LOOK_AGAIN   US_PER_S
#define CLOSE        (10 * US_PER_S)
#define SILENT_AFTER (120 * US_PER_S)

/* So many lines without a date and a program, and nothing else: no log that we know. A few may be
 * the middle of somebody's stack trace. */
enum { FORMLESS_MANY = 20 };

static void on_blind(void *ctx, enum blind_cause cause, const char *what, const char *why)
{
    blindness_see(ctx, cause, what, why);
}

/* --- silence ---------------------------------------------------------------------------------- */

/* Whether the log is one of this machine's Postfix, as far as its lines show: a log server's own
 * Postfix may log anywhere. */
static bool may_hear_this_machine(const struct daemon *daemon)
{
    const struct hosts *hosts = &daemon->runtime.pipeline->hosts;

    for (uint16_t i = 0; i < hosts->host_count; i++)
        if (site_is_settings_host(daemon->setup.site, intern_span(hosts->host[i].name)))
            return true;
    return hosts->host_count == 0;
}

/* When the log that Postfix's settings name was last written to, if it is not one of ours. */
static wall_us other_log_written(const struct daemon *daemon)
{
    const char *maillog = daemon->setup.postfix.maillog_file;
    struct stat st;

    if (!maillog || !maillog[0] || source_choice_has(&daemon->source_choice, maillog) ||
        stat(maillog, &st) < 0)
        return WHEN_UNKNOWN;
    return st.st_mtim.tv_sec * US_PER_S + st.st_mtim.tv_nsec / 1000;
}

/* What shows that Postfix worked after `heard`. */
static const char *sign_of_work(const struct daemon *daemon, wall_us heard, wall_us *ret_at,
                                enum blind_cause *ret_cause)
{
    *ret_cause = BLIND_LEFT;
    *ret_at = other_log_written(daemon);
    if (*ret_at != WHEN_UNKNOWN && *ret_at > heard + CLOSE)
        return daemon->setup.postfix.maillog_file;
    *ret_cause = BLIND_SILENT;
    *ret_at = postfix_queue_changed(daemon->setup.postfix.queue_directory);
    if (*ret_at != WHEN_UNKNOWN && *ret_at > heard + CLOSE)
        return daemon->setup.postfix.queue_directory;
    return NULL;
}

static void see_silence(struct daemon *daemon, int64_t mono)
{
    struct runtime *runtime = &daemon->runtime;
    /* What was before the start is not known, and a queue that changed then shows nothing. */
    wall_us heard = runtime->postfix_at > runtime->started ? runtime->postfix_at : runtime->started;
    enum blind_cause cause;
    wall_us at = WHEN_UNKNOWN;
    const char *sign = NULL;
    char why[BLIND_WHY_MAX], when[WHEN_TEXT_MAX];

    if (!runtime->catching_up && source_behind(runtime->source) == 0 &&
        may_hear_this_machine(daemon))
        sign = sign_of_work(daemon, heard, &at, &cause);
    if (!sign) {
        daemon->unheard_mono = 0;
        return;
    }
    if (!daemon->unheard_mono)
        daemon->unheard_mono = mono;
    if (mono - daemon->unheard_mono < SILENT_AFTER)
        return;
    snprintf(why, sizeof(why),
             cause == BLIND_LEFT ? "%.100s is (maillog_file), written at %s"
                                 : "Postfix worked in %.100s at %s, and no line came",
             sign, when_print(at, when));
    blindness_see(&runtime->blindness, cause, runtime->source_text, why);
}

/* --- form, bounds ----------------------------------------------------------------------------- */

/* Lines that have a known form, whoever wrote them. */
static uint64_t formed_lines(const struct pipeline_counters *c)
{
    return c->lines - c->empty - c->not_syslog;
}

static void see_form(struct daemon *daemon)
{
    const struct pipeline_counters *c = &daemon->runtime.pipeline->counters;
    char why[BLIND_WHY_MAX];

    if (formed_lines(c) != daemon->formed_seen) {
        daemon->formed_seen = formed_lines(c);
        daemon->formless_from = c->not_syslog;
    }
    if (c->not_syslog - daemon->formless_from < FORMLESS_MANY)
        return;
    snprintf(why, sizeof(why), "the last %llu lines have no date and program as syslog writes them",
             (unsigned long long)(c->not_syslog - daemon->formless_from));
    blindness_see(&daemon->runtime.blindness, BLIND_UNKNOWN_FORM, daemon->runtime.source_text, why);
}

/* Lines of Postfix that don't say which program wrote them, and no others of Postfix. */
static void see_programs(struct daemon *daemon)
{
    const struct pipeline_counters *c = &daemon->runtime.pipeline->counters;
    char why[BLIND_WHY_MAX];

    if (c->postfix != daemon->named_seen) {
        daemon->named_seen = c->postfix;
        daemon->nameless_from = c->no_program;
    }
    if (c->no_program - daemon->nameless_from < FORMLESS_MANY)
        return;
    snprintf(why, sizeof(why),
             "the last %llu lines of Postfix have lost the program's name (rsyslog: use another "
             "template, or parser.permitSlashInProgramName)",
             (unsigned long long)(c->no_program - daemon->nameless_from));
    blindness_see(&daemon->runtime.blindness, BLIND_UNKNOWN_FORM, daemon->runtime.source_text, why);
}

/* Lines of further hosts were refused within the last minute. */
static void see_hosts(struct daemon *daemon, int64_t mono)
{
    uint64_t refused = daemon->runtime.pipeline->hosts.refused;

    if (refused > daemon->refused_seen)
        daemon->refused_mono = mono;
    daemon->refused_seen = refused;
    if (daemon->refused_mono && mono - daemon->refused_mono < 60 * US_PER_S)
        blindness_see(&daemon->runtime.blindness, BLIND_BEYOND, "a host's log",
                      "there are more hosts than [limits] hosts allows");
}

/* The one that fell silent last is named, so that each is reported. While lines wait to be read,
 * they may be some of its. */
static void see_silent_hosts(struct daemon *daemon, int64_t mono)
{
    struct pipeline *p = daemon->runtime.pipeline;
    char what[BLIND_WHAT_MAX], why[BLIND_WHY_MAX], quiet[WHEN_TEXT_MAX], pause[WHEN_TEXT_MAX];
    struct hosts_seen all;

    if (daemon->runtime.catching_up || source_behind(daemon->runtime.source))
        return;
    host_heard_look(p, mono);
    hosts_seen_sum(p, mono, clock_wall(), &all);
    if (all.newest_silent == HOSTS_NONE)
        return;
    const struct host_seen host = host_seen_of(p, all.newest_silent, mono, clock_wall());
    struct span name = intern_span(p->hosts.host[host.host].name);
    snprintf(what, sizeof(what), "host %.*s", SPAN_ARG(name));
    make_printable(what);
    snprintf(why, sizeof(why), "no line has come for %s, and its longest pause was %s",
             when_print_span(host.quiet_s * US_PER_S, quiet),
             when_print_span(host.pause_s * US_PER_S, pause));
    for (uint32_t i = 0; i < all.silent; i++)
        blindness_see(&daemon->runtime.blindness, BLIND_HOST_SILENT, what, why);
}

/* --- telling ---------------------------------------------------------------------------------- */

static void on_tell(void *ctx, const struct blind *blind, bool begins, const char *text)
{
    struct daemon *daemon = ctx;
    struct site_warning warning = {.code = "blind"};
    static const struct told_mark none = {.id = ""};

    (void)blind;
    snprintf(warning.text, sizeof(warning.text), "%s", text);
    sinks_warning(daemon->sinks, &warning, !begins, &none);
}

void sight_look(struct daemon *daemon)
{
    struct blindness *all = &daemon->runtime.blindness;
    int64_t mono = clock_mono(), next;

    if (!daemon->runtime.source || !daemon->sight)
        return;
    daemon->looked_mono = mono;
    blindness_look_begin(all);
    source_each_blind(daemon->runtime.source, mono, on_blind, all);
    see_silence(daemon, mono);
    see_form(daemon);
    see_programs(daemon);
    see_hosts(daemon, mono);
    see_silent_hosts(daemon, mono);
    blindness_look_end(all, clock_wall(), mono, on_tell, daemon);
    next = blindness_deadline_us(all);
    loop_arm(daemon->sight, next - mono < LOOK_EVERY ? next - mono : LOOK_EVERY);
    status_line_update(daemon);
}

void sight_look_soon(struct daemon *daemon)
{
    if (clock_mono() - daemon->looked_mono >= LOOK_AGAIN)
        sight_look(daemon);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    sight_look(ctx);
}

bool sight_start(struct daemon *daemon)
{
    const struct pipeline *p = daemon->runtime.pipeline;

    daemon->sight = evtimer_new(loop_base(daemon->loop), on_look, daemon);
    daemon->refused_seen = p->hosts.refused;
    daemon->formed_seen = formed_lines(&p->counters);
    daemon->formless_from = p->counters.not_syslog;
    daemon->named_seen = p->counters.postfix;
    daemon->nameless_from = p->counters.no_program;
    if (daemon->sight)
        loop_arm(daemon->sight, LOOK_AGAIN);
    return daemon->sight != NULL;
}

void sight_stop(struct daemon *daemon)
{
    if (daemon->sight)
        event_free(daemon->sight);
    daemon->sight = NULL;
}
