/* SPDX-License-Identifier: MIT */
#include "common/domains_file.h"

#include <string.h>

#include "common/complain.h"
#include "common/subprocess.h"
#include "site/domain_list.h"

/* Names have 255 bytes at most, and there may be comments. */
#define FILE_MAX ((size_t)SITE_DOMAINS_MAX * 260)

enum { SHOWN = 20 };

struct errors {
    const char *path;
    unsigned count;
};

static void say(void *ctx, const struct inifile_error *err)
{
    struct errors *errors = ctx;

    if (errors->count++ >= SHOWN)
        return;
    if (err->line)
        complain("%s:%d: %s", errors->path, err->line, err->text);
    else
        complain("%s: %s", errors->path, err->text);
}

bool domains_file_read(const char *path, struct site *site)
{
    struct errors errors = {.path = path};
    struct buf text;
    int r = subprocess_read_file(path, false, FILE_MAX, &text);

    if (r < 0) {
        complain("own_domains_file = %s: %s", path, strerror(-r));
        return false;
    }
    bool good = domain_list_apply(site, buf_span(&text), say, &errors);
    if (errors.count > SHOWN)
        complain("%s: and %u more errors", path, errors.count - SHOWN);
    buf_done(&text);
    return good;
}
