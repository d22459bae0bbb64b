/* SPDX-License-Identifier: MIT */
/*
 * Scenario 40: a random walk of a writer, logrotate and a follower that is killed, with the same
 * law for every walk: no line is counted twice, and none is lost that was still in a file.
 *
 * FOLLOW_SEEDS=10000 for more walks, FOLLOW_SEED=n for one of them with every step printed.
 */
#include "tail_harness.h"

#include <time.h>
#include <zlib.h>

#define FILES_MAX 400
#define STEPS     60
#define S         US_PER_S

enum walk_kind { WALK_RENAME, WALK_COPYTRUNCATE, WALK_TRUNCATE, WALK_MIXED, WALK_KINDS };

struct rotated {
    char name[64];
    int first, last; /* line numbers that may be in it */
    bool packed, gone, held;
};

static struct model {
    uint64_t random;
    enum walk_kind kind;
    bool print;
    struct follower *f;
    struct writer w;
    bool half;      /* the writer is within a line */
    bool created;   /* the name shows a file */
    int live_first; /* lines from here on may be in what the name shows */
    int held;       /* rotated[] that the writer still writes to, or -1 */
    struct rotated rotated[FILES_MAX];
    int count;
    bool may_lose[SEQ_MAX];
    /* What a kill goes back to. */
    struct follower saved;
    char *saved_position;
} m;

