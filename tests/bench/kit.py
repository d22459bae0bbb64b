# SPDX-License-Identifier: MIT
"""A daemon that follows a log of ours, and what the kernel says of it."""
import json
import os
import shutil
import subprocess
import tempfile
import time

SETTINGS = ("[site]\nask_postfix = no\nown_domains = example.org\n[account-abuse]\nrecipients = 1\n"
            "[alert]\njournal = no\n")
TICKS = os.sysconf("SC_CLK_TCK")
JOURNAL_REMOTE = "/usr/lib/systemd/systemd-journal-remote"


class Daemon:
    """`relaywatch run` in a directory of its own, up to date with its log: a file, or journals."""

    def __init__(self, binary, journals=None):
        self.binary, self.top = binary, tempfile.mkdtemp(prefix="relaywatch-bench-")
        self.log, self.socket = (os.path.join(self.top, name) for name in ("mail.log", "control"))
        source = (f"type = journal\njournal_directory = {journals}\n" if journals else
                  f"type = file\nfiles = {self.log}\n")
        with open(os.path.join(self.top, "conf"), "w", encoding="ascii") as file:
            file.write(f"[source]\n{source}{SETTINGS}")
        open(self.log, "w", encoding="ascii").close()
        self.process = subprocess.Popen(
            [binary, "run", "--config", os.path.join(self.top, "conf"), "--socket", self.socket],
            stderr=subprocess.PIPE,
            env=dict(os.environ, STATE_DIRECTORY=os.path.join(self.top, "state")))

    def __enter__(self):
        self.hear("up to date")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.top, ignore_errors=True)

    def hear(self, words):
        """Waits for a line with these words, and returns it."""
        for line in self.process.stderr:
            if words.encode() in line:
                return line.decode()
        raise RuntimeError(f"the daemon ended without saying {words!r}")

    def read(self, lines, timeout=120):
        """Until it has read so many lines in all."""
        end = time.monotonic() + timeout
        while (got := self.ask_status()["lines"]["read"]) < lines:
            if time.monotonic() > end:
                raise RuntimeError(f"{got} lines read, not {lines}")
            time.sleep(0.1)

    def ask_status(self):
        done = subprocess.run([self.binary, "status", "--json", "--socket", self.socket],
                              stdout=subprocess.PIPE, check=True)
        return next(row for row in map(json.loads, done.stdout.splitlines())
                    if row["type"] == "status")

    def status(self, name):
        """A number of /proc/PID/status; what is memory is in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def switches(self):
        return self.status("voluntary_ctxt_switches"), self.status("nonvoluntary_ctxt_switches")


def of_message(i):
    """The records of message number i, which account number i sends: pairs (daemon, text)."""
    qid = f"{0x40000 + i:05X}3F{i:04X}"
    return [("smtpd", f"{qid}: client=a[203.0.113.9], sasl_method=PLAIN, sasl_username=user{i}"),
            ("cleanup", f"{qid}: message-id=<{i}@x>"),
            ("qmgr", f"{qid}: from=<a@example.org>, size=1, nrcpt=1 (queue active)"),
            ("smtp", f"{qid}: to=<b@elsewhere.example>, relay=h[192.0.2.1]:25, delay=1, "
                     "delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)")]


def as_lines(records, when=None):
    """For a log file, from the host of make_log; when: seconds since 1970, else now."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(when))
    return "".join(f"{stamp} mx1 postfix/{daemon}[1]: {text}\n" for daemon, text in records)


def as_export(records):
    """The same for systemd-journal-remote."""
    us = time.time_ns() // 1000
    return "".join(
        f"__REALTIME_TIMESTAMP={us + n}\n__MONOTONIC_TIMESTAMP={us + n}\n_BOOT_ID={'a' * 32}\n"
        f"_MACHINE_ID={'b' * 32}\n_HOSTNAME=mx\nSYSLOG_FACILITY=2\n"
        f"SYSLOG_IDENTIFIER=postfix/{daemon}\nSYSLOG_PID=1\nMESSAGE={text}\n\n" for n, (daemon, text) in enumerate(records))
