/* SPDX-License-Identifier: MIT */
/*
 * Does:         sends a test alert through every destination, and answers with what became of it.
 * Doesn't know: the destinations (sink.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        with an error object while another test is running.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_TEST_ALERT_H
#define RELAYWATCH_CONTROL_QUERY_TEST_ALERT_H

#include "control/query_core.h"

enum query_step query_test_alert(struct query *query, struct evbuffer *out);

#endif
