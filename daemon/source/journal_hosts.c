/* SPDX-License-Identifier: MIT */
#include "source/journal_hosts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "source/journal_files.h"
#include "source/journal_handle.h"
#include "source/journal_reader.h"

enum { HOSTS_MAX = 1024 };

static struct journal_reader *find_reader(const struct journal_hosts *hosts, struct span host)
{
    for (struct journal_reader *reader = hosts->readers; reader; reader = reader->next)
        if (span_equal(span_str(reader->host), host))
            return reader;
    return NULL;
}

struct journal_reader *journal_hosts_add(struct journal_hosts *hosts, const char *host)
{
    struct journal_reader **end = &hosts->readers;

    while (*end)
        end = &(*end)->next;
    return *end = journal_reader_new(hosts->world, host);
}

static void say_crowded(struct journal_hosts *hosts, struct span host)
{
    if (!hosts->unread[0])
        source_say(hosts->world->source, SOURCE_NOTE_BEYOND, 1,
                   "there are more than %d hosts: %.*s is not read, nor are others", HOSTS_MAX,
                   SPAN_ARG(host));
    snprintf(hosts->unread, sizeof(hosts->unread), "%.*s", SPAN_ARG(host));
}

/* A host of which nothing is left makes room for a new one. */
static bool make_room(struct journal_hosts *hosts)
{
    struct journal_reader **at = &hosts->readers, *gone;
    size_t count = 0;

    for (const struct journal_reader *reader = hosts->readers; reader; reader = reader->next)
        count++;
    if (count < HOSTS_MAX)
        return true;
    while (*at && ((*at)->file_count > 0 || (*at)->stale))
        at = &(*at)->next;
    gone = *at;
    if (!gone)
        return false;
    *at = gone->next;
    journal_reader_free(gone);
    return true;
}

/* A journal_files_find. */
static int reader_of(void *ctx, struct span host, struct journal_reader **ret)
{
    struct journal_hosts *hosts = ctx;
    char name[JOURNAL_FIELD_MAX];

    if (host.len == 0 || host.len >= sizeof(name) || (*ret = find_reader(hosts, host)))
        return 0;
    if (!make_room(hosts)) {
        say_crowded(hosts, host);
        return 0;
    }
    memcpy(name, host.at, host.len);
    name[host.len] = '\0';
    *ret = journal_hosts_add(hosts, name);
    if (!*ret)
        return -ENOMEM;
    (*ret)->fresh = hosts->fresh;
    if (span_equal(span_str(hosts->unread), host))
        hosts->unread[0] = '\0';
    return 0;
}

static struct journal_reader *waiting_reader(const struct journal_hosts *hosts)
{
    struct journal_reader *reader = hosts->readers;

    return reader && reader->waits ? reader : NULL;
}

static void say_polling(struct journal_hosts *hosts)
{
    bool polls = !journal_files_are_watched(hosts->world->own_files);

    if (polls && !hosts->polls)
        source_say(hosts->world->source, SOURCE_NOTE_POLLING, 1,
                   "%s: looking every %lld ms, because changes are not reported there",
                   hosts->world->directory, (long long)(hosts->world->poll / 1000));
    hosts->polls = polls;
}

int journal_hosts_update(struct journal_hosts *hosts, int64_t now_us, bool fresh)
{
    struct journal_reader *waiting = waiting_reader(hosts);
    bool all = now_us >= hosts->next_us;
    int r;

    if (!hosts->world->own_files || (!journal_files_read_events(hosts->world->own_files) && !all))
        return 0;
    hosts->fresh = fresh || (waiting && waiting->fresh);
    r = journal_files_scan(hosts->world->own_files, all, reader_of, hosts);
    say_polling(hosts);
    if (all)
        hosts->next_us = now_us + (hosts->polls ? hosts->world->poll : hosts->world->recheck);
    if (r < 0)
        return r;
    if (waiting && waiting->next) {
        hosts->readers = waiting->next;
        journal_reader_free(waiting);
    }
    if (hosts->readers)
        hosts->readers->surveys = true;
    for (struct journal_reader *reader = hosts->readers; r != -ENOMEM && reader;
         reader = reader->next)
        if (reader->stale && !reader->journal)
            r = journal_handle_open(reader);
    return r == -ENOMEM ? r : 0;
}

void journal_hosts_hurry(struct journal_hosts *hosts, int64_t now_us)
{
    const struct journal_reader *waiting = waiting_reader(hosts);
    int64_t soon = now_us + hosts->world->poll;

    if (waiting && waiting->empty_step == 0 && soon < hosts->next_us)
        hosts->next_us = soon;
}
