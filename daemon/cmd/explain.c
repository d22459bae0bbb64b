/* SPDX-License-Identifier: MIT */
/*
 * Reads the logs twice: first for the links between messages, which may come after a child's own
 * lines, then for the lines and verdicts of every message linked with the one asked for. Serial
 * numbers are the same both times; they distinguish messages that reuse a queue ID.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "common/complain.h"
#include "common/clock.h"
#include "common/setup.h"
#include "common/text_of.h"
#include "engine/pipeline_hosts.h"
#include "report/text_json.h"
#include "show/hop_order.h"
#include "report/incident.h"
#include "show/message_report.h"
#include "cmd/explain_show.h"
#include "cmd/input.h"
#include "cmd/judge_input.h"
#include "cmd/learn.h"
#include "cmd/log_search.h"
#include "base/list.h"

enum { LINKS_MAX = 1 << 20, CHAIN_MAX = 64, LINES_MAX = 2000, VERDICTS_MAX = 500 };

struct link {
    uint32_t parent, child; /* serials */
};

/* One message of the chain, as last seen. */
struct member {
    uint32_t serial;
    struct queue_id id; /* set once seen */
    uint32_t parent;    /* its serial; 0: it has none */
    json_t *message;    /* NULL until seen */
    json_t *verdicts;
};

struct explain {
    struct queue_id id;
    struct span host; /* empty: of any */
    struct pipeline *pipeline;
    struct list links; /* struct link */
    struct member member[CHAIN_MAX];
    int members;
    struct list lines;    /* explain_line's */
    struct site *learned; /* what the first pass knew of the site at its end */
};

static struct member *find_member(struct explain *e, uint32_t serial)
{
    for (int i = 0; i < e->members; i++)
        if (e->member[i].serial == serial)
            return &e->member[i];
    return NULL;
}

static struct member *add_member(struct explain *e, uint32_t serial)
{
    struct member *m = find_member(e, serial);

    /* At the bound m is NULL: the chain is then shown without its rest. */
    if (m || e->members == CHAIN_MAX)
        return m;
    m = &e->member[e->members++];
    *m = (struct member){.serial = serial, .verdicts = json_array()};
    return m;
}

/* --- first: what is linked -------------------------------------------------------------------- */

static void on_link(void *ctx, const struct message *parent, const struct message *child)
{
    struct explain *e = ctx;
    struct link *link = list_add(&e->links, sizeof(*link), LINKS_MAX);

    if (link)
        *link = (struct link){parent->serial, child->serial};
}

static struct span host_of(const struct explain *e, const struct message *m)
{
    return intern_span(hosts_of(&e->pipeline->hosts, m->source)->name);
}

static void find_target(void *ctx, const struct pipeline_line *line)
{
    struct explain *e = ctx;

    if (line->message && queue_id_equal(line->message->id, e->id) &&
        (!e->host.len || span_equal_nocase(host_of(e, line->message), e->host)))
        add_member(e, line->message->serial);
}

/* Adds everything linked with the target, up and down. */
static void close_chain(struct explain *e)
{
    const struct link *link = e->links.items;
    int before;

    /* A pass may add a message whose own links came earlier in the list, hence the repeats. */
    do {
        before = e->members;
        for (size_t i = 0; i < e->links.count; i++) {
            if (!find_member(e, link[i].parent) && !find_member(e, link[i].child))
                continue;
            add_member(e, link[i].parent);
            struct member *child = add_member(e, link[i].child);
            if (child)
                child->parent = link[i].parent;
        }
    } while (e->members > before && e->members < CHAIN_MAX);
}

/* --- then: lines and verdicts ----------------------------------------------------------------- */

static struct member *remember(struct explain *e, const struct message *m)
{
    struct member *member = find_member(e, m->serial);

    if (!member)
        return NULL;
    /* The last sight counts: it has the final state. So each replaces the one before. */
    json_decref(member->message);
    member->message = message_report_to_json(e->pipeline, m);
    member->id = m->id;
    return member;
}

