/* SPDX-License-Identifier: MIT */
#include "show/incident_text.h"

#include <fcntl.h>
#include <unistd.h>

#include "rows.h"
#include "whole_file.h"

/* What print_incident writes to standard output. */
static char *printed(const json_t *incident)
{
    char path[64];

    snprintf(path, sizeof(path), "/tmp/relaywatch-test-%ld.out", (long)getpid());
    fflush(stdout);
    int saved = dup(STDOUT_FILENO), fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    dup2(fd, STDOUT_FILENO);
    close(fd);
    print_incident(incident, false);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    char *text = whole_file(path);
    unlink(path);
    return text;
}

#define BEGIN                                                                                      \
    "\"type\":\"incident\",\"id\":\"or-1\",\"kind\":\"open-relay\",\"host\":\"mx1\",\"reason\":"   \
    "\"it is\",\"messages\":2,\"recipients\":3,\"state\":\"open\""
#define MORE(rest) ",\"more\":{\"key\":\"client 192.0.2.1\",\"first_s\":60,\"last_s\":120" rest "}"
#define SINCE      "  since          1970-01-01T00:01:00Z, for 1m, last seen 1970-01-01T00:02:00Z\n"
#define FIGURES                                                                                    \
    "  so far         2 messages to 3 recipients: 0 sent, 0 deferred, 0 bounced\n"                 \
    "  still queued   0\n"

static const struct {
    const char *name, *json, *want;
} incidents[] = {
    {"a severity without a reason", BEGIN ",\"severity\":\"critical\"" MORE(""),
     "open-relay  client 192.0.2.1  on mx1  [or-1]  critical\n"
     "  why            it is\n" SINCE FIGURES "\n"},
    {"with a reason, which comes first",
     BEGIN ",\"severity\":\"info\",\"severity_reason\":\"looks like bulk mail\"" MORE(""),
     "open-relay  client 192.0.2.1  on mx1  [or-1]  info\n"
     "  severity       looks like bulk mail\n"
     "  why            it is\n" SINCE FIGURES "\n"},
    {"by an older version: none", BEGIN MORE(""),
     "open-relay  client 192.0.2.1  on mx1  [or-1]\n"
     "  why            it is\n" SINCE FIGURES "\n"},
    {"what it rests on",
     BEGIN
     ",\"evidence\":[\"a.example is outside: so\",\"client \\u001b[1m is a stranger: so\"]" MORE(
         ""),
     "open-relay  client 192.0.2.1  on mx1  [or-1]\n"
     "  why            it is\n" SINCE "  evidence       a.example is outside: so\n"
     "                 client ?[1m is a stranger: so\n" FIGURES "\n"},
    {"hosts of a fleet",
     BEGIN MORE(",\"hosts\":{\"top\":[[\"mx1\",9],[\"mx\\u0007\",4],[\"mx3\",0]],\"distinct\":40}"),
     "open-relay  client 192.0.2.1  on mx1  [or-1]\n"
     "  why            it is\n" SINCE FIGURES
     "  40 hosts       mx1 (9 recipients), mx? (4), mx3 and 37 more\n\n"},
};

START_TEST(most_important_first)
{
    char json[2048];

    snprintf(json, sizeof(json), "{%s}", incidents[_i].json);
    json_t *incident = json_loads(json, 0, NULL);
    ck_assert_ptr_nonnull(incident);
    char *text = printed(incident);
    want_text(incidents[_i].name, text, incidents[_i].want);
    free(text);
    json_decref(incident);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("incident_text");

    ADD_ROWS(tc, most_important_first, incidents);
    return run_suite("incident_text", tc);
}
