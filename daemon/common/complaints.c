/* SPDX-License-Identifier: MIT */
#include "common/complaints.h"

#include "common/complain.h"

void complaints_add(void *ctx, const struct inifile_error *err)
{
    struct complaints *complaints = ctx;

    if (complaints->count++ >= COMPLAINTS_SHOWN)
        return;
    if (err->line)
        complain("%s:%d: %s", complaints->path, err->line, err->text);
    else
        complain("%s: %s", complaints->path, err->text);
}

void complaints_end(const struct complaints *complaints)
{
    if (complaints->count > COMPLAINTS_SHOWN)
        complain("%s: and %u more errors", complaints->path, complaints->count - COMPLAINTS_SHOWN);
}
