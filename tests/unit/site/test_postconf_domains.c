/* SPDX-License-Identifier: MIT */
#include "site/postconf_domains.h"
#include "postconf_world.h"

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
    const char *text, *domain;
    enum address_class want;
} addresses[] = {
    {HOST, "mx.example.org", ADDRESS_LOCAL},
    {HOST "mydestination = a.example\n", "A.example", ADDRESS_LOCAL},
    {HOST "virtual_alias_maps = hash:/virtual\n", "virt.example", ADDRESS_VIRTUAL_ALIAS},
    {HOST "virtual_alias_domains = a.example\n", "a.example.", ADDRESS_VIRTUAL_ALIAS},
    {HOST "virtual_mailbox_domains = a.example\n", "a.example", ADDRESS_VIRTUAL_MAILBOX},
    {HOST "relay_domains = relay.example\n", "relay.example", ADDRESS_RELAY},
    /* Postfix, too, takes the first */
    {HOST "virtual_alias_domains = a.example\nvirtual_mailbox_domains = a.example\n", "a.example",
     ADDRESS_VIRTUAL_ALIAS},
    {HOST "mydestination = a.example\nvirtual_mailbox_domains = a.example\n", "a.example",
     ADDRESS_LOCAL},
    {HOST "relay_domains = !x.relay.example relay.example\n", "x.relay.example", ADDRESS_UNKNOWN},
    {HOST, "far.example", ADDRESS_UNKNOWN},
};

START_TEST(domains_have_the_table_postfix_looks_in)
{
    struct site *site = site_of(addresses[_i].text);

    want_text(addresses[_i].text,
              address_class_name(site_address_class(site, span_str(addresses[_i].domain))),
              address_class_name(addresses[_i].want));
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

int main(void)
{
    TCase *tc = tcase_create("postconf_domains");

    ADD_ROWS(tc, domains_have_the_class_postfix_gives_them, classes);
    ADD_ROWS(tc, domains_have_the_table_postfix_looks_in, addresses);
    ADD_ROWS(tc, holes_are_left_for_the_log_to_fill, complete);
    return run_suite("postconf_domains", tc);
}
