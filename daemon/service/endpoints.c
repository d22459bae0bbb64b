/* SPDX-License-Identifier: MIT */
/*
 * Both are optional. The daemon's work is to watch the log and raise alerts, so it carries on if
 * one of them cannot be opened; only a second daemon on the same socket is a reason not to start.
 */
#include "service/endpoints.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "service/log_reader.h"

static void refresh(void *ctx)
{
    log_reader_refresh(ctx);
}

bool endpoints_open_control(struct daemon *daemon)
{
    const struct control_options options = {
        .path = daemon->options.socket, .refresh = refresh, .ctx = daemon};
    int r = control_new(loop_base(daemon->loop), &options, &daemon->runtime, &daemon->control);

    if (r == 0)
        daemon->runtime.control = control_counters(daemon->control);
    if (r == -EADDRINUSE) {
        log_error("another relaywatch already answers at the control socket");
        return false;
    }
    if (r < 0)
        log_warning(
            "no control socket (%s): `relaywatch status` and similar commands will not work",
            strerror(-r));
    return true;
}

void endpoints_update_metrics(struct daemon *daemon)
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
    int r = metrics_new(loop_base(daemon->loop), listen, &daemon->runtime, refresh, daemon,
                        &daemon->metrics);
    if (r < 0) {
        log_warning("metrics at %s: %s", listen, strerror(-r));
        daemon->metrics_listen[0] = '\0';
    }
}

void endpoints_close(struct daemon *daemon)
{
    metrics_free(daemon->metrics);
    control_free(daemon->control);
}
