/* SPDX-License-Identifier: MIT */
/*
 * Rights, senders, odd entries and files, in crafted journals. Scenarios:
 *   58 not allowed to read         59 suppressed messages (the entry is crafted)
 *   60 who may be the sender       61 odd messages           62 too many files
 *   63 garbage beside good files   64 forked after open      and reading files once
 */
#include "journal_craft.h"
#include "source/journal_entry.h"

#include <dirent.h>
#include <dlfcn.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>

static unsigned to_hide; /* so many MESSAGE= are not there when an entry is read */

/* As where an entry is read while it is being written. */
int sd_journal_enumerate_available_data(sd_journal *journal, const void **data, size_t *len)
{
    int (*real)(sd_journal *, const void **, size_t *) =
        (int (*)(sd_journal *, const void **, size_t *))dlsym(
            RTLD_NEXT, "sd_journal_enumerate_available_data");
    int r = real(journal, data, len);

    if (r > 0 && to_hide > 0 && span_starts(span_of(*data, *len), SPAN("MESSAGE="))) {
        to_hide--;
        r = real(journal, data, len);
    }
    return r;
}

/* It is read again before it is given up; but nobody can stop the reading with such entries. */
START_TEST(entry_without_message_is_read_again)
{
    static const struct {
        unsigned hide, lines, at_once, given_up;
    } want[] = {{1, 10, 10, 0}, {2, 10, 4, 0}, {7, 10, 4, 0}, {8, 9, 4, 1}, {14, 6, 4, 4}};
    struct craft c;

    if (!can_craft("read again"))
        return;
    craft_file("a.journal", "mx1", 0, 4);
    journal_start(SOURCE_BEGIN);
    to_hide = want[_i].hide;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 100000, 4);
    c.monotonic += 100000;
    craft_mail(&c, 6);
    craft_end(&c);
    for (int64_t until = real_ms() + 1000 * LONGEST_S;
         to_hide == want[_i].hide && real_ms() < until;) {
        struct pollfd p = {source_fd(f->source), POLLIN, 0};
        poll(&p, 1, 10);
        follower_pump(f);
    }
    ck_assert_uint_eq(f->lines, want[_i].at_once);
    if (_i == 2) {
        follower_stop(f);
        journal_start(SOURCE_BEGIN);
    }
    follower_wait(f, US_PER_S);
    ck_assert_uint_eq(f->lines, want[_i].lines);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_uint_eq(source_counters(f->source)[SOURCE_NOTE_NO_MESSAGE], want[_i].given_up);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

static bool at_end;      /* sd_journal_next says so, until it is told to seek; */
static unsigned at_once; /* and so many times it is told in vain */

int sd_journal_next(sd_journal *journal)
{
    int (*real)(sd_journal *) = (int (*)(sd_journal *))dlsym(RTLD_NEXT, "sd_journal_next");

    return at_end ? 0 : real(journal);
}

int sd_journal_seek_cursor(sd_journal *journal, const char *cursor)
{
    int (*real)(sd_journal *, const char *) =
        (int (*)(sd_journal *, const char *))dlsym(RTLD_NEXT, "sd_journal_seek_cursor");

    at_end = at_end && at_once > 0;
    at_once -= at_once > 0;
    return real(journal, cursor);
}

/* As where the end is looked at between the writer's two steps: the entry is there, and what it
 * matches does not lead to it yet. libsystemd then does not look again before the next entry. */
START_TEST(entry_that_was_overlooked_is_found)
{
    struct craft c;
    struct stat st;

    if (!can_craft("overlooked"))
        return;
    craft_file("a.journal", "mx1", 0, 4);
    journal_start(SOURCE_BEGIN);
    pump_lines(4);
    at_end = true;
    at_once = (unsigned)_i;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 100000, 4);
    c.monotonic += 100000;
    craft_mail(&c, 2);
    craft_end(&c);
    for (int64_t until = real_ms() + 1000 * LONGEST_S; at_once > 0 && real_ms() < until;)
        pump_once();
    /* So the writer tells that it is done. */
    ck_assert_int_eq(stat(in_scratch("a.journal"), &st), 0);
    ck_assert_int_eq(truncate(in_scratch("a.journal"), st.st_size), 0);
    pump_lines(6);
    ck_assert_uint_eq(f->lines, 6);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

