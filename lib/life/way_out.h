/* SPDX-License-Identifier: MIT */
/*
 * Does:         says whether what smtp(8) hands mail to takes it away for good: a tunnel to a relay
 *               host, or a relay host near by. It takes mail for many, and gives none back.
 * Doesn't know: what else may have taken the mail (lifecycle_delivery.h).
 * Owns:         nothing.
 * Time:         of the lifecycle's present record.
 * Fails:        never; what can't be told yet isn't one.
 */
#ifndef RELAYWATCH_LIFE_WAY_OUT_H
#define RELAYWATCH_LIFE_WAY_OUT_H

#include "life/lifecycle_core.h"

/* Mail that smtp(8) gives to a program on this host has not left, unless that program takes it to a
 * relay host: the log shows no more of it. Notes what the record tells of that; true if it does.
 * The door is no filter. */
bool way_out_tunnel(struct lifecycle *life, const struct message *m, const struct record *rec,
                    uint8_t door);
/* The same of a machine near by and a port that is none of mail's. Behind a gateway, it has the
 * mailboxes of many domains, but none of a mailbox provider's. */
bool way_out_relay_host(struct lifecycle *life, const struct record *rec, uint8_t door);

#endif
