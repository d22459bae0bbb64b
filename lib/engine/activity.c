/* SPDX-License-Identifier: MIT */
/*
 * What an incident counted is in its cells, and a message refers to its cell: so the cell's keys
 * tell whose mail it is, also of what came before the incident was raised. Evidence may be judged
 * by another line than its delivery's: `pending` holds it until the message has its cell.
 */
#include "engine/activity.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "detect/carry.h"
#include "detect/cell.h"
#include "detect/once.h"
#include "detect/scope.h"
#include "track/tracker.h"

enum { PENDING_MAX = 1 << 16, CELLS_MAX = 1 << 24, SEEN_MAX = 1 << 28 };
/* BEFORE_S: how long before its first evidence an incident's mail may have come. */
enum { BEFORE_S = 600, BEGIN_S = TIMELINE_BUCKETS * 60, SLACK_S = 60 };
enum { SEEN_ORIGIN = 1, SEEN_ACCEPTED = 2 };

struct pending {
    struct message_ref message;
    uint64_t hash; /* the recipient's; 0: a notice as a whole */
    uint32_t at_s;
    enum status status;
};

struct cell_subject {
    uint32_t serial;
    int subject; /* -1: none */
    bool is_known;
};

void activity_init(struct activity *a, struct activity_subject *subject, uint32_t count)
{
    *a = (struct activity){.subject = subject, .subject_count = count};
}

void activity_begin(struct activity *a, struct pipeline *pipeline)
{
    a->pipeline = pipeline;
}

void activity_done(struct activity *a)
{
    list_done(&a->pending);
    list_done(&a->cells);
    list_done(&a->seen);
}

/* --- whose it is ------------------------------------------------------------------------------ */

/* As text_json writes what is not UTF-8: "?" for each byte that is not printable ASCII. */
static bool is_same_or_unprintable(struct span key, struct span text)
{
    if (key.len != text.len)
        return false;
    for (size_t i = 0; i < key.len; i++) {
        if (ascii_lower(key.at[i]) != ascii_lower(text.at[i]) &&
            key.at[i] != printable_char(text.at[i]))
            return false;
    }
    return true;
}

static int level_of(const struct activity_subject *s)
{
    int level = 0;

    while (level < LEVELS_MAX - 1 && scope_key(s->kind, level) != s->key_type)
        level++;
    return level;
}

static bool is_of_host(const struct activity *a, const struct activity_subject *s, uint16_t host)
{
    return is_same_or_unprintable(s->host, intern_span(a->pipeline->hosts.host[host].name));
}

static bool is_under(const struct activity *a, const struct activity_subject *s,
                     const struct cell *cell)
{
    if (scope_kind(cell->scope) != s->kind || scope_cause(cell->scope) != s->cause ||
        cell->totals.first_s + SLACK_S < s->first_s || cell->totals.first_s > s->last_s + SLACK_S ||
        !is_of_host(a, s, scope_host(cell->scope)))
        return false;
    return cell_is_under(cell, s->key_type, s->key) ||
           is_same_or_unprintable(s->key, intern_span(cell_key_text(cell, s->key_type)));
}

static int subject_of_cell(const struct activity *a, const struct cell *cell)
{
    int best = -1;

    for (uint32_t i = 0; i < a->subject_count; i++) {
        const struct activity_subject *s = &a->subject[i];
        if (is_under(a, s, cell) && (best < 0 || level_of(s) < level_of(&a->subject[best])))
            best = (int)i;
    }
    return best;
}

/* Kept for when the cell is gone, and because there are many lines to a cell. */
static struct cell_subject *remembered(struct activity *a, uint32_t cell)
{
    while (a->cells.count < cell)
        if (!list_add(&a->cells, sizeof(struct cell_subject), CELLS_MAX))
            return NULL;
    return (struct cell_subject *)a->cells.items + cell - 1;
}

