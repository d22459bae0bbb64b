/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads [site] own_domains_file into a site.
 * Doesn't know: what a line may be; lib/site does.
 * Owns:         nothing.
 * Time:         blocks while it reads: for start and reload.
 * Fails:        says why on standard error, as FILE:LINE: SENTENCE, and returns false.
 */
#ifndef RELAYWATCH_COMMON_DOMAINS_FILE_H
#define RELAYWATCH_COMMON_DOMAINS_FILE_H

#include "site/site.h"

bool domains_file_read(const char *path, struct site *site);

#endif
