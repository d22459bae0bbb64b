/* SPDX-License-Identifier: MIT */
#include "report/backscatter.h"

#include <stdio.h>

#include "report/refusals.h"

/* DOMAIN_SHOWN: of a recipient's. REPLY_SHOWN: in the reason, which is one sentence. */
enum { DOMAIN_SHOWN = 100, REPLY_SHOWN = 60 };

/* --- how it comes about ----------------------------------------------------------------------- */

/* By which table the users are unknown. */
static const char *unknown_words(const struct refusals *top)
{
    switch (top ? top->by.addresses : ADDRESS_UNKNOWN) {
    case ADDRESS_LOCAL:
        return "mail for unknown local users is accepted first";
    case ADDRESS_VIRTUAL_ALIAS:
        return "mail for unknown addresses of virtual alias domains is accepted first";
    case ADDRESS_VIRTUAL_MAILBOX:
        return "mail for unknown virtual mailboxes is accepted first";
    default:
        return "mail for unknown users is accepted first";
    }
}

static const char *cause_words(enum cause cause, const struct refusals *top)
{
    static const char *const words[CAUSE_COUNT] = {
        [CAUSE_NONE] = "",
        [CAUSE_UNKNOWN_RELAY_RECIPIENT] =
            "mail for unknown users of a relay domain is accepted first",
        [CAUSE_FORWARD_REFUSED] = "mail that we forward is refused at its destination",
        [CAUSE_FILTER_REFUSED] = "a filter behind the queue refuses mail that was accepted",
        [CAUSE_RELAYED] = "mail relayed for strangers is refused at its destination",
        [CAUSE_OVER_QUOTA] = "mail for mailboxes that are full is accepted first",
        [CAUSE_MAIL_LOOP] = "mail goes in a circle until it has made too many hops",
        [CAUSE_EXPIRED] = "mail that can't be delivered is returned after days in the queue",
        [CAUSE_AUTOREPLY] = "an autoresponder answers forged senders",
        [CAUSE_DELAY_NOTICE] = "senders are told that their mail is delayed",
        [CAUSE_DSN_REQUESTED] = "senders ask for delivery status notifications",
        [CAUSE_OTHER] = "mail is accepted and refused afterwards",
    };
    return cause == CAUSE_UNKNOWN_LOCAL_RECIPIENT ? unknown_words(top) : words[cause];
}

/* Of what those who relay here, or are forwarded, write to, everybody may refuse. */
static bool is_refused_here(enum cause cause)
{
    return cause == CAUSE_UNKNOWN_LOCAL_RECIPIENT || cause == CAUSE_UNKNOWN_RELAY_RECIPIENT ||
           cause == CAUSE_FILTER_REFUSED || cause == CAUSE_OVER_QUOTA || cause == CAUSE_OTHER;
}

static size_t shown(struct span text, size_t max)
{
    return text.len < max ? text.len : max;
}

const char *backscatter_words(const struct incident_view *view, char *buf)
{
    enum cause cause = view->incident->cause;
    struct refusals of[REFUSALS_MAX];
    uint32_t count = refusals_of(view, of);
    const char *words = cause_words(cause, count ? &of[0] : NULL);
    char who[REFUSED_BY_MAX];

    if (!count || !is_refused_here(cause))
        snprintf(buf, VIEW_TEXT_MAX, "%s", words);
    else if (cause != CAUSE_OTHER)
        snprintf(buf, VIEW_TEXT_MAX, "%s%s%s", words,
                 cause == CAUSE_FILTER_REFUSED ? ": " : ", and refused by ",
                 refusals_who(&of[0].by, who));
    else
        snprintf(buf, VIEW_TEXT_MAX, "%s, %llu times by %s: \"%.*s\"", words,
                 (unsigned long long)of[0].count, refusals_who(&of[0].by, who),
                 (int)shown(of[0].by.reply, REPLY_SHOWN), of[0].by.reply.at);
    return buf;
}

