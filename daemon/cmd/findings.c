/* SPDX-License-Identifier: MIT */
#include "cmd/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "report/incident.h"
#include "report/text_json.h"
#include "show/print.h"

void findings_add(struct findings *findings, const char *code, const char *cure, const char *format,
                  ...)
{
    struct finding *new = list_add(&findings->list, sizeof(*new), FINDINGS_MAX);
    va_list args;

    if (!new)
        return;
    *new = (struct finding){.warning.code = code};
    va_start(args, format);
    vsnprintf(new->warning.text, sizeof(new->warning.text), format, args);
    va_end(args);
    snprintf(new->cure, sizeof(new->cure), "%s", cure ? cure : "");
}

static void print_json_finding(const struct finding *finding)
{
    json_t *object = warning_to_json(&finding->warning);

    if (finding->cure[0])
        json_object_set_new(object, "cure", text_json(span_str(finding->cure)));
    print_json(object);
}

/* The commands are not wrapped: they are to be copied. */
static void print_finding(const struct finding *finding, bool color)
{
    struct span rest = span_str(finding->cure), line;

    print_warning(&finding->warning, color);
    if (rest.len)
        puts("         To cure it, as root:");
    while (span_take_line(&rest, &line)) {
        printf("             ");
        print_safe(line);
        putchar('\n');
    }
}

void findings_print(const struct findings *findings, bool json, bool color)
{
    const struct finding *all = findings->list.items;

    for (size_t i = 0; i < findings->list.count; i++)
        if (json)
            print_json_finding(&all[i]);
        else
            print_finding(&all[i], color);
}

void findings_done(struct findings *findings)
{
    list_done(&findings->list);
}