START_TEST(s58_not_allowed_to_read)
{
    if (!can_craft("s58"))
        return;
    if (geteuid() != 0) {
        printf("SKIP s58: not root, cannot give up and regain a right\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    craft_file("a.journal", "mx1", 0, 10);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    craft_file("b.journal", "mx1", 10, 10);
    shell("chmod 600 '%s'/*.journal", scratch);
    if (_i) { /* the very first start */
        free(f->position);
        f->position = NULL;
        memset(f->seen, 0, sizeof(f->seen));
    }
    ck_assert_int_eq(seteuid(65534), 0);
    journal_start(SOURCE_END);
    ck_assert_int_eq(seteuid(0), 0);
    expect_note(f, UNREADABLE, 1);
    ck_assert(strstr(f->last_note, "systemd-journal") != NULL);
    follower_stop(f);
    journal_start(SOURCE_END);
    expect_exact(f, _i ? 20 : 0, 20);
    craft_file("c.journal", "mx1", 100, 10);
    pump_lines(_i ? 20 : 30);
    expect_exact(f, 100, 110);
}
END_TEST

START_TEST(s59_suppressed_messages_are_reported)
{
    struct craft c;

    printf(
        "SKIP s59: a real rate limit needs a unit and so a real systemd; the entry is crafted\n");
    if (!can_craft("s59"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    craft_mail(&c, 10);
    craft_fields(&c,
                 "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\nSYSLOG_IDENTIFIER=systemd-journald"
                 "\nN_DROPPED=900\nMESSAGE=Suppressed 900 messages from postfix@-.service\n");
    craft_fields(&c, "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n"
                     "MESSAGE=Suppressed 17 messages from postfix.service\n");
    craft_fields(&c, "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n"
                     "MESSAGE=Suppressed 5 messages from cron.service\n");
    craft_mail(&c, 10);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 20);
    ck_assert_uint_eq(f->lines, 20);
    ck_assert_uint_eq(source_counters(f->source)[SOURCE_NOTE_SUPPRESSED], 917);
}
END_TEST

#define UNIT   "_SYSTEMD_UNIT=postfix@-.service\n"
#define AMAVIS "_SYSTEMD_UNIT=amavis.service\n"

/* A journal in a directory may be another machine's. */
static const struct {
    const char *name, *fields;
    bool allowed;
} senders[] = {
    {"smtpd", "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/lib/postfix/sbin/smtpd\n" UNIT, true},
    {"libexec", "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/libexec/postfix/smtpd\n" UNIT, true},
    {"upgraded",
     "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/lib/postfix/sbin/smtpd (deleted)\n"
     "_SYSTEMD_UNIT=postfix.service\n",
     true},
    {"no uid, a daemon", "_TRANSPORT=syslog\n_EXE=/usr/lib/postfix/sbin/smtpd\n", true},
    {"no uid, the unit", "_TRANSPORT=syslog\n" UNIT, true},
    {"no uid, neither", "_TRANSPORT=syslog\n_EXE=/usr/bin/logger\n", false},
    {"s60: sendmail by a user",
     "_TRANSPORT=syslog\n_UID=1000\n_EXE=/usr/sbin/sendmail\nSYSLOG_IDENTIFIER=postfix/sendmail\n",
     true},
    {"postlog by a user, about itself",
     "_UID=1000\n_EXE=/usr/sbin/postlog\nSYSLOG_IDENTIFIER=postfix/postlog\n", true},
    {"postlog by a user",
     "_TRANSPORT=syslog\n_UID=65534\n_EXE=/usr/sbin/postlog\nSYSLOG_IDENTIFIER=postfix/qmgr\n",
     false},
    {"postlog by a service", "_UID=33\n_EXE=/usr/sbin/postlog\nSYSLOG_IDENTIFIER=postfix/qmgr\n",
     false},
    {"a .forward pipe", "_TRANSPORT=syslog\n_UID=1001\n_EXE=/usr/bin/logger\n" UNIT, false},
    {"a .forward pipe that was gone", "_TRANSPORT=syslog\n_UID=1001\n" UNIT, false},
    {"a .forward pipe that runs a daemon", "_UID=1001\n_EXE=/usr/lib/postfix/sbin/smtpd\n" UNIT,
     false},
    {"a .forward pipe of a service", "_UID=33\n_EXE=/usr/bin/logger\n" UNIT, false},
    {"a daemon, run by a service",
     "_UID=33\n_EXE=/usr/lib/postfix/sbin/smtpd\n_SYSTEMD_UNIT=apache2.service\n", false},
    {"sendmail -bs by a user", "_UID=1000\n_EXE=/usr/lib/postfix/sbin/smtpd\n", false},
    {"root", "_TRANSPORT=syslog\n_UID=0\n_EXE=/usr/bin/logger\n", true},
    {"imported", "", true},
    {"imported, with a pid", "_PID=5\n", true},
    {"logger", "_TRANSPORT=syslog\n_UID=1000\n_EXE=/usr/bin/logger\n", false},
    {"nothing but a uid", "_TRANSPORT=syslog\n_UID=1000\n", false},
    {"another way in", "_TRANSPORT=journal\n_UID=1000\n_EXE=/home/x/evil\n", false},
    {"name only alike", "_UID=1000\n_EXE=/home/x/usr/lib/postfix/sbin/smtpd\n", false},
    {"way up", "_UID=1000\n_EXE=/usr/lib/postfix/../../bin/evil\n", false},
    {"program of the same name", "_UID=1000\n_EXE=/home/x/sendmail\n", false},
    {"unit only alike", "_UID=1000\n_SYSTEMD_UNIT=postfix@x.service.scope\n", false},
    {"amavis", "_UID=108\nSYSLOG_IDENTIFIER=amavis\n_EXE=/usr/bin/perl\n" AMAVIS, true},
    {"amavis on another system",
     "_UID=110\nSYSLOG_IDENTIFIER=amavis\n_SYSTEMD_UNIT=amavisd.service\n", true},
    {"amavis, in the name of Postfix",
     "_UID=108\nSYSLOG_IDENTIFIER=postfix/qmgr\n_EXE=/usr/bin/perl\n" AMAVIS, false},
    {"a user in the name of amavis",
     "_UID=1000\nSYSLOG_IDENTIFIER=amavis\n_EXE=/usr/bin/logger\n"
     "_SYSTEMD_UNIT=session-3.scope\n",
     false},
    {"a user's own unit of that name",
     "_UID=1000\nSYSLOG_IDENTIFIER=amavis\n_SYSTEMD_UNIT=user@1000.service\n"
     "_SYSTEMD_USER_UNIT=amavis.service\n",
     false},
    {"a user in amavis' unit", "_UID=1000\nSYSLOG_IDENTIFIER=amavis\n" AMAVIS, false},
    {"nobody in amavis' unit", "_UID=65534\nSYSLOG_IDENTIFIER=amavis\n" AMAVIS, false},
    {"a .forward pipe in the name of amavis", "_UID=1001\nSYSLOG_IDENTIFIER=amavis\n" UNIT, false},
    {"another service in the name of amavis",
     "_UID=33\nSYSLOG_IDENTIFIER=amavis\n_SYSTEMD_UNIT=apache2.service\n", false},
    {"a unit only like amavis'",
     "_UID=108\nSYSLOG_IDENTIFIER=amavis\n_SYSTEMD_UNIT=xamavis.service\n", false},
    {"user unit", "_UID=1000\n_SYSTEMD_UNIT=user@1000.service\n", false},
};

START_TEST(s60_sender_check)
{
    char fields[512];
    struct craft c;

    if (!can_craft("s60"))
        return;
    for (int check = 0; check < 2; check++) {
        const char *file = check ? "b.journal" : "a.journal";
        refused = 0;
        c = craft_begin(file, "mx1", BOOT_A, BASE_US + check * 100000, 0);
        snprintf(fields, sizeof(fields), "SYSLOG_FACILITY=2\nMESSAGE=seq=%06d; x\n%s", check,
                 senders[_i].fields);
        craft_fields(&c, fields);
        craft_end(&c);
        which.check_sender = check;
        journal_start(SOURCE_BEGIN);
        follower_stop(f);
        ck_assert_msg(refused == (check && !senders[_i].allowed), "%s: refused %u",
                      senders[_i].name, refused);
    }
    expect_exact(f, 0, 2);
    expect_note(f, REFUSED, !senders[_i].allowed);
}
END_TEST

#define DAEMON "/usr/lib/postfix/sbin/smtpd"
#define PIPE   "/usr/bin/logger"

/* The journal of this machine, where the user `postfix` has uid 105, or there is none (-1). */
static const struct {
    const char *name;
    int64_t uid, postfix_uid;
    const char *exe, *unit;
    bool elsewhere, allowed;
} local_senders[] = {
    {"Postfix's user", 105, 105, "", "", false, true},
    {"root", 0, 105, PIPE, "", false, true},
    {"another user, all the rest fits", 33, 105, DAEMON, "postfix@-.service", false, false},
    {"the same on another machine", 33, 105, DAEMON, "postfix@-.service", true, true},
    {"the last uid of a service", 999, 105, DAEMON, "postfix@-.service", true, true},
    {"the first of a person", 1000, 105, DAEMON, "postfix@-.service", true, false},
    {"nobody", 65534, 105, DAEMON, "postfix@-.service", true, false},
    {"no such user here", 33, -1, DAEMON, "postfix.service", true, true},
    {"only the unit", 33, -1, PIPE, "postfix.service", true, false},
    {"only the path", 33, -1, DAEMON, "", true, false},
    {"imported", -1, 105, "", "", false, true},
};

START_TEST(sender_is_known_by_its_uid)
{
    const struct journal_senders postfix = {local_senders[_i].postfix_uid,
                                            local_senders[_i].elsewhere};
    const struct source_entry e = {.exe = span_str(local_senders[_i].exe),
                                   .unit = span_str(local_senders[_i].unit),
                                   .identifier = SPAN("postfix/smtpd"),
                                   .uid = local_senders[_i].uid};

    ck_assert_msg(journal_sender_allowed(&e, &postfix) == local_senders[_i].allowed, "%s",
                  local_senders[_i].name);
}
END_TEST

START_TEST(s61_odd_messages)
{
    static const char big_head[] = "SYSLOG_FACILITY=2\nMESSAGE=seq=000001; ";
    static const char binary[] =
        "SYSLOG_FACILITY=2\nMESSAGE\n\x14\0\0\0\0\0\0\0seq=2; line\nand\0nul \n"
        "";
    char big[70000];
    struct craft c;
    size_t head = sizeof(big_head) - 1;

    if (!can_craft("s61"))
        return;
    memset(big, 'x', sizeof(big));
    memcpy(big, big_head, head);
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    big[head + 3000 - 12] = '\n';
    craft_raw(&c, big, head + 3000 - 11);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    ck_assert_uint_eq(last_message_len, 3000);
    follower_stop(f);
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 10000, 0);
    c.monotonic += 10000;
    craft_raw(&c, binary, sizeof(binary) - 1);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    ck_assert_uint_eq(last_message_len, 20);
    follower_stop(f);
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 20000, 3);
    c.monotonic += 20000;
    craft_fields(&c, "SYSLOG_FACILITY=2\nMESSAGE=\n");
    craft_fields(&c, "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\n");
    craft_fields(&c, "SYSLOG_FACILITY=2\nMESSAGE=seq=3; first\nMESSAGE=seq=4; second\n");
    craft_fields(&c, "SYSLOG_FACILITY=2\nMESSAGE=seq=5; trailing blanks   \n");
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    follower_wait(f, US_PER_S);
    expect_note(f, NO_MESSAGE, 1);
    ck_assert_uint_eq(f->lines, 5);
    ck_assert_uint_eq(f->other, 1);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_int_eq(lost(f, 1, 3) + lost(f, 5, 6), 0);
    ck_assert_int_eq(lost(f, 3, 5), 1);
}
END_TEST

static void craft_host(int host, int seq)
{
    char file[32], name[32];

    snprintf(file, sizeof(file), "h%d.journal", host);
    snprintf(name, sizeof(name), "mx%d", host);
    craft_file(file, name, seq, 10);
}

static void rotate(const char *from, const char *to)
{
    ck_assert_int_eq(rename(in_scratch("%s", from), in_scratch("%s", to)), 0);
}

START_TEST(s62_more_files_than_may_be_open)
{
    struct rlimit before, low;

    if (!can_craft("s62"))
        return;
    craft_file("a.journal", "mx1", 0, 10);
    shell("cd '%s'; for i in $(seq 300); do ln -s /dev/null x$i.journal; done", scratch);
    getrlimit(RLIMIT_NOFILE, &before);
    low = before;
    low.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &low);
    journal_start(SOURCE_BEGIN);
    setrlimit(RLIMIT_NOFILE, &before);
    expect_exact(f, 0, 10);
    expect_note(f, UNREADABLE, 1);
    ck_assert(strstr(f->last_note, "LimitNOFILE") != NULL);
}
END_TEST

