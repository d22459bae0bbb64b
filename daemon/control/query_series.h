/* SPDX-License-Identifier: MIT */
/*
 * Does:         answers "series": figures with labels, for the metrics. Their number is bounded: no
 *               label has a value that a stranger or the site chooses.
 * Doesn't know: how they are shown.
 * Owns:         nothing; the cursors are the query's.
 * Time:         as query_core.h.
 * Fails:        as query_core.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_SERIES_H
#define RELAYWATCH_CONTROL_QUERY_SERIES_H

#include "control/query_core.h"

/* First step. */
enum query_step query_series(struct query *query, struct evbuffer *out);

#endif
