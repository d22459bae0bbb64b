/* SPDX-License-Identifier: MIT */
#include "config/settings_table.h"

#include <assert.h>
#include <inttypes.h>

#include "base/address.h"

#define DOMAIN_LEN_MAX 255
#define TOPIC_LEN_MAX  249

/* The rows of settings.def. SECTION and SETTING are empty there unless defined before. */
static const struct setting_section sections[] = {
#define SECTION(...) {__VA_ARGS__},
#include "config/settings.def"
};

static const struct setting rows[] = {
#define SETTING(section, key, type, field, initial, min, max, unit, sentence)                      \
    {section, key,  SETTING_##type, offsetof(struct settings, field), initial, min,                \
     max,     unit, sentence},
#include "config/settings.def"
};

const struct setting_section *setting_section(size_t i)
{
    assert(i < SETTING_SECTION_COUNT);
    return &sections[i];
}

const struct setting *setting_row(size_t i)
{
    assert(i < SETTING_COUNT_ALL);
    return &rows[i];
}

void *setting_field(const struct setting *row, struct settings *settings)
{
    return (char *)settings + row->offset;
}

/* A row has its offset in struct settings; a kind's thresholds are one member of that. */
void *setting_threshold(const struct setting *row, enum kind kind, struct thresholds *thresholds)
{
    size_t base = offsetof(struct settings, kind) + (size_t)kind * sizeof(*thresholds);

    assert(row->offset >= base && row->offset < base + sizeof(*thresholds));
    return (char *)thresholds + (row->offset - base);
}

size_t setting_bytes(const struct setting *row)
{
    switch (row->type) {
    case SETTING_YESNO:
        return sizeof(bool);
    case SETTING_DURATION:
        return sizeof(dur_us);
    case SETTING_SOURCE:
        return sizeof(enum source_type);
    default:
        return setting_is_string(row) ? sizeof(char *) : sizeof(uint32_t);
    }
}

/* --- numbers; false if the text is no number of that type, or out of bounds --- */

static bool read_yesno(const struct setting *row, struct span value, int64_t *ret)
{
    (void)row;
    *ret = span_equal(value, SPAN("yes"));
    return *ret || span_equal(value, SPAN("no"));
}

static bool parse_count(const struct setting *row, struct span value, int64_t *ret)
{
    uint64_t n;

    if (!span_take_number(&value, &n) || value.len)
        return false;
    *ret = (int64_t)n;
    return *ret >= row->min && *ret <= row->max;
}

/* "30" or "30%". */
static bool read_percent(const struct setting *row, struct span value, int64_t *ret)
{
    if (span_ends(value, SPAN("%")))
        value.len--;
    return parse_count(row, value, ret);
}

/* Bounds are in seconds, durations in microseconds. */
static bool read_duration(const struct setting *row, struct span value, int64_t *ret)
{
    return when_parse_duration(value, ret) && *ret >= row->min * US_PER_S &&
           *ret <= row->max * US_PER_S;
}

static const char *const source_names[] = {[SOURCE_AUTO] = "auto",
                                           [SOURCE_JOURNAL] = "journal",
                                           [SOURCE_FILE] = "file",
                                           [SOURCE_KAFKA] = "kafka"};

#define SOURCE_NAMES (int64_t)(sizeof(source_names) / sizeof(*source_names))

static bool read_source(const struct setting *row, struct span value, int64_t *ret)
{
    (void)row;
    for (*ret = 0; *ret < SOURCE_NAMES; ++*ret)
        if (span_equal(value, span_str(source_names[*ret])))
            return true;
    return false;
}

/* --- words; index is the position in a list --- */

static bool is_path(struct span word, size_t index)
{
    (void)index;
    return word.at[0] == '/';
}

/* The program needs a path; its arguments may be anything. */
static bool is_program(struct span word, size_t index)
{
    return index > 0 || word.at[0] == '/';
}

static bool is_letter_or_digit(char c)
{
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* A journal namespace, which becomes part of a path: no "." or "-" in front. */
static bool is_name(struct span word, size_t index)
{
    (void)index;
    for (size_t i = 0; i < word.len; i++)
        if (!is_letter_or_digit(word.at[i]) && !(i && memchr("-_.", word.at[i], 3)))
            return false;
    return true;
}

/* UTF-8 is allowed, for letters of other scripts. */
static bool is_domain(struct span word, size_t index)
{
    (void)index;
    span_take(&word, SPAN("!"));
    span_take(&word, SPAN("."));
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        bool dot_ends_label = c == '.' && i > 0 && word.at[i - 1] != '.';
        if (!dot_ends_label && !is_letter_or_digit(c) && !(c & 0x80) && c != '-' && c != '_')
            return false;
    }
    return word.len > 0 && word.len <= DOMAIN_LEN_MAX;
}

