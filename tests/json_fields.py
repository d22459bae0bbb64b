#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""relaywatch-json(7) against what the program prints, and the other way round: every field of every
object is in the page with its type, and every one in the page is printed here or excused below.

usage: json_fields.py RELAYWATCH SHIM"""
import glob, json, lzma, os, re, subprocess, sys, tempfile, time

from follower import Checks, Follower, World, iso, quiet, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = f"{ROOT}/systemd/man/relaywatch-json.7"
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]

# What takes a rare story to appear.
RARE = {
    "incident": {"told_as", "key.sender", "key.host", "key.recipient_domain"},
    "open_incident": {"cause"},
    "queued": {"type", "host", "queue_id"},
    "status": {"source.journal_directory", "source.journal_namespace", "source.journal_check_sender",
               "source.kafka_socket", "source.kafka_brokers",
               "judging_again.since", "judging_again.up_to"},
}
# Objects whose members are names of things: any name will do.
MAPS = {("summary", "counters"), ("status", "source.notes"), ("status", "open_by_kind"),
        ("open_incident", "key")}
# Fields whose texts are of a fixed set.
WORDS = {"kind", "severity", "state", "event", "cause", "measure", "class", "origin", "root", "status",
         "incident_kind"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def type_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, str):
        return "time" if TIME.fullmatch(value) else "string"
    return "list" if isinstance(value, list) else "object"


class Seen:
    """Of each type of object: the fields with the types of their values, and how often each and what
    it is in were there. Words: where the texts of fixed sets were."""

    def __init__(self):
        self.fields, self.counts, self.words = {}, {}, {}

    def add(self, row):
        self.members(row["type"], "", row)

    def members(self, kind, path, row):
        self.counts[kind, path, "itself"] = self.counts.get((kind, path, "itself"), 0) + 1
        for name, value in row.items():
            self.member(kind, f"{path}.{name}".lstrip("."), value)
            if isinstance(value, str) and name in WORDS:
                self.words.setdefault(value, f"{kind} {path} {name}")

    def member(self, kind, path, value):
        types = self.fields.setdefault(kind, {}).setdefault(path, set())
        self.counts[kind, path] = self.counts.get((kind, path), 0) + 1
        if isinstance(value, list):
            types |= {f"list of {type_of(one)}s" for one in value} or {"list"}
        else:
            types.add(type_of(value))
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and (kind, path) not in MAPS:
                self.members(kind, path, one)

    def run(self, *command):
        done = subprocess.run([binary, *command], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, 1), (command, done)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows:
            self.add(row)
        return rows


def logs(seen, top):
    """The labelled logs, a fleet's, and a message of each attack."""
    for place in sorted(glob.glob(f"{ROOT}/tests/corpora/*_*")):
        site, log = ("--postconf", f"{place}/postconf-n.txt"), f"{place}/mail.log"
        found = [row for row in seen.run("scan", "--json", *site, log) if row["type"] == "incident"]
        for incident in found[:2]:
            seen.run("explain", "--json", *site, incident["queue_ids"][0], log)
    seen.run("check", "--json", "--postconf", f"{ROOT}/tests/corpora/open_relay/postconf-n.txt")
    fleet, log = f"{ROOT}/tests/fleet/late", os.path.join(top, "mail.log")
    with lzma.open(f"{fleet}/mail.log.xz") as packed, open(log, "wb") as f:
        f.write(packed.read())
    seen.run("scan", "--json", "--config", f"{fleet}/site.ini", log)
    # A letter to a club is less severe than a theft, and a log that is not there has a cure.
    begin = f"{iso(time.time())} mx1 postfix/"
    with open(log, "w") as f:
        f.write(f"{begin}smtpd[1]: 4F1A2B3C4D: client=a[192.0.2.1], sasl_method=PLAIN, "
                "sasl_username=a@example.net\n"
                f"{begin}cleanup[1]: 4F1A2B3C4D: warning: header Subject: News from local; from=<a@example.net>\n"
                f"{begin}cleanup[1]: 4F1A2B3C4D: info: header X-PHP-Originating-Script: 33:n.php from local; "
                "from=<a@example.net>\n"
                f"{begin}qmgr[1]: 4F1A2B3C4D: from=<a@example.net>, size=9, nrcpt=210 (queue active)\n")
        for i in range(210):
            f.write(f"{begin}smtp[1]: 4F1A2B3C4D: to=<u{i}@v{i}.example>, relay=m[198.51.100.1]:25, delay=1, "
                    "dsn=2.0.0, status=sent (Ok)\n")
        f.write(f"{begin}qmgr[1]: 4F1A2B3C4D: removed\n")
    conf = os.path.join(top, "conf")
    with open(conf, "w") as f:
        f.write(f"[source]\ntype = file\nfiles = {top}/gone.log\n[site]\nown_domains = example.net\n"
                "ask_postfix = no\n")
    seen.run("scan", "--json", "--config", conf, log)
    seen.run("check", "--json", "--config", conf)
    with open(conf, "w") as f:
        f.write(f"[source]\ntype = file\nfiles = {log}\n[site]\nown_domains = example.net\nask_postfix = no\n")
    seen.run("check", "--json", "--config", conf)
    with open(f"{top}/mx1.postconf", "w") as f:
        f.write("mynetworks = 10.0.0.0/24\n")
    with open(conf, "w") as f:
        f.write(f"[site]\npostconf_directory = {top}\n")
    seen.run("check", "--json", "--config", conf)


