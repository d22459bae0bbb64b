#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The running daemon that can't see: told once, shown everywhere, and its end told too; and what
looks like blindness and is none.

usage: blind.py RELAYWATCH SHIM [NAME...]"""
import os, shutil, socket, subprocess, sys, threading, time, urllib.request

from follower import Checks, Follower, World, iso, quiet

binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]


class Blind:
    """A world sixty times as fast, its daemon, and what systemd hears of it."""

    def __init__(self, settings="", speed=60, **more):
        self.world = World(shim, speed)
        self.daemon = Follower(binary, self.world, settings, **more)
        self.notify = os.path.join(self.world.top, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.notify)
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            for line in self.socket.recv(4096).decode().splitlines():
                if line.startswith("STATUS="):
                    self.said.append(line[7:])

    def start(self, **environment):
        self.daemon.start(NOTIFY_SOCKET=self.notify,
                          PATH=self.world.top + ":" + os.environ["PATH"], **environment)

    def __enter__(self):
        return self, self.world, self.daemon

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()

    def postfix(self, settings):
        """A Postfix to ask, and its queue."""
        self.queue = os.path.join(self.world.top, "queue")
        for name in "incoming", "active":
            os.makedirs(os.path.join(self.queue, name), exist_ok=True)
            os.utime(os.path.join(self.queue, name), (1, 1))
        path = os.path.join(self.world.top, "postconf")
        with open(path, "w") as f:
            f.write("#!/bin/sh\ncat <<.\nmyhostname = mx1\nmydestination = mx1\n"
                    f"queue_directory = {self.queue}\n{settings}\n.\n")
        os.chmod(path, 0o755)
        self.daemon.ask_postfix = "yes"
        self.daemon.configure()

    def works(self):
        now = self.world.now()
        os.utime(os.path.join(self.queue, "active"), (now, now))

    def wait_status_line(self, want):
        end = time.monotonic() + 20
        while not (self.said and want(self.said[-1])) and time.monotonic() < end:
            time.sleep(0.01)
        return self.said[-1] if self.said else ""


def text_status(daemon):
    return subprocess.run([binary, "status", "--socket", daemon.socket], capture_output=True,
                          text=True, check=False).stdout


def causes(status):
    return [blind["cause"] for blind in status["blind"]]


def missing_log(t):
    """Every place says that the log is not there, and no place when it is."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Blind(f"[metrics]\nenabled = yes\nlisten = 127.0.0.1:{port}\n") as (blind, world, daemon):
        def gauge():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                return [line for line in answer.read().decode().splitlines()
                        if line.startswith('relaywatch_blind{cause="missing"}')]

        os.unlink(daemon.log)
        blind.start()
        want = f"{daemon.log} is not there: No such file or directory"
        t.check("missing: status", daemon.wait_status(causes, ["missing"]), ["missing"])
        t.check("missing: told", daemon.wait_warnings("blind", 1), [("warning", want)])
        t.check("missing: among the warnings", daemon.status()["warnings"][0],
                {"type": "warning", "code": "blind", "text": want})
        t.check("missing: text", text_status(daemon), lambda text: "\nBLIND     " in text)
        t.check("missing: systemd", blind.wait_status_line(lambda line: "BLIND" in line),
                lambda line: line.startswith(f"BLIND: {want}; "))
        t.check("missing: gauge", gauge(), ['relaywatch_blind{cause="missing"} 1'])
        daemon.write(quiet(world.now()))
        t.check("there: told", daemon.wait_warnings("blind", 2),
                lambda told: len(told) == 2 and told[1][0] == "warning-over"
                and told[1][1].startswith("Over after ") and told[1][1].endswith(want))
        t.check("there: status", causes(daemon.status()), [])
        t.check("there: text", text_status(daemon), lambda text: "BLIND" not in text)
        t.check("there: systemd", blind.wait_status_line(lambda line: "BLIND" not in line),
                lambda line: line.startswith("Following"))
        t.check("there: gauge", gauge(), ['relaywatch_blind{cause="missing"} 0'])
        world.sleep(300)
        t.check("no more is told", len(daemon.warnings("blind")), 2)


def unreadable_log(t):
    with Blind() as (blind, world, daemon):
        os.unlink(daemon.log)
        os.mkdir(daemon.log)  # root reads everything but this
        blind.start()
        t.check("unreadable: told", daemon.wait_warnings("blind", 1),
                [("warning", f"{daemon.log} can't be read: not a regular file")])
        os.rmdir(daemon.log)
        daemon.write(quiet(world.now()))
        t.check("readable: told", [event for event, _ in daemon.wait_warnings("blind", 2)],
                ["warning", "warning-over"])


