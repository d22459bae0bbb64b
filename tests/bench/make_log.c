/* SPDX-License-Identifier: MIT */
/*
 * Writes a Postfix log as a busy host would, for the benchmark: the lives of its messages
 * interleave, about a thousand messages arrive a second, and as many as wanted are in flight at
 * once. The same options give the same bytes.
 *
 * A discrete simulation: every message is a slot with a next step, and a heap holds the steps by
 * time. Each step writes its line or lines and says when the next one comes. How many messages are
 * in flight follows from how long they live:
 *
 *   up to SMALL_FLIGHT   all lives are stretched so that on average the number wanted is there;
 *   beyond               short lives go on as they are, and a queue of deferred messages grows
 *                        beside them, retried now and then, until the number is reached (at 60 % of
 *                        the log).
 *
 * A message of the second kind costs four lines before it is parked, so a log of N lines holds at
 * most about N/5 of them; with --old they are there before the log begins, and the log shows only
 * their retries (two lines each).
 *
 * --flood is an attack on the tables: every message relays from a client, under a sender domain and
 * to a recipient of its own, and none is ever removed (four lines each).
 *
 * --hosts deals the messages to so many hosts, by chance; --arrivals says how many arrive in a
 * second, and --start, in seconds since 1970, when the log begins.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum form { FORM_RFC3164, FORM_RFC3339 };

static struct {
    uint64_t lines;
    uint64_t in_flight;
    enum form form;
    bool long_ids;
    bool old, flood;
    unsigned bounces_pct, deferred_pct, filter_pct, multi_pct, account_pct, trusted_pct;
    uint64_t seed;
    uint64_t hosts, arrivals, start;
} options = {2000000, 400, FORM_RFC3164, false, false, false, 2,    3,
             10,      12,  12,           22,    1,     1,     1000, 1762000000};

#define ARRIVAL_US   (1000000 / options.arrivals) /* one message in so many */
#define SMALL_FLIGHT 20000
#define FLOW_FLIGHT  400 /* of the short lives, where a queue of deferred ones stands beside them */
#define START_US     ((int64_t)options.start * 1000000)

/* --- random numbers ------------------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1dULL;
}

static uint64_t random_below(uint64_t n)
{
    return (random_next() >> 16) % n;
}

static bool random_pct(unsigned pct)
{
    return random_below(100) < pct;
}

/* Around the mean, never 0; a sum of two for some shape. */
static uint64_t random_around(uint64_t mean)
{
    return 1 + random_below(mean + 1) + random_below(mean + 1);
}

/* The same text for the same seed, so that a message's addresses need not be kept. */
static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = a * 0x9e3779b1u ^ (b + 0x7f4a7c15u) * 0x85ebca6bu;
    h ^= h >> 15;
    h *= 0x2c1b3c6du;
    return h ^ h >> 13;
}

/* --- output --------------------------------------------------------------------------------- */

static char out[1 << 20];
static size_t out_len;
static uint64_t lines_written;
static uint64_t now;  /* microseconds since START_US */
static uint32_t host; /* whose line it is */

static void put_bytes(const char *text, size_t len)
{
    memcpy(out + out_len, text, len);
    out_len += len;
}

static void put(const char *text)
{
    put_bytes(text, strlen(text));
}

static void put_number(uint64_t n)
{
    char digits[20];
    size_t i = sizeof digits;

    do
        digits[--i] = (char)('0' + n % 10);
    while (n /= 10);
    put_bytes(digits + i, sizeof digits - i);
}

/* "0.35", "12", "4100": two significant digits, as Postfix has it. */
static void put_delay(uint64_t us)
{
    if (us < 10000000) {
        put_number(us / 1000000);
        put_bytes(".", 1);
        put_number(us / 100000 % 10);
        put_number(us / 10000 % 10);
    } else {
        put_number(us / 1000000);
    }
}

