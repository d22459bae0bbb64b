/* SPDX-License-Identifier: MIT */
#include "judge/senders.h"

#include "base/mail_address.h"

enum { LIST_MAX = 320 }; /* of a list's address */

/* The domain itself, or one below it. */
static bool is_under(struct span domain, struct span top)
{
    if (!top.len || domain.len < top.len)
        return false;
    size_t above = domain.len - top.len;
    return span_equal_nocase(span_skip(domain, above), top) &&
           (!above || domain.at[above - 1] == '.');
}

/* "shop", "shop.example", of "shop.example". */
static bool is_head_of(struct span head, struct span domain)
{
    return head.len && head.len <= domain.len &&
           span_equal_nocase(span_head(domain, head.len), head) &&
           (head.len == domain.len || domain.at[head.len] == '.');
}

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_' || c == '%' || c == '+';
}

/* "bob.shop", "shop-bob", "bob%shop.example" for bob@shop.example, as hosting panels make of it;
 * "CORP\bob", as Windows does. */
static bool is_made_of(struct span login, struct span user, struct span domain)
{
    if (login.len <= user.len + 1)
        return false;
    size_t rest = login.len - user.len;
    char after = login.at[user.len], before = login.at[rest - 1];
    if (is_separator(after) && span_equal_nocase(span_head(login, user.len), user) &&
        is_head_of(span_skip(login, user.len + 1), domain))
        return true;
    return span_equal_nocase(span_skip(login, rest), user) &&
           (before == '\\' ||
            (is_separator(before) && is_head_of(span_head(login, rest - 1), domain)));
}

/* A login without a domain, with a part of one, or under the name of a host of it. */
static bool names(struct span login, struct span user, struct span domain)
{
    struct span own = mail_address_domain(login);

    if (!own.len)
        return span_equal_nocase(user, login) || is_made_of(login, user, domain);
    return span_equal_nocase(user, mail_address_user(login)) &&
           (is_under(own, domain) || is_head_of(own, domain));
}

bool sender_is_foreign_to(const struct site *site, struct span sender, struct span login)
{
    struct span domain = mail_address_domain(sender), own = mail_address_domain(login);
    struct span user = mail_address_user(sender);

    if (!sender.len || is_under(domain, own))
        return false;
    /* A login that sends under its own name shows a domain of ours, if there may be more than are
     * known. */
    if (names(login, user, domain) && site_may_have_more_domains(site) &&
        !site_is_outside(site, domain))
        return false;
    return site_is_foreign_sender(site, sender);
}

/* Nobody writes to these, but they are there. */
static bool is_of_postfix(struct span user)
{
    static const struct span names[] = {SPAN("postmaster"), SPAN("mailer-daemon"),
                                        SPAN("double-bounce"), SPAN("root")};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (span_equal_nocase(user, names[i]))
            return true;
    return false;
}

/* "bounces+bob=example.org@ours" to bob@example.org */
bool sender_is_made_for(struct span sender, struct span recipient_domain)
{
    struct span user = mail_address_user(sender);
    ptrdiff_t equals = span_find_last(user, '=');

    return equals > 0 && recipient_domain.len &&
           span_equal_nocase(span_skip(user, (size_t)equals + 1), recipient_domain);
}

/* What remains of "prvs=0123abcdef=bob@ours" is "bob@ours" (BATV); of any other address, all. */
static struct span without_tag(struct span sender)
{
    struct span user = mail_address_user(sender);
    ptrdiff_t equals = span_find_last(user, '=');

    return equals > 0 ? span_skip(sender, (size_t)equals + 1) : sender;
}

/* The list of that sender has got mail here. */
static bool is_of_list(const struct site *site, struct span sender, uint32_t now_s)
{
    struct span list = mail_address_list(sender);
    struct span domain = mail_address_domain(sender);
    char address[LIST_MAX];

    if (!list.len || list.len + 1 + domain.len > sizeof(address))
        return false;
    memcpy(address, list.at, list.len);
    address[list.len] = '@';
    memcpy(address + list.len + 1, domain.at, domain.len);
    return !site_is_never_seen(site, span_of(address, list.len + 1 + domain.len), now_s);
}

bool sender_is_made_up(const struct site *site, struct span sender, struct span recipient_domain,
                       uint32_t now_s)
{
    struct span user = mail_address_user(sender);

    return site_is_never_seen(site, sender, now_s) &&
           site_sender_class(site, sender) == CLASS_OURS && !is_of_postfix(user) &&
           !sender_is_made_for(sender, recipient_domain) &&
           site_is_never_seen(site, without_tag(sender), now_s) && !is_of_list(site, sender, now_s);
}
