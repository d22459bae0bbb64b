#!/usr/bin/env python3
"""Holds `relaywatch scan --json` against logs whose story is known.

usage: score.py [--bin PATH] [--form FORM] [--quick] [-v] [DIR...]

Without DIR: every folder beside this file that has a truth.json, and the stories of make.py.
A folder holds the same log in up to three forms (mail.log: RFC 3164, mail.iso.log: RFC 3339,
mail.export: the journal; each may be compressed with xz; a form that is not there is written from
mail.iso.log), postconf-n.txt and truth.json:

  expect    incidents that must be there, once each: "kind"; "keys", the list of keys any of which
            may name it, or "any", or "host"; every other member must be equal to the incident's
            ("notices": "log" counts them in the log itself)
  allow     kinds that may be there besides; anything else found is a false alarm
  warnings  site warnings that must be there
  anything  true: whatever is found is right; only the form of the output is checked
  untold    what is found where nothing is known but the log, if that is less: kind -> members.
            Then recipients are left undecided, and the question whose the domains are is asked.
            "unparsed": records that can't be read without knowing how addresses are written

For each folder: the truth holds where Postfix's settings are known, and where nothing is. Without
--form: it holds in all three forms; the three give the same incidents but for fractions of a second
and ids; a second scan, gzip, zstd, standard input and the log cut in two at several bytes, the pieces
named in either order, give the same bytes. What journalctl -o prints of the journal has the same
truth. --quick leaves all but the truth in the three forms out. Prints a line a folder and 'N passed,
M failed'."""
import argparse
import concurrent.futures
import datetime
import gzip
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile

import forms
import make

HERE = os.path.dirname(os.path.abspath(__file__))
FORMS = ("mail.log", "mail.iso.log", "journal")
KEYS = {"client", "client_network", "sender_domain", "sasl_username", "uid", "host", "recipient",
        "recipient_domain"}
NOTICE = re.compile(rb"/bounce\[\d+\]: [0-9A-Za-z]+: "
                    rb"sender (?:non-delivery|delay|delivery status) notification: ")
# What journalctl makes of a journal: text with a date each, or JSON.
JOURNALCTL = ("short", "short-precise", "short-iso", "short-iso-precise", "short-full", "short-unix",
              "json", "json-seq")
JOURNAL_REMOTE = "/usr/lib/systemd/systemd-journal-remote"
# Their own exit status, 1, means "incidents found" here.
SANITIZERS = {name: "exitcode=99" for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")}
# Members of an incident (DESIGN: fields may be added, never renamed) and what each holds.
MEMBERS = {
    "id": str, "kind": str, "key": dict, "host": str, "messages": int, "recipients": int,
    "sent": int, "deferred": int, "bounced": int, "queued": int, "notices": int,
    "cause": (str, type(None)), "clients": int, "client_list": list, "sender_domains": list,
    "recipient_domains": list, "accounts": list, "uids": list, "first_seen": str,
    "last_seen": str, "raised_at": str, "state": str, "queue_ids": list, "related": list,
    "reason": str, "advice": list}
TIMES = ("first_seen", "last_seen", "raised_at", "ended_at")


def read(path):
    """A file of a corpus, compressed or not; None where there is none."""
    if os.path.exists(path):
        with open(path, "rb") as plain:
            return plain.read()
    if os.path.exists(path + ".xz"):
        with lzma.open(path + ".xz") as packed:
            return packed.read()
    return None


class Corpus:
    """One folder, unpacked into a directory of its own."""

    def __init__(self, folder, tmp):
        self.name = os.path.basename(folder)
        self.tmp = tmp
        with open(f"{folder}/truth.json", encoding="utf-8") as file:
            self.truth = json.load(file)
        self.postconf = next(f"{folder}/{name}" for name in ("postconf-n.txt", "main.cf")
                             if os.path.exists(f"{folder}/{name}"))
        self.iso = read(f"{folder}/mail.iso.log")
        self.log = read(f"{folder}/mail.log") or forms.traditional(self.iso)
        self.export = read(f"{folder}/mail.export")
        if self.export is None and self.iso is not None:
            self.export = forms.export(self.iso)
        # RFC 3164 has no year: it is worked out from the file's own time.
        self.end = (forms.last_time(self.iso) if self.iso is not None else
                    datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc).timestamp())

    def file(self, name, data, age=0):
        path = f"{self.tmp}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        os.utime(path, (self.end - age, self.end - age))
        return path

    def forms(self):
        return [form for form in FORMS if form == "mail.log" or self.iso is not None]

    def source(self, form):
        if form == "mail.log":
            return self.file(form, self.log)
        if form == "mail.iso.log":
            return self.file(form, self.iso)
        journal = f"{self.tmp}/mail.journal"
        if not os.path.exists(journal):
            subprocess.run([JOURNAL_REMOTE, "-o", journal, self.file("mail.export", self.export)],
                           check=True, stderr=subprocess.DEVNULL)
        return journal


