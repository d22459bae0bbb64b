/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds back one line of each host, dated so far ahead that only the host's next line
 *               can tell whether it is true.
 * Doesn't know: how far ahead that is.
 * Owns:         the lines' bytes. A host's number for its line is in struct host.
 * Time:         timeless.
 * Fails:        kept_lines_put returns false when memory is short.
 */
#ifndef RELAYWATCH_ENGINE_KEPT_LINES_H
#define RELAYWATCH_ENGINE_KEPT_LINES_H

#include "parse/log_line.h"
#include "track/hosts.h"

struct kept_lines {
    struct kept_line {
        struct log_line_kept line;
        uint16_t host;
    } * item;
    uint16_t count, room;
};

void kept_lines_done(struct kept_lines *kept);
/* Keeps a copy. The host must have none. */
bool kept_lines_put(struct kept_lines *kept, struct hosts *hosts, uint16_t host,
                    const struct log_line *line);
/* Hands over the host's line; the caller frees it. The host must have one. */
struct log_line_kept kept_lines_take(struct kept_lines *kept, struct hosts *hosts, uint16_t host);

static inline const struct log_line_kept *kept_lines_of(const struct kept_lines *kept,
                                                        const struct host *host)
{
    return host->kept ? &kept->item[host->kept - 1].line : NULL;
}

#endif