static void store_line(struct explain *e, const struct pipeline_line *line, struct span host,
                       struct queue_id id)
{
    json_t **stored = list_add(&e->lines, sizeof(*stored), LINES_MAX);
    char text[QUEUE_ID_TEXT_MAX];

    if (stored)
        *stored = explain_line(line->header, line->text, host, span_str(queue_id_print(id, text)));
}

static bool is_member(const struct explain *e, struct span host, struct queue_id id)
{
    for (int i = 0; i < e->members; i++)
        if (queue_id_equal(e->member[i].id, id) &&
            span_equal_nocase(span_str(text_of(e->member[i].message, "host")), host))
            return true;
    return false;
}

/* A program other than Postfix, such as a milter, names a message without being part of it. */
static void on_line(void *ctx, const struct pipeline_line *line)
{
    const struct message *m = line->message;
    struct explain *e = ctx;
    struct queue_id id;

    if (!line->header)
        return;
    struct span host = pipeline_host_name(e->pipeline, line->header->host);
    if (m ? remember(e, m) != NULL
          : message_report_queue_id(line->header->text, &id) && is_member(e, host, id))
        store_line(e, line, m ? host_of(e, m) : host, m ? m->id : id);
}

static void on_verdict(void *ctx, const struct message *m, const struct recipient *r,
                       enum verdict verdict, int kind)
{
    struct explain *e = ctx;
    struct member *member = remember(e, m);

    if (!member || json_array_size(member->verdicts) == VERDICTS_MAX)
        return;
    json_t *one = json_object();
    json_object_set_new(one, "kind",
                        kind >= 0 ? json_string(kind_name((enum kind)kind)) : json_null());
    json_object_set_new(one, "why", json_string(verdict_text(verdict)));
    if (r) {
        json_object_set_new(one, "recipient_domain", text_json(intern_span(r->text)));
        json_object_set_new(one, "class", json_string(class_name((enum domain_class)r->class)));
        message_report_set_evidence(one, e->pipeline, r);
        json_object_set_new(one, "status", json_string(status_name((enum status)r->status)));
    } else {
        message_report_set_notice(one, e->pipeline, m, verdict);
    }
    json_array_append_new(member->verdicts, one);
}

/* --- showing it ------------------------------------------------------------------------------- */

static void finish_member(struct explain *e, struct member *m)
{
    const struct member *parent = m->parent ? find_member(e, m->parent) : NULL;
    const json_t *of = parent ? parent->message : NULL;

    for (int i = 0; i < 2; i++) {
        static const char *const names[][2] = {{"parent", "queue_id"}, {"parent_host", "host"}};
        json_t *value = json_object_get(of, names[i][1]);
        json_object_set_new(m->message, names[i][0], value ? json_incref(value) : json_null());
    }
    json_object_set(m->message, "verdicts", m->verdicts);
}

/* In the order of their hops. */
static json_t *messages_of(struct explain *e)
{
    int parent[CHAIN_MAX], order[CHAIN_MAX];
    json_t *messages = json_array();

    for (int i = 0; i < e->members; i++) {
        const struct member *of = e->member[i].parent ? find_member(e, e->member[i].parent) : NULL;
        parent[i] = of ? (int)(of - e->member) : -1;
    }
    hop_order(parent, e->members, order);
    for (int i = 0; i < e->members; i++) {
        struct member *m = &e->member[order[i]];
        if (!m->message)
            continue;
        finish_member(e, m);
        json_array_append(messages, m->message);
    }
    return messages;
}

static void show(struct explain *e, const struct command_options *options)
{
    json_t *messages = messages_of(e);

    explain_show_messages(options, messages);
    explain_show_lines(options, messages, &e->lines, LINES_MAX);
    json_decref(messages);
}

/* --- the command ------------------------------------------------------------------------------ */

/* Each time with a new site, because a site learns from the log it reads. The second time it knows
 * what the first has learned: verdicts are by what the whole log shows. */