/* A user has 128 inotify instances. One is enough for all hosts; without any they are read all the
 * same, only later. */
START_TEST(no_inotify_instance_is_left)
{
    int fds[4096], count = 0;

    if (!can_craft("more hosts") || geteuid() != 0) {
        printf("SKIP more hosts: not root\n");
        return;
    }
    for (int host = 0; host < 6; host++)
        craft_host(host, 100 * host);
    shell("chmod 755 '%s'; chmod 644 '%s'/*", scratch, scratch);
    ck_assert_int_eq(seteuid(54321), 0);
    while (count < 4096 && (fds[count] = inotify_init1(IN_CLOEXEC)) >= 0)
        count++;
    if (count < 4096) {
        if (_i)
            close(fds[--count]);
        journal_start(SOURCE_BEGIN);
        ck_assert_uint_eq(f->lines, 60);
        ck_assert_uint_eq(f->notes[SOURCE_NOTE_POLLING], !_i);
        ck_assert_int_eq(seteuid(0), 0);
        for (int host = 0; host < 6; host++)
            craft_host(host, 100 * host + 10);
        craft_file("new.journal", "mx5", 1000, 10);
        shell("chmod 644 '%s'/*", scratch);
        ck_assert_int_eq(seteuid(54321), 0);
        follower_wait(f, 6 * US_PER_S);
        pump_lines(120);
        follower_wait(f, 61 * US_PER_S);
        ck_assert_uint_eq(f->lines, 130);
        ck_assert_int_eq(doubled(f), 0);
        ck_assert_uint_eq(f->notes[SOURCE_NOTE_POLLING], !_i);
    } else {
        printf("SKIP more hosts: no limit of inotify instances within 4096\n");
    }
    while (count)
        close(fds[--count]);
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* How many of our descriptors show something that begins so. */
static int count_open(const char *what)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *entry;

    while ((entry = readdir(dir))) {
        char target[PATH_MAX] = "";
        if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) > 0)
            count += strncmp(target, what, strlen(what)) == 0;
    }
    closedir(dir);
    return count;
}

