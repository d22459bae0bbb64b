/* SPDX-License-Identifier: MIT */
/* Any number among the settings may change at any time. In the middle of a relay's attack each is
 * doubled, halved, and set to its bounds, by a reload and by a restart. What is found in the end is
 * what those settings would have found from the start. */
#include "config/settings_table.h"
#include "core_run.h"
#include "engine/snapshot.h"
#include "pipeline_run.h"

enum { MESSAGES = 360, EVERY_S = 20 }; /* two hours of a message each 20 s */

/* Four values for each setting, twice. */
enum { VALUES = 4, WAYS = 2 };

static const struct setting *setting_of(int row)
{
    return setting_row((size_t)row / (VALUES * WAYS));
}

static bool is_number(const struct setting *setting)
{
    return setting->type == SETTING_COUNT || setting->type == SETTING_DURATION ||
           setting->type == SETTING_PERCENT;
}

static int64_t value_of(const struct setting *setting, int row)
{
    char unit = setting->type == SETTING_DURATION
                    ? setting->initial[strspn(setting->initial, "0123456789")]
                    : '\0';
    int64_t factor = unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : 1;
    int64_t initial = strtoll(setting->initial, NULL, 10) * factor, value;

    switch (row % VALUES) {
    case 0:
        value = initial * 2;
        break;
    case 1:
        value = initial / 2;
        break;
    case 2:
        return setting->min;
    default:
        value = setting->max < 100000 ? setting->max : initial * 20;
        break;
    }
    return value < setting->min ? setting->min : value > setting->max ? setting->max : value;
}

/* One client's messages, steadily. */
static void attack(struct core_run *run, int from, int to)
{
    for (int i = from; i < to; i++) {
        run->now_s = CORE_BEGIN_S + (uint32_t)(i * EVERY_S);
        core_feed(run,
                  "smtpd: A%07X: client=unknown[192.0.2.1]\n"
                  "qmgr: A%07X: from=<a@spam.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@victim.example>, relay=none, delay=1, dsn=2.0.0, "
                  "status=sent (x)\n"
                  "qmgr: A%07X: removed",
                  i, i, i, i, i);
    }
}

static void restart(struct core_run *run)
{
    char why[SNAPSHOT_WHY_MAX];
    struct bytes bytes = {0};
    struct pipeline_options options = run->p->options;

    ck_assert_int_eq(snapshot_write(run->p, bytes_put, &bytes), 0);
    pipeline_free(run->p);
    run->p = snapshot_read(span_of(bytes.at, bytes.len), &options, why);
    ck_assert_msg(run->p != NULL, "%s", why);
    free(bytes.at);
}

/* "client 192.0.2.1: 360 messages, 360 recipients" for each incident. */
static void outcome(struct core_run *run, char *text)
{
    const struct incident *list[64];

    detector_group(&run->p->detector);
    uint32_t n = incidents_in_order(&run->p->detector, list);
    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, &run->p->detector, list[i]);
        sprintf(text + strlen(text), "%s %s: %llu messages, %llu recipients\n", list[i]->id,
                list[i]->key_text->at, (unsigned long long)view.totals.messages,
                (unsigned long long)view.totals.recipients);
        incident_view_done(&view);
    }
}

START_TEST(a_setting_changes_in_the_middle)
{
    const struct setting *setting = setting_of(_i);
    char ini[256], want[1024], got[1024], name[128];
    struct core_run run, other;

    /* What is ours is judged again: tests/judge_again. */
    if (!is_number(setting) || strcmp(setting->section, "site") == 0)
        return;
    snprintf(ini, sizeof(ini), "[%s]\n%s = %lld%s\n", setting->section, setting->key,
             (long long)value_of(setting, _i), setting->type == SETTING_DURATION ? "s" : "");
    snprintf(name, sizeof(name), "[%s] %s = %lld by %s", setting->section, setting->key,
             (long long)value_of(setting, _i), _i / VALUES % WAYS ? "restart" : "reload");
    core_begin(&other, ini);
    attack(&other, 0, MESSAGES);
    outcome(&other, want);
    core_begin(&run, "[open-relay]\nrecipients = 150\n");
    attack(&run, 0, MESSAGES / 3);
    if (_i / VALUES % WAYS) {
        run.p->options.settings = &other.settings;
        restart(&run);
    } else {
        pipeline_set(run.p, &other.settings, run.site);
    }
    attack(&run, MESSAGES / 3, MESSAGES);
    outcome(&run, got);
    want_long_text(name, got, want);
    core_end(&run);
    core_end(&other);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("setting_changes");

    tcase_add_loop_test(tc, a_setting_changes_in_the_middle, 0, SETTING_COUNT_ALL * VALUES * WAYS);
    return run_suite("setting_changes", tc);
}
