/* SPDX-License-Identifier: MIT */
#include "site/postconf_expand.h"

#include "base/buf.h"

#define NAME_MAX_BYTES 256

/* One expansion, with the text so far. */
struct expansion {
    const struct postconf *postconf;
    struct buf out;
    size_t steps;
    bool failed;
};

static void expand(struct expansion *e, struct span text, int depth);

static bool is_name_byte(char c)
{
    return is_digit(c) || c == '_' || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* Cuts "[A-Za-z0-9_]*" off *s. */
static struct span take_name(struct span *s)
{
    size_t n = 0;

    while (n < s->len && is_name_byte(s->at[n]))
        n++;
    struct span name = span_head(*s, n);
    *s = span_skip(*s, n);
    return name;
}

/* *s begins with open: cuts it off up to the matching close, or the end. Returns what is inside. */
static struct span take_enclosed(struct span *s, char open, char close)
{
    size_t depth = 0;

    for (size_t i = 0; i < s->len; i++) {
        depth += s->at[i] == open;
        depth -= s->at[i] == close;
        if (depth == 0) {
            struct span inside = span_of(s->at + 1, i - 1);
            *s = span_skip(*s, i + 1);
            return inside;
        }
    }
    struct span inside = span_skip(*s, 1);
    *s = span_skip(*s, s->len);
    return inside;
}

/* Empty for an unknown setting, as in Postfix. */
static struct span value_of(const struct expansion *e, struct span name)
{
    char text[NAME_MAX_BYTES];

    if (name.len >= sizeof(text))
        return SPAN_NONE;
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    return postconf_get_or_default(e->postconf, text);
}

/* "{text}", or everything up to the end. */
static struct span take_branch(struct span *s)
{
    struct span all;

    *s = span_trim(*s);
    if (s->len && s->at[0] == '{')
        return take_enclosed(s, '{', '}');
    all = *s;
    *s = span_skip(*s, s->len);
    return all;
}

/* rest is "?{text}:{text}", "?text", ":text", or less. */
static void expand_branches(struct expansion *e, struct span rest, bool holds, int depth)
{
    struct span then = SPAN_NONE, otherwise = SPAN_NONE;

    rest = span_trim(rest);
    if (span_take(&rest, SPAN("?")))
        then = take_branch(&rest);
    rest = span_trim(rest);
    if (span_take(&rest, SPAN(":")))
        otherwise = take_branch(&rest);
    expand(e, holds ? then : otherwise, depth + 1);
}

/* Compares numbers part by part ("3.9" < "3.10"), anything else as text. */
static int compare_values(struct span a, struct span b)
{
    uint64_t x, y;

    while (span_take_number(&a, &x) && span_take_number(&b, &y)) {
        if (x != y)
            return x < y ? -1 : 1;
        if (!a.len || !b.len)
            break;
        span_take(&a, SPAN("."));
        span_take(&b, SPAN("."));
    }
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Expands into a separate buffer, which the caller frees. */
static struct buf expand_apart(struct expansion *e, struct span text, int depth)
{
    struct buf outer = e->out;

    e->out = buf_new(POSTCONF_VALUE_MAX);
    expand(e, text, depth + 1);
    struct buf inner = e->out;
    e->failed |= inner.failed;
    e->out = outer;
    return inner;
}

/* "{a} <level {b} ? {text} : {text}": defaults depend on compatibility_level in this way. */
static void expand_comparison(struct expansion *e, struct span body, int depth)
{
    static const struct {
        struct span sign;
        bool less, equal, greater;
    } signs[] = {
        {{"==", 2}, false, true, false}, {{"!=", 2}, true, false, true},
        {{"<=", 2}, true, true, false},  {{">=", 2}, false, true, true},
        {{"<", 1}, true, false, false},  {{">", 1}, false, false, true},
    };
    struct buf a = expand_apart(e, take_enclosed(&body, '{', '}'), depth);
    struct buf b;
    size_t i = 0;

    body = span_trim(body);
    /* "<=" comes before "<" in the table: the longer sign has to be tried first. */
    while (i < 6 && !span_take(&body, signs[i].sign))
        i++;
    /* "level" asks for a comparison by parts, which compare_values always does with numbers. */
    span_take(&body, SPAN("level"));
    body = span_trim(body);
    if (i == 6 || !body.len || body.at[0] != '{') {
        e->failed = true;
        buf_done(&a);
        return;
    }
    b = expand_apart(e, take_enclosed(&body, '{', '}'), depth);
    int order = compare_values(span_trim(buf_span(&a)), span_trim(buf_span(&b)));
    buf_done(&a);
    buf_done(&b);
    expand_branches(e, body,
                    order < 0 ? signs[i].less
                    : order   ? signs[i].greater
                              : signs[i].equal,
                    depth);
}

/* body is what "${...}" has between its braces. */
static void expand_body(struct expansion *e, struct span body, int depth)
{
    body = span_trim(body);
    if (body.len && body.at[0] == '{') {
        expand_comparison(e, body, depth);
        return;
    }
    /* "name", "name?{text}:{text}", "name?text" or "name:text" */
    struct span name = take_name(&body);
    struct span value = value_of(e, name);
    if (span_trim(body).len)
        expand_branches(e, body, value.len > 0, depth);
    else
        expand(e, value, depth + 1);
}

/* *text follows a "$". */
static void expand_macro(struct expansion *e, struct span *text, int depth)
{
    if (text->len && text->at[0] == '{') {
        expand_body(e, take_enclosed(text, '{', '}'), depth);
    } else if (text->len && text->at[0] == '(') {
        expand_body(e, take_enclosed(text, '(', ')'), depth);
    } else if (text->len && is_name_byte(text->at[0])) {
        expand(e, value_of(e, take_name(text)), depth + 1);
    } else { /* "$$" is a "$", and so is a "$" that no name follows */
        span_take(text, SPAN("$"));
        buf_add(&e->out, SPAN("$"));
    }
}

static void expand(struct expansion *e, struct span text, int depth)
{
    /* Longer text counts for more steps, so that the bound limits the total work. */
    e->steps += 1 + text.len / 256;
    if (depth > POSTCONF_DEPTH_MAX || e->steps > POSTCONF_STEPS_MAX)
        e->failed = true;
    while (text.len && !e->failed && !e->out.failed) {
        ptrdiff_t dollar = span_find(text, '$');
        buf_add(&e->out, span_head(text, dollar < 0 ? text.len : (size_t)dollar));
        if (dollar < 0)
            return;
        text = span_skip(text, (size_t)dollar + 1);
        expand_macro(e, &text, depth);
    }
}

char *postconf_expand(const struct postconf *postconf, struct span text)
{
    struct expansion e = {.postconf = postconf, .out = buf_new(POSTCONF_VALUE_MAX)};

    expand(&e, text, 0);
    e.out.failed |= e.failed;
    return buf_take(&e.out);
}
