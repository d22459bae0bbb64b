/* SPDX-License-Identifier: MIT */
#include "detector.h"

#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>

#include "hash.h"

enum { CELLS_MIN = 64, LEVELS_MIN = 256, EVICTION_SAMPLE = 16, SETTLE_EVERY_S = 60 };

static const enum key_type levels[KIND_COUNT][LEVELS_MAX] = {
    [KIND_OPEN_RELAY] = {KEY_CLIENT, KEY_NETWORK, KEY_SENDER_DOMAIN, KEY_HOST},
    [KIND_ACCOUNT_ABUSE] = {KEY_ACCOUNT},
    [KIND_LOCAL_ABUSE] = {KEY_UID},
    [KIND_TRUSTED_RELAY] = {KEY_CLIENT, KEY_HOST},
    [KIND_BACKSCATTER_SOURCE] = {KEY_CLIENT, KEY_NETWORK, KEY_HOST},
    [KIND_BACKSCATTER_VICTIM] = {KEY_RECIPIENT, KEY_RECIPIENT_DOMAIN},
};

enum key_type detector_level(enum kind kind, int level)
{
    return level < LEVELS_MAX ? levels[kind][level] : KEY_NONE;
}

enum key_type detector_key_type(const struct incident *incident)
{
    return levels[incident->kind][incident->level];
}

const char *key_type_name(enum key_type type)
{
    static const char *const names[] = {
        "none", "client", "client_network", "sender_domain", "sasl_username",
        "uid",  "host",   "recipient",      "recipient_domain"};

    _Static_assert(sizeof(names) / sizeof(*names) == KEY_COUNT, "a name for each");
    return names[type];
}

/* A field's number: host, kind and cause in one. */
static uint32_t field_number(uint16_t host, enum kind kind, enum cause cause)
{
    return ((uint32_t)host * KIND_COUNT + kind) * CAUSE_COUNT + cause;
}

enum kind detector_field_kind(const struct detector *d, uint32_t field)
{
    (void)d;
    return (enum kind)(field / CAUSE_COUNT % KIND_COUNT);
}

enum cause detector_field_cause(uint32_t field)
{
    return (enum cause)(field % CAUSE_COUNT);
}

uint16_t detector_field_host(uint32_t field)
{
    return (uint16_t)(field / CAUSE_COUNT / KIND_COUNT);
}

bool detector_init(struct detector *d, const struct settings *settings, struct texts *texts,
                   struct hosts *hosts, uint64_t seed)
{
    *d = (struct detector){.settings = settings,
                           .texts = texts,
                           .hosts = hosts,
                           .seed = seed,
                           .cell_max = settings->limits.cells,
                           .incident_max = settings->limits.incidents,
                           .serial = 1};
    d->field_count = (uint32_t)settings->limits.hosts * KIND_COUNT * CAUSE_COUNT;
    d->cell_index_size = CELLS_MIN * 2;
    d->level_size = LEVELS_MIN;
    d->field = calloc(d->field_count, sizeof(*d->field));
    d->cell_index = calloc(d->cell_index_size, sizeof(*d->cell_index));
    d->level = calloc(d->level_size, sizeof(*d->level));
    d->incident = calloc(d->incident_max, sizeof(*d->incident));
    if (d->field && d->cell_index && d->level && d->incident)
        return true;
    detector_done(d);
    return false;
}

static void release_cell(struct detector *d, struct cell *cell)
{
    struct text *const held[] = {cell->client,  cell->client_name, cell->domain,
                                 cell->account, cell->recipient,   cell->recipient_domain};
    struct tally *const tallies[] = {&cell->clients, &cell->networks, &cell->senders,
                                     &cell->sender_domains, &cell->recipient_domains};

    for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
        text_put(d->texts, held[i]);
    for (size_t i = 0; i < sizeof(tallies) / sizeof(*tallies); i++)
        tally_done(tallies[i], d->texts);
    for (uint32_t i = 0; i < cell->sample_count; i++)
        text_put(d->texts, cell->sample[i].message_id);
}

static void release_incident(struct detector *d, struct incident *incident)
{
    text_put(d->texts, incident->key_text);
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        text_put(d->texts, incident->narrower[i]);
    *incident = (struct incident){0};
}

void detector_done(struct detector *d)
{
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key)
            release_cell(d, &d->cell[i]);
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state != INCIDENT_FREE)
            release_incident(d, &d->incident[i]);
    for (int i = 0; i < DOMAIN_MEMOS; i++) {
        text_put(d->texts, d->memo[i].domain);
        text_put(d->texts, d->memo[i].registered);
    }
    free(d->cell);
    free(d->cell_index);
    free(d->field);
    free(d->level);
    free(d->incident);
    *d = (struct detector){0};
}

void detector_set_settings(struct detector *d, const struct settings *settings)
{
    d->settings = settings;
    for (uint32_t field = 0; field < d->field_count; field++)
        d->field[field].dirty |= d->field[field].first != 0;
}

