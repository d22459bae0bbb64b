/* SPDX-License-Identifier: MIT */
#include "cmd/input_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "cmd/spool.h"
#include "common/clock.h"
#include "common/command.h"
#include "common/complain.h"
#include "parse/log_form.h"
#include "parse/log_line.h"
#include "report/shell_quote.h"
#include "source/inflate.h"
#include "source/line_time.h"

enum { BLOCK = 64 * 1024 };

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
int input_cannot(const char *name)
{
    complain("%s: %s", name, strerror(errno));
    return EXIT_CANNOT;
}

int input_file_open(struct input_file *file)
{
    struct stat st;

    bool is_stdin = span_equal(span_str(file->name), SPAN("-"));
    /* Each with an offset of its own, however often it is named. */
    file->fd = open(is_stdin ? "/proc/self/fd/0" : file->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0 && is_stdin)
        file->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (file->fd >= 0 && lseek(file->fd, 0, SEEK_CUR) < 0 && errno == ESPIPE) {
        int kept = spool(file->fd);
        close(file->fd);
        file->fd = kept < 0 ? -1 : kept;
        errno = kept < 0 ? -kept : errno;
    }
    if (file->fd < 0 || fstat(file->fd, &st) < 0)
        return input_cannot(file->name);
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

/* The first date in what the file begins with, whether its first line stands by itself, and what
 * tells it from another log. */
static void peek_text(struct input_file *file, struct span text)
{
    struct span rest = text, line = SPAN_NONE;
    struct syslog_clock clock = {0};

    line_time_reference(&clock, file->reference);
    file->first = line_time(&clock, text.at, text.len);
    file->starts_with_line =
        span_take_line(&rest, &line) && line_time(&clock, line.at, line.len) != LINE_TIME_FIRST;
    file->first_line = hash_bytes(line, 0);
}

/* Names the form of a log that can't be read, and what makes it readable; false: none. */
static bool say_form(const struct input_file *file, const struct log_form *form)
{
    struct buf name = buf_new(4 * 4096);

    if (form && form->instead)
        complain("%s is %s, which is not read: %s", file->name, form->is, form->instead);
    else if (form && (!shell_word(&name, span_str(file->name)) || name.failed))
        complain("%s is %s, which is not read: put it through %s", file->name, form->is,
                 form->filter);
    else if (form)
        complain("%s is %s, which is not read: %s %.*s | relaywatch scan -", file->name, form->is,
                 form->filter, SPAN_ARG(buf_span(&name)));
    buf_done(&name);
    return form != NULL;
}

int input_file_peek(struct input_file *file, char *buffer)
{
    struct inflate *reader;
    size_t have = 0;
    ssize_t n = 0;
    bool zeros = false;

    file->first = LINE_TIME_FIRST;
    if (file->journal)
        return 0;
    if (inflate_open(file->fd, &reader) < 0)
        return input_cannot(file->name);
    while (have < INPUT_PEEK && (n = inflate_read(reader, buffer + have, INPUT_PEEK - have)) > 0) {
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
    file->binary = file->first == LINE_TIME_FIRST && (zeros || memchr(buffer, 0, have));
    struct span head = span_of(buffer, have);
    if (file->first != LINE_TIME_FIRST) {
        if (say_form(file, log_form_of_lines(head)))
            return EXIT_CANNOT;
    } else {
        file->form_is_said = say_form(file, log_form_of(head));
        if (file->binary && !file->form_is_said)
            complain("%s is not a log: it has binary data and no line with a date", file->name);
        if (file->binary)
            return EXIT_CANNOT;
    }
    return lseek(file->fd, 0, SEEK_SET) < 0 ? input_cannot(file->name) : 0;
}

bool input_file_ends_within_line(const struct input_file *file)
{
    char last;

    if (file->packed || file->size == 0)
        return true;
    return pread(file->fd, &last, 1, (off_t)file->size - 1) == 1 && last != '\n';
}

static struct span directory_of(const struct input_file *file)
{
    struct span name = span_str(file->name);
    ptrdiff_t slash = span_find_last(name, '/');

    return span_head(name, (size_t)(slash < 0 ? 0 : slash));
}

bool input_file_beside(const struct input_file *a, const struct input_file *b)
{
    return span_equal(directory_of(a), directory_of(b));
}
