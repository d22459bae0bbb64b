/* SPDX-License-Identifier: MIT */
#include "detect/thresholds.h"

#include "detect/cell.h"
#include "detect/key_counts.h"
#include "detect/scope.h"

/* Overrides name an account, an address, a uid or a sender, depending on the kind. The narrower one
 * wins. */
static const struct thresholds *find_own(const struct detector *d, const struct cell *cell,
                                         enum kind kind, int *ret_level)
{
    const struct settings *settings = d->settings;
    const struct thresholds *common = &settings->kind[kind], *own = common;

    *ret_level = LEVELS_MAX - 1;
    if (settings->override_count == 0)
        return common;
    if (cell->sender)
        own = settings_for(settings, kind, intern_span(cell->sender), -1);
    int level = own == common && scope_keys[kind][0] == KEY_SENDER; /* the one that it names */
    if (kind == KIND_LOCAL_ABUSE && own == common)
        own = settings_for(settings, kind, SPAN_NONE, (int64_t)cell->uid);
    else if (own == common)
        own = settings_for(settings, kind,
                           intern_span(cell_key_text(cell, scope_keys[kind][level])), -1);
    if (own != common)
        *ret_level = level;
    return own;
}

const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind)
{
    int level;

    return find_own(d, cell, kind, &level);
}

int thresholds_top(const struct detector *d, const struct cell *cell)
{
    int level;

    find_own(d, cell, scope_kind(cell->scope), &level);
    return level;
}

struct bucket thresholds_bucket(const struct thresholds *th, uint32_t now_s)
{
    uint32_t length = (uint32_t)(th->window / US_PER_S) / WINDOW_BUCKETS;

    length = length ? length : 1;
    return (struct bucket){length, now_s / length};
}

struct bucket thresholds_day_bucket(uint32_t now_s)
{
    enum { LENGTH_S = THRESHOLDS_DAY_S / WINDOW_BUCKETS };

    return (struct bucket){LENGTH_S, now_s / LENGTH_S};
}

uint32_t thresholds_horizon(const struct thresholds *th)
{
    uint32_t window = (uint32_t)(th->window / US_PER_S);

    return th->day_factor && window < THRESHOLDS_DAY_S ? THRESHOLDS_DAY_S : window;
}

const char *crossed_name(enum crossed what)
{
    static const char *const names[] = {
        "none",        "recipients",     "networks", "refused", "foreign_recipients",
        "null_sender", "unseen_senders", "notices",  "messages"};

    _Static_assert(sizeof(names) / sizeof(*names) == CROSSED_COUNT, "a name for each");
    return names[what];
}

static bool reaches(struct crossing *crossing, enum crossed what, uint64_t value,
                    uint64_t threshold)
{
    if (value < threshold)
        return false;
    crossing->what = what;
    crossing->value = value;
    crossing->threshold = threshold;
    return true;
}

static bool account_crosses(const struct thresholds *th, const struct measured *m, struct rule rule,
                            uint64_t factor, struct crossing *crossing)
{
    const uint64_t *count = m->count;
    uint64_t all = count[MEASURE_MAIN];
    uint64_t percent = rule.share_reached ? 0 : th->refused_percent;

    return reaches(crossing, CROSSED_RECIPIENTS, all, th->recipients * factor) ||
           (all >= th->networks_recipients * factor &&
            reaches(crossing, CROSSED_NETWORKS, m->networks, th->networks * factor)) ||
           (count[MEASURE_REFUSED] * 100 >= all * percent &&
            reaches(crossing, CROSSED_REFUSED, count[MEASURE_REFUSED], th->refused * factor)) ||
           reaches(crossing, CROSSED_FOREIGN, count[MEASURE_FOREIGN],
                   th->foreign_recipients * factor) ||
           reaches(crossing, CROSSED_NULL_SENDER, count[MEASURE_NULL_SENDER],
                   th->null_sender * factor);
}

