/* SPDX-License-Identifier: MIT */
#include "site/providers.h"
bool provider_has_domain(struct span domain)
{
    return span_equal_nocase(domain, SPAN("gmail.com")) ||
           span_equal_nocase(domain, SPAN("yahoo.com")) ||
           span_equal_nocase(domain, SPAN("gmx.de"));
}
bool provider_has_mx(struct span host)
{
    return span_equal_nocase(host, SPAN("gmail-smtp-in.l.google.com"));
}
