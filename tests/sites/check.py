#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Five sites: a normal month of each must pass quietly, and each attack must be found.

months.py writes the months, attacks.py the attacks, each among the days round it. A month may have
no incident of severity critical, and one of severity warning a week. An attack must be found at the
right key, within a day of its beginning, with exact figures (got/want): want is what the ledger
has from the incident's first_seen to its last_seen, in which all of the attack must lie. Where
others share the key, it is at most that. Under the settings that `relaywatch suggest` makes of the
month, the month has no incident, and each attack is still found.

usage: check.py --bin relaywatch [--seed N] [--site NAME] [--keep DIR] [--write] [-v]"""
import argparse
import datetime
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import Counter

from attacks import ATTACKS
from mailserver import DAY, DAYS, END, HOUR, write
from months import SITES

WARNINGS_A_MONTH = -(-DAYS // 7)
BEFORE, AFTER = 3 * DAY, 2 * DAY  # of the month, round an attack
TIMEOUT = 300
SLACK = 1.0  # seconds between what the ledger notes and the lines that count
README = os.path.join(os.path.dirname(__file__), "..", "README.md")
SEVERITIES = ("critical", "warning", "info")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--site", choices=sorted(SITES))
    parser.add_argument("--keep", help="a folder for the logs and settings")
    parser.add_argument("--write", action="store_true", help="put the tables into tests/README.md")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", "--verbose", action="store_true", help="also name what was raised")
    return parser.parse_args()


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def write_site(options, site, rows, name, folder):
    """(the folder, lines) of these rows, with what relaywatch is told of the site."""
    folder = os.path.join(options.keep or folder, f"{site.name} {name}".replace(" ", "-"))
    os.makedirs(folder, exist_ok=True)
    for file, text in (("site.ini", site.settings), ("postconf.txt", site.postconf())):
        with open(f"{folder}/{file}", "w", encoding="ascii") as out:
            out.write(text)
    return folder, write(f"{folder}/mail.log", site.server.short, rows)


def ask(options, folder, settings, *command):
    """What the program did with that log."""
    return subprocess.run([options.bin, "--config", settings, "--postconf",
                           f"{folder}/postconf.txt", *command, f"{folder}/mail.log"],
                          capture_output=True, text=True, timeout=TIMEOUT, check=False)


def scan(options, folder, settings=None):
    """(incidents, what went wrong). Each run draws a seed of its own, which must not show."""
    try:
        done, again = [ask(options, folder, settings or f"{folder}/site.ini", "scan", "--json")
                       for _ in range(2)]
    except subprocess.TimeoutExpired:
        return [], f"no end after {TIMEOUT} s"
    if done.returncode not in (0, 1):
        return [], f"exit status {done.returncode}: {done.stderr.strip()[-100:]}"
    if done.stdout != again.stdout:
        return [], "not the same in two runs"
    found = [json.loads(line) for line in done.stdout.splitlines()]
    unparsed = sum(row.get("unparsed", 0) for row in found if row["type"] == "summary")
    return ([row for row in found if row["type"] == "incident"],
            f"{unparsed} lines not understood" if unparsed else "")


def suggest(options, site, folder, settings):
    """Writes the settings that `suggest` gives for the month beside those of the site. What is wrong
    with them, or ""."""
    done = ask(options, folder, f"{folder}/site.ini", "suggest")
    if done.returncode:
        return f"suggest: exit status {done.returncode}"
    with open(settings, "w", encoding="ascii") as out:
        out.write(f"{site.settings}\n{done.stdout}")
    checked = subprocess.run([options.bin, "--config", settings, "check"],
                             capture_output=True, text=True, check=False)
    if checked.returncode == 2:
        return f"check refuses it: {checked.stderr.strip()[-100:]}"
    left, wrong = scan(options, folder, settings)
    return wrong or (f"{len(left)} incidents under what is suggested" if left else "")


def severity(row):
    return row.get("severity", "warning")


def name_of(row):
    (kind, key), = row["key"].items()
    return f"{row['kind']} {kind}={key}" + (f" {row['cause']}" if row["cause"] else "")


def text_of(row):
    return (f"{severity(row)}: {name_of(row)}, {row['messages']} messages, {row['recipients']} "
            f"recipients, {row['first_seen']} to {row['last_seen']}, raised {row['raised_at']}")


# Judging


def judge_month(lines, incidents, wrong):
    """(cells of the table, whether it is well)."""
    counts = Counter(map(severity, incidents))
    if not wrong and (counts["critical"] or counts["warning"] > WARNINGS_A_MONTH):
        wrong = "too many"
    return [f"{lines:,}", *(str(counts[one]) for one in SEVERITIES), wrong], not wrong


def held(entry, kind, key, incidents):
    """Whether an incident of that kind at a sender's key, which is narrower, holds the message."""
    return any(row["kind"] == kind and row["key"] != key
               and row["key"].get("sender") == entry.sender
               and seconds(row["first_seen"]) - SLACK <= entry.last
               and entry.first <= seconds(row["last_seen"]) + SLACK for row in incidents)


