/* SPDX-License-Identifier: MIT */
/*
 * posix_spawn(3) can't set limits, and to lower our own for a moment would take files from the
 * other threads. So this does what glibc's does, and more.
 */
#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/libc.h"

static struct {
    bool is_raised;
    struct rlimit before;
} files;

void spawn_allow_all_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    if (!files.is_raised)
        files.before = limit;
    limit.rlim_cur = limit.rlim_max;
    files.is_raised = setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* --- in the child, which has our memory until it is another program --------------------------- */

static bool set_descriptor(int fd, int to)
{
    if (fd < 0 && (fd = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0)
        return false;
    return fd == to ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, to) >= 0;
}

static void set_signals(void)
{
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

__attribute__((noinline)) static void become(const struct spawn *spawn)
{
    if (setpgid(0, 0) < 0 || !set_descriptor(spawn->in, STDIN_FILENO) ||
        !set_descriptor(spawn->out, STDOUT_FILENO) || !set_descriptor(spawn->errors, STDERR_FILENO))
        return;
    libc_close_range(STDERR_FILENO + 1, ~0U);
    if (files.is_raised)
        setrlimit(RLIMIT_NOFILE, &files.before);
    set_signals();
    execve(spawn->path, spawn->argv, spawn->envp);
}

/* --- here ------------------------------------------------------------------------------------- */

/* No handler of ours may run in the child. */
int spawn_program(const struct spawn *spawn, pid_t *ret)
{
    volatile int error = 0;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) {
        become(spawn);
        error = errno;
        _exit(127);
    }
    if (pid < 0)
        error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid > 0 && error)
        waitpid(pid, NULL, 0);
    *ret = pid;
    return -error;
}
