/* SPDX-License-Identifier: MIT */
#include "site/postconf_route.h"
#include "rows.h"

static const struct {
    const char *name, *text;
    bool may;
} rows[] = {
    {"nothing", "myhostname = mx.example.net\n", false},
    {"the defaults",
     "virtual_maps =\nvirtual_alias_maps = $virtual_maps\nlocal_transport = local:$myhostname\n"
     "virtual_transport = virtual\nmailbox_transport =\ntransport_maps =\ncontent_filter =\n",
     false},
    {"old name of a table", "virtual_maps = hash:/x\nvirtual_alias_maps = $virtual_maps\n", true},
    {"aliases", "virtual_alias_maps = hash:/etc/postfix/virtual\n", true},
    {"canonical addresses", "recipient_canonical_maps = hash:/x\n", true},
    {"copies", "recipient_bcc_maps = hash:/x\n", true},
    {"transports", "transport_maps = hash:/x\n", true},
    {"a filter", "content_filter = smtp-amavis:[127.0.0.1]:10024\n", true},
    {"a filter of one service", "smtp/inet/content_filter = scan:[127.0.0.1]:10024\n", true},
    {"a service without the filter", "10025/inet/content_filter =\n", false},
    {"a mailbox server by LMTP", "virtual_transport = lmtp:unix:private/dovecot-lmtp\n", false},
    {"a mailbox server by SMTP", "virtual_transport = smtp:[10.0.0.2]\n", true},
    {"a transport of the site", "mailbox_transport = mine\n", true},
    {"relay domains go that way anyway", "relay_domains = b.example\n", false},
    {"a setting that never ends", "transport_maps = $transport_maps\n", true},
};

START_TEST(mail_for_ours_may_go_on)
{
    struct postconf *postconf = postconf_parse(span_str(rows[_i].text));

    want_number(rows[_i].name, postconf_passes_ours_to_smtp(postconf), rows[_i].may);
    postconf_free(postconf);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_route");

    ADD_ROWS(tc, mail_for_ours_may_go_on, rows);
    return run_suite("postconf_route", tc);
}
