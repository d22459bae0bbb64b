/* SPDX-License-Identifier: MIT */
/*
 * At most five until the queue is clean: hold, look, find, close, empty. None has to be edited.
 * What is set already stays, behind what is added; only an open relay's restrictions are replaced.
 */
#include "report/commands.h"

#include <stdio.h>

#include "base/buf.h"
#include "report/refusals.h"
#include "report/shell_quote.h"
#include "report/table_key.h"

/* Adds a command; one that does not fit is left out, since half of it would do something else. */
__attribute__((format(printf, 3, 4))) static bool add(struct incident_view *view, const char *what,
                                                      const char *format, ...)
{
    struct view_command *command = &view->command[view->command_count];
    va_list args;

    if (view->command_count == VIEW_COMMANDS_MAX)
        return false;
    va_start(args, format);
    int len = vsnprintf(command->text, sizeof(command->text), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(command->text))
        return false;
    command->what = what;
    view->command_count++;
    return true;
}

/* --- where ------------------------------------------------------------------------------------ */

/* Where the mail host is: this machine, or one that is reached by ssh(1). */
enum place {
    PLACE_HERE,
    PLACE_HOST,
    PLACE_HOSTS,
    PLACE_UNNAMED /* a host whose name can't be typed */
};

static enum place place_of(const struct incident_view *view)
{
    if (!view->in_fleet)
        return PLACE_HERE;
    if (view->hosts.count + view->hosts.more > 1)
        return PLACE_HOSTS;
    return shell_is_host(view_host(view)) ? PLACE_HOST : PLACE_UNNAMED;
}

/* Adds a command that is for the mail host. Where there are several, people have their own ways to
 * run it on each: the advice says so. ASCII is all that stands in one, so quoting can't fail.
 * before: what feeds it here. */
__attribute__((format(printf, 4, 5))) static bool
add_there(struct incident_view *view, const char *what, const char *before, const char *format, ...)
{
    enum place place = place_of(view);
    char command[VIEW_COMMAND_MAX];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof(command) || place == PLACE_UNNAMED ||
        (place == PLACE_HOSTS && *before))
        return false;
    if (place != PLACE_HOST)
        return add(view, what, "%s%s", before, command);
    struct buf quoted = buf_new(VIEW_COMMAND_MAX - 1);
    struct span host = view_host(view);
    bool added = shell_quote(&quoted, span_str(command)) && !quoted.failed &&
                 add(view, what, "%sssh %.*s %s", before, SPAN_ARG(host), quoted.at);
    buf_done(&quoted);
    return added;
}

/* Whether there is, or may soon be, something in the queue. */
static bool has_queue(const struct incident_view *view)
{
    return view->totals.queued > 0 || view->incident->state == INCIDENT_OPEN;
}

/* --- who -------------------------------------------------------------------------------------- */

/* The advice ends with why there is no command for what is to be done. */
static void say_why_not(struct incident_view *view, const char *why)
{
    if (view->advice_count < VIEW_ADVICE_MAX)
        snprintf(view->advice[view->advice_count++], VIEW_TEXT_MAX,
                 "No command is printed that closes it, since its name %s", why);
}

/* A line in a table that Postfix looks up in `list`, in front of what is there. */
static void add_to_table(struct incident_view *view, const char *what, const char *action,
                         const char *list, const char *lookup, const char *table)
{
    struct span key = intern_span(view->incident->key_text);
    const char *trouble =
        view->key_type == KEY_SENDER ? table_sender_trouble(key) : table_key_trouble(key);
    struct buf quoted = buf_new(VIEW_COMMAND_MAX - 1);

    if (!trouble && (!shell_quote(&quoted, key) || quoted.failed))
        trouble = "is too long for one";
    if (!trouble &&
        !add_there(view, what, "",
                   "printf '%%s %s\\n' %s >>/etc/postfix/%s && postmap /etc/postfix/%s && "
                   "postconf -e \"%s = %s$(postconf -h default_database_type):"
                   "/etc/postfix/%s, $(postconf -h %s)\" && postfix reload",
                   action, quoted.at, table, table, list, lookup, table, list))
        trouble = "is too long for one";
    if (trouble && place_of(view) != PLACE_UNNAMED)
        say_why_not(view, trouble);
    buf_done(&quoted);
}

/* --- the source ------------------------------------------------------------------------------- */

static void find_local(struct incident_view *view)
{
    if (view->key_type == KEY_UID)
        add_there(view, "find the source: what runs under this uid, and whose it is", "",
                  "ps -fu %.10s; getent passwd %.10s", view->incident->key_text->at,
                  view->incident->key_text->at);
}

static void find_relay(struct incident_view *view)
{
    /* What check can't say: which entry of a table permits. */
    add_there(view, "find the source: which restriction or table lets strangers in",
              view->in_fleet ? "" : "relaywatch check; ", "postconf smtpd_relay_restrictions");
}

