# SPDX-License-Identifier: MIT
"""Writes the records of a life of messages as the Postfix of a layout would.

Host holds what outlives a message: queue IDs, processes, the rows of the log. Run holds one
message's way through the host, with a clock of its own; it forks where a message becomes two.
filters.py adds the hops through content filters. The record shapes are those of Postfix 3.7."""
import datetime
import random
from dataclasses import dataclass, replace

import filters
from layout import DOVECOT, EXITS, container, exit_of, filters_of, socket, tag
from life import HOUR, MYHOSTNAME, OWN, PROVIDERS, Recipient
from post import FIRST, SECOND, Post, aliased, login, mapping

START = datetime.datetime.fromisoformat("2026-03-02T08:00:00+01:00")
ALPHABET = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
REUSE_AFTER = 2 * HOUR  # a short queue ID comes again so long after its message's end
RETRY_AFTER = 300


@dataclass
class Row:
    at: float
    tag: str
    pid: int
    text: str
    attack: bool


def base(number, radix, width):
    text = ""
    while number or len(text) < width:
        number, digit = divmod(number, radix)
        text = ALPHABET[digit] + text
    return text


class Host:
    def __init__(self, layout, seed):
        self.layout, self.random = layout, random.Random(f"host {seed}")
        self.rows = []
        self.used = {FIRST: set(), SECOND: set()}
        self.ended = []  # (at, instance, queue ID) that may come again
        self.processes = {}

    def queue_id(self, instance, at):
        """A new ID; if they are short, now and then one of a message that ended long ago."""
        if self.layout["queue_ids"] == "short" and self.random.random() < 0.4:
            old = next((one for one in self.ended
                        if one[0] + REUSE_AFTER < at and one[1] == instance), None)
            if old:
                self.ended.remove(old)
                return old[2]
        taken = self.used[instance]
        if self.shares_ids() and self.random.random() < 0.3:
            for one in sorted(self.used[SECOND if instance == FIRST else FIRST] - taken)[:1]:
                taken.add(one)
                return one
        while (one := self.new_id(at)) in taken:
            pass
        taken.add(one)
        return one

    def shares_ids(self):
        """Two queues may count alike, so that an ID stands for a message in each. Not where a
        service name hides the instance, or a filter's own record names an ID alone: then nobody
        could say whose it is."""
        return (self.layout["queue_ids"] == "short" and self.layout["names"] == "none"
                and not self.layout["filters"])

    def new_id(self, at):
        inode, us = 0x2C0000 + self.random.randrange(300), self.random.randrange(10**6)
        if self.layout["queue_ids"] == "short":
            return f"{us:05X}{inode:X}"
        seconds = START + datetime.timedelta(seconds=at)
        return f"{base(int(seconds.timestamp()), 52, 6)}{base(us, 52, 4)}z{base(inode, 51, 4)}"

    def pid(self, instance, role):
        """qmgr and pickup are one process each; of the others the next of many, so that no process
        has two messages at a time."""
        first = 1000 * (1 + sorted(("qmgr", "pickup", "smtpd", "submission", "reinject", "cleanup",
                                    "smtp", "to_filter", "lmtp", "local", "pipe", "bounce",
                                    "dovecot", "other")).index(role)) + (500 if instance == SECOND else 0)
        if role in ("qmgr", "pickup"):
            return first
        turn = self.processes[instance, role] = self.processes.get((instance, role), -1) + 1
        return first + turn % 300

    def play(self, life):
        """All rows of a life, in the order of time."""
        for at, client in life.rejected:
            Run(self, at, False).reject(client)
        for message in life.messages:
            Run(self, message.at, message.attack).message(message)
        if self.layout["instances"] == "beside":
            for i in range(60):
                Run(self, 60 + i * 200, False).unrelated(i)
        self.rows.sort(key=lambda row: row.at)
        return self.rows


