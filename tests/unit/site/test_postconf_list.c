/* SPDX-License-Identifier: MIT */
#include "site/postconf_list.h"
#include "rows.h"

#include "base/buf.h"

static const struct {
    const char *list, *want;
} splits[] = {
    {"", ""},
    {" ,\t, ", ""},
    {"a", "<a>"},
    {"a,b c\td\ne\r\nf", "<a><b><c><d><e><f>"},
    {" a , b ", "<a><b>"},
    {"inline:{ a=b, {c = d e} } x", "<inline:{ a=b, {c = d e} }><x>"},
    {"{ a b },{c}", "<{ a b }><{c}>"},
    {"a{b{c d}e f}g h", "<a{b{c d}e f}g><h>"},
    {"a} b", "<a}><b>"},
    {"{a b", "<{a b>"},
    {"!a !/f", "<!a><!/f>"},
    {"[::1]/128,[2001:db8::]/32", "<[::1]/128><[2001:db8::]/32>"},
};

START_TEST(lists_are_split)
{
    struct span list = span_str(splits[_i].list), item;
    struct buf got = buf_new(1024);

    while (postconf_next(&list, &item))
        buf_printf(&got, "<%.*s>", SPAN_ARG(item));
    buf_add(&got, SPAN_NONE);
    want_text(splits[_i].list, got.at, splits[_i].want);
    buf_done(&got);
}
END_TEST

static const struct {
    const char *item, *type, *name; /* type NULL: no table */
} tables[] = {
    {"hash:/etc/postfix/virtual", "hash", "/etc/postfix/virtual"},
    {"proxy:mysql:/etc/x.cf", "mysql", "/etc/x.cf"},
    {"proxy:debug:proxy:hash:/x", "hash", "/x"},
    {"inline:{ a=b }", "inline", "{ a=b }"},
    {"static:OK", "static", "OK"},
    {"unix:passwd.byname", "unix", "passwd.byname"},
    {"x1:y", "x1", "y"},
    {"hash:", NULL, NULL},
    {":x", NULL, NULL},
    {"example.org", NULL, NULL},
    {"[::1]", NULL, NULL},
    {"fe80::1", NULL, NULL},
    {"2001:db8::1", NULL, NULL},
    {"10.0.0.0/8", NULL, NULL},
    {"proxy:", NULL, NULL},
    {"", NULL, NULL},
    {"Hash:/x", NULL, NULL},
};

START_TEST(tables_have_type_and_name)
{
    struct span type = SPAN_NONE, name = SPAN_NONE;
    bool got = postconf_table(span_str(tables[_i].item), &type, &name);

    want_number(tables[_i].item, got, tables[_i].type != NULL);
    if (!got)
        return;
    ck_assert(span_equal(type, span_str(tables[_i].type)));
    ck_assert(span_equal(name, span_str(tables[_i].name)));
}
END_TEST

static const struct {
    const char *text, *want;
} braces[] = {
    {"{ a b }", "a b"}, {"{a}", "a"}, {"{}", ""},         {"a", "a"},
    {"{", "{"},         {"", ""},     {"{a} b", "{a} b"},
};

START_TEST(braces_come_off)
{
    struct span got = postconf_unbrace(span_str(braces[_i].text));

    ck_assert_msg(span_equal(got, span_str(braces[_i].want)), "%s: got %.*s", braces[_i].text,
                  SPAN_ARG(got));
}
END_TEST

/* A small world of files and tables. */
static const struct {
    const char *type, *name;
    const char *keys[5];
} world[] = {
    {"", "/file", {"a b", "# comment", "", "  !c, d"}},
    {"", "/outer", {"/file", "hash:/table"}},
    {"", "/circle", {"x /circle"}},
    {"hash", "/table", {"k1", "k2"}},
    {"cidr", "/nets", {"10.0.0.0/8"}},
};

static int list_world(void *ctx, struct span type, struct span name, postconf_key *each,
                      void *each_ctx)
{
    (void)ctx;
    for (int i = 0; i < COUNT(world); i++) {
        if (!span_equal(type, span_str(world[i].type)) ||
            !span_equal(name, span_str(world[i].name)))
            continue;
        for (int k = 0; k < 5 && world[i].keys[k]; k++)
            if (!each(each_ctx, span_str(world[i].keys[k]), SPAN("v")))
                break;
        return 0;
    }
    return -1;
}

