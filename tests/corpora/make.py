#!/usr/bin/env python3
"""Writes labelled logs that no real host was at hand for: one folder a story, with mail.iso.log,
postconf-n.txt and truth.json (score.py writes the other forms).

usage: make.py DIRECTORY [STORY...]

A story is a function below. It sends mail through a Log, which writes the records that Postfix 3.7
does for each message's whole life, and returns what must be found. The figures of the truth follow
from the story, never from what the program says. The same story gives the same bytes."""
import datetime
import json
import os
import random
import sys

BASE = {
    "compatibility_level": "3.6", "myhostname": "mx.example.org", "mydomain": "example.org",
    "myorigin": "example.org", "mydestination": "example.org, mx.example.org, localhost",
    "mynetworks": "127.0.0.0/8, 192.0.2.0/24", "inet_interfaces": "all", "relayhost": "",
    "smtpd_relay_restrictions":
        "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
    "relay_domains": "", "virtual_alias_domains": "", "virtual_mailbox_domains": "",
    "local_recipient_maps": "proxy:unix:passwd.byname $alias_maps", "recipient_delimiter": "+"}
BIG = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "orange.fr")
ALPHABET = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
HOUR = 3600


class Log:
    """A host's log in the making. Times are seconds from its start."""

    def __init__(self, name, start="2026-03-02T08:00:00", long_ids=False, **settings):
        self.random = random.Random(name)
        self.start = datetime.datetime.fromisoformat(start + "+00:00")
        self.long_ids = long_ids
        self.settings = dict(BASE, **settings)
        self.lives = []  # of messages: lists of (seconds, program, pid, text)
        self.used = set()

    def queue_id(self, at):
        while True:
            us, inode = self.random.randrange(10**6), 0x2C0000 + self.random.randrange(300)
            if self.long_ids:
                text = (base(int(self.start.timestamp() + at), 52, 6) + base(us, 52, 4) + "z"
                        + base(inode, 51, 4))
            else:
                text = f"{us:05X}{inode:X}"
            if text not in self.used:
                self.used.add(text)
                return text

    def address(self, domain=None):
        return f"u{self.random.randrange(10**6)}@{domain or self.random.choice(BIG)}"

    def lines(self, shuffled=None):
        """All records by time; or, given a random.Random, in another order that keeps each message's
        own: lives are dealt into each other line by line, over the same stretch of time."""
        if shuffled is None:
            return sorted((row for life in self.lives for row in life), key=lambda row: row[0])
        deck = [i for i, life in enumerate(self.lives) for _ in life]
        shuffled.shuffle(deck)
        rows, left = [], [iter(life) for life in self.lives]
        last = max(life[-1][0] for life in self.lives)
        for place, i in enumerate(deck):
            rows.append((last * place / len(deck), *next(left[i])[1:]))
        return rows

    def text(self, shuffled=None):
        out = []
        for seconds, program, pid, text in self.lines(shuffled):
            when = self.start + datetime.timedelta(seconds=seconds)
            out.append(f"{when.isoformat(timespec='microseconds')} mx1 {program}[{pid}]: {text}\n")
        return "".join(out)


def base(number, radix, width):
    text = ""
    while number or len(text) < width:
        number, digit = divmod(number, radix)
        text = ALPHABET[digit] + text
    return text


