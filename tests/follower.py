# SPDX-License-Identifier: MIT
"""`relaywatch run` for tests, in a world that they turn: see shim.c."""
import datetime, json, os, queue, re, shutil, signal, struct, subprocess, sys, tempfile
import threading, time

US = 1_000_000
BEGAN, SPEED, STEP, HOLD, TURNS, LONGEST_CPU, LONGEST = range(7)


class World:
    """Clocks that run `speed` times as fast, from now on; without a shim everybody's clocks."""

    def __init__(self, shim, speed=1):
        self.top = tempfile.mkdtemp(prefix="relaywatch-test-")
        self.shim, self.speed = shim and os.path.abspath(shim), speed
        self.path = os.path.join(self.top, "world")
        with open(self.path, "wb") as f:
            f.write(bytes(7 * 8))
        self.file = open(self.path, "r+b", buffering=0)
        self.began = time.monotonic_ns() // 1000
        self.set(BEGAN, self.began)
        self.set(SPEED, speed)

    def set(self, field, value):
        os.pwrite(self.file.fileno(), struct.pack("q", int(value)), 8 * field)

    def get(self, field):
        return struct.unpack("q", os.pread(self.file.fileno(), 8, 8 * field))[0]

    def environment(self, **more):
        preload = dict(LD_PRELOAD=self.shim, SHIM=self.path) if self.shim else {}
        return dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0:exitcode=99", **preload, **more)

    def mono(self):
        """Seconds since the world began, as the daemon sees them."""
        return (time.monotonic_ns() // 1000 - self.began) * self.speed / US

    def now(self):
        """The wall clock as the daemon sees it, without its steps."""
        return time.time() + self.mono() * (1 - 1 / self.speed)

    def step_to(self, seconds):
        """The wall clock shows that time, as of now."""
        self.set(STEP, (seconds - time.time()) * US)

    def sleep(self, seconds):
        time.sleep(seconds / self.speed)

    def end(self):
        self.file.close()
        shutil.rmtree(self.top, ignore_errors=True)


def end_of_export(export):
    """When the last entry of a journal's export was written."""
    return max(map(int, re.findall(rb"^__REALTIME_TIMESTAMP=(\d+)$", export, re.M))) / US


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%S.%f+00:00")


def quiet(at, count=1):
    """Lines that say nothing of a message."""
    return f"{iso(at)} mx1 postfix/anvil[1]: statistics: max cache size 1\n" * count


def relayed(at, number, client="192.0.2.1", host="mx1", domain="spam.example"):
    """A stranger's message to the outside, of one recipient: it is delivered."""
    mail = f"{number:010X}"
    return (f"{iso(at)} {host} postfix/smtpd[1]: {mail}: client=unknown[{client}]\n"
            f"{iso(at)} {host} postfix/qmgr[1]: {mail}: from=<a@{domain}>, size=900, nrcpt=1"
            " (queue active)\n"
            f"{iso(at)} {host} postfix/smtp[1]: {mail}: to=<u{number}@victim.example>,"
            " relay=mx.victim.example[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n"
            f"{iso(at)} {host} postfix/qmgr[1]: {mail}: removed\n")


class Follower:
    """The daemon; `said` are its lines, each with the time on its own clock."""

    def __init__(self, binary, world, settings="", source=None, limits="save_every = 1s\n"):
        self.binary, self.world, self.process = binary, world, None
        self.log = os.path.join(world.top, "mail.log")
        self.conf = os.path.join(world.top, "conf")
        self.socket = os.path.join(world.top, "control")
        self.state = os.path.join(world.top, "state")
        self.alert_file = os.path.join(world.top, "alerts")
        self.source = source or f"type = file\nfiles = {self.log}\nbackfill = 30d\n"
        self.limits, self.ask_postfix, self.site = limits, "no", ""
        self.said, self.unread = [], queue.Queue()
        self.seen_alerts = 0
        open(self.alert_file, "a").close()
        open(self.log, "a").close()
        self.configure(settings)

    def configure(self, settings=""):
        """settings: lines of [alert], and sections after it. self.site: further lines of [site]."""
        with open(self.conf, "w") as f:
            f.write(f"[source]\n{self.source}[site]\nask_postfix = {self.ask_postfix}\nown_domains = example.net\n"
                    f"{self.site}"
                    f"[limits]\n{self.limits}"
                    # Its time runs as fast as the world: as much of it as there can be.
                    "[alert]\njournal = no\ncommand_timeout = 5m\n"
                    f"command = /usr/bin/tee -a {self.alert_file}\n"
                    f"{settings}")

    def start(self, until="up to date", **environment):
        self.process = subprocess.Popen(
            [self.binary, "run", "--config", self.conf, "--socket", self.socket],
            env=self.world.environment(STATE_DIRECTORY=self.state, **environment),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, args=(self.process.stderr,), daemon=True).start()
        return self.wait_said(until) if until else None

    def listen(self, pipe):
        for line in pipe:
            self.unread.put((self.world.mono(), line.rstrip("\n")))
        self.unread.put(None)

    def wait_said(self, words, seconds=60):
        """The next line with these words, and when it was said; fails where none comes."""
        end = time.monotonic() + seconds
        while True:
            try:
                got = self.unread.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not said: {words!r}, but {self.tail()}") from None
            if got is None:
                raise AssertionError(f"ended without saying {words!r}: {self.tail()}")
            self.said.append(got)
            if words in got[1]:
                return got

    def tail(self):
        return [line for _, line in self.said[-8:]]

    def rest(self):
        """What it has said since; all of it where it has ended."""
        lines = []
        while True:
            try:
                got = self.unread.get(timeout=10 if self.process.poll() is not None else 0.05)
            except queue.Empty:
                return lines
            if got is None:
                return lines
            self.said.append(got)
            lines.append(got[1])

    def write(self, text):
        with open(self.log, "a") as f:
            f.write(text)

    def told(self):
        """The JSON of each alert and site warning so far, as the command got them."""
        decoder, rows = json.JSONDecoder(), []
        with open(self.alert_file) as f:
            text = f.read()
        at = 0
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            try:
                row, at = decoder.raw_decode(text, at)
            except json.JSONDecodeError: # it is being written
                break
            rows.append(row)
        return rows

    def alerts(self):
        """(event, id) of each alert so far."""
        return [(row["event"], row["id"]) for row in self.told() if row["type"] == "incident"]

    def warnings(self, code):
        """(event, text) of each site warning of that code so far."""
        return [(row["event"], row["text"]) for row in self.told()
                if row["type"] == "warning" and row["code"] == code]

    def wait_warnings(self, code, count, seconds=30):
        end = time.monotonic() + seconds
        while len(self.warnings(code)) < count and time.monotonic() < end:
            time.sleep(0.005)
        return self.warnings(code)

    def wait_alerts(self, count, seconds=30):
        end = time.monotonic() + seconds
        while len(self.alerts()) < count and time.monotonic() < end:
            time.sleep(0.005)
        return self.alerts()

    def status(self):
        answer = subprocess.run([self.binary, "status", "--json", "--socket", self.socket],
                                capture_output=True, text=True)
        for line in answer.stdout.splitlines():
            row = json.loads(line)
            if row.get("type") == "status":
                return row
        return None

    def wait_status(self, what, want, seconds=30):
        """Until what(status) is `want`; what it was at last."""
        end, got = time.monotonic() + seconds, None
        while time.monotonic() < end:
            status = self.status()
            got = what(status) if status else None
            if got == want:
                break
            time.sleep(0.02)
        return got

    def wait_read(self, lines, seconds=60):
        return self.wait_status(lambda s: s["lines"]["read"], lines, seconds)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.rest()

    def stop(self):
        """Its exit status, and what it said at last."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        return status, self.rest()

    def memory(self):
        """(VmRSS in kB, open descriptors)."""
        with open(f"/proc/{self.process.pid}/status") as f:
            rss = int(re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M)[1])
        return rss, len(os.listdir(f"/proc/{self.process.pid}/fd"))


    def open_logs(self):
        """How many files of the log it has open, the rotated ones too."""
        fds, count = f"/proc/{self.process.pid}/fd", 0
        for fd in os.listdir(fds):
            try:
                count += os.readlink(os.path.join(fds, fd)).startswith(self.log)
            except FileNotFoundError:
                pass
        return count


class Checks:
    """Got and want, counted; `run` calls each function with what it needs and sums up."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, got, want):
        ok = want(got) if callable(want) else got == want
        self.passed, self.failed = self.passed + ok, self.failed + (not ok)
        said = "" if ok else f": got {got}" + ("" if callable(want) else f", want {want}")
        print(f"{'ok  ' if ok else 'FAIL'} {name}{said}", flush=True)

    def skip(self, why):
        self.skipped += 1
        print(f"SKIP {why}", flush=True)

    def run(self, function, *arguments):
        try:
            function(self, *arguments)
        except Exception as error: # the others still run
            self.failed += 1
            print(f"FAIL {function.__name__}: {type(error).__name__}: {error}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(self.failed > 0)
