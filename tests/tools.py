#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What other tools make of the alert lines of a real daemon, by conf/examples: fail2ban, CrowdSec,
Wazuh, logwatch, rsyslog. Strangers have named themselves to be taken for another line.

usage: tools.py RELAYWATCH SHIM [NAME...]"""
import http.server, json, os, re, shutil, socket, subprocess, sys, tempfile, threading, time
import xml.etree.ElementTree

from follower import Checks, Follower, World, iso, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "conf", "examples")
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]
STRANGERS = "192.0.2.1", "2001:db8::7"
# What they call themselves names this one, who has done nothing.
INNOCENT = "203.0.113.9"
ALERT = f'open-relay raised severity=critical client="{INNOCENT}" recipients=5 first=2026-11-29T00:05:43Z id=or-0'
LOGINS = (f'x" recipients=5 {ALERT}', ALERT.replace(" ", "_"), f'mx1 relaywatch[1]: {ALERT}', f'x\\" id=or-0 client_top="{INNOCENT}"',
          f"<HOST> {INNOCENT}")
KINDS = r"(?:open-relay|account-abuse|local-abuse|trusted-relay|backscatter-source|backscatter-victim|site-warning|test-alert)"


def read(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
        return f.read()


def alert_messages():
    """What the daemon says of two strangers that relay and of logins with bad names; and that one
    incident is closed, and a test."""
    world = World(shim)
    daemon = Follower(binary, world)
    try:
        daemon.configure("[account-abuse]\nrecipients = 3\n")
        daemon.start()
        for n, client in enumerate(STRANGERS):
            daemon.write("".join(relayed(world.now(), 100 * n + i, client).replace("@spam", f"@spam{n}") for i in range(6)))
        for n, name in enumerate(LOGINS):
            daemon.write("".join(relayed(world.now(), 1000 + 100 * n + i, "198.51.100.77").replace(
                "77]\n", f"77], sasl_method=PLAIN, sasl_username={name}\n") for i in range(4)))
        daemon.wait_status(lambda s: s["incidents"]["open"], len(STRANGERS) + len(LOGINS))
        for command in ("close", daemon.wait_alerts(1)[0][1], "it is wanted"), ("test-alert",):
            subprocess.run([binary, *command, "--socket", daemon.socket], check=True, capture_output=True, timeout=60)
        daemon.wait_said("test-alert text=")
        said = [line.removeprefix("relaywatch: ") for _, line in daemon.said]
        return [line for line in said if re.match(KINDS, line)], [line for line in said if not re.match(KINDS, line)]
    finally:
        if daemon.process and daemon.process.poll() is None:
            daemon.kill()
        world.end()


def became(line, event):
    """The line of what becomes of it later."""
    return line.replace(" raised ", f" {event} ", 1)


def kind_of(line):
    return line.split(" ", 1)[0]


def bare(line, name):
    """A value that relaywatch chose: what is quoted is left out."""
    return re.search(rf" {name}=(\S+)", re.sub(r'"(?:[^"\\]|\\.)*"', '""', line))[1]


alerts, others = alert_messages()
raised = [line for line in alerts if " raised " in line]
relays = [line for line in raised if kind_of(line) == "open-relay"]
# Lines that ban nobody: other kinds, what is over, and what others log.
HARMLESS = ([line for line in alerts if line not in relays] +
            [became(line, event) for line in relays for event in ("ended", "withdrawn", "closed", "widened")] +
            [became(line, "raised").replace("client=", "client_network=").replace('1" rec', '0/24" rec') for line in relays[:1]])
FOREIGN = [("postfix/smtpd[7]", f"warning: relaywatch[1]: {ALERT}"), ("postfix/smtpd[7]", ALERT),
           ("postfix/smtpd[7]", f"NOQUEUE: reject: RCPT from x[198.51.100.1]: helo=<{iso(0)} mx1 relaywatch[1]: {ALERT}"),
           ("relaywatcher[7]", ALERT), ("evil", f"relaywatch[1]: {ALERT}")]


def syslog(message, tag="relaywatch[77]", form="iso"):
    stamp = iso(time.time()) if form == "iso" else time.strftime("%b %e %H:%M:%S")
    return f"{stamp} mx1 {tag}: {message}\n"


class Place:
    """A directory, for `with`."""

    def __enter__(self):
        self.top = tempfile.mkdtemp(prefix="relaywatch-tools-")
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.top)

    def file(self, name, text, mode=0o644):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **more)


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not (got := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return got


def lines(t):
    """The daemon's lines are those that the tests below speak of."""
    t.check("lines: of strangers", sorted(re.match(r'open-relay raised severity=critical client="([^"]*)" recipients=', line)[1]
                                          for line in relays), sorted(STRANGERS))
    t.check("lines: of logins", len(raised) - len(relays), len(LOGINS))
    t.check("lines: others", {kind_of(line) for line in alerts}, lambda kinds: {"site-warning", "test-alert"} <= kinds)
    t.check("lines: closed", [line for line in alerts if " closed " in line], lambda found: len(found) == 1)
    t.check("lines: no quote ends early", [line for line in raised if not re.fullmatch(
        r'[a-z-]+ raised(?: [a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^ "]+))+', line)], [])


