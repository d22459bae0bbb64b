/* SPDX-License-Identifier: MIT */
#include "service/children.h"

#include <sys/wait.h>

#include "service/checkpoint.h"

void children_reap(struct daemon *daemon)
{
    int status;
    pid_t pid;

    daemon->children_wait = daemon->reloading;
    if (daemon->reloading)
        return;
    /* Signals do not queue: one SIGCHLD may stand for several children. */
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!checkpoint_child_ended(daemon, pid, status))
            sinks_child_ended(daemon->sinks, pid, status);
}
