/* SPDX-License-Identifier: MIT */
/*
 * A private journald of its own namespace, which needs root, but no systemd. Scenarios:
 *   42 rotation under load, 43 killed meanwhile (FOLLOW_ENTRIES=100000 for the full length)
 *   44 one entry after a rotation            45 vacuum of unread files, 46 while they are read
 *   47 archive cut while it is read (SIGBUS) 55 moved from /run to /var
 *   57 journald started later and restarted
 */
#include "journal_harness.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define JOURNALD "/lib/systemd/systemd-journald"

static struct {
    char name[32];
    pid_t pid;
    int socket, seq;
} jd;

static void jd_config(const char *settings)
{
    shell("mkdir -p /etc/systemd; printf '[Journal]\\nRateLimitIntervalSec=0\\n%s\\n' > "
          "/etc/systemd/journald@%s.conf",
          settings, jd.name);
}

/* False where journald has ended instead. */
static bool jd_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval longest = {LONGEST_S, 0};
    int r = -1;

    if (jd.socket > 0)
        close(jd.socket);
    jd.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "/run/systemd/journal.%s/dev-log",
             jd.name);
    /* A journald that hangs fails the test; a send that waits for it forever would say nothing. */
    setsockopt(jd.socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof(longest));
    for (int i = 0; i < 100 * LONGEST_S && r < 0 && waitpid(jd.pid, NULL, WNOHANG) == 0; i++) {
        r = connect(jd.socket, (struct sockaddr *)&address, sizeof(address));
        if (r < 0)
            usleep(10000);
    }
    return r == 0;
}

static bool jd_try(void)
{
    fflush(stdout);
    jd.pid = fork();
    if (jd.pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execl(JOURNALD, JOURNALD, jd.name, (char *)NULL);
        _exit(127);
    }
    return jd_connect();
}

static void jd_launch(void)
{
    ck_assert_msg(jd_try(), "journald has no socket");
}

static void jd_stop(void);

/* Not in every container. Asked once, with a journald of its own. */
static bool jd_runs(void)
{
    static int runs = -1;

    if (runs < 0) {
        snprintf(jd.name, sizeof(jd.name), "rwtest%dx", (int)getpid());
        jd_config("Storage=volatile");
        runs = jd_try();
        jd_stop();
    }
    return runs;
}

static bool jd_start(const char *scenario, const char *settings)
{
    static int number;

    if (geteuid() != 0 || access(JOURNALD, X_OK) < 0 || access("/etc/machine-id", R_OK) < 0) {
        printf("SKIP %s: a private journald needs root, systemd and a machine id\n", scenario);
        return false;
    }
    if (!jd_runs()) {
        printf("SKIP %s: journald does not run here\n", scenario);
        return false;
    }
    memset(&jd, 0, sizeof(jd));
    snprintf(jd.name, sizeof(jd.name), "rwtest%dx%d", (int)getpid(), number++);
    jd_config(settings);
    which = (struct source_journal_options){.name_space = jd.name};
    return true;
}

static void jd_kill(void)
{
    bool gone = jd.pid <= 0 || kill(jd.pid, SIGTERM) < 0;

    for (int i = 0; i < 100 * LONGEST_S && !gone; i++) {
        gone = waitpid(jd.pid, NULL, WNOHANG) != 0;
        if (!gone)
            usleep(10000);
    }
    if (!gone) {
        kill(jd.pid, SIGKILL);
        waitpid(jd.pid, NULL, 0);
    }
    jd.pid = 0;
}

static void jd_stop(void)
{
    jd_kill();
    if (jd.socket > 0)
        close(jd.socket);
    jd.socket = 0;
    if (*jd.name)
        shell("rm -rf '/etc/systemd/journald@%s.conf' /var/log/journal/*.%s /run/log/journal/*.%s "
              "/run/systemd/journal.%s",
              jd.name, jd.name, jd.name, jd.name);
    *jd.name = '\0';
}

/* A failed test leaves no journald behind. */
static void jd_teardown(void)
{
    jd_stop();
    teardown();
}

static void jd_send(int count)
{
    char line[200];

    for (int i = 0; i < count; i++) {
        int n = snprintf(line, sizeof(line),
                         "<22>postfix/smtpd[77]: seq=%06d; connect from unknown", jd.seq++);
        if (send(jd.socket, line, (size_t)n, 0) != n)
            ck_abort_msg("send: %s", strerror(errno));
    }
}

/* Returns once all that was sent or asked for is in the journal's files. */
static void jd_sync(void)
{
    ck_assert_int_eq(shell("timeout %d journalctl -q --namespace=%s --sync", LONGEST_S, jd.name),
                     0);
}

static void jd_rotate(void)
{
    kill(jd.pid, SIGUSR2);
}

static void jd_vacuum(int files)
{
    shell("journalctl -q --namespace=%s --vacuum-files=%d >/dev/null 2>&1", jd.name, files);
}

