/* SPDX-License-Identifier: MIT */
#include "service/status_line.h"

#include <stdio.h>
#include <string.h>

enum { PAUSE_S = 5 }; /* the figures change with every line of the log; nobody reads that fast */

void status_line_update(struct daemon *daemon)
{
    const struct pipeline *p = daemon->runtime.pipeline;
    char text[sizeof(daemon->status_text)] = "";
    unsigned open = detector_open(&p->detector), in_flight = tracker_in_flight(&p->tracker);

    snprintf(text, sizeof(text), "%s %.80s; %u message%s in flight; %u incident%s open",
             daemon->runtime.catching_up ? "Reading back" : "Following", daemon->source_choice.text,
             in_flight, in_flight == 1 ? "" : "s", open, open == 1 ? "" : "s");
    if (memcmp(text, daemon->status_text, sizeof(text)) == 0 ||
        (open == daemon->status_open &&
         daemon->runtime.now < daemon->status_at + PAUSE_S * US_PER_S))
        return;
    daemon->status_open = open;
    memcpy(daemon->status_text, text, sizeof(text));
    daemon->status_at = daemon->runtime.now;
    loop_status(text);
}
