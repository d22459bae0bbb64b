"""From the alert to a clean queue by what is printed, pasted as it stands and in order. Other people's
mail that waits beside it stays; the same attack again is refused, or ends in nothing."""
import json
import os

from kit import (POSTFIX, alerts, begin_anew, expect, expect_in, incidents, send, settle, step,
                 wait_for)

COMMANDS_MAX = 5  # from the alert to a clean queue
LATER = "later@gmail.com"  # what is for it waits in the queue
KEEPSAKE = os.environ.get("E2E_TRANSCRIPT")  # a file to which what was typed and seen is added


def keep(text):
    if KEEPSAKE:
        with open(KEEPSAKE, "a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")


def typed(box, command):
    """Pasted by root, into the shell that is the narrower one."""
    done = box.run("sh", "-c", command, check=False)
    keep(f"# {command}\n{done.stdout}{done.stderr}")
    expect(f"status of {command}: {done.stderr}", done.returncode, 0)
    return done.stdout


def printed(box, one):
    """(what, command) of `relaywatch show`, in order; the alert has the same ones."""
    shown = typed(box, f"relaywatch show {one['id']}").split("  in this order, as root:\n")[1]
    lines = [line[4:] for line in shown.splitlines() if line.startswith("    ")]
    pairs = []
    while lines and lines[0].startswith("# "):
        pairs.append((lines.pop(0)[2:], lines.pop(0)))
    expect("commands of --json", [command for _, command in pairs],
           [row["command"] for row in one["commands"]])
    return pairs


def waiting(box):
    """Senders of what is in Postfix's queue, by queue ID."""
    rows = [json.loads(line) for line in box.run("postqueue", "-j").stdout.splitlines()]
    return {row["queue_id"]: row["sender"] for row in rows}


def wait_for_incident(box, kind):
    settle(box)
    wait_for(kind, True, lambda: kind in [row["kind"] for row in incidents(box).values()])
    found = [row for row in incidents(box).values() if row["kind"] == kind]
    expect(kind, len(found), 1)
    expect("alerts", len(alerts(box, found[0]["id"])), 1)
    return found[0]


class Settings:
    """Postfix as it was, afterwards."""

    def __init__(self, box):
        self.box, self.main = box, box.read("/etc/postfix/main.cf")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.box.write("/etc/postfix/main.cf", self.main)
        self.box.run("sh", "-c", "rm -f /etc/postfix/relaywatch_*")  # the tables that were typed
        self.box.run("postfix", "reload")
        self.box.run("postsuper", "-d", "ALL")


def set_postfix(box, *settings):
    box.run("postconf", "-e", *settings)
    box.run("postfix", "reload")


def innocent_mail(box):
    """Of our own people, and of our own programs; it waits, too."""
    send(box, {"client": "192.0.2.5", "sender": "root@example.org", "to": ["later@customer.example"],
               "count": 2})
    box.run("sendmail", "later@customer.example", stdin="Subject: of cron\n\nx\n")
    settle(box)
    mail = waiting(box)
    expect("mail of our own", len(mail), 3)
    return mail


def begin(box, name):
    keep(f"\n=== {name}\n")
    box.run("postsuper", "-d", "ALL")
    begin_anew(box)
    return innocent_mail(box)


def paste_all(box, one, more):
    """All that is printed, in order. `more` is called before the cure: the attack goes on
    meanwhile."""
    keep(alerts(box, one["id"])[0]["MESSAGE"])
    pairs = printed(box, one)
    names = [what for what, _ in pairs]
    emptied = next(i for i, what in enumerate(names) if what.startswith("empty the queue"))
    expect("commands until the queue is clean, at most five", min(emptied + 1, COMMANDS_MAX),
           emptied + 1)
    seen = []
    for number, (what, command) in enumerate(pairs):
        keep(f"# # {what}")
        if number == 1:
            more()
            settle(box)
        seen.append(typed(box, command))
        if number == emptied:
            settle(box)
    return names, seen


def queue_is_clean(box, one, innocent):
    wait_for("queued", "", lambda: box.run("relaywatch", "queue", "--all", one["id"]).stdout)
    keep(f"# mailq\n{box.run('mailq').stdout}")
    expect("what waits", waiting(box), innocent)


def taken_again(box, job):
    """How many messages of the attack Postfix takes now."""
    try:
        return send(box, job)
    except RuntimeError as refused:  # at DATA
        expect_in("refused", str(refused), "Access denied")
        return 0


@step
def open_relay_to_clean_queue(box):
    with Settings(box):
        innocent = begin(box, "open_relay")
        job = {"client": "198.18.30.7", "sender": "x@lottery.example",
               "to": [LATER, "b@yahoo.com"], "count": 8}
        expect("taken", send(box, job), 8)
        one = wait_for_incident(box, "open-relay")
        _, seen = paste_all(box, one, lambda: send(box, job))
        expect_in("look at one", seen[1], "lottery.example")
        queue_is_clean(box, one, innocent)
        expect("taken again", taken_again(box, job), 0)


