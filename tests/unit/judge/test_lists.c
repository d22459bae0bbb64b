/* SPDX-License-Identifier: MIT */
/* Whose mail under a list's sender is the list's. */
#include "core_run.h"
#include "judge/lists.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n"
                    "cleanup: AAAAA01: message-id=<1@b.example>\n"
                    "pickup: AAAAA02: uid=115 from=<a>\n"
                    "cleanup: AAAAA02: message-id=<1@b.example>\n");
}

static void end(void)
{
    core_end(&run);
}

static const struct {
    const char *name;
    uint32_t uid;
    bool want;
} uids[] = {
    {"root", 0, false},
    {"www-data", 33, false},
    {"the last of the system", 999, false},
    {"the first", 1000, true},
    {"systemd's", 61184, false},
    {"nobody", 65534, false},
    {"a directory's", 65535, true},
};

START_TEST(a_person_has_a_uid_of_persons)
{
    want_number(uids[_i].name, lists_is_person(uids[_i].uid), uids[_i].want);
}
END_TEST

static uint64_t hash_of(const char *list)
{
    return lists_hash(&run.p->judge, span_str(list), SPAN("example.net"));
}

START_TEST(a_list_has_the_hash_of_its_address)
{
    char longest[330];

    memset(longest, 'a', sizeof(longest));
    want_number(
        "same",
        hash_of("news") == hash_nocase(SPAN("News@Example.net"), run.p->judge.tracker->seed), 1);
    ck_assert(lists_hash(&run.p->judge, span_of(longest, 308), SPAN("example.net")) != 0);
    ck_assert(lists_hash(&run.p->judge, span_of(longest, 309), SPAN("example.net")) == 0);
}
END_TEST

static const struct {
    const char *name, *sender;
    uint32_t uid;
    enum origin root;
    uint32_t flags;
    uint32_t later_s;
    bool want;
} mail[] = {
    {"a post", "news-owner@example.net", 115, ORIGIN_LOCAL, 0, 86399, true},
    {"after a day", "news-owner@example.net", 115, ORIGIN_LOCAL, 0, 2 * 86400, false},
    {"another list's", "talk-owner@example.net", 115, ORIGIN_LOCAL, 0, 60, false},
    {"no list's", "news@example.net", 115, ORIGIN_LOCAL, 0, 60, false},
    {"of a list elsewhere", "news-owner@elsewhere.example", 115, ORIGIN_LOCAL, 0, 60, false},
    {"a person's", "news-owner@example.net", 1000, ORIGIN_LOCAL, 0, 60, false},
    {"a client's", "news-owner@example.net", 115, ORIGIN_TRUSTED, 0, 60, false},
    {"without an ID", "news-owner@example.net", 115, ORIGIN_LOCAL, MESSAGE_NO_ID, 60, false},
};

START_TEST(a_list_sends_what_it_took)
{
    struct judge *judge = &run.p->judge;
    struct message *post = core_find(&run, "AAAAA01"), m = *core_find(&run, "AAAAA02");

    lists_take(judge, post, hash_of("news"), run.now_s);
    lists_take(judge, post, lists_hash(judge, SPAN("news"), SPAN("elsewhere.example")), run.now_s);
    m.sender = intern_get(&run.p->texts, span_str(mail[_i].sender));
    m.uid = mail[_i].uid;
    m.root = mail[_i].root;
    m.flags |= mail[_i].flags;
    m.begun_s = run.now_s + mail[_i].later_s;
    want_number(mail[_i].name, lists_is_post(judge, &m), mail[_i].want);
    m.message_id_hash++;
    want_number("another message-id", lists_is_post(judge, &m), 0);
    intern_put(&run.p->texts, m.sender);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("lists");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, a_person_has_a_uid_of_persons, uids);
    tcase_add_test(tc, a_list_has_the_hash_of_its_address);
    ADD_ROWS(tc, a_list_sends_what_it_took, mail);
    return run_suite("lists", tc);
}