/* How the settings stand that would have refused them at the door. */
static void find_backscatter(struct incident_view *view)
{
    enum cause cause = view->incident->cause;
    const char *setting = cause_setting(cause);
    struct refusals of[REFUSALS_MAX];
    uint32_t count = 0;
    char names[256] = "";

    if (cause == CAUSE_UNKNOWN_LOCAL_RECIPIENT)
        count = refusals_of(view, of);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = refusals_setting(&of[i]);
        if (!strstr(names, name))
            snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s", name);
        if (of[i].by.addresses == ADDRESS_VIRTUAL_ALIAS && !strstr(names, "alias_domains"))
            snprintf(names + strlen(names), sizeof(names) - strlen(names),
                     " virtual_alias_domains");
    }
    if (count)
        add_there(view, "find the source: how the settings at fault stand", "",
                  "postconf%s smtpd_reject_unlisted_recipient", names);
    else if (setting)
        add_there(view, "find the source: how the setting at fault stands", "", "postconf %s",
                  setting);
}

static void find(struct incident_view *view)
{
    const struct incident *incident = view->incident;

    switch (incident->kind) {
    case KIND_OPEN_RELAY:
        find_relay(view);
        break;
    case KIND_ACCOUNT_ABUSE:
        add(view, "find the source: the addresses that the login was used from",
            "relaywatch clients %s", incident->id);
        break;
    case KIND_LOCAL_ABUSE:
        find_local(view);
        break;
    case KIND_TRUSTED_RELAY:
        add(view, "find the source: the names of the machines",
            "relaywatch clients %s | xargs -r getent hosts", incident->id);
        break;
    case KIND_BACKSCATTER_SOURCE:
        find_backscatter(view);
        break;
    default:
        break;
    }
}

/* --- the cure --------------------------------------------------------------------------------- */

static void close_relay(struct incident_view *view)
{
    bool by_certificate = site_has_fact(view->detector->hosts->site, SITE_LISTED_CERTS);

    add_there(
        view, "close the relay (services with an -o of their own: see check)", "",
        "postconf -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
        "%sreject_unauth_destination' && postfix reload",
        by_certificate ? "permit_tls_clientcerts, " : "");
}

/* Postfix's word for a uid that has no user is "unknown". */
static void close_local(struct incident_view *view)
{
    if (view->key_type == KEY_UID)
        add_there(view, "stop it: this uid may submit no more mail", "",
                  "postconf -e 'authorized_submit_users = !'\"$(id -nu %.10s || echo unknown), "
                  "$(postconf -h authorized_submit_users)\" && postfix reload",
                  view->incident->key_text->at);
    else
        add_to_table(view, "stop it: mail of this sender to the outside waits in the queue",
                     "retry:4.3.2 stopped", "sender_dependent_default_transport_maps", "",
                     "relaywatch_stopped");
}

static void close_trusted(struct incident_view *view)
{
    char clients[64];

    snprintf(clients, sizeof(clients), "relaywatch clients %s | ", view->incident->id);
    if (view->key_type == KEY_SENDER)
        add_to_table(view, "stop it: this sender is refused", "REJECT", "smtpd_sender_restrictions",
                     "check_sender_access ", "relaywatch_senders");
    else
        add_there(
            view, "stop it: these machines are refused until they are clean", clients,
            "sed 's/$/ REJECT/' >>/etc/postfix/relaywatch_clients && "
            "postconf -e \"smtpd_client_restrictions = check_client_access "
            "cidr:/etc/postfix/relaywatch_clients, $(postconf -h smtpd_client_restrictions)\" && "
            "postfix reload");
}

/* Last, so that our own clients' mail needs no probe. */
#define VERIFY                                                                                     \
    "postconf -e \"smtpd_recipient_restrictions = $(postconf -h smtpd_recipient_restrictions), "   \
    "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination, "                    \
    "reject_unverified_recipient\" && postfix reload"

/* The default of local_recipient_maps has the users that local(8) knows. Where a mailbox server has
 * others, it would refuse them all. */
static bool is_by_local_only(const struct incident_view *view)
{
    struct refusals of[REFUSALS_MAX];
    uint32_t count = refusals_of(view, of);
    bool any = false;

    if (view->refused_by.more)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (of[i].by.agent == PROGRAM_LMTP || of[i].by.agent == PROGRAM_PIPE)
            return false;
        any |= of[i].by.agent == PROGRAM_LOCAL;
    }
    return any;
}

/* Only where one command does it; the advice has the rest. */
static void close_backscatter(struct incident_view *view)
{
    switch (view->incident->cause) {
    case CAUSE_UNKNOWN_LOCAL_RECIPIENT: /* whoever refused them will refuse the probe */
        add_there(view, "refuse unknown users at RCPT", "", "%s" VERIFY,
                  is_by_local_only(view) ? "postconf -X local_recipient_maps; " : "");
        break;
    case CAUSE_UNKNOWN_RELAY_RECIPIENT:
        add_there(view, "take mail only for recipients that the next hop knows", "", VERIFY);
        break;
    case CAUSE_RELAYED:
        close_relay(view);
        break;
    case CAUSE_DELAY_NOTICE:
        add_there(view, "tell nobody of delays", "",
                  "postconf -e 'delay_warning_time = 0h' && postfix reload");
        break;
    case CAUSE_DSN_REQUESTED:
        add_there(view, "offer no delivery status notifications", "",
                  "postconf -e \"smtpd_discard_ehlo_keywords = silent-discard, dsn, $(postconf -h "
                  "smtpd_discard_ehlo_keywords)\" && postfix reload");
        break;
    default:
        break;
    }
}