static int read_once(struct explain *e, const struct command_options *options, struct input *input,
                     bool second)
{
    struct setup setup = {.site = NULL};
    int status = setup_init(&setup, options);

    if (status != 0) {
        setup_done(&setup);
        return status;
    }
    if (e->learned)
        site_set_seed(setup.site, site_seed(e->learned));
    struct learner *learner = learn_from(&setup, input);
    /* Only the second pass knows whose lines and verdicts are wanted. */
    struct pipeline_options p = {.settings = &setup.settings,
                                 .site = setup.site,
                                 .seed = site_seed(setup.site),
                                 .zone = clock_local_zone,
                                 .on_line = second ? on_line : find_target,
                                 .on_line_ctx = e,
                                 .on_verdict = second ? on_verdict : NULL,
                                 .on_verdict_ctx = e,
                                 .on_link = second ? NULL : on_link,
                                 .on_link_ctx = e};
    if (e->learned)
        site_learn_from(setup.site, e->learned);
    e->pipeline = pipeline_new(&p);
    if (learner && e->pipeline)
        learner_tell(learner, setup.site, e->pipeline);
    learner_free(learner);
    status = e->pipeline ? judge_input(input, e->pipeline, NULL, NULL) : EXIT_CANNOT;
    if (e->pipeline) {
        pipeline_finish(e->pipeline);
        if (second && status == 0)
            status = judge_input_remarks(input, e->pipeline);
        pipeline_free(e->pipeline);
    }
    if (!second) {
        e->learned = setup.site;
        setup.site = NULL;
    }
    setup_done(&setup);
    return status;
}

static void explain_done(struct explain *e)
{
    for (int i = 0; i < e->members; i++) {
        json_decref(e->member[i].message);
        json_decref(e->member[i].verdicts);
    }
    list_done(&e->links);
    explain_lines_done(&e->lines);
    site_free(e->learned);
    free(e);
}

static int explain(const struct command_options *options, struct explain *e, struct input *input)
{
    int status = read_once(e, options, input, false);

    close_chain(e);
    if (status == 0)
        status = read_once(e, options, input, true);
    if (status != 0)
        return status;
    if (!e->members) {
        complain("%s%s%s is in none of these logs", options->arg[0], options->host ? " on " : "",
                 text_or_empty(options->host));
        return 1;
    }
    show(e, options);
    return 0;
}

static int explain_input(const struct command_options *options, struct input *input)
{
    struct explain *e = calloc(1, sizeof(*e));
    struct span id = span_str(options->arg[0]);
    int status = EXIT_CANNOT;

    if (e && options->host)
        e->host = span_str(options->host);
    if (e && queue_id_parse(id, &e->id) == id.len)
        status = explain(options, e, input);
    if (e)
        explain_done(e);
    return status;
}

static int open_source(void *ctx, const struct source_options *options, struct source **ret)
{
    return log_search_open(ctx, options, ret);
}

/* Without FILE: what the daemon remembers, or else its log. */
static int explain_known(const struct command_options *options)
{
    struct input *input = NULL;
    json_t *log = NULL;
    wall_us since;
    int status = explain_from_daemon(options, &log, &since);

    if (log && (status = input_open_log(open_source, log, since, &input)) == 0)
        status = explain_input(options, input);
    input_close(input);
    json_decref(log);
    return status;
}

/* HOST/QUEUEID is --host HOST QUEUEID. */
static struct command_options parted(const struct command_options *options)
{
    struct command_options copy = *options;
    char *slash = strrchr(options->arg[0], '/');

    if (slash && slash > options->arg[0]) {
        *slash = '\0';
        copy.host = options->arg[0];
        options->arg[0] = slash + 1;
    }
    return copy;
}

int explain_run(const struct command_options *given)
{
    const struct command_options options = parted(given);
    struct span id = span_str(options.arg[0]);
    struct input *input = NULL;
    struct queue_id parsed;

    if (!id.len || queue_id_parse(id, &parsed) != id.len) {
        complain("\"%s\" is not a queue ID: six or more of 0-9 and A-F, or a long one with a \"z\"",
                 options.arg[0]);
        return EXIT_CANNOT;
    }
    if (options.arg_count == 1)
        return explain_known(&options);
    int status = input_open(options.arg + 1, options.arg_count - 1, false, &input);
    if (status == 0)
        status = explain_input(&options, input);
    input_close(input);
    return status;
}
