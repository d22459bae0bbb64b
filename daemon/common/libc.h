/* SPDX-License-Identifier: MIT */
/*
 * Does:         has what glibc offers and musl doesn't, or a harmless nothing in its place.
 * Doesn't know: what it is used for.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        as the functions that it stands for.
 */
#ifndef RELAYWATCH_COMMON_LIBC_H
#define RELAYWATCH_COMMON_LIBC_H

#include <glob.h>
#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef GLOB_ONLYDIR
#define GLOB_ONLYDIR 0 /* a hint only */
#endif

/* Closes the descriptors from first to last. Linux 5.9; musl has no name for it. */
static inline void libc_close_range(unsigned first, unsigned last)
{
    (void)syscall(SYS_close_range, first, last, 0);
}

#ifdef __GLIBC__

static inline void libc_give_back_memory(void)
{
    malloc_trim(0);
}

/* Once a large block is freed, glibc raises its mmap threshold and puts later large tables on the
 * heap, among small blocks, where memory freed after a flood never returns to the system. A fixed
 * threshold keeps tables in mappings of their own. */
static inline void libc_keep_tables_apart(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

/* For all threads, now and later: an arena of a thread's own would grow by a page at a time. */
static inline void libc_use_one_arena(void)
{
    mallopt(M_ARENA_MAX, 1);
}

/* Puts all that is allocated from now on, up to so many bytes, into huge pages, where the kernel
 * has any: large tables, read at random, then need fewer translations of addresses. Memory that is
 * freed stays with the process, so this is for one that reads a log and ends. glibc can do the
 * same, but only if the environment says so when the process starts. */
static inline void libc_use_huge_pages(size_t bytes)
{
    enum { HUGE_PAGE = 2 << 20 };

    mallopt(M_MMAP_THRESHOLD, INT_MAX);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    char *room = malloc(bytes), *end = sbrk(0);
    uintptr_t first = ((uintptr_t)room + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    free(room); /* the heap keeps it */
    if (room && first < (uintptr_t)end)
        (void)madvise((void *)first, (uintptr_t)end - first, MADV_HUGEPAGE);
}

#else

static inline void libc_use_huge_pages(size_t bytes)
{
    (void)bytes;
}

static inline void libc_give_back_memory(void)
{
}

static inline void libc_keep_tables_apart(void)
{
}

static inline void libc_use_one_arena(void)
{
}

#endif

#endif
