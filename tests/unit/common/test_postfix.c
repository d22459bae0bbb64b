/* SPDX-License-Identifier: MIT */
#include "common/postfix.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* A directory with files, and programs that stand for Postfix's. */
struct fake_postfix {
    char dir[40];
    char *path_before;
};

static const char *in(const struct fake_postfix *fake, const char *name, char path[static 128])
{
    snprintf(path, 128, "%s/%s", fake->dir, name);
    return path;
}

static void put(const struct fake_postfix *fake, const char *name, const char *text)
{
    char path[128];
    FILE *file = fopen(in(fake, name, path), "w");

    ck_assert_ptr_nonnull(file);
    /* "@" stands for the directory. */
    for (; *text; text++)
        if (*text == '@')
            fputs(fake->dir, file);
        else
            putc(*text, file);
    fclose(file);
    chmod(path, strncmp(name, "post", 4) == 0 ? 0755 : 0644);
}

static struct fake_postfix fake_postfix_new(void)
{
    struct fake_postfix fake = {.dir = "/tmp/relaywatch-postfix-XXXXXX"};

    ck_assert_ptr_nonnull(mkdtemp(fake.dir));
    fake.path_before = strdup(getenv("PATH"));
    struct buf path = buf_new(1 << 16);
    buf_printf(&path, "%s:%s", fake.dir, fake.path_before);
    setenv("PATH", path.at, 1);
    buf_done(&path);
    return fake;
}

static void fake_postfix_done(struct fake_postfix *fake)
{
    static const char *const names[] = {"postconf", "postmap", "main.cf", "virtual",
                                        "relay",    "file",    "clients"};
    char path[128];

    for (int i = 0; i < COUNT(names); i++)
        unlink(in(fake, names[i], path));
    rmdir(fake->dir);
    setenv("PATH", fake->path_before, 1);
    free(fake->path_before);
}

static const char main_cf[] = "myhostname = mx.example.org\n"
                              "compatibility_level = 3.6\n"
                              "maillog_file = /var/log/maillog\n"
                              "mydestination = $myhostname, @/file\n"
                              "mynetworks = 127.0.0.0/8, cidr:@/clients\n"
                              "virtual_alias_maps = hash:@/virtual\n"
                              "relay_domains = proxy:texthash:@/relay\n"
                              "relay_recipient_maps = hash:@/none\n"
                              "virtual_mailbox_domains = ldap:@/ldap.cf\n";

static void put_tables(const struct fake_postfix *fake)
{
    put(fake, "file", "# ours\none.example, two.example\n\nthree.example\r\n");
    put(fake, "clients",
        "# clients\n192.0.2.0/24  OK\nif 10.0.0.0/8\n10.1.0.0/16 OK\nendif\n"
        "!198.51.100.0/24 OK\n");
    put(fake, "virtual", "text.example\tanything\ninfo@text.example root\n  me@a.example\n");
    put(fake, "relay", "relay.example OK\n");
}

static void want_class(const struct site *site, const char *domain, enum domain_class want)
{
    ck_assert_msg(site_class(site, span_str(domain)) == want, "%s: got %s, want %s", domain,
                  class_name(site_class(site, span_str(domain))), class_name(want));
}

static void want_tables(const struct site *site)
{
    struct address a;

    want_class(site, "mx.example.org", CLASS_OURS);
    want_class(site, "one.example", CLASS_OURS);
    want_class(site, "three.example", CLASS_OURS);
    want_class(site, "relay.example", CLASS_RELAY_DOMAIN);
    want_class(site, "a.example", CLASS_OUTSIDE);
    ck_assert(address_parse(SPAN("192.0.2.9"), &a) && site_trusts(site, SITE_NETWORKS_OF_ALL, &a));
    ck_assert(address_parse(SPAN("10.1.0.1"), &a) && site_trusts(site, SITE_NETWORKS_OF_ALL, &a));
    ck_assert(address_parse(SPAN("203.0.113.1"), &a) &&
              !site_trusts(site, SITE_NETWORKS_OF_ALL, &a));
    ck_assert_uint_eq(site_warning_count(site), 1);
    ck_assert_str_eq(site_warning(site, 0)->code, "table-not-listed");
}

