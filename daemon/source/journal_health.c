/* SPDX-License-Identifier: MIT */
/*
 * Run at open, when files vanish, and every minute. None of what it looks for is an error to
 * libsystemd: it just returns fewer entries.
 */
#include "source/journal_health.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* What the directories themselves show. libsystemd skips what it may not read without a word. */
struct survey {
    unsigned directories; /* that exist */
    unsigned files;
    unsigned forbidden; /* directories and files without permission */
    char example[PATH_MAX];
};

static void forbid(struct survey *survey, const char *path)
{
    if (survey->forbidden++ == 0)
        snprintf(survey->example, sizeof(survey->example), "%s", path);
}

/* depth: how many levels of subdirectories to look into; journal-remote and machine IDs take
 * one. */
static void survey_directory(struct survey *survey, const char *path, int depth)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir && errno == EACCES)
        forbid(survey, path);
    survey->directories += dir != NULL;
    while (dir && (entry = readdir(dir))) {
        char name[PATH_MAX];

        if (entry->d_name[0] == '.' ||
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= (int)sizeof(name))
            continue;
        if (strstr(entry->d_name, ".journal")) {
            survey->files++;
            if (faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) < 0 && errno == EACCES)
                forbid(survey, name);
        } else if (depth > 0 && entry->d_type == DT_DIR) {
            survey_directory(survey, name, depth - 1);
        }
    }
    if (dir)
        closedir(dir);
}

static bool local_directory(const struct journal_reader *reader, const char *root, char *path,
                            size_t room)
{
    const char *name_space = reader->world->name_space;
    char id[33];
    sd_id128_t machine;

    if (sd_id128_get_machine(&machine) < 0)
        return false;
    return snprintf(path, room, "%s/log/journal/%s%s%s", root, sd_id128_to_string(machine, id),
                    name_space ? "." : "", name_space ? name_space : "") < (int)room;
}

static void survey_all(const struct journal_reader *reader, struct survey *survey)
{
    char path[PATH_MAX];

    *survey = (struct survey){0};
    if (reader->world->where == JOURNAL_DIRECTORY) {
        survey_directory(survey, reader->world->directory, 1);
        return;
    }
    if (local_directory(reader, "/var", path, sizeof(path)))
        survey_directory(survey, path, 0);
    if (local_directory(reader, "/run", path, sizeof(path)))
        survey_directory(survey, path, 0);
}

static void say_found(struct journal_reader *reader)
{
    struct source *source = reader->world->source;

    if (reader->waiting)
        source_say(source, SOURCE_NOTE_FOUND, 1, "the journal is there now");
    reader->waiting = false;
}

static void say_forbidden(struct journal_reader *reader, const struct survey *survey)
{
    if (survey->forbidden > 0 && !reader->unreadable)
        source_say(reader->world->source, SOURCE_NOTE_UNREADABLE, 1,
                   "no permission to read %u journal files or directories, among them %s: the "
                   "daemon must be in the group systemd-journal or adm",
                   survey->forbidden, survey->example);
    if (survey->forbidden == 0 && reader->unreadable)
        source_say(reader->world->source, SOURCE_NOTE_REGAINED, 1, "the journal is readable again");
    reader->unreadable = survey->forbidden > 0;
}

static void say_crowded(struct journal_reader *reader, const struct survey *survey)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || survey->files + 32 < limit.rlim_cur) {
        reader->crowded = false;
        return;
    }
    if (!reader->crowded)
        source_say(reader->world->source, SOURCE_NOTE_UNREADABLE, 1,
                   "the journal has %u files, but only %llu may be open: some are not read; raise "
                   "LimitNOFILE=",
                   survey->files, (unsigned long long)limit.rlim_cur);
    reader->crowded = true;
}

bool journal_health_has_files(struct journal_reader *reader)
{
    struct survey survey;
    uint64_t bytes = 0;

    survey_all(reader, &survey);
    say_forbidden(reader, &survey);
    say_crowded(reader, &survey);
    if (reader->journal && sd_journal_get_usage(reader->journal, &bytes) >= 0 && bytes > 0) {
        say_found(reader);
        return true;
    }
    if (!reader->waiting && survey.forbidden == 0)
        source_say(reader->world->source, SOURCE_NOTE_WAITING, 1,
                   survey.directories ? "the journal has no files yet" : "there is no journal yet");
    reader->waiting |= survey.forbidden == 0;
    return false;
}

