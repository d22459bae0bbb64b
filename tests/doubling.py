#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Twice as much of anything takes about twice the work.

Each dimension below (clients, accounts, incidents ...) is scanned at two sizes under valgrind, which
counts instructions: machines and their load don't matter. What a line costs may rise by LIMIT at
most when there is twice as much.

usage: doubling.py PROGRAM [DIMENSION ...]
"""
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile

LIMIT = 1.3
T0 = 1795489200  # 2026-11-24T03:00:00Z

SETTINGS = """[site]
own_domains = example.org
trusted_networks = 10.0.0.0/8
ask_postfix = no
[limits]
incidents = 100000
hosts = 4096
"""


class Log:
    """Lines of messages, each with a queue ID of its own."""

    def __init__(self):
        self.lines = []
        self.number = 0
        self.seconds = 0.0

    def line(self, tag, text, host="mx1"):
        s = int(self.seconds)
        when = "2026-11-24T%02d:%02d:%02dZ" % (3 + s // 3600, s // 60 % 60, s % 60)
        self.lines.append(f"{when} {host} postfix/{tag}[7]: {text}\n")

    def message(self, accept, sender, deliveries, host="mx1", removed=True, pickup=False):
        self.number += 1
        self.seconds += 0.05
        q = "A%09X" % self.number
        self.line("pickup" if pickup else "smtpd", f"{q}: {accept}", host)
        self.line("cleanup", f"{q}: message-id=<{q}@x.example>", host)
        self.line("qmgr", f"{q}: from=<{sender}>, size=9, nrcpt={len(deliveries)} (queue active)",
                  host)
        for program, to, status in deliveries:
            relay = "local" if program == "local" else "mx.v.example[198.51.100.25]:25"
            self.line(program, f"{q}: to=<{to}>, relay={relay}, delay=1, delays=0/0/0/1, "
                      f"dsn=2.0.0, status={status} (x)", host)
        if removed:
            self.line("qmgr", f"{q}: removed", host)
        return q


def address(i):
    return f"100.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def client(i):
    return f"client=c{i}.example[{address(i)}]"


def login(i, user):
    return f"client=c{i}.example[{address(i)}], sasl_method=PLAIN, sasl_username=u{user}"


def outside(i, n=1):
    return [("smtp", f"r{i}x{k}@v{k % 7}.example", "sent") for k in range(n)]


def clients(log, n):
    for i in range(n):
        log.message(client(i), "a@spam.example", outside(i))


def clients_and_domains(log, n):
    for i in range(n):
        log.message(client(i * 256), f"a@spam{i}.example", outside(i))


def domains(log, n):
    for i in range(n):
        log.message(client(1), f"a@spam{i}.example", outside(i))


def recipients_of_one_message(log, n):
    for i in range(4):
        log.message(client(1), "a@spam.example", outside(i, n // 4))


def accounts(log, n):
    for i in range(n):
        log.message(login(1, i), "a@example.org", outside(i))


def accounts_that_are_incidents(log, n):
    for i in range(n // 20):
        log.message(login(i, i), "a@example.org", outside(i, 210))


def clients_of_one_account(log, n):
    for i in range(n):
        log.message(login(i * 256, 1), "a@example.org", outside(i))


def uids(log, n):
    for i in range(n):
        log.message(f"uid={1000 + i} from=<a>", "a@example.org", outside(i), pickup=True)


def trusted_clients(log, n):
    for i in range(n):
        log.message(f"client=c[10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}]",
                    f"a{i}@foreign.example", outside(i))


def victims(log, n):
    for i in range(n):
        log.message(client(i % 9), "", [("local", f"r{i}@example.org", "sent")])


def victims_in_domains_of_ours(log, n):
    for i in range(n):
        log.message(client(i % 9), "", [("local", f"r{i}@d{i % (n // 50)}.example.org", "sent")])


def victims_that_are_incidents(log, n):
    for i in range(n // 20):
        for k in range(100):
            log.message(client(k % 10), "", [("local", f"r{i}@example.org", "sent")])


def incidents_beside_cells(log, n):
    """Two kinds of incidents that may be related, and as many keys that are none."""
    accounts_that_are_incidents(log, n // 4)
    victims_that_are_incidents(log, n // 4)
    victims(log, n)


def hosts(log, n):
    for i in range(n):
        log.message(client(1), "a@spam.example", outside(i), host=f"mx{i % (n // 8)}")


def notices_of_one_message(log, n):
    q = log.message(client(1), "a@spam.example", [("local", "nobody@example.org", "bounced")],
                    removed=False)
    for i in range(n):
        notice = "B%09X" % i
        log.line("bounce", f"{q}: sender non-delivery notification: {notice}")
        log.line("qmgr", f"{notice}: from=<>, size=9, nrcpt=1 (queue active)")
        log.line("smtp", f"{notice}: to=<a@spam.example>, relay=none, delay=1, delays=0/0/0/1, "
                 "dsn=4.0.0, status=deferred (x)")


def one_message_id(log, n):
    """All mail has one message-id, and passes through a program of ours."""
    for i in range(n):
        q = log.message(client(i % 50), "a@spam.example", [("local", "u@example.org", "sent")])
        log.lines[-4] = log.lines[-4].replace(f"<{q}@x.example>", "<same@x.example>")


def smoke_screen(log, n):
    """A botnet's relay, open and growing, while an account sends among it."""
    for i in range(n):
        log.message(client(i * 64), f"a@spam{i % (n // 3)}.example", outside(i), removed=i % 3)
        if i % 20 == 0:
            log.message(login(1, 1), "a@example.org", outside(i))


