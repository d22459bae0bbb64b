#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon under load, as it is installed (a sanitizer has a memory and a pace of its own).
Numbers in names are those of the scenarios of log following.

usage: load.py RELAYWATCH SHIM [NAME...]      RELAYWATCH_MILLION=1: the full backlog of 81"""
import os, subprocess, sys, threading, time

from follower import LONGEST_CPU, TURNS, Checks, Follower, World, iso, quiet

REMOTE = "/usr/lib/systemd/systemd-journal-remote"
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
HOLD_UP_MS = 50


def received(number):
    """(program, text) of a message for one of ours, to its end."""
    mail = f"{number:010X}"
    return (("smtpd", f"{mail}: client=mx{number % 50}.example.com[192.0.2.{number % 50}]"),
            ("cleanup", f"{mail}: message-id=<{number}@example.com>"),
            ("qmgr", f"{mail}: from=<a@example.com>, size=900, nrcpt=1 (queue active)"),
            ("local", f"{mail}: to=<u@example.net>, relay=local, delay=1, delays=0/0/0/1, "
                      "dsn=2.0.0, status=sent (delivered to mailbox)"),
            ("qmgr", f"{mail}: removed"))


def lines(at, first, count):
    """Those of so many messages: five each."""
    date = iso(at)
    return "".join(f"{date} mx1 postfix/{program}[1]: {text}\n"
                   for i in range(first, first + count) for program, text in received(i))


def fill_journal(directory, count, until):
    """So many entries, up to that time."""
    os.mkdir(directory)
    remote = subprocess.Popen([REMOTE, "-o", os.path.join(directory, "mail.journal"), "-"],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, text=True)
    for i in range(count // 5):
        for program, text in received(i):
            us = int((until - count / 1000) * 1e6) + i * 5000
            remote.stdin.write(
                f"__REALTIME_TIMESTAMP={us}\n__MONOTONIC_TIMESTAMP={i * 5000 + 1}\n"
                f"_BOOT_ID={'a' * 32}\n_MACHINE_ID={'b' * 32}\n_HOSTNAME=mx1\nSYSLOG_FACILITY=2\n"
                f"SYSLOG_IDENTIFIER=postfix/{program}\nSYSLOG_PID=1\nMESSAGE={text}\n\n")
    remote.stdin.close()
    if remote.wait() != 0:
        raise AssertionError("systemd-journal-remote failed")


def longest_ms(world):
    return world.get(LONGEST_CPU) / 1000


def check_turns(t, name, world, daemon):
    """No turn holds up signals and commands for long. On a slow machine the mean is higher too: one
    half as fast as ours may take twice as long, and no more."""
    mean = daemon.cpu_seconds() * 1000 / max(world.get(TURNS), 1)
    limit = max(HOLD_UP_MS, min(6 * mean, 2 * HOLD_UP_MS))
    t.check(f"{name}: no turn is long", longest_ms(world), lambda ms: ms < limit)


def s81_backlog_of_a_journal(t):
    """Read back at the start, and the memory that took is given back."""
    count, limit_mb = (1_000_000, 64) if "RELAYWATCH_MILLION" in os.environ else (200_000, 24)
    if not os.path.exists(REMOTE):
        return t.skip("s81: there is no systemd-journal-remote here")
    world = World(shim)
    journals = os.path.join(world.top, "journals")
    fill_journal(journals, count, world.now())
    daemon = Follower(binary, world, source=f"type = journal\njournal_directory = {journals}\n"
                      "journal_check_sender = no\nbackfill = 30d\n")
    _, said = daemon.start()
    t.check("s81: each entry once", said, lambda got: f": {count} lines read, 0 messages" in got)
    # Of its own: what else the machine does is no matter.
    t.check("s81: caught up in 10 s of CPU", daemon.cpu_seconds(), lambda s: s < 10)
    t.check(f"s81: {limit_mb} MB afterwards", daemon.memory()[0] / 1024, lambda mb: mb < limit_mb)
    t.check("s81: turns of the loop", world.get(TURNS), lambda n: n >= count // 2500)
    check_turns(t, "s81", world, daemon)
    t.check("s81: good end", daemon.stop()[0], 0)
    world.end()


def s82_twenty_thousand_a_second(t):
    """For ten seconds: all that was written a second ago is read."""
    world = World(shim)
    daemon = Follower(binary, world)
    daemon.start()
    begin, written, behind, done = time.monotonic(), [(0.0, 0)], [], threading.Event()

    def ask():
        while not done.wait(0.2):
            read, now = daemon.status()["lines"]["read"], time.monotonic()
            behind.append(max(count for at, count in list(written) if at <= now - 1) - read)

    asking = threading.Thread(target=ask)
    asking.start()
    for turn in range(1000):
        time.sleep(max(0, begin + turn / 100 - time.monotonic()))
        daemon.write(lines(world.now(), 40 * turn, 40))
        written.append((time.monotonic(), 200 * (turn + 1)))
    took = time.monotonic() - begin
    done.set()
    asking.join()
    t.check("s82: written in time", took, lambda s: s < 15)
    t.check("s82: asked", len(behind), lambda times: times >= 10)
    t.check("s82: lines not read within a second", max(behind), lambda lines: lines <= 0)
    t.check("s82: no loss", daemon.wait_read(200_000), 200_000)
    t.check("s82: none in flight", daemon.status()["messages"]["in_flight"], 0)
    check_turns(t, "s82", world, daemon)
    t.check("s82: good end", daemon.stop()[0], 0)
    world.end()


def s83_rotated_each_minute(t):
    """For five hours, late lines in the old file and three old files kept: descriptors and memory
    stay as they are."""
    world = World(shim, 600)
    daemon = Follower(binary, world, limits="save_every = 10s\n")
    daemon.start()
    early, late = [], []
    for minute in range(300):
        daemon.write(lines(world.now(), 100 * minute, 50))
        os.rename(daemon.log, f"{daemon.log}.{minute}")
        with open(f"{daemon.log}.{minute}", "a") as old:
            daemon.write(quiet(world.now()))
            old.write(lines(world.now(), 100 * minute + 50, 50))
        if minute >= 3:
            os.unlink(f"{daemon.log}.{minute - 3}")
        world.sleep(60)
        if 50 <= minute < 100 or minute >= 250:
            (early if minute < 100 else late).append(daemon.memory())
    want = 300 * 501
    t.check("s83: no loss", daemon.wait_read(want), want)
    # The fewest at any time: a daemon that is late has another old file open for a moment, but a
    # descriptor that leaks never goes.
    t.check("s83: descriptors", min(fds for _, fds in late) - min(fds for _, fds in early),
            lambda more: more <= 0)
    t.check("s83: kB more", max(kb for kb, _ in late) - max(kb for kb, _ in early),
            lambda more: more < 1024)
    t.check("s83: no gap", daemon.status()["source"]["notes"], lambda notes: "gap" not in notes)
    t.check("s83: one file is open", daemon.wait_status(lambda _: daemon.open_logs(), 1), 1)
    t.check("s83: good end", daemon.stop()[0], 0)
    world.end()


tests = Checks()
for test in s81_backlog_of_a_journal, s82_twenty_thousand_a_second, s83_rotated_each_minute:
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
