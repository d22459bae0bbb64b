/* SPDX-License-Identifier: MIT */
#include "judge/counting.h"

#include "base/mail_address.h"
#include "detect/cell_names.h"
#include "detect/detector.h"
#include "track/tracker_ids.h"

static void trace_verdict(const struct judge *judge, const struct message *m,
                          const struct recipient *r, enum verdict verdict, int kind)
{
    char id[QUEUE_ID_TEXT_MAX];

    trace_say(judge->trace, TRACE_JUDGE, "%s %s %.*s: %s%s%s%s%s; root %s",
              queue_id_print(m->id, id), r ? "recipient at" : "notice to",
              SPAN_ARG(intern_span(r ? r->text : message_who(m, WHO_NOTICE_TO))),
              verdict_text(verdict), kind >= 0 ? ", evidence of " : "",
              kind >= 0 ? kind_name((enum kind)kind) : "", r ? "" : ", cause ",
              r ? "" : cause_name((enum cause)m->cause), origin_name((enum origin)m->root));
}

/* Kept out of counting_report, since hardly anybody listens. */
__attribute__((noinline)) static void tell(struct judge *judge, const struct message *m,
                                           const struct recipient *r, enum verdict verdict,
                                           int kind)
{
    if (trace_wants(judge->trace, TRACE_JUDGE))
        trace_verdict(judge, m, r, verdict, kind);
    if (judge->on_verdict)
        judge->on_verdict(judge->on_verdict_ctx, m, r, verdict, kind);
}

void counting_report(struct judge *judge, const struct message *m, const struct recipient *r,
                     enum verdict verdict, int kind)
{
    judge->verdicts[verdict]++;
    if (judge->trace || judge->on_verdict)
        tell(judge, m, r, verdict, kind);
}

struct cell_ref counting_cell_of(const struct message *m)
{
    return (struct cell_ref){m->cell, m->cell_serial};
}

/* Several queue files of one message (before and after a content filter, requeued) count once. */
struct message *counting_whole_of(struct judge *judge, struct message *m)
{
    struct message *whole = m->whole.slot ? tracker_deref(judge->tracker, m->whole) : NULL;

    return whole ? whole : m;
}

void counting_leave(struct judge *judge, struct message *m)
{
    if (message_has(m, MESSAGE_IN_CELL))
        detector_queue(judge->detector, counting_cell_of(m), -1, m->state == MESSAGE_HELD ? -1 : 0);
    m->flags &= (uint32_t)~MESSAGE_IN_CELL;
}

/* Its evidence is in that cell now. True if that cell must add its queue file to its count. */
static bool enter(struct judge *judge, struct message *m, struct cell_ref ref)
{
    bool same = m->cell == ref.cell && m->cell_serial == ref.serial;

    if (!ref.cell || (same && message_has(m, MESSAGE_IN_CELL)))
        return false;
    counting_leave(judge, m);
    m->cell = ref.cell;
    m->cell_serial = ref.serial;
    m->flags |= MESSAGE_COUNTED;
    if (m->state == MESSAGE_GONE)
        return false;
    m->flags |= MESSAGE_IN_CELL;
    return true;
}

void counting_join(struct judge *judge, struct message *m, struct cell_ref ref)
{
    if (enter(judge, m, ref))
        detector_queue(judge->detector, ref, 1, m->state == MESSAGE_HELD);
}

/* A sender's bounces are no attack on it if it has sent so much in a day itself. */
enum { BULK_MIN = 50 };

static uint64_t pair_of_host(const struct judge *judge, const struct observation *o, uint64_t pair)
{
    pair = hash_mix(pair ^ judge->hosts->host[o->host].name->hash, HASH_ODD_1);
    return pair ? pair : 1;
}

/* Who sends something, whatever it is and wherever it comes from. address: its hash. */
static uint64_t pair_of_sender(const struct judge *judge, const struct observation *o,
                               uint64_t address)
{
    return pair_of_host(judge, o, address ^ HASH_ODD_2);
}

static uint64_t hash_without_verp(struct span sender, uint64_t address, uint64_t seed)
{
    if (span_find(sender, '=') < 0)
        return address;
    uint64_t user = hash_nocase(mail_address_without_verp(sender), seed);
    return hash_mix(user, HASH_ODD_1) ^ hash_nocase(mail_address_domain(sender), seed);
}

/* Whose mail it is, and from where; 0 where that is unknown. */
static uint64_t pair_of(const struct judge *judge, const struct observation *o)
{
    uint64_t address = o->sender_hash;
    uint64_t seed = judge->detector->seed, pair = hash_mix((uint64_t)o->kind + 1, HASH_ODD_1);
    struct address a;

    switch (o->kind) {
    case KIND_ACCOUNT_ABUSE:
        if (!address_parse(client_address(o->client), &a))
            return 0;
        pair = hash_mix(pair ^ hash_nocase(o->account, seed), HASH_ODD_2) ^ network_hash(&a, seed);
        break;
    case KIND_LOCAL_ABUSE:
        pair = hash_mix(pair ^ o->uid, HASH_ODD_2) ^ hash_without_verp(o->sender, address, seed);
        break;
    default:
        pair ^= o->client_hash;
        pair = hash_mix(pair, HASH_ODD_2) ^ hash_without_verp(o->sender, address, seed);
        break;
    }
    return pair_of_host(judge, o, pair);
}

