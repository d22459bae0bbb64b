/* SPDX-License-Identifier: MIT */
/*
 * tests/corpus/lines.txt is the list of what is understood: a line of a log, under it what it
 * means, a blank line. "# ..." is a comment; "form unknown", "form external" and "form internal"
 * say how addresses are written from there on; "header" has the header shown too, "record" no more.
 * ^N*c^ in a line stands for N times c: Postfix cuts its records at 2000 bytes.
 */
#include <stdio.h>

#include "parse/syslog_header.h"
#include "parse/syslog_unwrap.h"
#include "parse/record_parse.h"
#include "rows.h"
#include "whole_file.h"

enum { LINES_MAX = 600, LINE_BYTES = 8192 };

struct row {
    int number;
    char *line, *want; /* in the file's text */
    enum address_form form;
    bool header;
};

static char *text;
static struct row rows[LINES_MAX];
static int row_count;

static void read_rows(void)
{
    enum address_form form = ADDRESS_FORM_EXTERNAL;
    bool header = false;
    int number = 0;
    char *rest, *line;

    rest = text = whole_file(SOURCE_DIR "/tests/corpus/lines.txt");
    while ((line = strsep(&rest, "\n")) != NULL) {
        number++;
        if (!*line || *line == '#')
            continue;
        if (strcmp(line, "form unknown") == 0) {
            form = ADDRESS_FORM_UNKNOWN;
        } else if (strcmp(line, "form external") == 0) {
            form = ADDRESS_FORM_EXTERNAL;
        } else if (strcmp(line, "form internal") == 0) {
            form = ADDRESS_FORM_INTERNAL;
        } else if (strcmp(line, "header") == 0 || strcmp(line, "record") == 0) {
            header = *line == 'h';
        } else if (row_count < LINES_MAX) {
            char *want = strsep(&rest, "\n");
            rows[row_count++] = (struct row){number++, line, want, form, header};
        }
    }
}

/* --- a record in one line --------------------------------------------------------------------- */

static const struct {
    enum record_type type;
    const char *name;
} types[] = {
    {RECORD_UNPARSED, "UNPARSED"},
    {RECORD_IGNORED, "IGNORED"},
    {RECORD_NOTE, "NOTE"},
    {RECORD_SAYS, "SAYS"},
    {RECORD_CLIENT, "CLIENT"},
    {RECORD_PICKUP, "PICKUP"},
    {RECORD_MESSAGE_ID, "MESSAGE_ID"},
    {RECORD_ACTIVE, "ACTIVE"},
    {RECORD_DELIVERY, "DELIVERY"},
    {RECORD_CUT, "CUT"},
    {RECORD_AMBIGUOUS, "AMBIGUOUS"},
    {RECORD_REMOVED, "REMOVED"},
    {RECORD_REFUSED, "REFUSED"},
    {RECORD_TAKEN, "TAKEN"},
    {RECORD_EXPIRED, "EXPIRED"},
    {RECORD_NOTICE, "NOTICE"},
    {RECORD_NOTICE_FAILED, "NOTICE_FAILED"},
    {RECORD_HELD, "HELD"},
    {RECORD_RELEASED, "RELEASED"},
    {RECORD_REQUEUED, "REQUEUED"},
    {RECORD_MISSING, "MISSING"},
    {RECORD_PROXY_CLIENT, "PROXY_CLIENT"},
    {RECORD_PROXY_ACCEPT, "PROXY_ACCEPT"},
    {RECORD_CERTIFICATE, "CERTIFICATE"},
    {RECORD_VERSION, "VERSION"},
};

static const char *type_name(enum record_type type)
{
    for (int i = 0; i < COUNT(types); i++)
        if (types[i].type == type)
            return types[i].name;
    return "?";
}

static void add(char *buf, const char *name, struct span value)
{
    size_t len = strlen(buf);

    snprintf(buf + len, LINE_BYTES - len, " %s=%.*s", name, SPAN_ARG(value));
}

static void add_address(char *buf, const char *name, struct span value)
{
    size_t len = strlen(buf);

    snprintf(buf + len, LINE_BYTES - len, " %s=<%.*s>", name, SPAN_ARG(value));
}

static void add_number(char *buf, const char *name, uint64_t value)
{
    size_t len = strlen(buf);

    snprintf(buf + len, LINE_BYTES - len, " %s=%llu", name, (unsigned long long)value);
}

