/* SPDX-License-Identifier: MIT */
#include "engine/snapshot_judge.h"

#include "engine/snapshot_texts.h"
#include "engine/stages.h"

enum { UNDECIDED_BYTES = 24, HEADERS_BYTES = 30 };

/* Slots are used in order; 0 ends the list. */
static void write_copies(struct writer *w, const struct copies *copies)
{
    write_u32(w, copies->next);
    for (uint32_t i = 0; i < COPIES_SLOTS && copies->slot[i].hash; i++) {
        write_u64(w, copies->slot[i].hash);
        write_u8(w, (uint8_t)copies->slot[i].together);
        write_u8(w, (uint8_t)copies->slot[i].alone);
    }
    write_u64(w, 0);
}

static bool read_copies(struct reader *r, struct copies *copies)
{
    uint64_t hash;

    copies->next = read_u32(r);
    for (uint32_t i = 0; (hash = read_u64(r)) != 0 && !r->failed; i++) {
        if (i == COPIES_SLOTS || copies_find(copies, hash))
            return read_fail(r, "an address of copies occurs twice");
        struct copies_slot *slot = &copies->slot[i];
        slot->hash = hash;
        slot->together = (uint16_t)read_below(r, read_u8(r), COPIES_MIN + 1, "too many copies");
        slot->alone = (uint16_t)read_below(r, read_u8(r), 2, "too many copies");
        copies->found += copies_slot_is_found(slot);
    }
    return r->failed || copies->found <= COPIES_MAX ||
           read_fail(r, "too many addresses get copies");
}

/* The hash decides the slot; 0 ends the list. */
static void write_askers(struct writer *w, const struct askers *askers)
{
    for (uint32_t i = 0; i < ASKERS_SLOTS; i++) {
        const struct askers_slot *slot = &askers->slot[i];
        if (!slot->sender)
            continue;
        write_u64(w, slot->sender);
        write_u32(w, slot->at_s);
        write_u8(w, (uint8_t)slot->count);
        for (int k = 0; k < ASKERS_MANY - 1; k++)
            write_u64(w, slot->asker[k]);
    }
    write_u64(w, 0);
}

static bool read_askers(struct reader *r, struct askers *askers)
{
    uint64_t sender;

    while ((sender = read_u64(r)) != 0 && !r->failed) {
        struct askers_slot *slot = askers_slot(askers, sender);
        if (slot->sender)
            return read_fail(r, "a sender of askers occurs twice");
        slot->sender = sender;
        slot->at_s = read_u32(r);
        slot->count = read_below(r, read_u8(r), ASKERS_MANY + 1, "too many askers");
        for (int k = 0; k < ASKERS_MANY - 1; k++)
            slot->asker[k] = read_u64(r);
    }
    return !r->failed;
}

static void write_repeats(struct writer *w, const struct repeats *repeats)
{
    for (uint32_t i = 0; i < REPEATS_SLOTS; i++) {
        const struct repeats_slot *slot = &repeats->slot[i];
        write_u64(w, slot->pair);
        if (!slot->pair)
            continue;
        write_u32(w, slot->day);
        write_u32(w, slot->times);
    }
    write_u32(w, repeats->copies);
}

static bool read_repeats(struct reader *r, struct repeats *repeats)
{
    for (uint32_t i = 0; i < REPEATS_SLOTS && !r->failed; i++) {
        struct repeats_slot *slot = &repeats->slot[i];
        slot->pair = read_u64(r);
        if (!slot->pair)
            continue;
        slot->day = read_u32(r);
        slot->times = read_u32(r);
    }
    repeats->copies = read_u32(r);
    return !r->failed;
}

/* The position is the order of candidates that were silent equally long. */
static void write_gateways(struct writer *w, const struct gateways *gateways)
{
    write_u32(w, gateways->found);
    for (uint32_t i = 0; i < GATEWAYS_MAX; i++) {
        const struct gateway_candidate *c = &gateways->candidate[i];
        write_u64(w, c->domain);
        if (!c->domain)
            continue;
        write_u32(w, c->seen_s);
        write_u32(w, c->deliveries);
        write_u32(w, c->fitting);
        for (uint32_t k = 0; k < GATEWAY_HOPS; k++)
            write_u64(w, c->hop[k]);
        write_u32(w, c->strangers);
        for (uint32_t k = 0; k < c->strangers; k++) {
            write_u64(w, c->network[k]);
            write_u64(w, c->sender[k]);
        }
    }
}

