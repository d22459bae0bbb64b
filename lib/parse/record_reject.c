/* SPDX-License-Identifier: MIT */
#include "parse/record_reject.h"

static const struct {
    struct span text;
    enum refusal refusal;
} rows[] = {
    {SPAN(": Relay access denied;"), REFUSAL_RELAY_DENIED},
    {SPAN(": Recipient address rejected: User unknown in local recipient table;"),
     REFUSAL_USER_UNKNOWN},
    {SPAN(": Recipient address rejected: User unknown in virtual mailbox table;"),
     REFUSAL_USER_UNKNOWN},
    {SPAN(": Recipient address rejected: User unknown in virtual alias table;"),
     REFUSAL_USER_UNKNOWN},
    {SPAN(": Recipient address rejected: User unknown in relay recipient table;"),
     REFUSAL_RELAY_USER_UNKNOWN},
};

/* The recipient in the reason is as the client gave it, unquoted in any version, and smtpd(8) cuts
 * the reason at 510 bytes. One that looks like the end of a reason is told by the real one, which
 * follows in any case. */
static bool ends_reason(struct span s)
{
    static const struct span after = SPAN(" from=<");

    return span_starts(s, after) &&
           !memmem(s.at + after.len, s.len - after.len, "; from=<", after.len + 1);
}

static enum refusal refusal_of(struct span s)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (span_starts(s, rows[i].text))
            return ends_reason(span_skip(s, rows[i].text.len)) ? rows[i].refusal : REFUSAL_NONE;
    return REFUSAL_NONE;
}

/* "RCPT from NAMADDR: 554 5.7.1 <RECIPIENT>: Relay access denied; from=..." */
enum refusal record_refusal(struct span s, struct span *ret_domain)
{
    uint64_t code;
    ptrdiff_t colon, open, end;

    if (!span_take(&s, SPAN("RCPT from ")) || (colon = span_find(s, ']')) < 0)
        return REFUSAL_NONE;
    s = span_skip(s, (size_t)colon + 1);
    if (s.len > 1 && s.at[0] == ':' && is_digit(s.at[1])) { /* smtpd_client_port_logging */
        s = span_skip(s, 1);
        span_take_decimals(&s);
    }
    if (!span_take(&s, SPAN(": ")) || !span_take_number(&s, &code) || !span_take(&s, SPAN(" ")))
        return REFUSAL_NONE;
    open = span_find(s, '<');
    if (open < 0 || open > 12) /* after the enhanced status code, if there is one */
        return REFUSAL_NONE;
    s = span_skip(s, (size_t)open + 1);
    if ((end = mail_address_end(s)) < 0)
        return REFUSAL_NONE;
    *ret_domain = mail_address_domain(span_head(s, (size_t)end));
    return ret_domain->len ? refusal_of(span_skip(s, (size_t)end + 1)) : REFUSAL_NONE;
}
