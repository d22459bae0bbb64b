/* SPDX-License-Identifier: MIT */
#include "report/commands.h"

#include <stdio.h>

#include "base/buf.h"
#include "refused_view.h"
#include "shell.h"

#define HOLD  "relaywatch queue xx-0123 | postsuper -h -"
#define LOOK  "relaywatch queue --all xx-0123 | head -n 1 | xargs -r postcat -qh"
#define EMPTY "relaywatch queue --all xx-0123 | postsuper -d -"
#define OVER  "relaywatch show xx-0123"
#define CLOSE_RELAY                                                                                \
    "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "       \
    "reject_unauth_destination' && postfix reload"

#define VERIFY                                                                                     \
    "postconf -e \"smtpd_recipient_restrictions = $(postconf -h smtpd_recipient_restrictions), "   \
    "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, "                    \
    "reject_unverified_recipient\" && postfix reload"

static struct incident incident;
static struct incident_view view;
static struct intern *key;
static struct interns texts; /* only counts */
static struct site *site;
static struct hosts hosts;
static struct detector detector = {.hosts = &hosts};

static void begin(void)
{
    hosts.site = site = site_new();
}

static void end(void)
{
    site_free(site);
}

static void fill(enum kind kind, enum cause cause, enum key_type type, const char *name,
                 struct totals totals)
{
    key = intern_make(&texts, span_str(name));
    incident = (struct incident){
        .id = "xx-0123", .state = INCIDENT_OPEN, .kind = kind, .cause = cause, .key_text = key};
    view = (struct incident_view){.incident = &incident,
                                  .detector = &detector,
                                  .key_type = type,
                                  .totals = totals,
                                  .sample_count = 1};
    queue_id_parse(SPAN("4FBFE15E604A"), &view.sample[0].id);
    commands_fill(&view);
    free(key);
}

