/* SPDX-License-Identifier: MIT */
#include "judge/answers.h"

#include "base/hash.h"

enum { DAY_S = 86400 };

bool answers_init(struct answers *answers)
{
    if (link_index_init(&answers->mail, ANSWERS_MAX) &&
        link_index_init(&answers->reply, ANSWERS_MAX))
        return true;
    answers_done(answers);
    return false;
}

void answers_done(struct answers *answers)
{
    link_index_done(&answers->mail);
    link_index_done(&answers->reply);
}

static struct link_entry *find(const struct link_index *index, uint64_t key)
{
    uint32_t at = link_index_first(index, key);

    return at ? &index->entry[at & index->mask] : NULL;
}

void answers_see(struct answers *answers, uint64_t sender, struct message_ref of, uint32_t at_s)
{
    link_index_append(&answers->mail, of, sender, at_s);
}

const struct link_entry *answers_find(const struct answers *answers, uint64_t sender)
{
    return find(&answers->mail, sender);
}

bool answers_is_first(struct answers *answers, uint64_t pair, struct message_ref mail,
                      uint32_t at_s)
{
    struct link_entry *reply = find(&answers->reply, pair);
    bool again = reply && at_s < (uint64_t)reply->note + DAY_S;

    if (reply)
        reply->note = at_s;
    else
        link_index_append(&answers->reply, mail, pair, at_s);
    return !again;
}

/* One for each second: the latest of those that were taken in it. */
static uint64_t key_of_second(uint16_t host, uint32_t at_s)
{
    return hash_mix((uint64_t)host << 32 | at_s, HASH_ODD_1 ^ HASH_ODD_2);
}

void answers_taken(struct answers *answers, uint16_t host, struct message_ref of, uint32_t at_s)
{
    link_index_append(&answers->mail, of, key_of_second(host, at_s), at_s);
}

bool answers_send_on(struct answers *answers, uint16_t host, uint32_t at_s)
{
    uint32_t from = at_s > ANSWERS_SENT_ON_S ? at_s - ANSWERS_SENT_ON_S : 0;

    /* The record that it was taken may come once it has been sent on. */
    for (uint32_t second = from; second <= at_s + ANSWERS_SENT_ON_S; second++) {
        const struct link_entry *mail = find(&answers->mail, key_of_second(host, second));
        if (mail && answers_is_first(answers, hash_mix(mail->key ^ mail->ref.serial, HASH_ODD_2),
                                     mail->ref, at_s))
            return true;
    }
    return false;
}