static bool read_gateways(struct reader *r, struct gateways *gateways)
{
    gateways->found = read_below(r, read_u32(r), GATEWAYS_FOUND_MAX + 1, "too many gateways");
    for (uint32_t i = 0; i < GATEWAYS_MAX && !r->failed; i++) {
        struct gateway_candidate *c = &gateways->candidate[i];
        c->domain = read_u64(r);
        if (!c->domain)
            continue;
        c->seen_s = read_u32(r);
        c->deliveries = read_u32(r);
        c->fitting = read_u32(r);
        for (uint32_t k = 0; k < GATEWAY_HOPS; k++)
            c->hop[k] = read_u64(r);
        c->strangers = read_below(r, read_u32(r), GATEWAY_STRANGERS + 1, "too many strangers");
        for (uint32_t k = 0; k < c->strangers; k++) {
            c->network[k] = read_u64(r);
            c->sender[k] = read_u64(r);
        }
    }
    return !r->failed;
}

/* By its place, plus 1; 0 ends the list. */
static void write_familiar(struct writer *w, const struct familiar *familiar)
{
    for (uint32_t i = 0; familiar->slot && i < FAMILIAR_SLOTS; i++) {
        const struct familiar_slot *slot = &familiar->slot[i];
        if (!slot->tag)
            continue;
        write_u32(w, i + 1);
        write_u32(w, slot->tag);
        write_u32(w, slot->first_s);
        write_u32(w, slot->last_s);
        write_u32(w, slot->today);
        write_u32(w, slot->most);
    }
    write_u32(w, 0);
}

static bool read_familiar(struct reader *r, struct familiar *familiar)
{
    uint32_t place;

    while ((place = read_u32(r)) != 0 && !r->failed) {
        struct familiar_slot slot = {.tag = read_u32(r)};
        slot.first_s = read_u32(r);
        slot.last_s = read_u32(r);
        slot.today = read_u32(r);
        slot.most = read_u32(r);
        familiar_restore(familiar, place - 1, &slot);
    }
    return !r->failed;
}

static void write_undecided(struct writer *w, const struct undecided *undecided)
{
    write_u32(w, undecided->count);
    for (uint32_t i = 0; i < undecided->size; i++) {
        const struct undecided_entry *entry = &undecided->entry[i];
        if (!entry->of.slot)
            continue;
        write_u32(w, entry->of.slot);
        write_u32(w, entry->of.serial);
        write_u32(w, entry->left);
        write_u32(w, entry->at_s);
        write_u32(w, entry->cell.cell);
        write_u32(w, entry->cell.serial);
    }
}

static bool read_undecided(struct reader *r, struct judge *judge)
{
    for (uint32_t count = read_count(r, UNDECIDED_BYTES); count && !r->failed; count--) {
        struct undecided_entry entry = {.of = {.slot = read_u32(r)}};
        entry.of.serial = read_u32(r);
        entry.left = read_u32(r);
        entry.at_s = read_u32(r);
        entry.cell.cell = read_u32(r);
        entry.cell.serial = read_u32(r);
        const struct message *m = tracker_deref(judge->tracker, entry.of);
        if (!m || undecided_find(&judge->undecided, entry.of))
            return read_fail(r, "undecided recipients are of no message");
        if (!undecided_add(&judge->undecided, &entry))
            return read_fail(r, SNAPSHOT_NO_MEMORY);
    }
    return !r->failed;
}

/* The oldest of each set first, as each is put in front; key 0 ends the list. */
static void write_refused(struct writer *w, const struct refused *refused)
{
    for (int i = 0; refused->entry && i < REFUSED_MAX; i++) {
        const struct refused_entry *entry = &refused->entry[i ^ (REFUSED_WAYS - 1)];
        if (!entry->key)
            continue;
        write_u64(w, entry->key);
        write_text(w, entry->by);
        write_text(w, entry->domain);
    }
    write_u64(w, 0);
}

