/* SPDX-License-Identifier: MIT */
/*
 * Head and tail are kept as bytes rather than hashed, so that they can be compared over a shorter
 * length, which a file that is still growing needs.
 */
#include "source/tail_identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void identity_set_inode(struct identity *id, const struct file_facts *facts)
{
    id->dev = facts->dev;
    id->ino = facts->ino;
    id->btime_ns = facts->btime_ns;
}

static size_t least(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

int identity_read(struct identity *id, struct text_file *text, uint64_t offset)
{
    size_t tail_len = least(offset, TAIL_MAX);
    ssize_t head = text_file_read(text, id->head, HEAD_MAX, 0);
    ssize_t tail = head < 0 ? head : text_file_read(text, id->tail, tail_len, offset - tail_len);

    if (tail < 0)
        return (int)tail;
    if ((size_t)head < least(offset, HEAD_MAX) || (size_t)tail < tail_len)
        return -ESTALE;
    id->offset = offset;
    id->head_len = (size_t)head;
    id->tail_len = tail_len;
    return 0;
}

void identity_read_head(struct identity *id, struct text_file *text)
{
    unsigned char head[HEAD_MAX];
    ssize_t n = id->head_len < HEAD_MAX ? text_file_read(text, head, HEAD_MAX, 0) : 0;

    if (n <= 0 || (uint64_t)n < least(id->offset, HEAD_MAX))
        return;
    memcpy(id->head, head, (size_t)n);
    id->head_len = (size_t)n;
}

void identity_advance(struct identity *id, const char *data, size_t len)
{
    size_t keep = len < TAIL_MAX ? least(id->tail_len, TAIL_MAX - len) : 0;
    size_t take = len < TAIL_MAX ? len : TAIL_MAX;

    if (id->offset < HEAD_MAX) {
        size_t from = (size_t)id->offset, more = least(len, HEAD_MAX - from);
        memcpy(id->head + from, data, more);
        if (id->head_len < from + more)
            id->head_len = from + more;
    }
    memmove(id->tail, id->tail + (id->tail_len - keep), keep);
    memcpy(id->tail + keep, data + (len - take), take);
    id->tail_len = keep + take;
    id->offset += len;
}

enum likeness identity_compare(const struct identity *id, struct text_file *text, size_t proof)
{
    unsigned char head[HEAD_MAX], tail[TAIL_MAX];
    ssize_t n = text_file_read(text, head, sizeof(head), 0);
    size_t common;

    if (n <= 0)
        return LIKE_NOT;
    common = least((uint64_t)n, id->head_len);
    if (common < proof || memcmp(head, id->head, common) != 0)
        return LIKE_NOT;
    n = text_file_read(text, tail, id->tail_len, id->offset - id->tail_len);
    if (n < 0)
        return LIKE_NOT;
    if ((size_t)n < id->tail_len)
        return LIKE_SHORTER;
    return memcmp(tail, id->tail, id->tail_len) == 0 ? LIKE_SAME : LIKE_NOT;
}

static json_t *hex_to_json(const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * HEAD_MAX + 1];

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return json_stringn(text, 2 * len);
}

json_t *identity_to_json(const struct identity *id)
{
    return json_pack("{sI sI sI sI so so}", "dev", (json_int_t)id->dev, "ino", (json_int_t)id->ino,
                     "btime", (json_int_t)id->btime_ns, "offset", (json_int_t)id->offset, "head",
                     hex_to_json(id->head, id->head_len), "tail",
                     hex_to_json(id->tail, id->tail_len));
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_bytes(const char *text, unsigned char *bytes, size_t max, size_t *ret_len)
{
    size_t len = strlen(text) / 2;

    if (strlen(text) % 2 != 0 || len > max)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex(text[2 * i]), low = hex(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    *ret_len = len;
    return true;
}

/* A saved state is read like any other input: a length that contradicts the offset makes it
 * invalid. */
bool identity_from_json(const json_t *json, struct identity *ret)
{
    json_int_t dev, ino, btime, offset;
    const char *head, *tail;
    struct identity id = {0};

    if (json_unpack((json_t *)(uintptr_t)json, "{sI sI sI sI ss ss}", "dev", &dev, "ino", &ino,
                    "btime", &btime, "offset", &offset, "head", &head, "tail", &tail) < 0)
        return false;
    if (!parse_bytes(head, id.head, HEAD_MAX, &id.head_len) ||
        !parse_bytes(tail, id.tail, TAIL_MAX, &id.tail_len) || offset < 0)
        return false;
    if (id.head_len < least((uint64_t)offset, HEAD_MAX) ||
        id.tail_len != least((uint64_t)offset, TAIL_MAX))
        return false;
    id.dev = (uint64_t)dev;
    id.ino = (uint64_t)ino;
    id.btime_ns = btime;
    id.offset = (uint64_t)offset;
    *ret = id;
    return true;
}