class Run:
    """One message's records as its time goes on."""

    def __init__(self, host, at, attack):
        self.host, self.at, self.attack = host, at, attack
        self.layout, self.random = host.layout, host.random

    def fork(self, wait=0.0):
        return Run(self.host, self.at + wait, self.attack)

    def log(self, instance, role, text, pid=None, gap=0.02):
        self.at += self.random.uniform(gap / 4, gap * 2)
        pid = pid or self.host.pid(instance, role)
        name = tag(self.layout, instance, role)
        self.host.rows.append(Row(self.at, name, pid, text, self.attack))
        return pid

    def log_other(self, program, text):
        """A record of a program that is not Postfix's."""
        self.at += self.random.uniform(0.001, 0.01)
        pid = self.host.pid(FIRST, "other")
        self.host.rows.append(Row(self.at, program, pid, text, self.attack))

    # Ways in

    def message(self, message):
        """A message of the life, from its acceptance to its end."""
        if message.uid is not None:
            post = self.pick_up(FIRST, message.uid, message.sender, self.own_message_id())
            hops = filters_of(self.layout, "pickup")
        else:
            hops = filters_of(self.layout, "smtpd")
            if hops[:1] == ("proxy",):
                filters.proxy(self, message, hops[1:])
                return
            message_id = self.message_id(message.sender)
            post = self.accept(FIRST, "submission" if message.login else "smtpd", message.client,
                               message_id, login(message))
        post.mapping = mapping(self.layout, hops)
        self.pass_on(post, message.sender, message.to, hops)

    def message_id(self, sender):
        kind = self.layout["message_ids"] if self.attack else "present"
        if kind == "missing":
            return "<>"
        if kind == "repeated":
            return "<1.repeated@mua.example>"
        domain = sender.split("@")[-1] or "mailer.example"
        return f"<{self.random.getrandbits(48):x}@{domain}>"

    def own_message_id(self):
        """What a local program gives: None lets Postfix make one."""
        if self.attack and self.layout["message_ids"] == "repeated":
            return "<1.repeated@mua.example>"
        return None

    def made_id(self, queue_id):
        """The message-id that Postfix makes."""
        if self.layout["queue_ids"] == "long":
            return f"<{queue_id}@{MYHOSTNAME}>"
        when = START.astimezone(datetime.timezone.utc) + datetime.timedelta(seconds=self.at)
        return f"<{when:%Y%m%d%H%M%S}.{queue_id}@{MYHOSTNAME}>"

    def accept(self, instance, role, client, message_id, more=""):
        """smtpd and cleanup take a message. Of a client that is this host itself, cleanup makes up
        for a message-id that is not there."""
        who = f"{client[0]}[{client[1]}]"
        queue_id = self.host.queue_id(instance, self.at)
        if role == "reinject" and message_id == "<>" and client[1] == "127.0.0.1":
            message_id = self.made_id(queue_id)
        pid = self.log(instance, role, f"connect from {who}")
        self.log(instance, role, f"{queue_id}: client={who}{more}", pid)
        self.subject(instance, queue_id, who, role == "reinject")
        self.log(instance, "cleanup", f"{queue_id}: message-id={message_id}")
        self.fork().log(instance, role, f"disconnect from {who} ehlo=1 mail=1 rcpt=1 data=1 quit=1 "
                        "commands=5", pid, gap=0.1)
        return Post(queue_id, instance, message_id, self.at, client)

    def pick_up(self, instance, uid, sender, message_id):
        queue_id = self.host.queue_id(instance, self.at)
        if message_id in (None, "<>"):
            message_id = self.made_id(queue_id)
        self.log(instance, "pickup", f"{queue_id}: uid={uid} from=<{sender}>")
        self.subject(instance, queue_id, "local", False)
        self.log(instance, "cleanup", f"{queue_id}: message-id={message_id}")
        return Post(queue_id, instance, message_id, self.at)

    def subject(self, instance, queue_id, who, is_back):
        """What header_checks with WARN show."""
        if self.layout["subjects"] == "all" or (self.layout["subjects"] == "entry" and not is_back):
            self.log(instance, "cleanup", f"{queue_id}: warning: header Subject: a letter from {who}; "
                     "from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<h>: watched")

    def reject(self, client):
        who = f"{client[0]}[{client[1]}]"
        pid = self.log(FIRST, "smtpd", f"connect from {who}")
        self.log(FIRST, "smtpd", f"NOQUEUE: reject: RCPT from {who}: 554 5.7.1 <probe@gmail.com>: "
                 "Relay access denied; from=<y@bad.example> to=<probe@gmail.com> proto=ESMTP "
                 "helo=<bad.example>", pid)
        self.log(FIRST, "smtpd", f"disconnect from {who} ehlo=1 mail=1 rcpt=0/1 quit=1 "
                 "commands=3/4", pid)

    def unrelated(self, number):
        """Mail of the second instance that has nothing to do with the first."""
        post = self.accept(SECOND, "smtpd", (f"app.{OWN}", "192.0.2.30"),
                           f"<news{number}@{OWN}>")
        self.finish(post, f"news@{OWN}", [Recipient(f"reader{number}@customer.example")])

    # Ways on

    def pass_on(self, post, sender, to, hops):
        """Through the next filter, or to the recipients."""
        if hops:
            filters.HOPS[hops[0]](self, post, sender, to, hops[1:])
        else:
            self.finish(post, sender, to)

    def active(self, post, sender, to):
        self.log(post.instance, "qmgr", f"{post.id}: from=<{sender}>, "
                 f"size={self.random.randrange(900, 60000)}, nrcpt={len(to)} (queue active)")

    def removed(self, post):
        self.log(post.instance, "qmgr", f"{post.id}: removed")
        if self.layout["queue_ids"] == "short":
            self.host.ended.append((self.at, post.instance, post.id))

    def finish(self, post, sender, to):
        """Delivery by this instance, over as many attempts as it takes."""
        self.active(post, sender, to)
        results = self.attempt(post, sender, to)
        if sender and any(result == "bounced" for _, result in results):
            self.notice(post, sender)
        left = [one for one, result in results if result == "deferred"]
        if left:
            self.at += RETRY_AFTER
            self.active(post, sender, to)  # nrcpt= is that of the queue file
            results = self.attempt(post, sender, left, again=True)
        if all(result != "deferred" for _, result in results):
            self.removed(post)

    def attempt(self, post, sender, to, again=False):
        """[(recipient, what came of it)]. One connection takes all that goes by the second
        instance."""
        handed = [one for one in to if self.sends_by_second(post)
                  and not aliased(self.layout, post, one)[0].endswith("@" + OWN)]
        if handed:
            filters.second_instance(self, post, sender, handed)
        return ([(one, "sent") for one in handed]
                + [(one, self.deliver(post, sender, one, again))
                   for one in to if one not in handed])

    def sends_by_second(self, post):
        return self.layout["instances"] == "row" and post.instance == FIRST

    def deliver(self, post, sender, one, again=False):
        """One recipient, one attempt; what came of it."""
        address, orig_to = aliased(self.layout, post, one)
        if not address.endswith("@" + OWN):
            return self.deliver_outside(post, replace(one, to=address), orig_to, again)
        if one.forward and self.layout["forwards"] == "forward_file":
            return self.forward_file(post, sender, one)
        if one.forward and self.layout["forwards"] == "sieve":
            self.sieve(post, sender, one)
        return self.deliver_inside(post, address, "sent" if one.forward else one.outcome)

    def deliver_outside(self, post, one, orig_to=None, again=False):
        """smtp(8) to the recipient's server or a relay host; or pipe(8)."""
        outcome = {"later": "sent" if again else "deferred", "stuck": "deferred"}.get(
            one.outcome, one.outcome)
        if self.layout["exit"] == "api":
            return self.deliver_by_api(post, one, orig_to, outcome)
        domain = one.to.split("@")[-1]
        name = PROVIDERS.get(domain, f"mx1.{domain}")
        relay = (EXITS[exit_of(self.layout)][0]
                 or f"{name}[198.51.100.{sum(domain.encode()) % 250 + 1}]:25")
        host = relay.rpartition(":")[0]
        refusal = one.reply or f"550 5.1.1 <{one.to}>: user unknown (in reply to RCPT TO command)"
        text, dsn = {
            "sent": ("250 2.0.0 Ok: queued as 4fXq1z2Lb0z4wxY", "2.0.0"),
            "bounced": (f"host {host} said: {refusal}", "5.7.1" if one.reply else "5.1.1"),
            "deferred": (f"host {host} said: 452 4.2.2 <{one.to}> mailbox full (in reply to RCPT "
                         "TO command)", "4.2.2")}[outcome]
        self.delivery(post, "smtp", one.to, relay, outcome, dsn, text, orig_to)
        return outcome

    def deliver_by_api(self, post, one, orig_to, outcome):
        """pipe(8) reads the exit status of the script: 0, EX_NOUSER, EX_DATAERR or EX_TEMPFAIL."""
        name = EXITS["api"][0]
        refusal = ("data format error. Command output: rejected", "5.6.0") if one.reply else (
            "user unknown", "5.1.1")
        text, dsn = {"sent": (f"delivered via {name} service", "2.0.0"), "bounced": refusal,
                     "deferred": ("temporary failure. Command output: try later", "4.3.0")}[outcome]
        self.delivery(post, "pipe", one.to, name, outcome, dsn, text, orig_to)
        return outcome

    def deliver_inside(self, post, address, outcome):
        """local(8), or Dovecot by LMTP."""
        if self.layout["mailbox"] == "local":
            text, dsn = {"sent": ("delivered to maildir", "2.0.0"), "bounced": (
                f"unknown user: \"{address.split('@')[0]}\"", "5.1.1")}[outcome]
            self.delivery(post, "local", address, "local", outcome, dsn, text)
            return outcome
        box, where = f"{MYHOSTNAME}[{socket(self.layout)}]", ""
        if self.layout["at"] == "containers":
            box, where = f"dovecot[{container(DOVECOT)[1]}]", ":24"
        text, dsn = {"sent": (f"250 2.0.0 <{address}> 4OeNKx{self.random.randrange(10**4)} Saved",
                              "2.0.0"),
                     "bounced": (f"host {box} said: 550 5.1.1 <{address}> User doesn't exist: "
                                 f"{address} (in reply to RCPT TO command)", "5.1.1")}[outcome]
        self.delivery(post, "lmtp", address, box + where, outcome, dsn, text)
        return outcome

    def delivery(self, post, role, to, relay, status, dsn, text, orig_to=None):
        self.transaction(post, role, [(to, orig_to)], relay, status, dsn, text)

    def transaction(self, post, role, pairs, relay, status, dsn, text):
        """One connection, one process, one record for each (recipient, orig_to), all at its end."""
        self.at += self.random.uniform(0.05, 0.5)
        delay, pid = two_digits(self.at - post.at), None
        for to, orig_to in pairs:
            orig = f", orig_to=<{orig_to}>" if orig_to else ""
            pid = self.log(post.instance, role, f"{post.id}: to=<{to}>{orig}, relay={relay}, "
                           f"delay={delay}, delays=0.02/0.01/0.01/{delay}, dsn={dsn}, "
                           f"status={status} ({text})", pid, gap=0.001)

    # What comes of a delivery

    def forward_file(self, post, sender, one):
        """local(8) reads ~/.forward, and writes a message of its own."""
        child = Post(self.host.queue_id(post.instance, self.at), post.instance, post.message_id,
                     self.at, mapping="done")
        self.log(post.instance, "cleanup", f"{child.id}: message-id={child.message_id}")
        run = self.fork()
        run.finish_forward(child, sender, one)
        self.delivery(post, "local", one.to, "local", "sent", "2.0.0", f"forwarded as {child.id}")
        return "sent"

    def finish_forward(self, post, sender, one):
        self.active(post, sender, [one])
        far = replace(one, to=one.forward)
        if self.sends_by_second(post):
            filters.second_instance(self, post, sender, [far], one.to)
        elif self.deliver_outside(post, far, one.to) == "bounced" and sender:
            self.notice(post, sender)
        self.removed(post)

    def sieve(self, post, sender, one):
        """Dovecot hands a redirected message to sendmail(1), or from its container to smtpd, before
        it answers Postfix."""
        boxed = self.layout["at"] == "containers"
        child = (self.accept(post.instance, "dovecot", container(DOVECOT), post.message_id) if boxed
                 else self.pick_up(post.instance, 5000, sender, post.message_id))
        self.log_other("dovecot", f"lmtp({one.to})<{self.random.randrange(9999)}><x0>: sieve: "
                       f"msgid={post.message_id}: forwarded to <{one.forward}>")
        hops = filters_of(self.layout, "pickup")
        child.mapping = mapping(self.layout, hops)
        self.fork().pass_on(child, sender, [Recipient(one.forward, one.outcome, reply=one.reply)],
                            hops)

    def notice(self, post, sender):
        """bounce(8) writes to the sender. Its record comes after the notice's first ones."""
        child = Post(self.host.queue_id(post.instance, self.at), post.instance, "", self.at,
                     mapping="done")
        run = self.fork()
        run.log(post.instance, "cleanup", f"{child.id}: message-id={run.made_id(child.id)}")
        self.at = run.at
        if self.random.random() < 0.4:
            self.at += 0.05  # after its "queue active", too
        self.log(post.instance, "bounce",
                 f"{post.id}: sender non-delivery notification: {child.id}")
        run.finish(child, "", [Recipient(sender)])


def two_digits(seconds):
    """A delay as Postfix writes it: two significant digits, and never an exponent."""
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.2g}"
