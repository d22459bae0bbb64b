/* SPDX-License-Identifier: MIT */
/*
 * Does:         joins what a container's runtime has cut: CRI's lines with a P, and the rest of
 *               each, stream by stream.
 * Doesn't know: what the line says, or which container wrote it.
 * Owns:         a copy of the parts that wait for their rest.
 * Time:         that of the first part, as text.
 * Fails:        what is longer than a line of Postfix's is not joined; its rest is no line.
 *
 * CRI-O and podman cut what they read in one go, 8 KiB, wherever that is; containerd cuts at 16
 * KiB. A stranger may have written what the rest begins with, so the rest alone is never a line.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_CUT_H
#define RELAYWATCH_PARSE_SYSLOG_CUT_H

#include "base/span.h"

/* Postfix's 2000 bytes of text, a header and the runtime's, twice. */
enum { SYSLOG_CUT_MAX = 4096, SYSLOG_CUT_STREAMS = 2 };

enum syslog_cut {
    SYSLOG_CUT_WHOLE,
    SYSLOG_CUT_PART, /* it goes on in another line */
    SYSLOG_CUT_REST, /* the end of one that went on */
};

/* What this line is. *open has a bit for each stream of which a line goes on; 0 at first. */
enum syslog_cut syslog_cut_see_any(uint8_t *open, struct span line);

/* The same; nearly all lines begin with no figure. */
static inline enum syslog_cut syslog_cut_see(uint8_t *open, struct span line)
{
    return line.len && is_digit(line.at[0]) ? syslog_cut_see_any(open, line) : SYSLOG_CUT_WHOLE;
}

/* The parts so far; zeroed: none. */
struct syslog_parts {
    size_t len[SYSLOG_CUT_STREAMS];
    bool too_long[SYSLOG_CUT_STREAMS];
    char at[SYSLOG_CUT_STREAMS][SYSLOG_CUT_MAX];
};

/* Whether syslog_cut_join would do anything but return the line. */
static inline bool syslog_cut_is_part(uint8_t open, struct span line)
{
    return syslog_cut_see(&open, line) != SYSLOG_CUT_WHOLE;
}

/* The line with its parts before it, in buf, if it is a rest. The line may be in buf, too. */
struct span syslog_cut_join(struct syslog_parts *parts, uint8_t *open, struct span line, char *buf,
                            size_t size);

/* How many of the bytes that were read, data[0 .. len), can be taken: the whole lines before the
 * first that goes on behind them. What would wait, with all after it, waits no longer once it is
 * more than `most` bytes: a part whose rest never comes must not hold up the log. */
size_t syslog_cut_whole(const char *data, size_t len, size_t most);

#endif
