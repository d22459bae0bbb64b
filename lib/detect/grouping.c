/* SPDX-License-Identifier: MIT */
/*
 * Which cells make which incident is a function of the cells, in four steps:
 *
 *   1. Levels, from the narrowest up: cells that no narrower key has grouped form a group if they
 *      cross the threshold of their key at this level: those with evidence in the window together,
 *      or else those with evidence in the last day. A sender is a key only where many share its uid
 *      or client.
 *   2. Folding: two or more groups become one on a wider key (not the host) if at least 90 % of
 *      their messages lie under it.
 *   3. The host: one group on the host takes everything if more than three groups remain. It also
 *      does if the ungrouped cells cross the host's threshold and the groups hold less than 90 % of
 *      all messages.
 *   4. Groups are matched with open incidents (grouping_match.c).
 *
 * A cell of an open incident counts with its whole run, any other cell with its window or its day
 * only. An incident thus doesn't fall apart when its attack slows down.
 */
#include "detect/grouping.h"

#include <assert.h>
#include <stdlib.h>

#include "detect/cell.h"
#include "detect/crossing.h"
#include "detect/grouping_count.h"
#include "detect/grouping_ended.h"
#include "detect/grouping_match.h"
#include "detect/once.h"
#include "detect/scope.h"
#include "detect/thresholds.h"

/* MAJORITY_PERCENT: a group is folded with at least this share of its messages under the key. */
enum { COVER_PERCENT = 90, MAJORITY_PERCENT = 50, GROUPS_MAX = 3 };
/* So many members are dealt out before they are sorted. */
enum { DEALT_MIN = 4096, GROUPS_PER_MEMBER = LEVELS_MAX - 1 };

/* Collects the members. False when memory is short. */
static bool gather(struct grouping *s)
{
    struct scope *scope = &s->d->scope[s->scope];
    const struct thresholds *th = &s->d->settings->kind[s->kind];
    uint64_t window = (uint64_t)(th->window / US_PER_S), horizon = thresholds_horizon(th);

    s->member = calloc(scope->cells + 1, sizeof(*s->member));
    s->dealt = calloc(scope->cells + 1, sizeof(*s->dealt));
    if (!s->member || !s->dealt || !grouping_ended_gather(s))
        return false;
    for (uint32_t i = scope->first; i; i = s->d->cell[i - 1].next) {
        struct cell *cell = &s->d->cell[i - 1];
        bool held = is_open(s, cell);
        bool recent = held || cell->totals.last_s + window >= s->now_s;
        if (recent || cell->totals.last_s + horizon >= s->now_s)
            s->member[s->member_count++] = (struct member){.cell = i - 1,
                                                           .group = -1,
                                                           .is_recent = recent,
                                                           .first = cell->totals.first_number};
    }
    s->group_max = s->member_count * GROUPS_PER_MEMBER + 1;
    s->group = calloc(s->group_max, sizeof(*s->group));
    return s->group != NULL;
}

/* A member is in one group of step 1 at most, or of a fleet's host, and in one run at each level
 * that is folded, which are all but the narrowest and the host's. One more is a single host's. */
static int next_group(struct grouping *s)
{
    assert((uint32_t)s->group_count < s->group_max);
    return s->group_count++;
}

static bool is_sorted(const struct member *member, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        if (member_by_key(&member[i - 1], &member[i]) > 0)
            return false;
    return true;
}

/* Keys are hashes: they are first dealt out by their highest bits, which leaves little to sort. A
 * flood's scope has many thousand members and is grouped every minute. */
static void sort_members(struct grouping *s)
{
    enum { BITS = 12, HANDS = 1 << BITS };
    uint32_t end[HANDS] = {0}, from = 0;
    struct member *dealt = s->dealt;

    for (uint32_t i = 0; i < s->member_count; i++)
        end[s->member[i].key >> (64 - BITS)]++;
    for (uint32_t hand = 0; hand < HANDS; hand++) {
        from += end[hand];
        end[hand] = from - end[hand];
    }
    for (uint32_t i = 0; i < s->member_count; i++)
        dealt[end[s->member[i].key >> (64 - BITS)]++] = s->member[i];
    s->dealt = s->member;
    s->member = dealt;
    from = 0;
    for (uint32_t hand = 0; hand < HANDS; from = end[hand++])
        if (!is_sorted(&dealt[from], end[hand] - from))
            qsort(&dealt[from], end[hand] - from, sizeof(*dealt), member_by_key);
}

