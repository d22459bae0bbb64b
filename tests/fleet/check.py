#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fleets: what several hosts hand on and count together must be found once, with exact figures.

Each fleet has random numbers of hosts, clocks that are seconds apart, hosts whose lines come
minutes late, and, in some, one whose clock is hours off. Its log is scanned as one file in the
order in which the lines come in, and as a file per host, which are merged by time: not with a
clock that is hours off. In every fifth fleet, hosts trust different networks.

usage: check.py --bin relaywatch [--count N] [--seed N] [--keep DIR] [-v]

--keep writes the first fleet's log and settings into DIR and scans nothing: `late`, which replay.py
feeds to the daemon, is that of seed 7."""
import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

BEGIN = 1795489200  # 2026-11-24T03:00:00Z
DOMAIN = "example.org"
SETTINGS = f"""[site]
ask_postfix = no
own_domains = {DOMAIN}
trusted_networks = 127.0.0.0/8, 10.0.0.0/24
fleet = 10.0.0.0/24
"""
SLACK = 4  # seconds that clocks may be off, either way: two of them are less than clock_slack apart
LATE = 200


class Host:
    """Its clock, how late its lines come, and what it has logged."""

    def __init__(self, random_, name, number):
        self.name, self.address = name, f"10.0.0.{number}"
        self.off = random_.uniform(-SLACK, SLACK)
        self.late = random_.choice((0, 0, 1, 5, random_.uniform(0, LATE)))
        self.lines, self.count = [], 0

    def next_id(self, random_):
        self.count += 1
        return f"{random_.randrange(1 << 20):05X}{self.count:06X}"

    def log(self, at, program, text):
        stamp = datetime.datetime.fromtimestamp(at + self.off, datetime.timezone.utc)
        self.lines.append((at + self.late, stamp.isoformat(timespec="microseconds"),
                           f"{self.name} postfix/{program}[{1000 + self.count % 90}]: {text}"))

    def client(self):
        return f"{self.name}.example.net[{self.address}]"


class Fleet:
    def __init__(self, seed):
        self.random = random.Random(seed)
        fronts, backs = self.random.randint(1, 12), self.random.randint(1, 4)
        self.front = [Host(self.random, f"front{i}", 10 + i) for i in range(fronts)]
        self.back = [Host(self.random, f"out{i}", 50 + i) for i in range(backs)]
        self.is_off = fronts + backs > 4 and self.random.random() < 0.3
        if self.is_off:
            self.random.choice(self.front).off = self.random.choice((-7200, 7200))
        self.hops = self.random.randint(0, 2)

    def hosts(self):
        return self.front + self.back

    def send(self, at, client, sender, to, host=None):
        """A message that comes in on one host and leaves from the last one."""
        path = [host or self.random.choice(self.front)]
        while len(path) <= self.hops:
            path.append(self.random.choice([each for each in self.back if each not in path] or
                                           [None]))
            if path[-1] is None:
                path.pop()
                break
        ids = [each.next_id(self.random) for each in path]
        message_id = f"{ids[0]}.{self.random.randrange(1 << 30)}@client.example"
        program = "submission/smtpd" if "sasl" in client else "smtpd"
        for i, each in enumerate(path):
            begun = at + i * 0.3
            each.log(begun, program if i == 0 else "smtpd",
                     f"{ids[i]}: client=" + (client if i == 0 else path[i - 1].client()))
            each.log(begun + 0.01, "cleanup", f"{ids[i]}: message-id=<{message_id}>")
            each.log(begun + 0.02, "qmgr",
                     f"{ids[i]}: from=<{sender}>, size=2000, nrcpt=1 (queue active)")
            last = i == len(path) - 1
            relay = ("mx.far.example[192.0.2.26]:25" if last else
                     f"{path[i + 1].name}.example.net[{path[i + 1].address}]:25")
            reply = "250 2.0.0 OK" if last else f"250 2.0.0 Ok: queued as {ids[i + 1]}"
            done = begun + (0.5 if last else 0.4)
            each.log(done, "smtp", f"{ids[i]}: to=<{to}>, relay={relay}, delay=1, "
                     f"delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent ({reply})")
            each.log(done + 0.01, "qmgr", f"{ids[i]}: removed")

    def ordinary_day(self, begin, end):
        for user in range(60):
            self.send(self.random.uniform(begin, end),
                      f"dsl{user}.isp.example[203.0.113.{user}], sasl_method=PLAIN, "
                      f"sasl_username=user{user}@{DOMAIN}", f"user{user}@{DOMAIN}",
                      f"friend{user}@far.example")

    def write(self, folder):
        """The log as it comes in, and one file per host."""
        lines = sorted(((when, number, f"{stamp} {text}\n") for host in self.hosts()
                        for number, (when, stamp, text) in enumerate(sorted(host.lines))))
        with open(f"{folder}/mail.log", "w", encoding="ascii") as out:
            out.writelines(line for _, _, line in lines)
        for host in self.hosts():
            with open(f"{folder}/{host.name}.log", "w", encoding="ascii") as out:
                out.writelines(f"{stamp} {text}\n" for _, stamp, text in sorted(host.lines))


def nothing(fleet):
    del fleet
    return None


def account(fleet):
    """A stolen login, below the threshold on each host."""
    for i in range(600):
        fleet.send(BEGIN + 600 + i * 3, "bot.example[198.51.100.7], sasl_method=PLAIN, "
                   f"sasl_username=victim@{DOMAIN}", f"victim@{DOMAIN}", f"v{i}@far.example")
    return "account-abuse", {"sasl_username": f"victim@{DOMAIN}"}, 600


def client(fleet):
    """A stranger relays through all hosts."""
    for i in range(40):
        fleet.send(BEGIN + 600 + i * 15, "cpe.rr.example[198.51.100.33]", "x@spam.example",
                   f"v{i}@far.example", fleet.front[i % len(fleet.front)])
    return "open-relay", {"client": "198.51.100.33"}, 40


def victim(fleet):
    """A botnet on one login: a client a message."""
    for i in range(400):
        fleet.send(BEGIN + 600 + i * 4, f"unknown[198.51.{100 + i % 20}.{i % 250}], "
                   f"sasl_method=PLAIN, sasl_username=bot@{DOMAIN}", f"bot@{DOMAIN}",
                   f"v{i}@far.example")
    return "account-abuse", {"sasl_username": f"bot@{DOMAIN}"}, 400


def by_host(fleet):
    """A network that the first front trusts, and no other: its mail through that one is honest."""
    for i in range(60):
        fleet.send(BEGIN + 600 + i * 15, "cpe.rr.example[198.51.100.33]", "x@spam.example",
                   f"v{i}@far.example", fleet.front[i % len(fleet.front)])
    strange = 60 - len(range(0, 60, len(fleet.front)))
    return ("open-relay", {"client": "198.51.100.33"}, strange) if strange else None


STORIES = (nothing, account, client, victim)


def scan(program, folder, files):
    done = subprocess.run([program, "--config", f"{folder}/site.ini", "scan", "--json", *files],
                          capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in (0, 1):
        return f"exit status {done.returncode}: {done.stderr.strip()[-200:]}"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted((row["kind"], row["key"], row["messages"], row["recipients"])
                  for row in rows if row["type"] == "incident")


def save_dumps(fleet, folder):
    """What each host trusts, in place of trusted_networks."""
    os.mkdir(f"{folder}/postconf")
    for host in fleet.hosts():
        more = " 198.51.100.0/24" * (host is fleet.front[0])
        with open(f"{folder}/postconf/{host.name}.postconf", "w", encoding="ascii") as out:
            out.write(f"myhostname = {host.name}.example.net\nmydestination = {DOMAIN}\n"
                      f"mynetworks = 127.0.0.0/8 10.0.0.0/24{more}\n")
    with open(f"{folder}/site.ini", "w", encoding="ascii") as out:
        out.write(f"[site]\nown_domains = {DOMAIN}\nfleet = 10.0.0.0/24\n"
                  f"postconf_directory = {folder}/postconf\n")


def write_settings(folder):
    for name, text in (("site.ini", SETTINGS), ("postconf-n.txt", "myhostname = log.example.net\n")):
        with open(f"{folder}/{name}", "w", encoding="ascii") as out:
            out.write(text)


def tell(seed):
    """(the fleet of that seed, its story's name, what is to be found)"""
    fleet = Fleet(seed)
    story = by_host if seed % 5 == 0 else STORIES[seed % len(STORIES)]
    fleet.ordinary_day(BEGIN, BEGIN + 3600)
    return fleet, story.__name__, story(fleet)


def check(program, seed):
    """"" or what is wrong with that fleet."""
    fleet, story, found = tell(seed)
    want = [(found[0], found[1], found[2], found[2])] if found else []
    with tempfile.TemporaryDirectory() as folder:
        write_settings(folder)
        if story == "by_host":
            save_dumps(fleet, folder)
        fleet.write(folder)
        per_host = [f"{folder}/{host.name}.log" for host in fleet.hosts()
                    if os.path.getsize(f"{folder}/{host.name}.log")]
        ways = [("one file", [f"{folder}/mail.log"]), ("a file per host", per_host)]
        for what, files in ways[:1 if fleet.is_off else 2]:
            got = scan(program, folder, files)
            if got != want:
                return f"{story}, {what}: got {got}, want {want}"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        write_settings(options.keep)
        tell(options.seed)[0].write(options.keep)
        return 0
    if not options.bin:
        parser.error("--bin is missing")
    failed = 0
    for seed in range(options.seed, options.seed + options.count):
        wrong = check(options.bin, seed)
        failed += bool(wrong)
        if wrong or options.verbose:
            print(f"{'FAIL' if wrong else 'pass'} seed {seed}{': ' + wrong if wrong else ''}")
    print(f"{options.count - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
