/* SPDX-License-Identifier: MIT */
/*
 * A ring of blocks between two threads, one filling and one applying. Each block is handed over as
 * a whole under the mutex, so the threads share nothing else while they work.
 */
#include "cmd/parse_thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "common/libc.h"

/* A block is a few tenths of a millisecond of work: large enough that the hand-over costs little,
 * small enough to be still in a cache when the other thread gets to it. */
enum { BLOCKS = 8, BLOCK_LINES = 256, BLOCK_BYTES = 32 * 1024 };

struct block {
    size_t lines, used; /* used: bytes */
    struct log_line line[BLOCK_LINES];
    char bytes[BLOCK_BYTES + 3 * LOG_LINE_MAX]; /* room for the three texts of one more entry */
};

struct parse_thread {
    struct pipeline *pipeline;
    struct log_line_parser
        *parser;         /* the pipeline's; what lies beside it there, the other changes */
    struct block *block; /* BLOCKS of them */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the rest */
    pthread_cond_t changed;
    unsigned filled, applied; /* blocks, in total */
    bool ended;
};

static void *apply(void *ctx)
{
    struct parse_thread *parse_thread = ctx;

    pthread_mutex_lock(&parse_thread->mutex);
    for (;;) {
        while (parse_thread->applied == parse_thread->filled && !parse_thread->ended)
            pthread_cond_wait(&parse_thread->changed, &parse_thread->mutex);
        if (parse_thread->applied == parse_thread->filled)
            break;
        struct block *block = &parse_thread->block[parse_thread->applied % BLOCKS];
        pthread_mutex_unlock(&parse_thread->mutex);
        /* Without the mutex: the other side does not touch the block until `applied` says so. */
        pipeline_parsed(parse_thread->pipeline, block->line, block->lines);
        block->lines = block->used = 0;
        pthread_mutex_lock(&parse_thread->mutex);
        parse_thread->applied++;
        /* Whoever waits for room sleeps until half is free: waking it takes a system call. */
        if (parse_thread->filled - parse_thread->applied == BLOCKS / 2)
            pthread_cond_signal(&parse_thread->changed);
    }
    pthread_mutex_unlock(&parse_thread->mutex);
    return NULL;
}

static bool would_help(const struct pipeline *pipeline)
{
    const struct pipeline_options *o = &pipeline->options;
    cpu_set_t cpus;

    /* A callback must see each line as it is applied. With one CPU, a thread is only a cost. */
    return !o->on_line && !o->on_event && !o->on_verdict && !o->on_link &&
           sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) > 1;
}

struct parse_thread *parse_thread_new(struct pipeline *pipeline)
{
    struct parse_thread *parse_thread =
        would_help(pipeline) ? calloc(1, sizeof(*parse_thread)) : NULL;

    if (!parse_thread)
        return NULL;
    libc_use_one_arena();
    parse_thread->pipeline = pipeline;
    parse_thread->parser = pipeline->parser;
    parse_thread->block = calloc(BLOCKS, sizeof(*parse_thread->block));
    pthread_mutex_init(&parse_thread->mutex, NULL);
    pthread_cond_init(&parse_thread->changed, NULL);
    if (parse_thread->block &&
        pthread_create(&parse_thread->thread, NULL, apply, parse_thread) == 0)
        return parse_thread;
    pthread_cond_destroy(&parse_thread->changed);
    pthread_mutex_destroy(&parse_thread->mutex);
    free(parse_thread->block);
    free(parse_thread);
    return NULL;
}

static void hand_over(struct parse_thread *parse_thread, bool ended)
{
    pthread_mutex_lock(&parse_thread->mutex);
    parse_thread->filled += parse_thread->block[parse_thread->filled % BLOCKS].lines > 0;
    parse_thread->ended = ended;
    pthread_cond_signal(&parse_thread->changed);
    /* With all blocks full, wait for one: this bounds the memory if the other side is slower. */
    while (parse_thread->filled - parse_thread->applied == BLOCKS)
        pthread_cond_wait(&parse_thread->changed, &parse_thread->mutex);
    pthread_mutex_unlock(&parse_thread->mutex);
}

/* The block being filled. */
static struct block *current(const struct parse_thread *parse_thread)
{
    return &parse_thread->block[parse_thread->filled % BLOCKS];
}

static struct span copy(struct block *block, struct span s)
{
    char *at = block->bytes + block->used;

    if (s.len)
        memcpy(at, s.at, s.len);
    block->used += s.len;
    return span_of(at, s.len);
}

/* The line that counts, or the one that it stands for if it is of another form. */
static struct span copy_line(struct log_line_parser *parser, struct block *block, struct span line)
{
    struct span plain = log_line_unwrap(parser, line, block->bytes + block->used);

    /* Unwrapped text is already in the block: the call wrote it there. */
    if (plain.at != block->bytes + block->used)
        return copy(block, plain);
    block->used += plain.len;
    return plain;
}

static void added(struct parse_thread *parse_thread, const struct block *block)
{
    if (block->lines == BLOCK_LINES || block->used >= BLOCK_BYTES)
        hand_over(parse_thread, false);
}

void parse_thread_entry(struct parse_thread *parse_thread, const struct syslog_header *header)
{
    struct block *block = current(parse_thread);
    struct syslog_header own = *header;

    own.host = copy(block, header->host);
    own.tag = copy(block, header->tag);
    own.text = copy(block, header->text);
    log_line_parse_entry(parse_thread->parser, &own, &block->line[block->lines++]);
    added(parse_thread, block);
}

static __attribute__((noinline)) void parse_any(struct log_line_parser *parser, struct block *block,
                                                struct span line, struct log_line *ret)
{
    log_line_parse(parser, copy_line(parser, block, line), ret);
}

/* A usual line is known for one before it may be of another form. */
static inline void parse_line(struct log_line_parser *parser, struct block *block, struct span line,
                              struct log_line *ret)
{
    struct syslog_usual usual;

    if (line.len > LOG_LINE_MAX || !syslog_usual_find(&parser->clock, line, &usual)) {
        parse_any(parser, block, line, ret);
        return;
    }
    struct span text = copy(block, line);
    usual.prefix = text.at + (usual.prefix - line.at);
    usual.text = text.at + (usual.text - line.at);
    log_line_parse_usual(parser, text, &usual, ret);
}

void parse_thread_lines(struct parse_thread *parse_thread, const char *data, size_t len)
{
    struct span rest = span_of(data, len), line;

    while (span_take_line(&rest, &line)) {
        struct block *block = current(parse_thread);
        parse_line(parse_thread->parser, block, line, &block->line[block->lines++]);
        added(parse_thread, block);
    }
}

void parse_thread_set_reference(struct parse_thread *parse_thread, wall_us reference)
{
    pipeline_set_reference(parse_thread->pipeline, reference);
}

void parse_thread_end(struct parse_thread *parse_thread)
{
    hand_over(parse_thread, true);
    pthread_join(parse_thread->thread, NULL);
    pthread_cond_destroy(&parse_thread->changed);
    pthread_mutex_destroy(&parse_thread->mutex);
    free(parse_thread->block);
    free(parse_thread);
}
