/* SPDX-License-Identifier: MIT */
/* A log of several days, made from a number: waves of strangers, stolen accounts, notices to
 * strangers, retries, and silences of up to a day or two in between. The same for the same
 * number. */
#ifndef RELAYWATCH_TESTS_DAYS_H
#define RELAYWATCH_TESTS_DAYS_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"

enum { DAYS_BEGIN_S = 1795489200, DAYS_LINES_MAX = 200000, DAYS_PENDING_MAX = 4096 };

struct days {
    uint64_t random;
    const char *host;
    uint32_t now_s, ids, lines;
    uint32_t pending[DAYS_PENDING_MAX]; /* ids that are in the queue, deferred */
    uint32_t pending_count;
    char *text;
    size_t len;
    FILE *out;
    size_t line[DAYS_LINES_MAX + 1]; /* where each begins, and the end */
    uint32_t line_s[DAYS_LINES_MAX];
};

static inline uint32_t days_below(struct days *days, uint32_t n)
{
    days->random = days->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(days->random >> 33) % n;
}

__attribute__((format(printf, 2, 3))) static inline void days_line(struct days *days,
                                                                   const char *format, ...)
{
    char when[WHEN_TEXT_MAX];
    va_list args;

    ck_assert(days->lines < DAYS_LINES_MAX);
    days->line[days->lines] = (size_t)ftell(days->out);
    days->line_s[days->lines++] = days->now_s;
    fprintf(days->out, "%s %s postfix/", when_print(days->now_s * US_PER_S, when), days->host);
    va_start(args, format);
    vfprintf(days->out, format, args);
    va_end(args);
    fputc('\n', days->out);
}

/* client, as Postfix prints it with what follows it; to where. The message-id is the host's own: if
 * another host of a few had it, too, they might be mail that one handed to the other. */
static inline void days_message(struct days *days, const char *client, const char *sender,
                                const char *to, bool deferred)
{
    unsigned id = 0xA0000000u + ++days->ids;
    bool local = strstr(to, "@example.net") != NULL;

    days_line(days, "smtpd[1]: %X: client=%s", id, client);
    days_line(days, "cleanup[2]: %X: message-id=<%u@%s.example>", id, id, days->host);
    days_line(days, "qmgr[3]: %X: from=<%s>, size=900, nrcpt=1 (queue active)", id, sender);
    days_line(days, "%s[4]: %X: to=<%s>, relay=%s, delay=1, delays=0/0/0/1, dsn=%s, status=%s (x)",
              local ? "local" : "smtp", id, to, local ? "local" : "mx.v.example[198.51.100.1]:25",
              deferred ? "4.0.0" : "2.0.0", deferred ? "deferred" : "sent");
    if (deferred && days->pending_count < DAYS_PENDING_MAX)
        days->pending[days->pending_count++] = id;
    else
        days_line(days, "qmgr[3]: %X: removed", id);
}

static inline void days_strangers(struct days *days)
{
    static const uint32_t count[] = {30, 300, 700}, networks[] = {1, 3, 200},
                          domains[] = {1, 50, 2000};
    uint32_t net = networks[days_below(days, 3)], domain = domains[days_below(days, 3)];
    char client[64], sender[64], to[64];

    for (uint32_t i = 0, n = count[days_below(days, 3)]; i < n; i++) {
        snprintf(client, sizeof(client), "unknown[192.0.%u.%u]", 2 + days_below(days, net),
                 1 + days_below(days, 250));
        snprintf(sender, sizeof(sender), "a@s%u.example", days_below(days, domain));
        snprintf(to, sizeof(to), "u%u@v%u.example", i, days_below(days, 20));
        days_message(days, client, sender, to, days_below(days, 10) == 0);
        if (days_below(days, 5) == 0)
            days->now_s += days_below(days, 3);
    }
}

