/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes the links that a record named before the acceptance of their messages was
 *               logged: the lines of one second may come in any order.
 * Doesn't know: how it is kept (early_links.h), what may be linked by name (link_hop.h,
 *               link_proxy.h).
 * Owns:         nothing.
 * Time:         as in lifecycle_core.h.
 * Fails:        a link that doesn't fit is refused, like any other.
 */
#ifndef RELAYWATCH_LIFE_LINK_EARLY_H
#define RELAYWATCH_LIFE_LINK_EARLY_H

#include "life/early_links.h"

/* bounce(8) wrote c about m. */
void link_early_set_notice(struct lifecycle *life, struct message *c, struct message *m,
                           enum notice notice);
void link_early_look(struct lifecycle *life, const struct message *m);

/* Call it when the acceptance, the message-id or the hold of m has become known. */
static inline void link_early_known(struct lifecycle *life, const struct message *m)
{
    if (life->early_count) /* mostly there is none */
        link_early_look(life, m);
}

#endif
