/* SPDX-License-Identifier: MIT */
#include "pipeline_run.h"
#include "engine/snapshot.h"
#include "engine/snapshot_texts.h"

static struct interns texts;
static struct bytes bytes;
static struct writer *w;
static struct reader reader;
static struct pipeline pipeline; /* receives the texts */
static char why[SNAPSHOT_WHY_MAX];

static void setup(void)
{
    ck_assert(interns_init(&texts, 100000, 11));
    ck_assert(interns_init(&pipeline.texts, 100000, 11));
    w = calloc(1, sizeof(*w));
    ck_assert_ptr_nonnull(w);
    w->put = bytes_put;
    w->ctx = &bytes;
}

static void teardown(void)
{
    interns_done(&texts);
    interns_done(&pipeline.texts);
    free(reader.texts);
    free(w->taken);
    free(w->before);
    free(w);
    free(bytes.at);
    bytes = (struct bytes){0};
    reader = (struct reader){0};
}

static struct intern *number_text(unsigned i)
{
    char name[32];

    snprintf(name, sizeof(name), "text %u", i);
    return intern_get(&texts, span_str(name));
}

static bool read_all(size_t len)
{
    reader = (struct reader){.rest = span_of(bytes.at, len), .p = &pipeline, .why = why};
    return read_texts(&reader, &pipeline.texts);
}

/* The table comes back slot for slot, and each reference finds its text again. At the end only
 * texts with a reference are left. */
START_TEST(numbers)
{
    enum { TEXTS = 3000 };
    static struct intern *text[TEXTS];

    for (unsigned i = 0; i < TEXTS; i++)
        text[i] = number_text(i);
    for (unsigned i = 0; i < TEXTS; i += 3) { /* leaves gaps that other texts move into */
        intern_put(&texts, text[i]);
        text[i] = NULL;
    }
    ck_assert(number_texts(w, &texts));
    write_texts(w);
    for (unsigned i = 0; i < TEXTS; i++)
        write_text(w, text[i]);
    write_out(w);
    ck_assert(read_all(bytes.len));
    ck_assert_uint_eq(pipeline.texts.slot_count, texts.slot_count);
    for (uint32_t i = 0; i < texts.slot_count; i++) {
        ck_assert_int_eq(texts.slot[i] != NULL, pipeline.texts.slot[i] != NULL);
        if (texts.slot[i])
            ck_assert_str_eq(texts.slot[i]->at, pipeline.texts.slot[i]->at);
    }
    for (unsigned i = 0; i < TEXTS; i++) {
        struct intern *again = read_text(&reader);
        ck_assert_int_eq(again != NULL, text[i] != NULL);
        if (again)
            ck_assert_str_eq(again->at, text[i]->at);
        if (i % 2)
            intern_put(&pipeline.texts, again);
    }
    ck_assert(!reader.failed);
    ck_assert_uint_eq(reader.rest.len, 0);
    drop_texts(&reader, &pipeline.texts);
    ck_assert_uint_eq(pipeline.texts.used, TEXTS / 3);
}
END_TEST

/* A text outside the table is written where it is referred to. */
START_TEST(alone)
{
    struct intern *text = intern_make(&texts, SPAN("sender@example.org")),
                  *empty = intern_make(&texts, SPAN_NONE);

    ck_assert(number_texts(w, &texts));
    write_texts(w);
    write_text(w, text);
    write_text(w, empty);
    write_text(w, NULL);
    write_out(w);
    ck_assert(read_all(bytes.len));
    struct intern *again = read_text(&reader);
    ck_assert_str_eq(again->at, text->at);
    ck_assert(again->alone);
    intern_put(&pipeline.texts, again);
    again = read_text(&reader);
    ck_assert_uint_eq(again->len, 0);
    intern_put(&pipeline.texts, again);
    ck_assert_ptr_null(read_text(&reader));
    ck_assert(!reader.failed);
    ck_assert_ptr_null(read_text(&reader)); /* there is no more */
    ck_assert(reader.failed);
    intern_put(&texts, text);
    intern_put(&texts, empty);
}
END_TEST

START_TEST(none_of_that_number)
{
    number_text(1);
    ck_assert(number_texts(w, &texts));
    write_texts(w);
    write_u32(w, 2);
    write_out(w);
    ck_assert(read_all(bytes.len));
    ck_assert_ptr_null(read_text(&reader));
    ck_assert_str_ne(why, "");
}
END_TEST

/* refused, slots, texts: impossible tables are rejected. */
static const struct {
    uint32_t slots, used;
} tables[] = {{0, 0},   {100, 1},       {128, 1},        {257, 1},       {256, 129},
              {512, 1}, {1u << 31, 10}, {0xffffffff, 1}, {256, 1u << 31}};

START_TEST(impossible_tables)
{
    write_u64(w, 0);
    write_u32(w, tables[_i].slots);
    write_u32(w, tables[_i].used);
    for (int i = 0; i < 200; i++)
        write_span(w, SPAN("text"));
    write_out(w);
    ck_assert(!read_all(bytes.len));
    ck_assert_str_ne(why, "");
}
END_TEST

/* Windows, with what is empty; and an impossible one. */
START_TEST(windows)
{
    struct window window = {.count = {[0] = 5, [11] = 7}, .length = 300, .newest = 12};
    struct window again = {.count = {0}};

    write_window(w, &window);
    write_u16(w, 1u << WINDOW_BUCKETS);
    write_out(w);
    reader = (struct reader){.rest = span_of(bytes.at, bytes.len), .why = why};
    read_window(&reader, &again);
    ck_assert(!reader.failed);
    ck_assert_int_eq(memcmp(&window, &again, sizeof(window)), 0);
    read_window(&reader, &again);
    ck_assert(reader.failed);
}
END_TEST

static const struct {
    struct queue_id id;
    bool good;
} ids[] = {
    {{0, 0}, true},
    {{0x3534333231303945, 0}, true},  /* "E9012345" */
    {{0x3534333231300a45, 0}, false}, /* with a line end in it */
    {{0, 1}, false},
    {{UINT64_MAX, UINT64_MAX}, false},
    {{UINT64_MAX, 0x7f7f7f7f7f7f7f7f}, false},
};

START_TEST(queue_ids)
{
    write_id(w, ids[_i].id);
    write_out(w);
    reader = (struct reader){.rest = span_of(bytes.at, bytes.len), .why = why};
    struct queue_id id = read_id(&reader);
    ck_assert_int_eq(!reader.failed, ids[_i].good);
    ck_assert(!ids[_i].good || queue_id_equal(id, ids[_i].id));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_texts");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, numbers);
    tcase_add_test(tc, alone);
    tcase_add_test(tc, none_of_that_number);
    ADD_ROWS(tc, impossible_tables, tables);
    tcase_add_test(tc, windows);
    ADD_ROWS(tc, queue_ids, ids);
    return run_suite("snapshot_texts", tc);
}
