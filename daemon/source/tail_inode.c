/* SPDX-License-Identifier: MIT */
/*
 * Lines are handed over in blocks straight from the read buffer. The offset moves only past
 * complete lines, so a position never falls within a line, except in an over-long one that is being
 * skipped.
 */
#include "source/tail_inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse/syslog_cut.h"

/* Not an error of pread(2). */
#define TEXT_CHANGED (-EDOM)
#define READ_BYTES   ((size_t)256 * 1024)
#define MERGE_BYTES  ((size_t)8 * 1024) /* while a few lines of each file take turns */

bool tail_buffer_init(struct tail_buffer *buffer)
{
    buffer->room = TAIL_MAX + READ_BYTES + 1;
    buffer->at = malloc(buffer->room);
    return buffer->at != NULL;
}

void tail_buffer_done(struct tail_buffer *buffer)
{
    free(buffer->at);
    seen_lines_free(buffer->seen);
    *buffer = (struct tail_buffer){0};
}

struct tail_file *tail_file_new(enum tail_file_state state)
{
    struct tail_file *file = calloc(1, sizeof(*file));

    if (!file)
        return NULL;
    file->state = state;
    file->text.fd = -1;
    file->watch = -1;
    file->links = 1;
    file->written = WHEN_UNKNOWN;
    file->end = UINT64_MAX;
    file->successor_since_us = INT64_MAX;
    return file;
}

void tail_file_free(struct tail_file *file)
{
    if (!file)
        return;
    text_file_close(&file->text);
    free(file);
}

bool tail_file_is_open(const struct tail_file *file)
{
    return file->text.fd >= 0;
}

void tail_file_set_facts(struct tail_file *file, const struct file_facts *facts)
{
    identity_set_inode(&file->id, facts);
    file->links = facts->links;
    file->written = facts->mtime_ns / 1000;
    if (!file->packed)
        file->size = facts->size;
}

uint64_t tail_file_rest(const struct tail_file *file)
{
    return file->size > file->id.offset ? file->size - file->id.offset : 0;
}

/* Lines on their way to the sink. */
struct handing {
    struct source *source;
    struct source_lines lines;
};

static void give(void *ctx, const char *data, size_t len)
{
    struct handing *handing = ctx;

    handing->lines.data = data;
    handing->lines.len = len;
    handing->source->sink.lines(handing->source->sink.ctx, &handing->lines);
}

static void hand_over(const struct tail_file *file, struct source *source,
                      const struct tail_buffer *buffer, const char *data, size_t len, bool cut,
                      bool unfinished)
{
    struct handing handing = {source,
                              {data, len, file->written, file->name, file->log, cut, unfinished}};

    if (cut)
        source_say(source, SOURCE_NOTE_CUT, 1, "a line of more than %zu bytes was cut",
                   SOURCE_LINE_MAX);
    if (buffer->seen)
        seen_lines_filter(buffer->seen, file->log, data, len, give, &handing);
    else
        give(&handing, data, len);
}

/* Skips NUL bytes and holes where a line should begin. A writer without O_APPEND leaves them before
 * its next line after a truncation, sometimes gigabytes of them. */
static int skip_nuls(struct tail_file *file, struct source *source, const char *data, size_t len)
{
    uint64_t from = file->id.offset, to;
    size_t n = 0;

    while (n < len && data[n] == '\0')
        n++;
    if (n < len)
        identity_advance(&file->id, data, n);
    else if ((to = text_file_skip_hole(&file->text, from + n)) <= from + len)
        identity_advance(&file->id, data, len);
    else {
        int r = identity_read(&file->id, &file->text, to);
        if (r < 0)
            return r;
    }
    source_say(source, SOURCE_NOTE_NULS, file->id.offset - from, "%llu NUL bytes were skipped",
               (unsigned long long)(file->id.offset - from));
    return 0;
}

/* Takes one callback's worth off the front. Returns the bytes taken, 0 if no whole line is left, or
 * none that is not held back. The byte after data[0 .. len) may be overwritten. */
