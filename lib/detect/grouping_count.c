/* SPDX-License-Identifier: MIT */
#include "detect/grouping_count.h"

#include "base/mail_address.h"
#include "detect/cell.h"
#include "detect/cell_counts.h"
#include "detect/crossing.h"
#include "detect/scope.h"
#include "detect/thresholds.h"

/* An open incident's cell counts with its whole run. The day of any other has its earlier runs in
 * it, so those, which are parked, count with nothing. */
void grouping_add_cell(const struct grouping *s, const struct cell *cell, bool in_a_day,
                       uint64_t count[MEASURES])
{
    const struct thresholds *th = thresholds_for(s->d, cell, s->kind);
    struct bucket bucket =
        in_a_day ? thresholds_day_bucket(s->now_s) : thresholds_bucket(th, s->now_s);

    for (int i = 0; i < MEASURES; i++)
        count[i] += is_open(s, cell)           ? cell_run(cell, i)
                    : cell->parked && in_a_day ? 0
                                               : cell_sum(cell, i, bucket, in_a_day);
}

bool grouping_takes_part(const struct grouping *s, const struct member *member, int level,
                         bool in_a_day)
{
    const struct cell *cell = cell_of(s, member);

    if (member->group >= 0 || !(member->is_recent || in_a_day))
        return false;
    if (scope_key(s->kind, level) != KEY_SENDER)
        return true;
    if (in_a_day && cell->sender_is_default)
        return false;
    /* It was shared once. That fewer send now does not widen the incident. */
    if (is_open(s, cell) && s->d->incident[cell->incident - 1].level == level)
        return true;
    if (thresholds_top(s->d, cell) == level) /* a threshold of its own */
        return true;
    return in_a_day ? member->is_shared_today : member->is_shared;
}

/* What a tally of a cell is, for count_different. */
typedef const struct tally *tally_of_cell(const struct cell *cell);

static const struct tally *clients_in(const struct cell *cell)
{
    return &cell_lists(cell)->clients;
}

static const struct tally *networks_of(const struct cell *cell)
{
    return &cell_lists(cell)->networks;
}

/* How many different texts the tallies of the members that take part have seen since then. */
static uint64_t count_different(const struct grouping *s, int level, uint32_t from, uint32_t to,
                                bool in_a_day, tally_of_cell *tally_of, uint32_t since_s)
{
    struct tally all = {0};

    for (uint32_t i = from; i < to; i++)
        if (grouping_takes_part(s, &s->member[i], level, in_a_day))
            tally_merge(&all, s->d->texts, tally_of(cell_of(s, &s->member[i])), TALLY_CLIENTS_MAX);
    uint64_t n = tally_since(&all, since_s);
    tally_done(&all, s->d->texts);
    return n;
}

/* Tickets, forums and forwarders have senders that are new for each mail. */
static bool is_made_by_program(struct span sender)
{
    char pattern[MAIL_PATTERN_MAX];

    return mail_address_is_srs(sender) || mail_address_pattern(sender, pattern) > 0;
}

/* A uid has a higher threshold then, so a script must not get that by inventing senders: it takes
 * those that sent before the window. It is people who share a client. */
bool grouping_is_sharing(const struct grouping *s, const struct cell *cell)
{
    const struct thresholds *th = &s->d->settings->kind[s->kind];
    struct span sender = cell->once ? span_of(cell->once->text, cell->once->sender_len)
                                    : intern_span(cell->rest->sender);

    if (cell->parked || !sender.len)
        return false;
    if (scope_key(s->kind, 1) != KEY_UID)
        return !is_made_by_program(sender);
    if (cell_earlier(s->d, cell))
        return true;
    return cell_sum(cell, MEASURE_MAIN, thresholds_day_bucket(s->now_s), true) >
           cell_sum(cell, MEASURE_MAIN, thresholds_bucket(th, s->now_s), false);
}

/* Whether an open incident at that level has some of the run. */
static bool is_raised_at(const struct grouping *s, int level, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const struct cell *cell = cell_of(s, &s->member[i]);
        if (is_open(s, cell) && s->d->incident[cell->incident - 1].level == level)
            return true;
    }
    return false;
}

bool grouping_crosses(const struct grouping *s, int level, uint32_t from, uint32_t to,
                      bool in_a_day, struct crossing *ret_crossing)
{
    const struct cell *first = cell_of(s, &s->member[from]);
    const struct thresholds *th = thresholds_top(s->d, first) >= level
                                      ? thresholds_for(s->d, first, s->kind)
                                      : &s->d->settings->kind[s->kind];
    uint32_t window = in_a_day ? THRESHOLDS_DAY_S : (uint32_t)(th->window / US_PER_S);
    uint32_t since_s = s->now_s > window ? s->now_s - window : 0, taking_part = 0;
    struct measured measured = {0};
    struct rule rule = {.in_a_day = in_a_day};

    for (uint32_t i = from; i < to; i++) {
        const struct member *member = &s->member[i];
        if (!grouping_takes_part(s, member, level, in_a_day))
            continue;
        grouping_add_cell(s, cell_of(s, member), in_a_day, measured.count);
        rule.is_default |=
            scope_key(s->kind, level) == KEY_SENDER && cell_of(s, member)->sender_is_default;
        rule.is_shared |= in_a_day ? member->is_shared_today : member->is_shared;
        /* The share was reached once. What is not refused later doesn't end the incident. */
        rule.share_reached |= is_open(s, cell_of(s, member));
        taking_part++;
    }
    rule.is_shared &= !is_raised_at(s, level, from, to); /* nor what others send later */
    if (!taking_part || !th->enabled)
        return false;
    if (rule.share_reached)
        since_s = 0; /* the whole run of what is open */
    if (s->kind == KIND_BACKSCATTER_VICTIM)
        measured.clients = count_different(s, level, from, to, in_a_day, clients_in, since_s);
    if (s->kind == KIND_ACCOUNT_ABUSE)
        measured.networks = count_different(s, level, from, to, in_a_day, networks_of, since_s);
    return crossing_find(th, s->kind, scope_key(s->kind, level), &measured, rule, ret_crossing);
}
