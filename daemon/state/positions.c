/* SPDX-License-Identifier: MIT */
#include "state/positions.h"

#include <errno.h>
#include <stdlib.h>

void positions_done(struct positions *positions)
{
    for (uint32_t i = 0; i < positions->count; i++)
        free(positions->item[i].text);
    *positions = (struct positions){.count = 0};
}

const struct position *positions_find(const struct positions *positions, struct span id)
{
    for (uint32_t i = 0; i < positions->count; i++)
        if (span_equal(span_str(positions->item[i].id), id))
            return &positions->item[i];
    return NULL;
}

/* An empty slot; if the table is full, the slot of the position that was not set for longest. */
static struct position *make_room(struct positions *positions)
{
    struct position *oldest = &positions->item[0];

    if (positions->count < POSITIONS_MAX)
        return &positions->item[positions->count++];
    for (uint32_t i = 1; i < positions->count; i++)
        if (positions->item[i].at_s < oldest->at_s)
            oldest = &positions->item[i];
    free(oldest->text);
    return oldest;
}

int positions_set(struct positions *positions, struct span id, struct span text, uint32_t at_s)
{
    if (id.len == 0 || id.len >= POSITION_ID_MAX || memchr(id.at, '\0', id.len))
        return -EINVAL;
    /* First the copy, so that a failure leaves the table as it was. */
    char *copy = strndup(text.at ? text.at : "", text.len);
    if (!copy)
        return -ENOMEM;
    const struct position *known = positions_find(positions, id);
    struct position *position;
    if (known) {
        position = &positions->item[known - positions->item];
        free(position->text);
    } else {
        position = make_room(positions);
        *position = (struct position){.text = NULL};
        memcpy(position->id, id.at, id.len);
    }
    position->text = copy;
    position->at_s = at_s;
    return 0;
}