class Life:
    """The records of one message and of what comes of it, in the order of one possible run."""

    def __init__(self, log, at, instance="postfix"):
        self.log, self.at, self.instance = log, at, instance
        self.rows = []
        log.lives.append(self.rows)

    def row(self, program, text, pid=None, gap=0.04):
        self.at += self.log.random.uniform(gap / 5, gap * 2)
        if pid is None:
            pid = 812 if program == "qmgr" else self.log.random.randrange(2000, 2040)
        self.rows.append((self.at, f"{self.instance}/{program}", pid, text))

    def accept(self, client, queue_id=None, service="smtpd", login=None, message_id=None, more=""):
        """connect to disconnect; the queue ID."""
        queue_id = queue_id or self.log.queue_id(self.at)
        pid = self.log.random.randrange(3000, 3400)
        who = f"{client[0]}[{client[1]}]"
        self.row(service, f"connect from {who}", pid)
        account = f", sasl_method=PLAIN, sasl_username={login}" if login else ""
        self.row(service, f"{queue_id}: client={who}{account}{more}", pid)
        self.row("cleanup", f"{queue_id}: message-id="
                 f"{message_id or f'<{self.log.random.getrandbits(48):x}@mail.example>'}")
        self.row(service, f"disconnect from {who} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5", pid)
        return queue_id

    def submit(self, uid, sender):
        queue_id = self.log.queue_id(self.at)
        self.row("pickup", f"{queue_id}: uid={uid} from=<{sender}>")
        self.row("cleanup", f"{queue_id}: message-id=<{self.log.random.getrandbits(40)}."
                 f"{queue_id}@mx.example.org>")
        return queue_id

    def active(self, queue_id, sender, recipients):
        self.row("qmgr", f"{queue_id}: from=<{sender}>, size="
                 f"{self.log.random.randrange(900, 60000)}, nrcpt={recipients} (queue active)")

    def delivery(self, queue_id, program, to, relay, status, dsn, text, orig_to=None, delay=None):
        orig = f", orig_to=<{orig_to}>" if orig_to else ""
        delay = delay if delay is not None else round(self.log.random.uniform(0.1, 4), 2)
        self.row(program, f"{queue_id}: to=<{to}>{orig}, relay={relay}, delay={delay}, "
                 f"delays={round(delay / 3, 2)}/0.01/0.1/{round(delay / 2, 2)}, dsn={dsn}, "
                 f"status={status} ({text})", gap=0.5)

    def removed(self, queue_id):
        self.row("qmgr", f"{queue_id}: removed")

    def notice(self, queue_id, sender, kind="non-delivery", link_first=False, canceled=False):
        """A notice about queue_id to its sender, delivered. Postfix 3.11 logs the link first."""
        child = self.log.queue_id(self.at)
        link = ("bounce", f"{queue_id}: sender {kind} notification: {child}")
        if link_first:
            self.row(*link)
        self.row("cleanup", f"{child}: message-id=<20260302080000.{child}@mx.example.org>")
        if canceled:
            self.row("cleanup", f"{child}: removed (canceled)")
            return
        if not link_first:
            self.row(*link)
        self.active(child, "", 1)
        Delivery(sender).write(self, child)
        self.removed(child)


class Delivery:
    """What becomes of one recipient: sent, refused, or deferred so many times and then sent, or
    never. Mail for example.org stays here unless said."""

    def __init__(self, to, status="sent", reply=None, dsn=None, deferred=0, orig_to=None,
                 relay=None, program=None, every=300):
        own = to.endswith("@example.org")
        self.to, self.orig_to, self.status, self.deferred, self.every = (to, orig_to, status, deferred,
                                                                         every)
        domain = to.split("@")[-1]
        self.program = program or ("local" if own else "smtp")
        self.host = f"mx1.{domain}[198.51.100.{sum(domain.encode()) % 250 + 1}]"
        self.relay = relay or ("local" if own else f"{self.host}:25")
        self.dsn = dsn or {"sent": "2.0.0", "bounced": "5.1.1"}.get(status, "4.2.2")
        self.reply = reply or ("delivered to maildir" if own and status == "sent" else
                               "250 2.0.0 Ok: queued as 4fXq1z2Lb0z4wxY" if status == "sent" else
                               f"host {self.host} said: 550 5.1.1 <{to}>: user unknown "
                               "(in reply to RCPT TO command)")

    def write(self, life, queue_id):
        life.delivery(queue_id, self.program, self.to, self.relay, self.status, self.dsn, self.reply,
                      self.orig_to)

    def defer(self, life, queue_id, delay):
        life.delivery(queue_id, self.program, self.to, self.relay, "deferred", "4.2.2",
                      f"host {self.host} said: 452 4.2.2 mailbox full (in reply to RCPT TO command)",
                      self.orig_to, delay)


