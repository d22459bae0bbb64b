/* SPDX-License-Identifier: MIT */
#include "judge/mail_headers.h"

#include <stdlib.h>

#include "base/hash.h"
#include "track/hosts.h"

/* The lines of cleanup(8) and of pickup(8) or smtpd(8) may be logged in either order. */
enum { SLACK_S = 10 };

/* Queue IDs are Postfix's own: nobody chooses two that collide. */
static uint32_t hash_of(uint16_t source, struct queue_id id)
{
    uint64_t h = hash_mix(id.lo ^ hosts_host(source), HASH_ODD_1);

    return (uint32_t)(hash_mix(h ^ id.hi, HASH_ODD_2) >> 32);
}

static struct mail_headers_entry *find(const struct mail_headers *headers, uint16_t source,
                                       struct queue_id id)
{
    uint32_t number, hash = hash_of(source, id), at = hash;

    if (!headers->count)
        return NULL;
    while ((number = hash_index_next(&headers->index, hash, &at)) != 0) {
        struct mail_headers_entry *entry = &headers->entry[number - 1];
        if (queue_id_equal(entry->id, id) && hosts_host(entry->source) == hosts_host(source))
            return entry;
    }
    return NULL;
}

static void drop_texts(struct mail_headers_entry *entry, struct interns *texts)
{
    for (int i = 0; i < MAIL_HEADER_COUNT; i++) {
        intern_put(texts, entry->text[i]);
        entry->text[i] = NULL;
    }
}

static bool begin(struct mail_headers *headers)
{
    if (!headers->entry)
        headers->entry = calloc(MAIL_HEADERS_MAX, sizeof(*headers->entry));
    return headers->entry &&
           (headers->index.size || hash_index_init(&headers->index, 2 * MAIL_HEADERS_MAX));
}

/* Nothing of its mail has been counted yet, and it may be. */
static bool may_be_missed(const struct mail_headers_entry *entry, struct tracker *tracker)
{
    const struct message *m = tracker_find(tracker, entry->source, entry->id);

    return m && m->state != MESSAGE_GONE && !message_has(m, MESSAGE_COUNTED);
}

/* The place of the oldest, which goes. */
static struct mail_headers_entry *make_room(struct mail_headers *headers, struct tracker *tracker)
{
    struct mail_headers_entry *entry = &headers->entry[headers->next];

    if (headers->count < MAIL_HEADERS_MAX)
        return entry;
    headers->over += may_be_missed(entry, tracker);
    hash_index_remove(&headers->index, hash_of(entry->source, entry->id), headers->next + 1);
    drop_texts(entry, tracker->texts);
    headers->count--;
    return entry;
}

static void add(struct mail_headers *headers, const struct mail_headers_entry *entry)
{
    headers->entry[headers->next] = *entry;
    hash_index_add(&headers->index, hash_of(entry->source, entry->id), headers->next + 1);
    headers->next = (headers->next + 1) % MAIL_HEADERS_MAX;
    headers->count++;
}

bool mail_headers_append(struct mail_headers *headers, const struct mail_headers_entry *entry)
{
    if (headers->count == MAIL_HEADERS_MAX || !begin(headers) ||
        find(headers, entry->source, entry->id))
        return false;
    add(headers, entry);
    return true;
}

/* Short queue IDs are used again: what was shown of the mail before is none of this one's. */
static bool is_of_older_mail(const struct mail_headers_entry *entry, const struct message *m,
                             uint32_t at_s)
{
    uint32_t since_s = m && m->state != MESSAGE_GONE ? m->begun_s : at_s;

    return entry->at_s + (uint64_t)SLACK_S < since_s;
}

void mail_headers_see(struct mail_headers *headers, struct tracker *tracker, uint16_t source,
                      const struct record *rec, uint32_t at_s)
{
    struct mail_headers_entry *entry = find(headers, source, rec->id);

    if (!entry && begin(headers)) {
        entry = make_room(headers, tracker);
        add(headers, &(struct mail_headers_entry){.id = rec->id, .at_s = at_s, .source = source});
    } else if (entry && is_of_older_mail(entry, tracker_find(tracker, source, rec->id), at_s)) {
        drop_texts(entry, tracker->texts);
        entry->at_s = at_s;
    }
    if (entry && !entry->text[rec->header])
        entry->text[rec->header] = intern_make(tracker->texts, rec->header_text);
}

struct intern *const *mail_headers_of(const struct mail_headers *headers, const struct message *m)
{
    const struct mail_headers_entry *entry = find(headers, m->source, m->id);

    return entry && entry->at_s + (uint64_t)SLACK_S >= m->begun_s ? entry->text : NULL;
}

void mail_headers_goes_on(struct mail_headers *headers, struct tracker *tracker,
                          const struct message *m, const struct message *old)
{
    struct intern *const *text = mail_headers_of(headers, old);
    struct mail_headers_entry entry = {.id = m->id, .at_s = m->begun_s, .source = m->source};

    if (!text || find(headers, m->source, m->id))
        return;
    for (int i = 0; i < MAIL_HEADER_COUNT; i++)
        entry.text[i] = intern_ref(text[i]);
    make_room(headers, tracker);
    add(headers, &entry);
}

void mail_headers_done(struct mail_headers *headers, struct interns *texts)
{
    for (uint32_t i = 0; headers->entry && i < MAIL_HEADERS_MAX; i++)
        drop_texts(&headers->entry[i], texts);
    free(headers->entry);
    hash_index_done(&headers->index);
    *headers = (struct mail_headers){0};
}
