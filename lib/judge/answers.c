/* SPDX-License-Identifier: MIT */
#include "judge/answers.h"

enum { DAY_S = 86400 };

bool answers_is_first(struct answers *answers, uint64_t pair, uint32_t at_s)
{
    struct answers_reply *reply = answers_reply_at(answers, pair);
    bool again = reply->pair == pair && at_s < (uint64_t)reply->at_s + DAY_S;

    *reply = (struct answers_reply){pair, at_s};
    return !again;
}
