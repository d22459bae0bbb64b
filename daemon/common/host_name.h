/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives the name of this machine.
 * Doesn't know: what the log calls it.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a name that is unknown or too long is empty.
 */
#ifndef RELAYWATCH_COMMON_HOST_NAME_H
#define RELAYWATCH_COMMON_HOST_NAME_H

#include <unistd.h>

#include "base/span.h"

enum { HOST_NAME_SIZE = 256 };

/* The name is in buf, with a NUL. */
static inline struct span host_name(char buf[HOST_NAME_SIZE])
{
    if (gethostname(buf, HOST_NAME_SIZE) < 0 || !memchr(buf, '\0', HOST_NAME_SIZE))
        buf[0] = '\0';
    return span_str(buf);
}

#endif