static void line_begin(const char *daemon, unsigned pid)
{
    static time_t second = -1;
    static char stamp[64];
    time_t at = (time_t)((START_US + (int64_t)now) / 1000000);

    if (at != second) {
        struct tm tm;
        second = at;
        gmtime_r(&at, &tm);
        strftime(stamp, sizeof stamp,
                 options.form == FORM_RFC3164 ? "%b %e %H:%M:%S" : "%Y-%m-%dT%H:%M:%S", &tm);
    }
    put(stamp);
    if (options.form == FORM_RFC3339) {
        put_bytes(".", 1);
        for (uint64_t place = 100000, us = (uint64_t)(START_US + (int64_t)now) % 1000000; place;
             place /= 10)
            put_number(us / place % 10);
        put("+00:00");
    }
    put(" mx");
    put_number(host + 1);
    put_bytes(" ", 1);
    put(daemon);
    put_bytes("[", 1);
    put_number(pid);
    put_bytes("]: ", 3);
}

static void line_end(void)
{
    put_bytes("\n", 1);
    lines_written++;
    if (out_len > sizeof out - 8192) {
        if (fwrite(out, 1, out_len, stdout) != out_len)
            exit(1);
        out_len = 0;
    }
}

/* --- messages ------------------------------------------------------------------------------- */

enum kind { INBOUND, FILTERED, REINJECTED, TRUSTED, ACCOUNT, NOTICE, OLD, FLOOD };
enum step { CONNECT, CLIENT, MESSAGE_ID, ACTIVE, DELIVER, NOTIFY, REMOVE };

struct message {
    char id[20];
    uint64_t accepted;
    uint32_t seed;
    uint32_t inode, host;
    uint8_t kind, step, recipients, delivered, refused;
    uint8_t retries; /* attempts that are still to fail */
};

struct event {
    uint64_t at;
    uint32_t message;
};

static struct message *messages;
static uint32_t *free_slots;
static size_t message_count, message_room, free_count;
static struct event *heap;
static size_t heap_len, heap_room;
static uint64_t in_flight, peak_in_flight, created;
static uint64_t gap, retry_gap; /* mean time between two steps, and between two attempts */
static unsigned parked_pct;     /* share of arrivals that join the deferred queue */
static uint64_t span;           /* --old: how long the log is */

static void *grow(void *array, size_t *room, size_t size)
{
    void *bigger = realloc(array, (*room = *room ? *room * 2 : 1024) * size);

    if (!bigger) {
        fputs("make_log: out of memory\n", stderr);
        exit(1);
    }
    return bigger;
}

static void schedule(uint32_t message, uint64_t at)
{
    if (heap_len == heap_room)
        heap = grow(heap, &heap_room, sizeof *heap);
    size_t i = heap_len++;
    while (i && heap[(i - 1) / 2].at > at) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = (struct event){at, message};
}

static struct event next_event(void)
{
    struct event first = heap[0], last = heap[--heap_len];
    size_t i = 0;

    for (size_t child; (child = 2 * i + 1) < heap_len; i = child) {
        if (child + 1 < heap_len && heap[child + 1].at < heap[child].at)
            child++;
        if (heap[child].at >= last.at)
            break;
        heap[i] = heap[child];
    }
    heap[i] = last;
    return first;
}

