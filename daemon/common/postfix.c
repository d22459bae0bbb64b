/* SPDX-License-Identifier: MIT */
/*
 * postconf prints settings as text, and many settings name lookup tables. lib/ parses the settings
 * and asks for a table when one matters; this file then lists it with postmap -s, or reads the text
 * file beside it. Tables that need a server (ldap, mysql) are not read.
 */
#include "common/postfix.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/subprocess.h"
#include "common/interfaces.h"
#include "site/postconf.h"
#include "site/postconf_apply.h"
#include "site/postconf_expand.h"

#define ASK_TIMEOUT_S   10 /* postfix_ask_error says so */
#define TABLE_TIMEOUT_S 10
#define TABLE_MAX       ((size_t)16 * 1024 * 1024)

struct tables {
    bool may_run;   /* postmap may be run */
    bool elsewhere; /* they are another machine's */
};

/* "key value" or "key<TAB>value". A line that begins with a blank continues the value above, and
 * has no key. */
static struct span key_of(struct span line)
{
    size_t n = 0;

    while (n < line.len && line.at[n] != ' ' && line.at[n] != '\t' && line.at[n] != '\r')
        n++;
    return line.len && line.at[0] == '#' ? SPAN_NONE : span_head(line, n);
}

/* cidr tables have "if", "endif" and "!network" lines. What depends on them is skipped. */
static bool is_condition(struct span key)
{
    return span_equal_nocase(key, SPAN("if")) || span_equal_nocase(key, SPAN("endif")) ||
           span_starts(key, SPAN("!"));
}

static void each_key(struct span text, bool cidr, postconf_key *each, void *each_ctx)
{
    struct span line, key, value;

    while (span_take_line(&text, &line)) {
        key = key_of(line);
        value = span_trim(span_skip(line, key.len));
        if (key.len && !(cidr && is_condition(key)) && !each(each_ctx, key, value))
            return;
    }
}

static void each_line(struct span text, postconf_key *each, void *each_ctx)
{
    struct span line;

    while (span_take_line(&text, &line))
        if (!each(each_ctx, line, SPAN_NONE))
            return;
}

static bool is_one_of(struct span word, const char *const *words)
{
    while (*words && !span_equal(word, span_str(*words)))
        words++;
    return *words != NULL;
}

/* Table types that postmap compiles from a text file, which usually still lies beside the table. */
static bool is_compiled(struct span type)
{
    static const char *const types[] = {"hash", "btree", "lmdb", "cdb", "dbm", "sdbm", NULL};

    return is_one_of(type, types);
}

static bool is_text(struct span type)
{
    static const char *const types[] = {"cidr", "texthash", NULL};

    return is_one_of(type, types);
}

static int postmap(struct span type, const char *path, struct buf *ret)
{
    char table[PATH_MAX + 16];
    const char *const argv[] = {"postmap", "-s", table, NULL};

    snprintf(table, sizeof(table), "%.*s:%s", SPAN_ARG(type), path);
    return subprocess_run(argv, TABLE_TIMEOUT_S, TABLE_MAX, ret);
}

/* A postconf_list. If the compiled table can't be read, the text beside it will do: it may be
 * newer, but it is what the next postmap makes the table. */
static int list_table(void *ctx, struct span type, struct span name, postconf_key *each,
                      void *each_ctx)
{
    const struct tables *tables = ctx;
    char path[PATH_MAX];
    struct buf text;
    int r = -ENOENT;

    if (tables->elsewhere || name.len == 0 || name.at[0] != '/' || name.len >= sizeof(path))
        return -1;
    memcpy(path, name.at, name.len);
    path[name.len] = '\0';
    if (type.len && !is_compiled(type) && !is_text(type))
        return -1;
    if (is_compiled(type) && tables->may_run)
        r = postmap(type, path, &text);
    if (r < 0)
        r = subprocess_read_file(path, false, TABLE_MAX, &text);
    if (r < 0)
        return -1;
    if (type.len)
        each_key(buf_span(&text), span_equal(type, SPAN("cidr")), each, each_ctx);
    else
        each_line(buf_span(&text), each, each_ctx);
    buf_done(&text);
    return 0;
}

static int parse(struct buf *text, struct postconf **ret)
{
    struct postconf *postconf = postconf_parse(buf_span(text));

    buf_done(text);
    if (!postconf)
        return -ENOMEM;
    *ret = postconf;
    return 0;
}

static int read_dump(const char *path, struct postconf **ret)
{
    struct buf text;
    int r = subprocess_read_file(path, true, POSTCONF_TEXT_MAX, &text);

    return r < 0 ? r : parse(&text, ret);
}

/* One of postconf's reports. Postfix before 2.10 has no -x; then we expand the values ourselves. */
static int ask_text(const char *expanded, const char *plain, struct buf *ret)
{
    const char *const first[] = {"postconf", expanded, NULL};
    const char *const second[] = {"postconf", plain, NULL};
    int r = subprocess_run(first, ASK_TIMEOUT_S, POSTCONF_TEXT_MAX, ret);

    return r == -EIO ? subprocess_run(second, ASK_TIMEOUT_S, POSTCONF_TEXT_MAX, ret) : r;
}

