# SPDX-License-Identifier: MIT
"""Layouts: how a site's Postfix is set up and how its log is written.

A layout is a dict with one value for each dimension of DIMENSIONS. choose() draws one by seed,
PLAIN is the one in which nothing has to be guessed, settle() makes a layout one that can exist,
words() describes it and settings() is the `postconf -n` (and `postconf -P`) that fits it."""
import random

from life import MYHOSTNAME, OWN

# Content filters that hand the mail on by SMTP can stand in a row, at most three.
CHAINABLE = ("smtp_queued", "smtp_silent", "lmtp_silent", "xforward", "amavis", "lmtp_socket")
CHAINS = ([()] * 4 + [(one,) for one in CHAINABLE] * 2
          + [("pipe",), ("mailscanner",), ("proxy",)] * 2
          + [("smtp_queued", "amavis"), ("lmtp_silent", "smtp_silent"), ("pipe", "smtp_queued"),
             ("proxy", "smtp_queued"), ("smtp_silent", "xforward", "smtp_queued"),
             ("amavis", "smtp_queued", "lmtp_silent"), ("smtp_silent",) * 3])
NAMED = [("smtpd",), ("smtp",), ("lmtp",), ("cleanup",), ("smtpd", "smtp"), ("smtp", "lmtp"),
         ("smtpd", "cleanup"), ("smtpd", "smtp", "lmtp", "cleanup")]

# Each dimension: its values, the plain one first, and how often each is drawn.
DIMENSIONS = {
    # -o syslog_name= on services of master.cf, and on which of them
    "names": (("none", "hyphen", "slash", "word"), (3, 2, 2, 2)),
    "named": (NAMED, None),
    # a second Postfix on this host: none; one with mail of its own; one that sends for the first
    "instances": (("one", "beside", "row"), (4, 1, 2)),
    "filters": (CHAINS, None),
    # what names the filter: main.cf; -o in master.cf, told by postconf -P; nothing that was saved
    "filter_named": (("main", "master", "nothing"), None),
    # the hop behind a filter ends before or after the record of the hop before it
    "link": (("early", "late", "either"), None),
    # where virtual aliases are looked up if there are filters (no_address_mappings on the others)
    "maps": (("first", "last"), None),
    "forwards": (("none", "virtual_alias", "forward_file", "sieve"), None),
    "mailbox": (("local", "lmtp"), None),
    "form": (("rfc3164", "one_space", "zero_padded", "rfc3339", "rfc3339_seconds", "rfc3339_local",
              "compose"), None),
    "line_end": (("bare", "blanks"), (4, 1)),
    # lines of different processes with one timestamp: as written, neighbours swapped, in any order
    "order": (("written", "neighbours", "any"), (3, 2, 1)),
    # of the attack's mail; everybody else's has a message-id
    "message_ids": (("present", "missing", "repeated"), (6, 3, 1)),
    "queue_ids": (("short", "long"), None),
    "beginning": (("whole", "cut"), (2, 1)),
    "settings": (("complete", "tables", "none"), None),
    # where filters by SMTP and LMTP, and Dovecot, run: on this host, or in containers of their own
    # or in a cluster, where mail goes to a service's address and comes back from those behind it
    "at": (("here", "containers", "cluster"), (6, 2, 1)),
    # how mail leaves: to each domain's MX; by a relay host; by one that stunnel on this host leads
    # to; by a script that pipe(8) runs, for a provider's API
    "exit": (("mx", "relay_host", "tunnel", "api"), (5, 1, 1, 1)),
    # which of the sockets for lmtp(8) are in Postfix's own folder: Dovecot's alone, filters', too,
    # or none
    "sockets": (("dovecot", "all", "none"), (1, 2, 1)),
    # a relay host is a provider's; or a machine of the site, on a port of its own
    "relay_host": (("far", "near"), None),
    # header_checks that log each Subject: none; where mail comes in; also on its way back from
    # filters
    "subjects": (("none", "entry", "all"), (2, 1, 1)),
}
PLAIN = {name: values[0] for name, (values, _) in DIMENSIONS.items()}