int activity_subject_of(struct activity *a, const struct message *m)
{
    const struct cell_ref ref = {m->cell, m->cell_serial};
    struct cell_subject *known = ref.cell ? remembered(a, ref.cell) : NULL;

    if (!known)
        return -1;
    if (known->is_known && known->serial == ref.serial)
        return known->subject;
    struct cell *cell = cell_deref(&a->pipeline->detector, ref);
    if (!cell || !once_build(&a->pipeline->detector, cell))
        return -1;
    *known = (struct cell_subject){ref.serial, subject_of_cell(a, cell), true};
    return known->subject;
}

/* --- counting --------------------------------------------------------------------------------- */

static void count(struct activity_subject *s, uint32_t at_s, enum activity_series series)
{
    uint32_t begin_s = s->first_s > BEFORE_S ? s->first_s - BEFORE_S : 0;

    if (at_s < begin_s) /* worked out from a delay that somebody's clock has made up */
        at_s = begin_s;
    timeline_add(&s->timeline, at_s, series, 1);
    if (at_s - begin_s < BEGIN_S - 60) /* the first minute may have begun before */
        timeline_add(&s->begin, at_s, series, 1);
}

static void count_status(struct activity_subject *s, uint32_t at_s, enum status status)
{
    if (status == STATUS_SENT)
        count(s, at_s, ACTIVITY_SENT);
    else if (status == STATUS_DEFERRED)
        count(s, at_s, ACTIVITY_DEFERRED);
    else if (status == STATUS_BOUNCED)
        count(s, at_s, ACTIVITY_BOUNCED);
}

/* True the first time for each message. */
static bool is_first(struct activity *a, const struct message *m, unsigned char what)
{
    while (a->seen.count <= m->serial)
        if (!list_add(&a->seen, 1, SEEN_MAX))
            return false;
    unsigned char *seen = (unsigned char *)a->seen.items + m->serial;
    bool first = !(*seen & what);
    *seen |= what;
    return first;
}

/* All queue files of a message are one. */
static const struct message *whole_of(struct activity *a, const struct message *m)
{
    struct tracker *t = &a->pipeline->tracker;
    const struct message *whole = m->whole.slot ? tracker_deref(t, m->whole) : NULL;

    return whole ? whole : m;
}

/* Another attempt, or the first one if it was judged at once. */
static void count_attempt(struct activity *a, struct message *m, const struct record *rec,
                          uint32_t at_s, uint64_t hash)
{
    const struct recipient *r = tracker_recipient(m, hash);
    int subject = r && r->flags & RECIPIENT_COUNTED ? activity_subject_of(a, m) : -1;

    if (subject >= 0)
        count_status(&a->subject[subject], at_s, rec->status);
}

/* serial, hash: the recipient whose attempt is counted already. */
static void count_pending(struct activity *a, uint32_t serial, uint64_t hash)
{
    const struct pending *pending = a->pending.items;

    for (size_t i = 0; i < a->pending.count; i++) {
        const struct pending *p = &pending[i];
        const struct message *m = tracker_deref(&a->pipeline->tracker, p->message);
        int subject = m ? activity_subject_of(a, m) : -1;
        if (subject < 0)
            continue;
        const struct message *whole = whole_of(a, m);
        if (is_first(a, whole, SEEN_ACCEPTED))
            count(&a->subject[subject],
                  p->hash && message_has(whole, MESSAGE_BEGAN) ? whole->begun_s : p->at_s,
                  ACTIVITY_ACCEPTED);
        if (p->hash && (m->serial != serial || p->hash != hash))
            count_status(&a->subject[subject], p->at_s, p->status);
    }
    a->pending.count = 0;
}

/* The plot spans it, to mark it. */
static void note(struct activity_subject *s, struct activity_acts *acts, uint32_t at_s)
{
    timeline_add(&s->timeline, at_s, ACTIVITY_ACCEPTED, 0);
    if (!acts->n++)
        acts->first_s = at_s;
    acts->last_s = at_s;
}