class Run:
    """One scan: what it printed, as bytes and as objects."""

    def __init__(self, binary, corpus, *files, stdin=None, told=True):
        known = (["--postconf", corpus.postconf] if told else
                 ["--config", corpus.file("none.ini", b"[site]\nask_postfix = no\n")])
        command = [binary, "scan", "--json", *known, *files]
        done = subprocess.run(command, capture_output=True, timeout=300, input=stdin, check=False,
                              env=dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", **SANITIZERS))
        if done.returncode not in (0, 1):
            raise RuntimeError(f"exit status {done.returncode}: "
                               + done.stderr.decode(errors="replace").strip()[-300:])
        self.status, self.bytes = done.returncode, done.stdout
        self.rows = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        self.incidents = [row for row in self.rows if row["type"] == "incident"]
        self.codes = {row["code"] for row in self.rows if row["type"] == "warning"}

    @property
    def summary(self):
        return next(row for row in self.rows if row["type"] == "summary")


def check_form(run, unparsed=0):
    """What every output must be, whatever the log says."""
    bad = []
    if bool(run.incidents) != (run.status == 1):
        bad.append(f"exit status {run.status} with {len(run.incidents)} incidents")
    summaries = [row for row in run.rows if row["type"] == "summary"]
    if len(summaries) != 1:
        bad.append(f"{len(summaries)} summaries")
    elif summaries[0]["unparsed"] != unparsed:
        bad.append(f"{summaries[0]['unparsed']} records not understood")
    elif summaries[0]["incidents"] != len(run.incidents):
        bad.append(f"the summary counts {summaries[0]['incidents']} incidents")
    ids = {row.get("id") for row in run.incidents}
    if len(ids) != len(run.incidents):
        bad.append("two incidents with one id")
    for row in run.incidents:
        name = f"{row.get('kind')} {row.get('key')}"
        for member, kind in MEMBERS.items():
            if not isinstance(row.get(member, ...), kind):
                bad.append(f"{name}: {member} is {row.get(member, 'not there')!r}")
        if len(row["key"]) != 1 or not set(row["key"]) <= KEYS:
            bad.append(f"{name}: not a key")
        if not row["first_seen"] <= row["last_seen"] or not row["first_seen"] <= row["raised_at"]:
            bad.append(f"{name}: {row['first_seen']}, {row['raised_at']}, {row['last_seen']}")
        if not set(row["related"]) <= ids - {row["id"]}:
            bad.append(f"{name}: related to {row['related']}, which is not there")
    return bad


def check_untold(run, corpus):
    """Nothing is known but the log: the same incidents, and what is undecided is asked."""
    less = corpus.truth.get("untold", {})
    expect = [dict(want, **less.get(want["kind"], {})) for want in corpus.truth.get("expect", [])]
    bad = check_truth(run, corpus, dict(corpus.truth, expect=expect, warnings=[]),
                      less.get("unparsed", 0))
    undecided = run.summary["counters"]["undecided"]
    if less and not undecided and "unparsed" not in less:
        bad.append("less is found than is there, and nothing is undecided")
    if undecided and "own-domains-unknown" not in run.codes:
        bad.append(f"{undecided} recipients are undecided, and nothing is asked")
    return bad


def check_truth(run, corpus, truth, unparsed=0):
    bad = check_form(run, unparsed)
    if truth.get("anything"):
        return bad
    left = list(run.incidents)
    for want in truth["expect"]:
        hits = [row for row in left if row["kind"] == want["kind"] and named(row["key"], want)]
        if not hits:
            got = [(row["kind"], row["key"], row["messages"]) for row in run.incidents]
            bad.append(f"missed {want['kind']} {want['keys']}; got {got}")
            continue
        if len(hits) > 1:
            bad.append(f"{want['kind']}: one attack, {len(hits)} incidents: "
                       f"{[row['key'] for row in hits]}")
        for row in hits:
            left.remove(row)
        for member, figure in want.items():
            if member in ("kind", "keys"):
                continue
            if figure == "log":
                figure = len(NOTICE.findall(corpus.log))
            got = hits[0].get(member)
            if isinstance(figure, list) and isinstance(got, list):
                figure, got = sorted(figure), sorted(got)
            if got != figure and not (member in TIMES and got.startswith(figure)):
                bad.append(f"{want['kind']}: {member} {got}, want {figure}")
    bad += [f"false alarm {row['kind']} {row['key']}" for row in left
            if row["kind"] not in truth.get("allow", [])]
    bad += [f"no warning {code}" for code in truth.get("warnings", []) if code not in run.codes]
    return bad


def named(key, want):
    if want["keys"] == "any":
        return True
    if want["keys"] == "host":
        return list(key) == ["host"]
    return key in want["keys"]


def comparable(run):
    """The incidents without what a form can't say alike: ids hold a place in the log."""
    order = {row["id"]: (row["kind"], json.dumps(row["key"])) for row in run.incidents}
    rows = []
    for row in run.incidents:
        row = dict(row, id=None, related=sorted(order[other] for other in row["related"]))
        for member in TIMES:
            row.pop(member, None)
        rows.append(row)
    return rows


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def check_alike(runs):
    """The forms say the same, times within a second."""
    bad = []
    (first_form, first), *others = runs.items()
    for form, run in others:
        rows, want = comparable(run), comparable(first)
        if rows != want:
            for a, b in zip(want, rows):
                bad += [f"{member}: {a.get(member)} in {first_form}, {b.get(member)} in {form}"
                        for member in sorted(a.keys() | b.keys()) if a.get(member) != b.get(member)]
            if len(rows) != len(want):
                bad.append(f"{len(want)} incidents in {first_form}, {len(rows)} in {form}")
            continue
        for a, b in zip(first.incidents, run.incidents):
            bad += [f"{member}: {a[member]} in {first_form}, {b[member]} in {form}"
                    for member in TIMES if member in a and a[member] != b[member]
                    and abs(seconds(a[member]) - seconds(b[member])) > 1]
    return bad


def cuts(data):
    """Places to cut a log: within the first line, within a header, a queue ID and a text, at and
    around a line end, in the last line."""
    middle = data.index(b"\n", len(data) // 2)
    fields = data.index(b"]: ", middle)
    return sorted({30, len(data) // 3, middle, middle + 1, middle + 8, fields + 5, fields + 40,
                   len(data) - 5})


def check_same_bytes(binary, corpus, form, want):
    """Every other way to read the same log gives the same output. Yields (name, bad)."""
    data = corpus.log if form == "mail.log" else corpus.iso
    path = f"{corpus.tmp}/{form}"

    def differs(name, run):
        return [] if run.bytes == want.bytes else [f"{name}: other output"]

    yield "again", differs("second scan", Run(binary, corpus, path))
    packed = corpus.file(form + ".gz", gzip.compress(data, mtime=0))
    yield "gzip", differs("gzip", Run(binary, corpus, packed))
    packed = corpus.file(form + ".zst", subprocess.run(["zstd", "-qc"], input=data, check=True,
                                                       capture_output=True).stdout)
    yield "zstd", differs("zstd", Run(binary, corpus, packed))
    if form != "mail.log":  # which year it is, standard input can't say
        yield "stdin", differs("standard input", Run(binary, corpus, "-", stdin=data))
    bad = []
    for cut in cuts(data):
        pieces = [corpus.file(form + ".1", data[:cut], age=1), corpus.file(form + ".0", data[cut:])]
        bad += differs(f"cut at byte {cut}", Run(binary, corpus, *pieces))
        # Which is the older, only a piece with a whole line can say.
        if data.index(b"\n") < cut < data.rindex(b"\n", 0, -1):
            bad += differs(f"cut at byte {cut}, pieces swapped", Run(binary, corpus, *pieces[::-1]))
    yield "cut in two", bad


def check_journalctl(binary, corpus):
    """What journalctl prints of the journal is read as the journal itself. Yields (name, bad)."""
    journal = corpus.source("journal")
    for output in JOURNALCTL:
        printed = subprocess.run(["journalctl", "--no-pager", "--file", journal, "-o", output],
                                 check=True, capture_output=True,
                                 env=dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")).stdout
        run = Run(binary, corpus, corpus.file(f"journalctl.{output}", printed))
        yield f"journalctl -o {output}", check_truth(run, corpus, corpus.truth)


def checks(arguments, corpus):
    """Yields (name of the check, what is wrong)."""
    wanted = [arguments.form] if arguments.form else corpus.forms()
    runs = {}
    for form in wanted:
        runs[form] = Run(arguments.bin, corpus, corpus.source(form))
        yield form, check_truth(runs[form], corpus, corpus.truth)
    untold = Run(arguments.bin, corpus, corpus.source(wanted[0]), told=False)
    yield "nothing told", check_untold(untold, corpus)
    if arguments.quick or arguments.form:
        return
    if len(runs) > 1:
        yield "forms alike", check_alike(runs)
        yield from check_journalctl(arguments.bin, corpus)
    for form in wanted:
        if form != "journal":
            for name, bad in check_same_bytes(arguments.bin, corpus, form, runs[form]):
                yield f"{form} {name}", bad


def score(arguments, folder):
    """(passed, failed, text) of one folder."""
    passed, lines = 0, []
    name = os.path.basename(folder)
    with tempfile.TemporaryDirectory(prefix="relaywatch-") as tmp:
        try:
            for what, bad in checks(arguments, Corpus(folder, tmp)):
                passed += not bad
                if bad:
                    lines.append(f"FAIL {name}, {what}: "
                                 + "; ".join(bad if arguments.v else bad[:3]))
        except (OSError, RuntimeError, ValueError, KeyError, TypeError,
                subprocess.SubprocessError) as error:
            lines.append(f"FAIL {name}: {type(error).__name__}: {error}")
    return passed, len(lines), "\n".join(lines or [f"pass {name} ({passed})"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="relaywatch")
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-v", action="store_true", help="everything that is wrong")
    parser.add_argument("dirs", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relaywatch-") as made:
        folders = [folder.rstrip("/") for folder in arguments.dirs]
        if not folders:
            folders = sorted(f"{HERE}/{name}" for name in os.listdir(HERE)
                             if os.path.exists(f"{HERE}/{name}/truth.json"))
            folders += make.write_all(made)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            results = list(pool.map(lambda folder: score(arguments, folder), folders))
    for _, _, text in results:
        print(text)
    passed, failed = sum(row[0] for row in results), sum(row[1] for row in results)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