def send(log, at, sender, to, client=None, login=None, uid=None, service=None, notice=True, **bounce):
    """One message from its first record to its last. to: Deliveries, or addresses that take it."""
    to = [one if isinstance(one, Delivery) else Delivery(one)
          for one in (to if isinstance(to, list) else [to])]
    life = Life(log, at)
    if uid is None:
        queue_id = life.accept(client, login=login,
                               service=service or ("submission/smtpd" if login else "smtpd"))
    else:
        queue_id = life.submit(uid, sender)
    life.active(queue_id, sender, len(to))
    left, began, attempt = to, life.at, 0
    while True:
        later = []
        for one in left:
            if attempt < one.deferred:
                one.defer(life, queue_id, round(life.at - began))
                later.append(one)
            else:
                one.write(life, queue_id)
        refused = [one for one in left if one not in later and one.status == "bounced"]
        if refused and sender and notice:
            life.notice(queue_id, sender, **bounce)
        if not later or all(one.status == "deferred" and attempt + 1 >= one.deferred
                            for one in later):
            break
        left, attempt = later, attempt + 1
        life.at += left[0].every
        life.active(queue_id, sender, len(to))
    if not later:
        life.removed(queue_id)
    return queue_id


def stuck(to, times=1, **more):
    """Deferred so often, and still in the queue when the log ends."""
    return Delivery(to, status="deferred", deferred=times, **more)


def ordinary(log, hours=1.0, inbound=60, outbound=30):
    """What goes on beside every story: partners write to us, our own hosts and people write out."""
    for _ in range(inbound):
        partner = log.random.randrange(1, 40)
        send(log, log.random.uniform(0, hours * HOUR), f"p{partner}@partner{partner}.example",
             log.random.choice(["alice", "bob", "dora"]) + "@example.org",
             (f"mail.partner{partner}.example", f"198.18.7.{partner}"))
    for _ in range(outbound):
        desk = log.random.randrange(10, 20)
        send(log, log.random.uniform(0, hours * HOUR), "alice@example.org",
             log.address(f"customer{log.random.randrange(30)}.example"),
             (f"desk{desk}.example.org", f"192.0.2.{desk}"))
    for _ in range(5):  # strangers who are turned away
        probe = log.random.randrange(1, 250)
        Life(log, log.random.uniform(0, hours * HOUR)).row(
            "smtpd", f"NOQUEUE: reject: RCPT from unknown[203.0.113.{probe}]: 554 5.7.1 "
            f"<x{probe}@gmail.com>: Relay access denied; from=<y@bad.example> to=<x{probe}@gmail.com> "
            "proto=ESMTP helo=<bad.example>")


STORIES = {}


def story(make):
    STORIES[make.__name__] = make
    return make


def open_relay(**more):
    return dict({"kind": "open-relay"}, **more)


OPEN = {"smtpd_relay_restrictions":
        "permit_mynetworks, check_client_access cidr:{ {0.0.0.0/0 OK} }, reject_unauth_destination"}


def many_clients(log, each):
    """200 clients in 200 networks, each under a sender domain of its own."""
    for i in range(200):
        for _ in range(each):
            send(log, log.random.uniform(0, HOUR * 0.9), f"s{log.random.randrange(99)}@spam{i}.example",
                 log.address(), ("unknown", f"198.{100 + i // 100}.{i % 100}.{i + 1}"))
    ordinary(log)
    return {"expect": [open_relay(keys="host", messages=200 * each, recipients=200 * each,
                                  clients=200)]}


@story
def many_clients_few_each(log):
    """No client, network or domain stands out; the host does."""
    log.settings.update(OPEN)
    return many_clients(log, 2)


@story
def many_clients_many_each(log):
    """Every client stands out, and there are two hundred of them: still one attack."""
    log.settings.update(OPEN)
    return many_clients(log, 7)


@story
def two_clients(log):
    """Two strangers who have nothing to do with each other found the same hole."""
    log.settings.update(OPEN)
    for _ in range(40):
        send(log, log.random.uniform(0, HOUR), f"a{log.random.randrange(9)}@loans.example",
             log.address(), ("unknown", "203.0.113.9"))
    for i in range(30):
        to = [log.address(), log.address()]
        if i < 6:
            to[1] = stuck(to[1], times=3)
        send(log, log.random.uniform(0, HOUR), "hello@casino.example", to,
             ("host9.isp.example", "198.51.100.77"))
    ordinary(log)
    return {"expect": [
        open_relay(keys=[{"client": "203.0.113.9"}], messages=40, recipients=40, clients=1, sent=40,
                   deferred=0, bounced=0, queued=0, sender_domains=["loans.example"]),
        open_relay(keys=[{"client": "198.51.100.77"}], messages=30, recipients=60, clients=1, sent=54,
                   deferred=6, bounced=0, queued=6, sender_domains=["casino.example"])]}