/* --- cells ------------------------------------------------------------------------------------ */

/* The half of the key that does not choose the place stands beside the number, so that only the cell
 * that is meant is looked at: a cell is many cache lines away from everything. */
static uint64_t index_entry(uint64_t key, uint32_t number)
{
    return (key & ~(uint64_t)UINT32_MAX) | number;
}

static struct cell *indexed(const struct detector *d, uint32_t at)
{
    return &d->cell[(uint32_t)d->cell_index[at] - 1];
}

static bool index_resize(struct detector *d, uint32_t size)
{
    uint64_t *index = calloc(size, sizeof(*index));

    if (!index)
        return false;
    for (uint32_t i = 0; i < d->cell_count; i++) {
        if (!d->cell[i].key || d->cell[i].retired)
            continue;
        uint32_t at = (uint32_t)d->cell[i].key & (size - 1);
        while (index[at])
            at = (at + 1) & (size - 1);
        index[at] = index_entry(d->cell[i].key, i + 1);
    }
    free(d->cell_index);
    d->cell_index = index;
    d->cell_index_size = size;
    return true;
}

static struct cell *find_cell(struct detector *d, uint64_t key)
{
    uint32_t mask = d->cell_index_size - 1;

    for (uint32_t at = (uint32_t)key & mask; d->cell_index[at]; at = (at + 1) & mask)
        if ((d->cell_index[at] ^ key) >> 32 == 0 && indexed(d, at)->key == key)
            return indexed(d, at);
    return NULL;
}

static void index_remove(struct detector *d, const struct cell *cell)
{
    uint32_t mask = d->cell_index_size - 1, gap = (uint32_t)cell->key & mask;

    while (d->cell_index[gap] && indexed(d, gap) != cell)
        gap = (gap + 1) & mask;
    if (!d->cell_index[gap])
        return;
    d->cell_found--;
    for (uint32_t at = (gap + 1) & mask; d->cell_index[at]; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)indexed(d, at)->key;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            d->cell_index[gap] = d->cell_index[at];
            gap = at;
        }
    }
    d->cell_index[gap] = 0;
}

static void unlink_cell(struct detector *d, struct cell *cell)
{
    struct field *field = &d->field[cell->field];

    if (cell->retired)
        return;
    if (cell->prev)
        d->cell[cell->prev - 1].next = cell->next;
    else
        field->first = cell->next;
    if (cell->next)
        d->cell[cell->next - 1].prev = cell->prev;
    field->cells--;
    index_remove(d, cell);
}

void detector_add_totals(struct totals *a, const struct totals *b)
{
    if (!a->first_s || (b->first_number && b->first_number < a->first_number)) {
        a->first_s = b->first_s;
        a->first_id = b->first_id;
        a->first_number = b->first_number;
    }
    if (b->last_s > a->last_s)
        a->last_s = b->last_s;
    a->messages += b->messages;
    a->recipients += b->recipients;
    a->sent += b->sent;
    a->deferred += b->deferred;
    a->bounced += b->bounced;
    a->notices += b->notices;
}

static void free_cell(struct detector *d, struct cell *cell)
{
    if (cell->incident) {
        struct incident *incident = &d->incident[cell->incident - 1];
        detector_add_totals(&incident->base, &cell->totals);
        incident->base_clients += cell->clients.count ? cell->clients.count : cell->client != NULL;
    }
    unlink_cell(d, cell);
    release_cell(d, cell);
    *cell = (struct cell){.next = d->cell_free};
    d->cell_free = (uint32_t)(cell - d->cell) + 1;
    d->cell_used--;
}

/* What is dearest to keep: an open incident's, then what is being counted, then an ended one's. */
static int worth(const struct detector *d, const struct cell *cell)
{
    if (!cell->incident)
        return 1;
    return d->incident[cell->incident - 1].state == INCIDENT_OPEN ? 2 : 0;
}

static void evict_cell(struct detector *d)
{
    struct cell *worst = NULL;

    for (int i = 0; i < EVICTION_SAMPLE; i++) {
        struct cell *cell = &d->cell[d->cell_hand++ % d->cell_count];
        if (!cell->key)
            continue;
        int more = worst ? worth(d, cell) - worth(d, worst) : -1;
        if (more < 0 || (more == 0 && cell->totals.last_s < worst->totals.last_s))
            worst = cell;
    }
    if (worst) {
        d->counters.cells_evicted++;
        free_cell(d, worst);
    }
}

static struct cell *take_cell(struct detector *d)
{
    if (d->cell_used >= d->cell_max)
        evict_cell(d);
    if (d->cell_free) {
        struct cell *cell = &d->cell[d->cell_free - 1];
        d->cell_free = cell->next;
        return cell;
    }
    if (d->cell_count == d->cell_room) {
        uint32_t room = d->cell_room ? d->cell_room * 2 : CELLS_MIN;
        struct cell *grown = realloc(d->cell, room * sizeof(*grown));
        if (!grown)
            return NULL;
        d->cell = grown;
        d->cell_room = room;
    }
    return &d->cell[d->cell_count++];
}

