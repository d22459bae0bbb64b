/* SPDX-License-Identifier: MIT */
/*
 * Does:         copies the fields we use out of the journal entry a handle is positioned on, and
 *               decides from journald's own fields whether Postfix can have written it.
 * Doesn't know: where the entry is, what its text means.
 * Owns:         the copies: struct source_entry points into struct journal_entry, until the next
 *               read. libsystemd's own pointers do not survive its next call.
 * Time:         timeless.
 * Fails:        negative errno of libsystemd.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_ENTRY_H
#define RELAYWATCH_SOURCE_JOURNAL_ENTRY_H

#include <systemd/sd-journal.h>

#include "source/source_options.h"

/* journald's own "Suppressed N messages from UNIT", which has neither facility nor unit. */
#define JOURNAL_SUPPRESSED "a596d6fe7bfa4994828e72309e95d61e"

enum journal_field {
    FIELD_HOST,
    FIELD_IDENTIFIER,
    FIELD_PID, /* SYSLOG_PID or _PID */
    FIELD_UID,
    FIELD_EXE,
    FIELD_UNIT,
    FIELD_SOURCE_TIME,
    FIELD_MESSAGE_ID,
    FIELD_DROPPED,
    FIELD_OBJECT_UNIT,
    FIELD_COUNT
};

#define JOURNAL_FIELD_MAX 256

struct journal_entry {
    struct source_entry public;
    bool has_message;
    bool cut;              /* the message is longer than SOURCE_LINE_MAX */
    bool suppressed;       /* journald reports that it dropped messages of Postfix ... */
    bool other_suppressed; /* ... or of another service */
    uint64_t dropped;
    size_t len[FIELD_COUNT];
    char text[FIELD_COUNT][JOURNAL_FIELD_MAX];
    char message[SOURCE_LINE_MAX];
};

/* Who is Postfix. */
struct journal_senders {
    int64_t postfix_uid; /* of the user `postfix` here; -1: there is none */
    bool elsewhere;      /* entries may come from other machines */
};

/* realtime: when journald received the entry. senders may be NULL: anybody. */
int journal_entry_read(sd_journal *journal, uint64_t realtime, struct journal_entry *entry,
                       const struct journal_senders *senders);

/* Whether Postfix can be the sender: root or its user; or amavis, in its own name. An entry without
 * a recorded sender passes: it was imported from elsewhere. */
bool journal_sender_allowed(const struct source_entry *e, const struct journal_senders *senders);

#endif
