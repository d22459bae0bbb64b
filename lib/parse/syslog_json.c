/* SPDX-License-Identifier: MIT */
#include "parse/syslog_json.h"

#include <jansson.h>
#include <stdio.h>

#include "parse/syslog_date.h"

/* The caller's buffer, and how much of it is used. */
struct room {
    char *at;
    size_t used, size;
    bool full;
    struct span time; /* where the object has none */
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

static struct span first_line(struct span text)
{
    struct span line = SPAN_NONE;

    span_take_line(&text, &line);
    return line;
}

/* Only the first line: loggers put one record into each object. */
static void add_first_line(struct room *room, struct span text)
{
    add(room, first_line(text));
}

/* "process.pid": a key of that name, or "pid" of the object "process". */
static const json_t *value_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    const char *dot = value ? NULL : strchr(name, '.');
    char parent[16];

    if (!dot || (size_t)(dot - name) >= sizeof(parent))
        return value;
    memcpy(parent, name, (size_t)(dot - name));
    parent[dot - name] = '\0';
    return value_of(json_object_get(object, parent), dot + 1);
}

static struct span string_of(const json_t *object, const char *key)
{
    const json_t *value = value_of(object, key);

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

/* The first of these fields that is a single word. names ends with NULL. */
static struct span word_of(const json_t *object, const char *const *names)
{
    struct span word = SPAN_NONE;

