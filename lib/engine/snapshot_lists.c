/* SPDX-License-Identifier: MIT */
#include "engine/snapshot_lists.h"

#include "detect/cell.h"
#include "detect/said.h"
#include "engine/snapshot_texts.h"
#include "engine/stages.h"

void write_tally(struct writer *w, const struct tally *tally)
{
    write_u32(w, tally->count);
    write_u64(w, tally->more);
    write_u32(w, tally->last);
    for (uint32_t i = 0; i < tally->count; i++) {
        write_text(w, tally->entry[i].text);
        write_u32(w, tally->entry[i].count);
        write_u32(w, tally->entry[i].last_s);
    }
}

/* A text that occurs twice is added up, so the number of entries gives it away. */
void read_tally(struct reader *r, struct tally *tally)
{
    struct interns *texts = &r->p->texts;
    uint32_t count = read_count(r, 12);
    uint64_t more = read_u64(r);
    uint32_t last = read_u32(r);

    if (count > TALLY_CLIENTS_MAX)
        read_fail(r, "a list is too long");
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        struct intern *text = read_text(r);
        uint32_t n = read_u32(r), last_s = read_u32(r);
        if (!text || text->alone)
            read_fail(r, "a list has an empty entry");
        else
            tally_add(tally, texts, text, n, last_s, count);
        intern_put(texts, text);
    }
    if (tally->count != count)
        read_fail(r, "a list has a duplicate entry");
    tally->more = more;
    tally->last = last;
}

void write_lists(struct writer *w, const struct lists *lists)
{
    write_tally(w, &lists->clients);
    write_tally(w, &lists->networks);
    write_tally(w, &lists->senders);
    write_tally(w, &lists->sender_domains);
    write_tally(w, &lists->hosts);
    write_tally(w, &lists->refused_by);
    write_tally(w, &lists->refused_domains);
    write_u8(w, lists->said != NULL);
    for (int i = 0; lists->said && i < MAIL_HEADER_COUNT; i++)
        write_tally(w, &lists->said[i]);
}

void read_lists(struct reader *r, struct cell *cell)
{
    struct lists *lists = cell_lists_make(cell);

    if (!lists) {
        read_fail(r, SNAPSHOT_NO_MEMORY);
        return;
    }
    read_tally(r, &lists->clients);
    read_tally(r, &lists->networks);
    read_tally(r, &lists->senders);
    read_tally(r, &lists->sender_domains);
    read_tally(r, &lists->hosts);
    read_tally(r, &lists->refused_by);
    read_tally(r, &lists->refused_domains);
    if (!read_below(r, read_u8(r), 2, "a cell's headers are of an unknown form"))
        return;
    if (!said_make(&lists->said))
        read_fail(r, SNAPSHOT_NO_MEMORY);
    for (int i = 0; i < MAIL_HEADER_COUNT && !r->failed; i++)
        read_tally(r, &lists->said[i]);
}