static bool has_habits(const struct observation *o)
{
    return o->first && (o->kind == KIND_ACCOUNT_ABUSE || o->kind == KIND_LOCAL_ABUSE ||
                        o->kind == KIND_TRUSTED_RELAY);
}

/* Notes whether who sends a message has done so from there, or under that sender, for long. */
static void see_familiar(struct judge *judge, const struct message *m, struct observation *o)
{
    uint64_t seed = judge->detector->seed;

    if (o->kind == KIND_BACKSCATTER_VICTIM) {
        uint64_t pair = pair_of_sender(judge, o, hash_nocase(o->recipient, seed));
        o->familiar = familiar_lately(&judge->familiar, pair, m->last_s) >= BULK_MIN;
    }
    if (!has_habits(o))
        return;
    uint64_t pair = pair_of(judge, o), sender = pair_of_sender(judge, o, o->sender_hash);
    familiar_prefetch(&judge->familiar, sender);
    familiar_prefetch(&judge->familiar, pair);
    detector_prefetch(judge->detector, o);
    if (o->sender.len)
        familiar_see(&judge->familiar, sender, m->last_s);
    if (!pair)
        return;
    struct familiarity familiarity = familiar_see(&judge->familiar, pair, m->last_s);
    o->familiar = familiarity.is_old;
    o->usual = familiarity.is_usual;
}

/* The kinds that are counted on all hosts of a fleet together. A uid is one host's, and so is who
 * causes backscatter: that is a setting of the host. */
static bool is_of_fleet(enum kind kind)
{
    return kind != KIND_LOCAL_ABUSE && kind != KIND_BACKSCATTER_SOURCE;
}

/* Where it came in. Clocks of a fleet that are off, or late, don't make it old. */
static void set_host(const struct judge *judge, const struct message *whole, struct observation *o)
{
    const struct detector *d = judge->detector;

    o->host = hosts_host(whole->source);
    if (d->fleet == HOSTS_NONE || !is_of_fleet(o->kind))
        return;
    o->host_name = intern_span(judge->hosts->host[o->host].name);
    o->host = d->fleet;
    o->at_s = detector_time(d, d->fleet, o->at_s);
    o->begun_s = detector_time(d, d->fleet, whole->begun_s);
}

/* What is known of the message's headers; of a notice, of those of the mail that it is about. What
 * comes back from a filter is often not checked again. */
static __attribute__((noinline)) struct intern *const *
headers_of(const struct judge *judge, const struct message *m, const struct message *whole)
{
    struct intern *const *said = mail_headers_of(&judge->headers, m);
    const struct message *parent;

    if (!said && whole != m)
        said = mail_headers_of(&judge->headers, whole);
    if (!said && m->parent.slot && (parent = tracker_deref(judge->tracker, m->parent)) != NULL)
        said = mail_headers_of(&judge->headers, parent);
    return said;
}

struct cell_ref counting_observe(struct judge *judge, struct message *m, struct recipient *r,
                                 struct observation *o)
{
    struct message *whole = counting_whole_of(judge, m);
    struct intern *sender = m->sender;

    /* No evidence is dated later than by its host's clock: one line's may be far ahead. */
    uint32_t present_s = hosts_of(judge->hosts, m->source)->ticked_s;
    if (o->at_s > present_s)
        o->at_s = present_s;
    set_host(judge, whole, o);
    o->client = intern_span(m->client);
    o->uid = m->uid;
    o->id = whole->id;
    o->message_id = tracker_message_id(judge->tracker, whole);
    if (!o->sender.len)
        o->sender = intern_span(sender);
    o->client_text = m->client;
    o->client_hash = names_hash_client(judge->detector, client_address(o->client));
    o->sender_hash = names_hash_sender(judge->detector, o->sender);
    /* Messages to victims are counted per recipient: each has a cell of its own. */
    bool victim = o->kind == KIND_BACKSCATTER_VICTIM;
    o->first = victim || !message_has(whole, MESSAGE_COUNTED);
    if (judge->headers.count && o->first)
        o->said = headers_of(judge, m, whole);
    o->queued = !victim && m->state != MESSAGE_GONE;
    o->held = m->state == MESSAGE_HELD;
    if (message_has(m, MESSAGE_IN_CELL))
        o->counted_in = counting_cell_of(m);
    see_familiar(judge, m, o);
    struct cell_ref ref = detector_observe(judge->detector, o);
    if (r && ref.cell)
        r->flags |= RECIPIENT_COUNTED;
    if (victim || !ref.cell)
        return ref;
    whole->flags |= MESSAGE_COUNTED;
    enter(judge, m, ref); /* detector_observe has counted its queue file */
    return ref;
}
