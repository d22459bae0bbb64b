#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Slow attacks: bursts of mail, each from a new member, longer apart than an incident's end. What
shares a setting that lets it happen is one attack; what does not, stays apart. By scan, and followed
live with kill -9 in between, by replay.py; not what was told, since days go by in a second.

usage: bursts.py relaywatch"""
import calendar, json, os, subprocess, sys, tempfile, time

binary = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
POSTCONF = ("myhostname = mx1.example.net\nmydestination = example.net\nrelay_domains =\n"
            "mynetworks = 127.0.0.0/8 10.0.0.0/8 45.128.0.0/9\n")
BEGIN = calendar.timegm((2026, 3, 2, 0, 0, 0))
ZEN = "zen.example"


class Kind:
    """Who brings a burst, and under which sender, by the number of the burst."""

    def __init__(self, client, sender, login=None):
        self.client, self.sender, self.login = client, sender, login

    def lines(self, at, burst, number):
        login = f", sasl_method=PLAIN, sasl_username={self.login(burst)}" if self.login else ""
        queue_id = f"{0xA00000000 + number * 4099:X}"
        sender = self.sender(burst, number)
        for second, text in (
                (0, f"smtpd[11]: {queue_id}: client=unknown[{self.client(burst)}]{login}"),
                (0, f"cleanup[12]: {queue_id}: message-id=<{number}.{burst}@mua.invalid>"),
                (0, f"qmgr[13]: {queue_id}: from=<{sender}>, size=900, nrcpt=1 (queue active)"),
                (1, f"smtp[14]: {queue_id}: to=<u{number}@gmail.com>, relay=gmail-smtp-in.l.google.com"
                    "[142.250.1.27]:25, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 OK)"),
                (1, f"qmgr[13]: {queue_id}: removed")):
            when = time.strftime("%b %e %H:%M:%S", time.gmtime(at + second))
            yield f"{when} mx1 postfix/{text}\n"


def log_of(kinds, bursts, messages, apart):
    number, text = 0, []
    for burst in range(bursts):
        for i in range(messages):
            number += 1
            text += kinds[burst % len(kinds)].lines(BEGIN + burst * apart * 60 + i * 2, burst, number)
    return "".join(text)


def stranger(burst):
    return f"45.{burst + 1}.{burst * 7 % 250}.7"


own_domain_each = lambda burst, number: f"a{number}@spam{burst}.example"
one_domain = lambda burst, number: f"a{number}@{ZEN}"
login = Kind(stranger, lambda burst, number: f"u{burst}@example.net", lambda burst: f"u{burst}")
BOTNET = Kind(stranger, own_domain_each)

# name, who in turn, bursts, messages a burst, minutes apart, how many incidents, the first one's key
CASES = [
    ("clients and domains", [BOTNET], 40, 10, 70, 1, {"host": "mx1"}),
    ("three only", [BOTNET], 3, 10, 70, 3, {"client": stranger(0)}),
    ("one domain", [Kind(stranger, one_domain)], 40, 10, 70, 1, {"sender_domain": ZEN}),
    ("one network", [Kind(lambda b: f"45.9.8.{b + 1}", own_domain_each)], 40, 10, 70, 1,
     {"client_network": "45.9.8.0/24"}),
    ("eight hours apart", [BOTNET], 12, 10, 7 * 60, 1, {"host": "mx1"}),
    ("two days apart", [BOTNET], 6, 10, 48 * 60, 6, {"client": stranger(0)}),
    ("trusted network too wide", [Kind(lambda b: f"45.128.{b}.9", own_domain_each)], 12, 120, 70, 1,
     {"host": "mx1"}),
    ("our own machines", [Kind(lambda b: f"10.0.7.{b + 1}", own_domain_each)], 12, 120, 70, 12,
     {"client": "10.0.7.1"}),
    ("logins", [login], 6, 210, 70, 6, {"sasl_username": "u0"}),
    ("a login between strangers", [BOTNET, login], 8, 210, 70, 5, {"host": "mx1"}),
]


def scan(directory):
    p = subprocess.run([binary, "scan", "--json", "--postconf", f"{directory}/postconf-n.txt",
                        f"{directory}/mail.log"], capture_output=True, text=True)
    return [row for row in map(json.loads, p.stdout.splitlines()) if row["type"] == "incident"]


failed = 0
with tempfile.TemporaryDirectory() as top:
    dirs = []
    for name, kinds, bursts, messages, apart, want, key in CASES:
        directory = os.path.join(top, name.replace(" ", "_"))
        os.mkdir(directory)
        text = log_of(kinds, bursts, messages, apart)
        open(f"{directory}/mail.log", "w").write(text)
        open(f"{directory}/postconf-n.txt", "w").write(POSTCONF)
        rows = scan(directory)
        counted = sum(row["messages"] for row in rows)
        ok = len(rows) == want and rows[0]["key"] == key and counted == bursts * messages
        failed += not ok
        print(f"{'ok  ' if ok else 'FAIL'} {name}: {len(rows)} of {want} incidents, "
              f"{counted} of {bursts * messages} messages, {rows and rows[0]['key']}")
        if len(text) < 500000:
            dirs.append(directory)
    failed += subprocess.run([sys.executable, f"{HERE}/replay.py", "--bin", binary, "--kills", "8",
                              "--changes", "0", *dirs]).returncode
print(f"{len(CASES)} kinds of bursts, {failed} failed")
sys.exit(failed != 0)
