/* SPDX-License-Identifier: MIT */
#include "site/postconf_apply.h"
#include "postconf_world.h"

#include <stdio.h>

#include "base/buf.h"
#include "site/site_accounts.h"

static const struct site_warning *find_warning(const struct site *site, const char *code)
{
    for (size_t i = 0; i < site_warning_count(site); i++)
        if (strcmp(site_warning(site, i)->code, code) == 0)
            return site_warning(site, i);
    return NULL;
}

#define GOOD HOST "smtpd_relay_restrictions = reject_unauth_destination\n"

/* Code and part of the text of the only warning. */
static const struct {
    const char *name, *text, *code, *says;
} warnings[] = {
    {"nothing wrong", GOOD, NULL, NULL},
    {"wide network", GOOD "mynetworks = 0.0.0.0/0\n", "mynetworks-too-wide",
     "mynetworks trusts 0.0.0.0/0, far more than any site owns: anyone in it may relay. "},
    {"network by name", GOOD "mynetworks = 127.0.0.1 a.example b.example\n", "network-by-name",
     "a.example"},
    {"subnet style", "myhostname = a\ncompatibility_level = 2\nmynetworks_style = subnet\n",
     "mynetworks-unknown", "subnet"},
    {"class style", "myhostname = a\ncompatibility_level = 2\nmynetworks_style = class\n",
     "mynetworks-unknown", "class"},
    {"neither, at an old level", "myhostname = a\n", "mynetworks-unknown", "subnet"},
    {"neither, at a new level", "myhostname = a\ncompatibility_level = 2\n", NULL, NULL},
    {"table not listed", GOOD "virtual_alias_maps = mysql:/x.cf\n", "table-not-listed",
     "virtual_alias_domains has the table mysql:/x.cf"},
    {"networks not listed", GOOD "mynetworks = 127.0.0.1 hash:/none\n", "table-not-listed",
     "mynetworks has the table hash:/none"},
    {"everything is ours", GOOD "virtual_mailbox_domains = static:all\n", "domain-list-matches-all",
     "virtual_mailbox_domains"},
    {"everything trusted", GOOD "mynetworks = static:all\n", "mynetworks-too-wide", "/0"},
    {"circle", GOOD "virtual_mailbox_domains = $a\na = $b\nb = $a\n", "setting-not-understood",
     "virtual_mailbox_domains"},
    {"no host name", "compatibility_level = 2\nmynetworks =\n", "myhostname-unknown",
     "mydestination"},
    {"no host name and none needed",
     "compatibility_level = 2\nmynetworks =\nmydestination = example.org\n", NULL, NULL},
    {"open relay", HOST "smtpd_relay_restrictions = permit\n", "relay-restrictions-open", "permit"},
    {"no local recipients", GOOD "local_recipient_maps =\n", "local-recipient-maps-empty",
     "local_recipient_maps is empty"},
    {"local recipients", GOOD "local_recipient_maps = unix:passwd.byname\n", NULL, NULL},
    {"local recipients come to nothing", GOOD "local_recipient_maps = $none\n",
     "local-recipient-maps-empty", "local_recipient_maps"},
    {"no relay recipients", GOOD "relay_domains = relay.example\n", "relay-recipient-maps-missing",
     "relay_recipient_maps"},
    {"relay recipients", GOOD "relay_domains = relay.example\nrelay_recipient_maps = hash:/x\n",
     NULL, NULL},
    {"recipients are asked for",
     GOOD "relay_domains = relay.example\n"
          "smtpd_recipient_restrictions = reject_unverified_recipient, permit\n",
     NULL, NULL},
    {"relay domains are our own", GOOD "relay_domains = $mydestination\n", NULL, NULL},
    {"no original recipient",
     GOOD "enable_original_recipient = no\nvirtual_alias_maps = inline:{x=y}\n",
     "no-original-recipient", "enable_original_recipient"},
    {"backup MX by DNS",
     GOOD "smtpd_relay_restrictions = permit_mynetworks, permit_mx_backup, reject\n", "mx-backup",
     "permit_mx_backup"},
    {"backup MX by DNS, before 2.10",
     GOOD "smtpd_recipient_restrictions = permit_mx_backup, reject\n", "mx-backup",
     "relay_domains"},
    {"no original recipient, and no aliases", GOOD "enable_original_recipient = no\n", NULL, NULL},
    {"filter by name", GOOD "content_filter = smtp:filter.example:10025\n", "filter-by-name",
     "filter.example"},
};

