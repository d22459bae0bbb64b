#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the commands tell of a fleet: of the daemon that follows its hosts' lines, and of files.

usage: ask.py RELAYWATCH SHIM [NAME...]"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from follower import Checks, Follower, World, iso  # pylint: disable=wrong-import-position

BINARY, SHIM = os.path.abspath(sys.argv[1]), sys.argv[2]
FLEET = "fleet = 10.0.0.0/24\ntrusted_networks = 10.0.0.0/24\n"
ADDRESS = {"mx1": "10.0.0.1", "mx2": "10.0.0.2", "out1": "10.0.0.11"}


class Running:
    """A world and a daemon that follows a fleet's log, for `with`."""

    def __init__(self, speed=1):
        self.speed = speed

    def __enter__(self):
        self.world = World(SHIM, self.speed)
        self.daemon = Follower(BINARY, self.world)
        self.daemon.site = FLEET
        self.daemon.configure()
        return self.world, self.daemon

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()


def ask(daemon, *arguments, socket=True):
    """(exit status, output, errors)"""
    done = subprocess.run(
        [BINARY, *arguments, "--config", daemon.conf, *(["--socket", daemon.socket] * socket)],
        capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def mail(at, host, queue_id, message_id, client, ends, relay="none", to="u@victim.example"):
    """A message's lines on one host. ends: its status and reply, and whether it is removed."""
    begin = f"{iso(at)} {host} postfix/"
    lines = [f"smtpd[1]: {queue_id}: client={client}",
             f"cleanup[1]: {queue_id}: message-id=<{message_id}>",
             f"qmgr[1]: {queue_id}: from=<a@spam.example>, size=900, nrcpt=1 (queue active)",
             f"smtp[1]: {queue_id}: to=<{to}>, relay={relay}, delay=1, {ends}"]
    if "status=sent" in ends:
        lines.append(f"qmgr[1]: {queue_id}: removed")
    return "".join(f"{begin}{line}\n" for line in lines)


def passed_on(at, number, front, ends="dsn=4.0.0, status=deferred (later)"):
    """A stranger's message that a front hands to out1, where it ends."""
    first, second = f"{0xA0000000 + number:X}", f"{0xB0000000 + number:X}"
    return (mail(at, front, first, f"{number}@x", "cpe.rr.example[198.51.100.33]",
                 f"dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {second})",
                 f"out1.example.net[{ADDRESS['out1']}]:25") +
            mail(at, "out1", second, f"{number}@x", f"{front}.example.net[{ADDRESS[front]}]", ends))


def messages(rows):
    return [(row["host"], row["queue_id"]) for row in rows if row["type"] == "message"]


def lines_of(text):
    """[[heading, line...]...] of what `explain` prints for people."""
    found = []
    for line in text.splitlines(True):
        if line.startswith("The lines"):
            found.append([line])
        elif found:
            found[-1].append(line)
    return found


def of_host(host, number):
    """What that front has queued itself."""
    return f"{host}\t{0xC0000000 + number:X}\n"


def test_queue(t):
    """Of what is counted across hosts each queue ID has its host; of one host, it has none."""
    with Running() as (world, daemon):
        daemon.start()
        daemon.write("".join(
            mail(world.now(), host, f"{0xC0000000 + i:X}", f"{i}@x", "cpe.rr.example[198.51.100.33]",
                 "dsn=4.0.0, status=deferred (later)")
            for i, host in enumerate(["mx1", "mx2"] * 4)))
        daemon.wait_alerts(1)
        name = daemon.told()[0]["id"]
        daemon.wait_read(8 * 4)
        t.check("all", sorted(ask(daemon, "queue", name)[1].splitlines(True)),
                sorted(of_host(host, i) for i, host in enumerate(["mx1", "mx2"] * 4)))
        t.check("one host", ask(daemon, "queue", "--host", "mx2", name),
                (0, "".join(f"{0xC0000000 + i:X}\n" for i in (1, 3, 5, 7)), ""))
        t.check("JSON", [json.loads(line) for line in
                         ask(daemon, "queue", "--json", "--host", "mx1", name)[1].splitlines()],
                [{"type": "queued", "host": "mx1", "queue_id": f"{0xC0000000 + i:X}"}
                 for i in (0, 2, 4, 6)])
        t.check("no such host", ask(daemon, "queue", "--host", "mx3", name),
                (2, "", 'relaywatch: no host "mx3" is known from the log\n'))
        shown = json.loads(ask(daemon, "show", "--json", name)[1])
        t.check("on which hosts", re.findall("^  2 hosts +(.*)$", ask(daemon, "show", name)[1], re.M),
                ["mx1 (4 recipients), mx2 (4)"])
        t.check("what to type", shown["commands"][0]["command"],
                f"for h in $(relaywatch queue {name} | cut -f 1 | sort -u); do relaywatch queue "
                f"--host $h {name} | ssh $h postsuper -h -; done")
        t.check("where to type", shown["advice"][-1],
                "Type the commands that change Postfix's settings on each mail host, not here")


def test_queue_of_names_that_can_not_be_typed(t):
    """They reach no shell."""
    with Running() as (world, daemon):
        daemon.start()
        daemon.write("".join(
            mail(world.now(), host, f"{0xC0000000 + i:X}", f"{i}@x", "cpe.rr.example[198.51.100.33]",
                 "dsn=4.0.0, status=deferred (later)")
            for i, host in enumerate(["mx1", "-oProxyCommand=id", "$(id)"] * 3)))
        daemon.wait_alerts(1)
        name = daemon.told()[0]["id"]
        daemon.wait_read(9 * 4)
        t.check("JSON has all", len(ask(daemon, "queue", "--json", name)[1].splitlines()), 9)
        status, out, errors = ask(daemon, "queue", name)
        t.check("status", status, 0)
        t.check("hosts", {line.split("\t")[0] for line in out.splitlines()}, {"mx1"})
        t.check("the others", errors, "relaywatch: 6 are left out: the shell would misread the "
                "names of their hosts; --json has them\n")


def test_explain(t):
    """All hops of a message with each host's lines, in the order of the hops, although the lines of
    the second one came first; by the daemon, and from the file. A queue ID that is another host's,
    too, is of one of them alone, if one says of which."""
    with Running() as (world, daemon):
        at = world.now() - 60
        first, second = "A0000007", "B0000007"
        hops = passed_on(at, 7, "mx1").splitlines(True)
        own, handed = hops[:5], hops[5:]
        milter = f"{iso(at)} out1 opendkim[1]: {second}: DKIM-Signature field added\n"
        other = mail(at, "mx2", first, "other@x", "cpe.rr.example[198.51.100.34]",
                     "dsn=4.0.0, status=deferred (later)")
        stray = f"{iso(at)} mx2 opendkim[1]: {second}: of another host\n"
        daemon.write("".join(handed) + stray + milter + "".join(own) + other)
        daemon.start()
        daemon.wait_read(4 + 2 + 5 + 4)
        for what, files, socket in ("daemon", (), True), ("file", (daemon.log,), False):
            for asked in second, f"mx1/{first}":
                status, out, errors = ask(daemon, "explain", asked, *files, socket=socket)
                t.check(f"{what}, {asked}: status", (status, errors), (0, ""))
                t.check(f"{what}, {asked}: lines", lines_of(out),
                        [[f"The lines of {first} on mx1:\n", *(f"  {line}" for line in own)],
                         [f"The lines of {second} on out1:\n",
                          *(f"  {line}" for line in [*handed, milter])]])
                t.check(f"{what}, {asked}: the way", [line for line in out.splitlines()
                                                     if line.startswith((first, second))],
                        [f"{first} on mx1, postfix",
                         f"{second} on out1, postfix; made of {first} on mx1"])
                rows = [json.loads(line) for line in ask(daemon, "explain", "--json", asked, *files,
                                                         socket=socket)[1].splitlines()]
                t.check(f"{what}, {asked}: JSON", messages(rows),
                        [("mx1", first), ("out1", second)])
                t.check(f"{what}, {asked}: its lines",
                        [(row["host"], row["queue_id"], row["text"] + "\n") for row in rows
                         if row["type"] == "line"],
                        [("mx1", first, line) for line in own] +
                        [("out1", second, line) for line in [*handed, milter]])
                t.check(f"{what}, {asked}: where it came from",
                        [(row["parent"], row["parent_host"]) for row in rows
                         if row["type"] == "message"], [(None, None), (first, "mx1")])
            status, out, errors = ask(daemon, "explain", "--json", first, *files, socket=socket)
            t.check(f"{what}: of both hosts", messages(map(json.loads, out.splitlines())),
                    [("mx1", first), ("out1", second), ("mx2", first)])
            t.check(f"{what}: that is said", errors,
                    f"relaywatch: {first} is on mx1 and on mx2: mx1/{first} or mx2/{first} is one\n")
            for choice in ["--host", "MX2", first], [f"mx2/{first}"]:
                status, out, errors = ask(daemon, "explain", "--json", *choice, *files,
                                          socket=socket)
                t.check(f"{what}: {choice}", (messages(map(json.loads, out.splitlines())), errors),
                        ([("mx2", first)], ""))
            status, out, errors = ask(daemon, "explain", f"mx3/{first}", *files, socket=socket)
            t.check(f"{what}: no such host", (status, out), (1, ""))
            t.check(f"{what}: that is said", errors,
                    lambda said: f"{first} on mx3" in said)


def test_explain_what_is_forgotten(t):
    """The log still has it, and the host chooses there, too."""
    with Running() as (world, daemon):
        daemon.limits += "finished = 1000\n"
        daemon.configure()
        at = world.now() - 7000
        whole = {host: mail(at, host, "A0000007", f"{host}@x", "cpe.rr.example[198.51.100.33]",
                            "dsn=2.0.0, status=sent (Ok)") for host in ("mx1", "mx2")}
        daemon.write(whole["mx1"] + whole["mx2"] +
                     "".join(mail(world.now() - 60, host, f"{0xD0000000 + i:X}", f"{i}@x",
                                  "cpe.rr.example[198.51.100.33]", "dsn=2.0.0, status=sent (Ok)")
                             for i in range(1500) for host in ("mx1", "mx2")))
        daemon.start()
        daemon.wait_read(10 + 15000)
        status, out, errors = ask(daemon, "explain", "mx2/A0000007")
        t.check("status", status, 0)
        t.check("said", errors,
                "relaywatch: the daemon no longer remembers A0000007 on mx2, but its log still tells:\n")
        t.check("lines", lines_of(out), [["The lines:\n", *(
            f"  {line}" for line in whole["mx2"].splitlines(True))]])


def removed(at, host):
    return f"{iso(at)} {host} postfix/qmgr[1]: A0000001: removed\n"


def test_status(t):
    """A host that has logged every minute is silent after 15 of them, and that is told, as is its end;
    one that logs every other hour is not. Lines that come late and a clock that is ahead are shown."""
    with Running(200) as (world, daemon):
        begin = world.now() - 26 * 3600
        daemon.write("".join(removed(begin + 60 * i, host) for i in range(26 * 60)
                             for host in ("mx1", "mx2", "mx3", "mx4")
                             if host != "mx4" or i % 120 == 0))
        daemon.write(removed(world.now(), "mx2"))
        daemon.start()
        t.check("told before", daemon.warnings("blind"), [])

        def go_on(done, seconds=60):
            end = time.monotonic() + seconds
            while not done() and time.monotonic() < end:
                daemon.write(removed(world.now(), "mx1") + removed(world.now() + 7200, "mx3") +
                             removed(world.now() - 1000, "mx5"))
                time.sleep(0.2)

        go_on(lambda: daemon.warnings("blind"))
        t.check("told", [text.split(":")[0] for _, text in daemon.warnings("blind")],
                ["host mx2 has gone silent"])
        status = daemon.status()
        hosts = status["hosts"]
        t.check("totals",
                {name: hosts[name] for name in ("count", "well", "silent", "late", "clock_ahead")},
                {"count": 5, "well": 2, "silent": 1, "late": 1, "clock_ahead": 1})
        t.check("order", [host["host"] for host in hosts["list"]][:3], ["mx2", "mx3", "mx5"])
        by_name = {host["host"]: host for host in hosts["list"]}
        # A second in which the machine does something else is 200 of the world's.
        t.check("mx2: silent", by_name["mx2"], lambda host: host["silent"] and
                host["silent_after_s"] == max(900, 10 * host["longest_pause_s"]) and
                host["silent_after_s"] <= host["quiet_s"] < 5400)
        t.check("mx3: ahead", by_name["mx3"]["clock_ahead_s"], lambda s: 6000 <= s <= 7200)
        t.check("mx5: late", by_name["mx5"]["late_s"], lambda s: 1000 <= s < 2200)
        t.check("mx4: not silent", (by_name["mx4"]["silent"], by_name["mx4"]["silent_after_s"]),
                (False, 72000))
        t.check("blind", [one["cause"] for one in status["blind"]], ["silent-host"])
        text = ask(daemon, "status")[1]
        t.check("in words", re.findall(r"^hosts +(.*)$", text, re.M),
                ["5, 2 well, 1 silent, 1 late, 1 with a clock ahead"])
        t.check("which", re.findall(r"^ +(mx\d): (silent|its clock|lines come)", text, re.M),
                [("mx2", "silent"), ("mx3", "its clock"), ("mx5", "lines come")])
        rows = [json.loads(line) for line in ask(daemon, "status", "--json")[1].splitlines()]
        t.check("all of them", sorted(row["host"] for row in rows if row["type"] == "host"),
                ["mx1", "mx2", "mx3", "mx4", "mx5"])
        daemon.kill()
        daemon.start()
        go_on(lambda: daemon.status()["hosts"]["silent"])
        t.check("after a kill: soon again", daemon.status()["hosts"]["silent"], 1)
        daemon.write(removed(world.now(), "mx2"))
        go_on(lambda: daemon.status()["hosts"]["silent"] == 0)
        t.check("back", daemon.status()["hosts"]["silent"], 0)


def test_postconf_directory(t):
    """One dump for each host: what is ours on one is ours on all, and a host that trusts everybody
    hides no other's strangers. They are watched; what can't be read changes nothing."""
    with Running(10) as (world, daemon):
        dumps = os.path.join(world.top, "postconf")
        os.mkdir(dumps)

        def save(host, domains, networks):
            with open(f"{dumps}/{host}.new", "w", encoding="ascii") as f:
                f.write(f"myhostname = {host}\nmydestination = {domains}\nrelay_domains =\n"
                        f"virtual_alias_domains =\nvirtual_mailbox_domains =\nmynetworks = {networks}\n")
            os.rename(f"{dumps}/{host}.new", f"{dumps}/{host}.postconf")

        def relay(numbers, host, client, domain):
            return "".join(mail(world.now(), host, f"{0xC0000000 + i:X}", f"{i}@x",
                                f"unknown[{client}]", "dsn=2.0.0, status=sent (Ok)",
                                to=f"u{i}@{domain}") for i in numbers)

        daemon.site = f"fleet = 10.0.0.0/24\npostconf_directory = {dumps}\n"
        daemon.configure()
        daemon.start(until=None)
        daemon.wait_said(f"postconf_directory = {dumps}: it has no HOST.postconf")
        t.check("none: it does not start", daemon.process.wait(30), 2)
        daemon.rest()
        save("mx1", "mx1, one.example", "10.0.0.0/24")
        save("mx2", "mx2, two.example", "0.0.0.0/0")
        daemon.start()
        daemon.write(relay(range(20), "mx1", "192.0.2.1", "two.example"))
        daemon.wait_read(100)
        t.check("the other's domain", daemon.alerts(), [])
        daemon.write(relay(range(20, 40), "mx1", "192.0.2.2", "far.example"))
        t.check("a stranger on mx1", [event for event, _ in daemon.wait_alerts(1)], ["raised"])
        t.check("it is he", daemon.told()[-1]["key"], {"client": "192.0.2.2"})
        t.check("too wide is said", [text[:35] for _, text in
                                     daemon.warnings("mynetworks-too-wide")],
                ["mx2: mynetworks trusts 0.0.0.0/0, f"])
        with open(f"{dumps}/mx3.postconf", "w", encoding="ascii") as f:
            f.write("# nothing\n")
        daemon.wait_said(f"{dumps}/mx3.postconf: it contains no Postfix setting")
        daemon.wait_said("keeping the old ones")
        save("mx3", "mx3, third.example", "10.0.0.0/24")
        daemon.wait_said("settings read again")
        before = len(daemon.alerts())
        daemon.write(relay(range(40, 60), "mx1", "192.0.2.3", "third.example"))
        daemon.wait_read(300)
        t.check("a new host's domain", len(daemon.alerts()), before)
        status, out, _ = ask(daemon, "check", "--json", socket=False)
        domains = [row["domain"] for row in json.loads(out.splitlines()[0])["domains"]]
        t.check("check", [name for name in domains if name.endswith(".example")],
                lambda names: set(names) >= {"one.example", "two.example", "third.example"})
        t.check("and the warning", (status, "mx2: mynetworks trusts" in out), (1, True))


def strangers_mail(world, numbers, host):
    """Messages that 198.51.100.33 leaves on that host."""
    return "".join(mail(world.now(), host, f"{0xC0000000 + i:X}", f"{i}@x",
                        "cpe.rr.example[198.51.100.33]", "dsn=2.0.0, status=sent (Ok)")
                   for i in numbers)


def test_networks_of_each_host(t):
    """Who may relay through one host is a stranger on another. `explain` says whose settings tell,
    and when they change, what was judged by them is judged again."""
    with Running(10) as (world, daemon):
        dumps = os.path.join(world.top, "postconf")
        os.mkdir(dumps)

        def save(host, networks):
            with open(f"{dumps}/{host}.new", "w", encoding="ascii") as f:
                f.write(f"myhostname = {host}\nmydestination = {host}\nrelay_domains =\n"
                        f"virtual_alias_domains =\nvirtual_mailbox_domains =\n"
                        f"mynetworks = {networks}\n")
            os.rename(f"{dumps}/{host}.new", f"{dumps}/{host}.postconf")

        def evidence(host, number, *files):
            status, out, _ = ask(daemon, "explain", "--json", f"{host}/{0xC0000000 + number:X}",
                                 *files, socket=not files)
            return status, [json.loads(line)["client_evidence"] for line in out.splitlines()
                            if '"type":"message"' in line]

        daemon.site = f"fleet = 10.0.0.0/24\npostconf_directory = {dumps}\n"
        daemon.configure()
        save("mx1.example.net", "10.0.0.0/24 198.51.100.0/24")
        save("mx2", "10.0.0.0/24")
        daemon.start()
        daemon.write(strangers_mail(world, range(20), "mx1"))
        daemon.wait_read(100)
        t.check("mx1 trusts the client", daemon.alerts(), [])
        daemon.write(strangers_mail(world, range(20, 32), "mx2"))
        t.check("mx2 does not", [event for event, _ in daemon.wait_alerts(1)], ["raised"])
        daemon.wait_read(160)
        shown = json.loads(ask(daemon, "show", "--json", daemon.told()[0]["id"])[1])
        t.check("what is counted",
                [shown[name] for name in ("kind", "key", "messages", "hosts", "host_list")],
                ["open-relay", {"client": "198.51.100.33"}, 12, 1, ["mx2"]])
        t.check("what that rests on", shown["evidence"][-1:],
                ["client 198.51.100.33 is a stranger: no trusted network in the settings of mx2 has "
                 "it; in those of mx1.example.net, one has"])
        for what, files in ("daemon", ()), ("file", (daemon.log,)):
            t.check(f"{what}: why on mx1", evidence("mx1", 1, *files),
                    (0, ["its network is listed in the settings of mx1.example.net"]))
            t.check(f"{what}: why not on mx2", evidence("mx2", 21, *files),
                    (0, ["no trusted network in the settings of mx2 has it; in those of "
                         "mx1.example.net, one has"]))
        out = ask(daemon, "check", "--json", socket=False)[1]
        t.check("on how many hosts", json.loads(out.splitlines()[0])["networks"],
                [{"network": "10.0.0.0/24", "trusted": True, "hosts": 2},
                 {"network": "198.51.100.0/24", "trusted": True, "hosts": 1}])
        t.check("in words", "    198.51.100.0/24  on 1 of 2 hosts\n" in
                ask(daemon, "check", socket=False)[1], True)
        daemon.write(strangers_mail(world, [32], "mx3"))
        t.check("a host without a file is told",
                [text[:21] for _, text in daemon.wait_warnings("settings-of-host-missing", 1)],
                ["Host mx3 has no file "])
        save("mx2", "10.0.0.0/24 198.51.100.32/30")
        t.check("mx2 trusts it now", [event for event, _ in daemon.wait_alerts(2)],
                ["raised", "withdrawn"])
        save("mx1.example.net", "10.0.0.0/24")
        t.check("mx1 does no longer", [event for event, _ in daemon.wait_alerts(3)][-1], "raised")
        shown = json.loads(ask(daemon, "show", "--json", daemon.told()[-1]["id"])[1])
        t.check("judged again", [shown[name] for name in ("kind", "messages", "host_list")],
                ["open-relay", 20, ["mx1"]])


def main():
    tests = {name: test for name, test in globals().items() if name.startswith("test_")}
    t = Checks()
    for name in sys.argv[3:] or tests:
        t.run(tests[name])
    t.end()


if __name__ == "__main__":
    main()
