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

/* The first of these fields that is a single word. names ends with NULL. */
static struct span word_of(const json_t *object, const char *const *names)
{
    struct span word = SPAN_NONE;

    for (; *names && !is_word(word); names++)
        word = string_of(object, *names);
    return is_word(word) ? word : SPAN_NONE;
}

/* "postfix/qmgr[812]:", or the program and its process ID in two fields. */
static bool add_tag(const json_t *object, struct room *room)
{
    static const char *const tags[] = {"tag", "syslogtag", NULL};
    static const char *const programs[] = {"program", "PROGRAM", "programname", "ident", NULL};
    static const char *const pids[] = {"pid", "PID", "procid", NULL};
    struct span tag = word_of(object, tags), pid = word_of(object, pids);

    if (tag.len && tag.at[tag.len - 1] == ':') {
        add(room, tag);
        return true;
    }
    struct span program = word_of(object, programs);
    if (!program.len)
        return false;
    add(room, program);
    if (pid.len && is_digit(pid.at[0])) {
        add(room, SPAN("["));
        add(room, pid);
        add(room, SPAN("]"));
    }
    add(room, SPAN(":"));
    return true;
}

/* One object a line, as rsyslog's and syslog-ng's templates make it: {"@timestamp":"...Z",
 * "host":"mx1","syslogtag":"postfix/qmgr[812]:","message":" ..."}. */
static bool from_template(const json_t *object, struct room *room)
{
    static const char *const times[] = {
        "@timestamp", "timestamp", "timereported", "timegenerated", "ISODATE", "time", NULL};
    static const char *const hosts[] = {"hostname", "host", "HOST", "sysloghost", NULL};
    struct span time = word_of(object, times), host = word_of(object, hosts), text = SPAN_NONE;
    static const char *const texts[] = {"message", "msg", "MESSAGE"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !text.len; i++)
        text = string_of(object, texts[i]);
    if (!time.len || !text.len)
        return false;
    add(room, time);
    if (span_find(time, '-') < 0 && span_find(time, '.') < 0) /* seconds: mailcow's, in Redis */
        add(room, SPAN(".0"));
    add(room, SPAN(" "));
    add(room, host.len ? host : SPAN("-"));
    add(room, SPAN(" "));
    if (!add_tag(object, room))
        return false;
    if (text.at[0] != ' ')
        add(room, SPAN(" "));
    add_first_line(room, text);
    return true;
}

/* Filebeat has read a line from a file: {"@timestamp":"...","log":{"file":{"path":"..."}},
 * "message":"Nov 24 03:47:12 mx1 postfix/qmgr[812]: ..."}. */
static bool from_filebeat(const json_t *object, struct room *room)
{
    const json_t *file = json_object_get(json_object_get(object, "log"), "file");

    if (!json_is_string(json_object_get(file, "path")) ||
        !json_is_string(json_object_get(object, "message")))
        return false;
    add_first_line(room, string_of(object, "message"));
    return true;
}

/* Tries one form; what it has added is dropped if it is another. */
static bool is_from(bool (*form)(const json_t *, struct room *), const json_t *object,
                    struct room *room)
{
    room->used = 0;
    room->full = false;
    return form(object, room) && !room->full;
}

struct span syslog_json_convert(struct span line, char *buf, size_t size)
{
    struct room room = {.at = buf, .size = size};
    json_t *object = json_loadb(line.at, line.len, 0, NULL);
    bool ok =
        object && (is_from(from_docker, object, &room) || is_from(from_journal, object, &room) ||
                   is_from(from_filebeat, object, &room) || is_from(from_template, object, &room));

    json_decref(object);
    return ok ? span_of(buf, room.used) : line;
}
