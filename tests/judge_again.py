#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The running daemon when what is known of the site changes: what it holds is then what `scan` finds
in the whole log by the new settings, and only the difference is told.

usage: judge_again.py RELAYWATCH SHIM [NAME...]"""
import json, os, signal, subprocess, sys, threading, time

from follower import HOLD, US, Checks, Follower, World, iso, quiet, relayed

HOUR = 3600
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]

# The attacker's network is trusted by mistake; or it is trusted rightly, and was left out.
TRUSTS = "trusted_networks = 10.0.0.0/8 192.0.2.0/24\n"
TRUSTS_NOT = "trusted_networks = 10.0.0.0/8\n"


class Site:
    """A daemon in a world of its own, whose settings of the site change."""

    def __init__(self, site, speed=1, source=None):
        self.world = World(shim, speed)
        self.daemon = Follower(binary, self.world, source=source)
        self.configure(site)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.world.set(HOLD, 0)
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()

    def configure(self, site, source=None):
        with open(self.daemon.conf, "w") as f:
            f.write(f"[source]\n{source or self.daemon.source}[limits]\nsave_every = 1s\n"
                    f"[site]\nask_postfix = no\nown_domains = example.net\n{site}"
                    "[alert]\njournal = no\ncommand_timeout = 5m\n"
                    f"command = /usr/bin/tee -a {self.daemon.alert_file}\n")

    def change(self, site, source=None, until="judged again"):
        self.configure(site, source)
        self.daemon.process.send_signal(signal.SIGHUP)
        return self.daemon.wait_said(until) if until else None

    def held(self):
        """The incidents, but for those withdrawn."""
        answer = subprocess.run([binary, "incidents", "--all", "--json", "--socket",
                                 self.daemon.socket], capture_output=True, text=True, check=True)
        return {i["id"]: i for i in stories(answer.stdout) if i["state"] != "withdrawn"}

    def scanned(self, *paths):
        answer = subprocess.run([binary, "scan", "--json", "--config", self.daemon.conf,
                                 *(paths or [self.daemon.log])], env=self.world.environment(),
                                capture_output=True, text=True, check=False)
        return {i["id"]: i for i in stories(answer.stdout)}

    def told(self, count):
        """What the first `count` alerts were."""
        return [event for event, _ in self.daemon.wait_alerts(count)]


def stories(text):
    rows = [json.loads(line) for line in text.splitlines()]
    return [row for row in rows if row["type"] == "incident"]


def attack(at, count=20, first=0, client="192.0.2.1"):
    """A message in each second. Each client has a sender domain of its own, so that each is an
    incident of its own."""
    text = "".join(relayed(at + i, first + i, client) for i in range(count))
    return text.replace("spam.example", f"spam{client.replace('.', '-')}.example")


def check_same(t, name, site, *paths):
    held, scanned = site.held(), site.scanned(*paths)
    t.check(f"{name}: as many as a scan finds", sorted(held), sorted(scanned))
    for told in scanned:
        ours = held.get(told, {})
        differ = {k: (ours.get(k), v) for k, v in scanned[told].items()
                  if k != "raised_at" and ours.get(k) != v} # which is when people were told
        t.check(f"{name}: as a scan finds it (ours, the scan's)", differ, {})


# --- one change -----------------------------------------------------------------------------------


def hidden_attack_is_raised(t):
    """Long ago and now: the one that is over is history, the other is told, with every message."""
    with Site(TRUSTS) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 30 * HOUR) + attack(now - 600, 25, 100))
        site.daemon.start()
        t.check("hidden: nothing is told", site.daemon.alerts(), [])
        site.change(TRUSTS_NOT)
        t.check("hidden: what is told", site.told(1), ["raised"])
        t.check("hidden: what is history", site.daemon.said,
                lambda said: sum("history:" in line for _, line in said) == 1)
        check_same(t, "hidden", site)
        t.check("hidden: all lines, each once", site.daemon.status()["lines"]["read"], 45 * 4)
        site.daemon.write(attack(site.world.now(), 5, 200))
        t.check("hidden: it reads on", site.daemon.wait_read(50 * 4), 50 * 4)
        check_same(t, "hidden, and what came since", site)
        t.check("hidden: no more is told", site.told(1), ["raised"])


def alleged_attack_is_withdrawn(t):
    """The same attacks are withdrawn, each once; a third, which stands, isn't told of again."""
    with Site(TRUSTS_NOT) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 1200) + attack(now - 600, 25, 100, client="203.0.113.9"))
        site.daemon.start()
        t.check("alleged: two", site.told(2), 2 * ["raised"])
        t.check("alleged: saved", site.daemon.wait_status(lambda s: s["state"]["saves"] > 0, True),
                True)
        site.change(TRUSTS)
        t.check("alleged: one is withdrawn", site.told(3), ["raised", "raised", "withdrawn"])
        t.check("alleged: all lines, each once", site.daemon.status()["lines"]["read"], 45 * 4)
        check_same(t, "alleged", site)
        site.change(TRUSTS, until="settings read again")
        site.daemon.kill()
        site.daemon.start()
        site.daemon.write(attack(site.world.now(), 5, 200, client="203.0.113.9"))
        t.check("alleged: all lines at last", site.daemon.wait_read(50 * 4), 50 * 4)
        check_same(t, "alleged, after a kill", site)
        t.check("alleged: nothing else is told", site.told(3), ["raised", "raised", "withdrawn"])