    for (; *names && !is_word(word); names++)
        word = string_of(object, *names);
    return is_word(word) ? word : SPAN_NONE;
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

static bool is_digits(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return s.len > 0;
}

/* Seconds since 1970, or milli-, micro- or nanoseconds: ten digits of them are the seconds. */
static bool add_count(struct span count, struct room *room)
{
    enum { SECONDS = sizeof("1795492032") - 1 };

    if (count.len < SECONDS || !is_digits(count))
        return false;
    add(room, span_head(count, SECONDS));
    add(room, SPAN("."));
    add(room, count.len > SECONDS ? span_skip(count, SECONDS) : SPAN("0"));
    return true;
}

/* Microseconds, as a string of decimals: "1795492032185246" -> "1795492032.185246 ". */
static bool add_journal_time(const json_t *object, struct room *room)
{
    static const char *const names[] = {"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", NULL};

    if (!add_count(word_of(object, names), room))
        return false;
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

enum { NUMBER_MAX = 32 };

/* A whole number as it is, seconds with a fraction as microseconds; empty if it is none. buf has
 * NUMBER_MAX bytes. */
static struct span number_of(const json_t *value, char *buf)
{
    double real = json_real_value(value); /* 0 if it is not one */

    if (real >= 1e9 && real < 1e11)
        return span_of(buf, (size_t)snprintf(buf, NUMBER_MAX, "%lld",
                                             (long long)(real * (double)US_PER_S + 0.5)));
    if (!json_is_integer(value))
        return SPAN_NONE;
    return span_of(buf,
                   (size_t)snprintf(buf, NUMBER_MAX, "%lld", (long long)json_integer_value(value)));
}

/* A text, or a number; empty if it is neither. */
static struct span text_of(const json_t *value, char *buf)
{
    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
                                 : number_of(value, buf);
}

/* "2026-11-24 03:47:12", from NXLog */
static bool has_two_words(struct span text)
{
    enum { DATE_LEN = sizeof("2026-11-24 ") - 1 };

    return text.len > DATE_LEN && text.at[4] == '-' && text.at[DATE_LEN - 1] == ' ' &&
           is_word(span_skip(text, DATE_LEN));
}

/* "2026-11-24T03:47:12Z", "Nov 24 03:47:12", or a number as a string or not: mailcow's seconds in
 * Redis, CloudWatch's milliseconds, Fluent Bit's and GELF's seconds with a fraction. */
static bool add_time_value(const json_t *value, struct room *room)
{
    enum { RFC3164_LEN = sizeof("Nov 24 03:47:12") - 1 };
    char number[NUMBER_MAX];
    struct span text = text_of(value, number);

    if (add_count(text, room))
        return true;
    /* The header parser refuses what is no date. */
    if (!is_word(text) && !has_two_words(text) && (text.len != RFC3164_LEN || text.at[3] != ' '))
        return false;
    add(room, text);
    return true;
}

/* When the line was written, as far as the object says; and a blank. */
static bool add_time(const json_t *object, struct room *room)
{
    static const char *const names[] = {"time",          "@timestamp", "timestamp", "timereported",
                                        "timegenerated", "ISODATE",    "date",      "_time",
                                        "TimeGenerated", "DATE",       "EventTime"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (add_time_value(json_object_get(object, names[i]), room)) {
            add(room, SPAN(" "));
            return true;
        }
    if (room->time.len == 0)
        return false;
    add(room, room->time);
    add(room, SPAN(" "));
    return true;
}

/* What a collector has read from a file or from a container's output: the field that has the line,
 * and one that only such a collector adds, with its value. Without it the text is an application's,
 * which may be a stranger's. */
static const struct {
    const char *line, *witness, *value; /* NULL: any */
} collectors[] = {
    {"log", "log", NULL},                     /* Docker's json-file, Fluent Bit, Fluentd */
    {"message", "stream", "stdout"},          /* the same and Vector, of containers */
    {"message", "stream", "stderr"},          /**/
    {"message", "log.file.path", NULL},       /* Filebeat */
    {"message", "source_type", "file"},       /* Vector */
    {"message", "logStreamName", NULL},       /* CloudWatch */
    {"short_message", "_container_id", NULL}, /* Docker's gelf driver */
    {"line", "labels", NULL},                 /* logcli -o jsonl */
    {"_raw", "_raw", NULL},                   /* Splunk's export */
    {"event", "sourcetype", NULL},            /* Splunk's HTTP Event Collector */
    {"textPayload", "insertId", NULL},        /* Google Cloud */
};

/* The line that a collector has read; empty if this is none's. */
static struct span collected(const json_t *object)
{
    for (size_t i = 0; i < sizeof(collectors) / sizeof(*collectors); i++) {
        const json_t *witness = value_of(object, collectors[i].witness);
        struct span line = string_of(object, collectors[i].line);
        struct span value = span_of(json_string_value(witness), json_string_length(witness));
        if (witness && line.len &&
            (!collectors[i].value || span_equal(value, span_str(collectors[i].value))))
            return first_line(line);
    }
    return SPAN_NONE;
}

/* " stdout P ", as CRI has it, of what is cut: Docker cuts at 16 KiB, and says so by the newline
 * that is missing; Fluent Bit names CRI's tag. What the rest of a line begins with may be a
 * stranger's. */
static void add_stream(const json_t *object, struct room *room)
{
    enum { DOCKER_MAX = 16 * 1024 };
    struct span stream = string_of(object, "stream"), line = string_of(object, "log");
    bool is_cut = span_equal(string_of(object, "logtag"), SPAN("P")) ||
                  (line.len >= DOCKER_MAX && line.at[line.len - 1] != '\n');

    if (!is_digit(room->at[0]) ||
        (!span_equal(stream, SPAN("stdout")) && !span_equal(stream, SPAN("stderr"))))
        return;
    add(room, stream);
    add(room, is_cut ? SPAN(" P ") : SPAN(" F "));
}

/* The container runtime's time has year and zone, so it precedes that of the line. The others have
 * often but the time at which they read it, so only a line without a date gets that. */
static bool from_collector(const json_t *object, struct room *room)
{
    bool in_container = value_of(object, "stream") || value_of(object, "_container_id");
    struct span line = collected(object), rest = line;
    bool dated = syslog_date_skip(&rest) || (line.len && line.at[0] == '<');

    if (!line.len || ((in_container || !dated) && !add_time(object, room)))
        return false;
    if (in_container)
        add_stream(object, room);
    add(room, line);
    return true;
}

/* "812" or 812 */
static void add_pid(const json_t *object, struct room *room)
{
    static const char *const names[] = {"pid",     "PID",        "procid",     "_PID",
                                        "_procid", "SYSLOG_PID", "process_id", "syslog_pid",
                                        "proc_id", "ProcessID",  "process.pid"};
    char number[NUMBER_MAX];

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct span pid = text_of(value_of(object, names[i]), number);
        if (!is_digits(pid))
            continue;
        add(room, SPAN("["));
        add(room, pid);
        add(room, SPAN("]"));
        return;
    }
}

/* Graylog's syslog input and GELF leave the tag before the text: "postfix/qmgr[812]: ...". It is
 * one if it names the program that the object does, or if syslog's facility is mail: the text of an
 * application may be a stranger's. */
static bool has_tag(const json_t *object, struct span program, struct span text)
{
    static const char *const facilities[] = {"facility", "_facility", "facility_label", "Facility",
                                             NULL};
    struct span rest = text;

    if (program.len)
        return span_take(&rest, program) && rest.len && (rest.at[0] == '[' || rest.at[0] == ':');
    return span_equal(word_of(object, facilities), SPAN("mail"));
}

/* "postfix/qmgr[812]: ...", of which the program and its process ID may be two fields. */
static bool add_tag_and_text(const json_t *object, struct span text, struct room *room)
{
    static const char *const tags[] = {"tag", "syslogtag", "syslog-tag", "_tag", NULL};
    static const char *const programs[] = {"syslog_program",
                                           "program",
                                           "PROGRAM",
                                           "programname",
                                           "ident",
                                           "appname",
                                           "app-name",
                                           "app_name",
                                           "application_name",
                                           "SYSLOG_IDENTIFIER",
                                           "syslog.identifier",
                                           "_program",
                                           "_programname",
                                           "_process",
                                           "ProcessName",
                                           "process.program",
                                           "SourceName",
                                           NULL};
    struct span tag = word_of(object, tags), program = word_of(object, programs);

    if (tag.len && tag.at[tag.len - 1] == ':') {
        add(room, tag);
    } else if (has_tag(object, program, text)) {
        add(room, text);
        return true;
    } else if (program.len) {
        add(room, program);
        add_pid(object, room);
        add(room, SPAN(":"));
    } else {
        return false;
    }
    if (text.at[0] != ' ')
        add(room, SPAN(" "));
    add(room, text);
    return true;
}

/* A record in fields, as the templates of rsyslog and syslog-ng and the syslog inputs of collectors
 * make it: {"@timestamp":"...Z","host":"mx1","syslogtag":"postfix/qmgr[812]:","message":" ..."}. */
static bool from_fields(const json_t *object, struct room *room)
{
    static const char *const hosts[] = {
        "syslog_hostname", "hostname",  "logsource", "_HOSTNAME", "host",     "HOST", "sysloghost",
        "host.hostname",   "host.name", "Computer",  "source",    "Hostname", NULL};
    static const char *const texts[] = {"syslog_message", "message",       "msg",    "MESSAGE",
                                        "short_message",  "SyslogMessage", "Message"};
    struct span host = word_of(object, hosts), text = SPAN_NONE;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !text.len; i++)
        text = first_line(string_of(object, texts[i]));
    if (!text.len || !add_time(object, room))
        return false;
    add(room, host.len ? host : SPAN("-"));
    add(room, SPAN(" "));
    return add_tag_and_text(object, text, room);
}

static bool is_converted(const json_t *object, struct room *room)
{
    static bool (*const forms[])(const json_t *, struct room *) = {from_journal, from_collector,
                                                                   from_fields};

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        room->used = 0; /* drops what another form has added */
        room->full = false;
        if (forms[i](object, room) && !room->full)
            return true;
    }
    return false;
}

struct span syslog_json_convert_at(struct span line, struct span time, char *buf, size_t size)
{
    struct room room = {.at = buf, .size = size, .time = time};
    json_t *object = json_loadb(line.at, line.len, 0, NULL);
    /* A search's answer holds the object: Splunk's, Elasticsearch's. */
    bool ok = object && (is_converted(object, &room) ||
                         is_converted(json_object_get(object, "result"), &room) ||
                         is_converted(json_object_get(object, "_source"), &room));

    json_decref(object);
    return ok ? span_of(buf, room.used) : line;
}

struct span syslog_json_convert(struct span line, char *buf, size_t size)
{
    return syslog_json_convert_at(line, SPAN_NONE, buf, size);
}