static unsigned count_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* _i: 0 steady, 1 killed and started again at what was saved last. */
START_TEST(s42_s43_rotation_under_load)
{
    static unsigned char saved[SEQ_MAX];
    int total = (int)count_from("FOLLOW_ENTRIES", 7000);
    char *position = NULL;

    if (!jd_start("s42", "Storage=persistent\\nSystemMaxFileSize=64M"))
        return;
    jd_launch();
    f->budget = 500;
    journal_start(SOURCE_BEGIN);
    while (jd.seq < total) {
        jd_send(500);
        if (jd.seq % 2000 == 0)
            jd_rotate();
        f->now_us += 30000;
        if (source_run(f->source, f->now_us, f->budget) < 0)
            ck_abort_msg("run");
        if (_i && jd.seq % 1500 == 0) {
            free(position);
            position = source_position(f->source);
            memcpy(saved, f->seen, sizeof(saved));
        }
        if (_i && jd.seq % 3500 == 0 && position) {
            source_close(f->source);
            memcpy(f->seen, saved, sizeof(saved));
            free(f->position);
            f->position = strdup(position);
            journal_open(SOURCE_BEGIN);
        }
    }
    pump_seen(0, total);
    free(position);
    jd_stop();
    expect_exact(f, 0, total);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s44_one_entry_after_a_rotation)
{
    if (!jd_start("s44", "Storage=persistent"))
        return;
    jd_launch();
    journal_start(SOURCE_BEGIN);
    jd_send(10);
    pump_lines(10);
    jd_rotate();
    pump_ms(300);
    jd_send(1);
    pump_lines(11);
    jd_stop();
    expect_exact(f, 0, 11);
}
END_TEST

static int deleted_fds(void)
{
    FILE *out = popen("ls -l /proc/$PPID/fd | grep -c 'journal.*(deleted)'", "r");
    int n = -1;

    if (fscanf(out, "%d", &n) != 1)
        n = -1;
    pclose(out);
    return n;
}

/* _i: 0 stopped, 1 in the middle of a batch, 2 idle and watching. */
START_TEST(s45_s46_vacuum_under_the_reader)
{
    int vacuumed = 0;

    if (!jd_start("s45", "Storage=persistent"))
        return;
    jd_launch();
    jd_send(100);
    jd_sync();
    journal_open(SOURCE_BEGIN);
    if (_i == 1)
        source_run(f->source, f->now_us, 40);
    else
        pump_lines(100);
    if (_i == 0)
        follower_stop(f);
    for (int i = 0; i < 5; i++) {
        jd_rotate();
        jd_sync();
        jd_send(100);
    }
    jd_sync();
    jd_vacuum(2);
    if (_i == 0)
        journal_open(SOURCE_BEGIN);
    pump_seen(500, 600);
    jd_send(10);
    pump_seen(600, 610);
    vacuumed = lost(f, 0, 610);
    ck_assert_int_eq(deleted_fds(), 0);
    jd_stop();
    ck_assert_int_eq(lost(f, 500, 610), 0);
    ck_assert_int_eq(doubled(f), 0);
    if (vacuumed)
        ck_assert_uint_ge(f->notes[SOURCE_NOTE_GAP], 1);
    if (_i == 0)
        ck_assert_int_gt(vacuumed, 100);
}
END_TEST

START_TEST(s47_archive_cut_while_it_is_read)
{
    int seen;

    if (!jd_start("s47", "Storage=persistent"))
        return;
    jd_launch();
    jd_send(3000);
    jd_sync();
    jd_rotate();
    jd_sync();
    jd_send(500);
    jd_sync();
    journal_open(SOURCE_BEGIN);
    source_run(f->source, f->now_us, 700);
    seen = 3000 - lost(f, 0, 3000);
    ck_assert_int_gt(seen, 100);
    shell("truncate -s %d /var/log/journal/*.%s/system@*.journal", _i ? 4096 : 0, jd.name);
    pump_seen(3000, 3500);
    jd_send(10);
    pump_seen(3500, 3510);
    jd_stop();
    ck_assert_int_eq(lost(f, 3000, 3510), 0);
    ck_assert_int_eq(doubled(f), 0);
}
END_TEST

START_TEST(s55_flushed_from_run_to_var)
{
    if (!jd_start("s55", "Storage=volatile"))
        return;
    jd_launch();
    journal_start(SOURCE_BEGIN);
    jd_send(100);
    pump_lines(100);
    if (_i)
        follower_stop(f);
    jd_kill();
    jd_config("Storage=persistent");
    jd_launch();
    kill(jd.pid, SIGUSR1);
    jd_sync();
    jd_send(100);
    if (_i)
        journal_open(SOURCE_BEGIN);
    for (int i = 0; i < 30 * LONGEST_S && lost(f, 0, 200) > 0; i++) {
        pump_ms(20);
        f->now_us += US_PER_S;
    }
    jd_stop();
    expect_exact(f, 0, 200);
}
END_TEST

START_TEST(s57_journald_started_later_and_restarted)
{
    if (!jd_start("s57", "Storage=persistent"))
        return;
    journal_start(SOURCE_END);
    expect_note(f, WAITING, 1);
    jd_launch();
    jd_send(10);
    jd_sync();
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 0, 10);
    for (int i = 0; i < 3; i++) {
        jd_kill();
        if (i == 1)
            kill(jd.pid, 0);
        follower_wait(f, 300 * US_PER_S);
        jd_launch();
        jd_send(10);
        pump_lines((unsigned)jd.seq);
    }
    jd_stop();
    expect_exact(f, 0, 40);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, s42_s43_rotation_under_load, 0, 2);
    tcase_add_test(tc, s44_one_entry_after_a_rotation);
    tcase_add_loop_test(tc, s45_s46_vacuum_under_the_reader, 0, 3);
    tcase_add_loop_test(tc, s47_archive_cut_while_it_is_read, 0, 2);
    tcase_add_loop_test(tc, s55_flushed_from_run_to_var, 0, 2);
    tcase_add_test(tc, s57_journald_started_later_and_restarted);
}

int main(void)
{
    return suite_run("source_journald", add, setup, jd_teardown);
}
