"""What steps are made of: the lab's Postfix and rsyslog, mail through it, and what must come of it."""
import glob
import json
import os
import subprocess
import time

from container import Container
import debian

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ("postfix", "rsyslog", "logrotate", "iproute2", "python3", "sasl2-bin",
            "libsasl2-modules", "openssl", "fail2ban", "python3-systemd", "nftables", "curl", "prometheus",
            "prometheus-alertmanager", "nagios4-core", "nagios-nrpe-server", "nagios-nrpe-plugin", "zabbix-agent")
OPTIONAL = "openrc",  # in Debian 13 it can't be beside systemd
CONF = "/etc/relaywatch/relaywatch.conf"
EXAMPLES = "/usr/share/doc/relaywatch/examples"

WORLD = "198.51.100.25"  # where all mail for the outside goes; not loopback, that would be ourselves
# Strangers whose mail is let through, each in a network of its own: else several of them would be one
# attack.
HOLES = "203.0.113.0/24", "198.18.0.0/15"
POSTFIX = {
    "myhostname": "mx.example.org", "mydomain": "example.org", "myorigin": "example.org",
    "mydestination": "example.org, mx.example.org, localhost", "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4", "mynetworks": "127.0.0.0/8, 192.0.2.0/24", "relayhost": "",
    "relay_domains": "", "default_transport": f"smtp:[{WORLD}]", "alias_maps": "",
    "relay_transport": "$default_transport",
    "smtpd_authorized_xclient_hosts": "127.0.0.0/8", "disable_dns_lookups": "yes",
    "smtpd_client_connection_count_limit": "0", "smtpd_client_connection_rate_limit": "0",
    "compatibility_level": "3.6", "smtpd_peername_lookup": "no", "smtp_tls_security_level": "none",
    "smtpd_tls_security_level": "none", "local_recipient_maps": "static:all", "home_mailbox": "Maildir/",
    "mailbox_command": "/bin/true",
    "smtpd_relay_restrictions": "permit_mynetworks, check_client_access cidr:{ "
                                + ", ".join(f"{{{hole} OK}}" for hole in HOLES)
                                + " }, reject_unauth_destination"}
# As Debian's own, and mail once more with RFC 3339 dates.
RSYSLOG = """module(load="imuxsock")
$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat
$FileGroup adm
$FileCreateMode 0640
*.*;auth,authpriv.none /var/log/syslog
mail.* /var/log/mail.log
mail.* action(type="omfile" file="/var/log/mail.iso.log" template="RSYSLOG_FileFormat")
"""
STEPS = []


class Skip(Exception):
    """Why a step can't be made here."""


def step(function):
    STEPS.append(function)
    return function


# --- what must be --------------------------------------------------------------------------------


