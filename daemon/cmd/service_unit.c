/* SPDX-License-Identifier: MIT */
/*
 * The forms are those of `systemctl show` of systemd 247 to 257.
 */
#include "cmd/service_unit.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "common/subprocess.h"

#define PROPERTIES                                                                                 \
    "LoadState,User,Group,SupplementaryGroups,DynamicUser,AmbientCapabilities,ProtectHome,"        \
    "PrivateTmp,InaccessiblePaths,TemporaryFileSystem,NoExecPaths,ExecPaths,"                      \
    "RestrictAddressFamilies,PrivateNetwork,IPAddressAllow,IPAddressDeny"

enum { TEXT_MAX = 64 * 1024, TIMEOUT_S = 10, DYNAMIC_UID = 61184, GROUPS_MAX = 64 };

void service_unit_read(struct service_unit *unit)
{
    static const char *const argv[] = {"systemctl",  "--system", "--no-pager", "show",
                                       SERVICE_UNIT, "-p",       PROPERTIES,   NULL};

    *unit = (struct service_unit){.text = {0}};
    if (subprocess_run(argv, TIMEOUT_S, TEXT_MAX, &unit->text) < 0)
        unit->text = (struct buf){0};
}

void service_unit_done(struct service_unit *unit)
{
    buf_done(&unit->text);
}

bool service_unit_known(const struct service_unit *unit)
{
    return span_equal(service_unit_get(unit, "LoadState"), SPAN("loaded"));
}

struct span service_unit_get(const struct service_unit *unit, const char *property)
{
    struct span rest = buf_span(&unit->text), line;

    while (span_take_line(&rest, &line))
        if (span_take(&line, span_str(property)) && span_take(&line, SPAN("=")))
            return line;
    return SPAN_NONE;
}

static bool is_yes(const struct service_unit *unit, const char *property)
{
    return span_equal(service_unit_get(unit, property), SPAN("yes"));
}

static bool take_word(struct span *rest, struct span *word)
{
    *rest = span_trim(*rest);
    size_t n = 0;

    while (n < rest->len && rest->at[n] != ' ')
        n++;
    *word = span_head(*rest, n);
    *rest = span_skip(*rest, n);
    return word->len > 0;
}

static bool has_word(struct span list, struct span wanted)
{
    struct span word;

    while (take_word(&list, &word))
        if (span_equal(word, wanted))
            return true;
    return false;
}

/* --- who it is -------------------------------------------------------------------------------- */

static bool reads_everything(const struct service_unit *unit)
{
    struct span capabilities = service_unit_get(unit, "AmbientCapabilities");

    return has_word(capabilities, SPAN("cap_dac_read_search")) ||
           has_word(capabilities, SPAN("cap_dac_override"));
}

static bool group_id(struct span name, gid_t *ret)
{
    char text[64];
    struct span digits = name;
    uint64_t number;

    snprintf(text, sizeof(text), "%.*s", SPAN_ARG(name));
    const struct group *group = getgrnam(text);
    if (group)
        *ret = group->gr_gid;
    else if (span_take_number(&digits, &number) && digits.len == 0)
        *ret = (gid_t)number;
    else
        return false;
    return true;
}

/* The groups that initgroups would set, and those of the unit. */
static int all_groups(const struct service_unit *unit, const struct passwd *user, gid_t group,
                      gid_t groups[GROUPS_MAX])
{
    struct span list = service_unit_get(unit, "SupplementaryGroups"), word;
    int n = GROUPS_MAX / 2;

    if (!user || getgrouplist(user->pw_name, group, groups, &n) < 0) {
        groups[0] = group;
        n = 1;
    }
    while (n < GROUPS_MAX && take_word(&list, &word))
        n += group_id(word, &groups[n]);
    return n;
}

static bool become(uid_t uid, gid_t gid, const gid_t *groups, int count, char why[200])
{
    if (setgroups((size_t)count, groups) == 0 && setresgid(gid, gid, gid) == 0 &&
        setresuid(uid, uid, uid) == 0)
        return true;
    snprintf(why, 200, "can't act as the service's user: %s", strerror(errno));
    return false;
}

/* A dynamic user has no entry before the service runs, so any number of their range stands for
 * it. */
bool service_unit_become(const struct service_unit *unit, char user[64], char why[200])
{
    const struct passwd *caller = getpwuid(geteuid());
    struct span name = service_unit_get(unit, "User"), group = service_unit_get(unit, "Group");
    bool dynamic = is_yes(unit, "DynamicUser");
    gid_t gid, groups[GROUPS_MAX];

    snprintf(user, 64, "%s", caller ? caller->pw_name : "the caller");
    if (geteuid() != 0 || reads_everything(unit))
        return true;
    if (!service_unit_known(unit))
        name = SPAN("relaywatch");
    char text[64];
    snprintf(text, sizeof(text), "%.*s", SPAN_ARG(name));
    const struct passwd *entry = text[0] ? getpwnam(text) : NULL;
    if (!entry && !dynamic) {
        if (service_unit_known(unit) && text[0]) {
            snprintf(why, 200, "the service's user %s does not exist", text);
            return false;
        }
        return true;
    }
    gid = entry ? entry->pw_gid : DYNAMIC_UID;
    if (group.len && !group_id(group, &gid)) {
        snprintf(why, 200, "the service's group %.*s does not exist", SPAN_ARG(group));
        return false;
    }
    snprintf(user, 64, "%s", text[0] ? text : "a dynamic user");
    return become(entry ? entry->pw_uid : DYNAMIC_UID, gid, groups,
                  all_groups(unit, entry, gid, groups), why);
}

