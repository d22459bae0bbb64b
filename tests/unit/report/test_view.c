/* SPDX-License-Identifier: MIT */
#include "report/view.h"
#include "rows.h"

static const struct {
    enum kind kind;
    int level;
    const char *key, *want;
} rows[] = {
    {KIND_OPEN_RELAY, 0, "192.0.2.1", "client 192.0.2.1"},
    {KIND_OPEN_RELAY, 1, "192.0.2.0/24", "client network 192.0.2.0/24"},
    {KIND_ACCOUNT_ABUSE, 0, "bob", "account bob"},
    {KIND_LOCAL_ABUSE, 0, "shop@a.example", "sender shop@a.example"},
    {KIND_BACKSCATTER_VICTIM, 0, "a@b.example", "recipient a@b.example"},
};

START_TEST(a_key_is_said_in_words)
{
    struct interns texts;
    char buf[VIEW_TEXT_MAX];

    ck_assert(interns_init(&texts, 100, 1));
    struct incident incident = {.kind = (uint8_t)rows[_i].kind,
                                .level = (uint8_t)rows[_i].level,
                                .key_text = intern_get(&texts, span_str(rows[_i].key))};
    struct incident_view view = {.incident = &incident, .key_type = incident_key_type(&incident)};
    want_text(rows[_i].want, incident_key(&view, buf), rows[_i].want);
    intern_put(&texts, incident.key_text);
    interns_done(&texts);
}
END_TEST

static const struct {
    struct crossing crossing;
    const char *want;
} crossings[] = {
    {{CROSSED_NONE, false, false, 0, 0, 0}, ""},
    {{CROSSED_RECIPIENTS, false, false, 201, 200, 3600},
     "201 recipients in 1h, the threshold is 200"},
    {{CROSSED_RECIPIENTS, true, false, 600, 600, 86400},
     "600 recipients in 1d, the threshold is 600"},
    {{CROSSED_RECIPIENTS, false, false, 1, 1, 90}, "1 recipient in 90s, the threshold is 1"},
    {{CROSSED_NETWORKS, false, false, 10, 10, 3600},
     "10 client networks in 1h, the threshold is 10"},
    {{CROSSED_REFUSED, false, false, 51, 50, 3600},
     "51 refused recipients in 1h, the threshold is 50"},
    {{CROSSED_FOREIGN, false, false, 100, 100, 3600},
     "100 recipients under foreign senders in 1h, the threshold is 100"},
    {{CROSSED_NULL_SENDER, false, false, 10, 10, 3600},
     "10 recipients under the null sender in 1h, the threshold is 10"},
    {{CROSSED_UNSEEN, false, false, 50, 50, 3600},
     "50 senders never seen before in 1h, the threshold is 50"},
    {{CROSSED_NOTICES, false, false, 20, 20, 3600}, "20 notices in 1h, the threshold is 20"},
    {{CROSSED_MESSAGES, false, false, 100, 100, 3600}, "100 messages in 1h, the threshold is 100"},
};

START_TEST(what_crossed_is_said_in_words)
{
    char buf[VIEW_TEXT_MAX];

    want_text("crossed", crossing_text(&crossings[_i].crossing, buf), crossings[_i].want);
}
END_TEST

static const struct {
    const char *text, *want;
} quotes[] = {
    {"33:a.php", "\"33:a.php\""},
    {"", "\"\""},
    {"a\" (999 messages)", "\"a\\\" (999 messages)\""},
    {"a\\", "\"a\\\\\""},
};

START_TEST(a_strangers_words_stay_in_quotes)
{
    char buf[VIEW_TEXT_MAX];

    want_text("quoted", view_quoted(span_str(quotes[_i].text), buf), quotes[_i].want);
}
END_TEST

START_TEST(quotes_fit_their_buffer)
{
    char text[VIEW_TEXT_MAX], buf[VIEW_TEXT_MAX];

    memset(text, '"', sizeof(text));
    for (size_t len = 200; len <= sizeof(text); len++) {
        view_quoted(span_of(text, len), buf);
        ck_assert_uint_lt(strlen(buf), VIEW_TEXT_MAX);
        want_number("last", buf[strlen(buf) - 1], '"');
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("view");

    ADD_ROWS(tc, a_key_is_said_in_words, rows);
    ADD_ROWS(tc, a_strangers_words_stay_in_quotes, quotes);
    tcase_add_test(tc, quotes_fit_their_buffer);
    ADD_ROWS(tc, what_crossed_is_said_in_words, crossings);
    return run_suite("view", tc);
}
