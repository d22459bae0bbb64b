/* SPDX-License-Identifier: MIT */
#include "source/inflate.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#define TEXT_LINES 20000
#define MAGIC_MIN  4 /* fewer bytes are plain text */

struct bytes {
    unsigned char *at;
    size_t len;
};

static struct bytes text;

static void make_text(void)
{
    char line[64];

    text.at = malloc((size_t)TEXT_LINES * sizeof(line));
    for (int i = 0; i < TEXT_LINES; i++) {
        int n = snprintf(line, sizeof(line), "seq=%d of a log that repeats itself\n", i);
        memcpy(text.at + text.len, line, (size_t)n);
        text.len += (size_t)n;
    }
}

static struct bytes gzip_of(struct bytes plain)
{
    z_stream z = {0};
    struct bytes packed;

    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    packed.len = deflateBound(&z, plain.len) + 64;
    packed.at = malloc(packed.len);
    z.next_in = plain.at;
    z.avail_in = (uInt)plain.len;
    z.next_out = packed.at;
    z.avail_out = (uInt)packed.len;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed.len -= z.avail_out;
    deflateEnd(&z);
    return packed;
}

static struct bytes zstd_of(struct bytes plain)
{
    struct bytes packed = {malloc(ZSTD_compressBound(plain.len)), 0};

    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    packed.len =
        ZSTD_compress2(context, packed.at, ZSTD_compressBound(plain.len), plain.at, plain.len);
    ck_assert(!ZSTD_isError(packed.len));
    ZSTD_freeCCtx(context);
    return packed;
}

static struct bytes plain_of(struct bytes plain)
{
    struct bytes copy = {malloc(plain.len + 1), plain.len};

    if (plain.len)
        memcpy(copy.at, plain.at, plain.len);
    return copy;
}

static struct bytes join(struct bytes a, struct bytes b)
{
    struct bytes both = {malloc(a.len + b.len + 1), a.len + b.len};

    if (a.len)
        memcpy(both.at, a.at, a.len);
    if (b.len)
        memcpy(both.at + a.len, b.at, b.len);
    free(a.at);
    free(b.at);
    return both;
}

/* Reads all of fd in pieces of `step`; returns the last result, 0 or a negative errno. */
static ssize_t read_all(int fd, size_t step, struct bytes *got, bool *packed)
{
    struct inflate *reader;
    ssize_t n = 0;

    got->at = malloc(2 * text.len + step);
    got->len = 0;
    ck_assert_int_eq(inflate_open(fd, &reader), 0);
    /* No ck_assert for each step: Check keeps a record of every one. */
    while (got->len <= 2 * text.len && (n = inflate_read(reader, got->at + got->len, step)) > 0)
        got->len += (size_t)n;
    ck_assert_uint_le(got->len, 2 * text.len);
    if (n < 0)
        ck_assert_int_eq(inflate_read(reader, got->at, step), n);
    if (packed)
        *packed = inflate_is_packed(reader);
    inflate_close(reader);
    return n;
}

static ssize_t read_bytes(struct bytes in, size_t step, struct bytes *got, bool *packed)
{
    int fd = memfd_create("inflate", MFD_CLOEXEC);
    ssize_t n;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, in.at, in.len), (ssize_t)in.len);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    n = read_all(fd, step, got, packed);
    close(fd);
    return n;
}

struct packing {
    const char *name;
    struct bytes (*pack)(struct bytes plain);
    bool packed;
};

static const struct packing packings[] = {
    {"plain", plain_of, false}, {"gzip", gzip_of, true}, {"zstd", zstd_of, true}};
static const size_t steps[] = {1, 5, 4096, 1 << 20};

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

