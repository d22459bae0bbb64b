/* SPDX-License-Identifier: MIT */
#include "snapshot_lines.h"

/* A message that a pipe(8) filter returns is recognised by message-id and recipient. */
START_TEST(cut_while_a_pipe_filter_has_it)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=unknown[192.0.2.1]\n" LINE
                     "cleanup[2]: A%05X: message-id=<%d@spam.example>\n" LINE
                     "qmgr[3]: A%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "pickup[5]: B%05X: uid=110 from=<a@spam.example>\n" LINE
                     "pipe[4]: A%05X: to=<u@victim.example>, relay=spamassassin, delay=1,"
                     " dsn=2.0.0, status=sent (delivered via spamassassin service)\n" LINE
                     "cleanup[2]: B%05X: message-id=<%d@spam.example>\n" LINE
                     "qmgr[3]: B%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtp[6]: B%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i);
    fclose(out);
    write_dump("mydestination = example.net\ncontent_filter = spamassassin\n");
    check_every_cut();
}
END_TEST

/* The sender of mail from a before-queue filter is found by the pid of the smtpd in front of it. */
START_TEST(cut_while_a_proxy_filter_has_it)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[21%d]: NOQUEUE: client=unknown[192.0.2.1]\n" LINE
                     "smtpd[411]: A%05X: client=localhost[127.0.0.1]\n" LINE
                     "qmgr[3]: A%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtpd[21%d]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as A%05X;"
                     " from=<a@spam.example> to=<u@victim.example> proto=ESMTP helo=<x>\n" LINE
                     "smtp[6]: A%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i, i, i, i, i, i);
    fclose(out);
    write_dump("mydestination = example.net\nmynetworks = 127.0.0.0/8\n");
    check_every_cut();
}
END_TEST

/* The filter's reply names no ID, and the client that it names is believed if its mail came in: the
 * last message names one that did not. */
START_TEST(cut_while_a_proxy_filter_names_the_client)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[21%d]: NOQUEUE: client=unknown[192.0.2.1]\n" LINE
                     "smtpd[411]: A%05X: client=localhost[127.0.0.1], "
                     "orig_client=unknown[192.0.2.1]\n" LINE
                     "qmgr[3]: A%05X: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                     "smtpd[21%d]: proxy-accept: END-OF-MESSAGE: 250 2.5.0 OK (5A10000066389F00);"
                     " from=<a@spam.example> to=<u@victim.example> proto=ESMTP helo=<x>\n" LINE
                     "smtp[6]: A%05X: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i, i, i, i, i);
    fprintf(out,
            LINE "smtpd[411]: BBBBB1: client=localhost[127.0.0.1], "
                 "orig_client=unknown[192.0.2.9]\n" LINE
                 "qmgr[3]: BBBBB1: from=<a@spam.example>, size=9, nrcpt=1 (queue active)\n" LINE
                 "smtp[6]: BBBBB1: to=<u@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                 " dsn=2.0.0, status=sent (Ok)\n",
            7, 7, 7);
    fclose(out);
    write_dump("mydestination = example.net\nmynetworks = 127.0.0.0/8\n");
    check_every_cut();
}
END_TEST

