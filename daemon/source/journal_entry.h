/* SPDX-License-Identifier: MIT */
/*
 * Does:         copies the fields we use out of the journal entry a handle stands on, and judges by
 *               what journald itself recorded whether Postfix can have written it.
 * Doesn't know: where the entry is, what its text means.
 * Owns:         the copies: struct source_entry points into struct journal_entry, until the next
 *               read. The journal's own pointers do not outlive the next call.
 * Time:         timeless.
 * Fails:        negative errno of libsystemd.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_ENTRY_H
#define RELAYWATCH_SOURCE_JOURNAL_ENTRY_H

#include <systemd/sd-journal.h>

#include "source/source.h"

/* journald's own "Suppressed N messages from UNIT". It carries neither facility nor unit. */
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
    bool suppressed;       /* it is journald's word about dropped messages of Postfix ... */
    bool other_suppressed; /* ... or of somebody else */
    uint64_t dropped;
    size_t len[FIELD_COUNT];
    char text[FIELD_COUNT][JOURNAL_FIELD_MAX];
    char message[SOURCE_LINE_MAX];
};

/* realtime: when journald got it. postfix_uid: of the user `postfix`, -1 where there is none. */
int journal_entry_read(sd_journal *journal, uint64_t realtime, struct journal_entry *entry,
                       bool check_sender, int64_t postfix_uid);

/* Whether Postfix can be the sender: its programs, its units, root or its user. An entry of which
 * journald recorded no sender (it was imported) passes. */
bool journal_sender_allowed(struct span exe, struct span unit, int64_t uid, int64_t postfix_uid);

#endif
