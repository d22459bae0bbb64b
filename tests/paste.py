#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is printed to be typed, typed: into sh and bash, as scripts and at a terminal, where strangers
chose the names. paste.py RELAYWATCH SHIM [NAME...]

Each command runs in a directory of its own where PATH has nothing but programs that write down how
they were called. No name may run anything, or stand in a table for anybody else."""
import itertools
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from follower import Follower, World, iso

BINARY, SHIM = os.path.abspath(sys.argv[1]), sys.argv[2]
LINE_MAX = 1023  # bytes; what a terminal takes in one line is 4095
SITE = """[site]
ask_postfix = no
own_domains = example.net
trusted_networks = 10.0.0.0/8
[account-abuse]
recipients = 20
[local-abuse]
recipients = 20
[trusted-relay]
sender_recipients = 20
[limits]
hosts = 200
"""

# The names of accounts, and what comes before the @ of senders.
CAN_BE_TYPED = [
    "bob", "bob@example.net", "$(touch${IFS}canary)", "`touch${IFS}canary`", ";touch${IFS}canary;",
    "';touch${IFS}canary;'", "''>canary''", ">canary", "a|touch${IFS}canary&", "a&&>canary||",
    "bob'\\''", "'", "''", "-e", "--help", "-", "%s%n%d", "%", "\\055", "a\\nb", "\\\\",
    "!!", "!$", "^a^b", "!touch", "*", "[a-z]", "{a,b}", "~root", "$HOME", "${PATH}", "$$",
    "$mynetworks", "${x:{y}{z}}", "/.*/", "/^.*$/", "if", "fi", "!/x/", "endif", "a:", ":", "bob:",
    "hash:/etc/passwd", "a,b", "a;b", "(a)", "<a", "a=b", "a#b", "[a]", "a]b", "&", "@", "a@", "@a",
    "static:all", "müller", "m\u202eüller", "用户", "\\303\\274", "é'$(touch${IFS}canary)",
    "x" * 200, "ü" * 40,
]
CAN_NOT_BE_TYPED = [
    "a b", "${x?{y}:{z}}", "$(touch canary)", "`touch canary`", "'; touch canary; '", "#bob", "#", "\"a\"",
    "a\"b", "bob?", "a REJECT", "#012x", "a#012OK b", "'" * 300, "x" * 600, "ü" * 150,
    "a\\", "a\\\\\\", "ü" * 400, "\udcff", "a\udcc3(",
]
# No key of one sender: whole domains and everybody of one name are looked up so.
WHOLE_DOMAINS = ["hacked.example", "@hacked.example", "root@", "@", "www-data"]

failures = []
checked = 0


def check(what, got, want):
    global checked
    checked += 1
    if got != want:
        failures.append(f"{what}:\n  got  {got!r}\n  want {want!r}")


# --- logs -----------------------------------------------------------------------------------------

class Log:
    """Message after message, a second each, within the hour."""

    def __init__(self):
        self.lines, self.count, self.hour = [], 0, 9

    def message(self, host, first, sender, recipients):
        self.count += 1
        when = f"May  6 {self.hour:02}:{self.count // 60 % 60:02}:{self.count % 60:02} {host} postfix"
        queue_id = f"{0xA0000000 + self.count:X}"
        self.lines += [f"{when}/{first.replace('ID', queue_id)}",
                       f"{when}/qmgr[2]: {queue_id}: from=<{sender}>, size=900, nrcpt={recipients} "
                       "(queue active)"]
        self.lines += [f"{when}/smtp[3]: {queue_id}: to=<u{self.count}.{i}@victim.example>, "
                       "relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)"
                       for i in range(recipients)]

    def write(self, path):
        with open(path, "wb") as file:
            file.write("".join(f"{line}\n" for line in self.lines).encode("utf-8",
                                                                          "surrogateescape"))
        return path


def log_of_accounts(names):
    log = Log()
    for number, name in enumerate(names):
        client = f"h[203.0.{number // 250 + 1}.{number % 250 + 1}]"
        for _ in range(3):
            log.message("mx1", f"smtpd[1]: ID: client={client}, sasl_method=PLAIN, sasl_username={name}",
                        "x@example.net", 10)
    return log


def log_on_hosts(names, hosts):
    """The same, each login on all of these hosts in turn."""
    log = log_of_accounts(names)
    log.lines = [line.replace(" mx1 ", f" {hosts[i // 12 % len(hosts)]} ")
                 for i, line in enumerate(log.lines)]
    return log


def log_of_senders(first, senders):
    """Each beside ten innocent senders of old, since the uid, or the client, is shared. On a host of
    its own, or else they all were one incident of their host."""
    log = Log()
    innocents = [f"user{i}@example.net" for i in range(10)]
    for log.hour, attack in (9, False), (12, True):
        for number, sender in enumerate(senders):
            for innocent in innocents:
                log.message(f"mx{number}", first(innocent), innocent, 1)
            for _ in range(3 * attack):
                log.message(f"mx{number}", first(sender), sender, 10)
    return log


def of_uid(sender):
    return f"pickup[1]: ID: uid=33 from=<{sender}>"


def of_client(_):
    return "smtpd[1]: ID: client=app[10.0.0.1]"


# --- programs that write down how they were called ------------------------------------------------

POSTCONF = "check_it hash:/etc/x, $mynetworks `touch canary` \"$(touch canary)\" !anybody"
# A file for each process: two of a pipeline write at once.
STUB = """#!/bin/dash
printf '%%s\\0' "$#" %s "$@" >>"$RECORDS/$$"
"""
ANSWERS = {
    "relaywatch": """case " $* " in *' --host '*|*' queue '*' la-'*) echo 4FBFE15E604A;;
