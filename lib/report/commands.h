/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes the commands that lead from an incident to a clean queue, in their order and
 *               with the real values in them, to be pasted into a shell of root.
 * Doesn't know: whether they were run.
 * Owns:         nothing; writes into the view.
 * Time:         timeless.
 * Fails:        a command that can't be typed, because of what a stranger has chosen as a name, is
 *               left out whole, and the advice says why.
 */
#ifndef RELAYWATCH_REPORT_COMMANDS_H
#define RELAYWATCH_REPORT_COMMANDS_H

#include "report/view.h"

/* Fills the view's commands. Totals, lists, samples and advice must be filled already. */
void commands_fill(struct incident_view *view);

#endif