/* The address of "name[address]". */
static struct span client_address(struct span client)
{
    ptrdiff_t open = span_find_last(client, '[');

    if (open < 0 || client.at[client.len - 1] != ']')
        return client;
    return span_of(client.at + open + 1, client.len - (size_t)open - 2);
}

/* The domain that somebody registered: "mail.shop.co.uk" -> "shop.co.uk". Lower case. Borrowed
 * until the next call. */
static struct span registrable(struct detector *d, struct span address)
{
    struct span domain = address_domain(address);
    char buf[256];

    if (!domain.len || domain.len >= sizeof(buf))
        return SPAN_NONE;
    struct domain_memo *memo = &d->memo[hash_nocase(domain, d->seed) % DOMAIN_MEMOS];
    if (memo->registered && span_equal_nocase(text_span(memo->domain), domain))
        return text_span(memo->registered);
    for (size_t i = 0; i < domain.len; i++)
        buf[i] = ascii_lower(domain.at[i]);
    buf[domain.len] = '\0';
    const char *found = psl_registrable_domain(psl_builtin(), buf);
    text_put(d->texts, memo->domain);
    text_put(d->texts, memo->registered);
    memo->domain = text_get(d->texts, domain);
    memo->registered = text_get(d->texts, found ? span_str(found) : span_of(buf, domain.len));
    return text_span(memo->registered);
}

struct names {
    struct span client, domain;
    bool has_domain;
};

/* Worked out when it is first asked for. */
static struct span domain_of(struct detector *d, struct names *n, const struct observation *o)
{
    if (!n->has_domain)
        n->domain = registrable(d, o->sender);
    n->has_domain = true;
    return n->domain;
}

static uint64_t cell_key(struct detector *d, const struct observation *o,
                         struct names *n, uint32_t field)
{
    uint64_t key = hash_mix(field + 1, HASH_ODD_1 ^ d->seed);

    switch (o->kind) {
    case KIND_OPEN_RELAY:
        key = hash_mix(key ^ hash_bytes(n->client, d->seed), HASH_ODD_2);
        key ^= hash_bytes(domain_of(d, n, o), d->seed);
        break;
    case KIND_TRUSTED_RELAY:
    case KIND_BACKSCATTER_SOURCE:
        key ^= hash_bytes(n->client, d->seed);
        break;
    case KIND_ACCOUNT_ABUSE:
        key ^= hash_nocase(o->account, d->seed);
        break;
    case KIND_LOCAL_ABUSE:
        key ^= hash_mix(o->uid + 1, HASH_ODD_2);
        break;
    default:
        key ^= hash_nocase(o->recipient, d->seed);
        break;
    }
    return key ? key : 1;
}

static struct text *lower_text(struct detector *d, struct span s)
{
    char buf[512];

    if (!s.len)
        return NULL;
    if (s.len > sizeof(buf))
        s.len = sizeof(buf);
    for (size_t i = 0; i < s.len; i++)
        buf[i] = ascii_lower(s.at[i]);
    return text_get(d->texts, span_of(buf, s.len));
}

static uint64_t level_key(const struct detector *d, const struct cell *cell, enum key_type type)
{
    uint64_t h = hash_mix(((uint64_t)cell->field << 8) + type + 1, HASH_ODD_1 ^ d->seed);
    struct text *text = NULL;

    switch (type) {
    case KEY_CLIENT:
        text = cell->client;
        break;
    case KEY_NETWORK:
        if (!cell->network.prefix)
            return 0;
        return hash_mix(
            h ^ hash_bytes(span_of((const char *)&cell->network, sizeof(cell->network)), d->seed),
            HASH_ODD_2);
    case KEY_SENDER_DOMAIN:
        text = cell->domain;
        break;
    case KEY_ACCOUNT:
        text = cell->account;
        break;
    case KEY_RECIPIENT:
        text = cell->recipient;
        break;
    case KEY_RECIPIENT_DOMAIN:
        text = cell->recipient_domain;
        break;
    case KEY_UID:
        return hash_mix(h ^ cell->uid, HASH_ODD_2);
    case KEY_HOST:
        return h;
    default:
        return 0;
    }
    return text ? hash_mix(h ^ hash_bytes(text_span(text), d->seed), HASH_ODD_2) : 0;
}

static struct cell *make_cell(struct detector *d, uint64_t key, const struct observation *o,
                              struct names *n, uint32_t field)
{
    struct address a;