# --- fail2ban -------------------------------------------------------------------------------------

def banned_by(path):
    got = run("fail2ban-regex", "--out", "ip", path, os.path.join(EXAMPLES, "fail2ban/filter.d/relaywatch.conf"))
    return got.stdout.split()


def fail2ban(t):
    """Whom the filter would ban."""
    if not shutil.which("fail2ban-regex"):
        t.skip("fail2ban: not installed (apt install fail2ban)")
        return
    with Place() as it:
        for form in "iso", "bsd":
            log = it.file("relays", "".join(syslog(line, form=form) for line in relays))
            t.check(f"fail2ban: {form}: strangers", sorted(banned_by(log)), sorted(STRANGERS))
            again = [became(line, event) for line in relays for event in ("updated", "reopened")]
            log = it.file("again", "".join(syslog(line, form=form) for line in again))
            t.check(f"fail2ban: {form}: again", sorted(banned_by(log)), sorted(STRANGERS * 2))
            log = it.file("harmless", "".join(syslog(line, form=form) for line in HARMLESS) +
                          "".join(syslog(line, tag, form) for tag, line in FOREIGN) +
                          "".join(f"{iso(time.time())} {tag}: {line}\n" for tag, line in FOREIGN) +
                          "".join(syslog(line, form=form) for line in others))
            t.check(f"fail2ban: {form}: nobody else", banned_by(log), [])


class Networks:
    """A mail server's namespace and two clients', for `with`: each client reaches the server at its
    network's .254."""

    def __init__(self, *clients):
        self.server, self.clients = f"rw{os.getpid()}s", clients
        self.names = [f"rw{os.getpid()}c{n}" for n in range(len(clients))]

    def ip(self, *arguments):
        subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)

    def __enter__(self):
        for name in (self.server, *self.names):
            self.ip("netns", "add", name)
            self.ip("-n", name, "link", "set", "lo", "up")
        for n, (name, address) in enumerate(zip(self.names, self.clients)):
            gate = address.rsplit(".", 1)[0] + ".254"
            self.ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", f"eth{n}", "netns", self.server)
            for space, device, own in (name, "eth0", address), (self.server, f"eth{n}", gate):
                self.ip("-n", space, "address", "add", f"{own}/24", "dev", device)
                self.ip("-n", space, "link", "set", device, "up")
        return self

    def __exit__(self, *unused):
        for name in (self.server, *self.names):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def inside(self, name, *command):
        return run("ip", "netns", "exec", name, *command)

    def reaches(self, n):
        gate = self.clients[n].rsplit(".", 1)[0] + ".254"
        return self.inside(self.names[n], sys.executable, "-c", "import socket, sys\n"
                           f"socket.create_connection(('{gate}', 25), 2)").returncode == 0


LISTEN = "import socket, sys\ns = socket.create_server(('0.0.0.0', 25))\nprint('up', flush=True)\nwhile 1: s.accept()[0].close()"