/* --- what ends it ----------------------------------------------------------------------------- */

const char *backscatter_setting(const struct incident_view *view)
{
    enum cause cause = view->incident->cause;
    struct refusals of[REFUSALS_MAX];
    uint32_t count = cause == CAUSE_UNKNOWN_LOCAL_RECIPIENT ? refusals_of(view, of) : 0;

    return count ? refusals_setting(&of[0]) : cause_setting(cause);
}

/* " of example.org", or "". */
static const char *of_domain(const struct refusals *refusals, char *buf)
{
    buf[0] = '\0';
    if (refusals->domain.len)
        snprintf(buf, DOMAIN_SHOWN + 8, " of %.*s", (int)shown(refusals->domain, DOMAIN_SHOWN),
                 refusals->domain.at);
    return buf;
}

/* Of a table that Postfix looks in at RCPT. */
static void advise_table(struct incident_view *view, const struct refusals *refusals)
{
    char domain[DOMAIN_SHOWN + 8], who[REFUSED_BY_MAX];
    bool by_server = refusals->by.agent == PROGRAM_LMTP || refusals->by.agent == PROGRAM_SMTP ||
                     refusals->by.agent == PROGRAM_PIPE;

    of_domain(refusals, domain);
    refusals_who(&refusals->by, who);
    switch (refusals->by.addresses) {
    case ADDRESS_VIRTUAL_ALIAS:
        view_advise(view,
                    "virtual_alias_maps must have each address%s that there is, and none that "
                    "leads nowhere; an entry for the whole domain (@domain) accepts any name. The "
                    "domain is in virtual_alias_domains",
                    domain);
        break;
    case ADDRESS_VIRTUAL_MAILBOX:
        view_advise(view,
                    "%s refuses mailboxes that Postfix has taken mail for: list those%s in "
                    "virtual_mailbox_maps%s, and have no entry for a whole domain (@domain) in "
                    "virtual_alias_maps",
                    who, domain,
                    by_server ? ", or use reject_unverified_recipient where that can't be" : "");
        break;
    case ADDRESS_RELAY:
        view_advise(view,
                    "List the valid recipients%s in relay_recipient_maps, or use "
                    "reject_unverified_recipient: %s refuses the others",
                    *domain ? domain : " of your relay domains", who);
        break;
    default: /* ADDRESS_LOCAL */
        view_advise(view,
                    "Refuse unknown users%s at RCPT: local_recipient_maps must not be empty "
                    "(its default is right), nor smtpd_reject_unlisted_recipient \"no\"",
                    domain);
        break;
    }
}

/* A mailbox server's users, where Postfix has no table of them, or nothing tells which. */
static void advise_verify(struct incident_view *view, const struct refusals *refusals)
{
    char domain[DOMAIN_SHOWN + 8], who[REFUSED_BY_MAX];

    view_advise(view,
                "%s refuses mailboxes%s that Postfix has taken mail for: have it asked first, by "
                "reject_unverified_recipient in smtpd_recipient_restrictions%s",
                refusals_who(&refusals->by, who), of_domain(refusals, domain),
                refusals->by.addresses == ADDRESS_LOCAL
                    ? ""
                    : "; or list them in virtual_mailbox_maps (virtual_alias_maps, if the domain "
                      "is in virtual_alias_domains)");
}

static void advise_unknown(struct incident_view *view)
{
    struct refusals of[REFUSALS_MAX];
    uint32_t count = refusals_of(view, of);

    for (uint32_t i = 0; i < count && i < REFUSALS_TOLD; i++)
        if (strcmp(refusals_setting(&of[i]), "smtpd_recipient_restrictions") == 0)
            advise_verify(view, &of[i]);
        else
            advise_table(view, &of[i]);
    if (count)
        return;
    view_advise(view, "Refuse unknown users at RCPT. Those of local(8): local_recipient_maps must "
                      "not be empty (its default is right)");
    view_advise(view, "If virtual(8) or a mailbox server (lmtp) refused them: list the mailboxes "
                      "in virtual_mailbox_maps and virtual_alias_maps, or use "
                      "reject_unverified_recipient");
}

