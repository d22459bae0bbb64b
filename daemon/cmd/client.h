/* SPDX-License-Identifier: MIT */
/*
 * Does:         asks the running daemon over its control socket.
 * Doesn't know: what is asked, how the answer is shown.
 * Owns:         the connection, during the call.
 * Time:         waits at most CLIENT_WAIT_S for each part of an answer.
 * Fails:        false, with a sentence in *error that says what to do. Parts of the answer may have
 *               been delivered by then.
 */
#ifndef RELAYWATCH_CMD_CLIENT_H
#define RELAYWATCH_CMD_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

enum { CLIENT_WAIT_S = 20 };

struct client_error {
    char text[512];
    bool unknown; /* the daemon knows nothing by that name */
};

/* Called with each object of the answer; borrowed during the call. */
typedef void client_on_object(void *ctx, json_t *object);

/* socket: NULL means the default. Drops the request. */
bool client_ask(const char *socket, json_t *request, client_on_object *on_object, void *ctx,
                struct client_error *error);
/* {"v":1,"command":...} */
json_t *client_request(const char *command);

#endif
