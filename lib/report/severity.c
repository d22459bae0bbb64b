/* SPDX-License-Identifier: MIT */
#include "report/severity.h"

#include <stdio.h>

#include "base/mail_address.h"

/* One owner has few sender addresses, and sends from few places; of a list that its owner looks
 * after, few in a hundred are refused, and of a bought one, many. */
enum {
    SENDERS_FEW = 3,
    SENDERS_MANY = 10,
    CLIENTS_MANY = 5,
    REFUSED_FEW = 5,
    REFUSED_MANY = 20,
    REFUSED_MIN = 20,
    LETTERS_FEW = 2,
    ARRIVED_MOST = 90
};

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"info", "warning", "critical"};

    return names[severity];
}

static uint64_t percent(uint64_t part, uint64_t whole)
{
    return whole ? part * 100 / whole : 0;
}

static bool is_refused_much(const struct incident_view *view)
{
    const struct totals *t = &view->totals;

    return t->bounced >= REFUSED_MIN && percent(t->bounced, t->recipients) >= REFUSED_MANY;
}

/* Another login is misused from one of its clients. */
static bool shares_client_with_login(const struct incident_view *view)
{
    for (uint32_t i = 0; i < view->related_count; i++)
        if (view->related[i]->kind == KIND_ACCOUNT_ABUSE)
            return true;
    return false;
}

static bool is_earlier(const struct tally *senders, uint32_t i)
{
    struct span address = intern_span(senders->entry[i].text);
    struct span user = mail_address_without_verp(address), domain = mail_address_domain(address);

    for (uint32_t k = 0; k < i; k++) {
        struct span other = intern_span(senders->entry[k].text);
        if (span_equal_nocase(mail_address_without_verp(other), user) &&
            span_equal_nocase(mail_address_domain(other), domain))
            return true;
    }
    return false;
}

/* Those of bulk mail that differ in the recipient that they name are one. */
static uint32_t count_senders(const struct tally *senders)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < senders->count; i++)
        count += !is_earlier(senders, i);
    return count + (senders->more && count > SENDERS_FEW);
}

/* Nearly all of it is from those who have long sent so much in a day. */
static bool is_usual(const struct incident_view *view)
{
    return view->totals.usual * 10 >= view->totals.messages * 9;
}

/* Nearly all of it was sent from where it has long come from. */
static bool is_familiar(const struct incident_view *view)
{
    return view->totals.familiar * 10 >= view->totals.messages * 9;
}

/* What a login looks like in other hands than its owner's: many places, many senders. */
static bool is_strange_login(const struct incident_view *view)
{
    bool is_elsewhere = view->clients >= CLIENTS_MANY || shares_client_with_login(view);

    return view->incident->kind == KIND_ACCOUNT_ABUSE &&
           ((is_elsewhere && !is_familiar(view)) || count_senders(&view->senders) > SENDERS_FEW);
}

/* A login that sends as one other person, from one place, and is hardly refused: somebody with a
 * domain elsewhere, or not. Nobody can tell from that alone. */
static bool is_one_for_another(const struct incident_view *view)
{
    const struct totals *t = &view->totals;

    return view->incident->kind == KIND_ACCOUNT_ABUSE && view->clients == 1 &&
           count_senders(&view->senders) == 1 && percent(t->bounced, t->recipients) < REFUSED_FEW;
}

/* What is in other hands than its owner's, whoever that is. */
static bool is_strange(const struct incident_view *view)
{
    enum crossed what = view->incident->crossing.what;

    if (what == CROSSED_REFUSED || what == CROSSED_NULL_SENDER || what == CROSSED_UNSEEN ||
        is_strange_login(view) || is_refused_much(view))
        return true;
    if (view->incident->kind == KIND_LOCAL_ABUSE)
        return count_senders(&view->senders) >= SENDERS_MANY && !view->incident->crossing.is_shared;
    if (is_familiar(view) && count_senders(&view->senders) <= SENDERS_FEW)
        return false;
    if (what == CROSSED_FOREIGN && is_one_for_another(view))
        return false;
    return what == CROSSED_NETWORKS || what == CROSSED_FOREIGN ||
           (percent(view->foreign, view->totals.recipients) >= REFUSED_MANY &&
            !is_one_for_another(view));
}

