/* SPDX-License-Identifier: MIT */
#include "control/query_internal.h"
#include "show/print.h"

/* Ended ones are recent for so long. */
#define RECENT_S (24 * 3600)

static json_t *whole(const struct detector *d, const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));
    json_t *object;

    if (!view)
        return NULL;
    incident_view_init(view, d, incident);
    object = incident_whole(view);
    incident_view_done(view);
    free(view);
    return object;
}

/* One in a piece: the view of a large one takes a while. What is gone since is passed over. */
static enum answer_step next_incident(struct answer *answer, struct evbuffer *out)
{
    const struct detector *d = &answer->live->pipeline->detector;
    const char(*ids)[INCIDENT_ID_MAX] = answer->ids.items;

    if (answer->at >= answer->ids.count)
        return ANSWER_END;
    const struct incident *incident = incident_by_id(d, span_str(ids[answer->at++]));
    json_t *object = incident ? whole(d, incident) : NULL;
    if (object)
        answer_object(out, object);
    return ANSWER_MORE;
}

static bool is_recent(const struct incident *incident, uint32_t now_s)
{
    return incident->ended_s + RECENT_S >= now_s;
}

/* Open ones first, then those that ended, each in the order they were raised. */
enum answer_step answer_incidents(struct answer *answer, struct evbuffer *out)
{
    struct pipeline *p = answer->live->pipeline;
    const struct incident **list;
    bool all = answer_flag(answer, "all");

    (void)out;
    detector_settle(&p->detector, p->now_s);
    list = calloc(p->detector.incident_count + 1u, sizeof(*list));
    if (!list)
        return answer_fail(answer, "not enough memory");
    uint32_t n = incidents_in_order(&p->detector, list);
    for (int ended = 0; ended < 2; ended++)
        for (uint32_t i = 0; i < n; i++) {
            char *id;
            if ((list[i]->state == INCIDENT_ENDED) != ended ||
                (ended && !all && !is_recent(list[i], p->now_s)))
                continue;
            id = list_add(&answer->ids, INCIDENT_ID_MAX, n);
            if (id)
                memcpy(id, list[i]->id, INCIDENT_ID_MAX);
        }
    free(list);
    answer->step = next_incident;
    return ANSWER_MORE;
}

/* --- one -------------------------------------------------------------------------------------- */

static const struct incident *find(struct answer *answer)
{
    const struct detector *d = &answer->live->pipeline->detector;
    struct span id = answer_argument(answer, "id");
    const struct incident *incident = id.len ? incident_by_id(d, id) : NULL;

    if (!incident)
        answer_unknown(answer, "incident", id, "");
    return incident;
}

enum answer_step answer_show(struct answer *answer, struct evbuffer *out)
{
    struct pipeline *p = answer->live->pipeline;

    detector_settle(&p->detector, p->now_s);
    const struct incident *incident = find(answer);
    json_t *object = incident ? whole(&p->detector, incident) : NULL;

    if (object)
        answer_object(out, object);
    return ANSWER_END;
}

/* --- what is queued --------------------------------------------------------------------------- */

static void flush(struct answer *answer, struct evbuffer *out)
{
    json_t *object;

    if (!answer->batch)
        return;
    object = json_object();
    answer_text(object, "type", "queue_ids");
    json_object_set_new(object, "queue_ids", answer->batch);
    answer->batch = NULL;
    answer_object(out, object);
}

/* IN_CELL: the queue file is one of those that the incident's figure "queued" counts. */
static bool belongs(struct answer *answer, const struct message *m)
{
    struct pipeline *p = answer->live->pipeline;
    struct cell_ref ref = {m->cell, m->cell_serial};
    const struct incident *incident =
        message_has(m, MESSAGE_IN_CELL) ? detector_incident_of(&p->detector, ref) : NULL;

    return incident && span_equal(span_str(incident->id), answer_argument(answer, "id"));
}

static void visit_queued(void *ctx, struct message *m)
{
    struct answer *answer = ctx;
    char id[QUEUE_ID_TEXT_MAX];
    bool wanted =
        m->state == MESSAGE_QUEUED || (m->state == MESSAGE_HELD && answer_flag(answer, "held"));

    if (!wanted || !belongs(answer, m))
        return;
    if (!answer->batch)
        answer->batch = json_array();
    json_array_append_new(answer->batch, json_string(queue_id_print(m->id, id)));
}

/* Pieces are sent as they come, in objects of at most about so many as a piece finds. */
static enum answer_step walk_queued(struct answer *answer, struct evbuffer *out)
{
    bool more = answer_walk(answer, visit_queued);

    if (!more || json_array_size(answer->batch) >= ANSWER_IDS)
        flush(answer, out);
    return more ? ANSWER_MORE : ANSWER_END;
}

enum answer_step answer_queue(struct answer *answer, struct evbuffer *out)
{
    (void)out;
    if (!find(answer))
        return ANSWER_END;
    answer->step = walk_queued;
    return ANSWER_MORE;
}
