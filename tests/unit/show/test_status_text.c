/* SPDX-License-Identifier: MIT */
#include "show/status_text.h"

#include "base/when.h"
#include "rows.h"

/* The rows from the one that begins with `from` on, as many as there are. */
static char *rows_from(const char *status, const char *open, const char *from, int columns)
{
    struct buf out = buf_new(65536);
    json_t *a = json_loads(status, 0, NULL), *b = json_loads(open, 0, NULL);

    ck_assert(a && b);
    status_text(&out, a, b, 24, columns, false);
    json_decref(a);
    json_decref(b);
    char *text = buf_take(&out), *at = strstr(text, from);
    ck_assert_msg(at, "got %s, want \"%s\" in it", text, from);
    memmove(text, at, strlen(at) + 1);
    return text;
}

/* --- hosts ------------------------------------------------------------------------------------ */

#define SILENT(name)                                                                               \
    "{\"host\":\"" name "\",\"silent\":true,\"quiet_s\":7200,\"longest_pause_s\":60,"              \
    "\"late_s\":0,\"clock_ahead_s\":0}"
#define TIMED(name, late, ahead)                                                                   \
    "{\"host\":\"" name                                                                            \
    "\",\"silent\":false,\"quiet_s\":1,\"longest_pause_s\":60,\"late_s\":" late                    \
    ",\"clock_ahead_s\":" ahead "}"
#define HOSTS(count, well, silent, late, ahead, list)                                              \
    "{\"hosts\":{\"count\":" count ",\"well\":" well ",\"silent\":" silent ",\"late\":" late       \
    ",\"clock_ahead\":" ahead ",\"list\":[" list "]}}"

static const struct {
    const char *name, *status, *want;
} hosts[] = {
    {"all are well", HOSTS("40", "40", "0", "0", "0", TIMED("mx1", "299", "0")),
     "hosts     40, 40 well, 0 silent, 0 late, 0 with a clock ahead\nstate "},
    {"two are not",
     HOSTS("40", "38", "1", "1", "0",
           SILENT("mx7") "," TIMED("mx8", "300", "0") "," TIMED("mx1", "0", "0")),
     "hosts     40, 38 well, 1 silent, 1 late, 0 with a clock ahead\n"
     "          mx7: silent for 2h, its longest pause was 1m\n"
     "          mx8: lines come 5m late, or its clock is behind\nstate "},
    {"more than there is room for",
     HOSTS("2000", "1993", "7", "0", "0",
           SILENT("mx1") "," SILENT("mx2") "," SILENT("mx3") "," SILENT("mx4") "," SILENT(
               "mx5") "," SILENT("mx6") "," SILENT("mx7")),
     "hosts     2,000, 1,993 well, 7 silent, 0 late, 0 with a clock ahead\n"
     "          mx1: silent for 2h, its longest pause was 1m\n"
     "          mx2: silent for 2h, its longest pause was 1m\n"
     "          mx3: silent for 2h, its longest pause was 1m\n"
     "          mx4: silent for 2h, its longest pause was 1m\n"
     "          mx5: silent for 2h, its longest pause was 1m\n"
     "          ... and 2 more: relaywatch status --json\nstate "},
};

START_TEST(hosts_are_counted_and_the_bad_ones_named)
{
    char *text = rows_from(hosts[_i].status, "[]", "hosts ", 80);

    ck_assert_msg(strncmp(text, hosts[_i].want, strlen(hosts[_i].want)) == 0,
                  "%s: got\n%s\nwant\n%s", hosts[_i].name, text, hosts[_i].want);
    free(text);
}
END_TEST

/* --- incidents -------------------------------------------------------------------------------- */

#define INCIDENT(id, kind, severity, key, state)                                                   \
    "{\"id\":\"" id "\",\"kind\":\"" kind "\"" severity ",\"key\":{" key "},\"recipients\":9,"     \
    "\"queued\":4,\"last_seen\":\"2026-11-24T03:47:00Z\"" state "}"
#define SEVERITY(name) ",\"severity\":\"" name "\""

static const struct {
    const char *name, *open, *want;
    int columns;
} lists[] = {
    {"a severity each",
     "[" INCIDENT("aa-0123456789ab", "account-abuse", SEVERITY("info"), "\"sasl_username\":\"bob\"",
                  "") "," INCIDENT("or-0123456789ab", "open-relay", SEVERITY("critical"),
                                   "\"client\":\"192.0.2.111\"",
                                   "") "," INCIDENT("la-0123456789ab", "local-abuse",
                                                    SEVERITY("warning"), "\"uid\":33", "") "]",
     "ID              SEV  KIND          KEY                 RCPTS  QUEUED LAST (UTC)\n"
     "aa-0123456789ab info account-abuse bob                     9       4 11-24 03:47\n"
     "or-0123456789ab crit open-relay    192.0.2.111             9       4 11-24 03:47\n"
     "la-0123456789ab warn local-abuse   uid 33                  9       4 11-24 03:47\n",
     80},
    {"no severity: of another version",
     "[" INCIDENT("or-1", "open-relay", "", "\"client\":\"192.0.2.1\"", "") "]",
     "ID              KIND       KEY                         RCPTS  QUEUED LAST (UTC)\n"
     "or-1            open-relay 192.0.2.1                       9       4 11-24 03:47\n",
     80},
    {"a key that is cut says so",
     "[" INCIDENT("bs-0123456789ab", "backscatter-source", SEVERITY("critical"),
                  "\"client\":\"192.181.115.133\"", "") "]",
     "ID              SEV  KIND               KEY            RCPTS  QUEUED LAST (UTC)\n"
     "bs-0123456789ab crit backscatter-source 192.181.11..       9       4 11-24 03:47\n",
     80},
};

START_TEST(incidents_have_their_severity)
{
    char *text = rows_from("{}", lists[_i].open, "ID  ", lists[_i].columns);

    want_text(lists[_i].name, text, lists[_i].want);
    free(text);
}
END_TEST

/* Those of `incidents`, where some are over. */
START_TEST(what_is_over_says_so)
{
    struct buf out = buf_new(65536);
    json_t *list = json_loads("[" INCIDENT("or-1", "open-relay", SEVERITY("critical"),
                                           "\"client\":\"192.0.2.1\"", ",\"state\":\"ended\"") "]",
                              0, NULL);

    incidents_text(&out, list, 0, 80, false);
    want_text("over", out.at,
              "ID              SEV  KIND       KEY              RCPTS  QUEUED LAST (UTC)\n"
              "or-1            crit open-relay 192.0.2.1            9       4 11-24 03:47 ended\n");
    json_decref(list);
    buf_done(&out);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("status_text");

    ADD_ROWS(tc, hosts_are_counted_and_the_bad_ones_named, hosts);
    ADD_ROWS(tc, incidents_have_their_severity, lists);
    tcase_add_test(tc, what_is_over_says_so);
    return run_suite("status_text", tc);
}
