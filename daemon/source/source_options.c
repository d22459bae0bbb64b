/* SPDX-License-Identifier: MIT */
#include "source/source_options.h"

#include <assert.h>

/* Both tables are indexed by enum source_note and made of its rows, so they cannot disagree. */
const char *source_note_name(enum source_note note)
{
    static const char *const names[] = {
#define X(id, name, text) [SOURCE_NOTE_##id] = (name),
        SOURCE_NOTES(X)
#undef X
    };
    static_assert(sizeof(names) / sizeof(names[0]) == SOURCE_NOTE_COUNT, "a name for every note");

    return names[note];
}

const char *source_note_sentence(enum source_note note)
{
    static const char *const sentences[] = {
#define X(id, name, text) [SOURCE_NOTE_##id] = (text),
        SOURCE_NOTES(X)
#undef X
    };
    static_assert(sizeof(sentences) / sizeof(sentences[0]) == SOURCE_NOTE_COUNT,
                  "a sentence for every note");

    return sentences[note];
}