def one_cell_is_not_enough(t):
    """An incident of which a part stands is smaller from then on. It may have another id then, as
    for a scan, but nothing is told again, and the id that was told still finds it."""
    with Site(TRUSTS_NOT) as site:
        now = site.world.now()
        ours = attack(now - 600).replace("victim.example", "branch.example")
        site.daemon.write(ours + attack(now - 500, 30, 100))
        site.daemon.start()
        first = site.daemon.wait_alerts(1)
        t.check("part: fifty", [i["recipients"] for i in site.held().values()], [50])
        site.change("relay_domains = branch.example\n" + TRUSTS_NOT)
        t.check("part: thirty", [i["recipients"] for i in site.held().values()], [30])
        t.check("part: nothing is told", site.daemon.alerts(), first)
        check_same(t, "part", site)
        show = subprocess.run([binary, "show", first[0][1], "--json", "--socket",
                               site.daemon.socket], capture_output=True, text=True, check=False)
        t.check("part: found", [i["told_as"] for i in stories(show.stdout)], [first[0][1]])


def log_contradicts_evidence(t):
    """Half of what an open incident counts turns out to have stayed here: a mailbox took it."""
    with Site(TRUSTS_NOT, 60) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 60, 10) +
                          attack(now - 30, 10, 10).replace("victim.example", "here.example"))
        site.daemon.start()
        first = site.daemon.wait_alerts(1)
        t.check("contradicted: twenty", [i["recipients"] for i in site.held().values()], [20])
        at = iso(site.world.now())
        site.daemon.write(
            f"{at} mx1 postfix/pickup[1]: ABCDEF1234: uid=0 from=<root>\n"
            f"{at} mx1 postfix/qmgr[1]: ABCDEF1234: from=<root@example.net>, size=1, nrcpt=1 (queue"
            f" active)\n{at} mx1 postfix/virtual[1]: ABCDEF1234: to=<u@here.example>,"
            " relay=virtual, delay=1, dsn=2.0.0, status=sent (delivered to maildir)\n"
            f"{at} mx1 postfix/qmgr[1]: ABCDEF1234: removed\n")
        site.daemon.wait_said("judged again")
        t.check("contradicted: ten", [i["recipients"] for i in site.held().values()], [10])
        check_same(t, "contradicted", site)
        site.world.sleep(300)
        t.check("contradicted: once", site.daemon.rest(),
                lambda said: not any("judg" in line for line in said))
        t.check("contradicted: nothing is told", site.daemon.alerts(), first)