def one_network(log, each):
    """40 clients of one /24, every message under another domain."""
    log.settings.update(OPEN)
    for i in range(40):
        for _ in range(each):
            send(log, log.random.uniform(0, HOUR * 0.9),
                 f"x@d{log.random.randrange(10**6)}.example", log.address(),
                 ("unknown", f"203.0.113.{i + 10}"))
    ordinary(log)
    return {"expect": [open_relay(keys=[{"client_network": "203.0.113.0/24"}], messages=40 * each,
                                  recipients=40 * each, clients=40)]}


@story
def one_network_few_each(log):
    return one_network(log, 3)


@story
def one_network_many_each(log):
    return one_network(log, 8)


@story
def account_null_sender(log):
    """A stolen login hides behind the null sender; far below the limit for volume."""
    for _ in range(16):
        send(log, log.random.uniform(0, HOUR * 0.8), "", log.address(),
             ("unknown", "203.0.113.50"), login="dora@example.org")
    for _ in range(25):
        send(log, log.random.uniform(0, HOUR), "alice@example.org", log.address(),
             ("dyn.isp.example", "198.51.100.12"), login="alice@example.org")
    ordinary(log)
    return {"expect": [{"kind": "account-abuse", "keys": [{"sasl_username": "dora@example.org"}],
                        "messages": 16, "recipients": 16, "clients": 1}]}


@story
def account_refused(log):
    """A stolen login works through an old list: more than half of the recipients don't exist."""
    for i in range(120):
        to = log.address()
        send(log, i * 20, "bob@example.org", Delivery(to, "bounced") if i % 2 else to,
             ("unknown", "203.0.113.51"), login="bob@example.org")
    ordinary(log)
    return {"expect": [{"kind": "account-abuse", "keys": [{"sasl_username": "bob@example.org"}],
                        "messages": 120, "recipients": 120, "bounced": 60, "sent": 60,
                        "clients": 1}]}


@story
def account_roams(log):
    """Not much from one place, but from twelve networks in an hour."""
    for i in range(60):
        send(log, i * 50, "bob@example.org", log.address(),
             ("unknown", f"203.0.{i % 12}.51"), login="bob@example.org")
    ordinary(log)
    return {"expect": [{"kind": "account-abuse", "keys": [{"sasl_username": "bob@example.org"}],
                        "messages": 60, "recipients": 60, "clients": 12}]}


def backup_mx(log, **bounce):
    """We are backup MX for a domain, and take mail for users whom its primary does not know."""
    log.settings["relay_domains"] = "backup-for.example"
    for i in range(70):
        to = f"guess{i}@backup-for.example"
        send(log, i * 40, f"victim{i % 9}@victim{i % 5}.example",
             Delivery(to, "bounced", program="relay/smtp"),
             ("unknown", f"203.{i}.113.7"), **bounce)
    for i in range(50):
        send(log, i * 60, f"p{i}@partner.example",
             Delivery(f"real{i % 6}@backup-for.example", program="relay/smtp"),
             ("mail.partner.example", "198.51.100.7"))
    ordinary(log)
    return {"expect": [{"kind": "backscatter-source", "cause": "unknown-relay-recipient",
                        "keys": "any", "notices": 70}]}


@story
def backup_mx_backscatter(log):
    return backup_mx(log)


@story
def backup_mx_postfix_311(log):
    """The same under Postfix 3.11: the link stands before the notice, and notices that were canceled
    have one too."""
    truth = backup_mx(log, link_first=True)
    for i in range(15):
        send(log, i * 100, f"c{i}@victim.example",
             Delivery(f"canceled{i}@backup-for.example", "bounced", program="relay/smtp"),
             ("unknown", f"203.{i}.114.8"), link_first=True, canceled=True)
    for life in log.lives:
        life[:] = [(*row[:3], row[3].replace(", dsn=", ", tls=may:none, dsn=")) for row in life]
    return truth


