/* SPDX-License-Identifier: MIT */
#include "source/tail_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { ROOM_MIN = 16 };

void tail_names_init(struct tail_names *names)
{
    *names = (struct tail_names){.next_us = INT64_MAX};
    names->end = &names->first;
    names->due_end = &names->due;
}

void tail_names_done(struct tail_names *names, struct tail_world *world)
{
    while (names->first) {
        struct tail_path *path = names->first;
        names->first = path->next;
        tail_path_free(path, world);
    }
    hash_index_done(&names->index);
    merge_order_done(&names->order);
    free(names->at);
    tail_names_init(names);
}

/* -- Lookup. -- */

static uint32_t hash_of(const char *name, size_t len)
{
    return (uint32_t)hash_bytes(span_of(name, len), 0);
}

struct tail_path *tail_names_find(const struct tail_names *names, const char *name, size_t len)
{
    uint32_t hash = hash_of(name, len), at = hash, number;

    while (names->room && (number = hash_index_next(&names->index, hash, &at)) != 0) {
        struct tail_path *path = names->at[number - 1];
        if (strlen(path->path) == len && memcmp(path->path, name, len) == 0)
            return path;
    }
    return NULL;
}

static bool make_room(struct tail_names *names)
{
    size_t room = names->room ? 2 * names->room : ROOM_MIN;
    struct tail_path **at;

    if (names->count < names->room)
        return hash_index_reserve(&names->index);
    if (!names->index.slot && !hash_index_init(&names->index, 2 * ROOM_MIN))
        return false;
    if (!hash_index_reserve(&names->index) || !merge_order_reserve(&names->order, room))
        return false;
    at = realloc(names->at, room * sizeof(struct tail_path *));
    if (!at)
        return false;
    for (size_t i = names->room; i < room; i++)
        at[i] = NULL;
    names->at = at;
    names->room = room;
    return true;
}

struct tail_path *tail_names_add(struct tail_names *names, const char *name, size_t len)
{
    struct tail_path *path = make_room(names) ? tail_path_new(name, len) : NULL;
    uint32_t place = names->count < names->room && !names->at[names->count] ? names->count : 0;

    if (!path)
        return NULL;
    while (names->at[place])
        place++;
    path->place = place;
    path->number = ++names->numbers;
    names->at[place] = path;
    names->count++;
    hash_index_add(&names->index, hash_of(name, len), place + 1);
    *names->end = path;
    names->end = &path->next;
    tail_names_hint(names, path);
    return path;
}

static void unqueue(struct tail_names *names, struct tail_path *path)
{
    struct tail_path **at = &names->due;

    if (!path->due)
        return;
    while (*at != path)
        at = &(*at)->next_due;
    *at = path->next_due;
    if (!*at)
        names->due_end = at;
}

void tail_names_prune(struct tail_names *names, struct tail_world *world,
                      bool (*is_over)(const struct tail_path *))
{
    for (struct tail_path **at = &names->first; *at;) {
        struct tail_path *path = *at;

        if (path->next_line != LINE_TIME_NEVER || !is_over(path)) {
            at = &path->next;
            continue;
        }
        *at = path->next;
        if (!*at)
            names->end = at;
        unqueue(names, path);
        hash_index_remove(&names->index, hash_of(path->path, strlen(path->path)), path->place + 1);
        names->at[path->place] = NULL;
        names->count--;
        tail_path_free(path, world);
    }
}

/* -- The queue. -- */

void tail_names_hint(struct tail_names *names, struct tail_path *path)
{
    if (path->due)
        return;
    path->due = true;
    path->next_due = NULL;
    *names->due_end = path;
    names->due_end = &path->next_due;
}

static void look_by(struct tail_names *names, int64_t deadline_us)
{
    if (deadline_us < names->next_us)
        names->next_us = deadline_us;
}

void tail_names_collect(struct tail_names *names, const struct tail_world *world, int64_t now_us)
{
    if (now_us < names->next_us)
        return;
    names->next_us = INT64_MAX;
    for (struct tail_path *path = names->first; path; path = path->next) {
        int64_t deadline_us = tail_path_deadline_us(path, world);
        if (deadline_us <= now_us)
            tail_names_hint(names, path);
        else
            look_by(names, deadline_us);
    }
}

struct tail_path *tail_names_next(struct tail_names *names)
{
    struct tail_path *path = names->due;

    if (!path)
        return NULL;
    names->due = path->next_due;
    if (!names->due)
        names->due_end = &names->due;
    path->due = false;
    return path;
}

void tail_names_looked(struct tail_names *names, struct tail_path *path,
                       const struct tail_world *world)
{
    if (path->dirty)
        tail_names_hint(names, path);
    else
        look_by(names, tail_path_deadline_us(path, world));
}

int64_t tail_names_deadline_us(const struct tail_names *names)
{
    return names->due || names->order.count ? 0 : names->next_us;
}
