/* SPDX-License-Identifier: MIT */
#include "report/view.h"

#include <stdio.h>

/* For people; JSON and alerts use key_type_name. */
static const char *key_label(enum key_type type)
{
    static const char *const labels[KEY_COUNT] = {
        [KEY_NONE] = "",
        [KEY_CLIENT] = "client",
        [KEY_NETWORK] = "client network",
        [KEY_SENDER_DOMAIN] = "sender domain",
        [KEY_ACCOUNT] = "account",
        [KEY_UID] = "uid",
        [KEY_HOST] = "host",
        [KEY_RECIPIENT] = "recipient",
        [KEY_RECIPIENT_DOMAIN] = "recipient domain",
    };
    return labels[type];
}

const char *incident_key(const struct incident_view *view, char *buf)
{
    snprintf(buf, VIEW_TEXT_MAX, "%s %.*s", key_label(view->key_type),
             SPAN_ARG(intern_span(view->incident->key_text)));
    return buf;
}
