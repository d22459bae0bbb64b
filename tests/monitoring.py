#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What monitoring systems get from the running daemon, by the examples in conf/examples.

usage: monitoring.py RELAYWATCH SHIM [NAME...]"""
import json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request

from follower import Checks, Follower, World, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(ROOT, "conf", "examples")
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]


class Running:
    """A world and a daemon in it, for `with`; its `relaywatch` finds the daemon's socket."""

    def __init__(self, settings="", speed=1):
        self.world = World(shim, speed)
        self.daemon = Follower(binary, self.world, settings)
        self.bin = os.path.join(self.world.top, "bin")
        os.mkdir(self.bin)
        with open(os.path.join(self.bin, "relaywatch"), "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {binary} "$@" --socket {self.daemon.socket}\n')
        os.chmod(f.name, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        self.world.end()

    def run(self, *command):
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env=dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}"))

    def attack(self, count=7):
        """An open relay, until it is known."""
        self.daemon.write("".join(relayed(self.world.now(), n) for n in range(count)))
        return self.daemon.wait_status(lambda s: s["incidents"]["open"], 1)


# --- plugins --------------------------------------------------------------------------------------

def like(pattern):
    return lambda text: bool(re.fullmatch(pattern, text))


FIGURE = r"[a-z_]+=[0-9]+[a-zA-Z]?;[0-9]*;[0-9]*;0"


def read(name):
    with open(os.path.join(EXAMPLES, name), encoding="utf-8") as f:
        return f.read()


def nagios(t):
    """The four states. The text is one line, and its figures have the form of perfdata."""
    command = re.search(r"command_line +/usr/bin/(.*)", read("nagios/relaywatch.cfg"))[1].split()
    t.check("nagios: NRPE runs the same", read("nagios/nrpe.cfg"),
            lambda text: f"=/usr/bin/{' '.join(command)}\n" in text)
    with Running() as it:
        got = it.run(*command)
        t.check("nagios: no daemon", (got.returncode, got.stderr), (3, ""))
        t.check("nagios: no daemon, said", got.stdout,
                like("RELAYWATCH UNKNOWN - the daemon is not running: .*\n"))
        it.daemon.start()
        got = it.run(*command)
        t.check("nagios: quiet", got.returncode, 0)
        t.check("nagios: quiet, said", got.stdout, like(rf"RELAYWATCH OK - 0 open incidents \|( {FIGURE})+\n"))
        t.check("nagios: an attack", it.attack(), 1)
        got = it.run(*command)
        t.check("nagios: critical", got.returncode, 2)
        t.check("nagios: critical, said", got.stdout, like(r"RELAYWATCH CRITICAL - 1 open incident \(1 critical, 0 warning, 0 info\): open-relay of "
            rf"client 192\.0\.2\.1: 7 recipients, 0 queued \(or-\w+\) \| critical=1;;0;0( {FIGURE})+\n"))
        closed = it.run("relaywatch", "close", it.daemon.alerts()[0][1])
        t.check("nagios: closed", closed.returncode, 0)
        t.check("nagios: closed is well", it.run(*command).returncode, 0)
        for other in "--json", "--watch":
            got = it.run(*command, other)
            t.check(f"nagios: {other}", (got.returncode, got.stdout[:20]), (3, "RELAYWATCH UNKNOWN -"))
    with Running(speed=60) as it:
        os.unlink(it.daemon.log)
        it.daemon.start()
        it.daemon.wait_status(lambda s: len(s["blind"]), 1)
        got = it.run(*command)
        t.check("nagios: blind", got.returncode, 1)
        t.check("nagios: blind, said", got.stdout,
                lambda out: out.startswith("RELAYWATCH WARNING - blind: ") and " blind=1;0;;0 " in out)


def checkmk(t):
    """state "name" metrics text, in one line; no metric has a unit."""
    check = os.path.join(EXAMPLES, "checkmk", "relaywatch")
    metrics = r"([a-z_]+=[0-9]+;[0-9]*;[0-9]*;0)(\|[a-z_]+=[0-9]+;[0-9]*;[0-9]*;0)+"
    with Running() as it:
        t.check("checkmk: no daemon", it.run(check).stdout,
                like('3 "relaywatch" - the daemon is not running: .*\n'))
        it.daemon.start()
        t.check("checkmk: quiet", it.run(check).stdout,
                like(f'0 "relaywatch" {metrics} 0 open incidents\n'))
        it.attack()
        t.check("checkmk: an attack", it.run(check).stdout,
                like(f'2 "relaywatch" {metrics} 1 open incident .*\n'))
        os.unlink(os.path.join(it.bin, "relaywatch"))
        got = subprocess.run(["/bin/sh", check], capture_output=True, text=True, check=False,
                             env={"PATH": "/nonexistent"})
        t.check("checkmk: no program", got.stdout,
                lambda out: out.startswith('3 "relaywatch" - relaywatch'))


def zabbix(t):
    """Every item of the template finds its number in what the user parameter prints, every trigger
    speaks of items that there are, and every object has an identifier of its own."""
    key, command = re.search(r"^UserParameter=([^,]+),(.*)$", read("zabbix/relaywatch.conf"), re.M).groups()
    export = json.loads(read("zabbix/template.json"))["zabbix_export"]
    template = export["templates"][0]
    items = template["items"]
    t.check("zabbix: the user parameter", [i["key"] for i in items if "master_item" not in i], [key])
    triggers = [trigger for item in items for trigger in item.get("triggers", [])]
    uuids = [thing["uuid"] for thing in [*export["groups"], template, *items, *triggers]]
    t.check("zabbix: identifiers", [u for u in uuids if not re.fullmatch(
        "[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", u)], [])
    t.check("zabbix: each its own", len(set(uuids)), len(uuids))
    named = re.findall(r"\(/([^/]+)/([a-z_.]+)", " ".join(x["expression"] for x in triggers))
    t.check("zabbix: triggers", [n for n in named if n[0] != template["template"] or
                                 n[1] not in {i["key"] for i in items}], [])
    t.check("zabbix: masters", {i["master_item"]["key"] for i in items if "master_item" in i}, {key})
    with Running() as it:
        it.daemon.start()
        it.attack()
        it.daemon.wait_read(28)
        got = it.run("/bin/sh", "-c", command.replace("/usr/bin/", ""))
        t.check("zabbix: exit status", got.returncode, 0)
        for item in items:
            if "master_item" not in item:
                continue
            step = item["preprocessing"][0]
            found = re.search(step["parameters"][0], got.stdout)
            t.check(f"zabbix: {item['key']}", found and found.expand(step["parameters"][1]),
                    lambda text: text and text.isdigit())
        t.check("zabbix: every figure is an item", set(re.findall(r" ([a-z_]+)=", got.stdout)),
                {i["key"].removeprefix(key.split(".", maxsplit=1)[0] + ".") for i in items} - {"status"})


# --- Prometheus -----------------------------------------------------------------------------------

LABELS = r'[a-z_]+="(?:[^"\\\\]|\\\\.)*"'
SERIES = re.compile(rf"([a-z_]+)(?:\{{((?:{LABELS},?)+)\}})? (-?[0-9.e+]+)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def wait_for(what, seconds=60):
    """What it returns once that is true; what it was at last."""
    end, got = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            got = what()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            got = None
        if got:
            break
        time.sleep(0.1)
    return got


class Measured(Running):
    """A daemon with metrics."""

    def __init__(self):
        self.port = free_port()
        super().__init__(f"[metrics]\nenabled = yes\nlisten = 127.0.0.1:{self.port}\n")

    def metrics(self):
        return fetch(f"http://127.0.0.1:{self.port}/metrics")


def parsed(text):
    """{name: [({label: value}, value)]}"""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SERIES.fullmatch(line).groups()
            pairs = re.findall(rf"({LABELS})", labels or "")
            found.setdefault(name, []).append((dict(p.replace('"', "").split("=", 1) for p in pairs),
                                               float(value)))
    return found


def promtool(t, *arguments, **more):
    got = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60,
                         check=False, **more)
    t.check(f"promtool {' '.join(arguments[:2])}", (got.returncode, got.stderr), (0, ""))


def metrics(t):
    """Their form, by promtool too; what they say of an attack; and that nobody who writes to the log
    can make more of them."""
    with Measured() as it:
        it.daemon.start()
        before = parsed(it.metrics())
        it.attack()
        text = it.metrics()
        told = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        t.check("metrics: HELP for each TYPE", set(re.findall(r"^# HELP (\S+)", text, re.M)), told)
        t.check("metrics: told once", len(re.findall("^# TYPE ", text, re.M)), len(told))
        got = parsed(text)
        t.check("metrics: each is told", set(got) - told, set())
        t.check("metrics: deliveries", [value for labels, value in got["relaywatch_deliveries_total"]
                                        if list(labels.values()) == ["outside", "outside", "sent"]], [7])
        t.check("metrics: raised", [labels for labels, value in got["relaywatch_incidents_raised_total"]
                                    if value], [{"kind": "open-relay", "severity": "critical"}])
        t.check("metrics: the last line", got["relaywatch_last_line_timestamp_seconds"][0][1],
                lambda at: 0 <= it.world.now() - at < 60)
        t.check("metrics: started", got["process_start_time_seconds"][0][1],
                lambda at: 0 <= it.world.now() - at < 60)
        t.check("metrics: memory", got["process_resident_memory_bytes"][0][1] / 1024 / it.daemon.memory()[0],
                lambda part: 0.5 < part < 2)
        per_incident = {name for name in got if name.startswith("relaywatch_incident_")}
        t.check("metrics: series per incident", {len(got[name]) for name in per_incident}, {1})
        t.check("metrics: others are as many as before", {
            name for name in before if len(before[name]) != len(got[name])}, set())
        t.check("metrics: and fewer than", sum(map(len, got.values())), lambda n: n < 400)
        if not shutil.which("promtool"):
            t.skip("promtool check metrics: there is no promtool (apt install prometheus)")
            return
        promtool(t, "check", "metrics", input=text)


def rules(t):
    """The example's rules, their tests, and that each names metrics and labels that there are."""
    folder = os.path.join(EXAMPLES, "prometheus")
    with Measured() as it:
        it.daemon.start()
        it.attack()
        expressions = re.findall(r"^ +expr: (?:>-)?((?:.*\n)(?: {10}.*\n)*)", read("prometheus/relaywatch.rules.yml"),
                                 re.M)
        t.check("rules: all of them", len(expressions), read("prometheus/relaywatch.rules.yml").count("alert:"))
        known(t, "rules", expressions, parsed(it.metrics()))
    if not shutil.which("promtool"):
        t.skip("promtool check rules, test rules: there is no promtool (apt install prometheus)")
        return
    for what, name in ("rules", "relaywatch.rules.yml"), ("config", "prometheus.yml"):
        promtool(t, "check", what, name, cwd=folder)
    promtool(t, "test", "rules", "relaywatch.test.yml", cwd=folder)


def known(t, what, expressions, series):
    """The metrics and labels of the expressions exist; Prometheus itself adds some."""
    series = dict(series, up=[({}, 1)])
    for expression in expressions:
        names = re.findall(r"\b(?:relaywatch|process)_[a-z_]+|\bup\b", expression)
        t.check(f"{what}: {expression.strip()[:70]}: metrics", [n for n in names if n not in series],
                lambda missing, names=names: names and not missing)
        labels = {label for name in names for labels, _ in series.get(name, []) for label in labels}
        used = re.findall(r"([a-z_]+)(?:=~?|!=)\"", expression)
        for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
            used += group.split(", ")
        t.check(f"{what}: labels", [u for u in used if u not in labels | {"instance", "job"}], [])
        for name, selected in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
            for label, value in re.findall(r'([a-z_]+)="([^"]*)"', selected):
                t.check(f"{what}: {label}={value}", {labels.get(label, value) for labels, _ in series[name]},
                        lambda values, value=value: value in values or "severity" == label)


def grafana(t):
    """Every expression of the dashboard is of metrics and labels that there are, and every panel has
    one, in a place of its own."""
    dashboard = json.loads(read("grafana/relaywatch.json"))
    panels = dashboard["panels"]
    t.check("grafana: numbers", len({panel["id"] for panel in panels}), len(panels))
    places = set()
    for panel in panels:
        place = panel["gridPos"]
        mine = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])}
        t.check(f"grafana: {panel['title']}: its place", (len(mine & places), place["x"] + place["w"] <= 24),
                (0, True))
        places |= mine
    with Measured() as it:
        it.daemon.start()
        it.attack()
        series = parsed(it.metrics())
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    used = set(re.findall(r"\$\{?([a-z_]+)", " ".join(expressions))) - {"__rate_interval"}
    t.check("grafana: variables", used - variables, set())
    known(t, "grafana", expressions, series)
    if shutil.which("promtool"):
        text = "groups: [{name: g, rules: [" + ", ".join(
            "{record: r, expr: " + json.dumps(e.replace("$__rate_interval", "5m")) + "}" for e in expressions)
        with open(os.path.join(tempfile.mkdtemp(), "rules.yml"), "w", encoding="utf-8") as f:
            f.write(text + "]}]\n")
        promtool(t, "check", "rules", "--lint=none", f.name)
        shutil.rmtree(os.path.dirname(f.name))
    else:
        t.skip("grafana: the expressions' grammar: there is no promtool (apt install prometheus)")