def closed_attack_stays_closed(t):
    """A change that lets it stand tells nothing; one that takes it back says so, once; and what a
    person has decided about holds when it is back, until there is ten times as much."""
    with Site(TRUSTS_NOT, 60) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 600))
        site.daemon.start()
        told = site.daemon.wait_alerts(1)[0][1]
        close(site, told, "a test of ours")
        events = ["raised", "closed"]
        t.check("closed: told", site.told(2), events)
        for site_then, state in (("relay_domains = other.example\n" + TRUSTS_NOT, "closed"),
                                 (TRUSTS, "withdrawn"), (TRUSTS_NOT, "closed"),
                                 (TRUSTS, "withdrawn"), (TRUSTS_NOT, "closed")):
            site.change(site_then)
            events += ["withdrawn"] * (state == "withdrawn" and "withdrawn" not in events)
            check_closed(t, f"closed, {site_then.split()[-1]}", site, told, state)
            t.check("closed: told by then", site.told(len(events)), events)
        site.daemon.kill()
        site.daemon.start()
        check_closed(t, "closed, after a kill", site, told, "closed")
        site.daemon.write(attack(site.world.now(), 150, 100))
        t.check("closed: more of it", site.daemon.wait_read(170 * 4), 170 * 4)
        check_closed(t, "closed, 170", site, told, "closed")
        site.daemon.write(attack(site.world.now(), 30, 300))
        t.check("closed: ten times as much", site.told(4), events + ["reopened"])
        t.check("closed: reopened is told", site.daemon.alerts()[-1], ("reopened", told))


def closed_attack_in_memory(t):
    """The same where the log is gone: what comes then, within its life, is closed as well; an hour
    and more later it is another."""
    for pause, want in ((600, ["raised", "closed", "withdrawn"]),
                        (7 * HOUR, ["raised", "closed", "withdrawn", "raised"])):
        name = f"in memory, {pause}"
        with Site(TRUSTS_NOT, 600) as site:
            site.daemon.write(attack(site.world.now() - 60))
            site.daemon.start()
            close(site, site.daemon.wait_alerts(1)[0][1], "a test of ours")
            site.daemon.wait_alerts(2)
            gone = f"type = file\nfiles = {site.daemon.log}\nbackfill = 0\n"
            memory = "only what is held in memory was judged again"
            site.change(TRUSTS, gone, until=memory)
            t.check(f"{name}: told", site.told(3), want[:3])
            site.change(TRUSTS_NOT, gone, until=memory)
            site.world.sleep(pause)
            site.daemon.write(attack(site.world.now(), 20, 100))
            t.check(f"{name}: read", site.daemon.wait_read(40 * 4), 40 * 4)
            t.check(f"{name}: told at last", site.told(len(want)), want)
            t.check(f"{name}: held", [(i["state"], i["close_reason"]) for i in
                                      site.held().values()],
                    [("closed", "a test of ours")] if len(want) == 3 else [("open", None)])


def close(site, incident, reason):
    subprocess.run([binary, "close", incident, reason, "--socket", site.daemon.socket], check=True,
                   capture_output=True)


def check_closed(t, name, site, incident, state):
    show = subprocess.run([binary, "show", incident, "--json", "--socket", site.daemon.socket],
                          capture_output=True, text=True, check=False)
    t.check(f"{name}: state", [(i["state"], i["close_reason"]) for i in stories(show.stdout)],
            [(state, "a test of ours")])


# --- in the middle --------------------------------------------------------------------------------


def big(now):
    """A log that takes a while to read: an attack at its beginning and one at its end."""
    return attack(now - 900) + quiet(now - 800, 300_000) + attack(now - 600, 25, 100)


def held_up(site, settings):
    """A change whose reading is held up in the middle."""
    site.change(settings, until="judging the log since")
    site.world.set(HOLD, 1)


def lines_arrive_meanwhile(t):
    """Of an attack that goes on, of a new one, and of one that is no attack by the new settings."""
    with Site(TRUSTS) as site:
        now = site.world.now()
        lines = (20 + 25) * 4 + 300_000
        site.daemon.write(big(now) + attack(now - 500, 20, 200, client="203.0.113.9"))
        site.daemon.start()
        t.check("meanwhile: one is told", site.told(1), ["raised"])
        held_up(site, TRUSTS_NOT)
        site.daemon.write(attack(site.world.now(), 10, 300) +
                          attack(site.world.now(), 10, 400, client="203.0.113.9") +
                          attack(site.world.now(), 10, 500, client="198.51.100.77"))
        site.world.set(HOLD, 0)
        t.check("meanwhile: it is under way", site.daemon.status()["judging_again"],
                lambda got: got is None or "since" in got)
        site.daemon.wait_said("judged again")
        t.check("meanwhile: all lines", site.daemon.wait_read(lines + 50 * 4), lines + 50 * 4)
        t.check("meanwhile: each is told once", site.told(3), 3 * ["raised"])
        t.check("meanwhile: three of them", len({told for _, told in site.daemon.alerts()}), 3)
        check_same(t, "meanwhile", site)
        t.check("meanwhile: status", site.daemon.status()["judging_again"], None)


