/* SPDX-License-Identifier: MIT */
#include "parse/log_form.h"

#include "parse/queue_id.h"

/* --- bytes ------------------------------------------------------------------------------------ */

#define WRITES_UTF16 "UTF-16, as Windows PowerShell's > writes it"

static const struct {
    struct span start;
    struct log_form form;
} packed[] = {
    {SPAN("\xff\xfe"), {WRITES_UTF16, "iconv -f UTF-16 -t UTF-8", NULL}},
    {SPAN("\xfe\xff"), {"UTF-16", "iconv -f UTF-16 -t UTF-8", NULL}},
    {SPAN("\xfd"
          "7zXZ"),
     {"compressed with xz", "xz -dc", NULL}},
    {SPAN("BZh"), {"compressed with bzip2", "bzip2 -dc", NULL}},
    {SPAN("\x04\x22\x4d\x18"), {"compressed with lz4", "lz4 -dc", NULL}},
    {SPAN("PK\x03\x04"), {"a zip archive", "unzip -p", NULL}},
    {SPAN("7z\xbc\xaf"), {"compressed with 7-Zip", "7z x -so", NULL}},
    {SPAN("LPKSHHRH"), {"a journal", NULL, "give it a name that ends in .journal"}},
};

/* Every other byte of what is in ASCII, and begins without a mark. */
static bool is_utf16(struct span head)
{
    enum { LOOK = 64 };

    for (size_t i = 0; i < LOOK; i++)
        if (i >= head.len || (head.at[i] == '\0') != (i % 2 == 1))
            return false;
    return true;
}

/* --- text ------------------------------------------------------------------------------------- */

static const struct log_form
    utf16 = {WRITES_UTF16, "iconv -f UTF-16LE -t UTF-8", NULL},
    object = {"JSON over several lines", "jq -c .", NULL},
    entry = {"the output of journalctl -o json-pretty", "jq -c .", NULL},
    array = {"an array of JSON", "jq -c '.[]'", NULL},
    events = {"an array of JSON in another object", "jq -c '.events[]'", NULL},
    page = {"a page of HTML", NULL, "save it as text"},
    export = {"the output of journalctl -o export", NULL, "use -o short-iso-precise"},
    verbose = {"the output of journalctl -o verbose", NULL, "use -o short-iso-precise"},
    monotonic = {"the output of journalctl -o short-monotonic, which counts seconds since the boot "
                 "and has no date",
                 NULL, "use -o short-iso-precise, short or json"},
    delta = {"the output of journalctl -o short-delta, which counts seconds since the boot and has "
             "no date",
             NULL, "use -o short-iso-precise, short or json"},
    bare = {"a log without dates and programs, like the output of "
            "journalctl -o cat",
            NULL, "use -o short-iso-precise"};

/* The next line that is not empty, nor journalctl's ("-- Boot 5c1e77a0b9d2 --"). */
static struct span next_line(struct span *rest)
{
    struct span line = SPAN_NONE;

    while (span_take_line(rest, &line))
        if (span_trim(line).len && !span_starts(line, SPAN("-- ")))
            return line;
    return SPAN_NONE;
}

static const struct log_form *form_of_json(struct span first, struct span rest)
{
    struct span second = span_trim(next_line(&rest));

    first = span_trim(first);
    if (span_starts(first, SPAN("[")) &&
        (first.len == 1 || span_starts(span_trim(span_skip(first, 1)), SPAN("{"))))
        return &array;
    if (!span_equal(first, SPAN("{")) || !span_starts(second, SPAN("\"")))
        return NULL;
    if (span_starts(second, SPAN("\"events\"")))
        return &events;
    return memmem(rest.at, rest.len, "\"__REALTIME_TIMESTAMP\"", 22) ? &entry : &object;
}

/* "    _HOSTNAME=mx1" */
static bool is_field(struct span line)
{
    if (!span_take(&line, SPAN("    ")))
        return false;
    ptrdiff_t end = span_find(line, '=');
    for (ptrdiff_t i = 0; i < end; i++)
        if (line.at[i] != '_' && (line.at[i] < 'A' || line.at[i] > 'Z') && !is_digit(line.at[i]))
            return false;
    return end > 0;
}

/* "[  123.456789] mx1 postfix/qmgr[812]: ...", and with -o short-delta, first and later,
 * "[  123.456789                ] mx1 ..." and "[  124.456789 <    1.000000 >] mx1 ..." */
static const struct log_form *form_of_seconds(struct span line)
{
    uint64_t number;

    if (!span_take(&line, SPAN("[")))
        return NULL;
    line = span_trim(line);
    if (!span_take_number(&line, &number) || !span_take(&line, SPAN(".")) ||
        !span_take_number(&line, &number))
        return NULL;
    if (span_take(&line, SPAN("] ")))
        return &monotonic;
    bool is_delta = span_take(&line, SPAN(" <")) || span_take(&line, SPAN("   "));
    return is_delta && span_find(line, ']') >= 0 ? &delta : NULL;
}

/* What Postfix's records begin with. */
static bool is_bare(struct span line)
{
    struct queue_id id;
    size_t len = queue_id_parse(line, &id);

    return (len && span_starts(span_skip(line, len), SPAN(": "))) ||
           span_starts(line, SPAN("connect from ")) ||
           span_starts(line, SPAN("disconnect from ")) || span_starts(line, SPAN("NOQUEUE: "));
}

static const struct log_form *form_of_text(struct span rest)
{
    enum { LINES = 4 }; /* to look at: an entry may begin with its date */
    struct span first = next_line(&rest), line = first;
    const struct log_form *json = form_of_json(first, rest), *seconds;

    if (json)
        return json;
    if (span_starts(first, SPAN("<!DOCTYPE ")) || span_starts(first, SPAN("<html")))
        return &page;
    if (span_starts(first, SPAN("__CURSOR=")))
        return &export;
    for (int i = 0; i < LINES && line.len; i++, line = next_line(&rest))
        if (is_field(line))
            return &verbose;
        else if ((seconds = form_of_seconds(line)) != NULL)
            return seconds;
        else if (is_bare(line))
            return &bare;
    return NULL;
}

const struct log_form *log_form_of(struct span head)
{
    for (size_t i = 0; i < sizeof(packed) / sizeof(*packed); i++)
        if (span_starts(head, packed[i].start))
            return &packed[i].form;
    return is_utf16(head) ? &utf16 : form_of_text(head);
}

/* No line has "=<", which a log of Postfix is full of. A single line can't tell: a stranger may
 * write "&lt;" into it. */
const struct log_form *log_form_of_lines(struct span head)
{
    static const struct log_form escaped = {
        "escaped as HTML",
        "sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&amp;/\\&/g'",
        NULL,
    };
    static const char *const begins[] = {": from=&lt;", ": to=&lt;", ": message-id=&lt;"};

    if (head.len == 0 || memmem(head.at, head.len, "=<", 2))
        return NULL;
    for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
        if (memmem(head.at, head.len, begins[i], strlen(begins[i])))
            return &escaped;
    return NULL;
}
