/* SPDX-License-Identifier: MIT */
#include "engine/own_mail.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "site/proofs.h"

enum { LOCAL = 1 << 0, BARE = 1 << 1, NOTICE = 1 << 2 };
/* What a prefix has told. */
enum { TOLD_ID = 1 << 0, TOLD_BARE = 1 << 1 };
/* The shortest ID, and so much of a longer one. */
enum { KEY_BYTES = 6 };
#define MESSAGE_US (300 * US_PER_S)

/* The slot of the message whose ID the text begins with. */
static unsigned slot_of(struct span text)
{
    uint64_t key = 0;

    memcpy(&key, text.at, text.len < KEY_BYTES ? text.len : KEY_BYTES);
    return (unsigned)(hash_mix(key, HASH_ODD_1) % OWN_MAIL_SLOTS);
}

static bool is_remembered(const struct own_mail *own, struct span text, uint8_t flags)
{
    return text.len && own->slot[slot_of(text)].flags & flags;
}

static uint8_t told(const struct own_mail *own, const struct syslog_header *header)
{
    return header->prefix >= 0 ? own->told[header->prefix] : 0;
}

/* "ID: sender non-delivery notification: NEWID" */
static struct span last_word(struct span text)
{
    return span_skip(text, (size_t)(span_find_last(text, ' ') + 1));
}

bool own_mail_may_use(const struct own_mail *own, enum program program,
                      const struct syslog_header *header)
{
    switch (program) {
    case PROGRAM_PICKUP:
        return !(told(own, header) & TOLD_ID) ||
               (!(told(own, header) & TOLD_BARE) && span_find(header->text, '@') < 0);
    case PROGRAM_BOUNCE:
        return !(told(own, header) & TOLD_ID);
    case PROGRAM_QMGR:
        return is_remembered(own, header->text, BARE);
    default:
        return false;
    }
}

/* The place for that message, cleared if it was another one's. */
static struct own_mail_slot *slot_for(struct own_mail *own, const struct log_line *line,
                                      struct queue_id id, struct span text)
{
    struct own_mail_slot *slot = &own->slot[slot_of(text)];
    uint64_t host = hash_nocase(line->header.host, 0);
    wall_us apart = line->header.when - slot->when;

    if (!queue_id_equal(slot->id, id) || slot->host != host || apart > MESSAGE_US ||
        apart < -MESSAGE_US)
        *slot =
            (struct own_mail_slot){.id = id, .host = host, .when = line->header.when, .prefix = -1};
    return slot;
}

/* The name has been found. Other records of who said that the message is Postfix's own need not be
 * looked at for it. */
static struct span found(struct own_mail *own, const struct own_mail_slot *slot, struct span name,
                         uint8_t what)
{
    if (name.len && slot->prefix >= 0)
        own->told[slot->prefix] |= what;
    return name;
}

/* The record says that the message is Postfix's own. */
static struct span see_whose(struct own_mail *own, const struct log_line *line,
                             struct own_mail_slot *slot, uint8_t flags)
{
    slot->flags |= flags;
    slot->prefix = (int16_t)line->header.prefix;
    return found(own, slot, span_str(slot->name), TOLD_ID);
}

static struct span see_pickup(struct own_mail *own, const struct log_line *line)
{
    const struct record *rec = &line->record;
    struct own_mail_slot *slot = slot_for(own, line, rec->id, line->header.text);

    if (queue_id_is_set(rec->link)) /* requeued */
        return SPAN_NONE;
    return see_whose(own, line, slot, proof_is_bare_user(rec->sender) ? LOCAL | BARE : LOCAL);
}

static struct span see_id(struct own_mail *own, const struct log_line *line)
{
    const struct record *rec = &line->record;
    struct span name = proof_own_message_id(rec->message_id, rec->id);

    if (!name.len || name.len >= OWN_MAIL_NAME_MAX)
        return SPAN_NONE;
    struct own_mail_slot *slot = slot_for(own, line, rec->id, line->header.text);
    memcpy(slot->name, name.at, name.len);
    slot->name[name.len] = '\0';
    return slot->flags & (LOCAL | NOTICE) ? found(own, slot, name, TOLD_ID) : SPAN_NONE;
}

struct span own_mail_see(struct own_mail *own, const struct log_line *line)
{
    const struct record *rec = &line->record;
    struct own_mail_slot *slot;

    if (line->header.prefix >= 0 && line->header.prefix_new)
        own->told[line->header.prefix] = 0;
    switch (rec->type) {
    case RECORD_PICKUP:
        return see_pickup(own, line);
    case RECORD_MESSAGE_ID:
        return see_id(own, line);
    case RECORD_NOTICE:
        slot = slot_for(own, line, rec->link, last_word(line->header.text));
        return see_whose(own, line, slot, NOTICE);
    case RECORD_ACTIVE:
        slot = slot_for(own, line, rec->id, line->header.text);
        if (!(slot->flags & BARE))
            return SPAN_NONE;
        slot->flags &= (uint8_t)~BARE;
        return found(own, slot, mail_address_domain(rec->sender), TOLD_BARE);
    default:
        return SPAN_NONE;
    }
}
