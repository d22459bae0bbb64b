/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens a source that follows log files: a list of paths and globs, each with its
 *               rotated forms.
 * Doesn't know: how one name is followed; tail_path.h and tail_pass.h do.
 * Owns:         what source.h says.
 * Time:         as source.h.
 * Fails:        negative errno: -EINVAL if there is no path, or one is not absolute; -ENOMEM.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_FILE_H
#define RELAYWATCH_SOURCE_SOURCE_FILE_H

#include "source/source.h"

/* files: blank-separated paths and globs. rotated: blank-separated directories to search for
 * rotated files besides the file's own; "" or NULL for none. */
int source_open_files(const char *files, const char *rotated, const struct source_options *options,
                      int64_t now_us, struct source **ret);

#endif