static const struct {
    const char *name;
    enum kind kind;
    enum cause cause;
    enum key_type type;
    const char *key;
    const char *want[VIEW_COMMANDS_MAX];
} rows[] = {
    {"an open relay",
     KIND_OPEN_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "192.0.2.1",
     {HOLD, LOOK, "relaywatch check; postconf smtpd_relay_restrictions", CLOSE_RELAY, EMPTY, OVER}},
    {"a login",
     KIND_ACCOUNT_ABUSE,
     CAUSE_NONE,
     KEY_ACCOUNT,
     "bob@example.net",
     {HOLD, LOOK, "relaywatch clients xx-0123",
      "printf '%s REJECT\\n' 'bob@example.net' >>/etc/postfix/relaywatch_logins && "
      "postmap /etc/postfix/relaywatch_logins && postconf -e \"smtpd_data_restrictions = "
      "check_sasl_access $(postconf -h default_database_type):/etc/postfix/relaywatch_logins, "
      "$(postconf -h smtpd_data_restrictions)\" && postfix reload",
      EMPTY, OVER}},
    {"a login with blanks",
     KIND_ACCOUNT_ABUSE,
     CAUSE_NONE,
     KEY_ACCOUNT,
     "bob smith",
     {HOLD, LOOK, "relaywatch clients xx-0123", EMPTY, OVER}},
    {"a uid",
     KIND_LOCAL_ABUSE,
     CAUSE_NONE,
     KEY_UID,
     "33",
     {HOLD, LOOK, "ps -fu 33; getent passwd 33",
      "postconf -e 'authorized_submit_users = !'\"$(id -nu 33 || echo unknown), $(postconf -h "
      "authorized_submit_users)\" && postfix reload",
      EMPTY, OVER}},
    {"one site of many",
     KIND_LOCAL_ABUSE,
     CAUSE_NONE,
     KEY_SENDER,
     "shop@example.org",
     {HOLD, LOOK,
      "printf '%s retry:4.3.2 stopped\\n' 'shop@example.org' >>/etc/postfix/relaywatch_stopped && "
      "postmap /etc/postfix/relaywatch_stopped && postconf -e "
      "\"sender_dependent_default_transport_maps = $(postconf -h default_database_type):"
      "/etc/postfix/relaywatch_stopped, $(postconf -h sender_dependent_default_transport_maps)\" "
      "&& postfix reload",
      EMPTY, OVER}},
    {"a trusted client",
     KIND_TRUSTED_RELAY,
     CAUSE_NONE,
     KEY_CLIENT,
     "10.0.0.1",
     {HOLD, LOOK, "relaywatch clients xx-0123 | xargs -r getent hosts",
      "relaywatch clients xx-0123 | sed 's/$/ REJECT/' >>/etc/postfix/relaywatch_clients && "
      "postconf -e \"smtpd_client_restrictions = check_client_access "
      "cidr:/etc/postfix/relaywatch_clients, $(postconf -h smtpd_client_restrictions)\" && "
      "postfix reload",
      EMPTY, OVER}},
    {"a webmail user",
     KIND_TRUSTED_RELAY,
     CAUSE_NONE,
     KEY_SENDER,
     "ann@example.org",
     {HOLD, LOOK, "relaywatch clients xx-0123 | xargs -r getent hosts",
      "printf '%s REJECT\\n' 'ann@example.org' >>/etc/postfix/relaywatch_senders && "
      "postmap /etc/postfix/relaywatch_senders && postconf -e \"smtpd_sender_restrictions = "
      "check_sender_access $(postconf -h default_database_type):/etc/postfix/relaywatch_senders, "
      "$(postconf -h smtpd_sender_restrictions)\" && postfix reload",
      EMPTY, OVER}},
    {"unknown users",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_UNKNOWN_LOCAL_RECIPIENT,
     KEY_HOST,
     "mx1",
     {HOLD, LOOK, "postconf local_recipient_maps", VERIFY, EMPTY, OVER}},
    {"unknown users of a relay domain",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_UNKNOWN_RELAY_RECIPIENT,
     KEY_HOST,
     "mx1",
     {HOLD, LOOK, "postconf relay_recipient_maps", VERIFY, EMPTY, OVER}},
    {"relayed",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_RELAYED,
     KEY_CLIENT,
     "192.0.2.1",
     {HOLD, LOOK, "postconf smtpd_relay_restrictions", CLOSE_RELAY, EMPTY, OVER}},
    {"delays",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_DELAY_NOTICE,
     KEY_HOST,
     "mx1",
     {HOLD, LOOK, "postconf delay_warning_time",
      "postconf -e 'delay_warning_time = 0h' && postfix reload", EMPTY, OVER}},
    {"requested",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_DSN_REQUESTED,
     KEY_HOST,
     "mx1",
     {HOLD, LOOK, "postconf smtpd_discard_ehlo_keywords",
      "postconf -e \"smtpd_discard_ehlo_keywords = silent-discard, dsn, $(postconf -h "
      "smtpd_discard_ehlo_keywords)\" && postfix reload",
      EMPTY, OVER}},
    {"an autoresponder",
     KIND_BACKSCATTER_SOURCE,
     CAUSE_AUTOREPLY,
     KEY_HOST,
     "mx1",
     {HOLD, LOOK, EMPTY, OVER}},
    {"a victim",
     KIND_BACKSCATTER_VICTIM,
     CAUSE_NONE,
     KEY_RECIPIENT,
     "bob@example.net",
     {LOOK, OVER}},
};

START_TEST(commands_are_in_order)
{
    uint32_t want = 0;

    fill(rows[_i].kind, rows[_i].cause, rows[_i].type, rows[_i].key, (struct totals){.queued = 3});
    for (; want < VIEW_COMMANDS_MAX && rows[_i].want[want]; want++)
        want_text(rows[_i].name, view.command[want].text, rows[_i].want[want]);
    want_number(rows[_i].name, view.command_count, want);
}
END_TEST

