#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon against `scan`: each labelled log is written line by line to a followed file, through
rotations, while the daemon is killed with -9 at random moments and started again. What it holds at the
end must be what `scan` finds in the whole log, but for the time of raising. Each incident is told
under the one id it has in the end: once, and at most once more for each kill, since a kill between
the alert and the save that follows at once leaves nobody who knows of the alert.

With --journal the same through a directory of journals, to which systemd-journal-remote writes.
Without --shim (shim.c) alerts may go to this machine's journal, and what was told is not looked at.

usage: replay.py --bin relaywatch [--shim SHIM] [--journal] [--kills N] [--hups N] [--seed N] DIR..."""
import argparse, json, lzma, os, random, re, shutil, signal, subprocess, sys, tempfile, time

ap = argparse.ArgumentParser()
ap.add_argument("--bin", required=True)
ap.add_argument("--kills", type=int, default=int(os.environ.get("REPLAY_KILLS", "50")))
ap.add_argument("--shim")
ap.add_argument("--hups", type=int, default=2, help="how often the settings are read again")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--rotate", type=int, default=400, help="lines")
ap.add_argument("--journal", action="store_true")
ap.add_argument("dirs", nargs="+")
args = ap.parse_args()


REMOTE = "/usr/lib/systemd/systemd-journal-remote"


def export_of(directory):
    return lzma.open(os.path.join(directory, "mail.export.xz")).read()


def log_of(directory):
    plain = os.path.join(directory, "mail.log")
    if os.path.exists(plain):
        return open(plain, "rb").read()
    return lzma.open(plain + ".xz").read()


class Daemon:
    def __init__(self, top):
        self.top, self.process = top, None
        self.socket = os.path.join(top, "control")
        self.log = os.path.join(top, "mail.log")
        self.journals = os.path.join(top, "journals")
        os.mkdir(self.journals)
        self.out = open(os.path.join(top, "out"), "ab")
        self.lives = 0

    def alert_file(self, life):
        return os.path.join(self.top, f"alerts.{life}")

    def configure(self):
        with open(os.path.join(self.top, "conf"), "w") as f:
            f.write("[source]\n" + (f"type = journal\njournal_directory = {self.journals}\n"
                                    if args.journal else f"type = file\nfiles = {self.log}\n") +
                    f"[alert]\njournal = no\ncommand = /usr/bin/tee -a {self.alert_file(self.lives)}\n"
                    "[limits]\nsave_every = 1s\n")

    def start(self, postconf):
        self.lives += 1
        self.configure()
        env = dict(os.environ, STATE_DIRECTORY=os.path.join(self.top, "state"))
        if args.shim:
            env.update(LD_PRELOAD=os.path.abspath(args.shim),
                       ASAN_OPTIONS="verify_asan_link_order=0")
        self.process = subprocess.Popen(
            [args.bin, "run", "--config", os.path.join(self.top, "conf"), "--postconf", postconf,
             "--socket", self.socket], env=env, stdout=self.out, stderr=self.out,
            stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask(self, *command):
        return subprocess.run([args.bin, *command, "--socket", self.socket, "--json"],
                              capture_output=True, text=True)

    def lines_read(self):
        answer = self.ask("status")
        if answer.returncode:
            return -1
        for line in answer.stdout.splitlines():
            status = json.loads(line)
            if status.get("type") == "status":
                return status["lines"]["read"]
        return -1


    def alerts(self, life):
        """(event, id) of each alert of one life."""
        rows, at, decoder = [], 0, json.JSONDecoder()
        text = ""
        if os.path.exists(self.alert_file(life)):
            with open(self.alert_file(life)) as f:
                text = f.read()
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            row, at = decoder.raw_decode(text, at)
            if row["type"] == "incident":
                rows.append((row["event"], row["id"]))
        return rows

    def history(self):
        """The ids of incidents that were over before they could be told."""
        with open(os.path.join(self.top, "out"), errors="replace") as f:
            return {m[1] for m in re.finditer(r"history: \S+ \S+ id=(\S+)", f.read())}


def judge_alerts(daemon, ids):
    """What is wrong with what was told, and how often it was told again."""
    bad, raised, first = [], {}, {}
    for life in range(1, daemon.lives + 1):
        events = daemon.alerts(life)
        for row in set(events):
            if row[0] == "raised" and events.count(row) > 1:
                bad.append(f"{row[1]} was raised {events.count(row)} times between two kills")
        for event, told in events:
            if event == "raised":
                raised[told] = raised.get(told, 0) + 1
                first.setdefault(told, life)
    for told, times in raised.items(): # once, and once more for each kill that came before its save
        if times > daemon.lives - first[told] + 1:
            bad.append(f"{told} was raised {times} times in {daemon.lives - first[told]} kills")
    known = set(raised) | daemon.history()
    if known != ids:
        bad.append(f"told: got {sorted(known)}, want {sorted(ids)}")
    return bad, len(raised), sum(raised.values()) - len(raised)


def story(incident):
    """An incident without what may differ: when it was raised."""
    return {k: v for k, v in incident.items() if k != "raised_at"}


def scan(postconf, daemon, text):
    name = daemon.journals
    if not args.journal:
        name = os.path.join(daemon.top, "whole.log")
        with open(name, "wb") as f:
            f.write(text)
    p = subprocess.run([args.bin, "scan", "--json", "--config", os.path.join(daemon.top, "conf"),
                        "--postconf", postconf, name], capture_output=True, text=True)
    rows = [json.loads(line) for line in p.stdout.splitlines()]
    return [story(r) for r in rows if r["type"] == "incident"]


def write_all(daemon, text, postconf, rng):
    """Writes the log through rotations; kills and starts the daemon at random lines."""
    lines = text.splitlines(keepends=True)
    deaths = sorted(rng.sample(range(1, len(lines)), min(args.kills, len(lines) - 1)))
    hups = set(rng.sample(range(1, len(lines)), args.hups))
    file, rotated = open(daemon.log, "ab", buffering=0), 0
    for number, line in enumerate(lines):
        if number and number % args.rotate == 0:
            file.close()
            rotated += 1
            os.rename(daemon.log, f"{daemon.log}.{rotated}")
            file = open(daemon.log, "ab", buffering=0)
        half = rng.randrange(len(line)) if rng.random() < 0.02 else 0
        if half:
            file.write(line[:half])
        file.write(line[half:])
        if number % 50 == 0:
            time.sleep(0.01)
        if number in hups and daemon.lines_read() >= 0: # it answers, so it listens to signals
            daemon.process.send_signal(signal.SIGHUP)
        if deaths and number >= deaths[0]:
            deaths.pop(0)
            time.sleep(rng.random() * 0.3)
            daemon.kill()
            daemon.start(postconf)
    file.close()
    return len(lines)


def write_journal(daemon, export, postconf, rng):
    """The same for the entries of a journal."""
    entries = [e + b"\n\n" for e in export.split(b"\n\n") if e.strip()]
    deaths = sorted(rng.sample(range(1, len(entries)), min(args.kills, len(entries) - 1)))
    remote = subprocess.Popen([REMOTE, "-o", os.path.join(daemon.journals, "mail.journal"), "-"],
                              stdin=subprocess.PIPE, stderr=daemon.out)
    for number, entry in enumerate(entries):
        remote.stdin.write(entry)
        if number % 50 == 0:
            remote.stdin.flush()
            time.sleep(0.01)
        if deaths and number >= deaths[0]:
            deaths.pop(0)
            time.sleep(rng.random() * 0.3)
            daemon.kill()
            daemon.start(postconf)
    remote.stdin.close()
    remote.wait()
    return len(entries)


def run(directory, seed):
    rng, top = random.Random(seed), tempfile.mkdtemp(prefix="relaywatch-replay-")
    postconf = os.path.abspath(os.path.join(directory, "postconf-n.txt"))
    daemon = Daemon(top)
    text = export_of(directory) if args.journal else log_of(directory)
    open(daemon.log, "w").close()
    try:
        daemon.start(postconf)
        write = write_journal if args.journal else write_all
        want_lines = write(daemon, text, postconf, rng)
        end = time.time() + 30
        while daemon.lines_read() < want_lines and time.time() < end:
            time.sleep(0.1)
        got_lines = daemon.lines_read()
        answer = daemon.ask("incidents", "--all")
        got = [story(json.loads(line)) for line in answer.stdout.splitlines()]
        want = scan(postconf, daemon, text)
        daemon.process.send_signal(signal.SIGTERM)
        status = daemon.process.wait(10)
        bad = []
        if got_lines != want_lines:
            bad.append(f"lines: got {got_lines}, want {want_lines}")
        if got != want:
            bad.append(f"incidents: got {json.dumps(got)[:600]}\n want {json.dumps(want)[:600]}")
        if status != 0:
            bad.append(f"exit status {status}")
        raised = again = None
        if args.shim:
            time.sleep(0.2) # the last command may still write
            wrong, raised, again = judge_alerts(daemon, {row["id"] for row in got})
            bad += wrong
        return bad, daemon.lives - 1, raised, again
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
        if os.environ.get("REPLAY_KEEP"):
            print("kept:", top)
        else:
            shutil.rmtree(top, ignore_errors=True)


if args.journal and not os.path.exists(REMOTE):
    print("SKIP: there is no systemd-journal-remote here")
    sys.exit(77)
passed = failed = 0
for directory in args.dirs:
    if not os.path.exists(os.path.join(directory, "postconf-n.txt")):
        continue
    bad, kills, raised, again = run(directory, args.seed)
    passed += not bad
    failed += bool(bad)
    print(("ok   " if not bad else "FAIL ") + os.path.basename(os.path.normpath(directory)) +
          f": {kills} kills, seed {args.seed}" +
          (f", {raised} raised, {again} told again" if again is not None else "") +
          ("" if not bad else ": " + "; ".join(bad)), flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