/* --- paths ------------------------------------------------------------------------------------ */

static bool is_below(struct span path, struct span directory)
{
    while (directory.len > 1 && directory.at[directory.len - 1] == '/')
        directory.len--;
    return span_starts(path, directory) &&
           (directory.len == 1 || path.len == directory.len || path.at[directory.len] == '/');
}

/* The length of the longest of these paths that `path` is or is below; 0: none. They may have a
 * prefix, "-" or "+", and options after ":". */
static size_t covered(struct span list, struct span path)
{
    struct span word;
    size_t longest = 0;

    while (take_word(&list, &word)) {
        span_take(&word, SPAN("-"));
        span_take(&word, SPAN("+"));
        ptrdiff_t colon = span_find(word, ':');
        if (colon > 0)
            word.len = (size_t)colon;
        if (is_below(path, word) && word.len > longest)
            longest = word.len;
    }
    return longest;
}

/* Where the path leads in the end: what is hidden is hidden by its true name. */
static struct span real_path(const char *path, char buf[PATH_MAX])
{
    return span_str(realpath(path, buf) ? buf : path);
}

const char *service_unit_hides(const struct service_unit *unit, const char *path)
{
    char buf[PATH_MAX];
    struct span at = real_path(path, buf), home = service_unit_get(unit, "ProtectHome");
    struct span private_tmp = service_unit_get(unit, "PrivateTmp");

    if ((span_equal(home, SPAN("yes")) || span_equal(home, SPAN("tmpfs"))) &&
        covered(SPAN("/home /root /run/user"), at))
        return "ProtectHome";
    if ((span_equal(private_tmp, SPAN("yes")) || span_equal(private_tmp, SPAN("disconnected"))) &&
        covered(SPAN("/tmp /var/tmp"), at))
        return "PrivateTmp";
    if (covered(service_unit_get(unit, "InaccessiblePaths"), at))
        return "InaccessiblePaths";
    if (covered(service_unit_get(unit, "TemporaryFileSystem"), at))
        return "TemporaryFileSystem";
    return NULL;
}

const char *service_unit_no_exec(const struct service_unit *unit, const char *path)
{
    char buf[PATH_MAX];
    struct span at = real_path(path, buf);
    size_t forbidden = covered(service_unit_get(unit, "NoExecPaths"), at);

    return forbidden && forbidden >= covered(service_unit_get(unit, "ExecPaths"), at) + 1
               ? "NoExecPaths"
               : NULL;
}

/* --- network ---------------------------------------------------------------------------------- */

/* "AF_UNIX AF_INET" lists what is allowed, "~AF_PACKET" what is not; "~" alone forbids nothing. */
static bool may_use_family(const struct service_unit *unit, struct span family)
{
    struct span list = service_unit_get(unit, "RestrictAddressFamilies");

    if (!service_unit_known(unit))
        return true;
    return span_take(&list, SPAN("~")) ? !has_word(list, family)
                                       : list.len == 0 || has_word(list, family);
}

/* Whether somebody may talk to this address: if it is one of the host's own loopback, itself, else
 * anybody. */
static bool may_be_reached(const struct service_unit *unit, const struct address *a)
{
    struct span allowed = service_unit_get(unit, "IPAddressAllow"), word;
    struct network net;

    if (service_unit_get(unit, "IPAddressDeny").len == 0)
        return true;
    while (take_word(&allowed, &word)) {
        if (!network_parse(word, &net))
            continue;
        if (address_is_loopback(a) ? network_has(&net, a) : !address_is_loopback(&net.base))
            return true;
    }
    return false;
}

const char *service_unit_no_listen(const struct service_unit *unit, const char *listen)
{
    struct span host = span_str(listen);
    ptrdiff_t colon = span_find_last(host, ':');
    struct address a;

    host = span_head(host, colon > 0 ? (size_t)colon : host.len);
    bool v6 = span_take(&host, SPAN("["));
    host.len -= v6 && host.len;
    if (!address_parse(host, &a))
        return NULL;
    if (!may_use_family(unit, v6 ? SPAN("AF_INET6") : SPAN("AF_INET")))
        return "RestrictAddressFamilies";
    if (is_yes(unit, "PrivateNetwork"))
        return "PrivateNetwork";
    return may_be_reached(unit, &a) ? NULL : "IPAddressDeny";
}
