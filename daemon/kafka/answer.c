/* SPDX-License-Identifier: MIT */
#include "kafka/answer.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Who asks has this long to say all of it. */
enum { REQUEST_MS = 10 * 1000 };

/* The daemon takes what it can: until then it waits here, and Kafka waits with it. */
void answer_data(const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            _exit(0);
        data += n;
        len -= (size_t)n;
    }
}

void answer(const char *format, ...)
{
    char line[KAFKA_HEAD_MAX];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    n = n < (int)sizeof(line) - 1 ? n : (int)sizeof(line) - 2;
    line[n] = '\n';
    answer_data(line, (size_t)n + 1);
}

void answer_error(const char *format, ...)
{
    char text[KAFKA_TEXT_MAX + 1];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (char *c = text; *c; c++)
        *c = *c < ' ' ? ' ' : *c;
    fprintf(stderr, "relaywatch-kafka: %s\n", text);
    answer("error %s", text);
}

bool answer_is_wanted(int wake, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake, .events = POLLIN}};

    poll(fds, 2, timeout_ms);
    return !fds[0].revents; /* after the request, it says nothing but its end */
}

static bool take_line(struct request *request, const struct kafka_frame *frame)
{
    struct kafka_part part = {
        .number = (uint32_t)frame->number, .begun = true, .next = frame->offset};

    switch (frame->type) {
    case KAFKA_BEGIN:
    case KAFKA_END:
    case KAFKA_SINCE:
        request->start = frame->type;
        request->since_ms = frame->time;
        return true;
    case KAFKA_AT:
        memcpy(part.topic, frame->topic.at, frame->topic.len);
        return kafka_parts_add(&request->at, &part);
    case KAFKA_HELLO:
        return frame->version == KAFKA_VERSION;
    default:
        return false;
    }
}

/* Reads byte by byte: nothing of what comes after it is its own. */
static bool read_line(char line[KAFKA_HEAD_MAX], size_t *ret_len)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    for (*ret_len = 0; *ret_len < KAFKA_HEAD_MAX; ++*ret_len) {
        if (poll(&in, 1, REQUEST_MS) <= 0 || read(STDIN_FILENO, line + *ret_len, 1) != 1)
            return false;
        if (line[*ret_len] == '\n')
            return true;
    }
    return false;
}

bool request_read(struct request *ret)
{
    char line[KAFKA_HEAD_MAX];
    struct kafka_frame frame = {.type = KAFKA_FRAME_TYPES};
    size_t len;

    *ret = (struct request){.start = KAFKA_BEGIN};
    for (bool first = true; read_line(line, &len); first = false) {
        bool good = kafka_frame_read(span_of(line, len), &frame);
        if (good && !first && frame.type == KAFKA_GO)
            return true;
        if (!good || first != (frame.type == KAFKA_HELLO) || !take_line(ret, &frame))
            break;
    }
    answer_error("what was asked is no request of relaywatch");
    return false;
}