static void sort_by_level(struct grouping *s, int level)
{
    for (uint32_t i = 0; i < s->member_count; i++)
        s->member[i].key = cell_of(s, &s->member[i])->level[level];
    if (s->member_count >= DEALT_MIN)
        sort_members(s);
    else
        qsort(s->member, s->member_count, sizeof(*s->member), member_by_key);
}

/* Makes a group of the run's members that take part. */
static void group_members(struct grouping *s, int level, uint32_t from, uint32_t to,
                          const struct crossing *crossing)
{
    int one = next_group(s);
    struct group *group = &s->group[one];

    *group = (struct group){.level = level,
                            .key = s->member[from].key,
                            .first = UINT64_MAX,
                            .into = -1,
                            .cell = s->member[from].cell,
                            .crossing = *crossing};
    for (uint32_t i = from; i < to; i++) {
        if (!grouping_takes_part(s, &s->member[i], level, crossing->in_a_day))
            continue;
        s->member[i].group = one;
        group->messages += cell_of(s, &s->member[i])->totals.messages;
        if (cell_of(s, &s->member[i])->totals.first_number < group->first)
            group->first = cell_of(s, &s->member[i])->totals.first_number;
    }
}

/* Marks the members whose uid or client, the key at the next level, many senders share. */
static void mark_shared(struct grouping *s)
{
    sort_by_level(s, 1);
    for (uint32_t from = 0, to; from < s->member_count; from = to) {
        uint32_t recent = 0, today = 0;
        to = run_end(s, from);
        for (uint32_t i = from; i < to; i++) {
            bool sharing =
                recent < SHARED_SENDERS && grouping_is_sharing(s, cell_of(s, &s->member[i]));
            recent += sharing && s->member[i].is_recent;
            today += sharing;
        }
        for (uint32_t i = from; i < to; i++) {
            s->member[i].is_shared = recent >= SHARED_SENDERS;
            s->member[i].is_shared_today = today >= SHARED_SENDERS;
        }
    }
}

/* Step 1 at one level. */
static void group_level(struct grouping *s, int level)
{
    struct crossing crossing;

    sort_by_level(s, level);
    for (uint32_t from = 0, to; from < s->member_count; from = to) {
        to = run_end(s, from);
        if (s->member[from].key && (grouping_crosses(s, level, from, to, false, &crossing) ||
                                    grouping_crosses(s, level, from, to, true, &crossing)))
            group_members(s, level, from, to, &crossing);
    }
}

/* Cells with thresholds of their own are judged by these alone: they don't count for keys wider
 * than the one that the override names. */
static void leave_out_overridden(struct grouping *s, int level)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->member_count; i++) {
        const struct cell *cell = cell_of(s, &s->member[i]);
        if (s->member[i].group >= 0 || is_open(s, cell) || thresholds_top(s->d, cell) > level)
            s->member[kept++] = s->member[i];
    }
    s->member_count = kept;
}

/* Sets group.under to each group's messages in the run. */
static void shares_of_run(struct grouping *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (group_of(s, &s->member[i]) >= 0)
            s->group[s->member[i].group].under = 0;
    for (uint32_t i = from; i < to; i++)
        if (s->member[i].group >= 0)
            s->group[s->member[i].group].under +=
                (uint32_t)cell_of(s, &s->member[i])->totals.messages;
}

static bool mostly_under(const struct group *group)
{
    return group->under * (uint64_t)100 >= group->messages * MAJORITY_PERCENT;
}

static void add_to_group(struct group *group, uint64_t messages, uint64_t first)
{
    group->messages += messages;
    if (first < group->first)
        group->first = first;
}

/* The one that began first in the log, or NULL. */
static const struct group *first_group(const struct grouping *s)
{
    const struct group *first = NULL;

    for (int i = 0; i < s->group_count; i++)
        if (s->group[i].into < 0 && (!first || s->group[i].first < first->first))
            first = &s->group[i];
    return first;
}

