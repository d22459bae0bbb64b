/* SPDX-License-Identifier: MIT */
/* Which text of a record is hashed, and how. */
#include "parse/record_hash.h"

#include "base/hash.h"
#include "rows.h"

enum { SEED = 7 };

static const struct {
    const char *name;
    struct record rec;
    struct span text;
    bool nocase;
    struct span domain;
} records[] = {
    {"client",
     {.type = RECORD_CLIENT, .client = SPAN("a.example[192.0.2.1]")},
     SPAN("a.example[192.0.2.1]"),
     false,
     {0}},
    {"message-id",
     {.type = RECORD_MESSAGE_ID, .message_id = SPAN("Ab@c.example")},
     SPAN("Ab@c.example"),
     false,
     {0}},
    {"delivery here",
     {.type = RECORD_DELIVERY,
      .program = PROGRAM_LMTP,
      .recipient = SPAN("A@b.example"),
      .recipient_domain = SPAN("b.example")},
     SPAN("a@B.example"),
     true,
     {0}},
    {"delivery by smtp",
     {.type = RECORD_DELIVERY,
      .program = PROGRAM_SMTP,
      .recipient = SPAN("A@b.example"),
      .recipient_domain = SPAN("b.example")},
     SPAN("a@B.example"),
     true,
     SPAN("b.example")},
    {"cut",
     {.type = RECORD_CUT, .program = PROGRAM_LOCAL, .recipient = SPAN("a@b")},
     SPAN("a@b"),
     true,
     {0}},
    {"ambiguous",
     {.type = RECORD_AMBIGUOUS, .program = PROGRAM_LOCAL, .recipient = SPAN("a@b")},
     SPAN("a@b"),
     true,
     {0}},
};

START_TEST(text_is_hashed)
{
    struct record_hash got = record_hash(&records[_i].rec, SEED);
    struct span domain = records[_i].domain;

    want_number(records[_i].name, record_has_text(&records[_i].rec), true);
    want_number(records[_i].name, (int64_t)got.text,
                (int64_t)(records[_i].nocase ? hash_nocase(records[_i].text, SEED)
                                             : hash_bytes(records[_i].text, SEED)));
    want_number(records[_i].name, got.domain, domain.len ? (uint32_t)hash_bytes(domain, SEED) : 0);
}
END_TEST

START_TEST(others_have_none)
{
    static const enum record_type types[] = {RECORD_UNPARSED, RECORD_IGNORED, RECORD_NOTE,
                                             RECORD_PICKUP,   RECORD_ACTIVE,  RECORD_REMOVED,
                                             RECORD_NOTICE,   RECORD_VERSION, RECORD_SAYS};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct record rec = {.type = types[i]};
        want_number("has a text", record_has_text(&rec), false);
        want_number("hash", (int64_t)record_hash(&rec, SEED).text, 0);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hash");

    ADD_ROWS(tc, text_is_hashed, records);
    tcase_add_test(tc, others_have_none);
    return run_suite("hash", tc);
}