static bool trusted_crosses(const struct thresholds *th, enum key_type type,
                            const struct measured *m, uint64_t factor, struct crossing *crossing)
{
    uint64_t recipients = type == KEY_SENDER ? th->sender_recipients : th->recipients;

    return reaches(crossing, CROSSED_RECIPIENTS, m->count[MEASURE_MAIN], recipients * factor) ||
           reaches(crossing, CROSSED_FOREIGN, m->count[MEASURE_FOREIGN],
                   th->foreign_recipients * factor) ||
           (type != KEY_SENDER && reaches(crossing, CROSSED_UNSEEN, m->count[MEASURE_UNSEEN],
                                          th->unseen_senders * factor));
}

bool thresholds_crossed(const struct thresholds *th, enum kind kind, enum key_type type,
                        const struct measured *m, struct rule rule, struct crossing *ret_crossing)
{
    /* A host, a domain or a uid of many senders has a higher threshold than a single sender. What a
     * uid of many senders sends in a day says nothing of any of them. */
    bool wide =
        type == KEY_HOST || type == KEY_RECIPIENT_DOMAIN || (type == KEY_UID && rule.is_shared);
    uint64_t factor = (wide && th->wide_factor ? th->wide_factor : 1) *
                      (uint64_t)(rule.in_a_day ? th->day_factor : 1);
    uint64_t all = m->count[MEASURE_MAIN];
    struct crossing crossing = {.in_a_day = rule.in_a_day,
                                .is_shared = type == KEY_UID && rule.is_shared,
                                .window_s = rule.in_a_day ? THRESHOLDS_DAY_S
                                                          : (uint32_t)(th->window / US_PER_S)};
    bool crossed = false;

    if (!factor || (type == KEY_UID && rule.is_shared && rule.in_a_day))
        return false;
    switch (kind) {
    case KIND_OPEN_RELAY:
    case KIND_LOCAL_ABUSE:
        crossed = reaches(&crossing, CROSSED_RECIPIENTS, all, th->recipients * factor);
        break;
    case KIND_ACCOUNT_ABUSE:
        crossed = account_crosses(th, m, rule, factor, &crossing);
        break;
    case KIND_TRUSTED_RELAY:
        crossed = trusted_crosses(th, type, m, factor, &crossing);
        break;
    case KIND_BACKSCATTER_SOURCE: /* has no wide_factor: a setting is at fault, not a stranger */
        crossed = reaches(&crossing, CROSSED_NOTICES, all, th->notices * factor);
        break;
    case KIND_BACKSCATTER_VICTIM:
        crossed = m->clients >= th->clients * (uint64_t)(rule.in_a_day ? th->day_factor : 1) &&
                  reaches(&crossing, CROSSED_MESSAGES, all, th->messages * factor);
        break;
    default:
        break;
    }
    if (crossed)
        *ret_crossing = crossing;
    return crossed;
}

static void add_clients(struct detector *d, struct key_count *level, const struct cell *cell)
{
    for (uint32_t c = 0; c < cell->clients.count; c++)
        key_count_add_client(d, level, cell->clients.entry[c].text);
}

static void clear_key(struct detector *d, struct key_count *level)
{
    memset(level->window, 0, sizeof(level->window));
    memset(level->day, 0, sizeof(level->day));
    key_count_drop_clients(d, level);
}

/* A cell's day has that of its earlier runs in it, so those, which are parked, are left out. */
static void add_to_key(struct key_count *level, const struct cell *cell,
                       const struct thresholds *th, uint32_t now_s)
{
    struct bucket last = thresholds_bucket(th, now_s), day = thresholds_day_bucket(now_s);

    for (int i = 0; i < KEY_MEASURES; i++) {
        window_merge(&level->window[i], &cell->window[i], last);
        window_merge(&level->day[i], &cell->day[i], day);
    }
    if (cell->totals.last_s > level->last_s)
        level->last_s = cell->totals.last_s;
}

