/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes interned texts once, and names them by number; and the small things that
 *               all parts hold.
 * Doesn't know: files.
 * Owns:         what is read is the caller's.
 * Time:         timeless.
 * Fails:        as snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_TEXTS_H
#define RELAYWATCH_ENGINE_SNAPSHOT_TEXTS_H

#include "base/window.h"
#include "engine/snapshot_bytes.h"

/* Before all others; false when memory is short. */
bool number_texts(struct writer *w, const struct interns *texts);
void write_texts(struct writer *w);
void write_text(struct writer *w, const struct intern *text);
void write_window(struct writer *w, const struct window *window);

bool read_texts(struct reader *r, struct interns *texts);
/* After all others: those that nothing named are gone then. */
void drop_texts(struct reader *r, struct interns *texts);
/* A new reference, or NULL where there was none. */
struct intern *read_text(struct reader *r);
struct queue_id read_id(struct reader *r);
void read_window(struct reader *r, struct window *window);

#endif
