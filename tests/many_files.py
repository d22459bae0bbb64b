#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file per host, as rsyslog writes them: hundreds of names that one glob finds.

What a line costs must not depend on how many files there are: the daemon's instructions are counted
by valgrind, with few files and with eight times as many, so that a machine's load doesn't matter.

usage: many_files.py RELAYWATCH SHIM [NAME...]"""
import os, re, shutil, signal, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

from follower import Checks, Follower, World, iso

binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
HOSTS = 600
OLD = 4  # lines that a host has before: what is saved of a file has its full size then
FEW, LINES, BACKLOG = 100, 800, 16000
LIMIT = 1.6  # a list walked for each would make it nearly eight


def quiet(at, host, count=1):
    """Lines that say nothing of a message. Each is the only one of its kind: copies count once."""
    return "".join(f"{iso(at + n / 1000)} mx{host:04} postfix/anvil[1]: statistics: max cache size 1\n"
                   for n in range(count))


class Fleet:
    """A directory with a file per host, and the daemon that follows them."""

    def __init__(self, hosts):
        self.world = World(shim)
        self.top = os.path.join(self.world.top, "hosts")
        self.hosts, self.began = hosts, self.world.now() - 60
        for host in range(hosts):
            self.write(host, quiet(self.began, host, OLD))
        self.daemon = Follower(binary, self.world, source=f"type = file\nfiles = {self.top}/*/mail.log\n"
                               "backfill = 30d\n", limits="save_every = 10m\n")

    def path(self, host):
        return os.path.join(self.top, f"mx{host:04}", "mail.log")

    def write(self, host, text):
        os.makedirs(os.path.dirname(self.path(host)), exist_ok=True)
        with open(self.path(host), "a", encoding="ascii") as log:
            log.write(text)

    def end(self):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()


def test_new_hosts(t):
    """Their files are read within a second; so is one more line of any host."""
    fleet = Fleet(HOSTS)
    daemon, lines, took = fleet.daemon, OLD * HOSTS, []
    daemon.start()
    t.check("new hosts: read at the start", daemon.wait_read(lines), lines)
    for host in range(HOSTS, HOSTS + 11):
        begin = time.monotonic()
        fleet.write(host, quiet(fleet.world.now(), host))
        lines += 1
        got = daemon.wait_read(lines)
        took.append(time.monotonic() - begin)
        t.check(f"new hosts: mx{host:04}", got, lines)
    print(f"a new host's file: read after {sorted(took)[5] * 1000:.0f} ms (median), "
          f"{max(took) * 1000:.0f} ms at most", flush=True)
    t.check("new hosts: seconds, the median", sorted(took)[5], lambda s: s < 1)
    for host in 0, HOSTS // 2, HOSTS + 5:
        fleet.write(host, quiet(fleet.world.now(), host))
        lines += 1
        t.check(f"new hosts: one more line of mx{host:04}", daemon.wait_read(lines), lines)
    fleet.end()


def instructions(hosts, act):
    """Of a daemon that starts with lines of each host, while act(fleet) goes on; it returns how
    many lines that were."""
    fleet = Fleet(hosts)
    state, out = os.path.join(fleet.world.top, "state"), os.path.join(fleet.world.top, "out")
    with open(out, "w", encoding="ascii") as errors:
        fleet.daemon.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "run",
             "--config", fleet.daemon.conf, "--socket", fleet.daemon.socket],
            env=dict(os.environ, STATE_DIRECTORY=state), stderr=errors)
    read = fleet.daemon.wait_read(OLD * hosts, 120)
    lines = act(fleet) if read == OLD * hosts else 0
    read = fleet.daemon.wait_read(OLD * hosts + lines, 120)
    fleet.daemon.process.send_signal(signal.SIGTERM)
    fleet.daemon.process.wait(60)
    with open(out, encoding="ascii", errors="replace") as errors:
        found = re.search(r"Collected : (\d+)", errors.read())
    fleet.end()
    if read != OLD * hosts + lines or not found:
        raise AssertionError(f"read {read} lines, not {OLD * hosts} and {lines}")
    return int(found[1])


def nothing(fleet):
    del fleet
    return 0


def few_at_a_time(fleet):
    """A line of another host each time."""
    for n in range(LINES):
        host = n * 37 % fleet.hosts
        fleet.write(host, quiet(fleet.world.now(), host))
        time.sleep(0.004)
    return LINES


def backlog(fleet):
    """All hosts' lines of a while at once, which take turns."""
    fleet.daemon.process.send_signal(signal.SIGSTOP)
    at = fleet.world.now()
    for host in range(fleet.hosts):
        own = BACKLOG // fleet.hosts
        fleet.write(host, "".join(quiet(at + (n * fleet.hosts + host) / 1e4, host)
                                  for n in range(own)))
    fleet.daemon.process.send_signal(signal.SIGCONT)
    return BACKLOG


def rotation(fleet):
    """A new file for each host."""
    for host in range(fleet.hosts):
        os.rename(fleet.path(host), fleet.path(host) + ".1")
        fleet.write(host, quiet(fleet.world.now(), host))
    return fleet.hosts


def test_cost(t):
    """What a line costs, and a rotation per name, with FEW files and with eight times as many."""
    if not shutil.which("valgrind"):
        return t.skip("cost: there is no valgrind here")
    acts = nothing, few_at_a_time, backlog, rotation
    runs = [(act, hosts) for act in acts for hosts in (FEW, 8 * FEW)]
    with ThreadPoolExecutor(os.cpu_count()) as pool: # instructions: at once or not is the same
        total = dict(zip(runs, pool.map(lambda run: instructions(run[1], run[0]), runs)))
    start = {hosts: total[nothing, hosts] for hosts in (FEW, 8 * FEW)}
    print(f"start: {start[FEW]} instructions with {FEW} files, {start[8 * FEW]} with {8 * FEW}")
    t.check("cost: of the start, per name", start[8 * FEW] / 8 / start[FEW], lambda x: 0 < x < LIMIT)
    for act, count in ((few_at_a_time, lambda hosts: LINES), (backlog, lambda hosts: BACKLOG),
                       (rotation, lambda hosts: hosts)):
        few, many = ((total[act, hosts] - start[hosts]) / count(hosts)
                     for hosts in (FEW, 8 * FEW))
        print(f"{act.__name__}: {few:.0f} instructions with {FEW} files, {many:.0f} with {8 * FEW}",
              flush=True)
        t.check(f"cost: {act.__name__}", many / few, lambda x: 0 < x < LIMIT)
    return None


tests = Checks()
for name, test in sorted(globals().items()):
    if name.startswith("test_") and (not sys.argv[3:] or name in sys.argv[3:]):
        tests.run(test)
tests.end()
