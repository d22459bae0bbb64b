/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads what postconf printed on each host of a fleet, HOST.postconf in a directory,
 *               into one site.
 * Doesn't know: what the settings mean, and how those of several hosts go together; lib/site does.
 * Owns:         nothing.
 * Time:         blocks while it reads: for start and reload.
 * Fails:        says why on standard error and returns false: one that can't be read, or none at
 *               all, is a mistake.
 */
#ifndef RELAYWATCH_COMMON_POSTCONF_DIRECTORY_H
#define RELAYWATCH_COMMON_POSTCONF_DIRECTORY_H

#include "site/site.h"

bool postconf_directory_read(const char *directory, struct site *site);
/* What tells one state of the files from another; 0: it can't be looked at. */
uint64_t postconf_directory_mark(const char *directory);

#endif
