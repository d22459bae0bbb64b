/* SPDX-License-Identifier: MIT */
#include "report/text_json.h"

#include "rows.h"

static const struct {
    const char *name;
    struct span text;
    const char *want;
} texts[] = {
    {"plain", {"a@b.example", 11}, "a@b.example"},
    {"empty", {"", 0}, ""},
    {"none", {NULL, 0}, ""},
    {"UTF-8", {"b\xc3\xa4r", 4}, "b\xc3\xa4r"},
    {"no UTF-8", {"b\xe4r\x01", 4}, "b?r?"},
    {"a NUL", {"a\0b", 3}, "a?b"},
};

START_TEST(json_takes_any_bytes)
{
    json_t *json = text_json(texts[_i].text);

    ck_assert_msg(json_is_string(json), "%s: got no string", texts[_i].name);
    want_text(texts[_i].name, json_string_value(json), texts[_i].want);
    want_number(texts[_i].name, (int64_t)json_string_length(json), (int64_t)strlen(texts[_i].want));
    json_decref(json);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("text_json");

    ADD_ROWS(tc, json_takes_any_bytes, texts);
    return run_suite("text_json", tc);
}
