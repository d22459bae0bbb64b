#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`relaywatch check` as root: it judges as the service's user and in the service's sandbox, and says
what to type against what it finds. systemctl and postconf are scripts here.

usage: check.py RELAYWATCH [NAME...]"""
import json, os, shutil, subprocess, sys, tempfile, time

from follower import Checks, iso, quiet

binary = os.path.abspath(sys.argv[1])
# nobody is somebody whom every machine has.
NOBODY = "LoadState=loaded\nUser=nobody\nGroup=nogroup\n"


class Place:
    """A directory with a log, settings, and what is asked."""

    def __enter__(self):
        self.top = tempfile.mkdtemp(prefix="relaywatch-check-")
        os.chmod(self.top, 0o755)
        self.log = os.path.join(self.top, "mail.log")
        self.write("mail.log", quiet(time.time()))
        self.unit, self.postfix = NOBODY, None
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.top)

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.top, name)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def check(self, settings="", *options, log=None, source=None):
        """(exit status, the object of type check, the warnings)."""
        source = source or f"type = file\nfiles = {log or self.log}"
        conf = self.write("conf", f"[source]\n{source}\n[site]\n"
                          f"own_domains = example.net\n{settings}\n", 0o600)
        self.write("systemctl", f"#!/bin/sh\ncat <<.\n{self.unit}\n.\n", 0o755)
        if self.postfix:
            self.write("postconf", f"#!/bin/sh\ncat <<.\n{self.postfix}\n.\n", 0o755)
        done = subprocess.run([binary, "check", "--json", "--config", conf, *options],
                              capture_output=True, text=True, timeout=60, cwd="/",
                              env=dict(os.environ, PATH=f"{self.top}:/usr/bin:/bin"), check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert rows, (done.returncode, done.stderr)
        return done.returncode, rows[0], rows[1:]


    def text(self):
        """What the last check prints for people."""
        return subprocess.run([binary, "check", "--config", f"{self.top}/conf"], capture_output=True, text=True,
                              timeout=60, cwd="/", check=False,
                              env=dict(os.environ, PATH=f"{self.top}:/usr/bin:/bin")).stdout


def utc(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def only(warnings):
    assert len(warnings) == 1, warnings
    return warnings[0]


def nothing_wrong(t):
    with Place() as place:
        status, check, warnings = place.check()
        t.check("nothing wrong", (status, warnings), (0, []))
        t.check("judged as", check["judged_as"], "nobody")


def log_of_root(t):
    with Place() as place:
        os.chmod(place.log, 0o600)
        status, _, warnings = place.check()
        t.check("0600 root: status", status, 1)
        one = only(warnings)
        t.check("0600 root: code", one["code"], "blind")
        t.check("0600 root: text", one["text"], lambda text: text.startswith(
            f"The log can't be read: {place.log} (root:root, mode 0600) can't be read by nobody. "))
        t.check("0600 root: cure", one["cure"],
                f"chgrp adm {place.log}\nchmod g+r {place.log}\nusermod -aG adm nobody\n"
                "systemctl restart relaywatch.service")
        shutil.chown(place.log, group="adm")
        os.chmod(place.log, 0o640)
        status, _, warnings = place.check()
        t.check("0640 adm: cure", (status, only(warnings)["cure"]),
                (1, "usermod -aG adm nobody\nsystemctl restart relaywatch.service"))
        place.unit = NOBODY + "SupplementaryGroups=adm\n"
        t.check("in the group", place.check()[0], 0)
        place.unit = "LoadState=loaded\nUser=nobody\nAmbientCapabilities=cap_dac_read_search\n"
        os.chmod(place.log, 0o600)
        t.check("with the capability", place.check()[0], 0)
        place.unit = "LoadState=loaded\nUser=watcher\nDynamicUser=yes\nSupplementaryGroups=adm\n"
        os.chmod(place.log, 0o640)
        t.check("a dynamic user", (place.check()[0], place.check()[1]["judged_as"]),
                (0, "watcher"))
        place.unit = "LoadState=loaded\nUser=no-such-user\n"
        t.check("no such user", [w["text"] for w in place.check()[2]],
                ["the service's user no-such-user does not exist"])
        place.unit = "LoadState=loaded\nUser=\n"
        t.check("a service of root", place.check()[1]["judged_as"], "root")
        text = subprocess.run([binary, "check", "--config", place.top + "/conf"], text=True,
                              capture_output=True, check=False,
                              env=dict(os.environ, PATH=f"{place.top}:/usr/bin:/bin")).stdout
        t.check("text", text, lambda text: "\njudged as: root\n" in text)


def directory_of_root(t):
    with Place() as place:
        inner = os.path.join(place.top, "inner")
        os.mkdir(inner, 0o700)
        log = place.write("inner/mail.log", quiet(time.time()))
        one = only(place.check(log=log)[2])
        t.check("directory", one["text"], lambda text: f"{inner} (root:root, mode 0700) can't be "
                "entered by nobody" in text)
        t.check("directory: cure", one["cure"].splitlines()[:2],
                [f"chgrp adm {inner}", f"chmod g+x {inner}"])


def hostile_names(t):
    """A directory that somebody has named for who pastes the cure."""
    for name in ("$(touch canary)", "`touch canary`", "a b", "'; touch canary; '", "-rf", "*", "!!",
                 "müller", "\\", '"', "x" * 230):
        with Place() as place:
            os.mkdir(f"{place.top}/logs")
            os.mkdir(f"{place.top}/logs/{name}")
            log = place.write(f"logs/{name}/mail.log", quiet(time.time()), 0o600)
            one = only(place.check(log=f"{place.top}/logs/*/mail.log")[2])
            for program in "chgrp", "chmod", "usermod", "systemctl":
                place.write(program, '#!/bin/sh\nprintf "%s\\n" "${0##*/}" "$@" .\n', 0o755)
            for shell in "sh", "bash":
                done = subprocess.run([f"/bin/{shell}", "-c", one["cure"]], capture_output=True,
                                      text=True, check=False, cwd=place.top,
                                      env={"PATH": place.top})
                t.check(f"{name!r} in {shell}: called", done.stdout.splitlines()[:9],
                        ["chgrp", "adm", log, ".", "chmod", "g+r", log, ".", "usermod"])
                t.check(f"{name!r} in {shell}: says", done.stderr, "")
                t.check(f"{name!r} in {shell}: canary", os.path.exists(f"{place.top}/canary"), False)
    with Place() as place:
        os.mkdir(f"{place.top}/a\nb")
        place.write("a\nb/mail.log", quiet(time.time()), 0o600)
        one = only(place.check(log=f"{place.top}/a*/mail.log")[2])
        t.check("a line break: cure", one.get("cure"), None)
        t.check("a line break: why", one["text"], lambda text: "its name can't be typed" in text)


def missing_log(t):
    with Place() as place:
        for log in place.top + "/not-there.log", place.top + "/*/mail.log":
            status, _, warnings = place.check(log=log)
            one = only(warnings)
            t.check("missing", (status, one["code"]), (1, "blind"))
            t.check("missing: text", one["text"], lambda text: text.startswith(
                f"{log} is not there: "))
            t.check("missing: commands", one["cure"], lambda cure: "postconf maillog_file" in cure)


def silent_log(t):
    with Place() as place:
        now = time.time()
        for name in "incoming", "active":
            os.makedirs(f"{place.top}/queue/{name}")
            os.utime(f"{place.top}/queue/{name}", (now, now))
        os.chmod(f"{place.top}/queue/active", 0o700)
        place.postfix = (f"myhostname = mx1\nmydestination = mx1\nmynetworks = 127.0.0.0/8\n"
                         f"queue_directory = {place.top}/queue")
        t.check("both now", place.check()[2], lambda warnings: not any(
            w["code"] == "blind" for w in warnings))
        os.utime(place.log, (now - 119, now - 119))
        t.check("two minutes, nearly", place.check()[2], lambda warnings: not any(
            w["code"] == "blind" for w in warnings))
        os.utime(place.log, (now - 130, now - 130))
        t.check("silent", place.check()[2], lambda warnings: any(
            w["code"] == "blind" and w["text"].startswith(f"{place.log} stands still while Postfix "
            f"works: its queue in {place.top}/queue changed at ") for w in warnings))
        os.utime(f"{place.top}/queue/active", (now - 130, now - 130))
        os.utime(f"{place.top}/queue/incoming", (now - 200, now - 200))
        t.check("a quiet server", place.check()[2], lambda warnings: not any(
            w["code"] == "blind" for w in warnings))
        other = place.write("other.log", "")
        place.postfix += f"\nmaillog_file = {other}"
        t.check("another log", place.check()[2], lambda warnings: any(
            w["code"] == "blind" and w["text"].startswith(f"Postfix logs to {other} (maillog_file)")
            for w in warnings))


def what_the_log_shows(t):
    """Its end, as the daemon would read it."""
    with Place() as place:
        now = int(time.time())
        place.write("mail.log", quiet(now - 90000, 3) + quiet(now - 60) + f"{iso(now)} mx1 sshd[1]: x\n")
        status, check, warnings = place.check()
        t.check("a log", (status, warnings), (0, []))
        t.check("a log: figures", check["log"], {
            "lines": 5, "formless_lines": 0, "postfix_lines": 4, "hosts": 1, "first_line": utc(now - 90000),
            "last_line": utc(now), "last_postfix_line": utc(now - 60)})
        t.check("a log: text", place.text(), lambda text: "\nlog: 5 lines at its end were looked at\n"
                f"    from {utc(now - 90000)} to {utc(now)}\n    4 of Postfix, the last one 1m" in text)
        place.write("mail.log", quiet(now - 90000) * 100000 + quiet(now))
        t.check("a long one", place.check()[1]["log"], lambda log: 12000 < log["lines"] < 13000
                and log["last_line"] == utc(now))
        place.write("mail.log", f"{iso(now)} mx1 sshd[1]: x\n")
        t.check("none of Postfix", place.check()[0], 0)
        t.check("none of Postfix: text", place.text(), lambda text: "none of Postfix: is this the mail log?" in text)
        place.write("mail.log", "")
        t.check("just rotated", place.check()[0], 0)
        t.check("just rotated: text", place.text(), lambda text: "\nlog: no line of it was seen\n" in text)


def unknown_form(t):
    begins = "has no known form: none of its last"
    with Place() as place:
        now = time.time()
        for text, *says in (
                ("the quick brown fox\njumps\n", 'last 2 lines has a date and a program as syslog writes '
                 'them: "the quick brown fox". LOG FORMS in relaywatch(8) says'),
                ("\x1b[2J" + "x" * 500 + "\n", 'writes them: "?[2J' + "x" * 95 + '".'),
                ("[ 1001.234567                ] mx1 postfix/qmgr[8]: x\n", " This looks like the output of "
                 "journalctl -o short-delta, which counts seconds since the boot and has no date: use "
                 "-o short-iso-precise, short or json."),
                (quiet(now) + "x\n" * 20, 'last 20 lines has'),
                (" x\n" * 100000, 'lines has')):
            place.write("mail.log", text)
            status, check, warnings = place.check()
            one = only(warnings)
            t.check(f"{text[:20]!r}", (status, one["code"], one["text"]), lambda got: got[:2] == (1, "blind")
                    and got[2].startswith(f"{place.log} {begins}") and all(say in got[2] for say in says))
        place.write("mail.log", quiet(now) + "  at x\n" * 19)
        t.check("a stack trace", place.check()[0], 0)
        place.write("mail.log", f"<22>1 {iso(now)} mx1 postfix 8 - -  4FBFE15E604A: removed\n" * 3)
        one = only(place.check()[2])
        t.check("no program", one["text"], lambda text: "the last 3 lines of Postfix have lost the program's name" in text)
        # One good file hides no other.
        place.write("mail.log", quiet(now) * 1000)
        for i in range(15):
            place.write(f"other{i:02}.log", f"x{i}\n")
        warnings = place.check(log=f"{place.top}/*.log")[2]
        t.check("of many: how many", len(warnings), 11)
        t.check("of many: the first", warnings[0]["text"], lambda text: text.startswith(f"{place.top}/other00.log {begins}"))
        t.check("of many: the last", warnings[-1]["text"], "The same holds for 5 more files.")


def hosts_of_the_log(t):
    with Place() as place:
        now = int(time.time())
        text = "".join(quiet(at).replace("mx1", f"mx{at // 60 % 2}") for at in range(now - 3 * 86400, now - 3600, 60))
        place.write("mail.log", text + quiet(now).replace("mx1", "mx0"))
        status, check, warnings = place.check()
        one = only(warnings)
        t.check("silent", (status, one["code"], one["text"]), lambda got: got[:2] == (1, "blind") and
                got[2].startswith("The host mx1 is silent: no line of it has come for 1h")
                and got[2].endswith(", and its longest pause was 2m."))
        t.check("hosts", check["log"]["hosts"], 2)
        place.write("mail.log", "".join(quiet(now).replace("mx1", f"mx{i}") for i in range(6)))
        t.check("as many as allowed", place.check("[limits]\nhosts = 6")[2], [])
        one = only(place.check("[limits]\nhosts = 5")[2])
        t.check("more", (one["code"], one["text"]), ("blind", "6 hosts write to the log, and [limits] hosts "
                "allows 5: the lines of the others are not read."))
        # A log for each host, all with a pause that a busy one alone has not.
        for i in range(30):
            place.write(f"mx{i}.log", "".join(quiet(at).replace("mx1", f"mx{i}") for at in
                                              range(now - 2 * 86400, now - 3600 * (i < 12) , 600)))
        os.unlink(place.log)
        warnings = place.check(log=f"{place.top}/mx*.log")[2]
        t.check("many silent", len(warnings), 0)
        for i in range(12):
            place.write(f"mx{i}.log", "".join(quiet(at).replace("mx1", f"mx{i}") for at in
                                              range(now - 2 * 86400, now - 7200, 600)))
        warnings = place.check(log=f"{place.top}/mx*.log")[2]
        t.check("many silent", (len(warnings), warnings[-1]["text"]), (11, "2 more hosts are silent."))


def journal_shows(t):
    """A journal in a directory, of a host whose Postfix runs."""
    remote = "/lib/systemd/systemd-journal-remote"
    if not os.path.exists(remote):
        t.skip("no systemd-journal-remote")
        return
    with Place() as place:
        now = int(time.time())
        entries = "".join(f"__REALTIME_TIMESTAMP={at}000000\n__MONOTONIC_TIMESTAMP={at}000000\n_BOOT_ID={'1' * 32}\n"
                          "_HOSTNAME=mx1\nSYSLOG_IDENTIFIER=postfix/qmgr\nSYSLOG_PID=8\nSYSLOG_FACILITY=2\n"
                          "MESSAGE=4FBFE15E604A: removed\n\n" for at in range(now - 2000, now + 1))
        os.mkdir(f"{place.top}/journal", 0o755)
        made = subprocess.run([remote, "-o", f"{place.top}/journal/remote.journal", "-"], input=entries, text=True,
                              capture_output=True, check=False)
        if made.returncode:
            t.skip(made.stderr)
            return
        os.chmod(f"{place.top}/journal/remote.journal", 0o644)
        status, check, warnings = place.check(source=f"type = journal\njournal_directory = {place.top}/journal\n"
                                              "journal_check_sender = no")
        t.check("journal", (status, warnings), (0, []))
        t.check("journal: figures", check["log"], lambda log: log["postfix_lines"] == log["lines"] >= 499
                and log["last_line"] == utc(now) and log["hosts"] == 1)


def hidden_log(t):
    with Place() as place:
        place.unit = NOBODY + "PrivateTmp=yes\n"
        if not place.top.startswith("/tmp/"):
            t.skip("not in /tmp")
            return
        one = only(place.check()[2])
        t.check("hidden", one["text"], f"{place.log} can't be seen by the service: its unit hides it "
                "(PrivateTmp=).")
        t.check("hidden: cure", one["cure"], lambda cure: "PrivateTmp=no" in cure)


def commands(t):
    with Place() as place:
        program = os.path.join(place.top, "alert")
        for name, text, mode, want in (
                ("good", "#!/bin/sh\n", 0o755, None),
                ("env", "#!/usr/bin/env sh\n", 0o755, None),
                ("ELF", None, 0o755, None),
                ("root's", "#!/bin/sh\n", 0o700, "can't be executed by nobody"),
                ("not executable", "#!/bin/sh\n", 0o644, "can't be executed by nobody"),
                ("no interpreter", "#!/opt/no/such\n", 0o755, "/opt/no"),
                ("env of nothing", "#!/usr/bin/env no-such-shell\n", 0o755, "no-such-shell"),
                ("CR LF", "#!/bin/sh\r\n", 0o755, "CR LF"),
                ("no script", "echo x\n", 0o755, "neither a program nor a script"),
                ("missing", "", None, "No such file"),
                ("directory", "", 0o40755, "not a program")):
            if os.path.isdir(program):
                os.rmdir(program)
            elif os.path.exists(program):
                os.unlink(program)
            if mode == 0o40755:
                os.mkdir(program)
            elif text is None:
                shutil.copy("/bin/true", program)
            elif mode is not None:
                place.write("alert", text, mode)
            status, _, warnings = place.check(f"[alert]\ncommand = {program} a b")
            if want is None:
                t.check(name, (status, warnings), (0, []))
            else:
                one = only(warnings)
                t.check(name, (one["code"], one["text"]), lambda got: got[0] == "alert-command"
                        and got[1].startswith("[alert] command can't be run: ") and want in got[1])
        os.rmdir(program)
        place.write("alert", "#!/bin/sh\n", 0o755)
        place.unit = NOBODY + f"NoExecPaths={place.top}\n"
        t.check("forbidden", only(place.check(f"[alert]\ncommand = {program}")[2])["text"],
                lambda text: "forbids it (NoExecPaths=)" in text)


def metrics(t):
    settings = "[metrics]\nenabled = yes\nlisten = 127.0.0.1:9397"
    with Place() as place:
        t.check("metrics", place.check(settings)[2], [])
        place.unit = (NOBODY + "RestrictAddressFamilies=AF_UNIX\nIPAddressDeny=0.0.0.0/0 ::/0\n")
        one = only(place.check(settings)[2])
        t.check("forbidden", one["text"], "[metrics] listen = 127.0.0.1:9397 can't be reached: the "
                "service's unit forbids it (RestrictAddressFamilies=).")
        t.check("forbidden: cure", one["cure"], lambda cure: "IPAddressAllow=localhost" in cure)
        t.check("off", place.check("[metrics]\nenabled = no")[2], [])
        place.unit = NOBODY
        one = only(place.check("[metrics]\nenabled = yes\nlisten = 192.0.2.77:9397")[2])
        t.check("not ours", one["text"], "[metrics] listen = 192.0.2.77:9397: Cannot assign requested "
                "address")


tests = Checks()
if os.geteuid() != 0:
    tests.skip("not root: the service's user can't be taken on")
else:
    for test in (nothing_wrong, log_of_root, directory_of_root, hostile_names, missing_log, silent_log,
                 what_the_log_shows, unknown_form, hosts_of_the_log, journal_shows, hidden_log, commands, metrics):
        if not sys.argv[2:] or test.__name__ in sys.argv[2:]:
            tests.run(test)
tests.end()
