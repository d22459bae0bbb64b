/* SPDX-License-Identifier: MIT */
#include "site/postconf_exits.h"
#include "base/buf.h"
#include "postconf_world.h"
#include "site/site_hops.h"

#include <stdio.h>

/* 127.0.0.1:11125 is an exit, or not; nor is 127.0.0.1:25 ever. */
static const struct {
    const char *settings;
    bool is_exit;
} rows[] = {
    {"relayhost = [127.0.0.1]:11125\n", true},
    {"default_transport = smtp:[127.0.0.1]:11125\n", true},
    {"smtp_fallback_relay = [192.0.2.1]:25, [127.0.0.1]:11125\n", true},
    {"transport_maps = hash:/transport\n", true},
    {"transport_maps = hash:/none, texthash:/none, inline:{ {* = smtp:[127.0.0.1]:11125} }\n",
     true},
    {"transport_maps = static:smtp:[127.0.0.1]:11125\n", true},
    {"transport_maps = inline:{ {example.org = smtp:[127.0.0.1]:11125} }\n", false},
    {"transport_maps = inline:{ {* = error:[127.0.0.1]:11125} }\n", false},
    {"transport_maps = mysql:/transport\n", false},
    {"transport_maps = smtp:[127.0.0.1]:11125\n", false},
    {"sender_dependent_relayhost_maps = hash:/relays\n", true},
    {"sender_dependent_relayhost_maps = inline:{ {@example.org = DUNNO} }\n", false},
    {"sender_dependent_default_transport_maps =\n"
     "  inline:{ {@example.org = smtp:[127.0.0.1]:11125} }\n",
     true},
    {"rewrite unix - - y - - trivial-rewrite -o relayhost=[127.0.0.1]:11125\n", true},
    {"rewrite2 unix - - y - - trivial-rewrite -o transport_maps=hash:/transport\n", true},
    {"smtp inet n - y - - smtpd -o relayhost=[127.0.0.1]:11125\n", false},
    {"smtp unix - - y - - smtp -o smtp_fallback_relay=[127.0.0.1]:11125\n", true},
    {"rewrite/unix/relayhost = [127.0.0.1]:11125\n", true}, /* whose program is not told */
    {"", false},
};

START_TEST(an_exit_is_found)
{
    char text[512];
    struct address a;

    snprintf(text, sizeof(text), HOST "%s", rows[_i].settings);
    struct site *site = site_of(text);
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    want_number(rows[_i].settings, site_is_exit(site, &a, 11125), rows[_i].is_exit);
    ck_assert(!site_is_exit(site, &a, 25));
    ck_assert(!site_is_exit_service(site, SPAN("DUNNO")));
    site_free(site);
}
END_TEST

/* 127.0.0.1:10024 and maia are filters. */
static const char *const filters[] = {
    "content_filter = scan:[127.0.0.1]:10024\npickup/unix/content_filter = maia:dummy\n",
    "smtp/inet/content_filter = scan:[127.0.0.1]:$port\nport = 10024\n"
    "pickup/unix/content_filter = maia:dummy\n10025/inet/content_filter =\n",
    "smtp inet n - y - - smtpd -o content_filter=scan:[127.0.0.1]:10024\n"
    "pickup unix n - y 60 1 pickup -o content_filter=maia:dummy\n"
    "10025 inet n - y - - smtpd -o content_filter=\n",
};

START_TEST(a_filter_is_found)
{
    char text[512];
    struct address a;

    snprintf(text, sizeof(text), HOST "%s", filters[_i]);
    struct site *site = site_of(text);
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    ck_assert(site_is_filter(site, &a, 10024));
    ck_assert(!site_is_exit(site, &a, 10024));
    ck_assert(site_is_filter_service(site, SPAN("maia")));
    site_free(site);
}
END_TEST

static const struct {
    const char *settings, *address;
    bool is_copy;
} copies[] = {
    {"sender_bcc_maps = hash:/bcc\n", "archive@out.example", true},
    {"recipient_bcc_maps = inline:{ {@example.org = archive@out.example} }\n",
     "Archive@Out.example", true},
    {"recipient_bcc_maps = static:archive@out.example\n", "archive@out.example", true},
    {"cleanup unix n - y - 0 cleanup -o sender_bcc_maps=hash:/bcc\n", "archive@out.example", true},
    {"always_bcc = archive@out.example\n", "archive@out.example", true},
    {"cleanup/unix/always_bcc = archive@out.example\n", "archive@out.example", true},
    {"cleanup unix n - y - 0 cleanup -o always_bcc=archive@out.example\n", "archive@out.example",
     true},
    {"smtp inet n - y - - smtpd -o always_bcc=archive@out.example\n", "archive@out.example",
     false}, /* as smtpd(8) doesn't read it */
    {"sender_bcc_maps = mysql:/bcc\n", "archive@out.example", false},
    {"sender_bcc_maps = hash:/bcc\n", "a@example.org", false},
};

START_TEST(a_copy_is_found)
{
    char text[512];

    snprintf(text, sizeof(text), HOST "%s", copies[_i].settings);
    struct site *site = site_of(text);
    want_number(copies[_i].settings, site_is_copy(site, span_str(copies[_i].address)),
                copies[_i].is_copy);
    site_free(site);
}
END_TEST

/* As many as an archive has addresses, and no more: each delivery is compared with all. */
START_TEST(users_own_copies_are_left_out)
{
    char text[8192] = HOST "sender_bcc_maps = inline:{", address[64];
    int known = 0;

    for (int i = 0; i < 100; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " {u%d@a = c%d@b}", i, i);
    strcat(text, " }\n");
    struct site *site = site_of(text);
    for (int i = 0; i < 100; i++) {
        snprintf(address, sizeof(address), "c%d@b", i);
        known += site_is_copy(site, span_str(address));
    }
    ck_assert_int_eq(known, 32);
    site_free(site);
}
END_TEST

/* Each once. */
static const struct {
    const char *settings, *want;
} unlisted[] = {
    {"transport_maps = mysql:/a, hash:/transport, mysql:/a\n", "transport_maps: mysql:/a\n"},
    {"rewrite2 unix - - y - - trivial-rewrite -o transport_maps=pcre:/a\n"
     "sender_bcc_maps = ldap:b\n",
     "rewrite2/unix/transport_maps: pcre:/a\nsender_bcc_maps: ldap:b\n"},
    {"transport_maps = hash:/transport\n", ""},
};

static void show(void *ctx, struct span text)
{
    buf_printf(ctx, "%.*s\n", SPAN_ARG(text));
}

START_TEST(what_is_not_listed_is_kept)
{
    struct buf got = buf_new(1000);
    char text[512];

    snprintf(text, sizeof(text), HOST "%s", unlisted[_i].settings);
    struct site *site = site_of(text), *all = site_new();
    site_add_unlisted_of(all, site);
    site_add_unlisted_of(all, site);
    site_each_unlisted(all, show, &got);
    want_text("unlisted", got.len ? got.at : "", unlisted[_i].want);
    site_free(all);
    site_free(site);
    buf_done(&got);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_exits");

    ADD_ROWS(tc, an_exit_is_found, rows);
    ADD_ROWS(tc, a_filter_is_found, filters);
    ADD_ROWS(tc, a_copy_is_found, copies);
    tcase_add_test(tc, users_own_copies_are_left_out);
    ADD_ROWS(tc, what_is_not_listed_is_kept, unlisted);
    return run_suite("postconf_exits", tc);
}
