/* SPDX-License-Identifier: MIT */
#include "parse/refused_by.h"

#include "base/mail_address.h"

#define DOTS "..."

/* RELAY_MAX: of a relay's name, which Postfix took from DNS or from its settings. ID_MIN: shorter
 * words are no IDs. */
enum { RELAY_MAX = 90, REPLY_MAX = 160, ID_MIN = 7, ID_DIGITS = 2 };

enum address_class refused_by_table(const struct record *rec)
{
    static const struct {
        struct span words;
        enum address_class addresses;
    } tables[] = {
        {SPAN("User unknown in virtual alias table"), ADDRESS_VIRTUAL_ALIAS},
        {SPAN("User unknown in virtual mailbox table"), ADDRESS_VIRTUAL_MAILBOX},
        {SPAN("User unknown in local recipient table"), ADDRESS_LOCAL},
        {SPAN("User unknown in relay recipient table"), ADDRESS_RELAY},
    };

    if (rec->program != PROGRAM_ERROR && rec->program != PROGRAM_CLEANUP)
        return ADDRESS_UNKNOWN;
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        if (span_starts(rec->reply, tables[i].words))
            return tables[i].addresses;
    return ADDRESS_UNKNOWN;
}

/* --- the reply -------------------------------------------------------------------------------- */

/* Without what smtp(8) and lmtp(8) add: "host NAME[ADDRESS] said: ... (in reply to X command)". */
static struct span remote_words(struct span s)
{
    struct span rest = s;
    ptrdiff_t open, blank;

    if (!span_take(&rest, SPAN("host ")) || (blank = span_find(rest, ' ')) < 0)
        return s;
    rest = span_skip(rest, (size_t)blank);
    if (!span_take(&rest, SPAN(" said: ")) && !span_take(&rest, SPAN(" refused to talk to me: ")))
        return s;
    open = span_find_last(rest, '(');
    if (open >= 0 && span_starts(span_skip(rest, (size_t)open), SPAN("(in reply to ")))
        rest.len = (size_t)open;
    return span_trim_end(rest);
}

/* "550-5.1.1", "4.2.2" */
static bool is_code(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_digit(word.at[i]) && word.at[i] != '.' && word.at[i] != '-')
            return false;
    return word.at[0] == '4' || word.at[0] == '5';
}

/* A session's ID, a queue ID, a time, a client's address. */
static bool is_id(struct span word)
{
    size_t digits = 0;

    for (size_t i = 0; i < word.len; i++)
        digits += is_digit(word.at[i]);
    return word.len >= ID_MIN && digits >= ID_DIGITS && !is_code(word);
}

static bool is_punctuation(char c)
{
    return c == '<' || c == '>' || c == ':' || c == ',' || c == ';' || c == '.' || c == '(' ||
           c == ')' || c == '\'' || c == '[' || c == ']';
}

static struct span without_punctuation(struct span word)
{
    while (word.len && is_punctuation(word.at[0]))
        word = span_skip(word, 1);
    while (word.len && is_punctuation(word.at[word.len - 1]))
        word.len--;
    return word;
}

struct text {
    char *at;
    size_t len, max;
};

static void add(struct text *to, struct span s)
{
    for (size_t i = 0; i < s.len && to->len < to->max; i++)
        to->at[to->len++] = s.at[i] == '"' ? '\'' : printable_char(s.at[i]);
}

/* "550-", which stands before each line but the last. */
static bool has_code_of_line(struct span word)
{
    return word.len > 4 && (word.at[0] == '4' || word.at[0] == '5') && is_digit(word.at[1]) &&
           is_digit(word.at[2]) && word.at[3] == '-';
}

/* Dots for what differs, between the punctuation around it. user: of the recipient's address. */
static void add_word(struct text *to, struct span word, struct span user)
{
    if (has_code_of_line(word)) {
        add(to, span_head(word, 4));
        word = span_skip(word, 4);
    }
    struct span bare = without_punctuation(word);
    bool differs = bare.len && (span_find(bare, '@') >= 0 || is_id(bare) ||
                                (user.len && span_equal_nocase(bare, user)));

    if (!differs) {
        add(to, word);
        return;
    }
    add(to, span_head(word, (size_t)(bare.at - word.at)));
    add(to, SPAN(DOTS));
    add(to, span_skip(word, (size_t)(bare.at - word.at) + bare.len));
}

