/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: the daemon in a world that a test turns (tests/follower.py). $SHIM names a file
 * of the numbers below, which both map. Clocks run faster and the wall clock is stepped; reading a
 * log is held up; how long the loop took for one turn is measured; and there is neither a journal
 * nor a /dev/log, so that all is said on standard error and no test raises an alarm on this
 * machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define US_PER_S 1000000LL

static struct world {
    int64_t began_us; /* CLOCK_MONOTONIC, before which nothing is faster */
    int64_t speed;
    int64_t step_us;                           /* of the wall clock */
    int64_t hold;                              /* pread(2) waits while it is not 0 */
    int64_t turns, longest_cpu_us, longest_us; /* what is measured */
} * world;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SHIM");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    world = at == MAP_FAILED ? NULL : at;
}

static int64_t real_us(clockid_t id)
{
    struct timespec t = {0};

    syscall(SYS_clock_gettime, id, &t);
    return t.tv_sec * US_PER_S + t.tv_nsec / 1000;
}

static int64_t shown_us(clockid_t id)
{
    int64_t more = 0;

    if (world && world->speed > 1)
        more = (real_us(CLOCK_MONOTONIC) - world->began_us) * (world->speed - 1);
    if (world && id == CLOCK_REALTIME)
        more += world->step_us;
    return real_us(id) + more;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC && id != CLOCK_BOOTTIME &&
        id != CLOCK_REALTIME_COARSE && id != CLOCK_MONOTONIC_COARSE && id != CLOCK_MONOTONIC_RAW)
        return (int)syscall(SYS_clock_gettime, id, ret);
    int64_t us = shown_us(id == CLOCK_REALTIME_COARSE ? CLOCK_REALTIME : id);
    *ret = (struct timespec){us / US_PER_S, us % US_PER_S * 1000};
    return 0;
}

time_t time(time_t *ret)
{
    time_t now = shown_us(CLOCK_REALTIME) / US_PER_S;

    if (ret)
        *ret = now;
    return now;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    int64_t us = shown_us(CLOCK_REALTIME);

    (void)zone;
    *ret = (struct timeval){us / US_PER_S, us % US_PER_S};
    return 0;
}

static void measure(int64_t *longest, int64_t us)
{
    if (us > *longest)
        *longest = us;
}

/* What is between two of these is one turn of the loop. */
int epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    static int64_t cpu_us, mono_us;

    if (world && mono_us) {
        measure(&world->longest_cpu_us, real_us(CLOCK_THREAD_CPUTIME_ID) - cpu_us);
        measure(&world->longest_us, real_us(CLOCK_MONOTONIC) - mono_us);
        world->turns++;
    }
    if (world && timeout_ms > 0 && world->speed > 1)
        timeout_ms = (int)((timeout_ms + world->speed - 1) / world->speed);
    int n = (int)syscall(SYS_epoll_pwait, fd, events, max, timeout_ms, NULL, 8);
    cpu_us = real_us(CLOCK_THREAD_CPUTIME_ID);
    mono_us = real_us(CLOCK_MONOTONIC);
    return n;
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
    while (world && __atomic_load_n(&world->hold, __ATOMIC_SEQ_CST))
        usleep(1000);
    return syscall(SYS_pread64, fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off_t at)
{
    return pread(fd, data, len, at);
}

int stat(const char *restrict path, struct stat *restrict ret)
{
    if (strcmp(path, "/dev/log") == 0 || strcmp(path, "/run/systemd/journal/socket") == 0) {
        errno = ENOENT;
        return -1;
    }
    return fstatat(AT_FDCWD, path, ret, 0);
}
