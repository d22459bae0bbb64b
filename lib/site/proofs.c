/* SPDX-License-Identifier: MIT */
#include "site/proofs.h"

#include <libpsl.h>

#include "site/providers.h"

/* True for "mx1.example.net" on the host mx1. A host called example may well get mail as
 * example.org, though: a registered domain is more than a host name. */
static bool is_own_name(struct span host, struct span domain)
{
    ptrdiff_t dot = span_find(host, '.'), first = span_find(domain, '.');
    char above[256];

    if (dot >= 0)
        host.len = (size_t)dot;
    if (first <= 0 || domain.len - (size_t)first > sizeof(above) ||
        !span_equal_nocase(span_head(domain, (size_t)first), host))
        return false;
    domain = span_skip(domain, (size_t)first + 1);
    for (size_t i = 0; i < domain.len; i++)
        above[i] = ascii_lower(domain.at[i]);
    above[domain.len] = '\0';
    return !psl_is_public_suffix(psl_builtin(), above);
}

struct span proof_socket(const struct record *rec)
{
    if (rec->program != PROGRAM_LMTP || rec->has_hop)
        return SPAN_NONE;
    ptrdiff_t open = span_find(rec->relay, '[');
    if (open <= 0 || !span_ends(rec->relay, SPAN("]")))
        return SPAN_NONE;
    struct span path = span_skip(rec->relay, (size_t)open + 1);
    return span_head(path, path.len - 1);
}

bool proof_is_by_door(const struct record *rec)
{
    return rec->program == PROGRAM_PIPE || (rec->program == PROGRAM_LMTP && rec->has_hop);
}

/* What error(8) says of an address in a domain of virtual aliases. It is Postfix's own text. */
static bool is_unknown_alias(const struct record *rec)
{
    return rec->program == PROGRAM_ERROR && rec->status == STATUS_BOUNCED &&
           span_equal(rec->reply, SPAN("User unknown in virtual alias table"));
}

enum proof proof_of_delivery(const struct record *rec, struct span host)
{
    if (program_has_only_ours(rec->program))
        return is_own_name(host, rec->recipient_domain) ? PROOF_OF_HOSTNAME : PROOF_CERTAIN;
    if (!program_may_have_ours(rec->program) || rec->status != STATUS_SENT)
        return is_unknown_alias(rec) ? PROOF_BY_REFUSAL : PROOF_NONE;
    return proof_is_by_door(rec) ? PROOF_BY_DELIVERY : PROOF_BY_SOCKET;
}

enum domain_class proof_class_of_refusal(const struct record *rec)
{
    /* "Relay access denied", "User unknown in local recipient table", "... in relay recipient
     * table" */
    static const enum domain_class classes[] = {
        [REFUSAL_NONE] = CLASS_UNKNOWN,
        [REFUSAL_RELAY_DENIED] = CLASS_OUTSIDE,
        [REFUSAL_USER_UNKNOWN] = CLASS_OURS,
        [REFUSAL_RELAY_USER_UNKNOWN] = CLASS_RELAY_DOMAIN,
    };

    return classes[rec->refusal];
}

struct span proof_domain_of_login(struct span account)
{
    /* Logins as user@gmail.com are common, and do not make gmail.com ours. */
    struct span domain = mail_address_domain(account);

    return provider_has_domain(domain) ? SPAN_NONE : domain;
}

static bool is_plain(char c)
{
    char lower = ascii_lower(c);

    return (lower >= 'a' && lower <= 'z') || is_digit(c) || span_find(SPAN("._-+"), c) >= 0;
}

bool proof_is_bare_user(struct span sender)
{
    enum { USER_MAX = 64 }; /* RFC 5321. After a longer one, qmgr's record may be cut. */

    for (size_t i = 0; i < sender.len; i++)
        if (!is_plain(sender.at[i]))
            return false;
    return sender.len > 0 && sender.len <= USER_MAX;
}

struct span proof_domain_of_postfix(struct span sender)
{
    return span_take(&sender, SPAN("double-bounce@")) ? sender : SPAN_NONE;
}

/* "20261124034712." before a short queue ID, nothing before a long one, which holds the time. */
static struct span without_date(struct span text)
{
    enum { DATE_LEN = 14 };

    if (text.len <= DATE_LEN || text.at[DATE_LEN] != '.')
        return text;
    for (size_t i = 0; i < DATE_LEN; i++)
        if (!is_digit(text.at[i]))
            return text;
    return span_skip(text, DATE_LEN + 1);
}

struct span proof_own_message_id(struct span text, struct queue_id id)
{
    /* "<20261124034712.4F1A2B3C@mail.example.org>", with the queue ID of the message itself */
    struct queue_id named;

    if (!span_take(&text, SPAN("<")))
        return SPAN_NONE;
    text = without_date(text);
    size_t n = queue_id_parse(text, &named);
    text = span_skip(text, n);
    if (!n || !queue_id_equal(named, id) || !span_take(&text, SPAN("@")) || !text.len)
        return SPAN_NONE;
    return span_head(text, text.len - (text.at[text.len - 1] == '>'));
}