def banning(t):
    """The jail in a network namespace: the stranger is shut out of port 25, another is not."""
    missing = [name for name in ("fail2ban-server", "nft", "ip") if not shutil.which(name)]
    if missing or os.geteuid() or run("unshare", "-n", "true").returncode:
        t.skip("banning: needs root, network namespaces, fail2ban, nftables, iproute2")
        return
    with Place() as it, Networks(STRANGERS[0], "198.51.100.7") as net:
        log = it.file("syslog", syslog("up to date"))
        shutil.copytree("/etc/fail2ban", f"{it.top}/f2b")
        for name in "jail.d/defaults-debian.conf", "jail.local":
            if os.path.exists(f"{it.top}/f2b/{name}"):
                os.unlink(f"{it.top}/f2b/{name}")
        it.file("f2b/filter.d/relaywatch.conf", read("fail2ban/filter.d/relaywatch.conf"))
        it.file("f2b/jail.d/relaywatch.conf", read("fail2ban/jail.d/relaywatch.conf").replace(
            "backend = systemd", f"backend = polling\nlogpath = {log}"))
        listener = subprocess.Popen(["ip", "netns", "exec", net.server, sys.executable, "-c", LISTEN], stdout=subprocess.PIPE)
        base = ["ip", "netns", "exec", net.server, "fail2ban-server", "-c", f"{it.top}/f2b", "-s", f"{it.top}/socket", "-p",
                f"{it.top}/pid", "--logtarget", f"{it.top}/log", "-x", "-f"]
        ask = ["fail2ban-client", "-s", f"{it.top}/socket", "-c", f"{it.top}/f2b"]
        it.file("f2b/fail2ban.local", f"[Definition]\ndbfile = {it.top}/db\n")
        server = subprocess.Popen([*base, "start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            listener.stdout.readline()
            t.check("banning: the jail is up", wait_for(lambda: run(*ask, "status", "relaywatch").returncode == 0), True)
            t.check("banning: both reach it", [net.reaches(n) for n in range(2)], [True, True])
            with open(log, "a", encoding="utf-8") as f:
                f.write("".join(syslog(line) for line in HARMLESS) + "".join(syslog(line, tag) for tag, line in FOREIGN) +
                        "".join(map(syslog, relays)))
            banned = lambda: run(*ask, "get", "relaywatch", "banip").stdout.split()
            wait_for(lambda: len(banned()) >= len(STRANGERS))
            t.check("banning: whom", sorted(banned()), sorted(STRANGERS))
            t.check("banning: in the firewall", wait_for(lambda: not net.reaches(0), 20), True)
            t.check("banning: the other still reaches it", net.reaches(1), True)
            run(*ask, "set", "relaywatch", "unbanip", STRANGERS[0])
            t.check("banning: unbanned", wait_for(lambda: net.reaches(0), 20), True)
        finally:
            run(*ask, "stop")
            listener.kill()
            listener.wait()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


# --- CrowdSec -------------------------------------------------------------------------------------

class Lapi(http.server.BaseHTTPRequestHandler):
    """CrowdSec's local API, as far as an agent needs it to hand on its alerts."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/v1/alerts":
            self.server.got += json.loads(body)
        answer = json.dumps({"code": 200, "expire": "2040-01-01T00:00:00Z", "token": "x"} if "login" in self.path else ["1"])
        self.send_response(201 if "alerts" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer.encode())

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *unused):
        pass


def grok(pattern):
    """As Python's re, for the few patterns that ours uses."""
    kinds = {"WORD": r"\b\w+\b", "IP": r"[0-9A-Fa-f:.]+", "INT": r"[+-]?[0-9]+"}
    return re.compile(re.sub(r"%\{(\w+):(\w+)\}", lambda m: f"(?P<{m[2]}>{kinds[m[1]]})", pattern))


def crowdsec_form(t):
    """The pattern, here, over all lines; the scenario and the parser agree."""
    parser, scenario = read("crowdsec/parser.yaml"), read("crowdsec/scenario.yaml")
    pattern = grok(re.search(r"pattern: '(.*)'", parser)[1])
    t.check("crowdsec: strangers", sorted(pattern.match(line)["relaywatch_client"] for line in relays), sorted(STRANGERS))
    t.check("crowdsec: nobody else", [line for line in HARMLESS + others if pattern.match(line)], [])
    t.check("crowdsec: what the scenario asks for", re.search(r"log_type == '(\w+)'", scenario)[1],
            re.search(r"log_type\n +value: (\w+)", parser)[1])
    try:
        import yaml
    except ImportError:
        t.skip("crowdsec: YAML: there is no python3-yaml (apt install python3-yaml)")
        return
    for name in "parser", "scenario", "acquis":
        t.check(f"crowdsec: {name}.yaml", yaml.safe_load(read(f"crowdsec/{name}.yaml")), lambda found: isinstance(found, dict))


CROWDSEC = """common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: .}}
config_paths: {{config_dir: {0}/etc/, data_dir: {0}/data/, simulation_path: {0}/etc/simulation.yaml, hub_dir: {0}/hub/, index_path: {0}/hub/.index.json}}
crowdsec_service: {{acquisition_path: {0}/etc/acquis.yaml, parser_routines: 1}}
cscli: {{output: human}}
db_config: {{log_level: info, type: sqlite, db_path: {0}/db}}
api: {{client: {{insecure_skip_verify: false, credentials_path: {0}/etc/credentials.yaml}}}}
prometheus: {{enabled: false}}
"""


def crowdsec(t):
    """Debian's crowdsec reads the lines, and tells its local API, which is this test, whom it found."""
    crowdsec_form(t)
    program = shutil.which("crowdsec")
    hub = program and os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(program))), "share/crowdsec/hub/parsers")
    if not program or not os.path.isdir(hub):
        t.skip("crowdsec: not installed (apt install crowdsec)")
        return
    with Place() as it, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lapi) as lapi:
        lapi.got = []
        threading.Thread(target=lapi.serve_forever, daemon=True).start()
        shutil.copytree(os.path.join(hub, "../../../../../etc/crowdsec/patterns" if "/usr/" in hub else ""), f"{it.top}/etc/patterns")
        for stage, name in ("s00-raw", "syslog-logs"), ("s02-enrich", "dateparse-enrich"):
            os.makedirs(f"{it.top}/etc/parsers/{stage}")
            shutil.copy(f"{hub}/{stage}/crowdsecurity/{name}.yaml", f"{it.top}/etc/parsers/{stage}/")
        for name, text in (("parsers/s01-parse/relaywatch", read("crowdsec/parser.yaml")), ("acquis", ""),
                           ("scenarios/relaywatch", read("crowdsec/scenario.yaml")), ("simulation", "simulation: off\n"),
                           ("credentials", f"url: http://127.0.0.1:{lapi.server_address[1]}/\nlogin: x\npassword: y\n")):
            it.file(f"etc/{name}.yaml", text)
        os.makedirs(f"{it.top}/data")
        os.makedirs(f"{it.top}/hub")
        shutil.copy(f"{hub}/../.index.json", f"{it.top}/hub/")
        log = it.file("log", "".join(map(syslog, HARMLESS + relays + others)) +
                      "".join(syslog(line, tag) for tag, line in FOREIGN[:3]))
        got = run(program, "-c", it.file("etc/config.yaml", CROWDSEC.format(it.top)), "-no-api", "-type", "syslog", "-dsn",
                  f"file://{log}")
        lapi.shutdown()
        t.check("crowdsec: whom", sorted((alert["scenario"], alert["source"]["scope"], alert["source"]["ip"])
                                         for alert in lapi.got),
                sorted(("relaywatch/open-relay", "Ip", stranger) for stranger in STRANGERS))
        if not lapi.got:
            print(got.stdout[-3000:], got.stderr[-3000:])


