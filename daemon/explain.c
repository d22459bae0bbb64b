/* SPDX-License-Identifier: MIT */
/*
 * The logs are read twice: first for the links between messages, which may stand after a child's
 * own lines, then for the lines and verdicts of all that the message is linked with.
 */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "command.h"
#include "input.h"
#include "list.h"
#include "print.h"

enum { LINKS_MAX = 1 << 20, CHAIN_MAX = 64, LINES_MAX = 2000, VERDICTS_MAX = 500 };

struct name {
    uint16_t source;
    struct queue_id id;
};

struct link {
    struct name parent, child;
};

/* One queue file of the chain, as last seen. */
struct member {
    struct name name;
    bool seen, begun, has_sender;
    char *host, *instance, *client, *sender, *who;
    enum origin origin, root;
    enum message_state state;
    uint32_t uid, begun_s;
    struct queue_id parent; /* not set: it is a first one */
};

struct heard {
    struct name name;
    bool notice;
    enum verdict verdict;
    int kind;
    enum status status;
    enum class class;
    char *domain;
};

struct explain {
    struct queue_id id;
    struct pipeline *pipeline;
    struct list links;  /* struct link */
    struct member member[CHAIN_MAX];
    int members;
    struct list lines;    /* char * */
    struct list verdicts; /* struct heard */
};

static bool same(struct name a, struct name b)
{
    return a.source == b.source && queue_id_equal(a.id, b.id);
}

static struct member *find_member(struct explain *e, struct name name)
{
    for (int i = 0; i < e->members; i++)
        if (same(e->member[i].name, name))
            return &e->member[i];
    return NULL;
}

static void add_member(struct explain *e, struct name name, struct queue_id parent)
{
    struct member *m = find_member(e, name);

    if (!m && e->members < CHAIN_MAX) {
        m = &e->member[e->members++];
        *m = (struct member){.name = name};
    }
    if (m && queue_id_is_set(parent))
        m->parent = parent;
}

static void note_link(void *ctx, uint16_t parent_source, struct queue_id parent,
                      uint16_t child_source, struct queue_id child)
{
    struct explain *e = ctx;
    struct link *link = list_add(&e->links, sizeof(*link), LINKS_MAX);

    if (link)
        *link = (struct link){{parent_source, parent}, {child_source, child}};
}

static void find_target(void *ctx, const struct pipeline_line *line)
{
    struct explain *e = ctx;

    if (line->record && queue_id_equal(line->record->id, e->id))
        add_member(e, (struct name){line->source, e->id}, (struct queue_id){0, 0});
}

/* Everything that hangs together with the target, up and down. */
static void close_chain(struct explain *e)
{
    const struct link *link = e->links.items;
    int before;

    do {
        before = e->members;
        for (size_t i = 0; i < e->links.count; i++)
            if (find_member(e, link[i].parent) || find_member(e, link[i].child)) {
                add_member(e, link[i].parent, (struct queue_id){0, 0});
                add_member(e, link[i].child, link[i].parent.id);
            }
    } while (e->members > before && e->members < CHAIN_MAX);
}

static void replace(char **text, struct span s)
{
    if (!s.len)
        return;
    free(*text);
    *text = strndup(s.at, s.len);
}

static void remember(struct explain *e, const struct message *m)
{
    struct member *member = find_member(e, (struct name){m->source, m->id});

    if (!member)
        return;
    member->seen = true;
    member->begun = message_has(m, MESSAGE_BEGAN);
    member->has_sender = message_has(m, MESSAGE_HAS_SENDER);
    member->origin = (enum origin)m->origin;
    if (m->root)
        member->root = (enum origin)m->root;
    member->state = (enum message_state)m->state;
    member->uid = m->uid;
    member->begun_s = m->begun_s;
    replace(&member->client, text_span(m->client));
    replace(&member->sender, text_span(m->sender));
    replace(&member->who, text_span(m->who));
    const struct host_source *source = &e->pipeline->hosts.source[m->source];
    replace(&member->instance, text_span(source->instance));
    replace(&member->host, text_span(e->pipeline->hosts.host[source->host].name));
}

