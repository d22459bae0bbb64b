/* SPDX-License-Identifier: MIT */
#include "source/tail_watch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/hash.h"

#define EVENTS_BYTES (64 * 1024)
#define OWNERS_MIN   64 /* slots; a power of two */

/* Without IN_MODIFY, because everybody writes in a directory like /var/log. IN_ATTRIB shows when a
 * file becomes readable. */
#define DIRECTORY_EVENTS                                                                           \
    (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |            \
     IN_MOVE_SELF | IN_ONLYDIR)
#define FILE_EVENTS (IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)

int watches_init(struct watches *watches)
{
    *watches = (struct watches){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    return watches->fd < 0 ? -errno : 0;
}

void watches_done(struct watches *watches)
{
    if (watches->fd >= 0)
        close(watches->fd);
    hash_index_done(&watches->owners);
    watches->fd = -1;
}

uint32_t watches_first(int watch)
{
    return (uint32_t)((uint32_t)watch * HASH_ODD_1 >> 32);
}

uint32_t watches_owner(const struct watches *watches, int watch, uint32_t *at)
{
    return watches->owners.slot ? hash_index_next(&watches->owners, watches_first(watch), at) : 0;
}

static bool is_owner(const struct watches *watches, int watch, uint32_t owner)
{
    uint32_t at = watches_first(watch), each;

    do
        each = watches_owner(watches, watch, &at);
    while (each && each != owner);
    return each == owner;
}

static int own(struct watches *watches, int watch, uint32_t owner)
{
    if (watch < 0 || owner == 0 || is_owner(watches, watch, owner))
        return watch;
    if (!watches->owners.slot && !hash_index_init(&watches->owners, OWNERS_MIN))
        return -ENOMEM;
    if (!hash_index_reserve(&watches->owners))
        return -ENOMEM;
    hash_index_add(&watches->owners, watches_first(watch), owner);
    return watch;
}

void watches_forget(struct watches *watches, int watch)
{
    for (;;) {
        uint32_t at = watches_first(watch), owner = watches_owner(watches, watch, &at);
        if (owner == 0)
            return;
        hash_index_remove(&watches->owners, watches_first(watch), owner);
    }
}

static int add(struct watches *watches, const char *path, uint32_t mask)
{
    int watch;

    if (watches->fd < 0)
        return -EMFILE;
    watch = inotify_add_watch(watches->fd, path, mask);
    return watch < 0 ? -errno : watch;
}

int watches_add_directory(struct watches *watches, const char *path, uint32_t owner)
{
    return own(watches, add(watches, path, DIRECTORY_EVENTS), owner);
}

int watches_add_journals(struct watches *watches, const char *path)
{
    return add(watches, path, DIRECTORY_EVENTS | IN_MODIFY);
}

/* By descriptor, through /proc, because the name may show another file by now. */
int watches_add_file(struct watches *watches, int fd, uint32_t owner)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return own(watches, add(watches, path, FILE_EVENTS), owner);
}

/* A watch outlives the descriptor and pins the inode, so closing the file is not enough. */
void watches_remove(struct watches *watches, int watch)
{
    if (watches->fd >= 0 && watch >= 0)
        inotify_rm_watch(watches->fd, watch);
}

bool watches_read(struct watches *watches, watches_visit *visit, void *ctx)
{
    _Alignas(struct inotify_event) char events[EVENTS_BYTES];
    bool any = false;

    for (;;) {
        ssize_t n = watches->fd < 0 ? -1 : read(watches->fd, events, sizeof(events));
        if (n <= 0)
            return any;
        any = true;
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *event = (const struct inotify_event *)(events + at);
            visit(ctx, event->wd, event->mask, event->len ? event->name : "");
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

/* On these, inotify sees only changes made through this mount: such files are polled as well. */
bool watches_can_trust(int fd)
{
    static const uint32_t silent[] = {
        0x6969,     /* NFS */
        0x517b,     /* SMB */
        0xff534d42, /* CIFS */
        0xfe534d42, /* SMB2 */
        0x65735546, /* FUSE */
        0x01021997, /* 9P */
        0x00c36400, /* CEPH */
        0x5346414f, /* AFS */
        0x794c7630, /* overlayfs: a copied-up file is another inode than the one watched */
    };
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return false;
    for (unsigned i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
        if ((uint32_t)fs.f_type == silent[i])
            return false;
    return true;
}