PASSWORD = "correct horse"
SASL = "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"


def make_logins(box, *logins):
    """Postfix asks Cyrus SASL, which has them in a file."""
    box.write("/etc/postfix/sasl/smtpd.conf", SASL)
    for login in logins:
        box.run("saslpasswd2", "-p", "-c", "-u", POSTFIX["myhostname"], login, stdin=PASSWORD)
    box.run("chgrp", "postfix", "/etc/sasldb2")
    box.run("chmod", "640", "/etc/sasldb2")
    set_postfix(box, "smtpd_sasl_auth_enable=yes",
                "smtpd_relay_restrictions=permit_mynetworks, permit_sasl_authenticated, "
                "reject_unauth_destination")


def is_let_in(box, login, password):
    try:
        send(box, {"client": "203.0.113.99", "login": login, "password": password, "sender": "x",
                   "to": [], "count": 0})
        return True
    except RuntimeError as refused:
        expect_in("refused", str(refused), "SMTPAuthenticationError")
        return False


def stolen_login(box, name, login):
    """A botnet has the password of one of two."""
    with Settings(box):
        make_logins(box, login, "john")
        expect("a wrong password", is_let_in(box, login, "x"), False)
        innocent = begin(box, name)
        jobs = [{"client": f"203.0.113.{n}", "login": login, "password": PASSWORD,
                 "sender": "mary@example.org", "count": 1,
                 "to": [LATER] + [f"u{n}.{i}@yahoo.com" for i in range(24)]} for n in range(1, 13)]
        expect("taken", send(box, *jobs), 12)
        one = wait_for_incident(box, "account-abuse")
        expect("whose", one["key"], {"sasl_username": login})
        _, seen = paste_all(box, one, lambda: send(box, *jobs[:3]))
        expect_in("look at one", seen[1], "mary@example.org")
        queue_is_clean(box, one, innocent)
        expect("taken again", taken_again(box, jobs[0]), 0)
        expect("of another login", send(box, dict(jobs[0], login="john", sender="john@example.org",
                                                  to=["c@customer.example"])), 1)


@step
def stolen_account_to_clean_queue(box):
    stolen_login(box, "stolen_account", "mary")


@step
def hostile_login_to_clean_queue(box):
    """Its name runs nothing, and Postfix's own table has it and nobody else."""
    login = "o'hara$(touch${IFS}/tmp/canary)`touch${IFS}/tmp/canary`;%s\\n!!*"
    stolen_login(box, "hostile_login", login)
    expect("canary", box.run("ls", "/tmp/canary", check=False).returncode != 0, True)


@step
def web_script_to_clean_queue(box):
    def script(count):
        return sum(box.run("runuser", "-u", "www-data", "--", "sendmail", LATER,
                           *(f"t{n}.{i}@yahoo.com" for i in range(19)), check=False,
                           stdin="X-PHP-Originating-Script: 33:form.php\nSubject: x\n\nx\n"
                           ).returncode == 0 for n in range(count))

    with Settings(box):
        innocent = begin(box, "web_script")
        expect("taken", script(12), 12)
        one = wait_for_incident(box, "local-abuse")
        _, seen = paste_all(box, one, lambda: script(3))
        expect_in("look at one", seen[1], "form.php")
        expect_in("whose uid", seen[2], "www-data")
        queue_is_clean(box, one, innocent)
        expect("taken again", script(1), 0)


@step
def accept_then_bounce_to_clean_queue(box):
    with Settings(box):
        set_postfix(box, "local_recipient_maps=")
        innocent = begin(box, "accept_then_bounce")
        jobs = [{"client": f"198.51.100.{20 + n % 4}", "sender": f"later{n}@forged.example",
                 "to": [f"guess{n}@example.org"]} for n in range(40)]
        expect("taken", send(box, *jobs), 40)
        one = wait_for_incident(box, "backscatter-source")
        paste_all(box, one, lambda: send(box, *jobs[:5]))
        queue_is_clean(box, one, innocent)
        expect("taken again", sum(taken_again(box, job) for job in jobs[:3]), 0)
        expect("for a user there is", send(box, dict(jobs[0], to=["root@example.org"])), 1)


@step
def joe_job_leaves_the_queue(box):
    """Nothing of ours is at fault: no command deletes anything."""
    with Settings(box):
        innocent = begin(box, "joe_job")
        send(box, *({"client": f"198.51.100.{100 + n % 40}", "sender": "", "to": ["root@example.org"]}
                    for n in range(130)))
        one = wait_for_incident(box, "backscatter-victim")
        keep(alerts(box, one["id"])[0]["MESSAGE"])
        pairs = printed(box, one)
        expect("commands, at most five", min(len(pairs), COMMANDS_MAX), len(pairs))
        for what, command in pairs:
            keep(f"# # {what}")
            expect("deletes", "postsuper" in command, False)
            typed(box, command)
        queue_is_clean(box, one, innocent)