/* "item", "!item" if negated, "(key)" from a table, "?table" if it can't be listed. */
static bool take_item(void *ctx, struct span item, bool negated, bool from_table)
{
    buf_printf(ctx, from_table ? "%s(%.*s) " : "%s%.*s ", negated ? "!" : "", SPAN_ARG(item));
    return !span_equal(item, SPAN("stop"));
}

static void take_unlisted(void *ctx, struct span item)
{
    buf_printf(ctx, "?%.*s ", SPAN_ARG(item));
}

static const struct {
    const char *list, *want;
} walks[] = {
    {"", ""},
    {"a, b", "a b "},
    {"!a !!b !!!c", "!a b !c "},
    {"! a", "a "},
    {"/file", "a b !c d "},
    {"!/file z", "!a !b c !d z "},
    {"/outer", "a b !c d (k1) (k2) "},
    {"/none", "?/none "},
    {"/circle", "x x x x ?/circle "},
    {"hash:/table", "(k1) (k2) "},
    {"!hash:/table", "!(k1) !(k2) "},
    {"proxy:hash:/table", "(k1) (k2) "},
    {"hash:/none x", "?hash:/none x "},
    {"pcre:/table mysql:/y", "?pcre:/table ?mysql:/y "},
    {"cidr:/nets", "(10.0.0.0/8) "},
    {"inline:{ a.example=x, {b.example = y z} c.example=}", "(a.example) (b.example) (c.example) "},
    {"inline:{}", ""},
    {"cidr:{ {10.0.0.0/8 OK}, {[::1] OK} }", "(10.0.0.0/8) ([::1]) "},
    {"static:all", "(*) "},
    {"unionmap:{hash:/table, inline:{ a=b }}", "(k1) (k2) (a) "},
    {"a stop b", "a stop "},
    {"inline:{ stop=1, a=1 } b", "(stop) "},
    {"unionmap:{unionmap:{unionmap:{unionmap:{unionmap:{a}}}}}", "?unionmap:{a} "},
};

START_TEST(lists_are_walked)
{
    struct buf got = buf_new(1024);
    struct postconf_walk walk = {
        .list = list_world, .item = take_item, .unlisted = take_unlisted, .ctx = &got};

    postconf_each_item(&walk, span_str(walks[_i].list));
    buf_add(&got, SPAN_NONE);
    want_text(walks[_i].list, got.at, walks[_i].want);
    buf_done(&got);
}
END_TEST

START_TEST(without_a_callback_nothing_is_listed)
{
    struct buf got = buf_new(1024);
    struct postconf_walk walk = {.item = take_item, .unlisted = take_unlisted, .ctx = &got};

    postconf_each_item(&walk, SPAN("a /file hash:/table inline:{ b=c }"));
    ck_assert_str_eq(got.at, "a ?/file ?hash:/table (b) ");
    buf_done(&got);
}
END_TEST

START_TEST(long_prefixes_and_nests_end)
{
    struct buf text = buf_new(1 << 22), got = buf_new(1 << 22);
    struct postconf_walk walk = {
        .list = list_world, .item = take_item, .unlisted = take_unlisted, .ctx = &got};

    for (int i = 0; i < 200000; i++)
        buf_add(&text, SPAN("proxy:"));
    postconf_each_item(&walk, buf_span(&text));
    for (int i = 0; i < 100000; i++)
        buf_add(&text, SPAN("unionmap:{"));
    postconf_each_item(&walk, buf_span(&text));
    buf_done(&text);
    buf_done(&got);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_list");

    ADD_ROWS(tc, lists_are_split, splits);
    ADD_ROWS(tc, tables_have_type_and_name, tables);
    ADD_ROWS(tc, braces_come_off, braces);
    ADD_ROWS(tc, lists_are_walked, walks);
    tcase_add_test(tc, without_a_callback_nothing_is_listed);
    tcase_add_test(tc, long_prefixes_and_nests_end);
    return run_suite("postconf_list", tc);
}