/* From the alert to a clean queue five at most; a shell can read each; none breaks its line, nor
 * does what it is for, where a terminal has 72 columns. */
START_TEST(commands_are_few_and_can_be_pasted)
{
    fill(rows[_i].kind, rows[_i].cause, rows[_i].type, rows[_i].key, (struct totals){.queued = 3});
    uint32_t clean = 0;
    for (uint32_t i = 0; i < view.command_count; i++) {
        const struct view_command *command = &view.command[i];
        ck_assert_msg(shell_can_read(command->text), "%s: %s", rows[_i].name, command->text);
        ck_assert_ptr_null(strchr(command->text, '\n'));
        ck_assert_msg(strlen(command->what) <= 72 - 6, "%s: %s", rows[_i].name, command->what);
        if (strcmp(command->text, EMPTY) == 0)
            clean = i + 1;
    }
    ck_assert_uint_le(clean, 5);
}
END_TEST

/* --- the queue -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum incident_state state;
    struct totals totals;
    bool hold, look, empty;
} queues[] = {
    {"waits", INCIDENT_OPEN, {.queued = 3}, true, true, true},
    {"is held in part", INCIDENT_OPEN, {.queued = 3, .held = 2}, true, true, true},
    {"is held", INCIDENT_OPEN, {.queued = 3, .held = 3}, false, true, true},
    {"may come", INCIDENT_OPEN, {.queued = 0}, true, false, true},
    {"is over and gone", INCIDENT_ENDED, {.queued = 0}, false, false, false},
    {"is over and waits", INCIDENT_ENDED, {.queued = 3}, true, true, true},
};

static bool has(const char *text)
{
    for (uint32_t i = 0; i < view.command_count; i++)
        if (strcmp(view.command[i].text, text) == 0)
            return true;
    return false;
}

START_TEST(queue_is_held_and_emptied_while_there_is_any)
{
    key = intern_make(&texts, SPAN("192.0.2.1"));
    incident = (struct incident){
        .id = "xx-0123", .state = queues[_i].state, .kind = KIND_OPEN_RELAY, .key_text = key};
    view = (struct incident_view){.incident = &incident,
                                  .detector = &detector,
                                  .key_type = KEY_CLIENT,
                                  .totals = queues[_i].totals,
                                  .sample_count = 1};
    queue_id_parse(SPAN("4FBFE15E604A"), &view.sample[0].id);
    commands_fill(&view);
    want_number(queues[_i].name, has(HOLD), queues[_i].hold);
    want_number(queues[_i].name, has(LOOK), queues[_i].look);
    want_number(queues[_i].name, has("relaywatch explain 4FBFE15E604A"), !queues[_i].look);
    want_number(queues[_i].name, has(EMPTY), queues[_i].empty);
    free(key);
}
END_TEST

/* --- who refused ------------------------------------------------------------------------------ */

#define RESET      "postconf -X local_recipient_maps; "
#define UNLISTED   " smtpd_reject_unlisted_recipient"
#define BY_LOCAL   "local local local unknown user: '...'"
#define BY_LMTP    "lmtp local mx1[private/dovecot-lmtp] 550 5.1.1 no"
#define BY_BOX     "virtual virtual-mailbox virtual unknown user: '...'"
#define BY_ALIASES "error virtual-alias none User unknown in virtual alias table"

/* By default local_recipient_maps has the users that local(8) delivers to: for those of a mailbox
 * server it would be the end. */
