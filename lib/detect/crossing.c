/* SPDX-License-Identifier: MIT */
#include "detect/crossing.h"

const char *crossed_name(enum crossed what)
{
    static const char *const names[] = {
        "none",        "recipients",     "networks", "refused", "foreign_recipients",
        "null_sender", "unseen_senders", "notices",  "messages"};

    _Static_assert(sizeof(names) / sizeof(*names) == CROSSED_COUNT, "a name for each");
    return names[what];
}

static bool reaches(struct crossing_check *check, enum crossed what, uint64_t value,
                    uint64_t threshold)
{
    struct crossing *crossing = &check->crossing;

    if (value < threshold) {
        if (threshold - value < check->missing)
            check->missing = threshold - value;
        return false;
    }
    crossing->what = what;
    crossing->value = value;
    crossing->threshold = threshold;
    return true;
}

/* A second condition, which may be met at any time. */
static bool also(struct crossing_check *check, bool met)
{
    if (!met)
        check->missing = 0;
    return met;
}

/* A mail server that logs in to send has notices and receipts among its mail, but fewer than one in
 * so many. */
enum { NULL_SENDER_PART = 4 };

static bool account_crosses(const struct thresholds *th, const struct measured *m, struct rule rule,
                            uint64_t factor, struct crossing_check *check)
{
    const uint64_t *count = m->count;
    uint64_t all = count[MEASURE_MAIN];
    uint64_t percent = rule.share_reached ? 0 : th->refused_percent;

    return reaches(check, CROSSED_RECIPIENTS, all, th->recipients * factor) ||
           (reaches(check, CROSSED_NETWORKS, m->networks, th->networks * factor) &&
            also(check, all >= th->networks_recipients * factor)) ||
           (reaches(check, CROSSED_REFUSED, count[MEASURE_REFUSED], th->refused * factor) &&
            also(check, count[MEASURE_REFUSED] * 100 >= all * percent)) ||
           reaches(check, CROSSED_FOREIGN, count[MEASURE_FOREIGN],
                   th->foreign_recipients * factor) ||
           (reaches(check, CROSSED_NULL_SENDER, count[MEASURE_NULL_SENDER],
                    th->null_sender * factor) &&
            also(check, count[MEASURE_NULL_SENDER] * NULL_SENDER_PART >= all));
}

static bool trusted_crosses(const struct thresholds *th, enum key_type type,
                            const struct measured *m, uint64_t factor, struct crossing_check *check)
{
    uint64_t recipients = type == KEY_SENDER ? th->sender_recipients : th->recipients;

    return reaches(check, CROSSED_RECIPIENTS, m->count[MEASURE_MAIN], recipients * factor) ||
           reaches(check, CROSSED_FOREIGN, m->count[MEASURE_FOREIGN],
                   th->foreign_recipients * factor) ||
           (type != KEY_SENDER &&
            reaches(check, CROSSED_UNSEEN, m->count[MEASURE_UNSEEN], th->unseen_senders * factor));
}

/* Times a single sender's threshold, for the one that Postfix makes of the user's name. */
enum { DEFAULT_SENDER_FACTOR = 2 };

bool crossing_check(const struct thresholds *th, enum kind kind, enum key_type type,
                    const struct measured *m, struct rule rule, struct crossing_check *ret)
{
    /* A host, a domain or a uid of many senders has a higher threshold than a single sender; and a
     * sender of many sites one between the two. What a uid of many senders sends in a day says
     * nothing of any of them. */
    bool wide =
        type == KEY_HOST || type == KEY_RECIPIENT_DOMAIN || (type == KEY_UID && rule.is_shared);
    uint64_t factor = (wide && th->wide_factor ? th->wide_factor
                       : rule.is_default       ? DEFAULT_SENDER_FACTOR
                                               : 1) *
                      (uint64_t)(rule.in_a_day ? th->day_factor : 1);
    uint64_t all = m->count[MEASURE_MAIN];

    ret->missing = UINT32_MAX;
    ret->crossing = (struct crossing){
        .in_a_day = rule.in_a_day,
        .is_shared = type == KEY_UID && rule.is_shared,
        .window_s = rule.in_a_day ? THRESHOLDS_DAY_S : (uint32_t)(th->window / US_PER_S)};
    if (!factor || (type == KEY_UID && rule.is_shared && rule.in_a_day))
        return false;
    switch (kind) {
    case KIND_OPEN_RELAY:
    case KIND_LOCAL_ABUSE:
        return reaches(ret, CROSSED_RECIPIENTS, all, th->recipients * factor);
    case KIND_ACCOUNT_ABUSE:
        return account_crosses(th, m, rule, factor, ret);
    case KIND_TRUSTED_RELAY:
        return trusted_crosses(th, type, m, factor, ret);
    case KIND_BACKSCATTER_SOURCE: /* has no wide_factor: a setting is at fault, not a stranger */
        return reaches(ret, CROSSED_NOTICES, all, th->notices * factor);
    case KIND_BACKSCATTER_VICTIM:
        return reaches(ret, CROSSED_MESSAGES, all, th->messages * factor) &&
               also(ret,
                    m->clients >= th->clients * (uint64_t)(rule.in_a_day ? th->day_factor : 1));
    default:
        return false;
    }
}

bool crossing_find(const struct thresholds *th, enum kind kind, enum key_type type,
                   const struct measured *m, struct rule rule, struct crossing *ret_crossing)
{
    struct crossing_check check;
    bool crossed = crossing_check(th, kind, type, m, rule, &check);

    if (crossed)
        *ret_crossing = check.crossing;
    return crossed;
}
