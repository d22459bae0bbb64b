/* SPDX-License-Identifier: MIT */
#include "site/postconf_services.h"
#include "postconf_world.h"

#define GOOD HOST "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"

/* One truth, as postconf -P prints it and as a line of master.cf. */
static const char *const forms[] = {
    GOOD "submission/inet/mynetworks = 192.0.2.0/24\n"
         "127.0.0.1:10025/inet/mynetworks = 203.0.113.0/24\n"
         "10025/inet/smtpd_authorized_xforward_hosts = 198.51.100.7\n",
    GOOD "submission inet n - y - - smtpd -o mynetworks=192.0.2.0/24\n"
         "127.0.0.1:10025 inet n - y - - smtpd -o mynetworks=203.0.113.0/24\n"
         "10025 inet n - y - - smtpd -o smtpd_authorized_xforward_hosts=198.51.100.7\n",
};

static struct address at(const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return a;
}

START_TEST(what_single_services_have_is_added)
{
    struct site *site = site_of(forms[_i]);
    struct address office = at("192.0.2.9"), far = at("203.0.113.9"), proxy = at("198.51.100.7");

    ck_assert(site_trusts(site, SITE_NETWORKS_OF_ALL, &office));
    ck_assert(!site_trusts(site, SITE_NETWORKS_OF_ALL,
                           &far)); /* nobody but this host reaches that service */
    ck_assert(site_may_xforward(site, &proxy));
    want_number("warnings", (int64_t)site_warning_count(site), 0);
    site_free(site);
}
END_TEST

#define MAIN_OPEN               HOST "smtpd_relay_restrictions =\n"
#define SMTPD(service, options) service " n - y - - smtpd " options "\n"

static const struct {
    const char *name, *text, *says; /* NULL: no warning */
} warnings[] = {
    {"nothing set", GOOD SMTPD("smtp inet", ""), NULL},
    {"submission",
     GOOD SMTPD("submission inet", "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject"),
     NULL},
    {"through a setting",
     GOOD "mua = permit_sasl_authenticated, reject\n" SMTPD("submission inet",
                                                            "-o smtpd_relay_restrictions=$mua"),
     NULL},
    {"the client is checked",
     GOOD SMTPD("submission inet", "-o smtpd_client_restrictions=permit_sasl_authenticated,reject "
                                   "-o smtpd_relay_restrictions="),
     NULL},
    {"a filter's way back", GOOD SMTPD("127.0.0.1:10025 inet", "-o smtpd_relay_restrictions="),
     NULL},
    {"by IPv6", GOOD SMTPD("[::1]:10025 inet", "-o smtpd_relay_restrictions="), NULL},
    {"by name", GOOD SMTPD("localhost:10025 inet", "-o smtpd_relay_restrictions="), NULL},
    {"on a socket", GOOD SMTPD("smtpd unix", "-o smtpd_relay_restrictions="), NULL},
    {"another program", GOOD "x inet n - y - - spawn -o smtpd_relay_restrictions=\n", NULL},
    {"the default guards", HOST SMTPD("smtp inet", "-o smtpd_recipient_restrictions=permit"), NULL},
    {"permit", GOOD SMTPD("2525 inet", "-o smtpd_relay_restrictions=permit"),
     "2525/inet: smtpd_relay_restrictions permits everybody at \"permit\""},
    {"permit, as -P prints it", GOOD "2525/inet/smtpd_relay_restrictions = permit\n",
     "2525/inet: smtpd_relay_restrictions permits everybody at \"permit\""},
    {"behind postscreen", GOOD SMTPD("smtpd pass", "-o smtpd_relay_restrictions=permit"),
     "smtpd/pass: smtpd_relay_restrictions"},
    {"empty", GOOD SMTPD("2525 inet", "-o smtpd_relay_restrictions="), "nothing in it refuses"},
    {"on another address", GOOD SMTPD("192.0.2.1:2525 inet", "-o smtpd_relay_restrictions="),
     "192.0.2.1:2525/inet"},
    {"what guarded is taken away",
     MAIN_OPEN "smtpd_recipient_restrictions = reject_unauth_destination\n" SMTPD(
         "2525 inet", "-o smtpd_recipient_restrictions=permit_mynetworks"),
     "2525/inet: smtpd_relay_restrictions is \"\", and nothing"},
    {"wide networks", GOOD SMTPD("2525 inet", "-o mynetworks=0.0.0.0/0"),
     "2525/inet/mynetworks trusts 0.0.0.0/0"},
    {"a table", GOOD SMTPD("2525 inet", "-o mynetworks=mysql:/x.cf"),
     "2525/inet/mynetworks has the table mysql:/x.cf"},
};

START_TEST(services_that_let_strangers_relay_are_warned_of)
{
    struct site *site = site_of(warnings[_i].text);

    want_number(warnings[_i].name, (int64_t)site_warning_count(site), warnings[_i].says != NULL);
    if (warnings[_i].says)
        ck_assert_msg(strstr(site_warning(site, 0)->text, warnings[_i].says) != NULL,
                      "%s: says \"%s\"", warnings[_i].name, site_warning(site, 0)->text);
    site_free(site);
}
END_TEST

#define CERTS "relay_clientcerts = hash:/x\n"

static const struct {
    const char *name, *text;
    bool listed, all;
} certificates[] = {
    {"none", GOOD CERTS, false, false},
    {"listed", HOST CERTS "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n", true,
     false},
    {"before 2.10", HOST CERTS "smtpd_recipient_restrictions = permit_tls_clientcerts, reject\n",
     true, false},
    {"but none is", HOST "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n", false,
     false},
    {"all", HOST "smtpd_relay_restrictions = permit_tls_all_clientcerts, reject\n", false, true},
    {"all and listed", HOST CERTS "smtpd_relay_restrictions = permit_tls_all_clientcerts, reject\n",
     true, true},
    {"of a service",
     GOOD CERTS SMTPD("submission inet",
                      "-o smtpd_relay_restrictions=permit_tls_clientcerts,reject"),
     true, false},
    {"as -P prints it",
     GOOD CERTS "submission/inet/smtpd_recipient_restrictions = permit_tls_clientcerts, reject\n",
     true, false},
};

START_TEST(who_may_relay_by_certificate)
{
    struct site *site = site_of(certificates[_i].text);

    want_number(certificates[_i].name, site_has_fact(site, SITE_LISTED_CERTS),
                certificates[_i].listed);
    want_number(certificates[_i].name, site_has_fact(site, SITE_ALL_CERTS), certificates[_i].all);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_services");

    tcase_add_loop_test(tc, what_single_services_have_is_added, 0, COUNT(forms));
    ADD_ROWS(tc, services_that_let_strangers_relay_are_warned_of, warnings);
    ADD_ROWS(tc, who_may_relay_by_certificate, certificates);
    return run_suite("postconf_services", tc);
}