def daemon_tells(seen):
    """What is asked of it, and what its alert command gets."""
    world = World(shim, 60)
    daemon = Follower(binary, world, "end_after = 5m\n")
    try:
        os.unlink(daemon.log)
        daemon.start()
        ask = "--json", "--socket", daemon.socket
        daemon.wait_warnings("blind", 1)
        seen.run("status", *ask)
        daemon.write("".join(relayed(world.now(), i) for i in range(8)))
        daemon.wait_alerts(1)
        # Hosts are told of where there are several.
        daemon.write("".join(f"{iso(world.now())} {host} postfix/qmgr[1]: 4F1A2B3C4D: removed\n"
                             for host in ("mx1", "mx2", "mx1")))
        daemon.wait_status(lambda s: s["hosts"]["count"], 2)
        seen.run("status", *ask)
        incident, = [row for row in seen.run("incidents", *ask) if row["type"] == "incident"]
        seen.run("show", incident["id"], *ask)
        seen.run("explain", incident["queue_ids"][0], *ask)
        seen.run("queue", "--all", incident["id"], *ask)
        seen.run("test-alert", *ask)
        seen.run("close", incident["id"], "a", "newsletter", *ask)
        daemon.wait_warnings("blind", 2)
        # Nothing of it for so long ends the attack.
        daemon.wait_status(lambda s: s["incidents"]["ended"], 1, 120)
        seen.run("incidents", *ask)
        for row in daemon.told():
            seen.add(row)
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
        world.end()


# --- the page ---

def page():
    """{object: {field: (types, unit, optional)}}, and all words that it marks."""
    fields, kind = {}, None
    with open(PAGE, encoding="utf-8") as f:
        text = f.read()
    for line in text.splitlines():
        if line.startswith(".Ss "):
            kind = line[4:]
            fields[kind] = {}
        elif kind and line.startswith(".It Cm "):
            name, _, said = line[7:].partition(" Pq ")
            first, *rest = said.split(", ")
            types = set(first.split(" or "))
            optional = "optional" in rest
            fields[kind][name] = types, [word for word in rest if word != "optional"], optional
    return fields, set(re.findall(r"^\.Li (.*?)(?: [,;.])?$", text, re.M))


def differences(seen, told):
    """Sentences."""
    for kind in seen.fields.keys() | told.keys():
        has, wants = seen.fields.get(kind, {}), told.get(kind)
        if wants is None:
            yield f"the page has no object {kind}"
            continue
        for name in has.keys() - wants.keys():
            yield f"{kind}: the page has no field {name}"
        for name in wants.keys() - has.keys() - RARE.get(kind, set()):
            yield f"{kind}: the field {name} of the page was never printed"
        for name in RARE.get(kind, set()) & has.keys():
            yield f"{kind}: {name} is not so rare"
        for name in has.keys() & wants.keys():
            types, unit, optional = wants[name]
            wrong = has[name] - types - {"list"} if any("list" in t for t in types) else has[name] - types
            if wrong - ({"time"} if "string" in types else set()):
                yield f"{kind}: {name} is {sorted(wrong)}, the page has {sorted(types)}"
            if any("integer" in t for t in types) != bool(unit):
                yield f"{kind}: {name}: an integer has a unit, and nothing else"
            parent = name.rpartition(".")[0]
            if not optional and seen.counts[kind, name] != seen.counts[kind, parent, "itself"]:
                yield f"{kind}: {name} is not always there"


def fields_are_in_the_page(t):
    seen = Seen()
    with tempfile.TemporaryDirectory() as top:
        logs(seen, top)
    daemon_tells(seen)
    told, words = page()
    t.check("fields", sorted(differences(seen, told)), [])
    t.check("enough was seen", sum(map(len, seen.fields.values())), lambda n: n >= 180)
    t.check("words", sorted(f"{word} ({where})" for word, where in seen.words.items()
                            if word not in words), [])


tests = Checks()
tests.run(fields_are_in_the_page)
tests.end()
