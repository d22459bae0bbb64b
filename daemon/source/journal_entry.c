/* SPDX-License-Identifier: MIT */
/*
 * Fields are enumerated rather than asked for by name: one pass, which can stop as soon as
 * everything usual was seen.
 */
#include "source/journal_entry.h"

#include <errno.h>
#include <string.h>

#include "parse/program.h"

enum { UID_OF_PERSONS = 1000 }; /* login.defs: UID_MIN */

static const struct {
    struct span name;
    enum journal_field field;
} names[] = {
    {{"_HOSTNAME", 9}, FIELD_HOST},
    {{"SYSLOG_IDENTIFIER", 17}, FIELD_IDENTIFIER},
    {{"SYSLOG_PID", 10}, FIELD_PID},
    {{"_PID", 4}, FIELD_PID},
    {{"_UID", 4}, FIELD_UID},
    {{"_EXE", 4}, FIELD_EXE},
    {{"_SYSTEMD_UNIT", 13}, FIELD_UNIT},
    {{"_SOURCE_REALTIME_TIMESTAMP", 26}, FIELD_SOURCE_TIME},
    {{"MESSAGE_ID", 10}, FIELD_MESSAGE_ID},
    {{"N_DROPPED", 9}, FIELD_DROPPED},
    {{"OBJECT_SYSTEMD_UNIT", 19}, FIELD_OBJECT_UNIT},
};

static struct span field(const struct journal_entry *entry, enum journal_field field)
{
    return span_of(entry->text[field], entry->len[field]);
}

static void store_message(struct journal_entry *entry, struct span value)
{
    if (entry->has_message) /* a second MESSAGE= is ignored */
        return;
    entry->has_message = true;
    entry->cut = value.len > SOURCE_LINE_MAX;
    if (entry->cut)
        value.len = SOURCE_LINE_MAX;
    if (value.len)
        memcpy(entry->message, value.at, value.len);
    entry->public.message = span_of(entry->message, value.len);
}

static void store_field(struct journal_entry *entry, struct span name, struct span value)
{
    if (span_equal(name, SPAN("MESSAGE"))) {
        store_message(entry, value);
        return;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        enum journal_field f = names[i].field;

        if (!span_equal(name, names[i].name))
            continue;
        /* SYSLOG_PID wins over _PID: it is what a syslog file would show. */
        if (entry->len[f] > 0 && name.at[0] == '_')
            return;
        entry->len[f] = value.len < JOURNAL_FIELD_MAX ? value.len : JOURNAL_FIELD_MAX;
        memcpy(entry->text[f], value.at, entry->len[f]);
        return;
    }
}

/* Everything an ordinary entry can have was found, so the rest need not be unpacked. An entry's
 * fields lie in the order in which their values first occurred in the journal; message and time are
 * new in each entry and so come last. Hence they are tested first. */
static bool is_complete(const struct journal_entry *entry)
{
    static const enum journal_field usual[] = {FIELD_SOURCE_TIME, FIELD_HOST, FIELD_IDENTIFIER,
                                               FIELD_PID,         FIELD_UID,  FIELD_EXE,
                                               FIELD_UNIT};

    if (!entry->has_message)
        return false;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (entry->len[usual[i]] == 0)
            return false;
    return true;
}

static int64_t number(struct span text)
{
    uint64_t n;

    return span_take_number(&text, &n) && text.len == 0 ? (int64_t)n : -1;
}

/* "postfix.service", "postfix@-.service" */
static bool is_postfix_unit(struct span unit)
{
    return span_equal(unit, SPAN("postfix.service")) ||
           (span_starts(unit, SPAN("postfix@")) && span_ends(unit, SPAN(".service")));
}

/* journald recorded the path in _EXE: a sender can't choose it. "/../" is refused, because the
 * kernel never reports it. */
static bool is_postfix_daemon(struct span exe)
{
    static const struct span directories[] = {{"/usr/lib/postfix/", 17},
                                              {"/usr/libexec/postfix/", 21},
                                              {"/usr/local/libexec/postfix/", 27}};

    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (span_starts(exe, directories[i]) && !memmem(exe.at, exe.len, "/../", 4))
            return true;
    return false;
}