# Program tags by style and role. A role that is not here, or not named, logs under the instance.
# Not postfix/relay/smtp: that is the stock name of the relay transport, which serves relay_domains.
TAGS = {
    "hyphen": {"smtpd": "postfix-mx/smtpd", "submission": "postfix-submission/smtpd",
               "reinject": "postfix-10025/smtpd", "smtp": "postfix-example-org/smtp",
               "to_filter": "postfix-amavis/smtp", "lmtp": "postfix-delivery/lmtp",
               "cleanup": "postfix-pre/cleanup"},
    "slash": {"smtpd": "postfix/mx/smtpd", "submission": "postfix/submissions/smtpd",
              "reinject": "postfix/10025/smtpd", "smtp": "postfix/outbound/smtp",
              "to_filter": "postfix/smtp-amavis/smtp", "lmtp": "postfix/delivery/lmtp",
              "cleanup": "postfix/authclean/cleanup"},
    "word": {"smtpd": "default/smtpd", "submission": "submission/smtpd",
             "reinject": "reinject/smtpd", "smtp": "enforced-tls-smtp/smtp",
             "to_filter": "transfer/smtp", "lmtp": "delivery/lmtp",
             "cleanup": "pre-cleanup/cleanup"},
}
ROLES = {"smtpd": ("smtpd", "submission", "reinject"), "smtp": ("smtp", "to_filter"),
         "lmtp": ("lmtp",), "cleanup": ("cleanup",)}
DAEMONS = {"submission": "submission/smtpd", "reinject": "smtpd", "to_filter": "smtp",
           "dovecot": "smtpd"}


def choose(seed, attack):
    """A random layout in which that attack can take place."""
    dice = random.Random(f"layout {seed}")
    layout = {name: dice.choices(values, weights)[0]
              for name, (values, weights) in DIMENSIONS.items()}
    return settle(layout, attack)


def plain(attack):
    return settle(dict(PLAIN), attack)


def settle(layout, attack):
    """Turns values that can't go together into ones that can."""
    layout = dict(layout)
    if attack == "forward_refused" and layout["forwards"] == "none":
        layout["forwards"] = "virtual_alias"
    if layout["forwards"] == "sieve":  # Dovecot does it
        layout["mailbox"] = "lmtp"
    if layout["forwards"] == "forward_file":  # local(8) does it
        layout["mailbox"] = "local"
    if unlinkable(layout, attack):
        layout["message_ids"] = "present"
    if layout["order"] == "any" and any_child(layout):
        layout["order"] = "neighbours"
    if not in_containers(layout):
        layout["at"] = PLAIN["at"]
    if layout["at"] == "cluster" and len(layout["filters"]) > 1:
        layout["message_ids"] = PLAIN["message_ids"]  # else nothing tells which hop gave it back
    if layout["instances"] == "row" or is_undecided(layout, attack):
        layout["exit"] = PLAIN["exit"]
    if layout["exit"] != "relay_host":
        layout["relay_host"] = PLAIN["relay_host"]
    if "lmtp_socket" not in layout["filters"] and (layout["mailbox"] == "local"
                                                   or layout["at"] == "containers"):
        layout["sockets"] = PLAIN["sockets"]
    if layout["filters"][:1] == ("proxy",) and layout["subjects"] == "entry":
        layout["subjects"] = "all"  # no cleanup(8) has the mail before that filter
    if layout["names"] == "none":
        layout["named"] = PLAIN["named"]
    if not layout["filters"]:
        layout.update({name: PLAIN[name] for name in ("filter_named", "maps")})
        if layout["instances"] != "row":
            layout["link"] = PLAIN["link"]
    if layout["forwards"] != "virtual_alias" or layout["filters"] in (("mailscanner",), ("proxy",)):
        layout["maps"] = PLAIN["maps"]
    return layout


def any_child(layout):
    """Whether, of the lines of one second in any order, nothing tells which of two mails with one
    message-id came of the other, or a mail is judged before what it came of is known: several hops
    in a row; containers, behind which strangers may be (NAT), so that their mail is held up for
    nothing that was delivered already."""
    hops = len(layout["filters"]) + (layout["instances"] == "row")
    return hops > 1 or (boxed(layout) and (hops > 0 or layout["forwards"] == "sieve"))