class Server:
    """A program, for `with`."""

    def __init__(self, *command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def alertmanager(t):
    """The real ones: an attack's alert arrives in Alertmanager, with the incident's key."""
    if not shutil.which("prometheus") or not shutil.which("prometheus-alertmanager"):
        t.skip("alertmanager: not installed (apt install prometheus prometheus-alertmanager)")
        return
    at, alerts_at = free_port(), free_port()
    with Measured() as it:
        top = it.world.top
        config = (read("prometheus/prometheus.yml").replace("15s", "1s").replace(":9397", f":{it.port}")
                  .replace(":9093", f":{alerts_at}")
                  .replace("relaywatch.rules", f"{EXAMPLES}/prometheus/relaywatch.rules"))
        for name, text in (("prometheus.yml", config),
                           ("alertmanager.yml", "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")):
            with open(os.path.join(top, name), "w", encoding="utf-8") as f:
                f.write(text)
        it.daemon.start()
        with Server("prometheus-alertmanager", f"--config.file={top}/alertmanager.yml",
                    f"--storage.path={top}/am", f"--web.listen-address=127.0.0.1:{alerts_at}",
                    "--cluster.listen-address="), \
             Server("prometheus", f"--config.file={top}/prometheus.yml", f"--storage.tsdb.path={top}/tsdb",
                    f"--web.listen-address=127.0.0.1:{at}"):
            up = wait_for(lambda: json.loads(fetch(f"http://127.0.0.1:{at}/api/v1/query?query=relaywatch_build_info"))
                          ["data"]["result"])
            t.check("alertmanager: scraped", [r["value"][1] for r in up or []], ["1"])
            asked = f"http://127.0.0.1:{alerts_at}/api/v2/alerts"
            t.check("alertmanager: quiet", wait_for(lambda: fetch(asked).strip()), "[]")
            it.attack()
            began = time.monotonic()
            alerts = wait_for(lambda: json.loads(fetch(asked)))
            print(f"     the alert came after {time.monotonic() - began:.1f} s")
            labels = [alert["labels"] for alert in alerts or []]
            t.check("alertmanager: the attack", [(l["alertname"], l["severity"], l["kind"], l["key"])
                                                 for l in labels],
                    [("RelaywatchAttack", "critical", "open-relay", "192.0.2.1")])


# --- status --watch -------------------------------------------------------------------------------

class Screen:
    """A terminal of that size in tmux, with a shell in it, for `with`."""

    def __init__(self, it, columns, rows):
        self.socket = os.path.join(it.world.top, "tmux")
        self.environment = dict(os.environ, PATH=f"{it.bin}:{os.environ['PATH']}", LC_ALL="C.UTF-8",
                                TERM="xterm", TZ="UTC", PS1="", ENV="")
        self.size = ("-x", str(columns), "-y", str(rows))

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-f", "/dev/null", "-S", self.socket, *arguments], text=True, timeout=20,
                              check=True, capture_output=True, env=self.environment).stdout

    def __enter__(self):
        self.tmux("new-session", "-d", *self.size, "/bin/sh")
        self.tmux("set-option", "-g", "window-size", "manual")
        return self

    def __exit__(self, *unused):
        self.tmux("kill-server")

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, what, seconds=20):
        """What the screen shows once that is true of it; what it showed at last."""
        end, text = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            text = self.text()
            if what(text):
                break
            time.sleep(0.05)
        return text

    def mode(self):
        return self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip()


