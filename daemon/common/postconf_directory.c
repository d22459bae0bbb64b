/* SPDX-License-Identifier: MIT */
#include "common/postconf_directory.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "common/complain.h"
#include "common/postfix.h"
#include "site/site_union.h"

/* As many as [limits] hosts can be. */
enum { DUMPS_MAX = 8000 };

#define SUFFIX ".postconf"

static int is_dump(const struct dirent *entry)
{
    struct span name = span_str(entry->d_name);

    return name.len > sizeof(SUFFIX) - 1 && name.at[0] != '.' && span_ends(name, SPAN(SUFFIX));
}

static bool add(struct site_union *u, const char *directory, const char *file)
{
    struct span host = span_head(span_str(file), strlen(file) - (sizeof(SUFFIX) - 1));
    struct site *its = site_new();
    char path[PATH_MAX];
    int r = -ENOMEM;

    snprintf(path, sizeof(path), "%s/%s", directory, file);
    if (its)
        r = postfix_read_dump_of(path, its);
    if (r < 0)
        complain("%s: %s", path, postfix_dump_error(r));
    else
        site_union_add(u, host, its);
    site_free(its);
    return r >= 0;
}

static bool add_all(struct site_union *u, const char *directory, struct dirent **entry, int n)
{
    bool good = true;

    if (n < 0)
        complain("postconf_directory = %s: %s", directory, strerror(errno));
    else if (n == 0)
        complain("postconf_directory = %s: it has no HOST%s", directory, SUFFIX);
    else if (n > DUMPS_MAX)
        complain("postconf_directory = %s: it has more than %d files", directory, DUMPS_MAX);
    for (int i = 0; i < n && n <= DUMPS_MAX; i++)
        good &= add(u, directory, entry[i]->d_name);
    return good && n > 0 && n <= DUMPS_MAX;
}

/* In the order of their names, so that the same files give the same site. */
bool postconf_directory_read(const char *directory, struct site *site)
{
    struct site_union u;
    struct dirent **entry = NULL;
    bool good = site_union_init(&u, site);
    int n = scandir(directory, &entry, is_dump, alphasort);

    good = good && add_all(&u, directory, entry, n);
    for (int i = 0; i < n; i++)
        free(entry[i]);
    free(entry);
    if (!site_union_done(&u) && good) {
        complain("postconf_directory = %s: these are more domains or networks than can be kept",
                 directory);
        good = false;
    }
    return good;
}

uint64_t postconf_directory_mark(const char *directory)
{
    DIR *dir = opendir(directory);
    uint64_t mark = 0;
    struct stat st;

    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_dump(entry) && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0)
            mark += hash_mix(
                hash_bytes(span_str(entry->d_name), (uint64_t)st.st_ino) ^
                    ((uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec),
                HASH_ODD_1);
    if (dir)
        closedir(dir);
    return mark;
}