bool setting_is_domain(struct span word)
{
    return is_domain(word, 0);
}

/* Only the domain is checked: a local part may hold nearly anything. */
static bool is_mailbox(struct span word, size_t index)
{
    ptrdiff_t at = span_find_last(word, '@');

    if (at <= 0)
        return false;
    struct span domain = span_skip(word, (size_t)at + 1);
    return domain.len && domain.at[0] != '!' && domain.at[0] != '.' && is_domain(domain, index);
}

/* A single address is a network too. */
static bool is_network(struct span word, size_t index)
{
    struct network net;

    (void)index;
    span_take(&word, SPAN("!"));
    return network_parse(word, &net);
}

/* An address, with or without brackets. */
static bool is_address(struct span word, size_t index)
{
    struct network net;

    (void)index;
    return network_parse(word, &net) && span_find(word, '/') < 0;
}

/* ADDRESS:PORT, an IPv6 address in brackets. */
static bool is_listen(struct span word, size_t index)
{
    uint64_t port;
    ptrdiff_t colon = span_find_last(word, ':');

    if (colon < 0 || !is_address(span_head(word, (size_t)colon), index))
        return false;
    bool bare_v6 = word.at[0] != '[' && span_find(word, ':') != colon;
    struct span rest = span_skip(word, (size_t)colon + 1);
    return !bare_v6 && span_take_number(&rest, &port) && rest.len == 0 && port > 0 && port < 65536;
}

/* NAME:PORT, an IPv6 address in brackets. */
static bool is_broker(struct span word, size_t index)
{
    ptrdiff_t colon = span_find_last(word, ':');

    if (is_listen(word, index))
        return true;
    if (colon <= 0 || !is_domain(span_head(word, (size_t)colon), index) ||
        !is_letter_or_digit(word.at[0]))
        return false;
    uint64_t port;
    struct span rest = span_skip(word, (size_t)colon + 1);
    return span_take_number(&rest, &port) && rest.len == 0 && port > 0 && port < 65536;
}

/* What Kafka takes as a name. */
static bool is_topic(struct span word, size_t index)
{
    (void)index;
    for (size_t i = 0; i < word.len; i++)
        if (!is_letter_or_digit(word.at[i]) && !memchr("-_.", word.at[i], 3))
            return false;
    return word.len > 0 && word.len <= TOPIC_LEN_MAX;
}

/* As the JSON and the journal have them. */
#define EVENTS "raised, widened, updated, ended, withdrawn, reopened, closed, warning, warning-over"

static bool is_event(struct span word, size_t index)
{
    (void)index;
    return span_has_word(SPAN(EVENTS), word);
}

/* How each type is read: as a number, or word by word; and what is allowed, unless that follows
 * from the bounds. */
static const struct {
    bool (*number)(const struct setting *row, struct span value, int64_t *ret);
    bool (*word)(struct span word, size_t index);
    const char *allowed;
} types[SETTING_TYPE_COUNT] = {
    [SETTING_YESNO] = {read_yesno, NULL, "yes or no"},
    [SETTING_COUNT] = {parse_count, NULL, NULL},
    [SETTING_PERCENT] = {read_percent, NULL, NULL},
    [SETTING_DURATION] = {read_duration, NULL, NULL},
    [SETTING_SOURCE] = {read_source, NULL, "auto, journal, file or kafka"},
    [SETTING_PATH] = {NULL, is_path, "nothing or a path that begins with \"/\""},
    [SETTING_NAME] = {NULL, is_name,
                      "nothing or a name of letters, digits, \"-\", \"_\" and \".\""},
    [SETTING_LISTEN] = {NULL, is_listen,
                        "an address and a port, as in 127.0.0.1:9397 or [::1]:9397"},
    [SETTING_PATHS] = {NULL, is_path, "paths that begin with \"/\""},
    [SETTING_COMMAND] = {NULL, is_program,
                         "nothing or a program whose path begins with \"/\", and "
                         "its arguments"},
    [SETTING_DOMAINS] = {NULL, is_domain,
                         "domains, as in example.org, .example.org or "
                         "!example.org"},
    [SETTING_NETWORKS] = {NULL, is_network,
                          "networks, as in 192.0.2.0/24, [2001:db8::]/32 or "
                          "!192.0.2.1"},
    [SETTING_MAILBOXES] = {NULL, is_mailbox, "mail addresses, as in archive@example.org"},
    [SETTING_ADDRESSES] = {NULL, is_address, "addresses, as in 192.0.2.1 or 2001:db8::1"},
    [SETTING_EVENTS] = {NULL, is_event, "some of " EVENTS},
    [SETTING_BROKERS] = {NULL, is_broker,
                         "names or addresses with a port, as in kafka1:9092 or "
                         "[::1]:9092"},
    [SETTING_TOPICS] = {NULL, is_topic,
                        "names of up to 249 letters, digits, \"-\", \"_\" and \".\""},
};

