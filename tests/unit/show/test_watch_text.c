/* SPDX-License-Identifier: MIT */
#include "show/watch_text.h"

#include "rows.h"

#define STATUS                                                                                     \
    "{\"version\":\"1\",\"uptime_s\":60,\"now\":\"2026-11-24T03:47:12Z\",\"blind\":[],"            \
    "\"source\":{\"text\":\"/var/log/mail.log\",\"read_at\":\"2026-11-24T03:47:02Z\"},"            \
    "\"lines\":{\"last_minute\":7},\"messages\":{\"in_flight\":2},"                                \
    "\"incidents\":{\"open\":1,\"ended\":0},\"warnings\":[{\"text\":\"one\"},{\"text\":\"two\"}]}"
#define RATES "{\"recipients_per_minute\":{\"outside\":[0,1,40,80,3],\"account\":[0,0,0,0,0]}}"
#define NEAREST                                                                                    \
    "[{\"of\":\"account\",\"name\":\"bob\",\"recipients\":150,\"threshold\":200,\"percent\":75},"  \
    "{\"of\":\"account\",\"name\":\"a-rather-long-name-of-one@example.org\",\"recipients\":9,"     \
    "\"threshold\":200,\"percent\":4},"                                                            \
    "{\"of\":\"uid\",\"name\":\"33\\u001b[31m\",\"recipients\":1,\"threshold\":800,"               \
    "\"percent\":0}]"
#define OPEN                                                                                       \
    "[{\"id\":\"or-1\",\"kind\":\"open-relay\",\"key\":{\"client\":\"192.0.2.1\"},"                \
    "\"recipients\":9,\"queued\":4,\"last_seen\":\"2026-11-24T03:47:00Z\"}]"

static char *shown(int rows, int columns, bool unicode, const char *rates)
{
    struct buf out = buf_new(65536);
    json_t *status = json_loads(STATUS, 0, NULL), *open = json_loads(OPEN, 0, NULL),
           *nearest = json_loads(NEAREST, 0, NULL), *activity = json_loads(rates, 0, NULL);
    const struct watch_view view = {status, activity, nearest, open};
    const struct watch_screen screen = {rows, columns, false, unicode};

    ck_assert(status && open && nearest);
    watch_text(&out, &view, &screen);
    json_decref(status);
    json_decref(open);
    json_decref(nearest);
    json_decref(activity);
    return buf_take(&out);
}

START_TEST(all_of_it)
{
    char *text = shown(24, 80, false, RATES);

    want_long_text(
        "80x24", text,
        "relaywatch 1, up 1m, 2 in the queue   2026-11-24T03:47:12Z   q: quit\n"
        "follows   /var/log/mail.log: last line 10s ago, 7 lines in the last minute\n"
        "FROM         LAST    MOST RECIPIENTS A MINUTE, WITHIN THE HOUR\n"
        "outside        80      80  _=#_\n"
        "account         0       0      \n"
        "\n"
        "NEAREST ACCOUNTS           CLIENTS                    UIDS\n"
        "bob          150/200  75%                             33?[31m        1/800   0%\n"
        "a-rather-long- 9/200   4%\n"
        "warnings  one\n"
        "          two\n"
        "\n"
        "1 open incident, 0 ended\n"
        "ID              KIND       KEY                   RCPTS  QUEUED LAST (UTC)\n"
        "or-1            open-relay 192.0.2.1                 9       4 11-24 03:47\n");
    free(text);
}
END_TEST

START_TEST(blocks_where_they_can_be_drawn)
{
    char *text = shown(24, 80, true, RATES);

    ck_assert_msg(strstr(text, "outside        80      80  ▁▄█▁\n"), "got %s", text);
    free(text);
}
END_TEST

/* Of a narrow screen the last minutes stay. */
START_TEST(fits_any_size)
{
    for (int rows = 1; rows <= 60; rows++)
        for (int columns = 1; columns <= 210; columns += columns < 90 ? 1 : 40) {
            char *text = shown(rows, columns, false, RATES);
            int lines = 0;
            for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                lines++;
                ck_assert_msg(end - line <= columns || columns < 28, "%dx%d: got %.*s", columns,
                              rows, (int)(end - line), line);
            }
            ck_assert_msg(lines <= rows, "%dx%d: got %d lines", columns, rows, lines);
            free(text);
        }
    char *text = shown(24, 28, false, RATES);
    ck_assert_msg(strstr(text, "outside        80      80 #_\n"), "got %s", text);
    free(text);
}
END_TEST

/* An older daemon has no rates. */
START_TEST(without_rates)
{
    char *text = shown(24, 80, false, "{}");

    ck_assert_msg(!strstr(text, "RECIPIENTS A MINUTE"), "got %s", text);
    ck_assert_msg(strstr(text, "1 open incident"), "got %s", text);
    free(text);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("watch_text");

    tcase_add_test(tc, all_of_it);
    tcase_add_test(tc, blocks_where_they_can_be_drawn);
    tcase_add_test(tc, fits_any_size);
    tcase_add_test(tc, without_rates);
    return run_suite("watch_text", tc);
}
