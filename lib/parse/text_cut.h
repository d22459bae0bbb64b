/* SPDX-License-Identifier: MIT */
/*
 * Does:         says whether Postfix may have cut a record's text.
 * Doesn't know: records.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; a text may look cut and be whole, and only syslog's own cuts are overlooked.
 *
 * Postfix cuts the text at 2000 bytes, without a mark (util/msg_syslog.c, util/msg_logger.c). So
 * whoever writes a long address or message-id chooses how the record ends: what is believed must
 * stand before something that no stranger writes.
 */
#ifndef RELAYWATCH_PARSE_TEXT_CUT_H
#define RELAYWATCH_PARSE_TEXT_CUT_H

#include "base/span.h"

/* 100 bytes of margin, for what a syslog on the way takes away. */
enum { TEXT_NEARLY_CUT = 1900 };

static inline bool text_may_be_cut(struct span text)
{
    return text.len >= TEXT_NEARLY_CUT;
}

/* Without the blanks at its end; but they show that a long text was cut, so there they stay. */
static inline struct span text_trim_end(struct span text)
{
    bool stay = text_may_be_cut(text) && text.at[text.len - 1] == ' ';

    return stay ? text : span_trim_end(text);
}

#endif