static const struct {
    const char *name, *by[2];
    uint64_t more;
    const char *find, *close;
} refusals[] = {
    {"local(8)", {BY_LOCAL}, 0, "postconf local_recipient_maps" UNLISTED, RESET VERIFY},
    {"local(8) and nobody knows who",
     {BY_LOCAL},
     1,
     "postconf local_recipient_maps" UNLISTED,
     VERIFY},
    {"local(8) and virtual(8)",
     {BY_LOCAL, BY_BOX},
     0,
     "postconf local_recipient_maps virtual_mailbox_maps" UNLISTED,
     RESET VERIFY},
    {"local(8) and a mailbox server",
     {BY_LOCAL, BY_LMTP},
     0,
     "postconf smtpd_recipient_restrictions local_recipient_maps" UNLISTED,
     VERIFY},
    {"a mailbox server", {BY_LMTP}, 0, "postconf smtpd_recipient_restrictions" UNLISTED, VERIFY},
    {"virtual(8)", {BY_BOX}, 0, "postconf virtual_mailbox_maps" UNLISTED, VERIFY},
    {"error(8), aliases",
     {BY_ALIASES},
     0,
     "postconf virtual_alias_maps virtual_alias_domains" UNLISTED,
     VERIFY},
};

START_TEST(unknown_users_are_refused_by_their_setting)
{
    struct refused_view v;

    refused_view_begin(&v, CAUSE_UNKNOWN_LOCAL_RECIPIENT);
    v.view.detector = &detector;
    for (int i = 0; i < 2 && refusals[_i].by[i]; i++)
        refused_view_add(&v, refusals[_i].by[i], "unknown example.org", 5);
    v.view.refused_by.more = refusals[_i].more;
    commands_fill(&v.view);
    want_number(refusals[_i].name, v.view.command_count, 3);
    want_text(refusals[_i].name, v.view.command[0].text, refusals[_i].find);
    want_text(refusals[_i].name, v.view.command[1].text, refusals[_i].close);
    ck_assert(shell_can_read(v.view.command[1].text));
    refused_view_end(&v);
}
END_TEST

/* --- in a fleet ------------------------------------------------------------------------------- */

