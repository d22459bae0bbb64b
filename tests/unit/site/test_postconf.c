/* SPDX-License-Identifier: MIT */
#include "site/postconf.h"
#include "rows.h"

#include <stdio.h>

#include "base/buf.h"

static struct postconf *parsed(const char *text)
{
    struct postconf *postconf = postconf_parse(span_str(text));

    ck_assert_ptr_nonnull(postconf);
    return postconf;
}

static void want_span(const char *name, struct span got, const char *want)
{
    ck_assert_msg(span_equal(got, span_str(want)), "%s: got \"%.*s\", want \"%s\"", name,
                  SPAN_ARG(got), want);
}

/* The value of "a" in the text; NULL: none. */
static const struct {
    const char *name, *text, *want;
} rows[] = {
    {"as postconf prints it", "a = b\n", "b"},
    {"as main.cf may have it", "a=b", "b"},
    {"blanks around", "a  =   b c  \n", "b c"},
    {"carriage return", "a = b\r\n", "b"},
    {"empty", "a =\n", ""},
    {"goes on", "a = b,\n  c,\n\td\n", "b, c, d"},
    {"begins below", "a =\n  b\n", "b"},
    {"comments and empty lines between", "a = b\n# x\n\n  # y\n  c\nd = e\n", "b c"},
    {"comment sign in a value", "a = b # c\n", "b # c"},
    {"commented out", "#a = b\n", NULL},
    {"the last one counts", "a = 1\nb = 2\na = 3\n", "3"},
    {"goes on at the start: nothing to go on with", "  a = b\n", NULL},
    {"no equals sign", "a b\n", NULL},
    {"equals sign in a value", "a = b=c\n", "b=c"},
    {"no name", "= b\n", NULL},
    {"name with a blank", "a b = c\n", NULL},
    {"controls become blanks", "a = b\x01\x1b[1mc\n", "b  [1mc"},
    {"no text", "", NULL},
    {"prefix of a name", "aa = b\n", NULL},
    {"upper case is another name", "A = b\n", NULL},
};

START_TEST(settings_are_read)
{
    struct postconf *postconf = parsed(rows[_i].text);

    want_number(rows[_i].name, postconf_has(postconf, "a"), rows[_i].want != NULL);
    want_span(rows[_i].name, postconf_get(postconf, "a"), rows[_i].want ? rows[_i].want : "");
    postconf_free(postconf);
}
END_TEST

/* What postconf -M and -P of Postfix 3.7.11 print, and a master.cf. */
static const struct {
    const char *text, *name, *want; /* NULL: there is none */
} services[] = {
    {"smtp       inet  n       -       y       -       -       smtpd\n", "smtp/inet", "smtpd"},
    {"127.0.0.1:10025 inet n   -       n       -       -       smtpd -o content_filter= "
     "-o {smtpd_recipient_restrictions=permit_mynetworks, reject} "
     "-o mynetworks=127.0.0.0/8,[::1]/128\n",
     "127.0.0.1:10025/inet/mynetworks", "127.0.0.0/8,[::1]/128"},
    {"10025 inet n - n - - smtpd -o {a=permit_mynetworks, reject} -o b=c", "10025/inet/a",
     "permit_mynetworks, reject"},
    {"10025 inet n - n - - smtpd -o { a = x, y } -o b=c", "10025/inet/a", "x, y"},
    {"10025 inet n - n - - smtpd -v -o { a = {x y} {z} } -o b=c", "10025/inet/a", "{x y} {z}"},
    {"10025 inet n - n - - smtpd -o { a = x", "10025/inet/a", NULL},
    {"smtp inet n - n - - smtpd -o content_filter=", "smtp/inet/content_filter", ""},
    {"[::1]:10026 inet n - n - - smtpd -o syslog_name=postfix/reinject\n",
     "[::1]:10026/inet/syslog_name", "postfix/reinject"},
    {"[::1]:10026/inet/syslog_name = postfix/reinject\n", "[::1]:10026/inet/syslog_name",
     "postfix/reinject"},
    {"smtpd pass - - y - - smtpd -o a=b\n", "smtpd/pass/a", "b"},
    {"submission inet n       -       y       -       -       smtpd\n"
     "  -o syslog_name=postfix/submission\n#  -o smtpd_tls_security_level=encrypt\n"
     "  -o a=$b\n",
     "submission/inet/a", "$b"},
    {"maildrop   unix  -       n       n       -       -       pipe flags=DRXhu user=vmail "
     "argv=/usr/bin/maildrop -d ${recipient}\n",
     "maildrop/unix", "pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}"},
    /* What a program is given is no setting. */
    {"filter unix - n n - - pipe user=f argv=/bin/filter -o a=b\n", "filter/unix/a", NULL},
    {"smtp inet n - y - - smtpd -o\n", "smtp/inet", "smtpd -o"},
    {"smtp inet n - y - -\n", "smtp/inet", NULL},
    {"smtp tcp n - y - - smtpd\n", "smtp/tcp", NULL},
    {"a:b = c\n", "a:b", NULL},
};

