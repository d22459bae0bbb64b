/* SPDX-License-Identifier: MIT */
/* A mail that goes into a filter or a mailbox, and what comes back. */
#ifndef RELAYWATCH_TESTS_RETURN_LINES_H
#define RELAYWATCH_TESTS_RETURN_LINES_H

#define PARENT                                                                                     \
    "smtpd: AAAAA01: client=b[192.0.2.2]\n"                                                        \
    "cleanup: AAAAA01: message-id=<1@a.example>\n"                                                 \
    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=2 (queue active)\n"
#define PIPED(status)                                                                              \
    "pipe: AAAAA01: to=<x@c.example>, relay=filter, delay=1, delays=1/0/0/0, dsn=2.0.0, "          \
    "status=" status " (delivered via filter service)\n"
#define SAVED                                                                                      \
    "local: AAAAA01: to=<x@c.example>, relay=local, delay=1, dsn=2.0.0, status=sent (ok)\n"
#define CHILD(id)                                                                                  \
    "pickup: AAAAA02: uid=110 from=<a@a.example>\n"                                                \
    "cleanup: AAAAA02: message-id=<" id ">\n"
#define FROM "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
#define SENT(to)                                                                                   \
    "smtp: AAAAA02: to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, "  \
    "status=sent (ok)\n"

#endif