/* What is found on a host of a fleet is held, looked at and stopped there, by ssh. */
static const struct {
    const char *name;
    enum kind kind;
    enum key_type type;
    const char *key, *host; /* host: of the incident */
    const char *hosts[3];   /* of one that may be on several */
    const char *want[VIEW_COMMANDS_MAX];
    uint32_t advice;
} fleets[] = {
    {"a login on several hosts",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "bob",
     "the fleet",
     {"mx1", "mx2"},
     {"for h in $(relaywatch queue xx-0123 | cut -f 1 | sort -u); do relaywatch queue --host $h "
      "xx-0123 | ssh $h postsuper -h -; done",
      "relaywatch queue --all xx-0123 | head -n 1 | while read -r h q; do ssh $h postcat -qh $q "
      "</dev/null; done",
      "relaywatch clients xx-0123",
      "printf '%s REJECT\\n' 'bob' >>/etc/postfix/relaywatch_logins && "
      "postmap /etc/postfix/relaywatch_logins && postconf -e \"smtpd_data_restrictions = "
      "check_sasl_access $(postconf -h default_database_type):/etc/postfix/relaywatch_logins, "
      "$(postconf -h smtpd_data_restrictions)\" && postfix reload",
      "for h in $(relaywatch queue --all xx-0123 | cut -f 1 | sort -u); do relaywatch queue --all "
      "--host $h xx-0123 | ssh $h postsuper -d -; done",
      OVER},
     1},
    {"a login on one of them",
     KIND_ACCOUNT_ABUSE,
     KEY_ACCOUNT,
     "bob",
     "the fleet",
     {"mx1.example.net"},
     {"relaywatch queue --host mx1.example.net xx-0123 | ssh mx1.example.net postsuper -h -",
      "relaywatch queue --all --host mx1.example.net xx-0123 | head -n 1 | xargs -r ssh "
      "mx1.example.net postcat -qh",
      "relaywatch clients xx-0123",
      "ssh mx1.example.net 'printf '\\''%s REJECT\\n'\\'' '\\''bob'\\'' "
      ">>/etc/postfix/relaywatch_logins && postmap /etc/postfix/relaywatch_logins && postconf -e "
      "\"smtpd_data_restrictions = check_sasl_access $(postconf -h default_database_type):"
      "/etc/postfix/relaywatch_logins, $(postconf -h smtpd_data_restrictions)\" && postfix "
      "reload'",
      "relaywatch queue --all --host mx1.example.net xx-0123 | ssh mx1.example.net postsuper -d -",
      OVER},
     0},
    {"a uid",
     KIND_LOCAL_ABUSE,
     KEY_UID,
     "33",
     "web-7",
     {NULL},
     {"relaywatch queue --host web-7 xx-0123 | ssh web-7 postsuper -h -",
      "relaywatch queue --all --host web-7 xx-0123 | head -n 1 | xargs -r ssh web-7 postcat -qh",
      "ssh web-7 'ps -fu 33; getent passwd 33'",
      "ssh web-7 'postconf -e '\\''authorized_submit_users = !'\\''\"$(id -nu 33 || echo unknown), "
      "$(postconf -h authorized_submit_users)\" && postfix reload'",
      "relaywatch queue --all --host web-7 xx-0123 | ssh web-7 postsuper -d -", OVER},
     0},
    {"a host whose name is none",
     KIND_TRUSTED_RELAY,
     KEY_CLIENT,
     "10.0.0.1",
     "-oProxyCommand=x",
     {NULL},
     {"relaywatch clients xx-0123 | xargs -r getent hosts", OVER},
     1},
    {"machines that several hosts trust",
     KIND_TRUSTED_RELAY,
     KEY_CLIENT,
     "10.0.0.1",
     "the fleet",
     {"mx1", "mx2"},
     {"for h in $(relaywatch queue xx-0123 | cut -f 1 | sort -u); do relaywatch queue --host $h "
      "xx-0123 | ssh $h postsuper -h -; done",
      "relaywatch queue --all xx-0123 | head -n 1 | while read -r h q; do ssh $h postcat -qh $q "
      "</dev/null; done",
      "relaywatch clients xx-0123 | xargs -r getent hosts",
      "for h in $(relaywatch queue --all xx-0123 | cut -f 1 | sort -u); do relaywatch queue --all "
      "--host $h xx-0123 | ssh $h postsuper -d -; done",
      OVER},
     1},
    {"machines that one host trusts",
     KIND_TRUSTED_RELAY,
     KEY_CLIENT,
     "10.0.0.1",
     "mx1",
     {NULL},
     {"relaywatch queue --host mx1 xx-0123 | ssh mx1 postsuper -h -",
      "relaywatch queue --all --host mx1 xx-0123 | head -n 1 | xargs -r ssh mx1 postcat -qh",
      "relaywatch clients xx-0123 | xargs -r getent hosts",
      "relaywatch clients xx-0123 | ssh mx1 'sed '\\''s/$/ REJECT/'\\'' "
      ">>/etc/postfix/relaywatch_clients && postconf -e \"smtpd_client_restrictions = "
      "check_client_access cidr:/etc/postfix/relaywatch_clients, $(postconf -h "
      "smtpd_client_restrictions)\" && postfix reload'",
      "relaywatch queue --all --host mx1 xx-0123 | ssh mx1 postsuper -d -", OVER},
     0},
    {"an open relay",
     KIND_OPEN_RELAY,
     KEY_CLIENT,
     "192.0.2.1",
     "mx1",
     {NULL},
     {"relaywatch queue --host mx1 xx-0123 | ssh mx1 postsuper -h -",
      "relaywatch queue --all --host mx1 xx-0123 | head -n 1 | xargs -r ssh mx1 postcat -qh",
      "ssh mx1 'postconf smtpd_relay_restrictions'",
      "ssh mx1 'postconf -e '\\''smtpd_relay_restrictions = permit_mynetworks, "
      "permit_sasl_authenticated, reject_unauth_destination'\\'' && postfix reload'",
      "relaywatch queue --all --host mx1 xx-0123 | ssh mx1 postsuper -d -", OVER},
     0},
};

