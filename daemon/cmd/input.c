/* SPDX-License-Identifier: MIT */
#include "cmd/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/seed.h"
#include "common/clock.h"
#include "common/command.h"
#include "common/complain.h"
#include "parse/syslog_json.h"
#include "source/inflate.h"
#include "source/source.h"
#include "source/source_journal.h"
#include "cmd/input_pump.h"
#include "cmd/overlap.h"
#include "cmd/spool.h"

enum {
    BLOCK = 256 * 1024, /* fits the cache beside the tables */
    PEEK = 64 * 1024,   /* where the first date is looked for */
};

struct input_file {
    const char *name;
    int fd; /* -1 for journals */
    bool journal;
    bool binary; /* bytes that no log has, and no line of one */
    bool packed; /* gzip or zstd */
    uint64_t size;
    wall_us reference;     /* mtime, or now */
    wall_us first;         /* of its first line that has one */
    bool starts_with_line; /* its first line is one by itself */
    int position;          /* among the names */
};

struct input {
    struct input_file *file;
    int count;
    uint64_t size; /* of all; 0 where one of them is endless */
    char *buffer;
    bool failed;
    bool quiet;                     /* what is wrong is said when it is read for good */
    const struct input_sink *sink;  /* while it is read */
    struct overlap *overlap;        /* likewise; NULL for a single file */
    uint64_t refused;               /* journal entries that Postfix did not write */
    input_open_source *open_source; /* instead of files */
    void *open_ctx;
    wall_us since;
};

static bool has_suffix(const char *name, const char *suffix)
{
    return span_ends(span_str(name), span_str(suffix));
}

static bool has_journals(const char *name)
{
    DIR *dir = opendir(name);
    struct dirent *entry;
    bool found = false;

    while (dir && !found && (entry = readdir(dir)) != NULL) {
        found = has_suffix(entry->d_name, ".journal") || has_suffix(entry->d_name, ".journal~");
        if (!found && entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            char path[4096];
            /* /var/log/journal holds one directory a machine */
            snprintf(path, sizeof(path), "%s/%s/system.journal", name, entry->d_name);
            found = access(path, F_OK) == 0;
        }
    }
    if (dir)
        closedir(dir);
    return found;
}

/* For what hardly ever fails: it must not fail without a word. */
static int cannot(const char *name)
{
    complain("%s: %s", name, strerror(errno));
    return EXIT_CANNOT;
}

static int open_file(struct input_file *file)
{
    struct stat st;

    bool is_stdin = span_equal(span_str(file->name), SPAN("-"));
    file->fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                        : open(file->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd >= 0 && lseek(file->fd, 0, SEEK_CUR) < 0 && errno == ESPIPE) {
        int kept = spool(file->fd);
        close(file->fd);
        file->fd = kept < 0 ? -1 : kept;
        errno = kept < 0 ? -kept : errno;
    }
    if (file->fd < 0 || fstat(file->fd, &st) < 0)
        return cannot(file->name);
    if (S_ISDIR(st.st_mode)) {
        close(file->fd);
        file->fd = -1;
        file->journal = has_journals(file->name);
        if (!file->journal) {
            complain("%s is a directory, and there is no journal in it; name the log files, or a "
                     "directory that holds .journal files",
                     file->name);
            return EXIT_CANNOT;
        }
        return 0;
    }
    file->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    file->reference = S_ISREG(st.st_mode) && !span_equal(span_str(file->name), SPAN("-"))
                          ? st.st_mtim.tv_sec * US_PER_S
                          : clock_wall();
    if (has_suffix(file->name, ".journal") || has_suffix(file->name, ".journal~")) {
        close(file->fd);
        file->fd = -1;
        file->journal = true;
    }
    return 0;
}

/* The first date in what the file begins with, and whether its first line stands by itself. */
static void peek_text(struct input_file *file, struct span text)
{
    struct syslog_clock clock = {.reference = file->reference, .zone = clock_local_zone};
    struct syslog_header header;
    struct span line;
    char plain[LOG_LINE_MAX];
    bool first = true;

    while (span_take_line(&text, &line)) {
        line = syslog_json_unwrap(line, plain, sizeof(plain));
        if (syslog_header_parse(&clock, line, &header)) {
            file->first = header.when;
            file->starts_with_line = first;
            break;
        }
        first = false;
    }
}