static void advise_unknown_relay(struct incident_view *view)
{
    struct refusals of[REFUSALS_MAX];
    uint32_t count = refusals_of(view, of);

    for (uint32_t i = 0; i < count && i < REFUSALS_TOLD; i++) {
        of[i].by.addresses = ADDRESS_RELAY; /* the settings may not list it */
        advise_table(view, &of[i]);
    }
    if (!count)
        view_advise(view, "List the valid recipients of your relay domains in "
                          "relay_recipient_maps, or use reject_unverified_recipient");
}

#define LOOPS_BACK " loops back to myself"

/* The exception: nothing is known of it but what was said. */
static void advise_other(struct incident_view *view)
{
    struct refusals of[REFUSALS_MAX];
    uint32_t count = refusals_of(view, of);
    char who[REFUSED_BY_MAX];
    bool loops = false;

    for (uint32_t i = 0; i < count && i < REFUSALS_TOLD; i++) {
        const struct span reply = of[i].by.reply;
        char domain[DOMAIN_SHOWN + 8];
        loops |= span_ends(reply, SPAN(LOOPS_BACK));
        view_advise(view, "%s refused mail for users%s, %llu time%s: \"%.*s\"",
                    refusals_who(&of[i].by, who), of_domain(&of[i], domain),
                    (unsigned long long)of[i].count, of[i].count == 1 ? "" : "s", (int)reply.len,
                    reply.at);
    }
    if (!count)
        view_advise(view, "The log doesn't tell who refused what: see what relaywatch explain says "
                          "of the first messages");
    view_advise(view, "%s",
                loops ? "Mail that \"loops back to myself\" is for a domain that leads here and is "
                        "in no list: add it to transport_maps, relay_domains, "
                        "virtual_mailbox_domains or mydestination"
                      : "What is refused for such a reason, smtpd must refuse itself: by "
                        "smtpd_recipient_restrictions, a milter (smtpd_milters) or a before-queue "
                        "filter (smtpd_proxy_filter)");
}

void backscatter_advise(struct incident_view *view)
{
    const char *setting = cause_setting(view->incident->cause);

    switch (view->incident->cause) {
    case CAUSE_UNKNOWN_LOCAL_RECIPIENT:
        advise_unknown(view);
        break;
    case CAUSE_UNKNOWN_RELAY_RECIPIENT:
        advise_unknown_relay(view);
        break;
    case CAUSE_FORWARD_REFUSED:
        view_advise(view, "Filter before you forward, or refuse at SMTP time what the destination "
                          "refuses; forwarding spam makes you its sender");
        break;
    case CAUSE_FILTER_REFUSED:
        view_advise(view, "A filter behind the queue must not refuse mail: let it discard or "
                          "quarantine, or use a before-queue filter or milter (smtpd_milters)");
        break;
    case CAUSE_RELAYED:
        view_advise(view, "Close the relay first: smtpd_relay_restrictions must end in "
                          "reject_unauth_destination");
        break;
    case CAUSE_OVER_QUOTA:
        view_advise(view, "Refuse mail for a full mailbox at RCPT: a check_policy_service that "
                          "knows the quota (Dovecot's quota-status) in "
                          "smtpd_recipient_restrictions");
        break;
    case CAUSE_MAIL_LOOP:
        view_advise(view, "Find the alias, .forward or next hop that sends the mail back here: "
                          "virtual_alias_maps, alias_maps, transport_maps, relayhost");
        break;
    case CAUSE_OTHER:
        advise_other(view);
        break;
    case CAUSE_AUTOREPLY:
        view_advise(view, "Make the autoresponder answer only mail that is addressed to its owner "
                          "and has passed the spam filter (RFC 3834)");
        break;
    default:
        view_advise(view, "See %s", setting ? setting : "postconf(5), \"bounce\"");
        break;
    }
}
