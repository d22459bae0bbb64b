# SPDX-License-Identifier: MIT
"""A mail server that writes the records of Postfix 3.7 for the mail it is given.

Every way in (receive, pick_up, reject) takes the time and what came; the mail goes on by itself:
into a mailbox by Dovecot's LMTP, with what its owner's Sieve script does, or out by smtp, with
deferrals, refusals and the notices they cause. The ledger notes each message that reaches somebody
outside, and under which root, so that a truth can be counted from it."""
import datetime
import random
from collections import namedtuple
from dataclasses import dataclass
from operator import itemgetter

ZONE = datetime.timezone(datetime.timedelta(hours=2))
START = datetime.datetime(2026, 5, 1, tzinfo=ZONE).timestamp()
HOUR, DAY, DAYS = 3600, 86400, 31
END = START + DAYS * DAY

ALPHABET = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
IN_INODES = [a + b for a in ALPHABET[:51] for b in ALPHABET[:51]]  # z ends the time before them
PROVIDERS = {"gmail.com": "gmail-smtp-in.l.google.com", "yahoo.com": "mta5.am0.yahoodns.net",
             "outlook.com": "outlook-com.olc.protection.outlook.com",
             "gmx.de": "mx00.emig.gmx.net", "web.de": "mx-ha02.web.de"}
LOCALHOST = "localhost[127.0.0.1]"
VMAIL = 5000

# outcome of the first attempt: (status, dsn, the server's words)
REPLIES = {
    "sent": ("sent", "2.0.0", ""),
    "later": ("deferred", "4.2.0", "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see "
              "postgrey (in reply to RCPT TO command)"),
    "dead": ("deferred", "4.4.1", ""),
    "unknown": ("bounced", "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown "
                "(in reply to RCPT TO command)"),
    "spam": ("bounced", "5.7.1", "550-5.7.1 This message is likely unsolicited mail. 550 5.7.1 "
             "blocked (in reply to end of DATA command)"),
    "full": ("bounced", "5.2.2", "552 5.2.2 <{to}> Quota exceeded (mailbox for user is full) (in "
             "reply to end of DATA command)"),
}

Recipient = namedtuple("Recipient", "to outcome orig", defaults=("sent", ""))


@dataclass
class Entry:
    """A message that reached for somebody outside: what the ledger keeps."""
    root: tuple  # ("account", login), ("local", uid), ("trusted" or "outside", client address)
    sender: str
    first: float
    last: float
    recipients: int


def address_of(client):
    return client[client.index("[") + 1:-1]


