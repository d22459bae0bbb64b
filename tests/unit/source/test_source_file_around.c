/* SPDX-License-Identifier: MIT */
/*
 * Scenarios:
 *   29 file or directory missing, removed, made again    30 not readable
 *   31 symbolic links       32 event queue overflow      33 no inotify
 *   34 tmpfs, overlayfs; NFS is skipped
 */
#include "file_harness.h"

#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

START_TEST(s29_file_missing_at_start)
{
    writer_close(&w);
    ck_assert_int_eq(unlink(LOG), 0);
    follower_start(f, SOURCE_END);
    expect_note(f, WAITING, 1);
    follower_wait(f, 3600 * S);
    ck_assert_uint_lt(f->runs, 300);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
    expect_note(f, FOUND, 1);
}
END_TEST

START_TEST(s29_directory_missing_at_start)
{
    writer_close(&w);
    follower_free(f);
    f = follower_new(in_scratch("a/b/mail.log"));
    follower_start(f, SOURCE_END);
    expect_note(f, WAITING, 1);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(shell("mkdir -p '%s/a/b'", scratch), 0);
        if (round == 1)
            follower_pump(f);
        writer_reopen(&w, f->files);
        writer_lines(&w, 10);
        if (round == 2)
            follower_wait(f, 31 * S);
        follower_pump(f);
        expect_exact(f, 0, w.seq);
        writer_lines(&w, 10);
        ck_assert_int_eq(shell("rm -r '%s/a'", scratch), 0);
        follower_wait(f, 10 * S);
        expect_exact(f, 0, w.seq);
    }
    writer_lines(&w, 10); /* nothing has taken its place, so the deleted file still counts */
    follower_pump(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(s30_new_file_not_readable)
{
    if (geteuid() != 0) {
        printf("SKIP s30: not root, cannot give up and regain a right\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_start(f, SOURCE_BEGIN);
    ck_assert_int_eq(seteuid(0), 0);
    writer_lines(&w, 10);
    rotate_create();
    ck_assert_int_eq(chmod(LOG, 0), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_wait(f, S);
    ck_assert_int_eq(lost(f, 0, 20), 0);
    expect_note(f, UNREADABLE, 0);
    follower_wait(f, 9 * S);
    expect_note(f, UNREADABLE, 1);
    ck_assert_int_eq(seteuid(0), 0);
    writer_lines(&w, 10);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_wait(f, _i ? 30 * S : 0);
    ck_assert_int_eq(seteuid(0), 0);
    expect_exact(f, 0, 40);
    expect_note(f, REGAINED, 1);
}
END_TEST

START_TEST(s30_file_not_readable_at_start)
{
    if (geteuid() != 0) {
        printf("SKIP s30: not root, cannot give up and regain a right\n");
        return;
    }
    writer_lines(&w, 10);
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(chmod(LOG, 0600), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_restart(f);
    follower_wait(f, 10 * S);
    expect_note(f, UNREADABLE, 1);
    expect_note(f, GAP, 0);
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_pump(f);
    ck_assert_int_eq(seteuid(0), 0);
    expect_exact(f, 0, 30);
}
END_TEST

START_TEST(s31_symbolic_link_turned)
{
    follower_free(f);
    f = follower_new(in_scratch("link"));
    ck_assert_int_eq(shell("cd '%s'; mkdir d; mv mail.log d/one; ln -s d/one link", scratch), 0);
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
    ck_assert_int_eq(shell("cd '%s'; ln -s d/two new; mv -T new link", scratch), 0);
    follower_pump(f);
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 30);
    /* The target itself is rotated. */
    rotate_name(in_scratch("d/two"), in_scratch("d/two.1"));
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 50);
    follower_stop(f);
    writer_lines(&w, 10);
    rotate_name(in_scratch("d/two"), in_scratch("d/two.2"));
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_restart(f);
    expect_exact(f, 0, 70);
}
END_TEST

START_TEST(s32_event_queue_overflows)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    for (int i = 0; i < 20000; i++) {
        const char *name = in_scratch("x%d", i % 3);
        close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        unlink(name);
        if (i == 17000)
            rotate_create();
        if (i == 18000)
            rotate_name(LOG, in_scratch("mail.log.2"));
    }
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("mail.log.2"));
    writer_lines(&w, 10);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 40);
    ck_assert_uint_ge(f->notes[SOURCE_NOTE_OVERFLOW], 1);
}
END_TEST

