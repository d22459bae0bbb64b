/* SPDX-License-Identifier: MIT */
/* Here the test is relaywatch-kafka: what it answers, well or badly, a connection each. */
#include "rows.h"
#include "source/source_kafka.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "source/kafka_frame.h"

#define HELLO  "relaywatch-kafka 1\n"
#define READY  HELLO "partition mail 0 5\npartition mail 1 7\nready\n"
#define BAD    "says what it must not"
#define BROKEN "idle? no; lines: ; at mail/0=5 mail/1=7; blind: Kafka, relaywatch-kafka " BAD

static struct {
    char top[64], path[80];
    int listener;
    struct buf lines, notes, blind;
    struct source *source;
    int64_t now_us;
} run;

static void on_lines(void *ctx, const struct source_lines *lines)
{
    (void)ctx;
    buf_add(&run.lines, span_of(lines->data, lines->len));
}

static void on_note(void *ctx, enum source_note note, const char *text)
{
    (void)ctx;
    buf_printf(&run.notes, "%s: %s\n", source_note_name(note), text);
}

static void on_blind(void *ctx, enum blind_cause cause, const char *what, const char *why)
{
    (void)ctx;
    (void)cause;
    buf_printf(&run.blind, "%s%s, %s", run.blind.len ? "; " : "", what, why);
}