void setting_print_allowed(const struct setting *row, struct buf *out)
{
    char min[WHEN_TEXT_MAX], max[WHEN_TEXT_MAX];

    if (types[row->type].allowed)
        buf_add_str(out, types[row->type].allowed);
    else if (row->type == SETTING_DURATION)
        buf_printf(out, "%s to %s", when_print_duration(row->min * US_PER_S, min),
                   when_print_duration(row->max * US_PER_S, max));
    else
        buf_printf(out, "%" PRId64 " to %" PRId64, row->min, row->max);
}

/* found is the value, or the wrong word of a list. */
static bool refuse_value(const struct setting *row, struct span found, struct inifile_error *err)
{
    char shown[INIFILE_SHOWN_MAX];
    struct buf allowed = buf_new(256);

    setting_print_allowed(row, &allowed);
    if (row->type == SETTING_DURATION)
        buf_add_str(&allowed, ", as in 90s, 10m, 1h or 5d");
    inifile_refuse(err, "%s = %s; allowed: %s", row->key, inifile_show(found, shown),
                   text_or_empty(allowed.at));
    buf_done(&allowed);
    return false;
}

static bool check_words(const struct setting *row, struct span value, struct inifile_error *err)
{
    struct span word;

    if (!setting_is_list(row))
        return types[row->type].word(value, 0) || refuse_value(row, value, err);
    for (size_t i = 0; span_take_word(&value, &word); i++)
        if (!types[row->type].word(word, i))
            return refuse_value(row, word, err);
    return true;
}

/* Replaces the string in the field only if the new one is good. */
static bool store_string(const struct setting *row, struct span value, void *field,
                         struct inifile_error *err)
{
    bool may_be_empty = row->type != SETTING_LISTEN && row->type != SETTING_EVENTS;
    struct span rest = value, word;

    if (!may_be_empty && !span_take_word(&rest, &word))
        return refuse_value(row, value, err);
    if (value.len && !check_words(row, value, err))
        return false;
    char *text = strndup(text_or_empty(value.at), value.len);
    if (!text)
        return inifile_refuse(err, "out of memory");
    free(*(char **)field);
    *(char **)field = text;
    return true;
}

static void store_number(enum setting_type type, int64_t n, void *field)
{
    switch (type) {
    case SETTING_YESNO:
        *(bool *)field = n != 0;
        break;
    case SETTING_DURATION:
        *(dur_us *)field = n;
        break;
    case SETTING_SOURCE:
        *(enum source_type *)field = (enum source_type)n;
        break;
    default:
        *(uint32_t *)field = (uint32_t)n;
    }
}

bool setting_store(const struct setting *row, struct span value, void *field,
                   struct inifile_error *err)
{
    int64_t n;

    if (setting_is_string(row))
        return store_string(row, value, field, err);
    if (!types[row->type].number(row, value, &n))
        return refuse_value(row, value, err);
    store_number(row->type, n, field);
    return true;
}

void setting_print(const struct setting *row, const void *field, struct buf *out)
{
    char text[WHEN_TEXT_MAX];

    if (setting_is_string(row))
        buf_add_str(out, *(char *const *)field);
    else if (row->type == SETTING_YESNO)
        buf_add_str(out, *(const bool *)field ? "yes" : "no");
    else if (row->type == SETTING_DURATION)
        buf_add_str(out, when_print_duration(*(const dur_us *)field, text));
    else if (row->type == SETTING_SOURCE)
        buf_add_str(out, source_names[*(const enum source_type *)field]);
    else
        buf_printf(out, "%" PRIu32, *(const uint32_t *)field);
}
