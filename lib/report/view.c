/* SPDX-License-Identifier: MIT */
#include "report/view.h"

#include <stdarg.h>
#include <stdio.h>

/* For people; JSON and alerts use key_type_name. */
static const char *key_label(enum key_type type)
{
    static const char *const labels[KEY_COUNT] = {
        [KEY_NONE] = "",
        [KEY_CLIENT] = "client",
        [KEY_NETWORK] = "client network",
        [KEY_SENDER_DOMAIN] = "sender domain",
        [KEY_SENDER] = "sender",
        [KEY_ACCOUNT] = "account",
        [KEY_UID] = "uid",
        [KEY_HOST] = "host",
        [KEY_RECIPIENT] = "recipient",
        [KEY_RECIPIENT_DOMAIN] = "recipient domain",
    };
    return labels[type];
}

/* No UTF-8 sequence is cut in two: the bytes after its first one begin with the bits 10. */
static bool is_within_sequence(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void view_cut(struct span text, size_t max, size_t *ret_head, size_t *ret_tail)
{
    size_t head = text.len, tail = 0;

    if (text.len > max) {
        tail = max / 3;
        head = max - tail;
        while (head > 0 && is_within_sequence(text.at[head]))
            head--;
        while (tail > 0 && is_within_sequence(text.at[text.len - tail]))
            tail--;
    }
    *ret_head = head;
    *ret_tail = tail;
}

/* Far longer than any name that somebody has for himself. */
enum { KEY_WHOLE = 400 };

const char *incident_key(const struct incident_view *view, char *buf)
{
    struct span key = intern_span(view->incident->key_text);
    size_t head, tail;

    view_cut(key, KEY_WHOLE, &head, &tail);
    snprintf(buf, VIEW_TEXT_MAX, "%s %.*s%s%.*s", key_label(view->key_type), (int)head,
             key.len ? key.at : "", head < key.len ? "..." : "", (int)tail,
             tail ? key.at + key.len - tail : "");
    return buf;
}

/* What a crossed threshold counts: one of it, and several. */
static const char *const crossed_words[CROSSED_COUNT][2] = {
    [CROSSED_RECIPIENTS] = {"recipient", "recipients"},
    [CROSSED_NETWORKS] = {"client network", "client networks"},
    [CROSSED_REFUSED] = {"refused recipient", "refused recipients"},
    [CROSSED_FOREIGN] = {"recipient under a foreign sender", "recipients under foreign senders"},
    [CROSSED_NULL_SENDER] = {"recipient under the null sender", "recipients under the null sender"},
    [CROSSED_UNSEEN] = {"sender never seen before", "senders never seen before"},
    [CROSSED_NOTICES] = {"notice", "notices"},
    [CROSSED_MESSAGES] = {"message", "messages"},
};

const char *crossing_text(const struct crossing *crossing, char *buf)
{
    char window[WHEN_TEXT_MAX];

    buf[0] = '\0';
    if (crossing->what != CROSSED_NONE)
        snprintf(buf, VIEW_TEXT_MAX, "%llu %s in %s, the threshold is %llu",
                 (unsigned long long)crossing->value,
                 crossed_words[crossing->what][crossing->value != 1],
                 when_print_duration(crossing->window_s * US_PER_S, window),
                 (unsigned long long)crossing->threshold);
    return buf;
}

const char *view_quoted(struct span text, char *buf)
{
    size_t n = 0;

    buf[n++] = '"';
    for (size_t i = 0; i < text.len && n + 4 < VIEW_TEXT_MAX; i++) {
        if (text.at[i] == '"' || text.at[i] == '\\')
            buf[n++] = '\\';
        buf[n++] = text.at[i];
    }
    memcpy(buf + n, "\"", 2);
    return buf;
}

struct span view_host(const struct incident_view *view)
{
    return intern_span(view->hosts.count == 1 ? view->hosts.entry[0].text
                                              : view->incident->host_name);
}

void view_advise(struct incident_view *view, const char *format, ...)
{
    va_list args;

    if (view->advice_count == VIEW_ADVICE_MAX)
        return;
    va_start(args, format);
    vsnprintf(view->advice[view->advice_count++], VIEW_TEXT_MAX, format, args);
    va_end(args);
}

static bool is_client_at(struct span text, struct span address)
{
    size_t end = address.len + 2;

    return text.len > end && text.at[text.len - end] == '[' && text.at[text.len - 1] == ']' &&
           span_equal(span_head(span_skip(text, text.len - end + 1), address.len), address);
}

/* Not found, or "unknown[192.0.2.1]": there is no name to show. */
struct span view_client(const struct incident_view *view, uint32_t i)
{
    struct span address = intern_span(view->client_names.entry[i].text);
    const struct tally *texts = &view->client_texts;

    for (uint32_t k = 0; k < texts->count; k++) {
        struct span text = intern_span(texts->entry[k].text), rest = text;
        if (is_client_at(text, address) && !span_take(&rest, SPAN("unknown[")))
            return text;
    }
    return address;
}