static bool main_cf_has_mynetworks(void)
{
    static const char *const argv[] = {"postconf", "-n", "mynetworks", NULL};
    struct buf text;
    bool has = true;

    if (subprocess_run(argv, ASK_TIMEOUT_S, POSTCONF_TEXT_MAX, &text) == 0) {
        has = text.len > 0;
        buf_done(&text);
    }
    return has;
}

/* What master.cf sets for single services. Postfix before 2.9 has no -M, before 2.11 no -P: what
 * only they tell stays unknown there. */
static void ask_services(struct buf *ret)
{
    static const char *const asked[][2] = {{"-Mx", "-M"}, {"-Px", "-P"}};

    for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
        struct buf text;
        if (ask_text(asked[i][0], asked[i][1], &text) < 0)
            continue;
        buf_add_str(ret, "\n");
        buf_add(ret, buf_span(&text));
        buf_done(&text);
    }
}

/* If main.cf leaves mynetworks to mynetworks_style, postconf looks at the interfaces. In a sandbox
 * without internet sockets it cannot, and prints an empty value, as if nobody were trusted. So the
 * value is worked out here and appended: the last line counts. */
static void add_mynetworks(const struct postconf *postconf, struct buf *text)
{
    if (!postconf_has(postconf, "mynetworks") || postconf_get(postconf, "mynetworks").len ||
        main_cf_has_mynetworks())
        return;
    char *style = postconf_expand(postconf, postconf_get(postconf, "mynetworks_style"));
    buf_add_str(text, "\nmynetworks =");
    interfaces_list(NULL, style && strcmp(style, "host") == 0, text);
    free(style);
}

static int ask_all(struct postconf **ret)
{
    struct buf text;
    int r = ask_text("-x", NULL, &text);
    struct postconf *postconf;

    if (r < 0)
        return r;
    postconf = postconf_parse(buf_span(&text));
    if (postconf && postconf_count(postconf)) {
        ask_services(&text);
        add_mynetworks(postconf, &text);
    }
    postconf_free(postconf);
    return parse(&text, ret);
}

/* The file Postfix itself logs to. /dev/stdout is not a file we can follow. */
static char *maillog_file(struct postconf *postconf)
{
    char *path = postconf_expand(postconf, postconf_get(postconf, "maillog_file"));

    if (path && strncmp(path, "/dev/", 5) == 0)
        path[0] = '\0';
    return path;
}

static int apply(struct postconf *postconf, struct site *site, struct tables tables,
                 struct postfix_paths *ret)
{
    if (!postconf_apply(postconf, site, list_table, &tables))
        return -EBADMSG;
    if (ret && !(ret->maillog_file = maillog_file(postconf)))
        return -ENOMEM;
    /* A dump's queue is another machine's, or of another time. */
    if (ret && tables.may_run) {
        ret->queue_directory = postconf_expand(postconf, postconf_get(postconf, "queue_directory"));
        ret->config_directory =
            postconf_expand(postconf, postconf_get(postconf, "config_directory"));
    }
    return 0;
}

int postfix_read_dump(const char *path, struct site *site, struct postfix_paths *ret)
{
    struct postconf *postconf = NULL;
    int r = read_dump(path, &postconf);

    if (r == 0)
        r = apply(postconf, site, (struct tables){.may_run = false}, ret);
    postconf_free(postconf);
    return r;
}

int postfix_read_dump_of(const char *path, struct site *site)
{
    struct postconf *postconf = NULL;
    int r = read_dump(path, &postconf);

    if (r == 0)
        r = apply(postconf, site, (struct tables){.elsewhere = true}, NULL);
    postconf_free(postconf);
    return r;
}

int postfix_ask(struct site *site, struct postfix_paths *ret)
{
    struct postconf *postconf = NULL;
    int r = ask_all(&postconf);

    if (r == 0)
        r = apply(postconf, site, (struct tables){.may_run = true}, ret);
    postconf_free(postconf);
    return r;
}

const char *postfix_dump_error(int r)
{
    return r == -EBADMSG ? "it contains no Postfix setting" : strerror(-r);
}

const char *postfix_ask_error(int r)
{
    switch (r) {
    case -EBADMSG:
        return "it printed no setting";
    case -EIO:
        return "it failed; run it to see why";
    case -ETIMEDOUT:
        return "it gave no answer for ten seconds";
    default:
        return strerror(-r);
    }
}

void postfix_paths_done(struct postfix_paths *paths)
{
    free(paths->maillog_file);
    free(paths->queue_directory);
    free(paths->config_directory);
    *paths = (struct postfix_paths){.maillog_file = NULL};
}

/* Every message is made in "incoming" and moved to "active", which changes both directories, and a
 * retry moves it to "active" again. Each time Postfix logs a line. Not "maildrop": sendmail(1) puts
 * messages there while Postfix is stopped. */
wall_us postfix_queue_changed(const char *queue_directory)
{
    static const char *const queues[] = {"incoming", "active"};
    wall_us last = WHEN_UNKNOWN;
    char path[PATH_MAX];
    struct stat st;

    for (size_t i = 0; queue_directory && i < sizeof(queues) / sizeof(*queues); i++) {
        snprintf(path, sizeof(path), "%s/%s", queue_directory, queues[i]);
        if (stat(path, &st) < 0)
            continue;
        wall_us at = st.st_mtim.tv_sec * US_PER_S + st.st_mtim.tv_nsec / 1000;
        if (at > last)
            last = at;
    }
    return last;
}
