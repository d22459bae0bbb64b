/* SPDX-License-Identifier: MIT */
#include "judge/accounts.h"

#include "base/mail_address.h"
#include "detect/same_account.h"

void accounts_name(const struct judge *judge, const struct message *m, struct observation *o,
                   char buf[SITE_LOGIN_MAX])
{
    struct span login = intern_span(message_who(m, WHO_LOGIN));
    struct site_account account = site_account_of(judge->classifier.site, login, buf);

    o->account = account.name;
    o->has_two_logins = account.has_two;
}

void accounts_changed(struct judge *judge, struct span login)
{
    char buf[SITE_LOGIN_MAX];
    struct site_account account = site_account_of(judge->classifier.site, login, buf);
    bool is_clear =
        account.has_two
            ? detector_same_account(judge->detector, mail_address_user(login), account.name)
            : !detector_knows_account(judge->detector,
                                      site_doubtful_account(judge->classifier.site, login));

    judge->reread |= is_clear ? 0 : REREAD_APART;
}
