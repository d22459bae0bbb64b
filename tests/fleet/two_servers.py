#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two log servers, with a relaywatch each, and one real Prometheus and Alertmanager: what both tell of
one attacker is one notification, and where both have all lines, one alert.

usage: two_servers.py RELAYWATCH SHIM"""
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from follower import Checks, Follower, World, relayed  # pylint: disable=wrong-import-position

BINARY, SHIM = os.path.abspath(sys.argv[1]), sys.argv[2]
EXAMPLES = os.path.join(HERE, "..", "..", "conf", "examples")
# Alerts keep no label that tells the server: where both have all lines, they are the same.
DROP = "alerting:\n  alert_relabel_configs:\n    - {regex: instance, action: labeldrop}\n"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def example(name):
    with open(os.path.join(EXAMPLES, name), encoding="ascii") as file:
        return file.read()


class Hook:
    """A receiver of notifications."""

    def __init__(self):
        got = self.got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *unused): # pylint: disable=arguments-differ
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not what(self.got):
            time.sleep(0.05)
        return self.got


class Servers:
    """Two daemons, Prometheus and Alertmanager, for `with`."""

    def __init__(self, drop_instance):
        self.worlds = [World(SHIM), World(SHIM)]
        self.daemons, self.programs, self.hook = [], [], Hook()
        self.ports = [free_port() for _ in range(4)]
        for world, port in zip(self.worlds, self.ports):
            daemon = Follower(BINARY, world, f"[metrics]\nenabled = yes\nlisten = 127.0.0.1:{port}\n")
            daemon.site = "fleet = 10.0.0.0/24\ntrusted_networks = 10.0.0.0/24\n"
            daemon.configure(f"[metrics]\nenabled = yes\nlisten = 127.0.0.1:{port}\n")
            self.daemons.append(daemon)
        top = self.top = self.worlds[0].top
        scraped = (example("prometheus/prometheus.yml").replace("15s", "1s")
                   .replace("'127.0.0.1:9397'", ", ".join(f"'127.0.0.1:{p}'" for p in self.ports[:2]))
                   .replace(":9093", f":{self.ports[2]}")
                   .replace("relaywatch.rules", f"{EXAMPLES}/prometheus/relaywatch.rules"))
        if drop_instance:
            scraped = scraped.replace("alerting:\n", DROP)
        with open(f"{top}/prometheus.yml", "w", encoding="ascii") as file:
            file.write(scraped)
        with open(f"{top}/alertmanager.yml", "w", encoding="ascii") as file:
            file.write(example("fleet/alertmanager.yml").replace("30s", "3s").replace("5m", "3s")
                       .replace(":9095", f":{self.hook.port}"))

    def __enter__(self):
        top, quiet = self.top, subprocess.DEVNULL
        for daemon in self.daemons:
            daemon.start()
        for command in (["prometheus-alertmanager", f"--config.file={top}/alertmanager.yml",
                         f"--storage.path={top}/am", f"--web.listen-address=127.0.0.1:{self.ports[2]}",
                         "--cluster.listen-address="],
                        ["prometheus", f"--config.file={top}/prometheus.yml", f"--storage.tsdb.path={top}/tsdb",
                         f"--web.listen-address=127.0.0.1:{self.ports[3]}"]):
            self.programs.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))
        return self

    def __exit__(self, *unused):
        for program in self.programs:
            program.kill()
            program.wait()
        for daemon, world in zip(self.daemons, self.worlds):
            daemon.kill()
            world.end()

    def relay(self, daemons, hosts, first):
        """A stranger's six messages through each of these hosts."""
        for daemon in daemons:
            at = time.time()
            daemon.write("".join(relayed(at + n / 1000, first + n, host=host)
                                 for h, host in enumerate(hosts) for n in range(6 * h, 6 * h + 6)))

    def ids(self):
        rows = []
        for daemon in self.daemons:
            daemon.wait_alerts(1)
            rows.append([told for event, told in daemon.alerts() if event == "raised"])
        return rows


def notified(hook, count):
    """The last notification, once it is of so many alerts."""
    got = hook.wait(lambda all_of_them: all_of_them and len(all_of_them[-1]["alerts"]) >= count)
    return got[-1] if got else {"alerts": [], "groupLabels": {}}


def halves(t):
    with Servers(False) as both:
        both.relay(both.daemons[:1], ["mx1", "mx2"], 0)
        both.relay(both.daemons[1:], ["mx3", "mx4"], 100)
        one, two = both.ids()
        t.check("halves: an incident each", (len(one), len(two), one == two), (1, 1, False))
        last = notified(both.hook, 2)
        t.check("halves: one notification", last["groupLabels"],
                {"alertname": "RelaywatchAttack", "kind": "open-relay", "key_type": "client",
                 "key": "192.0.2.1"})
        t.check("halves: with both", sorted(alert["labels"]["id"] for alert in last["alerts"]),
                sorted(one + two))
        t.check("halves: they name their servers",
                len({alert["labels"]["instance"] for alert in last["alerts"]}), 2)


def all_lines_twice(t):
    with Servers(True) as both:
        both.relay(both.daemons, ["mx1", "mx2"], 0)
        one, two = both.ids()
        t.check("twice: one id", (len(one), one == two), (1, True))
        last = notified(both.hook, 1)
        time.sleep(5) # longer than a group waits: a second alert would be told now
        t.check("twice: one alert", [alert["labels"]["id"] for alert in both.hook.got[-1]["alerts"]], one)
        t.check("twice: it names no server", "instance" in last["alerts"][0]["labels"], False)


def below_the_threshold(t):
    """What neither has enough of, neither tells."""
    with Servers(False) as both:
        for n, daemon in enumerate(both.daemons):
            daemon.write("".join(relayed(time.time() + i / 1000, 100 * n + i, host=f"mx{n}")
                                 for i in range(4)))
            daemon.wait_read(16)
        t.check("below: nobody is told", [daemon.alerts() for daemon in both.daemons], [[], []])


if not shutil.which("prometheus") or not shutil.which("prometheus-alertmanager"):
    print("SKIP: there is no Prometheus or no Alertmanager (apt install prometheus prometheus-alertmanager)")
    sys.exit(77)
tests = Checks()
for test in halves, all_lines_twice, below_the_threshold:
    tests.run(test)
tests.end()
