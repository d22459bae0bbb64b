/* SPDX-License-Identifier: MIT */
#include "report/refusals.h"

#include <stdio.h>

#include "refused_view.h"

#define ALIASES "virtual_alias_maps"
#define BOXES   "virtual_mailbox_maps"
#define USERS   "local_recipient_maps"
#define BEHIND  "relay_recipient_maps"
#define VERIFY  "smtpd_recipient_restrictions"

/* Every program that refuses, with the settings for each class of addresses, in the order of enum
 * address_class. A mailbox server's own users are in no table of Postfix's. */
static const struct {
    const char *agent;
    const char *setting[ADDRESS_COUNT];
    const char *who;
} agents[] = {
    {"local", {VERIFY, USERS, ALIASES, BOXES, BEHIND, VERIFY}, "local(8)"},
    {"virtual", {VERIFY, VERIFY, ALIASES, BOXES, BEHIND, VERIFY}, "virtual(8)"},
    {"lmtp", {VERIFY, VERIFY, ALIASES, BOXES, BEHIND, VERIFY}, "x[private/y] (lmtp)"},
    {"smtp", {VERIFY, VERIFY, ALIASES, BOXES, BEHIND, VERIFY}, "x[private/y] (smtp)"},
    {"pipe", {VERIFY, VERIFY, ALIASES, BOXES, BEHIND, VERIFY}, "x[private/y] (pipe)"},
    {"error", {VERIFY, USERS, ALIASES, BOXES, BEHIND, VERIFY}, "error(8)"},
    {"cleanup", {VERIFY, USERS, ALIASES, BOXES, BEHIND, VERIFY}, "cleanup(8)"},
};

START_TEST(setting_is_by_program_and_class)
{
    for (int class = 0; class < ADDRESS_COUNT; class ++) {
        const char *name = address_class_name((enum address_class) class);
        struct refusals of;
        char text[REFUSED_BY_MAX], who[REFUSED_BY_MAX];

        snprintf(text, sizeof(text), "%s %s x[private/y] 550 no", agents[_i].agent, name);
        ck_assert(refused_by_read(span_str(text), &of.by));
        want_text(text, refusals_setting(&of), agents[_i].setting[class]);
        want_text(text, refusals_who(&of.by, who), agents[_i].who);
    }
}
END_TEST

START_TEST(a_program_that_did_not_get_through_has_no_relay)
{
    struct refused_by by;
    char who[REFUSED_BY_MAX];

    ck_assert(refused_by_read(SPAN("smtp outside none mail for x loops back to myself"), &by));
    want_text("none", refusals_who(&by, who), "smtp(8)");
}
END_TEST

/* What one program says in several ways counts together, and its domain is that of its class. */
START_TEST(the_most_frequent_come_first)
{
    struct refused_view v;
    struct refusals of[REFUSALS_MAX];

    refused_view_begin(&v, CAUSE_UNKNOWN_LOCAL_RECIPIENT);
    refused_view_add(&v, "local local local unknown user: '...'", "local here.example", 5);
    refused_view_add(&v, "lmtp unknown x[y] 550 no", "unknown a.example", 3);
    refused_view_add(&v, "lmtp unknown x[y] 551 no", "unknown b.example", 4);
    refused_view_add(&v, "nonsense", "nonsense", 99);
    want_number("groups", refusals_of(&v.view, of), 2);
    want_number("lmtp", of[0].by.agent, PROGRAM_LMTP);
    want_number("its notices", (int64_t)of[0].count, 7);
    ck_assert(span_equal(of[0].by.reply, SPAN("551 no")));
    ck_assert(span_equal(of[0].domain, SPAN("b.example")));
    want_number("local", (int64_t)of[1].count, 5);
    ck_assert(span_equal(of[1].domain, SPAN("here.example")));
    refused_view_end(&v);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
    struct refused_view v;
    struct refusals of[REFUSALS_MAX];

    refused_view_begin(&v, CAUSE_OTHER);
    want_number("nobody", refusals_of(&v.view, of), 0);
    for (int agent = 0; agent < COUNT(agents); agent++)
        for (int class = 0; class < ADDRESS_COUNT; class ++) {
            char text[REFUSED_BY_MAX];
            snprintf(text, sizeof(text), "%s %s x no", agents[agent].agent,
                     address_class_name((enum address_class) class));
            refused_view_add(&v, text, "unknown a.example", 1);
        }
    want_number("all", refusals_of(&v.view, of), REFUSALS_MAX);
    refused_view_end(&v);
}
END_TEST

START_TEST(json_has_all)
{
    struct refused_view v;

    refused_view_begin(&v, CAUSE_OTHER);
    refused_view_add(&v, "lmtp unknown x[y] 552 'no' \\", "unknown a.example", 3);
    refused_view_add(&v, "virtual virtual-mailbox virtual unknown", "virtual-mailbox a.example", 4);
    refused_view_add(&v, "nonsense", "local b.example", 1);
    json_t *by = refusals_json(&v.view), *domains = refusals_domains_json(&v.view);
    char *text = json_dumps(by, JSON_COMPACT), *names = json_dumps(domains, JSON_COMPACT);
    want_text("by", text,
              "[{\"agent\":\"virtual\",\"class\":\"virtual-mailbox\",\"relay\":\"virtual\","
              "\"reply\":\"unknown\",\"count\":4},"
              "{\"agent\":\"lmtp\",\"class\":null,\"relay\":\"x[y]\",\"reply\":\"552 'no' "
              "\\\\\",\"count\":3}]");
    want_text("domains", names, "[\"a.example\",\"b.example\"]");
    free(text);
    free(names);
    json_decref(by);
    json_decref(domains);
    refused_view_end(&v);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("refusals");

    ADD_ROWS(tc, setting_is_by_program_and_class, agents);
    tcase_add_test(tc, a_program_that_did_not_get_through_has_no_relay);
    tcase_add_test(tc, the_most_frequent_come_first);
    tcase_add_test(tc, no_more_than_there_is_room_for);
    tcase_add_test(tc, json_has_all);
    return run_suite("refusals", tc);
}
