/* SPDX-License-Identifier: MIT */
#include "detect/cell_tallies.h"

#include "detector_run.h"

static struct incident_view view;

/* "a.example 3, b.example 1" */
static const char *listed(const struct tally *tally, char *buf)
{
    buf[0] = '\0';
    for (uint32_t i = 0; i < tally->count; i++)
        sprintf(buf + strlen(buf), "%s%s %u", i ? ", " : "", tally->entry[i].text->at,
                tally->entry[i].count);
    return buf;
}

static void want_list(const char *name, const struct tally *tally, const char *want)
{
    char buf[1024];

    want_text(name, listed(tally, buf), want);
}

static void look(void)
{
    detector_group(&run.p->detector);
    incident_view_init(&view, &run.p->detector, core_incident(&run));
}

/* Two messages to three recipients each: all lists count the six. */
START_TEST(lists_of_a_relay_count_recipients)
{
    again(NULL);
    for (int i = 0; i < 6; i++) {
        struct observation o = relayed(1, 1, 1000);
        o.first = i % 3 == 0;
        observe(o);
    }
    look();
    want_number("messages", (int64_t)view.totals.messages, 2);
    want_list("clients", &view.client_names, "100.0.0.1 6");
    want_list("networks", &view.networks, "100.0.0.0/24 6");
    want_list("senders", &view.senders, "a@spam1.example 6");
    want_list("sender domains", &view.sender_domains, "spam1.example 6");
    want_list("sent to", &view.recipient_domains, "victim.example 6");
    incident_view_done(&view);
}
END_TEST

/* A notice is observed when it is written, and again for its delivery. */
START_TEST(lists_of_notices_count_each_once)
{
    again(NULL);
    for (int i = 0; i < 20; i++) {
        struct observation o = relayed(1, 1, 1000);
        o.kind = KIND_BACKSCATTER_SOURCE;
        o.cause = CAUSE_RELAYED;
        o.notice = true;
        o.status = STATUS_OTHER;
        o.recipient_domain = SPAN_NONE;
        observe(o);
        o.first = o.counts = false;
        o.status = STATUS_SENT;
        o.recipient_domain = SPAN("Spam1.Example");
        observe(o);
    }
    look();
    want_number("notices", (int64_t)view.totals.notices, 20);
    want_list("clients", &view.client_names, "100.0.0.1 20");
    want_list("networks", &view.networks, "100.0.0.0/24 20");
    want_list("senders", &view.senders, "a@spam1.example 20");
    want_list("sender domains", &view.sender_domains, "spam1.example 20");
    want_list("sent to", &view.recipient_domains, "spam1.example 20");
    incident_view_done(&view);
}
END_TEST

static struct observation logged_in(const char *sender, const char *domain)
{
    return (struct observation){.kind = KIND_ACCOUNT_ABUSE,
                                .at_s = 1000,
                                .client = SPAN("a[192.0.2.1]"),
                                .account = SPAN("bob"),
                                .sender = span_str(sender),
                                .recipient_domain = span_str(domain),
                                .status = STATUS_SENT,
                                .first = true,
                                .counts = true};
}

START_TEST(domains_have_no_case)
{
    static const char *const domains[] = {"gmail.com", "Gmail.com", "GMAIL.COM", "gmail.com",
                                          "Gmail.Com"};

    again("[account-abuse]\nrecipients = 5\n");
    for (int i = 0; i < COUNT(domains); i++)
        observe(logged_in("Bob@Example.Net", domains[i]));
    look();
    want_list("sent to", &view.recipient_domains, "gmail.com 5");
    want_list("sender domains", &view.sender_domains, "example.net 5");
    incident_view_done(&view);
}
END_TEST

/* Each of its cells has a text of its own. */
START_TEST(sender_through_several_clients_is_named_once)
{
    enum { CLIENTS = 8, MAILS = 80 }; /* the host's threshold; no client's */
    char client[40];

    again("[trusted-relay]\nrecipients = 20\n");
    for (int i = 0; i < MAILS; i++) {
        struct observation o =
            logged_in(i % 2 ? "Bob@Example.Net" : "bob@example.net", "gmail.com");
        o.kind = KIND_TRUSTED_RELAY;
        o.account = SPAN_NONE;
        snprintf(client, sizeof(client), "a[192.0.2.%d]", i % CLIENTS + 1);
        o.client = span_str(client);
        observe(o);
    }
    look();
    want_number("cells", detector_cells(&run.p->detector), CLIENTS);
    want_list("senders", &view.senders, "bob@example.net 80");
    incident_view_done(&view);
}
END_TEST

/* Who floods a queue that stands still is named, before anything counts as delivered. */
START_TEST(undecided_recipients_are_named_and_not_counted)
{
    again("[account-abuse]\nrecipients = 5\n");
    struct observation o = logged_in("bob@example.net", "");
    o.counts = false;
    o.undecided = 4;
    observe(o);
    observe(logged_in("bob@example.net", "gmail.com"));
    look();
    want_number("undecided", (int64_t)view.totals.undecided, 4);
    want_list("clients", &view.client_names, "192.0.2.1 1");
    want_list("networks", &view.networks, "192.0.2.0/24 1");
    want_list("senders", &view.senders, "bob@example.net 1");
    incident_view_done(&view);
}
END_TEST

/* "Send mail as" of a provider: by a name that DNS has confirmed, and no other. */
START_TEST(networks_of_a_provider_are_one_place)
{
    static const char *const clients[] = {"mail-wr1-f41.google.com[192.0.2.1]",
                                          "mail-ed1-f41.google.com[198.51.100.1]",
                                          "mail.google.com.b.example[203.0.113.1]"};

    again("[account-abuse]\nrecipients = 3\n");
    for (int i = 0; i < COUNT(clients); i++) {
        struct observation o = logged_in("bob@example.net", "gmail.com");
        o.client = span_str(clients[i]);
        observe(o);
    }
    look();
    want_list("networks", &view.networks, "google.com 2, 203.0.113.0/24 1");
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell_tallies");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, lists_of_a_relay_count_recipients);
    tcase_add_test(tc, lists_of_notices_count_each_once);
    tcase_add_test(tc, domains_have_no_case);
    tcase_add_test(tc, sender_through_several_clients_is_named_once);
    tcase_add_test(tc, undecided_recipients_are_named_and_not_counted);
    tcase_add_test(tc, networks_of_a_provider_are_one_place);
    return run_suite("cell_tallies", tc);
}