static size_t take(struct tail_file *file, struct source *source, const struct tail_buffer *buffer,
                   char *data, size_t len, struct tail_limit *limit)
{
    size_t window = len < SOURCE_LINE_MAX + 1 ? len : SOURCE_LINE_MAX + 1;

    if (file->skipping) {
        char *end = memchr(data, '\n', len);
        file->skipping = !end;
        len = end ? (size_t)(end - data) + 1 : len;
        identity_advance(&file->id, data, len);
        return len;
    }
    /* Search only the window, so that no line of a block exceeds the limit. */
    size_t whole = syslog_cut_whole(data, window, SOURCE_LINE_MAX);
    if (whole) {
        line_time_reference(&file->clock, file->written);
        len = line_time_until(&file->clock, data, whole, limit->until, &limit->next);
        if (len == 0)
            return 0;
        hand_over(file, source, buffer, data, len, false, false);
        identity_advance(&file->id, data, len);
        return len;
    }
    if (window <= SOURCE_LINE_MAX)
        return 0;
    char kept = data[SOURCE_LINE_MAX];
    data[SOURCE_LINE_MAX] = '\n';
    hand_over(file, source, buffer, data, SOURCE_LINE_MAX + 1, true, false);
    data[SOURCE_LINE_MAX] = kept;
    identity_advance(&file->id, data, SOURCE_LINE_MAX);
    file->skipping = true;
    return SOURCE_LINE_MAX;
}

/* Returns DRAIN_CUT if the file may have been copied and truncated since the last look: nothing was
 * read yet, so that no byte before the offset can show it, and the file became shorter or was
 * written to without growing. */
static int refresh(struct tail_file *file, int64_t now_us)
{
    struct file_facts facts;
    uint64_t size = file->size;
    wall_us written = file->written;
    int r = file_facts_get(file->text.fd, "", &facts);

    if (r < 0)
        return r;
    tail_file_set_facts(file, &facts);
    if (file->size != size)
        file->quiet_since_us = now_us;
    if (file->id.offset > 0 || file->packed)
        return DRAINED;
    return file->size < size || (file->size == size && file->written != written) ? DRAIN_CUT
                                                                                 : DRAINED;
}

/* Whether a file of which nothing was handed over yet has more text than was seen of it before the
 * last sweep. It may have been copied and truncated since, and then the copy comes first. */
static bool is_newer_than_sweep(const struct tail_file *file, size_t n)
{
    const struct identity *id = &file->id;

    return file->state == TAIL_LIVE && id->offset == 0 && id->head_len < HEAD_MAX &&
           (n > id->head_len || file->size > id->head_len);
}

/* Whether the file still begins as it did, asked after a read: only then was all of that read from
 * one text, and not partly from what was written after a truncation. */
static bool begins_still(struct tail_file *file, const char *data, size_t n)
{
    const struct identity *id = &file->id;
    unsigned char head[HEAD_MAX];
    size_t len = id->head_len;
    const void *want = id->head;

    if (id->offset == 0) {
        want = data;
        len = n < HEAD_MAX ? n : HEAD_MAX;
    }
    return file->packed || (text_file_read(&file->text, head, len, 0) == (ssize_t)len &&
                            memcmp(head, want, len) == 0);
}

/* Reads what follows the offset, together with the bytes before it, which are compared. That
 * catches a file that was truncated and has grown past the offset since the last look. */
static ssize_t fetch(struct tail_file *file, struct tail_buffer *buffer, size_t max,
                     char **ret_data)
{
    const struct identity *id = &file->id;
    uint64_t most = file->end > id->offset ? file->end - id->offset : 0;
    size_t seen = id->offset == 0 ? id->head_len : id->tail_len;
    const unsigned char *text = id->offset == 0 ? id->head : id->tail;
    ssize_t n =
        text_file_read(&file->text, buffer->at, (max < most ? max : (size_t)most) + id->tail_len,
                       id->offset - id->tail_len);

    if (n < 0)
        return n;
    if ((size_t)n < seen || memcmp(buffer->at, text, seen) != 0 ||
        is_newer_than_sweep(file, (size_t)n) || !begins_still(file, buffer->at, (size_t)n))
        return TEXT_CHANGED;
    *ret_data = buffer->at + id->tail_len;
    return n - (ssize_t)id->tail_len;
}