def login(at, number, account):
    """A login's message to the outside, of one recipient."""
    return relayed(at, number).replace("[192.0.2.1]\n", f"[192.0.2.1], sasl_method=PLAIN, sasl_username={account}\n")


def watch(t):
    """What `status --watch` shows on terminals of several sizes, while one is resized, and that the
    terminal is as it was after q and ^C."""
    if not shutil.which("tmux"):
        t.skip("watch: there is no tmux (apt install tmux)")
        return
    with Running() as it:
        now = it.world.now()
        it.daemon.write("".join(relayed(now - 5000, n) for n in range(5)))
        it.daemon.start()
        for n in range(50):
            it.daemon.write(login(it.world.now(), 100 + n, "bob" if n % 5 else 'e\x1b[31mvil'))
        for n in range(6):
            it.daemon.write(relayed(it.world.now(), 300 + n, client="203.0.113.9",
                                    domain="another.example"))
        it.daemon.wait_read(5 * 4 + 50 * 4 + 6 * 4)
        before = os.path.join(it.world.top, "before")
        with Screen(it, 80, 24) as screen:
            screen.type(f"stty -a | grep -o '.icanon\\|.echo\\b' >{before}; relaywatch status --watch", "Enter")
            text = screen.wait(lambda text: "q: quit" in text and "NEAREST" in text)
            rows = text.rstrip("\n").split("\n")
            t.check("watch: in its own screen", screen.mode(), "1 0")
            t.check("watch: 80x24: rows", len(rows), lambda n: 15 < n <= 24)
            t.check("watch: 80x24: columns", max(map(len, rows)), lambda n: n <= 80)
            t.check("watch: what is followed", rows[1], lambda row: row.startswith(f"follows   {it.daemon.log}"[:80]))
            t.check("watch: from logins", [row for row in rows if row.startswith("account ")],
                    lambda found: bool(re.fullmatch("account +[0-9]+ +[0-9]+ .*[▁▂▃▄▅▆▇█] *", "".join(found))))
            t.check("watch: from strangers: none of before", [row.split()[2] for row in rows
                                                              if row.startswith("outside ")], ["6"])
            t.check("watch: nearest", text, lambda text: bool(re.search(r"^bob +40/200 +20%", text, re.M)))
            t.check("watch: a stranger's name is harmless", text, lambda text: "e?[31mvil" in text)
            t.check("watch: the incident", text, lambda text: bool(re.search(
                r"^1 open incident, [01] ended$", text, re.M)) and "203.0.113.9" in text)
            shots = [text]
            for columns, rows in (200, 50), (40, 10), (120, 30):
                screen.tmux("resize-window", "-x", str(columns), "-y", str(rows))
                text = screen.wait(lambda text, columns=columns, rows=rows:
                                   text.startswith("relaywatch ") and ("q: quit" in text) == (columns >= 80) and
                                   (max(map(len, text.split("\n"))) > 80) == (columns > 80))
                shown = text.rstrip("\n").split("\n")
                shots.append(text)
                t.check(f"watch: {columns}x{rows}", (max(map(len, shown)) <= columns, len(shown) <= rows), (True, True))
            t.check("watch: 120x30: all parts again", screen.wait(
                lambda text: "NEAREST" in text and "open incident" in text), lambda text: "RECIPIENTS A MINUTE" in text)
            if os.environ.get("SHOTS"):
                print("\n".join(shots))
            for key in "q", "C-c":
                screen.type(key)
                text = screen.wait(lambda text: "NEAREST" not in text)
                t.check(f"watch: {key}: the screen is back", ("NEAREST" in text, screen.mode()), (False, "0 1"))
                screen.type(f"stty -a | grep -o '.icanon\\|.echo\\b' | cmp - {before} && echo sa''me", "Enter")
                t.check(f"watch: {key}: the terminal's mode", "same" in screen.wait(lambda text: "same" in text), True)
                if key == "q":
                    screen.type("clear; relaywatch status --watch", "Enter")
                    screen.wait(lambda text: "NEAREST" in text)
            screen.type("clear; relaywatch status --watch", "Enter")
            screen.wait(lambda text: "NEAREST" in text)
            it.daemon.stop()
            t.check("watch: no daemon", screen.wait(lambda text: "is not running" in text),
                    lambda text: "is not running" in text)
            screen.type("q")


tests = Checks()
for test in nagios, checkmk, zabbix, metrics, rules, grafana, alertmanager, watch:
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
