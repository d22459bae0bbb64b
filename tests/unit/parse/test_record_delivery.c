/* SPDX-License-Identifier: MIT */
/* tests/corpus/lines.txt has the records; here is what the worst ones cost. */
#include <stdio.h>
#include "parse/record_parse.h"
#include "rows.h"

/* Every ">" is tried as the end of the address, so a record of nothing else is the worst. */
START_TEST(many_readings_take_no_time)
{
    static char text[1800];
    struct record rec;

    memset(text, '>', sizeof(text));
    memcpy(text, "4FBFE15E604A: to=<", 18);
    for (int i = 0; i < 500; i++)
        record_parse(PROGRAM_SMTP, span_of(text, sizeof(text)), ADDRESS_FORM_UNKNOWN, &rec);
    want_number("type", rec.type, RECORD_UNPARSED);
    for (size_t i = 18; i + 13 < sizeof(text); i += 13)
        memcpy(text + i, ">, orig_to=<a", 13);
    for (int i = 0; i < 50; i++)
        record_parse(PROGRAM_SMTP, span_of(text, sizeof(text)), ADDRESS_FORM_UNKNOWN, &rec);
    want_number("type", rec.type, RECORD_UNPARSED);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_delivery");

    tcase_add_test(tc, many_readings_take_no_time);
    return run_suite("record_delivery", tc);
}