START_TEST(what_is_wrong_is_said)
{
    struct site *site = site_of(warnings[_i].text);

    want_number(warnings[_i].name, site_warning_count(site) > 0, warnings[_i].code != NULL);
    for (size_t i = 0; i < site_warning_count(site); i++)
        want_text(warnings[_i].name, site_warning(site, i)->code, warnings[_i].code);
    if (warnings[_i].code) {
        const char *text = site_warning(site, 0)->text;
        ck_assert_msg(strstr(text, warnings[_i].says) != NULL, "%s: says \"%s\"", warnings[_i].name,
                      text);
        ck_assert_msg(text[strlen(text) - 1] == '.', "%s: is cut", warnings[_i].name);
    }
    site_free(site);
}
END_TEST

static const struct {
    const char *text;
    enum address_form want;
} forms[] = {
    {HOST, ADDRESS_FORM_EXTERNAL}, /* compatibility_level 3.6 needs Postfix 3.6 */
    {"compatibility_level = 2\n", ADDRESS_FORM_UNKNOWN},
    {"a = b\n", ADDRESS_FORM_UNKNOWN},
    {"mail_version = 3.4.14\n", ADDRESS_FORM_INTERNAL},
    {"mail_version = 2.11.3\n", ADDRESS_FORM_INTERNAL},
    {"mail_version = 3.5.0\n", ADDRESS_FORM_EXTERNAL},
    {"mail_version = 3.10.2\n", ADDRESS_FORM_EXTERNAL},
    {"mail_version = 3.12-20260821\n", ADDRESS_FORM_EXTERNAL},
    {"mail_version = 3.7.11\ninfo_log_address_format = internal\n", ADDRESS_FORM_INTERNAL},
    {"info_log_address_format = internal\n", ADDRESS_FORM_INTERNAL},
    {"info_log_address_format = external\n", ADDRESS_FORM_EXTERNAL},
    {"mail_version = snapshot\n", ADDRESS_FORM_UNKNOWN},
};

START_TEST(versions_tell_how_addresses_are_logged)
{
    struct site *site = site_of(forms[_i].text);

    want_number(forms[_i].text, site_address_form(site), forms[_i].want);
    site_free(site);
}
END_TEST

static const struct {
    const char *text, *want;
} login_domains[] = {
    {HOST, ""},
    {HOST "smtpd_sasl_local_domain =\n", ""},
    {HOST "mydomain = a.example\nsmtpd_sasl_local_domain = $mydomain\n", "a.example"},
    {HOST "smtpd_sasl_type = cyrus\nsmtpd_sasl_local_domain = a.example\n", "a.example"},
    {HOST "smtpd_sasl_type = dovecot\nsmtpd_sasl_local_domain = a.example\n", ""},
};

START_TEST(cyrus_tells_the_domain_of_logins)
{
    struct site *site = site_of(login_domains[_i].text);

    ck_assert(span_equal(site_login_domain(site), span_str(login_domains[_i].want)));
    site_free(site);
}
END_TEST

START_TEST(filters_and_xforward_hosts_are_added)
{
    struct site *site = site_of(HOST "content_filter = smtp-amavis:[127.0.0.1]:10024\n"
                                     "smtpd_authorized_xforward_hosts = $mynetworks 192.0.2.9\n");
    struct address loopback, other;

    ck_assert(address_parse(SPAN("127.0.0.1"), &loopback));
    ck_assert(address_parse(SPAN("192.0.2.9"), &other));
    ck_assert(site_is_filter(site, &loopback, 10024));
    ck_assert(site_may_xforward(site, &loopback) && site_may_xforward(site, &other));
    site_free(site);
}
END_TEST

START_TEST(what_was_added_before_comes_first)
{
    struct postconf *postconf = postconf_parse(SPAN(HOST "mydestination = a.example b.example\n"));
    struct site *site = site_new();

    site_add_domain(site, SPAN("a.example"), CLASS_OUTSIDE, false);
    ck_assert(postconf_apply(postconf, site, NULL, NULL));
    ck_assert_int_eq(site_class(site, SPAN("a.example")), CLASS_OUTSIDE);
    ck_assert_int_eq(site_class(site, SPAN("b.example")), CLASS_OURS);
    postconf_free(postconf);
    site_free(site);
}
END_TEST

