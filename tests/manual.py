#!/usr/bin/env python3
"""Checks the manual pages and the completions: manual.py [--write] [RELAYWATCH [SHIM]]

relaywatch.conf(5): its settings are generated from conf/relaywatch.conf; --write updates them.
relaywatch-json(7): must have the codes of warnings that are in the source, and no others.
relaywatch(8), the completions for bash, zsh and fish: must have the commands and options of `relaywatch --help`, and no
others. Prints the differences; without the program, checks only these two.
With the shim: runs the examples of all pages as they are printed; see EXAMPLES."""
import glob
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import textwrap
import threading

from follower import Checks, Follower, World, iso, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONF, PAGE5, PAGE7, PAGE8 = (f"{ROOT}/{name}" for name in (
    "conf/relaywatch.conf", "systemd/man/relaywatch.conf.5", "systemd/man/relaywatch-json.7",
    "systemd/man/relaywatch.8"))
BEGIN, END = '.\\" settings\n', '.\\" end settings\n'


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# --- relaywatch.conf(5) ---

def roff(text):
    """A paragraph in roff: every sentence begins a line, and no line looks like a request."""
    lines = []
    for sentence in re.split(r"(?<=[.)]) (?=[A-Z])", text.replace("\\", "\\e")):
        for line in textwrap.wrap(sentence, 78, break_on_hyphens=False, break_long_words=False):
            lines.append(f"\\&{line}" if line[0] in ".'" else line)
    return lines


def settings_of_conf():
    """The SETTINGS section: every section of the shipped file with its sentence and its keys."""
    lines, comment, inside = [], [], False
    for line in read(CONF).split("\n\n", 1)[1].splitlines():
        section = re.fullmatch(r"\[(.*)\]", line)
        key = re.fullmatch(r"#([a-z_]+) =(.*)", line)
        if section:
            lines += [".El"] if inside else []
            lines += [f".Ss [{section[1]}]", *roff(" ".join(comment)), ".Bl -tag -width Ds"]
            comment, inside = [], True
        elif key:
            default = f' Pq default "{key[2].strip()}"'.replace('"', "") if key[2].strip() else ""
            lines += [f".It Cm {key[1]}{default}", *roff(" ".join(comment))]
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
        elif line:
            raise ValueError(f"{CONF}: neither section, key nor comment: {line}")
    return "\n".join([*lines, ".El", ""])


def check_settings(write):
    page, wanted = read(PAGE5), settings_of_conf()
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    if page[begin:end] == wanted:
        return
    if write:
        with open(PAGE5, "w", encoding="utf-8") as file:
            file.write(page[:begin] + wanted + page[end:])
        return
    for old, new in zip(page[begin:end].splitlines(), wanted.splitlines()):
        if old != new:
            yield f"{PAGE5} has\n  {old}\nbut should have\n  {new}"
            break
    yield "relaywatch.conf(5) is out of date: tests/manual.py --write"


# --- relaywatch(8) and the completion ---

def help_of(binary, *command):
    return subprocess.run([binary, *command, "--help"], capture_output=True, text=True, check=True,
                          timeout=30).stdout


def commands_of(binary):
    """{command: (arguments, {option: argument})}, as --help lists them."""
    found = {}
    for name, arguments in re.findall(r"^  ([a-z-]+) +((?:[A-Z.\[\] ]*[A-Z.\]])?) ",
                                      help_of(binary), re.M):
        if name == "relaywatch":  # the usage line
            continue
        options = re.findall(r"^  --([a-z-]+)(?: ([A-Z]+))?  ", help_of(binary, name), re.M)
        found[name] = (arguments, dict(options))
    return found


def items(page):
    """From the .It lines of relaywatch(8): {command: arguments}, {option: argument}."""
    commands = {name: " ".join(word for word in rest.split() if word not in ("Ar", "Op"))
                for name, rest in re.findall(r"^\.It Nm Cm ([\w-]+)(.*)$", page, re.M)}
    options = {name: argument for name, argument in
               re.findall(r"^\.It Fl -([a-z-]+)(?: Ar ([A-Z]+))?", page, re.M)}
    return commands, options