def silent_log(t):
    """The queue changes, and no line comes."""
    with Blind() as (blind, world, daemon):
        blind.postfix("")
        daemon.write(quiet(world.now()))
        blind.start()
        world.sleep(60)
        began = world.mono()
        blind.works()
        told = daemon.wait_warnings("blind", 1)
        t.check("silent: told", told, lambda told: len(told) == 1 and told[0][1].startswith(
            f"{daemon.log} stands still: Postfix worked in {blind.queue} at "))
        t.check("silent: after two minutes", world.mono() - began, lambda s: s >= 120)
        t.check("silent: status", causes(daemon.status()), ["silent"])
        daemon.write(quiet(world.now()))
        t.check("a line: told", [event for event, _ in daemon.wait_warnings("blind", 2)],
                ["warning", "warning-over"])


def quiet_server(t):
    """Nothing happens for ten hours; then a message's lines come a minute after it."""
    with Blind(speed=2000) as (blind, world, daemon):
        blind.postfix("")
        blind.start()
        daemon.write(quiet(world.now()))
        blind.works()
        world.sleep(36000)
        t.check("a quiet night", daemon.status()["blind"], [])
        t.check("nothing told", daemon.warnings("blind"), [])


def late_lines(t):
    """Lines that come a minute after the queue changed are late, and no more."""
    with Blind(speed=60) as (blind, world, daemon):
        blind.postfix("")
        blind.start()
        for i in range(5):
            blind.works()
            world.sleep(60)
            daemon.write(quiet(world.now()))
            world.sleep(60)
        t.check("late lines", daemon.warnings("blind"), [])


def log_server(t):
    """The lines are of other machines: what the local Postfix does shows nothing."""
    with Blind() as (blind, world, daemon):
        blind.postfix("maillog_file = /var/log/of-its-own")
        daemon.write(quiet(world.now()).replace("mx1", "mx7"))
        blind.start()
        world.sleep(60)
        blind.works()
        world.sleep(600)
        t.check("a log server", daemon.status()["blind"], [])


def left_for_another_log(t):
    """Postfix's settings name a log that is not followed, and that one grows."""
    with Blind() as (blind, world, daemon):
        other = os.path.join(world.top, "other.log")
        blind.postfix(f"maillog_file = {other}")
        daemon.write(quiet(world.now()))
        blind.start()
        world.sleep(60)
        with open(other, "w") as f:
            f.write(quiet(world.now()))
        os.utime(other, (world.now(), world.now()))
        t.check("left: told", daemon.wait_warnings("blind", 1), lambda told: len(told) == 1
                and told[0][1].startswith(f"{daemon.log} is not where Postfix logs to: {other} is "
                                          "(maillog_file), written at "))
        t.check("left: status", causes(daemon.status()), ["left"])


def unknown_form(t):
    with Blind() as (blind, world, daemon):
        blind.start()
        daemon.write("level=info msg=started\n" * 19)
        daemon.wait_read(19)
        world.sleep(60)
        t.check("19 lines", daemon.status()["blind"], [])
        daemon.write("level=info msg=started\n")
        t.check("20 lines", [event for event, _ in daemon.wait_warnings("blind", 1)], ["warning"])
        t.check("form: status", causes(daemon.status()), ["unknown-form"])
        daemon.write(quiet(world.now()))
        t.check("a line of syslog", [event for event, _ in daemon.wait_warnings("blind", 2)],
                ["warning", "warning-over"])


def lost_programs(t):
    """rsyslog's RSYSLOG_SyslogProtocol23Format without the "/smtpd"; other programs' lines between
    them are no comfort, one of Postfix with a program is."""
    with Blind() as (blind, world, daemon):
        blind.start()
        cut = f"<22>1 {iso(world.now())} mx1 postfix 812 - -  4FBFE15E604A: removed\n"
        other = f"<22>1 {iso(world.now())} mx1 dovecot - - -  imap: x\n"
        daemon.write((cut + other) * 19)
        daemon.wait_read(38)
        world.sleep(60)
        t.check("19 without program", daemon.status()["blind"], [])
        daemon.write(cut)
        t.check("20", [event for event, _ in daemon.wait_warnings("blind", 1)], ["warning"])
        t.check("without program: status", causes(daemon.status()), ["unknown-form"])
        daemon.write(quiet(world.now()))
        t.check("a line of Postfix", [event for event, _ in daemon.wait_warnings("blind", 2)],
                ["warning", "warning-over"])


tests = Checks()
for test in (missing_log, unreadable_log, silent_log, quiet_server, late_lines, log_server,
             left_for_another_log, unknown_form, lost_programs):
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
