/* SPDX-License-Identifier: MIT */
#include "parse/syslog_json.h"

#include <jansson.h>

/* The caller's buffer, and how much of it is used. */
struct room {
    char *at;
    size_t used, size;
    bool full;
};

static void add(struct room *room, struct span s)
{
    if (s.len > room->size - room->used) {
        room->full = true;
        return;
    }
    if (s.len)
        memcpy(room->at + room->used, s.at, s.len);
    room->used += s.len;
}

/* Only the first line: loggers put one record into each object. */
static void add_first_line(struct room *room, struct span text)
{
    struct span line = SPAN_NONE;

    span_take_line(&text, &line);
    add(room, line);
}

static struct span string_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return span_of(json_string_value(value), json_string_length(value));
}

/* True if it can become one word of the header. Blanks in it could forge the next field. */
static bool is_word(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] <= ' ')
            return false;
    return s.len > 0;
}

/* {"log":"Nov 24 03:47:12 mx1 postfix/qmgr[812]: ...\n","stream":"stdout","time":"...Z"} */
static bool from_docker(const json_t *object, struct room *room)
{
    struct span time = string_of(object, "time");

    if (!is_word(time) || !json_is_string(json_object_get(object, "log")))
        return false;
    add(room, time);
    add(room, SPAN(" "));
    add_first_line(room, string_of(object, "log"));
    return true;
}

/* journalctl writes text that is not UTF-8 as an array of bytes. */
static void add_message(const json_t *message, struct room *room)
{
    size_t i;
    const json_t *byte;

    if (!json_is_array(message)) {
        add_first_line(room, span_of(json_string_value(message), json_string_length(message)));
        return;
    }
    json_array_foreach(message, i, byte)
    {
        char c = (char)json_integer_value(byte);
        if (c == '\n')
            return;
        add(room, span_of(&c, 1));
    }
}

/* Microseconds, as a string of decimals: "1795492032185246" -> "1795492032.185246 ". */
static bool add_journal_time(const json_t *object, struct room *room)
{
    struct span us = string_of(object, "_SOURCE_REALTIME_TIMESTAMP");

    if (us.len == 0)
        us = string_of(object, "__REALTIME_TIMESTAMP");
    if (us.len < 7)
        return false;
    for (size_t i = 0; i < us.len; i++)
        if (!is_digit(us.at[i]))
            return false;
    add(room, span_head(us, us.len - 6));
    add(room, SPAN("."));
    add(room, span_skip(us, us.len - 6));
    add(room, SPAN(" "));
    return true;
}

/* {"__REALTIME_TIMESTAMP":"...","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/qmgr",
 * "SYSLOG_PID":"812","MESSAGE":"..."} */
static bool from_journal(const json_t *object, struct room *room)
{
    const json_t *message = json_object_get(object, "MESSAGE");
    struct span host = string_of(object, "_HOSTNAME");
    struct span tag = string_of(object, "SYSLOG_IDENTIFIER");
    struct span pid = string_of(object, "SYSLOG_PID");

    if (!message || !is_word(host) || !is_word(tag) || !add_journal_time(object, room))
        return false;
    if (pid.len == 0)
        pid = string_of(object, "_PID");
    add(room, host);
    add(room, SPAN(" "));
    add(room, tag);
    if (is_word(pid)) {
        add(room, SPAN("["));
        add(room, pid);
        add(room, SPAN("]"));
    }
    add(room, SPAN(": "));
    add_message(message, room);
    return true;
}

struct span syslog_json_convert(struct span line, char *buf, size_t size)
{
    struct room room = {.at = buf, .size = size};
    json_t *object = json_loadb(line.at, line.len, 0, NULL);
    bool ok = object && (from_docker(object, &room) || from_journal(object, &room)) && !room.full;

    json_decref(object);
    return ok ? span_of(buf, room.used) : line;
}
