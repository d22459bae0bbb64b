/* SPDX-License-Identifier: MIT */
/*
 * In this order: what [source] says, what Postfix says (maillog_file), a readable journal, the
 * usual files. The reason is kept with the choice, because "why does it read that log" is what
 * people ask first.
 */
#include "source/source_select.h"

#include <inttypes.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"
#include "source/source_file.h"
#include "source/source_journal.h"
#include "source/source_kafka.h"
#include "source/source_kind.h"

static bool choose(struct source_choice *ret, enum source_type type, const char *files,
                   const char *text, const char *why)
{
    static const char *const ids[] = {
        [SOURCE_JOURNAL] = "journal", [SOURCE_FILE] = "files", [SOURCE_KAFKA] = "kafka"};

    snprintf(ret->id, sizeof(ret->id), "%s", ids[type]);
    ret->type = type;
    ret->files = strdup(files);
    ret->text = strdup(text);
    ret->why = strdup(why);
    return ret->files && ret->text && ret->why;
}

#define ID_OWN "log-" /* and a number for the path */

bool source_id_is_own(const char *id)
{
    return span_starts(span_str(id), SPAN(ID_OWN));
}

/* Each has a position of its own, so that Postfix may go from one to another and back. */
static bool choose_own(const char *path, struct source_choice *ret)
{
    bool ok = choose(ret, SOURCE_FILE, path, path, "Postfix logs there itself: maillog_file");

    snprintf(ret->id, sizeof(ret->id), ID_OWN "%016" PRIx64, hash_any(span_str(path), 0, false));
    ret->own = true;
    return ok;
}

/* If nothing can be read yet, still chooses something to wait for: the log may appear, or
 * permissions may be fixed. */
static bool choose_automatically(const char *maillog, struct source_choice *ret)
{
    static const char *const usual[] = {"/var/log/mail.log", "/var/log/maillog"};

    ret->automatic = true;
    if (maillog && maillog[0])
        return choose_own(maillog, ret);
    if (source_journal_exists() && source_journal_has_entries())
        return choose(ret, SOURCE_JOURNAL, "", "the journal",
                      "systemd is running, and the journal can be read");
    for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
        if (access(usual[i], R_OK) == 0)
            return choose(ret, SOURCE_FILE, usual[i], usual[i],
                          source_journal_exists()
                              ? "the file is there, and the journal can't be read"
                              : "the file is there, and there is no journal");
    if (source_journal_exists()) {
        ret->warning = strdup("nothing can be read yet: neither the journal (is the user in the "
                              "group systemd-journal?) nor /var/log/mail.log (group adm)");
        return choose(ret, SOURCE_JOURNAL, "", "the journal", "systemd is running");
    }
    ret->warning = strdup("there is no log yet: neither a journal nor /var/log/mail.log nor "
                          "/var/log/maillog; waiting for /var/log/mail.log");
    return choose(ret, SOURCE_FILE, usual[0], usual[0], "it is where Debian's Postfix logs");
}

static bool names_kafka(const struct settings *settings)
{
    return settings->source.type == SOURCE_KAFKA ||
           (settings->source.type == SOURCE_AUTO && settings->source.kafka_topics[0]);
}

static bool choose_kafka(const struct settings *settings, struct source_choice *ret)
{
    struct buf text = buf_new(256);
    struct span topics = span_str(settings->source.kafka_topics);

    buf_printf(&text, "Kafka: %.*s", (int)(topics.len < 200 ? topics.len : 200), topics.at);
    bool ok = !text.failed && choose(ret, SOURCE_KAFKA, "", text.at, "[source] says so");
    buf_done(&text);
    return ok;
}

bool source_select(const struct settings *settings, const char *maillog, struct source_choice *ret)
{
    const char *directory = settings->source.journal_directory;
    bool names_journal = directory[0] || settings->source.journal_namespace[0];

    *ret = (struct source_choice){.type = SOURCE_JOURNAL};
    if (names_kafka(settings))
        return choose_kafka(settings, ret);
    if (settings->source.type == SOURCE_JOURNAL ||
        (settings->source.type == SOURCE_AUTO && names_journal))
        return choose(ret, SOURCE_JOURNAL, "", directory[0] ? directory : "the journal",
                      "[source] says so");
    if (settings->source.files[0])
        return choose(ret, SOURCE_FILE, settings->source.files, settings->source.files,
                      "[source] files");
    if (settings->source.type == SOURCE_FILE) {
        ret->warning = strdup("[source] type = file names no files; reading /var/log/mail.log");
        return choose(ret, SOURCE_FILE, "/var/log/mail.log", "/var/log/mail.log",
                      "the default file");
    }
    return choose_automatically(maillog, ret);
}

/* A word of [source] files: the file's name, a glob that matches it, or another name of it. */
static int is_word(void *ctx, const char *word, size_t len)
{
    const char *path = ctx;
    char name[PATH_MAX];
    struct stat a, b;

    if (len >= sizeof(name))
        return 0;
    memcpy(name, word, len);
    name[len] = '\0';
    return fnmatch(name, path, FNM_PATHNAME) == 0 || (stat(name, &a) == 0 && stat(path, &b) == 0 &&
                                                      a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

bool source_choice_has(const struct source_choice *choice, const char *path)
{
    return choice->type == SOURCE_FILE &&
           source_each_word(choice->files, is_word, (void *)(uintptr_t)path);
}

int source_open_log(const struct settings *settings, const char *files,
                    const struct source_options *options, int64_t now_us, struct source **ret)
{
    struct source_journal_options journal = {
        .directory = settings->source.journal_directory,
        .name_space = settings->source.journal_namespace,
        .check_sender = settings->source.journal_check_sender,
    };

    if (!files[0] && names_kafka(settings))
        return source_open_kafka(settings->source.kafka_socket, settings->source.kafka_brokers,
                                 options, now_us, ret);
    if (!files[0])
        return source_open_journal(&journal, options, now_us, ret);
    return source_open_files(files, settings->source.rotated, options, now_us, ret);
}

void source_choice_done(struct source_choice *choice)
{
    free(choice->files);
    free(choice->text);
    free(choice->why);
    free(choice->warning);
    *choice = (struct source_choice){.type = SOURCE_JOURNAL};
}
