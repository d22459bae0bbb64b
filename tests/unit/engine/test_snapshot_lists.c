/* SPDX-License-Identifier: MIT */
#include "snapshot_cut.h"

#include <unistd.h>

/* What headers say is saved in the lists of cells, and before they are counted. */
START_TEST(cut_between_a_header_and_what_it_counts_in)
{
    char path[] = "/tmp/snapshot-lists-XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");

    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < 6; i++) {
        char begin[64], id[16];
        snprintf(begin, sizeof(begin), "2026-11-24T03:00:%02d+00:00 mx1 postfix/", 5 * i);
        snprintf(id, sizeof(id), "AAAAA%02d", i % 4);
        fprintf(
            out,
            "%spickup[1]: %s: uid=33 from=<www-data>\n"
            "%scleanup[2]: %s: warning: header Subject: pills %d from local; from=<a@b.example>\n"
            "%scleanup[2]: %s: warning: header X-PHP-Script: h/x.php from local; "
            "from=<a@b.example>\n"
            "%sqmgr[3]: %s: from=<www-data@mx1>, size=9, nrcpt=1 (queue active)\n"
            "%ssmtp[4]: %s: to=<u%d@victim.example>, relay=mx[198.51.100.1]:25, delay=1, "
            "dsn=2.0.0, status=sent (Ok)\n%sqmgr[3]: %s: removed\n",
            begin, id, begin, id, i % 2, begin, id, begin, id, begin, id, i, begin, id);
    }
    fclose(out);
    settings.kind[KIND_LOCAL_ABUSE].recipients = 3;
    struct log log = log_read(path);
    struct whole whole;
    whole_run(&whole, &log, NULL);
    ck_assert_msg(strstr(whole.outcome, "\"scripts\":[{\"text\":\"h/x.php\",\"messages\":6}]") !=
                      NULL,
                  "got\n%s", whole.outcome);
    whole_done(&whole);
    log_done(&log);
    check_log(path, NULL, SIZE_MAX);
    settings.kind[KIND_LOCAL_ABUSE].recipients = 200;
    unlink(path);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_lists");

    tcase_add_test(tc, cut_between_a_header_and_what_it_counts_in);
    return run_snapshot_suite("snapshot_lists", tc);
}
