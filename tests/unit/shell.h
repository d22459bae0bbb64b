/* SPDX-License-Identifier: MIT */
/* Runs a script in /bin/sh, and keeps what it writes to standard output. */
#ifndef RELAYWATCH_TESTS_SHELL_H
#define RELAYWATCH_TESTS_SHELL_H

#include <check.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Returns the number of bytes in `out`, which is NUL-terminated. */
static inline size_t shell_run(const char *script, char *out, size_t size)
{
    int pipes[2], status;
    size_t n = 0;
    ssize_t got;

    ck_assert_int_eq(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pipes[1], STDOUT_FILENO);
        close(pipes[0]);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    while (n + 1 < size && (got = read(pipes[0], out + n, size - 1 - n)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    close(pipes[0]);
    waitpid(pid, &status, 0);
    return n;
}

/* Whether the script is one that a shell can read; it is not run. */
static inline bool shell_can_read(const char *script)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-n", "-c", script, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#endif
