#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What monitoring systems get from the running daemon, by the examples in conf/examples.

usage: monitoring.py RELAYWATCH SHIM [NAME...]"""
import json, os, re, subprocess, sys

from follower import Checks, Follower, World, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "conf", "examples")
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]


class Running:
    """A world and a daemon in it, for `with`; its `relaywatch` finds the daemon's socket."""

    def __init__(self, settings="", speed=1):
        self.world = World(shim, speed)
        self.daemon = Follower(binary, self.world, settings)
        self.bin = os.path.join(self.world.top, "bin")
        os.mkdir(self.bin)
        with open(os.path.join(self.bin, "relaywatch"), "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {binary} "$@" --socket {self.daemon.socket}\n')
        os.chmod(f.name, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env=dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}"))

    def attack(self, count=7):
        """An open relay, until it is known."""
        self.daemon.write("".join(relayed(self.world.now(), n) for n in range(count)))
        return self.daemon.wait_status(lambda s: s["incidents"]["open"], 1)


# --- plugins --------------------------------------------------------------------------------------

def like(pattern):
    return lambda text: bool(re.fullmatch(pattern, text))


FIGURE = r"[a-z_]+=[0-9]+[a-zA-Z]?;[0-9]*;[0-9]*;0"


def read(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
        return f.read()


def nagios(t):
    """The four states. The text is one line, and its figures have the form of perfdata."""
    command = re.search(r"command_line +/usr/bin/(.*)", read("nagios/relaywatch.cfg"))[1].split()
    t.check("nagios: NRPE runs the same", read("nagios/nrpe.cfg"),
            lambda text: f"=/usr/bin/{' '.join(command)}\n" in text)
    with Running() as it:
        got = it.run(*command)
        t.check("nagios: no daemon", (got.returncode, got.stderr), (3, ""))
        t.check("nagios: no daemon, said", got.stdout,
                like("RELAYWATCH UNKNOWN - the daemon is not running: .*\n"))
        it.daemon.start()
        got = it.run(*command)
        t.check("nagios: quiet", got.returncode, 0)
        t.check("nagios: quiet, said", got.stdout, like(rf"RELAYWATCH OK - 0 open incidents \|( {FIGURE})+\n"))
        t.check("nagios: an attack", it.attack(), 1)
        got = it.run(*command)
        t.check("nagios: critical", got.returncode, 2)
        t.check("nagios: critical, said", got.stdout, like(r"RELAYWATCH CRITICAL - 1 open incident \(1 critical, 0 warning, 0 info\): open-relay of "
            rf"client 192\.0\.2\.1: 7 recipients, 0 queued \(or-\w+\) \| critical=1;;0;0( {FIGURE})+\n"))
        closed = it.run("relaywatch", "close", it.daemon.alerts()[0][1])
        t.check("nagios: closed", closed.returncode, 0)
        t.check("nagios: closed is well", it.run(*command).returncode, 0)
        for other in "--json", "--watch":
            got = it.run(*command, other)
            t.check(f"nagios: {other}", (got.returncode, got.stdout[:20]), (3, "RELAYWATCH UNKNOWN -"))
    with Running(speed=60) as it:
        os.unlink(it.daemon.log)
        it.daemon.start()
        it.daemon.wait_status(lambda s: len(s["blind"]), 1)
        got = it.run(*command)
        t.check("nagios: blind", got.returncode, 1)
        t.check("nagios: blind, said", got.stdout,
                lambda out: out.startswith("RELAYWATCH WARNING - blind: ") and " blind=1;0;;0 " in out)


def checkmk(t):
    """state "name" metrics text, in one line; no metric has a unit."""
    check = os.path.join(EXAMPLES, "checkmk", "relaywatch")
    metrics = r"([a-z_]+=[0-9]+;[0-9]*;[0-9]*;0)(\|[a-z_]+=[0-9]+;[0-9]*;[0-9]*;0)+"
    with Running() as it:
        t.check("checkmk: no daemon", it.run(check).stdout,
                like('3 "relaywatch" - the daemon is not running: .*\n'))
        it.daemon.start()
        t.check("checkmk: quiet", it.run(check).stdout,
                like(f'0 "relaywatch" {metrics} 0 open incidents\n'))
        it.attack()
        t.check("checkmk: an attack", it.run(check).stdout,
                like(f'2 "relaywatch" {metrics} 1 open incident .*\n'))
        os.unlink(os.path.join(it.bin, "relaywatch"))
        got = subprocess.run(["/bin/sh", check], capture_output=True, text=True, check=False,
                             env={"PATH": "/nonexistent"})
        t.check("checkmk: no program", got.stdout,
                lambda out: out.startswith('3 "relaywatch" - relaywatch'))


def zabbix(t):
    """Every item of the template finds its number in what the user parameter prints, every trigger
    speaks of items that there are, and every object has an identifier of its own."""
    key, command = re.search(r"^UserParameter=([^,]+),(.*)$", read("zabbix/relaywatch.conf"), re.M).groups()
    export = json.loads(read("zabbix/template.json"))["zabbix_export"]
    template = export["templates"][0]
    items = template["items"]
    t.check("zabbix: the user parameter", [i["key"] for i in items if "master_item" not in i], [key])
    triggers = [trigger for item in items for trigger in item.get("triggers", [])]
    uuids = [thing["uuid"] for thing in [*export["groups"], template, *items, *triggers]]
    t.check("zabbix: identifiers", [u for u in uuids if not re.fullmatch(
        "[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", u)], [])
    t.check("zabbix: each its own", len(set(uuids)), len(uuids))
    named = re.findall(r"\(/([^/]+)/([a-z_.]+)", " ".join(x["expression"] for x in triggers))
    t.check("zabbix: triggers", [n for n in named if n[0] != template["template"] or
                                 n[1] not in {i["key"] for i in items}], [])
    t.check("zabbix: masters", {i["master_item"]["key"] for i in items if "master_item" in i}, {key})
    with Running() as it:
        it.daemon.start()
        it.attack()
        it.daemon.wait_read(28)
        got = it.run("/bin/sh", "-c", command.replace("/usr/bin/", ""))
        t.check("zabbix: exit status", got.returncode, 0)
        for item in items:
            if "master_item" not in item:
                continue
            step = item["preprocessing"][0]
            found = re.search(step["parameters"][0], got.stdout)
            t.check(f"zabbix: {item['key']}", found and found.expand(step["parameters"][1]),
                    lambda text: text and text.isdigit())
        t.check("zabbix: every figure is an item", set(re.findall(r" ([a-z_]+)=", got.stdout)),
                {i["key"].removeprefix(key.split(".", maxsplit=1)[0] + ".") for i in items} - {"status"})


tests = Checks()
for test in nagios, checkmk, zabbix:
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
