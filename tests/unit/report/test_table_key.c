/* SPDX-License-Identifier: MIT */
#include "report/table_key.h"

#include "detect/tables.h"
#include "rows.h"

#define BLANK   "holds a blank, which ends the key of a Postfix table"
#define CONTROL "holds control characters"
#define UTF8    "is not UTF-8"
#define JOINS   "ends in a backslash, which joins it with what follows in a Postfix table"
#define NONE    "has no domain, and a Postfix table would take it for one"

static const struct {
    struct span key;
    const char *login, *sender; /* NULL: it can be one */
} rows[] = {
    {SPAN("bob@example.net"), NULL, NULL},
    {SPAN("$(x)`y`;'%s\\n!*[a]{b}~/<>|&,:@x"), NULL, NULL},
    {SPAN("a@b@c"), NULL, NULL},
    {SPAN("bob"), NULL, NONE},
    {SPAN("example.net"), NULL, NONE},
    {SPAN("@example.net"), NULL, "is a domain alone, and stands for all of it in a Postfix table"},
    {SPAN("bob@"), NULL,
     "has no domain, and stands for that name in all of them in a Postfix table"},
    {SPAN(""), "is empty", "is empty"},
    {SPAN("a b@x"), BLANK, BLANK},
    {SPAN(" a@x"), BLANK, BLANK},
    {SPAN("a\tb@x"), CONTROL, CONTROL},
    {SPAN("a\nb@x"), CONTROL, CONTROL},
    {SPAN("a\0b@x"), CONTROL, CONTROL},
    {SPAN("a\x7f@x"), CONTROL, CONTROL},
    {SPAN("\"a@x"), "holds a quotation mark, which a Postfix table wants in pairs",
     "holds a quotation mark, which a Postfix table wants in pairs"},
    {SPAN("m?ller@x"), "holds a \"?\", which the log has for anything that it can't print",
     "holds a \"?\", which the log has for anything that it can't print"},
    {SPAN("#a@x"), "begins with \"#\", as comments of a Postfix table do",
     "begins with \"#\", as comments of a Postfix table do"},
    {SPAN("a#@x"), NULL, NULL},
    {SPAN("a@x\\"), JOINS, JOINS},
    {SPAN("a@x\\\\"), NULL, NULL},
    {SPAN("a@x\\\\\\"), JOINS, JOINS},
    {SPAN("\\"), JOINS, JOINS},
    {SPAN("\\a@x"), NULL, NULL},
};

START_TEST(trouble_is_told)
{
    const char *login = table_key_trouble(rows[_i].key);
    const char *sender = table_sender_trouble(rows[_i].key);

    want_text(rows[_i].key.at, login ? login : "none", rows[_i].login ? rows[_i].login : "none");
    want_text(rows[_i].key.at, sender ? sender : "none",
              rows[_i].sender ? rows[_i].sender : "none");
}
END_TEST

/* The first and last sequences of each length, and their neighbours that are none. */
static const struct {
    const char *text;
    bool valid;
} sequences[] = {
    {"\xc2\x80", true},
    {"\xc1\xbf", false},
    {"\xdf\xbf", true},
    {"\xe0\xa0\x80", true},
    {"\xe0\x9f\xbf", false},
    {"\xed\x9f\xbf", true},
    {"\xed\xa0\x80", false},
    {"\xee\x80\x80", true},
    {"\xef\xbf\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf0\x8f\xbf\xbf", false},
    {"\xf4\x8f\xbf\xbf", true},
    {"\xf4\x90\x80\x80", false},
    {"\xf5\x80\x80\x80", false},
    {"\xff", false},
    {"\x80", false},
    {"\xc3", false},
    {"\xe2\x82", false},
    {"\xc3(", false},
    {"\xe2\x82(", false},
    {"a\xc3\xbc", true},
    {"\xc3\xbc\xbc", false},
};

START_TEST(only_utf8_is_taken)
{
    const char *trouble = table_key_trouble(span_str(sequences[_i].text));

    want_text(sequences[_i].text, trouble ? trouble : "none", sequences[_i].valid ? "none" : UTF8);
}
END_TEST

/* What was cut is somebody else. */
START_TEST(length_is_bounded)
{
    char name[CELL_TEXT_MAX + 1];

    memset(name, 'x', sizeof(name));
    ck_assert_ptr_null(table_key_trouble(span_of(name, CELL_TEXT_MAX - 1)));
    want_text("at the bound", table_key_trouble(span_of(name, CELL_TEXT_MAX)),
              "is too long, and was cut");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("table_key");

    ADD_ROWS(tc, trouble_is_told, rows);
    ADD_ROWS(tc, only_utf8_is_taken, sequences);
    tcase_add_test(tc, length_is_bounded);
    return run_suite("table_key", tc);
}
