/* SPDX-License-Identifier: MIT */
/*
 * Each client is a bufferevent and at most one query. A query runs in steps: after each one the
 * loop turns, so that log lines and other clients get their turn, and the next step waits while the
 * client has not read what is buffered (CONTROL_OUTPUT_MAX). A client that stops reading altogether
 * runs into the write timeout.
 */
#include "control/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/query.h"
#include "common/log.h"

enum { IDLE_S = 60, WRITE_S = 10, OUTPUT_LOW = 16 * 1024 };

struct client {
    struct control *control;
    struct bufferevent *bev; /* NULL: free */
    struct query *query;     /* being answered, or NULL */
    bool ready;              /* wants the next step of its query ... */
    bool waits;              /* ... or will a little later */
    bool last;               /* accepts no more requests, and is closed after the answer */
};

struct control {
    struct event_base *base;
    const struct runtime *runtime;
    struct control_options options;
    struct control_counters counters;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    dev_t device; /* of the socket's file, so as to unlink only our own */
    ino_t inode;
    struct evconnlistener *listener;
    struct event *accept_again;
    bool logged;        /* that nobody can be accepted */
    struct event *more; /* timer: run the next step of some query */
    struct event *look; /* timer: those that wait want a step */
    int turn;           /* the client whose step ran last */
    struct client client[CONTROL_CLIENTS_MAX];
};

const struct control_counters *control_counters(const struct control *control)
{
    return &control->counters;
}

/* --- one client ------------------------------------------------------------------------------- */

static void drop_client(struct client *client)
{
    query_free(client->query);
    if (client->bev)
        bufferevent_free(client->bev);
    *client = (struct client){.control = client->control};
}

/* The low-water mark is 0: on_written is called once all is sent, and then closes the client. */
static void refuse(struct client *client, const char *text)
{
    struct evbuffer *out = bufferevent_get_output(client->bev);

    client->control->counters.wrong++;
    client->last = true;
    bufferevent_disable(client->bev, EV_READ);
    query_error(out, NULL, text);
}

static void take_request(struct client *client);

/* A timer rather than event_active, because the loop polls everything else before a timer. */
static void want_step(struct client *client)
{
    static const struct timeval at_once = {0, 0};

    client->ready = true;
    event_add(client->control->more, &at_once);
}

static void look_later(struct client *client)
{
    static const struct timeval later = {0, 100 * 1000};

    client->waits = true;
    event_add(client->control->look, &later);
}

static void on_look(evutil_socket_t fd, short what, void *ctx)
{
    struct control *control = ctx;

    (void)fd;
    (void)what;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (control->client[i].waits) {
            control->client[i].waits = false;
            want_step(&control->client[i]);
        }
}

static void run_step(struct client *client)
{
    struct evbuffer *out = bufferevent_get_output(client->bev);

    client->ready = false;
    if (query_more(client->query, out)) {
        if (query_waits(client->query))
            look_later(client);
        else if (evbuffer_get_length(out) < CONTROL_OUTPUT_MAX)
            want_step(client);
        return;
    }
    query_free(client->query);
    client->query = NULL;
    bufferevent_setwatermark(client->bev, EV_WRITE, 0, 0);
    if (client->last)
        return;
    bufferevent_enable(client->bev, EV_READ);
    take_request(client);
}

/* One step of one client per turn of the loop, so that sixteen clients delay it no more than
 * one. */
static void on_more(evutil_socket_t fd, short what, void *ctx)
{
    static const struct timeval at_once = {0, 0};
    struct control *control = ctx;
    bool ran = false;

    (void)fd;
    (void)what;
    for (int i = 1; i <= CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->client[(control->turn + i) % CONTROL_CLIENTS_MAX];
        if (!client->ready)
            continue;
        if (ran) {
            event_add(control->more, &at_once);
            return;
        }
        ran = true;
        run_step(client);
        control->turn = (control->turn + i) % CONTROL_CLIENTS_MAX;
        i = 0;
    }
}

static void begin_query(struct client *client, struct span request)
{
    struct control *control = client->control;

    if (control->options.refresh)
        control->options.refresh(control->options.ctx);
    client->query = query_new(control->runtime, request);
    if (!client->query) {
        refuse(client, "not enough memory");
        return;
    }
    control->counters.requests++;
    /* One request at a time: whatever else the client sends stays in the socket. */
    bufferevent_disable(client->bev, EV_READ);
    bufferevent_setwatermark(client->bev, EV_WRITE, OUTPUT_LOW, 0);
    want_step(client);
}

static void take_request(struct client *client)
{
    struct evbuffer *in = bufferevent_get_input(client->bev);
    size_t len = 0;
    char *line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);

    if (line && len < CONTROL_REQUEST_MAX)
        begin_query(client, span_of(line, len));
    else if (line || evbuffer_get_length(in) >= CONTROL_REQUEST_MAX)
        refuse(client, "a request may have at most 4096 bytes");
    free(line);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct client *client = ctx;

    (void)bev;
    if (!client->query && !client->last)
        take_request(client);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
    struct client *client = ctx;

    if (client->query && !client->waits)
        want_step(client);
    else if (!client->query && client->last && !evbuffer_get_length(bufferevent_get_output(bev)))
        drop_client(client);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct client *client = ctx;

    /* The client may have closed only its sending side, and still read. */
    if (what & BEV_EVENT_EOF && what & BEV_EVENT_READING &&
        (client->query || evbuffer_get_length(bufferevent_get_output(bev)))) {
        client->last = true;
        return;
    }
    if (what & BEV_EVENT_TIMEOUT && what & BEV_EVENT_WRITING) {
        client->control->counters.slow++;
        log_notice("a client of the control socket read too slowly and was dropped");
    }
    drop_client(client);
}

