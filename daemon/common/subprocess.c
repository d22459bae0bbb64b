/* SPDX-License-Identifier: MIT */
/*
 * A small popen(3) without a shell, with a time limit and a size limit. It blocks its caller, and
 * waits for exactly its own child, so the daemon runs it only at start or in the reload thread.
 */
#include "common/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/spawn.h"

#define READ_BYTES    65536
#define LOOK_AGAIN_MS 2

/* --- finding the program --- */

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Skips relative directories such as "." and "": the working directory is no place to find programs
 * in. */
static bool find_in(const char *dirs, const char *name, char path[static PATH_MAX])
{
    while (dirs) {
        const char *end = strchrnul(dirs, ':');
        int n = snprintf(path, PATH_MAX, "%.*s/%s", (int)(end - dirs), dirs, name);
        if (dirs[0] == '/' && n > 0 && n < PATH_MAX && is_program(path))
            return true;
        dirs = *end ? end + 1 : NULL;
    }
    return false;
}

static bool find_program(const char *name, char path[static PATH_MAX])
{
    return find_in(getenv("PATH"), name, path) ||
           find_in("/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/sbin:/bin", name, path);
}

/* --- running it --- */

struct child {
    pid_t pid;
    int out;   /* its standard output */
    int timer; /* timerfd, readable when its time is up */
};

static int start_timer(int timeout_s)
{
    struct itimerspec at = {.it_value = {.tv_sec = timeout_s}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

    if (fd >= 0)
        timerfd_settime(fd, 0, &at, NULL);
    return fd;
}

/* Waits until the child prints or closes its output; -ETIMEDOUT if its time is up first. */
static int wait_for_output(const struct child *child)
{
    struct pollfd polls[] = {{.fd = child->out, .events = POLLIN},
                             {.fd = child->timer, .events = POLLIN}};

    while (poll(polls, 2, -1) < 0)
        if (errno != EINTR)
            return -errno;
    return polls[0].revents ? 0 : -ETIMEDOUT;
}

/* Appends what fd has; returns the number of bytes, 0 at the end, or -errno. `out` has room for one
 * byte more than the caller's limit, to tell "exactly the limit" from "too much". */
static ssize_t read_some(int fd, struct buf *out)
{
    size_t left = out->max - out->len;
    size_t wanted = left < READ_BYTES ? left : READ_BYTES;
    ssize_t n;

    if (!buf_reserve(out, wanted))
        return -ENOMEM;
    do
        n = read(fd, out->at + out->len, wanted);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    out->len += (size_t)n;
    out->at[out->len] = '\0';
    return out->len == out->max ? -EFBIG : n;
}

static int collect(const struct child *child, struct buf *out)
{
    ssize_t n;

    do {
        int r = wait_for_output(child);
        n = r < 0 ? r : read_some(child->out, out);
    } while (n > 0);
    return (int)n;
}

/* Waits for a child that closed its output and so is about to exit; r < 0: kills it first. A pidfd
 * would save the polling, but neither valgrind nor older kernels support it. */
static int reap(const struct child *child, int r)
{
    struct pollfd timer = {.fd = child->timer, .events = POLLIN};
    int status = 0;
    pid_t ended = 0;

    while (r == 0 && (ended = waitpid(child->pid, &status, WNOHANG)) == 0)
        if (poll(&timer, 1, LOOK_AGAIN_MS) > 0)
            r = -ETIMEDOUT;
    if (r < 0) {
        kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
            ;
        return r;
    }
    if (ended < 0)
        return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* Collects output until end of file or a limit, then reaps. A child that closes its output but
 * keeps running is bounded by the same timer. */
int subprocess_run(const char *const argv[], int timeout_s, size_t max, struct buf *ret)
{
    struct child child;
    char path[PATH_MAX];
    int pipes[2];
    int r;

    if (!find_program(argv[0], path))
        return -ENOENT;
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return -errno;
    child.out = pipes[0];
    /* execve does not modify argv, though its prototype allows it. */
    const struct spawn spawn = {path, (char *const *)(uintptr_t)argv, environ, -1, pipes[1], -1};
    r = spawn_program(&spawn, &child.pid);
    close(pipes[1]);
    if (r == 0) {
        struct buf out = buf_new(max + 1);
        child.timer = start_timer(timeout_s);
        r = child.timer < 0 ? -errno : collect(&child, &out);
        r = reap(&child, r);
        if (child.timer >= 0)
            close(child.timer);
        if (r == 0)
            *ret = out;
        else
            buf_done(&out);
    }
    close(child.out);
    return r;
}

int subprocess_read_file(const char *path, bool may_wait, size_t max, struct buf *ret)
{
    struct buf out = buf_new(max + 1);
    struct stat st;
    ssize_t n;
    /* Without O_NONBLOCK, opening a FIFO blocks until a writer comes. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (may_wait ? 0 : O_NONBLOCK));

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        n = -errno;
    else if (!S_ISREG(st.st_mode) && !may_wait)
        n = -EINVAL;
    else
        while ((n = read_some(fd, &out)) > 0)
            ;
    close(fd);
    if (n < 0)
        buf_done(&out);
    else
        *ret = out;
    return (int)n;
}