/* What stands between quotes is a name, which may have some itself: 'unknown user: "bob smith"'. */
static bool take_quoted(struct span *s)
{
    ptrdiff_t end = s->at[0] == '"' ? span_find_last(*s, '"') : 0;

    if (end <= 0)
        return false;
    *s = span_skip(*s, (size_t)end + 1);
    return true;
}

/* "<bob@example.org>", with whatever blanks its name has. */
static bool take_address(struct span *s)
{
    struct span inside = span_skip(*s, 1);
    ptrdiff_t end = s->at[0] == '<' ? mail_address_end(inside) : -1;

    if (end < 0 || span_find(span_head(inside, (size_t)end), '@') < 0)
        return false;
    *s = span_skip(inside, (size_t)end + 1);
    return true;
}

static void add_reply(struct text *to, struct span s, struct span user)
{
    while (s.len && to->len < to->max) {
        ptrdiff_t blank = span_find(s, ' ');
        if (take_quoted(&s)) {
            add(to, SPAN("'" DOTS "'"));
        } else if (take_address(&s)) {
            add(to, SPAN("<" DOTS ">"));
        } else {
            size_t n = blank == 0 ? 1 : blank < 0 ? s.len : (size_t)blank;
            add_word(to, span_head(s, n), user);
            s = span_skip(s, n);
        }
    }
}

static struct span user_of(struct span address)
{
    ptrdiff_t at = span_find_last(address, '@');

    return at > 0 ? span_head(address, (size_t)at) : SPAN_NONE;
}

/* --- the text --------------------------------------------------------------------------------- */

struct span refused_by_print(const struct record *rec, enum address_class addresses, char *buf)
{
    struct text text = {.at = buf, .max = REFUSED_BY_MAX - REPLY_MAX};
    struct span relay = rec->relay.len ? rec->relay : SPAN("none");

    add(&text, span_str(program_name(rec->program)));
    add(&text, SPAN(" "));
    add(&text, span_str(address_class_name(addresses)));
    add(&text, SPAN(" "));
    add(&text, span_head(relay, relay.len < RELAY_MAX ? relay.len : RELAY_MAX));
    add(&text, SPAN(" "));
    text.max = text.len + REPLY_MAX;
    add_reply(&text, remote_words(rec->reply), user_of(rec->recipient));
    return span_of(buf, text.len);
}

struct span refused_by_domain(const struct record *rec, enum address_class addresses, char *buf)
{
    struct text text = {.at = buf, .max = REFUSED_BY_MAX};

    add(&text, span_str(address_class_name(addresses)));
    add(&text, SPAN(" "));
    add(&text, rec->recipient_domain);
    for (size_t i = 0; i < text.len; i++)
        buf[i] = ascii_lower(buf[i]);
    return span_of(buf, text.len);
}

bool refused_by_is_of(struct span text, enum address_class addresses)
{
    return span_take(&text, span_str(address_class_name(addresses))) &&
           span_starts(text, SPAN(" "));
}

struct span refused_by_domain_of(struct span text)
{
    ptrdiff_t blank = span_find(text, ' ');

    return span_skip(text, (size_t)(blank + 1));
}

static enum program program_named(struct span name)
{
    int program = PROGRAM_COUNT - 1;

    while (program > 0 && !span_equal(span_str(program_name((enum program)program)), name))
        program--;
    return (enum program)program;
}

static bool take_word(struct span *s, struct span *ret)
{
    ptrdiff_t blank = span_find(*s, ' ');

    if (blank <= 0)
        return false;
    *ret = span_head(*s, (size_t)blank);
    *s = span_skip(*s, (size_t)blank + 1);
    return true;
}

static bool address_class_named(struct span name, enum address_class *ret)
{
    for (int number = 0; number < ADDRESS_COUNT; number++) {
        *ret = (enum address_class)number;
        if (span_equal(span_str(address_class_name(*ret)), name))
            return true;
    }
    return false;
}

bool refused_by_read(struct span text, struct refused_by *ret)
{
    struct span agent, addresses;

    if (!take_word(&text, &agent) || !take_word(&text, &addresses) ||
        !take_word(&text, &ret->relay) || !address_class_named(addresses, &ret->addresses))
        return false;
    ret->agent = program_named(agent);
    ret->reply = text;
    return true;
}
