/* SPDX-License-Identifier: MIT */
/* What both the start and a reload do: metrics, and children that ended. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "common/log.h"
#include "service/daemon.h"

/* While settings are read again their thread waits for children of its own. */
void reap_children(struct daemon *daemon)
{
    int status;
    pid_t pid;

    daemon->children_wait = daemon->reloading;
    if (daemon->reloading)
        return;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!checkpoint_ended(daemon, pid, status))
            sinks_child_ended(daemon->sinks, pid, status);
}

static void refresh(void *ctx)
{
    progress_refresh(ctx);
}

void start_metrics(struct daemon *daemon)
{
    const struct settings *settings = &daemon->setup.settings;
    const char *listen = settings->metrics.enabled ? settings->metrics.listen : "";

    if (span_equal(span_str(listen), span_str(daemon->metrics_listen)))
        return;
    metrics_free(daemon->metrics);
    daemon->metrics = NULL;
    snprintf(daemon->metrics_listen, sizeof(daemon->metrics_listen), "%s", listen);
    if (!listen[0])
        return;
    int r = metrics_new(loop_base(daemon->loop), listen, &daemon->live, refresh, daemon,
                        &daemon->metrics);
    if (r < 0) {
        log_warning("metrics at %s: %s", listen, strerror(-r));
        daemon->metrics_listen[0] = '\0';
    }
}
