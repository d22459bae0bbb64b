/* SPDX-License-Identifier: MIT */
#include "cmd/input_files.h"

#include <stdlib.h>
#include <unistd.h>

#include "cmd/input_odd.h"
#include "common/command.h"
#include "common/complain.h"
#include "source/line_time.h"

/* --- order ------------------------------------------------------------------------------------ */

/* Of lines of one time those of the directory that was named first come first, as the daemon reads
 * them, and within it those of the log that is older: it was rotated. */
static int oldest_first(const void *a, const void *b)
{
    const struct input_file *x = a, *y = b;

    if (x->group != y->group)
        return x->group - y->group;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->position - y->position;
}

/* A piece without any date (a log cut within its first or last line) goes with its neighbour. */
static void place_undated(struct input_files *files)
{
    for (int i = 1; i < files->count; i++)
        if (files->at[i].first == LINE_TIME_FIRST)
            files->at[i].first = files->at[i - 1].first;
}

static void group(struct input_files *files)
{
    for (int i = 0, j; i < files->count; i++) {
        for (j = 0; !input_file_beside(&files->at[j], &files->at[i]); j++)
            ;
        files->at[i].group = j;
    }
}

/* A copy is as old as what it was made of: else dates without a year would have another one. */
static int date_copies(struct input_files *files, char *buffer)
{
    int status = 0;

    for (int i = 0; i < files->count; i++)
        for (int j = 0; j < files->count && status == 0; j++) {
            const struct input_file *a = &files->at[j];
            struct input_file *b = &files->at[i];
            if (a->first_line != b->first_line || a->reference >= b->reference || a->journal ||
                !a->starts_with_line)
                continue;
            b->reference = a->reference;
            status = input_file_peek(b, buffer);
        }
    return status;
}

/* --- what is no log --------------------------------------------------------------------------- */

static void leave_out(struct input_files *files, int i)
{
    if (files->at[i].fd >= 0)
        close(files->at[i].fd);
    files->count--;
    memmove(&files->at[i], &files->at[i + 1], (size_t)(files->count - i) * sizeof(*files->at));
    files->left_out = true;
}

/* Whether a file without a date may be a piece of a log that was cut within its lines: then it has
 * no whole line, and goes on in another, or another ends within a line. */
static bool may_be_piece(const struct input_files *files, int i, const struct input_odd *odd)
{
    if (odd->whole)
        return false;
    for (int k = 0; k < files->count; k++)
        if (k != i && !files->at[k].journal && files->at[k].first != LINE_TIME_FIRST &&
            (odd->ends_within_line || input_file_ends_within_line(&files->at[k])))
            return true;
    return false;
}

/* One among several in which no line is a log's would go unnoticed among the others' lines. What is
 * empty was just rotated. */
static int leave_out_odd(struct input_files *files, bool go_on)
{
    for (int i = files->count; files->count > 1 && i-- > 0;) {
        const struct input_file *file = &files->at[i];
        struct input_odd odd;
        if (file->journal || file->first != LINE_TIME_FIRST || !input_odd_look(file, &odd) ||
            may_be_piece(files, i, &odd))
            continue;
        if (!file->form_is_said)
            complain("%s: none of its %llu lines is in a known syslog form, with a date and a "
                     "program's name (LOG FORMS in relaywatch(8) says what is read): \"%s\"",
                     file->name, (unsigned long long)odd.lines, odd.first);
        if (!go_on)
            return EXIT_CANNOT;
        leave_out(files, i);
    }
    return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

static int open_one(struct input_files *files, char *name, int position, char *buffer)
{
    struct input_file *file = &files->at[files->count++];
    int status;

    *file = (struct input_file){.name = name, .fd = -1, .position = position};
    status = input_file_open(file);
    return status == 0 ? input_file_peek(file, buffer) : status;
}

int input_files_open(struct input_files *files, char **names, int count, bool go_on)
{
    char *buffer = malloc(2 * INPUT_PEEK);
    int status = 0;

    files->at = calloc((size_t)count, sizeof(*files->at));
    if (!buffer || !files->at)
        status = input_cannot(names[0]);
    for (int i = 0; i < count && status == 0; i++) {
        status = open_one(files, names[i], i, buffer);
        if (status == 0 || !go_on || count == 1)
            continue;
        leave_out(files, files->count - 1);
        status = 0;
    }
    if (status == 0)
        status = leave_out_odd(files, go_on);
    if (status == 0 && files->count == 0)
        status = EXIT_CANNOT;
    if (status == 0)
        status = date_copies(files, buffer);
    free(buffer);
    if (status != 0)
        return status;
    place_undated(files);
    group(files);
    qsort(files->at, (size_t)files->count, sizeof(*files->at), oldest_first);
    return 0;
}

void input_files_done(struct input_files *files)
{
    for (int i = 0; i < files->count; i++)
        if (files->at[i].fd >= 0)
            close(files->at[i].fd);
    free(files->at);
    *files = (struct input_files){0};
}