/* Cells share keys, so it takes two passes: the first clears the counts of all keys, the second
 * adds up the cells that no incident holds. */
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s)
{
    enum kind kind = scope_kind(scope);

    if (scope_keys[kind][1] == KEY_NONE)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = d->scope[scope].first; i; i = d->cell[i - 1].next) {
            struct cell *cell = &d->cell[i - 1];
            if (pass && (cell->incident || cell->parked))
                continue;
            int top;
            const struct thresholds *own = find_own(d, cell, kind, &top);
            for (int l = 0; l <= top && scope_key(kind, l) != KEY_NONE; l++) {
                uint64_t key = cell->level[l];
                struct key_count *level = !key   ? NULL
                                          : pass ? key_counts_get(d, key, scope_host(scope))
                                                 : key_counts_find(d, key);
                if (level && pass)
                    add_to_key(level, cell, own, now_s);
                else if (level)
                    clear_key(d, level);
                if (level && pass && kind == KIND_BACKSCATTER_VICTIM && l > 0)
                    add_clients(d, level, cell);
            }
        }
}

/* A grouping visits the whole scope. If the last one found nothing to raise under this key, it is
 * worth another try only after an eighth more evidence. */
static bool worth_grouping(uint32_t *failed, uint64_t measure)
{
    if (*failed && measure >= *failed && measure < *failed + *failed / 8 + 1)
        return false;
    *failed = (uint32_t)measure;
    return true;
}

static uint64_t networks_since(struct detector *d, const struct cell *cell, uint32_t since_s)
{
    const struct cell *earlier = cell_deref(d, cell->earlier);
    struct tally all = {0};

    if (!earlier)
        return tally_since(&cell->networks, since_s);
    for (; cell; cell = cell_deref(d, cell->earlier))
        tally_merge(&all, d->texts, &cell->networks, TALLY_MAX);
    uint64_t networks = tally_since(&all, since_s);
    tally_done(&all, d->texts);
    return networks;
}

/* There may be as many as that; where there are not, they need no counting. */
static bool may_have_networks(const struct detector *d, const struct cell *cell, uint64_t networks)
{
    uint64_t sum = 0;

    for (; cell; cell = cell_deref(d, cell->earlier))
        sum += cell->networks.count;
    return networks && sum >= networks;
}

static uint32_t since(uint32_t at_s, uint32_t window_s)
{
    return at_s > window_s ? at_s - window_s : 0;
}

/* For kinds with a single key, accounts: the cell's own windows are the key's count. */
static bool crosses_alone(struct detector *d, const struct cell *cell, enum kind kind,
                          const struct thresholds *th, uint32_t at_s)
{
    enum key_type type = scope_keys[kind][0];
    struct bucket bucket = thresholds_bucket(th, cell->totals.last_s);
    struct bucket day = thresholds_day_bucket(cell->totals.last_s);
    struct measured now = {0}, today = {0};
    struct crossing crossing;

    for (int i = 0; i < MEASURES; i++) {
        for (const struct cell *run = cell; run; run = cell_deref(d, run->earlier))
            now.count[i] += run->measure[i] ? window_sum(&run->window[i], bucket) : 0;
        today.count[i] = cell->day[i].length ? window_sum(&cell->day[i], day) : 0;
    }
    if (cell->networks.count >= th->networks && th->networks)
        now.networks = tally_since(&cell->networks, since(at_s, (uint32_t)(th->window / US_PER_S)));
    if (may_have_networks(d, cell, (uint64_t)th->networks * th->day_factor))
        today.networks = networks_since(d, cell, since(at_s, THRESHOLDS_DAY_S));
    return thresholds_crossed(th, kind, type, &now, (struct rule){0}, &crossing) ||
           thresholds_crossed(th, kind, type, &today, (struct rule){.in_a_day = true}, &crossing);
}

/* A key may have been dropped at the bound since the cell's earlier evidence: a key without any
 * takes what its cell has in the window, this evidence included. */
static void count_under(struct key_count *level, const struct cell *cell, struct bucket bucket,
                        struct bucket day, const struct added *add)
{
    for (int i = 0; i < KEY_MEASURES; i++) {
        if (!level->last_s) {
            window_merge(&level->window[i], &cell->window[i], bucket);
            window_merge(&level->day[i], &cell->day[i], day);
            continue;
        }
        if (add->now[i])
            window_add(&level->window[i], bucket, add->now[i]);
        if (add->day[i])
            window_add(&level->day[i], day, add->day[i]);
    }
}

