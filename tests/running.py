#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The running daemon over hours that pass in seconds: what it tells whom and when, across crashes,
stops, and clocks that are set. Numbers in names are those of the scenarios of log following.

usage: running.py RELAYWATCH SHIM [NAME...]"""
import contextlib, gzip, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

from follower import HOLD, STEP, US, Checks, Follower, World, iso, quiet, relayed

HOUR = 3600
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]


class Running:
    """A world and a daemon in it, for `with`."""

    def __init__(self, speed=1, settings="", **more):
        self.world = World(shim, speed)
        self.daemon = Follower(binary, self.world, settings, **more)

    def __enter__(self):
        return self.world, self.daemon

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()


def attack(at, first=0, count=5, **whose):
    return "".join(relayed(at, first + i, **whose) for i in range(count))


def names(events):
    return [event for event, _ in events]


def replace(path, text):
    """As a whole, so that nobody reads half of it."""
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


# No state can be saved while this is in its way.
class NoSave:
    def __init__(self, daemon):
        self.path = os.path.join(daemon.state, "state.tmp")

    def __enter__(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        while True:
            try:
                os.mkdir(self.path)
                break
            except FileExistsError:  # of a save under way: gone as soon as it's whole
                time.sleep(0.001)
        os.mkdir(os.path.join(self.path, "in the way"))

    def __exit__(self, *unused):
        shutil.rmtree(self.path, ignore_errors=True)


def s71_crash_before_the_alert_is_saved(t):
    """An alert went out, and the state that says so was never saved: it does not go out again,
    however often it crashes. A save before the attack, and none at all, are the same."""
    for saved in True, False:
        name = "a save before it" if saved else "no save at all"
        with Running() as (world, daemon):
            daemon.write(quiet(world.now() - 60))
            daemon.start()
            if saved:
                t.check(f"{name}: saved", daemon.wait_status(lambda s: s["state"]["saves"] > 0,
                                                             True), True)
            else:
                daemon.kill()
                shutil.rmtree(daemon.state)
                os.mkdir(daemon.state, 0o700)
            with NoSave(daemon):
                if not saved:
                    daemon.start()
                daemon.write(attack(world.now()))
                first = daemon.wait_alerts(1)
                daemon.wait_said("can't be saved")
                daemon.kill()
                for kill in range(3):
                    daemon.start()
                    daemon.wait_said("can't be saved")
                    daemon.kill()
            t.check(f"{name}: raised", names(first), ["raised"])
            daemon.start()
            t.check(f"{name}: that is saved", daemon.wait_status(
                lambda s: s["state"]["saves"] > 0, True), True)
            daemon.kill()
            daemon.start()
            daemon.write(quiet(world.now()))
            t.check(f"{name}: all lines", daemon.wait_read(1 + 20 + 1), 22)
            t.check(f"{name}: and no more", daemon.alerts(), first)


def s71_crash_and_no_memory(t):
    """Not even what was told can be remembered: the alert goes out again under the same id."""
    with Running() as (world, daemon):
        os.makedirs(os.path.join(daemon.state, "told"))
        daemon.write(quiet(world.now() - 60))
        with NoSave(daemon):
            daemon.start()
            daemon.write(attack(world.now()))
            first = daemon.wait_alerts(1)
            daemon.wait_said("can't be saved")
            daemon.kill()
        daemon.start()
        t.check("no memory: raised again, the same id", daemon.wait_alerts(2), first * 2)
        t.check("no memory: saved", daemon.wait_status(lambda s: s["state"]["saves"] > 0, True),
                True)
        daemon.kill()
        daemon.start()
        t.check("no memory: and no more", daemon.alerts(), first * 2)


def s71_crash_while_alerts_wait(t):
    """Three times killed with most alerts waiting for a slow command, whether the state that says so
    was saved or not: each is told, and none more than twice."""
    for saved in False, True:
        alerts_wait(t, saved)


def alerts_wait(t, saved):
    with Running() as (world, daemon):
        slow = os.path.join(world.top, "slow")
        with open(slow, "w") as f:
            f.write(f"#!/bin/sh\ncat >>{daemon.alert_file}\nsleep 1\n")
        os.chmod(slow, 0o755)
        daemon.configure(f"command = {slow}\ncommand_at_once = 2\n"
                         "[backscatter-source]\nenabled = no\n")
        with open(daemon.conf) as f:
            conf = f.read().replace(f"command = /usr/bin/tee -a {daemon.alert_file}\n", "")
        with open(daemon.conf, "w") as f:
            f.write(conf)
        with NoSave(daemon) if not saved else contextlib.nullcontext():
            for kill in range(3):
                daemon.start()
                if kill == 0:
                    for i in range(9):
                        daemon.write(attack(world.now(), 10 * i, host=f"mx{i}"))
                    if saved:
                        daemon.wait_status(lambda s: s["incidents"]["open"], 9)
                        saves = daemon.status()["state"]["saves"]
                        daemon.wait_status(lambda s: s["state"]["saves"] > saves, True)
                daemon.wait_alerts(2 * kill + 2)
                daemon.kill()
        daemon.start()
        end = time.monotonic() + 30
        while len(set(daemon.alerts())) < 9 and time.monotonic() < end:
            time.sleep(0.05)
        told = daemon.alerts()
        name = "nine waited, saved" if saved else "nine waited, not saved"
        t.check(f"{name}: each is told", len(set(told)), 9)
        t.check(f"{name}: none more than twice", max(map(told.count, told)),
                lambda most: most <= 2)


def s71_crash_at_any_moment(t):
    """Killed in the very moment an alert goes out, whether it was saved or not: each of the ten is
    told, and none more than once besides."""
    with Running() as (world, daemon):
        daemon.start()
        for i in range(10):
            before = len(daemon.alerts())
            daemon.write(attack(world.now(), 10 * i, host=f"mx{i}"))
            time.sleep(0.003 * i)
            daemon.kill()
            daemon.start()
            daemon.wait_alerts(before + 1)
        daemon.write(quiet(world.now()))
        t.check("ten: all lines", daemon.wait_read(201), 201)
        time.sleep(0.2)
        told = daemon.alerts()
        ids = {each: told.count(("raised", each)) for _, each in told}
        t.check("ten incidents are told", len(ids), 10)
        t.check("nothing but raised", set(names(told)), {"raised"})
        t.check("none more than twice", ids, lambda got: all(n <= 2 for n in got.values()))


def s72_stopped_meanwhile(t):
    """Stopped for ten hours of lines: each counts once, what began and ended meanwhile is history,
    what goes on is raised, and what was raised before the stop and is over is told to be."""
    lines = 1_000_000 if "RELAYWATCH_MILLION" in os.environ else 50_000
    with Running() as (world, daemon):
        start = world.now() - 10 * HOUR
        daemon.write(quiet(start) + attack(start))
        daemon.start()
        before = daemon.wait_alerts(1)
        t.check("stopped: raised before", names(before), ["raised"])
        t.check("stopped: read before", daemon.wait_read(21), 21)
        t.check("stopped: good end", daemon.stop()[0], 0)
        daemon.write(attack(start + 2 * HOUR, 100, client="198.51.100.7", domain="two.example"))
        step = 9.9 * HOUR / (lines // 100)
        for i in range(lines // 100):
            daemon.write(quiet(start + i * step if i * step > 2 * HOUR else start + 2 * HOUR, 100))
        daemon.write(attack(world.now() - 60, 200, client="203.0.113.9", domain="three.example"))
        _, said = daemon.start()
        t.check("stopped: each line once", said, lambda got: f": {lines + 61} lines read" in got)
        alerts = daemon.wait_alerts(3)
        history = [line for _, line in daemon.said if "history:" in line]
        t.check("stopped: the old one is history", history,
                lambda got: len(got) == 1 and 'client="198.51.100.7"' in got[0])
        t.check("stopped: what is over and what is new", names(alerts),
                ["raised", "ended", "raised"])
        t.check("stopped: their ids", [alerts[1][1] == before[0][1], alerts[2][1] == before[0][1]],
                [True, False])
        status = daemon.status()
        t.check("stopped: incidents", status["incidents"], {"open": 1, "closed": 0, "ended": 2})
        t.check("stopped: good end again", daemon.stop()[0], 0)


def s72_attack_goes_on_meanwhile(t):
    """An attack that was raised before the stop and went on for hours since is updated once, not for
    each quarter of an hour that is over."""
    with Running() as (world, daemon):
        start = world.now() - 10 * HOUR
        daemon.write(attack(start))
        daemon.start()
        t.check("goes on: raised before", names(daemon.wait_alerts(1)), ["raised"])
        daemon.stop()
        for minute in range(9 * 60 + 50):
            daemon.write(relayed(start + 60 * minute, 100 + minute))
        daemon.start()
        daemon.write(quiet(world.now()))
        t.check("goes on: all lines", daemon.wait_read(4 * 595 + 1), 4 * 595 + 1)
        time.sleep(0.2)
        t.check("goes on: told", names(daemon.alerts()), lambda got: got in (
            ["raised"], ["raised", "updated"]))
        t.check("goes on: open", daemon.status()["incidents"], {"open": 1, "closed": 0, "ended": 0})


def s80_wall_clock_stepped(t):
    """The wall clock is set an hour on or back while an incident is open, before its last line and
    after it: it ends no sooner and no later."""
    for hours in 1, -1:
        name = f"{hours:+d} h"
        with Running(200, "end_after = 10m\n", limits="save_every = 1m\n") as (world, daemon):
            daemon.start()
            daemon.write(attack(world.now()))
            t.check(f"{name}: raised", names(daemon.wait_alerts(1)), ["raised"])
            world.set(STEP, hours * HOUR * US)
            at = world.mono()
            daemon.write(relayed(world.now(), 9))
            t.check(f"{name}: a line meanwhile", daemon.wait_read(24), 24)
            saves = daemon.status()["state"]["saves"]
            world.set(STEP, 2 * hours * HOUR * US)
            alerts = daemon.wait_alerts(2, 30)
            took = world.mono() - at
            t.check(f"{name}: ended", names(alerts), ["raised", "ended"])
            t.check(f"{name}: after ten minutes", took, lambda s: 9.9 * 60 < s < 40 * 60)
            more = daemon.wait_status(lambda s: s["state"]["saves"] > saves, True)
            t.check(f"{name}: saves go on", more, True)
            t.check(f"{name}: good end", daemon.stop()[0], 0)


def s80_wall_clock_stepped_in_a_rotation(t):
    """The same while the writer still has the rotated file: it is kept for its late lines, and not
    for ever."""
    for hours in 1, -1:
        name = f"{hours:+d} h, rotated"
        with Running(5) as (world, daemon):
            daemon.write(quiet(world.now()))
            daemon.start()
            os.rename(daemon.log, daemon.log + ".1")
            daemon.write(quiet(world.now()))
            t.check(f"{name}: the new file", daemon.wait_read(2), 2)
            at, files = world.mono(), daemon.open_logs()
            world.set(STEP, hours * HOUR * US)
            world.sleep(1)
            with open(daemon.log + ".1", "a") as f:
                f.write(quiet(world.now()))
            t.check(f"{name}: a late line", daemon.wait_read(3), 3)
            while daemon.open_logs() == 2 and world.mono() - at < 100:
                world.sleep(0.5)
            t.check(f"{name}: both files, then one", (files, daemon.open_logs()), (2, 1))
            t.check(f"{name}: after the grace", world.mono() - at, lambda s: 5 < s < 60)


# --- alarm.c, keep.c, reload.c, the watchdog ------------------------------------------------------


def alerts_are_raised_updated_and_ended(t):
    """Raised at once; told again every quarter of an hour while it goes on, and not in between; once
    more when an hour has passed without a message."""
    with Running(600, "update_every = 15m\nend_after = 1h\n") as (world, daemon):
        daemon.start()
        began = world.mono()
        daemon.write(attack(world.now()))
        daemon.wait_said("open-relay raised")
        while world.mono() < began + 50 * 60:
            daemon.write(relayed(world.now(), 100 + int(world.mono())))
            world.sleep(60)
        last = world.mono()
        at = [daemon.wait_said("open-relay updated")[0] - began for _ in range(4)]
        for number, seconds in enumerate(at, 1): # the lines' own seconds, and a minute between two
            t.check(f"cadence: update {number}, in minutes", seconds / 60,
                    lambda m: 15 * number - 0.1 <= m < 15 * number + 5)
        ended, _ = daemon.wait_said("open-relay ended")
        t.check("cadence: ended after, in minutes", (ended - last) / 60, lambda m: 58 < m < 75)
        # What it says, not what the command got: at this speed its five minutes are half a second.
        told = re.findall(r"open-relay (raised|updated|ended)", "\n".join(l for _, l in daemon.said))
        t.check("cadence: all that was told", told, ["raised"] + 4 * ["updated"] + ["ended"])
        t.check("cadence: under one id", len({told for _, told in daemon.alerts()}), 1)


def a_person_closes_it(t):
    """Told once, with the reason; then quiet while it goes on, across a crash, too; told again when
    it has grown tenfold. The end of a closed one is not told."""
    def close(daemon, words):
        return subprocess.run([binary, "close", daemon.alerts()[0][1], *words, "--socket",
                               daemon.socket], capture_output=True, text=True, check=False).stdout

    with Running(60, "update_every = 3h\nend_after = 40m\n") as (world, daemon):
        daemon.start()
        daemon.write(attack(world.now()))
        daemon.wait_said("open-relay raised")
        daemon.wait_alerts(1)
        saves = daemon.wait_status(lambda s: s["state"]["saves"], 1)
        t.check("close: said", close(daemon, ["a", "test of ours"]),
                lambda said: "is closed: no more alerts of it until it has ended" in said)
        _, line = daemon.wait_said("open-relay closed")
        t.check("close: the reason", line, lambda line: ' close_reason="a test of ours"' in line)
        daemon.wait_status(lambda s: s["state"]["saves"] > saves, True)
        daemon.kill()
        daemon.start()
        t.check("close: outlives a crash", daemon.status()["incidents"],
                lambda got: (got["open"], got["closed"]) == (0, 1))
        for number in range(6):
            daemon.write(relayed(world.now(), 100 + number))
            world.sleep(120)
        t.check("close: quiet", names(daemon.alerts()), ["raised", "closed"])
        daemon.write(attack(world.now(), 200, 60))
        daemon.wait_said("open-relay reopened")
        close(daemon, ["again"])
        daemon.wait_said("open-relay closed")
        world.sleep(80 * 60)  # twice as long, since it had come again
        t.check("close: ends in silence", daemon.wait_status(lambda s: s["incidents"]["ended"], 1), 1)
        t.check("close: all that was told", names(daemon.alerts()),
                ["raised", "closed", "reopened", "closed"])


def silence_after_a_slow_attack_costs_nothing(t):
    """Evidence that comes long after the incident was last worked out is worked out once, not all the
    time; and the end is told in its time."""
    with Running(60, "update_every = 1h\nend_after = 5m\n") as (world, daemon):
        daemon.start()
        daemon.write(attack(world.now()))
        daemon.wait_said("open-relay raised")
        world.sleep(130)
        daemon.write(relayed(world.now(), 50))
        last, cpu = world.mono(), daemon.cpu_seconds()
        world.sleep(200)
        t.check("slow attack: CPU seconds in 3.3", daemon.cpu_seconds() - cpu, lambda s: s < 0.5)
        ended, _ = daemon.wait_said("open-relay ended")
        t.check("slow attack: ended after, in minutes", (ended - last) / 60, lambda m: 4.9 < m < 7)


def state_is_saved_after_a_while_and_at_once(t):
    """Nothing read: nothing saved. Lines all the time: a save each ten seconds. An alert: at once."""
    with Running(20, limits="save_every = 10s\n") as (world, daemon):
        daemon.start()
        world.sleep(15)
        saves = daemon.status()["state"]["saves"]
        world.sleep(60)
        t.check("saves: none while nothing is read", daemon.status()["state"]["saves"], saves)
        began = world.mono()
        while world.mono() < began + 100:
            daemon.write(quiet(world.now()))
            world.sleep(1)
        more = daemon.status()["state"]["saves"] - saves
        t.check("saves: one each ten seconds", more, lambda n: 8 <= n <= 11)
    with Running(limits="save_every = 1h\n") as (world, daemon):
        daemon.start()
        daemon.write(quiet(world.now()))
        daemon.wait_read(1)
        t.check("saves: not for a line", daemon.status()["state"]["saves"], 0)
        daemon.write(attack(world.now()))
        t.check("saves: at once for an alert",
                daemon.wait_status(lambda s: s["state"]["saves"], 1, 5), 1)
        daemon.write(quiet(world.now()))
        daemon.wait_read(22)
        daemon.stop()
        _, said = daemon.start()
        t.check("saves: at the end", said, lambda got: ": 22 lines read" in got)


def state_that_can_not_be_saved(t):
    """Said once, tried again after 1, 2, 4 ... s, and said when it is well again."""
    with Running(20) as (world, daemon):
        daemon.start()
        daemon.write(quiet(world.now()))
        daemon.wait_status(lambda s: s["state"]["saves"] > 0, True)
        with NoSave(daemon):
            daemon.write(quiet(world.now()))
            daemon.wait_said("can't be saved")
            failed = daemon.wait_status(lambda s: s["state"]["failures"] >= 4, True)
            t.check("no save: tried again", failed, True)
            t.check("no save: status says so", daemon.status()["state"]["text"],
                    lambda text: "can't be saved" in text)
            t.check("no save: said once", [l for l in daemon.rest() if "can't be saved" in l], [])
        daemon.wait_said("the state is saved again")
        t.check("no save: healed", daemon.status()["state"]["text"],
                lambda text: text.startswith("saved at"))


def slow_postconf(world, seconds):
    path = os.path.join(world.top, "postconf")
    with open(path, "w") as f:
        f.write(f"#!/bin/sh\ntouch {world.top}/asked\nsleep {seconds}\necho myhostname = mx1\n")
    os.chmod(path, 0o755)


def signals_before_the_loop(t):
    """While Postfix is asked at the start there is no loop yet: a reload then comes after it."""
    with Running() as (world, daemon):
        slow_postconf(world, 0.6)
        daemon.ask_postfix = "yes"
        daemon.configure()
        daemon.start(None, PATH=world.top + ":" + os.environ["PATH"])
        while not os.path.exists(world.top + "/asked"):
            time.sleep(0.01)
        for number in signal.SIGHUP, signal.SIGUSR1:
            daemon.process.send_signal(number)
        daemon.wait_said("following")
        daemon.wait_said("settings read again")
        t.check("signals at the start: good end", daemon.stop()[0], 0)


def settings_are_read_again(t):
    """Good ones hold from then on, bad ones change nothing and are said, and a request that comes
    while another is under way is not lost."""
    with Running(settings="[open-relay]\nrecipients = 50\n") as (world, daemon):
        slow_postconf(world, 0.6)
        daemon.start(PATH=world.top + ":" + os.environ["PATH"])
        daemon.write(attack(world.now()))
        daemon.wait_read(20)
        daemon.configure("[open-relay]\nrecipients = many\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_said("recipients = many; allowed: 1 to 1000000")
        daemon.wait_said("the settings are bad; keeping the old ones")
        t.check("reload: status says so", daemon.status()["settings_refused"],
                lambda at: bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", at or "")))
        in_words = subprocess.run([binary, "status", "--socket", daemon.socket], text=True,
                                  capture_output=True, check=False).stdout
        t.check("reload: in words", in_words, lambda text: "settings  refused at " in text)
        daemon.write(attack(world.now(), 100, 20))
        t.check("reload: all lines", daemon.wait_read(100), 100)
        t.check("reload: the old ones hold", daemon.alerts(), [])
        daemon.configure("[open-relay]\nrecipients = 8\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_said("settings read again")
        t.check("reload: status says that they hold", daemon.status()["settings_refused"], None)
        daemon.write(attack(world.now(), 200, 2))
        t.check("reload: the new ones hold", names(daemon.wait_alerts(1)), ["raised"])
        daemon.ask_postfix = "yes"
        daemon.configure("[open-relay]\nrecipients = 50\n")
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        daemon.ask_postfix = "no"
        daemon.configure("[open-relay]\nrecipients = 3\n")
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
        t.check("reload: postconf is slow", daemon.rest(),
                lambda said: not any("settings read again" in line for line in said))
        daemon.wait_said("settings read again")
        daemon.wait_said("settings read again", 5)
        daemon.write(attack(world.now(), 300, 3, host="mx2"))
        t.check("reload: all lines at last", daemon.wait_read(120), 120)
        t.check("reload: the last ones hold", names(daemon.wait_alerts(2, 5)), 2 * ["raised"])
        t.check("reload: good end", daemon.stop()[0], 0)


def postfix_is_asked_when_it_starts(t):
    """Its settings are read again once the log says that it started or read them itself: at once
    the first time, and no more than once in ten seconds."""
    with Running(10, "[open-relay]\nrecipients = 5\n") as (world, daemon):
        def postconf(domains):
            with open(os.path.join(world.top, "postconf"), "w") as f:
                f.write("#!/bin/sh\necho myhostname = mx1\necho mydestination = mx1\n"
                        f"echo relay_domains = {domains}\n")
            os.chmod(f.name, 0o755)

        def says(what, ago=0):
            daemon.write(f"{iso(world.now() - ago)} mx1 postfix/master[1]: {what} -- version 3.7.11, "
                         "configuration /etc/postfix\n")

        postconf("other.example")
        daemon.ask_postfix = "yes"
        daemon.configure("[open-relay]\nrecipients = 5\n")
        says("daemon started", 5)  # before it was asked: nothing to do
        daemon.start(PATH=world.top + ":" + os.environ["PATH"])
        t.check("at the start", daemon.rest(),
                lambda said: not any("may have changed" in line for line in said))
        postconf("victim.example")
        says("reload")
        first = daemon.wait_said("Postfix's settings may have changed")[0]
        daemon.wait_said("relaywatch: settings read again")
        daemon.write(attack(world.now(), count=20))
        t.check("reload: all lines", daemon.wait_read(82), 82)
        t.check("reload: the new relay domain", daemon.alerts(), [])
        postconf("other.example")
        says("daemon started")
        says("daemon started")
        second = daemon.wait_said("Postfix's settings may have changed")[0]
        t.check("ten seconds apart", second - first, lambda seconds: seconds >= 9.9)
        daemon.wait_said("relaywatch: settings read again")
        daemon.write(attack(world.now(), 100, 5))
        t.check("no relay domain any more", names(daemon.wait_alerts(1)), ["raised"])
        t.check("asked once", daemon.rest(),
                lambda said: not any("settings read again" in line for line in said))
        postconf("victim.example")
        says("reload")
        t.check("a relay domain after all", names(daemon.wait_alerts(2)), ["raised", "withdrawn"])


def alerts_wait_for_postfix(t):
    """What comes with the line that says that Postfix has new settings is judged by those: nobody is
    told of what they allow, and of the rest once Postfix was asked."""
    with Running(10, "[open-relay]\nrecipients = 5\n") as (world, daemon):
        def reload(domains, *attacks):
            with open(os.path.join(world.top, "postconf"), "w") as f:
                f.write("#!/bin/sh\necho myhostname = mx1\necho mydestination = mx1\n"
                        f"echo relay_domains = {domains}\n")
            os.chmod(f.name, 0o755)
            daemon.write(f"{iso(world.now())} mx1 postfix/master[1]: reload -- version 3.7.11, "
                         "configuration /etc/postfix\n" + "".join(attacks))

        reload("other.example")
        daemon.ask_postfix = "yes"
        daemon.configure("[open-relay]\nrecipients = 5\n")
        daemon.start(PATH=world.top + ":" + os.environ["PATH"])
        reload("victim.example", attack(world.now(), count=20))
        daemon.wait_said("relaywatch: settings read again")
        t.check("allowed: all lines", daemon.wait_read(82), 82)
        t.check("allowed: nobody is told", daemon.alerts(), [])
        t.check("allowed: no incident", daemon.status()["incidents"], {"open": 0, "closed": 0, "ended": 0})
        reload("other.example")
        t.check("not allowed any more", names(daemon.wait_alerts(1)), ["raised"])
        reload("other.example", attack(world.now(), 100, host="mx2"))
        t.check("not allowed: all lines", daemon.wait_read(104), 104)
        daemon.wait_said("Postfix's settings may have changed")
        t.check("not allowed: not before", names(daemon.alerts()), ["raised"])
        t.check("not allowed: told once Postfix was asked", names(daemon.wait_alerts(2)),
                2 * ["raised"])


def main_cf_is_watched(t):
    """Postfix's processes read it when they start, which is at any time: once it has changed, nobody
    is told of what the new settings allow, and they are asked for, though no line says so."""
    with Running(10, "[open-relay]\nrecipients = 5\n") as (world, daemon):
        def edit(domains):
            with open(os.path.join(world.top, "postconf"), "w") as f:
                f.write(f"#!/bin/sh\necho config_directory = {world.top}\necho myhostname = mx1\n"
                        f"echo mydestination = mx1\necho relay_domains = {domains}\n")
            os.chmod(f.name, 0o755)
            with open(os.path.join(world.top, "main.cf"), "w") as f:
                f.write(f"relay_domains = {domains}\n")

        edit("other.example")
        daemon.ask_postfix = "yes"
        daemon.configure("[open-relay]\nrecipients = 5\n")
        daemon.start(PATH=world.top + ":" + os.environ["PATH"])
        daemon.wait_said("relaywatch: settings read again")  # main.cf is not where one thought
        edit("victim.example")
        daemon.write(attack(world.now(), count=20))
        daemon.wait_said("relaywatch: settings read again")
        t.check("allowed: all lines", daemon.wait_read(80), 80)
        t.check("allowed: nobody is told", daemon.alerts(), [])
        edit("other.example")
        daemon.wait_said("relaywatch: settings read again")
        daemon.write(attack(world.now(), 100))
        t.check("not allowed any more", names(daemon.wait_alerts(1)), ["raised"])
        t.check("not asked without need", daemon.rest(),
                lambda said: not any("settings read again" in line for line in said))


def saved_dump_is_watched(t):
    """[site] postconf: read at the start and whenever it has changed, and alerts wait for that; what
    can't be read changes nothing. That Postfix has started says nothing about the file."""
    with Running(10) as (world, daemon):
        dump = os.path.join(world.top, "dump")

        def save(domains):
            replace(dump, f"myhostname = mx1\nmydestination = mx1\nrelay_domains = {domains}\n")

        save("victim.example")
        daemon.site = f"postconf = {dump}\n"
        daemon.configure("[open-relay]\nrecipients = 5\n")
        daemon.start()
        daemon.write(attack(world.now(), count=20))
        t.check("allowed: all lines", daemon.wait_read(80), 80)
        t.check("allowed: nobody is told", daemon.alerts(), [])
        os.unlink(dump)
        daemon.wait_said(f"[site] postconf = {dump}: No such file or directory")
        daemon.wait_said("keeping the old ones")
        daemon.write(attack(world.now(), 100, count=20))
        t.check("gone: all lines", daemon.wait_read(160), 160)
        t.check("gone: what was read holds", daemon.alerts(), [])
        save("other.example")
        daemon.wait_said("relaywatch: settings read again")
        daemon.write(attack(world.now(), 200))
        t.check("not allowed any more", names(daemon.wait_alerts(1)), ["raised"])
        daemon.write(f"{iso(world.now())} mx1 postfix/master[1]: daemon started -- version 3.7.11, "
                     "configuration /etc/postfix\n")
        t.check("not read without need", daemon.rest(),
                lambda said: not any("settings read again" in line for line in said))


