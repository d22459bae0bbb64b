/* SPDX-License-Identifier: MIT */
#include "detect/said.h"

#include <stdlib.h>

struct tally *said_make(struct tally **said)
{
    if (!*said)
        *said = calloc(MAIL_HEADER_COUNT, sizeof(**said));
    return *said;
}

void said_done(struct tally **said, struct interns *texts)
{
    for (int i = 0; *said && i < MAIL_HEADER_COUNT; i++)
        tally_done(&(*said)[i], texts);
    free(*said);
    *said = NULL;
}

static uint64_t seen(const struct tally *tally)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < tally->count; i++)
        sum += tally->entry[i].count;
    return sum;
}

/* A mailbox's own mail, with as many subjects, may come before the spam: the least seen go. */
static void add(struct tally *tally, struct interns *texts, struct intern *text, uint32_t n,
                uint32_t at_s)
{
    if (text && tally->count == SAID_MAX && !tally_has(tally, text)) {
        tally->more += seen(tally);
        tally_keep(tally, texts, SAID_MAX / 2);
        tally->more -= seen(tally);
    }
    tally_add(tally, texts, text, n, at_s, SAID_MAX);
}

void said_add(struct tally **said, struct interns *texts, struct intern *const *message,
              uint32_t at_s)
{
    for (int i = 0; said_make(said) && i < MAIL_HEADER_COUNT; i++) {
        struct intern *text = message[i] ? intern_get(texts, intern_span(message[i])) : NULL;
        if (message[i])
            add(&(*said)[i], texts, text, 1, at_s);
        intern_put(texts, text);
    }
}

void said_merge(struct tally **into, struct interns *texts, const struct tally *from)
{
    for (int i = 0; from && said_make(into) && i < MAIL_HEADER_COUNT; i++) {
        for (uint32_t k = 0; k < from[i].count; k++) {
            const struct tally_entry *entry = &from[i].entry[k];
            add(&(*into)[i], texts, entry->text, entry->count, entry->last_s);
        }
        (*into)[i].more += from[i].more;
    }
}

uint64_t said_bytes(const struct tally *said)
{
    uint64_t bytes = 0;

    for (int i = 0; said && i < MAIL_HEADER_COUNT; i++)
        bytes += said[i].bytes;
    return bytes;
}
