/* SPDX-License-Identifier: MIT */
/*
 * Does:         asks the running daemon over its control socket.
 * Doesn't know: what is asked, how it is shown.
 * Owns:         the connection, during the call.
 * Time:         waits at most CLIENT_WAIT_S for each piece of an query.
 * Fails:        false, with a sentence in *error that says what to do; parts of the query may have
 *               been heard by then.
 */
#ifndef RELAYWATCH_CMD_CLIENT_H
#define RELAYWATCH_CMD_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

enum { CLIENT_WAIT_S = 20 };

struct client_error {
    char text[512];
    bool unknown; /* the daemon knows nothing by the name it was asked for */
};

/* One object of the query; borrowed during the call. */
typedef void client_hear(void *ctx, json_t *object);

/* socket: NULL is the daemon's default. The request is completed ("v") and dropped. False leaves
 * the reason in error. */
bool client_ask(const char *socket, json_t *request, client_hear *hear, void *ctx,
                struct client_error *error);
/* {"command":...} */
json_t *client_request(const char *command);

#endif
