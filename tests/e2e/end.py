"""The package's further ways: upgrade, removal, purge."""
import os

from kit import (CONF, alerts, apt, attack, begin_anew, expect, figures_become, incidents, main_pid,
                 runs, settle, show, step)


@step
def upgrade_keeps_all(box):
    """A higher version: the service is started anew, settings and state stay."""
    begin_anew(box)
    attack(box, "198.18.10.7", "tickets.example", 10)
    settle(box)
    figures_become(box, "198.18.10.7", messages=10)
    settings, pid, before = box.read(CONF), main_pid(box), incidents(box)
    apt(box, "install", "/share/relaywatch-2.deb")
    version = box.run("dpkg-query", "-W", "-f", "${Version}", "relaywatch").stdout
    expect("release", version.rsplit("-", 1)[1], "2")
    runs(box)
    expect("another process", main_pid(box) != pid, True)
    expect("settings", box.read(CONF), settings)
    expect("incidents", incidents(box), before)
    expect("alerts", len(alerts(box, before["198.18.10.7"]["id"])), 1)


@step
def disabled_stays_disabled(box):
    """What the administrator switched off, an upgrade does not switch on again."""
    box.run("systemctl", "disable", "--now", "relaywatch")
    apt(box, "reinstall", "/share/relaywatch-2.deb")
    expect("enabled", box.run("systemctl", "is-enabled", "relaywatch", check=False).stdout.strip(),
           "disabled")
    box.run("systemctl", "enable", "--now", "relaywatch")
    runs(box)


@step
def removal_keeps_settings(box):
    """Removed: no service and no program; settings and state wait for its return."""
    before = incidents(box)
    apt(box, "remove", "relaywatch")
    expect("unit", show(box, "LoadState")["LoadState"], "not-found")
    expect("program", os.path.exists(f"{box.root}/usr/bin/relaywatch"), False)
    expect("settings", os.path.exists(box.root + CONF), True)
    apt(box, "install", "/share/relaywatch-2.deb")
    runs(box)
    expect("incidents", incidents(box), before)


@step
def purge_leaves_the_user(box):
    """Purged: nothing of it is left but the user."""
    apt(box, "purge", "relaywatch")
    expect("unit", show(box, "LoadState")["LoadState"], "not-found")
    left = box.run("find", "/etc", "/usr", "/var/lib", "/var/cache", "/run", "-name", "*relaywatch*")
    expect("left over", left.stdout.splitlines(), [])
    box.run("getent", "passwd", "relaywatch")
    expect("service failed", box.run("systemctl", "is-failed", "relaywatch",
                                     check=False).stdout.strip(), "inactive")
    expect("catalog", "This server relays for strangers" in
           box.run("journalctl", "--dump-catalog").stdout, False)
