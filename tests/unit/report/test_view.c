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

int main(void)
{
    TCase *tc = tcase_create("view");

    ADD_ROWS(tc, a_key_is_said_in_words, rows);
    return run_suite("view", tc);
}