def differences(where, what, has, wanted):
    for name in sorted(has.keys() | wanted.keys()):
        if name not in has:
            yield f"{where} lacks the {what} {name}"
        elif name not in wanted:
            yield f"{where} has the {what} {name}, which the program does not know"
        elif has[name] != wanted[name]:
            yield f"{where}: {what} {name}: {has[name]!r}, should be {wanted[name]!r}"


def check_commands(binary):
    commands = commands_of(binary)
    options = {name: argument for _, found in commands.values() for name, argument in found.items()}
    has_commands, has_options = items(read(PAGE8))
    yield from differences("relaywatch(8)", "command", has_commands,
                           {name: re.sub(r"[\[\]]", "", arguments)
                            for name, (arguments, _) in commands.items()})
    yield from differences("relaywatch(8)", "option", has_options, options)
    wanted = {name: sorted(f"--{option}" for option in found) for name, (_, found) in commands.items()}
    for shell, completes in completions():
        yield from differences(f"relaywatch.{shell}", "command with options", completes, wanted)


def codes_in_source():
    """The code of each warning: the first text that site_warn is given, or what a `code` is set to."""
    found = set()
    for path in glob.glob(f"{ROOT}/lib/*/*.c") + glob.glob(f"{ROOT}/daemon/*/*.c"):
        found.update(re.findall(r'site_warn\(\s*[^",;]+,\s*"([a-z-]+\??)"|\bcode(?:\[\])? = "([a-z-]+\??)"',
                                read(path)))
    return {code: "" for pair in found for code in pair if code}


def check_codes():
    page = read(PAGE7)
    codes = re.findall(r"^\.It Li (.+)$", page[page.index(".It Cm code Pq"):page.index(".It Cm text Pq")], re.M)
    yield from differences("relaywatch-json(7)", "code of a warning",
                           {code.replace("\\&", ""): "" for code in codes}, codes_in_source())


def completions():
    """(shell, {command: its options}): bash and zsh list the options of a command, fish the commands
    of an option."""
    for shell, pattern in ("bash", r"^    \[([\w-]+)\]='(.*)'$"), ("zsh", r"^    (\w[\w-]*) '(--.*)'$"):
        text = read(f"{ROOT}/systemd/relaywatch.{shell}")
        yield shell, {name: sorted(words.split()) for name, words in re.findall(pattern, text, re.M)}
    found, text = {}, read(f"{ROOT}/systemd/relaywatch.fish")
    for names, option in re.findall(r'-n "\$told ([a-z -]+?)" -l ([a-z-]+)', text):
        for name in names.split():
            found.setdefault(name, []).append(f"--{option}")
    offered = set(re.findall(r'-n "not \$told \$commands" -a ([\w-]+)', text))
    yield "fish", {name: sorted(found.get(name, [])) for name in offered | found.keys()}


# --- examples ---

def examples(page):
    """What a page prints to be typed or copied: its lines and blocks, as a reader sees them."""
    found = re.findall(r"^\.Dl ([^\n]*)$|^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", page, re.M | re.S)
    return [re.sub(r"\\(\(dq|e|&)", lambda m: {"(dq": '"', "e": "\\", "&": ""}[m[1]], line or block)
            for line, block in found]