/* The limit counts for each user, so another user's is used up. */
START_TEST(s33_no_inotify)
{
    int fds[4096], count = 0;

    if (geteuid() != 0) {
        printf("SKIP s33: not root\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(seteuid(54321), 0);
    while (count < 4096 && (fds[count] = inotify_init1(IN_CLOEXEC)) >= 0)
        count++;
    if (count < 4096) {
        follower_start(f, SOURCE_BEGIN);
        expect_note(f, POLLING, 1);
        for (int i = 0; i < 20; i++) {
            writer_lines(&w, 10);
            if (i % 5 == 0) {
                ck_assert_int_eq(seteuid(0), 0);
                rotate_name(LOG, in_scratch("mail.log.%d", i));
                writer_lines(&w, 10);
                writer_reopen(&w, LOG);
                ck_assert_int_eq(seteuid(54321), 0);
            }
            follower_wait(f, 5 * S);
            ck_assert_int_eq(lost(f, 0, w.seq), 0);
        }
        expect_exact(f, 0, w.seq);
    } else {
        printf("SKIP s33: no limit of inotify instances within 4096\n");
    }
    while (count)
        close(fds[--count]);
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

static void follow_in(const char *directory)
{
    struct writer other = {0};
    struct follower *g;

    ck_assert_int_eq(shell("mkdir -p '%s'", directory), 0);
    g = follower_new(in_scratch("x"));
    free((char *)(uintptr_t)g->files);
    ck_assert_int_gt(asprintf((char **)(uintptr_t)&g->files, "%s/mail.log", directory), 0);
    writer_reopen(&other, g->files);
    follower_start(g, SOURCE_BEGIN);
    for (int i = 0; i < 6; i++) {
        writer_lines(&other, 10);
        if (i == 3)
            follower_stop(g);
        if (i % 2) {
            ck_assert_int_eq(shell("mv '%s' '%s.%d'", g->files, g->files, i), 0);
            writer_lines(&other, 10);
            writer_reopen(&other, g->files);
        }
        if (i == 3)
            follower_restart(g);
        follower_wait(g, 5 * S);
        ck_assert_int_eq(lost(g, 0, other.seq), 0);
    }
    expect_exact(g, 0, other.seq);
    writer_close(&other);
    follower_free(g);
}

START_TEST(s34_tmpfs)
{
    if (access("/dev/shm", W_OK) < 0) {
        printf("SKIP s34: no /dev/shm\n");
        return;
    }
    follow_in("/dev/shm/follow-s34");
    shell("rm -r /dev/shm/follow-s34");
}
END_TEST

/* In a mount namespace of a child: it has nothing to clean up. */
START_TEST(s34_overlayfs)
{
    char options[4 * PATH_MAX];
    int status;
    pid_t child;

    ck_assert_int_eq(shell("cd '%s'; mkdir lower upper work merged", scratch), 0);
    ck_assert_int_eq(shell("echo 'seq=199999; of the lower layer' > '%s/lower/mail.log'", scratch),
                     0);
    snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
             scratch, scratch, scratch);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("overlay", in_scratch("merged"), "overlay", 0, options) < 0)
            _exit(77);
        follow_in(in_scratch("merged"));
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        printf("SKIP s34: overlayfs cannot be mounted here\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(s34_nfs)
{
    printf("SKIP s34: no NFS server here; s33 runs the same polling\n");
}
END_TEST

/* A new host's directory and file are read as soon as they are there, however deep. */
START_TEST(glob_with_directories)
{
    free((char *)(uintptr_t)f->files);
    f->files = strdup(in_scratch("logs/*/postfix/mail*.log"));
    follower_start(f, SOURCE_SINCE);
    ck_assert_int_eq(shell("mkdir '%s/logs'", scratch), 0);
    follower_wait(f, _i ? 100 * S : 0);
    ck_assert_int_eq(shell("mkdir '%s/logs/mx1'", scratch), 0);
    follower_pump(f);
    ck_assert_int_eq(shell("mkdir '%s/logs/mx1/postfix'", scratch), 0);
    follower_pump(f);
    writer_reopen(&w, in_scratch("logs/mx1/postfix/mail.log"));
    writer_lines(&w, 10);
    follower_pump(f);
    /* All at once. */
    ck_assert_int_eq(shell("mkdir -p '%s/logs/mx2/postfix'", scratch), 0);
    writer_reopen(&w, in_scratch("logs/mx2/postfix/mail2.log"));
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

/* The bound itself is read; one more is said, once. Half of the descriptors, less 64. */
START_TEST(more_names_than_can_be_followed)
{
    struct rlimit before, few;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 640;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    free((char *)(uintptr_t)f->files);
    f->files = strdup(in_scratch("host*.log"));
    for (int i = 0; i < 256; i++) {
        writer_reopen(&w, in_scratch("host%04d.log", i));
        writer_lines(&w, 1);
    }
    follower_start(f, SOURCE_BEGIN);
    expect_exact(f, 0, 256);
    expect_note(f, BEYOND, 0);
    writer_reopen(&w, in_scratch("host0256.log"));
    writer_lines(&w, 1);
    follower_wait(f, 200 * S);
    expect_note(f, BEYOND, 1);
    ck_assert(strstr(f->last_note, "more than 256 files match"));
    ck_assert(strstr(f->last_note, "host0256.log is not read"));
    expect_exact(f, 0, 256);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}
END_TEST

/* A fifo, a directory: noted, never waited in. */
START_TEST(not_a_regular_file)
{
    writer_close(&w);
    ck_assert_int_eq(shell("cd '%s'; rm mail.log; %s mail.log", scratch, _i ? "mkfifo" : "mkdir"),
                     0);
    follower_start(f, SOURCE_BEGIN);
    follower_wait(f, 10 * S);
    expect_note(f, UNREADABLE, 1);
    ck_assert_int_eq(shell("cd '%s'; rm -r mail.log", scratch), 0);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
}
END_TEST

/* Lines of a file that is deleted are counted while its writer holds it. */
START_TEST(deleted_without_successor)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    ck_assert_int_eq(unlink(LOG), 0);
    follower_wait(f, 600 * S);
    writer_lines(&w, 10);
    follower_pump(f);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_wait(f, 600 * S);
    expect_exact(f, 0, 30);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, glob_with_directories, 0, 2);
    tcase_add_test(tc, more_names_than_can_be_followed);
    tcase_add_test(tc, s29_file_missing_at_start);
    tcase_add_test(tc, s29_directory_missing_at_start);
    tcase_add_loop_test(tc, s30_new_file_not_readable, 0, 2);
    tcase_add_test(tc, s30_file_not_readable_at_start);
    tcase_add_test(tc, s31_symbolic_link_turned);
    tcase_add_test(tc, s32_event_queue_overflows);
    tcase_add_test(tc, s33_no_inotify);
    tcase_add_test(tc, s34_tmpfs);
    tcase_add_test(tc, s34_overlayfs);
    tcase_add_test(tc, s34_nfs);
    tcase_add_loop_test(tc, not_a_regular_file, 0, 2);
    tcase_add_test(tc, deleted_without_successor);
}

int main(void)
{
    return suite_run("source_file_around", add, setup, teardown);
}