*' queue '*) printf 'mx1\\t4FBFE15E604A\\nmx-2.example.net\\t4FBFE15E604B\\n';;
*) printf '192.0.2.1\\n2001:db8::1\\n';; esac""",
    "cut": "while read -r word rest; do printf '%s\\n' \"$word\"; done",
    "sort": "while read -r line; do printf '%s\\n' \"$line\"; done",
    # As sshd does it: the words, put together, go through a shell.
    "ssh": 'shift; exec /bin/sh -c "$*"',
    "id": "echo www-data",
    "postconf": f"""case "$2" in default_database_type) echo hash;;
*) [ "$1" != -h ] || printf '%s\\n' '{POSTCONF}';; esac""",
    "sed": "while read -r line; do printf '%s REJECT\\n' \"$line\"; done",
    "touch": ">canary",
    "head": "read -r line; printf '%s\\n' \"$line\"",
}
PROGRAMS = ["relaywatch", "postconf", "postmap", "postfix", "postsuper", "postcat", "getent", "ps",
            "id", "xargs", "head", "cut", "sort", "ssh", "sed", "touch", "rm", "cat", "ls", "canary"]


def make_programs(top):
    os.mkdir(f"{top}/bin")
    for name in PROGRAMS:
        with open(f"{top}/bin/{name}", "w", encoding="utf-8") as file:
            file.write(STUB % name + ANSWERS.get(name, "") + "\n")
        os.chmod(f"{top}/bin/{name}", 0o755)


def texts_in(directory):
    texts = {}
    for name in sorted(os.listdir(directory)):
        with open(f"{directory}/{name}", encoding="utf-8", errors="surrogateescape") as file:
            texts[name] = file.read()
    return texts


class Sandbox:
    """A new directory for one incident's commands; `here` stands for /etc/postfix."""

    def __init__(self, top):
        self.top, self.here = top, f"{top}/here"
        self.records, self.screen = f"{top}/records", b""
        for directory in self.here, self.records:
            shutil.rmtree(directory, ignore_errors=True)
            os.mkdir(directory)
        self.environment = {"PATH": f"{top}/bin", "RECORDS": self.records, "HOME": self.here,
                            "LC_ALL": "C.UTF-8", "TERM": "dumb", "PS1": "", "HISTFILE": ""}

    def script(self, command):
        return command.replace("/etc/postfix/", f"{self.here}/")

    def run(self, shell, commands):
        for command in commands:
            done = subprocess.run([shell, "-c", self.script(command)], cwd=self.here, check=False,
                                  env=self.environment, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=20)
            check(f"{shell}: what {command} says", done.stderr, b"")
            check(f"{shell}: status of {command}", done.returncode, 0)

    def paste(self, shell, pairs):
        """At a terminal, all in one go, with the comments."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.here)
            os.execve(shell[0], shell, self.environment)
        text = "".join(f"    # {what}\n    {self.script(command)}\n" for what, command in pairs)
        sent, data = 0, (text + "exit\n").encode()
        while True:
            # No more than the terminal takes without being read from.
            sent += os.write(terminal, data[sent:sent + 512]) if sent < len(data) else 0
            try:
                self.screen += os.read(terminal, 65536)
            except OSError:  # it has ended
                break
        os.close(terminal)
        os.waitpid(pid, 0)

    def calls(self):
        """Each [program, argument...], sorted: in a pipeline no order is certain."""
        text = "".join(texts_in(self.records).values())
        words = text.replace(f"{self.here}/", "/etc/postfix/").split("\0")[:-1]
        calls = []
        while words:
            count = int(words[0])
            calls.append(words[1:count + 2])
            words = words[count + 2:]
        return sorted(calls)


# --- what a table makes of its text ---------------------------------------------------------------

BLANKS = " \t\n\v\f\r"


def logical_lines(text):
    """util/readlline.c: comments and empty lines go, a line that begins with a blank goes on."""
    lines = []
    for line in text.split("\n"):
        if not line.strip(BLANKS) or line.lstrip(BLANKS).startswith("#"):
            continue
        if line[0] in BLANKS and lines:
            lines[-1] += line
        else:
            lines.append(line)
    return lines


def table_of(text):
    """(key, value) as postmap/postmap.c takes them, or (None, line) for what it ignores."""
    rows = []
    for line in logical_lines(text):
        at, quoted = 0, False
        while at < len(line):
            if line[at] == "\\":
                at += 1
            elif line[at] in BLANKS and not quoted:
                break
            elif line[at] == '"':
                quoted = not quoted
            at += 1
        key, value = line[:at], line[at:].strip(BLANKS)
        rows.append((None, line) if quoted or not key or not value else (key, value))
    return rows


# --- what is to be called -------------------------------------------------------------------------

def queue_calls(command, name):
    """Those of a fleet's hosts: one that is named, or all that `queue` names."""
    every, option = ["--all"] * (" --all " in command), "-d" if " -d " in command else "-h"
    calls = []
    if "ssh $h postcat" in command:
        look = ["postcat", "-qh", "4FBFE15E604A"]
        return [["relaywatch", "queue", "--all", name], ["head", "-n", "1"], ["ssh", "mx1", *look],
                look]
    if "postcat" in command:
        return [["relaywatch", "queue", "--all", "--host", "mx1", name], ["head", "-n", "1"],
                ["xargs", "-r", "ssh", "mx1", "postcat", "-qh"]]
    if command.startswith("for "):
        calls = [["relaywatch", "queue", *every, name], ["cut", "-f", "1"], ["sort", "-u"]]
    for host in ["mx1", "mx-2.example.net"] if calls else ["mx1"]:
        calls += [["relaywatch", "queue", *every, "--host", host, name],
                  ["ssh", host, "postsuper", option, "-"], ["postsuper", option, "-"]]
    return calls