static int peek(struct input_file *file, char *buffer)
{
    struct inflate *reader;
    size_t have = 0;
    ssize_t n = 0;
    bool zeros = false;

    file->first = WHEN_UNKNOWN;
    if (file->journal)
        return 0;
    if (inflate_open(file->fd, &reader) < 0)
        return cannot(file->name);
    while (have < PEEK && (n = inflate_read(reader, buffer + have, PEEK - have)) > 0) {
        struct span text = log_line_without_zeros(span_of(buffer, have + (size_t)n));
        zeros |= text.at != buffer;
        memmove(buffer, text.at, text.len);
        have = text.len;
    }
    file->packed = inflate_is_packed(reader);
    inflate_close(reader);
    if (n < 0 && have == 0) {
        complain("%s: %s", file->name,
                 n == -EBADMSG ? "this is not a complete gzip or zstd file" : strerror((int)-n));
        return EXIT_CANNOT;
    }
    peek_text(file, span_of(buffer, have));
    file->binary = file->first == WHEN_UNKNOWN && (zeros || memchr(buffer, 0, have));
    if (file->binary) {
        complain("%s is not a log: it has binary data and no line with a date", file->name);
        return EXIT_CANNOT;
    }
    return lseek(file->fd, 0, SEEK_SET) < 0 ? cannot(file->name) : 0;
}

static int oldest_first(const void *a, const void *b)
{
    const struct input_file *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->position - y->position;
}

/* A piece without any date (a log cut within its first or last line) goes with its neighbour. */
static void place_undated(struct input *input)
{
    for (int i = 1; i < input->count; i++)
        if (input->file[i].first == WHEN_UNKNOWN)
            input->file[i].first = input->file[i - 1].first;
}

int input_open(char **names, int count, struct input **ret)
{
    struct input *input = calloc(1, sizeof(*input));

    if (!input)
        return cannot(names[0]);
    input->file = calloc((size_t)count, sizeof(*input->file));
    input->buffer = malloc(BLOCK + SOURCE_LINE_MAX);
    int status = input->file && input->buffer ? 0 : cannot(names[0]);
    for (int i = 0; i < count && status == 0; i++) {
        input->file[i] = (struct input_file){.name = names[i], .fd = -1, .position = i};
        input->count++;
        status = open_file(&input->file[i]);
        if (status == 0)
            status = peek(&input->file[i], input->buffer);
        input->size += input->file[i].size;
    }
    if (status != 0) {
        input_close(input);
        return status;
    }
    place_undated(input);
    qsort(input->file, (size_t)input->count, sizeof(*input->file), oldest_first);
    *ret = input;
    return 0;
}

int input_open_log(input_open_source *open, void *ctx, wall_us since, struct input **ret)
{
    struct input *input = calloc(1, sizeof(*input));

    if (!input)
        return cannot("its log");
    *input = (struct input){.open_source = open, .open_ctx = ctx, .since = since};
    *ret = input;
    return 0;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    for (int i = 0; i < input->count; i++)
        if (input->file[i].fd >= 0)
            close(input->file[i].fd);
    free(input->file);
    free(input->buffer);
    free(input);
}

/* The line that is being put together: what the last block left over. */
struct carry {
    size_t have;   /* bytes at the start of the buffer */
    bool skipping; /* within the rest of a line that was too long */
};

static bool has_enough(const struct input *input)
{
    return input->sink->enough && input->sink->enough(input->sink->ctx);
}

static void give_lines(struct input *input, const char *data, size_t len)
{
    if (input->overlap)
        overlap_filter(input->overlap, data, len, input->sink->lines, input->sink->ctx);
    else
        input->sink->lines(input->sink->ctx, data, len);
}

/* Feeds the whole lines of buffer[0 .. have) and keeps the rest. */
static void feed(struct input *input, struct carry *carry)
{
    char *data = input->buffer;
    size_t have = carry->have;

    if (carry->skipping) {
        char *end = memchr(data, '\n', have);
        if (!end) {
            carry->have = 0;
            return;
        }
        carry->skipping = false;
        have -= (size_t)(end + 1 - data);
        data = end + 1;
    }
    const char *last = memrchr(data, '\n', have);
    size_t whole = last ? (size_t)(last + 1 - data) : 0;
    if (whole)
        give_lines(input, data, whole);
    struct span rest = log_line_without_zeros(span_of(data + whole, have - whole));
    if (rest.len > SOURCE_LINE_MAX) {
        give_lines(input, rest.at, SOURCE_LINE_MAX);
        carry->skipping = true;
        rest.len = 0;
    }
    memmove(input->buffer, rest.at, rest.len);
    carry->have = rest.len;
}