static bool read_refused(struct reader *r, struct refused *refused)
{
    struct interns *texts = &r->p->texts;
    uint64_t key;

    while ((key = read_u64(r)) != 0 && !r->failed) {
        struct refused_entry entry = {.key = key};
        entry.by = read_text(r);
        entry.domain = read_text(r);
        if (!entry.by || !entry.domain)
            read_fail(r, "a refusal has no text");
        else if (!refused_restore(refused, texts, &entry))
            read_fail(r, SNAPSHOT_NO_MEMORY);
        intern_put(texts, entry.by);
        intern_put(texts, entry.domain);
    }
    return !r->failed;
}

/* Oldest first. */
static void write_headers(struct writer *w, const struct mail_headers *headers)
{
    uint32_t from = headers->next + MAIL_HEADERS_MAX - headers->count;

    write_u64(w, headers->over);
    write_u32(w, headers->count);
    for (uint32_t i = 0; i < headers->count; i++) {
        const struct mail_headers_entry *entry = &headers->entry[(from + i) % MAIL_HEADERS_MAX];
        write_id(w, entry->id);
        write_u32(w, entry->at_s);
        write_u16(w, entry->source);
        for (int k = 0; k < MAIL_HEADER_COUNT; k++)
            write_text(w, entry->text[k]);
    }
}

static bool read_headers(struct reader *r, struct judge *judge)
{
    judge->headers.over = read_u64(r);
    for (uint32_t count = read_count(r, HEADERS_BYTES); count && !r->failed; count--) {
        struct mail_headers_entry entry = {.id = read_id(r)};
        entry.at_s = read_u32(r);
        entry.source = read_u16(r);
        for (int k = 0; k < MAIL_HEADER_COUNT; k++)
            entry.text[k] = read_text(r);
        if (!r->failed && hosts_has_source(&r->p->hosts, entry.source) &&
            mail_headers_append(&judge->headers, &entry))
            continue;
        for (int k = 0; k < MAIL_HEADER_COUNT; k++)
            intern_put(&r->p->texts, entry.text[k]);
        read_fail(r, "headers of a mail are in no place");
    }
    return !r->failed;
}

static void write_archives(struct writer *w, const struct archives *archives)
{
    write_u8(w, (uint8_t)archives->count);
    for (uint32_t i = 0; i < archives->count; i++) {
        const struct archives_candidate *c = &archives->candidate[i];
        write_u64(w, c->address);
        write_u32(w, c->host);
        write_u32(w, c->all);
        write_u32(w, c->with);
        write_u8(w, (uint8_t)c->strangers);
        for (uint32_t k = 0; k < c->strangers; k++) {
            write_u64(w, c->network[k]);
            write_u64(w, c->sender[k]);
        }
        write_u8(w, c->alleged);
    }
}

static bool read_archives(struct reader *r, struct archives *archives)
{
    archives->count = read_below(r, read_u8(r), ARCHIVES_MAX + 1, "it has too many archives");
    for (uint32_t i = 0; i < archives->count && !r->failed; i++) {
        struct archives_candidate *c = &archives->candidate[i];
        c->address = read_u64(r);
        c->host = read_u32(r);
        c->all = read_u32(r);
        c->with = read_u32(r);
        c->strangers = read_below(r, read_u8(r), ARCHIVE_STRANGERS + 1, "too many strangers");
        for (uint32_t k = 0; k < c->strangers; k++) {
            c->network[k] = read_u64(r);
            c->sender[k] = read_u64(r);
        }
        c->alleged = read_u8(r) != 0;
    }
    return !r->failed;
}

void write_judge(struct writer *w, const struct judge *judge)
{
    write_copies(w, &judge->copies);
    write_askers(w, &judge->askers);
    write_gateways(w, &judge->gateways);
    write_familiar(w, &judge->familiar);
    write_repeats(w, &judge->repeats);
    write_undecided(w, &judge->undecided);
    write_refused(w, &judge->refused);
    write_headers(w, &judge->headers);
    write_archives(w, &judge->archives);
}

bool read_judge(struct reader *r, struct judge *judge)
{
    return read_copies(r, &judge->copies) && read_askers(r, &judge->askers) &&
           read_gateways(r, &judge->gateways) && read_familiar(r, &judge->familiar) &&
           read_repeats(r, &judge->repeats) && read_undecided(r, judge) &&
           read_refused(r, &judge->refused) && read_headers(r, judge) &&
           read_archives(r, &judge->archives);
}
