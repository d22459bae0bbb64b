/* SPDX-License-Identifier: MIT */
/*
 * The source itself is opened, a little before its end, so that `check` and the daemon can't
 * disagree.
 */
#include "cmd/check_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/input_pump.h"
#include "cmd/reach.h"
#include "common/clock.h"
#include "source/source_kind.h"

/* PATIENCE: longer than the source waits before it says that a file can't be read. SILENT_AFTER: as
 * service/sight.c. */
#define PATIENCE     (10 * US_PER_S)
#define SILENT_AFTER (120 * US_PER_S)

#define WHERE_POSTFIX_LOGS                                                                         \
    "postconf maillog_file\nls -lt /var/log/*mail*\njournalctl -n 5 -t postfix/qmgr"

struct look {
    const struct source_choice *choice;
    const struct service_unit *unit;
    const char *user;
    struct findings *findings;
    bool blind;
};

/* A drop-in that sets one line, in commands. */
static void drop_in(const char *line, char *cure, size_t size)
{
    snprintf(cure, size,
             "mkdir -p /etc/systemd/system/" SERVICE_UNIT ".d\n"
             "printf '[Service]\\n%s\\n' >/etc/systemd/system/" SERVICE_UNIT ".d/log.conf\n"
             "systemctl daemon-reload\nsystemctl restart " SERVICE_UNIT,
             line);
}

static void find_unreadable(struct look *look, const char *what, const char *why)
{
    struct reach reach;
    char cure[CURE_MAX];

    if (look->choice->type == SOURCE_KAFKA) {
        findings_add(look->findings, "blind", NULL, "%s can't be read: %s", what, why);
    } else if (look->choice->type == SOURCE_JOURNAL) {
        snprintf(cure, sizeof(cure),
                 "usermod -aG systemd-journal %s\nsystemctl restart " SERVICE_UNIT, look->user);
        findings_add(look->findings, "blind", cure, "%s can't be read: %s", what, why);
    } else if (reach_file(what, R_OK, look->user, &reach)) {
        findings_add(look->findings, "blind", NULL, "%s can't be read: %s", what, why);
    } else {
        findings_add(look->findings, "blind", reach.cure[0] ? reach.cure : NULL,
                     "The log can't be read: %s. Rotation may undo a mode that is set by hand: set "
                     "it where the file is made (logrotate's create, rsyslog's fileCreateMode, "
                     "Postfix's maillog_file_permissions), too.",
                     reach.text);
    }
}

static void on_blind(void *ctx, enum blind_cause cause, const char *what, const char *why)
{
    struct look *look = ctx;

    look->blind = true;
    if (cause == BLIND_UNREADABLE)
        find_unreadable(look, what, why);
    else if (cause == BLIND_MISSING && look->choice->type == SOURCE_KAFKA)
        findings_add(look->findings, "blind", "systemctl enable --now relaywatch-kafka.socket",
                     "%s can't be read: %s", what, why);
    else if (cause == BLIND_MISSING)
        findings_add(look->findings, "blind", WHERE_POSTFIX_LOGS,
                     "%s is not there: %s. Set [source] files to the log of Postfix, or have it "
                     "written; the commands show where it may be.",
                     what, why);
    else
        findings_add(look->findings, "blind", NULL, "%s is not read: %s", what, why);
}

static int open_source(const struct setup *setup, const struct source_choice *choice,
                       struct check_sample *sample, struct source **ret)
{
    const struct source_options options = {.sink = check_sample_sink(sample), .start = SOURCE_LAST};
    return source_open_log(&setup->settings, choice->files, &options, clock_mono(), ret);
}

/* Whether Postfix worked after the log was last written to: longer ago than lines take to get
 * there. */
static bool stands_still(const struct setup *setup, const struct source *source,
                         wall_us *ret_worked, wall_us *ret_written)
{
    *ret_worked = postfix_queue_changed(setup->postfix.queue_directory);
    *ret_written = source_written(source);
    return *ret_worked != WHEN_UNKNOWN && *ret_written != WHEN_UNKNOWN &&
           *ret_worked - *ret_written > SILENT_AFTER;
}

