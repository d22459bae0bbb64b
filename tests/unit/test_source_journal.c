/* SPDX-License-Identifier: MIT */
/*
 * Two kinds of journal: crafted ones, written by systemd-journal-remote with whatever hosts, boots
 * and times a scenario wants, and a private journald of its own namespace, which needs root but no
 * systemd. What cannot be had is skipped aloud.
 */
#include "follow_harness.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-journal.h>
#include <time.h>

#define REMOTE   "/lib/systemd/systemd-journal-remote"
#define JOURNALD "/lib/systemd/systemd-journald"
#define BASE_US  ((wall_us)1790000000 * US_PER_S)
#define BOOT_A   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOOT_B   "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct follower *f;
static struct source_journal_options which;
static struct source_entry last; /* its spans are not to be looked into */
static unsigned refused;
static char last_host[64], last_message[4096];
static size_t last_message_len;

static void on_entry(void *ctx, const struct source_entry *entry)
{
    struct follower *follower = ctx;

    last = *entry;
    last_message_len = entry->message.len;
    snprintf(last_host, sizeof(last_host), "%.*s", SPAN_ARG(entry->host));
    snprintf(last_message, sizeof(last_message), "%.*s", SPAN_ARG(entry->message));
    refused += entry->refused;
    one_line(follower, entry->message.at ? entry->message.at : "", entry->message.len);
}

static void setup(void)
{
    scratch_make("/tmp");
    f = follower_new("");
    f->options.sink.entry = on_entry;
    which = (struct source_journal_options){.directory = scratch};
    refused = 0;
}

static void teardown(void)
{
    follower_free(f);
    scratch_remove();
}

static void journal_open(enum source_start start)
{
    f->options.start = start;
    f->options.place = f->place;
    ck_assert_int_eq(source_open_journal(&which, &f->options, f->now_us, &f->source), 0);
}

static void journal_start(enum source_start start)
{
    journal_open(start);
    follower_pump(f);
}

/* Really waits for the journal, whose notifications come up to 250 ms late. */
static void pump_for(unsigned lines, int most_ms)
{
    for (int ms = 0; ms < most_ms && f->lines < lines; ms += 10) {
        struct pollfd p = {source_fd(f->source), POLLIN, 0};
        poll(&p, 1, 10);
        f->now_us += 10000;
        follower_pump(f);
    }
}

/* -- Crafted journals. -- */

struct craft {
    FILE *out;
    const char *host, *boot;
    wall_us realtime;
    int64_t monotonic;
    int seq;
};

static bool can_craft(const char *scenario)
{
    if (access(REMOTE, X_OK) == 0)
        return true;
    printf("SKIP %s: no systemd-journal-remote\n", scenario);
    return false;
}

static struct craft craft_begin(const char *file, const char *host, const char *boot,
                                wall_us realtime, int seq)
{
    char command[2 * PATH_MAX];

    snprintf(command, sizeof(command), REMOTE " -o '%s' - >/dev/null 2>&1", in_scratch("%s", file));
    struct craft c = {popen(command, "w"), host, boot, realtime, 1000000, seq};
    ck_assert(c.out != NULL);
    return c;
}

static void craft_end(struct craft *c)
{
    ck_assert_int_eq(pclose(c->out), 0);
}

/* `fields` in export format, each ended by a newline. */
static void craft_raw(struct craft *c, const char *fields, size_t len)
{
    fprintf(c->out,
            "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n_BOOT_ID=%s\n_HOSTNAME=%s\n"
            "_MACHINE_ID=%s\n",
            (long long)c->realtime, (long long)c->monotonic, c->boot, c->host, BOOT_A);
    fwrite(fields, 1, len, c->out);
    fputc('\n', c->out);
    c->realtime += 1000;
    c->monotonic += 1000;
}

static void craft_fields(struct craft *c, const char *fields)
{
    craft_raw(c, fields, strlen(fields));
}

