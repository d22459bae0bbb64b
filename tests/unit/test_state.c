/* SPDX-License-Identifier: MIT */
/* Every step of a save fails, in every way, or is the last one before kill -9. Numbers in names are
 * those of the scenarios of log following. */
#include "pipeline_run.h"
#include "state_inside.h"

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

static const char *in_dir(const char *name)
{
    static char path[4][128];
    static int next;
    char *at = path[next++ % 4];

    snprintf(at, sizeof(*path), "%s/%s", dir, name);
    return at;
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/relaywatch-state-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* How many names begin so; removes them where asked to. */
static int names(const char *prefix, bool remove)
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

static void teardown(void)
{
    names("", true);
    rmdir(dir);
}

static bool exists(const char *name)
{
    return access(in_dir(name), F_OK) == 0;
}

static struct bytes read_file(const char *name)
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

static void write_file(const char *name, struct span bytes)
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
    int at;    /* the call that it happens to, counted from 0; -1: all of that name */
    int error; /* FAULT_ERROR */
    const char *name; /* NULL: any call */
    int calls;
    bool hit;
} plan;

static bool is_now(const char *name)
{
    if (plan.fault == FAULT_NONE || (plan.name && strcmp(plan.name, name) != 0))
        return false;
    return plan.calls++ == plan.at || plan.at < 0 ? (plan.hit = true) : false;
}

/* True where the call fails instead of being made. */
static bool before(bool now)
{
    if (now && plan.fault == FAULT_KILL_BEFORE)
        raise(SIGKILL);
    if (now && plan.fault == FAULT_ERROR) {
        errno = plan.error;
        return true;
    }
    return false;
}

static void after(bool now)
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

static int fault_openat(int at, const char *name, int flags, mode_t mode)
{
    WITH_FAULTS(state_system.openat(at, name, flags, mode));
}

static ssize_t fault_write(int fd, const void *data, size_t len)
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

static ssize_t fault_pwrite(int fd, const void *data, size_t len, off_t at)
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

static int fault_fsync(int fd)
{
    WITH_FAULTS(fsync(fd));
}

static int fault_close(int fd)
{
    bool now = is_now("close");
    int r = close(fd); /* closed, whatever it says */

    if (before(now))
        return -1;
    after(now);
    return r;
}

static int fault_unlinkat(int at, const char *name, int flags)
{
    WITH_FAULTS(unlinkat(at, name, flags));
}

static int fault_linkat(int at, const char *from, int to_dir, const char *to, int flags)
{
    WITH_FAULTS(linkat(at, from, to_dir, to, flags));
}

static int fault_renameat(int at, const char *from, int to_dir, const char *to)
{
    WITH_FAULTS(renameat(at, from, to_dir, to));
}

static pid_t fault_fork(void)
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

static struct state *open_state(void)
{
    struct state *state = NULL;

    ck_assert_msg(state_open_with(&faulty, dir, &state, why) == 0, "%s", why);
    return state;
}

/* A run whose number of messages tells which save it is; its place says the same. */
static void run_of(struct run *run, unsigned messages)
{
    run_begin(run, &settings, OPEN_RELAY_DUMP);
    run_messages(run, 0, messages);
}

static int save_now(struct state *state, unsigned messages)
{
    struct run run;
    char place[32];

    run_of(&run, messages);
    snprintf(place, sizeof(place), "{\"at\":%u}", messages);
    int r = state_save_now(state, run.p, "files", place);
    run_end(&run);
    return r;
}

static void save(unsigned messages)
{
    struct state *state = open_state();

    ck_assert_int_eq(save_now(state, messages), 0);
    ck_assert_str_eq(state_error(state), "");
    state_close(state);
}

/* Messages in the state that is loaded; -1 where there is none. The place has to be of the same. */
static int load(void)
{
    struct state *state = open_state();
    struct run run;
    char place[32];
    int count = -1;

    run_prepare(&run, &settings, OPEN_RELAY_DUMP);
    struct pipeline_options options = run_options(&run, 1);
    int r = state_load(state, &options, &run.p, why);
    ck_assert_int_ge(r, 0);
    ck_assert_int_eq(r, run.p != NULL);
    if (run.p) {
        uint32_t at_s;
        count = (int)run.p->tracker.count;
        snprintf(place, sizeof(place), "{\"at\":%d}", count);
        ck_assert_str_eq(state_place(state, "files", &at_s), place);
        ck_assert_uint_eq(at_s, run.p->now_s);
    }
    run_end(&run);
    state_close(state);
    return count;
}