def is_undecided(layout, attack):
    """Where no setting names them, the log shows that a program on this host, or a machine near by,
    takes mail away instead of delivering it by the domains that it takes mail for: of notices, too
    few. Named ones are known to give nothing back after five domains: what came before under one
    message-id may be taken for one mail that goes round."""
    few = attack in ("accept_then_bounce", "forward_refused")
    return exit_of(layout) in ("tunnel", "api", "near") and (
        (layout["settings"] == "none" and few) or layout["message_ids"] == "repeated")


def in_containers(layout):
    """Whether something can run in a container. What names the client (XFORWARD) is believed of
    this host only, until mail was handed to it."""
    by_net = [one for one in layout["filters"] if one in CHAINABLE]
    return (boxed(layout)
            and not {"lmtp_silent", "xforward", "lmtp_socket"} & set(by_net)
            and bool(by_net or (layout["mailbox"] == "lmtp" and layout["at"] == "containers")))


def boxed(layout):
    return layout["at"] != "here"


def container(place):
    """The name and address of the container of the filter at that place; of Dovecot's: 7."""
    return (f"box{place}.mail_default", f"172.18.0.{30 + place}")


def behind(layout, place, number):
    """Which of the machines at that place brings mail back: in a cluster, one of three."""
    if layout["at"] == "containers":
        return container(place)
    return ("unknown", f"172.18.{1 + place}.{number % 3 + 1}")


DOVECOT = 7


def socket(layout, place=None):
    """The path of the socket of the filter at that place, or Dovecot's."""
    if place is None:
        return "/run/dovecot/lmtp" if layout["sockets"] == "none" else "private/dovecot-lmtp"
    name = f"scan-{port(place)}"
    return f"private/{name}" if layout["sockets"] == "all" else f"/run/{name}/{name}.sock"


# By how mail leaves: what the log calls it, where it isn't the MX; the settings.
EXITS = {"mx": (None, {}),
         "relay_host": ("smtp.relay.example[203.0.113.200]:587",
                        {"relayhost": "[smtp.relay.example]:587"}),
         "near": ("10.20.0.9[10.20.0.9]:2525", {"relayhost": "[10.20.0.9]:2525"}),
         "tunnel": ("127.0.0.1[127.0.0.1]:11125", {"relayhost": "[127.0.0.1]:11125"}),
         "api": ("mailapi", {"default_transport": "mailapi"})}


def exit_of(layout):
    """What EXITS calls the layout's."""
    near = layout["exit"] == "relay_host" and layout["relay_host"] == "near"
    return "near" if near else layout["exit"]


def unlinkable(layout, attack):
    """A Sieve redirect of mail that has no message-id at all: DESIGN §1 links it by message-id and
    sender only, so nothing tells it from local mail. Behind a hop that adds an ID it is linked."""
    return (attack == "forward_refused" and layout["forwards"] == "sieve"
            and layout["message_ids"] == "missing"
            and (layout["filters"] in ((), ("mailscanner",)) or boxed(layout)))


def tag(layout, instance, role):
    """The program tag that a service logs under. The second instance names no services."""
    daemon = DAEMONS.get(role, role)
    if instance != "postfix":
        return f"{instance}/{daemon}"
    named = [one for group in layout["named"] for one in ROLES[group]]
    if layout["names"] != "none" and role in named:
        return TAGS[layout["names"]][role]
    return f"{instance}/{daemon}"


def words(layout):
    """What is not plain about a layout."""
    def said(value):
        return "+".join(value) if isinstance(value, tuple) else value
    parts = [f"{name} {said(value)}" for name, value in layout.items()
             if value != PLAIN[name] or (name == "named" and layout["names"] != "none")]
    return ", ".join(parts) or "plain"


