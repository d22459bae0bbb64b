/* SPDX-License-Identifier: MIT */
#include "source/kafka_call.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int kafka_call_init(struct kafka_call *call)
{
    call->fd = -1;
    call->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return call->epoll_fd < 0 ? -errno : 0;
}

void kafka_call_done(struct kafka_call *call)
{
    kafka_call_close(call);
    if (call->epoll_fd >= 0)
        close(call->epoll_fd);
}

void kafka_call_close(struct kafka_call *call)
{
    if (call->fd >= 0)
        close(call->fd); /* which takes it out of the set */
    call->fd = -1;
    call->from = call->len = 0;
    buf_done(&call->request);
}

static void watch(struct kafka_call *call, int op)
{
    struct epoll_event event = {.events = EPOLLIN | (call->request.len ? EPOLLOUT : 0)};

    epoll_ctl(call->epoll_fd, op, call->fd, &event);
}

/* Only root and our own user may say what the log is. */
static bool is_trusted(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static int connect_to(struct kafka_call *call, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    call->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (call->fd < 0 || connect(call->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return is_trusted(call->fd) ? 0 : -EPERM;
}

int kafka_call_open(struct kafka_call *call, const char *path, struct buf *request)
{
    call->request = *request;
    *request = buf_new(0);
    int r = connect_to(call, path);
    if (r == 0) {
        watch(call, EPOLL_CTL_ADD);
        r = kafka_call_send(call);
    }
    if (r < 0)
        kafka_call_close(call);
    return r;
}

int kafka_call_send(struct kafka_call *call)
{
    ssize_t n = 0;

    if (call->request.len)
        n = send(call->fd, call->request.at, call->request.len, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (n > 0) {
        call->request.len -= (size_t)n;
        memmove(call->request.at, call->request.at + n, call->request.len);
        watch(call, EPOLL_CTL_MOD);
    }
    return 0;
}

ssize_t kafka_call_read(struct kafka_call *call)
{
    memmove(call->in, call->in + call->from, call->len - call->from);
    call->len -= call->from;
    call->from = 0;
    ssize_t n = read(call->fd, call->in + call->len, sizeof(call->in) - call->len);
    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    call->len += (size_t)n;
    return n;
}

const char *kafka_call_next(struct kafka_call *call, struct kafka_frame *ret, bool *ret_good)
{
    struct span in = span_of(call->in + call->from, call->len - call->from);
    ptrdiff_t newline = span_find(in, '\n');

    *ret_good = newline < 0 ? in.len < KAFKA_HEAD_MAX
                            : newline < KAFKA_HEAD_MAX &&
                                  kafka_frame_read(span_head(in, (size_t)newline), ret);
    if (newline < 0 || !*ret_good)
        return NULL;
    const char *data = in.at + newline + 1;
    if (in.len - (size_t)newline - 1 < ret->length)
        return NULL;
    call->from += (size_t)newline + 1 + ret->length;
    return data;
}
