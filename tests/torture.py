#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon follows a log through rotations of every style (rotations.py), while at random lines it
is killed with -9, stopped for a while, or told to read its settings again. In the end it must have
read each line once, hold the incidents that `scan` finds in the whole log, and have said of no line
that it is lost. What happens when is a matter of the seed, but for the speed of the machine.

usage: torture.py [--bin RELAYWATCH] [--seed S] [--style NAME|all] [--count N] [--jobs N]
                  [--without kills,hups,stops]

With --count N each style runs under the seeds S to S+N-1, some ten seconds each; --jobs at once,
which may be more than there are processors, as they mostly wait. --without narrows a failure down.
The folder of a run that failed is kept: the log and all that was rotated, the whole log for `scan`,
the saved state, and what the daemon said. --count 59 makes 1003 runs.

Lost to everybody, and so kept from happening here: what is deleted before the daemon has read it
(delcreate; symlink, when it is killed meanwhile). Not told apart by the daemon: two rotated files
that are the same byte for byte, which no lines with times and numbers are."""
import argparse, collections, datetime, json, lzma, os, random, re, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from follower import Follower, World
from rotations import OFTEN, STYLES, Log

CORPORA = os.path.join(HERE, "corpora")
PATIENCE = 60
TROUBLES = "kills", "hups", "stops"
ALARM = re.compile("^relaywatch: (gap|damaged|unreadable): |runtime error|AddressSanitizer")


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    parser.add_argument("--bin", default=os.path.join(HERE, "../build/release/relaywatch"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--style", default="all", choices=[*STYLES, "all"])
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--without", default="")
    return parser.parse_args()


class Daemon(Follower):
    """With the settings of the Postfix that wrote the log."""

    def __init__(self, binary, world, source, postconf):
        self.postconf = postconf
        super().__init__(binary, world, source=source)

    def configure(self, settings=""):
        with open(self.conf, "w") as f:
            f.write(f"[source]\n{self.source}[site]\npostconf = {self.postconf}\n"
                    f"[alert]\njournal = no\n[limits]\n{self.limits}")

    def lines_read(self):
        status = self.status()
        return status["lines"]["read"] if status else -1

    def is_alive(self):
        return self.process.poll() is None

    def heeds(self, number):
        """A signal that comes before it has said what to do kills any process."""
        with open(f"/proc/{self.process.pid}/status") as f:
            masks = re.findall(r"^Sig(?:Blk|Ign|Cgt):\t(\w+)", f.read(), re.M)
        return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)

    def incidents(self):
        answer = subprocess.run([self.binary, "incidents", "--all", "--json", "--socket", self.socket],
                                capture_output=True, text=True)
        return [story(json.loads(line)) for line in answer.stdout.splitlines()]

    def scan(self, log):
        answer = subprocess.run([self.binary, "scan", "--json", "--config", self.conf, log],
                                capture_output=True, text=True)
        rows = [json.loads(line) for line in answer.stdout.splitlines()]
        if not any(row["type"] == "summary" for row in rows):
            raise AssertionError(f"scan: exit {answer.returncode}: {answer.stderr[-500:]}")
        return [story(row) for row in rows if row["type"] == "incident"]


def story(incident):
    """All but when it was raised, which is a matter of when lines were read."""
    return {name: value for name, value in incident.items() if name != "raised_at"}


def read_story(rng):
    """A labelled log, or a part of one that is soon written; its folder, and its lines."""
    folder = os.path.join(CORPORA, rng.choice(sorted(
        name for name in os.listdir(CORPORA)
        if os.path.exists(os.path.join(CORPORA, name, "mail.iso.log.xz")))))
    if rng.random() < 0.5:
        with open(os.path.join(folder, "mail.log"), "rb") as log:
            lines = log.readlines()
    else:
        with lzma.open(os.path.join(folder, "mail.iso.log.xz")) as log:
            lines = log.readlines()
    if len(lines) > 1500:
        most = rng.randrange(700, 1500)
        lines = lines[:most] if rng.random() < 0.5 else lines[-most:]
    return folder, lines


def later(stamp, minutes=5):
    """The same host's stamp, later than all that a message waits for."""
    when, host = stamp.decode().rstrip().rsplit(" ", 1)
    more = datetime.timedelta(minutes=minutes)
    if when[0].isdigit():
        when = (datetime.datetime.fromisoformat(when) + more).isoformat(timespec="microseconds")
    else: # 2028 has a 29th of February
        then = datetime.datetime.strptime(f"2028 {when}", "%Y %b %d %H:%M:%S") + more
        when = f"{then:%b} {then.day:2} {then:%H:%M:%S}"
    return f"{when} {host} ".encode()


