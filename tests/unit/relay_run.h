/* SPDX-License-Identifier: MIT */
/* A pipeline that relays for strangers, and the view of what came of it. */
#ifndef RELAYWATCH_TESTS_RELAY_RUN_H
#define RELAYWATCH_TESTS_RELAY_RUN_H

#include "core_run.h"

static struct core_run run;
static struct incident_view view;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static void relay(int n, const char *client, const char *sender, const char *recipient)
{
    static int number;

    if (run.p->counters.lines == 0)
        number = 0;
    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: A%07X: client=%s\ncleanup: A%07X: message-id=<%d@x>\n"
                  "qmgr: A%07X: from=<%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@%s>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)",
                  number, client, number, number, number, sender, number, number, recipient);
}

#endif
