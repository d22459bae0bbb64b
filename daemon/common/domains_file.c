/* SPDX-License-Identifier: MIT */
#include "common/domains_file.h"

#include <string.h>

#include "common/complain.h"
#include "common/complaints.h"
#include "common/subprocess.h"
#include "site/domain_list.h"

/* Names have 255 bytes at most, and there may be comments. */
#define FILE_MAX ((size_t)SITE_DOMAINS_MAX * 260)

bool domains_file_read(const char *path, struct site *site)
{
    struct complaints errors = {.path = path};
    struct buf text;
    int r = subprocess_read_file(path, false, FILE_MAX, &text);

    if (r < 0) {
        complain("own_domains_file = %s: %s", path, strerror(-r));
        return false;
    }
    bool good = domain_list_apply(site, buf_span(&text), complaints_add, &errors);
    complaints_end(&errors);
    buf_done(&text);
    return good;
}
