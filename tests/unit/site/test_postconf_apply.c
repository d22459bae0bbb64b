/* SPDX-License-Identifier: MIT */
#include "site/postconf_apply.h"
#include "site/postconf_filter.h"
#include "rows.h"

#include <stdio.h>

#include "base/buf.h"

#define HOST "myhostname = mx.example.org\ncompatibility_level = 3.6\nmynetworks = 127.0.0.0/8\n"

/* A small world of files and tables. */
static const struct {
    const char *type, *name;
    const char *keys[6];
} world[] = {
    {"", "/domains", {"one.example two.example", "# no", "!three.example"}},
    {"", "/networks", {"192.0.2.0/24", "!192.0.2.7"}},
    {"hash",
     "/virtual",
     {"virt.example", "info@virt.example", "@other.example", "postmaster", "Second.Example"}},
    {"hash", "/relay", {"relay.example", ".sub.example"}},
    {"cidr", "/clients", {"198.51.100.0/24", "[2001:db8::]/32"}},
};

static int list_world(void *ctx, struct span type, struct span name, postconf_key *each,
                      void *each_ctx)
{
    (void)ctx;
    for (int i = 0; i < COUNT(world); i++) {
        if (!span_equal(type, span_str(world[i].type)) ||
            !span_equal(name, span_str(world[i].name)))
            continue;
        for (int k = 0; k < 6 && world[i].keys[k]; k++)
            each(each_ctx, span_str(world[i].keys[k]));
        return 0;
    }
    return -1;
}

static struct site *site_of(const char *text)
{
    struct postconf *postconf = postconf_parse(span_str(text));
    struct site *site = site_new();

    ck_assert(postconf_apply(postconf, site, list_world, NULL));
    postconf_free(postconf);
    return site;
}

static const struct site_warning *find_warning(const struct site *site, const char *code)
{
    for (size_t i = 0; i < site_warning_count(site); i++)
        if (strcmp(site_warning(site, i)->code, code) == 0)
            return site_warning(site, i);
    return NULL;
}