START_TEST(nothing_there)
{
    ck_assert_int_eq(load(), -1);
    ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(save_and_load)
{
    struct stat st;

    save(3);
    ck_assert_int_eq(load(), 3);
    ck_assert_str_eq(why, "");
    ck_assert(!exists("state.prev") && !exists("state.tmp"));
    save(5);
    ck_assert_int_eq(load(), 5);
    ck_assert(exists("state.prev") && !exists("state.tmp") && !exists("state.link"));
    ck_assert_int_eq(stat(in_dir("state"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

/* What `scan` says of the whole, the run that was saved and killed says too. */
START_TEST(goes_on_exactly)
{
    struct run whole, first, rest;
    struct state *state = open_state();

    run_of(&whole, 1000);
    run_of(&first, 400);
    ck_assert_int_eq(state_save_now(state, first.p, "files", "x"), 0);
    run_messages(&first, 400, 100); /* lost with the process */
    run_end(&first);
    state_close(state);
    state = open_state();
    run_prepare(&rest, &settings, OPEN_RELAY_DUMP);
    struct pipeline_options options = run_options(&rest, 1);
    ck_assert_int_eq(state_load(state, &options, &rest.p, why), 1);
    run_messages(&rest, 400, 600);
    char *want = run_outcome(&whole), *got = run_outcome(&rest);
    ck_assert_str_eq(got, want);
    free(want);
    free(got);
    run_end(&whole);
    run_end(&rest);
    state_close(state);
}
END_TEST

/* --- 65: killed ------------------------------------------------------------------------------- */

static const enum fault kills[] = {FAULT_KILL_BEFORE, FAULT_KILL_AFTER};

START_TEST(s65_killed_at_every_step)
{
    int step = 0, old = 0, new = 0;

    for (bool ended = false; !ended; step++) {
        names("", true);
        save(2);
        save(3);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            struct state *state = open_state();
            plan.fault = kills[_i];
            plan.at = step;
            _exit(save_now(state, 4) == 0 ? 0 : 1);
        }
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ended = WIFEXITED(status);
        ck_assert(ended ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        int loaded = load();
        ck_assert_msg(loaded == 3 || loaded == 4, "step %d: %d", step, loaded);
        ck_assert_msg(!*why, "step %d: %s", step, why);
        loaded == 3 ? old++ : new++;
        ck_assert_msg(!ended || loaded == 4, "saved, but not there");
        save(5); /* what was left behind is in nobody's way */
        ck_assert_int_eq(load(), 5);
        ck_assert(!exists("state.tmp"));
    }
    ck_assert_int_gt(old, 5);
    ck_assert_int_ge(new, 2);
}
END_TEST

/* The same of the child that saves for a parent that lives on. */
START_TEST(s65_child_killed_at_every_step)
{
    bool ended = false;

    for (int step = 1; !ended; step++) { /* 0 is the fork, in the parent */
        struct run run;
        int status;
        names("", true);
        save(2);
        struct state *state = open_state();
        run_of(&run, 4);
        plan.fault = kills[_i];
        plan.at = step;
        plan.calls = 0;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":4}"), 0);
        plan.fault = FAULT_NONE;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":4}"), -EBUSY);
        pid_t pid = waitpid(-1, &status, 0);
        ended = WIFEXITED(status);
        ck_assert(!state_child_ended(state, pid + 1, 0));
        ck_assert(state_child_ended(state, pid, status));
        ck_assert(!state_is_saving(state));
        ck_assert_int_eq(*state_error(state) == '\0', ended);
        ck_assert_uint_eq(state_retry_s(state), !ended);
        run_end(&run);
        state_close(state);
        int loaded = load();
        ck_assert_msg(loaded == 2 || loaded == 4, "step %d: %d", step, loaded);
        ck_assert(!ended || loaded == 4);
    }
}
END_TEST

/* --- 66: what the disk may say ---------------------------------------------------------------- */

static const int errors[] = {ENOSPC, EIO, EROFS, EACCES, EDQUOT};
static const char *const calls[] = {"openat", "write",  "pwrite", "fsync",
                                    "close",  "unlinkat", "linkat", "renameat"};

/* Every call of a save in turn, and every error. */
START_TEST(s66_errors)
{
    int failed = 0;

    for (size_t e = 0; e < COUNT(errors); e++)
        for (int at = 0;; at++) {
            names("", true);
            save(2);
            save(3);
            struct state *state = open_state();
            plan.fault = FAULT_ERROR;
            plan.error = errors[e];
            plan.name = calls[_i];
            plan.at = at;
            plan.calls = 0;
            plan.hit = false;
            int r = save_now(state, 4);
            plan.fault = FAULT_NONE;
            plan.name = NULL;
            if (plan.hit) {
                failed++;
                ck_assert_msg(r == -errors[e], "%s %d: %d", calls[_i], at, r);
                ck_assert_ptr_nonnull(strstr(state_error(state), strerror(errors[e])));
                ck_assert_uint_eq(state_retry_s(state), 1);
            }
            ck_assert_int_eq(save_now(state, 5), 0); /* there is room again */
            ck_assert_str_eq(state_error(state), "");
            ck_assert_uint_eq(state_retry_s(state), 0);
            state_close(state);
            ck_assert_int_eq(load(), 5);
            ck_assert_str_eq(why, "");
            if (!plan.hit)
                break;
        }
    ck_assert_int_ge(failed, COUNT(errors));
}
END_TEST

/* After the error, before there is room: what was there is there. */
START_TEST(s66_old_one_is_kept)
{
    for (size_t e = 0; e < COUNT(errors); e++) {
        names("", true);
        save(2);
        save(3);
        struct state *state = open_state();
        plan.fault = FAULT_ERROR;
        plan.error = errors[e];
        plan.name = calls[_i];
        plan.at = -1;
        for (unsigned i = 0, want = 1; i < 9; i++, want = want > 30 ? 60 : want * 2) {
            ck_assert_int_eq(save_now(state, 4), -errors[e]);
            ck_assert_uint_eq(state_retry_s(state), want > 60 ? 60 : want);
        }
        plan.fault = FAULT_NONE;
        plan.name = NULL;
        state_close(state);
        ck_assert_int_eq(load(), 3);
        ck_assert_str_eq(why, "");
        ck_assert(exists("state.prev"));
    }
}
END_TEST

START_TEST(s66_short_and_interrupted)
{
    static const char *const retried[] = {"write", "pwrite", "fsync", "close"};

    for (size_t c = 0; c < COUNT(retried); c++)
        for (int at = 0; at < 2; at++)
            for (int interrupted = 0; interrupted < 2; interrupted++) {
                struct state *state = open_state();
                plan.fault = interrupted ? FAULT_ERROR : FAULT_SHORT;
                plan.error = EINTR;
                plan.name = retried[c];
                plan.at = at;
                plan.calls = 0;
                ck_assert_int_eq(save_now(state, 4 + (unsigned)at), 0);
                plan.fault = FAULT_NONE;
                plan.name = NULL;
                state_close(state);
                ck_assert_int_eq(load(), 4 + at);
                ck_assert_str_eq(why, "");
            }
}
END_TEST

/* A file system without hard links. */
START_TEST(s66_no_links)
{
    struct state *state = open_state();

    plan.fault = FAULT_ERROR;
    plan.error = EPERM;
    plan.name = "linkat";
    plan.at = -1;
    for (unsigned i = 2; i < 5; i++)
        ck_assert_int_eq(save_now(state, i), 0);
    plan.fault = FAULT_NONE;
    plan.name = NULL;
    state_close(state);
    ck_assert(exists("state.prev"));
    ck_assert_int_eq(load(), 4);
    unlink(in_dir("state"));
    ck_assert_int_eq(load(), 3);
}
END_TEST

START_TEST(s66_child_says_what_failed)
{
    struct state *state = open_state();
    struct run run;
    int status;

    run_of(&run, 3);
    for (size_t e = 0; e < COUNT(errors); e++) {
        plan.fault = FAULT_ERROR;
        plan.error = errors[e];
        plan.name = "write";
        plan.at = -1;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
        pid_t pid = waitpid(-1, &status, 0);
        ck_assert(state_child_ended(state, pid, status));
        ck_assert_ptr_nonnull(strstr(state_error(state), strerror(errors[e])));
        ck_assert_uint_eq(state_retry_s(state), 1u << e);
    }
    plan.name = "fork";
    plan.error = EAGAIN;
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), -EAGAIN);
    plan.fault = FAULT_NONE;
    plan.name = NULL;
    ck_assert(!state_is_saving(state));
    ck_assert_int_eq(state_save_start(state, run.p, "files", NULL), -ENOMEM);
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
    pid_t pid = waitpid(-1, &status, 0);
    ck_assert(state_child_ended(state, pid, status));
    ck_assert_str_eq(state_error(state), "");
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 3);
}
END_TEST

