/* SPDX-License-Identifier: MIT */
/*
 * A follower of a journal. Its notifications come up to 250 ms late, so these tests wait for real.
 */
#ifndef RELAYWATCH_TESTS_JOURNAL_HARNESS_H
#define RELAYWATCH_TESTS_JOURNAL_HARNESS_H

#include "source/source_journal.h"
#include "tail_harness.h"

#include <systemd/sd-journal.h>
#include <time.h>

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

/* What takes milliseconds may take seconds beside other work: a wait ends with what it waits for,
 * and with this only when the test has failed. */
enum { LONGEST_S = 30 };

static inline int64_t real_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Runs the follower as a loop would for about 10 ms. */
static inline void pump_once(void)
{
    struct pollfd p = {source_fd(f->source), POLLIN, 0};

    poll(&p, 1, 10);
    f->now_us += 10000;
    follower_pump(f);
}

static inline void pump_ms(int ms)
{
    for (int64_t until = real_ms() + ms; real_ms() < until;)
        pump_once();
}

/* Until it has had so many lines. */
static inline void pump_lines(unsigned lines)
{
    for (int64_t until = real_ms() + 1000 * LONGEST_S; f->lines < lines && real_ms() < until;)
        pump_once();
}

/* Until it has had each of these lines. */
static inline void pump_seen(int from, int to)
{
    int64_t until = real_ms() + 1000 * LONGEST_S;

    while (lost(f, from, to) > 0 && real_ms() < until)
        pump_once();
}

#endif