@story
def forward_refused(log):
    """carol forwards all her mail, spam too, to a provider that refuses it: half by .forward (a
    message of its own), half by a virtual alias."""
    spam = ("host gmail-smtp-in.l.google.com[74.125.201.26] said: 550-5.7.1 This message is likely "
            "unsolicited mail. 550 5.7.1 blocked (in reply to end of DATA command)")
    for i in range(50):
        sender, client = f"s{i}@forged{i % 7}.example", ("unknown", f"203.{i}.113.9")
        out = Delivery("carol.private@gmail.com", "bounced", spam, "5.7.1",
                       orig_to="carol@example.org",
                       relay="gmail-smtp-in.l.google.com[74.125.201.26]:25")
        if i % 2:
            send(log, i * 60, sender, out, client)
            continue
        life = Life(log, i * 60)
        queue_id = life.accept(client)
        life.active(queue_id, sender, 1)
        child = log.queue_id(life.at)
        life.row("cleanup", f"{child}: message-id=<f{i}@forged.example>")
        life.active(child, sender, 1)
        life.delivery(queue_id, "local", "carol@example.org", "local", "sent", "2.0.0",
                      f"forwarded as {child}")
        life.removed(queue_id)
        out.write(life, child)
        life.notice(child, sender)
        life.removed(child)
    ordinary(log)
    return {"expect": [{"kind": "backscatter-source", "cause": "forward-refused", "keys": "any",
                        "notices": 50}]}


@story
def autoreply(log):
    """alice is on holiday, and her mailbox says so to every forged sender."""
    for i in range(60):
        sender = f"s{i}@forged{i % 11}.example"
        at = i * 45.0
        send(log, at, sender, Delivery("alice@example.org", reply="delivered to command: "
                                       "/usr/bin/vacation alice"), ("unknown", f"203.{i}.113.11"))
        send(log, at + 2, "", sender, uid=1001)
    ordinary(log)
    return {"expect": [{"kind": "backscatter-source", "cause": "autoreply", "keys": "any"}]}


@story
def filter_refused(log):
    """The filter behind the queue refuses spam with a 5xx, and Postfix tells the forged senders."""
    log.settings["content_filter"] = "smtp-amavis:[127.0.0.1]:10024"
    for i in range(45):
        send(log, i * 60, f"s{i}@forged{i % 7}.example",
             Delivery("bob@example.org", "bounced", "host 127.0.0.1[127.0.0.1] said: 554 5.7.0 "
                      f"Reject, id=0{i:04}-01 - spam (in reply to end of DATA command)", "5.7.0",
                      relay="127.0.0.1[127.0.0.1]:10024", program="amavis/smtp"),
             ("unknown", f"203.{i}.113.13"))
    for i in range(40):
        through_filter(log, i * 70, f"p{i}@partner.example", Delivery("bob@example.org"),
                       ("mail.partner.example", "198.51.100.7"))
    return {"expect": [{"kind": "backscatter-source", "cause": "filter-refused", "keys": "any",
                        "notices": 45}]}


def through_filter(log, at, sender, out, client, port=10024, instances=("postfix", "postfix"),
                   ids=(None, None), service="amavis/smtp"):
    """In, to the next hop on this host, in again from there, out: two queue IDs, one message."""
    life = Life(log, at, instances[0])
    message_id = f"<{log.random.getrandbits(48):x}@mail.example>"
    first = life.accept(client, ids[0], message_id=message_id)
    life.active(first, sender, 1)
    life.instance = instances[1]
    second = life.accept(("localhost", "127.0.0.1"), ids[1], message_id=message_id)
    life.active(second, sender, 1)
    late = log.random.random() < 0.5  # the link comes after the second message's end, or before
    if late:
        out.write(life, second)
        life.removed(second)
    life.instance = instances[0]
    mta = "from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 " if port == 10024 else ""
    life.delivery(first, service, out.to, f"127.0.0.1[127.0.0.1]:{port}", "sent", "2.0.0",
                  f"250 2.0.0 {mta}Ok: queued as {second}")
    life.removed(first)
    if not late:
        life.instance = instances[1]
        out.write(life, second)
        life.removed(second)