/* Makes one group on the run's key out of the groups that lie mostly under it and the ungrouped
 * members. It touches the run's members only, not the whole scope, since a flood folds many. */
static void fold_run(struct grouping *s, int level, uint32_t from, uint32_t to)
{
    int one = next_group(s);
    struct group *group = &s->group[one];

    *group = (struct group){.level = level,
                            .key = s->member[from].key,
                            .first = UINT64_MAX,
                            .into = -1,
                            .cell = s->member[from].cell};
    for (uint32_t i = from; i < to; i++) {
        int g = group_of(s, &s->member[i]);
        if (g < 0 && !s->member[i].is_recent) {
            continue;
        } else if (g < 0) {
            const struct totals *t = &cell_of(s, &s->member[i])->totals;
            s->member[i].group = one;
            add_to_group(group, t->messages, t->first_number);
        } else if (g != one && mostly_under(&s->group[g])) {
            s->group[g].into = one;
            if (!group->crossing.what || s->group[g].first < group->first)
                group->crossing = s->group[g].crossing;
            add_to_group(group, s->group[g].messages, s->group[g].first);
        }
    }
}

static void fold_run_if_covered(struct grouping *s, int level, uint32_t from, uint32_t to)
{
    uint64_t under = 0, all = 0, key = s->member[from].key;
    uint32_t together = 0;
    bool rejoins = false;

    shares_of_run(s, from, to);
    for (uint32_t i = from; i < to; i++) {
        struct group *group = s->member[i].group >= 0 ? &s->group[s->member[i].group] : NULL;
        if (!group || !group->under || !mostly_under(group))
            continue;
        together++;
        rejoins |= grouping_ended_is_member(s, group);
        under += group->under;
        all += group->messages;
        group->under = 0; /* counted */
    }
    if (rejoins)
        together += grouping_ended_count(s, level, key);
    if ((together < 2 || under * 100 < all * COVER_PERCENT) && !grouping_ended_keeps(s, level, key))
        return;
    shares_of_run(s, from, to);
    fold_run(s, level, from, to);
}

