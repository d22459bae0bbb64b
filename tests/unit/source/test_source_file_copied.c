/* SPDX-License-Identifier: MIT */
/*
 * Rotations a few milliseconds apart, while we look: each stage of one (shift the older files,
 * copy, truncate, pack) falls on a random system call of a look, or between two. What was not read
 * yet when the log was truncated is read from its copy, whatever that is called by then, once and
 * in order.
 *
 * COPIED_SEEDS=10000 for more walks, COPIED_SEED=n for one of them with every step printed.
 */
#include "race_harness.h"

#include <time.h>
#include <zlib.h>

#include "source/text_file.h"

enum { ROTATIONS = 6, CALLS = 60, FIRST_CALLS = 10 };

static struct walk {
    uint64_t random;
    bool print;
    bool dateext, packs, creates, restarts; /* what rotates */
    int stage, rotations;
    bool copies; /* in this rotation */
    int from;    /* the log, while it is copied */
    gzFile gz;   /* while it is packed */
    struct timespec now;
} m;

static unsigned pick(unsigned n)
{
    m.random = m.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(m.random >> 33) % n;
}

static void say(const char *what)
{
    if (m.print)
        fprintf(stderr, "%s at line %d\n", what, w.seq);
}

/* The disk's clock ticks every few milliseconds, while all this takes less. */
static void set_written(int fd)
{
    futimens(fd, (struct timespec[]){m.now, m.now});
}

static void pass_time(void)
{
    m.now.tv_nsec += pick(2) ? 4000000 : 0;
    if (m.now.tv_nsec >= 1000000000) {
        m.now.tv_nsec -= 1000000000;
        m.now.tv_sec++;
    }
}

static const char *rotated_name(void)
{
    return m.dateext ? in_scratch("mail.log-202601%02d", m.rotations) : in_scratch("mail.log.1");
}

static void shift(void)
{
    static const char *const endings[] = {"", ".gz"};

    say("shift");
    m.copies = !m.creates || pick(2);
    for (int i = 20; i > 0 && !m.dateext; i--)
        for (int e = 0; e < 2; e++)
            rename(in_scratch("mail.log.%d%s", i, endings[e]),
                   in_scratch("mail.log.%d%s", i + 1, endings[e]));
}