START_TEST(services_are_read)
{
    struct postconf *postconf = parsed(services[_i].text);

    want_number(services[_i].text, postconf_has(postconf, services[_i].name),
                services[_i].want != NULL);
    if (services[_i].want)
        want_span(services[_i].text, postconf_get(postconf, services[_i].name), services[_i].want);
    postconf_free(postconf);
}
END_TEST

START_TEST(all_of_many_are_found)
{
    struct buf text = buf_new(1 << 20);
    char name[16], value[16];

    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "p%d = v\n\t%d\n", (i * 7919) % 5000, i);
    struct postconf *postconf = parsed(text.at);
    ck_assert_uint_eq(postconf_count(postconf), 5000);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "p%d", (i * 7919) % 5000);
        snprintf(value, sizeof(value), "v %d", i);
        want_span(name, postconf_get(postconf, name), value);
    }
    ck_assert(!postconf_has(postconf, "p"));
    ck_assert(!postconf_has(postconf, "p5000"));
    postconf_free(postconf);
    buf_done(&text);
}
END_TEST

START_TEST(too_many_and_too_long_are_bounded)
{
    struct buf text = buf_new(POSTCONF_TEXT_MAX + 100);

    for (int i = 0; i < POSTCONF_SETTING_MAX + 100; i++)
        buf_printf(&text, "p%d=v\n", i);
    struct postconf *postconf = parsed(text.at);
    ck_assert_uint_eq(postconf_count(postconf), POSTCONF_SETTING_MAX);
    postconf_free(postconf);
    while (text.len <= POSTCONF_TEXT_MAX)
        buf_add(&text, SPAN("#23456789012345678901234567890123456789012345678901234567890123\n"));
    ck_assert_ptr_null(postconf_parse(span_of(text.at, POSTCONF_TEXT_MAX + 1)));
    postconf = postconf_parse(span_of(text.at, POSTCONF_TEXT_MAX));
    ck_assert_ptr_nonnull(postconf);
    postconf_free(postconf);
    postconf_free(NULL);
    buf_done(&text);
}
END_TEST

START_TEST(any_bytes_are_read)
{
    char bytes[4096];
    uint32_t x = 1;

    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            x = x * 1664525 + 1013904223;
            bytes[i] = (char)(x >> 24);
            if (x % 13 == 0)
                bytes[i] = "\n= \t#${}a"[x % 9];
        }
        struct postconf *postconf = postconf_parse(span_of(bytes, sizeof(bytes)));
        ck_assert_ptr_nonnull(postconf);
        postconf_free(postconf);
    }
}
END_TEST

static const struct {
    const char *text, *name, *want;
} defaults[] = {
    {"", "mydestination", "$myhostname, localhost.$mydomain, localhost"},
    {"mydestination =\n", "mydestination", ""},
    {"", "mydomain", ""},
    {"myhostname = mx.example.org\n", "mydomain", "example.org"},
    {"myhostname = mx\n", "mydomain", ""},
    {"myhostname = mx.example.org\nmydomain = example.net\n", "mydomain", "example.net"},
    {"", "virtual_alias_domains", "$virtual_alias_maps"},
    {"", "compatibility_level", "0"},
    {"", "no_such_setting", ""},
};

START_TEST(what_is_left_out_has_its_default)
{
    struct postconf *postconf = parsed(defaults[_i].text);

    want_span(defaults[_i].name, postconf_get_or_default(postconf, defaults[_i].name),
              defaults[_i].want);
    postconf_free(postconf);
}
END_TEST

static void join(void *ctx, struct span name, struct span value)
{
    buf_printf(ctx, "%.*s:%.*s ", SPAN_ARG(name), SPAN_ARG(value));
}

START_TEST(services_are_found_by_the_end_of_their_name)
{
    struct postconf *postconf = parsed("smtp/inet/content_filter = b\n"
                                       "10025/inet/content_filter =\n"
                                       "content_filter = a\n"
                                       "smtp/inet/smtpd_tls_security_level = may\n");
    struct buf out = buf_new(256);

    postconf_each(postconf, "/content_filter", join, &out);
    ck_assert_str_eq(out.at, "10025/inet/content_filter: smtp/inet/content_filter:b ");
    buf_done(&out);
    postconf_free(postconf);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf");

    ADD_ROWS(tc, settings_are_read, rows);
    ADD_ROWS(tc, services_are_read, services);
    tcase_add_test(tc, all_of_many_are_found);
    tcase_add_test(tc, too_many_and_too_long_are_bounded);
    tcase_add_test(tc, any_bytes_are_read);
    ADD_ROWS(tc, what_is_left_out_has_its_default, defaults);
    tcase_add_test(tc, services_are_found_by_the_end_of_their_name);
    return run_suite("postconf", tc);
}
