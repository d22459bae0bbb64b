/* SPDX-License-Identifier: MIT */
#include "report/advice.h"

#include <stdio.h>

#include "report/backscatter.h"

const char *kind_sentence(enum kind kind)
{
    static const char *const sentences[KIND_COUNT] = {
        [KIND_OPEN_RELAY] = "This server relays for strangers",
        [KIND_ACCOUNT_ABUSE] = "A login is used to send spam",
        [KIND_LOCAL_ABUSE] = "A local user or script sends spam",
        [KIND_TRUSTED_RELAY] = "A trusted client sends far more than usual, or for others",
        [KIND_BACKSCATTER_SOURCE] = "This server sends notices to people who never wrote",
        [KIND_BACKSCATTER_VICTIM] = "One of our addresses is forged elsewhere",
    };
    return sentences[kind];
}

/* For nouns that take an "s". */
static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* The key, cut to KEY_SHOWN: the sentence is about what it did. */
static const char *short_key(const struct incident_view *view, char *buf)
{
    enum { KEY_SHOWN = 90 };
    struct span key = span_str(incident_key(view, buf));
    size_t head, tail;

    view_cut(key, KEY_SHOWN, &head, &tail);
    if (head < key.len) {
        memcpy(buf + head, "...", 3);
        memmove(buf + head + 3, key.at + key.len - tail, tail + 1);
    }
    return buf;
}

/* Who does it: "client 192.181.15.33", "3 clients under sender domain a.example", "uid 33". A key
 * that covers many clients comes with their number, since it is they who act. */
static const char *who(const struct incident_view *view, char *buf)
{
    if (view->key_type == KEY_HOST || view->key_type == KEY_SENDER_DOMAIN ||
        view->key_type == KEY_NETWORK) {
        char key[VIEW_TEXT_MAX];
        snprintf(buf, VIEW_TEXT_MAX, "%llu client%s %s %.200s", (unsigned long long)view->clients,
                 plural(view->clients), view->key_type == KEY_HOST ? "of" : "under",
                 short_key(view, key));
        return buf;
    }
    return short_key(view, buf);
}

/* For the kinds that send to the outside. `standing`: how the sender stands to this server. */
static void reason_relay(struct incident_view *view, const char *standing)
{
    const struct totals *t = &view->totals;
    char buf[VIEW_TEXT_MAX], untried[64] = "";

    if (t->undecided)
        snprintf(untried, sizeof(untried), ", %llu recipient%s untried",
                 (unsigned long long)t->undecided, plural(t->undecided));
    snprintf(view->reason, VIEW_TEXT_MAX,
             "%.240s, %s, sent %llu message%s to %llu recipient%s outside; "
             "%llu delivered, %llu refused, %llu still in the queue%s",
             who(view, buf), standing, (unsigned long long)t->messages, plural(t->messages),
             (unsigned long long)t->recipients, plural(t->recipients), (unsigned long long)t->sent,
             (unsigned long long)t->bounced, (unsigned long long)t->queued, untried);
}

/* No network that has it is trusted: its name is, or what it sends (connectors.h). */
static bool is_taken_for_ours(const struct incident_view *view)
{
    struct address a;

    return view->key_type == KEY_CLIENT &&
           address_parse(intern_span(view->incident->key_text), &a) &&
           !site_trusts(view->detector->hosts->site, SITE_NETWORKS_OF_ALL, &a);
}

/* One sentence per kind: who, by what right, how much, with what result. */
static void reason(struct incident_view *view)
{
    const struct incident *incident = view->incident;
    const struct totals *t = &view->totals;
    char buf[VIEW_TEXT_MAX], words[VIEW_TEXT_MAX];

    switch (incident->kind) {
    case KIND_OPEN_RELAY:
        reason_relay(view, "neither trusted nor logged in");
        break;
    case KIND_ACCOUNT_ABUSE: /* many networks are what a stolen password looks like */
        snprintf(buf, sizeof(buf), "from %llu address%s in %u network%s",
                 (unsigned long long)view->clients, view->clients == 1 ? "" : "es",
                 view->networks.count, plural(view->networks.count));
        reason_relay(view, buf);
        break;
    case KIND_LOCAL_ABUSE:
        snprintf(buf, sizeof(buf), "through the sendmail command%s%.200s",
                 view->forwarder ? " and the .forward or alias of " : "",
                 view->forwarder ? view->forwarder->at : "");
        reason_relay(view, buf);
        break;
    case KIND_TRUSTED_RELAY:
        snprintf(buf, sizeof(buf), "%s, under %llu sender domain%s",
                 is_taken_for_ours(view) ? "taken for one of yours" : "in a trusted network",
                 (unsigned long long)view->domains, plural(view->domains));
        reason_relay(view, buf);
        break;
    case KIND_BACKSCATTER_SOURCE:
        snprintf(view->reason, VIEW_TEXT_MAX,
                 "%llu notice%s to outside senders, probably forged, about mail from %.200s: %s",
                 (unsigned long long)t->notices, plural(t->notices), who(view, buf),
                 backscatter_words(view, words));
        break;
    default:
        snprintf(view->reason, VIEW_TEXT_MAX,
                 "%llu notice%s and replies from %llu servers to %.200s, about mail that was not "
                 "sent from here: somebody is forging the address",
                 (unsigned long long)t->messages, plural(t->messages),
                 (unsigned long long)view->clients, short_key(view, buf));
        break;
    }
}

