"""Postfix's settings change under traffic, and nobody tells relaywatch."""
import threading

from kit import (attack, begin_anew, expect, figures_become, incidents, journal, journal_end, send,
                 settle, status, step, wait_for)

RESTART = "systemctl", "restart", "postfix@-.service"
RELOAD = "postfix", "reload"


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

    def end(self):
        self.over = True
        self.join()
        settle(self.box)
        return self.taken


def set_postfix(box, how, *settings):
    box.run("postconf", "-e", *settings)
    box.run(*how)


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