/* Hands over the whole lines of data[0 .. n), as far as the limit goes. */
static int take_all(struct tail_file *file, struct source *source, const struct tail_buffer *buffer,
                    char *data, size_t n, struct tail_limit *limit)
{
    for (size_t taken; n > 0; n -= taken, data += taken) {
        if (limit->bytes == 0)
            return DRAIN_MORE;
        if (*data == '\0' && !file->skipping)
            return skip_nuls(file, source, data, n);
        taken = take(file, source, buffer, data, n, limit);
        if (taken == 0)
            return limit->next == LINE_TIME_NEVER ? DRAINED : DRAIN_MORE;
        limit->bytes -= taken < limit->bytes ? taken : limit->bytes;
        if (limit->next != LINE_TIME_NEVER)
            return DRAIN_MORE;
    }
    return DRAINED;
}

/* Of a line that was held back for so long the line after it may tell otherwise, if it was read. */
static bool is_far(const struct tail_limit *limit)
{
    return limit->next != LINE_TIME_NEVER && limit->next - LINE_TIME_AHEAD > limit->until;
}

/* Reads blocks until no whole line is left or the limit is reached. Each round trip through `fetch`
 * also proves that the file is still the one that was read. */
int tail_file_drain(struct tail_file *file, struct source *source, struct tail_buffer *buffer,
                    int64_t now_us, struct tail_limit *limit)
{
    size_t max = limit->until == LINE_TIME_NEVER ? READ_BYTES : MERGE_BYTES;
    int r = refresh(file, now_us);

    if (r != DRAINED)
        return r;
    for (;;) {
        char *data;
        ssize_t n = fetch(file, buffer, max, &data);

        if (n == TEXT_CHANGED && !file->packed)
            return DRAIN_CUT;
        if (n < 0)
            return (int)n;
        if (file->id.offset + (uint64_t)n > file->size) {
            file->size = file->id.offset + (uint64_t)n;
            file->quiet_since_us = now_us;
        }
        uint64_t before = file->id.offset;
        r = take_all(file, source, buffer, data, (size_t)n, limit);
        if (is_far(limit) && file->id.offset > before) {
            limit->next = LINE_TIME_NEVER;
            continue;
        }
        if (r != DRAINED)
            return r;
        if (file->id.offset > before)
            continue;
        /* An incomplete line: the file's last one, or one cut by the end of a short read. */
        if ((size_t)n == max && max < READ_BYTES) {
            max = READ_BYTES;
            continue;
        }
        if (n > 0 && file->id.offset > 0)
            identity_read_head(&file->id, &file->text);
        return DRAINED;
    }
}

int tail_file_finish(struct tail_file *file, struct source *source, struct tail_buffer *buffer)
{
    char *data;
    ssize_t n = fetch(file, buffer, READ_BYTES, &data);

    if (n <= 0)
        return (int)n;
    if (n > (ssize_t)SOURCE_LINE_MAX)
        n = (ssize_t)SOURCE_LINE_MAX;
    source_say(source, SOURCE_NOTE_UNFINISHED, 1, "a file ended within a line, after %zd bytes", n);
    char kept = data[n];
    bool is_line = data[n - 1] == '\n'; /* which goes on in another */
    data[n] = '\n';
    hand_over(file, source, buffer, data, (size_t)n + !is_line, false, true);
    data[n] = kept;
    identity_advance(&file->id, data, (size_t)n);
    return 0;
}

void tail_file_recall(struct tail_file *file, struct tail_buffer *buffer, size_t bytes)
{
    uint64_t to = file->id.offset, at = to > bytes ? to - bytes : 0;
    ssize_t n;

    while (at < to) {
        size_t most = to - at < READ_BYTES ? (size_t)(to - at) : READ_BYTES;
        n = text_file_read(&file->text, buffer->at, most, at);
        const char *end = n > 0 ? memrchr(buffer->at, '\n', (size_t)n) : NULL;
        if (!end)
            return;
        /* What comes before the first newline is part of a line, unless the file begins there.
         * Remembering it does no harm: no whole line will equal it. */
        size_t whole = (size_t)(end + 1 - buffer->at);
        seen_lines_filter(buffer->seen, file->log, buffer->at, whole, NULL, NULL);
        at += whole;
    }
}
