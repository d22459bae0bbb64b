/* SPDX-License-Identifier: MIT */
#include "track/tracker_ids.h"

#include "base/hash.h"

enum { ID_TEXT_MAX = 250 };

uint32_t tracker_id_hash(const struct tracker *t, struct span text)
{
    return tracker_id_of_hash(hash_bytes(text, t->seed));
}

/* In the ring: the serial, a length byte, the text. An entry never wraps: it starts over at 0. */
void tracker_set_message_id(struct tracker *t, struct message *m, struct span text, uint32_t hash)
{
    m->message_id_hash = hash;
    if (text.len > ID_TEXT_MAX)
        text.len = ID_TEXT_MAX;
    if (t->ids_at % IDS_BYTES + text.len + 5 > IDS_BYTES)
        t->ids_at += IDS_BYTES - t->ids_at % IDS_BYTES;
    char *at = t->ids + t->ids_at % IDS_BYTES;
    /* Readers compare the serial: a later text may lie here by then. */
    memcpy(at, &m->serial, 4);
    at[4] = (char)text.len;
    if (text.len)
        memcpy(at + 5, text.at, text.len);
    m->message_id_at = (uint32_t)t->ids_at;
    t->ids_at += text.len + 5;
}

void tracker_copy_message_id(struct tracker *t, struct message *to, const struct message *from)
{
    char copy[ID_TEXT_MAX]; /* the ring may put the new text where the old one is */
    struct span text = tracker_message_id(t, from);

    if (!from->message_id_hash)
        return;
    if (text.len)
        memcpy(copy, text.at, text.len);
    tracker_set_message_id(t, to, span_of(copy, text.len), from->message_id_hash);
    to->flags |= from->flags & (MESSAGE_NO_ID | MESSAGE_OWN_ID);
}

struct span tracker_message_id(const struct tracker *t, const struct message *m)
{
    const char *at = t->ids + m->message_id_at % IDS_BYTES;
    uint32_t serial;

    /* So far behind, a later text may have overwritten it, or part of it. */
    if (!m->message_id_hash || (uint32_t)t->ids_at - m->message_id_at > IDS_BYTES - ID_TEXT_MAX - 5)
        return SPAN_NONE;
    memcpy(&serial, at, 4);
    size_t len = (uint8_t)at[4];
    /* The place may come from a snapshot, which nobody vouches for. */
    if (serial != m->serial || m->message_id_at % IDS_BYTES + len + 5 > IDS_BYTES)
        return SPAN_NONE;
    return span_of(at + 5, len);
}
