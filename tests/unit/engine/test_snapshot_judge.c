/* SPDX-License-Identifier: MIT */
#include "snapshot_lines.h"

/* Three copies show who gets copies; before and after a restart they are the same three. */
START_TEST(cut_while_copies_are_counted)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 8; i++)
        fprintf(out,
                LINE
                "smtpd[1]: A%05X: client=mail.friend.example[192.0.2.7]\n" LINE
                "qmgr[3]: A%05X: from=<a@friend.example>, size=9, nrcpt=2 (queue active)\n" LINE
                "local[6]: A%05X: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0,"
                " status=sent (delivered to mailbox)\n" LINE
                "smtp[6]: A%05X: to=<journal@archive.example>, relay=mx[198.51.100.1]:25,"
                " delay=1, dsn=2.0.0, status=sent (Ok)\n" LINE "qmgr[3]: A%05X: removed\n",
                i, i, i, i, i, i, i, i, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[1]: B%05X: client=unknown[192.0.2.1]\n" LINE
                     "qmgr[3]: B%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtp[6]: B%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i);
    fclose(out);
    write_dump("mydestination = example.net\nrecipient_bcc_maps = mysql:/etc/postfix/bcc.cf\n");
    check_every_cut();
}
END_TEST

/* Strangers ask for notices under one name: before and after a restart they are the same ones. */
START_TEST(cut_while_askers_are_counted)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 24; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=unknown[198.51.%d.1]\n" LINE
                     "qmgr[3]: A%05X: from=<forged@victim.example>, size=9, nrcpt=1 (queue active)"
                     "\n" LINE
                     "local[6]: A%05X: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0,"
                     " status=sent (delivered to mailbox)\n" LINE
                     "bounce[7]: A%05X: sender delivery status notification: B%05X\n" LINE
                     "qmgr[3]: B%05X: from=<>, size=9, nrcpt=1 (queue active)\n",
                i / 3, i, i % 4, i / 3, i, i / 3, i, i / 3, i, i, i / 3, i);
    /* Those of the client that check_every_cut asks for. */
    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[1]: C%05X: client=unknown[192.0.2.1]\n" LINE
                     "qmgr[3]: C%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtp[6]: C%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                9, i, 9, i, 9, i);
    fclose(out);
    write_dump("mydestination = example.net\n");
    check_every_cut();
}
END_TEST

/* Ten deliveries show a gateway, so that one who writes much to it is not alleged. */
START_TEST(cut_while_a_gateway_shows_itself)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 16; i++)
        fprintf(out,
                LINE
                "smtpd[1]: A%05X: client=mx.friend%d.example[100.%d.1.7]\n" LINE
                "qmgr[3]: A%05X: from=<a@friend%d.example>, size=9, nrcpt=1 (queue active)\n" LINE
                "smtp[6]: A%05X: to=<u%d@customer.example>,"
                " relay=mail.customer.example[198.51.100.9]:25, delay=1, dsn=2.0.0,"
                " status=sent (Ok)\n",
                i % 10, i, i < 10 ? i : 0, i < 10 ? i : 0, i % 10, i, i < 10 ? i : 0, i % 10, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[1]: B%05X: client=unknown[192.0.2.1]\n" LINE
                     "qmgr[3]: B%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtp[6]: B%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i);
    fclose(out);
    write_dump("mydestination = example.net\nrelay_domains = mysql:/etc/postfix/relay.cf\n");
    check_every_cut();
}
END_TEST

/* A login's flood waits in the queue: what was promised is taken back once, as it is named. */
START_TEST(cut_while_a_queue_is_stuck)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 3; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=unknown[198.51.100.7], sasl_method=PLAIN,"
                     " sasl_username=bob\n" LINE
                     "qmgr[3]: A%05X: from=<bob@example.net>, size=9, nrcpt=90 (queue active)\n",
                i, i, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out, CLIENTS_OWN, i, i, i, i, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out,
                "2026-11-24T03:02:0%d+00:00 mx1 postfix/smtp[6]: A%05X: to=<v%d@victim.example>,"
                " relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n",
                i, i % 2, i);
    fprintf(out, "2026-11-24T03:02:09+00:00 mx1 postfix/qmgr[3]: A%05X: removed\n", 2);
    fclose(out);
    write_dump("mydestination = example.net\n");
    check_every_cut();
}
END_TEST

/* Who refused is known once the notice's own mail has shown whom it goes to. */
START_TEST(cut_between_a_refusal_and_its_notice)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 24; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=unknown[198.51.100.7]\n" LINE
                     "qmgr[3]: A%05X: from=<a%d@victim.example>, size=9, nrcpt=1 (queue active)"
                     "\n" LINE
                     "lmtp[6]: A%05X: to=<u%d@example.net>, relay=mx1[private/lmtp], delay=1,"
                     " dsn=5.1.1, status=bounced (host mx1[private/lmtp] said: 550 5.1.1 no way %d"
                     " (in reply to RCPT TO command))\n" LINE
                     "bounce[7]: A%05X: sender non-delivery notification: B%05X\n" LINE
                     "qmgr[3]: B%05X: from=<>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtp[6]: B%05X: to=<a%d@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i / 3, i, i / 3, i, i, i / 3, i, i, i % 2, i / 3, i, i, i / 3, i, i / 3, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out, CLIENTS_OWN, 9, i, 9, i, 9, i);
    fclose(out);
    write_dump("mydestination = example.net\n");
    check_every_cut();
}
END_TEST

/* An archive that no settings tell of is known by what came to it before. */
START_TEST(cut_while_an_address_is_watched)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 12; i++)
        fprintf(
            out,
            LINE
            "smtpd[1]: AAAAA%02d: client=mx.friend%d.example[203.%d.113.7]\n" LINE
            "qmgr[1]: AAAAA%02d: from=<a@friend%d.example>, size=9, nrcpt=2 (queue active)\n" LINE
            "smtp[1]: AAAAA%02d: to=<x@gmail.com>, relay=gmail-smtp-in.l.google.com"
            "[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n" LINE
            "lmtp[1]: AAAAA%02d: to=<bob@example.net>, relay=mx1[private/lmtp], delay=1, "
            "dsn=2.0.0, status=sent (Ok)\n" LINE "qmgr[1]: AAAAA%02d: removed\n",
            i / 2, i, i, i, i / 2, i, i, i / 2, i, i / 2, i, i / 2, i);
    fclose(out);
    check_log(path, NULL, SIZE_MAX);
    struct log log = log_read(path);
    struct whole whole;
    whole_run(&whole, &log, NULL);
    want_number("copies", (int64_t)whole.run.p->judge.verdicts[VERDICT_COPY], 4);
    whole_done(&whole);
    log_done(&log);
    unlink(path);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_judge");

    tcase_add_test(tc, cut_while_copies_are_counted);
    tcase_add_test(tc, cut_while_askers_are_counted);
    tcase_add_test(tc, cut_while_a_gateway_shows_itself);
    tcase_add_test(tc, cut_while_a_queue_is_stuck);
    tcase_add_test(tc, cut_between_a_refusal_and_its_notice);
    tcase_add_test(tc, cut_while_an_address_is_watched);
    return run_snapshot_suite("snapshot_judge", tc);
}