def lines_arrive_at_the_end(t):
    """Some are written between the last looks of the two readers: each counts once."""
    with Site(TRUSTS, 200) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 900) + quiet(now - 800, 100))
        site.daemon.start()
        site.daemon.wait_read(20 * 4 + 100)
        written, over = 20 * 4 + 100, threading.Event()

        def write_on():
            nonlocal written
            with open(site.daemon.log, "a", buffering=1) as log:
                while not over.is_set():
                    log.write(quiet(now, 1))
                    written += 1
                    time.sleep(0.0002) # thousands a second
        writer = threading.Thread(target=write_on)
        writer.start()
        try:
            for number in range(40):
                site.change(TRUSTS if number % 2 else TRUSTS_NOT)
        finally:
            over.set()
            writer.join()
        t.check("at the end: all lines", site.daemon.wait_read(written), written)


def changed_again_meanwhile(t):
    """There and back: the first reading is given up, and the last settings hold."""
    with Site(TRUSTS_NOT, 200) as site:
        site.daemon.write(big(site.world.now()))
        site.daemon.start()
        first = site.daemon.wait_alerts(1)
        t.check("again: told", len(first), 1)
        held_up(site, TRUSTS)
        site.configure(TRUSTS_NOT)
        site.daemon.process.send_signal(signal.SIGHUP)
        site.world.set(HOLD, 0)
        site.daemon.wait_said("settings read again")
        site.daemon.wait_said("judged again")
        check_same(t, "again", site)
        begun = sum("judging the log since" in line for _, line in site.daemon.said)
        t.check("again: begun twice", begun, 2)
        # What is held in memory was judged by the wrong settings too, for a moment.
        t.check("again: told", [event for event, _ in site.daemon.alerts()],
                lambda got: got in (["raised"], ["raised", "withdrawn", "raised"]))


def killed_meanwhile(t):
    """Killed in the middle: it begins anew, and tells no more than it would have."""
    for before, after, want in ((TRUSTS, TRUSTS_NOT, ["raised"]),
                                (TRUSTS_NOT, TRUSTS, ["raised", "withdrawn"])):
        name = "killed, " + ("hidden" if before == TRUSTS else "alleged")
        with Site(before) as site:
            site.daemon.write(big(site.world.now()))
            site.daemon.start()
            t.check(f"{name}: saved", site.daemon.wait_status(lambda s: s["state"]["saves"] > 0,
                                                              True), True)
            for _ in range(3):
                if site.daemon.process.poll() is None:
                    held_up(site, after)
                else:
                    site.daemon.start(until="judging the log since")
                    site.world.set(HOLD, 1)
                site.daemon.kill()
                site.world.set(HOLD, 0)
            site.daemon.start()
            site.daemon.wait_said("judged again")
            # Once more for a kill between an alert and the save that follows it at once.
            t.check(f"{name}: told", list(dict.fromkeys(site.told(len(want)))), want)
            t.check(f"{name}: how often", len(site.daemon.alerts()), lambda n: n <= len(want) + 1)
            check_same(t, name, site)
            t.check(f"{name}: lines", site.daemon.status()["lines"]["read"], 45 * 4 + 300_000)


def changed_while_down(t):
    with Site(TRUSTS) as site:
        site.daemon.write(attack(site.world.now() - 600))
        site.daemon.start()
        site.daemon.stop()
        site.configure(TRUSTS_NOT)
        site.daemon.write(attack(site.world.now() - 60, 7, 100))
        site.daemon.start()
        site.daemon.wait_said("judged again")
        t.check("while down: told", site.told(1), ["raised"])
        check_same(t, "while down", site)
        site.daemon.stop()
        site.daemon.start()
        t.check("while down: once", site.daemon.rest(),
                lambda said: not any("judg" in line for line in said))


# --- what can't be read again ---------------------------------------------------------------------


