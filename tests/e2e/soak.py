#!/usr/bin/env python3
"""The installed service under load and trouble for as long as you like, in the container of
tests/e2e/run: at the end its incidents must be those of a scan of everything that was logged, and
it must have read each line once.

usage: tests/e2e/soak.py [--minutes N] [--rate N] [--source journal|file] [--seed N] [--build DIR]

Mixed mail, a hundred messages a second where the machine makes them, while at random Postfix or
relaywatch is reloaded, the log is rotated or vacuumed, the daemon is killed or restarted, its disk
is full, its settings change. What happens when is a matter of the seed. Exit status: 0 all is well,
1 it isn't, 77 no container can be booted here.

Clocks are not set: the container has this machine's, and may not set it."""
import argparse
import json
import os
import random
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from container import CannotBoot  # noqa: E402
from kit import (CONF, apt, boot, incidents, journal, postfix, runs, scan,  # noqa: E402
                 set_keys, settle, start_services, status, wait_for)

STATE, ARCHIVE, LOG = "/var/lib/relaywatch", "/var/log/archive", "/var/log/postfix.log"
STOP = "/tmp/stop"
# What no settings of the table below change.
FIGURES = ("kind", "key", "messages", "recipients", "sent", "deferred", "bounced", "queued", "notices",
           "clients", "sender_domains", "accounts", "uids")
CHANGES = {"limits": {"save_every": ("1s", "5s", "20s"), "messages": ("2000000", "1000000")},
           "alert": {"update_every": ("1m", "15m")},
           "open-relay": {"recipients": ("5", "8", "20"), "window": ("1h", "30m", "2h")},
           "account-abuse": {"window": ("1h", "2h")}}