static int by_first(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Step 2 at one level. A group may lie half under one key and half under another, so the runs take
 * their turns in the order of the log, which no hash decides. */
static void fold_level(struct grouping *s, int level)
{
    uint32_t runs = 0;

    sort_by_level(s, level);
    struct member *run = s->dealt; /* each as its first member, with the index of that in `cell` */
    for (uint32_t from = 0, to; from < s->member_count; from = to) {
        to = run_end(s, from);
        if (s->member[from].key && (to - from > 1 || s->earlier.count))
            run[runs++] = (struct member){.cell = from, .first = s->member[from].first};
    }
    qsort(run, runs, sizeof(*run), by_first);
    for (uint32_t i = 0; i < runs; i++)
        fold_run_if_covered(s, level, run[i].cell, run_end(s, run[i].cell));
}

/* Whether what is ungrouped of a run crosses its host's threshold, and groups hold too little. */
static bool host_crosses(struct grouping *s, int level, uint32_t from, uint32_t to, bool in_a_day,
                         struct crossing *ret)
{
    const struct thresholds *th = &s->d->settings->kind[s->kind];
    uint64_t grouped = 0, all = 0;
    struct measured measured = {0};

    for (uint32_t i = from; i < to; i++) {
        struct member *member = &s->member[i];
        const struct cell *cell = cell_of(s, member);
        bool has_group = group_of(s, member) >= 0;
        if (!has_group && !grouping_takes_part(s, member, level, in_a_day))
            continue;
        all += cell->totals.messages;
        if (has_group)
            grouped += cell->totals.messages;
        else
            grouping_add_cell(s, cell, in_a_day, measured.count);
    }
    return th->enabled && grouped * 100 < all * COVER_PERCENT &&
           crossing_find(th, s->kind, KEY_HOST, &measured, (struct rule){.in_a_day = in_a_day},
                         ret);
}

/* Of a fleet's hosts, which share the scope, each has a key of its own. Step 3 for one of them:
 * what crosses its threshold and is in no group. */
static void group_host_of_fleet(struct grouping *s, int level, uint32_t from, uint32_t to)
{
    struct crossing crossing;

    if (s->member[from].key && (host_crosses(s, level, from, to, false, &crossing) ||
                                host_crosses(s, level, from, to, true, &crossing)))
        group_members(s, level, from, to, &crossing);
}

/* How many groups there are, and would be if what has ended had come at once. *ret_keeps: one on
 * the host has them already. */
static uint32_t count_attacks(const struct grouping *s, int level, bool *ret_keeps)
{
    uint64_t host = s->member[0].key;
    uint32_t groups = 0, members = 0;

    for (int i = 0; i < s->group_count; i++) {
        groups += s->group[i].into < 0;
        members += s->group[i].into < 0 && grouping_ended_is_member(s, &s->group[i]);
    }
    *ret_keeps =
        grouping_ended_keeps(s, level, host) || (members && grouping_ended_on(s, level, host));
    return groups + (members ? grouping_ended_count(s, level, host) : 0);
}

/* Step 3. */
static void group_host(struct grouping *s, int level)
{
    struct crossing crossing = {0};
    uint32_t groups = 0;
    bool keeps = false;

    sort_by_level(s, level);
    if (scope_host(s->scope) == s->d->fleet) {
        for (uint32_t from = 0, to; from < s->member_count; from = to) {
            to = run_end(s, from);
            group_host_of_fleet(s, level, from, to);
        }
        return;
    }
    bool crosses = host_crosses(s, level, 0, s->member_count, false, &crossing) ||
                   host_crosses(s, level, 0, s->member_count, true, &crossing);
    if (s->member_count)
        groups = count_attacks(s, level, &keeps);
    if (groups <= GROUPS_MAX && !crosses && !keeps)
        return;
    if (!crosses && first_group(s))
        crossing = first_group(s)->crossing;
    for (int i = 0; i < s->group_count; i++)
        if (s->group[i].into < 0)
            s->group[i].into = s->group_count;
    for (uint32_t i = 0; i < s->member_count; i++) {
        s->member[i].is_recent |=
            s->member[i].group >= 0; /* what a narrower key has found, stays */
        s->member[i].group = -1;
    }
    group_members(s, level, 0, s->member_count, &crossing);
}

static void note_grouped(struct scope *scope, uint32_t now_s, bool found)
{
    scope->dirty = false;
    scope->grouped_s = now_s;
    if (scope->near_s == NEAR_UNKNOWN || (found && now_s > scope->near_s))
        scope->near_s = now_s;
}

void grouping_run(struct detector *d, uint32_t scope, uint32_t now_s)
{
    struct grouping s = {.d = d, .scope = scope, .kind = scope_kind(scope), .now_s = now_s};
    int host = -1;

    if (gather(&s)) {
        for (int l = 0; l < LEVELS_MAX && scope_key(s.kind, l) != KEY_NONE; l++) {
            if (scope_key(s.kind, l) == KEY_SENDER)
                mark_shared(&s);
            if (scope_key(s.kind, l) == KEY_HOST)
                host = l;
            else
                group_level(&s, l);
            if (s.d->settings->override_count)
                leave_out_overridden(&s, l);
        }
        for (int l = 1; l < LEVELS_MAX && scope_key(s.kind, l) != KEY_NONE; l++)
            if (l != host)
                fold_level(&s, l);
        if (host >= 0)
            group_host(&s, host);
        grouping_match(&s);
        thresholds_rebuild(d, scope, now_s);
        note_grouped(&d->scope[scope], now_s, s.group_count > 0);
    }
    free(s.member);
    free(s.dealt);
    free(s.group);
    list_done(&s.earlier);
}

uint32_t grouping_latest(const struct detector *d, uint32_t scope)
{
    uint32_t latest = 0;

    for (uint32_t i = d->scope[scope].first; i; i = d->cell[i - 1].next)
        if (d->cell[i - 1].totals.last_s > latest)
            latest = d->cell[i - 1].totals.last_s;
    return latest;
}

void grouping_run_late(struct detector *d, uint32_t scope, uint32_t now_s)
{
    uint32_t latest = grouping_latest(d, scope);

    grouping_run(d, scope, latest && latest < now_s ? latest : now_s);
}