static void add_id(char *buf, const char *name, struct queue_id id)
{
    char print[QUEUE_ID_TEXT_MAX];

    if (queue_id_is_set(id))
        add(buf, name, span_str(queue_id_print(id, print)));
}

static void add_delivery(char *buf, const struct record *rec)
{
    static const char *const statuses[STATUS_COUNT] = {"other", "sent", "deferred", "bounced",
                                                       "probed"};
    size_t len;

    add_address(buf, "to", rec->recipient);
    if (rec->orig_recipient.at)
        add_address(buf, "orig", rec->orig_recipient);
    add(buf, "relay", rec->relay);
    len = strlen(buf);
    snprintf(buf + len, LINE_BYTES - len, " delay=%lld.%06lld", (long long)(rec->delay / US_PER_S),
             (long long)(rec->delay % US_PER_S));
    if (rec->dsn.len)
        add(buf, "dsn", rec->dsn);
    add(buf, "status", span_str(statuses[rec->status]));
    add(buf, "reply", rec->reply);
}

/* Its addresses may be very long. */
static void add_cut(char *buf, const struct record *rec)
{
    add_number(buf, "to", rec->recipient.len);
    if (rec->orig_recipient.at)
        add_number(buf, "orig", rec->orig_recipient.len);
    add(buf, "domain", rec->recipient_domain);
    if (rec->relay.len)
        add(buf, "relay", rec->relay);
    if (rec->address_is_cut)
        strcat(buf, " cut");
}

static void render(const struct record *rec, char *buf)
{
    static const char *const notices[NOTICE_COUNT] = {"non-delivery", "delay", "delivery-status",
                                                      "postmaster"};

    strcpy(buf, type_name(rec->type));
    add_id(buf, "id", rec->id);
    switch (rec->type) {
    case RECORD_CLIENT:
    case RECORD_PROXY_CLIENT:
        add(buf, "client", rec->client);
        add(buf, "address", rec->client_address);
        if (rec->account.len)
            add(buf, "account", rec->account);
        break;
    case RECORD_CERTIFICATE:
        add(buf, "client", rec->client);
        add(buf, "address", rec->client_address);
        add(buf, "CA", rec->of_known_ca ? SPAN("known") : SPAN("unknown"));
        break;
    case RECORD_PICKUP:
        add_number(buf, "uid", rec->uid);
        add_address(buf, "from", rec->sender);
        break;
    case RECORD_MESSAGE_ID:
        add(buf, "message-id", rec->message_id);
        break;
    case RECORD_ACTIVE:
        add_address(buf, "from", rec->sender);
        add_number(buf, "size", rec->size);
        add_number(buf, "nrcpt", rec->recipient_count);
        break;
    case RECORD_EXPIRED:
    case RECORD_TAKEN:
        add_address(buf, "from", rec->sender);
        break;
    case RECORD_DELIVERY:
        add_delivery(buf, rec);
        break;
    case RECORD_CUT:
    case RECORD_AMBIGUOUS:
        add_cut(buf, rec);
        break;
    case RECORD_NOTICE:
        add(buf, "of", span_str(notices[rec->notice]));
        break;
    case RECORD_SAYS:
    case RECORD_HELD:
        if (rec->header != MAIL_HEADER_COUNT)
            add(buf, rec->header == MAIL_HEADER_SUBJECT ? "subject" : "script", rec->header_text);
        break;
    case RECORD_VERSION:
        add(buf, "version", rec->version);
        break;
    default:
        break;
    }
    add_id(buf, "link", rec->link);
}

/* "^1900*x^" stands for 1900 times x. */
static void expand(const char *line, char *buf)
{
    size_t len = 0;

    while (*line && len < LINE_BYTES - 1) {
        int n, used = 0;
        char c;
        if (*line == '^' && sscanf(line, "^%d*%c^%n", &n, &c, &used) == 2 && used) {
            for (int i = 0; i < n && len < LINE_BYTES - 1; i++)
                buf[len++] = c;
            line += used;
        } else {
            buf[len++] = *line++;
        }
    }
    buf[len] = '\0';
}

