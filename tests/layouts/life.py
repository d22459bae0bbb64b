# SPDX-License-Identifier: MIT
"""Lives of messages: what happened to a site's mail, whatever its Postfix looks like.

A life is a list of Messages. It names who sent what to whom and what became of each recipient, and
nothing of queue IDs, hops, tags or log lines: those depend on the layout (layout.py) and are
written by postfix.py. Every life holds a normal day; each but the first adds one attack.

The attack begins after ATTACK_AT, so that a log can be cut before it, and DAY leaves more than two
hours after it for short queue IDs to be reused. Lower thresholds keep a life short."""
import random
from dataclasses import dataclass, field
from functools import lru_cache

OWN = "example.org"
HOST = "mx"
MYHOSTNAME = f"{HOST}.{OWN}"
HOUR = 3600
ATTACK_AT = HOUR
ATTACK_FOR = 0.8 * HOUR
DAY = 4.5 * HOUR
# Public mailbox providers, outside whatever is known of the site, and the servers that take their
# mail.
PROVIDERS = {"gmail.com": "gmail-smtp-in.l.google.com", "yahoo.com": "mta5.am0.yahoodns.net",
             "outlook.com": "outlook-com.olc.protection.outlook.com",
             "gmx.de": "mx00.emig.gmx.net", "orange.fr": "smtp-in.orange.fr"}
SPAM = ("550-5.7.1 This message is likely unsolicited mail. 550 5.7.1 blocked "
        "(in reply to end of DATA command)")

THRESHOLDS = {
    "account-abuse": {"recipients": 40, "refused": 1000, "networks": 1000},
    "local-abuse": {"recipients": 40},
    "trusted-relay": {"foreign_recipients": 30},
    "backscatter-source": {"notices": 20},
    "backscatter-victim": {"messages": 40, "clients": 10},
}


@dataclass
class Recipient:
    to: str
    # sent; bounced; later: deferred once, then sent; stuck: deferred as long as the log goes on
    outcome: str = "sent"
    # Where the owner of this mailbox has it forwarded, if the layout forwards at all; then outcome
    # is what the other side made of it.
    forward: str = None
    reply: str = None  # what a server that refuses says

    @property
    def own(self):
        return self.to.endswith("@" + OWN)


@dataclass
class Message:
    at: float
    sender: str
    to: list
    client: tuple = None  # (name, address)
    login: str = None
    uid: int = None
    attack: bool = False


@dataclass
class Life:
    name: str
    random: random.Random
    messages: list = field(default_factory=list)
    rejected: list = field(default_factory=list)  # (at, client) of strangers who are turned away
    expected: list = field(default_factory=list)  # incidents, with the figures that are told here

    def send(self, at, sender, to, **more):
        to = [one if isinstance(one, Recipient) else Recipient(one)
              for one in (to if isinstance(to, list) else [to])]
        self.messages.append(Message(at, sender, to, **more))

    def attack(self, number, count, sender, to, **more):
        """Attack number of count: evenly spread, so that no two of one sender are under way at once
        (a link by sender and recipient alone takes neither of two parents)."""
        step = ATTACK_FOR / count
        at = ATTACK_AT + (number + self.random.uniform(0.1, 0.3)) * step
        self.send(at, sender, to, attack=True, **more)

    def expect(self, kind, key, cause=None, **figures):
        self.expected.append({"kind": kind, "key": key, "cause": cause, **figures})

    def anybody(self):
        return f"u{self.random.randrange(10**7)}@{self.random.choice(tuple(PROVIDERS))}"

    def moment(self):
        return self.random.uniform(0, DAY)


def normal_day(life):
    """Partners write to us, our people and machines write out, and strangers are turned away."""
    for _ in range(90):
        partner = life.random.randrange(1, 40)
        life.send(life.moment(), f"p{partner}@partner{partner}.example",
                  life.random.choice(("alice", "bob", "dora")) + "@" + OWN,
                  client=(f"mail.partner{partner}.example", f"198.18.7.{partner}"))
    for _ in range(30):
        user = life.random.choice(("alice", "dora"))
        outcome = life.random.choice(("sent", "sent", "sent", "later", "bounced"))
        life.send(life.moment(), f"{user}@{OWN}",
                  Recipient(f"c{life.random.randrange(999)}@customer.example", outcome),
                  client=("dyn.isp.example", "198.51.100.12"), login=f"{user}@{OWN}")
    for _ in range(20):
        desk = life.random.randrange(10, 20)
        life.send(life.moment(), f"alice@{OWN}", f"c{life.random.randrange(999)}@customer.example",
                  client=(f"desk{desk}.{OWN}", f"192.0.2.{desk}"))
    for _ in range(10):
        life.send(life.moment(), f"root@{MYHOSTNAME}", f"alice@{OWN}", uid=0)
    for _ in range(8):
        life.rejected.append((life.moment(), ("unknown", f"203.0.113.{life.random.randrange(99)}")))


