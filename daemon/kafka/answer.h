/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes what relaywatch-kafka answers, and reads what it is asked: the two ends of
 *               its connection are standard input and output.
 * Doesn't know: Kafka.
 * Owns:         the partitions of a request, until kafka_parts_done.
 * Time:         `since_ms` is wall time.
 * Fails:        an answer that nobody takes any more ends the program. request_read is false, and
 *               has answered why.
 */
#ifndef RELAYWATCH_KAFKA_ANSWER_H
#define RELAYWATCH_KAFKA_ANSWER_H

#include "source/kafka_parts.h"

struct request {
    enum kafka_frame_type start; /* of what is not in `at`: KAFKA_BEGIN, KAFKA_END, KAFKA_SINCE */
    uint64_t since_ms;
    struct kafka_parts at;
};

bool request_read(struct request *ret);

/* A line, whose end it adds; then the data. */
void answer(const char *format, ...) __attribute__((format(printf, 1, 2)));
void answer_data(const char *data, size_t len);
/* The same for a person: it goes to standard error, too. */
void answer_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether who asked is still there; waits for up to that long, or until `wake` is readable. */
bool answer_is_wanted(int wake, int timeout_ms);

#endif
