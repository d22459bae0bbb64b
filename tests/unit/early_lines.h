/* SPDX-License-Identifier: MIT */
/* A mail, and what a filter gives back, whose message-id is logged before its acceptance. */
#ifndef RELAYWATCH_TESTS_EARLY_LINES_H
#define RELAYWATCH_TESTS_EARLY_LINES_H

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define CHILD(client, id)                                                                          \
    "cleanup: AAAAA02: message-id=<" id ">\n"                                                      \
    "smtpd: AAAAA02: client=" client "\n"                                                          \
    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define QUEUED_AS                                                                                  \
    "smtp: AAAAA01: to=<x@c.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, "                 \
    "delays=1/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as AAAAA02)\n"

#endif
