/* SPDX-License-Identifier: MIT */
/*
 * libsystemd interleaves the files of a directory by time and does not go back for entries that
 * arrive late, as they do from remote hosts. So a directory gets one handle per host, each with its
 * own files and position; the local journal has one handle for everything.
 */
#include "source/source_journal.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/journal_files.h"
#include "source/journal_handle.h"
#include "source/journal_health.h"
#include "source/journal_hosts.h"
#include "source/journal_position.h"
#include "source/journal_reader.h"
#include "source/journal_sigbus.h"
#include "source/merge_order.h"

enum { KIND_MAX = PATH_MAX + NAME_MAX };

enum { ASK_BUDGET = 64 }; /* entries that were seen before and are skipped, while it is asked */

struct journal_source {
    struct source source;
    struct journal_world world;
    struct journal_hosts hosts;
    int epoll_fd; /* one descriptor that stands for all handles' own */
};

static struct journal_source *journal_of(const struct source *source)
{
    return (struct journal_source *)(uintptr_t)source;
}

static void watch_fds(struct journal_source *journal)
{
    for (struct journal_reader *reader = journal->hosts.readers; reader; reader = reader->next) {
        struct epoll_event event = {.events = EPOLLIN};
        int fd = journal_reader_fd(reader);

        /* A reopened handle has a new descriptor; the old one left the set when it was closed. */
        if (fd >= 0)
            epoll_ctl(journal->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

/* -- The source's functions. -- */

static bool is_due(const struct journal_reader *reader, int64_t now_us)
{
    return !journal_reader_has_own_files(reader) || reader->due ||
           now_us >= journal_reader_deadline_us(reader);
}

/* Files to be read once are read one after the other. */
static int run_each(struct journal_source *journal, int64_t now_us, size_t budget)
{
    int r = SOURCE_IDLE;

    for (struct journal_reader *reader = journal->hosts.readers; r == SOURCE_IDLE && reader;
         reader = reader->next)
        if (is_due(reader, now_us))
            r = journal_reader_run(reader, now_us, INT64_MAX, &budget);
    return r;
}

/* Asks each reader that is due for the time of its next entry, and those with one take turns. */
static int ask_each(struct journal_source *journal, int64_t now_us, struct merge_order *order,
                    struct journal_reader **readers)
{
    size_t count = 0;
    int r = 0;

    for (struct journal_reader *reader = journal->hosts.readers; r >= 0 && reader;
         reader = reader->next) {
        size_t budget = ASK_BUDGET;
        if (!is_due(reader, now_us))
            continue;
        r = journal_reader_run(reader, now_us, INT64_MIN, &budget);
        if (r != SOURCE_MORE)
            continue;
        readers[count] = reader;
        merge_order_add(order, count++, reader->peeked ? reader->next_time : INT64_MIN);
    }
    return r;
}

/* The entries of all hosts in the order of their times. One that has no entries waiting delays
 * nobody. */
static int run_in_turn(struct journal_source *journal, int64_t now_us, size_t budget,
                       struct merge_order *order, struct journal_reader **readers)
{
    int r = ask_each(journal, now_us, order, readers);
    bool more = order->count > 0;

    while (r >= 0 && budget > 0 && order->count) {
        struct journal_reader *reader = readers[merge_order_log(order)];

        r = journal_reader_go_on(reader, now_us, merge_order_until(order), &budget);
        if (reader->peeked)
            merge_order_advance(order, reader->next_time);
        else
            merge_order_remove(order);
    }
    return r < 0 ? r : more ? SOURCE_MORE : SOURCE_IDLE;
}

static int run_all(struct journal_source *journal, int64_t now_us, size_t budget)
{
    struct journal_reader **readers;
    struct merge_order order;
    size_t count = 0;
    int r = -ENOMEM;

    if (!journal->hosts.readers || !journal->hosts.readers->next)
        return run_each(journal, now_us, budget);
    for (const struct journal_reader *reader = journal->hosts.readers; reader;
         reader = reader->next)
        count += is_due(reader, now_us);
    readers = calloc(count + 1, sizeof(struct journal_reader *));
    if (merge_order_init(&order, count + 1) && readers)
        r = run_in_turn(journal, now_us, budget, &order, readers);
    merge_order_done(&order);
    free(readers);
    return r;
}

static int journal_run(struct source *source, int64_t now_us, size_t budget)
{
    struct journal_source *journal = journal_of(source);
    bool once = journal->world.where == JOURNAL_FILES;
    int r = journal_hosts_update(&journal->hosts, now_us, false);

    if (r >= 0)
        r = once ? run_each(journal, now_us, budget) : run_all(journal, now_us, budget);
    journal_hosts_hurry(&journal->hosts, now_us);
    if (!once)
        watch_fds(journal);
    return r;
}

static int journal_fd(const struct source *source)
{
    return journal_of(source)->epoll_fd;
}

static int64_t journal_deadline_us(const struct source *source)
{
    const struct journal_source *journal = journal_of(source);
    int64_t deadline = journal->world.own_files ? journal->hosts.next_us : INT64_MAX;

    for (const struct journal_reader *reader = journal->hosts.readers; reader;
         reader = reader->next)
        if (journal_reader_deadline_us(reader) < deadline)
            deadline = journal_reader_deadline_us(reader);
    return deadline;
}

/* A position is usable only for the same journal. */
static const char *kind_of(const struct journal_source *journal, char *buf, size_t size)
{
    const struct journal_world *world = &journal->world;

    snprintf(buf, size, "journal%s%s%s%s", world->directory ? " " : "",
             world->directory ? world->directory : "", world->name_space ? " @" : "",
             world->name_space ? world->name_space : "");
    return buf;
}

static char *position_of(const struct source *source)
{
    const struct journal_source *journal = journal_of(source);
    json_t *parts = json_array();
    char kind[KIND_MAX];

    for (const struct journal_reader *reader = journal->hosts.readers; parts && reader;
         reader = reader->next)
        if (json_array_append_new(parts, journal_position_to_json(reader)) < 0) {
            json_decref(parts);
            parts = NULL;
        }
    return source_format_position(kind_of(journal, kind, sizeof(kind)), parts);
}

static uint64_t journal_behind(const struct source *source)
{
    (void)source;
    return 0;
}

static void journal_each_blind(const struct source *source, int64_t now_us, blind_visit *visit,
                               void *ctx)
{
    const struct journal_hosts *hosts = &journal_of(source)->hosts;

    (void)now_us;
    journal_health_each_blind(hosts->readers, hosts->unread, visit, ctx);
}

static wall_us journal_written(const struct source *source)
{
    return journal_health_written(journal_of(source)->hosts.readers);
}

static void journal_close(struct source *source)
{
    struct journal_source *journal = journal_of(source);

    while (journal->hosts.readers) {
        struct journal_reader *reader = journal->hosts.readers;
        journal->hosts.readers = reader->next;
        journal_reader_free(reader);
    }
    journal_files_free(journal->world.own_files);
    if (journal->epoll_fd >= 0)
        close(journal->epoll_fd);
    free(journal->world.directory);
    free(journal->world.name_space);
    free(journal->world.entry);
    free(journal);
}

static const struct source_ops ops = {
    .run = journal_run,
    .fd = journal_fd,
    .deadline_us = journal_deadline_us,
    .position = position_of,
    .behind = journal_behind,
    .each_blind = journal_each_blind,
    .written = journal_written,
    .close = journal_close,
};

/* -- Opening. -- */

static int64_t uid_of_postfix(void)
{
    const struct passwd *user = getpwnam("postfix");

    return user ? (int64_t)user->pw_uid : -1;
}

/* What every way of opening shares. SIGBUS is handled from the first handle on. */
static struct journal_source *create(enum journal_where where, bool check_sender,
                                     const struct source_options *options)
{
    struct journal_source *journal = calloc(1, sizeof(*journal));

    if (!journal)
        return NULL;
    journal->source.ops = &ops;
    journal->source.sink = options->sink;
    journal->epoll_fd = -1;
    journal->hosts.world = &journal->world;
    journal->world = (struct journal_world){
        .source = &journal->source,
        .where = where,
        .check_sender = check_sender,
        .senders = {.postfix_uid = check_sender ? uid_of_postfix() : -1},
        .start = options->start,
        .since = options->since,
        .recheck = options->recheck ? options->recheck : 60 * US_PER_S,
        .poll = options->poll ? options->poll : 5 * US_PER_S,
        .entry = malloc(sizeof(*journal->world.entry)),
    };
    journal->world.senders.elsewhere =
        where != JOURNAL_LOCAL || journal->world.senders.postfix_uid < 0;
    if (!journal->world.entry) {
        free(journal);
        return NULL;
    }
    journal_sigbus_install();
    return journal;
}

static int load_reader(struct source *source, const json_t *json)
{
    struct journal_source *journal = journal_of(source);
    struct journal_reader *reader =
        journal_hosts_add(&journal->hosts, json_string_value(json_object_get(json, "host")));

    if (!reader)
        return -ENOMEM;
    reader->waits = !reader->host && journal->world.where == JOURNAL_DIRECTORY;
    journal_position_load(reader, json);
    reader->stale = journal_reader_has_own_files(reader); /* they are opened once they are found */
    if (reader->stale)
        return 1;
    return journal_handle_open(reader) == -ENOMEM ? -ENOMEM : 1;
}

static int watch_files(struct journal_source *journal)
{
    struct epoll_event event = {.events = EPOLLIN};
    struct journal_files *files = journal_files_new(journal->world.directory);

    if (!files)
        return -ENOMEM;
    journal->world.own_files = files;
    if (journal_files_fd(files) >= 0)
        epoll_ctl(journal->epoll_fd, EPOLL_CTL_ADD, journal_files_fd(files), &event);
    return 0;
}

static char *copy_or_null(const char *text)
{
    return text && text[0] ? strdup(text) : NULL;
}

/* At least one reader always exists, so that there is something that waits and can say for
 * what. */
int source_open_journal(const struct source_journal_options *which,
                        const struct source_options *options, int64_t now_us, struct source **ret)
{
    bool directory = which->directory && which->directory[0];
    struct journal_source *journal =
        create(directory ? JOURNAL_DIRECTORY : JOURNAL_LOCAL, which->check_sender, options);
    char kind[KIND_MAX];
    int r = 0;

    if (!journal)
        return -ENOMEM;
    journal->world.directory = copy_or_null(which->directory);
    journal->world.name_space = copy_or_null(which->name_space);
    journal->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (journal->epoll_fd < 0)
        r = -errno;
    if (r == 0 && directory)
        r = watch_files(journal);
    if (r == 0)
        r = source_load_position(&journal->source, options->position,
                                 kind_of(journal, kind, sizeof(kind)), load_reader);
    if (r == 0)
        r = journal_hosts_update(&journal->hosts, now_us, !journal->hosts.readers);
    if (r == 0 && !journal->hosts.readers) {
        struct journal_reader *reader = journal_hosts_add(&journal->hosts, NULL);
        if (reader)
            reader->waits = directory;
        r = !reader || journal_handle_open(reader) == -ENOMEM ? -ENOMEM : 0;
    }
    if (r < 0) {
        journal_close(&journal->source);
        return r;
    }
    watch_fds(journal);
    *ret = &journal->source;
    return 0;
}

/* -- Reading once. -- */

static int add_once(struct journal_source *journal, enum journal_where where, const char *path,
                    const char **files)
{
    struct journal_reader *reader;

    /* A reader opens what its world describes, and the world is shared: describe this one first. */
    journal->world.where = where;
    journal->world.directory = (char *)(uintptr_t)path;
    journal->world.files = files;
    reader = journal_hosts_add(&journal->hosts, NULL);
    if (!reader)
        return -ENOMEM;
    reader->follows = false;
    return journal_handle_open(reader);
}

static bool is_readable(struct journal_source *journal, const char *path)
{
    const char *one[] = {path, NULL};
    sd_journal *probe;
    int r = sd_journal_open_files(&probe, one, 0);

    if (r < 0)
        source_say(&journal->source, SOURCE_NOTE_DAMAGED, 1, "%s: cannot be read as a journal: %s",
                   path, strerror(-r));
    else
        sd_journal_close(probe);
    return r >= 0;
}

/* Directories get a reader each; all single files share one, so that their entries interleave. */
int source_open_journal_files(const char *const *paths, size_t count, bool check_sender,
                              const struct source_options *options, struct source **ret)
{
    struct journal_source *journal = create(JOURNAL_FILES, check_sender, options);
    const char **files = calloc(count + 1, sizeof(*files));
    size_t file_count = 0;
    int r = journal && files ? 0 : -ENOMEM;

    if (journal)
        journal->world.start = SOURCE_BEGIN;

    for (size_t i = 0; r == 0 && i < count; i++) {
        struct stat st;

        if (stat(paths[i], &st) < 0)
            r = -errno;
        else if (S_ISDIR(st.st_mode))
            r = add_once(journal, JOURNAL_DIRECTORY, paths[i], NULL);
        else if (is_readable(journal, paths[i]))
            files[file_count++] = paths[i];
    }
    if (r == 0 && file_count > 0)
        r = add_once(journal, JOURNAL_FILES, NULL, files);
    else if (r == 0 && !journal->hosts.readers)
        r = -EBADMSG;
    free(files);
    if (journal) {
        journal->world.where = JOURNAL_FILES;
        journal->world.directory = NULL;
        journal->world.files = NULL;
    }
    if (r < 0) {
        if (journal)
            journal_close(&journal->source);
        return r;
    }
    *ret = &journal->source;
    return 0;
}

/* libsystemd opens an unreadable journal without an error, and it looks empty. */
bool source_journal_has_entries(void)
{
    sd_journal *journal;
    bool any = false;

    if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
        return false;
    any = sd_journal_seek_tail(journal) == 0 && sd_journal_previous(journal) > 0;
    sd_journal_close(journal);
    return any;
}

bool source_journal_exists(void)
{
    return access("/run/systemd/journal/socket", F_OK) == 0;
}
