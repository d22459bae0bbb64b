/* SPDX-License-Identifier: MIT */
#include "source/source_kind.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"

#define POSITION_FILES_MAX 65536
#define WORD_BREAKS        " \t\r\n,"

/* Notes that a stranger's line can trigger at will are passed on only the 1st, 2nd, 4th, 8th ...
 * time. */
static bool is_repetition(const struct source *source, enum source_note note, uint64_t amount)
{
    uint64_t count = source->counters[note];

    switch (note) {
    case SOURCE_NOTE_CUT:
    case SOURCE_NOTE_NULS:
    case SOURCE_NOTE_REFUSED:
    case SOURCE_NOTE_SEEN:
    case SOURCE_NOTE_NO_MESSAGE:
    case SOURCE_NOTE_OVERFLOW:
        return count - amount > 0 && __builtin_clzll(count) == __builtin_clzll(count - amount);
    default:
        return false;
    }
}

void source_say(struct source *source, enum source_note note, uint64_t amount, const char *format,
                ...)
{
    char text[1024];
    va_list args;

    source->counters[note] += amount;
    if (!source->sink.note || is_repetition(source, note, amount))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    source->sink.note(source->sink.ctx, note, text);
}

char *source_format_position(const char *kind, json_t *parts)
{
    json_t *position = json_pack("{ss so}", "kind", kind, "parts", parts);
    char *text = position ? json_dumps(position, JSON_COMPACT) : NULL;

    json_decref(position);
    return text;
}

int source_load_position(struct source *source, const char *text, const char *kind,
                         int (*load)(struct source *source, const json_t *part))
{
    json_t *position = text ? json_loads(text, 0, NULL) : NULL;
    const char *of = json_string_value(json_object_get(position, "kind"));
    const json_t *parts = json_object_get(position, "parts"), *part;
    size_t i;
    int r = 0;

    if (of && strcmp(of, kind) == 0)
        json_array_foreach(parts, i, part)
        {
            r = load(source, part);
            if (r < 0)
                break;
            source->resumed |= r > 0;
        }
    json_decref(position);
    return r < 0 ? r : 0;
}

char *source_position_files(const char *text)
{
    json_t *position = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *part;
    struct buf names = buf_new(POSITION_FILES_MAX);
    size_t i;

    json_array_foreach(json_object_get(position, "parts"), i, part)
    {
        const char *path = json_string_value(json_object_get(part, "path"));
        if (path && names.len)
            buf_add_str(&names, " ");
        buf_add_str(&names, path ? path : "");
    }
    json_decref(position);
    return buf_take(&names);
}

int source_each_word(const char *words, int (*visit)(void *ctx, const char *word, size_t len),
                     void *ctx)
{
    while (words && *(words += strspn(words, WORD_BREAKS))) {
        size_t len = strcspn(words, WORD_BREAKS);
        int r = visit(ctx, words, len);
        if (r)
            return r;
        words += len;
    }
    return 0;
}
