/* SPDX-License-Identifier: MIT */
/* What the disk may say to each step of a save, and what it may have made of the file. Numbers in
 * names are those of the scenarios of log following. */
#include "state_faults.h"

/* --- 66: what the disk may say ---------------------------------------------------------------- */

static const int errors[] = {ENOSPC, EIO, EROFS, EACCES, EDQUOT};
static const char *const calls[] = {"openat", "write",    "pwrite", "fsync",
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
        unsigned want = 1;
        for (int i = 0; i < 9; i++) {
            ck_assert_int_eq(save_now(state, 4), -errors[e]);
            ck_assert_uint_eq(state_retry_s(state), want);
            want = want < 32 ? want * 2 : 60;
        }
        no_faults();
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
    no_faults();
    state_close(state);
    ck_assert(exists("state.prev"));
    ck_assert_int_eq(load(), 4);
    unlink(in_dir("state"));
    ck_assert_int_eq(load(), 3);
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
    no_faults();
    ck_assert_int_eq(save_now(state, 1), 0);
    ck_assert_int_eq(names("state.bad-", false), 1);
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 1);
}
END_TEST

/* --- 69, 70 ----------------------------------------------------------------------------------- */

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

/* What the disk is sure to have: shared with the process that is killed. */
static struct disk {
    ino_t written; /* the file that is written */
    bool data, names;
} * disk;

static int disk_openat(int at, const char *name, int flags, mode_t mode)
{
    struct stat st;

    disk->names = disk->data = false;
    int fd = fault_openat(at, name, flags, mode);
    if (fd >= 0 && fstat(fd, &st) == 0)
        disk->written = st.st_ino;
    return fd;
}

static ssize_t disk_write(int fd, const void *data, size_t len)
{
    disk->data = false;
    return fault_write(fd, data, len);
}

static ssize_t disk_pwrite(int fd, const void *data, size_t len, off_t at)
{
    disk->data = false;
    return fault_pwrite(fd, data, len, at);
}

static int disk_fsync(int fd)
{
    struct stat st;
    int r = fault_fsync(fd);

    if (r == 0 && fstat(fd, &st) == 0)
        *(S_ISDIR(st.st_mode) ? &disk->names : &disk->data) = true;
    return r;
}

static int disk_unlinkat(int at, const char *name, int flags)
{
    disk->names = false;
    return fault_unlinkat(at, name, flags);
}

static int disk_linkat(int at, const char *from, int to_dir, const char *to, int flags)
{
    disk->names = false;
    return fault_linkat(at, from, to_dir, to, flags);
}

static int disk_renameat(int at, const char *from, int to_dir, const char *to)
{
    disk->names = false;
    return fault_renameat(at, from, to_dir, to);
}

static const struct state_ops on_disk = {
    .openat = disk_openat,
    .write = disk_write,
    .pwrite = disk_pwrite,
    .fsync = disk_fsync,
    .close = fault_close,
    .unlinkat = disk_unlinkat,
    .linkat = disk_linkat,
    .renameat = disk_renameat,
    .fork = fault_fork,
};

/* The file that was written is as long as that, under whatever name it has by now. */
static void cut_data(off_t len)
{
    static const char *const all[] = {"state", "state.prev", "state.tmp", "state.link"};
    struct stat st;

    for (int i = 0; i < COUNT(all); i++)
        if (stat(in_dir(all[i]), &st) == 0 && st.st_ino == disk->written && st.st_size > len)
            ck_assert_int_eq(truncate(in_dir(all[i]), len), 0);
}

/* A save of 4 over 3 and 2, killed after a step. True where it came to its end. */
static bool save_up_to(int step)
{
    int status;

    names("", true);
    save(2);
    save(3);
    *disk = (struct disk){.data = true, .names = true};
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct state *state = NULL;
        if (state_open_with(&on_disk, dir, &state, why) < 0)
            _exit(2);
        plan.fault = FAULT_KILL_AFTER;
        plan.name = NULL;
        plan.at = step;
        plan.calls = 0;
        _exit(save_now(state, 4) == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status);
}

/* Power cut. Names may be on the disk before the bytes of their file are, or after: at every step
 * what was not synced is lost, and what is loaded is good, and new once the save is said to be
 * done. */
static const struct {
    const char *name;
    bool data, names; /* which is lost */
    off_t left;       /* of the file */
} cuts[] = {
    {"no byte of it", true, false, 0},
    {"its head only", true, false, 64},
    {"the names", false, true, 0},
    {"both", true, true, 0},
};

START_TEST(s70_power_cut_at_every_step)
{
    bool ended = false;
    int step = 0;

    disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(disk, MAP_FAILED);
    for (; !ended; step++) {
        ended = save_up_to(step);
        if (cuts[_i].data && !disk->data)
            cut_data(cuts[_i].left);
        if (cuts[_i].names && !disk->names) {
            names("", true);
            save(2);
            save(3);
        }
        int loaded = load();
        ck_assert_msg(ended ? loaded == 4 : loaded == 3 || loaded == 4,
                      "%s, step %d%s: got %d, want %s", cuts[_i].name, step,
                      ended ? ", the end" : "", loaded, ended ? "4" : "3 or 4");
        ck_assert_msg(!*why, "%s, step %d: %s", cuts[_i].name, step, why);
    }
    ck_assert_int_gt(step, 8);
    munmap(disk, sizeof(*disk));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("state_file");

    ADD_ROWS(tc, s66_errors, calls);
    ADD_ROWS(tc, s66_old_one_is_kept, calls);
    tcase_add_test(tc, s66_short_and_interrupted);
    tcase_add_test(tc, s66_no_links);
    tcase_add_test(tc, s67_truncated);
    tcase_add_test(tc, s67_flipped);
    tcase_add_test(tc, s67_both_bad);
    tcase_add_test(tc, s67_second_bad_one_keeps_the_first);
    tcase_add_test(tc, s67_not_a_file);
    tcase_add_test(tc, bad_one_stays_until_it_is_aside);
    ADD_ROWS(tc, s69_other_version, versions);
    ADD_ROWS(tc, s70_power_cut_at_every_step, cuts);
    return run_state_suite("state_file", tc);
}