static unsigned pick(unsigned n)
{
    m.random = m.random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(m.random >> 33) % n;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list args;

    if (!m.print)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

static const char *live(void)
{
    return in_scratch("mail.log");
}

static void step_write(void)
{
    char text[256];
    int n = line_text(text, sizeof(text), m.w.seq);

    if (m.half) {
        put(m.w.fd, text + 20, (size_t)n - 20);
        m.w.seq++;
        m.half = false;
    } else if (pick(4) == 0) {
        put(m.w.fd, text, 20);
        m.half = true;
    } else {
        writer_lines(&m.w, 1 + (int)pick(30));
    }
    if (m.held >= 0)
        m.rotated[m.held].last = m.w.seq;
    say("write to %d%s", m.w.seq, m.half ? " and a half" : "");
}

static void finish_line(void)
{
    if (m.half)
        step_write();
}

static void create(void)
{
    int fd = open(live(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    ck_assert_int_ge(fd, 0);
    close(fd);
    m.created = true;
    say("create");
}

static struct rotated *new_rotated(void)
{
    struct rotated *r = &m.rotated[m.count++];

    *r = (struct rotated){.first = m.live_first, .last = m.w.seq};
    snprintf(r->name, sizeof(r->name), "mail.log-%08d", m.count);
    return r;
}

static void step_hup(void)
{
    finish_line();
    if (!m.created && pick(2))
        return;
    if (m.held >= 0)
        m.rotated[m.held].held = false;
    writer_reopen(&m.w, live());
    m.created = true;
    m.held = -1;
    say("hup");
}

static void step_rotate(void)
{
    struct rotated *r;

    if (!m.created || m.count == FILES_MAX)
        return;
    r = new_rotated();
    ck_assert_int_eq(rename(live(), in_scratch("%s", r->name)), 0);
    say("rotate to %s", r->name);
    m.created = false;
    if (m.held < 0) {
        m.held = m.count - 1;
        r->held = true;
    }
    m.live_first = m.w.seq;
    if (pick(3))
        create();
    if (pick(2))
        step_hup();
}

static void copy_file(const char *from, const char *to)
{
    char buf[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ssize_t n;

    ck_assert(in >= 0 && out >= 0);
    while ((n = read(in, buf, sizeof(buf))) > 0) {
        put(out, buf, (size_t)n);
        if (pick(4) == 0)
            follower_pump(m.f); /* sees half a copy */
    }
    close(in);
    close(out);
}

static void step_copytruncate(void)
{
    struct rotated *r;

    if (!m.created || m.held >= 0 || m.count == FILES_MAX)
        return;
    finish_line();
    r = new_rotated();
    if (pick(3) == 0) {
        close(open(in_scratch("%s", r->name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        follower_pump(m.f); /* sees an empty one */
        unlink(in_scratch("%s", r->name));
    }
    copy_file(live(), in_scratch("%s", r->name));
    if (pick(2))
        follower_pump(m.f);
    ck_assert_int_eq(truncate(live(), 0), 0);
    say("copytruncate to %s", r->name);
    m.live_first = m.w.seq;
}

/* Without a copy: what was not recorded by the last save may be lost. */
static void step_truncate(void)
{
    if (!m.created || m.held >= 0)
        return;
    finish_line();
    for (int i = m.live_first; i < m.w.seq; i++)
        m.may_lose[i] |= m.saved.seen[i] == 0;
    ck_assert_int_eq(truncate(live(), 0), 0);
    m.live_first = m.w.seq;
    say("truncate");
}

/* As gzip(1): a new inode, the last-write time of the old one. */
static void step_pack(void)
{
    struct rotated *r = m.count ? &m.rotated[pick((unsigned)m.count)] : NULL;
    const char *name, *packed;
    char buf[65536];
    struct stat st;
    gzFile out;
    ssize_t n;
    int in;

    if (!r || r->packed || r->gone || r->held)
        return;
    name = in_scratch("%s", r->name);
    packed = in_scratch("%s.gz", r->name);
    in = open(name, O_RDONLY | O_CLOEXEC);
    out = gzopen(packed, "wb1");
    ck_assert(in >= 0 && out != NULL);
    ck_assert_int_eq(fstat(in, &st), 0);
    while ((n = read(in, buf, sizeof(buf))) > 0)
        gzwrite(out, buf, (unsigned)n);
    gzclose(out);
    close(in);
    utimensat(AT_FDCWD, packed, (struct timespec[]){st.st_atim, st.st_mtim}, 0);
    if (pick(2))
        follower_pump(m.f);
    unlink(name);
    r->packed = true;
    say("pack %s", r->name);
}

static void step_delete(void)
{
    struct rotated *r = m.count ? &m.rotated[pick((unsigned)m.count)] : NULL;

    if (!r || r->gone || r->held)
        return;
    for (int i = r->first; i < r->last; i++)
        m.may_lose[i] |= m.saved.seen[i] == 0;
    unlink(in_scratch("%s%s", r->name, r->packed ? ".gz" : ""));
    r->gone = true;
    say("delete %s", r->name);
}

static void step_save(void)
{
    free(m.saved_position);
    m.saved_position = source_position(m.f->source);
    m.saved = *m.f;
    say("save");
}

/* kill -9 and a new start: back to what was saved. */
static void step_kill(void)
{
    say("kill");
    source_close(m.f->source);
    memcpy(m.f->seen, m.saved.seen, sizeof(m.f->seen));
    free(m.f->position);
    m.f->position = strdup(m.saved_position);
    follower_open(m.f);
    if (pick(2))
        follower_pump(m.f);
}

static void step_look(void)
{
    static const int64_t times[] = {0, 1000, S, 6 * S, 61 * S, 200 * S};

    m.f->budget = 1 + pick(50);
    if (pick(4) == 0) {
        source_run(m.f->source, m.f->now_us, m.f->budget);
        say("one run");
    } else {
        follower_wait(m.f, times[pick(6)]);
        say("look");
    }
}

static void step_rotation_of_kind(void)
{
    switch (m.kind) {
    case WALK_RENAME:
        step_rotate();
        break;
    case WALK_COPYTRUNCATE:
        step_copytruncate();
        break;
    case WALK_TRUNCATE:
        step_truncate();
        break;
    default:
        if (pick(2))
            step_rotate();
        else
            step_copytruncate();
    }
}

static void begin_walk(unsigned seed)
{
    memset(&m, 0, sizeof(m));
    m.random = seed * 2654435761u + 1;
    m.kind = seed % WALK_KINDS;
    m.print = getenv("FOLLOW_SEED") != NULL;
    m.held = -1;
    for (int i = 0; i < 5; i++)
        pick(2);
    scratch_make(seed % 8 == 7 || access("/dev/shm", W_OK) < 0 ? "/tmp" : "/dev/shm");
    m.f = follower_new(live());
    writer_reopen(&m.w, live());
    m.created = true;
    follower_start(m.f, SOURCE_BEGIN);
    step_save();
}

static int end_walk(unsigned seed)
{
    int missing = 0, twice = doubled(m.f);

    finish_line();
    step_hup();
    follower_wait(m.f, 400 * S);
    twice = doubled(m.f);
    for (int i = 0; i < m.w.seq; i++)
        missing += m.f->seen[i] == 0 && !m.may_lose[i];
    if (missing || twice || m.f->other)
        fprintf(stderr, "seed %u: %d of %d lost, %d double, %u broken\n", seed, missing, m.w.seq,
                twice, m.f->other);
    for (int i = 0; m.print && i < m.w.seq; i++)
        if (m.f->seen[i] != 1)
            fprintf(stderr, "%d: %d times%s\n", i, m.f->seen[i], m.may_lose[i] ? ", allowed" : "");
    free(m.saved_position);
    writer_close(&m.w);
    missing += twice + (int)m.f->other;
    follower_free(m.f);
    scratch_remove();
    return missing;
}

static int walk(unsigned seed)
{
    static void (*const steps[])(void) = {step_write,
                                          step_write,
                                          step_write,
                                          step_look,
                                          step_look,
                                          step_look,
                                          step_hup,
                                          step_pack,
                                          step_delete,
                                          step_save,
                                          step_kill,
                                          step_rotation_of_kind,
                                          step_rotation_of_kind};

    begin_walk(seed);
    for (int i = 0; i < STEPS; i++)
        steps[pick(sizeof(steps) / sizeof(steps[0]))]();
    return end_walk(seed);
}

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

START_TEST(s40_random_walks)
{
    unsigned count = number_from("FOLLOW_SEEDS", 200), failed = 0;

    if (getenv("FOLLOW_SEED")) {
        failed = walk(number_from("FOLLOW_SEED", 0)) != 0;
        count = 1;
    } else {
        for (unsigned seed = 0; seed < count; seed++)
            failed += walk(seed) != 0;
    }
    ck_assert_msg(failed == 0, "%u of %u walks", failed, count);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, s40_random_walks);
}

int main(void)
{
    return suite_run("source_file_model", add, NULL, NULL);
}
