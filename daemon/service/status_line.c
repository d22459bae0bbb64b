/* SPDX-License-Identifier: MIT */
#include "service/status_line.h"

#include <stdio.h>
#include <string.h>

enum { PAUSE_S = 5 }; /* the figures change with every line of the log; nobody reads that fast */

void status_line_update(struct daemon *daemon)
{
    const struct pipeline *p = daemon->runtime.pipeline;
    const struct blindness *blindness = &daemon->runtime.blindness;
    char text[sizeof(daemon->status_text)] = "", what[BLIND_TEXT_MAX + 16], reason[BLIND_TEXT_MAX];
    unsigned open = detector_open(&p->detector), in_flight = tracker_in_flight(&p->tracker);
    bool blind = is_blind(blindness);

    if (blind)
        snprintf(what, sizeof(what), "BLIND: %s", blind_first_text(blindness, reason));
    else
        snprintf(what, sizeof(what), "%s %.80s",
                 daemon->runtime.catching_up ? "Reading back" : "Following",
                 daemon->source_choice.text);
    snprintf(text, sizeof(text), "%.140s; %u message%s in flight; %u incident%s open", what,
             in_flight, in_flight == 1 ? "" : "s", open, open == 1 ? "" : "s");
    if (memcmp(text, daemon->status_text, sizeof(text)) == 0 ||
        (open == daemon->status_open && blind == daemon->status_blind &&
         daemon->runtime.now < daemon->status_at + PAUSE_S * US_PER_S))
        return;
    daemon->status_open = open;
    daemon->status_blind = blind;
    memcpy(daemon->status_text, text, sizeof(text));
    daemon->status_at = daemon->runtime.now;
    loop_status(text);
}
