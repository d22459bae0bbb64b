#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon against `scan`: each labelled log is written line by line to a followed file, through
rotations, while the daemon is killed with -9 at random moments and started again. What it holds at the
end must be what `scan` finds in the whole log, but for the time of raising. Each incident is told
under the one id it has in the end: once, and at most once more for each kill, since a kill between
the alert and the save that follows at once leaves nobody who knows of the alert.

Meanwhile a person closes an incident, asks for settings that suit the log (suggest), and calls nearly
all of the world ours, by which what there is is withdrawn, and takes it back.

With --journal the same through a directory of journals, to which systemd-journal-remote writes; with
--per-host through a file per host, each rotated on its own. The daemon's clock shows the day of the log
then, by the shim (shim.c). Without --shim alerts may go to this machine's journal, what was told is not
looked at, and a journal that is older than `backfill` is not read.

usage: replay.py --bin relaywatch [--shim SHIM] [--journal | --per-host] [--kills N] [--hups N] [--seed N] DIR..."""
import argparse, glob, json, lzma, os, random, re, shutil, signal, subprocess, sys, tempfile, time

from follower import World, end_of_export

ap = argparse.ArgumentParser()
ap.add_argument("--bin", required=True)
ap.add_argument("--kills", type=int, default=int(os.environ.get("REPLAY_KILLS", "50")))
ap.add_argument("--shim")
ap.add_argument("--hups", type=int, default=2, help="how often the settings are read again")
ap.add_argument("--closes", type=int, default=1, help="how many incidents a person closes")
ap.add_argument("--changes", type=int, default=1,
                help="how often the site changes, by which all is withdrawn, and changes back")
ap.add_argument("--seed", type=int, default=1)
ap.add_argument("--rotate", type=int, default=400, help="lines")
ap.add_argument("--journal", action="store_true")
ap.add_argument("--per-host", action="store_true")
ap.add_argument("dirs", nargs="+")
args = ap.parse_args()


PERSONS = "state", "closed_at", "close_reason", "reopened"
# Subdomains are included: all that goes out stays inside.
ALL_OURS = "[site]\nrelay_domains = com net org de nl uk fr ch at eu info example\n"
REASON = "known; it's a test of ours"
REMOTE = "/usr/lib/systemd/systemd-journal-remote"


TIMES = re.compile(rb"^(__REALTIME_TIMESTAMP|_SOURCE_REALTIME_TIMESTAMP)=(\d+)$", re.M)


def export_of(directory):
    """As of now: a journal is read back for some days only."""
    name = os.path.join(directory, "mail.export.xz")
    if os.path.exists(name):
        export = lzma.open(name).read()
    else:
        export = subprocess.run([os.path.join(os.path.dirname(__file__), "bench", "export.py")],
                                input=log_of(directory), capture_output=True, check=True).stdout
    later = int(time.time() * 1e6) - max(int(us) for _, us in TIMES.findall(export))
    return TIMES.sub(lambda found: found[1] + b"=%d" % (int(found[2]) + later), export)


def log_of(directory):
    plain = os.path.join(directory, "mail.log")
    if os.path.exists(plain):
        return open(plain, "rb").read()
    return lzma.open(plain + ".xz").read()


class Daemon:
    def __init__(self, top, site):
        self.top, self.process = top, None
        self.socket = os.path.join(top, "control")
        self.log = os.path.join(top, "hosts/*/mail.log" if args.per_host else "mail.log")
        self.journals = os.path.join(top, "journals")
        os.mkdir(self.journals)
        self.out = open(os.path.join(top, "out"), "ab")
        self.lives, self.site = 0, site
        self.closed, self.changed = [], 0
        self.world = World(args.shim)

    def alert_file(self, life):
        return os.path.join(self.top, f"alerts.{life}")

    def configure(self):
        name = os.path.join(self.top, "conf") # renamed: the daemon may be reading it
        with open(name + ".new", "w") as f:
            f.write("[source]\n" + (f"type = journal\njournal_directory = {self.journals}\n"
                                    if args.journal else f"type = file\nfiles = {self.log}\n") +
                    f"[alert]\njournal = no\ncommand = /usr/bin/tee -a {self.alert_file(self.lives)}\n"
                    "[limits]\nsave_every = 1s\n" + self.site)
        os.rename(name + ".new", name)

    def start(self, postconf):
        self.lives += 1
        self.configure()
        env = self.world.environment(STATE_DIRECTORY=os.path.join(self.top, "state"))
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

    def status(self):
        """None while there is none."""
        answer = self.ask("status")
        for line in answer.stdout.splitlines() if not answer.returncode else []:
            status = json.loads(line)
            if status.get("type") == "status":
                return status
        return None

    def lines_read(self):
        status = self.status()
        return status["lines"]["read"] if status else -1

    def read_settings(self):
        if self.lines_read() >= 0: # it answers, so it listens to signals
            self.process.send_signal(signal.SIGHUP)

    def is_quiet(self):
        """Nothing is read, or judged, for a second time."""
        status = self.status()
        return status is not None and status["judging_again"] is None

    def change_site(self, site):
        self.site = site
        self.changed += 1
        self.configure()
        self.read_settings()

    def close_one(self):
        """True if there was one to close, and that was saved."""
        for row in map(json.loads, self.ask("incidents").stdout.splitlines()):
            if row.get("state") == "open" and not self.ask("close", row["id"], REASON).returncode:
                self.wait_for_save_with(REASON)
                self.closed.append((row["id"], self.changed))
                return True
        return False

    def wait_for_save_with(self, text):
        """A save that is under way may have begun before the text was known."""
        end = time.time() + 60
        while time.time() < end:
            try:
                with open(os.path.join(self.top, "state", "state"), "rb") as state:
                    if text.encode() in state.read():
                        return
            except FileNotFoundError:
                pass
            time.sleep(0.01)
        raise TimeoutError(f"no state with {text!r} was saved for a minute")

    def name_of(self, told):
        """The id that an incident has now."""
        answer = self.ask("show", told)
        return json.loads(answer.stdout.splitlines()[0])["id"] if answer.stdout else told

    def suggest(self, postconf):
        """What is wrong with the settings that suit the log so far."""
        done = subprocess.run(
            [args.bin, "suggest", "--config", os.path.join(self.top, "conf"), "--postconf", postconf,
             *([self.journals] if args.journal else glob.glob(self.log))], capture_output=True, text=True)
        return [] if done.returncode == 0 else [f"suggest: {done.returncode}, {done.stderr[-200:]}"]

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


class Person:
    """Does things at random lines of the log. What could not be done is tried at the next line."""

    def __init__(self, daemon, postconf, lines, rng, changes):
        self.daemon, self.due, self.bad = daemon, [], []
        for _ in range(args.closes):
            self.due.append((rng.randrange(lines // 2, lines), daemon.close_one))
        self.due.append((rng.randrange(lines), lambda: self.bad.extend(daemon.suggest(postconf))))
        points = sorted(rng.sample(range(1, lines), 2 * changes))
        for number, line in enumerate(points):
            self.due.append((line, lambda n=number: daemon.change_site("" if n % 2 else ALL_OURS)))
        self.due.sort(key=lambda one: one[0])

    def at(self, number):
        for one in [one for one in self.due if one[0] <= number and (number - one[0]) % 50 == 0]:
            if one[1]() is not False:
                self.due.remove(one)

    def end(self):
        """What went wrong. The site is as it was; what could not be done is left."""
        for _, act in self.due:
            act()
        return self.bad


def raised_ids(daemon):
    return {told for life in range(1, daemon.lives + 1) for event, told in daemon.alerts(life)
            if event == "raised"}


def judge_alerts(daemon, ids, withdrawn, names):
    """What is wrong with what was told, and how often it was told again. `names`: what answers to an
    id that was told while the site was about to be judged again, and the beginning not known."""
    bad, raised, first = [], {}, {}
    for life in range(1, daemon.lives + 1):
        events = daemon.alerts(life)
        for row in set(events):
            if row[0] == "raised" and events.count(row) > 1 + events.count(("withdrawn", row[1])):
                bad.append(f"{row[1]} was raised {events.count(row)} times between two kills")
        for event, told in events:
            if event == "raised":
                raised[told] = raised.get(told, 0) + 1
                first.setdefault(told, life)
    for told, times in raised.items(): # once, and once more for each kill that came before its save
        if times > daemon.lives - first[told] + 1:
            bad.append(f"{told} was raised {times} times in {daemon.lives - first[told]} kills")
    known = {names.get(told, told) for told in set(raised) | daemon.history()} - withdrawn
    if known != ids:
        bad.append(f"told: got {sorted(known)}, want {sorted(ids)}")
    return bad, len(raised), sum(raised.values()) - len(raised)


def story(incident):
    """An incident without what may differ: when it was raised."""
    return {k: v for k, v in incident.items() if k != "raised_at"}


def differences(got, want):
    """Of each incident but for what a person made of it."""
    ours, theirs = ({row["id"]: row for row in rows} for rows in (got, want))
    bad = []
    if set(ours) != set(theirs): # in the order in which they were raised
        bad.append(f"incidents: got {list(ours)}, want {list(theirs)}")
    for told in set(ours) & set(theirs):
        own = PERSONS if ours[told]["state"] == "closed" or ours[told]["reopened"] else ()
        bad += [f"{told}: {name}: got {json.dumps(ours[told].get(name))[:300]}, "
                f"want {json.dumps(value)[:300]}" for name, value in theirs[told].items()
                if name not in own and ours[told].get(name) != value]
    return bad


def judge_closes(daemon, got):
    """What was closed is, with its reason, or it has grown tenfold since; unless it was withdrawn
    meanwhile: that it stands after all is news."""
    bad, rows = [], {row["id"]: row for row in got}
    for told, changes in daemon.closed:
        row = rows.get(daemon.name_of(told))
        if changes == daemon.changed and not (row and (row["reopened"] or (
                row["state"], row["close_reason"]) == ("closed", REASON))):
            bad.append(f"{told}: closed, but {row and row['state']}")
    return bad


def scan(postconf, daemon, text):
    names = [daemon.journals]
    if args.per_host:
        names = glob.glob(daemon.log + "*")
    elif not args.journal:
        names = [os.path.join(daemon.top, "whole.log")]
        with open(names[0], "wb") as f:
            f.write(text)
    p = subprocess.run([args.bin, "scan", "--json", "--config", os.path.join(daemon.top, "conf"),
                        "--postconf", postconf, *names], capture_output=True, text=True)
    rows = [json.loads(line) for line in p.stdout.splitlines()]
    return [story(r) for r in rows if r["type"] == "incident"]


class Logs:
    """The file that a line goes into: one for all, or its host's."""

    def __init__(self, daemon):
        self.daemon, self.files, self.rotated = daemon, {}, 0

    def name_for(self, line):
        """A date of RFC 3339, or the traditional one of three words."""
        host = line.split(None, 4)[1 if line[:1].isdigit() else 3].decode() if args.per_host else "*"
        return self.daemon.log.replace("*", host)

    def open_for(self, line):
        name = self.name_for(line)
        if name not in self.files:
            os.makedirs(os.path.dirname(name), exist_ok=True)
            self.files[name] = open(name, "ab", buffering=0)
        return self.files[name]

    def rotate_for(self, line):
        name = self.name_for(line)
        if name in self.files:
            self.files.pop(name).close()
            self.rotated += 1
            os.rename(name, f"{name}.{self.rotated}")

    def close(self):
        for file in self.files.values():
            file.close()


