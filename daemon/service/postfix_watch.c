/* SPDX-License-Identifier: MIT */
/*
 * Postfix's processes read main.cf when they start, which is any time, so a change counts before
 * somebody has thought of `postfix reload`.
 */
#include "service/postfix_watch.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/postconf_directory.h"

/* ASK_AFTER: postconf reads the new files, whatever else Postfix is still doing. ASK_EVERY: anybody
 * may write such a line to a file. HOLD_MAX: nor may who does so often keep alerts back. */
#define ASK_AFTER  (US_PER_S / 2)
#define ASK_EVERY  (10 * US_PER_S)
#define HOLD_MAX   (3 * ASK_EVERY)
#define LOOK_EVERY (10 * US_PER_S)

static bool asks(const struct daemon *daemon)
{
    return daemon->setup.settings.site.ask_postfix && !daemon->setup.dump &&
           !daemon->setup.settings.site.postconf_directory[0];
}

static bool watches(const struct daemon *daemon)
{
    const struct settings *settings = &daemon->setup.settings;

    return asks(daemon) || daemon->setup.dump || settings->site.own_domains_file[0] ||
           settings->site.postconf_directory[0];
}

static uint64_t add_file(uint64_t mark, const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return mark;
    return mark * 31 + (uint64_t)st.st_ino + (uint64_t)st.st_mtim.tv_sec * 1000000000 +
           (uint64_t)st.st_mtim.tv_nsec;
}

/* What tells one version of the files from another. */
static uint64_t files_now(const struct daemon *daemon)
{
    static const char *const names[] = {"main.cf", "master.cf"};
    const char *directory = daemon->setup.postfix.config_directory;
    const char *domains = daemon->setup.settings.site.own_domains_file;
    uint64_t mark = domains[0] ? add_file(0, domains) : 0;
    char path[PATH_MAX];

    const char *dumps = daemon->setup.settings.site.postconf_directory;
    if (daemon->setup.dump)
        return add_file(mark, daemon->setup.dump);
    if (dumps[0])
        return mark * 31 + postconf_directory_mark(dumps);
    for (int i = 0; i < 2 && asks(daemon); i++) {
        snprintf(path, sizeof(path), "%s/%s",
                 directory && directory[0] ? directory : "/etc/postfix", names[i]);
        mark = add_file(mark, path);
    }
    return mark;
}

static void ask_soon(struct daemon *daemon)
{
    struct postfix_watch *watch = &daemon->postfix;
    int64_t mono = clock_mono(), wait = watch->asked_mono + ASK_EVERY - mono;

    if (!watch->hold_until)
        watch->hold_until = mono + HOLD_MAX;
    if (!event_pending(watch->ask, EV_TIMEOUT, NULL))
        loop_arm(watch->ask, watch->asked_mono && wait > ASK_AFTER ? wait : ASK_AFTER);
}

static bool look(struct daemon *daemon)
{
    uint64_t files = watches(daemon) ? files_now(daemon) : daemon->postfix.files;

    if (files == daemon->postfix.files)
        return false;
    daemon->postfix.files = files;
    ask_soon(daemon);
    return true;
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    look(daemon);
    loop_arm(daemon->postfix.look, LOOK_EVERY);
}

static void on_ask(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    daemon->postfix.asked_mono = clock_mono();
    log_info("Postfix's settings may have changed%s: reading them again",
             daemon->setup.settings.site.own_domains_file[0] ? ", or own_domains_file" : "");
    daemon->postfix.start(daemon);
}

bool postfix_watch_init(struct daemon *daemon, void (*ask)(struct daemon *daemon))
{
    struct postfix_watch *watch = &daemon->postfix;
    struct event_base *base = loop_base(daemon->loop);

    watch->start = ask;
    watch->ask = evtimer_new(base, on_ask, daemon);
    watch->look = evtimer_new(base, on_look, daemon);
    if (!watch->ask || !watch->look)
        return false;
    loop_arm(watch->look, LOOK_EVERY);
    return true;
}

void postfix_watch_done(struct daemon *daemon)
{
    if (daemon->postfix.ask)
        event_free(daemon->postfix.ask);
    if (daemon->postfix.look)
        event_free(daemon->postfix.look);
}

void postfix_watch_asking(struct daemon *daemon)
{
    daemon->postfix.before_s = daemon->postfix.asked_s;
    daemon->postfix.asked_s = (uint32_t)(clock_wall() / US_PER_S);
    daemon->postfix.files = files_now(daemon);
}

/* Postfix has started, or read its settings, since the last turn. If it was asked since that line,
 * the line is one of those that are caught up on. */
void postfix_watch_lines(struct daemon *daemon)
{
    const struct pipeline *pipeline = daemon->runtime.pipeline;
    struct postfix_watch *watch = &daemon->postfix;

    if (watch->restarts == pipeline->counters.postfix_restarts)
        return;
    watch->restarts = pipeline->counters.postfix_restarts;
    if (asks(daemon) && !(daemon->runtime.catching_up && pipeline->now_s < watch->asked_s))
        ask_soon(daemon);
}

/* The line that says so may be one of this turn. */
bool postfix_watch_holds(struct daemon *daemon)
{
    const struct postfix_watch *watch = &daemon->postfix;
    uint64_t restarts = daemon->runtime.pipeline->counters.postfix_restarts;

    return watches(daemon) &&
           (watch->hold_until || (asks(daemon) && watch->restarts != restarts) || look(daemon));
}

bool postfix_watch_answered(struct daemon *daemon)
{
    struct postfix_watch *watch = &daemon->postfix;

    bool again = daemon->reload_again || event_pending(watch->ask, EV_TIMEOUT, NULL);

    if (again && clock_mono() < watch->hold_until)
        return false;
    watch->hold_until = 0;
    return true;
}