class Soak:
    def __init__(self, box, options):
        self.box, self.options = box, options
        self.random = random.Random(options.seed)
        self.began, self.done = time.monotonic(), {}

    def say(self, text):
        print(f"{time.monotonic() - self.began:7.1f} {text}", flush=True)

    # --- the beginning ---

    def set_up(self):
        """Postfix with logins and dead addresses, and relaywatch with a small disk for its state; the
        log is empty."""
        box = self.box
        start_services(box)
        restrictions = box.run("postconf", "-h", "smtpd_relay_restrictions").stdout.strip()
        settings = [f"smtpd_relay_restrictions=permit_sasl_authenticated, {restrictions}",
                    "smtpd_sasl_auth_enable=yes", "local_recipient_maps=", "in_flow_delay=0",
                    "alias_maps=inline:{{root=/dev/null}}", "default_process_limit=40"]
        if self.options.source == "file":
            box.write(LOG, "")
            settings.append(f"maillog_file={LOG}")
            # postlog(1) makes it anew for root alone after each rotation.
            box.write("/etc/systemd/system/relaywatch.service.d/soak.conf",
                      "[Service]\nPrivateUsers=no\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH\n"
                      "AmbientCapabilities=CAP_DAC_READ_SEARCH\n")
        postfix(box, "stop")
        box.run("systemctl", "stop", "rsyslog", "syslog.socket")
        box.run("postconf", "-e", *settings)
        # journald shall forget nothing before keep() has seen it.
        box.write("/etc/systemd/journald.conf.d/soak.conf",
                  "[Journal]\nForwardToSyslog=no\nSystemMaxUse=2G\nSystemKeepFree=1M\n"
                  "SystemMaxFileSize=32M\n")
        box.run("systemctl", "restart", "systemd-journald")
        box.run("mkdir", "-p", STATE, ARCHIVE)
        box.run("mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", STATE)
        apt(box, "install", "/share/relaywatch-1.deb")
        runs(box)
        box.run("systemctl", "stop", "relaywatch")
        box.run("sh", "-c", f"rm -f {STATE}/*")
        box.run("journalctl", "--rotate")
        box.run("journalctl", "--vacuum-time=1s")
        self.write_settings()
        box.run("systemctl", "start", "relaywatch")
        runs(box)
        postfix(box, "start")

    def write_settings(self, changes=()):
        self.box.write(CONF, self.box.run("relaywatch", "check", "--defaults").stdout)
        if self.options.source == "file":
            set_keys(self.box, "source", type="file", files=LOG)
        for section, keys in changes:
            set_keys(self.box, section, **keys)

    # --- what happens ---

    def keep(self):
        """What the journal has put aside is kept for the scan, whatever is vacuumed."""
        self.box.run("sh", "-c", f"ln /var/log/journal/*/system@*.journal {ARCHIVE} 2>/dev/null; :")

    def reload_postfix(self):
        self.box.run("postfix", "reload")

    def restart_postfix(self):
        postfix(self.box, "restart")

    def reload_relaywatch(self):
        self.box.run("systemctl", "reload", "relaywatch", check=False)

    def reload_both(self):
        self.reload_postfix()
        self.reload_relaywatch()

    def rotate(self):
        if self.options.source == "file":
            self.box.run("postfix", "logrotate")
        else:
            self.box.run("journalctl", "--rotate")

    def vacuum(self):
        """Only what was read and saved: a daemon that is behind, or that is killed and goes back to
        its last save, would lose it, rightly."""
        if self.options.source == "file":
            return self.rotate()
        self.box.run("journalctl", "--rotate")
        self.keep()
        if self.has_saved():
            self.box.run("journalctl", "--vacuum-files=3")
        else:
            self.say("  not vacuumed: the daemon has saved nothing for a minute")

    def has_saved(self):
        """Waits until a save has all that has been logged so far."""
        end, idle = time.monotonic() + 60, None
        while time.monotonic() < end:
            if idle is None:
                idle = time.time() if self.daemon_is_idle() else None
            elif self.saved_at() > idle:
                return True
            time.sleep(0.5)
        return False

    def saved_at(self):
        times = self.box.run("find", STATE, "-type", "f", "!", "-name", "fill", "-printf", "%T@\\n")
        return max(map(float, times.stdout.split()), default=0)

    def kill(self):
        self.box.run("systemctl", "kill", "-s", "KILL", "--kill-who=main", "relaywatch", check=False)

    def restart(self):
        self.box.run("systemctl", "restart", "relaywatch")

    def fill_disk(self):
        """And sometimes it is killed meanwhile, or stopped, when it can't save what it knows."""
        self.box.run("dd", "if=/dev/zero", f"of={STATE}/fill", "bs=16k", check=False)
        time.sleep(self.random.uniform(2, 12))
        then = self.random.choice((self.kill, self.restart, self.reload_relaywatch, None))
        if then:
            self.say(f"  {then.__name__}, on a full disk")
            then()
            time.sleep(1)
        self.box.run("rm", f"{STATE}/fill")

    def change_settings(self):
        chosen = [(section, {key: self.random.choice(values)}) for section, keys in CHANGES.items()
                  for key, values in keys.items() if self.random.random() < 0.5]
        self.say(f"  {chosen}")
        self.write_settings(chosen)
        self.reload_relaywatch()

    EVENTS = {reload_postfix: 3, restart_postfix: 1, reload_relaywatch: 3, reload_both: 2, rotate: 3,
              vacuum: 2, kill: 4, restart: 1, fill_disk: 2, change_settings: 3}

    def trouble(self, until):
        events, weights = list(self.EVENTS), list(self.EVENTS.values())
        while time.monotonic() < until:
            event = self.random.choices(events, weights)[0]
            self.say(event.__name__)
            event(self)
            self.done[event.__name__] = self.done.get(event.__name__, 0) + 1
            time.sleep(self.random.uniform(2, 8))
            self.keep()
            runs(self.box)

    # --- the end ---

    def daemon_is_idle(self):
        """Once it has read all there is; its figures."""
        now = status(self.box)
        return now["source"]["catching_up"] is False and now["source"]["bytes_behind"] == 0

    def end(self):
        box = self.box
        self.write_settings()
        self.reload_relaywatch()
        settle(box)
        postfix(box, "stop")
        box.run("journalctl", "--sync")
        runs(box)
        wait_for("idle", True, self.daemon_is_idle, 120)
        time.sleep(3)  # journald tells its readers half a second later
        told, now = incidents(box), status(box)
        box.run("journalctl", "--rotate")
        self.keep()
        if self.options.source == "file":
            logs = box.run("sh", "-c", f"ls {LOG}*").stdout.split()
        else:
            logs = [ARCHIVE]
            count = box.run("sh", "-c", f"journalctl -D {ARCHIVE} -o short | grep -c ' postfix/'")
            self.say(f"lines of Postfix that journalctl shows: {count.stdout.strip()}")
        wanted, rows = scan(box, *logs)
        summary, = (row for row in rows if row["type"] == "summary")
        return told, now, wanted, summary

    def compare(self, told, now, wanted, summary):
        """True if all is well."""
        lost = summary["postfix_lines"] - now["lines"]["postfix"]
        self.say(f"lines {summary['postfix_lines']}, messages {summary['messages']}, "
                 f"events {sum(self.done.values())}: {json.dumps(self.done)}")
        for entry in journal(self.box, "-D", ARCHIVE, "-t", "relaywatch", "-p", "warning"):
            if "were deleted before they were read" in entry["MESSAGE"]:
                self.say(f"  {entry['MESSAGE']}")
        self.say(f"lost {max(lost, 0)}, doubled {max(-lost, 0)} lines; messages of the daemon "
                 f"{now['messages']['seen']}; notes {json.dumps(now['source']['notes'])}")
        theirs = {row["id"]: row for row in wanted}
        ours = {row["id"]: row for row in told.values()}
        bad = lost != 0 or theirs.keys() != ours.keys() or not theirs
        for incident_id in sorted(theirs.keys() | ours.keys()):
            a, b = theirs.get(incident_id, {}), ours.get(incident_id, {})
            row = a or b
            differ = {name: (a.get(name), b.get(name)) for name in FIGURES
                      if a.get(name) != b.get(name)}
            alerts = journal(self.box, "-D", ARCHIVE, "-t", "relaywatch",
                             f"RELAYWATCH_ID={incident_id}", "RELAYWATCH_EVENT=raised")
            self.say(f"{'DIFFER' if differ else 'same'} {row['kind']} {row['key']} "
                     f"{row['messages']} messages, {row['recipients']} recipients, {row['notices']} "
                     f"notices, alerted {len(alerts)} times {differ or ''}")
            bad |= bool(differ)
        return not bad

    def run(self):
        self.set_up()
        self.say(f"seed {self.options.seed}, {self.options.source}; clock steps: skipped, the "
                 "container has this machine's clock")
        traffic = self.box.start("sh", "-c", f"rm -f {STOP}; exec python3 /e2e/traffic.py "
                                             f"{self.options.rate} {STOP} >/share/taken")
        began = time.monotonic()
        try:
            self.trouble(began + 60 * self.options.minutes)
        finally:
            self.box.run("touch", STOP)
            traffic.wait(120)
        with open(f"{self.box.share}/taken", encoding="ascii") as file:
            taken = json.load(file)
        self.say(f"{sum(taken.values()) / (time.monotonic() - began):.0f} messages a second were "
                 f"taken: {json.dumps(taken)}")
        return self.compare(*self.end())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--source", choices=("journal", "file"), default="journal")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--build", default=f"{ROOT}/build/release")
    parser.add_argument("--keep", action="store_true", help="leave the container up at the end")
    options = parser.parse_args()
    for ending in signal.SIGTERM, signal.SIGHUP:
        signal.signal(ending, lambda *_: sys.exit(1))
    try:
        box = boot(os.path.realpath(options.build))
    except CannotBoot as why:
        print(f"SKIP: {why}")
        return 77
    try:
        good = Soak(box, options).run()
        if options.keep:
            input(f"container at {box.root}, init {box.init}; Enter ends it ")
    finally:
        box.down()
    print("all is well" if good else "NOT well")
    return not good


if __name__ == "__main__":
    sys.exit(main())
