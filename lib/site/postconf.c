/* SPDX-License-Identifier: MIT */
#include "site/postconf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/list.h"
#include "site/postconf_list.h"

#define NAME_MAX_BYTES 256

struct setting_text {
    struct span name, value;
    size_t order; /* the last of several with one name counts */
};

struct postconf {
    char *text;
    struct list settings; /* struct setting_text, sorted by name, each name once */
    struct list names;    /* char *: of settings whose names are not in the text */
};

/* Postfix's defaults, as of 3.x, for what "postconf -n" leaves out. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"alias_maps", "hash:/etc/aliases"},
    {"compatibility_level", "0"},
    {"inet_interfaces", "all"},
    {"local_recipient_maps", "proxy:unix:passwd.byname $alias_maps"},
    {"mydestination", "$myhostname, localhost.$mydomain, localhost"},
    {"mynetworks_style", "${{$compatibility_level} <level {2} ? {subnet} : {host}}"},
    {"parent_domain_matches_subdomains",
     "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,"
     "qmqpd_authorized_clients,relay_domains,smtpd_access_maps"},
    {"relay_domains", "${{$compatibility_level} <level {2} ? {$mydestination} :}"},
    {"virtual_alias_domains", "$virtual_alias_maps"},
    {"virtual_alias_maps", "$virtual_maps"},
    {"virtual_mailbox_domains", "$virtual_mailbox_maps"},
};

/* As strcmp, for spans. */
static int compare_names(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_settings(const void *a, const void *b)
{
    const struct setting_text *x = a, *y = b;
    int order = compare_names(x->name, y->name);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* postconf -P has names with slashes: "smtp/inet/content_filter", "[::1]:10025/inet/mynetworks". */
static bool is_name(struct span s)
{
    bool of_service = span_find(s, '/') > 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = ascii_lower(s.at[i]);
        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !memchr("_-./", c, 4) &&
            !(of_service && memchr(":[]", c, 3)))
            return false;
    }
    return s.len > 0 && s.len <= NAME_MAX_BYTES;
}

static void add_setting(struct postconf *postconf, struct span name, struct span value)
{
    struct setting_text *setting =
        list_add(&postconf->settings, sizeof(*setting), POSTCONF_SETTING_MAX);

    /* qsort is not stable, so the order has to be part of what is compared. */
    if (setting)
        *setting = (struct setting_text){name, value, postconf->settings.count};
}

/* --- master.cf -------------------------------------------------------------------------------- */

/* "smtp/inet", or "smtp/inet/content_filter" with an option. */
static void add_of_service(struct postconf *postconf, struct span service, struct span type,
                           struct span option, struct span value)
{
    size_t len = service.len + 1 + type.len + 1 + option.len;
    char **name = list_add(&postconf->names, sizeof(*name), POSTCONF_SETTING_MAX);

    if (!name || !(*name = malloc(len + 1)))
        return;
    snprintf(*name, len + 1, "%.*s/%.*s%s%.*s", SPAN_ARG(service), SPAN_ARG(type),
             option.len ? "/" : "", SPAN_ARG(option));
    if (is_name(span_str(*name)))
        add_setting(postconf, span_str(*name), value);
}

/* Cuts the next word off; what stands in braces is one. */
static struct span take_word(struct span *line)
{
    struct span word;
    size_t n = 0;
    int depth = 0;

    *line = span_trim(*line);
    for (; n < line->len && (depth > 0 || line->at[n] != ' '); n++)
        depth += (line->at[n] == '{') - (line->at[n] == '}');
    word = span_head(*line, n);
    *line = span_skip(*line, n);
    return word;
}

static bool is_service_type(struct span type)
{
    static const struct span types[] = {SPAN("inet"), SPAN("unix"), SPAN("pass"), SPAN("fifo"),
                                        SPAN("unix-dgram")};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (span_equal(type, types[i]))
            return true;
    return false;
}

/* "submission inet n - y - - smtpd -o syslog_name=postfix/submission -o { name = value }": service,
 * type, five fields that say how it runs, and the command. */
static void add_service(struct postconf *postconf, struct span line)
{
    struct span service = take_word(&line), type = take_word(&line), word;
    ptrdiff_t equals;

    if (!is_service_type(type))
        return;
    for (int i = 0; i < 5; i++)
        take_word(&line);
    line = span_trim(line);
    if (!line.len)
        return;
    add_of_service(postconf, service, type, SPAN_NONE, line);
    take_word(&line); /* the program */
    while ((word = take_word(&line)).len && word.at[0] == '-') {
        if (!span_equal(word, SPAN("-o")))
            continue;
        word = postconf_unbrace(take_word(&line));
        if ((equals = span_find(word, '=')) > 0)
            add_of_service(postconf, service, type, span_trim(span_head(word, (size_t)equals)),
                           span_trim(span_skip(word, (size_t)equals + 1)));
    }
}

/* --- the text --------------------------------------------------------------------------------- */