/* So a line costs the same among few hosts and among many. A file may also hold several hosts, and
 * be rotated. */
START_TEST(each_host_has_its_own_files)
{
    if (!can_craft("own files"))
        return;
    for (int host = 0; host < 12; host++)
        craft_host(host, 100 * host);
    craft_file("h0.journal", "mx1", 5000, 10);
    journal_start(SOURCE_BEGIN);
    ck_assert_uint_eq(f->lines, 130);
    ck_assert_int_eq(count_open(scratch), 13);
    ck_assert_int_eq(count_open("anon_inode:inotify"), 1);
    rotate("h3.journal", "h3@0.journal");
    craft_host(3, 350);
    craft_host(12, 6000);
    pump_lines(150);
    expect_exact(f, 300, 310);
    expect_exact(f, 350, 360);
    expect_exact(f, 6000, 6010);
    ck_assert_uint_eq(f->lines, 150);
    ck_assert_int_eq(count_open(scratch), 15);
    ck_assert_int_eq(unlink(in_scratch("h3@0.journal")), 0);
    craft_file("h3.journal", "mx3", 7000, 10);
    pump_lines(160);
    ck_assert_int_eq(count_open(scratch), 14);
    expect_exact(f, 7000, 7010);
    expect_note(f, GAP, 0);
    follower_stop(f);
    journal_start(SOURCE_BEGIN);
    ck_assert_uint_eq(f->lines, 160);
}
END_TEST