def own_domains_file_is_watched(t):
    """Read at the start and whenever it has changed; a list that is wrong or gone changes nothing, and
    where it is wrong is said. A hundred thousand domains are read at once."""
    with Running(10) as (world, daemon):
        path = os.path.join(world.top, "domains")

        many = "".join(f"customer-{i}.example\n" for i in range(100000))
        replace(path, f"# ours\nvictim.example\n{many}")
        daemon.site = f"own_domains_file = {path}\n"
        daemon.configure("[open-relay]\nrecipients = 5\n")
        began = time.monotonic()
        daemon.start()
        t.check("domains: all are read within seconds", time.monotonic() - began, lambda s: s < 5)
        daemon.write(attack(world.now(), count=20))
        t.check("domains, ours: all lines", daemon.wait_read(80), 80)
        t.check("domains, ours: nobody is told", daemon.alerts(), [])
        replace(path, f"{many}victim.example\ntwo words\n")
        daemon.wait_said(f"{path}:100002: two words; allowed: a domain, as in")
        daemon.wait_said("keeping the old ones")
        replace(path, "# an export that failed\n")
        daemon.wait_said(f"{path}: it has no domain")
        os.unlink(path)
        daemon.wait_said(f"own_domains_file = {path}: No such file or directory")
        daemon.wait_said("keeping the old ones")
        daemon.write(attack(world.now(), 100, count=20))
        t.check("domains, gone: all lines", daemon.wait_read(160), 160)
        t.check("domains, gone: what was read holds", daemon.alerts(), [])
        replace(path, many)
        daemon.wait_said("relaywatch: settings read again")
        daemon.write(attack(world.now(), 200))
        t.check("domains, others': told", names(daemon.wait_alerts(1)), ["raised"])
        daemon.stop()
        os.unlink(path)
        daemon.start(until=None)
        daemon.wait_said(f"own_domains_file = {path}: No such file or directory")
        t.check("domains, none: it does not start", daemon.process.wait(30), 2)


