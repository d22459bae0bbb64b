/* SPDX-License-Identifier: MIT */
/* Logs that are written for a test, and cut after each of their lines. */
#ifndef RELAYWATCH_TEST_SNAPSHOT_LINES_H
#define RELAYWATCH_TEST_SNAPSHOT_LINES_H

#include <unistd.h>

#include "snapshot_cut.h"

static char path[] = "/tmp/snapshot-log-XXXXXX", dump[] = "/tmp/snapshot-site-XXXXXX";

static inline FILE *open_temporary(char *name)
{
    strcpy(name + strlen(name) - 6, "XXXXXX");
    int fd = mkstemp(name);

    ck_assert_int_ge(fd, 0);
    FILE *out = fdopen(fd, "w");
    ck_assert_ptr_nonnull(out);
    return out;
}

static inline void write_dump(const char *text)
{
    FILE *out = open_temporary(dump);

    fputs(text, out);
    fclose(out);
}

/* Saved and restored after each line, the result is the same: an incident of the real client. */
static inline void check_every_cut(void)
{
    struct log log = log_read(path);
    struct whole whole;

    whole_run(&whole, &log, dump);
    ck_assert_msg(strstr(whole.outcome, "\"key\":{\"client\":\"192.0.2.1\"}") != NULL, "got\n%s",
                  whole.outcome);
    ck_assert_msg(strstr(whole.outcome, "\"recipients\":6,") != NULL, "got\n%s", whole.outcome);
    whole_done(&whole);
    log_done(&log);
    check_log(path, dump, SIZE_MAX);
    unlink(path);
    unlink(dump);
}

#define LINE "2026-11-24T03:00:0%d+00:00 mx1 postfix/"

#define CLIENTS_OWN                                                                                \
    LINE "smtpd[1]: C%05X: client=unknown[192.0.2.1]\n" LINE                                       \
         "qmgr[3]: C%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE            \
         "smtp[6]: C%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"              \
         " dsn=2.0.0, status=sent (Ok)\n"

#endif