class Run:
    """One log, rotated in one style."""

    def __init__(self, options, style, seed):
        self.style, self.random = style, random.Random(f"{seed} {style}")
        folder, self.lines = read_story(self.random)
        self.world = World(None)
        self.log = Log(self.world.top, style, self.random)
        source = f"type = file\nfiles = {self.log.path}\nbackfill = 30d\n"
        if style == "olddir":
            source += f"rotated = {self.log.old}\n"
        self.daemon = Daemon(os.path.abspath(options.bin), self.world, source,
                             os.path.join(folder, "postconf-n.txt"))
        self.next = self.written = 0 # the line that comes next; lines since the last rotation
        self.stopped, self.bad = False, []
        self.every = self.random.randrange(*(5, 20) if style in OFTEN else (40, 300))
        self.due = self.plan(options.without.split(","))
        self.name = f"{style}, seed {seed}: {os.path.basename(folder)}, {len(self.lines)} lines"

    def plan(self, without):
        """(line, what happens there), in order."""
        counts = {"kills": self.random.randrange(10), "hups": self.random.randrange(4),
                  "stops": self.random.randrange(4)}
        acts = {"kills": self.kill, "hups": self.hup, "stops": self.stop_or_go_on}
        if self.style == "delcreate":
            without = *without, "kills", "stops"
        return sorted(((line, acts[trouble]) for trouble in TROUBLES if trouble not in without
                       for line in self.random.sample(range(1, len(self.lines)), counts[trouble])),
                      key=lambda due: due[0])

    # What happens.

    def write(self, count=1):
        for line in self.lines[self.next:self.next + count]:
            self.log.write(line)
            self.next += 1
            self.written += 1

    def rotate(self):
        if self.style == "delcreate":
            self.go_on()
            self.wait_read(self.next)
            if self.log.chance(0.5): # deleted unread, but it has the file open
                self.stop_or_go_on()
                self.write(5)
        self.next += self.log.rotate(self.lines[self.next:self.next + 40])
        self.written = 0
        if self.style in OFTEN:
            self.every = self.random.randrange(1, 25)

    def stop_or_go_on(self):
        if self.stopped:
            self.go_on()
        else:
            self.daemon.process.send_signal(signal.SIGSTOP)
            self.stopped = True

    def go_on(self):
        if self.stopped:
            self.daemon.process.send_signal(signal.SIGCONT)
            self.stopped = False

    def hup(self):
        wanted = self.random.randrange(1, 25)
        for _ in range(wanted if self.daemon.heeds(signal.SIGHUP) and not self.stopped else 0):
            self.daemon.process.send_signal(signal.SIGHUP)

    def kill(self):
        if self.style == "symlink":
            self.go_on()
            self.wait_read(self.next)
        if self.log.chance(0.5):
            self.log.pause(2)
        if not self.daemon.is_alive():
            self.bad.append(f"it had ended with {self.daemon.process.returncode}")
        self.daemon.kill()
        self.stopped = False
        if self.style == "symlink" or self.log.chance(0.6):
            self.log.pause(0.5)
        else:
            for _ in range(self.random.randrange(1, 4)):
                self.write(self.random.randrange(1, 30))
                self.rotate()
        self.daemon.start(until="following" if self.log.chance(0.7) else None)

    # The whole.

    def write_all(self):
        while self.next < len(self.lines):
            if self.written >= self.every:
                self.rotate()
                continue
            self.write()
            if self.log.chance(0.02):
                self.log.pause(0.05 if self.log.chance(0.9) else 3) # it saves each second
            while self.due and self.due[0][0] <= self.next:
                self.due.pop(0)[1]()
        self.go_on()
        # Its time is later than all that anybody waits for, in the daemon as in a scan.
        self.lines.append(later(self.log.stamp) + b"postfix/anvil[9]: statistics: the end\n")
        self.write()
        self.log.close()

    def wait_read(self, lines):
        """How many were read in the end."""
        want, end = lines + self.log.certain, time.monotonic() + PATIENCE
        while (got := self.daemon.lines_read()) < want and time.monotonic() < end:
            time.sleep(0.02)
        return got

    def compare(self):
        whole = os.path.join(self.world.top, "whole") # beside the log, where people put such files
        with open(whole, "wb") as log:
            log.writelines(self.lines)
        want, end = self.daemon.scan(whole), time.monotonic() + PATIENCE
        fewest = self.wait_read(len(self.lines))
        while (got := self.daemon.incidents()) != want and time.monotonic() < end:
            time.sleep(0.2)
        self.log.pause(0.3) # a line that is read twice may come late
        self.judge_lines(max(fewest, self.daemon.lines_read()))
        self.bad += differences(got, want)

    def judge_lines(self, got):
        least = len(self.lines) + self.log.certain
        most = least + self.log.doubtful
        if not least <= got <= most:
            self.bad.append(f"lines: got {got}, want {least}"
                            + (f" to {most}" if most > least else ""))

    def judge_words(self):
        self.bad += [f"said: {line}" for _, line in self.daemon.said if ALARM.search(line)][:3]

    def run(self):
        try:
            self.daemon.start(until="following")
            self.write_all()
            self.compare()
            status, _ = self.daemon.stop()
            if status:
                self.bad.append(f"exit status {status}")
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            self.bad.append(f"{type(error).__name__}: {error}")
        finally:
            if self.daemon.process and self.daemon.is_alive():
                self.daemon.kill()
        self.judge_words()
        self.tidy()
        return not self.bad

    def tidy(self):
        if not self.bad:
            self.world.end()
            return
        with open(os.path.join(self.world.top, "said"), "w") as f:
            f.writelines(f"{when:8.3f} {line}\n" for when, line in self.daemon.said)