# --- Wazuh ----------------------------------------------------------------------------------------

def wazuh(t):
    """The decoders' expressions over all lines; the rules ask for what is decoded."""
    decoders = xml.etree.ElementTree.fromstring(f"<all>{read('wazuh/decoder.xml')}</all>").findall("decoder")
    rules = xml.etree.ElementTree.fromstring(f"<all>{read('wazuh/rules.xml')}</all>").findall("group/rule")

    def decode(line):
        """The children of one name go on beside each other."""
        fields = {}
        for decoder in decoders:
            found = decoder.find("regex") is not None and re.search(decoder.find("regex").text, line)
            if found:
                fields.update(zip((name.strip() for name in decoder.find("order").text.split(",")), found.groups()))
        return fields

    t.check("wazuh: parents", {d.find("parent").text for d in decoders if d.find("parent") is not None}, {"relaywatch"})
    for decoder in decoders:
        if decoder.find("regex") is not None:
            t.check("wazuh: a name for each group", len(decoder.find("order").text.split(",")),
                    re.compile(decoder.find("regex").text).groups)
    t.check("wazuh: addresses", sorted(decode(line)["srcip"] for line in relays), sorted(STRANGERS))
    t.check("wazuh: of nobody else", [line for line in HARMLESS + others if "srcip" in decode(line)], [])
    for line in raised:
        got = decode(line)
        kind, value = re.match(r"\S+ raised severity=\S+ (\w+)=\"((?:[^\"\\]|\\.)*)\"", line).groups()
        t.check(f"wazuh: {line[:60]}", [got.get(f"relaywatch.{name}") for name in ("kind", "event", "key_type", "key")] +
                [got.get("id")], [kind_of(line), "raised", kind, value, bare(line, "id")])
    t.check("wazuh: warnings", [decode(line).get("relaywatch.code") for line in alerts if kind_of(line) == "site-warning"],
            lambda codes: codes and all(codes))
    fields = {name.strip() for d in decoders if d.find("order") is not None for name in d.find("order").text.split(",")}
    t.check("wazuh: rules' fields", {f.get("name") for rule in rules for f in rule.findall("field")} - fields, set())
    t.check("wazuh: rules' texts", set(re.findall(r"\$\(([^)]*)\)", read("wazuh/rules.xml"))) - fields, set())
    numbers = [rule.get("id") for rule in rules]
    t.check("wazuh: identifiers", (len(set(numbers)), all(100000 <= int(n) < 120000 for n in numbers)), (len(rules), True))
    t.check("wazuh: on what they build", {s.text for rule in rules for s in rule.findall("if_sid")} - set(numbers), set())


