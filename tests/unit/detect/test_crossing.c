/* SPDX-License-Identifier: MIT */
/* The default thresholds: one below each, and at each. */
#include "detect/crossing.h"
#include "detect/detector.h"

#include "detector_run.h"

/* In a day, all of them are three times as high. */
static const struct {
    const char *name;
    enum kind kind;
    enum key_type type;
    uint64_t main, foreign, unseen, refused, null_sender, clients, networks;
    struct rule rule;
    enum crossed what; /* CROSSED_NONE: none */
    uint64_t threshold;
} rows[] = {
    {"relay 4", KIND_OPEN_RELAY, KEY_CLIENT, .main = 4, .what = CROSSED_NONE},
    {"relay 5", KIND_OPEN_RELAY, KEY_CLIENT, .main = 5, .what = CROSSED_RECIPIENTS, .threshold = 5},
    {"relay of a network 5", KIND_OPEN_RELAY, KEY_NETWORK, .main = 5, .what = CROSSED_RECIPIENTS,
     .threshold = 5},
    {"relay of a domain 5", KIND_OPEN_RELAY, KEY_SENDER_DOMAIN, .main = 5,
     .what = CROSSED_RECIPIENTS, .threshold = 5},
    {"relay of a host 19", KIND_OPEN_RELAY, KEY_HOST, .main = 19, .what = CROSSED_NONE},
    {"relay of a host 20", KIND_OPEN_RELAY, KEY_HOST, .main = 20, .what = CROSSED_RECIPIENTS,
     .threshold = 20},
    {"relay 14 in a day", KIND_OPEN_RELAY, KEY_CLIENT, .main = 14, .rule = {.in_a_day = true}},
    {"relay 15 in a day", KIND_OPEN_RELAY, KEY_CLIENT, .main = 15, .rule = {.in_a_day = true},
     .what = CROSSED_RECIPIENTS, .threshold = 15},
    {"relay of a host 60 in a day", KIND_OPEN_RELAY, KEY_HOST, .main = 60,
     .rule = {.in_a_day = true}, .what = CROSSED_RECIPIENTS, .threshold = 60},
    {"account 199", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 199, .networks = 1},
    {"account 200", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 200, .networks = 1,
     .what = CROSSED_RECIPIENTS, .threshold = 200},
    {"account 599 in a day", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 599, .networks = 1,
     .rule = {.in_a_day = true}},
    {"account 600 in a day", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 600, .networks = 1,
     .rule = {.in_a_day = true}, .what = CROSSED_RECIPIENTS, .threshold = 600},
    {"account 50 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 50, .networks = 10,
     .what = CROSSED_NETWORKS, .threshold = 10},
    {"account 49 from 10", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 49, .networks = 10},
    {"account 50 from 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 50, .networks = 9},
    {"account 150 from 30 in a day", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 150, .networks = 30,
     .rule = {.in_a_day = true}, .what = CROSSED_NETWORKS, .threshold = 30},
    {"account refused 50 of 166", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 166, .refused = 50,
     .what = CROSSED_REFUSED, .threshold = 50},
    {"account refused 50 of 167", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 167, .refused = 50},
    {"account refused 50 of 167, the share was reached", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT,
     .main = 167, .refused = 50, .rule = {.share_reached = true}, .what = CROSSED_REFUSED,
     .threshold = 50},
    {"account refused 51 of 170, 30 %", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 170, .refused = 51,
     .what = CROSSED_REFUSED, .threshold = 50},
    {"account refused 49 of 49", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 49, .refused = 49},
    {"account foreign 99", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 99, .foreign = 99},
    {"account foreign 100", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 100, .foreign = 100,
     .what = CROSSED_FOREIGN, .threshold = 100},
    {"account null sender 9", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 9, .null_sender = 9},
    {"account null sender 10 of 41", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 41,
     .null_sender = 10},
    {"account null sender 10 of 40", KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, .main = 40, .null_sender = 10,
     .what = CROSSED_NULL_SENDER, .threshold = 10},
    {"uid 199", KIND_LOCAL_ABUSE, KEY_UID, .main = 199},
    {"uid 200", KIND_LOCAL_ABUSE, KEY_UID, .main = 200, .what = CROSSED_RECIPIENTS,
     .threshold = 200},
    {"shared uid 799", KIND_LOCAL_ABUSE, KEY_UID, .main = 799, .rule = {.is_shared = true}},
    {"shared uid 800", KIND_LOCAL_ABUSE, KEY_UID, .main = 800, .rule = {.is_shared = true},
     .what = CROSSED_RECIPIENTS, .threshold = 800},
    {"sender of a shared uid 200", KIND_LOCAL_ABUSE, KEY_SENDER, .main = 200,
     .rule = {.is_shared = true}, .what = CROSSED_RECIPIENTS, .threshold = 200},
    {"trusted 1999", KIND_TRUSTED_RELAY, KEY_CLIENT, .main = 1999, .foreign = 99, .unseen = 49},
    {"trusted 2000", KIND_TRUSTED_RELAY, KEY_CLIENT, .main = 2000, .what = CROSSED_RECIPIENTS,
     .threshold = 2000},
    {"trusted 100 foreign", KIND_TRUSTED_RELAY, KEY_CLIENT, .main = 100, .foreign = 100,
     .what = CROSSED_FOREIGN, .threshold = 100},
    {"trusted 50 unseen", KIND_TRUSTED_RELAY, KEY_CLIENT, .main = 50, .unseen = 50,
     .what = CROSSED_UNSEEN, .threshold = 50},
    {"trusted sender 199", KIND_TRUSTED_RELAY, KEY_SENDER, .main = 199},
    {"trusted sender 200", KIND_TRUSTED_RELAY, KEY_SENDER, .main = 200, .what = CROSSED_RECIPIENTS,
     .threshold = 200},
    {"trusted host 7999", KIND_TRUSTED_RELAY, KEY_HOST, .main = 7999, .foreign = 399},
    {"trusted host 8000", KIND_TRUSTED_RELAY, KEY_HOST, .main = 8000, .what = CROSSED_RECIPIENTS,
     .threshold = 8000},
    {"trusted host 400 foreign", KIND_TRUSTED_RELAY, KEY_HOST, .main = 400, .foreign = 400,
     .what = CROSSED_FOREIGN, .threshold = 400},
    {"notices 19", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, .main = 19},
    {"notices 20", KIND_BACKSCATTER_SOURCE, KEY_CLIENT, .main = 20, .what = CROSSED_NOTICES,
     .threshold = 20},
    {"notices of a host 19", KIND_BACKSCATTER_SOURCE, KEY_HOST, .main = 19},
    {"notices of a host 20", KIND_BACKSCATTER_SOURCE, KEY_HOST, .main = 20, .what = CROSSED_NOTICES,
     .threshold = 20},
    {"notices of a host 60 in a day", KIND_BACKSCATTER_SOURCE, KEY_HOST, .main = 60,
     .rule = {.in_a_day = true}, .what = CROSSED_NOTICES, .threshold = 60},
    {"victim 100 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, .main = 100, .clients = 10,
     .what = CROSSED_MESSAGES, .threshold = 100},
    {"victim 99 from 10", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, .main = 99, .clients = 10},
    {"victim 100 from 9", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, .main = 100, .clients = 9},
    {"victim 300 from 29 in a day", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, .main = 300,
     .clients = 29, .rule = {.in_a_day = true}},
    {"victim 300 from 30 in a day", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, .main = 300,
     .clients = 30, .rule = {.in_a_day = true}, .what = CROSSED_MESSAGES, .threshold = 300},
    {"victim domain 399", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, .main = 399,
     .clients = 99},
    {"victim domain 400", KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT_DOMAIN, .main = 400, .clients = 10,
     .what = CROSSED_MESSAGES, .threshold = 400},
};

START_TEST(threshold_is_crossed)
{
    struct measured measured = {.count = {rows[_i].main, rows[_i].foreign, rows[_i].unseen,
                                          rows[_i].refused, rows[_i].null_sender},
                                .clients = rows[_i].clients,
                                .networks = rows[_i].networks};
    struct crossing crossing = {.what = CROSSED_NONE};

    crossing_find(&run.settings.kind[rows[_i].kind], rows[_i].kind, rows[_i].type, &measured,
                  rows[_i].rule, &crossing);
    want_text(rows[_i].name, crossed_name(crossing.what), crossed_name(rows[_i].what));
    want_number(rows[_i].name, crossing.threshold, rows[_i].threshold);
    want_number(rows[_i].name, crossing.window_s,
                !crossing.what           ? 0
                : rows[_i].rule.in_a_day ? 86400
                                         : 3600);
}
END_TEST

/* Whatever kind of evidence comes, for a key that has no second condition to meet. */
START_TEST(less_than_what_is_missing_crosses_nothing)
{
    const struct thresholds *th = &run.settings.kind[rows[_i].kind];
    struct measured measured = {.count = {rows[_i].main, rows[_i].foreign, rows[_i].unseen,
                                          rows[_i].refused, rows[_i].null_sender},
                                .clients = rows[_i].clients,
                                .networks = rows[_i].networks};
    struct crossing_check check, later;

    if (crossing_check(th, rows[_i].kind, rows[_i].type, &measured, rows[_i].rule, &check) ||
        !check.missing)
        return;
    for (int i = 0; i < MEASURES; i++)
        measured.count[i] += check.missing - 1;
    want_number(rows[_i].name,
                crossing_check(th, rows[_i].kind, rows[_i].type, &measured, rows[_i].rule, &later),
                false);
    measured.count[MEASURE_MAIN]++;
    measured.count[MEASURE_FOREIGN]++;
    measured.count[MEASURE_UNSEEN]++;
    if (rows[_i].kind != KIND_ACCOUNT_ABUSE && rows[_i].kind != KIND_BACKSCATTER_VICTIM)
        want_number(
            rows[_i].name,
            crossing_check(th, rows[_i].kind, rows[_i].type, &measured, rows[_i].rule, &later),
            true);
}
END_TEST

static const struct {
    const char *name;
    uint64_t main, clients, missing;
} victims[] = {
    {"too few messages", 60, 50, 40},
    {"too few clients, who may come at any time", 100, 9, 0},
};

START_TEST(second_condition_may_be_met_at_any_time)
{
    struct measured measured = {.count = {victims[_i].main}, .clients = victims[_i].clients};
    struct crossing_check check;

    crossing_check(&run.settings.kind[KIND_BACKSCATTER_VICTIM], KIND_BACKSCATTER_VICTIM,
                   KEY_RECIPIENT, &measured, (struct rule){0}, &check);
    want_number(victims[_i].name, check.missing, victims[_i].missing);
}
END_TEST

START_TEST(no_factor_is_no_day)
{
    struct measured measured = {.count = {1000000}};
    struct crossing crossing;

    again("[open-relay]\nday_factor = 0\n");
    want_number("crosses",
                crossing_find(&run.settings.kind[KIND_OPEN_RELAY], KIND_OPEN_RELAY, KEY_CLIENT,
                              &measured, (struct rule){.in_a_day = true}, &crossing),
                false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("crossing");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, threshold_is_crossed, rows);
    ADD_ROWS(tc, second_condition_may_be_met_at_any_time, victims);
    tcase_add_test(tc, no_factor_is_no_day);
    ADD_ROWS(tc, less_than_what_is_missing_crosses_nothing, rows);
    return run_suite("crossing", tc);
}