static const struct {
    const char *text, *domain;
    enum domain_class want;
} classes[] = {
    {HOST, "mx.example.org", CLASS_OURS},
    {HOST, "localhost.example.org", CLASS_OURS},
    {HOST, "localhost", CLASS_OURS},
    {HOST, "example.org", CLASS_OUTSIDE},
    {HOST "mydomain = example.net\nmydestination = $mydomain\n", "example.net", CLASS_OURS},
    {HOST "mydomain = example.net\nmydestination = $mydomain\n", "mx.example.org", CLASS_OUTSIDE},
    {HOST "mydestination = A.example,\n  b.example\n", "a.EXAMPLE", CLASS_OURS},
    {HOST "mydestination = A.example,\n  b.example\n", "b.example", CLASS_OURS},
    /* mydestination never includes subdomains */
    {HOST "mydestination = a.example .b.example\n", "x.a.example", CLASS_OUTSIDE},
    {HOST "mydestination = a.example .b.example\n", "x.b.example", CLASS_OUTSIDE},
    {HOST "mydestination = !b.example a.example b.example\n", "b.example", CLASS_OUTSIDE},
    {HOST "mydestination = !b.example a.example\nvirtual_mailbox_domains = b.example\n",
     "b.example", CLASS_OURS},
    {HOST "mydestination = /domains\n", "two.example", CLASS_OURS},
    {HOST "mydestination = /domains three.example\n", "three.example", CLASS_OUTSIDE},
    {HOST "mydestination = inline:{ {a.example = x}, b.example=y }\n", "b.example", CLASS_OURS},
    {HOST "mydestination = [192.0.2.1]\n", "[192.0.2.1]", CLASS_OURS},
    {HOST "virtual_alias_maps = hash:/virtual\n", "virt.example", CLASS_OURS},
    {HOST "virtual_alias_maps = hash:/virtual\n", "second.example", CLASS_OURS},
    {HOST "virtual_alias_maps = hash:/virtual\n", "other.example", CLASS_OUTSIDE},
    {HOST "virtual_alias_maps = hash:/virtual\n", "postmaster", CLASS_OUTSIDE},
    {HOST "virtual_alias_maps = hash:/virtual\nvirtual_alias_domains = x.example\n", "virt.example",
     CLASS_OUTSIDE},
    {HOST "virtual_mailbox_maps = hash:/virtual\n", "virt.example", CLASS_OURS},
    {HOST "virtual_mailbox_domains = proxy:hash:/virtual\n", "virt.example", CLASS_OURS},
    {HOST "virtual_mailbox_domains = a.example\n", "x.a.example", CLASS_OUTSIDE},
    {HOST "virtual_alias_domains = a.example\n", "x.a.example", CLASS_OUTSIDE},
    {HOST "relay_domains = relay.example\n", "relay.example", CLASS_RELAY_DOMAIN},
    {HOST "relay_domains = relay.example\n", "x.y.relay.example", CLASS_RELAY_DOMAIN},
    {HOST "relay_domains = !x.relay.example relay.example\n", "x.relay.example", CLASS_OUTSIDE},
    {HOST "relay_domains = !x.relay.example relay.example\n", "y.relay.example",
     CLASS_RELAY_DOMAIN},
    {HOST "relay_domains = relay.example\nparent_domain_matches_subdomains =\n", "x.relay.example",
     CLASS_OUTSIDE},
    {HOST "relay_domains = .relay.example\nparent_domain_matches_subdomains =\n", "x.relay.example",
     CLASS_RELAY_DOMAIN},
    {HOST "relay_domains = hash:/relay\n", "relay.example", CLASS_RELAY_DOMAIN},
    {HOST "mydestination = a.example\nrelay_domains = a.example\n", "a.example", CLASS_OURS},
    /* old defaults: relay_domains is mydestination, and so are the subdomains */
    {"myhostname = mx.example.org\nmynetworks =\n", "sub.mx.example.org", CLASS_RELAY_DOMAIN},
    {"myhostname = mx.example.org\nmynetworks =\n", "mx.example.org", CLASS_OURS},
    {HOST "inet_interfaces = 192.0.2.1, [2001:db8::1]\n", "[192.0.2.1]", CLASS_OURS},
    {HOST "inet_interfaces = 192.0.2.1, [2001:db8::1]\n", "[IPv6:2001:db8::1]", CLASS_OURS},
    {HOST "inet_interfaces = all\nproxy_interfaces = 203.0.113.1\n", "[203.0.113.1]", CLASS_OURS},
    {HOST "inet_interfaces = loopback-only\n", "[192.0.2.1]", CLASS_OUTSIDE},
    {"compatibility_level = 3.6\n", "far.example", CLASS_UNKNOWN},
    {"compatibility_level = 3.6\n", "gmail.com", CLASS_OUTSIDE},
    {HOST "mydestination =\n", "far.example", CLASS_OUTSIDE},
    {HOST "mydestination = localhost\n", "far.example", CLASS_OUTSIDE},
};

START_TEST(domains_have_the_class_postfix_gives_them)
{
    struct site *site = site_of(classes[_i].text);

    ck_assert_msg(site_class(site, span_str(classes[_i].domain)) == classes[_i].want,
                  "%s: %s: got %s, want %s", classes[_i].text, classes[_i].domain,
                  class_name(site_class(site, span_str(classes[_i].domain))),
                  class_name(classes[_i].want));
    site_free(site);
}
END_TEST

static const struct {
    const char *text, *address;
    bool want;
} trusted[] = {
    {"mynetworks = 127.0.0.0/8, 192.0.2.0/24\n", "192.0.2.9", true},
    {"mynetworks = 127.0.0.0/8, 192.0.2.0/24\n", "10.0.0.1", false},
    {"mynetworks = !192.0.2.7 192.0.2.0/24\n", "192.0.2.7", false},
    {"mynetworks = [::1]/128 [2001:db8::]/32\n", "2001:db8:7::1", true},
    {"mynetworks = /networks\n", "192.0.2.7", true}, /* the first match counts */
    {"mynetworks = !192.0.2.8, /networks\n", "192.0.2.8", false},
    {"mynetworks = !/networks 192.0.2.0/24\n", "192.0.2.9", false},
    {"mynetworks = cidr:/clients\n", "198.51.100.1", true},
    {"mynetworks = cidr:/clients\n", "2001:db8::1", true},
    {"mynetworks = $mine\nmine = 192.0.2.0/24\n", "192.0.2.9", true},
    {"mynetworks =\n", "10.0.0.1", false},
    {"mynetworks_style = host\n", "10.0.0.1", false},
    {"compatibility_level = 2\n", "10.0.0.1", false},
    {"mynetworks_style = subnet\ncompatibility_level = 2\n", "10.0.0.1", true},
    {"compatibility_level = 1\n", "10.0.0.1", true},
    {"mynetworks_style = class\n", "203.0.113.1", false},
};

