/* SPDX-License-Identifier: MIT */
/* A cell that is made of its only evidence later is the one that it would have been at once. */
#include "detect/once.h"

#include "base/buf.h"
#include "detect/cell.h"
#include "detect/detector.h"
#include "detector_run.h"

/* Cells have all they need at once where there is an override. */
#define AT_ONCE "[trusted-relay nobody@example.org]\nrecipients = 5\n"

static const char *text(const struct intern *s)
{
    return s ? s->at : "-";
}

static void put_tally(struct buf *buf, const struct tally *tally)
{
    for (uint32_t i = 0; i < tally->count; i++)
        buf_printf(buf, " %s:%u@%u", tally->entry[i].text->at, tally->entry[i].count,
                   tally->entry[i].last_s);
    buf_printf(buf, ";");
}

/* All that there is to know of it; the caller frees it. */
static char *told(const struct cell *cell)
{
    struct buf buf = buf_new(4096);
    const struct cell_rest *rest = cell->rest;
    char id[QUEUE_ID_TEXT_MAX], net[NETWORK_TEXT_MAX];

    if (!rest)
        return strdup("no rest");
    buf_printf(&buf, "%s %s %s %s %s %s %s uid %u net %s default %d\n", text(rest->host_name),
               text(rest->client), text(rest->client_name), text(rest->domain), text(rest->sender),
               text(rest->account), text(rest->forwarder), rest->uid,
               rest->network.prefix ? network_print(&rest->network, net) : "-",
               cell->sender_is_default);
    for (int i = 0; i < MEASURES; i++)
        buf_printf(&buf, "%d: %llu now %u day %u\n", i,
                   (unsigned long long)counts_of(&rest->counts, i)->run,
                   counts_sum(&rest->counts, i, (struct bucket){300, 1000 / 300}, false),
                   counts_sum(&rest->counts, i, (struct bucket){7200, 0}, true));
    put_tally(&buf, &rest->recipient_domains);
    put_tally(&buf, &cell_lists(cell)->senders);
    put_tally(&buf, &cell_lists(cell)->sender_domains);
    put_tally(&buf, &cell_lists(cell)->clients);
    for (uint32_t i = 0; i < rest->sample_count; i++)
        buf_printf(&buf, " %s %s@%u", queue_id_print(rest->sample[i].id, id),
                   text(rest->sample[i].message_id), rest->sample_s[i]);
    buf_printf(&buf, "\n%llu messages, %llu recipients, %llu sent, listed %d",
               (unsigned long long)cell->totals.messages,
               (unsigned long long)cell->totals.recipients, (unsigned long long)cell->totals.sent,
               (int)cell_name_bytes(cell));
    return buf_take(&buf);
}

static struct observation sent(enum kind kind)
{
    struct observation o = relayed(7, 1, 1000);

    o.kind = kind;
    o.uid = kind == KIND_LOCAL_ABUSE ? 33 : 0;
    o.sender = SPAN("Some.Body@Mail.Shop.CO.UK");
    o.recipient_domain = SPAN("Victim.Example");
    o.message_id = SPAN("<1@shop.co.uk>");
    queue_id_parse(SPAN("AAAAA01"), &o.id);
    return o;
}

static const struct {
    const char *name;
    enum kind kind;
    bool foreign, maybe_ours, unseen, is_default;
    const char *host; /* of a fleet */
} rows[] = {
    {"open relay", KIND_OPEN_RELAY, false, false, false, false, ""},
    {"trusted relay", KIND_TRUSTED_RELAY, false, false, false, false, ""},
    {"trusted relay, foreign sender", KIND_TRUSTED_RELAY, true, false, false, false, ""},
    {"trusted relay, sender that may be ours", KIND_TRUSTED_RELAY, true, true, false, false, ""},
    {"trusted relay, unseen sender", KIND_TRUSTED_RELAY, false, false, true, false, ""},
    {"local abuse", KIND_LOCAL_ABUSE, false, false, false, true, ""},
    {"open relay of a fleet", KIND_OPEN_RELAY, false, false, false, false, "mx1"},
    {"trusted relay of a fleet", KIND_TRUSTED_RELAY, true, false, false, false, "mx1"},
};

