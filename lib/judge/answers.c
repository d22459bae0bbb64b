/* SPDX-License-Identifier: MIT */
#include "judge/answers.h"

enum { DAY_S = 86400 };

void answers_put(struct answers_ring *ring, uint64_t key, struct message_ref of, uint32_t at_s)
{
    uint32_t *newest = &ring->newest[key % ANSWERS_MAX];

    if (++ring->count == 0) /* 0 stands for none */
        ++ring->count;
    ring->entry[ring->count % ANSWERS_MAX] = (struct answers_entry){key, of, at_s, *newest};
    *newest = ring->count;
}

static struct answers_entry *find(struct answers_ring *ring, uint64_t key)
{
    uint32_t at = ring->newest[key % ANSWERS_MAX];

    while (at && ring->count - at < ANSWERS_MAX) {
        struct answers_entry *entry = &ring->entry[at % ANSWERS_MAX];
        if (entry->key == key)
            return entry;
        at = entry->before;
    }
    return NULL;
}

void answers_see(struct answers *answers, uint64_t sender, struct message_ref of, uint32_t at_s)
{
    answers_put(&answers->mail, sender, of, at_s);
}

const struct answers_entry *answers_find(struct answers *answers, uint64_t sender)
{
    return find(&answers->mail, sender);
}

bool answers_is_first(struct answers *answers, uint64_t pair, uint32_t at_s)
{
    struct answers_entry *reply = find(&answers->reply, pair);
    bool again = reply && at_s < (uint64_t)reply->at_s + DAY_S;

    if (reply)
        reply->at_s = at_s;
    else
        answers_put(&answers->reply, pair, (struct message_ref){0, 0}, at_s);
    return !again;
}