# --- logwatch, rsyslog ----------------------------------------------------------------------------

def logwatch(t):
    """The section of the daily mail, exactly; from a syslog file and from the journal."""
    lasting = raised + [became(relays[0], "updated")] * 2 + [became(relays[0], "ended")]
    warnings = [line for line in alerts if kind_of(line) == "site-warning"]
    want = ["Incidents:"]
    for line in raised:
        events = "raised, updated 2 times, ended" if line == relays[0] else "raised"
        head = line.split(f" id={bare(line, 'id')} ")[0].replace(" raised ", " ", 1)
        want += [f"   {head}", f"      {bare(line, 'id')}: {events}"]
    want += ["", "Warnings:"]
    want += ["   {}: {}".format(*re.match(r'site-warning code=(\S+) text="(.*)"$', line).groups()) for line in warnings]
    got = subprocess.run(["perl", os.path.join(EXAMPLES, "logwatch/relaywatch")], text=True, check=False, timeout=60,
                         input="\n".join(others + lasting + warnings), capture_output=True)
    t.check("logwatch: the script", (got.stdout.rstrip("\n").split("\n"), got.stderr), (want, ""))
    if not shutil.which("logwatch") or os.geteuid() or run("unshare", "-m", "true").returncode:
        t.skip("logwatch: needs root, a mount namespace and logwatch (which ./dev does not install: it brings a mail server)")
        return
    with Place() as it:
        for folder in "conf", "scripts":
            os.makedirs(f"{it.top}/{folder}/services")
        it.file("scripts/services/relaywatch", read("logwatch/relaywatch"), 0o755)
        config = read("logwatch/service.conf")
        def section(service, quiet=False):
            it.file("conf/services/relaywatch.conf", service)
            # Its directories are fixed: our /etc/logwatch lies over this machine's.
            got = run("unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/logwatch && exec logwatch "$@"', it.top,
                      "--logdir", it.top, "--service", "relaywatch", "--range", "today", "--output", "stdout", "--format", "text",
                      env=dict(os.environ, PATH=f"{it.top}/bin:{os.environ['PATH']}"))
            text = re.search(r"-+ relaywatch Begin -+ \n\n(.*?)\n\n? *-+ relaywatch End", got.stdout, re.S)
            if quiet:
                return bool(text), got.stderr
            return [line.removeprefix(" ") for line in text[1].rstrip().split("\n")] if text else got
        it.file("bin/journalctl", "#!/bin/sh\necho \"$*\" >{0}/asked\ncat {0}/journal\n".format(it.top), 0o755)
        for form in "iso", "bsd":
            it.file("syslog", "".join(syslog(line, form=form) for line in others + lasting + warnings) +
                          "".join(syslog(line, tag, form) for tag, line in FOREIGN))
            t.check(f"logwatch: {form}", section(config), want)
        it.file("journal", "\n".join(others + lasting + warnings) + "\n")
        journal = re.sub(r"(?m)^LogFile.*$|^\*.*$", "", config)
        journal = re.sub(r"(?m)^# (LogFile = none|\*Journal.*)$", r"\1", journal)
        t.check("logwatch: the journal", section(journal), want)
        with open(f"{it.top}/asked", encoding="utf-8") as f:
            t.check("logwatch: what is asked of it", f.read(), lambda got: got.startswith(
                "--quiet --output=cat --unit=relaywatch.service"))
        it.file("syslog", "".join(map(syslog, others)))
        t.check("logwatch: a quiet day", section(config, True), (False, ""))