def log_is_gone(t):
    """What is held in memory is judged again nonetheless, and that this was all is said."""
    for name, source in ("gone", None), ("no backfill", "backfill = 0\n"):
        with Site(TRUSTS_NOT) as site:
            site.daemon.write(attack(site.world.now() - 600))
            site.daemon.start()
            t.check(f"{name}: told", site.told(1), ["raised"])
            if source:
                source = f"type = file\nfiles = {site.daemon.log}\n{source}"
            else:
                os.rename(site.daemon.log, site.daemon.log + ".gone-for-good")
                site.daemon.write("")
            site.change(TRUSTS, source, until="only what is held in memory was judged again")
            t.check(f"{name}: withdrawn", site.told(2), ["raised", "withdrawn"])
            t.check(f"{name}: not due", site.daemon.status()["judging_again"], None)


def what_began_before_stays(t):
    """The log of an attack's first half is gone. It stands, with both halves, and isn't told of
    again; one that was over by then stays as it was."""
    with Site("relay_domains = other.example\n" + TRUSTS_NOT) as site:
        now = site.world.now()
        site.daemon.write(attack(now - 9 * HOUR, client="198.51.100.7") + attack(now - 900, 20, 100))
        site.daemon.start()
        site.told(1)
        t.check("before: saved", site.daemon.wait_status(lambda s: s["state"]["saves"] > 0, True),
                True)
        os.rename(site.daemon.log, site.daemon.log + ".1")
        site.daemon.write(attack(now - 300, 10, 200))
        t.check("before: all lines", site.daemon.wait_read(50 * 4), 50 * 4)
        before = site.held()
        os.unlink(site.daemon.log + ".1")
        site.change(TRUSTS_NOT)
        after = site.held()
        t.check("before: the same", sorted(after), sorted(before))
        for told, was in before.items():
            keep = ("state", "key", "messages", "recipients", "sent", "first_seen", "last_seen",
                    "clients", "client_list", "sender_domains")
            t.check("before: as it was", {k: after[told][k] for k in keep},
                    {k: was[k] for k in keep})
        t.check("before: told", site.told(1), ["raised"])
        site.daemon.kill()
        site.daemon.start()
        t.check("before: after a kill", site.held(), after)


def by_login(at, number):
    """A login's message to one outside, under its own address."""
    mail = f"{number:010X}"
    return (f"{iso(at)} mx1 postfix/smtpd[1]: {mail}: client=office[203.0.113.5], "
            "sasl_method=PLAIN, sasl_username=news@example.net\n" + rest_of(at, mail, "news", number))


def by_script(at, number):
    mail = f"{number:010X}"
    return (f"{iso(at)} mx1 postfix/pickup[1]: {mail}: uid=33 from=<shop@example.net>\n" +
            rest_of(at, mail, "shop", number))


def rest_of(at, mail, sender, number):
    return (f"{iso(at)} mx1 postfix/qmgr[1]: {mail}: from=<{sender}@example.net>, size=900, nrcpt=1"
            " (queue active)\n"
            f"{iso(at)} mx1 postfix/smtp[1]: {mail}: to=<u{number}@customer.example>,"
            " relay=mx.customer.example[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n"
            f"{iso(at)} mx1 postfix/qmgr[1]: {mail}: removed\n")


def bulk(at, number, count):
    """By both, within ten minutes."""
    return "".join(by_login(at + i, number + i) + by_script(at + i, number + count + i)
                   for i in range(count))


def severities(incidents):
    return {told: one["severity"] for told, one in incidents.items()}