static void fill_fleet(int row, struct totals totals)
{
    struct intern *host = intern_make(&texts, span_str(fleets[row].host));
    struct tally_entry of[3] = {{.text = NULL}};

    key = intern_make(&texts, span_str(fleets[row].key));
    incident = (struct incident){.id = "xx-0123",
                                 .state = INCIDENT_OPEN,
                                 .kind = fleets[row].kind,
                                 .key_text = key,
                                 .host_name = host};
    view = (struct incident_view){.incident = &incident,
                                  .detector = &detector,
                                  .key_type = fleets[row].type,
                                  .totals = totals,
                                  .in_fleet = true,
                                  .sample_count = 1};
    queue_id_parse(SPAN("4FBFE15E604A"), &view.sample[0].id);
    view.hosts.entry = of;
    for (int i = 0; i < 3 && fleets[row].hosts[i]; i++)
        of[view.hosts.count++].text = intern_make(&texts, span_str(fleets[row].hosts[i]));
    commands_fill(&view);
    for (uint32_t i = 0; i < view.hosts.count; i++)
        free(of[i].text);
    free(key);
    free(host);
}

START_TEST(a_fleet_is_reached_by_ssh)
{
    uint32_t want = 0;

    fill_fleet(_i, (struct totals){.queued = 3});
    for (; want < VIEW_COMMANDS_MAX && fleets[_i].want[want]; want++) {
        want_text(fleets[_i].name, view.command[want].text, fleets[_i].want[want]);
        ck_assert_msg(shell_can_read(view.command[want].text), "%s", view.command[want].text);
    }
    want_number(fleets[_i].name, view.command_count, want);
    want_number(fleets[_i].name, view.advice_count, fleets[_i].advice);
}
END_TEST

/* The queue ID alone may be another host's, too. */
START_TEST(a_sample_is_looked_at_on_its_host)
{
    fill_fleet(2, (struct totals){.queued = 0});
    want_text("one host", view.command[1].text, "relaywatch explain web-7/4FBFE15E604A");
    fill_fleet(0, (struct totals){.queued = 0});
    want_text("several", view.command[1].text, "relaywatch explain 4FBFE15E604A");
}
END_TEST

/* --- what strangers choose -------------------------------------------------------------------- */

static const char *const hostile[] = {
    "bob';touch$IFS$CANARY;'",
    "$(touch${IFS}$CANARY)",
    "`touch${IFS}$CANARY`",
    "bob\\\\",
    "bob'\\''",
    "-e",
    "--help",
    "%s%n",
    "!!",
    "a|touch$IFS$CANARY&",
    "a&&touch$IFS$CANARY||",
    ">/tmp/x",
    "~root",
    "*",
    "m\xc3\xbc'$(x)ller",
};

/* Runs the command that closes it, with a directory of its own for /etc/postfix and with programs
 * that do nothing: the table has the login, all of it and nothing else. */
START_TEST(a_login_stays_a_login)
{
    char dir[] = "/tmp/relaywatch-test-XXXXXX", canary[64], out[4096], want[256];
    struct buf script = buf_new(8192);

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(canary, sizeof(canary), "%s/canary", dir);
    setenv("CANARY", canary, 1);
    fill(KIND_ACCOUNT_ABUSE, CAUSE_NONE, KEY_ACCOUNT, hostile[_i], (struct totals){.queued = 3});
    want_number(hostile[_i], view.command_count, 6);
    buf_printf(&script, "postmap() { :; }; postfix() { :; }; postconf() { :; }; cd %s; ", dir);
    for (const char *c = view.command[3].text; *c;)
        if (strncmp(c, "/etc/postfix/", 13) == 0) {
            buf_printf(&script, "%s/", dir);
            c += 13;
        } else {
            buf_printf(&script, "%c", *c++);
        }
    buf_printf(&script, "; cat %s/relaywatch_logins; ls %s", dir, dir);
    shell_run(script.at, out, sizeof(out));
    snprintf(want, sizeof(want), "%s REJECT\nrelaywatch_logins\n", hostile[_i]);
    want_text(hostile[_i], out, want);
    buf_done(&script);
    snprintf(canary, sizeof(canary), "rm -r %s", dir);
    shell_run(canary, out, sizeof(out));
}
END_TEST

