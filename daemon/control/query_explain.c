/* SPDX-License-Identifier: MIT */
#include "control/query_internal.h"
#include "show/message_report.h"

static struct tracker *tracker_of(const struct answer *answer)
{
    return &answer->live->pipeline->tracker;
}

static bool same(struct message_ref a, struct message_ref b)
{
    return a.slot == b.slot && a.serial == b.serial;
}

static bool in_chain(const struct answer *answer, struct message_ref ref)
{
    for (int i = 0; i < answer->chain_count; i++)
        if (same(answer->chain[i], ref))
            return true;
    return false;
}

static void add_to_chain(struct answer *answer, struct message_ref ref)
{
    if (!ref.slot || answer->chain_count == ANSWER_CHAIN || in_chain(answer, ref) ||
        !tracker_deref(tracker_of(answer), ref))
        return;
    answer->chain[answer->chain_count++] = ref;
    answer->chain_grew = true;
}

/* --- one message ------------------------------------------------------------------------------ */

static json_t *recipients_json(struct message *m)
{
    const struct recipient *r = message_recipients(m);
    json_t *list = json_array();

    for (uint16_t i = 0; i < m->recipient_count && i < 100; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "recipient", text_json(text_span(r[i].text)));
        answer_text(object, "class", class_name((enum domain_class)r[i].class));
        answer_text(object, "status", status_name((enum status)r[i].status));
        json_object_set_new(object, "forwarded", json_boolean(r[i].flags & RECIPIENT_FORWARDED));
        json_object_set_new(object, "counted", json_boolean(r[i].flags & RECIPIENT_COUNTED));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *id_json(struct answer *answer, struct message_ref ref)
{
    const struct message *m = ref.slot ? tracker_deref(tracker_of(answer), ref) : NULL;
    char id[QUEUE_ID_TEXT_MAX];

    return m ? json_string(queue_id_print(m->id, id)) : json_null();
}

static json_t *children_json(struct answer *answer, struct message_ref parent)
{
    json_t *list = json_array();

    for (int i = 0; i < answer->chain_count; i++) {
        const struct message *m = tracker_deref(tracker_of(answer), answer->chain[i]);
        if (m && same(m->parent, parent))
            json_array_append_new(list, id_json(answer, answer->chain[i]));
    }
    return list;
}

static json_t *message_json(struct answer *answer, struct message *m)
{
    const struct pipeline *p = answer->live->pipeline;
    struct cell_ref cell = {m->cell, m->cell_serial};
    const struct incident *incident = cell.cell ? detector_incident_of(&p->detector, cell) : NULL;
    json_t *object = explained_message(p, m);

    json_object_set_new(object, "parent", id_json(answer, m->parent));
    json_object_set_new(object, "children", children_json(answer, tracker_ref(m)));
    answer_count(object, "recipient_count", m->recipient_count);
    json_object_set_new(object, "recipients", recipients_json(m));
    answer_text(object, "incident", incident ? incident->id : NULL);
    answer_text(object, "incident_kind", incident ? kind_name(incident->kind) : NULL);
    return object;
}

/* --- all that hangs together ------------------------------------------------------------------ */

static enum answer_step give_chain(struct answer *answer, struct evbuffer *out)
{
    for (int i = 0; i < answer->chain_count; i++) {
        struct message *m = tracker_deref(tracker_of(answer), answer->chain[i]);
        if (m)
            answer_object(out, message_json(answer, m));
    }
    return ANSWER_END;
}

static void visit_child(void *ctx, struct message *m)
{
    struct answer *answer = ctx;

    if (m->parent.slot && in_chain(answer, m->parent))
        add_to_chain(answer, tracker_ref(m));
}

static void add_parents(struct answer *answer)
{
    for (int i = 0; i < answer->chain_count; i++) {
        const struct message *m = tracker_deref(tracker_of(answer), answer->chain[i]);
        if (m)
            add_to_chain(answer, m->parent);
    }
}

/* Messages know their parents only: children are found by a walk over all of them, and theirs by
 * another, until one finds nothing new. */
static enum answer_step walk_children(struct answer *answer, struct evbuffer *out)
{
    if (answer_walk(answer, visit_child))
        return ANSWER_MORE;
    if (!answer->chain_grew)
        return give_chain(answer, out);
    add_parents(answer);
    answer->chain_grew = false;
    answer->at = 0;
    return ANSWER_MORE;
}

enum answer_step answer_explain(struct answer *answer, struct evbuffer *out)
{
    struct pipeline *p = answer->live->pipeline;
    struct span id = answer_argument(answer, "queue_id");

    (void)out;
    if (!id.len || queue_id_parse(id, &answer->id) != id.len)
        return answer_fail(answer, "that is no queue ID");
    for (uint16_t source = 0; source < p->hosts.source_count; source++) {
        struct message *m = tracker_find(&p->tracker, source, answer->id);
        if (m)
            add_to_chain(answer, tracker_ref(m));
    }
    if (!answer->chain_count)
        return answer_unknown(answer, "message", id,
                              ": it is not in the queue, and left it some time ago if it was");
    add_parents(answer);
    answer->chain_grew = false;
    answer->step = walk_children;
    return ANSWER_MORE;
}