START_TEST(networks_are_trusted_as_postfix_does)
{
    struct site *site = site_of(trusted[_i].text);
    struct address a;

    ck_assert(address_parse(span_str(trusted[_i].address), &a));
    ck_assert_msg(site_trusts(site, &a) == trusted[_i].want, "%s: %s: want %d", trusted[_i].text,
                  trusted[_i].address, trusted[_i].want);
    site_free(site);
}
END_TEST

#define GOOD HOST "smtpd_relay_restrictions = reject_unauth_destination\n"

/* Code and part of the text of the only warning. */
static const struct {
    const char *name, *text, *code, *says;
} warnings[] = {
    {"nothing wrong", GOOD, NULL, NULL},
    {"wide network", GOOD "mynetworks = 0.0.0.0/0\n", "mynetworks-too-wide", "0.0.0.0/0"},
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

/* A delivery by lmtp teaches only if something could not be listed. */
static const struct {
    const char *name, *text;
    bool learns;
} complete[] = {
    {"all is listed", HOST "virtual_mailbox_domains = hash:/virtual\n", false},
    {"table", HOST "virtual_mailbox_domains = ldap:/x.cf\n", true},
    {"file", HOST "virtual_mailbox_domains = /none\n", true},
    {"circle", HOST "virtual_mailbox_domains = $virtual_mailbox_domains\n", true},
    {"no host name", "compatibility_level = 2\nmynetworks =\n", true},
    {"networks don't matter", HOST "mynetworks = hash:/none\n", false},
};

START_TEST(holes_are_left_for_the_log_to_fill)
{
    struct site *site = site_of(complete[_i].text);

    site_learn(site, SPAN("new.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    want_number(complete[_i].name, site_class(site, SPAN("new.example")) == CLASS_OURS,
                complete[_i].learns);
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

START_TEST(filters_and_xforward_hosts_are_added)
{
    struct site *site = site_of(HOST "content_filter = smtp-amavis:[127.0.0.1]:10024\n"
                                     "smtpd_authorized_xforward_hosts = $mynetworks 192.0.2.9\n");
    struct address loopback, other;
    struct postconf *services = postconf_parse(SPAN("smtp/inet/content_filter = scan:dummy\n"
                                                    "10025/inet/content_filter =\n"));

    ck_assert(address_parse(SPAN("127.0.0.1"), &loopback));
    ck_assert(address_parse(SPAN("192.0.2.9"), &other));
    ck_assert(site_is_filter(site, &loopback, 10024));
    ck_assert(site_may_xforward(site, &loopback) && site_may_xforward(site, &other));
    ck_assert(!site_is_filter_service(site, SPAN("scan")));
    postconf_apply_services(services, site);
    ck_assert(site_is_filter_service(site, SPAN("scan")));
    postconf_free(services);
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

/* postconf -x as of 3.7 on a Debian host, in part: what is expanded already, and settings that don't
 * concern us. */
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
    ck_assert(site_knows_domains(site) && site_knows_networks(site));
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

    ADD_ROWS(tc, domains_have_the_class_postfix_gives_them, classes);
    ADD_ROWS(tc, networks_are_trusted_as_postfix_does, trusted);
    ADD_ROWS(tc, what_is_wrong_is_said, warnings);
    ADD_ROWS(tc, holes_are_left_for_the_log_to_fill, complete);
    ADD_ROWS(tc, versions_tell_how_addresses_are_logged, forms);
    tcase_add_test(tc, filters_and_xforward_hosts_are_added);
    tcase_add_test(tc, what_was_added_before_comes_first);
    ADD_ROWS(tc, a_text_without_settings_is_refused, no_settings);
    tcase_add_test(tc, a_whole_output_is_understood);
    ADD_ROWS(tc, labelled_logs_have_their_warnings, stories);
    return run_suite("postconf_apply", tc);
}