/* The stop does not wait for a child that is saving what is old by now. */
START_TEST(now_overtakes_a_child)
{
    struct state *state = open_state();
    struct run run;

    run_of(&run, 3);
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
    ck_assert_int_eq(save_now(state, 4), 0);
    ck_assert(!state_is_saving(state));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 4);
}
END_TEST

/* --- 67: damage ------------------------------------------------------------------------------- */

static void expect_bad(int good, int bad)
{
    ck_assert_int_eq(load(), good);
    ck_assert_str_ne(why, "");
    ck_assert_int_eq(names("state.bad-", false), bad);
}

START_TEST(s67_truncated)
{
    save(1);
    save(2);
    struct bytes bytes = read_file("state");
    for (size_t len = 0; len < bytes.len; len += len < 100 ? 1 : 37) {
        write_file("state", span_of(bytes.at, len));
        expect_bad(1, 1);
        names("state.bad-", true);
    }
    free(bytes.at);
}
END_TEST

START_TEST(s67_flipped)
{
    save(1);
    save(2);
    struct bytes bytes = read_file("state");
    for (size_t i = 0; i < bytes.len; i += i < 100 ? 1 : 37) {
        bytes.at[i] = (char)(bytes.at[i] ^ 1 << i % 8);
        write_file("state", span_of(bytes.at, bytes.len));
        expect_bad(1, 1);
        names("state.bad-", true);
        bytes.at[i] = (char)(bytes.at[i] ^ 1 << i % 8);
    }
    free(bytes.at);
}
END_TEST