static void count_acts(struct activity *a, const struct message *m, const struct record *rec,
                       uint32_t at_s)
{
    bool is_deleted = rec->type == RECORD_REMOVED && rec->program == PROGRAM_POSTSUPER;
    int subject = is_deleted || rec->type == RECORD_HELD || rec->type == RECORD_RELEASED
                      ? activity_subject_of(a, m)
                      : -1;

    if (subject < 0)
        return;
    struct activity_subject *s = &a->subject[subject];
    note(s, is_deleted ? &s->deleted : rec->type == RECORD_HELD ? &s->held : &s->released, at_s);
}

static enum activity_origin origin_of(const struct message *m)
{
    switch (m->origin == ORIGIN_BOUNCE ? ORIGIN_BOUNCE : m->root) {
    case ORIGIN_OUTSIDE:
        return ACTIVITY_OUTSIDE;
    case ORIGIN_ACCOUNT:
        return ACTIVITY_OF_ACCOUNT;
    case ORIGIN_LOCAL:
        return ACTIVITY_LOCAL;
    case ORIGIN_TRUSTED:
        return ACTIVITY_TRUSTED;
    case ORIGIN_BOUNCE:
        return ACTIVITY_NOTICE;
    default:
        return ACTIVITY_OTHER;
    }
}

/* Once it is in the queue, and it is certain where it came from. */
static void count_origin(struct activity *a, const struct message *m, uint32_t at_s)
{
    bool is_in = m->state == MESSAGE_QUEUED || m->state == MESSAGE_HELD ||
                 (m->state == MESSAGE_GONE && message_has(m, MESSAGE_TRIED));

    if (!is_in || !message_has(m, MESSAGE_RESOLVED) || whole_of(a, m) != m ||
        !is_first(a, m, SEEN_ORIGIN))
        return;
    timeline_add(&a->origins, message_has(m, MESSAGE_BEGAN) ? m->begun_s : at_s, (int)origin_of(m),
                 1);
}

void activity_line(void *ctx, const struct pipeline_line *line)
{
    struct activity *a = ctx;
    struct message *m = line->record ? line->message : NULL;
    uint32_t at_s = line->header ? (uint32_t)(line->header->when / US_PER_S) : 0;
    uint64_t hash = 0;

    if (m && line->record->type == RECORD_DELIVERY) {
        hash = hash_nocase(line->record->recipient, a->pipeline->tracker.seed);
        count_attempt(a, m, line->record, at_s, hash);
    }
    count_pending(a, m ? m->serial : 0, hash);
    if (m)
        count_acts(a, m, line->record, at_s);
    if (m)
        count_origin(a, m, at_s);
}

/* A victim's mail has no cell of its own that it refers to: its address says whose it is. */
static void count_victim(struct activity *a, const struct message *m, const struct recipient *r)
{
    struct span address = intern_span(r->text), domain = mail_address_domain(address);
    struct activity_subject *best = NULL;

    for (uint32_t i = 0; i < a->subject_count; i++) {
        struct activity_subject *s = &a->subject[i];
        struct span text = s->key_type == KEY_RECIPIENT ? address : domain;
        if (s->kind == KIND_BACKSCATTER_VICTIM && is_same_or_unprintable(s->key, text) &&
            r->at_s + SLACK_S >= s->first_s && r->at_s <= s->last_s + SLACK_S &&
            is_of_host(a, s, hosts_host(m->source)) && (!best || level_of(s) < level_of(best)))
            best = s;
    }
    if (!best)
        return;
    count(best, r->at_s, ACTIVITY_ACCEPTED);
    count_status(best, r->at_s, (enum status)r->status);
}

void activity_verdict(void *ctx, const struct message *m, const struct recipient *r,
                      enum verdict verdict, int kind)
{
    struct activity *a = ctx;

    (void)verdict;
    if (kind == KIND_BACKSCATTER_VICTIM && r) {
        count_victim(a, m, r);
        return;
    }
    struct pending *new = kind >= 0 ? list_add(&a->pending, sizeof(*new), PENDING_MAX) : NULL;
    if (new)
        *new = (struct pending){tracker_ref(m), r ? r->hash : 0, r ? r->at_s : m->last_s,
                                r ? (enum status)r->status : STATUS_OTHER};
}
