#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One log in each form that loggers, containers, collectors and terminals give it: `scan`, and the
daemon that follows it while it is written, in pieces, find what they find in the plain one.

usage: line_forms.py RELAYWATCH SHIM [FORM...]"""
import datetime, gzip, json, os, re, subprocess, sys

from follower import Checks, Follower, World

binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpora", "stolen_account")
RECORD = re.compile(r".{15} \S+ (([^\[ ]+)(?:\[(\d+)\])?: (.*))\n")


class Row:
    """One record of the log, and the pieces of which forms are made."""

    def __init__(self, seconds, line):
        self.when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        self.tagged, self.tag, self.pid, self.text = RECORD.fullmatch(line).groups()
        self.pid = self.pid or "1"
        self.seconds = seconds
        self.old = f"{self.when:%b} {self.when.day:2} {self.when:%H:%M:%S}"
        self.utc = f"{self.when:%Y-%m-%dT%H:%M:%S.%f}"
        self.blank = self.utc.replace("T", " ")
        self.plain = f"{self.old} mx1 {self.tagged}"
        self.tai = f"@{int(seconds) + 10 + 2**62:016x}{self.when.microsecond * 1000:08x}"


def objects(fields):
    return lambda row: json.dumps(fields(row))


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def column(text):
    return quoted(text) if "," in text or '"' in text else text


FORMS = {
    "plain": lambda r: r.plain,
    "rfc3339": lambda r: f"{r.utc}Z mx1 {r.tagged}",
    "year_first": lambda r: f"{r.when:%Y} {r.plain}",
    "rfc5424": lambda r: f'<22>1 {r.utc}Z mx1 {r.tag} {r.pid} - [a x="y"] {r.text}',
    "rfc5424_without_priority": lambda r: f"1 {r.utc}Z mx1 {r.tag} {r.pid} - - {r.text}",
    "rfc5424_without_version": lambda r: f"{r.utc}Z mx1 {r.tag} {r.pid} - - {r.text}",
    "octets_counted": lambda r: f"{len(r.plain) + 4} <22>{r.plain}",
    "relay": lambda r: f"{r.old} 192.0.2.7 {r.plain}",
    "relay_with_priority": lambda r: f"{r.old} 192.0.2.7 <22>{r.plain}",
    "relay_of_rfc3339": lambda r: f"{r.old} relay {r.utc}Z mx1 {r.tagged}",
    "freebsd": lambda r: f"{r.old} <mail.info> mx1 {r.tagged}",
    "busybox": lambda r: f"{r.old} mx1 mail.info {r.tagged}",
    "openwrt": lambda r: f"{r.when:%a} {r.old} {r.when:%Y} mail.info {r.tagged}",
    "aix": lambda r: f"{r.old} mx1 mail:info {r.tagged}",
    "aix_forwarded": lambda r: f"{r.old} Message forwarded from mx1: {r.tagged}",
    "crlf": lambda r: r.plain + "\r",
    "multilog": lambda r: f"{r.tai} {r.plain}",
    "multilog_without_date": lambda r: f"{r.tai} {r.tagged}",
    "s6_log_T": lambda r: f"{r.blank}000  {r.plain}",
    "svlogd_tt": lambda r: f"{r.utc.replace('T', '_')[:-1]} mail.info: {r.old} {r.tagged}",
    "compose": lambda r: f"postfix-1  | {r.utc}000Z {r.plain}",
    "compose_in_colours": lambda r: f"\x1b[36mpostfix-1  | \x1b[0m{r.plain}",
    "service_logs": lambda r: f"{r.utc}000Z mail_smtp.1.q2v4@node1    | {r.plain}",
    "cri": lambda r: f"{r.utc}000Z stdout F {r.plain}",
    "crio": lambda r: "".join(f"{r.utc}000Z stdout {tag} {part}" for tag, part in (
        ("P", r.plain[:40] + "\n"), ("F", r.plain[40:]))),
    "kubectl": lambda r: f"[pod/postfix-0/postfix] {r.utc}000Z {r.tagged}",
    "stern": lambda r: f"postfix-0 postfix {r.plain}",
    "aws_logs_tail": lambda r: f"{r.utc}+00:00 ecs/postfix/0f1e {r.utc}+00:00 mx1 {r.tagged}",
    "logcli": lambda r: f'{r.utc[:19]}Z {{file="/var/log/mail.log"}}  {r.plain}',
    "grep_context": lambda r: f"/var/log/mail.log-{r.plain}",
    "less_N": lambda r: f"     17 {r.plain}",
    "ccze": lambda r: f"\x1b[0;36m{r.old}\x1b[0m \x1b[1mmx1\x1b[0m {r.tagged}",
    "byte_order_mark": lambda r: "\ufeff" + r.plain,
    "table": lambda r: f'{quoted(r.plain)},"mx1"',
    "graylog_table": lambda r: f'"{r.utc[:23]}Z","mx1",{quoted(r.tagged)}',
    "cloudwatch_table": lambda r: f"{r.seconds * 1000:.0f},{column(r.plain)}",
    "logs_insights_table": lambda r: f"{r.blank[:23]},{column(r.plain)}",
    "kiwi": lambda r: f"{r.blank[:19]}\tMail.Info\t192.0.2.7\t{r.plain}",
    "fluentd_file": lambda r: f"{r.utc}+00:00\tmail\t" + json.dumps(
        {"host": "mx1", "ident": r.tag, "pid": r.pid, "message": r.text}),
    "nxlog": objects(lambda r: {"EventTime": r.blank, "Hostname": "mx1", "SyslogFacility": "MAIL",
                                "SourceName": r.tag, "ProcessID": int(r.pid), "Message": r.text}),
    "docker": objects(lambda r: {"log": r.plain + "\n", "stream": "stdout", "time": f"{r.utc}Z"}),
    "journalctl_json_seq": lambda r: "\x1e" + json.dumps(
        {"__REALTIME_TIMESTAMP": f"{r.seconds * 1e6:.0f}", "_HOSTNAME": "mx1", "_PID": r.pid,
         "SYSLOG_IDENTIFIER": r.tag, "MESSAGE": r.text}),
    "fluent_bit_tail": objects(lambda r: {"date": r.seconds + 9, "log": r.plain}),
    "fluent_bit_stdout": lambda r: f'[0] tail.0: [[{r.seconds:.9f}, {{}}], {{"log"=>"{r.plain}"}}]',
    "fluent_bit_syslog": objects(lambda r: {"date": r.seconds, "pri": "22", "host": "mx1",
                                            "ident": r.tag, "pid": r.pid, "message": r.text}),
    "vector_docker": objects(lambda r: {"message": r.plain, "source_type": "docker_logs",
                                        "stream": "stdout", "timestamp": f"{r.utc}Z"}),
    "gelf": objects(lambda r: {"version": "1.1", "host": "mx1", "short_message": r.tagged,
                               "timestamp": r.seconds, "facility": "mail"}),
    "cloudwatch": objects(lambda r: {"timestamp": int(r.seconds * 1000), "message": r.tagged,
                                     "logStreamName": "mail"}),
    "splunk": objects(lambda r: {"preview": False, "result": {"_raw": r.plain}}),
}


def found(text):
    """What the incidents say, without what depends on the form: fractions of a second, ids, and
    the host, which some forms don't name."""
    some = ("kind", "key", "messages", "recipients", "sent", "deferred", "bounced", "accounts",
            "client_list", "sender_domains", "recipient_domains", "cause")
    return sorted(json.dumps({k: row[k] for k in some}, sort_keys=True)
                  for row in map(json.loads, text.splitlines()) if row["type"] == "incident")


