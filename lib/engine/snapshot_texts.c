/* SPDX-License-Identifier: MIT */
/* Texts are written once and referred to by number. Queue IDs and windows are here too, because
 * several parts contain them. */
#include "engine/snapshot_texts.h"

#include <stdlib.h>

#include "engine/stages.h"

enum { TEXT_SLOTS_MIN = 256 };

/* --- texts ------------------------------------------------------------------------------------ */

/* Bits and sums over words give a text's number without a table of numbers: see write_text. */
bool number_texts(struct writer *w, const struct interns *texts)
{
    uint32_t words = texts->slot_count / 64, mask = texts->slot_count - 1, n = 0, free_slot = 0;

    w->texts = texts;
    w->taken = calloc(words, sizeof(*w->taken));
    w->before = calloc(words, sizeof(*w->before));
    if (!w->taken || !w->before)
        return false;
    while (texts->slot[free_slot])
        free_slot++;
    w->first_slot = (free_slot + 1) & mask;
    for (uint32_t q = 0; q < texts->slot_count; q++) {
        if (q % 64 == 0)
            w->before[q / 64] = n;
        if (!texts->slot[(w->first_slot + q) & mask])
            continue;
        w->taken[q / 64] |= (uint64_t)1 << q % 64;
        n++;
    }
    return true;
}

/* The number is the count of texts in earlier words, plus those in this word, plus one. */
void write_text(struct writer *w, const struct intern *text)
{
    const struct interns *texts = w->texts;
    uint32_t mask = texts->slot_count - 1;

    if (!text) {
        write_u32(w, 0);
        return;
    }
    if (text->alone) {
        write_u32(w, SNAPSHOT_TEXT_INLINE);
        write_span(w, intern_span(text));
        return;
    }
    uint32_t at = text->hash & mask;
    while (texts->slot[at] != text)
        at = (at + 1) & mask;
    uint32_t q = (at - w->first_slot) & mask;
    uint64_t below = w->taken[q / 64] & (((uint64_t)1 << q % 64) - 1);
    write_u32(w, w->before[q / 64] + (uint32_t)__builtin_popcountll(below) + 1);
}

void write_texts(struct writer *w)
{
    const struct interns *texts = w->texts;

    write_u64(w, texts->refused);
    write_u32(w, texts->slot_count);
    write_u32(w, texts->used);
    for (uint32_t q = 0; q < texts->slot_count; q++) {
        const struct intern *text = texts->slot[(w->first_slot + q) & (texts->slot_count - 1)];
        if (text)
            write_span(w, intern_span(text));
    }
}

/* Sizes that intern.c can produce; others would be a way to make the reader allocate a lot. */
static bool is_table_size(uint32_t size, uint32_t used)
{
    return size >= TEXT_SLOTS_MIN && (size & (size - 1)) == 0 && used <= size / 2 &&
           (size == TEXT_SLOTS_MIN || used >= size / 64);
}

bool read_texts(struct reader *r, struct interns *texts)
{
    uint64_t refused = read_u64(r);
    uint32_t slot_count = read_u32(r), count = read_count(r, 4);

    if (r->failed)
        return false;
    if (!is_table_size(slot_count, count))
        return read_fail(r, "its table of texts has an impossible size");
    r->texts = calloc((size_t)count + 1, sizeof(*r->texts));
    if (!r->texts || !interns_resize(texts, slot_count))
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    texts->max = UINT32_MAX; /* until everything is read */
    while (r->text_count < count && !r->failed) {
        struct span s = read_span(r);
        if (r->failed)
            break;
        r->texts[r->text_count] = intern_get(texts, s);
        if (!r->texts[r->text_count])
            return read_fail(r, SNAPSHOT_NO_MEMORY);
        r->text_count++;
    }
    texts->refused = refused;
    return !r->failed;
}

struct intern *read_text(struct reader *r)
{
    uint32_t number = read_u32(r);

    if (!number || r->failed)
        return NULL;
    if (number == SNAPSHOT_TEXT_INLINE) {
        struct span s = read_span(r);
        struct intern *text = r->failed ? NULL : intern_make(&r->p->texts, s);
        if (!text)
            read_fail(r, SNAPSHOT_NO_MEMORY);
        return text;
    }
    number = read_below(r, number - 1, r->text_count, "it refers to a text that does not exist");
    return r->failed ? NULL : intern_ref(r->texts[number]);
}

void drop_texts(struct reader *r, struct interns *texts)
{
    for (uint32_t i = 0; i < r->text_count; i++)
        intern_put(texts, r->texts[i]);
    r->text_count = 0;
}

/* --- queue IDs, windows ----------------------------------------------------------------------- */

/* Queue IDs go into shell commands and into the journal, hence the check by formatting and parsing
 * it again. */
struct queue_id read_id(struct reader *r)
{
    struct queue_id id = {.lo = read_u64(r)}, again = {0, 0};
    char text[QUEUE_ID_TEXT_MAX];

    id.hi = read_u64(r);
    if (!queue_id_is_set(id) && !id.hi)
        return id;
    struct span s = span_str(queue_id_print(id, text));
    if (queue_id_parse(s, &again) != s.len || !queue_id_equal(id, again)) {
        read_fail(r, "it holds an impossible queue ID");
        return (struct queue_id){0, 0};
    }
    return id;
}

void write_window(struct writer *w, const struct window *window)
{
    uint16_t mask = 0;

    for (int i = 0; i < WINDOW_BUCKETS; i++)
        if (window->count[i])
            mask |= (uint16_t)(1u << i);
    write_u16(w, mask);
    write_u32(w, window->length);
    write_u32(w, window->newest);
    for (int i = 0; i < WINDOW_BUCKETS; i++)
        if (mask >> i & 1)
            write_u32(w, window->count[i]);
}

void read_window(struct reader *r, struct window *window)
{
    uint16_t mask = read_u16(r);

    if (mask >> WINDOW_BUCKETS)
        read_fail(r, "a window has too many steps");
    window->length = read_u32(r);
    window->newest = read_u32(r);
    for (int i = 0; i < WINDOW_BUCKETS; i++)
        if (mask >> i & 1)
            window->count[i] = read_u32(r);
}
