/* SPDX-License-Identifier: MIT */
#include "report/severity.h"

#include <stdio.h>

/* One owner has few sender addresses, and sends from few places; of a list that its owner looks
 * after, few in a hundred are refused, and of a bought one, many. */
enum {
    SENDERS_FEW = 3,
    SENDERS_MANY = 10,
    NETWORKS_FEW = 3,
    CLIENTS_MANY = 5,
    REFUSED_FEW = 5,
    REFUSED_MANY = 20,
    REFUSED_MIN = 20
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

/* What a login looks like in other hands than its owner's: many places, many senders. */
static bool is_strange_login(const struct incident_view *view)
{
    return view->incident->kind == KIND_ACCOUNT_ABUSE &&
           (view->clients >= CLIENTS_MANY || view->senders.count > SENDERS_FEW ||
            shares_client_with_login(view));
}

/* What is in other hands than its owner's, whoever that is. */
static bool is_strange(const struct incident_view *view)
{
    enum crossed what = view->incident->crossing.what;

    return is_strange_login(view) ||
           (view->incident->kind == KIND_LOCAL_ABUSE && view->senders.count >= SENDERS_MANY) || what == CROSSED_NETWORKS || what == CROSSED_REFUSED || what == CROSSED_FOREIGN ||
           what == CROSSED_NULL_SENDER || what == CROSSED_UNSEEN || is_refused_much(view) ||
           percent(view->foreign, view->totals.recipients) >= REFUSED_MANY;
}

/* Mail of one who has long sent from there, under few addresses of ours, and is hardly refused. */
static bool is_owners(struct incident_view *view)
{
    const struct totals *t = &view->totals;

    if (t->familiar * 10 < t->messages * 9 || view->foreign || view->senders.more ||
        view->senders.count > SENDERS_FEW || view->networks.count > NETWORKS_FEW ||
        percent(t->bounced, t->recipients) >= REFUSED_FEW)
        return false;
    snprintf(view->signs, sizeof(view->signs),
             "looks like bulk mail of its owner: sent from where it came from before, under %u "
             "sender address%s of ours, %llu of %llu recipients refused",
             view->senders.count, view->senders.count == 1 ? "" : "es",
             (unsigned long long)t->bounced, (unsigned long long)t->recipients);
    return true;
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
        else if (view->incident->kind != KIND_LOCAL_ABUSE && is_owners(view))
            view->severity = SEVERITY_INFO;
        break;
    default:
        break;
    }
}