def habits_are_known_still(t):
    """Bulk mail every 30 hours, for ten days. Of the last two or three times there is a log to read
    again, and of one before it half: each has the severity that a scan of everything gives it."""
    for name, rotated_at, half in ("within one", 6, 0.5), ("between", 7, 0):
        with Site("relay_domains = other.example\n" + TRUSTS_NOT) as site:
            now = site.world.now()
            times = [now - 1800 - 30 * HOUR * n for n in range(8, -1, -1)]
            text = [bulk(at, 1000 * (n + 1), 250) for n, at in enumerate(times)]
            middle = text[rotated_at].index("\n", int(len(text[rotated_at]) * half)) + 1 if half else 0
            site.daemon.write("".join(text[:rotated_at]) + text[rotated_at][:middle])
            site.daemon.start()
            site.daemon.wait_status(lambda s: s["state"]["saves"] > 0, True)
            os.rename(site.daemon.log, site.daemon.log + ".1")
            # It begins long before the next time.
            site.daemon.write(by_login(times[rotated_at] - 3 * HOUR, 1) * (not half) +
                              text[rotated_at][middle:] + "".join(text[rotated_at + 1:]))
            lines = (9 * 500 + (not half)) * 4
            t.check(f"{name}: all lines", site.daemon.wait_read(lines), lines)
            scanned = severities(site.scanned(site.daemon.log + ".1", site.daemon.log))
            t.check(f"{name}: as a scan finds them", severities(site.held()), scanned)
            t.check(f"{name}: some are usual", list(scanned.values()),
                    lambda got: got.count("info") > 4)
            os.unlink(site.daemon.log + ".1")
            site.change(TRUSTS_NOT)
            t.check(f"{name}: after another reading", severities(site.held()), scanned)
            site.daemon.kill()
            site.daemon.start()
            t.check(f"{name}: after a kill", severities(site.held()), scanned)


# --- the journal ----------------------------------------------------------------------------------


def write_journal(path, text, boot):
    entries = []
    for i, line in enumerate(text.splitlines()):
        when, host, tag, message = line.split(" ", 3)
        at = int(round(time_of(when) * US)) + i
        entries.append("".join(f"{name}={value}\n" for name, value in (
            ("__REALTIME_TIMESTAMP", at), ("__MONOTONIC_TIMESTAMP", US * boot + i),
            ("_BOOT_ID", str(boot) * 32), ("_SOURCE_REALTIME_TIMESTAMP", at),
            ("SYSLOG_FACILITY", 2), ("SYSLOG_IDENTIFIER", tag.split("[")[0]), ("_PID", 1),
            ("_UID", 1000), ("_HOSTNAME", host), ("MESSAGE", message))))
    subprocess.run(["/usr/lib/systemd/systemd-journal-remote", "-o", path, "-"],
                   input="\n".join(entries) + "\n", text=True, check=True, capture_output=True)


def time_of(stamp):
    import datetime
    return datetime.datetime.fromisoformat(stamp).timestamp()


def journal_too(t):
    """Hidden and alleged, with new entries in the middle, and a kill."""
    for before, after, want in ((TRUSTS, TRUSTS_NOT, ["raised"]),
                                (TRUSTS_NOT, TRUSTS, ["raised", "withdrawn"])):
        name = "journal, " + ("hidden" if before == TRUSTS else "alleged")
        with Site(before) as site:
            top = os.path.join(site.world.top, "journals")
            os.mkdir(top)
            site.daemon.source = (f"type = journal\njournal_directory = {top}\n"
                                  "journal_check_sender = no\nbackfill = 30d\n")
            site.configure(before)
            now = int(site.world.now())
            write_journal(f"{top}/a.journal", attack(now - 900) + quiet(now - 800, 20_000), 5)
            site.daemon.start()
            t.check(f"{name}: all lines", site.daemon.wait_read(20_080), 20_080)
            site.change(after, until="judging the log since")
            write_journal(f"{top}/b.journal", attack(now - 300, 10, 100), 6)
            site.daemon.wait_said("judged again")
            t.check(f"{name}: and the new ones", site.daemon.wait_read(20_120), 20_120)
            t.check(f"{name}: told", site.told(len(want)), want)
            check_same(t, name, site, top)
            t.check(f"{name}: saved", site.daemon.stop()[0], 0)
            site.configure(before)
            site.daemon.start(until="judging the log since")
            site.daemon.kill()
            site.daemon.start()
            site.daemon.wait_said("judged again")
            check_same(t, f"{name}, and back", site, top)


tests = Checks()
for test in (hidden_attack_is_raised, alleged_attack_is_withdrawn, one_cell_is_not_enough,
             log_contradicts_evidence, closed_attack_stays_closed, closed_attack_in_memory,
             lines_arrive_meanwhile, lines_arrive_at_the_end, changed_again_meanwhile,
             killed_meanwhile, changed_while_down, log_is_gone, what_began_before_stays,
             habits_are_known_still, journal_too):
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
