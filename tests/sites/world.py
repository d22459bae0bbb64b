# SPDX-License-Identifier: MIT
"""What all sites share: the calendar, and the world outside that writes and is written to."""
import random

from mailserver import DAY, DAYS, HOUR, PROVIDERS, START, MailServer, Recipient

HOLIDAYS = (0, 13, 24)  # days from the first, a Friday
BRIDGE = (13, 14, 15, 16)  # Thursday is a holiday: who can takes the Friday off
# How much of a day's mail falls into each hour.
OFFICE = (0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 11, 10, 6, 8, 10, 10, 9, 5, 2, 1, 1, 1, 0, 0)
HOME = (1, 0, 0, 0, 0, 1, 3, 5, 5, 5, 5, 5, 6, 5, 4, 4, 5, 6, 8, 10, 10, 8, 5, 3)
FIRST_BYTES = (31, 46, 62, 77, 80, 84, 87, 91, 93, 109, 176, 188, 212, 217)
FREEMAIL = tuple(PROVIDERS)
POSTCONF = """compatibility_level = 3.6
enable_long_queue_ids = yes
inet_interfaces = all
mail_version = 3.7.11
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
"""


def is_working(day):
    return (day + 4) % 7 < 5 and day not in HOLIDAYS


class Site:
    """What all sites share: the outside world."""
    name, own, trusted, main_cf = "", (), ("127.",), ""
    settings = "[site]\nask_postfix = no\n"

    def __init__(self, seed):
        self.random = random.Random(f"{self.name} {seed}")
        self.server = self.new_server(f"{self.name} server {seed}")
        domain = self.domain = self.own[0]
        self.people = [f"{first}.{last}@{domain}" for last in ("adler", "brandt", "conrad", "dietz")
                       for first in range(250)]
        self.friends = [f"friend{i}@{self.random.choice(FREEMAIL)}" for i in range(3000)]
        self.partners = [f"p{i}@partner{i % 150}.example" for i in range(600)]

    def new_server(self, seed, inodes=0):
        return MailServer(self.name, self.own, seed, self.trusted, inodes)

    def postconf(self):
        return "".join(sorted((POSTCONF + self.main_cf).splitlines(keepends=True)))

    def address(self):
        """Anybody's address somewhere in the world."""
        pick = self.random.randrange
        return f"{FIRST_BYTES[pick(14)]}.{pick(256)}.{pick(256)}.{pick(1, 255)}"

    def client(self):
        address = self.address()
        return f"dyn-{address.replace('.', '-')}.isp{self.random.randrange(30)}.example[{address}]"

    def times(self, day, mean, hours=OFFICE):
        """About so many moments of a day."""
        count = max(0, round(self.random.gauss(mean, mean ** 0.5)))
        return [START + day * DAY + hour * HOUR + self.random.random() * HOUR
                for hour in self.random.choices(range(24), hours, k=count)]

    def outcome(self, later=0.03, unknown=0.01, dead=0.001):
        x = self.random.random()
        return ("later" if x < later else "unknown" if x < later + unknown
                else "dead" if x < later + unknown + dead else "sent")

    def anybody(self, count=1, **odds):
        return [Recipient(one, self.outcome(**odds)) for one in self.random.sample(self.friends,
                                                                                   count)]

    def from_outside(self, at, sender, to):
        """From the sender's own server."""
        domain = sender.split("@")[-1]
        net = sum(domain.encode())
        self.server.receive(at, f"out{net % 3}.{domain}[192.0.{net % 200 + 3}.{net % 250 + 1}]",
                            sender, to)

    def inbox(self, day, mean, people, hours=OFFICE, personal=0.4):
        """What people get: letters, newsletters, the odd notice."""
        for at in self.times(day, mean, hours):
            to, x = self.random.choice(people), self.random.random()
            if x < personal:
                sender = self.random.choice(self.friends if x < personal / 2 else self.partners)
            elif x < 0.97:
                number = self.random.randrange(60)
                sender = f"bounce-{self.random.randrange(10**6)}@news.shop{number}.example"
            else:
                sender = ""
            if sender:
                self.from_outside(at, sender, to)
            else:
                self.server.receive(at, f"mx.partner{int(at) % 90}.example[192.0.2.{int(at) % 90}]",
                                    "", to, message_id=f"<{int(at)}.n@partner.example>")

    def strangers(self, day, mean):
        """Spam that is refused, probes for relays, guesses of passwords."""
        for at in self.times(day, mean, HOME):
            client, x = f"unknown[{self.address()}]", self.random.random()
            if x < 0.4:
                self.server.guess_password(at, client)
            else:
                why = "blocked" if x < 0.75 else "unknown" if x < 0.9 else "relay"
                to = "probe@gmail.com" if why == "relay" else f"info{int(at) % 50}@{self.domain}"
                self.server.reject(at, client, f"x{int(at)}@spam{int(at) % 40}.example", to, why)

    def write_out(self, at, login, client, to=None, sender=None):
        """A person sends a letter."""
        self.server.receive(at, client, sender or login, to or self.anybody(), login)

    def bulk(self, at, seconds, login, client, count, sender=None, **odds):
        """As many letters, one recipient each, from one program."""
        for i, one in enumerate(self.anybody(count, **odds)):
            self.write_out(at + i * seconds / count, login, client, [one], sender)

    def out_of_office(self, at, seconds, to, count):
        """What comes back from a bulk mail: null senders, each from another server."""
        for i in range(count):
            net = self.random.randrange(150)
            self.server.receive(at + i * seconds / count,
                                f"mail.partner{net}.example[192.0.{net}.9]", "", to,
                                message_id=f"<ooo{int(at)}.{i}@partner{net}.example>")

    def once(self, day, hour, minute=0):
        return START + day * DAY + hour * HOUR + minute * 60 + self.random.random() * 60

    def month(self):
        for day in range(DAYS):
            self.day(day)
        return self.server

    def day(self, day):
        raise NotImplementedError