bool journal_health_has_moved(const struct journal_reader *reader)
{
    char path[PATH_MAX];

    return reader->world->where == JOURNAL_LOCAL &&
           !sd_journal_has_persistent_files(reader->journal) &&
           local_directory(reader, "/var", path, sizeof(path)) && access(path, F_OK) == 0;
}

static void say_gap(struct journal_reader *reader, wall_us from, wall_us to)
{
    char a[WHEN_TEXT_MAX], b[WHEN_TEXT_MAX];

    source_say(reader->world->source, SOURCE_NOTE_GAP, 1,
               "journal%s%s: entries written between %s and %s were deleted before they were read",
               reader->host ? " of " : "", reader->host ? reader->host : "", when_print(from, a),
               when_print(to, b));
}

/* The boot that is writing now: this machine's, or, in a directory of other machines' journals,
 * that of the last entry. */
static bool current_boot(struct journal_reader *reader, sd_id128_t *ret)
{
    uint64_t monotonic;

    if (reader->world->where == JOURNAL_LOCAL)
        return sd_id128_get_boot(ret) >= 0;
    return sd_journal_seek_tail(reader->journal) >= 0 && sd_journal_previous(reader->journal) > 0 &&
           sd_journal_get_monotonic_usec(reader->journal, &monotonic, ret) >= 0;
}

/* The clock was set back while we were not running, and the old journal is gone: our cursor lies in
 * the future, and sd_journal_next would return 0 until that time comes. Everything the current boot
 * wrote is new. */
static void go_back(struct journal_reader *reader)
{
    char id[33];
    sd_id128_t boot;

    if (!current_boot(reader, &boot) || strcmp(sd_id128_to_string(boot, id), reader->boot) == 0 ||
        sd_journal_seek_monotonic_usec(reader->journal, boot, 0) < 0) {
        sd_journal_seek_cursor(reader->journal, reader->cursor);
        return;
    }
    source_say(reader->world->source, SOURCE_NOTE_CLOCK_BACK, 1,
               "the journal ends before the saved position: its clock was set back, or it was "
               "lost; reading all of the current boot");
    reader->pending_test = false;
    reader->last = reader->seen = 0;
}

void journal_health_check(struct journal_reader *reader)
{
    wall_us known = reader->last > reader->seen ? reader->last : reader->seen;
    uint64_t from, to;

    if (!reader->follows || !reader->cursor ||
        sd_journal_get_cutoff_realtime_usec(reader->journal, &from, &to) <= 0)
        return;
    if (known > 0 && (wall_us)from > known) {
        say_gap(reader, known, (wall_us)from);
        reader->seen = (wall_us)from;
    }
    if (reader->pending_test && reader->last > (wall_us)to)
        go_back(reader);
}

/* All readers of a source look at the same files, so one of them speaks for all. */
void journal_health_each_blind(const struct journal_reader *readers, const char *unread,
                               blind_visit *visit, void *ctx)
{
    bool unreadable = false, waiting = false, crowded = false;
    const char *directory = readers ? readers->world->directory : NULL;
    const char *what = directory ? directory : "the journal";

    for (const struct journal_reader *reader = readers; reader; reader = reader->next) {
        unreadable |= reader->unreadable;
        waiting |= reader->waiting;
        crowded |= reader->crowded;
    }
    if (unreadable)
        visit(ctx, BLIND_UNREADABLE, what,
              "no permission: the service must be in the group systemd-journal or adm");
    if (waiting)
        visit(ctx, BLIND_MISSING, what, "it has no files");
    if (crowded)
        visit(ctx, BLIND_BEYOND, what, "it has more files than may be open; raise LimitNOFILE=");
    if (unread[0])
        visit(ctx, BLIND_BEYOND, unread, "there are more hosts than are read");
}

wall_us journal_health_written(const struct journal_reader *readers)
{
    wall_us last = WHEN_UNKNOWN;

    for (const struct journal_reader *reader = readers; reader; reader = reader->next)
        if (reader->last > last && reader->last > 0)
            last = reader->last;
    return last;
}
