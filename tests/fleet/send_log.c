/* SPDX-License-Identifier: MIT */
/*
 * Sends a log of RFC 3339 lines to a log server as the hosts' rsyslogs would: over TCP with octet
 * counts, each host over the same one of CONNECTIONS, each line when its time has come. Says on
 * standard error, twenty times a second, how many lines it has sent: "SECONDS-SINCE-1970 LINES".
 *
 * usage: send_log PORT < LOG
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 50, ROOM = 1 << 16, LINE = 4096, SAY_US = 50000, EARLY_US = 2000 };

static struct connection {
    int fd;
    size_t len;
    char at[ROOM];
} connections[CONNECTIONS];

static int64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void flush(struct connection *c)
{
    for (size_t done = 0; done < c->len;) {
        ssize_t n = write(c->fd, c->at + done, c->len - done);
        if (n < 0 && errno != EINTR) {
            perror("send_log");
            exit(1);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    c->len = 0;
}

static void flush_all(void)
{
    for (int i = 0; i < CONNECTIONS; i++)
        flush(&connections[i]);
}

/* "2026-11-29T04:00:00.123456+00:00 ...": make_log's dates. */
static int64_t time_of(const char *line)
{
    static char second[20];
    static int64_t second_us;

    if (memcmp(line, second, 19) != 0) {
        struct tm tm = {0};
        memcpy(second, line, 19);
        strptime(second, "%Y-%m-%dT%H:%M:%S", &tm);
        second_us = (int64_t)timegm(&tm) * 1000000;
    }
    return second_us + strtol(line + 20, NULL, 10);
}

static void connect_all(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)atoi(port))};

    for (int i = 0; i < CONNECTIONS; i++) {
        connections[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connections[i].fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
            perror("send_log");
            exit(1);
        }
    }
}

static void put(const char *line)
{
    size_t len = strlen(line) - 1;                                 /* without the newline */
    unsigned long host = strtoul(strchr(line, ' ') + 3, NULL, 10); /* "mx17" */
    struct connection *c = &connections[host % CONNECTIONS];

    if (c->len + len + 32 > sizeof(c->at))
        flush(c);
    c->len += (size_t)snprintf(c->at + c->len, sizeof(c->at) - c->len, "%zu <22>%.*s", len + 4,
                               (int)len, line);
}

int main(int argc, char **argv)
{
    static char line[LINE];
    uint64_t sent = 0;
    int64_t said = 0, latest = 0;

    if (argc != 2)
        return 2;
    connect_all(argv[1]);
    while (fgets(line, sizeof(line), stdin)) {
        int64_t due = time_of(line), now = clock_us();
        if (now - said >= SAY_US || now < due) {
            flush_all();
            fprintf(stderr, "%.3f %" PRIu64 "\n", (double)now / 1e6, sent);
            said = now;
        }
        while (now < due) {
            usleep((useconds_t)(due - now + EARLY_US));
            now = clock_us();
        }
        latest = now - due > latest ? now - due : latest;
        put(line);
        sent++;
    }
    flush_all();
    fprintf(stderr, "%.3f %" PRIu64 "\nlate %.1f\n", (double)clock_us() / 1e6, sent,
            (double)latest / 1e6);
    for (int i = 0; i < CONNECTIONS; i++)
        close(connections[i].fd);
    return 0;
}
