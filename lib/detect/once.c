/* SPDX-License-Identifier: MIT */
#include "detect/once.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/cell_evidence.h"
#include "detect/scope.h"
#include "detect/thresholds.h"

bool once_fits(const struct detector *d, const struct observation *o)
{
    bool is_plain = once_is_of(o->kind) && o->first && o->counts && !o->undecided && !o->notice &&
                    !o->repeats && !o->day_only && !o->forwarder.len && !o->said;

    /* An override is found by the names of a cell. */
    return is_plain && o->sender.len <= CELL_TEXT_MAX && o->message_id.len <= UINT16_MAX &&
           !d->settings->override_count && !trace_wants(d->trace, TRACE_DETECT);
}

static struct once *keep(struct detector *d, const struct observation *o)
{
    struct once *once = malloc(sizeof(*once) + o->sender.len + o->message_id.len);

    if (!once)
        return NULL;
    once->client = o->client_text ? intern_ref(o->client_text) : intern_get(d->texts, o->client);
    once->recipient_domain = o->recipient_domain_text ? intern_ref(o->recipient_domain_text)
                                                      : intern_get(d->texts, o->recipient_domain);
    once->host_name = o->host_name.len ? intern_get(d->texts, o->host_name) : NULL;
    once->begun_s = o->begun_s;
    once->uid = o->uid;
    once->foreign_sender = o->foreign_sender;
    once->maybe_ours = o->maybe_ours;
    once->unseen_sender = o->unseen_sender;
    once->sender_len = (uint16_t)o->sender.len;
    once->message_id_len = (uint16_t)o->message_id.len;
    if (o->sender.len)
        memcpy(once->text, o->sender.at, o->sender.len);
    if (o->message_id.len)
        memcpy(once->text + o->sender.len, o->message_id.at, o->message_id.len);
    d->texts->listed += cell_once_bytes(once);
    return once;
}

struct cell *once_make(struct detector *d, uint64_t key, const struct observation *o,
                       struct names *n)
{
    struct once *once = keep(d, o);
    struct cell *cell = once ? cell_begin(d, key, o, n) : NULL;

    if (cell)
        cell->once = once;
    else if (once)
        cell_once_done(d, once);
    return cell;
}

/* Makes the rest out of cell->once, which stays. */
static bool make_rest(struct detector *d, struct cell *cell)
{
    const struct once *once = cell->once;
    const struct observation o = {.kind = scope_kind(cell->scope),
                                  .cause = scope_cause(cell->scope),
                                  .host = scope_host(cell->scope),
                                  .host_name = intern_span(once->host_name),
                                  .at_s = cell->totals.first_s,
                                  .client = intern_span(once->client),
                                  .client_text = once->client,
                                  .sender = span_of(once->text, once->sender_len),
                                  .uid = once->uid,
                                  .recipient_domain = intern_span(once->recipient_domain),
                                  .first = true,
                                  .counts = true,
                                  .foreign_sender = once->foreign_sender,
                                  .maybe_ours = once->maybe_ours,
                                  .unseen_sender = once->unseen_sender,
                                  .id = cell->totals.first_id,
                                  .begun_s = once->begun_s,
                                  .message_id =
                                      span_of(once->text + once->sender_len, once->message_id_len)};
    struct names n = {.client = client_address(o.client)};
    const struct added add = evidence_measures(&o, cell);

    if (!cell_name(d, cell, &o, &n))
        return false;
    evidence_add(d, cell, &o, &n, &add);
    return true;
}

bool once_build(struct detector *d, struct cell *cell)
{
    if (!cell->once)
        return true;
    if (!make_rest(d, cell))
        return false;
    cell_once_done(d, cell->once);
    cell->once = NULL;
    return true;
}

bool once_copy(struct detector *d, const struct cell *cell, struct cell *ret)
{
    *ret = *cell;
    return !cell->once || make_rest(d, ret);
}

void once_copy_done(struct detector *d, const struct cell *cell, struct cell *copy)
{
    if (cell->once)
        cell_release_rest(d, copy);
}

void once_build_all(struct detector *d)
{
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key)
            once_build(d, &d->cell[i]);
}