/* The line as it is, or put together again from a journal entry. */
static void keep_line(struct explain *e, const struct pipeline_line *line)
{
    char **kept = list_add(&e->lines, sizeof(*kept), LINES_MAX);
    struct buf buf = buf_new(8192);
    const struct header *h = line->header;
    char when[WHEN_TEXT_MAX];

    if (!kept)
        return;
    if (line->text.len)
        buf_add(&buf, span_head(line->text, line->text.len < 4000 ? line->text.len : 4000));
    else
        buf_printf(&buf, "%s %.*s %.*s[%u]: %.*s", when_print(h->when, when), SPAN_ARG(h->host),
                   SPAN_ARG(h->tag), h->pid, SPAN_ARG(h->text));
    *kept = buf_take(&buf);
}

/* A milter's line begins with the queue ID too: opendkim, opendmarc. */
static bool names_member(struct explain *e, struct span text)
{
    struct queue_id id;
    size_t n = queue_id_parse(text, &id);

    if (!n || n == text.len || (text.at[n] != ':' && text.at[n] != ' '))
        return false;
    for (int i = 0; i < e->members; i++)
        if (queue_id_equal(e->member[i].name.id, id))
            return true;
    return false;
}

static void see_line(void *ctx, const struct pipeline_line *line)
{
    struct explain *e = ctx;
    const struct record *rec = line->record;

    if (!line->header)
        return;
    if (!rec) {
        if (names_member(e, line->header->text))
            keep_line(e, line);
        return;
    }
    if (find_member(e, (struct name){line->source, rec->id}) ||
        (rec->type == RECORD_NOTICE && find_member(e, (struct name){line->source, rec->link})))
        keep_line(e, line);
    if (line->message)
        remember(e, line->message);
}

static void hear_verdict(void *ctx, const struct message *m, const struct recipient *r,
                         enum verdict verdict, int kind)
{
    struct explain *e = ctx;
    struct name name = {m->source, m->id};

    remember(e, m);
    if (!find_member(e, name))
        return;
    struct heard *heard = list_add(&e->verdicts, sizeof(*heard), VERDICTS_MAX);
    if (!heard)
        return;
    *heard = (struct heard){.name = name, .notice = !r, .verdict = verdict, .kind = kind};
    if (r) {
        heard->status = (enum status)r->status;
        heard->class = (enum class)r->class;
        replace(&heard->domain, text_span(r->text));
    }
}

static const char *status_name(enum status status)
{
    static const char *const names[] = {"in delivery", "sent", "deferred", "bounced", "probed"};

    return names[status];
}

static void print_origin(const struct member *m)
{
    char when[WHEN_TEXT_MAX];

    printf("  came from      %s", origin_name(m->origin));
    if (m->root != m->origin && m->root)
        printf(", which goes back to %s", origin_name(m->root));
    if (m->root == ORIGIN_LOCAL) {
        printf(" uid %u", m->uid);
    } else if (m->client) {
        printf(": ");
        print_safe(span_str(m->client));
    }
    if (m->root == ORIGIN_ACCOUNT && m->who) {
        printf(" as ");
        print_safe(span_str(m->who));
    }
    printf("\n  sender         ");
    print_safe(m->sender       ? span_str(m->sender)
               : m->has_sender ? SPAN("<> (the null sender)")
                               : SPAN("not in the log"));
    printf("\n  %s %s%s\n", m->begun ? "accepted      " : "in queue since",
           when_print(m->begun_s * US_PER_S, when),
           m->begun ? "" : ", worked out from delay=: its acceptance is not in the log");
    printf("  now            %s\n", state_name(m->state));
}