static void listen_here(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(run.top, sizeof(run.top), "/tmp/relaywatch-test-XXXXXX");
    ck_assert(mkdtemp(run.top) != NULL);
    snprintf(run.path, sizeof(run.path), "%s/kafka", run.top);
    memcpy(address.sun_path, run.path, strlen(run.path));
    run.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(run.listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    ck_assert(listen(run.listener, 4) == 0);
}

static void begin(const char *position, enum source_start start)
{
    struct source_options options = {.sink = {.lines = on_lines, .note = on_note},
                                     .position = position,
                                     .start = start,
                                     .since = INT64_C(1796000000000000)};

    listen_here();
    run.lines = buf_new(1 << 20);
    run.notes = buf_new(1 << 16);
    run.blind = buf_new(1 << 16);
    run.now_us = 1000;
    ck_assert_int_eq(source_open_kafka(run.path, "k1:9092", &options, run.now_us, &run.source), 0);
}

static void end(void)
{
    source_close(run.source);
    close(run.listener);
    unlink(run.path);
    rmdir(run.top);
    buf_done(&run.lines);
    buf_done(&run.notes);
    buf_done(&run.blind);
}

/* The source connects; what it asks is put into `request`. Returns the connection. */
static int take_call(char request[512])
{
    struct timeval wait = {.tv_usec = 200 * 1000};
    int r = source_run(run.source, run.now_us, 100);
    ck_assert_int_eq(r, SOURCE_WAIT);
    int fd = accept(run.listener, NULL, NULL);
    size_t len = 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    while (len < 3 || memcmp(request + len - 3, "go\n", 3) != 0) {
        ssize_t n = read(fd, request + len, 511 - len);
        ck_assert_int_gt(n, 0);
        len += (size_t)n;
    }
    request[len] = '\0';
    return fd;
}

/* A message to the source: it can't be too long for the socket. */
static void say(int fd, const char *text, size_t len)
{
    for (ssize_t n; len; text += n, len -= (size_t)n) {
        n = send(fd, text, len < 4096 ? len : 4096, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return; /* it has hung up */
        n = n < 0 ? 0 : n;
        source_run(run.source, run.now_us, 100);
    }
}

/* What is left to be read is; then how it is. */
static char *state(void)
{
    struct buf out = buf_new(1 << 20);
    struct span rest;
    int r;

    while ((r = source_run(run.source, run.now_us, 100)) == SOURCE_MORE)
        ;
    run.blind.len = 0;
    source_each_blind(run.source, run.now_us, on_blind, NULL);
    char *position = source_position(run.source);
    json_t *json = json_loads(position, 0, NULL);
    buf_printf(&out, "idle? %s; lines: ", r == SOURCE_IDLE ? "yes" : "no");
    rest = buf_span(&run.lines);
    for (struct span line; span_take_line(&rest, &line);)
        buf_printf(&out, "%.*s|", SPAN_ARG(line));
    buf_printf(&out, "; at");
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(json, "parts"), i, part)
    {
        buf_printf(&out, " %s/%d=%lld", json_string_value(json_object_get(part, "topic")),
                   (int)json_integer_value(json_object_get(part, "partition")),
                   (long long)json_integer_value(json_object_get(part, "offset")));
    }
    buf_printf(&out, "; blind: %.*s", SPAN_ARG(buf_span(&run.blind)));
    json_decref(json);
    free(position);
    return buf_take(&out);
}

static const struct {
    const char *name, *answer, *want;
} rows[] = {
    {"nothing yet", "", "idle? no; lines: ; at; blind: "},
    {"partitions", READY, "idle? no; lines: ; at mail/0=5 mail/1=7; blind: "},
    {"the end of nothing", READY "end\n", "idle? yes; lines: ; at mail/0=5 mail/1=7; blind: "},
    {"lines", READY "lines 1 9 0 4\na\nb\nlines 0 6 0 2\nc\nend\n",
     "idle? yes; lines: a|b|c|; at mail/0=6 mail/1=9; blind: "},
    {"messages that are left out", READY "lines 1 90 0 0\nend\n",
     "idle? yes; lines: ; at mail/0=5 mail/1=90; blind: "},
    {"half a frame changes nothing", READY "lines 1 9 0 4\na\nb",
     "idle? no; lines: ; at mail/0=5 mail/1=7; blind: "},
    {"one that can't be read",
     HELLO "partition mail 0 5\nwithout mail 1 no \x1bleader\nready\nend\n",
     "idle? yes; lines: ; at mail/0=5; blind: Kafka: partition 1 of mail, no ?leader"},
    {"an error", READY "error no \x1b[31mbroker\n",
     "idle? no; lines: ; at mail/0=5 mail/1=7; blind: Kafka, no ?[31mbroker"},
    {"an error at once", "error no settings\n", "idle? no; lines: ; at; blind: Kafka, no settings"},
    {"the same lines again", READY "lines 0 5 0 2\na\n", BROKEN},
    {"lines of no partition", READY "lines 2 6 0 2\na\n", BROKEN},
    {"lines of one that can't be read",
     HELLO "partition mail 0 5\nwithout mail 1 no\nready\nlines 1 9 0 2\na\n",
     "idle? no; lines: ; at mail/0=5; blind: Kafka, relaywatch-kafka " BAD},
    {"half a line", READY "lines 0 6 0 2\nab", BROKEN},
    {"a frame of no kind", READY "hello\n", BROKEN},
    {"a request", READY "go\n", BROKEN},
    {"no version", "partition mail 0 5\n",
     "idle? no; lines: ; at; blind: Kafka, relaywatch-kafka " BAD},
    {"another version", "relaywatch-kafka 2\n",
     "idle? no; lines: ; at; blind: Kafka, relaywatch-kafka " BAD},
    {"lines before all partitions", HELLO "partition mail 0 5\nlines 0 6 0 2\na\n",
     "idle? no; lines: ; at; blind: Kafka, relaywatch-kafka " BAD},
    {"an end before all partitions", HELLO "partition mail 0 5\nend\n",
     "idle? no; lines: ; at; blind: Kafka, relaywatch-kafka " BAD},
    {"a partition twice", HELLO "partition mail 0 5\npartition mail 0 6\nready\n",
     "idle? no; lines: ; at; blind: Kafka, relaywatch-kafka " BAD},
    {"a partition after all", READY "partition mail 2 6\n", BROKEN},
    {"all partitions twice", READY "ready\n", BROKEN},
};

START_TEST(what_is_answered)
{
    char request[512];

    begin(NULL, SOURCE_BEGIN);
    int fd = take_call(request);
    say(fd, rows[_i].answer, strlen(rows[_i].answer));
    char *got = state();
    want_text(rows[_i].name, got, rows[_i].want);
    free(got);
    close(fd);
    end();
}
END_TEST

/* Fed byte by byte it is the same. */
START_TEST(what_is_answered_slowly)
{
    char request[512];

    begin(NULL, SOURCE_BEGIN);
    int fd = take_call(request);
    for (size_t i = 0; i < strlen(rows[_i].answer); i++)
        say(fd, rows[_i].answer + i, 1);
    char *got = state();
    want_text(rows[_i].name, got, rows[_i].want);
    free(got);
    close(fd);
    end();
}
END_TEST

START_TEST(too_long_a_line_is_no_frame)
{
    char request[512], text[KAFKA_HEAD_MAX];

    begin(NULL, SOURCE_BEGIN);
    int fd = take_call(request);
    memset(text, 'x', sizeof(text));
    say(fd, READY, strlen(READY));
    say(fd, text, sizeof(text));
    char *got = state();
    want_text("1024 bytes without an end", got, BROKEN);
    free(got);
    close(fd);
    end();
}
END_TEST

/* The longest frame there can be, twice. */
START_TEST(the_longest_lines_are_taken)
{
    static char text[2 * (KAFKA_LINES_MAX + 40)];
    char request[512];
    size_t len = 0;

    begin(NULL, SOURCE_BEGIN);
    int fd = take_call(request);
    say(fd, READY, strlen(READY));
    for (int i = 0; i < 2; i++) {
        len += (size_t)sprintf(text + len, "lines 0 %d 0 %d\n", 6 + i, KAFKA_LINES_MAX);
        memset(text + len, 'x', KAFKA_LINES_MAX - 1);
        len += KAFKA_LINES_MAX;
        text[len - 1] = '\n';
    }
    say(fd, text, len);
    free(state());
    ck_assert_uint_eq(run.lines.len, 2 * KAFKA_LINES_MAX);
    close(fd);
    end();
}
END_TEST

static const struct {
    const char *name, *position;
    enum source_start start;
    const char *want;
} requests[] = {
    {"from the beginning", NULL, SOURCE_BEGIN, HELLO "begin\ngo\n"},
    {"from the end", NULL, SOURCE_END, HELLO "end\ngo\n"},
    {"since", NULL, SOURCE_SINCE, HELLO "since 1796000000000\ngo\n"},
    {"where it was left",
     "{\"kind\":\"kafka k1:9092\",\"parts\":[{\"topic\":\"mail\",\"partition\":3,\"offset\":17}]}",
     SOURCE_END, HELLO "end\nat mail 3 17\ngo\n"},
    {"another cluster's offsets",
     "{\"kind\":\"kafka k2:9092\",\"parts\":[{\"topic\":\"mail\",\"partition\":3,\"offset\":17}]}",
     SOURCE_END, HELLO "end\ngo\n"},
    {"no parts",
     "{\"kind\":\"kafka k1:9092\",\"parts\":[{\"topic\":\"ma il\",\"partition\":3,\"offset\":17},"
     "{\"topic\":\"mail\",\"partition\":-1,\"offset\":17},{\"topic\":\"mail\",\"partition\":1},"
     "{\"topic\":\"mail\",\"partition\":3,\"offset\":-17},7]}",
     SOURCE_END, HELLO "end\ngo\n"},
};

START_TEST(what_is_asked)
{
    char request[512];

    begin(requests[_i].position, requests[_i].start);
    close(take_call(request));
    want_text(requests[_i].name, request, requests[_i].want);
    end();
}
END_TEST

/* It asks again for what comes next, and says what is gone. */
START_TEST(a_connection_that_ends)
{
    static const char again[] =
        HELLO "partition mail 0 50\npartition mail 1 2\npartition mail 2 0\nready\nend\n";
    char request[512];

    begin(NULL, SOURCE_END);
    int fd = take_call(request);
    say(fd, READY, strlen(READY));
    say(fd, "lines 0 6 0 2\na\nlines 1 8 0 2\nb\n", 32);
    close(fd);
    ck_assert_int_eq(source_run(run.source, run.now_us, 100), SOURCE_WAIT);
    ck_assert_int_gt(source_deadline_us(run.source), run.now_us);
    run.now_us = source_deadline_us(run.source);
    fd = take_call(request);
    want_text("request", request, HELLO "begin\nat mail 0 6\nat mail 1 8\ngo\n");
    ck_assert_uint_eq(run.notes.len, 0);
    say(fd, again, strlen(again));
    char *got = state();
    want_text("state", got, "idle? yes; lines: a|b|; at mail/0=50 mail/1=2 mail/2=0; blind: ");
    want_text("notes", run.notes.at,
              "gap: Kafka: partition 0 of mail: messages 6 to 49 are gone\n"
              "truncated: Kafka: partition 1 of mail ends before message 8, which comes next: "
              "reading from 2\n");
    free(got);
    close(fd);
    end();
}
END_TEST

START_TEST(one_that_is_behind_another)
{
    char request[512];
    struct source *first;
    struct source_options options = {.sink = {.lines = on_lines, .note = on_note}};

    begin(NULL, SOURCE_END);
    int fd = take_call(request);
    say(fd, READY "lines 0 6 0 2\na\n", strlen(READY) + 16);
    free(state());
    first = run.source;
    ck_assert_int_eq(source_open_kafka(run.path, "k1:9092", &options, run.now_us, &run.source), 0);
    int other = take_call(request);
    say(other, READY, strlen(READY));
    free(state());
    ck_assert(!source_has_all_of(run.source, first));
    ck_assert(source_has_all_of(first, run.source));
    say(other, "lines 0 6 0 2\na\n", 16);
    free(state());
    ck_assert(source_has_all_of(run.source, first));
    source_close(first);
    close(fd);
    close(other);
    end();
}
END_TEST

START_TEST(silence_is_blind)
{
    char request[512];

    begin(NULL, SOURCE_END);
    int fd = take_call(request);
    say(fd, READY, strlen(READY));
    run.now_us += 6 * KAFKA_ALIVE - 1;
    char *got = state();
    want_text("just before", got, "idle? no; lines: ; at mail/0=5 mail/1=7; blind: ");
    free(got);
    ck_assert_int_eq(source_deadline_us(run.source), run.now_us + 1);
    run.now_us++;
    got = state();
    want_text("a minute", got,
              "idle? no; lines: ; at mail/0=5 mail/1=7; blind: Kafka, relaywatch-kafka has said "
              "nothing for a minute");
    free(got);
    close(fd);
    end();
}
END_TEST

START_TEST(nobody_there)
{
    begin(NULL, SOURCE_END);
    close(run.listener);
    unlink(run.path);
    char *got = state();
    ck_assert_ptr_nonnull(strstr(got, "blind: Kafka, nobody answers at /tmp/"));
    free(got);
    end();
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("source_kafka");

    ADD_ROWS(tc, what_is_answered, rows);
    ADD_ROWS(tc, what_is_answered_slowly, rows);
    ADD_ROWS(tc, what_is_asked, requests);
    tcase_add_test(tc, too_long_a_line_is_no_frame);
    tcase_add_test(tc, the_longest_lines_are_taken);
    tcase_add_test(tc, a_connection_that_ends);
    tcase_add_test(tc, one_that_is_behind_another);
    tcase_add_test(tc, silence_is_blind);
    tcase_add_test(tc, nobody_there);
    return run_suite("source_kafka", tc);
}
