/* SPDX-License-Identifier: MIT */
/*
 * The least that reading a journal can cost, for the benchmark: goes to every entry of a directory of
 * journals and asks for its message, who wrote it and when; does nothing with them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

static const char *const fields[] = {"MESSAGE", "SYSLOG_IDENTIFIER"};

int main(int argc, char **argv)
{
    uint64_t entries = 0, bytes = 0, when = 0;
    sd_journal *journal;
    int r = argc == 2 ? sd_journal_open_directory(&journal, argv[1], 0) : -1;

    if (r < 0) {
        fprintf(stderr, "usage: journal_loop DIRECTORY%s%s\n", argc == 2 ? ": " : "",
                argc == 2 ? strerror(-r) : "");
        return 2;
    }
    while ((r = sd_journal_next(journal)) > 0) {
        const void *data;
        size_t len;

        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (sd_journal_get_data(journal, fields[i], &data, &len) >= 0)
                bytes += len;
        sd_journal_get_realtime_usec(journal, &when);
        entries++;
    }
    printf("%" PRIu64 " entries, %" PRIu64 " bytes, the last of %" PRIu64 "\n", entries, bytes,
           when);
    sd_journal_close(journal);
    return r < 0;
}
