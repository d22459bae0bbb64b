# SPDX-License-Identifier: MIT
"""What the scripts beside this file share: an alert of relaywatch, in words that are safe to hand on.

Addresses, logins and replies in an alert are strangers' choice. Here every byte of them that is no
printable character becomes "?", so none can begin a line, a header, or turn the direction of text;
each script deals with what its receiver takes for more than text."""
import configparser, email.message, email.policy, email.utils, json, os, re, signal, socket, subprocess, sys

SHOWN = 300      # characters of one value
TEXT_MAX = 3000  # characters of a text
# An update comes every quarter of an hour, and what is withdrawn needs no plot.
WITH_REPORT = "raised", "reopened", "widened", "ended"


class Failure(Exception):
    """Why an alert did not go out, for standard error, which relaywatch logs."""


class Alert:
    """From the JSON on standard input; `raw` are its bytes."""

    def __init__(self, raw):
        self.raw = raw
        self.json = json.loads(raw)
        self.event = self.word("event")
        self.type = self.word("type")
        self.id = self.word("id")

    def word(self, name):
        """A member that relaywatch chose: letters, digits, hyphens."""
        value = str(self.json.get(name, ""))
        return value if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", value) else ""

    def get(self, name):
        return clean(self.json.get(name, ""))

    def key(self):
        """("client", "192.0.2.1")"""
        return next(((clean(name), clean(value)) for name, value in self.json.get("key", {}).items()), ("", ""))

    def severity(self):
        """Of what is news, else "info"."""
        if self.type == "incident":
            return self.word("severity") if self.event in ("raised", "reopened", "widened", "updated") else "info"
        return "warning" if self.event in ("warning", "test") else "info"

    def subject(self, most=SHOWN):
        """One line; `most` characters of who it is."""
        if self.type == "incident":
            name, value = self.key()
            value = cut(value, most)
            return f"relaywatch {self.word('severity')}: {self.word('kind')} {self.event}, {name} {value} on {self.get('host')}"
        if self.type == "test":
            return f"relaywatch TEST on {self.get('host')}: nothing is wrong"
        return f"relaywatch {self.event}: {self.word('code')} on {clean(socket.gethostname())}"

    def text(self):
        """Some lines: what happened, and what to do first."""
        if self.type != "incident":
            return f"{self.subject()}\n{self.get('text')}\n"
        lines = [self.subject(), self.get("reason"),
                 "{} messages, {} recipients: {} sent, {} deferred, {} bounced; {} queued, {} held".format(*map(
                     self.get, ("messages", "recipients", "sent", "deferred", "bounced", "queued", "held"))),
                 f"seen from {self.get('first_seen')} to {self.get('last_seen')}"]
        lines += [f"{n}. {clean(step)}" for n, step in enumerate(self.json.get("advice", []), 1)]
        lines += [f"more: relaywatch show {self.id}"]
        return "\n".join(lines)[:TEXT_MAX] + "\n"


def clean(value):
    """One line of printable characters, cut."""
    return cut("".join(c if c.isprintable() else "?" for c in str(value)), SHOWN)


def cut(text, most):
    return text if len(text) <= most else text[:most - 3] + "..."


def relaywatch(settings, command, alert):
    """What `relaywatch COMMAND ID` prints, or None and why not."""
    try:
        socket_path = ["--socket", settings["socket"]] if "socket" in settings else []
        done = subprocess.run([settings.get("relaywatch", "/usr/bin/relaywatch"), command, alert.id, *socket_path],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              timeout=settings.getfloat("limit", 8) / 3)
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, f"relaywatch {command}: {error}"
    if done.returncode:
        return None, done.stderr.decode(errors="replace").strip()
    return done.stdout.decode(errors="replace"), ""


def message(alert, settings):
    """A mail: the text, what `relaywatch show` says, and the report attached."""
    host = re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname()) or "localhost"
    mail = email.message.EmailMessage(policy=email.policy.SMTP.clone(max_line_length=900)) # nothing is folded
    mail["From"] = settings.get("from", f"relaywatch@{host}")
    mail["To"] = ", ".join(recipients(settings))
    mail["Subject"] = alert.subject(60).encode("ascii", "replace").decode()
    mail["Date"] = email.utils.localtime()
    mail["Message-ID"] = email.utils.make_msgid(domain=host)
    mail["Auto-Submitted"] = "auto-generated" # so that nobody's vacation program answers
    if alert.id:
        mail["References"] = f"<{alert.id}@relaywatch.{host}>" # all of an incident in one thread
    shown = report = why = None
    if alert.type == "incident" and alert.id:
        shown, why = relaywatch(settings, "show", alert)
        if alert.event in WITH_REPORT:
            report, why_no_report = relaywatch(settings, "report", alert)
            why = "\n".join(filter(None, (why, why_no_report and f"no report: {why_no_report}")))
    lines = (shown or "").split("\n")
    shown = "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in lines)
    mail.set_content("\n".join(filter(None, (alert.text(), shown, why))))
    if report:
        mail.add_attachment(report, subtype="html", filename=f"{alert.id}.html")
    return mail


def recipients(settings):
    to = settings.get("to", "").replace(",", " ").split()
    if not to:
        raise Failure("to = is missing: whom to tell")
    return to


def out_of_time(*unused):
    raise TimeoutError("it took longer than limit")


def main(send):
    """send(alert, settings) for SCRIPT FILE SECTION; the exit status says whether it went out."""
    try:
        file, section = sys.argv[1:]
    except ValueError:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} FILE SECTION")
    try:
        config = configparser.ConfigParser(interpolation=None)
        with open(file, encoding="utf-8") as settings:
            config.read_file(settings)
        signal.signal(signal.SIGALRM, out_of_time)
        signal.setitimer(signal.ITIMER_REAL, config[section].getfloat("limit", 8))
        send(Alert(sys.stdin.buffer.read()), config[section])
    except (Failure, OSError, ValueError, KeyError, configparser.Error, subprocess.SubprocessError) as error:
        sys.exit(f"{section}: {clean(error) if str(error) else type(error).__name__}")
