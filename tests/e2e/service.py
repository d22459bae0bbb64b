"""The service at work: alerts, settings, queue, sources, restarts, forgers."""
import json
import os
import statistics
import threading
import time

from kit import (CONF, alerts, attack, begin_anew, expect, expect_in, figures_become, incidents,
                 journal, journal_end, main_pid, reload, runs, said, scan, send, set_keys, settle,
                 show, status, step, wait_for)


# --- alerts --------------------------------------------------------------------------------------


@step
def alert_has_fields(box):
    """An attack is in the journal within a second, with all that a program wants to know of it."""
    attack(box, "198.18.1.7", "replica.example", 7)
    settle(box)
    one = figures_become(box, "198.18.1.7", messages=7, recipients=14, sent=14, queued=0)
    entry, = alerts(box, one["id"])
    for field, want in {"RELAYWATCH_KIND": "open-relay", "RELAYWATCH_KEY": "198.18.1.7",
                        "RELAYWATCH_KEY_TYPE": "client", "RELAYWATCH_CLIENTS": "1",
                        "RELAYWATCH_SEVERITY": "critical",
                        "PRIORITY": "1", "SYSLOG_FACILITY": "3",
                        "_SYSTEMD_UNIT": "relaywatch.service"}.items():
        expect(field, entry[field], want)
    told = json.loads(entry["RELAYWATCH_JSON"])
    expect("id", (told["id"], told["kind"]), (one["id"], "open-relay"))
    expect_in("advice", entry["RELAYWATCH_ADVICE"], "smtpd_relay_restrictions")
    expect_in("commands", entry["RELAYWATCH_COMMANDS"],
              f"relaywatch queue {one['id']} | postsuper -h -",
              f"relaywatch queue --all {one['id']} | postsuper -d -")
    expect_in("stanza", entry["RELAYWATCH_STANZA"], "[open-relay 198.18.1.7]")


@step
def alert_is_explained(box):
    """`journalctl -x` has the catalog's text below it: what it means and what to do."""
    text = box.run("journalctl", "-t", "relaywatch", "-x", "--no-pager",
                   "RELAYWATCH_KEY=198.18.1.7").stdout
    expect_in("journalctl -x", text, "This server relays for strangers (198.18.1.7)",
              "What to do, first things first:", "relaywatch show or-", "man:relaywatch(8)")
    expect("fields left open", [line for line in text.splitlines() if "@RELAYWATCH" in line], [])


@step
def alert_is_in_syslog(box):
    """rsyslog's file has it once, and nothing that the daemon writes comes back in as input."""
    wait_for("alerts in syslog", 1, lambda: sum(
        " relaywatch[" in line and "open-relay raised" in line and "198.18.1.7" in line
        for line in box.read("/var/log/syslog").splitlines()))
    before = status(box)["lines"]
    mark = journal_end(box)
    box.run("systemctl", "kill", "-s", "USR1", "relaywatch")
    wait_for("counters told", True, lambda: any("(Postfix lines)" in text
                                                for text in said(box, mark)))
    after = status(box)["lines"]
    expect("lines read", [after[name] for name in ("read", "postfix", "unparsed")],
           [before[name] for name in ("read", "postfix", "unparsed")])
    # Read as a file, where they do stand between Postfix's lines, they are nothing either.
    expect("incidents in syslog", len(scan(box, "/var/log/syslog")[0]), 2)


# --- settings ------------------------------------------------------------------------------------


@step
def threshold_is_edited(box):
    """Eight recipients instead of five, by a reload: seven are none, the eighth is one."""
    begin_anew(box)
    set_keys(box, "open-relay", recipients=8)
    pid = main_pid(box)
    expect_in("reload", reload(box), "settings read again")
    expect("pid", main_pid(box), pid)
    attack(box, "198.18.2.7", "watches.example", 7, ["a@gmail.com"])
    settle(box)
    expect("incidents", incidents(box), {})
    attack(box, "198.18.2.7", "watches.example", 1, ["a@gmail.com"])
    settle(box)
    figures_become(box, "198.18.2.7", messages=8, recipients=8, sent=8)


@step
def bad_settings_are_refused(box):
    """With file and line; what held before goes on holding."""
    good = box.read(CONF)
    set_keys(box, "open-relay", recipients=0)
    line = 1 + box.read(CONF).splitlines().index("recipients = 0")
    text = reload(box, status=1)
    expect_in("reload", text, f"{CONF}:{line}: ", "the settings are bad")
    done = box.run("relaywatch", "check", check=False)
    expect("status of check", done.returncode, 2)
    expect_in("check", done.stderr, f"{CONF}:{line}: ")
    runs(box)
    attack(box, "198.18.3.7", "loans.example", 7, ["a@gmail.com"])
    settle(box)
    expect("incidents of the third", incidents(box).get("198.18.3.7"), None)
    box.write(CONF, good)
    expect_in("reload", reload(box), "settings read again")
    attack(box, "198.18.3.7", "loans.example", 1, ["a@gmail.com"])
    settle(box)
    figures_become(box, "198.18.3.7", messages=8)