static const char base52[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

static void put_base(char *to, size_t width, uint64_t n, unsigned base)
{
    while (width-- > 0) {
        to[width] = base52[n % base];
        n /= base;
    }
}

/* Inodes are taken again at once, as file systems do; the microsecond tells the lives apart. */
static void make_id(struct message *m, uint64_t at)
{
    uint64_t us = (uint64_t)START_US + at;

    if (!options.long_ids) {
        snprintf(m->id, sizeof m->id, "%05X%X", (unsigned)(us % 1000000), 0x1a0000u + m->inode);
        return;
    }
    put_base(m->id, 6, us / 1000000, 52);
    put_base(m->id + 6, 4, us % 1000000, 52);
    m->id[10] = 'z';
    put_base(m->id + 11, 4, 200000 + m->inode, 51);
    m->id[15] = 0;
}

static uint32_t create(enum kind kind, enum step step, uint64_t at)
{
    uint32_t slot;

    if (free_count) {
        slot = free_slots[--free_count];
    } else {
        if (message_count == message_room) {
            messages = grow(messages, &message_room, sizeof *messages);
            size_t room = message_room / 2;
            free_slots = grow(free_slots, &room, sizeof *free_slots);
        }
        slot = (uint32_t)message_count++;
    }
    struct message *m = &messages[slot];
    *m = (struct message){.accepted = at,
                          .seed = (uint32_t)++created,
                          .inode = slot,
                          .host = (uint32_t)(mix((uint32_t)created, 77) % options.hosts),
                          .kind = (uint8_t)kind,
                          .step = (uint8_t)step,
                          .recipients = 1};
    make_id(m, at);
    return slot;
}

/* --- names ---------------------------------------------------------------------------------- */

static const char *const big[] = {"gmail.com", "outlook.com", "yahoo.com", "gmx.de",
                                  "web.de",    "icloud.com",  "orange.fr", "t-online.de"};
static const char *const words[] = {"anna", "ben", "carl", "dora", "emil", "fritz", "gina", "hans",
                                    "ines", "jan", "kira", "lars", "mia",  "nils",  "olga", "paul"};

static void put_outside_domain(uint32_t seed)
{
    if (seed % 3) {
        put(big[seed / 3 % 8]);
    } else {
        put("firm");
        put_number(seed / 3 % 20000);
        put(".example");
    }
}

static void put_outside_address(uint32_t seed)
{
    put(words[seed % 16]);
    put_bytes(".", 1);
    put_number(seed / 16 % 60000);
    put_bytes("@", 1);
    put_outside_domain(mix(seed, 3));
}

static void put_own_address(uint32_t seed)
{
    put(words[seed % 16]);
    put_number(seed / 16 % 500); /* 8000 people, so that none sends enough to be noticed */
    put("@example.org");
}

static void put_sender(const struct message *m)
{
    if (m->kind == NOTICE)
        return;
    if (m->kind == FLOOD) {
        put("x@d");
        put_number(m->seed);
        put(".example");
        return;
    }
    if (m->kind == TRUSTED || m->kind == ACCOUNT || m->kind == OLD)
        put_own_address(mix(m->seed, 1) % 8000);
    else
        put_outside_address(mix(m->seed, 1));
}

static void put_client(const struct message *m)
{
    uint32_t h = mix(m->seed, 2);

    if (m->kind == REINJECTED) {
        put("localhost[127.0.0.1]");
    } else if (m->kind == FLOOD) {
        put("unknown[");
        put_number(20 + m->seed / 16777216);
        for (uint32_t place = 65536; place; place /= 256) {
            put_bytes(".", 1);
            put_number(m->seed / place % 256);
        }
        put_bytes("]", 1);
    } else if (m->kind == TRUSTED) {
        put("host");
        put_number(h % 200 + 1);
        put(".example.org[192.0.2.");
        put_number(h % 200 + 1);
        put_bytes("]", 1);
    } else if (m->kind == ACCOUNT) { /* at home: one network a person */
        h = mix(mix(m->seed, 1) % 8000, 5);
        put("dyn-");
        put_number(h % 65536);
        put(".isp.example[198.19.");
        put_number(h / 256 % 256);
        put_bytes(".", 1);
        put_number(h % 256);
        put_bytes("]", 1);
    } else {
        put("mail-");
        put_number(h % 4000);
        put(".firm.example[198.18.");
        put_number(h % 4000 / 250);
        put_bytes(".", 1);
        put_number(h % 250 + 1);
        put_bytes("]", 1);
    }
}

static const char *smtpd_of(const struct message *m)
{
    return m->kind == ACCOUNT ? "postfix/submission/smtpd" : "postfix/smtpd";
}

static unsigned pid_of(const struct message *m, unsigned base)
{
    return base + m->inode % 997;
}

static void begin(const struct message *m, const char *daemon, unsigned pid_base)
{
    line_begin(daemon, pid_of(m, pid_base));
    put(m->id);
    put_bytes(": ", 2);
}

/* --- steps ---------------------------------------------------------------------------------- */

static void write_connection(const struct message *m, const char *what)
{
    line_begin(smtpd_of(m), pid_of(m, 1000));
    put(what);
    put_client(m);
    if (what[0] == 'd')
        put(" ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7");
    line_end();
}

static void write_client(const struct message *m, const struct message *parent)
{
    begin(m, smtpd_of(m), 1000);
    put("client=");
    put_client(m);
    if (m->kind == ACCOUNT) {
        put(", sasl_method=PLAIN, sasl_username=");
        put_own_address(mix(m->seed, 1) % 8000);
    }
    if (parent) {
        put(", orig_queue_id=");
        put(parent->id);
        put(", orig_client=");
        put_client(parent);
    }
    line_end();
}

static void write_message_id(const struct message *m)
{
    begin(m, "postfix/cleanup", 3000);
    put("message-id=<");
    put_number(mix(m->seed, 8));
    put_bytes(".", 1);
    put_number(m->seed);
    put("@mail.firm.example>");
    line_end();
}

static void write_active(const struct message *m)
{
    line_begin("postfix/qmgr", 812);
    put(m->id);
    put(": from=<");
    put_sender(m);
    put(">, size=");
    put_number(1500 + mix(m->seed, 9) % 90000);
    put(", nrcpt=");
    put_number(m->recipients);
    put(" (queue active)");
    line_end();
}

static void put_delays(const struct message *m)
{
    uint64_t total = now - m->accepted;

    put(", delay=");
    put_delay(total);
    put(", delays=");
    put_delay(total / 4);
    put("/0.01/");
    put_delay(total / 4);
    put_bytes("/", 1);
    put_delay(total / 2);
}

static void write_own_delivery(const struct message *m, uint32_t h)
{
    bool lmtp = h % 4 != 0;

    begin(m, lmtp ? "postfix/lmtp" : "postfix/local", 5000);
    put("to=<");
    put_own_address(h % 8000);
    put(lmtp ? ">, relay=mx1.example.org[private/dovecot-lmtp]" : ">, relay=local");
    put_delays(m);
    put(", dsn=2.0.0, status=sent (");
    if (lmtp) {
        put("250 2.0.0 <");
        put_own_address(h % 8000);
        put("> kGx");
        put_number(h);
        put("AbQ Saved)");
    } else {
        put("delivered to maildir)");
    }
    line_end();
}

enum result { SENT, DEFERRED, BOUNCED };

static void write_outside_delivery(const struct message *m, uint32_t h, enum result result)
{
    begin(m, "postfix/smtp", 6000);
    put("to=<");
    put_outside_address(h);
    put(">, relay=mx");
    put_number(h % 3 + 1);
    put_bytes(".", 1);
    put_outside_domain(mix(h, 3));
    put("[198.51.100.");
    put_number(h % 250 + 1);
    put("]:25");
    put_delays(m);
    if (result == SENT) {
        put(", dsn=2.0.0, status=sent (250 2.0.0 OK ");
        put_number(options.start + now / 1000000);
        put(" x");
        put_number(h);
        put("si - gsmtp)");
    } else if (result == DEFERRED) {
        put(", dsn=4.2.2, status=deferred (host mx");
        put_number(h % 3 + 1);
        put_bytes(".", 1);
        put_outside_domain(mix(h, 3));
        put("[198.51.100.");
        put_number(h % 250 + 1);
        put("] said: 452 4.2.2 The recipient's inbox is out of storage space (in reply to RCPT TO "
            "command))");
    } else {
        put(", dsn=5.1.1, status=bounced (host mx");
        put_number(h % 3 + 1);
        put_bytes(".", 1);
        put_outside_domain(mix(h, 3));
        put("[198.51.100.");
        put_number(h % 250 + 1);
        put("] said: 550 5.1.1 <");
        put_outside_address(h);
        put(">: Recipient address rejected: User unknown (in reply to RCPT TO command))");
    }
    line_end();
}

/* The filter takes it, gives it back as a message of its own, and only then Postfix logs that it
 * went there. */
static void pass_filter(uint32_t slot)
{
    uint32_t child_slot = create(REINJECTED, DELIVER, now);
    struct message *m = &messages[slot], *child = &messages[child_slot];

    child->seed = m->seed;
    child->recipients = m->recipients;
    child->host = m->host;
    write_connection(child, "connect from ");
    write_client(child, m);
    write_message_id(child);
    write_connection(child, "disconnect from ");
    write_active(child);
    in_flight++;
    for (unsigned i = 0; i < m->recipients; i++) {
        begin(m, "postfix/amavis/smtp", 7000);
        put("to=<");
        put_own_address(mix(m->seed, 20 + i) % 8000);
        put(">, relay=127.0.0.1[127.0.0.1]:10024");
        put_delays(m);
        put(", dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: "
            "queued as ");
        put(child->id);
        put_bytes(")", 1);
        line_end();
    }
    schedule(child_slot, now + random_around(gap));
    m->step = REMOVE;
    schedule(slot, now + random_below(gap / 4 + 1));
}

static void deliver(uint32_t slot)
{
    struct message *m = &messages[slot];
    bool outside = m->kind == TRUSTED || m->kind == ACCOUNT || m->kind == OLD;

    if (m->kind == FLOOD) {
        write_outside_delivery(m, m->seed, DEFERRED);
        free_slots[free_count++] = slot; /* nobody hears of it again */
        return;
    }
    if (m->kind == FILTERED) {
        pass_filter(slot);
        return;
    }
    uint32_t h = mix(m->seed, 20u + m->delivered);
    if (!outside) {
        write_own_delivery(m, h);
    } else if (m->retries) {
        m->retries--;
        write_outside_delivery(m, h, DEFERRED);
        m->step = ACTIVE;
        schedule(slot, now + random_around(retry_gap));
        return;
    } else {
        bool bounced = mix(m->seed, 40u + m->delivered) % 100 < options.bounces_pct;
        write_outside_delivery(m, h, bounced ? BOUNCED : SENT);
        m->refused |= bounced;
    }
    if (++m->delivered >= m->recipients)
        m->step = m->refused ? NOTIFY : REMOVE;
    schedule(slot, now + random_around(gap) / 2);
}

static void notify(uint32_t slot)
{
    uint32_t child_slot = create(NOTICE, ACTIVE, now);
    struct message *m = &messages[slot], *child = &messages[child_slot];

    child->seed = m->seed;
    child->host = m->host;
    begin(child, "postfix/cleanup", 3000);
    put("message-id=<20251101120000.");
    put(child->id);
    put("@mx1.example.org>");
    line_end();
    in_flight++;
    begin(m, "postfix/bounce", 8000);
    put("sender non-delivery notification: ");
    put(child->id);
    line_end();
    schedule(child_slot, now + random_around(gap) / 4);
    m->step = REMOVE;
    schedule(slot, now + random_around(gap) / 4);
}

static void retire(uint32_t slot)
{
    line_begin("postfix/qmgr", 812);
    put(messages[slot].id);
    put(": removed");
    line_end();
    in_flight--;
    free_slots[free_count++] = slot;
}

static void take_step(uint32_t slot)
{
    struct message *m = &messages[slot];

    host = m->host;
    switch ((enum step)m->step) {
    case CONNECT:
        write_connection(m, "connect from ");
        m->step = CLIENT;
        break;
    case CLIENT:
        write_client(m, NULL);
        in_flight++;
        m->step = MESSAGE_ID;
        break;
    case MESSAGE_ID:
        write_message_id(m);
        m->step = ACTIVE;
        break;
    case ACTIVE:
        if (m->kind == OLD && !m->refused) {
            m->refused = 1; /* seen */
            in_flight++;
        }
        write_active(m);
        if (m->kind == INBOUND || m->kind == FILTERED || (m->kind == ACCOUNT && !m->delivered))
            write_connection(m, "disconnect from ");
        m->step = DELIVER;
        break;
    case DELIVER:
        deliver(slot);
        return;
    case NOTIFY:
        notify(slot);
        return;
    case REMOVE:
        retire(slot);
        return;
    }
    schedule(slot, now + (m->kind == OLD ? random_below(span) : random_around(gap)));
}

/* What else a log holds: refusals, other daemons. */
static void write_noise(void)
{
    unsigned n = (unsigned)random_below(250) + 1;

    host = (uint32_t)(mix((uint32_t)lines_written, 78) % options.hosts);
    switch (random_below(4)) {
    case 0:
        line_begin("postfix/smtpd", 1000 + n);
        put("NOQUEUE: reject: RCPT from unknown[203.0.113.");
        put_number(n);
        put("]: 550 5.1.1 <info");
        put_number(n);
        put("@example.org>: Recipient address rejected: User unknown in local recipient table; "
            "from=<x@firm.example> to=<info");
        put_number(n);
        put("@example.org> proto=ESMTP helo=<firm.example>");
        break;
    case 1:
        line_begin("postfix/smtpd", 1000 + n);
        put("lost connection after AUTH from unknown[203.0.113.");
        put_number(n);
        put("]");
        break;
    case 2:
        line_begin("dovecot", 900);
        put("imap-login: Login: user=<anna@example.org>, method=PLAIN, rip=198.51.100.7, "
            "lip=192.0.2.2, mpid=");
        put_number(20000 + n);
        put(", TLS, session=<abc>");
        break;
    default:
        line_begin("postfix/smtp", 6000 + n);
        put("Trusted TLS connection established to mx1.gmx.de[198.51.100.5]:25: TLSv1.3 with "
            "cipher "
            "TLS_AES_256_GCM_SHA384 (256/256 bits)");
    }
    line_end();
}

static void arrive(void)
{
    if (options.flood) {
        schedule(create(FLOOD, CLIENT, now), now);
        return;
    }
    unsigned dice = (unsigned)random_below(100);
    bool park = in_flight < options.in_flight && random_pct(parked_pct);
    enum kind kind = park                         ? (dice % 2 ? TRUSTED : ACCOUNT)
                     : dice < options.account_pct ? ACCOUNT
                     : dice < options.account_pct + options.trusted_pct ? TRUSTED
                     : random_pct(options.filter_pct)                   ? FILTERED
                                                                        : INBOUND;
    uint32_t slot = create(kind, kind == TRUSTED ? CLIENT : CONNECT, now);
    struct message *m = &messages[slot];

    if (!park && random_pct(options.multi_pct))
        m->recipients = (uint8_t)(2 + random_below(4));
    if (park)
        m->retries = (uint8_t)(2 + random_below(3));
    else if ((kind == TRUSTED || kind == ACCOUNT) && random_pct(options.deferred_pct))
        m->retries = 1;
    schedule(slot, now);
    if (random_pct(20))
        write_noise();
}

/* --- the whole ------------------------------------------------------------------------------ */

/* How long lives must be, and how many join the queue, for in_flight to come out. */
static void plan(void)
{
    const double lines_a_message = 7.4, gaps_a_life = 4.2;
    double outbound = (options.account_pct + options.trusted_pct) / 100.0;
    double deferred = outbound * options.deferred_pct / 100.0;

    if (options.in_flight <= SMALL_FLIGHT) {
        /* Four fifths in steps, one fifth waiting for their second attempt. */
        gap = (uint64_t)(0.8 * (double)options.in_flight * (double)ARRIVAL_US / gaps_a_life);
        retry_gap = (uint64_t)(deferred > 0
                                   ? 0.2 * (double)options.in_flight * (double)ARRIVAL_US / deferred
                                   : 1e9);
        return;
    }
    gap = (uint64_t)(FLOW_FLIGHT * (double)ARRIVAL_US / gaps_a_life);
    if (options.old) {
        /* One pass over the queue in the log's time; nothing else is parked. The active queue is
         * long, so the attempt comes long after: half of them within the log. */
        double others = (double)options.lines - 1.5 * (double)options.in_flight;
        span = (uint64_t)(others > 1e5 ? others / lines_a_message * (double)ARRIVAL_US : 13e6);
        for (uint64_t i = 0; i < options.in_flight; i++) {
            uint32_t slot = create(OLD, ACTIVE, 0);
            messages[slot].retries = 9;
            make_id(&messages[slot], random_below(1u << 30));
            schedule(slot, random_below(span * 3 / 4));
        }
        retry_gap = span;
        return;
    }
    /* p: each parked message writes 4 lines, each other 7.4; the first 60 % of the lines must park
     * them all. */
    double fill = 0.6 * (double)options.lines, want = (double)options.in_flight * 1.02;
    double others = (fill - 4.5 * want) / (lines_a_message + 0.2);
    parked_pct = others > 0 ? (unsigned)(100 * want / (want + others) + 1) : 97;
    if (parked_pct > 97)
        parked_pct = 97;
    retry_gap = (uint64_t)(want / parked_pct * 100 * (double)ARRIVAL_US) / 2 + 1;
}

static bool take_number(const char *text, uint64_t *ret)
{
    char *end;

    *ret = strtoull(text, &end, 10);
    return *text && !*end;
}

static const char usage[] =
    "usage: make_log [--lines N] [--in-flight N] [--form rfc3164|rfc3339] [--ids short|long]\n"
    "  [--old] [--flood] [--bounces PCT] [--deferred PCT] [--filter PCT] [--multi PCT]\n"
    "  [--accounts PCT] [--trusted PCT] [--seed N] [--hosts N] [--arrivals N] [--start SECONDS]\n"
    "  > LOG\n"
    "What came out is said on standard error.\n";

static bool take_option(const char *name, const char *value)
{
    static const struct {
        const char *name;
        unsigned *target;
    } shares[] = {
        {"--bounces", &options.bounces_pct},  {"--deferred", &options.deferred_pct},
        {"--filter", &options.filter_pct},    {"--multi", &options.multi_pct},
        {"--accounts", &options.account_pct}, {"--trusted", &options.trusted_pct},
    };
    uint64_t n;

    if (!strcmp(name, "--form")) {
        options.form = strcmp(value, "rfc3339") ? FORM_RFC3164 : FORM_RFC3339;
        return !strcmp(value, "rfc3339") || !strcmp(value, "rfc3164");
    }
    if (!strcmp(name, "--ids")) {
        options.long_ids = !strcmp(value, "long");
        return options.long_ids || !strcmp(value, "short");
    }
    if (!take_number(value, &n))
        return false;
    if (!strcmp(name, "--lines"))
        return (options.lines = n) > 0;
    if (!strcmp(name, "--in-flight"))
        return (options.in_flight = n) > 0;
    if (!strcmp(name, "--seed"))
        return (options.seed = n) > 0;
    if (!strcmp(name, "--hosts"))
        return (options.hosts = n) > 0 && n <= 1000000;
    if (!strcmp(name, "--arrivals"))
        return (options.arrivals = n) > 0 && n <= 100000;
    if (!strcmp(name, "--start"))
        return (options.start = n) > 0;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (!strcmp(name, shares[i].name)) {
            *shares[i].target = (unsigned)n;
            return n <= 100;
        }
    return false;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--old")) {
            options.old = true;
        } else if (!strcmp(argv[i], "--flood")) {
            options.flood = true;
        } else if (i + 1 >= argc || !take_option(argv[i], argv[i + 1])) {
            fputs(usage, stderr);
            return 2;
        } else {
            i++;
        }
    }
    random_state = options.seed * 0x9e3779b97f4a7c15ULL | 1;
    plan();
    for (uint64_t next_arrival = 0; lines_written < options.lines;) {
        if (heap_len && heap[0].at <= next_arrival) {
            struct event e = next_event();
            now = e.at;
            take_step(e.message);
        } else {
            now = next_arrival;
            next_arrival += random_around(ARRIVAL_US);
            arrive();
        }
        if (in_flight > peak_in_flight)
            peak_in_flight = in_flight;
    }
    fwrite(out, 1, out_len, stdout);
    fprintf(stderr,
            "%" PRIu64 " lines, %" PRIu64 " messages, in flight %" PRIu64 " at most and %" PRIu64
            " at the end, over %" PRIu64 " s\n",
            lines_written, created, peak_in_flight, in_flight, now / 1000000);
    return fflush(stdout) ? 1 : 0;
}
