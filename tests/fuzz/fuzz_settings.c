/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a settings file: it is refused with a line and a sentence and changes nothing, or
 * what was understood can be printed and read again, and is the same.
 */
#include "config/settings.h"
#include "config/settings_print.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *printed(const struct settings *settings)
{
    char *text = settings_print(settings);

    if (!text)
        abort();
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings, again;
    struct inifile_error err = {0};

    if (!settings_init(&settings) || !settings_init(&again))
        abort();
    char *defaults = printed(&again);
    bool good = settings_parse(&settings, span_of((const char *)data, size), &err);
    char *first = printed(&settings);
    if (good) {
        if (!settings_parse(&again, span_str(first), &err))
            abort();
        char *second = printed(&again);
        if (strcmp(first, second) != 0)
            abort();
        free(second);
    } else if (!*err.text || err.line < 0 || strcmp(first, defaults) != 0) {
        abort();
    }
    settings_for(&settings, KIND_ACCOUNT_ABUSE, SPAN("a@example.org"), -1);
    settings_for(&settings, KIND_LOCAL_ABUSE, SPAN(""), 33);
    free(first);
    free(defaults);
    settings_done(&settings);
    settings_done(&again);
    return 0;
}
