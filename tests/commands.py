#!/usr/bin/env python3
"""What a new user meets on the command line: commands.py RELAYWATCH

Exit statuses, clear sentences for what goes wrong, the seed log's story, 100 columns."""
import bz2
import fcntl
import gzip
import json
import lzma
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SEED = f"{ROOT}/tests/seed"
RELAY = f"{ROOT}/tests/corpora/open_relay"
SITE = ("--config", f"{SEED}/site.ini")
DUMP = ("--postconf", f"{RELAY}/postconf-n.txt")
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8",
                   **{f"{name}_OPTIONS": "exitcode=99" for name in ("ASAN", "UBSAN", "TSAN")})


class Skip(Exception):
    """Why a test can't be made here."""


class Tests:
    def __init__(self, binary, tmp):
        self.binary, self.tmp = binary, tmp
        # The seed is of 2018, and says so only by its age.
        self.seed = shutil.copy(f"{SEED}/mail.log", f"{tmp}/seed.log")
        self.relay = shutil.copy2(f"{RELAY}/mail.log", f"{tmp}/relay.log")
        self.posted = shutil.copy(f"{SEED}/as-posted.log", f"{tmp}/posted.log")
        for path in self.seed, self.posted:
            os.utime(path, (1537704000, 1537704000))  # 23 September 2018

    def run(self, *arguments, stdin=None, before=()):
        return subprocess.run([*before, self.binary, *arguments], capture_output=True, input=stdin,
                              timeout=120, env=ENVIRONMENT, check=False)

    def file(self, name, data):
        path = f"{self.tmp}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        return path

    def ends(self, status, *arguments, says=(), stdin=None, before=()):
        """It ends with that status, and says each of the words where they belong."""
        done = self.run(*arguments, stdin=stdin, before=before)
        text = (done.stderr if status == 2 else done.stdout).decode(errors="replace")
        what = f"{' '.join(arguments)}: status {done.returncode}, {text.strip()[-300:]!r}"
        assert done.returncode == status, f"{what}, want status {status}"
        for word in says:
            assert word in text, f"{what}, want {word!r}"
        return text

    # --- what a scan prints ---

    def test_what_headers_say(self):
        """A stranger's words stay in quotes, in a row each, the most frequent first."""
        lines = []
        for i in range(6):
            begin, queue_id = f"2026-11-24T03:00:0{i}Z mx1 postfix/", f"AAAAA0{i}"
            subject = 'x" (99 messages)' if i % 3 else "pills"
            lines += [f"{begin}pickup[1]: {queue_id}: uid=33 from=<www-data>",
                      f"{begin}cleanup[1]: {queue_id}: warning: header Subject: {subject} from local; from=<x>",
                      f"{begin}cleanup[1]: {queue_id}: warning: header X-PHP-Originating-Script: 1001:a.php "
                      "from local; from=<x>",
                      f"{begin}qmgr[1]: {queue_id}: from=<x@mx1>, size=9, nrcpt=1 (queue active)",
                      f"{begin}smtp[1]: {queue_id}: to=<u{i}@v.example>, relay=m[198.51.100.1]:25, delay=1, "
                      "dsn=2.0.0, status=sent (Ok)"]
        log = self.file("said.log", "".join(line + "\n" for line in lines).encode())
        conf = self.file("said.conf", b"[local-abuse]\nrecipients = 2\n[site]\nask_postfix = no\n")
        self.ends(1, "scan", "--config", conf, log, says=[
            'the headers of 6 messages name: "1001:a.php", with',
            '  scripts        "1001:a.php" (6 messages)\n'
            '  subjects       "x\\" (99 messages)" (4 messages)\n'
            '                 "pills" (2 messages)\n'])

    # --- help and mistakes ---

    def test_help(self):
        self.ends(0, "--help", says=["scan", "explain", "check"])
        self.ends(0, "--version", says=["relaywatch "])
        for command in "scan", "explain", "check":
            self.ends(0, command, "--help", says=["--json", "--config"])

    def test_no_daemon(self):
        socket = f"{self.tmp}/control"
        for command in (["status"], ["incidents"], ["show", "or-1"], ["queue", "or-1"],
                        ["clients", "or-1"], ["close", "or-1", "it", "is", "wanted"],
                        ["explain", "4FBFE15E604A"], ["test-alert"]):
            self.ends(2, *command, "--socket", socket, says=["is not running", socket])
        self.ends(2, "status", "--watch", "--socket", socket, says=["needs a terminal"])
        self.ends(2, "show", "--socket", socket, says=["relaywatch show ID"])
        self.ends(2, "explain", "nonsense", "--socket", socket, says=["not a queue ID"])

    def test_mistakes_on_the_command_line(self):
        self.ends(2, says=["scan"])
        self.ends(2, "scam", says=["scam"])
        self.ends(2, "scan", "--jsn", self.seed, says=["--jsn"])
        self.ends(2, "scan")
        self.ends(2, "explain")
        self.ends(2, "explain", "not-an-id", self.seed, says=["not-an-id"])

    def test_files_that_cannot_be_read(self):
        self.ends(2, *SITE, "scan", f"{self.tmp}/no-such.log", says=["no-such.log", "No such file"])
        # The others are read, and what they show counts more.
        self.with_bad(f"{self.tmp}/no-such.log", "no-such.log: No such file")
        other = self.file("other.log", b"Nov 24 03:47:09 mx1 sshd[1]: Accepted publickey for root\n")
        self.ends(2, *SITE, "scan", other, f"{self.tmp}/no-such.log", says=["no-such.log"])
        self.ends(2, *SITE, "scan", f"{self.tmp}/no-such.log", f"{self.tmp}/nor-this.log",
                  says=["no-such.log", "nor-this.log"])
        empty = f"{self.tmp}/directory"
        os.mkdir(empty)
        self.ends(2, *SITE, "scan", empty, says=["directory"])
        cut = self.file("cut.gz", gzip.compress(b"Nov 24 03:47:09 mx1 x[1]: y\n" * 9999)[:-30])
        self.ends(2, *SITE, "scan", cut, says=["cut.gz"])

    def with_bad(self, bad, *says):
        """A log beside that file: what it shows alone, and what is wrong with the other."""
        want = self.run("--json", *DUMP, "scan", self.relay)
        for names in (self.relay, bad), (bad, self.relay):
            done = self.run("--json", *DUMP, "scan", *names)
            assert (done.returncode, done.stdout) == (1, want.stdout), (bad, done)
            for word in says:
                assert word in done.stderr.decode(), (bad, word, done.stderr)
            assert len(done.stderr.splitlines()) == 1, done.stderr

    def test_a_file_among_others_that_is_no_log(self):
        form = "lines is in a known syslog form, with a date and a program's name"
        for name, data, *says in (
                ("words.log", b"the quick brown fox\njumps\nover\n",
                 f"words.log: none of its 3 {form}", 'read): "the quick brown fox"'),
                ("one-line.log", b"the quick brown fox\n", f"one-line.log: none of its 1 {form}"),
                ("packed.log", gzip.compress(b"a\n\x1b[2J\n" * 99999), f"none of its 199998 {form}"),
                ("hostile.log", b"\x1b[2J\xff" + b"x" * 200000 + b"\ny\nz\n", 'read): "?[2J'),
                ("zeros.log", bytes(100000), "zeros.log is not a log"),
                ("pages.log", lzma.compress(b"x" * 9999), "pages.log is compressed with xz"),
                ("delta.log", b"[    1.234567                ] mx1 postfix/qmgr[8]: x\n" * 9,
                 "delta.log is the output of journalctl -o short-delta, which counts seconds since the "
                 "boot and has no date, which is not read: use -o short-iso-precise, short or json"),
                ("cut.html", b"Sep 17 21:20:40 mx1 postfix/qmgr[1]: A: from=&lt;a@b.example&gt;, size=1\n",
                 "cut.html is escaped as HTML")):
            self.with_bad(self.file(name, data), *says)
        many = [self.file(f"{i}.log", b"x\ny\nz\n") for i in range(3)]
        done = self.run("--json", *DUMP, "scan", *many)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 3), done
        # Their figures would be too low.
        for command in ("suggest",), ("explain", "4FBFE15E604A"):
            self.ends(2, *SITE, *command, self.relay, many[0], says=["0.log: none of its 3"])

    def test_a_file_among_others_that_is_empty(self):
        """As a log is right after its rotation, or with lines of no log around those of one."""
        want = self.run("--json", *DUMP, "scan", self.relay)
        with open(self.relay, "rb") as file:
            text = file.read()
        around = self.file("around.log", b"no line of a log\n" * 9999 + text + b"nor is this\n")
        os.utime(around, (os.stat(self.relay).st_mtime,) * 2)
        for bad in b"", b"\n\r\n\n", gzip.compress(b""):
            done = self.run("--json", *DUMP, "scan", self.file("mail.log", bad), self.relay)
            assert (done.returncode, done.stderr) == (1, b""), done
            assert done.stdout.splitlines()[:-1] == want.stdout.splitlines()[:-1], done
        done = self.run("--json", *DUMP, "scan", self.file("mail.log", b""), around)
        assert done.returncode == 1 and b"none of" not in done.stderr, done
        # Pieces of one log, cut within its lines.
        for at in 5, 40, len(text) // 2, len(text) - 9:
            parts = [self.file(f"part{i}", part) for i, part in enumerate((text[:at], text[at:]))]
            for part in parts:
                os.utime(part, (os.stat(self.relay).st_mtime,) * 2)
            done = self.run("--json", *DUMP, "scan", *parts)
            assert (done.returncode, done.stdout, done.stderr) == (1, want.stdout, b""), (at, done)

    def test_no_permission(self):
        if os.geteuid() or not os.access(self.seed, os.R_OK):
            before = ()
        elif shutil.which("setpriv"):
            before = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
            os.chmod(self.tmp, 0o755)
        else:
            raise Skip("root reads everything, and there is no setpriv")
        path = self.file("secret.log", b"x\n")
        os.chmod(path, 0)
        if before and subprocess.run([*before, "test", "-x", self.binary], check=False).returncode:
            raise Skip("the build is somewhere that only root may enter")
        self.ends(2, *SITE, "scan", path, says=["secret.log", "Permission denied"], before=before)

    def test_files_with_nothing_of_postfix(self):
        self.ends(2, *SITE, "scan", self.file("empty.log", b""), says=["empty.log: there is nothing in it"])
        self.ends(2, *SITE, "scan", self.file("empty.log", b"\n\n"), says=["there is nothing in it"])
        self.ends(2, *SITE, "scan", "-", stdin=b"", says=["-: there is nothing in it"])
        two = self.file("empty.log", b""), self.file("empty.log.1", b"")
        self.ends(2, *SITE, "scan", *two, says=["the logs: there is nothing in it"])
        self.ends(0, *SITE, "scan", self.file(
            "other.log", b"Nov 24 03:47:09 mx1 sshd[1]: Accepted publickey for root\n" * 50))
        for data in os.urandom(200000), bytes(100000), gzip.compress(bytes(100000)):
            self.ends(2, *SITE, "scan", self.file("binary.log", data), says=["binary.log", "is not a log"])

    def test_bad_settings(self):
        bad = self.file("bad.ini", b"[open-relay]\nrecipients = many\n")
        self.ends(2, "--config", bad, "scan", self.seed, says=["bad.ini:2", "many", "1000000"])
        self.ends(2, "--config", bad, "check", says=["bad.ini:2"])
        self.ends(2, "--config", f"{self.tmp}/no.ini", "scan", self.seed, says=["no.ini"])
        unknown = self.file("unknown.ini", b"[open-relay]\nrecipient = 5\n")
        self.ends(2, "--config", unknown, "check", says=["unknown.ini:2", "recipient"])
        self.ends(2, *SITE, "--postconf", f"{self.tmp}/no.txt", "scan", self.seed, says=["no.txt"])

    def test_dump_in_the_settings(self):
        """[site] postconf is --postconf, which goes before it."""
        log = "scan", "--json", f"{RELAY}/mail.log"
        conf = self.file("dump.conf", f"[site]\npostconf = {RELAY}/postconf-n.txt\n".encode())
        want = self.ends(1, *log, "--postconf", f"{RELAY}/postconf-n.txt")
        assert self.ends(1, *log, "--config", conf) == want
        assert self.ends(0, "check", "--quiet", "--config", conf) == ""
        self.ends(1, "check", "--config", conf, says=["its settings were read from a file"])
        gone = self.file("gone.conf", f"[site]\npostconf = {self.tmp}/no.txt\n".encode())
        where = f"{gone}: [site] postconf = {self.tmp}/no.txt: No such file or directory"
        assert self.ends(1, *log, "--config", gone, "--postconf", f"{RELAY}/postconf-n.txt") == want
        for command in ("scan", self.seed), ("check",), ("check", "--quiet"), ("run",):
            self.ends(2, *command, "--config", gone, says=[where])
        self.file("no.txt", b"nothing of the kind\n")
        self.ends(2, *log, "--config", gone, says=["no.txt: it contains no Postfix setting"])

    def test_options_before_and_after_the_command(self):
        after = self.run("scan", self.seed, *SITE, "--json")
        before = self.run(*SITE, "--json", "scan", self.seed)
        assert after.stdout == before.stdout, "the place of the options makes a difference"

    # --- what is printed ---

    def test_what_people_read(self):
        text = self.ends(1, "scan", "--postconf", f"{RELAY}/postconf-n.txt", f"{RELAY}/mail.log",
                         says=["open-relay", "192.181.15.33", "tbg4-finance.org",
                               "backscatter-source", "smtpd_relay_restrictions"])
        # A command is not broken, however long.
        wide = [line for line in text.splitlines() if len(line) > 100 and line[:4].strip()]
        assert not wide, f"wider than 100 columns: {wide[0]}"
        assert "\x1b" not in text, "colour in a pipe"
        assert not self.run("scan", "--postconf", f"{RELAY}/postconf-n.txt",
                            f"{RELAY}/mail.log").stderr, "something on standard error"

    def on_terminal(self, columns, *arguments, zone="Europe/Berlin"):
        """What it writes to a terminal of so many columns, without its colours."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        with subprocess.Popen([self.binary, *arguments], stdout=slave, stderr=subprocess.DEVNULL,
                              env=dict(ENVIRONMENT, TZ=zone)) as process:
            os.close(slave)
            text = b""
            try:
                while data := os.read(master, 65536):
                    text += data
            except OSError:  # the other side is closed
                pass
            process.wait()
        os.close(master)
        return re.sub(r"\x1b\[[0-9;]*m|\r", "", text.decode())

    def test_terminal_widths(self):
        """From 72 to 200 columns: text fills the terminal, and no command is broken."""
        scan = "scan", "--postconf", f"{RELAY}/postconf-n.txt", f"{RELAY}/mail.log"
        commands = [row["command"] for line in self.run(*scan, "--json").stdout.splitlines()
                    for row in json.loads(line).get("commands", [])]
        assert len(commands) == 12, commands
        for columns, want in ((40, 72), (72, 72), (73, 73), (100, 100), (137, 137), (200, 200),
                              (400, 200)):
            lines = self.on_terminal(columns, *scan).splitlines()
            widest = max(len(line) for line in lines if line[:4].strip())
            assert want - 12 < widest <= want, f"{columns} columns: got {widest}, want {want}"
            for command in commands:
                assert f"    {command}" in lines, f"{columns} columns: {command} is broken"

    def test_local_time_on_a_terminal(self):
        """And UTC everywhere else. The log is of an hour that summer time begins after."""
        log = self.file("summer.log", "".join(
            f"2026-03-29T00:59:{i:02}+00:00 mx1 postfix/{line}\n" for i in range(6) for line in (
                f"smtpd[1]: AAAAA{i:02}: client=a[192.0.2.1]",
                f"qmgr[1]: AAAAA{i:02}: from=<a@spam.example>, size=1, nrcpt=1 (queue active)",
                f"smtp[1]: AAAAA{i:02}: to=<u@gmail.com>, relay=m[198.51.100.1]:25, delay=1, "
                "dsn=2.0.0, status=sent (Ok)")).encode())
        text = self.on_terminal(100, *SITE, "scan", log)
        assert "  since          2026-03-29 01:59:00 +0100, for 5s" in text, text
        text = self.on_terminal(100, *SITE, "explain", "AAAAA03", log)
        assert "2026-03-29 01:59:03 +0100" in text, text
        for done in (self.run(*SITE, "scan", log).stdout.decode(),
                     self.run(*SITE, "scan", "--json", log).stdout.decode(),
                     self.on_terminal(100, *SITE, "scan", "--json", log)):
            assert "2026-03-29T00:59:00Z" in done and "+0100" not in done, done

    def test_check(self):
        text = self.ends(1, "check", "--postconf", f"{RELAY}/postconf-n.txt",
                         says=["example.org", "192.0.2.0/24", "smtpd_relay_restrictions"])
        assert "\x1b" not in text, "colour in a pipe"
        rows = list(map(json.loads, self.ends(1, "check", "--json", "--postconf",
                                              f"{RELAY}/postconf-n.txt").splitlines()))
        check, codes = rows[0], [row["code"] for row in rows[1:] if row["type"] == "warning"]
        assert len(codes) == len(rows) - 1, rows
        assert (check["type"], check["settings"], check["postfix"]) == ("check", None, True), check
        domains = {row["domain"]: (row["class"], row["subdomains"]) for row in check["domains"]}
        assert domains == {name: ("ours", False) for name in (
            "example.org", "mx.example.org", "localhost")}, domains
        assert check["networks"] == [{"network": "127.0.0.0/8", "trusted": True},
                                     {"network": "192.0.2.0/24", "trusted": True}], check
        # What else there is to warn of is this machine's: whether it has a log, and which.
        assert [code for code in codes if code != "source"] == ["relay-restrictions-open"], codes

    def test_scan_reads_pipes(self):
        """A pipe and a FIFO, plain and packed: as the file itself."""
        options = "--json", "--postconf", f"{RELAY}/postconf-n.txt"
        with open(f"{RELAY}/mail.log", "rb") as f:
            text = f.read()
        log = self.file("mail.log", text)
        want = self.ends(1, "scan", *options, log)
        for packed in text, gzip.compress(text):
            assert self.ends(1, "scan", *options, "-", stdin=packed) == want
            fifo = os.path.join(self.tmp, "fifo")
            os.mkfifo(fifo)
            writer = threading.Thread(target=lambda: self.fill(fifo, packed))
            writer.start()
            assert self.ends(1, "scan", *options, fifo) == want
            writer.join()
            os.unlink(fifo)

    @staticmethod
    def fill(path, data):
        with open(path, "wb") as f:
            f.write(data)

    def test_json_shows_nothing_that_moves_the_cursor(self):
        """What a stranger writes is in the JSON, but nothing of it turns the terminal or the line
        around: control characters beyond ASCII, directions, line separators."""
        name = ("x\x7f\x80\x9b31m\x9f\xa0\u061c\u200d\u200e\u200f\u2027\u2028\u2029\u202a\u202e"
                "\u202f\u2065\u2066\u2069\u206a\xe9\u20ac\U0001f600@example.net")
        log = self.file("odd-login.log", "".join(
            f"2026-11-24T03:00:00Z mx1 postfix/{line}\n" for i in range(12) for line in (
                f"smtpd[1]: AAAAA{i:02}: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username={name}",
                f"qmgr[1]: AAAAA{i:02}: from=<a@spam.example>, size=1, nrcpt=1 (queue active)",
                f"smtp[1]: AAAAA{i:02}: to=<u@v.example>, relay=m[198.51.100.1]:25, delay=1, "
                "dsn=2.0.0, status=sent (Ok)")).encode())
        config = self.file("odd.conf", b"[account-abuse]\nrecipients = 3\n[site]\nask_postfix = no\n")
        done = self.run("scan", "--json", "--config", config, log)
        text = done.stdout.decode()
        assert json.loads(text.splitlines()[0])["key"]["sasl_username"] == name, text[:300]
        bad = [hex(ord(c)) for c in text if c in "\u061c\u200e\u200f\u2028\u2029" or
               "\x7f" <= c <= "\x9f" or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"]
        assert not bad, bad
        assert "\xe9\u20ac\U0001f600" in text, "letters are letters"

    def test_check_quiet_says_every_error_and_nothing_else(self):
        good = self.file("good.conf", b"[open-relay]\nrecipients = 7\n")
        assert self.ends(0, "check", "--quiet", "--config", good) == ""
        bad = self.file("bad.conf", b"[open-relay]\nrecipients = many\nwindow = 1h\n[nowhere]\n"
                        b"[local-abuse no-such-user]\nrecipients = 0\n")
        said = self.ends(2, "check", "--quiet", "--config", bad)
        assert [line.split(" ")[1].removeprefix(bad) for line in said.splitlines()] == [
            ":2:", ":4:", ":6:", "the"], said

    def test_check_shows_what_is_changed(self):
        self.ends(1, "check", "--postconf", f"{RELAY}/postconf-n.txt",
                  says=["all at their defaults"])
        config = self.file("check.conf", f"[source]\nfiles = {RELAY}/mail.log\n[open-relay]\n"
                           "recipients = 7\nwindow = 1h\n[account-abuse bob]\n"
                           "recipients = 9\n".encode())
        rows = list(map(json.loads, self.ends(1, "check", "--json", "--config", config, "--postconf",
                                              f"{RELAY}/postconf-n.txt").splitlines()))
        assert [row.get("code") for row in rows] == [None, "relay-restrictions-open"], rows
        assert rows[0]["settings_changed"].startswith(
            f"[source]\nfiles = {RELAY}/mail.log\n\n[open-relay]\nrecipients = 7\n\n"
            "[account-abuse bob]\n"), rows[0]

    def annotated(self, log, *options):
        """(mark, what was made of it) of each line."""
        done = self.run("scan", "--annotate", *options, log)
        assert done.returncode in (0, 1) and not done.stderr, done
        made = [line.decode().split(" | ")[0] for line in done.stdout.splitlines()]
        return [(line[:11].strip(), line[11:].strip()) for line in made]

    def test_annotate(self):
        made = self.annotated(f"{RELAY}/mail.log", "--postconf", f"{RELAY}/postconf-n.txt")
        marks = [mark for mark, _ in made]
        got = {mark: marks.count(mark) for mark in set(marks)}
        assert got == {"recognised": 1303, "ignored": 436}, got
        for number, want in ((0, ("ignored", "a program that carries no message")),
                             (3, ("recognised", "Postfix's version")),
                             (4, ("ignored", "connection")),
                             (6, ("recognised", "accepted from a client: accepted, from outside")),
                             (11, ("recognised", "in the active queue: queued, from outside"))):
            assert made[number] == want, f"line {number + 1}: got {made[number]}, want {want}"

    def test_trace(self):
        log = f"{RELAY}/mail.log"
        done = self.run("scan", "--trace", "judge,detect", *SITE, log)
        lines = done.stderr.decode().splitlines()
        assert lines and all(line.startswith(("trace judge: ", "trace detect: "))
                             for line in lines), f"got {lines[:3]}"
        assert "evidence of open-relay" in done.stderr.decode(), f"got {lines[:3]}"
        plain = self.run("scan", *SITE, log)
        assert (done.stdout, done.returncode) == (plain.stdout, plain.returncode), done.stdout
        self.ends(2, "scan", "--trace", "judge,links", log, says=[
            '--trace: unknown area "links"; the areas are record, link, site, judge, detect, '
            "source, state and all"])

    def test_annotate_what_is_not_understood(self):
        rows = (
            (b"postfix/smtpd[1]: connect from a[192.0.2.1]", "ignored", "connection"),
            (b"postfix/smtpd[1]: AAAAA01: client=unknown[192.0.2.1]", "recognised",
             "accepted from a client: accepted, from outside"),
            (b"postfix/qmgr[1]: AAAAA02: removed", "recognised", "removed: no message"),
            (b"postfix/qmgr[1]: AAAAA01: of the future", "NOT KNOWN",
             "not understood: accepted, from outside"),
            (b"postfix/qmgr[1]: AAAAA01: skipped, still being delivered", "recognised",
             "still in delivery: accepted, from outside"),
            (b"postfix/smtp[1]: AAAAA01: to=<a@b>, relay=none, delay=1, status=sent (@c>, "
             b"relay=none, delay=1, status=sent (x)", "AMBIGUOUS",
             "delivery with two readings: queued, from outside"),
            (b"postfix/master[1]: daemon started -- version 3.7.11, configuration /etc/postfix",
             "recognised", "Postfix's version"),
            (b"postfix/smtp[1]: AAAAA01: to=<a@b>, relay=none, delay=1, st", "CUT",
             "delivery, cut before its status: queued, from outside"),
            (b"dovecot[1]: x", "other", ""),
        )
        log = self.file("odd.log", b"".join(
            b"2026-11-24T03:00:00Z mx1 " + line + b"\n" for line, _, _ in rows) +
            b"the quick brown fox jumps over the lazy dog\n")
        want = [(mark, made) for _, mark, made in rows] + [("other form", "")]
        for got, row in zip(self.annotated(log, *SITE), want, strict=True):
            assert got == row, f"got {got}, want {row}"

    def test_annotate_keeps_the_order(self):
        """A line after days without any waits for the next one to show that its time is true."""
        log = self.file("days.log", b"2026-11-20T03:00:00Z mx1 postfix/smtpd[1]: connect from a[192.0.2.1]\n"
                                    b"2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA02: removed\n"
                                    b"2026-11-24T03:00:01Z mx1 dovecot[1]: x\n"
                                    b"2026-11-24T03:00:02Z mx1 postfix/qmgr[1]: AAAAA02: removed\n")
        marks = [mark for mark, _ in self.annotated(log, *SITE)]
        assert marks == ["ignored", "recognised", "other", "recognised"], marks

    # --- the story of the seed ---

    def story(self, queue_id, log):
        done = self.run(*SITE, "explain", "--json", queue_id, log)
        assert done.returncode in (0, 1), done.stderr.decode(errors="replace")
        return {row["queue_id"]: row for row in map(json.loads, done.stdout.splitlines())
                if row["type"] == "message"}

    def test_explain_the_relayed_message(self):
        story = self.story("D677715E604F", self.seed)
        relayed, notice = story["D677715E604F"], story["0B4C215E6063"]
        assert relayed["origin"] == "outside", relayed
        assert [v["kind"] for v in relayed["verdicts"]] == ["open-relay"], relayed
        assert (notice["origin"], notice["root"], notice["parent"]) == (
            "bounce", "outside", "D677715E604F"), notice
        assert [v["kind"] for v in notice["verdicts"]] == ["backscatter-source"], notice
        assert relayed["queued_since"] == "2018-09-17T21:20:40Z", relayed
        text = self.run(*SITE, "explain", "D677715E604F", self.seed).stdout.decode()
        for word in "open-relay", "backscatter-source", "192.181.15.33", "0B4C215E6063":
            assert word in text, f"no {word} in {text}"

    def test_the_same_lines_twice_count_once(self):
        """A log named twice, or two copies that overlap, are one log."""
        settings = ["--postconf", f"{RELAY}/postconf-n.txt", "scan", "--json"]
        with open(f"{RELAY}/mail.log", "rb") as f:
            lines = f.readlines()
        parts = [os.path.join(self.tmp, name) for name in ("older", "newer")]
        # Each begins and ends with a second: some lines of one second are alike in all their bytes.
        second = [line.split()[2] for line in lines]
        begin, end = second.index(second[300]), second.index(second[1600])
        for path, part in zip(parts, (lines[:end], lines[begin:])):
            with open(path, "wb") as f:
                f.writelines(part)
        want = self.run(*settings, f"{RELAY}/mail.log").stdout
        for names, twice in ((2 * [f"{RELAY}/mail.log"], len(lines)),
                             (parts, end - begin)):
            done = self.run(*settings, *names)
            assert done.stdout == want, f"{names}: got other incidents than of the whole log"
            said = f"{twice} lines are in more than one of the files, and count once"
            assert said in done.stderr.decode(), done.stderr

    def test_explain_says_what_it_rests_on(self):
        """Why the domain is outside and the client a stranger; of what nothing tells, what would."""
        nothing = os.path.join(self.tmp, "nothing.ini")
        with open(nothing, "w") as f:
            f.write("[site]\nask_postfix = no\n")
        text = self.run("--config", nothing, "explain", "D677715E604F", self.seed).stdout.decode()
        for words in ("open-relay (gmail.com, outside, bounced)", "backscatter-source:",
                      "outside: it belongs to a public mailbox provider",
                      "to info@tbg4-finance.org, who relays through this host from outside",
                      "nothing tells the trusted networks; trusted_networks of [site] would"):
            assert words in text, f"no {words} in {text}"
        log = os.path.join(self.tmp, "undecided.log")
        with open(log, "w") as f:
            f.write("Mar  2 08:00:00 mx postfix/smtpd[1]: AAAAA01: client=a.example[203.0.113.9]\n"
                    "Mar  2 08:00:00 mx postfix/qmgr[2]: AAAAA01: from=<a@a.example>, size=1, nrcpt=1 "
                    "(queue active)\n"
                    "Mar  2 08:00:01 mx postfix/smtp[3]: AAAAA01: to=<b@b.example>, relay=mx.b.example"
                    "[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (ok)\n")
        text = self.run("--config", nothing, "explain", "AAAAA01", log).stdout.decode()
        words = ("unknown: nothing tells whose it is; own_domains or relay_domains of [site] "
                 "would, or Postfix's settings (--postconf)")
        assert words in text, f"no {words} in {text}"
        done = self.run(*SITE, "explain", "--json", "D677715E604F", self.seed)
        relayed = json.loads(done.stdout.splitlines()[0])
        assert relayed["client_evidence"] == "no trusted network has it", relayed
        assert relayed["verdicts"][0]["evidence"], relayed

    def test_explain_names_the_login_of_a_notice(self):
        """And not whom the notice goes to, which is another's address here."""
        log = os.path.join(self.tmp, "notice.log")
        with open(log, "w") as f:
            for text in ("smtpd[1]: AAAAA01: client=c[198.51.100.9], sasl_method=PLAIN, sasl_username=ann",
                         "qmgr[2]: AAAAA01: from=<bob@isp.example>, size=1, nrcpt=1 (queue active)",
                         "smtp[3]: AAAAA01: to=<b@b.example>, relay=mx.b.example[198.51.100.1]:25, "
                         "delay=1, dsn=5.1.1, status=bounced (no)",
                         "bounce[4]: AAAAA01: sender non-delivery notification: AAAAA02",
                         "qmgr[2]: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)"):
                f.write(f"Mar  2 08:00:00 mx postfix/{text}\n")
        story = self.story("AAAAA01", log)
        assert [story[queue_id]["account"] for queue_id in sorted(story)] == ["ann", "ann"], story

    def test_explain_what_cannot_be_known(self):
        for queue_id, since in (("3EAC9174406F", "2018-09-18T17:17:41Z"),
                                ("5F64B15E60BA", "2018-09-17T21:27:43Z")):
            message = self.story(queue_id, self.seed)[queue_id]
            assert message["origin"] == "unknown", message
            assert message["queued_since"] == since, message
            assert not any(v["kind"] for v in message["verdicts"]), message

    def test_explain_a_message_that_only_waits(self):
        message = self.story("4FBFE15E604A", self.seed)["4FBFE15E604A"]
        assert message["origin"] == "outside" and not message["verdicts"], message

    def test_the_log_as_it_was_posted(self):
        story = self.story("D677715E604F", self.posted)
        assert story["0B4C215E6063"]["parent"] == "D677715E604F", story
        # The page broke one line in two, and hid every address: a recipient that is not known to be
        # outside is no evidence.
        rows = list(map(json.loads, self.ends(0, *SITE, "scan", "--json",
                                              self.posted).splitlines()))
        assert [row["type"] for row in rows] == ["summary"], rows
        want = {"lines": 26, "postfix": 19, "other_programs": 6, "not_syslog": 1, "unparsed": 0,
                "ambiguous": 0, "cut": 0, "queue_ids": 5, "children": 1, "unattributed": 2,
                "observations": 0}
        got = {name: rows[0]["counters"][name] for name in want}
        assert got == want, f"got {got}, want {want}"
        self.ends(0, *SITE, "scan", self.posted,
                  says=["26 lines, 19 of them from Postfix; 4 messages; 0 incidents",
                        "2 messages were accepted before the log begins"])

    def test_lines_that_lost_their_program(self):
        log = os.path.join(self.tmp, "mail.log")
        with open(log, "w", encoding="utf-8") as f:
            f.write("<22>1 2026-11-24T03:47:12Z mx1 postfix 812 - -  4FBFE15E604A: removed\n")
        self.ends(2, *SITE, "scan", log, says=["1 lines of Postfix don't say which program"])
        with open(log, "a", encoding="utf-8") as f:
            f.write("<22>1 2026-11-24T03:47:12Z mx1 postfix/qmgr 8 - -  4FBFE15E604A: removed\n")
        self.ends(0, *SITE, "scan", log)

        with open(log, "w", encoding="utf-8") as f:  # journalctl -o with-unit
            f.write("Tue 2026-11-24 03:47:12 UTC mx1 postfix/postfix-script[1]: refreshing\n"
                    "Tue 2026-11-24 03:47:12 UTC mx1 postfix@-.service[8]: 4FBFE15E604A: removed\n"
                    "Tue 2026-11-24 03:47:12 UTC mx1 postfix@-.service[8]: 4FBFE15E604B: removed\n")
        self.ends(2, *SITE, "scan", log, says=["2 lines of Postfix don't say which program"])

    def test_lines_without_a_date(self):
        log = os.path.join(self.tmp, "mail.log")
        undated = {"cat": "4FBFE15E604A: removed\n",
                   "short-monotonic": "[ 123.456789] mx1 postfix/qmgr[8]: x\n",
                   "verbose": "    MESSAGE=x\n", "export": "__CURSOR=x\n"}
        for name, line in undated.items():
            with open(log, "w", encoding="utf-8") as f:
                f.write(line)
            self.ends(2, *SITE, "scan", log, says=["none of its 1 lines", f"journalctl -o {name}"])
        with open(log, "w", encoding="utf-8") as f:
            f.write(undated["short-monotonic"] * 2 + "Nov 24 03:47:12 mx1 postfix/qmgr[8]: 4FBFE15E604A: removed\n")
        done = self.run(*SITE, "scan", log)
        assert done.returncode == 0 and b"2 of its 3 lines are in no known" in done.stderr, done

    def test_forms_that_a_command_makes_readable(self):
        with open(self.seed, "rb") as file:
            text = file.read()
        log = os.path.join(self.tmp, "it's.log")
        objects = [json.dumps({"log": line}, indent=2) for line in text.decode().splitlines()]
        want = self.run("--json", *SITE, "scan", self.seed).stdout
        for data in (text.decode().encode("utf-16"), text.decode().encode("utf-16-le"),
                     lzma.compress(text), bz2.compress(text), "\n".join(objects).encode(),
                     f"[{','.join(objects)}]".encode()):
            with open(log, "wb") as file:
                file.write(data)
            os.utime(log, (os.stat(self.seed).st_mtime,) * 2)
            said = self.ends(2, *SITE, "scan", log, says=["which is not read: "])
            command = said.splitlines()[0].split("which is not read: ")[1]
            command = command.replace("relaywatch scan", shlex.join(
                [self.binary, "--json", *SITE, "scan"]))
            done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
            assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == [
                json.loads(line)["type"] for line in want.splitlines()], f"{command}: {done}"

    def test_zeros_before_a_line(self):
        log = os.path.join(self.tmp, "mail.log")
        for zeros in 1, 65536, 300000:
            with open(log, "wb") as file, open(f"{RELAY}/mail.log", "rb") as whole:
                file.write(bytes(zeros) + whole.read())
            got = self.run("scan", "--json", "--postconf", f"{RELAY}/postconf-n.txt", log)
            want = self.run("scan", "--json", "--postconf", f"{RELAY}/postconf-n.txt",
                            f"{RELAY}/mail.log")
            assert got.stdout == want.stdout, f"{zeros} zeros: {got.stderr}"

    def test_explain_messages_of_one_queue_id(self):
        def life(minute, client, text):
            head = f"2026-11-20T10:{minute}:00+00:00 mx postfix".encode()
            return b"".join(head + line + b"\n" for line in (
                b"/smtpd[1]: 4FBFE15E604A: client=" + client,
                b"/cleanup[2]: 4FBFE15E604A: message-id=<" + text + b"@x>",
                b"/qmgr[3]: 4FBFE15E604A: from=<a@x.example>, size=1, nrcpt=1 (queue active)",
                b"/smtp[4]: 4FBFE15E604A: to=<b@y.example>, relay=h[192.0.2.1]:25, delay=1, "
                b"delays=1/0/0/0, dsn=2.0.0, status=sent (" + text + b")",
                b"/qmgr[3]: 4FBFE15E604A: removed"))
        log = os.path.join(self.tmp, "reuse.log")
        with open(log, "wb") as file:
            file.write(life("10", b"one[192.0.2.1]", b"caf\xc3\xa9")
                       + life("20", b"two[192.0.2.2]", b"caf\xe9"))
        done = self.run(*SITE, "explain", "--json", "4FBFE15E604A", log)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        told = [(row["client"], row["queued_since"], len(row["verdicts"])) for row in rows
                if row["type"] == "message"]
        assert told == [("one[192.0.2.1]", "2026-11-20T10:10:00Z", 1),
                        ("two[192.0.2.2]", "2026-11-20T10:20:00Z", 1)], told
        lines = [row["text"] for row in rows if row["type"] == "line"]
        assert len(lines) == 10, lines
        assert lines[1].endswith("<caf\u00e9@x>") and lines[6].endswith("<caf?@x>"), lines

    def test_scan_judges_by_what_the_whole_log_shows(self):
        """A large sender first, and then so many that this looks like a gateway: no false alarm."""
        def mail(n, name, address):
            at, tag = f"Nov 24 03:{n // 6:02}:{n % 6 * 10:02} mx1 postfix", f"A{n:04X}B"
            return (f"{at}/smtpd[1]: {tag}: client=mx.{name}[{address}]\n"
                    f"{at}/qmgr[1]: {tag}: from=<a@{name}>, size=900, nrcpt=1 (queue active)\n"
                    f"{at}/smtp[1]: {tag}: to=<u{n}@customer.example>, "
                    "relay=mail.customer.example[198.51.100.9]:25, delay=1, delays=1/0/0/0, "
                    "dsn=2.0.0, status=sent (ok)\n")
        log = "".join(mail(n, "large.example", "203.0.113.1") for n in range(6))
        dump = self.file("dump", b"mydestination = mx1.example.net\nmynetworks = 127.0.0.0/8\n"
                                 b"myhostname = mx1.example.net\nrelay_domains = mysql:/x.cf\n")
        alarm = self.file("alarm.log", log.encode())
        self.ends(1, "scan", "--postconf", dump, alarm, says=["open-relay"])
        log += "".join(mail(n, f"friend{n}.example", f"100.{n}.1.7") for n in range(6, 20))
        for path, stdin in (self.file("all.log", log.encode()), None), ("-", log.encode()):
            text = self.ends(0, "scan", "--postconf", dump, path, stdin=stdin,
                             says=["gateway", "20 recipients were left undecided"])
            assert "open-relay" not in text, text
        text = self.ends(0, "explain", "--postconf", dump, "A0001B", f"{self.tmp}/all.log",
                         says=["customer.example, unknown, sent", "as through a gateway"])
        assert "open-relay" not in text, text

    def test_scan_with_the_settings_of_another_host(self):
        dump = self.file("another.txt", b"myhostname = other.invalid\nmydestination = other.invalid\n"
                                        b"mynetworks = 127.0.0.0/8\n")
        done = self.run("--postconf", dump, "scan", "--json", f"{RELAY}/mail.log")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        codes = [row.get("code") for row in rows if row["type"] == "warning"]
        assert "settings-of-another-host" in codes, (done.returncode, done.stderr[:400], codes)

    def month(self, days):
        """A log of so many days: a login that sends 120 at once on each, and one that sends 500."""
        lines = []
        for day in range(days):
            for name, count in ("ann", 120), ("news", 500):
                begin = f"2026-{10 + day // 31:02}-{1 + day % 31:02}T09:00:00Z mx1 postfix/"
                mail = f"{day:05X}{count:03X}"
                lines += [f"{begin}smtpd[1]: {mail}: client=a[192.0.2.1], sasl_method=PLAIN, "
                          f"sasl_username={name}@example.net",
                          f"{begin}qmgr[1]: {mail}: from=<{name}@example.net>, size=9, nrcpt={count} (queue active)"]
                lines += [f"{begin}smtp[1]: {mail}: to=<u{i}@v{i}.example>, relay=m[198.51.100.1]:25, delay=1, "
                          "dsn=2.0.0, status=sent (Ok)" for i in range(count)]
                lines.append(f"{begin}qmgr[1]: {mail}: removed")
        return self.file("month.log", "".join(line + "\n" for line in lines).encode())

    def test_suggest_tells_the_margin(self):
        conf = self.file("site.conf", b"[site]\nask_postfix = no\nown_domains = example.net\n")
        done = self.run("suggest", "--config", conf, self.month(30))
        text = done.stdout.decode()
        assert (done.returncode, done.stderr, "SHORT" in text) == (0, b"", False), done
        margin = r"# The highest in this log was about (\d+): (\d+) is (\d\.\d) times that\.\n(#?)recipients = (\d+)\n"
        rows = {section: re.search(margin, rest) for section, rest in
                re.findall(r"\n\[([^]]+)\]\n((?:.+\n)*)", text)}
        for section, highest, suggested, mark in (("account-abuse", 120, 200, "#"),
                                                  ("account-abuse news@example.net", 500, 1000, "")):
            found = rows[section]
            assert found, text
            assert abs(int(found[1]) - highest) <= suggested / 16, text
            assert found[2] == found[5] == str(suggested) and found[4] == mark, text
            assert abs(float(found[3]) - suggested / int(found[1])) <= 0.1, text
        assert "\n[local-abuse]\n# Nobody else came near 200 in this log.\n# There was nothing of the kind in " \
               "this log.\nrecipients = 50\n" in text, text
        self.ends(0, "scan", "--config", self.file("suggested.conf", open(conf, "rb").read() + done.stdout),
                  f"{self.tmp}/month.log")

    def test_suggest_says_that_a_log_is_too_short(self):
        conf = self.file("site.conf", b"[site]\nask_postfix = no\nown_domains = example.net\n")
        done = self.run("suggest", "--config", conf, self.month(3))
        assert done.returncode == 0 and b"the log covers 2d, and 28 days are wanted" in done.stderr, done
        assert b"\n# TOO SHORT: it covers 2d, and 28 days are wanted. " in done.stdout, done
        # The first busy day would be an attack.
        assert b"\n[local-abuse]\n# The highest in this log was below 6: 200 is more than 33.3 times that.\n" \
               b"#recipients = 200\n" in done.stdout, done
        assert b"\n[account-abuse news@example.net]\n" in done.stdout and b"\nrecipients = 1000\n" in done.stdout, done

    def test_explain_an_unknown_message(self):
        done = self.run(*SITE, "explain", "AAAAAAAAAAAA", self.seed)
        assert done.returncode and b"AAAAAAAAAAAA" in done.stderr, done


def main():
    binary = os.path.realpath(sys.argv[1])
    passed = failed = skipped = 0
    for name in dir(Tests):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory(prefix="relaywatch-") as tmp:
            try:
                getattr(Tests(binary, tmp), name)()
                passed += 1
            except Skip as why:
                skipped += 1
                print(f"SKIP {name}: {why}")
            except (AssertionError, KeyError, ValueError, OSError,
                    subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAIL {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