# --- advice --------------------------------------------------------------------------------------


def in_queue(box, name):
    """The queue IDs of a Postfix queue."""
    rows = [json.loads(line) for line in box.run("postqueue", "-j").stdout.splitlines()]
    return sorted(row["queue_id"] for row in rows if row["queue_name"] == name)


@step
def advice_is_followed(box):
    """What of an attack is still queued is put on hold by the command that the alert names."""
    box.run("postsuper", "-d", "ALL")
    attack(box, "198.18.4.7", "casino.example", 6, ["later@gmail.com", "b@yahoo.com"])
    # Mail of our own that waits too stays out of it.
    send(box, {"client": "192.0.2.5", "sender": "root@example.org", "to": ["later@customer.example"],
               "count": 2})
    attack(box, "198.18.4.7", "casino.example", 5)
    settle(box)
    one = figures_become(box, "198.18.4.7", messages=11, recipients=22, sent=16, deferred=6,
                         queued=6, held=0)
    command = f"relaywatch queue {one['id']} | postsuper -h -"
    expect_in("commands", [row["command"] for row in one["commands"]], command)
    queued = box.run("relaywatch", "queue", one["id"]).stdout.split()
    expect("queue IDs", len(queued), 6)
    box.run("sh", "-c", command)
    expect("held by Postfix", in_queue(box, "hold"), sorted(queued))
    expect("deferred still", len(in_queue(box, "deferred")), 2)
    figures_become(box, "198.18.4.7", queued=6, held=6)
    expect_in("show", box.run("relaywatch", "show", one["id"]).stdout, "6, 6 of them on hold")
    expect("left to hold", box.run("relaywatch", "queue", one["id"]).stdout, "")
    expect("held", sorted(box.run("relaywatch", "queue", "--all", one["id"]).stdout.split()),
           sorted(queued))
    explained = box.run("relaywatch", "explain", queued[0]).stdout
    expect_in("explain", explained, f"part of open-relay, incident {one['id']}")
    lines = explained.split("The lines:\n")[-1]
    for words in "client=", "from=<", "status=deferred", "placed on hold":
        expect_in("lines of the journal", lines, words)
    expect("lines of it alone", [line for line in lines.splitlines() if queued[0] not in line], [])
    # Not `postsuper -d ALL hold`: that does not log whom it deletes.
    box.run("sh", "-c", f"relaywatch queue --all {one['id']} | postsuper -d -")
    figures_become(box, "198.18.4.7", queued=0, held=0)


# --- files ---------------------------------------------------------------------------------------


class Attack(threading.Thread):
    """Sends, beside what else happens, so many messages a second; `sent` are those that were
    taken."""

    def __init__(self, box, client, domain, count, pause=0.05):
        super().__init__()
        self.box, self.job, self.sent = box, {"client": client, "sender": f"x@{domain}",
                                              "to": ["a@gmail.com", "b@yahoo.com"],
                                              "count": count, "pause": pause}, 0
        self.start()

    def run(self):
        self.sent = send(self.box, self.job)


@step
def file_is_followed(box):
    """type = file by a reload, while no mail flows and with backfill = 0s: what the journal has told
    already does not count again."""
    begin_anew(box)
    attack(box, "198.18.5.7", "tickets.example", 10)
    settle(box)
    before = figures_become(box, "198.18.5.7", messages=10, recipients=20, sent=20)
    seen = status(box)["messages"]["seen"]
    time.sleep(2)  # the file's dates are whole seconds
    set_keys(box, "source", type="file", files="/var/log/mail.log")
    expect_in("reload", reload(box), "following /var/log/mail.log ([source] files)")
    expect_in("check", box.run("relaywatch", "check").stdout,
              "source: /var/log/mail.log, [source] files")
    wait_for("catching up", False, lambda: status(box)["source"]["catching_up"])
    expect("messages seen", status(box)["messages"]["seen"], seen)
    attack(box, "198.18.5.7", "tickets.example", 3)
    settle(box)
    after = figures_become(box, "198.18.5.7", messages=13, recipients=26, sent=26)
    expect("id", after["id"], before["id"])


def rotate(box):
    box.run("logrotate", "-f", "/etc/logrotate.d/rsyslog")


