# SPDX-License-Identifier: MIT
"""What happens to the five sites: each attack, its records, and what must be said of it.

An attack is a function of a site (months.py), a server to write with, and a time to begin. It
returns what is expected: the kind, the key, and which entries of the ledger belong to that key, so
that a victim's own mail, which goes on meanwhile, counts as it must."""
from dataclasses import dataclass
from typing import Callable

from mailserver import DAY, HOUR, LOCALHOST, START, Recipient

ATTACKS = []


@dataclass
class Expected:
    """One incident."""
    kind: str
    key: dict
    belongs: Callable  # whether an entry of the ledger does
    names: tuple = ()  # what the incident must name somewhere
    shared: bool = False  # others have the key too, whose earlier mail may or may not count
    related: bool = False  # to others


@dataclass
class Attack:
    """also: kinds of incidents that the attack causes besides."""
    name: str
    site: str
    write: Callable
    begins: float
    also: tuple


def attack(site, name, day, hour, also=()):
    def register(function):
        ATTACKS.append(Attack(name, site, function, START + day * DAY + hour * HOUR, also))
        return function
    return register


def account(login, related=False):
    return Expected("account-abuse", {"sasl_username": login},
                    lambda one: one.root == ("account", login), related=related)


def local(uid, sender=None, names=(), shared=False):
    return Expected("local-abuse", {"sender": sender} if sender else {"uid": uid},
                    lambda one: one.root == ("local", uid) and sender in (None, one.sender), names,
                    shared=shared)


def client(address, kind="trusted-relay"):
    root = "outside" if kind == "open-relay" else "trusted"
    return Expected(kind, {"client": address}, lambda one: one.root == (root, address))


def victims(server, count, **odds):
    """Recipients of spam: many don't exist, or refuse it."""
    pick, odds = server.random.random, {"unknown": 0.1, "spam": 0.1, "later": 0.05, **odds}
    to = []
    for _ in range(count):
        x, outcome = pick(), "sent"
        for name, share in odds.items():
            if 0 <= x < share:
                outcome = name
            x -= share
        to.append(Recipient(f"v{server.random.randrange(10**8)}@"
                            f"{server.random.choice(('gmail.com', 'yahoo.com', 'victim.example'))}",
                            outcome))
    return to


def steadily(begins, per_hour, hours):
    count = round(per_hour * hours)
    return [begins + (i + 0.37) * hours * HOUR / count for i in range(count)]


def flood(server, times, login, clients, senders, each=1, **odds):
    """From login, in turn from these clients and under these senders."""
    for i, at in enumerate(times):
        server.receive(at, clients[i % len(clients)], senders[i % len(senders)],
                       victims(server, each, **odds), login)


# A family


@attack("family", "stolen login, fast", 21, 3)
def family_fast(site, server, begins):
    login = site.members[3]
    flood(server, steadily(begins, 1800, 0.7), login, ["unknown[45.9.148.20]"], [login], 2)
    return [account(login)]


@attack("family", "stolen login, 150 an hour for 16 hours", 21, 2)
def family_slow(site, server, begins):
    login = site.members[2]
    flood(server, steadily(begins, 150, 16), login, ["unknown[45.9.148.21]"], [login])
    return [account(login)]


@attack("family", "stolen login, 60 an hour, two days", 21, 0)
def family_slower(site, server, begins):
    login = site.members[0]
    flood(server, steadily(begins, 60, 44), login, ["unknown[45.9.148.22]"], [login])
    return [account(login)]


@attack("family", "open relay of one hour", 21, 14, also=("backscatter-source",))
def family_relay(_, server, begins):
    for at in steadily(begins, 400, 1):
        server.receive(at, "unknown[45.9.148.23]", "offer@pills.example", victims(server, 2))
    return [client("45.9.148.23", "open-relay")]


# A company


@attack("company", "infected PC, foreign senders, fast", 20, 10, also=("backscatter-source",))
def infected_fast(_, server, begins):
    for i, at in enumerate(steadily(begins, 900, 1.5)):
        server.receive(at, "pc17.company.example[10.20.4.18]", f"s{i % 40}@bank{i % 7}.example",
                       victims(server, 1))
    return [client("10.20.4.18")]