@story
def two_instances(log):
    """postfix-in takes mail and hands all of it to postfix-out on the same host. Both count their
    short queue IDs alike, so that an ID stands for one message in each; some even at once."""
    log.settings.update(OPEN, syslog_name="postfix-in", relayhost="[127.0.0.1]:10026")
    pool = [log.queue_id(0) for _ in range(110)]
    for i in range(70):
        through_filter(log, i * 40, f"d{i % 5}@deals.example", Delivery(log.address()),
                       ("unknown", "203.0.113.66"), 10026, ("postfix-in", "postfix-out"),
                       (pool[i], pool[i + 1]), "smtp")
    for i in range(39):
        through_filter(log, i * 75 + 7, f"p{i}@partner.example",
                       Delivery("bob@example.org", program="lmtp",
                                relay="mx.example.org[private/dovecot-lmtp]"),
                       ("mail.partner.example", "198.51.100.7"), 10026,
                       ("postfix-in", "postfix-out"), (pool[70 + i], pool[71 + i]), "smtp")
    return {"expect": [open_relay(keys=[{"client": "203.0.113.66"}], messages=70, recipients=70,
                                  clients=1, sender_domains=["deals.example"])]}


@story
def trusted_foreign_senders(log):
    """A host of ours has a worm: far below its limit, but under senders that are not ours."""
    for i in range(150):
        send(log, i * 20, f"x{i}@bank{i % 4}.example", log.address(),
             ("desk44.example.org", "192.0.2.44"))
    for i in range(300):
        send(log, i * 10, "news@example.org", log.address(), ("app.example.org", "192.0.2.25"))
    ordinary(log)
    return {"expect": [{"kind": "trusted-relay", "keys": [{"client": "192.0.2.44"}], "messages": 150,
                        "recipients": 150}]}


@story
def new_year(log):
    """An open relay from one year into the next; the traditional form has no year to say so."""
    log.settings.update(OPEN)
    for i in range(60):
        send(log, i * 60, "x@party.example", log.address(), ("unknown", "203.0.113.70"))
    ordinary(log)
    return {"expect": [open_relay(keys=[{"client": "203.0.113.70"}], messages=60, recipients=60,
                                  clients=1, first_seen="2025-12-31T23:3",
                                  last_seen="2026-01-01T00:2")]}


@story
def reused_ids(log):
    """Queue IDs of relayed messages come again for honest ones, soon after."""
    log.settings.update(OPEN)
    for i in range(40):
        queue_id = send(log, i * 60, "x@again.example", log.address(), ("unknown", "203.0.113.80"))
        life = Life(log, i * 60 + 20)
        life.accept(("mail.partner.example", "198.51.100.7"), queue_id)
        life.active(queue_id, "p@partner.example", 1)
        Delivery("bob@example.org").write(life, queue_id)
        life.removed(queue_id)
    return {"expect": [open_relay(keys=[{"client": "203.0.113.80"}], messages=40, recipients=40,
                                  clients=1, sender_domains=["again.example"])]}


@story
def retries(log):
    """Four recipients, forty attempts each: four is what counts, and four is not five."""
    log.settings.update(OPEN)
    for i in range(4):
        send(log, i * 30, "x@slow.example", Delivery(log.address(), deferred=40, every=60),
             ("unknown", "203.0.113.90"))
    ordinary(log)
    return {"expect": []}


@story
def trickle(log):
    """Four recipients an hour at most: never five within one, nor fifteen in the day."""
    log.settings.update(OPEN)
    for i in range(14):
        send(log, i * 950, "x@trickle.example", log.address(), ("unknown", "203.0.113.91"))
    ordinary(log, hours=8)
    return {"expect": []}


@story
def trickle_of_a_day(log):
    """Four recipients an hour, hour after hour: never five within one, but thirty in the day."""
    log.settings.update(OPEN)
    for i in range(30):
        send(log, i * 950, "x@trickle.example", log.address(), ("unknown", "203.0.113.91"))
    ordinary(log, hours=8)
    return {"expect": [{"kind": "open-relay", "keys": [{"client": "203.0.113.91"}],
                        "messages": 30, "recipients": 30}]}


