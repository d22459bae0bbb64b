/* SPDX-License-Identifier: MIT */
/* tests/corpus/lines.txt has the records; here are parts of them, and damaged ones. */
#include <stdio.h>

#include "parse/record_parse.h"
#include "rows.h"

/* Every beginning of a record and every record with one byte changed, by every program, in every
 * form: nothing is read past the end (the sanitizer says), and every field lies inside. */
static const char *const whole[] = {
    "4FBFE15E604A: client=h[192.0.2.1]:5, sasl_method=A, sasl_username=b, "
    "orig_queue_id=4FBFE15E604B",
    "4FBFE15E604A: to=<\"a>b\"@c.d>, orig_to=<e>, relay=f[192.0.2.1]:25, conn_use=2, delay=1.5, "
    "delays=1/2/3/4, tls=may, dsn=2.0.0, status=sent (250 <x> forwarded as 4FBFE15E604B)",
    "4FBFE15E604A: from=<a@b>, size=1, nrcpt=2 (queue active)",
    "4FBFE15E604A: from=<a@b>, status=expired, returned to sender",
    "4FBFE15E604A: uid=0 from=<q> orig_id=4FBFE15E604B",
    "4FBFE15E604A: sender non-delivery notification: 4FBFE15E604B",
    "4FBFE15E604A: message-id=<a@b>",
    "4FBFE15E604A: to=<a@b>, relay=none, delay=1, status=sent",
    "4FBFE15E604A: client=h[192.0.2.1]",
    "warning: 4FBFE15E604A: sender notification failed to <a@b>",
    "warning: saving corrupt file \"4FBFE15E604A\" from queue \"active\" to queue \"corrupt\"",
    "daemon started -- version 3.7.11, configuration /etc/postfix",
};

static void inside(const char *what, struct span field, struct span text)
{
    ck_assert_msg(!field.len || (field.at >= text.at && field.at + field.len <= text.at + text.len),
                  "%s: got a field outside of the record", what);
}

static void check_fields(const char *what, const struct record *rec, struct span text)
{
    switch (rec->type) {
    case RECORD_CLIENT:
        inside(what, rec->client, text);
        inside(what, rec->client_address, text);
        inside(what, rec->account, text);
        break;
    case RECORD_PICKUP:
    case RECORD_ACTIVE:
    case RECORD_EXPIRED:
    case RECORD_TAKEN:
        inside(what, rec->sender, text);
        break;
    case RECORD_MESSAGE_ID:
        inside(what, rec->message_id, text);
        break;
    case RECORD_DELIVERY:
        inside(what, rec->recipient, text);
        inside(what, rec->orig_recipient, text);
        inside(what, rec->relay, text);
        inside(what, rec->dsn, text);
        inside(what, rec->reply, text);
        break;
    case RECORD_NOTICE:
        ck_assert_msg(queue_id_is_set(rec->link), "%s: got a notice without an id", what);
        break;
    case RECORD_PROXY_CLIENT:
        inside(what, rec->client, text);
        inside(what, rec->account, text);
        return;
    case RECORD_CERTIFICATE:
        inside(what, rec->client, text);
        inside(what, rec->client_address, text);
        return;
    case RECORD_VERSION:
        inside(what, rec->version, text);
        return;
    default:
        break;
    }
    ck_assert_msg(rec->type < RECORD_NOTE || queue_id_is_set(rec->id), "%s: got no id, want one",
                  what);
}

static void parse_all_ways(const char *what, const char *at, size_t len)
{
    struct record rec;

    for (int program = PROGRAM_SMTPD; program < PROGRAM_COUNT; program++)
        for (int form = ADDRESS_FORM_UNKNOWN; form <= ADDRESS_FORM_INTERNAL; form++) {
            memset(&rec, 0x55, sizeof(rec)); /* what was there before must not matter */
            record_parse((enum program)program, span_of(at, len), (enum address_form)form, &rec);
            check_fields(what, &rec, span_of(at, len));
        }
}

START_TEST(any_part_of_a_record_is_safe)
{
    size_t len = strlen(whole[_i]);
    size_t step = getenv("UNDER_VALGRIND") ? 7 : 1; /* the address sanitizer sees each */

    for (size_t n = 0; n <= len; n++) {
        char *copy = malloc(n ? n : 1);
        memcpy(copy, whole[_i], n);
        parse_all_ways(whole[_i], copy, n);
        for (size_t i = 0; n == len && i < n; i += step)
            for (const char *c = " >\"\\0("; *c; c++) {
                char was = copy[i];
                copy[i] = *c;
                parse_all_ways(whole[_i], copy, n);
                copy[i] = was;
            }
        free(copy);
    }
}
END_TEST

static const struct {
    const char *name, *text;
    enum program program;
    enum refusal refusal;
} refusals[] = {
    {"whose domain it is",
     "NOQUEUE: reject: RCPT from h[192.0.2.1]: 554 5.7.1 <x@b.example>: Relay "
     "access denied; from=<> to=<x@b.example>",
     PROGRAM_SMTPD, REFUSAL_RELAY_DENIED},
    {"greylisted", "NOQUEUE: reject: RCPT from h[192.0.2.1]: 450 4.2.0 <x@b.example>: Greylisted",
     PROGRAM_SMTPD, REFUSAL_OTHER},
    {"the client", "NOQUEUE: reject: CONNECT from h[192.0.2.1]: 554 5.7.1 no", PROGRAM_SMTPD,
     REFUSAL_OTHER},
    {"within a transaction", "4FBFE15E604A: reject: RCPT from h[192.0.2.1]: 550 5.1.1 no",
     PROGRAM_SMTPD, REFUSAL_OTHER},
    {"by a milter", "NOQUEUE: milter-reject: RCPT from h[192.0.2.1]: 550 5.7.1 no", PROGRAM_SMTPD,
     REFUSAL_OTHER},
    {"only a warning", "NOQUEUE: reject_warning: RCPT from h[192.0.2.1]: 550 5.1.1 no",
     PROGRAM_SMTPD, REFUSAL_NONE},
    {"a login", "warning: h.example[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
     PROGRAM_SMTPD, REFUSAL_LOGIN},
    {"a login over IPv6", "warning: unknown[2001:db8::1]: SASL PLAIN authentication failed:",
     PROGRAM_SMTPD, REFUSAL_LOGIN},
    {"a login given up", "warning: h[192.0.2.1]: SASL LOGIN authentication aborted", PROGRAM_SMTPD,
     REFUSAL_NONE},
    {"no address", "warning: SASL LOGIN authentication failed", PROGRAM_SMTPD, REFUSAL_NONE},
    {"our own login elsewhere", "warning: h[192.0.2.1]: SASL LOGIN authentication failed: x",
     PROGRAM_SMTP, REFUSAL_NONE},
};

START_TEST(refusals_are_told_apart)
{
    struct record rec;

    memset(&rec, 0x55, sizeof(rec));
    record_parse(refusals[_i].program, span_str(refusals[_i].text), ADDRESS_FORM_UNKNOWN, &rec);
    want_text(refusals[_i].name, refusal_name(rec.refusal), refusal_name(refusals[_i].refusal));
    want_number(refusals[_i].name, record_refuses_domain(&rec),
                refusals[_i].refusal == REFUSAL_RELAY_DENIED);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_parse");

    ADD_ROWS(tc, any_part_of_a_record_is_safe, whole);
    ADD_ROWS(tc, refusals_are_told_apart, refusals);
    return run_suite("record_parse", tc);
}