    if (d->cell_found >= d->cell_index_size / 2 && !index_resize(d, d->cell_index_size * 2))
        return NULL;
    struct cell *cell = take_cell(d);
    if (!cell)
        return NULL;
    *cell = (struct cell){.key = key, .field = field, .serial = d->serial++, .uid = o->uid};
    if (n->client.len) {
        cell->client = text_get(d->texts, n->client);
        cell->client_name = text_get(d->texts, o->client);
        if (address_parse(n->client, &a))
            cell->network = network_of(&a);
    }
    if (o->kind == KIND_OPEN_RELAY && domain_of(d, n, o).len)
        cell->domain = text_get(d->texts, n->domain);
    if (o->kind == KIND_ACCOUNT_ABUSE)
        cell->account = text_get(d->texts, o->account);
    if (o->kind == KIND_BACKSCATTER_VICTIM) {
        cell->recipient = lower_text(d, o->recipient);
        cell->recipient_domain = lower_text(d, address_domain(o->recipient));
    }
    for (int i = 0; i < LEVELS_MAX; i++)
        cell->level[i] = level_key(d, cell, levels[o->kind][i]);
    uint32_t number = (uint32_t)(cell - d->cell) + 1;
    cell->next = d->field[field].first;
    if (cell->next)
        d->cell[cell->next - 1].prev = number;
    d->field[field].first = number;
    d->field[field].cells++;
    d->cell_used++;
    d->cell_found++;
    uint32_t mask = d->cell_index_size - 1, at = (uint32_t)key & mask;
    while (d->cell_index[at])
        at = (at + 1) & mask;
    d->cell_index[at] = index_entry(key, number);
    return cell;
}

/* --- thresholds ------------------------------------------------------------------------------- */

const struct thresholds *detector_thresholds(const struct detector *d, const struct cell *cell,
                                             enum kind kind)
{
    struct span subject = SPAN_NONE;

    if (d->settings->override_count == 0)
        return &d->settings->kind[kind];
    if (kind == KIND_ACCOUNT_ABUSE)
        subject = text_span(cell->account);
    else if (kind == KIND_BACKSCATTER_VICTIM)
        subject = text_span(cell->recipient);
    else if (kind != KIND_LOCAL_ABUSE)
        subject = text_span(cell->client);
    return settings_for(d->settings, kind, subject, kind == KIND_LOCAL_ABUSE ? (int64_t)cell->uid : -1);
}

bool detector_is_overridden(const struct detector *d, const struct cell *cell)
{
    enum kind kind = detector_field_kind(d, cell->field);

    return detector_thresholds(d, cell, kind) != &d->settings->kind[kind];
}

uint32_t detector_bucket(const struct thresholds *th, uint32_t now_s)
{
    uint32_t length = (uint32_t)(th->window / US_PER_S) / WINDOW_BUCKETS;

    return now_s / (length ? length : 1);
}

bool detector_crosses(const struct detector *d, const struct thresholds *th, enum kind kind,
                      enum key_type type, const uint64_t measure[MEASURES], uint64_t clients,
                      uint64_t networks)
{
    bool wide = type == KEY_HOST || type == KEY_RECIPIENT_DOMAIN;
    uint64_t factor = wide && th->wide_factor ? th->wide_factor : 1;

    (void)d;
    switch (kind) {
    case KIND_OPEN_RELAY:
    case KIND_LOCAL_ABUSE:
        return measure[0] >= th->recipients * factor;
    case KIND_ACCOUNT_ABUSE:
        return measure[0] >= th->recipients ||
               (networks >= th->networks && measure[0] >= th->networks_recipients) ||
               (measure[1] >= th->refused &&
                measure[1] * 100 >= measure[0] * (uint64_t)th->refused_percent) ||
               measure[2] >= th->null_sender;
    case KIND_TRUSTED_RELAY:
        return measure[0] >= th->recipients * factor ||
               measure[1] >= th->foreign_recipients * factor;
    case KIND_BACKSCATTER_SOURCE:
        return measure[0] >= th->notices;
    case KIND_BACKSCATTER_VICTIM:
        return measure[0] >= th->messages * factor && clients >= th->clients;
    default:
        return false;
    }
}

/* --- what no incident holds, by wider key ------------------------------------------------------ */

static struct level_count *find_level(struct detector *d, uint64_t key)
{
    uint32_t mask = d->level_size - 1, at = (uint32_t)key & mask;

    while (d->level[at].key && d->level[at].key != key)
        at = (at + 1) & mask;
    return &d->level[at];
}

/* Grows, leaving out what is stale. */
static bool make_level_room(struct detector *d, uint32_t now_s)
{
    uint32_t live = 0, size = LEVELS_MIN;
    struct level_count *old = d->level;

    for (uint32_t i = 0; i < d->level_size; i++)
        live += old[i].key && old[i].last_s + 86400u > now_s;
    while (size < live * 4)
        size *= 2;
    if (live >= d->cell_max * 2)
        return false;
    struct level_count *level = calloc(size, sizeof(*level));
    if (!level)
        return false;
    uint32_t old_size = d->level_size;
    d->level = level;
    d->level_size = size;
    d->level_used = live;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key && old[i].last_s + 86400u > now_s)
            *find_level(d, old[i].key) = old[i];
    free(old);
    return true;
}