def spread(log, n, count):
    for i in range(n):
        log.message(login(i % 500, i % 500), "a@example.org", outside(i), host=f"mx{i % count}")


def one_host(log, n):
    spread(log, n, 1)


def two_thousand_hosts(log, n):
    spread(log, n, 2000)


# The size of the smaller one; a flood's keys have to fill several pages of its tables.
DIMENSIONS = [
    (clients, 3000), (clients_and_domains, 3000), (domains, 3000),
    (recipients_of_one_message, 1600), (accounts, 3000), (accounts_that_are_incidents, 2000),
    (clients_of_one_account, 3000), (uids, 3000), (trusted_clients, 3000), (victims, 3000),
    (victims_in_domains_of_ours, 3000), (victims_that_are_incidents, 1500),
    (incidents_beside_cells, 3000), (hosts, 3000), (notices_of_one_message, 3000),
    (one_message_id, 3000), (smoke_screen, 3000),
]


# With 2,000 hosts a scan has at least 0.6 of the pace that it has with one.
FLEET = (one_host, two_thousand_hosts, 16000, 1 / 0.6)


def callgrind(command, before=()):
    """How many instructions the command takes; before: a program that starts valgrind."""
    result = subprocess.run([*before, "valgrind", "--tool=callgrind",
                             "--callgrind-out-file=/dev/null", *command],
                            capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode > 1 or not found:
        raise RuntimeError(result.stderr[-2000:])
    return int(found.group(1))


def instructions(program, log_lines, folder):
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=folder) as f:
        f.writelines(log_lines)
        f.flush()
        return callgrind([program, "--config", os.path.join(folder, "conf"), "scan", f.name])


def cost_of_a_line(program, dimension, size, folder, start):
    log = Log()
    dimension(log, size)
    return (instructions(program, log.lines, folder) - start) / len(log.lines)


def main():
    program, names = sys.argv[1], sys.argv[2:]
    failed = 0
    chosen = [(one, size) for one, size in DIMENSIONS if not names or one.__name__ in names]
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool() as pool:
        with open(os.path.join(folder, "conf"), "w", encoding="ascii") as f:
            f.write(SETTINGS)
        start = instructions(program, ["Nov 24 03:00:00 mx1 postfix/qmgr[1]: A1: removed\n"], folder)
        runs = [(program, one, times * size, folder, start)
                for one, size in chosen for times in (1, 2)]
        if not names or FLEET[1].__name__ in names:
            runs += [(program, one, FLEET[2], folder, start) for one in FLEET[:2]]
        costs = pool.starmap(cost_of_a_line, runs, 1)
    for (dimension, _), one, two in zip(chosen, costs[::2], costs[1::2]):
        good = 0 < two <= LIMIT * one
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {dimension.__name__}: {one:.0f} instructions a line, "
              f"{two:.0f} with twice as many")
    if len(costs) > 2 * len(chosen):
        one, many = costs[-2:]
        good = 0 < many <= FLEET[3] * one
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} two_thousand_hosts: {one:.0f} instructions a line of "
              f"one host, {many:.0f} of 2,000")
    print(f"{len(costs) // 2 - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
