/* SPDX-License-Identifier: MIT */
#include "life/lifecycle_state.h"

struct transition {
    enum message_state to;
    bool fresh; /* the record begins a new message: the old one ends here */
};

#define STAY(state)                                                                                \
    {                                                                                              \
        MESSAGE_##state, false                                                                     \
    }
#define FRESH                                                                                      \
    {                                                                                              \
        MESSAGE_NEW, true                                                                          \
    }

/* The records of several processes interleave. A message-id may follow qmgr's record, and a
 * delivery even the end of the message; an acceptance always begins a new one. */
static const struct transition transitions[MESSAGE_STATE_COUNT][LIFECYCLE_COUNT] = {
    [MESSAGE_NEW] = {[LIFECYCLE_ACCEPT] = FRESH,
                     [LIFECYCLE_TEXT] = STAY(NEW),
                     [LIFECYCLE_ACTIVE] = STAY(QUEUED),
                     [LIFECYCLE_DELIVERY] = STAY(QUEUED),
                     [LIFECYCLE_END] = STAY(GONE),
                     [LIFECYCLE_HOLD] = STAY(HELD),
                     [LIFECYCLE_RELEASE] = STAY(QUEUED)},
    [MESSAGE_QUEUED] = {[LIFECYCLE_ACCEPT] = FRESH,
                        [LIFECYCLE_TEXT] = STAY(QUEUED),
                        [LIFECYCLE_ACTIVE] = STAY(QUEUED),
                        [LIFECYCLE_DELIVERY] = STAY(QUEUED),
                        [LIFECYCLE_END] = STAY(GONE),
                        [LIFECYCLE_HOLD] = STAY(HELD),
                        [LIFECYCLE_RELEASE] = STAY(QUEUED)},
    [MESSAGE_HELD] = {[LIFECYCLE_ACCEPT] = FRESH,
                      [LIFECYCLE_TEXT] = STAY(HELD),
                      [LIFECYCLE_ACTIVE] = STAY(QUEUED),
                      [LIFECYCLE_DELIVERY] = STAY(HELD),
                      [LIFECYCLE_END] = STAY(GONE),
                      [LIFECYCLE_HOLD] = STAY(HELD),
                      [LIFECYCLE_RELEASE] = STAY(QUEUED)},
    [MESSAGE_GONE] = {[LIFECYCLE_ACCEPT] = FRESH,
                      [LIFECYCLE_TEXT] = FRESH,
                      [LIFECYCLE_ACTIVE] = FRESH,
                      [LIFECYCLE_DELIVERY] = STAY(GONE),
                      [LIFECYCLE_END] = STAY(GONE),
                      [LIFECYCLE_HOLD] = STAY(GONE),
                      [LIFECYCLE_RELEASE] = STAY(GONE)},
};

const char *state_name(enum message_state state)
{
    static const char *const names[] = {"accepted", "queued", "on hold", "gone"};

    _Static_assert(sizeof(names) / sizeof(*names) == MESSAGE_STATE_COUNT, "a name for each");
    return names[state];
}

void lifecycle_leave_queue(struct lifecycle *life, struct message *m)
{
    if (m->state == MESSAGE_GONE)
        return;
    judge_gone(life->judge, m);
    m->state = MESSAGE_GONE;
    lifecycle_judge_ready(life, m);
    if (message_has(m, MESSAGE_CHILDREN))
        lifecycle_wake_children(life, tracker_ref(m));
    tracker_finish(life->tracker, m, life->clock_s);
}

void lifecycle_end(struct lifecycle *life, struct message *m)
{
    struct message_ref self = tracker_ref(m);
    bool parent = message_has(m, MESSAGE_CHILDREN);

    if (m->state != MESSAGE_GONE)
        life->counters.reused++;
    lifecycle_stop_waiting(life, m);
    tracker_forget(life->tracker, m);
    if (parent)
        lifecycle_wake_children(life, self);
}

static struct message *begin(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    struct message *m = tracker_add(life->tracker, source, id, life->now_s);

    if (m)
        life->counters.begun++;
    else
        life->counters.no_memory++;
    return m;
}

/* Where the lines of one second come in any order, a message-id may come after the end. */
static bool is_own_text(const struct lifecycle *life, const struct message *m,
                        enum lifecycle_event event)
{
    enum { LATE_S = 2 };
    bool waits = m->origin == ORIGIN_NONE && message_has(m, MESSAGE_WAITING);

    return event == LIFECYCLE_TEXT && !m->message_id_hash &&
           (waits || m->last_s + LATE_S >= life->now_s);
}

/* The queue ID's first message, or the next one if `old` was another. */
__attribute__((noinline)) static struct message *begin_anew(struct lifecycle *life,
                                                            struct message *old, uint16_t source,
                                                            struct queue_id id,
                                                            enum lifecycle_event event)
{
    if (old)
        lifecycle_end(life, old);
    struct message *m = begin(life, source, id);
    if (m && event != LIFECYCLE_ACCEPT)
        tracker_wait(life->tracker, m, life->clock_s);
    return m;
}

struct message *lifecycle_go_to(struct lifecycle *life, struct message *m, uint16_t source,
                                struct queue_id id, enum lifecycle_event event)
{
    if (m && m->state == MESSAGE_GONE && is_own_text(life, m, event)) {
        m->last_s = life->now_s;
        return m;
    }
    if ((!m || transitions[m->state][event].fresh) && !(m = begin_anew(life, m, source, id, event)))
        return NULL;
    enum message_state to = transitions[m->state][event].to;
    if ((to == MESSAGE_HELD) != (m->state == MESSAGE_HELD) && to != MESSAGE_GONE)
        judge_held(life->judge, m, to == MESSAGE_HELD);
    if (to != MESSAGE_GONE)
        m->state = (uint8_t)to;
    if (!life->hosts->source[m->source].is_queue)
        m->source = source;
    m->last_s = life->now_s;
    return m;
}

struct message *lifecycle_message_for(struct lifecycle *life, uint16_t source, struct queue_id id,
                                      enum lifecycle_event event)
{
    return lifecycle_go_to(life, tracker_find(life->tracker, source, id), source, id, event);
}

struct message *lifecycle_find_on_host(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    struct message *m, *found = tracker_find(life->tracker, source, id);
    uint32_t at = 0;

    if (found && found->state != MESSAGE_GONE)
        return found;
    while ((m = tracker_find_all(life->tracker, source, id, &at)) != NULL)
        if (!found || (m->state != MESSAGE_GONE &&
                       (found->state == MESSAGE_GONE || m->serial > found->serial)))
            found = m;
    return found;
}

struct message *lifecycle_child_for(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    struct message *c = tracker_find(life->tracker, source, id);

    if (c && c->origin != ORIGIN_NONE) {
        if (c->origin == ORIGIN_UNKNOWN || c->origin == ORIGIN_PROBE) {
            life->counters.late_links++;
            return NULL;
        }
        lifecycle_end(life, c);
        c = NULL;
    }
    if (c)
        return c;
    c = begin(life, source, id);
    if (c)
        tracker_wait(life->tracker, c, life->clock_s);
    return c;
}
