/* SPDX-License-Identifier: MIT */
#include "cmd/check_program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/span.h"

enum { HEAD_MAX = 256 }; /* of the first line, the kernel reads as much */

__attribute__((format(printf, 3, 4))) static bool refuse(struct reach *ret, const char *path,
                                                         const char *format, ...)
{
    char why[160];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    snprintf(ret->text, sizeof(ret->text), "%.90s %s", path, why);
    return false;
}

/* The interpreter must be there, and what env(1) looks for must be in the PATH of a service. */
static bool check_env(const char *path, struct span argument, struct reach *ret)
{
    static const char *const directories[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                              "/usr/bin",        "/sbin",          "/bin"};
    char name[PATH_MAX], text[64];

    if (argument.len == 0 || argument.at[0] == '-' || span_find(argument, '/') >= 0)
        return true;
    for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
        snprintf(name, sizeof(name), "%s/%.*s", directories[i], SPAN_ARG(argument));
        if (access(name, X_OK) == 0)
            return true;
    }
    snprintf(text, sizeof(text), "%.*s", argument.len < 60 ? (int)argument.len : 60, argument.at);
    return refuse(ret, path, "needs %s, which is in no directory of a service's PATH", text);
}

static bool check_script(const char *path, struct span line, const char *user, struct reach *ret)
{
    char name[HEAD_MAX];
    struct reach other;
    size_t n = 0;

    if (span_ends(line, SPAN("\r")))
        return refuse(ret, path, "has lines that end in CR LF, so its interpreter is not found");
    line = span_trim(line);
    while (n < line.len && line.at[n] != ' ' && line.at[n] != '\t')
        n++;
    snprintf(name, sizeof(name), "%.*s", (int)n, line.at);
    if (!reach_file(name, X_OK, user, &other))
        return refuse(ret, path, "needs an interpreter that can't be run: %s", other.text);
    if (span_ends(span_str(name), SPAN("/env")))
        return check_env(path, span_trim(span_skip(line, n)), ret);
    return true;
}

bool check_program(const char *path, const char *user, struct reach *ret)
{
    char head[HEAD_MAX] = "";
    struct statvfs fs;
    struct stat st;

    if (!reach_file(path, X_OK, user, ret))
        return false;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return refuse(ret, path, "is not a program");
    if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC)
        return refuse(ret, path, "is on a file system mounted noexec");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) /* a program may be executable and not readable; a script may not */
        return true;
    ssize_t n = read(fd, head, sizeof(head));
    close(fd);
    struct span text = span_of(head, n > 0 ? (size_t)n : 0), line;
    if (span_starts(text, SPAN("\177ELF")))
        return true;
    if (!span_take(&text, SPAN("#!")))
        return refuse(ret, path, "is neither a program nor a script that begins with #!");
    if (!span_take_line(&text, &line))
        line = text;
    return check_script(path, line, user, ret);
}
