/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers the second part of "status": the open incidents in short.
 * Doesn't know: requests and clients; query_status.c begins the answer.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_OPEN_H
#define RELAYWATCH_CONTROL_QUERY_OPEN_H

#include "control/query_core.h"

/* Sets the query's next step, and returns QUERY_MORE. */
enum query_step query_open(struct query *query);

#endif