/* After a window of silence, nothing that was tried or seen before counts. */
static void forget_old_run(struct detector *d, struct key_count *level, const struct thresholds *th,
                           uint32_t at_s)
{
    if (level->last_s + th->window / US_PER_S >= at_s)
        return;
    level->failed = 0;
    if (level->last_s + thresholds_horizon(th) >= at_s)
        return;
    level->failed_day = 0;
    key_count_drop_clients(d, level);
}

/* At most so many different ones, in all its runs. */
static uint64_t clients_of(const struct detector *d, const struct cell *cell)
{
    uint64_t sum = 0;

    for (; cell; cell = cell_deref(d, cell->earlier))
        sum += cell->clients.count;
    return sum;
}

/* Whether a key whose count has just grown may cross a threshold. A measure that has not grown
 * crosses nothing that it did not cross before. */
static bool key_crosses(struct key_count *level, enum kind kind, enum key_type type,
                        const struct thresholds *th, const uint32_t *add,
                        const struct window *window, struct bucket bucket, uint64_t clients,
                        bool in_a_day)
{
    struct measured measured = {.clients = clients};
    struct crossing crossing;

    for (int i = 0; i < KEY_MEASURES; i++)
        if (add[i] || i == MEASURE_MAIN)
            measured.count[i] = window_sum(&window[i], bucket);
    return thresholds_crossed(th, kind, type, &measured, (struct rule){.in_a_day = in_a_day},
                              &crossing) &&
           worth_grouping(in_a_day ? &level->failed_day : &level->failed,
                          measured.count[MEASURE_MAIN]);
}

bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const struct added *add, struct intern *client,
                    uint32_t at_s)
{
    bool crossed = false;
    uint16_t host = scope_host(cell->scope);
    int top = own == &d->settings->kind[kind] ? LEVELS_MAX - 1 : thresholds_top(d, cell);

    if (scope_keys[kind][1] == KEY_NONE)
        return crosses_alone(d, cell, kind, own, at_s);
    for (int l = 0; l <= top && scope_key(kind, l) != KEY_NONE; l++) {
        struct key_count *level = cell->level[l] ? key_counts_get(d, cell->level[l], host) : NULL;
        if (!level)
            continue;
        enum key_type type = scope_keys[kind][l];
        forget_old_run(d, level, own, at_s);
        count_under(level, cell, thresholds_bucket(own, at_s), thresholds_day_bucket(at_s), add);
        if (at_s > level->last_s)
            level->last_s = at_s;
        if (client && l > 0)
            key_count_add_client(d, level, client);
        uint64_t clients = l > 0 ? key_count_clients(level) : clients_of(d, cell);
        /* Evidence that comes late is seen with what is there now, not with all that followed. */
        crossed |= key_crosses(level, kind, type, own, add->now, level->window,
                               thresholds_bucket(own, level->last_s), clients, false);
        crossed |= key_crosses(level, kind, type, own, add->day, level->day,
                               thresholds_day_bucket(level->last_s), clients, true);
    }
    return crossed;
}

void thresholds_take_back(struct detector *d, struct cell *cell, uint32_t n, uint32_t at_s)
{
    enum kind kind = scope_kind(cell->scope);
    const struct thresholds *own = thresholds_for(d, cell, kind);
    struct bucket day = thresholds_day_bucket(at_s);

    window_take_back(&cell->window[MEASURE_MAIN], thresholds_bucket(own, at_s), n);
    window_take_back(&cell->day[MEASURE_MAIN], day, n);
    cell->measure[MEASURE_MAIN] -=
        n < cell->measure[MEASURE_MAIN] ? n : cell->measure[MEASURE_MAIN];
    for (int l = 0; !cell->incident && l < LEVELS_MAX; l++) {
        struct key_count *level = cell->level[l] ? key_counts_find(d, cell->level[l]) : NULL;
        if (!level)
            continue;
        window_take_back(&level->window[MEASURE_MAIN], thresholds_bucket(own, at_s), n);
        window_take_back(&level->day[MEASURE_MAIN], day, n);
    }
}