static struct level_count *get_level(struct detector *d, uint64_t key, uint32_t now_s)
{
    struct level_count *level = find_level(d, key);

    if (level->key)
        return level;
    if (d->level_used >= d->level_size / 2) {
        if (!make_level_room(d, now_s)) {
            d->counters.keys_refused++;
            return NULL;
        }
        level = find_level(d, key);
    }
    *level = (struct level_count){.key = key};
    d->level_used++;
    return level;
}

static uint64_t client_bit(const struct text *client)
{
    return client ? (uint64_t)1 << (client->hash % 64) : 0;
}

void detector_rebuild_levels(struct detector *d, uint32_t field, uint32_t now_s)
{
    enum kind kind = detector_field_kind(d, field);

    if (levels[kind][1] == KEY_NONE)
        return;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = d->field[field].first; i; i = d->cell[i - 1].next) {
            struct cell *cell = &d->cell[i - 1];
            if (pass && cell->incident)
                continue;
            int top = detector_is_overridden(d, cell) ? 1 : LEVELS_MAX;
            for (int l = 0; l < top && levels[kind][l] != KEY_NONE; l++) {
                struct level_count *level =
                    cell->level[l] ? get_level(d, cell->level[l], now_s) : NULL;
                if (!level)
                    continue;
                if (!pass) {
                    memset(level->window, 0, sizeof(level->window));
                    level->client_bits = 0;
                    continue;
                }
                window_merge(&level->window[0], &cell->window[0]);
                window_merge(&level->window[1], &cell->window[1]);
                level->last_s = now_s;
                for (uint32_t c = 0; c < cell->clients.count; c++)
                    level->client_bits |= client_bit(cell->clients.entry[c].text);
            }
        }
}

/* Settling goes over the whole field: where it found nothing to raise last time, it is asked again
 * only when an eighth more has come. */
static bool worth_settling(struct level_count *level, uint64_t measure)
{
    return level->failed == 0 || measure < level->failed || measure >= level->failed + level->failed / 8 + 1;
}

/* An account or a uid is all the key its evidence has: the cell's own windows say it all. */
static bool crosses_alone(const struct detector *d, const struct cell *cell, enum kind kind,
                          const struct thresholds *th, uint32_t at_s)
{
    uint32_t bucket = detector_bucket(th, cell->totals.last_s), networks = 0;
    uint64_t measure[MEASURES];

    for (int i = 0; i < MEASURES; i++)
        measure[i] = cell->measure[i] ? window_sum(&cell->window[i], bucket) : 0;
    if (cell->networks.count >= th->networks && th->networks)
        networks = tally_since(&cell->networks, at_s - (uint32_t)(th->window / US_PER_S));
    return detector_crosses(d, th, kind, levels[kind][0], measure, 0, networks);
}

static bool add_to_levels(struct detector *d, const struct cell *cell, enum kind kind,
                          const struct thresholds *own, const uint32_t add[MEASURES],
                          const struct text *client, uint32_t at_s)
{
    bool crossed = false;
    int top = own == &d->settings->kind[kind] ? LEVELS_MAX : 1; /* as in settle.c */

    if (levels[kind][1] == KEY_NONE)
        return crosses_alone(d, cell, kind, own, at_s);
    for (int l = 0; l < top && levels[kind][l] != KEY_NONE; l++) {
        const struct thresholds *th = l == 0 ? own : &d->settings->kind[kind];
        struct level_count *level = cell->level[l] ? get_level(d, cell->level[l], at_s) : NULL;
        if (!level)
            continue;
        window_add(&level->window[0], detector_bucket(th, at_s), add[0]);
        window_add(&level->window[1], detector_bucket(th, at_s), add[1]);
        if (at_s > level->last_s)
            level->last_s = at_s;
        /* Evidence that comes late is seen with what is there now, not with all that followed. */
        uint32_t bucket = detector_bucket(th, level->last_s);
        level->client_bits |= client_bit(client);
        uint64_t measure[MEASURES] = {window_sum(&level->window[0], bucket),
                                      window_sum(&level->window[1], bucket),
                                      l == 0 ? window_sum(&cell->window[2], bucket) : 0};
        /* How many clients: the bits lose some, more the fuller they are; the settling counts. */
        uint64_t clients = (uint64_t)__builtin_popcountll(level->client_bits) * 2;
        if (clients >= 64)
            clients = UINT64_MAX;
        uint64_t networks = cell->networks.count < th->networks
                                ? 0
                                : tally_since(&cell->networks,
                                              at_s - (uint32_t)(th->window / US_PER_S));
        if (detector_crosses(d, th, kind, levels[kind][l], measure, clients, networks) &&
            worth_settling(level, measure[0])) {
            level->failed = (uint32_t)measure[0];
            crossed = true;
        }
    }
    return crossed;
}

/* --- evidence ---------------------------------------------------------------------------------- */