@attack("company", "infected PC, foreign senders, 90 an hour", 20, 1, also=("backscatter-source",))
def infected_slow(_, server, begins):
    for i, at in enumerate(steadily(begins, 90, 20)):
        server.receive(at, "pc18.company.example[10.20.4.19]", f"s{i % 40}@bank{i % 7}.example",
                       victims(server, 1))
    return [client("10.20.4.19")]


@attack("company", "infected PC, invented senders of ours", 20, 10)
def infected_own(_, server, begins):
    for i, at in enumerate(steadily(begins, 600, 3)):
        server.receive(at, "pc19.company.example[10.20.4.20]",
                       f"a{i * 7919 % 9973}@company.example",
                       victims(server, 1, unknown=0, spam=0))
    return [client("10.20.4.20")]


@attack("company", "stolen login, fast", 20, 4)
def company_fast(site, server, begins):
    login = site.active[20]
    flood(server, steadily(begins, 3000, 1), login, ["unknown[45.9.148.30]"], [login])
    return [account(login)]


@attack("company", "stolen login, 40 an hour", 20, 0)
def company_slow(site, server, begins):
    login = site.active[21]
    flood(server, steadily(begins, 40, 24), login, ["unknown[45.9.148.31]"], [login])
    return [account(login)]


@attack("company", "botnet on one login", 20, 9)
def company_botnet(site, server, begins):
    login = site.active[22]
    bots = [f"unknown[{45 + i % 90}.{i}.7.{i % 250 + 1}]" for i in range(250)]
    flood(server, steadily(begins, 120, 3), login, bots, [login])
    return [account(login)]


@attack("company", "login of the marketing run stolen", 21, 2)
def company_marketing(_, server, begins):
    login = "marketing@company.example"
    flood(server, steadily(begins, 700, 3), login, ["unknown[45.9.148.33]"],
          ["support@bank.example", "security@bank.example"])
    return [account(login)]


@attack("company", "script to 127.0.0.1, 1990 an hour", 20, 0)
def company_script(_, server, begins):
    for i, at in enumerate(steadily(begins, 1990, 24)):
        server.receive(at, LOCALHOST, f"www{i}@company.example",
                       victims(server, 1, unknown=0.02, spam=0.02, later=0))
    return [client("127.0.0.1")]


# A provider


@attack("provider", "stolen login, fast, into a stuck queue", 11, 5)
def provider_stuck(site, server, begins):
    login = site.users[300]
    for at in steadily(begins, 120, 1):
        server.receive(at, "unknown[45.9.148.40]", login, victims(server, 25, dead=0.02), login)
    return [account(login)]


@attack("provider", "stolen login, 35 an hour", 11, 0)
def provider_slow(site, server, begins):
    login = site.users[301]
    flood(server, steadily(begins, 35, 24), login, ["unknown[45.9.148.41]"], [login])
    return [account(login)]


@attack("provider", "botnet on one login, forged senders", 11, 8)
def provider_botnet(site, server, begins):
    login = site.users[302]
    bots = [f"unknown[{46 + i % 90}.{i % 256}.9.{i % 250 + 1}]" for i in range(400)]
    flood(server, steadily(begins, 600, 5), login, bots,
          [f"info@forged{i}.example" for i in range(97)])
    return [account(login)]


@attack("provider", "ring of 12 accounts, 190 an hour each", 11, 0)
def provider_ring(site, server, begins):
    logins = site.users[310:322]
    for k, login in enumerate(logins):
        flood(server, steadily(begins + k * 3, 190, 24), login,
              [f"unknown[203.0.{113 + (i + k) % 5}.{16 + k % 3}]" for i in range(5)], [login],
              unknown=0.02, spam=0.02, later=0)
    return [account(login, related=True) for login in logins]


