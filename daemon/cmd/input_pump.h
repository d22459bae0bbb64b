/* SPDX-License-Identifier: MIT */
/*
 * Does:         passes on what a source hands over, as a command reads a whole log.
 * Doesn't know: which source; who takes it.
 * Owns:         nothing.
 * Time:         a rotated file's last change is the reference for its dates without a year.
 * Fails:        input_pump_all returns -errno. What can't be read is said as it is met.
 */
#ifndef RELAYWATCH_CMD_INPUT_PUMP_H
#define RELAYWATCH_CMD_INPUT_PUMP_H

#include "parse/syslog_header.h"
#include "source/source.h"

/* Where what is read goes. */
struct input_sink {
    void (*lines)(void *ctx, const char *data, size_t len);
    void (*entry)(void *ctx, const struct syslog_header *header);
    void (*reference)(void *ctx, wall_us reference);
    bool (*enough)(void *ctx); /* NULL: never */
    void *ctx;
};

struct input_pump {
    const struct input_sink *to;
    bool quiet;       /* nothing is said of what is wrong */
    uint64_t refused; /* journal entries that Postfix did not write */
    wall_us written;
};

/* For the options of the source; the pump must not move after that. */
struct source_sink input_pump_sink(struct input_pump *pump);
/* As source_run, but waits where others have to bring the lines; -EIO: they can't, and a note said
 * so; -ETIMEDOUT. */
int input_pump_run(struct source *source, size_t budget);
/* Until there is no more, or the sink has enough. 0 or -errno. */
int input_pump_all(struct input_pump *pump, struct source *source);

#endif