def scan(daemon, path):
    done = subprocess.run([binary, "--config", daemon.conf, "--json", "scan", path],
                          capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done
    return found(done.stdout)


def test(t, name, want):
    """Returns what the scan found."""
    world = World(shim)
    daemon = Follower(binary, world)
    try:
        with open(os.path.join(CORPUS, "mail.log"), encoding="utf-8") as file:
            began = world.now() - 7200
            rows = [Row(began + n * 0.001, line) for n, line in enumerate(file)]
        log = "".join(FORMS[name](row) + "\n" for row in rows).encode()
        lines = log.count(b"\n")
        packed = os.path.join(world.top, "packed.gz")
        with gzip.open(packed, "wb") as file:
            file.write(log)
        got = scan(daemon, packed)
        t.check(f"{name}: scan", got, want or got)
        daemon.start()
        for at in range(0, len(log), len(log) // 7):  # lines are cut anywhere
            with open(daemon.log, "ab") as file:
                file.write(log[at:at + len(log) // 7])
        t.check(f"{name}: lines of run", daemon.wait_read(lines), lines)
        shown = subprocess.run([binary, "incidents", "--json", "--socket", daemon.socket],
                               capture_output=True, text=True, check=True).stdout
        t.check(f"{name}: run", found(shown), want or got)
        return got
    finally:
        if daemon.process:
            daemon.kill()
        world.end()


t = Checks()
os.environ["TZ"] = "UTC"
plain = test(t, "plain", None)
t.check("there is something to find", len(plain), lambda n: n > 0)
for form in sys.argv[3:] or FORMS:
    test(t, form, plain)
t.end()