START_TEST(s67_both_bad)
{
    save(1);
    save(2);
    write_file("state", SPAN("nonsense"));
    write_file("state.prev", SPAN("RWSTATE\nmore nonsense, and long enough for a head"));
    expect_bad(-1, 1);
    ck_assert_int_eq(names("state.prev.bad-", false), 1);
    ck_assert_ptr_nonnull(strstr(why, "state.prev"));
    ck_assert_int_eq(load(), -1); /* now they are missing */
    ck_assert_str_eq(why, "");
    save(3);
    ck_assert_int_eq(load(), 3);
    ck_assert_int_eq(names("state.bad-", false), 1); /* still there */
}
END_TEST

START_TEST(s67_second_bad_one_keeps_the_first)
{
    for (int i = 1; i <= 3; i++) {
        write_file("state", SPAN("nonsense"));
        expect_bad(-1, i);
    }
}
END_TEST

/* What can't be read can't be overwritten either. */
START_TEST(s67_not_a_file)
{
    ck_assert_int_eq(symlink("/etc/hostname", in_dir("state")), 0);
    ck_assert_int_eq(symlink("/etc/hostname", in_dir("state.tmp")), 0);
    expect_bad(-1, 1);
    save(1);
    ck_assert_int_eq(load(), 1);
}
END_TEST

START_TEST(bad_one_stays_until_it_is_aside)
{
    struct state *state = open_state();
    struct run run;

    write_file("state", SPAN("nonsense"));
    run_prepare(&run, &settings, OPEN_RELAY_DUMP);
    struct pipeline_options options = run_options(&run, 1);
    plan.fault = FAULT_ERROR;
    plan.error = EACCES;
    plan.name = "renameat";
    plan.at = -1;
    ck_assert_int_eq(state_load(state, &options, &run.p, why), 0);
    ck_assert_ptr_nonnull(strstr(why, "can't be put aside"));
    ck_assert_int_eq(save_now(state, 1), -EACCES);
    struct bytes bytes = read_file("state");
    ck_assert_uint_eq(bytes.len, strlen("nonsense"));
    free(bytes.at);
    plan.fault = FAULT_NONE;
    plan.name = NULL;
    ck_assert_int_eq(save_now(state, 1), 0);
    ck_assert_int_eq(names("state.bad-", false), 1);
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 1);
}
END_TEST

