"""The scripts of conf/examples/notify and the jail of conf/examples/fail2ban, as their READMEs say, beside
the installed service."""
import email
import email.policy
import json

from kit import (EXAMPLES, attack, begin_anew, expect, expect_in, runs, set_keys, settle, step, typed,
                 wait_for)

FOLDER = f"{EXAMPLES}/notify"
MAILBOX, POSTED = "/var/tmp/alerts", "/var/tmp/posted"
HOOK = """
import http.server
class Take(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("%s", "ab") as to:
            to.write(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8099), Take).serve_forever()
""" % POSTED
SETTINGS = """[mail]
script = mail
to = alerts@example.org
limit = 20
[hook]
script = webhook
format = generic
url = http://127.0.0.1:8099/
"""


def mails(box):
    """Those of the mailbox, in its order."""
    text = "\n" + box.run("cat", MAILBOX, check=False).stdout
    return [email.message_from_string(mail.split("\n", 1)[1], policy=email.policy.default)
            for mail in text.split("\nFrom ")[1:]]


def set_aliases(box, value):
    box.run("postconf", "-e", f"alias_maps = {value}")
    box.run("postfix", "reload")


@step
def alerts_leave_the_sandbox(box):
    """Without the drop-in there is no way out, and test-alert says so; with it come a mail with the
    report and a post."""
    box.write("/etc/aliases", f"alerts: {MAILBOX}\n")
    box.run("postalias", "hash:/etc/aliases")
    set_aliases(box, "hash:/etc/aliases")
    box.start("python3", "-c", HOOK)
    begin_anew(box, type="journal")
    scripts, drop_in, settings, trial = typed(box.read(f"{FOLDER}/README.md"))
    box.run("sh", "-ec", scripts)
    box.write("/etc/relaywatch/notify.ini", SETTINGS)
    set_keys(box, "alert", **dict(line.split(" = ", 1) for line in settings.split("\n")[1:]))
    box.run("systemctl", "restart", "relaywatch")
    runs(box)
    done = box.run("relaywatch", "test-alert", check=False)
    expect("exit status without the drop-in", done.returncode, 1)
    expect_in("what it says", done.stdout, "ok      the journal: took it", "FAILED  command: exited with status 1",
              "mail: localhost:25: ", "hook: 127.0.0.1:8099: ")
    box.run("sh", "-ec", f"cd {FOLDER}\n{drop_in}")
    box.run("sh", "-c", trial.rsplit("\n", 1)[0])
    runs(box)
    done = box.run("relaywatch", "test-alert", check=False)
    expect("test-alert", (done.returncode, done.stdout),
           (0, "ok      the journal: took it\nok      command: exited with status 0\n"))
    attack(box, "198.18.7.7", "notify.example", 7)
    settle(box)
    wait_for("mails", 2, lambda: len([mail for mail in mails(box) if "blind" not in mail["Subject"]]))
    test, raised = [mail for mail in mails(box) if "blind" not in mail["Subject"]]
    expect_in("the test", test["Subject"], "relaywatch TEST on ")
    expect_in("the alert", raised["Subject"], "relaywatch critical: open-relay raised, client 198.18.7.7 on ")
    text, report = list(raised.iter_parts())
    expect_in("show", text.get_content(), "postsuper -h -", "smtpd_relay_restrictions")
    expect("report", (report.get_content_type(), report.get_content()[:15]), ("text/html", "<!DOCTYPE html>"))
    posted = [json.loads(line) for line in box.read(POSTED).splitlines()]
    expect("posted", [row["event"] for row in posted if row["type"] != "warning"], ["test", "raised"])
    box.run("rm", "-r", "/etc/systemd/system/relaywatch.service.d/notify.conf", "/etc/relaywatch/notify.ini",
            "/usr/local/lib/relaywatch")
    box.run("systemctl", "daemon-reload")
    set_aliases(box, "")


@step
def stranger_is_banned(box):
    """By fail2ban, from the journal; and nobody whom another user's lines name."""
    box.run("rm", "-f", "/etc/fail2ban/jail.d/defaults-debian.conf")  # there is no sshd in here
    begin_anew(box, type="journal")
    commands = typed(box.read(f"{EXAMPLES}/fail2ban/README.md").split("`backend")[0])[0]
    box.run("sh", "-ec", commands.rsplit("\n", 1)[0])
    wait_for("the jail", 0, lambda: box.run("fail2ban-client", "status", "relaywatch", check=False).returncode)
    box.run("logger", "-t", "relaywatch", "-i", 'open-relay raised severity=critical client="203.0.113.99" recipients=5 x')
    attack(box, "198.18.7.8", "banned.example", 7)
    settle(box)
    # Those of before, too: it reads back a day.
    wait_for("banned", {"198.18.7.8": True, "203.0.113.99": False}, lambda: {
        address: address in box.run("fail2ban-client", "get", "relaywatch", "banip").stdout.split()
        for address in ("198.18.7.8", "203.0.113.99")})
    expect_in("the firewall", box.run("nft", "list", "ruleset").stdout, "198.18.7.8")
    box.run("systemctl", "stop", "fail2ban")
    box.run("rm", "/etc/fail2ban/jail.d/relaywatch.conf", "/etc/fail2ban/filter.d/relaywatch.conf")