static void count_status(struct totals *t, enum status status, int64_t by)
{
    if (status == STATUS_SENT)
        t->sent += (uint64_t)by;
    else if (status == STATUS_DEFERRED)
        t->deferred += (uint64_t)by;
    else if (status == STATUS_BOUNCED)
        t->bounced += (uint64_t)by;
}

static void keep_sample(struct detector *d, struct cell *cell, const struct observation *o)
{
    if (!o->first || cell->sample_count == SAMPLES_MAX)
        return;
    struct sample *sample = &cell->sample[cell->sample_count++];
    sample->id = o->id;
    sample->message_id = o->message_id.len ? text_get(d->texts, o->message_id) : NULL;
}

static void tally_span(struct detector *d, struct tally *tally, struct span s, uint32_t at_s,
                       uint32_t max)
{
    if (s.len)
        tally_count(tally, d->texts, s, at_s, max);
}

static void add_tallies(struct detector *d, struct cell *cell, const struct observation *o,
                        struct names *n)
{
    char buf[NETWORK_TEXT_MAX];
    struct address a;

    if (o->kind == KIND_OPEN_RELAY) {
        tally_span(d, &cell->senders, o->sender, o->at_s, TALLY_MAX);
    } else if (o->sender.len) {
        /* The same sender as last time has the same domain as last time, which spares working out
         * which part of it is registered. */
        struct tally *domains = &cell->sender_domains;
        if (tally_again(&cell->senders, o->sender, o->at_s) && domains->last < domains->count) {
            domains->entry[domains->last].count++;
        } else {
            tally_span(d, &cell->senders, o->sender, o->at_s, TALLY_MAX);
            tally_span(d, domains, domain_of(d, n, o), o->at_s, TALLY_MAX);
        }
    }
    tally_span(d, &cell->recipient_domains, o->recipient_domain, o->at_s, TALLY_MAX);
    if ((o->kind != KIND_ACCOUNT_ABUSE && o->kind != KIND_BACKSCATTER_VICTIM) || !n->client.len)
        return;
    struct tally_entry *client =
        tally_count(&cell->clients, d->texts, n->client, o->at_s, TALLY_CLIENTS_MAX);
    if (o->kind != KIND_ACCOUNT_ABUSE || !client)
        return;
    /* A client's network is worked out once; its place is noted with the client. */
    if (client->note && client->note <= cell->networks.count) {
        struct tally_entry *network = &cell->networks.entry[client->note - 1];
        network->count++;
        if (o->at_s > network->last_s)
            network->last_s = o->at_s;
    } else if (address_parse(n->client, &a)) {
        struct network net = network_of(&a);
        tally_span(d, &cell->networks, span_str(network_print(&net, buf)), o->at_s, TALLY_MAX);
        client->note = cell->networks.last < cell->networks.count ? cell->networks.last + 1 : 0;
    }
}

/* A run without incident that was silent for a window is over: what comes now is another. */
static void begin_run(struct detector *d, struct cell *cell)
{
    struct tally *const tallies[] = {&cell->clients, &cell->networks, &cell->senders,
                                     &cell->sender_domains, &cell->recipient_domains};

    for (size_t i = 0; i < sizeof(tallies) / sizeof(*tallies); i++)
        tally_done(tallies[i], d->texts);
    for (uint32_t i = 0; i < cell->sample_count; i++)
        text_put(d->texts, cell->sample[i].message_id);
    cell->sample_count = 0;
    memset(cell->measure, 0, sizeof(cell->measure));
    cell->totals = (struct totals){.queued = cell->totals.queued, .held = cell->totals.held};
}

static void add_measures(struct detector *d, struct cell *cell, const struct thresholds *th,
                         const uint32_t add[MEASURES], uint32_t at_s)
{
    for (int i = 0; i < MEASURES; i++) {
        cell->measure[i] += add[i];
        if (add[i] && !window_add(&cell->window[i], detector_bucket(th, at_s), add[i]))
            d->counters.late++;
    }
}

/* The open incident whose key the cell has, the narrowest if there are several, takes it in: were it
 * left to the next settling, a flood of new keys would have the field settled all the time. */
static void join_open(struct detector *d, struct cell *cell, enum kind kind)
{
    struct incident *narrowest = NULL;

    if (levels[kind][1] == KEY_NONE) /* its only key is its own */
        return;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_OPEN && incident->field == cell->field &&
            cell->level[incident->level] == incident->key &&
            (!narrowest || incident->level < narrowest->level))
            narrowest = incident;
    }
    if (narrowest && !detector_is_overridden(d, cell))
        cell->incident = (uint32_t)(narrowest - d->incident) + 1;
}