@step
def rotation_loses_nothing(box):
    """Four logrotate runs while mail flows, and kill -9 and restart between them: each counts once."""
    box.run("sh", "-c", "rm -f /var/log/mail.log*")  # who is in it already, a scan would see too
    box.run("systemctl", "kill", "-s", "HUP", "rsyslog")
    begin_anew(box, type="file", files="/var/log/mail.log")
    flow = Attack(box, "198.18.6.7", "coins.example", 120)
    for what in "", "", "kill -9", "restart":
        time.sleep(1.2)
        if what == "kill -9":
            kill(box)
        rotate(box)
        if what == "restart":
            box.run("systemctl", "restart", "relaywatch")
    flow.join()
    settle(box)
    expect("messages taken", flow.sent, 120)
    runs(box)
    one = figures_become(box, "198.18.6.7", messages=120, recipients=240, sent=240, queued=0)
    expect("incidents", len(incidents(box)), 1)
    expect("alerts", len(alerts(box, one["id"])), 1)
    names = sorted(name for name in os.listdir(f"{box.root}/var/log")
                   if name.startswith("mail.log"))
    expect("logs", names, ["mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.3.gz",
                           "mail.log.4.gz"])
    found, = scan(box, *(f"/var/log/{name}" for name in names))[0]
    expect("the same of a scan", [found[name] for name in ("id", "messages", "recipients")],
           [one["id"], 120, 240])


# --- restarts ------------------------------------------------------------------------------------


def kill(box):
    restarts = int(show(box, "NRestarts")["NRestarts"])
    box.run("systemctl", "kill", "-s", "KILL", "--kill-who=main", "relaywatch")
    return restarts + 1


@step
def journal_is_followed_again(box):
    """And back to the journal, by a restart, which goes on with the same incidents."""
    before = incidents(box)
    time.sleep(2)
    set_keys(box, "source", type="auto", files="")
    box.run("systemctl", "restart", "relaywatch")
    runs(box)
    expect_in("check", box.run("relaywatch", "check").stdout, "source: the journal, ")
    wait_for("catching up", False, lambda: status(box)["source"]["catching_up"])
    expect("incidents", incidents(box), before)


@step
def killed_it_goes_on(box):
    """kill -9, mail meanwhile, systemd starts it again: the same incident, all mail, one alert."""
    begin_anew(box)
    mark = journal_end(box)
    attack(box, "198.18.7.7", "parcels.example", 20, ["later@gmail.com", "b@yahoo.com"])
    settle(box)
    figures_become(box, "198.18.7.7", messages=20, sent=20, deferred=20, queued=20)
    pid, restarts = main_pid(box), kill(box)
    attack(box, "198.18.7.7", "parcels.example", 20)
    settle(box)
    wait_for("restarts", restarts, lambda: int(show(box, "NRestarts")["NRestarts"]))
    runs(box)
    expect("another process", main_pid(box) != pid, True)
    one = figures_become(box, "198.18.7.7", messages=40, recipients=80, sent=60, deferred=20,
                         queued=20)
    box.run("systemctl", "restart", "relaywatch")
    attack(box, "198.18.7.7", "parcels.example", 10)
    settle(box)
    figures_become(box, "198.18.7.7", messages=50, recipients=100, sent=80, queued=20)
    expect("alerts", len(alerts(box, one["id"])), 1)
    expect("incidents", len(incidents(box)), 1)
    expect("starts from the saved state", sum(text == "continuing from the saved state"
                                              for text in said(box, mark)), 2)
    expect("queue IDs", len(box.run("relaywatch", "queue", one["id"]).stdout.split()), 20)
    box.run("sh", "-c", f"relaywatch queue {one['id']} | postsuper -d -")


# --- forgery -------------------------------------------------------------------------------------


LOGGER = "logger -p mail.info --id=99 -t postfix/{} '{}'"
POSTLOG = "postlog -t postfix/{} '{}'"


def as_nobody(box, script):
    box.run("runuser", "-u", "nobody", "--", "sh", "-c", script)


def as_forward_pipe(box, script):
    """local(8) runs it, in Postfix's own unit."""
    home = "/home/mallory"
    box.run("sh", "-c", "id mallory || useradd -m mallory")
    box.write(f"{home}/forge", f"#!/bin/sh\ncat >/dev/null\n{script}\n", 0o755)
    box.write(f"{home}/.forward", f"|{home}/forge\n")
    box.run("chown", "-R", "mallory", home)
    box.run("sendmail", "mallory@example.org", stdin="Subject: go\n\n")
    settle(box)