def before_and_after(one):
    """The calls that each incident has in common, of what was printed for it."""
    calls = []
    for row in one["commands"]:
        command, name = row["command"], one["id"]
        if command == f"relaywatch queue {name} | postsuper -h -":
            calls += [["relaywatch", "queue", name], ["postsuper", "-h", "-"]]
        elif command == f"relaywatch queue --all {name} | postsuper -d -":
            calls += [["relaywatch", "queue", "--all", name], ["postsuper", "-d", "-"]]
        elif command == f"relaywatch queue --all {name} | head -n 1 | xargs -r postcat -qh":
            calls += [["relaywatch", "queue", "--all", name], ["head", "-n", "1"],
                      ["xargs", "-r", "postcat", "-qh"]]
        elif " | ssh " in command or "ssh $h " in command or " ssh mx1 postcat" in command:
            calls += queue_calls(command, name)
        elif command == f"relaywatch clients {name} | xargs -r getent hosts":
            calls += [["relaywatch", "clients", name], ["xargs", "-r", "getent", "hosts"]]
        elif command in (f"relaywatch clients {name}", f"relaywatch show {name}"):
            calls.append(command.split())
    return calls


def table_calls(setting, lookup, table):
    return [["postmap", f"/etc/postfix/{table}"], ["postconf", "-h", "default_database_type"],
            ["postconf", "-h", setting],
            ["postconf", "-e", f"{setting} = {lookup}hash:/etc/postfix/{table}, {POSTCONF}"],
            ["postfix", "reload"]]