/* A letter to a club: one message, or two, from one place under the login's own address, and it
 * arrives. */
static bool is_letter(struct incident_view *view)
{
    const struct totals *t = &view->totals;
    struct span login = intern_span(view->incident->key_text);
    struct span sender = view->senders.count ? intern_span(view->senders.entry[0].text) : SPAN_NONE;

    if (view->incident->kind != KIND_ACCOUNT_ABUSE || t->messages > LETTERS_FEW ||
        view->clients != 1 || view->senders.count != 1 || view->senders.more ||
        !(span_equal_nocase(sender, login) ||
          span_equal_nocase(mail_address_user(sender), login)) ||
        percent(t->sent, t->recipients) < ARRIVED_MOST)
        return false;
    snprintf(view->signs, sizeof(view->signs),
             "looks like a mailing of its owner: %llu message%s under the login's own address, "
             "%llu of %llu recipients refused",
             (unsigned long long)t->messages, t->messages == 1 ? "" : "s",
             (unsigned long long)t->bounced, (unsigned long long)t->recipients);
    return true;
}

/* Mail of one who has long sent from there, under few addresses of ours. */
static bool is_known_bulk(struct incident_view *view)
{
    const struct totals *t = &view->totals;
    uint32_t senders = count_senders(&view->senders);

    if (!is_familiar(view) || senders > SENDERS_FEW)
        return false;
    snprintf(view->signs, sizeof(view->signs),
             "looks like bulk mail of its owner: sent from where it came from before, under %u "
             "sender address%s, %llu of %llu recipients refused",
             senders, senders == 1 ? "" : "es", (unsigned long long)t->bounced,
             (unsigned long long)t->recipients);
    return true;
}

static bool is_owners(struct incident_view *view)
{
    return percent(view->totals.bounced, view->totals.recipients) < REFUSED_FEW &&
           (is_letter(view) || is_known_bulk(view));
}

/* A script that sends as much as on other days, and is hardly refused. */
static bool is_habit(struct incident_view *view)
{
    const struct totals *t = &view->totals;

    if (!is_usual(view) || percent(t->bounced, t->recipients) >= REFUSED_FEW)
        return false;
    snprintf(view->signs, sizeof(view->signs),
             "as much as on other days under the same senders, %llu of %llu recipients refused",
             (unsigned long long)t->bounced, (unsigned long long)t->recipients);
    return true;
}

/* It has sent much itself, so that what comes back to it is no surprise. */
static bool is_answered(struct incident_view *view)
{
    if (!is_familiar(view))
        return false;
    snprintf(view->signs, sizeof(view->signs),
             "this address sent a lot of mail itself: these look like its bounces");
    return true;
}

/* Notices that trickle, or replies that are welcome: there is time to look at a setting. */
static bool is_slow(struct incident_view *view)
{
    const struct totals *t = &view->totals;

    if (view->incident->crossing.in_a_day)
        snprintf(view->signs, sizeof(view->signs), "slow: it crossed the threshold of a day only");
    else if (view->incident->cause == CAUSE_AUTOREPLY && percent(t->bounced, t->recipients) < 10)
        snprintf(view->signs, sizeof(view->signs),
                 "hardly any of these replies are refused: %llu of %llu",
                 (unsigned long long)t->bounced, (unsigned long long)t->recipients);
    return view->signs[0] != '\0';
}

void severity_fill(struct incident_view *view)
{
    view->severity = SEVERITY_WARNING;
    switch (view->incident->kind) {
    case KIND_OPEN_RELAY:
        view->severity = SEVERITY_CRITICAL;
        break;
    case KIND_ACCOUNT_ABUSE:
    case KIND_LOCAL_ABUSE:
    case KIND_TRUSTED_RELAY:
        if (is_strange(view))
            view->severity = SEVERITY_CRITICAL;
        else if (view->incident->kind == KIND_LOCAL_ABUSE ? is_habit(view) : is_owners(view))
            view->severity = SEVERITY_INFO;
        break;
    case KIND_BACKSCATTER_SOURCE:
        if (is_slow(view))
            view->severity = SEVERITY_INFO;
        break;
    case KIND_BACKSCATTER_VICTIM:
        if (is_answered(view))
            view->severity = SEVERITY_INFO;
        break;
    default:
        break;
    }
}
