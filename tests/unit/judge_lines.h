/* SPDX-License-Identifier: MIT */
/* The lines of one message's life, for the tests of what is judged of it. */
#ifndef RELAYWATCH_TESTS_JUDGE_LINES_H
#define RELAYWATCH_TESTS_JUDGE_LINES_H

#define STRANGER "smtpd: AAAAA01: client=a[192.0.2.1]\n"
#define NAMED    "cleanup: AAAAA01: message-id=<1@b.example>\n"
#define TRUSTED  "smtpd: AAAAA01: client=a[10.0.0.1]\n" NAMED
#define LOGIN    "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
#define SCRIPT   "pickup: AAAAA01: uid=33 from=<x>\n" NAMED
#define HOST     "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
#define FROM(s)  "qmgr: AAAAA01: from=<" s ">, size=1, nrcpt=1 (queue active)\n"
#define SMTP(to)                                                                                   \
    "smtp: AAAAA01: to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, status=sent (Ok)\n"
#define LMTP(to)  "lmtp: AAAAA01: to=<" to ">, relay=mx1[private/lmtp], delay=1, status=sent (Ok)\n"
#define LOCAL(to) "local: AAAAA01: to=<" to ">, relay=local, delay=1, status=sent (delivered)\n"
/* --- notices ---------------------------------------------------------------------------------- */

#define BOUNCE(program, to, relay, dsn)                                                            \
    program ": AAAAA01: to=<" to ">, relay=" relay ", delay=1, dsn=" dsn ", status=bounced (x)\n"
#define NOTICE(what)                                                                               \
    "bounce: AAAAA01: " what " notification: AAAAA02\n"                                            \
    "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
#define UNDELIVERED NOTICE("sender non-delivery")
#define EXPIRED     "qmgr: AAAAA01: from=<a@a.example>, status=expired, returned to sender\n"
#define DEFER(to)                                                                                  \
    "smtp: AAAAA01: to=<" to ">, relay=none, delay=1, dsn=4.4.1, status=deferred (x)\n"
#define MX "mx[198.51.100.1]:25"

#endif