# Commands, and what they print or what they have done: a text that has to be in it, or all of it if it
# ends with a line's end. ID is the incident, whose messages Q1 and Q2 are still queued.
Q1, Q2 = "0000000005", "0000000006"
EXAMPLES = {
    "relaywatch check": "own and relay domains:\n    example.net  ours\n",
    "relaywatch scan /var/log/mail.log*": "open-relay  client 192.0.2.1  on mx1",
    "relaywatch scan --postconf their-postconf-n.txt their-mail.log": "open-relay  client 192.181.15.33  on vm",
    "relaywatch scan --json mail.log | jq -r 'select(.severity == \"critical\") | .id'": "ID\n",
    "relaywatch incidents --json | jq -s 'map(select(.state == \"open\") | .queued) | add'": "2\n",
    "relaywatch queue ID | postsuper -h -": f"postsuper -h - of {Q1} {Q2}\n",
    "relaywatch queue --all ID | postsuper -d -": f"postsuper -d - of {Q1} {Q2}\n",
    "relaywatch queue --host mx1 ID | ssh mx1 postsuper -h -": f"on mx1: postsuper -h - of {Q1} {Q2}\n",
    "relaywatch clients ID | sed 's/$/ REJECT/' >>/etc/postfix/clients.cidr": "192.0.2.1 REJECT\n",
    "relaywatch close ID the newsletter of November": "ID is closed: no more alerts of it",
}
# These need an installed package: tests/e2e/pages.py types all but the last, which no test does.
NEED_SERVICE = ("systemctl reload relaywatch", "adduser mary relaywatch", "journalctl -x -n 1 RELAYWATCH_EVENT=raised",
                "systemctl enable --now relaywatch-kafka.socket")
# Those that reach the program do so through the first: it knows the socket and the settings.
PROGRAMS = {
    "relaywatch": 'case "$*" in *--postconf*) exec {binary} "$@" ;;\n'
                  'scan*|check*) exec {binary} "$@" --config {conf} ;;\n'
                  '*) exec {binary} "$@" --socket {socket} ;; esac\n',
    "postsuper": 'echo postsuper "$@" of $(cat)\n',
    "ssh": 'printf "on %s: " "$1"; shift; exec "$@"\n',
}


def queued(at, number):
    """A stranger's message that waits."""
    lines = relayed(at, number).splitlines(keepends=True)[:3]
    return "".join(lines).replace("dsn=2.0.0, status=sent (Ok)", "dsn=4.0.0, status=deferred (later)")


class Typist:
    """A daemon under attack, and a shell beside it whose files lie below the world's directory."""

    def __init__(self, binary, shim):
        self.world = World(shim)
        self.top, self.daemon = self.world.top, Follower(binary, self.world)
        for name, text in PROGRAMS.items():
            with open(self.path("bin", name), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n" + text.format(binary=binary, conf=self.daemon.conf, socket=self.daemon.socket))
            os.chmod(file.name, 0o755)
        relay = f"{ROOT}/tests/corpora/open_relay"
        shutil.copy(f"{relay}/postconf-n.txt", f"{self.top}/their-postconf-n.txt")
        shutil.copy(f"{relay}/mail.log", f"{self.top}/their-mail.log")

    def path(self, *names):
        path = os.path.join(self.top, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def __enter__(self):
        self.daemon.start()
        now = self.world.now()
        self.daemon.write("".join(relayed(now, number) for number in range(5)) + queued(now, 5) + queued(now, 6))
        self.daemon.wait_read(5 * 4 + 2 * 3)
        self.id = self.daemon.wait_alerts(1)[0][1]
        return self

    def __exit__(self, *unused):
        self.daemon.kill()
        self.world.end()

    def type(self, command, **more):
        for what, here in ("/var/log", self.top), ("/etc/postfix", self.top), (r"\bID\b", self.id):
            command = re.sub(what, here, command)
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False,
                              cwd=self.top, env=dict(os.environ, PATH=f"{self.top}/bin:{os.environ['PATH']}",
                                                     HOME=self.top, TZ="UTC", NO_COLOR="1", **more))


def try_command(t, typist, command):
    if "| jq" in command and not shutil.which("jq"):
        return t.skip(f"{command}: jq is not installed")
    want, done = EXAMPLES[command].replace("ID", typist.id), typist.type(command)
    said = done.stdout
    if ">>/etc/postfix/" in command:
        said = read(typist.path(command.rsplit("/", 1)[1]))
    t.check(command, (done.stderr, said), lambda got: got[0] == "" and (
        got[1] == want if want.count("\n") == 1 and want.endswith("\n") else want in got[1]))


def try_settings(t, typist, text):
    """They are good, and each line is what changes a default."""
    with open(typist.path("example.conf"), "w", encoding="utf-8") as file:
        file.write(text)
    binary = typist.daemon.binary
    done = subprocess.run([binary, "check", "--quiet", "--config", file.name], capture_output=True, text=True,
                          check=False)
    t.check(f"settings: {text}", (done.returncode, done.stderr), (0, ""))
    if done.returncode:
        return
    done = subprocess.run([binary, "check", "--json", "--config", file.name], capture_output=True, text=True,
                          check=False)
    told = json.loads(done.stdout.splitlines()[0])["settings_changed"].splitlines()
    t.check(f"settings that count: {text}", [line for line in text.splitlines() if line not in told and
                                             line and line[0] != "#"], [])


def try_unit(t, typist, text):
    """A drop-in for the unit."""
    if not shutil.which("systemd-analyze"):
        return t.skip(f"systemd-analyze is not installed: {text}")
    unit = read(f"{ROOT}/systemd/relaywatch.service").replace("/usr/bin/relaywatch", typist.daemon.binary)
    for name, words in (typist.path("units", "relaywatch.service"), unit), \
                       (typist.path("units", "relaywatch.service.d", "override.conf"), text):
        with open(name, "w", encoding="utf-8") as file:
            file.write(words)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", typist.path("units", "relaywatch.service")],
                          capture_output=True, text=True, timeout=60, check=False)
    t.check(f"unit: {text}", [line for line in done.stderr.splitlines() if "relaywatch.service" in line], [])


