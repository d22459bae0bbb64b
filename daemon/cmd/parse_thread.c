/* SPDX-License-Identifier: MIT */
#include "cmd/parse_thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/* A block is some tenths of a millisecond of work: enough that handing it over does not show, and
 * little enough to be still in a cache when the other thread comes to it. */
enum { BLOCKS = 4, BLOCK_LINES = 256, BLOCK_BYTES = 32 * 1024 };

struct block {
    size_t lines, used; /* used: bytes */
    struct line line[BLOCK_LINES];
    char bytes[BLOCK_BYTES + 3 * LINE_LEN_MAX]; /* one more entry is three texts */
};

struct ahead {
    struct pipeline *pipeline;
    struct block *block; /* BLOCKS of them */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t changed;
    unsigned filled, applied; /* blocks so far */
    bool ended;
};

static void *apply(void *ctx)
{
    struct ahead *ahead = ctx;

    pthread_mutex_lock(&ahead->mutex);
    for (;;) {
        while (ahead->applied == ahead->filled && !ahead->ended)
            pthread_cond_wait(&ahead->changed, &ahead->mutex);
        if (ahead->applied == ahead->filled)
            break;
        struct block *block = &ahead->block[ahead->applied % BLOCKS];
        pthread_mutex_unlock(&ahead->mutex);
        pipeline_parsed(ahead->pipeline, block->line, block->lines);
        block->lines = block->used = 0;
        pthread_mutex_lock(&ahead->mutex);
        ahead->applied++;
        pthread_cond_signal(&ahead->changed);
    }
    pthread_mutex_unlock(&ahead->mutex);
    return NULL;
}

static bool is_of_use(const struct pipeline *pipeline)
{
    const struct pipeline_options *o = &pipeline->options;
    cpu_set_t cpus;

    return !o->see && !o->hear && !o->judged && !o->link &&
           sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1;
}

struct ahead *ahead_new(struct pipeline *pipeline)
{
    struct ahead *ahead = is_of_use(pipeline) ? calloc(1, sizeof(*ahead)) : NULL;

    if (!ahead)
        return NULL;
    ahead->pipeline = pipeline;
    ahead->block = calloc(BLOCKS, sizeof(*ahead->block));
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    if (ahead->block && pthread_create(&ahead->thread, NULL, apply, ahead) == 0)
        return ahead;
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->mutex);
    free(ahead->block);
    free(ahead);
    return NULL;
}

static void hand_over(struct ahead *ahead, bool ended)
{
    pthread_mutex_lock(&ahead->mutex);
    ahead->filled += ahead->block[ahead->filled % BLOCKS].lines > 0;
    ahead->ended = ended;
    pthread_cond_signal(&ahead->changed);
    while (ahead->filled - ahead->applied == BLOCKS)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    pthread_mutex_unlock(&ahead->mutex);
}

/* What is added goes there. */
static struct block *current(const struct ahead *ahead)
{
    return &ahead->block[ahead->filled % BLOCKS];
}

static struct span copy(struct block *block, struct span s)
{
    char *at = block->bytes + block->used;

    if (s.len)
        memcpy(at, s.at, s.len);
    block->used += s.len;
    return span_of(at, s.len);
}

static void added(struct ahead *ahead)
{
    const struct block *block = current(ahead);

    if (block->lines == BLOCK_LINES || block->used >= BLOCK_BYTES)
        hand_over(ahead, false);
}

void ahead_entry(struct ahead *ahead, const struct header *header)
{
    struct block *block = current(ahead);
    struct header own = *header;

    own.host = copy(block, header->host);
    own.tag = copy(block, header->tag);
    own.text = copy(block, header->text);
    line_parse_entry(ahead->pipeline->parser, &own, &block->line[block->lines++]);
    added(ahead);
}

void ahead_lines(struct ahead *ahead, const char *data, size_t len)
{
    struct span rest = span_of(data, len), line;

    while (span_take_line(&rest, &line)) {
        struct block *block = current(ahead);
        line_parse(ahead->pipeline->parser, copy(block, line_that_counts(line)),
                   &block->line[block->lines++]);
        added(ahead);
    }
}

void ahead_end(struct ahead *ahead)
{
    hand_over(ahead, true);
    pthread_join(ahead->thread, NULL);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->mutex);
    free(ahead->block);
    free(ahead);
}
