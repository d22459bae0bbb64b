/* SPDX-License-Identifier: MIT */
#include "site/domain_list.h"

#include "config/settings_table.h"

/* Why that is no line of the list; NULL: it is one, and the site has it. */
static const char *add(struct site *site, struct span word)
{
    struct span domain = word;
    bool negated = span_take(&domain, SPAN("!"));

    if (!setting_is_domain(word))
        return "allowed: a domain, as in example.org, .example.org or !example.org";
    return site_add_domain(site, domain, negated ? CLASS_OUTSIDE : CLASS_OURS, false)
               ? NULL
               : "there are too many domains, or it is too long";
}

/* A line without its comment, which begins it or stands behind a blank. */
static struct span without_comment(struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '#' && (i == 0 || is_word_break(line.at[i - 1])))
            return span_head(line, i);
    return line;
}

bool domain_list_apply(struct site *site, struct span text, settings_on_error *on_error, void *ctx)
{
    struct inifile_error err = {0, ""};
    char shown[INIFILE_SHOWN_MAX];
    uint32_t count = 0;
    struct span line;
    bool good = true;

    for (int number = 1; span_take_line(&text, &line); number++) {
        const char *why;
        line = span_trim(without_comment(line));
        if (!line.len)
            continue;
        count++;
        if (!(why = add(site, line)))
            continue;
        err.line = number;
        inifile_refuse(&err, "%s; %s", inifile_show(line, shown), why);
        on_error(ctx, &err);
        good = false;
    }
    if (!count) {
        err.line = 0;
        inifile_refuse(&err, "it has no domain");
        on_error(ctx, &err);
        return false;
    }
    site_domains_configured(site, true);
    return good;
}