static bool open_client(struct client *client, evutil_socket_t fd)
{
    static const struct timeval idle = {IDLE_S, 0};
    struct control *control = client->control;
    dur_us wait = control->options.slow ? control->options.slow : WRITE_S * US_PER_S;
    struct timeval slow = {(time_t)(wait / US_PER_S), (suseconds_t)(wait % US_PER_S)};

    client->bev = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!client->bev) {
        close(fd);
        return false;
    }
    bufferevent_setcb(client->bev, on_read, on_written, on_event, client);
    bufferevent_setwatermark(client->bev, EV_READ, 0, CONTROL_REQUEST_MAX);
    bufferevent_set_timeouts(client->bev, &idle, &slow);
    bufferevent_enable(client->bev, EV_READ | EV_WRITE);
    return true;
}

/* --- all clients ------------------------------------------------------------------------------ */

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *ctx)
{
    static const char full[] = "{\"type\":\"error\",\"text\":\"too many clients; try again\"}\n";
    struct control *control = ctx;

    (void)listener;
    (void)address;
    (void)len;
    control->logged = false;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (!control->client[i].bev) {
            control->counters.clients += open_client(&control->client[i], fd);
            return;
        }
    control->counters.refused++;
    (void)!send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

/* Usually out of descriptors. The waiting client would wake the loop again at once, so pause. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    static const struct timeval later = {1, 0};
    struct control *control = ctx;

    if (!control->logged)
        log_warning("the control socket accepts no clients for now: %s", strerror(errno));
    control->logged = true;
    evconnlistener_disable(listener);
    event_add(control->accept_again, &later);
}

static void on_accept_again(evutil_socket_t fd, short what, void *ctx)
{
    struct control *control = ctx;

    (void)fd;
    (void)what;
    evconnlistener_enable(control->listener);
}

/* --- the socket's file ------------------------------------------------------------------------ */

/* Removes a socket file that nobody listens to: a dead daemon left it. */
static int remove_stale(const struct sockaddr_un *address)
{
    struct stat st;
    int fd, r;

    if (lstat(address->sun_path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    r = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
    close(fd);
    if (r != -ECONNREFUSED)
        return -EADDRINUSE;
    return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static bool has_group(const char *path, gid_t gid)
{
    struct stat st;

    return lstat(path, &st) == 0 && st.st_gid == gid;
}

/* If the group cannot be set, only the owner may connect: that is safe, and logged. No chown(2) if
 * the file has the group already, because the service's sandbox forbids the call. */
static void give_to_group(const struct control *control)
{
    const char *name = control->options.group ? control->options.group : CONTROL_GROUP;
    const struct group *group = getgrnam(name);

    if (group && !has_group(control->path, group->gr_gid) &&
        chown(control->path, (uid_t)-1, group->gr_gid) < 0) {
        log_warning("%s: cannot set the group %s: %s", control->path, name, strerror(errno));
        return;
    }
    if (!group && control->options.group) {
        log_warning("there is no group %s: only the owner may use %s", name, control->path);
        return;
    }
    if (chmod(control->path, 0660) < 0)
        log_warning("%s: cannot set its mode: %s", control->path, strerror(errno));
}

/* Creates the socket's file. Remembers its inode, because by the time the daemon ends the path may
 * belong to another one. */
static int listen_at(struct control *control, int *ret)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;
    int r, fd;

    memcpy(address.sun_path, control->path, strlen(control->path));
    r = remove_stale(&address);
    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    /* bind(2) gives the file the socket's mode, so nobody else can connect before the group is
     * set. */
    if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        lstat(control->path, &st) < 0 || listen(fd, CONTROL_CLIENTS_MAX) < 0) {
        r = -errno;
        close(fd);
        return r;
    }
    control->device = st.st_dev;
    control->inode = st.st_ino;
    give_to_group(control);
    *ret = fd;
    return 0;
}

/* The timers come first, so that little can fail once the socket's file exists. */
int control_new(struct event_base *base, const struct control_options *options,
                const struct runtime *runtime, struct control **ret)
{
    const char *path = options->path ? options->path : CONTROL_SOCKET;
    struct control *control;
    int fd, r = -ENOMEM;

    if (strlen(path) >= sizeof(control->path))
        return -ENAMETOOLONG;
    control = calloc(1, sizeof(*control));
    if (!control)
        return -ENOMEM;
    *control = (struct control){.base = base, .runtime = runtime, .options = *options};
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        control->client[i].control = control;
    memcpy(control->path, path, strlen(path));
    control->accept_again = evtimer_new(base, on_accept_again, control);
    control->more = evtimer_new(base, on_more, control);
    control->look = evtimer_new(base, on_look, control);
    if (control->accept_again && control->more && control->look)
        r = listen_at(control, &fd);
    if (r == 0) {
        control->listener = evconnlistener_new(
            base, on_accept, control, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
        if (!control->listener) {
            close(fd);
            r = -ENOMEM;
        }
    }
    if (r < 0) {
        control_free(control);
        return r;
    }
    evconnlistener_set_error_cb(control->listener, on_accept_error);
    *ret = control;
    return 0;
}

void control_free(struct control *control)
{
    struct stat st;

    if (!control)
        return;
    for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
        drop_client(&control->client[i]);
    if (control->listener)
        evconnlistener_free(control->listener);
    if (control->accept_again)
        event_free(control->accept_again);
    if (control->more)
        event_free(control->more);
    if (control->look)
        event_free(control->look);
    if (control->inode && lstat(control->path, &st) == 0 && st.st_dev == control->device &&
        st.st_ino == control->inode)
        unlink(control->path);
    free(control);
}
