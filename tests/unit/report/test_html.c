/* SPDX-License-Identifier: MIT */
#include "report/html.h"

#include "rows.h"

#define T(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* What strangers try, and what is left of it. */
static const struct {
    struct span text;
    const char *want;
} rows[] = {
    {T(""), ""},
    {T("gmail.com"), "gmail.com"},
    {T("<script>alert(1)</script>"), "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {T("<ScRiPt/src=//x.example>"), "&lt;ScRiPt/src=//x.example&gt;"},
    {T("\"><img src=x onerror=alert(1)>"), "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"},
    {T("' onmouseover='alert(1)"), "&#39; onmouseover=&#39;alert(1)"},
    {T("` onfocus=alert(1) autofocus `"), "&#96; onfocus=alert(1) autofocus &#96;"},
    {T("javascript:alert(1)"), "javascript:alert(1)"},
    {T("</style><style>*{background:url(//x)}"),
     "&lt;/style&gt;&lt;style&gt;*{background:url(//x)}"},
    {T("</title></svg>]]>"), "&lt;/title&gt;&lt;/svg&gt;]]&gt;"},
    {T("<!--"), "&lt;!--"},
    {T("&lt;b&gt; &#60; &#x3c; &amp;lt;"), "&amp;lt;b&amp;gt; &amp;#60; &amp;#x3c; &amp;amp;lt;"},
    {T("+ADw-script+AD4-"), "+ADw-script+AD4-"},
    {T("a\0b"), "a[U+0000]b"},
    {T("\x1b[31mred\r\n\t"), "[U+001B][31mred[U+000D][U+000A][U+0009]"},
    {T("\x7f"), "[U+007F]"},
    {T("\xc2\x9b"), "[U+009B]"},                           /* CSI */
    {T("moc.elpmaxe\xe2\x80\xae"), "moc.elpmaxe[U+202E]"}, /* the other way round */
    {T("\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f"), "[U+2066][U+061C][U+200F]"},
    {T("a\xe2\x80\x8b\xef\xbb\xbf\xc2\xad"), "a[U+200B][U+FEFF][U+00AD]"},
    {T("\xe2\x80\xa8\xc2\x85"), "[U+2028][U+0085]"},
    {T("\xf3\xa0\x81\x81"), "[U+E0041]"}, /* a tag */
    {T("\xef\xbf\xbf\xf0\x9f\xbf\xbe"), "[U+FFFF][U+1FFFE]"},
    {T("b\xc3\xbc"
       "cher.example \xe2\x82\xac \xf0\x9f\x98\x80"),
     "b\xc3\xbc"
     "cher.example \xe2\x82\xac \xf0\x9f\x98\x80"},
    {T("\xff\xfe"), "[0xFF][0xFE]"},
    {T("\xc0\xbcscript"), "[0xC0][0xBC]script"}, /* "<" the long way */
    {T("\xe0\x80\xbc"), "[0xE0][0x80][0xBC]"},   /* and longer */
    {T("\xf0\x80\x80\xbc"), "[0xF0][0x80][0x80][0xBC]"},
    {T("\xed\xa0\x80"), "[0xED][0xA0][0x80]"}, /* half of a pair */
    {T("\xf4\x90\x80\x80"), "[0xF4][0x90][0x80][0x80]"},
    {T("\xf8\x88\x80\x80\x80"), "[0xF8][0x88][0x80][0x80][0x80]"},
    {T("\xe2\x82"), "[0xE2][0x82]"},             /* cut off */
    {T("\xe2<script>"), "[0xE2]&lt;script&gt;"}, /* to swallow the "<" */
};

START_TEST(test_text)
{
    struct buf got = buf_new(4096);

    html_text(&got, rows[_i].text);
    want_text(rows[_i].want, got.at ? got.at : "", rows[_i].want);
    ck_assert(!got.failed);
    buf_done(&got);
}
END_TEST

/* Whatever the bytes: nothing that opens, closes or ends anything, and nothing unseen. */
START_TEST(test_any_bytes)
{
    static const char pieces[] = "<>\"'`&\0\x01\x1b\x7f\x80\xbc\xc0\xc2\xe2\x80\xae\xed\xf0\xff=/a";
    struct buf got = buf_new(1 << 20);
    char text[64];
    uint32_t random = 7;

    for (int i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof(text); k++) {
            random = random * 1664525 + 1013904223;
            text[k] = pieces[(random >> 16) % (sizeof(pieces) - 1)];
        }
        got.len = 0;
        html_text(&got, span_of(text, sizeof(text)));
        ck_assert(!got.failed);
        size_t good = 0;
        while (good < got.len && (unsigned char)got.at[good] >= ' ' && got.at[good] != 0x7f &&
               !strchr("<>\"'`", got.at[good]))
            good++;
        ck_assert_msg(good == got.len, "%s", got.at);
        ck_assert_ptr_null(strstr(got.at, "\xe2\x80\xae"));
    }
    buf_done(&got);
}
END_TEST

START_TEST(test_cut)
{
    struct buf got = buf_new(1 << 20);
    char name[10000];

    memset(name, 'a', sizeof(name));
    memcpy(name + sizeof(name) - 9, "@b.exampl", 9);
    html_text_cut(&got, span_of(name, sizeof(name)), 30);
    want_text("long", got.at, "aaaaaaaaaaaaaaaaaaaa [... 9970 more bytes ...] a@b.exampl");
    buf_done(&got);
    got = buf_new(1 << 20);
    html_text_cut(&got, SPAN("short"), 30);
    want_text("short", got.at, "short");
    buf_done(&got);
}
END_TEST

START_TEST(test_element)
{
    struct buf got = buf_new(1 << 20);

    html_element(&got, "td", NULL, "<b>");
    html_element(&got, "p", "why", "x");
    want_text("elements", got.at, "<td>&lt;b&gt;</td>\n<p class=\"why\">x</p>\n");
    buf_done(&got);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("html");

    ADD_ROWS(tc, test_text, rows);
    tcase_add_test(tc, test_any_bytes);
    tcase_add_test(tc, test_cut);
    tcase_add_test(tc, test_element);
    return run_suite("html", tc);
}
