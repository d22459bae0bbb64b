"""Prometheus and Alertmanager of Debian beside the installed service, by what conf/examples/prometheus
says, and nothing else."""
import json
import re

from kit import (EXAMPLES, attack, begin_anew, expect, expect_in, incidents, runs, settle, step, typed,
                 wait_for)

DROP_IN = "/etc/systemd/system/relaywatch.service.d/metrics.conf"


@step
def alert_is_in_alertmanager(box):
    """As typed: from the installed package to the alert of root's own message, and then an attack's,
    which goes when it is closed."""
    begin_anew(box, type="journal")
    # Debian's settings, but for the pace; its Alertmanager does not start without a private address.
    box.run("sed", "-i", r"s/\(_interval: *\)15s/\11s/", "/etc/prometheus/prometheus.yml")
    box.run("systemctl", "start", "prometheus")
    readme = box.read(f"{EXAMPLES}/prometheus/README.md")
    metrics, prometheus, alertmanager, trial, query, undo = typed(readme)

    def alerts():
        done = box.run("sh", "-c", f"{query} -o json", check=False)
        return sorted((row["labels"]["alertname"], row["labels"].get("key"))
                      for row in json.loads(done.stdout or "[]"))

    expect_in("check", box.run("sh", "-ec", metrics).stdout, "no warnings")
    runs(box)
    expect_in("promtool", box.run("sh", "-ec", f"cd {EXAMPLES}/prometheus\n{prometheus}").stdout,
              *re.search("must say `(.*)` and `(.*)`", readme).groups())
    box.run("sh", "-ec", alertmanager)
    wait_for("Alertmanager", 0, lambda: box.run("sh", "-c", query, check=False).returncode)
    expect("alerts before", alerts(), [])
    box.run("sh", "-ec", trial)
    wait_for("root's own", [("RelaywatchIncident", "0")], alerts)
    box.run("sh", "-ec", undo)
    wait_for("after it was undone", [], alerts)
    attack(box, "198.18.11.7", "metrics.example", 7)
    settle(box)
    wait_for("the attack", [("RelaywatchAttack", "198.18.11.7")], alerts)
    box.run("relaywatch", "close", incidents(box)["198.18.11.7"]["id"])
    wait_for("after it was closed", [], alerts)
    box.run("systemctl", "stop", "prometheus", "prometheus-alertmanager")
    box.run("rm", DROP_IN, "/etc/prometheus/relaywatch.rules.yml")
    box.run("systemctl", "daemon-reload")