START_TEST(s63_garbage_beside_good_files)
{
    if (!can_craft("s63"))
        return;
    craft_file("a.journal", "mx1", 0, 10);
    shell("cd '%s'; : > empty.journal; head -c 100000 /dev/urandom > garbage.journal; head -c 3000 "
          "a.journal > short.journal",
          scratch);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 10);
    follower_stop(f);
    craft_file("b.journal", "mx1", 10, 10);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 20);
}
END_TEST

START_TEST(s64_forked_after_open)
{
    int status;
    pid_t child;

    if (!can_craft("s64"))
        return;
    craft_file("a.journal", "mx1", 0, 10);
    journal_start(SOURCE_BEGIN);
    craft_file("a.journal", "mx1", 10, 10);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        source_run(f->source, f->now_us, 10);
        _exit(f->notes[SOURCE_NOTE_RECOVERED] == 1 && doubled(f) == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(files_are_read_once_in_order)
{
    const char *paths[] = {in_scratch("b.journal"), in_scratch("a.journal"),
                           in_scratch("bad.journal")};
    const char *directory[] = {scratch};
    struct craft c;

    if (!can_craft("files"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    c = craft_begin("b.journal", "mx1", BOOT_A, BASE_US + 100000, 100);
    c.monotonic += 100000;
    craft_mail(&c, 100);
    craft_end(&c);
    shell("echo garbage > '%s'", paths[2]);
    f->options.start = SOURCE_END; /* of no account */
    if (_i)
        ck_assert_int_eq(source_open_journal_files(directory, 1, false, &f->options, &f->source),
                         0);
    else
        ck_assert_int_eq(source_open_journal_files(paths, 3, false, &f->options, &f->source), 0);
    while (source_run(f->source, 0, 7) == SOURCE_MORE)
        continue;
    expect_exact(f, 0, 200);
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, DAMAGED, !_i);
    ck_assert_int_eq(source_fd(f->source), -1);
    ck_assert(source_deadline_us(f->source) == INT64_MAX);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, entry_without_message_is_read_again, 0, 5);
    tcase_add_loop_test(tc, entry_that_was_overlooked_is_found, 0, 2);
    tcase_add_loop_test(tc, s58_not_allowed_to_read, 0, 2);
    tcase_add_test(tc, s59_suppressed_messages_are_reported);
    tcase_add_loop_test(tc, sender_is_known_by_its_uid, 0,
                        (int)(sizeof(local_senders) / sizeof(local_senders[0])));
    tcase_add_loop_test(tc, s60_sender_check, 0, (int)(sizeof(senders) / sizeof(senders[0])));
    tcase_add_test(tc, s61_odd_messages);
    tcase_add_test(tc, s62_more_files_than_may_be_open);
    tcase_add_loop_test(tc, no_inotify_instance_is_left, 0, 2);
    tcase_add_test(tc, each_host_has_its_own_files);
    tcase_add_test(tc, s63_garbage_beside_good_files);
    tcase_add_test(tc, s64_forked_after_open);
    tcase_add_loop_test(tc, files_are_read_once_in_order, 0, 2);
}

int main(void)
{
    return suite_run("source_journal_odd", add, setup, teardown);
}