def settings(layout):
    """The saved settings, or None where nothing is known of the site."""
    if layout["settings"] == "none":
        return None
    rows = {"compatibility_level": "3.6", "mail_version": "3.7.11", "myhostname": MYHOSTNAME,
            "mydomain": OWN, "myorigin": OWN, "mynetworks": "127.0.0.0/8, 192.0.2.0/24",
            "recipient_delimiter": "+", "smtpd_relay_restrictions":
            "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"}
    if boxed(layout):
        rows["mynetworks"] += ", 172.18.0.0/16"
    rows.update(domains(layout))
    if layout["instances"] == "row":
        rows["relayhost"] = "[127.0.0.1]:10125"
    rows.update(EXITS[exit_of(layout)][1])
    if layout["instances"] != "one":
        rows["multi_instance_directories"] = "/etc/postfix-out"
    if layout["queue_ids"] == "long":
        rows["enable_long_queue_ids"] = "yes"
    rows.update(filter_settings(layout))
    return "".join(f"{name} = {value}\n" for name, value in rows.items())


def domains(layout):
    """What names our domains and their forwards: in full, or in tables that can't be listed."""
    listed = layout["settings"] == "complete"
    ours = OWN if listed else "mysql:/etc/postfix/sql/domains.cf"
    rows = {"local_recipient_maps": "proxy:unix:passwd.byname $alias_maps", "relay_domains": ""}
    if layout["mailbox"] == "local":
        rows["mydestination"] = f"{ours}, {MYHOSTNAME}, localhost"
    else:
        rows.update({"mydestination": f"{MYHOSTNAME}, localhost", "virtual_mailbox_domains": ours,
                     "virtual_transport": "lmtp:inet:dovecot:24" if layout["at"] == "containers"
                     else f"lmtp:unix:{socket(layout)}"})
    if layout["forwards"] == "virtual_alias":
        rows["virtual_alias_maps"] = (
            f"inline:{{ {{carol@{OWN} = carol.private@gmail.com}} }}" if listed
            else "mysql:/etc/postfix/sql/aliases.cf")
    return rows


TRANSPORTS = {"smtp_queued": "smtp-amavis:[127.0.0.1]:{}", "amavis": "smtp-amavis:[127.0.0.1]:{}",
              "smtp_silent": "smtp:[127.0.0.1]:{}", "xforward": "smtp:[127.0.0.1]:{}",
              "lmtp_silent": "lmtp:[127.0.0.1]:{}", "pipe": "spamassassin",
              "lmtp_socket": "lmtp:unix:{}"}


def filter_settings(layout):
    """content_filter and its kin. Each further hop is named where the one before comes back in."""
    filters, rows = layout["filters"], {}
    if layout["forwards"] == "virtual_alias" and layout["maps"] == "last" and filters:
        rows["receive_override_options"] = "no_address_mappings"
    if filters == ("mailscanner",):
        rows["header_checks"] = "regexp:/etc/postfix/header_checks"
    if layout["filter_named"] == "nothing":
        return rows
    names = entry_names(layout)
    for place, one in enumerate(filters):
        if one == "proxy":
            rows["smtp/inet/smtpd_proxy_filter"] = f"127.0.0.1:{port(place)}"
        elif one in TRANSPORTS:
            where = TRANSPORTS[one].format(
                socket(layout, place) if one == "lmtp_socket" else port(place))
            if boxed(layout):
                where = where.replace("127.0.0.1", container(place)[1])
            rows.update({name: where for name in names})
        names = [f"127.0.0.1:{port(place) + 1}/inet/content_filter"]
        if one == "pipe":  # what it hands back comes through pickup(8), which must not filter again
            names = ["pickup/unix/content_filter"]
            rows.setdefault(names[0], "")
    return rows


def port(place):
    """Where the filter at that place listens; it hands the mail back to the next port."""
    return 10024 + 2 * place


def entry_names(layout):
    """What names the first filter."""
    if layout["filter_named"] == "main":
        return ["content_filter"]
    return ["smtp/inet/content_filter", "submission/inet/content_filter"]


def filters_of(layout, entry):
    """The filters that mail passes, by the way it comes in: smtpd or pickup."""
    filters = layout["filters"]
    if entry == "smtpd" or filters == ("mailscanner",):
        return filters
    if filters[:1] == ("pipe",):
        return filters[1:]
    if filters[:1] == ("proxy",) or layout["filter_named"] == "master":
        return ()
    return filters
