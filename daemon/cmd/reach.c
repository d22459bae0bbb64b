/* SPDX-License-Identifier: MIT */
#include "cmd/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/service_unit.h"
#include "report/shell_quote.h"

static const char *user_name(uid_t uid, char buf[32])
{
    const struct passwd *user = getpwuid(uid);

    if (user)
        snprintf(buf, 32, "%s", user->pw_name);
    else
        snprintf(buf, 32, "%u", (unsigned)uid);
    return buf;
}

static const char *group_name(gid_t gid, char buf[32])
{
    const struct group *group = getgrgid(gid);

    if (group)
        snprintf(buf, 32, "%s", group->gr_name);
    else
        snprintf(buf, 32, "%u", (unsigned)gid);
    return buf;
}

/* If its group may, the user only has to be in that group, which no rotation undoes. Else the file
 * is given to the group adm, whose business logs are on most systems. False: it can't be typed. */
static bool find_cure(const char *at, const struct stat *st, bool directory, int how,
                      const char *user, char *cure, size_t size)
{
    mode_t needed = directory || how == X_OK ? S_IXGRP : S_IRGRP;
    struct buf text = buf_new(size - 1), path = buf_new(size - 1);
    bool typed = shell_word(&path, span_str(at)) && !path.failed;
    char group[32];

    if (st->st_gid != 0 && st->st_mode & needed)
        buf_printf(&text, "usermod -aG %s %s\nsystemctl restart " SERVICE_UNIT,
                   group_name(st->st_gid, group), user);
    else if (typed && how == X_OK && !directory)
        buf_printf(&text, "chmod a+rx %s", path.at);
    else if (typed)
        buf_printf(&text,
                   "chgrp adm %s\nchmod g+%s %s\nusermod -aG adm %s\n"
                   "systemctl restart " SERVICE_UNIT,
                   path.at, directory ? "x" : "r", path.at, user);
    if (text.at && !text.failed)
        snprintf(cure, size, "%s", text.at);
    buf_done(&path);
    buf_done(&text);
    return cure[0] != '\0';
}

static bool is_lack_of_a_right(int error)
{
    return error == EACCES || error == EPERM;
}

static void describe(const char *at, bool directory, int how, const char *user, int error,
                     struct reach *ret)
{
    char owner[32], group[32];
    struct stat st;

    if (!is_lack_of_a_right(error) || stat(at, &st) < 0) {
        snprintf(ret->text, sizeof(ret->text), "%.200s: %s", at, strerror(error));
        return;
    }
    snprintf(ret->text, sizeof(ret->text), "%.120s (%s:%s, mode %04o) can't be %s by %.40s", at,
             user_name(st.st_uid, owner), group_name(st.st_gid, group),
             (unsigned)st.st_mode & 07777,
             directory     ? "entered"
             : how == X_OK ? "executed"
                           : "read",
             user);
    size_t len = strlen(ret->text);
    if (!find_cure(at, &st, directory, how, user, ret->cure, sizeof(ret->cure)))
        snprintf(ret->text + len, sizeof(ret->text) - len, "; its name can't be typed");
}

/* Each directory on the way, then the file. */
bool reach_file(const char *path, int how, const char *user, struct reach *ret)
{
    char at[PATH_MAX];

    *ret = (struct reach){.text = ""};
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(at, sizeof(at), "%.*s", (int)(slash - path), path);
        if (faccessat(AT_FDCWD, at, X_OK, AT_EACCESS) < 0) {
            describe(at, true, how, user, errno, ret);
            return false;
        }
    }
    if (faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0)
        return true;
    describe(path, false, how, user, errno, ret);
    return false;
}
