/* SPDX-License-Identifier: MIT */
#include "cmd/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SPOOL_BLOCK = 256 * 1024 };

int spool(int from)
{
    char *buffer = malloc(SPOOL_BLOCK);
    FILE *kept = tmpfile();
    ssize_t n = -1;
    int fd = -1;

    while (buffer && kept && (n = read(from, buffer, SPOOL_BLOCK)) > 0)
        if (fwrite(buffer, 1, (size_t)n, kept) != (size_t)n)
            break;
    if (n == 0 && fflush(kept) == 0 && fseek(kept, 0, SEEK_SET) == 0)
        fd = fcntl(fileno(kept), F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        fd = -errno;
    if (kept)
        fclose(kept);
    free(buffer);
    return fd;
}