/* --- 68, 69, 70, 73 --------------------------------------------------------------------------- */

START_TEST(s68_second_instance)
{
    struct state *first = open_state(), *second = NULL;

    ck_assert_int_eq(state_open(dir, &second, why), -EBUSY);
    ck_assert_ptr_nonnull(strstr(why, "another relaywatch"));
    state_close(first);
    ck_assert_int_eq(state_open(dir, &second, why), 0);
    state_close(second);
}
END_TEST

/* Killed while its child saves: the child ends with it, and the lock with both. */
START_TEST(s68_killed_with_a_child)
{
    struct state *state = NULL;

    save(1);
    pid_t pid = fork();
    if (pid == 0) {
        struct run run;
        struct state *mine = open_state();
        run_of(&run, 20000);
        state_save_start(mine, run.p, "files", "{\"at\":20000}");
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(state_open(dir, &state, why), 0);
    state_close(state);
    int loaded = load();
    ck_assert(loaded == 1 || loaded == 20000);
}
END_TEST

static const uint32_t versions[] = {0, 2, 0xffffffff};

START_TEST(s69_other_version)
{
    save(1);
    struct bytes bytes = read_file("state");
    memcpy(bytes.at + 8, &versions[_i], sizeof(versions[_i]));
    write_file("state", span_of(bytes.at, bytes.len));
    expect_bad(-1, 1);
    ck_assert_ptr_nonnull(strstr(why, "another version"));
    save(2);
    ck_assert_int_eq(load(), 2);
    ck_assert_int_eq(names("state.bad-", false), 1);
    free(bytes.at);
}
END_TEST

/* Power cut: the file is complete on the disk before it gets its name, the name before the save is
 * said to be done. */
START_TEST(s70_synced_in_order)
{
    static const char *const order[] = {"openat", "write", "pwrite", "fsync", "close",
                                        "linkat", "renameat", "fsync"};
    int last = -1;

    save(1);
    for (int i = 0; i < COUNT(order); i++) {
        struct state *state = open_state();
        plan.fault = FAULT_ERROR;
        plan.error = EIO;
        plan.name = order[i];
        plan.at = i == COUNT(order) - 1 ? 1 : 0; /* the second fsync is the directory's */
        plan.calls = 0;
        ck_assert_int_eq(save_now(state, 2), -EIO);
        plan.fault = FAULT_NONE;
        plan.name = NULL;
        ck_assert_int_gt(i, last);
        last = i;
        state_close(state);
        ck_assert_int_eq(load(), i == COUNT(order) - 1 ? 2 : 1);
    }
}
END_TEST

/* Each source has its place; one that is not followed any more keeps its own. */
START_TEST(s73_places)
{
    struct state *state = open_state();
    struct run run;
    uint32_t files_s, journal_s;
    char id[STATE_ID_MAX];

    run_of(&run, 3);
    ck_assert_int_eq(state_save_now(state, run.p, "files", "file place"), 0);
    run_messages(&run, 3000, 3);
    ck_assert_int_eq(state_save_now(state, run.p, "journal", "a cursor"), 0);
    state_close(state);
    state = open_state();
    pipeline_free(run.p);
    struct pipeline_options options = run_options(&run, 1);
    ck_assert_int_eq(state_load(state, &options, &run.p, why), 1);
    ck_assert_str_eq(state_place(state, "files", &files_s), "file place");
    ck_assert_str_eq(state_place(state, "journal", &journal_s), "a cursor");
    ck_assert_uint_lt(files_s, journal_s);
    ck_assert_uint_eq(journal_s, run.p->now_s);
    ck_assert_ptr_null(state_place(state, "other", NULL));
    ck_assert_uint_eq(state_generation(state), 2);
    for (int i = 0; i < 20; i++) { /* more than there is room for: the oldest go */
        run_messages(&run, 10000 + (unsigned)i * 1000, 1);
        snprintf(id, sizeof(id), "source%d", i);
        ck_assert_int_eq(state_save_now(state, run.p, id, id), 0);
    }
    ck_assert_ptr_null(state_place(state, "files", NULL));
    ck_assert_str_eq(state_place(state, "source19", NULL), "source19");
    run_end(&run);
    state_close(state);
}
END_TEST

/* --- a million -------------------------------------------------------------------------------- */

static double since_ms(const struct timespec *from)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) * 1e3 + (double)(now.tv_nsec - from->tv_nsec) / 1e6;
}

