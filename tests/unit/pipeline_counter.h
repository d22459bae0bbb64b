/* SPDX-License-Identifier: MIT */
/* One counter of a pipeline, by its name, which must be there just once. */
#ifndef RELAYWATCH_TESTS_PIPELINE_COUNTER_H
#define RELAYWATCH_TESTS_PIPELINE_COUNTER_H

#include "engine/counters.h"
#include "rows.h"

static void find_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    struct {
        const char *name;
        uint64_t value;
        int found;
    } *want = ctx;

    ck_assert_msg(sentence && *sentence, "%s: got no sentence", name);
    if (strcmp(name, want->name) == 0) {
        want->value = value;
        want->found++;
    }
}

static int64_t counter_of(struct pipeline *p, const char *name)
{
    struct {
        const char *name;
        uint64_t value;
        int found;
    } want = {name, 0, 0};

    pipeline_each_counter(p, find_counter, &want);
    want_number(name, want.found, 1);
    return (int64_t)want.value;
}

#endif
