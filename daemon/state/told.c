/* SPDX-License-Identifier: MIT */
#include "state/told.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

enum { ATTEMPTS_MAX = 2 };

/* As in the file, which no other machine reads. */
struct record {
    char id[TOLD_ID_MAX]; /* NUL-terminated; empty: free */
    uint32_t at_s;
    uint32_t number; /* the highest is the youngest */
    uint8_t kind, attempts, done, waits;
    uint32_t check;
};

struct told {
    int fd;
    uint32_t number;
    bool old[TOLD_MAX]; /* of an earlier run */
    struct record record[TOLD_MAX];
};

static uint32_t check_of(const struct record *record)
{
    return (uint32_t)hash_bytes(span_of((const char *)record, offsetof(struct record, check)), 1);
}

/* Damaged records are free ones. */
static void load(struct told *told)
{
    ssize_t n = pread(told->fd, told->record, sizeof(told->record), 0);

    for (size_t i = 0; i < TOLD_MAX; i++) {
        struct record *record = &told->record[i];
        bool whole = n >= (ssize_t)((i + 1) * sizeof(*record)) && record->id[0] &&
                     memchr(record->id, '\0', sizeof(record->id)) &&
                     record->check == check_of(record);
        if (!whole)
            *record = (struct record){.id = ""};
        told->old[i] = whole;
        if (whole && record->number > told->number)
            told->number = record->number;
    }
}

struct told *told_open(const char *directory)
{
    struct told *told = calloc(1, sizeof(*told));
    char path[PATH_MAX];

    if (!told)
        return NULL;
    snprintf(path, sizeof(path), "%s/told", directory);
    told->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    /* On a disk that is full later, its blocks are there. */
    int error = told->fd < 0 ? errno : posix_fallocate(told->fd, 0, sizeof(told->record));
    if (error) {
        told_close(told);
        errno = error;
        return NULL;
    }
    load(told);
    return told;
}

void told_close(struct told *told)
{
    if (!told)
        return;
    if (told->fd >= 0)
        close(told->fd);
    free(told);
}

static struct record *find(const struct told *told, const struct told_mark *mark)
{
    for (size_t i = 0; told && mark->id[0] && i < TOLD_MAX; i++)
        if (told->record[i].kind == mark->kind && strcmp(told->record[i].id, mark->id) == 0)
            return (struct record *)(uintptr_t)&told->record[i];
    return NULL;
}

bool told_before(const struct told *told, const struct told_mark *mark)
{
    const struct record *record = find(told, mark);

    return record && told->old[record - told->record] &&
           (record->done || record->attempts >= ATTEMPTS_MAX) &&
           mark->at_s <= record->at_s + (uint64_t)mark->slack_s;
}

bool told_waited(const struct told *told, const struct told_mark *mark)
{
    const struct record *record = find(told, mark);

    return record && told->old[record - told->record] && record->waits && !record->done &&
           record->attempts < ATTEMPTS_MAX;
}

static struct record *oldest(struct told *told)
{
    struct record *oldest = &told->record[0];

    for (size_t i = 1; i < TOLD_MAX && oldest->id[0]; i++)
        if (!told->record[i].id[0] || told->record[i].number < oldest->number)
            oldest = &told->record[i];
    return oldest;
}

/* A write that fails is no reason to keep an alert back. */
static void write_record(struct told *told, struct record *record)
{
    size_t i = (size_t)(record - told->record);

    record->check = check_of(record);
    (void)!pwrite(told->fd, record, sizeof(*record), (off_t)(i * sizeof(*record)));
}

static void note(struct told *told, const struct told_mark *mark, bool attempt)
{
    struct record *record = find(told, mark);
    /* Waiting leaves a record of this run that is as old as the one before it. */
    bool again = record && (told->old[record - told->record] || record->waits) && !record->done;
    uint8_t attempts = again ? record->attempts : 0;

    if (!told || !mark->id[0])
        return;
    if (!record)
        record = oldest(told);
    *record = (struct record){.at_s = mark->at_s,
                              .number = ++told->number,
                              .kind = (uint8_t)mark->kind,
                              .attempts = (uint8_t)(attempts + attempt),
                              .waits = !attempt};
    memcpy(record->id, mark->id, sizeof(record->id));
    told->old[record - told->record] = false;
    write_record(told, record);
}

void told_begin(struct told *told, const struct told_mark *mark)
{
    note(told, mark, true);
}

void told_wait(struct told *told, const struct told_mark *mark)
{
    note(told, mark, false);
}

void told_end(struct told *told, const struct told_mark *mark)
{
    struct record *record = find(told, mark);

    if (!record)
        return;
    record->done = 1;
    write_record(told, record);
}

/* As before the attempt; should it be of an earlier run, too. */
void told_undo(struct told *told, const struct told_mark *mark)
{
    struct record *record = find(told, mark);

    if (!record || record->done)
        return;
    record->attempts -= record->attempts > 0;
    told->old[record - told->record] = record->attempts > 0;
    write_record(told, record);
}
