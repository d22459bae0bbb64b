#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several logs at once: `scan` of them and the daemon that reads them back find what `scan` finds in
one log with the same lines in order, whoever wrote which, packed or not, and however often.

usage: several_logs.py RELAYWATCH SHIM [NAME...]"""
import gzip, json, os, random, shutil, subprocess, sys

from follower import Checks, Follower, World, iso

binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpora", "stolen_account")


def corpus(began, step=0.001, host="mx1"):
    """Its records, each with a time of its own from `began` on."""
    with open(os.path.join(CORPUS, "mail.log")) as f:
        records = [line.split(" ", 4)[4] if line[4] != " " else line.split(None, 4)[4] for line in f]
    return [f"{iso(began + n * step)} {host} {record}" for n, record in enumerate(records)]


LATER = ("raised_at", "undecided", "reason")


def rows(text):
    """Incidents without when they were raised. What nobody has tried to deliver yet is counted at
    the log's end by a scan, and when the grace is over by the daemon."""
    found = [json.loads(line) for line in text.splitlines()]
    incidents = [{k: v for k, v in row.items() if k not in LATER} for row in found
                 if row["type"] == "incident"]
    return sorted(json.dumps(row, sort_keys=True) for row in incidents)


class Several:
    def __init__(self, pattern="*/mail.log"):
        self.world = World(shim)
        self.logs = os.path.join(self.world.top, "logs")
        self.daemon = Follower(binary, self.world, source="type = file\nbackfill = 30d\n"
                               f"files = {self.logs}/{pattern}\n")
        self.began = self.world.now() - 7200

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()

    def write(self, name, lines, packed=None):
        path = os.path.join(self.logs, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with (gzip.open if packed == "gz" else open)(path, "ab") as f:
            f.write("".join(lines).encode())
        if packed == "zst":
            subprocess.run(["zstd", "-q", "--rm", path, "-o", path + ".zst"], check=True)
        return path

    def scan(self, *paths, status=(0, 1)):
        done = subprocess.run([binary, "--config", self.daemon.conf, "--json", "scan", *paths],
                              capture_output=True, text=True, env=dict(os.environ, TZ="UTC"))
        assert done.returncode in status, done
        self.said = done.stderr
        return done.stdout

    def run(self, lines):
        self.daemon.start()
        read = self.daemon.wait_read(lines)
        return read, self.incidents()

    def incidents(self):
        return rows(subprocess.run([binary, "incidents", "--json", "--socket", self.daemon.socket],
                                   capture_output=True, text=True).stdout)


def dealt(lines, seed, count=2):
    """Each line to one of several logs, as if different services of one host wrote them."""
    hands, rng = [[] for _ in range(count)], random.Random(seed)
    for line in lines:
        hands[rng.randrange(count)].append(line)
    return hands


def test_split(t):
    """Two logs share the lines of every message; one of them is rotated and packed."""
    with Several() as s:
        lines = corpus(s.began)
        want = s.scan(s.write("whole", lines))
        t.check("split: there is something to find", len(rows(want)), lambda n: n > 0)
        a, b = dealt(lines, 1)
        third = len(a) // 3
        paths = [s.write("a/mail.log.2.gz", a[:third], "gz"),
                 s.write("a/mail.log.1", a[third:2 * third], "zst") + ".zst",
                 s.write("a/mail.log", a[2 * third:]), s.write("b/mail.log", b)]
        for n, path in enumerate(paths): # rotated at those times
            os.utime(path, (s.world.now() - 60 + n,) * 2)
        for order in paths, paths[::-1], paths[2:] + paths[:2]:
            t.check("split: scan", s.scan(*order), want)
        os.remove(os.path.join(s.logs, "whole"))
        read, got = s.run(len(lines))
        t.check("split: lines of run", read, len(lines))
        t.check("split: run", got, rows(want))


def test_many(t):
    """Twenty logs share the lines."""
    with Several() as s:
        lines = corpus(s.began)
        want = s.scan(s.write("whole", lines))
        paths = [s.write(f"{n:02}/mail.log", hand) for n, hand in enumerate(dealt(lines, 2, 20))]
        t.check("many: scan", s.scan(*paths), want)
        read, got = s.run(len(lines))
        t.check("many: run", (read, got), (len(lines), rows(want)))


def test_copies(t):
    """A log written twice, and a copy of its first part; all go on."""
    with Several() as s:
        lines = corpus(s.began)
        half, most = len(lines) // 2, len(lines) - 50
        want = s.scan(s.write("whole", lines))
        paths = [s.write("a/mail.log", lines[:most]), s.write("b/mail.log", lines[:most]),
                 s.write("c/mail.log", lines[:half])]
        part = s.scan(s.write("part", lines[:most]))
        t.check("copies: scan", s.scan(*paths), part)
        t.check("copies: scan says so", f"{most + half} lines are in more than one" in s.said, True)
        read, got = s.run(most)
        t.check("copies: first start", (read, got), (most, rows(part)))
        for line in lines[most:most + 20]:
            s.write("b/mail.log", [line])
            s.write("a/mail.log", [line])
        t.check("copies: live", s.daemon.wait_read(most + 20), most + 20)
        s.daemon.stop()
        s.write("a/mail.log", lines[most + 20:])
        s.write("b/mail.log", lines[most + 20:])
        s.write("c/mail.log", lines[half:])
        read, got = s.run(len(lines))
        t.check("copies: after a rest", (read, got), (len(lines), rows(want)))
        shutil.copy(os.path.join(s.logs, "a/mail.log"), os.path.join(s.logs, "new"))
        os.mkdir(os.path.join(s.logs, "d"))
        os.rename(os.path.join(s.logs, "new"), os.path.join(s.logs, "d/mail.log"))
        more = corpus(s.world.now(), host="mx2")
        s.write("d/mail.log", more)
        t.check("copies: one that comes late", s.daemon.wait_read(len(lines) + len(more)),
                len(lines) + len(more))


def test_killed(t):
    """Killed again and again while it reads back two copies and a part of the lines elsewhere."""
    with Several() as s:
        lines = [line for n in range(40) for line in corpus(s.began + 60 * n, 0.0001, f"mx{n}")]
        want = s.scan(s.write("whole", lines))
        a, b = dealt(lines, 3)
        for name, hand in ("a", a), ("b", b), ("c", a):
            s.write(f"{name}/mail.log", hand)
        for n in range(8):
            s.daemon.start(until="following")
            s.world.sleep(0.05 + n / 40)
            s.daemon.kill()
        read, got = s.run(len(lines))
        t.check("killed: lines", read, len(lines))
        t.check("killed: run", got, rows(want))


def test_clock_off(t):
    """A host whose clock is a month ahead or behind holds up nobody."""
    for days in 30, -20:
        with Several() as s:
            lines = corpus(s.began)
            off = corpus(s.began + days * 86400, host="mx2")
            want = rows(s.scan(s.write("x", lines))) + rows(s.scan(s.write("y", off)))
            paths = [s.write("off/mail.log", off), s.write("a/mail.log", dealt(lines, 4)[0]),
                     s.write("b/mail.log", dealt(lines, 4)[1])]
            got = rows(s.scan(*paths))
            ids = [[json.loads(r)["id"] for r in some] for some in (got, want)]
            t.check(f"clock off by {days} days: scan", sorted(ids[0]), sorted(ids[1]))
            s.daemon.start()
            s.write("a/mail.log", [f"{iso(s.world.now())} mx1 postfix/anvil[1]: statistics: x\n"])
            total = len(lines) + len(off) + 1
            t.check("clock off: all is read", s.daemon.wait_read(total), total)
            t.check("clock off: run", sorted(json.loads(r)["id"] for r in s.incidents()),
                    sorted(ids[1]))


tests = {name[5:]: test for name, test in globals().items() if name.startswith("test_")}
t = Checks()
for name in sys.argv[3:] or tests:
    t.run(tests[name])
t.end()