/* What makes mail to the outside evidence: who brought it. */
static const char *standing(enum origin root)
{
    switch (root) {
    case ORIGIN_OUTSIDE:
        return " from a client that is neither trusted nor logged in";
    case ORIGIN_ACCOUNT:
        return " from a login";
    case ORIGIN_LOCAL:
        return " from a local user";
    case ORIGIN_TRUSTED:
        return " from a trusted client";
    default:
        return "";
    }
}

static void print_verdicts(struct explain *e, struct name name, enum origin root)
{
    const struct heard *heard = e->verdicts.items;
    int shown = 0;

    for (size_t i = 0; i < e->verdicts.count; i++) {
        if (!same(heard[i].name, name))
            continue;
        printf("  %-14s ", shown++ ? "" : "verdict");
        printf("%s%s", heard[i].kind >= 0 ? kind_name((enum kind)heard[i].kind) : "nothing",
               heard[i].kind >= 0 ? ": " : " is alleged: ");
        printf("%s%s", verdict_text(heard[i].verdict),
               heard[i].verdict == VERDICT_RELAYED ? standing(root) : "");
        if (!heard[i].notice) {
            printf(" (");
            print_safe(heard[i].domain ? span_str(heard[i].domain) : SPAN("no domain"));
            printf(", %s, %s)", class_name(heard[i].class), status_name(heard[i].status));
        }
        putchar('\n');
    }
    if (!shown)
        puts("  verdict        none yet: no delivery is in the log");
}

static void print_text(struct explain *e, bool color)
{
    char id[QUEUE_ID_TEXT_MAX], parent[QUEUE_ID_TEXT_MAX];
    char **line = e->lines.items;

    for (int i = 0; i < e->members; i++) {
        const struct member *m = &e->member[i];
        if (!m->seen)
            continue;
        printf("%s%s%s on %s, %s", color ? "\033[1m" : "", queue_id_print(m->name.id, id),
               color ? "\033[0m" : "", m->host ? m->host : "?", m->instance ? m->instance : "?");
        if (queue_id_is_set(m->parent))
            printf("; %s of %s", m->origin == ORIGIN_BOUNCE ? "a notice" : "made", 
                   queue_id_print(m->parent, parent));
        putchar('\n');
        print_verdicts(e, m->name, m->root);
        print_origin(m);
        putchar('\n');
    }
    puts("The lines:");
    for (size_t i = 0; i < e->lines.count; i++) {
        printf("  ");
        print_safe(span_str(line[i] ? line[i] : ""));
        putchar('\n');
    }
    if (e->lines.count == LINES_MAX)
        printf("  (only the first %d)\n", LINES_MAX);
}

