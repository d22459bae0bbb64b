/* SPDX-License-Identifier: MIT */
/*
 * Most errors here mean that the daemon is down or that the user is not in its group. The messages
 * say which, and what to do about it.
 */
#include "cmd/client.h"

#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/span.h"
#include "control/protocol.h"

__attribute__((format(printf, 2, 3))) static bool fail(struct client_error *error,
                                                       const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    error->unknown = false;
    va_end(args);
    make_printable(error->text);
    return false;
}

static bool not_allowed(const char *path, struct client_error *error)
{
    struct stat st;
    /* The socket's own group, which the administrator may have changed. */
    const struct group *group = stat(path, &st) == 0 ? getgrgid(st.st_gid) : NULL;

    /* Nobody should join group 0 to read this. */
    if (group && st.st_gid != 0)
        return fail(error,
                    "%s: permission denied; root may use it, and members of the group %s "
                    "(usermod -aG %s USER, then log in again)",
                    path, group->gr_name, group->gr_name);
    return fail(error, "%s: permission denied; root may use it", path);
}

static bool not_connected(const char *path, int error_number, struct client_error *error)
{
    switch (error_number) {
    case EACCES:
    case EPERM:
        return not_allowed(path, error);
    case ENOENT:
        return fail(error,
                    "the daemon is not running: there is no %s (systemctl start relaywatch, or "
                    "give its socket with --socket)",
                    path);
    case ECONNREFUSED:
        return fail(error,
                    "the daemon is not running: nobody listens at %s (systemctl start "
                    "relaywatch)",
                    path);
    default:
        return fail(error, "%s: %s", path, strerror(error_number));
    }
}

static int open_socket(const char *path, struct client_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {CLIENT_WAIT_S, 0};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        fail(error, "%s: too long for the path of a socket", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    /* The timeouts bound each wait, not the whole answer: a long one may come in many parts. */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    not_connected(path, errno, error);
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool send_request(int fd, const json_t *request, struct client_error *error)
{
    char *text = json_dumps(request, JSON_COMPACT);
    size_t len = text ? strlen(text) : 0;

    if (!text)
        return fail(error, "the request can't be encoded; is it valid UTF-8?");
    text[len++] = '\n'; /* in place of the NUL */
    ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
    free(text);
    /* A daemon with too many clients answers and hangs up before it reads: its answer says so. */
    return n == (ssize_t)len || errno == EPIPE ||
           fail(error, "the daemon does not accept the request");
}

enum progress { ANSWER_MORE, ANSWER_END, ANSWER_WRONG };

/* One line of the answer. The last is "end" or "error"; everything before it goes to the
 * caller. */
static enum progress handle_line(struct span line, client_on_object *on_object, void *ctx,
                                 struct client_error *error)
{
    json_t *object = json_loadb(line.at, line.len, 0, NULL);
    struct span type = span_str(json_string_value(json_object_get(object, "type")));
    enum progress answer = ANSWER_MORE;

    if (!type.len) {
        fail(error, "cannot understand the daemon's answer; is it another version?");
        answer = ANSWER_WRONG;
    } else if (span_equal(type, SPAN("end"))) {
        answer = ANSWER_END;
    } else if (span_equal(type, SPAN("error"))) {
        const char *text = json_string_value(json_object_get(object, "text"));
        const char *code = json_string_value(json_object_get(object, "code"));
        fail(error, "%s", text ? text : "the daemon refused without giving a reason");
        error->unknown = code && strcmp(code, CONTROL_UNKNOWN) == 0;
        answer = ANSWER_WRONG;
    } else {
        on_object(ctx, object);
    }
    json_decref(object);
    return answer;
}

static bool read_answer(FILE *from, client_on_object *on_object, void *ctx,
                        struct client_error *error)
{
    enum progress answer = ANSWER_MORE;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while (answer == ANSWER_MORE && (n = getline(&line, &room, from)) > 0)
        answer = handle_line(span_of(line, (size_t)n), on_object, ctx, error);
    free(line);
    /* EAGAIN is how SO_RCVTIMEO ends a read. */
    if (answer == ANSWER_MORE && ferror(from) && errno == EAGAIN)
        fail(error, "the daemon does not answer");
    else if (answer == ANSWER_MORE)
        fail(error, "the daemon ended the connection");
    return answer == ANSWER_END;
}

json_t *client_request(const char *command)
{
    json_t *request = json_object();

    json_object_set_new(request, "v", json_integer(CONTROL_VERSION));
    json_object_set_new(request, "command", json_string(command));
    return request;
}

bool client_ask(const char *socket, json_t *request, client_on_object *on_object, void *ctx,
                struct client_error *error)
{
    int fd = open_socket(socket ? socket : CONTROL_SOCKET, error);
    FILE *from = fd >= 0 ? fdopen(fd, "r") : NULL;
    bool ok = false;

    /* Once open, `from` owns the descriptor. */
    if (from)
        ok = send_request(fd, request, error) && read_answer(from, on_object, ctx, error);
    else if (fd >= 0)
        fail(error, "not enough memory");
    if (from)
        fclose(from);
    else if (fd >= 0)
        close(fd);
    json_decref(request);
    return ok;
}
