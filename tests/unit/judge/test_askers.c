/* SPDX-License-Identifier: MIT */
#include "judge/askers.h"

#include "rows.h"

/* Who asks under which sender, and when; '+' is one of many. */
static const struct {
    const char *name;
    struct {
        const char *sender, *client;
        uint32_t at_s;
    } ask[5];
    const char *want;
} rows[] = {
    {"one client",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[192.0.2.1]", 2},
      {"a@x", "unknown[192.0.2.1]", 3},
      {"a@x", "unknown[192.0.2.1]", 4}},
     "----"},
    {"one network",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[192.0.2.2]", 1},
      {"a@x", "unknown[192.0.2.3]", 1}},
     "---"},
    {"three networks",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[198.51.100.2]", 1},
      {"a@x", "unknown[203.0.113.3]", 1},
      {"a@x", "unknown[192.0.2.1]", 1}},
     "--++"},
    {"two and again",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[198.51.100.2]", 1},
      {"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[198.51.100.2]", 1}},
     "----"},
    {"one provider",
     {{"a@x", "m1.out.provider.example[192.0.2.1]", 1},
      {"a@x", "m2.out.provider.example[198.51.100.2]", 1},
      {"a@x", "M3.Provider.EXAMPLE[203.0.113.3]", 1}},
     "---"},
    {"three names",
     {{"a@x", "a.one.example[192.0.2.1]", 1},
      {"a@x", "a.two.example[192.0.2.1]", 1},
      {"a@x", "three.example[192.0.2.1]", 1}},
     "--+"},
    {"three senders",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"b@x", "unknown[198.51.100.2]", 1},
      {"c@x", "unknown[203.0.113.3]", 1}},
     "---"},
    {"a day later",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[198.51.100.2]", 2},
      {"a@x", "unknown[203.0.113.3]", 86403}},
     "---"},
    {"within a day",
     {{"a@x", "unknown[192.0.2.1]", 1},
      {"a@x", "unknown[198.51.100.2]", 2},
      {"A@X", "unknown[203.0.113.3]", 86402}},
     "--+"},
    {"IPv6",
     {{"a@x", "unknown[2001:db8:1::1]", 1},
      {"a@x", "unknown[2001:db8:1:2::1]", 1},
      {"a@x", "unknown[2001:db8:2::1]", 1},
      {"a@x", "unknown[2001:db8:3::1]", 1}},
     "---+"},
};

START_TEST(many_ask_under_one_sender)
{
    static struct askers askers;
    char got[8] = "";

    askers = (struct askers){0};
    for (size_t i = 0; i < strlen(rows[_i].want); i++)
        got[i] = askers_see(&askers, span_str(rows[_i].ask[i].sender),
                            span_str(rows[_i].ask[i].client), rows[_i].ask[i].at_s)
                     ? '+'
                     : '-';
    want_text(rows[_i].name, got, rows[_i].want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("askers");

    ADD_ROWS(tc, many_ask_under_one_sender, rows);
    return run_suite("askers", tc);
}
