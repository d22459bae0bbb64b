/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes and reads what the log taught about the site.
 * Doesn't know: files; what the settings say, as the reader has settings of its own.
 * Owns:         nothing; what is read belongs to the site.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_SITE_H
#define RELAYWATCH_ENGINE_SNAPSHOT_SITE_H

#include "engine/snapshot_bytes.h"
#include "site/site.h"
#include "track/hosts.h"

void write_site(struct writer *w, const struct site *site);
/* The last part, which the mark `end` follows. False after a failure, with the site unchanged. */
bool read_site(struct reader *r, struct site *site, struct hosts *hosts, uint32_t end);

#endif
