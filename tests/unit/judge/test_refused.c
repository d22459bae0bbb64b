/* SPDX-License-Identifier: MIT */
/* What becomes of it in an incident is in test_notices.c. */
#include "judge/refused.h"

#include "rows.h"

static struct refused table;
static struct interns texts;

static void begin(void)
{
    table = (struct refused){0};
    ck_assert(interns_init(&texts, 1000, 7));
}

static void end(void)
{
    refused_done(&table, &texts);
    want_number("texts that nobody holds", texts.used, 0);
    interns_done(&texts);
}

static void add(uint32_t slot, uint64_t recipient, const char *by)
{
    struct intern *text = intern_get(&texts, span_str(by));

    refused_add(&table, &texts, (struct message_ref){slot, slot + 100}, recipient, text, text);
    intern_put(&texts, text);
}

static const char *find(uint32_t slot, uint64_t recipient)
{
    const struct refused_entry *entry =
        refused_find(&table, (struct message_ref){slot, slot + 100}, recipient);

    return entry ? entry->by->at : "(nobody)";
}

START_TEST(each_recipient_has_its_own)
{
    want_text("before any", find(1, 7), "(nobody)");
    add(1, 7, "local");
    add(1, 9, "lmtp");
    add(2, 7, "virtual");
    want_text("the first", find(1, 7), "local");
    want_text("another of it", find(1, 9), "lmtp");
    want_text("another message's", find(2, 7), "virtual");
    want_text("neither", find(2, 9), "(nobody)");
    ck_assert_ptr_null(refused_find(&table, (struct message_ref){1, 102}, 7));
}
END_TEST

START_TEST(the_latest_counts)
{
    add(1, 7, "local");
    add(1, 7, "lmtp");
    want_text("tried again", find(1, 7), "lmtp");
}
END_TEST

/* A flood of them leaves no more than there is room for, and the last one is always there. */
START_TEST(the_oldest_goes)
{
    int there = 0;

    for (uint32_t i = 1; i <= 20000; i++) {
        add(i, i * 31, i % 2 ? "local" : "lmtp");
        want_text("the latest", find(i, i * 31), i % 2 ? "local" : "lmtp");
    }
    for (uint32_t i = 1; i <= 20000; i++)
        there += strcmp(find(i, i * 31), "(nobody)") != 0;
    want_number("kept", there, REFUSED_MAX);
    want_number("texts", texts.used, 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("refused");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, each_recipient_has_its_own);
    tcase_add_test(tc, the_latest_counts);
    tcase_add_test(tc, the_oldest_goes);
    return run_suite("refused", tc);
}
