/* SPDX-License-Identifier: MIT */
/*
 * Links point from child to parent only, because that is all the tracker needs. Finding children
 * means walking every message, so the answer takes about as many walks as the chain has levels.
 */
#include "control/query_explain.h"

#include "report/text_json.h"
#include "show/hop_order.h"
#include "show/message_report.h"

_Static_assert(QUERY_CHAIN <= (int)HOP_ORDER_MAX, "a chain can be put in order");

static struct tracker *tracker_of(const struct query *query)
{
    return &query->runtime->pipeline->tracker;
}

static bool same(struct message_ref a, struct message_ref b)
{
    return a.slot == b.slot && a.serial == b.serial;
}

static int place_in_chain(const struct query *query, struct message_ref ref)
{
    for (int i = 0; i < query->chain_count; i++)
        if (same(query->chain[i], ref))
            return i;
    return -1;
}

static bool in_chain(const struct query *query, struct message_ref ref)
{
    return place_in_chain(query, ref) >= 0;
}

static void add_to_chain(struct query *query, struct message_ref ref)
{
    if (!ref.slot || query->chain_count == QUERY_CHAIN || in_chain(query, ref) ||
        !tracker_deref(tracker_of(query), ref))
        return;
    query->chain[query->chain_count++] = ref;
    query->chain_grew = true;
}

/* --- one message ------------------------------------------------------------------------------ */

static json_t *recipients_json(const struct pipeline *p, struct message *m)
{
    const struct recipient *r = message_recipients(m);
    json_t *list = json_array();

    for (uint16_t i = 0; i < m->recipient_count && i < 100; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "recipient", text_json(intern_span(r[i].text)));
        query_text(object, "class", class_name((enum domain_class)r[i].class));
        message_report_set_evidence(object, p, &r[i]);
        query_text(object, "status", status_name((enum status)r[i].status));
        json_object_set_new(object, "forwarded", json_boolean(r[i].flags & RECIPIENT_FORWARDED));
        json_object_set_new(object, "counted", json_boolean(r[i].flags & RECIPIENT_COUNTED));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *id_json(struct query *query, struct message_ref ref)
{
    const struct message *m = ref.slot ? tracker_deref(tracker_of(query), ref) : NULL;
    char id[QUEUE_ID_TEXT_MAX];

    return m ? json_string(queue_id_print(m->id, id)) : json_null();
}

static json_t *host_json(struct query *query, struct message_ref ref)
{
    const struct message *m = ref.slot ? tracker_deref(tracker_of(query), ref) : NULL;

    return m ? text_json(intern_span(hosts_of(&query->runtime->pipeline->hosts, m->source)->name))
             : json_null();
}

static json_t *children_json(struct query *query, struct message_ref parent)
{
    json_t *list = json_array();

    for (int i = 0; i < query->chain_count; i++) {
        const struct message *m = tracker_deref(tracker_of(query), query->chain[i]);
        if (m && same(m->parent, parent))
            json_array_append_new(list, id_json(query, query->chain[i]));
    }
    return list;
}

static json_t *message_json(struct query *query, struct message *m)
{
    struct pipeline *p = query->runtime->pipeline;
    const struct incident *incident = judge_incident_of(&p->judge, m);
    json_t *object = message_report_to_json(p, m);

    json_object_set_new(object, "parent", id_json(query, m->parent));
    json_object_set_new(object, "parent_host", host_json(query, m->parent));
    json_object_set_new(object, "children", children_json(query, tracker_ref(m)));
    query_count(object, "recipient_count", m->recipient_count);
    json_object_set_new(object, "recipients", recipients_json(p, m));
    query_text(object, "incident", incident ? incident->id : NULL);
    query_text(object, "incident_kind", incident ? kind_name(incident->kind) : NULL);
    return object;
}

/* --- all that is linked ----------------------------------------------------------------------- */

static enum query_step show_chain(struct query *query, struct evbuffer *out)
{
    int parent[QUERY_CHAIN], order[QUERY_CHAIN];

    for (int i = 0; i < query->chain_count; i++) {
        const struct message *m = tracker_deref(tracker_of(query), query->chain[i]);
        parent[i] = m && m->parent.slot ? place_in_chain(query, m->parent) : -1;
    }
    hop_order(parent, query->chain_count, order);
    for (int i = 0; i < query->chain_count; i++) {
        struct message *m = tracker_deref(tracker_of(query), query->chain[order[i]]);
        if (m)
            query_object(out, message_json(query, m));
    }
    return QUERY_END;
}

static void visit_child(void *ctx, struct message *m)
{
    struct query *query = ctx;

    if (m->parent.slot && in_chain(query, m->parent))
        add_to_chain(query, tracker_ref(m));
}

static void add_parents(struct query *query)
{
    for (int i = 0; i < query->chain_count; i++) {
        const struct message *m = tracker_deref(tracker_of(query), query->chain[i]);
        if (m)
            add_to_chain(query, m->parent);
    }
}

/* A message knows only its parent. So a walk over all messages finds the children, another one
 * theirs, and so on until a walk finds nothing new. */
static enum query_step walk_children(struct query *query, struct evbuffer *out)
{
    if (query_walk(query, visit_child))
        return QUERY_MORE;
    if (!query->chain_grew)
        return show_chain(query, out);
    add_parents(query);
    query->chain_grew = false;
    query->at = 0;
    return QUERY_MORE;
}

enum query_step query_explain(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;
    struct span id = query_argument(query, "queue_id");
    struct span host = query_argument(query, "host");

    (void)out;
    if (!id.len || queue_id_parse(id, &query->id) != id.len)
        return query_fail(query, "that is not a queue ID");
    for (uint16_t source = hosts_next_source(&p->hosts, 0); source != HOSTS_NONE;
         source = hosts_next_source(&p->hosts, (uint16_t)(source + 1))) {
        struct message *m = tracker_find(&p->tracker, source, query->id);
        if (m &&
            (!host.len || span_equal_nocase(intern_span(hosts_of(&p->hosts, source)->name), host)))
            add_to_chain(query, tracker_ref(m));
    }
    if (!query->chain_count)
        return query_unknown(query, "message", id,
                             ": it is not in the queue; if it was, it left some time ago");
    add_parents(query);
    query->chain_grew = false;
    query->step = walk_children;
    return QUERY_MORE;
}
