"""A machine with Postfix that was abused, and relaywatch installed on it."""
from kit import (CONF, alerts, apt, ask, expect, expect_in, expect_narrow, incidents, journal, runs,
                 send, settle, show, start_services, step, wait_for)


@step
def services_run(box):
    """systemd, Postfix, rsyslog and the world outside come up."""
    start_services(box)


@step
def mail_is_relayed(box):
    """Strangers use the hole; a partner writes to us, our own host writes out, others are refused."""
    jobs = [{"client": "203.0.113.7", "sender": "x@pills.example",
             "to": [f"a{i}@gmail.com", f"b{i}@yahoo.com"], "count": 10} for i in range(4)]
    jobs += [{"client": "198.51.100.9", "sender": "p@partner.example", "to": ["root@example.org"],
              "count": 12},
             {"client": "192.0.2.5", "sender": "root@example.org", "to": ["c@customer.example"],
              "count": 15},
             {"client": "198.51.100.66", "sender": "y@bad.example", "to": ["z@gmail.com"],
              "count": 9}]
    expect("messages taken", send(box, *jobs), 40 + 12 + 15)
    settle(box)


def is_the_relay(incidents):
    expect("incidents", [(row["kind"], row["key"]) for row in incidents],
           [("open-relay", {"client": "203.0.113.7"})])
    row = incidents[0]
    for member, want in {"messages": 40, "recipients": 80, "sent": 80, "deferred": 0, "bounced": 0,
                         "queued": 0, "clients": 1, "sender_domains": ["pills.example"]}.items():
        expect(member, row[member], want)


@step
def package_is_installed(box):
    """The service is enabled and runs, and knows of the attack that came before it."""
    apt(box, "install", "/share/relaywatch-1.deb")
    expect("enabled", box.run("systemctl", "is-enabled", "relaywatch").stdout.strip(), "enabled")
    runs(box)
    want = "Following the journal; 0 messages in flight; 1 incident open"
    wait_for("STATUS", want, lambda: show(box, "StatusText")["StatusText"])
    expect_in("systemctl status", box.run("systemctl", "status", "relaywatch").stdout,
              f'Status: "{want}"', "Active: active (running)")
    is_the_relay(ask(box, "incidents"))
    one = incidents(box)["203.0.113.7"]
    expect("alerts", len(alerts(box, one["id"])), 1)
    expect("restarts", show(box, "NRestarts", "Result"), {"NRestarts": "0", "Result": "success"})
    expect("warnings", [entry["MESSAGE"] for entry in journal(box, "-t", "relaywatch", "-p", "4")
                        if "RELAYWATCH_ID" not in entry], [])


@step
def group_may_ask(box):
    """Members of the group relaywatch may use the control socket, others not."""
    box.run("useradd", "-G", "relaywatch", "mary")
    box.run("runuser", "-u", "mary", "--", "relaywatch", "status")
    done = box.run("runuser", "-u", "nobody", "--", "relaywatch", "status", check=False)
    expect("status for others", done.returncode, 2)
    expect_in("for others", done.stderr, "members of the group relaywatch")


@step
def status_fits_a_screen(box):
    """`relaywatch status` is 80x24 at most, and says what is followed and what was found."""
    text = box.run("relaywatch", "status").stdout
    expect_narrow("status", text, 80)
    expect("lines, at most 24", min(len(text.splitlines()), 24), len(text.splitlines()))
    expect_in("status", text, "the journal", "203.0.113.7", "1 open incident")


@step
def check_says_which_source(box):
    """`relaywatch check` names it and why, and what Postfix said is ours."""
    text = box.run("relaywatch", "check").stdout
    expect_in("check", text, f"settings: {CONF}",
              "source: the journal, systemd is running, and the journal can be read",
              "example.org", "192.0.2.0/24", "no warnings")
    expect_narrow("check", text, 100)