static void close_it(struct incident_view *view)
{
    switch (view->incident->kind) {
    case KIND_OPEN_RELAY:
        close_relay(view);
        break;
    case KIND_ACCOUNT_ABUSE:
        add_to_table(view, "close it: Postfix takes no more mail from this login", "REJECT",
                     "smtpd_data_restrictions", "check_sasl_access ", "relaywatch_logins");
        break;
    case KIND_LOCAL_ABUSE:
        close_local(view);
        break;
    case KIND_TRUSTED_RELAY:
        close_trusted(view);
        break;
    case KIND_BACKSCATTER_SOURCE:
        close_backscatter(view);
        break;
    default:
        break;
    }
}

/* --- the queue -------------------------------------------------------------------------------- */

/* all: " --all", or "". The names that `queue` prints of several hosts are plain ones. */
static void add_queue(struct incident_view *view, const char *what, const char *all,
                      const char *option)
{
    struct span host = view_host(view);
    const char *id = view->incident->id;

    switch (place_of(view)) {
    case PLACE_HERE:
        add(view, what, "relaywatch queue%s %s | postsuper %s -", all, id, option);
        break;
    case PLACE_HOST:
        add(view, what, "relaywatch queue%s --host %.*s %s | ssh %.*s postsuper %s -", all,
            SPAN_ARG(host), id, SPAN_ARG(host), option);
        break;
    case PLACE_HOSTS:
        add(view, what,
            "for h in $(relaywatch queue%s %s | cut -f 1 | sort -u); do relaywatch queue%s --host "
            "$h %s | ssh $h postsuper %s -; done",
            all, id, all, id, option);
        break;
    default:
        break;
    }
}

static void look_at_queued(struct incident_view *view, const char *what)
{
    struct span host = view_host(view);
    const char *id = view->incident->id;

    switch (place_of(view)) {
    case PLACE_HERE:
        add(view, what, "relaywatch queue --all %s | head -n 1 | xargs -r postcat -qh", id);
        break;
    case PLACE_HOST:
        add(view, what,
            "relaywatch queue --all --host %.*s %s | head -n 1 | xargs -r ssh %.*s postcat -qh",
            SPAN_ARG(host), id, SPAN_ARG(host));
        break;
    case PLACE_HOSTS:
        add(view, what,
            "relaywatch queue --all %s | head -n 1 | while read -r h q; do ssh $h postcat -qh $q "
            "</dev/null; done",
            id);
        break;
    default:
        break;
    }
}

/* The samples are the first messages, and may have left the queue. */
static void look(struct incident_view *view)
{
    const char *what = view->incident->kind == KIND_LOCAL_ABUSE
                           ? "look at one: PHP names its script in the header"
                           : "look at one";
    char id[QUEUE_ID_TEXT_MAX];

    if (view->totals.queued) {
        look_at_queued(view, what);
    } else if (view->sample_count) {
        struct span host = place_of(view) == PLACE_HOST ? view_host(view) : SPAN_NONE;
        add(view, "look at one", "relaywatch explain %.*s%s%s", SPAN_ARG(host), host.len ? "/" : "",
            queue_id_print(view->sample[0].id, id));
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

static void say_where(struct incident_view *view)
{
    enum place place = place_of(view);

    if (view->advice_count == VIEW_ADVICE_MAX)
        return;
    if (place == PLACE_HOSTS)
        snprintf(view->advice[view->advice_count++], VIEW_TEXT_MAX,
                 "Type the commands that change Postfix's settings on each mail host, not here");
    else if (place == PLACE_UNNAMED)
        snprintf(view->advice[view->advice_count++], VIEW_TEXT_MAX,
                 "No command is printed for its host, since that has a name that ssh might take "
                 "for something else");
}

void commands_fill(struct incident_view *view)
{
    /* A victim's mail is for us, and none of it is ours to delete. */
    bool queue = view->incident->kind != KIND_BACKSCATTER_VICTIM && has_queue(view);

    view->command_count = 0;
    if (queue && (view->totals.queued > view->totals.held || view->totals.queued == 0))
        add_queue(view, "put on hold what is queued", "", "-h");
    look(view);
    find(view);
    close_it(view);
    if (queue)
        add_queue(view, "empty the queue: what is on hold, and what came after it", " --all", "-d");
    add(view, "see that it is over: nothing is queued, \"last seen\" stays", "relaywatch show %s",
        view->incident->id);
    say_where(view);
}