class MailServer:
    def __init__(self, name, own, seed, trusted=(), inodes=0):
        self.name, self.own, self.trusted = name, own, trusted
        self.random = random.Random(seed)
        self.short = name.split(".", maxsplit=1)[0]
        self.rows, self.ledger = [], []
        self.sieve = {}  # of an address of ours: called with (at, sender, address, message_id)
        self.inodes = [IN_INODES[700 + inodes] + IN_INODES[i * 7 % 2600] for i in range(900)]
        self.turn = {}
        self.next_inode = 0

    # Records

    def log(self, at, program, text):
        self.rows.append((at, f"{program}: {text}"))

    def process(self, role, first, many=40):
        """The next of many, so that no process has two messages at a time."""
        turn = self.turn[role] = self.turn.get(role, -1) + 1
        return f"postfix/{role}[{first + turn % many}]"

    def queue_id(self, at):
        second = int(at)
        us = int((at - second) * 1e6)
        self.next_inode = (self.next_inode + 1) % len(self.inodes)
        return (PAIRS[second // 7311616] + PAIRS[second // 2704 % 2704] + PAIRS[second % 2704]
                + PAIRS[us // 2704] + PAIRS[us % 2704] + "z" + self.inodes[self.next_inode])

    # Ways in

    def receive(self, at, client, sender, to, login="", message_id=""):
        """By SMTP, from a client as NAME[ADDRESS]. to: recipients, or one address."""
        to = [Recipient(to)] if isinstance(to, str) else to
        smtpd = self.process("submission/smtpd" if login else "smtpd", 2000 if login else 3000)
        queue_id = self.queue_id(at)
        message_id = message_id or f"<{self.random.getrandbits(64):x}@{sender.split('@')[-1]}>"
        auth = f", sasl_method=PLAIN, sasl_username={login}" if login else ""
        self.log(at - 0.2, smtpd, f"connect from {client}")
        self.log(at, smtpd, f"{queue_id}: client={client}{auth}")
        self.log(at + 0.02, self.process("cleanup", 4000), f"{queue_id}: message-id={message_id}")
        n = len(to)
        self.log(at + 0.09, smtpd, f"disconnect from {client} ehlo=1 {'auth=1 ' if login else ''}"
                 f"mail=1 rcpt={n} data=1 quit=1 commands={n + 4 + bool(login)}")
        address = address_of(client)
        root = (("account", login) if login else
                ("trusted", address) if address.startswith(self.trusted) else ("outside", address))
        return self.queue(at + 0.05, queue_id, sender, to, root, message_id)

    def pick_up(self, at, uid, sender, to, message_id="", root=None, given=None):
        """From sendmail; given: the sender as the program gave it, if myorigin completes it."""
        to = [Recipient(to)] if isinstance(to, str) else to
        queue_id = self.queue_id(at)
        message_id = message_id or f"<{queue_id}@{self.name}>"
        given = sender if given is None else given
        self.log(at, "postfix/pickup[1203]", f"{queue_id}: uid={uid} from=<{given}>")
        self.log(at + 0.01, self.process("cleanup", 4000), f"{queue_id}: message-id={message_id}")
        return self.queue(at + 0.04, queue_id, sender, to, root or ("local", uid), message_id)

    def reject(self, at, client, sender, to, why="relay"):
        """A stranger who is turned away."""
        smtpd = self.process("smtpd", 3000)
        text = {"relay": f"554 5.7.1 <{to}>: Relay access denied",
                "unknown": f"550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual "
                "mailbox table",
                "blocked": f"554 5.7.1 Service unavailable; Client host [{address_of(client)}] "
                "blocked using zen.spamhaus.org"}[why]
        self.log(at - 0.2, smtpd, f"connect from {client}")
        self.log(at, smtpd, f"NOQUEUE: reject: RCPT from {client}: {text}; from=<{sender}> "
                 f"to=<{to}> proto=ESMTP helo=<{sender.split('@')[-1]}>")
        self.log(at + 0.1, smtpd, f"disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 "
                 "commands=3/4")

    def guess_password(self, at, client):
        smtpd = self.process("submission/smtpd", 2000)
        self.log(at - 0.2, smtpd, f"connect from {client}")
        self.log(at, smtpd, f"warning: {client}: SASL LOGIN authentication failed: UGFzc3dvcmQ6")
        self.log(at + 0.1, smtpd, f"disconnect from {client} ehlo=1 auth=0/1 quit=1 commands=2/3")

    # Ways on

    def queue(self, at, queue_id, sender, to, root, message_id, size=None):
        """Delivery over as many attempts as it takes; the time when the first is over. root None:
        nobody's, as a notice is."""
        active = (f"{queue_id}: from=<{sender}>, size={size or self.random.randrange(900, 60000)}, "
                  f"nrcpt={len(to)} (queue active)")
        self.log(at, "postfix/qmgr[1204]", active)
        outside = sum(one.to.split("@")[-1] not in self.own and not one.orig for one in to)
        end, waiting, refused = at, [], False
        for one in to:
            done = at + 0.1 + self.random.random()
            status = self.deliver(done, at, queue_id, one, one.outcome, sender, message_id, root)
            refused |= status == "bounced"
            if status == "deferred":
                waiting.append(one)
            end = max(end, done)
        if outside and root:
            self.ledger.append(Entry(root, sender, at - 0.1, end, outside))
        if refused and sender:
            self.notice(end + 0.02, queue_id, sender)
        if waiting:
            self.retry(at, queue_id, active, waiting, sender, message_id, root)
        else:
            self.log(end + 0.05, "postfix/qmgr[1204]", f"{queue_id}: removed")
        return end

    def retry(self, at, queue_id, active, waiting, sender, message_id, root):
        """As qmgr does it: waits grow from 300 to 4000 s, and after five days the mail expires."""
        wait, now = 300 + self.random.random() * 200, at
        while waiting and now < END:
            now, wait = now + wait, min(wait * 2, 4000)
            self.log(now, "postfix/qmgr[1204]", active)
            if now > at + 5 * DAY:
                self.log(now + 0.01, "postfix/qmgr[1204]",
                         f"{queue_id}: from=<{sender}>, status=expired, returned to sender")
                if sender:
                    self.notice(now + 0.02, queue_id, sender)
                break
            waiting = [one for one in waiting if self.deliver(
                now + 0.5, at, queue_id, one, "sent" if one.outcome == "later" else one.outcome,
                sender, message_id, root) == "deferred"]
        if now < END:
            self.log(now + 0.9, "postfix/qmgr[1204]", f"{queue_id}: removed")

    def deliver(self, at, since, queue_id, one, outcome, sender, message_id, root):
        """One attempt for one recipient; its status."""
        domain = one.to.split("@")[-1]
        status, dsn, text = REPLIES[outcome]
        if domain in self.own:
            rule = self.sieve.get(one.to)
            if rule and status == "sent":
                rule(at - 0.09, sender, one.to, message_id, root)
            role, first, port = "lmtp", 6000, ""
            relay = f"{self.name}[private/dovecot-lmtp]"
            text = text or f"250 2.0.0 <{one.to}> {queue_id[-6:]}x Saved"
        else:
            role, first, port = "smtp", 7000, ":25"
            host = PROVIDERS.get(domain) or f"mx1.{domain}"
            relay = f"{host}[198.51.100.{sum(domain.encode()) % 250 + 1}]"
            text = text or ("250 2.0.0 Ok: queued as 4gXq1z2Lb0z4wxY" if status == "sent" else
                            f"connect to {relay}:25: Connection timed out")
        if outcome == "dead":
            relay, port = "none", ""
        elif status != "sent":
            text = f"host {relay} said: {text.format(to=one.to)}"
        orig = f", orig_to=<{one.orig}>" if one.orig else ""
        delay = f"{at - since:.2g}" if at - since < 100 else f"{at - since:.0f}"
        self.log(at, self.process(role, first), f"{queue_id}: to=<{one.to}>{orig}, relay={relay}"
                 f"{port}, delay={delay}, delays=0.02/0.01/0.05/{delay}, dsn={dsn}, status={status}"
                 f" ({text})")
        return status

    def notice(self, at, queue_id, sender):
        """A non-delivery notice; nobody is told when it is refused itself."""
        child = self.queue_id(at)
        message_id = f"<{child}@{self.name}>"
        self.log(at, self.process("cleanup", 4000), f"{child}: message-id={message_id}")
        self.log(at + 0.01, self.process("bounce", 5000),
                 f"{queue_id}: sender non-delivery notification: {child}")
        ours = sender.split("@")[-1] in self.own
        outcome = "sent" if ours or self.random.random() < 0.6 else "unknown"
        self.queue(at + 0.02, child, "", [Recipient(sender, outcome)], None, message_id)

    # What mailboxes do besides

    def redirect(self, address, target):
        """Sieve's redirect: by sendmail, with the sender and the message-id of what came."""
        def rule(at, sender, _, message_id, root):
            if sender:
                spam = "spam" if self.random.random() < 0.05 else "sent"
                self.pick_up(at, VMAIL, sender, [Recipient(target, spam)], message_id,
                             root and ("forward", *root))
        self.sieve[address] = rule

    def vacation(self, address, is_away):
        """Sieve's vacation: RFC 3834, so no list is answered, and nobody twice within a week."""
        answered = {}

        def rule(at, sender, _, __, ___):
            if (is_away(at) and sender and "bounce" not in sender and "news" not in sender
                    and answered.get(sender, 0) < at - 7 * DAY):
                answered[sender] = at
                self.pick_up(at, VMAIL, "", sender, f"<dovecot-sieve-{int(at)}-"
                             f"{self.random.randrange(10**6)}-0@{self.name}>", ("autoreply",))
        self.sieve[address] = rule

    def forward_file(self, at, queue_id, address, sender, to, root, message_id):
        """local(8) reads the ~/.forward of address, and writes a message of its own."""
        child = self.queue_id(at + 0.1)
        self.log(at + 0.1, self.process("cleanup", 4000), f"{child}: message-id={message_id}")
        self.log(at, "postfix/qmgr[1204]", f"{queue_id}: from=<{sender}>, size=2210, nrcpt=1 "
                 "(queue active)")
        self.log(at + 0.13, self.process("local", 8000), f"{queue_id}: to=<{address}>, relay=local,"
                 f" delay=0.2, delays=0.1/0.01/0/0.09, dsn=2.0.0, status=sent (forwarded as "
                 f"{child})")
        self.log(at + 0.16, "postfix/qmgr[1204]", f"{queue_id}: removed")
        to = [Recipient(one.to, one.outcome, address) for one in to]
        self.queue(at + 0.12, child, sender, to, None, message_id)
        self.ledger.append(Entry(root, sender, at, at + 1.4, len(to)))


def write(path, host, rows):
    """The rows in the order of time, as rsyslog stamps them."""
    second, stamp = None, ""
    out = []
    for at, text in sorted(rows, key=itemgetter(0)):
        if int(at) != second:
            second = int(at)
            stamp = datetime.datetime.fromtimestamp(second, ZONE).strftime("%Y-%m-%dT%H:%M:%S")
        out.append(f"{stamp}.{int((at - second) * 1e6):06d}+02:00 {host} {text}\n")
    with open(path, "w", encoding="ascii") as file:
        file.writelines(out)
    return len(out)
