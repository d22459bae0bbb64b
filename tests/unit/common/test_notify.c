/* SPDX-License-Identifier: MIT */
#include "common/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rows.h"

/* A service manager that listens at `name`, as NOTIFY_SOCKET has it. */
static int listener(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                     0);
    return fd;
}

static char *heard(int fd)
{
    static char text[256];
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

START_TEST(manager_hears_it)
{
    static const char *const begin[] = {"/tmp/", "@"};
    char name[64];

    snprintf(name, sizeof(name), "%srelaywatch-notify-%d", begin[_i], (int)getpid());
    unlink(name);
    int fd = listener(name);
    setenv("NOTIFY_SOCKET", name, 1);
    notify_send("READY=1\nSTATUS=up to date");
    ck_assert_str_eq(heard(fd), "READY=1\nSTATUS=up to date");
    notify_send("WATCHDOG=1");
    ck_assert_str_eq(heard(fd), "WATCHDOG=1");
    ck_assert_str_eq(heard(fd), "");
    close(fd);
    notify_send("WATCHDOG=1"); /* nobody is there any more: nothing happens */
    unlink(name);
}
END_TEST

START_TEST(where_no_manager_is_nothing_happens)
{
    char far[256];

    memset(far, 'x', sizeof(far) - 1);
    far[0] = '/';
    far[sizeof(far) - 1] = '\0';
    const char *const names[] = {"", "/", "@", "relative", "vsock:2:1234", "/nowhere/notify", far};
    unsetenv("NOTIFY_SOCKET");
    notify_send("READY=1");
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        notify_send("READY=1");
    }
}
END_TEST

static const struct {
    const char *name, *us, *pid; /* NULL: not set; "self": this process's */
    dur_us want;
} watchdogs[] = {
    {"nobody asks", NULL, NULL, 0},
    {"whoever it is", "60000000", NULL, 60 * US_PER_S},
    {"this process", "60000000", "self", 60 * US_PER_S},
    {"another process", "60000000", "1", 0},
    {"no process", "60000000", "x", 0},
    {"zero", "0", "self", 0},
    {"no number", "60s", "self", 0},
    {"empty", "", "self", 0},
    {"too much", "9223372036854775808", "self", 0},
};

START_TEST(watchdog_is_asked_for_by_the_environment)
{
    char self[32];

    snprintf(self, sizeof(self), "%d", (int)getpid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (watchdogs[_i].us)
        setenv("WATCHDOG_USEC", watchdogs[_i].us, 1);
    if (watchdogs[_i].pid)
        setenv("WATCHDOG_PID", strcmp(watchdogs[_i].pid, "self") ? watchdogs[_i].pid : self, 1);
    want_number(watchdogs[_i].name, notify_watchdog(), watchdogs[_i].want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("notify");

    tcase_add_loop_test(tc, manager_hears_it, 0, 2);
    tcase_add_test(tc, where_no_manager_is_nothing_happens);
    ADD_ROWS(tc, watchdog_is_asked_for_by_the_environment, watchdogs);
    return run_suite("notify", tc);
}