/* What a cell looks like after so many messages, made at once or later. */
static char *after(int i, const char *ini, int messages)
{
    struct observation o = sent(rows[i].kind);
    struct cell_ref ref = {0};

    again(ini);
    o.foreign_sender = rows[i].foreign;
    o.maybe_ours = rows[i].maybe_ours;
    o.unseen_sender = rows[i].unseen;
    o.sender_is_default = rows[i].is_default;
    o.host_name = span_str(rows[i].host);
    o.begun_s = *rows[i].host ? 990 : 0;
    for (int n = 0; n < messages; n++)
        ref = observe(o);
    struct cell *cell = &run.p->detector.cell[ref.cell - 1];
    bool waits = !*ini && messages == 1;
    want_number("kept as it came", cell->once != NULL, waits);
    want_number("without a rest", cell->rest == NULL, waits);
    want_number("built", once_build(&run.p->detector, cell), true);
    want_number("nothing is kept", cell->once == NULL, true);
    return told(cell);
}

START_TEST(is_what_it_would_have_been)
{
    for (int messages = 1; messages <= 3; messages++) {
        char *at_once = after(_i, AT_ONCE, messages), *later = after(_i, "", messages);
        want_text(rows[_i].name, later, at_once);
        free(at_once);
        free(later);
    }
}
END_TEST

/* The status that it has by then is in the totals alone. */
START_TEST(a_later_status_is_told)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    struct observation o = sent(KIND_OPEN_RELAY);
    o.status = STATUS_DEFERRED;
    struct cell_ref ref = observe(o);
    detector_queue(d, ref, 1, 1);
    detector_status(d, ref, STATUS_DEFERRED, STATUS_SENT, 1000);
    struct cell *cell = cell_deref(d, ref);
    want_number("kept", cell->once != NULL, true);
    once_build_all(d);
    want_number("built", cell->rest != NULL, true);
    want_number("sent", (int64_t)cell->totals.sent, 1);
    want_number("deferred", (int64_t)cell->totals.deferred, 0);
    want_number("queued", (int64_t)cell->totals.queued, 1);
}
END_TEST

START_TEST(what_it_takes_is_given_back)
{
    again(NULL);
    struct detector *d = &run.p->detector;
    uint64_t listed = d->texts->listed;
    uint32_t used = d->texts->used;
    struct cell_ref ref = observe(sent(KIND_TRUSTED_RELAY));
    want_number("listed", d->texts->listed > listed, true);
    cell_free(d, cell_deref(d, ref));
    want_number("listed again", (int64_t)d->texts->listed, (int64_t)listed);
    want_number("texts", d->texts->used, used);
}
END_TEST

static const struct {
    const char *name;
    struct observation with; /* what is set here is set in the observation */
    bool want;
} fits[] = {
    {"a message", {.first = true}, true},
    {"its second recipient", {.first = false}, false},
    {"a login's", {.first = true, .kind = KIND_ACCOUNT_ABUSE}, false},
    {"a notice", {.first = true, .notice = true}, false},
    {"recipients not named yet", {.first = true, .undecided = 3}, false},
    {"of the day", {.first = true, .day_only = true}, false},
    {"on a host of a fleet", {.first = true, .host_name = {"mx1", 3}}, true},
};

START_TEST(what_may_wait)
{
    struct observation o = sent(fits[_i].with.kind);

    again(NULL);
    o.first = fits[_i].with.first;
    o.notice = fits[_i].with.notice;
    o.undecided = fits[_i].with.undecided;
    o.day_only = fits[_i].with.day_only;
    o.host_name = fits[_i].with.host_name;
    want_number(fits[_i].name, once_fits(&run.p->detector, &o), fits[_i].want);
}
END_TEST

/* A threshold is crossed by evidence that was only kept, and all of it is in the incident. */
START_TEST(attack_of_many_senders_is_complete)
{
    again("[open-relay]\nrecipients = 50\n");
    for (int i = 0; i < 50; i++)
        observe(relayed(1, i, 1000));
    want_number("incidents", detector_incidents(&run.p->detector), 1);
    struct totals sums[1] = {{0}};
    uint32_t at = 0;
    detector_sum_totals(&run.p->detector, &at, run.p->detector.cell_count, sums, 1);
    want_number("messages", (int64_t)sums[0].messages, 50);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("once");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, is_what_it_would_have_been, 0, COUNT(rows));
    tcase_add_test(tc, a_later_status_is_told);
    tcase_add_test(tc, what_it_takes_is_given_back);
    tcase_add_loop_test(tc, what_may_wait, 0, COUNT(fits));
    tcase_add_test(tc, attack_of_many_senders_is_complete);
    return run_suite("once", tc);
}
