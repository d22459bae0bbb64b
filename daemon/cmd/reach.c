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
 * is given to the group adm, whose business logs are on most systems. */
static void find_cure(const char *at, const struct stat *st, bool directory, int how,
                      const char *user, char *cure, size_t size)
{
    mode_t needed = directory || how == X_OK ? S_IXGRP : S_IRGRP;
    char group[32];

    if (st->st_gid != 0 && st->st_mode & needed)
        snprintf(cure, size, "usermod -aG %s %s\nsystemctl restart " SERVICE_UNIT,
                 group_name(st->st_gid, group), user);
    else if (how == X_OK && !directory)
        snprintf(cure, size, "chmod a+rx %.200s", at);
    else
        snprintf(cure, size,
                 "chgrp adm %.200s\nchmod g+%s %.200s\nusermod -aG adm %s\n"
                 "systemctl restart " SERVICE_UNIT,
                 at, directory ? "x" : "r", at, user);
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
    find_cure(at, &st, directory, how, user, ret->cure, sizeof(ret->cure));
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
