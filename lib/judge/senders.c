/* SPDX-License-Identifier: MIT */
#include "judge/senders.h"

#include "base/mail_address.h"

/* The domain itself, or one below it. */
static bool is_under(struct span domain, struct span top)
{
    if (!top.len || domain.len < top.len)
        return false;
    size_t above = domain.len - top.len;
    return span_equal_nocase(span_skip(domain, above), top) &&
           (!above || domain.at[above - 1] == '.');
}

bool sender_is_foreign_to(const struct site *site, struct span sender, struct span login)
{
    struct span domain = mail_address_domain(sender), own = mail_address_domain(login);
    struct span user = span_head(sender, domain.len ? sender.len - domain.len - 1 : sender.len);

    if (!sender.len || is_under(domain, own))
        return false;
    /* A login without a domain that sends under its own name shows a domain of ours, if there may
     * be more than are known. */
    if (!own.len && span_equal_nocase(user, login) && site_may_have_more_domains(site) &&
        !site_is_outside(site, domain))
        return false;
    return site_is_foreign_sender(site, sender);
}
