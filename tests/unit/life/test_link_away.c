/* SPDX-License-Identifier: MIT */
/* What a stranger brings is mail of ours that had left only if nothing but that can be meant; g113
 * of the scenarios tells the story. */
#include "core_run.h"

static struct core_run run;

#define MAIL(id, from, message_id)                                                                 \
    "smtpd: " id ": client=" from "\n"                                                             \
    "cleanup: " id ": message-id=" message_id "\n"                                                 \
    "qmgr: " id ": from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define TO(id, to, status)                                                                         \
    "smtp: " id ": to=<" to "@b.example>, relay=mx.b.example[198.51.100.1]:25, delay=1, "          \
    "delays=1/0/0/0, dsn=2.0.0, status=" status " (Ok)\n"
#define BOB      "h[192.0.2.9], sasl_method=PLAIN, sasl_username=bob"
#define STRANGER "h[192.0.2.2]"
#define OURS     MAIL("AAAAA01", BOB, "<1@a.example>")
#define LEFT     OURS TO("AAAAA01", "x", "sent")
#define BACK     MAIL("AAAAA02", STRANGER, "<1@a.example>") TO("AAAAA02", "x", "sent")

static const struct {
    const char *name, *lines;
    enum origin root; /* of AAAAA02 */
} rows[] = {
    {"it came back", LEFT BACK, ORIGIN_ACCOUNT},
    {"and was tried again", LEFT BACK TO("AAAAA02", "x", "sent"), ORIGIN_ACCOUNT},
    {"it had not left", OURS TO("AAAAA01", "x", "deferred") BACK, ORIGIN_OUTSIDE},
    {"for another", LEFT MAIL("AAAAA02", STRANGER, "<1@a.example>") TO("AAAAA02", "y", "sent"),
     ORIGIN_OUTSIDE},
    {"of another message-id",
     LEFT MAIL("AAAAA02", STRANGER, "<2@a.example>") TO("AAAAA02", "x", "sent"), ORIGIN_OUTSIDE},
    {"of none",
     MAIL("AAAAA01", BOB, "<>") TO("AAAAA01", "x", "sent") MAIL("AAAAA02", STRANGER, "<>")
         TO("AAAAA02", "x", "sent"),
     ORIGIN_OUTSIDE},
    {"for the second time",
     LEFT MAIL("AAAAA03", STRANGER, "<1@a.example>") TO("AAAAA03", "x", "sent") BACK,
     ORIGIN_OUTSIDE},
    {"of another stranger",
     MAIL("AAAAA01", "h[192.0.2.3]", "<1@a.example>") TO("AAAAA01", "x", "sent") BACK,
     ORIGIN_OUTSIDE},
};

START_TEST(mail_comes_back_from_elsewhere)
{
    core_begin(&run, NULL);
    core_feed(&run, "%s", rows[_i].lines);
    const struct message *m = core_find(&run, "AAAAA02");
    ck_assert_ptr_nonnull(m);
    want_number(rows[_i].name, m->root, rows[_i].root);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("link_away");

    ADD_ROWS(tc, mail_comes_back_from_elsewhere, rows);
    return run_suite("link_away", tc);
}
