/* SPDX-License-Identifier: MIT */
/*
 * A follower of a journal. Its notifications come up to 250 ms late, so these tests wait for real.
 */
#ifndef JOURNAL_HARNESS_H
#define JOURNAL_HARNESS_H

#include "source/source_journal.h"
#include "tail_harness.h"

#include <systemd/sd-journal.h>

static struct follower *f;
static struct source_journal_options which;
static struct source_entry last; /* its spans are not to be looked into */
static unsigned refused;
static char last_host[64], last_message[4096];
static size_t last_message_len;

static inline void on_entry(void *ctx, const struct source_entry *entry)
{
    struct follower *follower = ctx;

    last = *entry;
    last_message_len = entry->message.len;
    snprintf(last_host, sizeof(last_host), "%.*s", SPAN_ARG(entry->host));
    snprintf(last_message, sizeof(last_message), "%.*s", SPAN_ARG(entry->message));
    refused += entry->refused;
    one_line(follower, entry->message.at ? entry->message.at : "", entry->message.len);
}

static inline void setup(void)
{
    scratch_make("/tmp");
    f = follower_new("");
    f->options.sink.entry = on_entry;
    which = (struct source_journal_options){.directory = scratch};
    refused = 0;
}

static inline void teardown(void)
{
    follower_free(f);
    scratch_remove();
}

static inline void journal_open(enum source_start start)
{
    f->options.start = start;
    f->options.position = f->position;
    ck_assert_int_eq(source_open_journal(&which, &f->options, f->now_us, &f->source), 0);
}

static inline void journal_start(enum source_start start)
{
    journal_open(start);
    follower_pump(f);
}

/* Really waits for the journal, whose notifications come up to 250 ms late. */
static inline void pump_for(unsigned lines, int most_ms)
{
    for (int ms = 0; ms < most_ms && f->lines < lines; ms += 10) {
        struct pollfd p = {source_fd(f->source), POLLIN, 0};
        poll(&p, 1, 10);
        f->now_us += 10000;
        follower_pump(f);
    }
}

#endif