def forwarded_mail(life):
    """Mail for carol, who has it forwarded where the layout can. A forward that is taken for
    relaying crosses a threshold: local-abuse's where it comes back by pickup."""
    for i in range(50):
        life.send(ATTACK_AT + i * 55 + life.random.uniform(0, 20), f"f{i}@friend{i % 9}.example",
                  Recipient(f"carol@{OWN}", forward="carol.private@gmail.com"),
                  client=(f"mail.friend{i % 9}.example", f"198.18.3.{i % 9 + 1}"))


ATTACKS = {}


def attack(make):
    ATTACKS[make.__name__] = make
    return make


@attack
def nothing(life):
    """No attack: nothing may be raised in any layout."""
    forwarded_mail(life)


@attack
def open_relay(life):
    """One stranger relays; some recipients refuse, and the notices go to a forged sender."""
    forwarded_mail(life)
    for i in range(100):
        to = [Recipient(life.anybody(), ("sent", "bounced", "later", "stuck")[i % 4])]
        to += [Recipient(life.anybody()) for _ in range(i % 3)]
        life.attack(i, 100, f"deal{i % 6}@cheap-loans.example", to,
                    client=("unknown", "203.0.113.77"))
    life.expect("open-relay", {"client": "203.0.113.77"}, messages=100, recipients=199)
    life.expect("backscatter-source", {"client": "203.0.113.77"}, "relayed", messages=25,
                recipients=25, notices=25)


@attack
def botnet_relay(life):
    """Forty clients, IPv4 and IPv6, under one sender domain."""
    for i in range(120):
        bot = i % 40
        address = f"2001:db8:{bot:x}::7" if bot % 4 == 0 else f"198.{100 + bot}.{bot}.9"
        life.attack(i, 120, f"s{i % 30}@pills.example", life.anybody(), client=("unknown", address))
    life.expect("open-relay", {"sender_domain": "pills.example"}, messages=120, recipients=120)


@attack
def stolen_login(life):
    """bob's login from three networks; he gets the notices he is owed."""
    forwarded_mail(life)
    for i in range(60):
        life.attack(i, 60, f"bob@{OWN}",
                    [Recipient(life.anybody(), ("sent", "bounced", "later", "stuck")[i % 4]),
                     Recipient(life.anybody())],
                    client=("unknown", f"203.0.{i % 3}.51"), login=f"bob@{OWN}")
    life.expect("account-abuse", {"sasl_username": f"bob@{OWN}"}, messages=60, recipients=120)


@attack
def web_script(life):
    """A script of the web server's uid, under few senders, so that the uid is not a shared one."""
    for i in range(60):
        life.attack(i, 60, f"promo{i % 3}@{OWN}",
                    [Recipient(life.anybody(), "bounced" if i % 6 == 0 else "sent"),
                     Recipient(life.anybody())], uid=33)
    life.expect("local-abuse", {"uid": 33}, messages=60, recipients=120)


@attack
def infected_client(life):
    """A desk of ours sends under a foreign domain."""
    for i in range(45):
        life.attack(i, 45, f"info{i % 3}@bank.example",
                    Recipient(life.anybody(), "later" if i % 9 == 0 else "sent"),
                    client=(f"desk44.{OWN}", "192.0.2.44"))
    life.expect("trusted-relay", {"client": "192.0.2.44"}, messages=45, recipients=45)


@attack
def accept_then_bounce(life):
    """Unknown users are accepted, then bounced to forged senders."""
    for i in range(50):
        life.attack(i, 50, f"victim{i}@victim{i % 5}.example",
                    Recipient(f"guess{i}@{OWN}", "bounced"), client=("unknown", f"203.{i}.113.7"))
    life.expect("backscatter-source", {"host": HOST}, "unknown-local-recipient", messages=50,
                recipients=50, notices=50)


@attack
def forward_refused(life):
    """carol's forwarded spam is refused, and the forged senders are told."""
    for i in range(50):
        life.attack(i, 50, f"s{i}@forged{i % 7}.example",
                    Recipient(f"carol@{OWN}", "bounced", "carol.private@gmail.com", SPAM),
                    client=("unknown", f"203.{i}.113.9"))
    life.expect("backscatter-source", {"host": HOST}, "forward-refused", messages=50, recipients=50,
                notices=50)


@attack
def joe_job(life):
    """Others bounce to alice what was sent under her name."""
    for i in range(80):
        server = i % 25
        life.attack(i, 80, "", f"alice@{OWN}",
                    client=(f"mx{server}.isp{server}.example", f"198.18.9.{server + 1}"))
    life.expect("backscatter-victim", {"recipient": f"alice@{OWN}"}, messages=80, recipients=80)


@lru_cache(maxsize=64)
def live(name, variant):
    """The life of that name; variant seeds its details."""
    life = Life(name, random.Random(f"{name} {variant}"))
    normal_day(life)
    ATTACKS[name](life)
    life.messages.sort(key=lambda message: message.at)
    return life


def thresholds():
    """The [sections] of a settings file that lower the thresholds."""
    text = ""
    for section, keys in THRESHOLDS.items():
        text += f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
    return text
