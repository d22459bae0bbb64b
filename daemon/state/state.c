/* SPDX-License-Identifier: MIT */
/*
 * Saving must not stop the daemon from reading, so a forked child does it: fork(2) gives it the
 * whole state as of this moment, and copy-on-write shares the memory. The lock on the directory
 * keeps a second daemon out; the child inherits it, so the directory stays locked until the child
 * is gone too.
 */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/libc.h"

struct state {
    struct state_file file;
    char *path;        /* of the directory, for messages */
    pid_t child;       /* that is saving, or 0 */
    unsigned failures; /* consecutive failed saves */
    char error[STATE_WHY_MAX];
};

enum { LOCK_TRIES = 40, LOCK_WAIT_MS = 50, RETRY_MAX_S = 60 };

/* --- opening ---------------------------------------------------------------------------------- */

static int lock(int dir)
{
    /* A restart may find the lock held by its predecessor's saving child: two seconds let it
     * end. */
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(dir, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -errno;
        poll(NULL, 0, LOCK_WAIT_MS);
    }
    return -EBUSY;
}

static int open_dir(struct state *state)
{
    int made = mkdir(state->path, 0700) < 0 && errno != EEXIST ? -errno : 0;

    state->file.dir = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->file.dir < 0)
        return made < 0 ? made : -errno;
    return lock(state->file.dir);
}

int state_open_with(const struct state_ops *ops, const char *dir, struct state **ret, char *why)
{
    struct state *state = calloc(1, sizeof(*state));
    int r = -ENOMEM;

    *why = '\0';
    if (state) {
        *state = (struct state){.file = {.ops = ops, .dir = -1}, .path = strdup(dir)};
        if (state->path)
            r = open_dir(state);
    }
    if (r < 0) {
        snprintf(why, STATE_WHY_MAX, "%s: %s", dir,
                 r == -EBUSY ? "another relaywatch is using it" : strerror(-r));
        state_close(state);
        return r;
    }
    *ret = state;
    return 0;
}

int state_open(const char *dir, struct state **ret, char *why)
{
    return state_open_with(&state_system, dir, ret, why);
}

/* Safe: a child that is killed has replaced the state completely or not at all. */
static void end_child(struct state *state)
{
    if (!state->child)
        return;
    kill(state->child, SIGKILL);
    while (waitpid(state->child, NULL, 0) < 0 && errno == EINTR) {
    }
    state->child = 0;
}

void state_close(struct state *state)
{
    if (!state)
        return;
    end_child(state);
    state_file_done(&state->file);
    if (state->file.dir >= 0)
        close(state->file.dir);
    free(state->path);
    free(state);
}

const char *state_position(const struct state *state, const char *id, uint32_t *ret_at_s)
{
    const struct position *position = positions_find(&state->file.positions, span_str(id));

    if (position && ret_at_s)
        *ret_at_s = position->at_s;
    return position ? position->text : NULL;
}

const char *state_next_position(const struct state *state, uint32_t *at, uint32_t since_s,
                                const char **ret_id)
{
    const struct positions *positions = &state->file.positions;

    while (*at < positions->count && positions->item[*at].at_s < since_s)
        (*at)++;
    if (*at == positions->count)
        return NULL;
    *ret_id = positions->item[*at].id;
    return positions->item[(*at)++].text;
}

int state_set_position(struct state *state, const struct pipeline *p, const char *id,
                       const char *position)
{
    return positions_set(&state->file.positions, span_str(id), span_str(position), p->now_s);
}

/* --- loading, saving -------------------------------------------------------------------------- */

int state_load(struct state *state, const struct pipeline_options *options, struct pipeline **ret,
               char *why)
{
    *why = '\0';
    *ret = NULL;
    state_file_done(&state->file);
    return state_file_load(&state->file, options, ret, why);
}

static int ended(struct state *state, int r)
{
    if (r >= 0) {
        state->failures = 0;
        state->error[0] = '\0';
        return 0;
    }
    state->failures++;
    snprintf(state->error, sizeof(state->error), "%s: %s", state->path, strerror(-r));
    return r;
}

static int prepare(struct state *state, const struct pipeline *p, const char *id,
                   const char *position)
{
    if (!position)
        return -ENOMEM; /* that is when source_position returns NULL */
    state->file.generation++;
    return positions_set(&state->file.positions, span_str(id), span_str(position), p->now_s);
}

/* Runs in the child. Closes every descriptor but the directory: a connection that the parent closes
 * must end for the other side too, not live on here. Dies with the parent, because it inherited the
 * lock. */
static void save_and_exit(struct state *state, const struct pipeline *p, pid_t parent)
{
    unsigned dir = (unsigned)state->file.dir;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The parent may have died before prctl took effect. */
    if (getppid() != parent)
        _exit(ECANCELED);
    if (dir > 3)
        libc_close_range(3, dir - 1);
    libc_close_range(dir < 2 ? 3 : dir + 1, ~0U);
    int r = state_file_save(&state->file, p);
    /* The exit status carries errno, and has eight bits. */
    _exit(r >= 0 ? 0 : r > -256 ? -r : EIO);
}

/* Blocks all signals in the child: the inherited handlers would write to the parent's event
 * loop. */
static pid_t fork_quietly(struct state *state, const struct pipeline *p)
{
    sigset_t all, before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = state->file.ops->fork();
    if (pid == 0)
        save_and_exit(state, p, parent);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

int state_save_start(struct state *state, const struct pipeline *p, const char *id,
                     const char *position)
{
    if (state->child)
        return -EBUSY;
    int r = prepare(state, p, id, position);
    if (r < 0)
        return ended(state, r);
    r = state_file_put_aside(&state->file); /* not in the child, which could not update bad_left */
    if (r < 0)
        return ended(state, r);
    pid_t pid = fork_quietly(state, p);
    if (pid < 0)
        return ended(state, -errno);
    state->child = pid;
    return 0;
}

int state_save_now(struct state *state, const struct pipeline *p, const char *id,
                   const char *position)
{
    /* A child that is still saving has an older state, and might rename it over this one. */
    end_child(state);
    int r = prepare(state, p, id, position);
    return ended(state, r < 0 ? r : state_file_save(&state->file, p));
}

bool state_child_ended(struct state *state, pid_t pid, int status)
{
    if (!state->child || pid != state->child)
        return false;
    state->child = 0;
    if (WIFEXITED(status)) {
        ended(state, -WEXITSTATUS(status));
        return true;
    }
    ended(state, -EIO);
    snprintf(state->error, sizeof(state->error), "%s: the saving process was killed by signal %d",
             state->path, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return true;
}

bool state_is_saving(const struct state *state)
{
    return state->child != 0;
}

const char *state_error(const struct state *state)
{
    return state->error;
}

unsigned state_retry_s(const struct state *state)
{
    /* 1, 2, 4 ... 32 seconds, then a minute: a full disk is not fixed by trying at once. */
    unsigned wait = state->failures > 6 ? RETRY_MAX_S
                    : state->failures   ? 1u << (state->failures - 1)
                                        : 0;

    return wait < RETRY_MAX_S ? wait : RETRY_MAX_S;
}
