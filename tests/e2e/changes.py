"""Postfix's settings change under traffic, and nobody tells relaywatch."""
import json
import re
import threading

from kit import (alerts, attack, begin_anew, expect, figures_become, incidents, journal, journal_end,
                 postfix, scan, send, settle, status, step, wait_for)
from service import kill

RESTART, RELOAD = "restart", "reload"


class Flow(threading.Thread):
    """Mail beside what else happens, each message on a connection of its own, so that Postfix's
    newest settings hold for it; until end() is called, which returns how many were taken."""

    def __init__(self, box, client, to, sender="x@flow.example"):
        super().__init__(daemon=True)
        self.box, self.taken, self.over = box, 0, False
        self.job = {"client": client, "sender": sender, "to": to, "count": 1, "patient": True}
        self.start()

    def run(self):
        while not self.over:
            self.taken += send(self.box, *[self.job] * 10)

    def goes_on(self):
        before = self.taken
        wait_for("mail taken", True, lambda: self.taken >= before + 30)

    def end(self):
        self.over = True
        self.join()
        settle(self.box)
        return self.taken


def set_postfix(box, how, *settings):
    box.run("postconf", "-e", *settings)
    if how == RELOAD:
        box.run("postfix", "reload")
    else:
        postfix(box, how)


def told_since(box, cursor, field, event=None):
    return [entry[field] for entry in journal(box, "-t", "relaywatch", "--after-cursor", cursor)
            if field in entry and event in (None, entry.get("RELAYWATCH_EVENT"))]


def raised_since(box, cursor):
    return told_since(box, cursor, "RELAYWATCH_KEY", "raised")


@step
def relay_domain_is_added(box):
    """relay_domains and postfix reload, while a stranger writes to that domain: no alert, not even
    one that is withdrawn. For another domain there is one."""
    begin_anew(box)
    mark = journal_end(box)
    flow = Flow(box, "198.51.100.9", ["a@gateway.example"])
    try:
        expect("before: taken", send(box, flow.job, flow.job), 0)
        set_postfix(box, RELOAD, "relay_domains=gateway.example")
        wait_for("mail taken", True, lambda: flow.taken > 100)
        taken = flow.end()
        wait_for("messages seen", taken, lambda: status(box)["messages"]["seen"])
        box.run("journalctl", "--sync")
        expect("alerts", raised_since(box, mark), [])
        expect("incidents", incidents(box), {})
        attack(box, "198.18.20.7", "y.example", 6, ["a@other.example"])
        figures_become(box, "198.18.20.7", messages=6, recipients=6)
        wait_for("alerts", ["198.18.20.7"], lambda: raised_since(box, mark))
    finally:
        flow.end()
        set_postfix(box, RELOAD, "relay_domains=")


@step
def relay_is_opened(box):
    """By a restart of Postfix: said within a minute."""
    begin_anew(box)
    for code, setting in (("mynetworks-too-wide", "mynetworks=0.0.0.0/0"),
                          ("relay-restrictions-open", "smtpd_relay_restrictions=permit")):
        name = setting.split("=")[0]
        was = box.run("postconf", "-h", name).stdout.strip()
        mark = journal_end(box)
        set_postfix(box, RESTART, setting)
        wait_for("warning", True, lambda: code in told_since(box, mark, "RELAYWATCH_WARNING"), 60)
        expect("in status", code in [row["code"] for row in status(box)["warnings"]], True)
        set_postfix(box, RESTART, f"{name}={was}")


def followed(box):
    """What the daemon follows; None while there is none."""
    done = box.run("relaywatch", "status", "--json", check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return next((row["source"]["text"] for row in rows if row["type"] == "status"), None)


def whole_messages(text):
    """How many messages have all of their lines in this log."""
    came = set(re.findall(r"([0-9A-F]{6,}): client=[^ ]*\[198\.18\.21\.7\]", text))
    sent = re.findall(r"([0-9A-F]{6,}): to=[^ ]*, .*?status=sent", text)
    return sum(sent.count(queue_id) == 2 for queue_id in came)


@step
def maillog_file_moves(box):
    """An attack goes on while Postfix's log moves from the journal into a file, into another, and
    back, and the daemon is killed meanwhile: each message counts once, as in a scan of all."""
    begin_anew(box)
    mark, files = journal_end(box), ("/var/log/postfix/first", "/var/log/postfix/second")
    box.run("mkdir", "-p", "/var/log/postfix")
    # An overlay does not say when a file changes.
    box.run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/var/log/postfix")
    for file in files:  # postlog(1) would make it for root alone
        box.run("touch", file)
    moves = (RELOAD, files[0]), (RESTART, files[1]), (RELOAD, "")
    flow = Flow(box, "198.18.21.7", ["a@gmail.com", "b@yahoo.com"])
    try:
        for how, file in moves:
            flow.goes_on()
            set_postfix(box, how, f"maillog_file={file}")
            flow.goes_on()
            if how == RESTART:
                kill(box)
            wait_for("followed", file or "the journal", lambda: followed(box), 60)
    finally:
        taken = flow.end()
        set_postfix(box, RESTART, "maillog_file=")
    box.run("sh", "-c", f"journalctl -o json --after-cursor '{mark}' >/tmp/journal.json")
    # Of a message whose lines lie in two logs, with clocks that differ in precision, the end may
    # come before the beginning.
    whole = sum(whole_messages(box.run("cat", path).stdout) for path in
                ("/tmp/journal.json", *files))
    found, = scan(box, "/tmp/journal.json", *files)[0]
    expect("whole and taken", min(taken, whole, found["messages"]), min(taken, whole))
    expect("most are whole", whole * 10 >= taken * 9, True)
    one = figures_become(box, "198.18.21.7", id=found["id"], queued=0)
    expect("the daemon's, whole", min(whole, one["messages"]), whole)
    expect("the daemon's, no more than taken", max(taken, one["messages"]), taken)
    expect("alerts", len(alerts(box, one["id"])), 1)
    print(f"     {found['messages']} messages in {len(moves)} moves", flush=True)