/* Nobody can type these, or a table would take them for something else. */
static const char *const impossible[] = {
    "a\nb", "a b", "\ta", "#a", "a\x1b[31m", "\"a\"", "", "bob\\", "b?b", "\xff",
};

/* A table would take them for whole domains. */
START_TEST(only_whole_senders_are_typed)
{
    static const char *const senders[] = {"example.net", "@example.net", "bob@"};

    fill(KIND_TRUSTED_RELAY, CAUSE_NONE, KEY_SENDER, senders[_i], (struct totals){.queued = 3});
    want_number(senders[_i], view.command_count, 5);
    want_text(senders[_i], view.command[3].text, EMPTY);
    want_number(senders[_i], view.advice_count, 1);
}
END_TEST

START_TEST(what_can_not_be_typed_is_left_out)
{
    fill(KIND_ACCOUNT_ABUSE, CAUSE_NONE, KEY_ACCOUNT, impossible[_i], (struct totals){.queued = 3});
    want_number(impossible[_i], view.command_count, 5);
    want_text(impossible[_i], view.command[3].text, EMPTY);
    want_number(impossible[_i], view.advice_count, 1);
    ck_assert_ptr_nonnull(strstr(view.advice[0], "No command is printed that closes it, since"));
}
END_TEST

/* What was cut is somebody else; and no command is cut. */
START_TEST(long_logins_are_left_out)
{
    char name[1000];

    for (size_t len = 1; len < sizeof(name); len++) {
        memset(name, '\'', len);
        name[len] = '\0';
        fill(KIND_ACCOUNT_ABUSE, CAUSE_NONE, KEY_ACCOUNT, name, (struct totals){.queued = 3});
        const char *text = view.command[3].text;
        ck_assert_msg(view.command_count == 5 ||
                          strcmp(text + strlen(text) - 14, "postfix reload") == 0,
                      "%zu: got %s", len, text);
        if (len == 10)
            want_number("short", view.command_count, 6);
    }
    want_number("long", view.command_count, 5);
}
END_TEST

/* Who relays by a certificate that the site lists is not shut out. */
START_TEST(closed_relay_stays_open_for_listed_certificates)
{
    site_set_fact(site, SITE_LISTED_CERTS);
    fill(KIND_OPEN_RELAY, CAUSE_NONE, KEY_CLIENT, "192.0.2.1", (struct totals){.queued = 1});
    want_text("close the relay", view.command[3].text,
              "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, "
              "permit_sasl_authenticated, permit_tls_clientcerts, "
              "reject_unauth_destination' && postfix reload");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("commands");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, commands_are_in_order, rows);
    ADD_ROWS(tc, commands_are_few_and_can_be_pasted, rows);
    ADD_ROWS(tc, queue_is_held_and_emptied_while_there_is_any, queues);
    ADD_ROWS(tc, unknown_users_are_refused_by_their_setting, refusals);
    ADD_ROWS(tc, a_fleet_is_reached_by_ssh, fleets);
    tcase_add_test(tc, a_sample_is_looked_at_on_its_host);
    ADD_ROWS(tc, a_login_stays_a_login, hostile);
    tcase_add_loop_test(tc, only_whole_senders_are_typed, 0, 3);
    ADD_ROWS(tc, what_can_not_be_typed_is_left_out, impossible);
    tcase_add_test(tc, long_logins_are_left_out);
    tcase_add_test(tc, closed_relay_stays_open_for_listed_certificates);
    return run_suite("commands", tc);
}