/* How long following is held up, and what the rest takes. RELAYWATCH_MILLION=1 makes it a million,
 * which is what the bound is for. */
START_TEST(hold_up)
{
    bool million = getenv("RELAYWATCH_MILLION") != NULL;
    unsigned count = million ? 1000000 : 20000;
    struct state *state = open_state();
    struct timespec from;
    struct stat st;
    struct run run;
    double worst = 0, whole = 0, feeding = 0;
    int status;

    run_of(&run, count);
    ck_assert_uint_eq(run.p->tracker.count, count);
    clock_gettime(CLOCK_MONOTONIC, &from);
    run_messages(&run, count, 20000);
    double quiet = since_ms(&from);
    for (unsigned i = 1; i <= 5; i++) {
        clock_gettime(CLOCK_MONOTONIC, &from);
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{}"), 0);
        double ms = since_ms(&from);
        worst = ms > worst ? ms : worst;
        struct timespec feed;
        clock_gettime(CLOCK_MONOTONIC, &feed);
        run_messages(&run, count + i * 20000, 20000);
        feeding = since_ms(&feed) > feeding ? since_ms(&feed) : feeding;
        pid_t pid = waitpid(-1, &status, 0);
        whole = since_ms(&from) > whole ? since_ms(&from) : whole;
        ck_assert(state_child_ended(state, pid, status));
        ck_assert_str_eq(state_error(state), "");
    }
    ck_assert_int_eq(stat(in_dir("state"), &st), 0);
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct bytes bytes = run_snapshot(&run);
    double write_ms = since_ms(&from);
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct run again;
    ck_assert(run_resume(&again, &settings, NULL, span_of(bytes.at, bytes.len), why));
    printf("%u messages, %.0f MB: held up %.1f ms at worst, saved after %.0f ms;"
           " 80000 lines meanwhile %.0f ms, without %.0f ms; written in %.0f ms, read in %.0f ms\n",
           run.p->tracker.count, (double)st.st_size / 1e6, worst, whole, feeding, quiet, write_ms,
           since_ms(&from));
    if (million)
        ck_assert_msg(worst < 50, "held up for %.1f ms", worst);
    free(bytes.at);
    run_end(&again);
    run_end(&run);
    state_close(state);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("state");

    if (!settings_init(&settings))
        return EXIT_FAILURE;
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, nothing_there);
    tcase_add_test(tc, save_and_load);
    tcase_add_test(tc, goes_on_exactly);
    ADD_ROWS(tc, s65_killed_at_every_step, kills);
    ADD_ROWS(tc, s65_child_killed_at_every_step, kills);
    ADD_ROWS(tc, s66_errors, calls);
    ADD_ROWS(tc, s66_old_one_is_kept, calls);
    tcase_add_test(tc, s66_short_and_interrupted);
    tcase_add_test(tc, s66_no_links);
    tcase_add_test(tc, s66_child_says_what_failed);
    tcase_add_test(tc, now_overtakes_a_child);
    tcase_add_test(tc, s67_truncated);
    tcase_add_test(tc, s67_flipped);
    tcase_add_test(tc, s67_both_bad);
    tcase_add_test(tc, s67_second_bad_one_keeps_the_first);
    tcase_add_test(tc, s67_not_a_file);
    tcase_add_test(tc, bad_one_stays_until_it_is_aside);
    tcase_add_test(tc, s68_second_instance);
    tcase_add_test(tc, s68_killed_with_a_child);
    ADD_ROWS(tc, s69_other_version, versions);
    tcase_add_test(tc, s70_synced_in_order);
    tcase_add_test(tc, s73_places);
    tcase_add_test(tc, hold_up);
    int status = run_suite("state", tc);
    settings_done(&settings);
    return status;
}
