/* SPDX-License-Identifier: MIT */
/* tests/corpus/lines.txt has every shape; here is who may write it. */
#include "parse/record_shapes.h"
#include "rows.h"

enum { WITH_ID, WARNING, WITHOUT_ID };

/* `programs` may write it. From any other the type is `other`. */
static const struct {
    const char *text;
    int table;
    enum record_type type;
    unsigned programs; /* 0: any */
    enum record_type other;
} rows[] = {
    {"removed", WITH_ID, RECORD_REMOVED, 0, RECORD_UNPARSED},
    {"removed (canceled)", WITH_ID, RECORD_REFUSED, 1u << PROGRAM_CLEANUP, RECORD_UNPARSED},
    {"requeued", WITH_ID, RECORD_REQUEUED, 1u << PROGRAM_POSTSUPER, RECORD_UNPARSED},
    {"placed on hold", WITH_ID, RECORD_HELD, 1u << PROGRAM_POSTSUPER, RECORD_UNPARSED},
    {"released from hold", WITH_ID, RECORD_RELEASED, 1u << PROGRAM_POSTSUPER, RECORD_UNPARSED},
    {"message-id rejected", WITH_ID, RECORD_UNPARSED, 0, RECORD_UNPARSED},
    {"sender notification failed to <a@b>", WARNING, RECORD_NOTICE_FAILED, 1u << PROGRAM_BOUNCE,
     RECORD_NOTE},
    {"message rejected: hopcount exceeded", WARNING, RECORD_REFUSED, 1u << PROGRAM_CLEANUP,
     RECORD_NOTE},
    {"whatever it is", WARNING, RECORD_NOTE, 0, RECORD_UNPARSED},
    {"connect from unknown[192.0.2.1]", WITHOUT_ID, RECORD_IGNORED,
     1u << PROGRAM_SMTPD | 1u << PROGRAM_QMQPD, RECORD_UNPARSED},
    {"warning: 4FBFE15E604A", WITHOUT_ID, RECORD_IGNORED, 0, RECORD_UNPARSED},
};

static enum record_type ask(int row, enum program program)
{
    struct record rec = {.type = RECORD_UNPARSED, .program = program};
    struct span s = span_str(rows[row].text);

    if (rows[row].table == WITH_ID)
        record_shape_with_id(s, &rec);
    else if (rows[row].table == WARNING)
        record_shape_warning(s, &rec);
    else
        record_shape_without_id(s, &rec);
    ck_assert_msg(rec.type == RECORD_UNPARSED || rec.shape != NULL, "%s: got no name, want one",
                  rows[row].text);
    return rec.type;
}

START_TEST(only_its_programs_write_it)
{
    for (int program = PROGRAM_SMTPD; program <= PROGRAM_MASTER; program++) {
        bool may = !rows[_i].programs || rows[_i].programs >> program & 1;
        enum record_type want = may ? rows[_i].type : rows[_i].other;
        /* Anything else from qmqpd is about a message that it did not finish. */
        if (program == PROGRAM_QMQPD && want == RECORD_UNPARSED)
            want = rows[_i].table == WITH_ID ? RECORD_NOTE : RECORD_IGNORED;
        enum record_type got = ask(_i, (enum program)program);
        ck_assert_msg(got == want, "%s by %s: got %d, want %d", rows[_i].text,
                      program_name((enum program)program), got, want);
    }
}
END_TEST

/* A row that must match the whole text does not match a longer one. */
static const char *const whole[] = {"removed", "requeued", "placed on hold", "released from hold",
                                    "expired"};

START_TEST(more_text_makes_it_another)
{
    struct record rec = {.type = RECORD_UNPARSED, .program = PROGRAM_POSTSUPER};
    char text[64];

    strcpy(text, whole[_i]);
    strcat(text, " x");
    record_shape_with_id(span_str(text), &rec);
    want_number(text, rec.type, RECORD_UNPARSED);
    record_shape_with_id(span_str(whole[_i]), &rec);
    ck_assert_msg(rec.type != RECORD_UNPARSED, "%s: got not understood, want a shape", whole[_i]);
}
END_TEST

/* What is told by its first words is IGNORED by the whole table too, under any program. */
static const char *const idle[] = {
    "connect from unknown[192.0.2.1]",
    "disconnect from unknown[192.0.2.1] ehlo=1 quit=1 commands=2",
    "Anonymous TLS connection established from unknown[192.0.2.1]: TLSv1.3",
    "Trusted TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3",
    "Untrusted TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3",
    "Verified TLS connection established to mx.example[192.0.2.1]:25: TLSv1.3",
};

START_TEST(idle_line_is_ignored)
{
    static const char bytes[] = "\0 AZaz09:[\xff";
    char text[128];
    int idles = 0;

    for (size_t i = 0; i < strlen(idle[_i]); i++)
        for (size_t b = 0; b < sizeof(bytes); b++)
            for (int program = PROGRAM_SMTPD; program < PROGRAM_COUNT; program++) {
                struct record rec = {.type = RECORD_UNPARSED, .program = (enum program)program};
                size_t len = strlen(idle[_i]);
                memcpy(text, idle[_i], len + 1);
                text[i] = bytes[b];
                if (b == 0) /* that long */
                    len = i;
                const char *shape = record_shape_of_idle(rec.program, span_of(text, len));
                if (!shape || program == PROGRAM_OTHER || program == PROGRAM_SCRIPT)
                    continue;
                ck_assert(!program_is_filter(rec.program));
                record_shape_without_id(span_of(text, len), &rec);
                ck_assert_msg(rec.type == RECORD_IGNORED, "%.*s: got %d, want ignored", (int)len,
                              text, (int)rec.type);
                idles++;
            }
    ck_assert_int_gt(idles, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_shapes");

    ADD_ROWS(tc, only_its_programs_write_it, rows);
    ADD_ROWS(tc, more_text_makes_it_another, whole);
    ADD_ROWS(tc, idle_line_is_ignored, idle);
    return run_suite("record_shapes", tc);
}
