/* SPDX-License-Identifier: MIT */
#include "judge/answers.h"

#include "rows.h"

enum { BEGIN_S = 1795489200, DAY_S = 86400 };

static struct answers answers;

static void begin(void)
{
    ck_assert(answers_init(&answers));
}

static void end(void)
{
    answers_done(&answers);
}

START_TEST(the_latest_mail_of_a_sender_is_found)
{
    answers_see(&answers, 7, (struct message_ref){1, 10}, BEGIN_S);
    answers_see(&answers, 7, (struct message_ref){2, 20}, BEGIN_S + 1);
    ck_assert_ptr_nonnull(answers_find(&answers, 7));
    want_number("the latest", answers_find(&answers, 7)->ref.slot, 2);
    ck_assert_ptr_null(answers_find(&answers, 9));
    answers_see(&answers, 7 + ANSWERS_MAX, (struct message_ref){3, 30}, BEGIN_S + 2);
    want_number("with the same low bits", answers_find(&answers, 7)->ref.slot, 2);
    want_number("the other", answers_find(&answers, 7 + ANSWERS_MAX)->ref.slot, 3);
}
END_TEST

START_TEST(what_came_last_is_kept)
{
    for (uint32_t i = 1; i <= ANSWERS_MAX + 10; i++)
        answers_see(&answers, i % 3 ? i : (uint64_t)i * ANSWERS_MAX, (struct message_ref){i, i}, 1);
    for (uint32_t i = 1; i <= ANSWERS_MAX + 10; i++) {
        const struct link_entry *mail =
            answers_find(&answers, i % 3 ? i : (uint64_t)i * ANSWERS_MAX);
        want_number("found", mail != NULL, i > 10);
        if (mail)
            want_number("it is that one", mail->ref.slot, i);
    }
}
END_TEST

START_TEST(a_reply_is_the_first_of_a_day)
{
    const struct message_ref mail = {1, 10};

    ck_assert(answers_is_first(&answers, 7, mail, BEGIN_S));
    ck_assert(!answers_is_first(&answers, 7, mail, BEGIN_S + DAY_S - 1));
    ck_assert(answers_is_first(&answers, 9, mail, BEGIN_S));
    ck_assert(!answers_is_first(&answers, 7, mail, BEGIN_S + 2 * DAY_S - 2));
    ck_assert(answers_is_first(&answers, 7, mail, BEGIN_S + 3 * DAY_S - 2));
}
END_TEST

START_TEST(what_a_program_took_is_sent_on_once)
{
    enum { AT_S = BEGIN_S + 100 };

    answers_taken(&answers, 7, (struct message_ref){1, 10}, AT_S);
    answers_taken(&answers, 7, (struct message_ref){2, 20}, AT_S + 1);
    ck_assert(!answers_send_on(&answers, 8, AT_S)); /* another host's */
    ck_assert(!answers_send_on(&answers, 7, AT_S - ANSWERS_SENT_ON_S - 1));
    ck_assert(answers_send_on(&answers, 7, AT_S - ANSWERS_SENT_ON_S));
    ck_assert(!answers_send_on(&answers, 7, AT_S + ANSWERS_SENT_ON_S + 2));
    ck_assert(answers_send_on(&answers, 7, AT_S + ANSWERS_SENT_ON_S + 1));
    ck_assert(!answers_send_on(&answers, 7, AT_S));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("answers");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, the_latest_mail_of_a_sender_is_found);
    tcase_add_test(tc, what_came_last_is_kept);
    tcase_add_test(tc, a_reply_is_the_first_of_a_day);
    tcase_add_test(tc, what_a_program_took_is_sent_on_once);
    return run_suite("answers", tc);
}
