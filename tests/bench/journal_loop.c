/* SPDX-License-Identifier: MIT */
/*
 * The least that reading a journal can cost, for the benchmark: goes to every entry of a directory
 * of journals and asks for its time and the fields named; does nothing with them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

int main(int argc, char **argv)
{
    uint64_t entries = 0, bytes = 0, when = 0;
    sd_journal *journal;
    int r;

    if (argc < 2) {
        fputs("usage: journal_loop DIRECTORY [FIELD...]\n", stderr);
        return 2;
    }
    r = sd_journal_open_directory(&journal, argv[1], 0);
    if (r < 0) {
        fprintf(stderr, "journal_loop: %s: %s\n", argv[1], strerror(-r));
        return 1;
    }
    while ((r = sd_journal_next(journal)) > 0) {
        const void *data;
        size_t len;

        for (int i = 2; i < argc; i++)
            if (sd_journal_get_data(journal, argv[i], &data, &len) >= 0)
                bytes += len;
        sd_journal_get_realtime_usec(journal, &when);
        entries++;
    }
    printf("%" PRIu64 " entries, %" PRIu64 " bytes, the last of %" PRIu64 "\n", entries, bytes,
           when);
    sd_journal_close(journal);
    return r < 0;
}