def write_all(daemon, text, postconf, rng, changes):
    """Writes the log through rotations; kills and starts the daemon at random lines."""
    lines = text.splitlines(keepends=True)
    deaths = sorted(rng.sample(range(1, len(lines)), min(args.kills, len(lines) - 1)))
    hups = set(rng.sample(range(1, len(lines)), args.hups))
    person = Person(daemon, postconf, len(lines), rng, changes)
    logs = Logs(daemon)
    for number, line in enumerate(lines):
        if number and number % args.rotate == 0:
            logs.rotate_for(line)
        file = logs.open_for(line)
        half = rng.randrange(len(line)) if rng.random() < 0.02 else 0
        if half:
            file.write(line[:half])
        file.write(line[half:])
        if number % 50 == 0:
            time.sleep(0.01)
        if number in hups:
            daemon.read_settings()
        person.at(number)
        if deaths and number >= deaths[0]:
            deaths.pop(0)
            time.sleep(rng.random() * 0.3)
            daemon.kill()
            daemon.start(postconf)
    logs.close()
    return len(lines), person.end()


def write_journal(daemon, export, postconf, rng, changes):
    """The same for the entries of a journal."""
    entries = [e + b"\n\n" for e in export.split(b"\n\n") if e.strip()]
    deaths = sorted(rng.sample(range(1, len(entries)), min(args.kills, len(entries) - 1)))
    remotes = {} # a journal per host
    person = Person(daemon, postconf, len(entries), rng, changes)
    for number, entry in enumerate(entries):
        host = re.search(rb"^_HOSTNAME=(.*)$", entry, re.M)[1].decode()
        if host not in remotes:
            remotes[host] = subprocess.Popen(
                [REMOTE, "-o", os.path.join(daemon.journals, f"remote-{host}.journal"), "-"],
                stdin=subprocess.PIPE, stderr=daemon.out)
        remotes[host].stdin.write(entry)
        if number % 50 == 0:
            for remote in remotes.values():
                remote.stdin.flush()
            time.sleep(0.01)
        person.at(number)
        if deaths and number >= deaths[0]:
            deaths.pop(0)
            time.sleep(rng.random() * 0.3)
            daemon.kill()
            daemon.start(postconf)
    for remote in remotes.values():
        remote.stdin.close()
        remote.wait()
    return len(entries), person.end()


