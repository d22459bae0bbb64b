/* SPDX-License-Identifier: MIT */
#include "track/message.h"
#include "rows.h"

static const struct {
    const char *name;
    enum origin origin, root;
    uint32_t flags;
    enum message_who who;
} rows[] = {
    {"a login's mail", ORIGIN_ACCOUNT, ORIGIN_ACCOUNT, 0, WHO_LOGIN},
    {"behind a filter", ORIGIN_FILTER, ORIGIN_ACCOUNT, 0, WHO_LOGIN},
    {"sent on by local(8)", ORIGIN_FORWARD, ORIGIN_ACCOUNT, 0, WHO_LOGIN},
    {"brought back by a uid", ORIGIN_FORWARD, ORIGIN_ACCOUNT, MESSAGE_PICKED_UP | MESSAGE_RETURNED,
     WHO_LOGIN},
    {"a notice of it", ORIGIN_BOUNCE, ORIGIN_ACCOUNT, 0, WHO_NOTICE_TO},
    {"a notice that was requeued", ORIGIN_BOUNCE, ORIGIN_LOCAL, MESSAGE_PICKED_UP, WHO_NOTICE_TO},
    {"a user's mail, sent on by local(8)", ORIGIN_FORWARD, ORIGIN_LOCAL, 0, WHO_FORWARDER},
    {"then requeued", ORIGIN_FORWARD, ORIGIN_LOCAL, MESSAGE_PICKED_UP, WHO_FORWARDER},
    {"a user's mail, brought back by another uid", ORIGIN_FORWARD, ORIGIN_LOCAL,
     MESSAGE_PICKED_UP | MESSAGE_RETURNED, WHO_OWN_UID},
    {"the same of a filter", ORIGIN_FILTER, ORIGIN_LOCAL, MESSAGE_PICKED_UP, WHO_OWN_UID},
    {"a stranger's mail, brought back", ORIGIN_FORWARD, ORIGIN_OUTSIDE, MESSAGE_RETURNED,
     WHO_BRINGER},
    {"a client's", ORIGIN_FILTER, ORIGIN_TRUSTED, 0, WHO_BRINGER},
};

START_TEST(who_is_one_thing_at_a_time)
{
    struct intern *text = calloc(1, sizeof(*text));
    struct message m = {.flags = rows[_i].flags, .who = text};

    m.origin = (uint8_t)rows[_i].origin & 15;
    m.root = (uint8_t)rows[_i].root & 15;
    for (int what = 0; what <= WHO_BRINGER; what++)
        ck_assert_msg((message_who(&m, (enum message_who)what) == text) ==
                          ((enum message_who)what == rows[_i].who),
                      "%s: %d", rows[_i].name, what);
    free(text);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("message");

    ADD_ROWS(tc, who_is_one_thing_at_a_time, rows);
    return run_suite("message", tc);
}