/* A message that arrives just now after a quiet night looks the same for a moment. */
static void find_silence(const struct setup *setup, struct source *source, struct look *look)
{
    wall_us worked, written;
    char a[WHEN_TEXT_MAX], b[WHEN_TEXT_MAX];

    if (!stands_still(setup, source, &worked, &written))
        return;
    sleep(2);
    source_run(source, clock_mono() + PATIENCE, 1000000);
    if (stands_still(setup, source, &worked, &written))
        findings_add(look->findings, "blind", WHERE_POSTFIX_LOGS,
                     "%s stands still while Postfix works: its queue in %s changed at %s, but the "
                     "log was last written to at %s. Postfix logs elsewhere, or what writes the "
                     "log does not run.",
                     look->choice->text, setup->postfix.queue_directory, when_print(worked, a),
                     when_print(written, b));
}

/* What Postfix's settings say, if another log is followed. */
static void find_left(const struct setup *setup, struct look *look, wall_us written)
{
    const char *maillog = setup->postfix.maillog_file;
    struct stat st;
    char cure[CURE_MAX];

    if (!maillog || !maillog[0] || source_choice_has(look->choice, maillog) ||
        stat(maillog, &st) < 0)
        return;
    if (written != WHEN_UNKNOWN && st.st_mtim.tv_sec * US_PER_S - written < SILENT_AFTER)
        return;
    snprintf(cure, sizeof(cure), "systemctl reload " SERVICE_UNIT);
    findings_add(
        look->findings, "blind", cure,
        "Postfix logs to %s (maillog_file), but %s is followed (%s). Remove type and files "
        "from [source], or set files to it, and reload.",
        maillog, look->choice->text, look->choice->why);
}

/* The sandbox hides whole directories, whoever may read them. */
static int find_hidden(void *ctx, const char *word, size_t len)
{
    struct look *look = ctx;
    char path[4096], cure[CURE_MAX];
    const char *setting;

    snprintf(path, sizeof(path), "%.*s", (int)len, word);
    setting = service_unit_hides(look->unit, path);
    if (!setting)
        return 0;
    drop_in(strcmp(setting, "ProtectHome") == 0  ? "ProtectHome=read-only"
            : strcmp(setting, "PrivateTmp") == 0 ? "PrivateTmp=no"
                                                 : "BindReadOnlyPaths=/var/log",
            cure, sizeof(cure));
    look->blind = true;
    findings_add(look->findings, "blind", cure,
                 "%s can't be seen by the service: its unit hides it (%s=).", path, setting);
    return 0;
}

/* Until the cluster has answered, or it is known why it does not. */
static void ask_kafka(struct source *source, struct look *look)
{
    int r;

    while ((r = input_pump_run(source, 1000000)) == SOURCE_MORE)
        ;
    if (r == -ETIMEDOUT)
        findings_add(look->findings, "blind", NULL, "%s: the cluster does not answer",
                     look->choice->text);
}

/* Its last part, then what only time shows. */
static void read_it(struct source *source)
{
    int64_t until = clock_mono() + PATIENCE;

    while (source_run(source, clock_mono(), 100000) == SOURCE_MORE && clock_mono() < until)
        ;
    for (int patience = 1; patience <= 4; patience++)
        source_run(source, clock_mono() + patience * PATIENCE, 1000000);
}

void check_log(const struct setup *setup, const struct source_choice *choice,
               const struct service_unit *unit, const char *user, struct check_sample *sample,
               struct findings *findings)
{
    struct look look = {.choice = choice, .unit = unit, .user = user, .findings = findings};
    struct source *source = NULL;
    int r = open_source(setup, choice, sample, &source);

    if (r < 0) {
        findings_add(findings, "blind", NULL, "%s can't be followed: %s", choice->text,
                     strerror(-r));
        return;
    }
    if (choice->type == SOURCE_KAFKA)
        ask_kafka(source, &look);
    else
        read_it(source);
    source_each_blind(source, clock_mono() + 4 * PATIENCE, on_blind, &look);
    if (choice->type == SOURCE_FILE)
        source_each_word(choice->files, find_hidden, &look);
    if (!look.blind)
        find_silence(setup, source, &look);
    find_left(setup, &look, source_written(source));
    check_sample_find(sample, choice, &setup->settings, clock_wall(), findings);
    source_close(source);
}