static const char *const no_settings[] = {"", "\n\n", "not a postconf output\n", "#a = b\n"};

START_TEST(a_text_without_settings_is_refused)
{
    struct postconf *postconf = postconf_parse(span_str(no_settings[_i]));
    struct site *site = site_new();

    ck_assert(!postconf_apply(postconf, site, NULL, NULL));
    ck_assert_uint_eq(site_warning_count(site), 0);
    postconf_free(postconf);
    site_free(site);
}
END_TEST

/* postconf -x as of 3.7 on a Debian host, in part: what is expanded already, and settings that
 * don't concern us. */
START_TEST(a_whole_output_is_understood)
{
    struct site *site =
        site_of("alias_maps = hash:/etc/aliases\n"
                "append_dot_mydomain = no\n"
                "compatibility_level = 3.6\n"
                "config_directory = /etc/postfix\n"
                "content_filter =\n"
                "inet_interfaces = all\n"
                "local_recipient_maps = proxy:unix:passwd.byname hash:/etc/aliases\n"
                "mail_version = 3.7.11\n"
                "mydestination = mail.example.org, mail, localhost.localdomain, "
                "localhost\n"
                "mydomain = example.org\n"
                "myhostname = mail.example.org\n"
                "mynetworks = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128\n"
                "relay_domains =\n"
                "smtpd_relay_restrictions = permit_mynetworks "
                "permit_sasl_authenticated defer_unauth_destination\n"
                "smtpd_recipient_restrictions =\n"
                "virtual_alias_domains = hash:/virtual\n"
                "virtual_mailbox_domains =\n");

    ck_assert_uint_eq(site_warning_count(site), 0);
    ck_assert(site_knows_domains(site) && site_knows_networks(site, SITE_NETWORKS_OF_ALL));
    ck_assert_int_eq(site_class(site, SPAN("mail")), CLASS_OURS);
    ck_assert_int_eq(site_class(site, SPAN("virt.example")), CLASS_OURS);
    ck_assert_int_eq(site_class(site, SPAN("example.org")), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

/* The saved settings of every labelled log are understood; their only warnings are the faults that
 * the stories are about. */
static const struct {
    const char *story, *code;
} stories[] = {
    {"open_relay", "relay-restrictions-open"},
    {"botnet_relay", "relay-restrictions-open"},
    {"accept_then_bounce", "local-recipient-maps-empty"},
    {"normal_day", NULL},
    {"stolen_account", NULL},
    {"web_script", NULL},
    {"joe_job", NULL},
    {"content_filter", NULL},
};

START_TEST(labelled_logs_have_their_warnings)
{
    char path[512];
    struct buf text = buf_new(1 << 20);

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/corpora/%s/postconf-n.txt", stories[_i].story);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s: cannot be opened", path);
    for (int c; (c = getc(file)) != EOF;)
        buf_add(&text, span_of(&(char){(char)c}, 1));
    fclose(file);
    struct site *site = site_of(text.at);
    want_number(stories[_i].story, site_warning_count(site), stories[_i].code != NULL);
    if (stories[_i].code)
        ck_assert_ptr_nonnull(find_warning(site, stories[_i].code));
    ck_assert_int_eq(site_class(site, SPAN("example.org")), CLASS_OURS);
    ck_assert_int_eq(site_class(site, SPAN("gmail.com")), CLASS_OUTSIDE);
    site_free(site);
    buf_done(&text);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_apply");

    ADD_ROWS(tc, what_is_wrong_is_said, warnings);
    ADD_ROWS(tc, versions_tell_how_addresses_are_logged, forms);
    ADD_ROWS(tc, cyrus_tells_the_domain_of_logins, login_domains);
    tcase_add_test(tc, filters_and_xforward_hosts_are_added);
    tcase_add_test(tc, what_was_added_before_comes_first);
    ADD_ROWS(tc, a_text_without_settings_is_refused, no_settings);
    tcase_add_test(tc, a_whole_output_is_understood);
    ADD_ROWS(tc, labelled_logs_have_their_warnings, stories);
    return run_suite("postconf_apply", tc);
}