CLOSES = {
    "account-abuse": ("smtpd_data_restrictions", "check_sasl_access ", "relaywatch_logins",
                      "REJECT"),
    "local-abuse": ("sender_dependent_default_transport_maps", "", "relaywatch_stopped",
                    "retry:4.3.2 stopped"),
    "trusted-relay": ("smtpd_sender_restrictions", "check_sender_access ", "relaywatch_senders",
                      "REJECT"),
}


SHELLS = ["sh", "bash", ["/bin/bash", "--norc", "--noprofile", "-i"], ["/bin/dash", "-i"]]
turns = itertools.count()


def try_commands(top, one, name, is_typed):
    """In each shell, or in two of them, in turn, where another kind has had the name in all."""
    shells = SHELLS if one["kind"] == "account-abuse" else SHELLS[next(turns) % 2::2]
    setting, lookup, table, action = CLOSES[one["kind"]]
    pairs = [(row["what"], row["command"]) for row in one["commands"]]
    want = before_and_after(one) + (table_calls(setting, lookup, table) if is_typed else [])
    want += [shlex.split(command) for _, command in pairs if command.startswith("ssh mx1 ")]
    for what, command in pairs:
        check(f"{name}: one line of printable ASCII: {command}",
              [c for c in what + command if not " " <= c < "\x7f"], [])
        check(f"{name}: fits a line of the terminal", len(command.encode()) <= LINE_MAX, True)
    for shell in shells:
        box = Sandbox(top)
        if isinstance(shell, str):
            box.run(f"/bin/{shell}", [command for _, command in pairs])
        else:
            box.paste(shell, pairs)
        how = f"{one['kind']} {name!r} in {shell}"
        check(f"{how}: called (the screen: {box.screen!r})", box.calls(), sorted(want))
        files = texts_in(box.here)
        check(f"{how}: files", list(files), [table] if is_typed else [])
        if is_typed and table in files:
            check(f"{how}: table", [(lower(name), value) for name, value in table_of(files[table])],
                  [(lower(name), action)])


# --- the tests ------------------------------------------------------------------------------------