static void craft_mail(struct craft *c, int count)
{
    char fields[512];

    for (int i = 0; i < count; i++) {
        snprintf(fields, sizeof(fields),
                 "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\nSYSLOG_PID=123\n_PID=124\n"
                 "_TRANSPORT=syslog\n_UID=0\nMESSAGE=seq=%06d; connect\n",
                 c->seq++);
        craft_fields(c, fields);
    }
}

static void craft_other(struct craft *c, int count)
{
    for (int i = 0; i < count; i++)
        craft_fields(c, "SYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=cron\nMESSAGE=other\n");
}

static void craft_file(const char *file, const char *host, int from, int count)
{
    struct craft c = craft_begin(file, host, BOOT_A, BASE_US + from * 1000, from);

    c.monotonic += from * 1000;
    craft_mail(&c, count);
    craft_end(&c);
}

START_TEST(reads_the_fields)
{
    struct craft c;

    if (!can_craft("fields"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 5);
    craft_mail(&c, 1);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 5, 6);
    ck_assert_str_eq(last_host, "mx1");
    ck_assert_int_eq(last.pid, 123);
    ck_assert_int_eq(last.uid, 0);
    ck_assert_int_eq(last.when, BASE_US);
    ck_assert_str_eq(last_message, "seq=000005; connect");
}
END_TEST

START_TEST(start_policies)
{
    static const int want[] = {300, 0, 200};
    struct craft c;

    if (!can_craft("start"))
        return;
    craft_file("a.journal", "mx1", 0, 300);
    f->options.since = BASE_US + 100 * 1000;
    journal_start((enum source_start)_i);
    ck_assert_uint_eq(f->lines, (unsigned)want[_i]);
    ck_assert_int_eq(lost(f, 300 - want[_i], 300), 0);
    follower_stop(f);
    c = craft_begin("b.journal", "mx1", BOOT_A, BASE_US + 300000, 300);
    c.monotonic += 300000;
    craft_mail(&c, 10);
    craft_end(&c);
    journal_start((enum source_start)_i);
    expect_exact(f, 300 - want[_i], 310);
    ck_assert_uint_eq(f->lines, (unsigned)want[_i] + 10);
}
END_TEST