def forge(box, client, count, command=LOGGER, run=as_nobody):
    """A local user writes down an attack that there never was; how many lines that are."""
    lines = []
    for number in range(count):
        queue_id = f"F0{number:08X}"
        lines += [("smtpd", f"{queue_id}: client=unknown[{client}]"),
                  ("cleanup", f"{queue_id}: message-id=<{number}@forged.example>"),
                  ("qmgr", f"{queue_id}: from=<x@forged.example>, size=300, nrcpt=1 (queue active)"),
                  ("smtp", f"{queue_id}: to=<a@gmail.com>, relay=gmail.com[198.51.100.25]:25, "
                           "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"),
                  ("qmgr", f"{queue_id}: removed")]
    run(box, "\n".join(command.format(program, text) for program, text in lines))
    box.run("journalctl", "--sync")
    return len(lines)


def refused(box):
    return status(box)["lines"]["refused_sender"]


@step
def forgery_is_refused(box):
    """What a local user writes in Postfix's name is counted, and nothing else comes of it."""
    begin_anew(box)
    before = refused(box)
    forged = forge(box, "198.18.8.7", 12)
    wait_for("lines not believed", before + forged, lambda: refused(box))
    expect("of the forger", incidents(box).get("198.18.8.7"), None)
    expect_in("status", box.run("relaywatch", "status").stdout, f"{forged} not believed")


@step
def forgery_by_postfix_is_refused(box):
    """Neither Postfix's own program for it nor Postfix's unit makes a user's lines Postfix's."""
    begin_anew(box)
    for client, command, run in (("198.18.8.8", POSTLOG, as_nobody),
                                 ("198.18.8.9", LOGGER, as_forward_pipe)):
        before = refused(box)
        forged = forge(box, client, 12, command, run)
        wait_for("lines not believed", before + forged, lambda: refused(box))
        expect("of the forger", incidents(box).get(client), None)


@step
def forgery_counts_where_allowed(box):
    """journal_check_sender = no by a reload: then it can't be told from Postfix's."""
    begin_anew(box)
    set_keys(box, "source", journal_check_sender="no")
    reload(box)
    before = refused(box)
    forge(box, "198.18.9.7", 12)
    figures_become(box, "198.18.9.7", messages=12, recipients=12, sent=12)
    expect("lines not believed", refused(box), before)
    set_keys(box, "source", journal_check_sender="yes")
    reload(box)
    forged = forge(box, "198.18.9.7", 3)
    wait_for("lines not believed", before + forged, lambda: refused(box))
    figures_become(box, "198.18.9.7", messages=12)


# --- latency -------------------------------------------------------------------------------------

ROUNDS = 20


def microseconds(entry):
    return int(entry.get("_SOURCE_REALTIME_TIMESTAMP", entry["__REALTIME_TIMESTAMP"]))


def latency(box, client, domain):
    """From the record of the delivery that decides to the alert, and when that was; microseconds."""
    attack(box, client, domain, 1, [f"a{number}@gmail.com" for number in range(5)])
    wait_for("incident", True, lambda: client in incidents(box))
    box.run("journalctl", "--sync")
    alert, = alerts(box, incidents(box)[client]["id"])
    queue_id, = incidents(box)[client]["queue_ids"]
    records = [entry for entry in journal(box, "-t", "postfix/smtp", "-n", "40")
               if entry["MESSAGE"].startswith(f"{queue_id}: to=<")]
    expect("records", len(records), 5)
    return microseconds(alert) - microseconds(records[-1]), microseconds(alert)


def in_ms(took):
    return (f"median {statistics.median(took) / 1000:.1f} ms, {min(took) / 1000:.1f} to "
            f"{max(took) / 1000:.1f} ms")


def latencies(box, what, network, watched, **source):
    """Of it, ours is what comes after the kernel told that the log, `watched`, has changed; below 0
    where it woke watch.py after us."""
    box.start("sh", "-c", f"exec python3 /e2e/watch.py {watched} >/share/changes-{what}")
    took, ours = [], []
    for number in range(ROUNDS):
        begin_anew(box, **source)
        us, at = latency(box, f"198.18.{network + number}.7", f"shop{number}.example")
        with open(f"{box.share}/changes-{what}", encoding="ascii") as changes:
            told = min((int(line) for line in changes), key=lambda change: abs(change - at))
        took.append(us)
        ours.append(at - told)
    print(f"     latency of {ROUNDS} alerts, {what}: {in_ms(took)}; of it ours: {in_ms(ours)}",
          flush=True)
    expect("longer than 2 s", [us for us in took if us > 2000000], [])


@step
def alert_is_quick_from_journal(box):
    """How long from Postfix's record to the alert. journald tells its readers only after 250 to 500
    ms: a timer of its own, and the slack of that, up to the next point of a grid of 250 ms that each
    boot has elsewhere. So the median of one boot says little."""
    latencies(box, "journal", 50, "/var/log/journal/*/system.journal")


@step
def alert_is_quick_from_file(box):
    """The same through rsyslog's file, which is told of at once."""
    latencies(box, "file", 100, "/var/log/mail.log", type="file", files="/var/log/mail.log")
