/* SPDX-License-Identifier: MIT */
/* A state directory for each test, system calls that fail as planned, saves that can be told
 * apart. */
#ifndef RELAYWATCH_TESTS_STATE_FAULTS_H
#define RELAYWATCH_TESTS_STATE_FAULTS_H

#include "pipeline_run.h"
#include "state/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPEN_RELAY_DUMP SOURCE_DIR "/tests/corpora/open_relay/postconf-n.txt"

static struct settings settings;
static char dir[64], why[STATE_WHY_MAX];

/* --- a directory for each test ---------------------------------------------------------------- */

static inline const char *in_dir(const char *name)
{
    static char path[4][128];
    static int next;
    char *at = path[next++ % 4];

    snprintf(at, sizeof(*path), "%s/%s", dir, name);
    return at;
}

static inline void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/relaywatch-state-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* How many names begin so; removes them where asked to. */
static inline int names(const char *prefix, bool remove)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    int n = 0;

    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        n++;
        if (remove)
            unlinkat(dirfd(d), entry->d_name, 0);
    }
    closedir(d);
    return n;
}

static inline void teardown(void)
{
    names("", true);
    rmdir(dir);
}

static inline bool exists(const char *name)
{
    return access(in_dir(name), F_OK) == 0;
}

static inline struct bytes read_file(const char *name)
{
    struct bytes bytes = {0};
    char buf[4096];
    size_t n;
    FILE *file = fopen(in_dir(name), "re");

    ck_assert_msg(file != NULL, "%s is missing", name);
    while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
        bytes_put(&bytes, buf, n);
    fclose(file);
    return bytes;
}

static inline void write_file(const char *name, struct span bytes)
{
    FILE *file = fopen(in_dir(name), "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* --- system calls that fail ------------------------------------------------------------------- */

enum fault { FAULT_NONE, FAULT_KILL_BEFORE, FAULT_KILL_AFTER, FAULT_ERROR, FAULT_SHORT };

static struct {
    enum fault fault;
    int at;           /* the call that it happens to, counted from 0; -1: all of that name */
    int error;        /* FAULT_ERROR */
    const char *name; /* NULL: any call */
    int calls;
    bool hit;
} plan;

static inline bool is_now(const char *name)
{
    if (plan.fault == FAULT_NONE || (plan.name && strcmp(plan.name, name) != 0))
        return false;
    return plan.calls++ == plan.at || plan.at < 0 ? (plan.hit = true) : false;
}

/* True where the call fails instead of being made. */
static inline bool before(bool now)
{
    if (now && plan.fault == FAULT_KILL_BEFORE)
        raise(SIGKILL);
    if (now && plan.fault == FAULT_ERROR) {
        errno = plan.error;
        return true;
    }
    return false;
}

static inline void after(bool now)
{
    if (now && plan.fault == FAULT_KILL_AFTER)
        raise(SIGKILL);
}

#define WITH_FAULTS(call)                                                                          \
    bool now = is_now(__func__ + 6);                                                               \
    if (before(now))                                                                               \
        return -1;                                                                                 \
    __typeof__(call) r = call;                                                                     \
    after(now);                                                                                    \
    return r

static inline int fault_openat(int at, const char *name, int flags, mode_t mode)
{
    WITH_FAULTS(state_system.openat(at, name, flags, mode));
}

static inline ssize_t fault_write(int fd, const void *data, size_t len)
{
    bool now = is_now("write");

    /* Killed, the process leaves half of it behind. */
    if (now && (plan.fault == FAULT_SHORT || plan.fault == FAULT_KILL_AFTER))
        len = len / 2 + 1;
    if (before(now))
        return -1;
    ssize_t n = write(fd, data, len);
    after(now);
    return n;
}

static inline ssize_t fault_pwrite(int fd, const void *data, size_t len, off_t at)
{
    bool now = is_now("pwrite");

    if (now && (plan.fault == FAULT_SHORT || plan.fault == FAULT_KILL_AFTER))
        len = len / 2 + 1;
    if (before(now))
        return -1;
    ssize_t n = pwrite(fd, data, len, at);
    after(now);
    return n;
}

static inline int fault_fsync(int fd)
{
    WITH_FAULTS(fsync(fd));
}

static inline int fault_close(int fd)
{
    bool now = is_now("close");
    int r = close(fd); /* closed, whatever it says */

    if (before(now))
        return -1;
    after(now);
    return r;
}

static inline int fault_unlinkat(int at, const char *name, int flags)
{
    WITH_FAULTS(unlinkat(at, name, flags));
}

static inline int fault_linkat(int at, const char *from, int to_dir, const char *to, int flags)
{
    WITH_FAULTS(linkat(at, from, to_dir, to, flags));
}

static inline int fault_renameat(int at, const char *from, int to_dir, const char *to)
{
    WITH_FAULTS(renameat(at, from, to_dir, to));
}

static inline pid_t fault_fork(void)
{
    WITH_FAULTS(fork());
}

static const struct state_ops faulty = {
    .openat = fault_openat,
    .write = fault_write,
    .pwrite = fault_pwrite,
    .fsync = fault_fsync,
    .close = fault_close,
    .unlinkat = fault_unlinkat,
    .linkat = fault_linkat,
    .renameat = fault_renameat,
    .fork = fault_fork,
};

/* --- saving and loading ----------------------------------------------------------------------- */

static inline struct state *open_state(void)
{
    struct state *state = NULL;

    ck_assert_msg(state_open_with(&faulty, dir, &state, why) == 0, "%s", why);
    return state;
}

/* A run whose number of messages tells which save it is; its position says the same. */
static inline void run_of(struct run *run, unsigned messages)
{
    run_begin(run, &settings, OPEN_RELAY_DUMP);
    run_messages(run, 0, messages);
}

static inline int save_now(struct state *state, unsigned messages)
{
    struct run run;
    char position[32];

    run_of(&run, messages);
    snprintf(position, sizeof(position), "{\"at\":%u}", messages);
    int r = state_save_now(state, run.p, "files", position);
    run_end(&run);
    return r;
}

static inline void save(unsigned messages)
{
    struct state *state = open_state();

    ck_assert_int_eq(save_now(state, messages), 0);
    ck_assert_str_eq(state_error(state), "");
    state_close(state);
}

/* Messages in the state that is loaded; -1 if there is none. The position must belong to the same
 * save. */
static inline int load(void)
{
    struct state *state = open_state();
    struct run run;
    char position[32];
    int count = -1;

    run_prepare(&run, &settings, OPEN_RELAY_DUMP);
    struct pipeline_options options = run_options(&run, 1);
    int r = state_load(state, &options, &run.p, why);
    ck_assert_int_ge(r, 0);
    ck_assert_int_eq(r, run.p != NULL);
    if (run.p) {
        uint32_t at_s;
        count = (int)run.p->tracker.count;
        snprintf(position, sizeof(position), "{\"at\":%d}", count);
        ck_assert_str_eq(state_position(state, "files", &at_s), position);
        ck_assert_uint_eq(at_s, run.p->now_s);
    }
    run_end(&run);
    state_close(state);
    return count;
}

/* A plan that is over. */
static inline void no_faults(void)
{
    plan.fault = FAULT_NONE;
    plan.name = NULL;
}

static inline int run_state_suite(const char *name, TCase *tc)
{
    if (!settings_init(&settings))
        return EXIT_FAILURE;
    tcase_add_checked_fixture(tc, setup, teardown);
    int status = run_suite(name, tc);
    settings_done(&settings);
    return status;
}

#endif
