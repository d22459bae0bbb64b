/* SPDX-License-Identifier: MIT */
/* What is raised for an incident, what is not excused, and the file that comes of it. */
#include "report/suggestion.h"

#include "report/incident.h"

#include "detector_run.h"

enum { WHEN = CORE_BEGIN_S + 60 };

static struct settings settings;
static struct suggestions s;
static struct incident_view view;
static struct span account;

static void set_up(void)
{
    begin();
    settings_init(&settings);
    account = SPAN("news");
    s = (struct suggestions){.settings = &settings};
}

static void tear_down(void)
{
    suggestions_done(&s);
    settings_done(&settings);
    end();
}

/* The view of one incident of 200 recipients: a login's, or a uid's that is much refused. */
static void raise_one(enum kind kind, enum status status, uint32_t every_s, int n)
{
    for (int i = 0; i < n; i++) {
        struct observation o = {.kind = kind,
                                .at_s = WHEN + (uint32_t)i * every_s,
                                .client = SPAN("unknown[203.0.113.5]"),
                                .sender = SPAN("news@example.net"),
                                .account = account,
                                .uid = 33,
                                .recipient_domain = SPAN("customer.example"),
                                .status = status,
                                .first = true,
                                .counts = true,
                                .notice = kind == KIND_BACKSCATTER_SOURCE,
                                .cause =
                                    kind == KIND_BACKSCATTER_SOURCE ? CAUSE_OTHER : CAUSE_NONE};
        observe(o);
    }
    want_number("incidents", detector_incidents(&run.p->detector), 1);
    incident_view_init(&view, &run.p->detector, &run.p->detector.incident[0]);
}

static void want_print(const char *want)
{
    struct buf out = buf_new(4096);

    suggestions_print(&s, &out);
    want_text("file", out.len ? out.at : "", want);
    buf_done(&out);
}

START_TEST(a_login_gets_a_threshold_of_its_own)
{
    raise_one(KIND_ACCOUNT_ABUSE, STATUS_SENT, 1, 200);
    want_number("raised", suggestions_raise(&s, &view), true);
    want_number("its own",
                settings_for(&settings, KIND_ACCOUNT_ABUSE, SPAN("news"), -1)->recipients, 400);
    want_number("all others", settings.kind[KIND_ACCOUNT_ABUSE].recipients, 200);
    suggestions_add_margin(&s);
    want_number("margin", settings_for(&settings, KIND_ACCOUNT_ABUSE, SPAN("news"), -1)->recipients,
                500);
    char want[256];
    snprintf(want, sizeof(want),
             "\n[account-abuse news]\n# At 200 it would have raised 1 incident, the largest of 200 "
             "recipients: %s.\nrecipients = 500\n",
             view.incident->id);
    want_print(want);
    incident_view_done(&view);
}
END_TEST

START_TEST(a_slow_one_gets_a_factor)
{
    raise_one(KIND_ACCOUNT_ABUSE, STATUS_SENT, 60, 600);
    want_number("raised", suggestions_raise(&s, &view), true);
    const struct thresholds *own = settings_for(&settings, KIND_ACCOUNT_ABUSE, SPAN("news"), -1);
    want_number("factor", own->day_factor, 6);
    want_number("recipients", own->recipients, 200);
    incident_view_done(&view);
}
END_TEST

START_TEST(an_attack_is_not_excused)
{
    raise_one(KIND_LOCAL_ABUSE, STATUS_BOUNCED, 1, 200);
    want_number("raised", suggestions_raise(&s, &view), false);
    want_number("overrides", settings.override_count, 0);
    want_print("");
    incident_view_done(&view);
}
END_TEST

START_TEST(what_nobody_comes_near_is_lowered)
{
    for (int i = 0; i < 3; i++)
        want_number("lowered", suggestions_lower(&s, KIND_ACCOUNT_ABUSE), true);
    want_number("an eighth", settings.kind[KIND_ACCOUNT_ABUSE].recipients, 25);
    want_number("no further", suggestions_lower(&s, KIND_ACCOUNT_ABUSE), false);
    suggestions_unlower(&s, KIND_ACCOUNT_ABUSE);
    want_print("\n[account-abuse]\n# Nobody else came near 200 in this log.\nrecipients = 50\n");
    want_number("a relay has no lower one", suggestions_lower(&s, KIND_OPEN_RELAY), false);
}
END_TEST

/* What was raised for a whole kind stays raised while others are lowered. */
START_TEST(what_was_raised_is_not_lowered)
{
    raise_one(KIND_BACKSCATTER_SOURCE, STATUS_SENT, 1, 20);
    want_number("raised", suggestions_raise(&s, &view), true);
    for (int kind = 0; kind < KIND_COUNT; kind++)
        suggestions_unlower(&s, (enum kind)kind);
    want_number("notices", settings.kind[KIND_BACKSCATTER_SOURCE].notices, 40);
    incident_view_done(&view);
}
END_TEST

/* Where values below `highest` are crossed, the print tells it; whoever it is. */
static void try_until(uint32_t highest)
{
    const struct settings *all = &settings;

    while (suggestions_try(&s)) {
        const struct thresholds *own = settings_for(all, KIND_ACCOUNT_ABUSE, SPAN("news"), -1);
        if (own->recipients <= highest)
            suggestions_see_tried(&s, &view);
        suggestions_end_try(&s);
    }
}

START_TEST(the_margin_is_told)
{
    static const bool attacked[KIND_COUNT] = {
        [KIND_LOCAL_ABUSE] = true, [KIND_TRUSTED_RELAY] = true};
    char want[512];

    raise_one(KIND_ACCOUNT_ABUSE, STATUS_SENT, 1, 200);
    ck_assert(suggestions_raise(&s, &view));
    suggestions_add_margin(&s);
    suggestions_begin_to_try(&s, attacked);
    try_until(300);
    want_number("all is as before",
                settings_for(&settings, KIND_ACCOUNT_ABUSE, SPAN("news"), -1)->recipients, 500);
    want_number("for others, too", settings.kind[KIND_ACCOUNT_ABUSE].recipients, 200);
    snprintf(
        want, sizeof(want),
        "\n[account-abuse]\n# The highest in this log was below 6: 200 is more than 33.3 times "
        "that.\n#recipients = 200\n\n[account-abuse news]\n# At 200 it would have raised 1 "
        "incident, the largest of 200 recipients: %s.\n# The highest in this log was about 306: "
        "500 is 1.6 times that.\nrecipients = 500\n",
        view.incident->id);
    want_print(want);
    incident_view_done(&view);
}
END_TEST

/* No INI file could hold its name, so it gets no section, and the others keep their threshold. */
START_TEST(a_login_with_a_pattern_has_no_section)
{
    account = SPAN("news*");
    raise_one(KIND_ACCOUNT_ABUSE, STATUS_SENT, 1, 200);
    want_number("raised", suggestions_raise(&s, &view), false);
    want_number("overrides", settings.override_count, 0);
    want_number("all others", settings.kind[KIND_ACCOUNT_ABUSE].recipients, 200);
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("suggestion");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_login_gets_a_threshold_of_its_own);
    tcase_add_test(tc, a_slow_one_gets_a_factor);
    tcase_add_test(tc, an_attack_is_not_excused);
    tcase_add_test(tc, what_was_raised_is_not_lowered);
    tcase_add_test(tc, a_login_with_a_pattern_has_no_section);
    tcase_add_test(tc, the_margin_is_told);
    tcase_add_test(tc, what_nobody_comes_near_is_lowered);
    return run_suite("suggestion", tc);
}