def relaywatch(*arguments):
    done = subprocess.run([BINARY, *arguments], capture_output=True, check=False, timeout=120,
                          env=dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8"))
    too_short = r"relaywatch: the log covers \w+, and 28 days are wanted: [a-z ]+\n"
    check(f"{arguments[0]} says", re.sub(too_short, "", done.stderr.decode()), "")
    return done.stdout


def lower(name):
    """As keys are kept and postmap folds them: names count without case."""
    return "".join(c.lower() if c.isascii() else c for c in name)


def shown(name):
    """As JSON has it: cut, and where it is not UTF-8, in ASCII."""
    data = lower(name).encode("utf-8", "surrogateescape")[:512]
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "".join(chr(c) if c < 0x80 else "?" for c in data)


def incidents_of(conf, path):
    rows = [json.loads(line) for line in relaywatch("scan", "--json", "--config", conf,
                                                    path).splitlines()]
    return [row for row in rows if row["type"] == "incident"]


def printed_commands(text):
    lines = text.splitlines()
    return [(lines[i].strip()[2:], lines[i + 1].strip()) for i in range(len(lines) - 1)
            if lines[i].startswith("    # ")]


def check_text(conf, path, found):
    """For people the same commands are printed, each whole on its line."""
    text = relaywatch("scan", "--config", conf, path).decode()
    check(f"{path}: printed as in JSON", printed_commands(text),
          [(row["what"], row["command"]) for one in found for row in one["commands"]])


def check_stanzas(conf, path, found):
    """Each is one that `check` takes, and it exempts whom it names."""
    with open(conf, encoding="utf-8") as file:
        text = file.read()
    exempt = [one for one in found if one["stanza"]]
    check(f"{path}: some can be exempted", len(exempt) > 20, True)
    with open(f"{conf}.exempt", "w", encoding="utf-8") as file:
        file.write(text + "".join(one["stanza"] for one in exempt))
    left = incidents_of(f"{conf}.exempt", path)
    check(f"{path}: left when all stanzas are in force", sorted(one["id"] for one in left),
          sorted(one["id"] for one in found if not one["stanza"]))


def try_log(top, kind, key, names, log):
    """names: whether each can be typed."""
    path, conf = log.write(f"{top}/{kind}.log"), f"{top}/conf"
    found = incidents_of(conf, path)
    by_name = {lower(str(one["key"].get(key))): one for one in found}
    for name, is_typed in names.items():
        one = by_name.pop(shown(name), None)
        check(f"{kind}: {name!r} is found", one is not None and one["kind"], kind)
        if not one:
            continue
        closes = [row for row in one["commands"] if "relaywatch_" in row["command"]]
        check(f"{kind}: {name!r} can be typed", len(closes), int(is_typed))
        says = [step for step in one["advice"] if step.startswith("No command ")]
        check(f"{kind}: {name!r}: why it can't", len(says), int(not is_typed))
        if len(closes) == is_typed:
            try_commands(top, one, name, is_typed)
    check_text(conf, path, found)
    check_stanzas(conf, path, found)


def test_accounts(top):
    names = {**dict.fromkeys(CAN_BE_TYPED, True), **dict.fromkeys(CAN_NOT_BE_TYPED, False)}
    try_log(top, "account-abuse", "sasl_username", names, log_of_accounts(names))


def test_control_characters(top):
    """They reach no terminal and no settings, in whatever form the log has them."""
    names = ["a\tb", "a\x1b[2Kb", "a\x07b", "a\x7fb", "a\rb", "a\x0b", "\u009b1m", "a\nb",
             "a\nrecipients = 1\n[alert]"]
    log = log_of_accounts(names)
    log.lines = [json.dumps({"log": line + "\n", "stream": "stdout",
                             "time": "2024-05-06T09:00:00Z"}) for line in log.lines]
    path, conf = log.write(f"{top}/json.log"), f"{top}/conf"
    found = incidents_of(conf, path)
    check("found", len(found) >= 7, True)
    # U+009B is typed in digits; of two lines the first is taken.
    for one in [one for one in found if one["key"]["sasl_username"] not in ("\u009b1m", "a")]:
        check(f"{one['key']}: closes", [row["command"] for row in one["commands"]
                                        if "relaywatch_" in row["command"]], [])
        check(f"{one['key']}: stanza", one["stanza"], None)
    for command in "scan", "suggest":
        text = relaywatch(command, "--config", conf, path)
        check(f"{command}: other than printable", [c for c in text if not 32 <= c < 127 and c != 10],
              [])
        check(f"{command}: lines that a name began",
              [line for line in text.splitlines() if line in (b"recipients = 1", b"[alert]")],
              [])


def test_suggest(top):
    """Whatever the names, what it prints are settings, and nothing of a name is one."""
    path = log_of_accounts(CAN_BE_TYPED + CAN_NOT_BE_TYPED).write(f"{top}/accounts.log")
    text = relaywatch("suggest", "--config", f"{top}/conf", path).decode()
    check("in ASCII", text.isascii(), True)
    with open(f"{top}/suggested", "w", encoding="utf-8") as file:
        file.write("[site]\nask_postfix = no\nown_domains = example.net\n" + text)
    relaywatch("scan", "--config", f"{top}/suggested", path)


def test_running_daemon(top):
    """The daemon's alerts, `show`, `queue` and `clients`: the same commands, and nothing of a name in
    what is piped into root's programs."""
    world = World(SHIM)
    daemon = Follower(BINARY, world, "[account-abuse]\nrecipients = 20\n")
    names = CAN_BE_TYPED[:40]
    try:
        daemon.start()
        daemon.write("".join(f"{iso(world.now())} {line[16:]}\n"
                             for line in log_of_accounts(names).lines))
        check("alerts", len(daemon.wait_alerts(len(names))), len(names))
        for one in daemon.told():
            ask = ("--socket", daemon.socket)
            pairs = [(row["what"], row["command"]) for row in one["commands"]]
            shown = relaywatch("show", one["id"], *ask).decode()
            check(f"{one['key']}: show", printed_commands(shown), pairs)
            check(f"{one['key']}: show --json",
                  [(row["what"], row["command"]) for row in
                   json.loads(relaywatch("show", "--json", one["id"], *ask))["commands"]], pairs)
            check(f"{one['key']}: queue", sorted(set("".join(relaywatch(
                "queue", one["id"], *ask).decode().split())) - set("0123456789ABCDEF")), [])
            check(f"{one['key']}: clients", [line for line in relaywatch(
                "clients", one["id"], *ask).decode().split() if not line.startswith("203.0.")], [])
            try_commands(top, one, one["key"]["sasl_username"], True)
    finally:
        daemon.kill()
        world.end()


def test_fleet(top):
    """A fleet's queues are held and emptied by ssh; on one host, ssh closes it too."""
    with open(f"{top}/conf", "w", encoding="utf-8") as file:
        file.write(SITE.replace("[account-abuse]", "fleet = 10.1.0.0/24\n[account-abuse]"))
    names = {**dict.fromkeys(CAN_BE_TYPED, True), **dict.fromkeys(CAN_NOT_BE_TYPED, False)}
    for hosts in ["mx1"], ["mx1", "mx-2.example.net"]:
        try_log(top, "account-abuse", "sasl_username", names, log_on_hosts(names, hosts))


def test_fleet_of_strangers(top):
    """Whatever a host is called, its name runs nothing."""
    with open(f"{top}/conf", "w", encoding="utf-8") as file:
        file.write(SITE.replace("[account-abuse]", "fleet = 10.1.0.0/24\n[account-abuse]"))
    hosts = ["-oProxyCommand=touch", "$(touch)", ";touch;", "`touch`", "a'b", "root@mx1", "%s"]
    log = Log()
    for number, host in enumerate(hosts):
        client = f"h[203.0.1.{number + 1}], sasl_method=PLAIN, sasl_username=user{number}"
        for _ in range(3):
            log.message(host, f"smtpd[1]: ID: client={client}", "x@example.net", 10)
    path = log.write(f"{top}/hosts.log")
    found = incidents_of(f"{top}/conf", path)
    check("found", len(found), len(hosts))
    for one in found:
        check(f"{one['host']}: commands", [row["command"] for row in one["commands"]],
              [f"relaywatch clients {one['id']}", f"relaywatch show {one['id']}"])
        check(f"{one['host']}: why", one["advice"][-1], "No command is printed for its host, since "
              "that has a name that ssh might take for something else")


def sender_names():
    names = {f"{name}@hacked.example": True for name in CAN_BE_TYPED}
    names.update({f"{name}@hacked.example": False for name in CAN_NOT_BE_TYPED
                  if not name.endswith("\\")})
    names.update(dict.fromkeys(WHOLE_DOMAINS, False))
    return names


def test_local_senders(top):
    names = {name: can for name, can in sender_names().items() if "@" in name}
    try_log(top, "local-abuse", "sender", names, log_of_senders(of_uid, names))


def test_trusted_senders(top):
    names = sender_names()
    try_log(top, "trusted-relay", "sender", names, log_of_senders(of_client, names))


def main():
    tests = {name: test for name, test in globals().items() if name.startswith("test_")}
    for name in sys.argv[3:] or tests:
        with tempfile.TemporaryDirectory() as top:
            make_programs(top)
            with open(f"{top}/conf", "w", encoding="utf-8") as file:
                file.write(SITE)
            tests[name](top)
    for failure in failures:
        print(f"FAIL {failure}")
    print(f"{checked} checks, {len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