static json_t *verdicts_json(struct explain *e, struct name name)
{
    const struct heard *heard = e->verdicts.items;
    json_t *list = json_array();

    for (size_t i = 0; i < e->verdicts.count; i++) {
        json_t *one;
        if (!same(heard[i].name, name))
            continue;
        one = json_object();
        json_object_set_new(one, "kind",
                            heard[i].kind >= 0 ? json_string(kind_name((enum kind)heard[i].kind))
                                               : json_null());
        json_object_set_new(one, "why", json_string(verdict_text(heard[i].verdict)));
        if (!heard[i].notice) {
            json_object_set_new(one, "recipient_domain",
                                json_string(heard[i].domain ? heard[i].domain : ""));
            json_object_set_new(one, "class", json_string(class_name(heard[i].class)));
            json_object_set_new(one, "status", json_string(status_name(heard[i].status)));
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text ? json_string(text) : json_null();

    return value ? value : json_string("?");
}

static void print_as_json(struct explain *e)
{
    char id[QUEUE_ID_TEXT_MAX], when[WHEN_TEXT_MAX];
    char **line = e->lines.items;

    for (int i = 0; i < e->members; i++) {
        const struct member *m = &e->member[i];
        json_t *object = json_object();
        if (!m->seen) {
            json_decref(object);
            continue;
        }
        json_object_set_new(object, "type", json_string("message"));
        json_object_set_new(object, "queue_id", json_string(queue_id_print(m->name.id, id)));
        json_object_set_new(object, "host", text_or_null(m->host));
        json_object_set_new(object, "instance", text_or_null(m->instance));
        json_object_set_new(object, "parent",
                            queue_id_is_set(m->parent)
                                ? json_string(queue_id_print(m->parent, id))
                                : json_null());
        json_object_set_new(object, "origin", json_string(origin_name(m->origin)));
        json_object_set_new(object, "root", json_string(origin_name(m->root)));
        json_object_set_new(object, "client", text_or_null(m->client));
        json_object_set_new(object, "sender", text_or_null(m->sender));
        json_object_set_new(object, "acceptance_in_log", json_boolean(m->begun));
        json_object_set_new(object, "queued_since",
                            json_string(when_print(m->begun_s * US_PER_S, when)));
        json_object_set_new(object, "state", json_string(state_name(m->state)));
        json_object_set_new(object, "verdicts", verdicts_json(e, m->name));
        print_json(object);
    }
    for (size_t i = 0; i < e->lines.count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "type", json_string("line"));
        json_object_set_new(object, "text", text_or_null(line[i]));
        print_json(object);
    }
}

static int read_once(struct explain *e, struct setup *setup, struct input *input, bool second)
{
    struct pipeline_options p = {.settings = &setup->settings,
                                 .site = setup->site,
                                 .zone = local_zone,
                                 .see = second ? see_line : find_target,
                                 .see_ctx = e,
                                 .judged = second ? hear_verdict : NULL,
                                 .judged_ctx = e,
                                 .link = second ? NULL : note_link,
                                 .link_ctx = e};

    e->pipeline = pipeline_new(&p);
    if (!e->pipeline)
        return EXIT_CANNOT;
    int status = input_read(input, e->pipeline, NULL, NULL);
    pipeline_finish(e->pipeline);
    if (second)
        input_remarks(input, e->pipeline);
    pipeline_free(e->pipeline);
    return status;
}

static void explain_done(struct explain *e)
{
    struct heard *heard = e->verdicts.items;
    char **line = e->lines.items;

    for (int i = 0; i < e->members; i++) {
        free(e->member[i].host);
        free(e->member[i].instance);
        free(e->member[i].client);
        free(e->member[i].sender);
        free(e->member[i].who);
    }
    for (size_t i = 0; i < e->verdicts.count; i++)
        free(heard[i].domain);
    for (size_t i = 0; i < e->lines.count; i++)
        free(line[i]);
    list_done(&e->links);
    list_done(&e->lines);
    list_done(&e->verdicts);
    free(e);
}

static int explain(const struct command_options *options, struct setup *setup, struct explain *e)
{
    struct input *input = NULL;
    int status = input_open(options->arg + 1, options->arg_count - 1, &input);

    if (status == 0)
        status = read_once(e, setup, input, false);
    close_chain(e);
    if (status == 0)
        status = read_once(e, setup, input, true);
    input_close(input);
    if (status != 0)
        return status;
    if (!e->members) {
        complain("%s is in none of these logs", options->arg[0]);
        return 1;
    }
    if (options->json)
        print_as_json(e);
    else
        print_text(e, options->color);
    return 0;
}

int explain_run(const struct command_options *options)
{
    struct explain *e = calloc(1, sizeof(*e));
    struct span id = span_str(options->arg[0]);
    struct setup setup = {.site = NULL};
    int status = EXIT_CANNOT;

    if (!e || queue_id_parse(id, &e->id) != id.len) {
        complain("\"%s\" is no queue ID: six or more of 0-9 and A-F, or a long one with a \"z\"",
                 options->arg[0]);
    } else if (options->arg_count == 1) {
        status = explain_live_run(options);
    } else {
        status = setup_init(&setup, options);
        if (status == 0)
            status = explain(options, &setup, e);
    }
    setup_done(&setup);
    if (e)
        explain_done(e);
    return status;
}
