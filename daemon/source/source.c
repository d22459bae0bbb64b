/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "source/source_internal.h"

#define WORD_BREAKS " \t\r\n,"

int source_run(struct source *source, int64_t now_us, size_t budget)
{
    return source->ops->run(source, now_us, budget);
}

int source_fd(const struct source *source)
{
    return source->ops->fd(source);
}

int64_t source_deadline_us(const struct source *source)
{
    return source->ops->deadline_us(source);
}

char *source_place(const struct source *source)
{
    return source->ops->place(source);
}

uint64_t source_behind(const struct source *source)
{
    return source->ops->behind(source);
}

void source_close(struct source *source)
{
    if (source)
        source->ops->close(source);
}

const uint64_t *source_counters(const struct source *source)
{
    return source->counters;
}

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

/* Notes that a stranger's line can cause at will are passed on at 1, 2, 4, 8 ... times only. */
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
    json_t *place = json_pack("{ss so}", "kind", kind, "parts", parts);
    char *text = place ? json_dumps(place, JSON_COMPACT) : NULL;

    json_decref(place);
    return text;
}

int source_load_position(struct source *source, const char *text, const char *kind,
                         int (*load)(struct source *source, const json_t *part))
{
    json_t *place = text ? json_loads(text, 0, NULL) : NULL;
    const char *of = json_string_value(json_object_get(place, "kind"));
    const json_t *parts = json_object_get(place, "parts"), *part;
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
    json_decref(place);
    return r < 0 ? r : 0;
}

bool source_resumed(const struct source *source)
{
    return source->resumed;
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
