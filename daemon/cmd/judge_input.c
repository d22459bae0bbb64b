/* SPDX-License-Identifier: MIT */
#include "cmd/judge_input.h"

#include "cmd/parse_thread.h"
#include "common/command.h"
#include "common/complain.h"

static void lines_to_thread(void *ctx, const char *data, size_t len)
{
    parse_thread_lines(ctx, data, len);
}

static void entry_to_thread(void *ctx, const struct syslog_header *header)
{
    parse_thread_entry(ctx, header);
}

static void reference_to_thread(void *ctx, wall_us reference)
{
    parse_thread_set_reference(ctx, reference);
}

static void lines_to_pipeline(void *ctx, const char *data, size_t len)
{
    pipeline_lines(ctx, data, len);
}

static void entry_to_pipeline(void *ctx, const struct syslog_header *header)
{
    pipeline_entry(ctx, header);
}

static void reference_to_pipeline(void *ctx, wall_us reference)
{
    pipeline_set_reference(ctx, reference);
}

int judge_input(struct input *input, struct pipeline *pipeline, input_progress *progress, void *ctx)
{
    struct parse_thread *thread = parse_thread_new(pipeline);
    const struct input_sink direct = {lines_to_pipeline, entry_to_pipeline, reference_to_pipeline,
                                      NULL, pipeline};
    const struct input_sink threaded = {lines_to_thread, entry_to_thread, reference_to_thread, NULL,
                                        thread};
    int status =
        input_read(input, thread ? &threaded : &direct,
                   pipeline->options.settings->source.journal_check_sender, false, progress, ctx);

    /* From here on the pipeline is this thread's again. */
    if (thread)
        parse_thread_end(thread);
    pipeline->counters.refused_sender += input_refused(input);
    return status;
}

int judge_input_remarks(const struct input *input, const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    const char *what = input_name(input);

    /* Remarks only. Just the case in which nothing could be read is an error: who passes an empty
     * file, or the output of a command that failed, must not take it for a quiet server. */
    if (c->lines == c->empty) {
        complain("%s: %s", what,
                 input_has_journal(input) ? "there is no entry of mail in it that may be read"
                                          : "there is nothing in it");
        return input_is_named(input) ? EXIT_CANNOT : 0;
    }
    if (c->not_syslog == c->lines - c->empty) {
        complain("%s: none of its %llu lines is in a known syslog form, with a date and a "
                 "program's name (LOG FORMS in relaywatch(8) says what is read)",
                 what, (unsigned long long)c->lines);
        return EXIT_CANNOT;
    } else if (c->no_program > c->postfix) {
        complain("%s: %llu lines of Postfix don't say which program wrote them: rsyslog's "
                 "RSYSLOG_SyslogProtocol23Format cuts it off (set "
                 "global(parser.permitSlashInProgramName=\"on\") there, or use another template), "
                 "and journalctl -o with-unit prints the unit's name (use -o short-precise)",
                 what, (unsigned long long)c->no_program);
        return EXIT_CANNOT;
    } else if (c->not_syslog > (c->lines - c->empty) / 2)
        complain("%s: %llu of its %llu lines are in no known syslog form", what,
                 (unsigned long long)c->not_syslog, (unsigned long long)c->lines);
    else if (c->postfix == 0)
        complain("%s: none of its %llu lines is from Postfix; is this the mail log?", what,
                 (unsigned long long)c->lines);
    return 0;
}