START_TEST(whole_text_comes_back_in_any_step)
{
    const struct packing *p = &packings[_i / COUNT(steps)];
    size_t step = steps[_i % COUNT(steps)];
    struct bytes in = p->pack(text), got;
    bool packed;
    ssize_t n = read_bytes(in, step, &got, &packed);

    ck_assert_msg(n == 0, "%s/%zu: got %zd, want 0", p->name, step, n);
    ck_assert_msg(packed == p->packed, "%s/%zu: packed %d", p->name, step, packed);
    ck_assert_msg(got.len == text.len, "%s/%zu: got %zu bytes, want %zu", p->name, step, got.len,
                  text.len);
    ck_assert_msg(memcmp(got.at, text.at, text.len) == 0, "%s/%zu: differs", p->name, step);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(members_that_follow_each_other_are_one_text)
{
    const struct packing *p = &packings[_i];
    struct bytes in = join(p->pack(text), p->pack(text)), got;

    ck_assert_msg(read_bytes(in, 70000, &got, NULL) == 0, "%s", p->name);
    ck_assert_uint_eq(got.len, 2 * text.len);
    ck_assert(memcmp(got.at + text.len, text.at, text.len) == 0);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(short_and_empty_inputs)
{
    const struct packing *p = &packings[_i];

    for (size_t len = 0; len < 6; len++) {
        struct bytes some = {text.at, len};
        struct bytes in = p->pack(some), got;
        ssize_t n = read_bytes(in, 100, &got, NULL);

        ck_assert_msg(n == 0 && got.len == len, "%s/%zu: %zd, %zu bytes", p->name, len, n, got.len);
        ck_assert(len == 0 || memcmp(got.at, text.at, len) == 0);
        free(in.at);
        free(got.at);
    }
}
END_TEST

/* Every cut of a small file, and a few of a big one. */
START_TEST(cut_input_gives_the_good_part_then_eio)
{
    const struct packing *p = &packings[1 + _i % 2];
    struct bytes some = {text.at, _i < 2 ? 300 : text.len};
    struct bytes in = p->pack(some);
    size_t jump = _i < 2 ? 1 : in.len / 7;

    for (size_t len = MAGIC_MIN; len < in.len; len += jump) {
        struct bytes cut = {in.at, len}, got;
        ssize_t n = read_bytes(cut, 1000, &got, NULL);

        ck_assert_msg(n == -EIO, "%s/%zu: got %zd, want -EIO", p->name, len, n);
        ck_assert_msg(got.len <= some.len && memcmp(got.at, text.at, got.len) == 0, "%s/%zu",
                      p->name, len);
        if (_i >= 2 && len > in.len / 2)
            ck_assert_msg(got.len > text.len / 4, "%s/%zu: only %zu", p->name, len, got.len);
        free(got.at);
    }
    free(in.at);
}
END_TEST

START_TEST(damaged_input_gives_ebadmsg)
{
    const struct packing *p = &packings[1 + _i];
    struct bytes in = p->pack(text), got;
    ssize_t n;

    in.at[in.len - 2] ^= 0x55; /* length of gzip, checksum of zstd: all text comes first */
    n = read_bytes(in, 1000, &got, NULL);
    ck_assert_msg(n == -EBADMSG, "%s: got %zd", p->name, n);
    ck_assert_uint_gt(got.len, text.len / 2);
    ck_assert(memcmp(got.at, text.at, got.len) == 0);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(something_else_behind_the_end)
{
    const struct packing *p = &packings[1 + _i];
    unsigned char rubbish[] = "rubbish";
    struct bytes in = join(p->pack(text), plain_of((struct bytes){rubbish, 7})), got;

    ck_assert_int_eq(read_bytes(in, 1000, &got, NULL), -EBADMSG);
    ck_assert_uint_eq(got.len, text.len);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(zeros_behind_gzip_are_padding)
{
    unsigned char zeros[5000] = {0};
    struct bytes in = join(gzip_of(text), plain_of((struct bytes){zeros, sizeof(zeros)})), got;

    ck_assert_int_eq(read_bytes(in, 1000, &got, NULL), 0);
    ck_assert_uint_eq(got.len, text.len);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(zstd_with_a_skippable_frame_first)
{
    unsigned char skip[] = {0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    struct bytes in = join(plain_of((struct bytes){skip, sizeof(skip)}), zstd_of(text)), got;

    ck_assert_int_eq(read_bytes(in, 1000, &got, NULL), 0);
    ck_assert_uint_eq(got.len, text.len);
    free(in.at);
    free(got.at);
}
END_TEST

/* A pipe that hands out one byte at a time must not fool the search for the magic bytes. */
START_TEST(pipe_of_single_bytes)
{
    const struct packing *p = &packings[_i];
    struct bytes some = {text.at, 500};
    struct bytes in = p->pack(some), got = {malloc(1000), 0};
    struct inflate *reader;
    size_t fed = 0;
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    ck_assert_int_eq(inflate_open(ends[0], &reader), 0);
    for (;;) {
        ssize_t n = inflate_read(reader, got.at + got.len, 1000 - got.len);
        if (n == 0)
            break;
        ck_assert_msg(n > 0 || n == -EAGAIN, "%s: %zd", p->name, n);
        if (n > 0)
            got.len += (size_t)n;
        else if (fed < in.len)
            ck_assert_int_eq(write(ends[1], in.at + fed++, 1), 1);
        else
            close(ends[1]);
    }
    ck_assert_msg(got.len == 500 && memcmp(got.at, text.at, 500) == 0, "%s: %zu", p->name, got.len);
    ck_assert_uint_eq(inflate_taken_bytes(reader), in.len);
    inflate_close(reader);
    close(ends[0]);
    free(in.at);
    free(got.at);
}
END_TEST

START_TEST(read_error_is_passed_on)
{
    struct bytes got;

    ck_assert_int_eq(read_all(-1, 100, &got, NULL), -EBADF);
    free(got.at);
    inflate_close(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inflate");
    TCase *tc = tcase_create("inflate");
    SRunner *runner;
    int failed;

    make_text();
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, whole_text_comes_back_in_any_step, 0, COUNT(packings) * COUNT(steps));
    tcase_add_loop_test(tc, members_that_follow_each_other_are_one_text, 0, COUNT(packings));
    tcase_add_loop_test(tc, short_and_empty_inputs, 0, COUNT(packings));
    tcase_add_loop_test(tc, cut_input_gives_the_good_part_then_eio, 0, 4);
    tcase_add_loop_test(tc, damaged_input_gives_ebadmsg, 0, 2);
    tcase_add_loop_test(tc, something_else_behind_the_end, 0, 2);
    tcase_add_test(tc, zeros_behind_gzip_are_padding);
    tcase_add_test(tc, zstd_with_a_skippable_frame_first);
    tcase_add_loop_test(tc, pipe_of_single_bytes, 0, COUNT(packings));
    tcase_add_test(tc, read_error_is_passed_on);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    free(text.at);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