static void heard(struct detector *d, struct cell *cell, const struct thresholds *th,
                  const uint32_t add[MEASURES], struct text *client, uint32_t at_s)
{
    enum kind kind = detector_field_kind(d, cell->field);

    /* An open incident may have to take in what is not held yet, too. */
    d->field[cell->field].dirty = true;
    if (!cell->incident)
        join_open(d, cell, kind);
    if (cell->incident) {
        struct incident *incident = &d->incident[cell->incident - 1];
        if (at_s > incident->last_s)
            incident->last_s = at_s;
    } else if (add_to_levels(d, cell, kind, th, add, client, at_s)) {
        uint32_t latest = settle_latest(d, cell->field);
        settle_field(d, cell->field, at_s > latest ? at_s : latest);
    }
}

static void add_to_totals(struct detector *d, struct totals *t, const struct observation *o)
{
    d->numbers++;
    if (!t->first_s) {
        t->first_s = o->at_s;
        t->first_id = o->id;
        t->first_number = d->numbers;
    }
    if (o->at_s < t->first_s) { /* judged late: it had to wait for its origin */
        t->first_s = o->at_s;
        t->first_id = o->id;
    }
    if (o->at_s > t->last_s)
        t->last_s = o->at_s;
    t->messages += o->first;
    t->notices += o->counts && o->notice;
    if (!o->notice || !o->counts || o->status != STATUS_OTHER) {
        t->recipients++;
        count_status(t, o->status, 1);
    }
}

struct cell_ref detector_observe(struct detector *d, const struct observation *o)
{
    struct names n;
    uint32_t field = field_number(o->host, o->kind, o->cause);
    bool refused = o->status == STATUS_BOUNCED;

    d->counters.observations++;
    n.client = client_address(o->client);
    n.has_domain = false;
    uint64_t key = cell_key(d, o, &n, field);
    struct cell *cell = find_cell(d, key);
    if (!cell)
        cell = make_cell(d, key, o, &n, field);
    if (!cell)
        return (struct cell_ref){0, 0};
    const struct thresholds *th = detector_thresholds(d, cell, o->kind);
    if (!th->enabled) {
        d->counters.exempt++;
        return (struct cell_ref){0, 0};
    }
    if (!cell->incident && cell->totals.last_s &&
        cell->totals.last_s + th->window / US_PER_S < o->at_s)
        begin_run(d, cell);
    const uint32_t add[MEASURES] = {
        o->counts,
        o->kind == KIND_ACCOUNT_ABUSE ? refused
                                      : o->kind == KIND_TRUSTED_RELAY && o->foreign_sender,
        o->kind == KIND_ACCOUNT_ABUSE && o->null_sender};
    add_to_totals(d, &cell->totals, o);
    add_tallies(d, cell, o, &n);
    keep_sample(d, cell, o);
    add_measures(d, cell, th, add, o->at_s);
    struct cell_ref ref = {(uint32_t)(cell - d->cell) + 1, cell->serial};
    /* Only this kind asks how many clients a wider key has. */
    struct text *client = o->kind == KIND_BACKSCATTER_VICTIM && n.client.len
                              ? text_get(d->texts, n.client)
                              : NULL;
    heard(d, cell, th, add, client, o->at_s);
    text_put(d->texts, client);
    return ref;
}

static struct cell *deref(const struct detector *d, struct cell_ref ref)
{
    if (!ref.cell || ref.cell > d->cell_count)
        return NULL;
    struct cell *cell = &d->cell[ref.cell - 1];
    return cell->key && cell->serial == ref.serial ? cell : NULL;
}

void detector_status(struct detector *d, struct cell_ref ref, enum status was, enum status is,
                     uint32_t now_s)
{
    struct cell *cell = deref(d, ref);

    if (!cell)
        return;
    count_status(&cell->totals, was, -1);
    count_status(&cell->totals, is, 1);
    enum kind kind = detector_field_kind(d, cell->field);
    if (kind != KIND_ACCOUNT_ABUSE || is != STATUS_BOUNCED || cell->retired)
        return;
    const uint32_t add[MEASURES] = {0, 1, 0};
    const struct thresholds *th = detector_thresholds(d, cell, kind);
    add_measures(d, cell, th, add, now_s);
    if (!cell->incident && add_to_levels(d, cell, kind, th, add, NULL, now_s))
        settle_field(d, cell->field, now_s);
}

void detector_queue(struct detector *d, struct cell_ref ref, int queued, int held)
{
    struct cell *cell = deref(d, ref);

    if (!cell)
        return;
    cell->totals.queued += (uint64_t)(int64_t)queued;
    cell->totals.held += (uint64_t)(int64_t)held;
}

const struct incident *detector_incident_of(const struct detector *d, struct cell_ref ref)
{
    const struct cell *cell = deref(d, ref);

    return cell && cell->incident ? &d->incident[cell->incident - 1] : NULL;
}

/* --- time goes on -------------------------------------------------------------------------------- */

void detector_retire(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    uint32_t next;

    for (uint32_t i = d->field[incident->field].first; i; i = next) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        if (cell->incident != number)
            continue;
        unlink_cell(d, cell);
        cell->retired = true;
    }
}