static void copy_some(size_t most)
{
    char buf[4096];
    int to = open(rotated_name(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    ssize_t n;

    while (most > 0 && (n = read(m.from, buf, most < sizeof(buf) ? most : sizeof(buf))) > 0) {
        put(to, buf, (size_t)n);
        most -= (size_t)n;
    }
    set_written(to);
    close(to);
}

static void begin_copy(void)
{
    if (!m.copies)
        return;
    say("begin copy");
    m.from = open(LOG, O_RDONLY | O_CLOEXEC);
    copy_some(pick(3) * 500);
}

static void end_copy(void)
{
    if (!m.copies)
        return;
    say("end copy");
    copy_some(SIZE_MAX);
    close(m.from);
}

static void cut(void)
{
    say(m.copies ? "truncate" : "rename");
    if (m.copies) {
        ck_assert_int_eq(ftruncate(w.fd, 0), 0);
    } else {
        rotate_name(LOG, rotated_name());
        writer_reopen(&w, LOG);
    }
    set_written(w.fd);
}

static void write_more(void)
{
    say("write");
    writer_lines(&w, (int)pick(30));
    set_written(w.fd);
}

static void write_few(void)
{
    say("write");
    writer_lines(&w, (int)pick(3));
    set_written(w.fd);
}

static void begin_pack(void)
{
    char buf[1000];
    int from;
    ssize_t n;

    if (!m.packs)
        return;
    say("begin pack");
    from = open(rotated_name(), O_RDONLY | O_CLOEXEC);
    m.gz = gzopen(in_scratch("%s.gz", strrchr(rotated_name(), '/') + 1), "wb1");
    while ((n = read(from, buf, sizeof(buf))) > 0)
        gzwrite(m.gz, buf, (unsigned)n);
    gzflush(m.gz, Z_SYNC_FLUSH);
    close(from);
}

static void end_pack(void)
{
    struct stat st;

    if (m.packs) {
        say("end pack");
        gzclose(m.gz);
        ck_assert_int_eq(stat(rotated_name(), &st), 0);
        utimensat(AT_FDCWD, in_scratch("%s.gz", strrchr(rotated_name(), '/') + 1),
                  (struct timespec[]){st.st_atim, st.st_mtim}, 0);
        unlink(rotated_name());
    }
    m.rotations++;
}

static void (*const stages[])(void) = {write_few,  shift,      begin_copy, end_copy,  cut,
                                       write_more, begin_pack, end_pack,   write_more};
enum { STAGES = sizeof(stages) / sizeof(*stages) };

static void advance(void)
{
    do {
        pass_time();
        stages[m.stage++ % STAGES]();
    } while (pick(3) == 0);
    countdown = pick(2) ? 1 + (int)pick(40) : 0;
}

/* A copy is told from an older file by its time of birth, and the disk's clock ticks every few
 * milliseconds only. */
static void wait_for_tick(void)
{
    struct file_facts log, now;

    ck_assert_int_eq(file_facts_get(AT_FDCWD, LOG, &log), 0);
    do {
        unlink(in_scratch("tick"));
        close(open(in_scratch("tick"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        ck_assert_int_eq(file_facts_get(AT_FDCWD, in_scratch("tick"), &now), 0);
    } while (now.btime_ns == log.btime_ns);
}

static void look(void)
{
    switch (pick(8)) {
    case 0:
        follower_wait(f, 6 * S);
        break;
    case 1:
    case 2:
        break;
    case 3:
        if (m.restarts) {
            say("restart");
            follower_stop(f);
            follower_restart(f);
        }
        break;
    default:
        follower_pump(f);
    }
}

static void begin_walk(unsigned seed)
{
    setup();
    m = (struct walk){.random = seed * 2654435761u + 1, .print = getenv("COPIED_SEED") != NULL};
    for (int i = 0; i < 5; i++)
        pick(2);
    m.dateext = pick(3) == 0;
    m.packs = pick(3) == 0;
    m.creates = pick(3) == 0;
    m.restarts = pick(3) == 0;
    f->budget = pick(2) ? 1000 : 5;
    clock_gettime(CLOCK_REALTIME, &m.now);
    at_step = advance;
    writer_lines(&w, 1 + (int)pick(40));
    wait_for_tick();
    follower_start(f, SOURCE_BEGIN);
}

static unsigned walk(unsigned seed)
{
    unsigned wrong;

    begin_walk(seed);
    while (m.rotations < ROTATIONS || m.stage % STAGES) {
        advance();
        look();
    }
    countdown = 0;
    writer_lines(&w, 5);
    follower_wait(f, 400 * S);
    wrong = (unsigned)(lost(f, 0, w.seq) + doubled(f)) + f->other + f->disorder +
            (unsigned)f->notes[SOURCE_NOTE_GAP];
    if (wrong)
        fprintf(stderr, "seed %u: of %d lines %d lost, %d double, %u broken, %u not in order; %s\n",
                seed, w.seq, lost(f, 0, w.seq), doubled(f), f->other, f->disorder, f->gap_note);
    for (int i = 0; m.print && i < w.seq; i++)
        if (f->seen[i] != 1)
            fprintf(stderr, "%d: %d times\n", i, f->seen[i]);
    teardown();
    return wrong;
}

static int later; /* system calls until the second rotation */

static void begin_look(int random)
{
    setup();
    m = (struct walk){.random = (uint64_t)random};
    clock_gettime(CLOCK_REALTIME, &m.now);
    m.now.tv_nsec /= 2;
}

static void expect_all_once(void)
{
    countdown = 0;
    writer_lines(&w, 5);
    follower_wait(f, 400 * S);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, GAP, 0);
    teardown();
}

static void write_and_rename(void)
{
    m.copies = false;
    m.now.tv_nsec += 4000000;
    cut();
    write_more();
}

static void copy_and_write(void)
{
    at_step = write_and_rename;
    countdown = later;
    writer_lines(&w, 60);
    shift();
    begin_copy();
    end_copy();
    m.now.tv_nsec += 4000000;
    cut();
    writer_lines(&w, 60);
    set_written(w.fd);
    shift();
}

/* The log is copied and truncated at one system call of a look, and renamed at a later one. */
START_TEST(copied_then_renamed_during_a_look)
{
    begin_look(_i);
    at_step = copy_and_write;
    later = 1 + _i % CALLS;
    writer_lines(&w, 20);
    wait_for_tick();
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 2);
    set_written(w.fd);
    countdown = 1 + _i / CALLS;
    follower_pump(f);
    expect_all_once();
}
END_TEST

static void copy_and_truncate(void)
{
    shift();
    m.from = open(LOG, O_RDONLY | O_CLOEXEC);
    end_copy();
    cut();
}

static void copy_pack_and_go_on(void)
{
    writer_lines(&w, 50);
    copy_and_truncate();
    pack(in_scratch("mail.log.1"), "gzip");
    m.now.tv_nsec += 4000000;
    writer_lines(&w, 40);
    set_written(w.fd);
}

/* A log was seen empty, and not again until all that it held is packed: at one system call of a
 * look. */
START_TEST(packed_before_any_of_it_was_seen)
{
    begin_look(_i);
    writer_lines(&w, 20);
    set_written(w.fd);
    wait_for_tick();
    follower_start(f, SOURCE_BEGIN);
    copy_and_truncate();
    follower_pump(f);
    at_step = copy_pack_and_go_on;
    if (_i % 2) {
        follower_stop(f);
        countdown = 1 + _i / 2;
        follower_restart(f);
    } else {
        f->now_us = source_deadline_us(f->source);
        countdown = 1 + _i / 2;
        follower_pump(f);
    }
    expect_all_once();
}
END_TEST

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

START_TEST(random_walks)
{
    unsigned one = number_from("COPIED_SEED", UINT_MAX), failed = 0;
    unsigned from = one == UINT_MAX ? 0 : one;
    unsigned to = one == UINT_MAX ? number_from("COPIED_SEEDS", 500) : one + 1;

    for (unsigned seed = from; seed < to; seed++)
        failed += walk(seed) != 0;
    ck_assert_msg(failed == 0, "%u of %u walks", failed, to - from);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, copied_then_renamed_during_a_look, 0, FIRST_CALLS * CALLS);
    tcase_add_loop_test(tc, packed_before_any_of_it_was_seen, 0, CALLS);
    tcase_add_test(tc, random_walks);
}

int main(void)
{
    return suite_run("source_file_copied", add, NULL, NULL);
}