def expect(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: {got!r}, want {want!r}")


def expect_in(what, text, *words):
    for word in words:
        if word not in text:
            raise AssertionError(f"{what}: no {word!r} in:\n{text}")


def expect_narrow(what, text, columns):
    """Commands, indented by four, are not broken."""
    expect(f"lines of {what} over {columns} columns",
           [line for line in text.splitlines() if len(line) > columns and line[:4].strip()], [])


def wait_for(what, want, get, timeout=20):
    """Until get() gives what is wanted; for what happens beside us."""
    end = time.monotonic() + timeout
    while (got := get()) != want and time.monotonic() < end:
        time.sleep(0.1)
    expect(what, got, want)


# --- the lab -------------------------------------------------------------------------------------


def boot(build, release=None):
    """A container that is up, with the packages of the build in its /share, or those of another
    release of Debian, which are built there."""
    root = debian.make_root(release) if release else "/"
    box = Container((HERE, "/e2e"), lower=root)
    try:
        box.prepare(PACKAGES, OPTIONAL)
        if release:
            debian.make_packages(root, box.share)
        else:
            make_packages(build, box.share)
        box.boot()
    except BaseException:
        box.down()
        raise
    return box


def postfix(box, verb):
    """start, restart or stop: Debian 12 has a unit for each instance, and none that waits for it."""
    with open(f"{box.root}/usr/lib/systemd/system/postfix.service", encoding="utf-8") as file:
        unit = "postfix.service" if "Type=forking" in file.read() else "postfix@-.service"
    box.run("systemctl", verb, unit)
    if verb != "stop":
        expect("postfix", box.run("systemctl", "is-active", unit).stdout.strip(), "active")


def start_services(box):
    box.run("ip", "link", "set", "lo", "up")
    box.run("ip", "address", "add", f"{WORLD}/32", "dev", "lo")
    box.start("python3", "/e2e/mail.py", "sink", WORLD)
    box.write("/etc/rsyslog.conf", RSYSLOG)
    box.write("/etc/postfix/main.cf", "")
    box.run("postconf", "-e", *(f"{key} = {value}" for key, value in POSTFIX.items()))
    box.run("postconf", "-F", "*/*/chroot = n")
    box.run("systemctl", "restart", "systemd-journald")
    box.run("systemctl", "start", "syslog.socket", "rsyslog")
    postfix(box, "start")


def send(box, *jobs):
    """Hands mail to Postfix; how many messages it took."""
    return int(box.run("python3", "/e2e/mail.py", "send", stdin=json.dumps(jobs)).stdout)


def attack(box, client, domain, count, to=("a@gmail.com", "b@yahoo.com")):
    sent = send(box, {"client": client, "sender": f"x@{domain}", "to": to, "count": count})
    expect("messages taken", sent, count)


def settle(box):
    """Until nothing but deferred mail is in Postfix's queue, and the logs are written."""
    for _ in range(240):
        if not box.run("find", *(f"/var/spool/postfix/{queue}" for queue in
                                 ("incoming", "active", "maildrop")), "-type", "f").stdout:
            break
        time.sleep(0.25)
    box.run("journalctl", "--sync")


def rows_of(done, *statuses):
    """The rows of --json."""
    if done.returncode not in statuses:
        raise AssertionError(f"{done.args[6:]}: status {done.returncode}: {done.stderr[-300:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def scan(box, *arguments):
    """(incidents, all rows) of a scan inside, where Postfix can be asked."""
    done = box.run("relaywatch", "scan", "--json", *arguments, check=False)
    rows = rows_of(done, 0, 1)
    incidents = [row for row in rows if row["type"] == "incident"]
    expect("exit status", done.returncode, 1 if incidents else 0)
    return incidents, rows


# --- the package ------------------------------------------------------------------------------


def make_packages(build, directory):
    """The package of a build twice: the second is what an upgrade brings."""
    for release in "1", "2":
        done = subprocess.run(["cpack", "-G", "DEB", "--config", f"{build}/CPackConfig.cmake", "-B",
                               directory, "-D", f"CPACK_DEBIAN_PACKAGE_RELEASE={release}"],
                              capture_output=True, text=True, cwd=directory, check=False)
        if done.returncode:
            raise RuntimeError(f"no package: {done.stderr[-300:]}")
        deb = glob.glob(f"{directory}/relaywatch_*-{release}_*.deb")[0]
        os.rename(deb, f"{directory}/relaywatch-{release}.deb")
    if os.path.exists(f"{build}/relaywatch-kafka"):
        make_kafka(build, directory)


def make_kafka(build, directory):
    """The package that goes with the first, and the mock of a cluster."""
    for command in (["cpack", "-G", "DEB", "--config", f"{build}/CPackKafkaConfig.cmake", "-B", directory],
                    ["cc", "-D_GNU_SOURCE", "-o", f"{directory}/kafka_cluster",
                     f"{os.path.dirname(HERE)}/kafka_cluster.c", "-lrdkafka"]):
        done = subprocess.run(command, capture_output=True, text=True, cwd=directory, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr[-300:]}")
    os.rename(glob.glob(f"{directory}/relaywatch-kafka_*.deb")[0], f"{directory}/relaywatch-kafka.deb")


def apt(box, *arguments):
    box.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y",
            "--no-install-recommends", *arguments)


# --- the service ---------------------------------------------------------------------------------


def ask(box, *arguments):
    """What the daemon answers."""
    return rows_of(box.run("relaywatch", *arguments, "--json", check=False), 0)


def status(box):
    return next(row for row in ask(box, "status") if row["type"] == "status")


def incidents(box):
    """What the daemon holds, by the key's value."""
    return {list(row["key"].values())[0]: row for row in ask(box, "incidents", "--all")}


def figures_become(box, key, **figures):
    """Waits until an incident has just these; returns it."""
    wait_for(f"incident {key}", figures, lambda: {name: incidents(box).get(key, {}).get(name)
                                                  for name in figures})
    return incidents(box)[key]


def show(box, *properties):
    done = box.run("systemctl", "show", "relaywatch", *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def main_pid(box):
    return int(show(box, "MainPID")["MainPID"])


def runs(box):
    wait_for("service", {"ActiveState": "active", "SubState": "running"},
             lambda: show(box, "ActiveState", "SubState"))


def set_keys(box, section, **keys):
    """Edits the settings file: a key gets its value in the place where its default stands."""
    lines, inside = [], False
    for line in box.read(CONF).splitlines():
        inside = line == f"[{section}]" if line.startswith("[") else inside
        key = line.lstrip("#").split(" =")[0]
        lines.append(f"{key} = {keys.pop(key)}" if inside and key in keys else line)
    expect(f"keys that [{section}] lacks", keys, {})
    box.write(CONF, "\n".join(lines) + "\n")


def reload(box, status=0):
    """Until the daemon has read its settings again, or the reload has said why not; what was said."""
    mark = journal_end(box)
    expect("reload", box.run("systemctl", "reload", "relaywatch", check=False).returncode, status)
    ends = "settings read again", "the settings are bad"
    wait_for("settings read", True, lambda: any(end in text for text in said(box, mark)
                                                for end in ends))
    return "\n".join(said(box, mark))


def begin_anew(box, **source):
    """With the settings as they come, but for [source], and without what was before: more than three
    attackers at once are one incident, the host's."""
    box.run("systemctl", "stop", "relaywatch")
    box.run("systemctl", "reset-failed", "relaywatch")
    box.run("sh", "-c", "rm -f /var/lib/relaywatch/*")
    box.write(CONF, box.run("relaywatch", "check", "--defaults").stdout)
    set_keys(box, "source", backfill="0s", **source)
    box.run("systemctl", "start", "relaywatch")
    runs(box)
    expect("incidents", incidents(box), {})


# --- the READMEs of the examples ------------------------------------------------------------------


def typed(readme):
    """Its commands, block by block; the editor is us."""
    blocks = [[]]
    for line in readme.split("## What to know")[0].splitlines():
        if line.startswith("    "):
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(line for line in block if not line.startswith("editor ")) for block in blocks if block]


# --- the journal ---------------------------------------------------------------------------------


def journal(box, *arguments):
    done = box.run("journalctl", "-o", "json", "--no-pager", "--all", *arguments)
    return [json.loads(line) for line in done.stdout.splitlines()]


def journal_end(box):
    """A cursor: what the daemon says later comes after it. Of the daemon's last entry: journalctl
    passes over one that matches after any other."""
    box.run("journalctl", "--sync")
    return journal(box, "-t", "relaywatch", "-n", "1")[0]["__CURSOR"]


def said(box, cursor):
    """What the daemon wrote since."""
    return [entry["MESSAGE"] for entry in journal(box, "-t", "relaywatch", "--after-cursor", cursor)]


def alerts(box, incident_id, event="raised"):
    """The journal's entries of one incident."""
    return journal(box, "-t", "relaywatch", f"RELAYWATCH_ID={incident_id}",
                   f"RELAYWATCH_EVENT={event}")