/* What a filter has had for longer than it is remembered: forgotten before and after a restart. */
START_TEST(cut_after_what_a_filter_has_is_forgotten)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 6; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=unknown[192.0.2.1]\n" LINE
                     "cleanup[2]: A%05X: message-id=<%d@spam.example>\n" LINE
                     "qmgr[3]: A%05X: from=<a@spam.example>, size=9, nrcpt=2 (queue active)\n" LINE
                     "pipe[4]: A%05X: to=<u@victim.example>, relay=spamassassin, delay=1,"
                     " dsn=2.0.0, status=sent (delivered via spamassassin service)\n" LINE
                     "smtp[6]: A%05X: to=<v@victim.example>, relay=mx[198.51.100.1]:25, delay=1,"
                     " dsn=2.0.0, status=sent (Ok)\n" LINE "qmgr[3]: A%05X: removed\n",
                i, i, i, i, i, i, i, i, i, i, i, i, i);
    for (int i = 0; i < 6; i++)
        fprintf(out,
                "2026-11-24T03:15:0%d+00:00 mx1 postfix/pickup[5]: B%05X: uid=110 "
                "from=<a@spam.example>\n"
                "2026-11-24T03:15:0%d+00:00 mx1 postfix/cleanup[2]: B%05X: "
                "message-id=<%d@spam.example>\n"
                "2026-11-24T03:15:0%d+00:00 mx1 postfix/qmgr[3]: B%05X: from=<a@spam.example>, "
                "size=9, nrcpt=1 (queue active)\n"
                "2026-11-24T03:15:0%d+00:00 mx1 postfix/smtp[6]: B%05X: to=<u@victim.example>, "
                "relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n",
                i, i, i, i, i, i, i, i, i);
    fclose(out);
    write_dump("mydestination = example.net\ncontent_filter = spamassassin\n");
    struct log log = log_read(path);
    struct whole whole;
    whole_run(&whole, &log, dump);
    ck_assert_int_eq((int)whole.run.p->life.counters.lost_returns, 6);
    whole_done(&whole);
    log_done(&log);
    check_every_cut();
}
END_TEST

/* The first line after days is held back for the next one: restart there too. */
START_TEST(cut_after_a_pause_of_days)
{
    static const char *const day[] = {"21", "24"};
    FILE *out = open_temporary(path);

    for (int i = 0; i < 12; i++)
        fprintf(
            out,
            "2026-11-%sT03:00:0%d+00:00 mx1 postfix/smtpd[1]: A%05X: client=unknown[192.0.2.1]\n"
            "2026-11-%sT03:00:0%d+00:00 mx1 postfix/qmgr[3]: A%05X: from=<a@spam.example>,"
            " size=9, nrcpt=1 (queue active)\n"
            "2026-11-%sT03:00:0%d+00:00 mx1 postfix/smtp[6]: A%05X: to=<u@victim.example>,"
            " relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n",
            day[i / 6], i % 6, i, day[i / 6], i % 6, i, day[i / 6], i % 6, i);
    fclose(out);
    write_dump("mydestination = example.net\n");
    check_every_cut();
}
END_TEST

/* Whose mail was answered, and to whom a reply has gone today. */
START_TEST(cut_while_replies_are_written)
{
    FILE *out = open_temporary(path);

    for (int i = 0; i < 30; i++)
        fprintf(out,
                LINE "smtpd[1]: A%05X: client=mx.friend.example[198.51.100.7]\n" LINE
                     "qmgr[3]: A%05X: from=<friend@victim.example>, size=9, nrcpt=1 (queue active)"
                     "\n" LINE "pickup[5]: B%05X: uid=5000 from=<>\n" LINE
                     "qmgr[3]: B%05X: from=<>, size=9, nrcpt=1 (queue active)\n" LINE
                     "local[6]: A%05X: to=<bob@example.net>, relay=local, delay=1, dsn=2.0.0,"
                     " status=sent (delivered to mailbox)\n" LINE
                     "smtp[6]: B%05X: to=<friend@victim.example>, relay=mx[198.51.100.1]:25,"
                     " delay=1, dsn=2.0.0, status=sent (Ok)\n",
                i / 4, i, i / 4, i, i / 4, i, i / 4, i, i / 4, i, i / 4, i);
    for (int i = 0; i < 6; i++)
        fprintf(out, CLIENTS_OWN, 9, i, 9, i, 9, i);
    fclose(out);
    write_dump("mydestination = example.net\n");
    check_every_cut();
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_life");

    tcase_add_test(tc, cut_while_a_pipe_filter_has_it);
    tcase_add_test(tc, cut_while_a_proxy_filter_has_it);
    tcase_add_test(tc, cut_while_a_proxy_filter_names_the_client);
    tcase_add_test(tc, cut_after_what_a_filter_has_is_forgotten);
    tcase_add_test(tc, cut_after_a_pause_of_days);
    tcase_add_test(tc, cut_while_replies_are_written);
    return run_snapshot_suite("snapshot_life", tc);
}
