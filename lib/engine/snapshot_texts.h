/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes each interned text once and refers to it by number. Also writes and reads
 *               queue IDs and windows, which several parts contain.
 * Doesn't know: files.
 * Owns:         nothing; what is read belongs to the caller.
 * Time:         timeless.
 * Fails:        like snapshot_bytes.h: sticky, with a reason.
 */
#ifndef RELAYWATCH_ENGINE_SNAPSHOT_TEXTS_H
#define RELAYWATCH_ENGINE_SNAPSHOT_TEXTS_H

#include "base/window.h"
#include "engine/snapshot_bytes.h"

/* Call it before anything is written. False when memory is short; the caller frees w->taken and
 * w->before in either case. */
bool number_texts(struct writer *w, const struct interns *texts);
/* The whole table, before any reference to it. */
void write_texts(struct writer *w);
/* A reference to a text; NULL is fine. A text outside the table (intern_make) is written here. */
void write_text(struct writer *w, const struct intern *text);
void write_window(struct writer *w, const struct window *window);

/* Lifts the bound on texts, which is to be set again after drop_texts. */
bool read_texts(struct reader *r, struct interns *texts);
/* Call it after everything is read: drops the reader's references, and with them unused texts. */
void drop_texts(struct reader *r, struct interns *texts);
/* A new reference for the caller; NULL if NULL was written, or after a failure. */
struct intern *read_text(struct reader *r);
/* Accepts only what queue_id_parse can give, and the empty ID. */
struct queue_id read_id(struct reader *r);
void read_window(struct reader *r, struct window *window);

#endif
