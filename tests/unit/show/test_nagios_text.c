/* SPDX-License-Identifier: MIT */
#include "show/nagios_text.h"

#include "rows.h"

/* The one warning is blindness, if there is any. */
#define STATUS(open, blind)                                                                        \
    "{\"now\":\"2026-11-24T03:47:12Z\",\"memory_kib\":2,\"incidents\":{\"open\":" open "},"        \
    "\"blind\":[" blind "],\"warnings\":[{}],\"source\":{\"bytes_behind\":5,"                      \
    "\"read_at\":\"2026-11-24T03:47:02Z\"},\"lines\":{\"read\":7},"                                \
    "\"messages\":{\"seen\":3,\"in_flight\":2},\"alerts\":{\"dropped\":1}}"
#define OPEN(severity, key, rest)                                                                  \
    "{\"id\":\"or-1\",\"kind\":\"open-relay\",\"severity\":\"" severity "\",\"key\":" key          \
    ",\"recipients\":9,\"queued\":4" rest "}"
#define FIGURES(critical, warning, info, blind, warnings)                                          \
    " | critical=" critical ";;0;0 warning=" warning ";0;;0 info=" info ";;;0 blind=" blind        \
    ";0;;0 site_warnings=" warnings ";;;0 last_line_age=10s;;;0 behind=5B;;;0 lines=7c;;;0"        \
    " messages=3c;;;0 in_flight=2;;;0 alerts_dropped=1c;;;0 memory=2048B;;;0\n"
#define CLIENT "{\"client\":\"192.0.2.1\"}"

static const struct {
    const char *name, *status, *open, *want;
    enum nagios_state state;
} rows[] = {
    {"nothing", STATUS("0", ""), "",
     "RELAYWATCH OK - 0 open incidents" FIGURES("0", "0", "0", "0", "1"), NAGIOS_OK},
    {"critical", STATUS("1", ""), OPEN("critical", CLIENT, ""),
     "RELAYWATCH CRITICAL - 1 open incident (1 critical, 0 warning, 0 info): open-relay of client "
     "192.0.2.1: 9 recipients, 4 queued (or-1)" FIGURES("1", "0", "0", "0", "1"),
     NAGIOS_CRITICAL},
    {"warning", STATUS("1", ""), OPEN("warning", "{\"uid\":33}", ",\"notices\":6"),
     "RELAYWATCH WARNING - 1 open incident (0 critical, 1 warning, 0 info): open-relay of uid 33: "
     "6 notices, 4 queued (or-1)" FIGURES("0", "1", "0", "0", "1"),
     NAGIOS_WARNING},
    {"info", STATUS("1", ""), OPEN("info", "{\"host\":\"mx1\"}", ""),
     "RELAYWATCH OK - 1 open incident (0 critical, 0 warning, 1 info): open-relay of host mx1: 9 "
     "recipients, 4 queued (or-1)" FIGURES("0", "0", "1", "0", "1"),
     NAGIOS_OK},
    {"the worst first", STATUS("2", ""), OPEN("info", CLIENT, "") "," OPEN("critical", CLIENT, ""),
     "RELAYWATCH CRITICAL - 2 open incidents (1 critical, 0 warning, 1 info): open-relay of client "
     "192.0.2.1: 9 recipients, 4 queued (or-1); open-relay of client 192.0.2.1: 9 recipients, 4 "
     "queued (or-1)" FIGURES("1", "0", "1", "0", "1"),
     NAGIOS_CRITICAL},
    {"more than are shown", STATUS("150", ""), OPEN("info", CLIENT, ""),
     "RELAYWATCH WARNING - 150 open incidents (0 critical, 149 warning, 1 info): open-relay of "
     "client 192.0.2.1: 9 recipients, 4 queued (or-1); and 149 more" FIGURES("0", "149", "1", "0",
                                                                             "1"),
     NAGIOS_WARNING},
    {"blind", STATUS("0", "{\"text\":\"it can't be | read\"}"), "",
     "RELAYWATCH WARNING - blind: it can't be ? read 0 open incidents" FIGURES("0", "0", "0", "1",
                                                                               "0"),
     NAGIOS_WARNING},
    {"blind, and an attack", STATUS("1", "{\"text\":\"it is not there.\"}"),
     OPEN("critical", CLIENT, ""),
     "RELAYWATCH CRITICAL - blind: it is not there. 1 open incident (1 critical, 0 warning, 0 "
     "info): open-relay of client 192.0.2.1: 9 recipients, 4 queued (or-1)" FIGURES("1", "0", "0",
                                                                                    "1", "0"),
     NAGIOS_CRITICAL},
    {"a stranger's words", STATUS("1", ""),
     OPEN("critical", "{\"sasl_username\":\"a|b\\nOK \\u0007\\u00e9\"}", ""),
     "RELAYWATCH CRITICAL - 1 open incident (1 critical, 0 warning, 0 info): open-relay of "
     "sasl_username a?b?OK ???: 9 recipients, 4 queued (or-1)" FIGURES("1", "0", "0", "0", "1"),
     NAGIOS_CRITICAL},
};

START_TEST(one_line_and_a_state)
{
    char list[2048];
    struct buf out = buf_new(4096);

    snprintf(list, sizeof(list), "[%s]", rows[_i].open);
    json_t *object = json_loads(rows[_i].status, 0, NULL), *open = json_loads(list, 0, NULL);
    ck_assert_msg(object && open, "%s: no JSON", rows[_i].name);
    want_number(rows[_i].name, nagios_text(&out, object, open), rows[_i].state);
    want_text(rows[_i].name, out.at, rows[_i].want);
    json_decref(object);
    json_decref(open);
    buf_done(&out);
}
END_TEST

START_TEST(names_three_of_many)
{
    struct buf out = buf_new(4096);
    json_t *open =
        json_loads("[" OPEN("critical", CLIENT, "") "," OPEN("critical", CLIENT, "") "," OPEN(
                       "critical", CLIENT, "") "," OPEN("critical", CLIENT, "") "]",
                   0, NULL);
    json_t *status = json_loads(STATUS("4", ""), 0, NULL);
    int named = 0;

    want_number("state", nagios_text(&out, status, open), NAGIOS_CRITICAL);
    for (const char *at = out.at; (at = strstr(at, "(or-1)")); at++)
        named++;
    want_number("named", named, 3);
    ck_assert_msg(strstr(out.at, "; and 1 more |"), "got %s", out.at);
    json_decref(open);
    json_decref(status);
    buf_done(&out);
}
END_TEST

/* An older daemon, or one that has not begun. */
START_TEST(missing_members)
{
    struct buf out = buf_new(4096);
    json_t *status = json_object();

    want_number("state", nagios_text(&out, status, NULL), NAGIOS_OK);
    ck_assert_msg(!strstr(out.at, "last_line_age"), "got %s", out.at);
    buf_done(&out);
    json_decref(status);
    out = buf_new(4096);
    want_number("unknown", nagios_unknown(&out, "it is\n|down"), NAGIOS_UNKNOWN);
    want_text("unknown", out.at, "RELAYWATCH UNKNOWN - it is??down\n");
    buf_done(&out);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("nagios_text");

    ADD_ROWS(tc, one_line_and_a_state, rows);
    tcase_add_test(tc, names_three_of_many);
    tcase_add_test(tc, missing_members);
    return run_suite("nagios_text", tc);
}
