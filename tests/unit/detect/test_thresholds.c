/* SPDX-License-Identifier: MIT */
/* The default thresholds: one below each, and at each. */
#include "detect/thresholds.h"
#include "detect/detector.h"

#include "detector_run.h"

static const struct {
    const char *name;
    enum kind kind;
    enum key_type type;
    uint64_t measure[MEASURES], clients, networks;
    bool crosses;
} rows[] = {
    {"relay 4", KIND_OPEN_RELAY, KEY_CLIENT, {4}, 1, 0, false},
    {"relay 5", KIND_OPEN_RELAY, KEY_CLIENT, {5}, 1, 0, true},
    {"relay of a network 5", KIND_OPEN_RELAY, KEY_NETWORK, {5}, 1, 0, true},
    {"relay of a domain 5", KIND_OPEN_RELAY, KEY_SENDER_DOMAIN, {5}, 1, 0, true},
    {"relay of a host 19", KIND_OPEN_RELAY, KEY_HOST, {19}, 1, 0, false},
    {"relay of a host 20", KIND_OPEN_RELAY, KEY_HOST, {20}, 1, 0, true},
    {"account 199", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {199}, 1, 1, false},
    {"account 200", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {200}, 1, 1, true},
    {"account 50 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {50}, 10, 10, true},
    {"account 49 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {49}, 10, 10, false},
    {"account 50 from 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {50}, 9, 9, false},
    {"account refused 50 of 166", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {166, 50}, 1, 1, true},
    {"account refused 50 of 167", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {167, 50}, 1, 1, false},
    {"account refused 51 of 170, 30 %", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {170, 51}, 1, 1, true},
    {"account refused 49 of 49", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {49, 49}, 1, 1, false},
    {"account null sender 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {9, 0, 9}, 1, 1, false},
    {"account null sender 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, {10, 0, 10}, 1, 1, true},
    {"uid 199", KIND_LOCAL_ABUSE, KEY_UID, {199}, 0, 0, false},
    {"uid 200", KIND_LOCAL_ABUSE, KEY_UID, {200}, 0, 0, true},
    {"trusted 1999", KIND_TRUSTED_RELAY, KEY_CLIENT, {1999, 99}, 1, 0, false},
    {"trusted 2000", KIND_TRUSTED_RELAY, KEY_CLIENT, {2000, 0}, 1, 0, true},
    {"trusted 100 foreign", KIND_TRUSTED_RELAY, KEY_CLIENT, {100, 100}, 1, 0, true},
    {"trusted host 7999", KIND_TRUSTED_RELAY, KEY_HOST, {7999, 399}, 1, 0, false},
    {"trusted host 8000", KIND_TRUSTED_RELAY, KEY_HOST, {8000, 0}, 1, 0, true},
    {"trusted host 400 foreign", KIND_TRUSTED_RELAY, KEY_HOST, {400, 400}, 1, 0, true},
    {"notices 19", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, {19}, 1, 0, false},
    {"notices 20", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, {20}, 1, 0, true},
    {"notices of a host 19", KIND_BACKSCATTER_SOURCE, KEY_HOST, {19}, 1, 0, false},
    {"notices of a host 20", KIND_BACKSCATTER_SOURCE, KEY_HOST, {20}, 1, 0, true},
    {"victim 100 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {100}, 10, 0, true},
    {"victim 99 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {99}, 10, 0, false},
    {"victim 100 from 9", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, {100}, 9, 0, false},
    {"victim domain 399", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, {399}, 99, 0, false},
    {"victim domain 400", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, {400}, 10, 0, true},
};

START_TEST(threshold_is_crossed)
{
    want_number(rows[_i].name,
                thresholds_crossed(&run.settings.kind[rows[_i].kind], rows[_i].kind, rows[_i].type,
                                   rows[_i].measure, rows[_i].clients, rows[_i].networks),
                rows[_i].crosses);
}
END_TEST

/* No wider key would say so at the same moment. */
START_TEST(own_threshold_raises_at_once)
{
    again("[open-relay 100.0.0.1]\nrecipients = 7\n");
    for (int i = 1; i <= 7; i++) {
        observe(relayed(1, 1, 1000));
        want_number("raised", run.events[INCIDENT_RAISED], i == 7);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("thresholds");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, threshold_is_crossed, rows);
    tcase_add_test(tc, own_threshold_raises_at_once);
    return run_suite("thresholds", tc);
}
