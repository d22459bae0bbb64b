/* SPDX-License-Identifier: MIT */
/*
 * Does:         reports what was decided about which message and on what evidence, one line per
 *               decision, by area. It is what a bug report should hold.
 * Doesn't know: where the lines go.
 * Owns:         nothing. A text is borrowed until the listener returns.
 * Time:         timeless: lines name queue IDs, not times.
 * Fails:        a line longer than TRACE_TEXT_MAX is cut.
 *
 * An area that is off costs one test of a bit. Guard arguments that cost more with trace_wants.
 */
#ifndef RELAYWATCH_BASE_TRACE_H
#define RELAYWATCH_BASE_TRACE_H

#include "base/span.h"

/* Area, name, what its lines say. */
#define TRACE_AREAS(X)                                                                             \
    X(RECORD, "record", "what each Postfix line was read as")                                      \
    X(LINK, "link", "which messages belong together, and why; links that were refused")            \
    X(SITE, "site", "what is ours and who is trusted, and what says so")                           \
    X(JUDGE, "judge", "the verdict on each recipient and notice")                                  \
    X(DETECT, "detect", "evidence counted, thresholds crossed, incidents raised and ended")        \
    X(SOURCE, "source", "which log is read, from where on, rotations")                             \
    X(STATE, "state", "what was saved and read back")

enum trace_area {
#define X(area, name, sentence) TRACE_##area,
    TRACE_AREAS(X)
#undef X
        TRACE_COUNT
};

enum { TRACE_TEXT_MAX = 600 };

typedef void trace_listener(void *ctx, enum trace_area area, const char *text);

struct trace {
    unsigned areas; /* one bit per area that is on */
    trace_listener *listener;
    void *ctx;
};

static inline bool trace_wants(const struct trace *trace, enum trace_area area)
{
    return __builtin_expect(trace != NULL && trace->areas >> area & 1, 0);
}

/* Like printf; what is not printable ASCII becomes "?". Does nothing if the area is off. */
void trace_say(const struct trace *trace, enum trace_area area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *trace_name(enum trace_area area);
/* Turns "link,judge" or "all" into bits. False if a word is not an area; *ret_bad is the first such
 * word. */
bool trace_parse(struct span words, unsigned *ret_areas, struct span *ret_bad);

#endif