@attack("provider", "open relay of one hour, 150 clients", 11, 21, also=("backscatter-source",))
def provider_relay(_, server, begins):
    for i, at in enumerate(steadily(begins, 900, 1)):
        net = i * 7 % 150
        server.receive(at, f"unknown[{46 + net % 90}.{net}.17.5]", f"s{i}@pills.example",
                       victims(server, 1))
    return [Expected("open-relay", {"sender_domain": "pills.example"},
                     lambda one: one.root[0] == "outside"
                     and one.sender.endswith("@pills.example"))]


# A web host


@attack("webhost", "one hacked site, fast", 12, 13)
def site_fast(_, server, begins):
    for at in steadily(begins, 500, 3):
        server.pick_up(at, 33, "info@site776.example", victims(server, 1))
    return [local(33, "info@site776.example")]


@attack("webhost", "one hacked site, 45 an hour", 12, 0)
def site_slow(_, server, begins):
    for at in steadily(begins, 45, 24):
        server.pick_up(at, 33, "wordpress@site778.example", victims(server, 1))
    return [local(33, "wordpress@site778.example")]


@attack("webhost", "one hacked site, invented senders", 12, 15)
def site_invented(_, server, begins):
    for i, at in enumerate(steadily(begins, 1500, 2)):
        server.pick_up(at, 33, f"m{i * 7919 % 9973}@site780.example", victims(server, 1))
    return [local(33, names=("site780.example",), shared=True)]


@attack("webhost", "one hacked site, as www-data", 12, 13)
def site_www_data(_, server, begins):
    sender = "www-data@web1.webhost.example"
    for at in steadily(begins, 700, 3):
        server.pick_up(at, 33, sender, victims(server, 1), given="www-data")
    return [local(33, sender)]


@attack("webhost", "one uid, 195 an hour", 12, 0)
def uid_slow(_, server, begins):
    for at in steadily(begins, 195, 24):
        server.pick_up(at, 1033, "u1033@web1.webhost.example", victims(server, 1), given="u1033")
    return [local(1033)]


@attack("webhost", "script behind a .forward, 60 times 40", 12, 0)
def uid_forward(_, server, begins):
    home = "u1044@web1.webhost.example"
    for at in steadily(begins, 60, 24):
        queue_id = server.queue_id(at)
        message_id = f"<{queue_id}@{server.name}>"
        server.log(at, "postfix/pickup[1203]", f"{queue_id}: uid=1044 from=<u1044>")
        server.log(at + 0.01, "postfix/cleanup[4044]", f"{queue_id}: message-id={message_id}")
        server.forward_file(at + 0.02, queue_id, home, home, victims(server, 40, unknown=0.01,
                            spam=0.01, later=0), ("local", 1044), message_id)
    return [local(1044, names=(home,))]


# A shop


@attack("shop", "the cloud's login stolen", 18, 2)
def shop_cloud(_, server, begins):
    login = "cloud@shop.example"
    flood(server, steadily(begins, 400, 4), login,
          [f"unknown[45.{i}.148.50]" for i in range(6)], ["support@bank.example"])
    return [account(login)]


@attack("shop", "an unknown login, 100 an hour", 18, 0)
def shop_login(_, server, begins):
    login = "test@shop.example"
    flood(server, steadily(begins, 100, 20), login, ["unknown[45.9.148.51]"],
          ["parcels@shop.example"])
    return [account(login)]


@attack("shop", "script to 127.0.0.1, 1990 an hour", 18, 0)
def shop_script(_, server, begins):
    for i, at in enumerate(steadily(begins, 1990, 24)):
        server.receive(at, LOCALHOST, f"order{i}@shop.example",
                       victims(server, 1, unknown=0.02, spam=0.02, later=0))
    return [client("127.0.0.1")]


@attack("shop", "open relay of one hour", 18, 22, also=("backscatter-source",))
def shop_relay(_, server, begins):
    for i, at in enumerate(steadily(begins, 60, 1)):
        server.receive(at, "unknown[45.9.148.52]", f"s{i}@s{i}.example", victims(server, 2))
    return [client("45.9.148.52", "open-relay")]