static void show(const struct row *row, char *buf)
{
    struct syslog_clock clock = {.reference = 1795492800 * US_PER_S, .last = WHEN_UNKNOWN};
    struct syslog_header h;
    struct record rec;
    struct span instance;
    char line[LINE_BYTES], plain[LINE_BYTES], when[WHEN_TEXT_MAX], record[LINE_BYTES];

    expand(row->line, line);
    if (!syslog_header_parse(&clock, syslog_unwrap(span_str(line), plain, sizeof(plain)), &h)) {
        strcpy(buf, "no syslog");
        return;
    }
    enum program program = program_of_tag(h.tag, &instance);
    buf[0] = '\0';
    if (row->header)
        snprintf(buf, LINE_BYTES, "%s.%06lld %.*s %.*s %u: ", when_print(h.when, when),
                 (long long)(h.when % US_PER_S), SPAN_ARG(h.host), SPAN_ARG(h.tag), h.pid);
    if (program == PROGRAM_NONE) {
        strcat(buf, "not Postfix");
        return;
    }
    record_parse(program, h.text, row->form, &rec);
    render(&rec, record);
    size_t len = strlen(buf);
    snprintf(buf + len, LINE_BYTES - len, "%s", record);
}

START_TEST(line_is_read_as_written_below_it)
{
    char got[LINE_BYTES], want[LINE_BYTES], name[40];
    const struct row *row = &rows[_i];

    snprintf(name, sizeof(name), "lines.txt:%d", row->number);
    ck_assert_msg(row->want != NULL && *row->want, "%s: nothing is expected", name);
    expand(row->want, want);
    show(row, got);
    want_text(name, got, want);
}
END_TEST

/* A shape without a line in the corpus is untested. */
START_TEST(every_type_of_record_has_a_line)
{
    size_t len = strlen(types[_i].name);
    int found = 0;

    for (int i = 0; i < row_count; i++) {
        const char *at = rows[i].want ? strstr(rows[i].want, types[_i].name) : NULL;
        found += at && (at == rows[i].want || at[-1] == ' ') && (at[len] == ' ' || !at[len]);
    }
    ck_assert_msg(found > 0, "%s: got no line, want one", types[_i].name);
}
END_TEST

/* --- real logs -------------------------------------------------------------------------------- */

static const struct {
    const char *folder;
    int lines, postfix;
} logs[] = {
    {"injection", 880, 880},      {"accept_then_bounce", 3167, 3167},
    {"botnet_relay", 2527, 2527}, {"content_filter", 3087, 3087},
    {"joe_job", 1757, 1757},      {"normal_day", 2703, 2703},
    {"open_relay", 1739, 1739},   {"stolen_account", 2772, 2772},
    {"web_script", 871, 871},
};

/* An unknown address form is the worst case. */
START_TEST(real_log_holds_nothing_unknown)
{
    struct syslog_clock clock = {.reference = 1795492800 * US_PER_S, .last = WHEN_UNKNOWN};
    char path[512], *log, *rest, *line;
    int lines = 0, postfix = 0;

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/corpora/%s/mail.log", logs[_i].folder);
    rest = log = whole_file(path);
    while ((line = strsep(&rest, "\n")) != NULL) {
        struct syslog_header h;
        struct record rec;
        struct span instance;
        if (!*line)
            continue;
        lines++;
        ck_assert_msg(syslog_header_parse(&clock, span_str(line), &h),
                      "%s: got no syslog, want a line: %s", logs[_i].folder, line);
        enum program program = program_of_tag(h.tag, &instance);
        if (program == PROGRAM_NONE)
            continue;
        postfix++;
        record_parse(program, h.text, ADDRESS_FORM_UNKNOWN, &rec);
        ck_assert_msg(rec.type != RECORD_UNPARSED, "%s: got not understood, want a record: %s",
                      logs[_i].folder, line);
    }
    free(log);
    want_number(logs[_i].folder, lines, logs[_i].lines);
    want_number(logs[_i].folder, postfix, logs[_i].postfix);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("lines");

    read_rows();
    tcase_add_loop_test(tc, line_is_read_as_written_below_it, 0, row_count);
    ADD_ROWS(tc, every_type_of_record_has_a_line, types);
    ADD_ROWS(tc, real_log_holds_nothing_unknown, logs);
    int status = run_suite("lines", tc);
    free(text);
    return status;
}