class MailServer(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            self.server.told.append(line.decode().rstrip())
            if line.startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    self.server.told.append(line)
            self.wfile.write(b"250 Ok\r\n")


def try_script(t, typist, text):
    """The command that mails, as [alert] runs it."""
    if not shutil.which("curl"):
        return t.skip("curl is not installed: the command that mails")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.told, server.daemon_threads = [], True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open(typist.path(".curlrc"), "w", encoding="utf-8") as file:
            file.write(f"connect-to = localhost:25:127.0.0.1:{server.server_address[1]}\n")
        with open(typist.path("bin", "mail-alert"), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o755)
        done = typist.type("echo '{}' | mail-alert postmaster@example.org", RELAYWATCH_KIND="open-relay",
                           RELAYWATCH_EVENT="raised")
        server.shutdown()
    t.check("mail-alert", (done.returncode, done.stderr), (0, ""))
    for word in "RCPT TO:<postmaster@example.org>", "Subject: relaywatch: open-relay raised", "{}":
        t.check(f"mail-alert: {word}", server.told, lambda told, word=word: word in told)


# Settings and drop-ins that stand in files of their own.
FILES = {"fleet/relaywatch.conf": try_settings, "notify/mail.conf": try_unit, "notify/network.conf": try_unit,
         "prometheus/metrics.conf": try_unit}


def try_examples(t, binary, shim):
    pages = [read(f"{ROOT}/systemd/man/{name}") for name in sorted(os.listdir(f"{ROOT}/systemd/man"))]
    found = [example for page in pages for example in examples(page)]
    t.check("a page for each", [name for name in [*EXAMPLES, *NEED_SERVICE] if name not in found], [])
    with Typist(binary, shim) as typist:
        for name, way in FILES.items():
            way(t, typist, read(f"{ROOT}/conf/examples/{name}"))
        for example in sorted(found, key=lambda text: "close ID" in text):
            if example.startswith("[Service]"):
                try_unit(t, typist, example)
            elif example.startswith("#!"):
                try_script(t, typist, example)
            elif "\n" in example:
                try_settings(t, typist, example)
            elif example in EXAMPLES:
                try_command(t, typist, example)
            else:
                t.check(f"{example}: tried elsewhere", example in NEED_SERVICE, True)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    wrong = [*check_settings("--write" in sys.argv), *check_codes()]
    if arguments:
        wrong += check_commands(arguments[0])
    print("\n".join(wrong), end="\n" if wrong else "")
    if len(arguments) < 2:
        return 1 if wrong else 0
    tests = Checks()
    tests.check("commands and settings", wrong, [])
    tests.run(try_examples, os.path.abspath(arguments[0]), arguments[1])
    return tests.end()


if __name__ == "__main__":
    sys.exit(main())