/* A plain file goes from the kernel straight into the buffer that is parsed. */
static ssize_t read_some(const struct input_file *file, struct inflate *reader, char *buffer)
{
    ssize_t n;

    if (file->packed)
        return inflate_read(reader, buffer, BLOCK);
    do
        n = read(file->fd, buffer, BLOCK);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static void read_file(struct input *input, struct input_file *file, struct carry *carry,
                      uint64_t before, input_progress *progress, void *ctx)
{
    struct inflate *reader = NULL;
    uint64_t taken = 0;
    ssize_t n = 0;

    if (lseek(file->fd, 0, SEEK_SET) < 0 || inflate_open(file->fd, &reader) < 0) {
        cannot(file->name);
        input->failed = true;
        return;
    }
    input->sink->reference(input->sink->ctx, file->reference);
    while (!has_enough(input) && (n = read_some(file, reader, input->buffer + carry->have)) > 0) {
        carry->have += (size_t)n;
        taken += (uint64_t)n;
        feed(input, carry);
        if (progress)
            progress(ctx, before + (file->packed ? inflate_taken_bytes(reader) : taken),
                     input->size);
    }
    if (n < 0 && !input->quiet)
        complain("%s: it ends early or is damaged (%s); all before that was read", file->name,
                 strerror((int)-n));
    input->failed |= n < 0;
    inflate_close(reader);
}

/* opened: what opening it returned. */
static void read_source(struct input *input, struct input_pump *pump, int opened,
                        struct source **source, const char *name)
{
    int r = opened;

    if (r == 0)
        r = input_pump_all(pump, *source);
    if (r < 0 && !input->quiet)
        complain("%s: %s", name, strerror(-r));
    input->failed |= r < 0;
    input->refused += pump->refused;
    source_close(*source);
}

/* All journals at once: their entries interleave by time. */
static void read_journals(struct input *input, bool check_sender)
{
    const char **path = calloc((size_t)input->count, sizeof(*path));
    struct input_pump pump = {.to = input->sink, .quiet = input->quiet};
    const struct source_options options = {.sink = input_pump_sink(&pump)};
    struct source *source = NULL;
    size_t n = 0;

    for (int i = 0; path && i < input->count; i++)
        if (input->file[i].journal)
            path[n++] = input->file[i].name;
    if (n)
        read_source(input, &pump,
                    source_open_journal_files(path, n, check_sender, &options, &source), &source,
                    path[0]);
    free(path);
}

static void read_files(struct input *input, input_progress *progress, void *ctx)
{
    struct carry carry = {0, false};
    uint64_t before = 0;

    input->overlap = input->count > 1 ? overlap_new(seed_draw()) : NULL;
    for (int i = 0; i < input->count; i++) {
        struct input_file *file = &input->file[i];
        if (file->journal)
            continue;
        /* A log cut in two goes on within a line; one that merely lacks its last newline does
         * not. */
        if (carry.have && file->starts_with_line) {
            give_lines(input, input->buffer, carry.have);
            carry.have = 0;
        }
        overlap_next_file(input->overlap, input->sink->lines, input->sink->ctx);
        read_file(input, file, &carry, before, progress, ctx);
        before += file->size;
    }
    if (carry.have)
        give_lines(input, input->buffer, carry.have);
    overlap_next_file(input->overlap, input->sink->lines, input->sink->ctx);
    if (overlap_left_out(input->overlap) && !input->quiet)
        complain("%llu lines are in more than one of the files, and count once",
                 (unsigned long long)overlap_left_out(input->overlap));
    overlap_free(input->overlap);
    input->overlap = NULL;
}

/* From its beginning, or from `since` on. */
static void read_log(struct input *input)
{
    struct input_pump pump = {.to = input->sink, .quiet = input->quiet};
    const struct source_options options = {
        .sink = input_pump_sink(&pump), .start = SOURCE_SINCE, .since = input->since};
    struct source *source = NULL;
    int r = input->open_source(input->open_ctx, &options, &source);

    input->sink->reference(input->sink->ctx, clock_wall());
    read_source(input, &pump, r, &source, "its log");
}

int input_read(struct input *input, const struct input_sink *sink, bool check_sender, bool quiet,
               input_progress *progress, void *ctx)
{
    input->failed = false;
    input->quiet = quiet;
    input->refused = 0;
    input->sink = sink;
    if (input->open_source) {
        read_log(input);
    } else {
        read_journals(input, check_sender);
        read_files(input, progress, ctx);
    }
    return input->failed ? EXIT_CANNOT : 0;
}

uint64_t input_refused(const struct input *input)
{
    return input->refused;
}

const char *input_name(const struct input *input)
{
    if (input->open_source)
        return "its log";
    return input->count == 1 ? input->file[0].name : "the logs";
}