START_TEST(a_dump_is_read_with_the_files_it_names)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    char path[128];

    put(&fake, "main.cf", main_cf);
    put(&fake, "postmap", "#!/bin/sh\necho must.not.run x\n");
    put_tables(&fake);
    ck_assert_int_eq(postfix_read_dump(in(&fake, "main.cf", path), site, NULL), 0);
    want_tables(site);
    want_class(site, "text.example", CLASS_OURS);
    want_class(site, "must.not.run", CLASS_OUTSIDE);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

/* "postconf -n; postconf -P; postconf -M": what -o sets for one service of master.cf is there
 * too. */
START_TEST(dump_may_hold_the_services)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    struct address a;
    char path[128];

    put(&fake, "dump",
        "myhostname = mx.example.org\n"
        "submission/inet/content_filter = smtp-amavis:[127.0.0.1]:10026\n"
        "smtp       inet  n       -       y       -       -       smtpd "
        "-o content_filter=scan:[127.0.0.1]:10028\n");
    ck_assert_int_eq(postfix_read_dump(in(&fake, "dump", path), site, NULL), 0);
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    ck_assert(site_is_filter(site, &a, 10026));
    ck_assert(site_is_filter(site, &a, 10028));
    ck_assert(!site_is_filter(site, &a, 10024));
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

START_TEST(postfix_is_asked_and_its_tables_listed)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    struct address loopback;

    put(&fake, "main.cf", main_cf);
    put_tables(&fake);
    put(&fake, "postconf",
        "#!/bin/sh\n"
        "echo postconf: warning: x >&2\n"
        "case \"$*\" in\n"
        "-x) cat @/main.cf;;\n"
        "-M) echo 'smtp inet n - y - - smtpd -o content_filter=smtp:[127.0.0.1]:10028';;\n"
        "-Px) echo 'smtp/inet/content_filter = smtp:[127.0.0.1]:10024';;\n"
        "*) exit 1;;\n"
        "esac\n");
    put(&fake, "postmap",
        "#!/bin/sh\n"
        "[ \"$1 $2\" = \"-s hash:@/virtual\" ] || exit 1\n"
        "printf 'made.example\\tanything\\n'\n");
    ck_assert_int_eq(postfix_ask(site, NULL), 0);
    want_tables(site);
    want_class(site, "made.example", CLASS_OURS);
    want_class(site, "text.example", CLASS_OUTSIDE);
    ck_assert(address_parse(SPAN("127.0.0.1"), &loopback));
    ck_assert(site_is_filter(site, &loopback, 10024)); /* the last that tells counts */
    ck_assert(!site_is_filter(site, &loopback, 10028));
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

START_TEST(a_table_that_postmap_cannot_read_is_read_as_text)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();

    put(&fake, "main.cf", main_cf);
    put_tables(&fake);
    put(&fake, "postconf", "#!/bin/sh\ncat @/main.cf\n");
    put(&fake, "postmap", "#!/bin/sh\nexit 1\n");
    ck_assert_int_eq(postfix_ask(site, NULL), 0);
    want_class(site, "text.example", CLASS_OURS);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

static const struct {
    const char *name, *postconf, *why;
} failures[] = {
    {"it fails", "#!/bin/sh\nexit 1\n", "it failed; run it to see why"},
    {"it prints nothing", "#!/bin/sh\nexit 0\n", "it printed no setting"},
    {"it can't be run", "#!/no/such/shell\n", "No such file or directory"},
};

