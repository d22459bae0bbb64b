/* SPDX-License-Identifier: MIT */
/* A test's file in one string; there must be one. The caller frees it. */
#ifndef RELAYWATCH_TESTS_WHOLE_FILE_H
#define RELAYWATCH_TESTS_WHOLE_FILE_H

#include <stdio.h>
#include <stdlib.h>

static inline char *whole_file(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len = 0, room = 65536, n;
    char *text = malloc(room);

    if (!file || !text) {
        fprintf(stderr, "%s can't be read\n", path);
        exit(EXIT_FAILURE);
    }
    while ((n = fread(text + len, 1, room - len - 1, file)) > 0) {
        len += n;
        if (room - len < 2) {
            char *grown = realloc(text, room *= 2);
            if (!grown)
                exit(EXIT_FAILURE);
            text = grown;
        }
    }
    text[len] = '\0';
    fclose(file);
    return text;
}

#endif
