/* SPDX-License-Identifier: MIT */
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/state_internal.h"

enum { LOCK_TRIES = 40, LOCK_WAIT_MS = 50, RETRY_MAX_S = 60 };

static int system_openat(int dir, const char *name, int flags, mode_t mode)
{
    return openat(dir, name, flags, mode);
}

const struct state_ops state_system = {
    .openat = system_openat,
    .write = write,
    .pwrite = pwrite,
    .fsync = fsync,
    .close = close,
    .unlinkat = unlinkat,
    .linkat = linkat,
    .renameat = renameat,
    .fork = fork,
};

/* --- opening ---------------------------------------------------------------------------------- */

static int lock(int dir)
{
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

    state->dir = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (state->dir < 0)
        return made < 0 ? made : -errno;
    return lock(state->dir);
}

int state_open_with(const struct state_ops *ops, const char *dir, struct state **ret, char *why)
{
    struct state *state = calloc(1, sizeof(*state));
    int r = -ENOMEM;

    *why = '\0';
    if (state) {
        *state = (struct state){.ops = ops, .dir = -1, .path = strdup(dir)};
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

/* A child that is killed has replaced the state as a whole, or not at all. */
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
    state_drop_positions(state);
    if (state->dir >= 0)
        close(state->dir);
    free(state->path);
    free(state);
}

const char *state_position(const struct state *state, const char *id, uint32_t *ret_at_s)
{
    for (uint32_t i = 0; i < state->position_count; i++) {
        const struct state_position *position = &state->position[i];
        if (strcmp(position->id, id) != 0)
            continue;
        if (ret_at_s)
            *ret_at_s = position->at_s;
        return position->text;
    }
    return NULL;
}

/* --- loading, saving -------------------------------------------------------------------------- */

int state_load(struct state *state, const struct pipeline_options *options, struct pipeline **ret,
               char *why)
{
    *why = '\0';
    *ret = NULL;
    state_drop_positions(state);
    return state_file_load(state, options, ret, why);
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

static int prepare(struct state *state, const struct pipeline *p, const char *id, const char *place)
{
    if (!place)
        return -ENOMEM; /* what source_place returns then */
    state->generation++;
    return state_set_position(state, span_str(id), span_str(place), p->now_s);
}

/* In the child: nothing but what it takes to write. What the parent closes while this one lives has
 * to be closed for the other end too, so all else is let go. When the parent is killed this one
 * ends too: it holds the lock. */
static void save_and_exit(struct state *state, const struct pipeline *p, pid_t parent)
{
    unsigned dir = (unsigned)state->dir;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(ECANCELED);
    if (dir > 3)
        close_range(3, dir - 1, 0);
    close_range(dir < 2 ? 3 : dir + 1, ~0U, 0);
    int r = state_file_save(state, p);
    _exit(r >= 0 ? 0 : r > -256 ? -r : EIO);
}

/* No signal may reach the child: the handlers it has inherited would tell the parent's loop. */
static pid_t fork_quietly(struct state *state, const struct pipeline *p)
{
    sigset_t all, before;
    pid_t parent = getpid();

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = state->ops->fork();
    if (pid == 0)
        save_and_exit(state, p, parent);
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

int state_save_start(struct state *state, const struct pipeline *p, const char *id,
                     const char *place)
{
    if (state->child)
        return -EBUSY;
    int r = prepare(state, p, id, place);
    if (r < 0)
        return ended(state, r);
    r = state_file_put_aside(state); /* here: the child could not tell that it was done */
    if (r < 0)
        return ended(state, r);
    pid_t pid = fork_quietly(state, p);
    if (pid < 0)
        return ended(state, -errno);
    state->child = pid;
    return 0;
}

int state_save_now(struct state *state, const struct pipeline *p, const char *id, const char *place)
{
    end_child(state);
    int r = prepare(state, p, id, place);
    return ended(state, r < 0 ? r : state_file_save(state, p));
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
    snprintf(state->error, sizeof(state->error),
             "%s: the process that saves was ended by signal %d", state->path,
             WIFSIGNALED(status) ? WTERMSIG(status) : 0);
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
    unsigned wait = state->failures > 6 ? RETRY_MAX_S
                    : state->failures   ? 1u << (state->failures - 1)
                                        : 0;

    return wait < RETRY_MAX_S ? wait : RETRY_MAX_S;
}

uint64_t state_generation(const struct state *state)
{
    return state->generation;
}