START_TEST(why_postfix_does_not_answer)
{
    if (strstr(failures[_i].postconf, "/no/such") && getenv("UNDER_VALGRIND")) {
        puts("SKIP postconf that can't be run: under valgrind a failed exec ends the child");
        return;
    }
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();

    put(&fake, "postconf", failures[_i].postconf);
    int r = postfix_ask(site, NULL);
    ck_assert_msg(r < 0, "%s: it answered", failures[_i].name);
    want_text(failures[_i].name, postfix_ask_error(r), failures[_i].why);
    want_text("no answer", postfix_ask_error(-ETIMEDOUT), "it gave no answer for ten seconds");
    want_text("a dump", postfix_dump_error(-EBADMSG), "it contains no Postfix setting");
    want_text("no dump", postfix_dump_error(-ENOENT), "No such file or directory");
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

/* Postfix 2.9 and 2.10. */
START_TEST(an_old_postconf_tells_the_services_by_their_lines)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    struct address loopback;

    put(&fake, "main.cf", "myhostname = old.example.org\nmynetworks = 127.0.0.0/8\n");
    put(&fake, "postconf",
        "#!/bin/sh\n"
        "case \"$*\" in\n"
        "'') cat @/main.cf;;\n"
        "-M) echo 'smtp inet n - y - - smtpd -o content_filter=smtp:[127.0.0.1]:10028';;\n"
        "*) exit 1;;\n"
        "esac\n");
    ck_assert_int_eq(postfix_ask(site, NULL), 0);
    want_class(site, "old.example.org", CLASS_OURS);
    ck_assert(address_parse(SPAN("127.0.0.1"), &loopback));
    ck_assert(site_is_filter(site, &loopback, 10028));
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

START_TEST(an_old_postconf_is_asked_without_x)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();

    put(&fake, "main.cf", "myhostname = old.example.org\n");
    put(&fake, "postconf", "#!/bin/sh\n[ $# = 0 ] || exit 1\ncat @/main.cf\n");
    ck_assert_int_eq(postfix_ask(site, NULL), 0);
    want_class(site, "old.example.org", CLASS_OURS);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

START_TEST(failures_are_returned)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    struct postfix_paths paths = {.maillog_file = NULL};
    char path[128];

    ck_assert_int_eq(postfix_read_dump(in(&fake, "main.cf", path), site, NULL), -ENOENT);
    put(&fake, "main.cf", "nothing that is a setting\n");
    ck_assert_int_eq(postfix_read_dump(path, site, NULL), -EBADMSG);
    ck_assert_int_eq(postfix_read_dump(fake.dir, site, NULL), -EISDIR);
    put(&fake, "postconf", "#!/bin/sh\nexit 1\n");
    ck_assert_int_eq(postfix_ask(site, NULL), -EIO);
    put(&fake, "postconf", "#!/bin/sh\nexit 0\n");
    ck_assert_int_eq(postfix_ask(site, &paths), -EBADMSG);
    ck_assert_ptr_null(paths.maillog_file);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

static const struct {
    const char *text, *want;
} logs[] = {
    {"maillog_file = /var/log/maillog\n", "/var/log/maillog"},
    {"maillog_file = $dir/mail.log\ndir = /srv\n", "/srv/mail.log"},
    {"maillog_file = /dev/stdout\n", ""},
    {"maillog_file =\n", ""},
    {"a = b\n", ""},
};

START_TEST(postfix_may_write_its_log_itself)
{
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    struct postfix_paths paths = {.maillog_file = NULL};
    char path[128];

    put(&fake, "main.cf", logs[_i].text);
    ck_assert_int_eq(postfix_read_dump(in(&fake, "main.cf", path), site, &paths), 0);
    want_text(logs[_i].text, paths.maillog_file, logs[_i].want);
    postfix_paths_done(&paths);
    put(&fake, "postconf", "#!/bin/sh\ncat @/main.cf\n");
    ck_assert_int_eq(postfix_ask(site, &paths), 0);
    want_text(logs[_i].text, paths.maillog_file, logs[_i].want);
    postfix_paths_done(&paths);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

START_TEST(queue_shows_when_postfix_worked)
{
    struct fake_postfix fake = fake_postfix_new();
    struct timespec early[2] = {{1700000000, 0}, {1700000000, 0}};
    struct timespec late[2] = {{1700000001, 5000}, {1700000001, 5000}};
    struct site *site = site_new();
    struct postfix_paths paths = {.maillog_file = NULL};
    char path[128];

    put(&fake, "main.cf", "queue_directory = @\n");
    ck_assert_int_eq(postfix_read_dump(in(&fake, "main.cf", path), site, &paths), 0);
    ck_assert_ptr_null(paths.queue_directory); /* another machine's */
    postfix_paths_done(&paths);
    put(&fake, "postconf", "#!/bin/sh\ncat @/main.cf\n");
    ck_assert_int_eq(postfix_ask(site, &paths), 0);
    want_text("queue_directory", paths.queue_directory, fake.dir);
    want_number("no queue", postfix_queue_changed(paths.queue_directory), WHEN_UNKNOWN);
    ck_assert_int_eq(mkdir(in(&fake, "incoming", path), 0), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, late, 0), 0);
    ck_assert_int_eq(mkdir(in(&fake, "active", path), 0), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, path, early, 0), 0);
    want_number("changed", postfix_queue_changed(paths.queue_directory), 1700000001000005);
    want_number("not asked", postfix_queue_changed(NULL), WHEN_UNKNOWN);
    rmdir(in(&fake, "active", path));
    rmdir(in(&fake, "incoming", path));
    postfix_paths_done(&paths);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

static void count_network(void *ctx, const struct network *net, bool trusted)
{
    (void)net;
    (void)trusted;
    ++*(int *)ctx;
}

/* What postconf prints in the service's sandbox, where main.cf does not have mynetworks. */
START_TEST(networks_that_postconf_can_not_see_are_looked_up)
{
    static const char *const scripts[] = {
        "#!/bin/sh\ncase \"$*\" in\n"
        "-x) echo 'mynetworks ='; echo 'mynetworks_style = host';;\n"
        "'-n mynetworks') ;;\n*) exit 1;;\nesac\n",
        /* Here it has it, and it is empty. */
        "#!/bin/sh\ncase \"$*\" in\n"
        "-x) echo 'mynetworks ='; echo 'mynetworks_style = host';;\n"
        "'-n mynetworks') echo 'mynetworks =';;\n*) exit 1;;\nesac\n",
    };
    struct fake_postfix fake = fake_postfix_new();
    struct site *site = site_new();
    int networks = 0;

    put(&fake, "postconf", scripts[_i]);
    ck_assert_int_eq(postfix_ask(site, NULL), 0);
    site_each_network(site, count_network, &networks);
    ck_assert_int_eq(networks > 0, _i == 0);
    site_free(site);
    fake_postfix_done(&fake);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postfix");

    tcase_add_test(tc, a_dump_is_read_with_the_files_it_names);
    tcase_add_test(tc, dump_may_hold_the_services);
    tcase_add_test(tc, postfix_is_asked_and_its_tables_listed);
    tcase_add_test(tc, a_table_that_postmap_cannot_read_is_read_as_text);
    ADD_ROWS(tc, why_postfix_does_not_answer, failures);
    tcase_add_test(tc, an_old_postconf_is_asked_without_x);
    tcase_add_test(tc, an_old_postconf_tells_the_services_by_their_lines);
    tcase_add_test(tc, failures_are_returned);
    ADD_ROWS(tc, postfix_may_write_its_log_itself, logs);
    tcase_add_test(tc, queue_shows_when_postfix_worked);
    tcase_add_loop_test(tc, networks_that_postconf_can_not_see_are_looked_up, 0, 2);
    return run_suite("postfix", tc);
}