def maillog_file_moves(t):
    """Postfix goes to another log and back, twice while nobody watches: each line counts once,
    whichever log a process still writes to, and what was in a log before is not read."""
    with Running(source="type = auto\nbackfill = 30d\n") as (world, daemon):
        logs = [os.path.join(world.top, name) for name in ("a.log", "b.log", "c.log")]
        number = iter(range(10 ** 6))
        written = 0

        def move(to):
            with open(os.path.join(world.top, "postconf"), "w") as f:
                f.write(f"#!/bin/sh\necho config_directory = {world.top}\necho myhostname = mx1\n"
                        f"echo mydestination = mx1\necho maillog_file = {to}\n")
            os.chmod(f.name, 0o755)
            with open(os.path.join(world.top, "main.cf"), "w") as f:
                f.write(f"maillog_file = {to}\n")

        def write(*to):
            nonlocal written
            for log in to:
                with open(log, "a") as f:
                    f.write(relayed(world.now(), next(number)))
                written += 4

        def start():
            daemon.start(PATH=world.top + ":" + os.environ["PATH"])

        with open(logs[1], "w") as f:
            f.write(relayed(world.now() - 7200, 10 ** 7))
        daemon.ask_postfix = "yes"
        daemon.configure()
        move(logs[0])
        write(*logs[:1] * 5)
        start()
        t.check("at first", daemon.wait_read(written), written)
        for count, to in enumerate(logs[1:] + logs[:1], 2):
            move(to)
            write(*logs[:count])
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_said(f"following {to} ")
            write(*logs[:count])
            t.check(f"to {to[-5:]}", daemon.wait_read(written), written)
        daemon.kill()
        write(*logs)
        start()
        t.check("killed", daemon.wait_read(written), written)
        for to in logs[1], logs[0]:
            daemon.stop()
            write(*logs)
            move(to)
            write(*logs)
            start()
            write(*logs)
            t.check(f"stopped, to {to[-5:]}", daemon.wait_read(written), written)
        row, = (json.loads(line) for line in subprocess.run(
            [binary, "incidents", "--json", "--socket", daemon.socket], capture_output=True,
            text=True).stdout.splitlines())
        t.check("messages", row["messages"], written // 4)


class Systemd:
    """What sd_notify says, each message with the time it came."""

    def __init__(self, world):
        self.path = os.path.join(world.top, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.said.append((time.monotonic(), text))

    def pings(self, since, until):
        return sum(since <= at < until and text == "WATCHDOG=1" for at, text in list(self.said))

    def wait(self, line, after=None, seconds=30):
        """Until the line is said, behind the first of another: what was said since that one."""
        end = time.monotonic() + seconds
        while True:
            said = self.first_lines()
            rest = said[said.index(after):] if after in said else [] if after else said
            if line in rest or time.monotonic() > end:
                return rest
            time.sleep(0.005)

    def first_lines(self):
        return [text.split("\n")[0] for _, text in list(self.said)]


def watchdog_hears_of_progress_only(t):
    """A ping twice in its time, while a slow postconf is asked too; none while the loop stands
    still in a read, and again when it goes on. Start, reload and stop are said."""
    with Running() as (world, daemon):
        slow_postconf(world, 1.2)
        systemd = Systemd(world)
        daemon.start(NOTIFY_SOCKET=systemd.path, WATCHDOG_USEC="400000",
                     PATH=world.top + ":" + os.environ["PATH"])
        t.check("watchdog: ready", systemd.wait("READY=1"), lambda said: "READY=1" in said)
        began = time.monotonic()
        time.sleep(2.1)
        pings = systemd.pings(began, began + 2)
        t.check("watchdog: pings in two seconds", pings, lambda n: 6 <= n <= 10)
        daemon.ask_postfix = "yes"
        daemon.configure()
        began = time.monotonic()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_said("settings read again")
        took = time.monotonic() - began
        t.check("watchdog: postconf is slow", took, lambda s: s > 1)
        pings = systemd.pings(began, began + 1)
        t.check("watchdog: pings meanwhile", pings, lambda n: n >= 3)
        t.check("watchdog: reloading, then ready", systemd.wait("READY=1", after="RELOADING=1"),
                lambda rest: "READY=1" in rest)
        world.set(HOLD, 1)
        daemon.write(quiet(world.now()))
        began = time.monotonic()
        time.sleep(1.5)
        pings = systemd.pings(began + 0.3, began + 1.5)
        t.check("watchdog: no ping in a hold-up", pings, 0)
        world.set(HOLD, 0)
        t.check("watchdog: it goes on", daemon.wait_read(1), 1)
        time.sleep(0.6)
        now = time.monotonic()
        t.check("watchdog: pings again", systemd.pings(now - 0.6, now), lambda n: n >= 1)
        daemon.stop()
        t.check("watchdog: stopping", systemd.wait("STOPPING=1")[-1], "STOPPING=1")


def explained(daemon, queue_id, *options):
    return subprocess.run([binary, "explain", queue_id, "--socket", daemon.socket, "--config",
                           daemon.conf, *options], capture_output=True, text=True, check=False)


def explain_shows_the_lines(t):
    """Of a message of long ago, whose first lines are in a file that was rotated since, and of one
    that took its queue ID before."""
    def explain(number, *options):
        return subprocess.run([binary, "explain", f"{number:010X}", "--socket", daemon.socket,
                               *options], capture_output=True, text=True, check=False)

    with Running() as (world, daemon):
        now = world.now()
        before, mine = relayed(now - 9000, 7), relayed(now - 600, 7).splitlines(True)
        daemon.write(before + attack(now - 700, 20) + "".join(mine[:2]))
        os.rename(daemon.log, daemon.log + ".1")
        daemon.write(mine[2] + attack(now - 500, 30))
        daemon.start()
        t.check("explain: all is read", daemon.wait_read(4 + 20 + 3 + 20), 47)
        got = explain(7)
        t.check("explain: status", (got.returncode, got.stderr), (0, ""))
        t.check("explain: verdict", got.stdout, lambda out: "part of open-relay, incident" in out)
        t.check("explain: its three lines", got.stdout.split("The lines:\n")[-1],
                "".join("  " + line for line in mine[:3]))
        got = explain(7, "--json")
        rows = [json.loads(row) for row in got.stdout.splitlines()]
        t.check("explain: as JSON", [row["text"] + "\n" for row in rows if row["type"] == "line"],
                mine[:3])
        os.rename(daemon.log + ".1", daemon.log + ".gone")
        os.rename(daemon.log, daemon.log + ".also-gone")
        got = explain(7)
        t.check("explain: no log", got.stdout.split("The lines:\n")[-1], "")
        t.check("explain: and that is said", got.stderr, lambda err: "its lines: " in err)


def explain_passes_over_others(t):
    """Its lines lie further apart than one buffer holds; among those between are some of a host
    whose clock is ahead, and of others that have the same queue ID."""
    with Running() as (world, daemon):
        now = world.now()
        mine = relayed(now - 600, 7).splitlines(True)
        named = f"{iso(now - 600)} mx1 milter[1]: {7:010X}: of this host\n"
        others = (f"{iso(now - 300)} mx3 sshd[1]: its clock is ahead\n"
                  f"{iso(now - 600)} mx2 milter[1]: {7:010X}: of another host\n"
                  f"{iso(now - 600)} mx1 postfix-out/qmgr[1]: {7:010X}: removed\n")
        between = "".join(attack(now - 600, 100 + 10 * i, 10) + others for i in range(100))
        daemon.write(mine[0] + named + between + "".join(mine[1:]) + others)
        daemon.start()
        count = 1 + 1 + 100 * (40 + 3) + 3 + 3
        t.check("explain, far apart: all is read", daemon.wait_read(count), count)
        got = subprocess.run([binary, "explain", f"{7:010X}", "--socket", daemon.socket],
                             capture_output=True, text=True, check=False)
        t.check("explain, far apart: its lines", got.stdout.split("The lines:\n")[-1],
                "".join("  " + line for line in [mine[0], named, *mine[1:]]))


def explain_reads_a_journal(t):
    """Of a journal whose entries nobody vouches for, and which is believed, explain finds the lines
    as the daemon found them, also of what it has forgotten."""
    with tempfile.TemporaryDirectory() as top:
        now, entries = int(time.time()) - 600, []
        old, new = attack(now - 9000, 40, 1).splitlines(), attack(now, 20).splitlines()
        for i, line in enumerate(old + new):
            _, host, tag, text = line.split(" ", 3)
            when = (now - 9000 if i < len(old) else now) * US + i
            entries.append("".join(f"{name}={value}\n" for name, value in (
                ("__REALTIME_TIMESTAMP", when), ("__MONOTONIC_TIMESTAMP", US + i),
                ("_BOOT_ID", "5" * 32), ("_SOURCE_REALTIME_TIMESTAMP", when),
                ("SYSLOG_FACILITY", 2), ("SYSLOG_IDENTIFIER", tag.split("[")[0]), ("_PID", 1),
                ("_UID", 1000), ("_HOSTNAME", host), ("MESSAGE", text))))
        subprocess.run(["/usr/lib/systemd/systemd-journal-remote", "-o", f"{top}/a.journal", "-"],
                       input="\n".join(entries) + "\n", text=True, check=True, capture_output=True)
        with Running(source=f"type = journal\njournal_directory = {top}\n"
                     "journal_check_sender = no\nbackfill = 30d\n") as (_, daemon):
            daemon.start()
            t.check("journal: all is read", daemon.wait_read(24), 24)
            got = subprocess.run([binary, "explain", f"{20:010X}", "--socket", daemon.socket],
                                 capture_output=True, text=True, check=False)
            lines = got.stdout.split("The lines:\n")[-1].splitlines()
            t.check("journal: its four lines", [line.split(": ", 1)[1] for line in lines],
                    [line.split(": ", 1)[1] for line in new[:4]])
            got = explained(daemon, f"{40:010X}")
            lines = got.stdout.split("The lines:\n")[-1].splitlines()
            t.check("journal: a forgotten one's status", got.returncode, 0)
            t.check("journal: and its lines", [line.split(": ", 1)[1] for line in lines],
                    [line.split(": ", 1)[1] for line in old])


def explain_looks_in_the_log(t):
    """Of a sample of an incident that the daemon has forgotten, the log still tells: from files that
    were rotated and packed since, also where another host had that queue ID."""
    with Running() as (world, daemon):
        now = world.now()
        first = attack(now - 9000, 0, 20) + relayed(now - 9000, 23, host="mx2", client="192.0.2.9")
        with gzip.open(daemon.log + ".2.gz", "wb") as packed:
            packed.write(first.encode())
        os.utime(daemon.log + ".2.gz", (now - 8000, now - 8000))
        with open(daemon.log + ".1", "w", encoding="utf-8") as rotated:
            rotated.write(attack(now - 7000, 20, 4) + quiet(now - 6000))
        os.utime(daemon.log + ".1", (now - 6000, now - 6000))
        daemon.write(quiet(now - 100) + quiet(now - 100).replace("mx1", "mx2"))
        daemon.start()
        count = 80 + 4 + 16 + 1 + 2
        t.check("explain, forgotten: all is read", daemon.wait_read(count), count)
        listed = [json.loads(row) for row in subprocess.run(
            [binary, "incidents", "--all", "--json", "--socket", daemon.socket],
            capture_output=True, text=True, check=False).stdout.splitlines()]
        sample = listed[0]["queue_ids"][0]
        got = explained(daemon, sample)
        t.check("explain, forgotten: a sample's status", got.returncode, 0)
        t.check("explain, forgotten: it says where from", got.stderr,
                lambda err: "its log still tells" in err)
        t.check("explain, forgotten: a sample's verdict", got.stdout,
                lambda out: "open-relay" in out)
        t.check("explain, forgotten: a sample's lines",
                got.stdout.split("The lines:\n")[-1].count(sample), 4)
        got = explained(daemon, f"{23:010X}", "--json")
        rows = [json.loads(row) for row in got.stdout.splitlines()]
        t.check("explain, forgotten: two of one ID",
                sorted((row["host"], row["client"]) for row in rows if row["type"] == "message"),
                [("mx1", "unknown[192.0.2.1]"), ("mx2", "unknown[192.0.2.9]")])
        t.check("explain, forgotten: both have lines",
                len([row for row in rows if row["type"] == "line"]), 8)
        daemon.write(relayed(world.now(), 0, client="192.0.2.8"))
        t.check("explain, again: all is read", daemon.wait_read(count + 4), count + 4)
        for option, want in ((), ["192.0.2.8"]), (("--all",), ["192.0.2.1", "192.0.2.8"]):
            rows = explained(daemon, f"{0:010X}", "--json", *option).stdout.splitlines()
            t.check(f"explain, again: {option}", sorted(
                json.loads(row)["client"][8:-1] for row in rows if '"message"' in row), want)
        got = explained(daemon, f"{777:010X}")
        t.check("explain, never seen", (got.returncode, got.stdout), (1, ""))
        t.check("explain, never seen: that is said", got.stderr, lambda err: "nor is it in its log" in err)


def report_of_an_incident(t):
    """Plotted from the log that the daemon follows, rotated or not; without that log there is a page
    still, which says so. Of several incidents only its own mail counts."""
    def report(incident):
        done = subprocess.run([binary, "report", incident, "--socket", daemon.socket, "--config",
                               daemon.conf], capture_output=True, text=True, check=False)
        t.check("report: status", done.returncode, 0)
        return done.stdout, done.stderr

    with Running() as (world, daemon):
        now = world.now()
        with open(daemon.log + ".1", "w", encoding="utf-8") as rotated:
            rotated.write(attack(now - 3000, 0, 12))
        os.utime(daemon.log + ".1", (now - 2900, now - 2900))
        daemon.write(attack(now - 2000, 20, 9) + attack(now - 1000, 20, 7, host="mx2"))
        daemon.start()
        t.check("report: all is read", daemon.wait_read(28 * 4), 28 * 4)
        listed = [json.loads(row) for row in subprocess.run(
            [binary, "incidents", "--all", "--json", "--socket", daemon.socket],
            capture_output=True, text=True, check=False).stdout.splitlines()]
        for incident, count in zip(listed, (21, 7), strict=True):
            page, error = report(incident["id"])
            t.check("report: nothing on standard error", error, "")
            t.check("report: what the plot adds up to",
                    re.findall(r"</svg> (messages accepted|sent) (\d+)</li>", page),
                    [("sent", str(count)), ("messages accepted", str(count))])
            t.check("report: its lines", page.count(incident["queue_ids"][0]), lambda n: n >= 5)
        os.rename(daemon.log + ".1", daemon.log + ".gone")
        os.rename(daemon.log, daemon.log + ".also-gone")
        page, _ = report(listed[0]["id"])
        t.check("report: no log", page, lambda page: "There is no plot" in page)
        t.check("report: the rest is there", page, lambda page: listed[0]["reason"][1:] in page)
        done = subprocess.run([binary, "report", "or-000000000000", "--socket", daemon.socket],
                              capture_output=True, text=True, check=False)
        t.check("report: no such incident", (done.returncode, done.stdout), (2, ""))
        t.check("report: which there are", done.stderr, lambda err: listed[0]["id"] in err)


tests = Checks()
for test in (s71_crash_before_the_alert_is_saved, s71_crash_and_no_memory,
             s71_crash_while_alerts_wait, s71_crash_at_any_moment, s72_stopped_meanwhile,
             s72_attack_goes_on_meanwhile, s80_wall_clock_stepped,
             s80_wall_clock_stepped_in_a_rotation, alerts_are_raised_updated_and_ended,
             a_person_closes_it, silence_after_a_slow_attack_costs_nothing,
             state_is_saved_after_a_while_and_at_once, state_that_can_not_be_saved,
             settings_are_read_again, postfix_is_asked_when_it_starts,
             alerts_wait_for_postfix, main_cf_is_watched, saved_dump_is_watched,
             own_domains_file_is_watched, maillog_file_moves,
             signals_before_the_loop,
             watchdog_hears_of_progress_only,
             explain_shows_the_lines, explain_passes_over_others, explain_reads_a_journal,
             explain_looks_in_the_log, report_of_an_incident):
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