/* Postfix doesn't log that a certificate let somebody in. */
static void advise_certificate(struct incident_view *view)
{
    const struct site *site = view->detector->hosts->site;
    bool is_client = view->key_type == KEY_CLIENT;

    if (site_has_fact(site, SITE_ALL_CERTS))
        view_advise(view, "permit_tls_all_clientcerts lets whoever has a certificate of a CA in "
                          "smtpd_tls_CAfile relay: list yours in relay_clientcerts, for "
                          "permit_tls_clientcerts. If this one is yours, list its network in "
                          "trusted_networks in [site]");
    else if (is_client && site_has_fact(site, SITE_LISTED_CERTS))
        view_advise(view, "If it relays by a certificate that relay_clientcerts lists, "
                          "smtpd_tls_loglevel = 1 shows that from now on, or list its network in "
                          "trusted_networks in [site]");
    else if (is_client && site_has_certificate(site, intern_span(view->incident->key_text)))
        view_advise(view, "It has shown a certificate. If relay_clientcerts lists that, list its "
                          "network in trusted_networks in [site]");
}

static void advise_relay(struct incident_view *view)
{
    view_advise(view,
                "End smtpd_relay_restrictions with reject_unauth_destination, and put no table "
                "before it that permits strangers");
    advise_certificate(view);
}

/* "33:mail.php", by mail.add_x_header. */
static bool begins_with_uid(struct span script)
{
    uint64_t uid;

    return span_take_number(&script, &uid) && span_starts(script, SPAN(":"));
}

static void advise_script(struct incident_view *view)
{
    const struct tally *scripts = view->said ? &view->said[MAIL_HEADER_SCRIPT] : NULL;
    char quoted[VIEW_TEXT_MAX];

    if (scripts && scripts->count) {
        struct span script = intern_span(scripts->entry[0].text);
        view_advise(view, "Look at the script that the headers of %u message%s name: %.300s%s",
                    scripts->entry[0].count, plural(scripts->entry[0].count),
                    view_quoted(script, quoted),
                    begins_with_uid(script) ? ", with the uid of its owner before it" : "");
    } else if (view->incident->kind == KIND_LOCAL_ABUSE) {
        view_advise(view, "Find the script: PHP names it in the header of its mail with "
                          "mail.add_x_header, and in mail.log; header_checks with "
                          "\"/^X-PHP-Originating-Script:/ WARN\" show it here");
    }
}

/* What ends the abuse; commands.c has what is typed to that end. */
static void advise_by_kind(struct incident_view *view)
{
    switch (view->incident->kind) {
    case KIND_OPEN_RELAY:
        advise_relay(view);
        break;
    case KIND_ACCOUNT_ABUSE:
        view_advise(view,
                    "Change the password, or lock the login where it is kept: passwd -l for a "
                    "system user, Dovecot's passdb for others");
        view_advise(view, "Then restart Postfix and Dovecot: open sessions stay logged in");
        break;
    case KIND_LOCAL_ABUSE:
        advise_script(view);
        if (view->forwarder)
            view_advise(view, "Look at the .forward or alias that sends its mail on");
        break;
    case KIND_TRUSTED_RELAY:
        advise_script(view);
        view_advise(view, "Check that machine. If clients come through a gateway or a container "
                          "network, strangers look trusted: narrow mynetworks");
        break;
    case KIND_BACKSCATTER_SOURCE:
        backscatter_advise(view);
        break;
    default:
        view_advise(view,
                    "Nothing is wrong here. To refuse the notices, check for something that "
                    "only your own mail carries: postconf(5) header_checks, BACKSCATTER_README");
        break;
    }
}

void advice_fill(struct incident_view *view)
{
    reason(view);
    advise_by_kind(view);
}
