/* SPDX-License-Identifier: MIT */
/*
 * Does:         the table of records without fields: what each is, and whether it ends or holds a
 *               message.
 * Doesn't know: records with fields.
 * Owns:         a constant table.
 * Time:         timeless.
 * Fails:        text in no row leaves the record as it is (RECORD_UNPARSED).
 */
#ifndef RELAYWATCH_PARSE_RECORD_SHAPES_H
#define RELAYWATCH_PARSE_RECORD_SHAPES_H

#include "parse/record.h"

/* What connections write, which is two lines in five: its shape if it is IGNORED whatever else the
 * line says, NULL if more has to be known. */
const char *record_shape_of_connection(enum program program, struct span text);
/* The same of any line: what begins with a queue ID, or with NOQUEUE, is told by two characters. */
static inline const char *record_shape_of_idle(enum program program, struct span text)
{
    if (program == PROGRAM_OTHER || program == PROGRAM_SCRIPT)
        return "a program that carries no message";
    if (text.len < 2 || text.at[0] < 'A' || text.at[1] < 'a')
        return NULL;
    return record_shape_of_connection(program, text);
}
/* s follows "QID: ", follows "warning: QID: ", or is the whole text. They set type and shape. */
void record_shape_with_id(struct span s, struct record *ret);
void record_shape_warning(struct span s, struct record *ret);
void record_shape_without_id(struct span s, struct record *ret);
/* s follows "warning: ", and may say that a queue file has vanished: then it sets the ID too. */
bool record_shape_gone(struct span s, struct record *ret);

#endif