/* line is a whole setting or service, its lines joined; anything else is skipped. */
static void add_line(struct postconf *postconf, struct span line)
{
    ptrdiff_t equals = span_find(line, '=');
    struct span name = equals < 0 ? SPAN_NONE : span_trim(span_head(line, (size_t)equals));

    if (is_name(name))
        add_setting(postconf, name, span_trim(span_skip(line, (size_t)equals + 1)));
    else
        add_service(postconf, line);
}

/* Control characters become blanks. */
static void clean(char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)at[i] < ' ' || at[i] == 0x7f)
            at[i] = ' ';
}

/* Joins the lines of each setting in place. Writing never overtakes reading, as a continuation line
 * begins with at least the blank that joins it. Comments and empty lines may come between. */
static void read_lines(struct postconf *postconf, struct span rest)
{
    char *write = postconf->text;
    struct span whole = SPAN_NONE, line;

    while (span_take_line(&rest, &line)) {
        struct span text = span_trim(line);
        if (text.len == 0 || text.at[0] == '#')
            continue;
        /* As in main.cf: a line that begins with a blank goes on with the setting before it. */
        bool goes_on = text.at != line.at;
        if (!goes_on) {
            add_line(postconf, whole);
            whole = span_of(write, 0);
        } else if (!whole.at) {
            continue;
        } else {
            *write++ = ' ';
        }
        memmove(write, text.at, text.len);
        clean(write, text.len);
        write += text.len;
        whole.len = (size_t)(write - whole.at);
    }
    add_line(postconf, whole);
}

/* Sorts, and keeps the last of each name. */
static void sort_settings(struct postconf *postconf)
{
    struct setting_text *settings = postconf->settings.items;
    size_t n = 0;

    if (postconf->settings.count == 0)
        return;
    qsort(settings, postconf->settings.count, sizeof(*settings), compare_settings);
    for (size_t i = 0; i < postconf->settings.count; i++) {
        if (n && span_equal(settings[n - 1].name, settings[i].name))
            n--;
        settings[n++] = settings[i];
    }
    postconf->settings.count = n;
}

struct postconf *postconf_parse(struct span text)
{
    struct postconf *postconf = calloc(1, sizeof(*postconf));

    if (!postconf || text.len > POSTCONF_TEXT_MAX || !(postconf->text = malloc(text.len + 1))) {
        free(postconf);
        return NULL;
    }
    if (text.len)
        memcpy(postconf->text, text.at, text.len);
    read_lines(postconf, span_of(postconf->text, text.len));
    sort_settings(postconf);
    return postconf;
}

void postconf_free(struct postconf *postconf)
{
    if (!postconf)
        return;
    for (size_t i = 0; i < postconf->names.count; i++)
        free(((char **)postconf->names.items)[i]);
    list_done(&postconf->names);
    free(postconf->text);
    list_done(&postconf->settings);
    free(postconf);
}

size_t postconf_count(const struct postconf *postconf)
{
    return postconf->settings.count;
}

/* Binary search. */
static const struct setting_text *find(const struct postconf *postconf, struct span name)
{
    const struct setting_text *settings = postconf->settings.items;
    size_t low = 0, high = postconf->settings.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_names(name, settings[middle].name);
        if (order == 0)
            return &settings[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct span postconf_get(const struct postconf *postconf, const char *name)
{
    const struct setting_text *setting = find(postconf, span_str(name));

    return setting ? setting->value : SPAN_NONE;
}

bool postconf_has(const struct postconf *postconf, const char *name)
{
    return find(postconf, span_str(name)) != NULL;
}

/* Postfix derives it from myhostname, if that has a dot. */
static struct span default_mydomain(const struct postconf *postconf)
{
    struct span host = postconf_get(postconf, "myhostname");
    ptrdiff_t dot = span_find(host, '.');

    return dot < 0 ? SPAN_NONE : span_skip(host, (size_t)dot + 1);
}

struct span postconf_get_or_default(const struct postconf *postconf, const char *name)
{
    if (postconf_has(postconf, name))
        return postconf_get(postconf, name);
    if (strcmp(name, "mydomain") == 0)
        return default_mydomain(postconf);
    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
        if (strcmp(defaults[i].name, name) == 0)
            return span_str(defaults[i].value);
    return SPAN_NONE;
}

void postconf_each(const struct postconf *postconf, const char *suffix, postconf_visit *visit,
                   void *ctx)
{
    const struct setting_text *settings = postconf->settings.items;

    for (size_t i = 0; i < postconf->settings.count; i++)
        if (span_ends(settings[i].name, span_str(suffix)))
            visit(ctx, settings[i].name, settings[i].value);
}

uint64_t postconf_version(struct span text)
{
    uint64_t major = 0, minor = 0;

    /* "3.7.11" gives 3007, and "3.11-20251105" gives 3011. */
    if (span_take_number(&text, &major) && span_take(&text, SPAN(".")))
        span_take_number(&text, &minor);
    return major > 1000 || minor > 999 ? 0 : major * 1000 + minor;
}