def judge_expected(expected, begins, ledger, own, incidents):
    """(cells of the table, whether it is well) of one incident; own: the attack's part of the
    ledger."""
    own = [one for one in own if expected.belongs(one)]
    named = [row for row in incidents if row["kind"] == expected.kind
             and row["key"] == expected.key and seconds(row["last_seen"]) > begins]
    key = " ".join(map(str, *expected.key.items()))
    if not named:
        return [f"{expected.kind} {key}", "missed", f"0/{len(own)}",
                f"0/{sum(one.recipients for one in own)}", ""], False
    row = named[0]
    first, last = seconds(row["first_seen"]) - SLACK, seconds(row["last_seen"]) + SLACK
    counted = [one for one in ledger + own if one.last >= first and one.first <= last
               and expected.belongs(one) and not held(one, row["kind"], row["key"], incidents)]
    held_ids = set(map(id, counted))
    missed = sum(id(one) not in held_ids for one in own)
    figures = len(counted), sum(one.recipients for one in counted)
    after = seconds(row["raised_at"]) - begins
    text = json.dumps(row)
    bad = [why for why, is_bad in (
        ("hidden in what was open before", after < 0 and severity(row) != "critical"),
        (f"{len(named)} incidents", len(named) > 1), ("late", after > DAY),
        (f"begins after {missed} of it", missed),
        ("wrong figures", (row["messages"], row["recipients"]) != figures
         and not (expected.shared and len(own) <= row["messages"] <= figures[0]
                  and row["recipients"] <= figures[1])),
        ("nothing related", expected.related and not row["related"]),
        *((f"{name} is not named", name not in text) for name in expected.names),
        ("looks harmless", severity(row) == "info")) if is_bad]
    return [f"{expected.kind} {key}", f"{after / HOUR:.1f} h", f"{row['messages']}/{figures[0]}",
            f"{row['recipients']}/{figures[1]}", ", ".join(bad) or severity(row)], not bad


def judge_attack(attack, expected, ledger, own, incidents, usual):
    """(the row of the table, whether it is well). usual: what the normal month raises anyway."""
    judged = [judge_expected(one, attack.begins, ledger, own, incidents) for one in expected]
    good = sum(good for _, good in judged)
    cells = next((cells for cells, good in judged if not good), judged[0][0])
    if len(judged) > 1:
        cells[0] += f" and {len(judged) - 1} more"
        cells[-1] += f", {good} of {len(judged)} well"
    keys = [(one.kind, one.key) for one in expected]
    false = [name_of(row) for row in incidents if (row["kind"], row["key"]) not in keys
             and row["kind"] not in attack.also and name_of(row) not in usual
             and severity(row) != "info"]
    if false:
        cells[-1] += f"; also {len(false)}, such as {false[0]}"
    return cells, good == len(judged) and not false


def missed(expected, incidents, wrong):
    """What the suggested settings hide, or ""."""
    named = [(row["kind"], row["key"]) for row in incidents if severity(row) != "info"]
    hidden = [one for one in expected if (one.kind, one.key) not in named]
    return wrong or (f"the suggestion hides {hidden[0].kind} {hidden[0].key}" if hidden else "")


# Running


def run(task):
    """A site: the rows of both tables."""
    options, name = task
    site = SITES[name](options.seed)
    months, attacks = [], []
    with tempfile.TemporaryDirectory() as folder:
        site.month()
        rows = [row for row in site.server.rows if row[0] < END]
        where, lines = write_site(options, site, rows, "month", folder)
        usual, wrong = scan(options, where)
        settings = f"{folder}/suggested.ini"
        wrong = wrong or suggest(options, site, where, settings)
        cells, good = judge_month(lines, usual, wrong)
        months.append(([name, *cells], good, [text_of(row) for row in usual]))
        rows.sort()
        for number, attack in enumerate(one for one in ATTACKS if one.site == name):
            server = site.new_server(f"{attack.name} {options.seed}", 1 + number)
            server.own, server.sieve = site.server.own, site.server.sieve
            expected = attack.write(site, server, attack.begins)
            end = max(one.last for one in server.ledger)
            first, last = attack.begins - BEFORE, max(attack.begins + DAY, end) + AFTER
            around = [row for row in rows + server.rows if first < row[0] < last]
            ledger = [one for one in site.server.ledger if first < one.first < last]
            where, _ = write_site(options, site, around, attack.name, folder)
            found, wrong = scan(options, where)
            cells, good = judge_attack(attack, expected, ledger, server.ledger, found,
                                       {name_of(row) for row in usual})
            wrong = wrong or missed(expected, *scan(options, where, settings))
            if wrong:
                cells, good = [*cells[:-1], wrong], False
            attacks.append(([name, attack.name, *cells], good, [text_of(row) for row in found]))
    return months, attacks


def table(header, rows):
    """In Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def tables(months, attacks):
    return (table(["site", "lines", *SEVERITIES, ""],
                  [cells for cells, *_ in months]) + "\n"
            + table(["site", "attack", "key", "found after", "messages", "recipients", ""],
                    [cells for cells, *_ in attacks]))


def write_readme(text):
    begin, end = "<!-- five sites -->\n", "<!-- end of five sites -->\n"
    with open(README, encoding="utf-8") as file:
        readme = file.read()
    head, rest = readme.split(begin)
    with open(README, "w", encoding="utf-8") as file:
        file.write(head + begin + text + end + rest.split(end)[1])


def main():
    options = arguments()
    # The longest first, so that no core waits for it alone at the end.
    names = [options.site] if options.site else ["webhost", "shop", "company", "provider", "family"]
    with multiprocessing.Pool(min(options.jobs, len(names))) as pool:
        done = dict(zip(names, pool.map(run, [(options, name) for name in names], chunksize=1)))
    months = [row for name in SITES if name in done for row in done[name][0]]
    attacks = [row for name in SITES if name in done for row in done[name][1]]
    text = tables(months, attacks)
    print(text)
    rows = months + attacks
    for cells, good, found in rows:
        if options.verbose:
            print(f"{'pass' if good else 'FAIL'} {' '.join(cells[:2])}")
            for one in found:
                print(f"     {one}")
    if options.write:
        write_readme(text)
    failed = sum(not good for _, good, _ in rows)
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
