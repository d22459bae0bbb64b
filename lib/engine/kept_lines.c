/* SPDX-License-Identifier: MIT */
#include "engine/kept_lines.h"

#include <stdlib.h>

void kept_lines_done(struct kept_lines *kept)
{
    for (uint16_t i = 0; i < kept->count; i++)
        log_line_kept_done(&kept->item[i].line);
    free(kept->item);
    *kept = (struct kept_lines){0};
}

static bool grow(struct kept_lines *kept)
{
    uint16_t room = kept->room ? (uint16_t)(kept->room * 2) : 4;
    struct kept_line *item = realloc(kept->item, room * sizeof(*item));

    if (!item)
        return false;
    kept->item = item;
    kept->room = room;
    return true;
}

bool kept_lines_put(struct kept_lines *kept, struct hosts *hosts, uint16_t host,
                    const struct log_line *line)
{
    if (kept->count == kept->room && !grow(kept))
        return false;
    struct kept_line *item = &kept->item[kept->count];
    *item = (struct kept_line){.host = host};
    if (!log_line_keep(&item->line, line))
        return false;
    hosts->host[host].kept = ++kept->count;
    return true;
}

struct log_line_kept kept_lines_take(struct kept_lines *kept, struct hosts *hosts, uint16_t host)
{
    struct kept_line *item = &kept->item[hosts->host[host].kept - 1];
    struct log_line_kept line = item->line;

    *item = kept->item[--kept->count]; /* the last one fills the gap */
    hosts->host[item->host].kept = hosts->host[host].kept;
    hosts->host[host].kept = 0;
    return line;
}