static bool is_postfix_command(struct span exe)
{
    static const struct span programs[] = {
        {"sendmail", 8},  {"sendmail.postfix", 16}, {"postdrop", 8},       {"postqueue", 9},
        {"postsuper", 9}, {"postlog", 7},           {"postconf", 8},       {"postfix", 7},
        {"postmap", 7},   {"postalias", 9},         {"postmulti", 9},      {"postcat", 7},
        {"postkick", 8},  {"postlock", 8},          {"posttls-finger", 14}};
    ptrdiff_t slash = span_find_last(exe, '/');

    if (!span_equal(span_head(exe, (size_t)(slash + 1)), SPAN("/usr/sbin/")) &&
        !span_equal(span_head(exe, (size_t)(slash + 1)), SPAN("/usr/bin/")))
        return false;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (span_equal(span_skip(exe, (size_t)slash + 1), programs[i]))
            return true;
    return false;
}

/* postlog(1) writes what any user tells it to, and a .forward file runs any program in Postfix's
 * unit. So a user's entry counts only where the tag says that it is about no message. */
static bool is_harmless(struct span exe, struct span identifier)
{
    struct span instance;

    return is_postfix_command(exe) && program_of_tag(identifier, &instance) == PROGRAM_OTHER;
}

/* journald takes the unit from the sender's cgroup, which no user can enter. amavis counts in its
 * own name only. */
static bool is_amavis(const struct source_entry *e)
{
    struct span instance;

    return e->uid > 0 && e->uid < UID_OF_PERSONS &&
           (span_equal(e->unit, SPAN("amavis.service")) ||
            span_equal(e->unit, SPAN("amavisd.service"))) &&
           program_of_tag(e->identifier, &instance) == PROGRAM_AMAVIS;
}

bool journal_sender_allowed(const struct source_entry *e, const struct journal_senders *senders)
{
    struct span exe = e->exe;

    if (exe.len == 0 && e->unit.len == 0 && e->uid < 0)
        return true;
    if (e->uid == 0 || (e->uid > 0 && e->uid == senders->postfix_uid) || is_amavis(e))
        return true;
    /* After an upgrade the old daemons keep running, and the kernel marks their files so. */
    if (span_ends(exe, SPAN(" (deleted)")))
        exe.len -= 10;
    if (e->uid < 0)
        return is_postfix_unit(e->unit) || is_postfix_daemon(exe);
    /* On another machine Postfix's user may have another uid, but not a person's. */
    return (senders->elsewhere && e->uid < UID_OF_PERSONS && is_postfix_unit(e->unit) &&
            is_postfix_daemon(exe)) ||
           is_harmless(exe, e->identifier);
}

static void interpret_suppressed(struct journal_entry *entry)
{
    struct span unit = field(entry, FIELD_OBJECT_UNIT);
    struct span text = unit.len ? unit : entry->public.message;
    int64_t n = number(field(entry, FIELD_DROPPED));

    entry->suppressed = text.len && memmem(text.at, text.len, "postfix", 7) != NULL;
    entry->other_suppressed = !entry->suppressed;
    if (n < 0) { /* "Suppressed 17 messages from ..." */
        uint64_t dropped;
        text = entry->public.message;
        if (span_take(&text, SPAN("Suppressed ")) && span_take_number(&text, &dropped))
            n = (int64_t)dropped;
    }
    entry->dropped = n > 0 ? (uint64_t)n : 1;
}

static void interpret(struct journal_entry *entry, const struct journal_senders *senders)
{
    struct source_entry *e = &entry->public;
    int64_t source_time = number(field(entry, FIELD_SOURCE_TIME));

    e->host = field(entry, FIELD_HOST);
    e->identifier = field(entry, FIELD_IDENTIFIER);
    e->exe = field(entry, FIELD_EXE);
    e->unit = field(entry, FIELD_UNIT);
    e->pid = number(field(entry, FIELD_PID));
    e->uid = number(field(entry, FIELD_UID));
    if (source_time > 0)
        e->when = source_time;
    e->refused = senders && !journal_sender_allowed(e, senders);
    if (span_equal(field(entry, FIELD_MESSAGE_ID), SPAN(JOURNAL_SUPPRESSED)))
        interpret_suppressed(entry);
}

int journal_entry_read(sd_journal *journal, uint64_t realtime, struct journal_entry *entry,
                       const struct journal_senders *senders)
{
    const void *data;
    size_t len;
    int r;

    memset(entry, 0, offsetof(struct journal_entry, text));
    sd_journal_restart_data(journal);
    while ((r = sd_journal_enumerate_available_data(journal, &data, &len)) > 0) {
        struct span whole = span_of(data, len);
        ptrdiff_t equals = span_find(whole, '=');

        if (equals < 0)
            continue;
        store_field(entry, span_head(whole, (size_t)equals), span_skip(whole, (size_t)equals + 1));
        if (is_complete(entry))
            break;
    }
    if (r < 0)
        return r;
    entry->public.when = (wall_us)realtime;
    interpret(entry, senders);
    return 0;
}