static inline void days_account(struct days *days)
{
    static const uint32_t count[] = {1, 20, 80};
    char client[128], to[64];

    for (uint32_t i = 0, n = count[days_below(days, 3)]; i < n; i++) {
        snprintf(client, sizeof(client), "h[203.%u.113.%u], sasl_method=PLAIN, sasl_username=ann%u",
                 days_below(days, 99), days_below(days, 9), days_below(days, 3));
        snprintf(to, sizeof(to), "u%u@v%u.example", i, days_below(days, 5));
        days_message(days, client, "ann@example.net", to, false);
    }
}

static inline void days_retries(struct days *days)
{
    static const char *const status[] = {"sent", "deferred", "bounced"}, digit[] = "245";

    for (uint32_t n = 1 + days_below(days, 20); n > 0 && days->pending_count; n--) {
        uint32_t at = days_below(days, days->pending_count), s = days_below(days, 3);
        unsigned id = days->pending[at];
        days_line(days,
                  "smtp[4]: %X: to=<u@v.example>, relay=mx.v.example[198.51.100.1]:25,"
                  " delay=9, delays=0/0/0/9, dsn=%c.0.0, status=%s (x)",
                  id, digit[s], status[s]);
        if (s == 1)
            continue;
        days_line(days, "qmgr[3]: %X: removed", id);
        days->pending[at] = days->pending[--days->pending_count];
    }
}

static inline void days_step(struct days *days)
{
    uint32_t what = days_below(days, 103), now_s = days->now_s;
    char client[64], sender[64], to[64];

    if (what >= 102) { /* alone in its day, perhaps */
        days_line(days, "qmgr[3]: BBBBBBBB: removed");
    } else if (what >= 100) { /* the clock of another host is behind */
        days->now_s -= days_below(days, 4000);
        days_message(days, "unknown[203.0.113.77]", "late@z.example", "u@q.example", false);
        days->now_s = now_s;
    } else if (what < 12) {
        days_strangers(days);
    } else if (what < 50) {
        snprintf(client, sizeof(client), "unknown[203.0.%u.%u]", days_below(days, 256),
                 days_below(days, 256));
        snprintf(sender, sizeof(sender), "a@z%u.example", days_below(days, 40));
        snprintf(to, sizeof(to), "u@q%u.example", days_below(days, 9));
        days_message(days, client, sender, to, days_below(days, 5) == 0);
    } else if (what < 60) {
        snprintf(client, sizeof(client), "h[203.0.113.%u]", days_below(days, 9));
        snprintf(to, sizeof(to), "joe%u@example.net", days_below(days, 3));
        days_message(days, client, "", to, false);
    } else if (what < 75) {
        days_account(days);
    } else {
        days_retries(days);
    }
}

/* No silence is longer than longest_s. The host's clock is off by that. */
static inline struct days *days_of_host(uint64_t number, uint32_t steps, uint32_t longest_s,
                                        const char *host, int32_t off_s)
{
    static const uint32_t silence[] = {1,    5,    60,   61,    300,   599,   1200,  3600,
                                       3601, 7200, 7300, 20000, 40000, 80000, 200000};
    struct days *days = calloc(1, sizeof(*days));

    ck_assert_ptr_nonnull(days);
    days->random = number * 0x9e3779b97f4a7c15u + 1;
    days->host = host;
    days->now_s = DAYS_BEGIN_S + (uint32_t)off_s;
    days->out = open_memstream(&days->text, &days->len);
    ck_assert_ptr_nonnull(days->out);
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t s;
        days_step(days);
        do
            s = silence[days_below(days, sizeof(silence) / sizeof(*silence))];
        while (s > longest_s);
        days->now_s += s;
    }
    days->line[days->lines] = (size_t)ftell(days->out);
    fclose(days->out);
    return days;
}

static inline struct days *days_make(uint64_t number, uint32_t steps, uint32_t longest_s)
{
    return days_of_host(number, steps, longest_s, "mx1", 0);
}

static inline void days_free(struct days *days)
{
    free(days->text);
    free(days);
}

#endif