void detector_drop_incident(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;

    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == number) {
            d->cell[i].incident = 0;
            free_cell(d, &d->cell[i]);
        }
    release_incident(d, incident);
}

void detector_end(struct detector *d, struct incident *incident, uint32_t now_s)
{
    detector_retire(d, incident);
    incident->state = INCIDENT_ENDED;
    incident->ended_s = incident->last_s;
    if (d->hear)
        d->hear(d->hear_ctx, INCIDENT_OVER, incident, now_s);
}

void detector_tick(struct detector *d, uint32_t now_s)
{
    uint32_t end_after = (uint32_t)(d->settings->alert.end_after / US_PER_S);
    uint32_t update_every = (uint32_t)(d->settings->alert.update_every / US_PER_S);

    if (now_s <= d->ticked_s)
        return;
    d->ticked_s = now_s;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state != INCIDENT_OPEN)
            continue;
        struct field *field = &d->field[incident->field];
        if (field->dirty && field->settled_s + SETTLE_EVERY_S <= now_s)
            settle_late(d, incident->field, now_s);
        if (incident->state != INCIDENT_OPEN)
            continue;
        if (incident->last_s + (uint64_t)end_after < now_s) {
            detector_end(d, incident, now_s);
        } else if (incident->last_s > incident->told_s &&
                   incident->told_s + (uint64_t)update_every <= now_s) {
            if (d->hear)
                d->hear(d->hear_ctx, INCIDENT_UPDATED, incident, now_s);
            incident->told_s = now_s;
        }
    }
}

uint32_t detector_next_tick(const struct detector *d)
{
    uint64_t end_after = (uint64_t)(d->settings->alert.end_after / US_PER_S);
    uint64_t update_every = (uint64_t)(d->settings->alert.update_every / US_PER_S);
    uint64_t next = UINT32_MAX;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        const struct incident *incident = &d->incident[i];
        uint64_t at = incident->last_s + end_after + 1;
        if (incident->state != INCIDENT_OPEN)
            continue;
        if (incident->last_s > incident->told_s && incident->told_s + update_every < at)
            at = incident->told_s + update_every;
        if (d->field[incident->field].dirty && d->ticked_s + SETTLE_EVERY_S < at)
            at = d->ticked_s + SETTLE_EVERY_S;
        if (at < next)
            next = at;
    }
    return (uint32_t)next;
}

void detector_settle(struct detector *d, uint32_t now_s)
{
    for (uint32_t field = 0; field < d->field_count; field++)
        if (d->field[field].dirty)
            settle_late(d, field, now_s);
}

/* --- for the snapshot, and for smaller limits ------------------------------------------------------ */

bool detector_index_all(struct detector *d)
{
    uint32_t size = CELLS_MIN * 2;

    while (size / 2 < d->cell_found)
        size *= 2;
    return index_resize(d, size);
}

/* Moves the incidents that are left to the front, so that their numbers are within the bound. */
static void close_ranks(struct detector *d)
{
    uint32_t *moved = calloc((size_t)d->incident_count + 1, sizeof(*moved));
    uint32_t n = 0;

    if (!moved)
        return;
    for (uint32_t i = 0; i < d->incident_count; i++) {
        if (d->incident[i].state == INCIDENT_FREE)
            continue;
        moved[i + 1] = n + 1;
        d->incident[n++] = d->incident[i];
    }
    memset(d->incident + n, 0, (d->incident_count - n) * sizeof(*d->incident));
    d->incident_count = n;
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key)
            d->cell[i].incident = moved[d->cell[i].incident];
    free(moved);
}

static struct incident *oldest_incident(struct detector *d)
{
    struct incident *oldest = NULL;

    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        if (incident->state == INCIDENT_FREE)
            continue;
        if (!oldest || (incident->state == INCIDENT_ENDED) > (oldest->state == INCIDENT_ENDED) ||
            (incident->state == oldest->state && incident->last_s < oldest->last_s))
            oldest = incident;
    }
    return oldest;
}

void detector_fit(struct detector *d, uint32_t cell_max, uint32_t incident_max)
{
    uint32_t used = 0;

    d->cell_max = cell_max;
    while (d->cell_used > d->cell_max)
        evict_cell(d);
    for (uint32_t i = 0; i < d->incident_count; i++)
        used += d->incident[i].state != INCIDENT_FREE;
    for (; used > incident_max; used--) {
        d->counters.incidents_evicted++;
        detector_drop_incident(d, oldest_incident(d));
    }
    if (d->incident_count > incident_max)
        close_ranks(d);
    if (d->incident_count > incident_max || incident_max == d->incident_max)
        return;
    struct incident *incident = realloc(d->incident, incident_max * sizeof(*incident));
    if (!incident)
        return;
    if (incident_max > d->incident_max)
        memset(incident + d->incident_max, 0,
               (incident_max - d->incident_max) * sizeof(*incident));
    d->incident = incident;
    d->incident_max = incident_max;
}
