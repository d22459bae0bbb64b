/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists the journal MESSAGE_IDs of alerts and warnings. systemd/relaywatch.catalog
 *               explains each to the reader of `journalctl -x`.
 * Doesn't know: when they are used.
 * Owns:         constants. They are a contract, since people filter on them: never change or reuse
 *               one.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_COMMON_MESSAGE_IDS_H
#define RELAYWATCH_COMMON_MESSAGE_IDS_H

/* The first six in the order of enum kind. */
#define MESSAGE_IDS(X)                                                                             \
    X(OPEN_RELAY, "78a54212bcc14a51a46d4c3a9255f04d")                                              \
    X(ACCOUNT_ABUSE, "b81b5bf6f27a4cdf836d593b36394cbe")                                           \
    X(LOCAL_ABUSE, "3fd6157091504a679ea7bbaf000ab06f")                                             \
    X(TRUSTED_RELAY, "e1957382970141c680b3686ca3298899")                                           \
    X(BACKSCATTER_SOURCE, "7e4db2ef89f5444ab247264d0ae8cf73")                                      \
    X(BACKSCATTER_VICTIM, "5be0f00e003b44f3adea70c82487ebe6")                                      \
    X(ENDED, "0064014a393c46488538344bcbad7bf7")                                                   \
    X(WITHDRAWN, "479285324421481a9b75c0dea4281b2b")                                               \
    X(SITE_WARNING, "6981612b94d84f2aa78b602e54315d5e")                                            \
    X(REOPENED, "e1af73bcb6534d10b14146fb699ce487")                                                \
    X(CLOSED, "172a948072c34718a64b9bfe44ba9148")                                                  \
    X(TEST, "5a7c6ad892e5444883facbbb8aceda05")

enum message_id {
#define X(name, id) MESSAGE_ID_##name,
    MESSAGE_IDS(X)
#undef X
        MESSAGE_ID_COUNT
};

static inline const char *message_id_text(enum message_id id)
{
    static const char *const texts[] = {
#define X(name, text) text,
        MESSAGE_IDS(X)
#undef X
    };

    return texts[id];
}

#endif
