#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A journal per host, as systemd-journal-remote keeps them: 200 of them give the incidents of a scan,
as they are read back and as they go on, and across kill -9; and what an entry costs does not depend
on how many journals there are.

usage: many_journals.py RELAYWATCH SHIM [NAME...]"""
import json, os, re, shutil, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

from follower import Checks, Follower, World

binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
REMOTE = "/usr/lib/systemd/systemd-journal-remote"
HOSTS = 200
LIMIT = 1.6  # what libsystemd does for all files, it would do for each entry
SITE = "fleet = 10.0.0.0/16\ntrusted_networks = 10.0.0.0/16\n"


def message(number, client, sender, to):
    mail = f"{number:010X}"
    return (("smtpd", f"{mail}: client={client}"), ("cleanup", f"{mail}: message-id=<{number}@x.example>"),
            ("qmgr", f"{mail}: from=<{sender}>, size=900, nrcpt=1 (queue active)"),
            ("smtp", f"{mail}: to=<{to}>, relay=mx.victim.example[198.51.100.1]:25, delay=1, "
                     "dsn=2.0.0, status=sent (Ok)"), ("qmgr", f"{mail}: removed"))


class Journals:
    """A directory of them, and the daemon that follows it. self.lines: what was written."""

    def __init__(self, backfill="1d"):
        self.world, self.lines, self.number = World(shim), 0, 0
        self.top = os.path.join(self.world.top, "journals")
        self.daemon = Follower(binary, self.world, source=f"type = journal\njournal_directory = {self.top}\n"
                               f"journal_check_sender = no\nbackfill = {backfill}\n")
        self.daemon.site = SITE
        self.daemon.configure()
        self.seconds = self.world.now() - 600
        os.mkdir(self.top)
        self.waiting = {}

    def log(self, host, records):
        """Entries of that host, a millisecond after the last one of any."""
        for program, text in records:
            self.seconds += 0.001
            us = int(self.seconds * 1e6)
            self.waiting.setdefault(host, []).append(
                f"__REALTIME_TIMESTAMP={us}\n__MONOTONIC_TIMESTAMP={us % 10**9}\n_BOOT_ID={host + 1:032x}\n"
                f"_MACHINE_ID={host + 5000:032x}\n_HOSTNAME=mx{host}\nSYSLOG_FACILITY=2\n"
                f"SYSLOG_IDENTIFIER=postfix/{program}\nSYSLOG_PID=1\nMESSAGE={text}\n\n")
            self.lines += 1

    def mail(self, host, client, sender="a@spam.example"):
        self.number += 1
        self.log(host, message(self.number, client, sender, f"u{self.number}@victim.example"))

    def flush(self):
        for host, entries in self.waiting.items():
            subprocess.run([REMOTE, "-o", os.path.join(self.top, f"remote-mx{host}.journal"), "-"],
                           input="".join(entries).encode(), stderr=subprocess.DEVNULL, check=True)
        self.waiting = {}

    def scan(self):
        done = subprocess.run([binary, "--config", self.daemon.conf, "--json", "scan", self.top],
                              capture_output=True, text=True, check=False)
        return incidents(done.stdout)

    def running(self):
        done = subprocess.run([binary, "incidents", "--json", "--socket", self.daemon.socket],
                              capture_output=True, text=True, check=False)
        return incidents(done.stdout)

    def end(self):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()


def incidents(text):
    """Without when they were raised."""
    rows = [json.loads(line) for line in text.splitlines()]
    return sorted(json.dumps({k: v for k, v in row.items() if k != "raised_at"}, sort_keys=True)
                  for row in rows if row["type"] == "incident")


def attack(journals, client, hosts):
    """A stranger relays through all of these hosts, a message through each."""
    for host in hosts:
        journals.mail(host, f"unknown[{client}]", f"a@spam{client.split('.')[1]}.example")


def test_incidents(t):
    journals = Journals()
    for host in range(HOSTS):
        journals.mail(host, f"dsl{host}.isp.example[203.0.113.{host}], sasl_method=PLAIN, "
                      f"sasl_username=user{host}@example.net", f"user{host}@example.net")
    attack(journals, "192.0.2.1", range(0, HOSTS, 5))
    journals.flush()
    daemon = journals.daemon
    daemon.start()
    t.check("read back: lines", daemon.wait_read(journals.lines), journals.lines)
    want = journals.scan()
    t.check("read back: there is something to find", len(want), 1)
    t.check("read back: it is of 40 hosts", json.loads(want[0])["hosts"], 40)
    t.check("read back: incidents", journals.running(), want)
    for turn in range(3): # and on, with a kill in between
        attack(journals, f"198.{turn + 18}.0.2", range(turn, HOSTS, 25))
        if turn == 1:
            daemon.kill()
        journals.flush()
        if turn == 1:
            daemon.start()
        t.check(f"turn {turn}: lines", daemon.wait_read(journals.lines), journals.lines)
        want = journals.scan()
        t.check(f"turn {turn}: there is one more", len(want), turn + 2)
        t.check(f"turn {turn}: incidents", journals.running(), want)
    journals.end()


def instructions(hosts, messages):
    """Of a daemon that reads so many messages back, from so many journals."""
    journals = Journals()
    for number in range(messages):
        journals.mail(number % hosts, "mx.friend.example[203.0.113.5]", "a@friend.example")
    journals.flush()
    out = os.path.join(journals.world.top, "out")
    with open(out, "w", encoding="ascii") as errors:
        journals.daemon.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "run",
             "--config", journals.daemon.conf, "--socket", journals.daemon.socket],
            env=dict(os.environ, STATE_DIRECTORY=journals.daemon.state), stderr=errors)
    read = journals.daemon.wait_read(journals.lines, 120)
    journals.daemon.process.send_signal(signal.SIGTERM)
    journals.daemon.process.wait(60)
    with open(out, encoding="ascii", errors="replace") as errors:
        found = re.search(r"Collected : (\d+)", errors.read())
    want = journals.lines
    journals.end()
    if read != want or not found:
        raise AssertionError(f"read {read} lines, not {want}")
    return int(found[1]), want


def test_cost(t):
    """Of an entry, with 10, 100 and 200 journals, their opening included."""
    if not shutil.which("valgrind"):
        return t.skip("cost: there is no valgrind here")
    sizes = HOSTS, 100, 10
    with ThreadPoolExecutor(os.cpu_count()) as pool: # instructions: at once or not is the same
        runs = pool.map(lambda hosts: instructions(hosts, 6000), sizes)
        cost = {hosts: count / entries for hosts, (count, entries) in zip(sizes, runs)}
    print("instructions an entry: " + ", ".join(f"{each:.0f} with {hosts} journals"
                                                for hosts, each in cost.items()), flush=True)
    for hosts in 100, HOSTS:
        t.check(f"cost: {hosts} journals", cost[hosts] / cost[10], lambda x: 0 < x < LIMIT)
    return None


if not os.path.exists(REMOTE):
    print("SKIP: there is no systemd-journal-remote here")
    sys.exit(77)
tests = Checks()
for name, test in sorted(globals().items()):
    if name.startswith("test_") and (not sys.argv[3:] or name in sys.argv[3:]):
        tests.run(test)
tests.end()
