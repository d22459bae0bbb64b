/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints the errors of one file, as "relaywatch: FILE:LINE: SENTENCE", and how many
 *               there are beyond COMPLAINTS_SHOWN.
 * Doesn't know: what the file is.
 * Owns:         nothing; the path is borrowed.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_COMMON_COMPLAINTS_H
#define RELAYWATCH_COMMON_COMPLAINTS_H

#include "config/inifile.h"

enum { COMPLAINTS_SHOWN = 20 };

struct complaints {
    const char *path;
    unsigned count; /* so far */
};

/* One error, as it is found. ctx is a struct complaints. */
void complaints_add(void *ctx, const struct inifile_error *err);
/* Once all are known. */
void complaints_end(const struct complaints *complaints);

#endif