def read_all(daemon, want):
    """Waits until all is read, and judged; how many lines that were."""
    end, last, since = time.time() + 180, -1, time.time()
    while time.time() < end:
        lines = daemon.lines_read()
        if lines != last or not daemon.is_quiet():
            last, since = lines, time.time()
        # What is read once more passes the number on its way.
        if lines == want and time.time() - since > 1 if daemon.changed else lines >= want:
            break
        time.sleep(0.1)
    return last


def site_of(directory):
    """What the log's site has to be told, besides Postfix's settings."""
    name = os.path.join(directory, "site.ini")
    return open(name).read() if os.path.exists(name) else ""


def run(directory, seed, changes):
    rng, top = random.Random(seed), tempfile.mkdtemp(prefix="relaywatch-replay-")
    postconf = os.path.abspath(os.path.join(directory, "postconf-n.txt"))
    daemon = Daemon(top, site_of(directory))
    text = export_of(directory) if args.journal else log_of(directory)
    if args.journal: # the day of the log, lest it lie before what is read back
        daemon.world.step_to(end_of_export(text) + 3600)
    if not args.per_host:
        open(daemon.log, "w").close()
    try:
        daemon.start(postconf)
        write = write_journal if args.journal else write_all
        want_lines, bad = write(daemon, text, postconf, rng, changes)
        got_lines = read_all(daemon, want_lines)
        answer = daemon.ask("incidents", "--all")
        rows = [json.loads(line) for line in answer.stdout.splitlines()]
        withdrawn = [row["id"] for row in rows if row["state"] == "withdrawn"]
        got = [story(row) for row in rows if row["state"] != "withdrawn"]
        bad += judge_closes(daemon, got)
        names = {told: daemon.name_of(told) for told in raised_ids(daemon)}
        want = scan(postconf, daemon, text)
        daemon.process.send_signal(signal.SIGTERM)
        status = daemon.process.wait(60)
        if got_lines != want_lines:
            bad.append(f"lines: got {got_lines}, want {want_lines}")
        bad += differences(got, want)
        if status != 0:
            bad.append(f"exit status {status}")
        raised = again = None
        if args.shim:
            end = time.time() + 20
            while True: # the last command may still write
                wrong, raised, again = judge_alerts(daemon, {row["id"] for row in got},
                                                    set(withdrawn), names)
                if not wrong or time.time() > end:
                    break
                time.sleep(0.1)
            bad += wrong
        done = (f", {len(daemon.closed)} closed, {daemon.changed} changes of the site, "
                f"{len(withdrawn)} withdrawn for good")
        return bad, daemon.lives - 1, raised, again, done
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
        daemon.world.end()
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
    changes = 0 if site_of(directory) else args.changes # they would take its place
    bad, kills, raised, again, done = run(directory, args.seed, changes)
    passed += not bad
    failed += bool(bad)
    print(("ok   " if not bad else "FAIL ") + os.path.basename(os.path.normpath(directory)) +
          f": {kills} kills, seed {args.seed}" +
          (f", {raised} raised, {again} told again" if again is not None else "") + done +
          ("" if not bad else ": " + "; ".join(bad)), flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
