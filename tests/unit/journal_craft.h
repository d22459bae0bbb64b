/* SPDX-License-Identifier: MIT */
/*
 * Journals written by systemd-journal-remote from its export format, with whatever hosts, boots and
 * times a scenario wants.
 */
#ifndef RELAYWATCH_TESTS_JOURNAL_CRAFT_H
#define RELAYWATCH_TESTS_JOURNAL_CRAFT_H

#include "journal_harness.h"

#define REMOTE  "/lib/systemd/systemd-journal-remote"
#define BASE_US ((wall_us)1790000000 * US_PER_S)
#define BOOT_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOOT_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

struct craft {
    FILE *out;
    const char *host, *boot;
    wall_us realtime;
    int64_t monotonic;
    int seq;
};

static inline bool can_craft(const char *scenario)
{
    if (access(REMOTE, X_OK) == 0)
        return true;
    printf("SKIP %s: no systemd-journal-remote\n", scenario);
    return false;
}

static inline struct craft craft_begin(const char *file, const char *host, const char *boot,
                                       wall_us realtime, int seq)
{
    char command[2 * PATH_MAX];

    snprintf(command, sizeof(command), REMOTE " -o '%s' - >/dev/null 2>&1", in_scratch("%s", file));
    struct craft c = {popen(command, "w"), host, boot, realtime, 1000000, seq};
    ck_assert(c.out != NULL);
    return c;
}

static inline void craft_end(struct craft *c)
{
    ck_assert_int_eq(pclose(c->out), 0);
}

/* `fields` in export format, each ended by a newline. */
static inline void craft_raw(struct craft *c, const char *fields, size_t len)
{
    fprintf(c->out,
            "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n_BOOT_ID=%s\n_HOSTNAME=%s\n"
            "_MACHINE_ID=%s\n",
            (long long)c->realtime, (long long)c->monotonic, c->boot, c->host, BOOT_A);
    fwrite(fields, 1, len, c->out);
    fputc('\n', c->out);
    c->realtime += 1000;
    c->monotonic += 1000;
}

static inline void craft_fields(struct craft *c, const char *fields)
{
    craft_raw(c, fields, strlen(fields));
}

static inline void craft_mail(struct craft *c, int count)
{
    char fields[512];

    for (int i = 0; i < count; i++) {
        snprintf(fields, sizeof(fields),
                 "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=123\n_PID=124\n"
                 "_TRANSPORT=syslog\n_UID=0\nMESSAGE=seq=%06d; connect\n",
                 c->seq++);
        craft_fields(c, fields);
    }
}

static inline void craft_other(struct craft *c, int count)
{
    for (int i = 0; i < count; i++)
        craft_fields(c, "SYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=cron\nMESSAGE=other\n");
}

static inline void craft_file(const char *file, const char *host, int from, int count)
{
    struct craft c = craft_begin(file, host, BOOT_A, BASE_US + from * 1000, from);

    c.monotonic += from * 1000;
    craft_mail(&c, count);
    craft_end(&c);
}

#endif
