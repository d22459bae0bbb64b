/* SPDX-License-Identifier: MIT */
/* A view of backscatter with who refused what, as the detector would have filled it. */
#ifndef RELAYWATCH_TESTS_REFUSED_VIEW_H
#define RELAYWATCH_TESTS_REFUSED_VIEW_H

#include "report/refusals.h"
#include "rows.h"

struct refused_view {
    struct incident incident;
    struct incident_view view;
    struct interns texts;
};

static inline void refused_view_begin(struct refused_view *v, enum cause cause)
{
    *v = (struct refused_view){
        .incident = {.id = "bs-0123", .kind = KIND_BACKSCATTER_SOURCE, .cause = cause}};
    v->view = (struct incident_view){.incident = &v->incident, .key_type = KEY_HOST};
    ck_assert(interns_init(&v->texts, 1000, 7));
}

static inline void refused_view_add(struct refused_view *v, const char *by, const char *domain,
                                    uint32_t count)
{
    struct intern *text = intern_get(&v->texts, span_str(by)),
                  *of = intern_get(&v->texts, span_str(domain));

    tally_add(&v->view.refused_by, &v->texts, text, count, 1, TALLY_MAX);
    tally_add(&v->view.refused_domains, &v->texts, of, count, 1, TALLY_MAX);
    intern_put(&v->texts, text);
    intern_put(&v->texts, of);
    tally_sort(&v->view.refused_by);
    tally_sort(&v->view.refused_domains);
}

static inline void refused_view_end(struct refused_view *v)
{
    tally_done(&v->view.refused_by, &v->texts);
    tally_done(&v->view.refused_domains, &v->texts);
    interns_done(&v->texts);
}

#endif