@story
def list_day(log):
    """A mailing list, a newsletter, forwarding, honest bounces, receipts: nothing is wrong."""
    log.settings["relay_domains"] = "backup-for.example"
    for run in range(3):  # posts go out one recipient a message, 180 in an hour
        for i in range(180):
            to = f"member{i}@{BIG[i % 5]}" if i % 6 else f"member{i}@list-member.example"
            one = Delivery(to, "bounced") if i in (7, 90) else (
                Delivery(to, deferred=6) if i % 20 == 0 else to)
            send(log, run * 2 * HOUR + i * 5, f"talk-bounces+{i}@example.org", one, uid=38)
    for i in range(60):  # what comes back to the list
        send(log, i * 300, "", "talk-bounces@example.org",
             (f"mx{i % 25}.isp.example", f"198.18.9.{i % 25 + 1}"))
    for i in range(190):
        send(log, i * 18, "news@example.org", log.address(), ("web.example.org", "198.51.100.30"),
             login="news@example.org")
    for i in range(80):  # forwarded, not relayed
        send(log, i * 120, f"f{i}@friend{i % 9}.example",
             Delivery("carol.private@gmail.com", orig_to="carol@example.org"),
             (f"mail.friend{i % 9}.example", f"198.18.3.{i % 9 + 1}"))
    for i in range(40):  # relayed on purpose
        send(log, i * 200, f"b{i}@partner.example",
             Delivery(f"real{i % 6}@backup-for.example", program="relay/smtp"),
             ("mail.partner.example", "198.51.100.7"))
    for i in range(8):  # receipts that the senders asked for
        life = Life(log, i * 600)
        queue_id = life.accept(("mail.partner.example", "198.51.100.7"))
        life.active(queue_id, f"boss{i}@partner.example", 1)
        Delivery("alice@example.org").write(life, queue_id)
        life.notice(queue_id, f"boss{i}@partner.example", "delivery status")
        life.removed(queue_id)
    for i in range(30):  # our own people mistype
        send(log, i * 400, "alice@example.org", Delivery(log.address(), "bounced"),
             ("dyn.isp.example", "198.51.100.12"), login="alice@example.org")
    for i in range(12):  # address verification
        life = Life(log, i * 500)
        queue_id = log.queue_id(life.at)
        life.row("cleanup", f"{queue_id}: message-id=<20260302.{queue_id}@mx.example.org>")
        life.active(queue_id, "double-bounce@mx.example.org", 1)
        Delivery(log.address(), "deliverable", "delivery attempt", "2.0.0").write(life, queue_id)
        life.removed(queue_id)
    ordinary(log, hours=5, inbound=300, outbound=150)
    return {"expect": []}


def one_attack_shuffled(log):
    """150 clients under one sender domain, and a stranger of his own beside them."""
    log.settings.update(OPEN)
    for i in range(300):
        send(log, i * 5, f"s{i % 70}@pills.example", log.address(),
             ("unknown", f"198.{18 + i % 150 // 50}.{i % 50}.{i % 150 + 1}"))
    for i in range(25):
        send(log, i * 60, "hello@casino.example", [log.address(), log.address()],
             ("host9.isp.example", "198.51.100.77"))
    ordinary(log)
    return {"expect": [open_relay(keys=[{"sender_domain": "pills.example"}], messages=300,
                                  recipients=300, clients=150, sent=300, queued=0,
                                  sender_domains=["pills.example"]),
                       open_relay(keys=[{"client": "198.51.100.77"}], messages=25, recipients=50,
                                  clients=1, sent=50, queued=0, sender_domains=["casino.example"])]}


SHUFFLES = 6
STARTS = {"new_year": "2025-12-31T23:30:00"}
LONG = {"one_network_few_each", "list_day", "backup_mx_postfix_311", "account_refused"}


def write(directory, name, make, seed=None):
    """seed: None for the order of time, else one of the other orders."""
    log = Log(make.__name__, STARTS.get(name, "2026-03-02T08:00:00"), name in LONG)
    truth = make(log)
    folder = f"{directory}/{name}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/mail.iso.log", "w", encoding="utf-8") as file:
        file.write(log.text(None if seed is None else random.Random(seed)))
    with open(f"{folder}/postconf-n.txt", "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}".rstrip() + "\n" for key, value in log.settings.items())
    with open(f"{folder}/truth.json", "w", encoding="utf-8") as file:
        json.dump(truth, file, indent=1)
    return folder


def write_all(directory, wanted=()):
    folders = [write(directory, name, make) for name, make in STORIES.items()
               if not wanted or name in wanted]
    for seed in range(SHUFFLES):
        name = f"shuffled_{seed}"
        if not wanted or name in wanted:
            folders.append(write(directory, name, one_attack_shuffled, seed or None))
    return folders


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    for made in write_all(sys.argv[1], sys.argv[2:]):
        print(made)
