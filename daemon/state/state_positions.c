/* SPDX-License-Identifier: MIT */
#include "state/state_internal.h"

#include <errno.h>
#include <stdlib.h>

void state_drop_positions(struct state *state)
{
    for (uint32_t i = 0; i < state->position_count; i++)
        free(state->position[i].text);
    state->position_count = 0;
}

static struct state_position *find_position(struct state *state, struct span id)
{
    for (uint32_t i = 0; i < state->position_count; i++)
        if (span_equal(span_str(state->position[i].id), id))
            return &state->position[i];
    return NULL;
}

/* A new one; where there is no room, instead of the one that has not been followed for longest. */
static struct state_position *make_position(struct state *state, struct span id)
{
    struct state_position *position = &state->position[0];

    if (state->position_count < STATE_POSITIONS_MAX) {
        position = &state->position[state->position_count++];
    } else {
        for (uint32_t i = 1; i < state->position_count; i++)
            if (state->position[i].at_s < position->at_s)
                position = &state->position[i];
        free(position->text);
    }
    *position = (struct state_position){.text = NULL};
    memcpy(position->id, id.at, id.len);
    return position;
}

int state_set_position(struct state *state, struct span id, struct span text, uint32_t at_s)
{
    if (id.len == 0 || id.len >= STATE_ID_MAX || memchr(id.at, '\0', id.len))
        return -EINVAL;
    char *copy = strndup(text.at ? text.at : "", text.len);
    if (!copy)
        return -ENOMEM;
    struct state_position *position = find_position(state, id);
    if (!position)
        position = make_position(state, id);
    free(position->text);
    position->text = copy;
    position->at_s = at_s;
    return 0;
}
