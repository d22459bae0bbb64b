/* SPDX-License-Identifier: MIT */
/* Apart from the other tests of snapshots, which take too long for `dev unit`. */
#include "snapshot_cut.h"

/* If a struct has changed its size, a member was added that the snapshot lacks (or one removed).
 * Handle it in the file named, raise SNAPSHOT_VERSION, then put the new size here. Caches and
 * borrowed pointers are not written: batch, callbacks, indexes. */
static const struct {
    const char *name;
    size_t size, known;
} sizes[] = {
#define SIZE(type, known)                                                                          \
    {                                                                                              \
#type, sizeof(struct type), known                                                          \
    }
    SIZE(pipeline, 219712), /* snapshot.c */
    SIZE(pipeline_counters, 128),
    SIZE(syslog_clock, 104), /* day and day_start are only a cache */
    SIZE(hosts, 144),
    SIZE(host, 64),
    SIZE(host_heard, 32),
    SIZE(host_source, 16),
    SIZE(judge, 175312),
    SIZE(archives, 1288),   /* snapshot_life.c */
    SIZE(mail_headers, 40), /* snapshot_life.c, as the next */
    SIZE(mail_headers_entry, 40),
    SIZE(log_line_kept, 88),
    SIZE(lifecycle, 39120), /* snapshot_life.c */
    SIZE(interns, 56),      /* snapshot_texts.c */
    SIZE(intern, 12),
    SIZE(window, 56),
    SIZE(queue_id, 16),
    SIZE(tracker, 216), /* snapshot_tracker.c */
    SIZE(message_chunk, 131392),
    SIZE(message, 128),
    SIZE(recipient, 24),
    SIZE(fifo, 24),
    SIZE(cell, 200), /* snapshot_cells.c */
    SIZE(cell_rest, 432),
    SIZE(once, 40),
    SIZE(lists, 344), /* snapshot_lists.c */
    SIZE(totals, 120),
    SIZE(tally, 48),
    SIZE(tally_entry, 24),
    SIZE(sample, 24),
    SIZE(scope, 20),
    SIZE(network, 17),
    SIZE(detector, 4392), /* snapshot_detector.c */
    SIZE(key_count, 64),
    SIZE(incident, 544),
#undef SIZE
};

START_TEST(nothing_new)
{
    if (sizeof(void *) == 8) /* the sizes are those of 64-bit machines */
        want_number(sizes[_i].name, (int64_t)sizes[_i].size, (int64_t)sizes[_i].known);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("sizes");

    ADD_ROWS(tc, nothing_new, sizes);
    return run_snapshot_suite("snapshot, sizes", tc);
}
