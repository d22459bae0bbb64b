/* SPDX-License-Identifier: MIT */
/* What senders of a trusted client count as, mail after mail. */
#include "core_run.h"
#include "judge/trusted_senders.h"

static struct core_run run;
static struct site *site; /* which has learned that example.net is ours */
static struct message m;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[10.0.0.2]\n");
    site = site_new();
    site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_see_mailbox(site, SPAN("bob@example.net"), hash_nocase(SPAN("bob@example.net"), 0), 1);
    site_mailboxes_told(site);
    run.p->judge.classifier.site = site;
    judge_forget_answers(&run.p->judge);
    m = *core_find(&run, "AAAAA01");
}

static void end(void)
{
    judge_forget_answers(&run.p->judge);
    run.p->judge.classifier.site = run.site;
    site_free(site);
    core_end(&run);
}

/* Mail from "...N..." to a.example. */
static struct observation send(const char *sender, int i, enum status status)
{
    char text[128];
    struct recipient r = {.hash = (uint64_t)i, .at_s = run.now_s, .status = (uint8_t)status};
    struct observation o = {.kind = KIND_TRUSTED_RELAY, .recipient_domain = SPAN("a.example")};

    size_t n = strcspn(sender, "N");
    bool whole = !sender[n];
    snprintf(text, sizeof(text), "%.*s%.0d%s", (int)n, sender, whole ? 0 : i + 1,
             sender + n + !whole);
    m.sender = intern_get(&run.p->texts, span_str(text));
    trusted_senders_look(&run.p->judge, &m, &r, false, &o);
    intern_put(&run.p->texts, m.sender);
    m.sender = NULL;
    return o;
}

static const struct {
    const char *name, *sender;
    enum status status;
    int foreign, maybe_ours, unseen; /* of 20 */
} rows[] = {
    {"a mailbox", "bob@example.net", STATUS_SENT, 0, 0, 0},
    {"invented", "qxN@example.net", STATUS_SENT, 0, 0, 20},
    {"one in ten of a pattern", "b-N@example.net", STATUS_SENT, 0, 0, 2},
    {"refused", "b-N@example.net", STATUS_BOUNCED, 0, 0, 20},
    {"whose domain nothing tells", "xN@brand.example", STATUS_SENT, 20, 20, 0},
    {"that are refused", "xN@brand.example", STATUS_BOUNCED, 20, 0, 0},
    {"for bounces", "b-uN=a.example@brand.example", STATUS_SENT, 2, 20, 0},
    {"for bounces, refused", "b-uN=a.example@brand.example", STATUS_BOUNCED, 20, 0, 0},
    {"for another's bounces", "b-uN=b.example@brand.example", STATUS_SENT, 20, 20, 0},
    {"of many domains", "x@brandN.example", STATUS_SENT, 20, TRUSTED_SENDERS_DOMAINS, 0},
    {"of a provider", "xN@gmail.com", STATUS_SENT, 20, 0, 0},
};

START_TEST(senders_of_a_day)
{
    int foreign = 0, maybe_ours = 0, unseen = 0;

    for (int i = 0; i < 20; i++) {
        struct observation o = send(rows[_i].sender, i, rows[_i].status);
        foreign += o.foreign_sender;
        maybe_ours += o.maybe_ours;
        unseen += o.unseen_sender;
    }
    want_number(rows[_i].name, foreign, rows[_i].foreign);
    want_number(rows[_i].name, maybe_ours, rows[_i].maybe_ours);
    want_number(rows[_i].name, unseen, rows[_i].unseen);
}
END_TEST

START_TEST(it_is_asked_whose_the_domain_is)
{
    for (int i = 1; i <= 2 * TRUSTED_SENDERS_ASK; i++) {
        send("crm@brand.example", i, STATUS_SENT);
        want_number("asked", (int64_t)site_warning_count(site), i >= TRUSTED_SENDERS_ASK);
    }
    want_text("which", site_warning(site, 0)->code, "sender?");
}
END_TEST

/* How many of n, from the i-th recipient on, count as foreign. */
static int forward(int i, int n)
{
    int foreign = 0;

    for (int end = i + n; i < end; i++)
        foreign += send("SRS0=aB1c=TT=gmail.com=bob@example.net", i, STATUS_SENT).foreign_sender;
    return foreign;
}

START_TEST(mail_is_forwarded_to_the_same_again)
{
    want_number("all are new", forward(0, 40), 40);
    want_number("and known then", forward(0, 13), 0);
    want_number("more than three in four are new", forward(40, 1), 1);
    want_number("of others too", forward(0, 1), 0);
    want_number("no more than three in four", forward(41, 1), 0);
    run.now_s += FAMILIAR_AFTER_S + 1;
    want_number("known for a day", forward(0, 40), 0);
    want_number("new after a day", forward(50, 10), 10);
}
END_TEST

static const struct {
    const char *name, *sender;
    int foreign, unseen; /* of ten times the same recipient */
} forwarders[] = {
    {"ours", "SRS0=aB1c=TT=gmail.com=bob@example.net", 1, 0},
    {"twice rewritten", "SRS1=aB1c=a.example==xy=TT=gmail.com=zoe@example.net", 0, 1},
    {"from one of ours", "SRS0=aB1c=TT=example.net=carol@example.net", 0, 1},
    {"of nobody known", "SRS0=aB1c=TT=gmail.com=bob@brand.example", 1, 0},
    {"of a provider", "SRS0=aB1c=TT=gmail.com=bob@yahoo.com", 10, 0},
    {"no forwarder", "SRS=aB1c=TT=gmail.com=bob@gmail.com", 10, 0},
};

START_TEST(what_counts_as_a_forwarder)
{
    int foreign = 0, unseen = 0;

    for (int i = 0; i < 10; i++) {
        struct observation o = send(forwarders[_i].sender, 7, STATUS_SENT);
        foreign += o.foreign_sender;
        unseen += o.unseen_sender;
    }
    want_number(forwarders[_i].name, foreign, forwarders[_i].foreign);
    want_number(forwarders[_i].name, unseen, forwarders[_i].unseen);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("trusted_senders");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, senders_of_a_day, rows);
    tcase_add_test(tc, it_is_asked_whose_the_domain_is);
    tcase_add_test(tc, mail_is_forwarded_to_the_same_again);
    ADD_ROWS(tc, what_counts_as_a_forwarder, forwarders);
    return run_suite("trusted_senders", tc);
}
