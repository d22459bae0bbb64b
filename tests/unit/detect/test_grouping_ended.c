/* SPDX-License-Identifier: MIT */
/* What ended within a day is folded with what is raised now. */
#include "detect/grouping_ended.h"

#include "burst_run.h"

START_TEST(fourth_takes_in_the_three_that_ended)
{
    again("");
    for (int i = 0; i < 3; i++)
        burst(i, i * 256, i);
    want_text("three", told(), "0 100.0.0.0 5 of 1, 0 100.0.1.0 5 of 1, 0 100.0.2.0 5 of 1");
    burst(3, 3 * 256, 3);
    want_text("four", told(), "3 mx1 20 of 4");
    want_number("reopened", core_incident(&run)->reopened, 1);
    want_number("listed", core_incident(&run)->narrower_count, 4);
    for (int i = 4; i < 30; i++)
        burst(i, i * 256, i);
    want_text("thirty", told(), "3 mx1 150 of 30");
    detector_tick(&run.p->detector, 0, AT_S + 40 * GAP_S);
    sweep(AT_S + 40 * GAP_S, AT_S + 40 * GAP_S + 600);
    want_text("over", told(), "3 mx1 150 of 30");
    want_number("nothing is left to merge", core_incident(&run)->unmerged, 0);
    want_number("compacted", core_incident(&run)->compacted, true);
}
END_TEST

START_TEST(second_under_a_wider_key_takes_in_the_first)
{
    again("");
    burst(0, 256, 1);
    burst(5, 257, 2);
    want_text("a network", told(), "1 100.0.1.0/24 10 of 2");
    again("");
    burst(0, 256, 1);
    burst(5, 512, 1);
    want_text("a domain", told(), "2 spam1.example 10 of 2");
    burst(8, 768, 1);
    want_text("it stays on it", told(), "2 spam1.example 15 of 3");
}
END_TEST

START_TEST(one_on_the_host_takes_in_every_next)
{
    again("");
    for (int i = 0; i < 20; i++)
        observe(relayed(i * 256, i, AT_S));
    want_text("scattered", told(), "3 mx1 20 of 20");
    burst(6, 100 * 256, 100);
    want_text("one more client", told(), "3 mx1 25 of 21");
}
END_TEST

/* Each of our own machines, and each sender, is to blame for itself. */
static struct observation trusted(const char *client, const char *sender)
{
    return (struct observation){.kind = KIND_TRUSTED_RELAY,
                                .client = span_str(client),
                                .sender = span_str(sender),
                                .recipient_domain = SPAN("victim.example"),
                                .status = STATUS_SENT,
                                .first = true,
                                .counts = true};
}

START_TEST(our_own_machines_stay_apart)
{
    static const char *const own[] = {"a[10.0.0.1]", "b[10.0.0.2]", "c[10.0.0.3]", "d[10.0.0.4]"};
    static const char *const strangers[] = {"a[203.0.113.1]", "b[198.51.100.2]", "c[192.0.2.3]",
                                            "d[192.88.99.4]"};

    for (int strange = 0; strange < 2; strange++) {
        again("[trusted-relay]\nrecipients = 5\n");
        for (uint32_t i = 0; i < 4; i++)
            burst_of(trusted(strange ? strangers[i] : own[i], "a@example.net"), AT_S + i * GAP_S,
                     5);
        want_number(strange ? "strangers" : "our own", detector_incidents(&run.p->detector),
                    strange ? 1 : 4);
    }
}
END_TEST

START_TEST(senders_stay_apart)
{
    char sender[32];

    again("[trusted-relay]\nsender_recipients = 5\n");
    for (uint32_t i = 0; i < 4; i++) {
        for (int j = 4; j < 15; j++) { /* many share the client */
            snprintf(sender, sizeof(sender), "u%d@example.net", j);
            burst_of(trusted("web[203.0.113.1]", sender), AT_S + i * GAP_S, 1);
        }
        snprintf(sender, sizeof(sender), "u%u@example.net", i);
        burst_of(trusted("web[203.0.113.1]", sender), AT_S + i * GAP_S + 9, 5);
    }
    want_text("each its own", told(),
              "0 u0@example.net 5 of 1, 0 u1@example.net 5 of 1, "
              "0 u2@example.net 5 of 1, 0 u3@example.net 5 of 1");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("grouping_ended");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, fourth_takes_in_the_three_that_ended);
    tcase_add_test(tc, second_under_a_wider_key_takes_in_the_first);
    tcase_add_test(tc, one_on_the_host_takes_in_every_next);
    tcase_add_test(tc, our_own_machines_stay_apart);
    tcase_add_test(tc, senders_stay_apart);
    return run_suite("grouping_ended", tc);
}