def rsyslog(t):
    """What arrives at the log host, octet by octet: the alerts, in order."""
    program = shutil.which("rsyslogd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        t.skip("rsyslog: not installed (apt install rsyslog)")
        return
    with Place() as it, socket.create_server(("127.0.0.1", 0)) as host:
        host.settimeout(60)
        config = read("rsyslog/relaywatch.conf").replace("log.example.net", "127.0.0.1").replace("1514", str(host.getsockname()[1]))
        whole = (f'global(workDirectory="{it.top}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
                 f'input(type="imuxsock" socket="{it.top}/log")\n{config}')
        path = it.file("rsyslog.conf", whole)
        t.check("rsyslog: -N1", run(program, "-N1", "-f", path).returncode, 0)
        server = subprocess.Popen([program, "-n", "-f", path, "-i", f"{it.top}/pid"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: os.path.exists(f"{it.top}/log"))
            wanted = [line for line in alerts if kind_of(line) != "site-warning"] + \
                     [line for line in alerts if kind_of(line) == "site-warning"]
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.connect(f"{it.top}/log")
                stamp = time.strftime("%b %e %H:%M:%S")
                for tag, line in [("relaywatch[77]", line) for line in others] + FOREIGN[:4] + \
                        [("relaywatch[77]", line) for line in wanted]:
                    out.send(f"<25>{stamp} {tag}: {line}".encode())
            link, _ = host.accept()
            link.settimeout(60)
            with link, link.makefile("rb") as stream:
                got = []
                while len(got) < len(wanted):
                    size = b""
                    while (c := stream.read(1)) != b" ":
                        size += c
                    got.append(stream.read(int(size)).decode())
            form = re.compile(r"<25>1 [0-9T:.+-]+ \S+ relaywatch 77 - -  ?(.*)\n?")
            t.check("rsyslog: what arrives", [(form.fullmatch(line) or [line, line])[1] for line in got], wanted)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


tests = Checks()
for test in lines, fail2ban, banning, crowdsec, wazuh, logwatch, rsyslog:
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