START_TEST(s48_cursor_entry_vacuumed)
{
    struct craft c;

    if (!can_craft("s48"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(unlink(in_scratch("a.journal")), 0);
    c = craft_begin("b.journal", "mx1", BOOT_A, BASE_US + 200000, 200);
    c.monotonic += 200000;
    craft_mail(&c, 100);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    expect_exact(f, 200, 300);
    expect_note(f, GAP, 1);
}
END_TEST

START_TEST(s49_cursor_entry_is_the_last)
{
    struct craft c;

    if (!can_craft("s49"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 100000, 100);
    c.monotonic += 100000;
    craft_mail(&c, 1);
    craft_end(&c);
    pump_for(101, 3000);
    expect_exact(f, 0, 101);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s50_cursor_of_an_entry_that_does_not_match)
{
    char *cursor, *place;
    sd_journal *j;
    struct craft c;

    if (!can_craft("s50"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    craft_mail(&c, 10);
    craft_other(&c, 1);
    craft_mail(&c, 10);
    craft_end(&c);
    ck_assert_int_ge(sd_journal_open_directory(&j, scratch, 0), 0);
    ck_assert_int_eq(sd_journal_seek_head(j), 0);
    ck_assert_int_eq(sd_journal_next_skip(j, 11), 11);
    ck_assert_int_eq(sd_journal_get_cursor(j, &cursor), 0);
    sd_journal_close(j);
    ck_assert_int_gt(asprintf(&place,
                              "{\"kind\":\"journal\",\"readers\":[{\"host\":\"mx1\",\"cursor\":"
                              "\"%s\",\"seqnum_id\":\"\",\"boot\":\"\",\"seqnum\":0,\"since\":0,"
                              "\"last\":0,\"seen\":0}]}",
                              cursor),
                     0);
    f->place = place;
    free(cursor);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 10, 20);
    ck_assert_uint_eq(f->lines, 10);
}
END_TEST

START_TEST(s51_nothing_matches_yet)
{
    struct craft c;

    if (!can_craft("s51"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    craft_other(&c, 100);
    craft_end(&c);
    journal_start(SOURCE_END);
    if (_i) {
        follower_stop(f);
        journal_start(SOURCE_END);
    }
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 200000, 0);
    c.monotonic += 200000;
    craft_mail(&c, 1);
    craft_end(&c);
    pump_for(1, 3000);
    expect_exact(f, 0, 1);
}
END_TEST

START_TEST(s52_start_at_the_end_of_20_archives)
{
    if (!can_craft("s52"))
        return;
    for (int i = 0; i < 20; i++)
        craft_file(in_scratch("a%02d.journal", i) + strlen(scratch) + 1, "mx1", i * 10, 10);
    journal_start(SOURCE_END);
    ck_assert_uint_eq(f->lines, 0);
    craft_file("b.journal", "mx1", 1000, 10);
    pump_for(10, 3000);
    expect_exact(f, 1000, 1010);
    ck_assert_uint_eq(f->lines, 10);
}
END_TEST

START_TEST(s53_new_boot_with_the_clock_back)
{
    struct craft c;

    if (!can_craft("s53"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(unlink(in_scratch("a.journal")), 0);
    c = craft_begin("b.journal", "mx1", BOOT_B, BASE_US - 3600 * US_PER_S, 100);
    craft_mail(&c, 50);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    c = craft_begin("b.journal", "mx1", BOOT_B, BASE_US - 1800 * US_PER_S, 150);
    c.monotonic += 1800 * US_PER_S;
    craft_mail(&c, 50);
    craft_end(&c);
    pump_for(200, 5000);
    expect_exact(f, 0, 200);
    expect_note(f, CLOCK_BACK, 1);
    follower_stop(f);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 200);
    expect_note(f, CLOCK_BACK, 1);
}
END_TEST

START_TEST(s54_clock_back_and_forth_while_running)
{
    struct craft c;

    if (!can_craft("s54"))
        return;
    craft_file("a.journal", "mx1", 0, 10);
    journal_start(SOURCE_BEGIN);
    for (int i = 1; i < 7; i++) {
        c = craft_begin("a.journal", "mx1", BOOT_A,
                        BASE_US + (i % 2 ? -3600 : 3600) * US_PER_S + i * 10000, i * 10);
        c.monotonic += i * 20000;
        craft_mail(&c, 10);
        craft_end(&c);
        pump_for((unsigned)i * 10 + 10, 3000);
        if (i % 3 == 0) {
            follower_stop(f);
            journal_start(SOURCE_BEGIN);
        }
    }
    expect_exact(f, 0, 70);
}
END_TEST

START_TEST(s56_two_hosts_one_late)
{
    struct craft c;

    if (!can_craft("s56"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    craft_file("b.journal", "mx2", 1000, 10);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    expect_exact(f, 1000, 1010);
    /* mx2 delivers what is older than all that mx1 had. */
    c = craft_begin("b.journal", "mx2", BOOT_B, BASE_US - 60 * US_PER_S, 1010);
    craft_mail(&c, 100);
    craft_end(&c);
    pump_for(210, 3000);
    expect_exact(f, 1000, 1110);
    /* And a third host comes. */
    c = craft_begin("c.journal", "mx3", BOOT_B, BASE_US - 3600 * US_PER_S, 2000);
    craft_mail(&c, 10);
    craft_end(&c);
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 2000, 2010);
    follower_stop(f);
    c = craft_begin("d.journal", "mx4", BOOT_B, BASE_US - 3600 * US_PER_S, 3000);
    craft_mail(&c, 10);
    craft_end(&c);
    journal_start(SOURCE_END);
    expect_exact(f, 3000, 3010);
    ck_assert_uint_eq(f->lines, 230);
}
END_TEST

START_TEST(s57_directory_made_later)
{
    const char *directory = strdup(in_scratch("later"));

    if (!can_craft("s57"))
        return;
    which.directory = directory;
    journal_start(SOURCE_END);
    expect_note(f, WAITING, 1);
    follower_wait(f, 600 * US_PER_S);
    ck_assert_uint_lt(f->runs, 40);
    ck_assert_int_eq(mkdir(directory, 0755), 0);
    craft_file("later/a.journal", "mx1", 0, 10);
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 0, 10);
    free((char *)(uintptr_t)directory);
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
        free(f->place);
        f->place = NULL;
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
    pump_for(_i ? 20 : 30, 3000);
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

static const struct {
    const char *name, *fields;
    bool allowed;
} senders[] = {
    {"smtpd", "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/lib/postfix/sbin/smtpd\n", true},
    {"libexec", "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/libexec/postfix/smtpd\n", true},
    {"upgraded", "_TRANSPORT=syslog\n_UID=105\n_EXE=/usr/lib/postfix/sbin/smtpd (deleted)\n", true},
    {"s60: sendmail by a user", "_TRANSPORT=syslog\n_UID=1000\n_EXE=/usr/sbin/sendmail\n", true},
    {"unit", "_TRANSPORT=syslog\n_UID=105\n_SYSTEMD_UNIT=postfix@-.service\n", true},
    {"unit of others", "_TRANSPORT=syslog\n_UID=105\n_SYSTEMD_UNIT=postfix.service\n", true},
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
    expect_note(f, NO_MESSAGE, 1);
    ck_assert_uint_eq(f->lines, 5);
    ck_assert_uint_eq(f->other, 1);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_int_eq(lost(f, 1, 3) + lost(f, 5, 6), 0);
    ck_assert_int_eq(lost(f, 3, 5), 1);
}
END_TEST

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

/* -- A journald of our own. -- */

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

static void jd_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int r = -1;

    if (jd.socket > 0)
        close(jd.socket);
    jd.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "/run/systemd/journal.%s/dev-log",
             jd.name);
    for (int i = 0; i < 300 && r < 0; i++) {
        r = connect(jd.socket, (struct sockaddr *)&address, sizeof(address));
        if (r < 0)
            usleep(10000);
    }
    ck_assert_msg(r == 0, "journald has no socket");
}

static void jd_launch(void)
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
    jd_connect();
}

static bool jd_start(const char *scenario, const char *settings)
{
    static int number;

    if (geteuid() != 0 || access(JOURNALD, X_OK) < 0 || access("/etc/machine-id", R_OK) < 0) {
        printf("SKIP %s: a private journald needs root, systemd and a machine id\n", scenario);
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
    if (jd.pid > 0) {
        kill(jd.pid, SIGTERM);
        waitpid(jd.pid, NULL, 0);
    }
    jd.pid = 0;
}

static void jd_stop(void)
{
    jd_kill();
    if (jd.socket > 0)
        close(jd.socket);
    shell("rm -rf '/etc/systemd/journald@%s.conf' /var/log/journal/*.%s /run/log/journal/*.%s "
          "/run/systemd/journal.%s",
          jd.name, jd.name, jd.name, jd.name);
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
    int total = (int)count_from("FOLLOW_ENTRIES", 10000);
    char *place = NULL;

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
            free(place);
            place = source_place(f->source);
            memcpy(saved, f->seen, sizeof(saved));
        }
        if (_i && jd.seq % 3500 == 0 && place) {
            source_close(f->source);
            memcpy(f->seen, saved, sizeof(saved));
            free(f->place);
            f->place = strdup(place);
            journal_open(SOURCE_BEGIN);
        }
    }
    for (int i = 0; i < 300 && lost(f, 0, total) > 0; i++)
        pump_for(UINT_MAX, 20);
    free(place);
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
    pump_for(10, 3000);
    jd_rotate();
    pump_for(UINT_MAX, 300);
    jd_send(1);
    pump_for(11, 1000);
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
    usleep(300000);
    journal_open(SOURCE_BEGIN);
    if (_i == 1)
        source_run(f->source, f->now_us, 40);
    else
        pump_for(100, 3000);
    if (_i == 0)
        follower_stop(f);
    for (int i = 0; i < 5; i++) {
        jd_rotate();
        usleep(150000);
        jd_send(100);
    }
    usleep(300000);
    jd_vacuum(2);
    if (_i == 0)
        journal_open(SOURCE_BEGIN);
    for (int i = 0; i < 100 && lost(f, 500, 600) > 0; i++)
        pump_for(UINT_MAX, 20);
    jd_send(10);
    for (int i = 0; i < 100 && lost(f, 600, 610) > 0; i++)
        pump_for(UINT_MAX, 20);
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
    usleep(400000);
    jd_rotate();
    usleep(300000);
    jd_send(500);
    usleep(400000);
    journal_open(SOURCE_BEGIN);
    source_run(f->source, f->now_us, 700);
    seen = 3000 - lost(f, 0, 3000);
    ck_assert_int_gt(seen, 100);
    shell("truncate -s %d /var/log/journal/*.%s/system@*.journal", _i ? 4096 : 0, jd.name);
    for (int i = 0; i < 50 && lost(f, 3000, 3500) > 0; i++)
        pump_for(UINT_MAX, 20);
    jd_send(10);
    for (int i = 0; i < 50 && lost(f, 3500, 3510) > 0; i++)
        pump_for(UINT_MAX, 20);
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
    pump_for(100, 6000);
    if (_i)
        follower_stop(f);
    jd_kill();
    jd_config("Storage=persistent");
    jd_launch();
    kill(jd.pid, SIGUSR1);
    usleep(300000);
    jd_send(100);
    if (_i)
        journal_open(SOURCE_BEGIN);
    for (int i = 0; i < 100 && lost(f, 0, 200) > 0; i++) {
        pump_for(UINT_MAX, 20);
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
    usleep(300000);
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 0, 10);
    for (int i = 0; i < 3; i++) {
        jd_kill();
        if (i == 1)
            kill(jd.pid, 0);
        follower_wait(f, 300 * US_PER_S);
        jd_launch();
        jd_send(10);
        pump_for((unsigned)jd.seq, 3000);
    }
    jd_stop();
    expect_exact(f, 0, 40);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source_journal");
    TCase *tc = tcase_create("journal");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, reads_the_fields);
    tcase_add_loop_test(tc, start_policies, 0, 3);
    tcase_add_test(tc, s48_cursor_entry_vacuumed);
    tcase_add_test(tc, s49_cursor_entry_is_the_last);
    tcase_add_test(tc, s50_cursor_of_an_entry_that_does_not_match);
    tcase_add_loop_test(tc, s51_nothing_matches_yet, 0, 2);
    tcase_add_test(tc, s52_start_at_the_end_of_20_archives);
    tcase_add_test(tc, s53_new_boot_with_the_clock_back);
    tcase_add_test(tc, s54_clock_back_and_forth_while_running);
    tcase_add_test(tc, s56_two_hosts_one_late);
    tcase_add_test(tc, s57_directory_made_later);
    tcase_add_loop_test(tc, s58_not_allowed_to_read, 0, 2);
    tcase_add_test(tc, s59_suppressed_messages_are_reported);
    tcase_add_loop_test(tc, s60_sender_check, 0, (int)(sizeof(senders) / sizeof(senders[0])));
    tcase_add_test(tc, s61_odd_messages);
    tcase_add_test(tc, s62_more_files_than_may_be_open);
    tcase_add_test(tc, s63_garbage_beside_good_files);
    tcase_add_test(tc, s64_forked_after_open);
    tcase_add_loop_test(tc, files_are_read_once_in_order, 0, 2);
    tcase_add_loop_test(tc, s42_s43_rotation_under_load, 0, 2);
    tcase_add_test(tc, s44_one_entry_after_a_rotation);
    tcase_add_loop_test(tc, s45_s46_vacuum_under_the_reader, 0, 3);
    tcase_add_loop_test(tc, s47_archive_cut_while_it_is_read, 0, 2);
    tcase_add_loop_test(tc, s55_flushed_from_run_to_var, 0, 2);
    tcase_add_test(tc, s57_journald_started_later_and_restarted);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