def differences(got, want):
    ids = [[row["id"] for row in rows] for rows in (got, want)]
    if ids[0] != ids[1]:
        return [f"incidents: got {ids[0]}, want {ids[1]}"]
    return [f"{ours['id']}: {name}: got {json.dumps(ours.get(name))[:300]}, "
            f"want {json.dumps(theirs.get(name))[:300]}" for ours, theirs in zip(got, want)
            for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]


def run_one(options, style, seed):
    began = time.monotonic()
    run = Run(options, style, seed)
    good = run.run()
    kept = "" if good else f"; kept {run.world.top}"
    print(f"{'ok  ' if good else 'FAIL'} {run.name} ({time.monotonic() - began:.1f} s)"
          + "".join(f"\n     {one}" for one in run.bad) + kept, flush=True)
    return style, good


def main():
    options = arguments()
    styles = list(STYLES) if options.style == "all" else [options.style]
    runs, wrong = collections.Counter(), collections.Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        todo = [pool.submit(run_one, options, style, seed)
                for seed in range(options.seed, options.seed + options.count) for style in styles]
        for one in todo:
            style, good = one.result()
            runs[style] += 1
            wrong[style] += not good
    if options.count > 1:
        for style in styles:
            print(f"{style:24} {runs[style]:5} runs, {wrong[style]} with a difference")
    print(f"{runs.total() - wrong.total()} passed, {wrong.total()} failed")
    sys.exit(wrong.total() > 0)


if __name__ == "__main__":
    main()
