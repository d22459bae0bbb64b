#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One life of messages, many layouts: `relaywatch scan` must say the same of all of them.

For each seed, a life (life.py) is logged twice: by a Postfix in the plain layout, and by one in a
random layout (layout.py). Both logs are scanned. The plain scan must find what the life says; the
other must find the same incidents by kind, key and cause, with the same figures. IDs, sample queue
IDs and times may differ, and nothing else. Where DESIGN leaves the outcome open, layout.settle()
does not make the layout, and says why. One order of lines is held to less: compare() says which.

A failing layout is kept in a folder with its log, its settings, the plain log and a README that
holds the command to scan it.

usage: check.py --bin relaywatch [--count N] [--seed S] [--only ATTACK] [--shrink] [--keep DIR]
                [--any-order] [-j JOBS] [-v]"""
import argparse
import collections
import functools
import json
import multiprocessing
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import form
import layout as layouts
import life as lives
from postfix import Host

VARIANTS = 4  # of each life
FIELDS = ("messages", "recipients", "clients", "notices", "sent", "deferred", "bounced", "queued")
LISTS = ("client_list", "sender_domains", "recipient_domains", "accounts", "uids")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--count", type=int, help="seeds to try: 300, or 1 with --seed")
    parser.add_argument("--seed", type=int, help="the first seed: 0")
    parser.add_argument("--only", choices=sorted(lives.ATTACKS), metavar="ATTACK")
    parser.add_argument("--any-order", action="store_true",
                        help="a second's lines come in any order, even where nothing tells which "
                        "mail came of which")
    parser.add_argument("--shrink", action="store_true", help="drop what a failure does not need")
    parser.add_argument("--keep", default=os.path.join(tempfile.gettempdir(), "relaywatch-layouts"))
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-v", "--verbose", action="store_true", help="also name what passed")
    return parser.parse_args()


# Scanning


def write(folder, attack, layout, seed):
    """The log and the settings of a life in a layout; the arguments that scan them."""
    os.makedirs(folder, exist_ok=True)
    rows = Host(layout, seed).play(lives.live(attack, seed % VARIANTS))
    with open(f"{folder}/mail.log", "w", encoding="ascii") as file:
        file.write(form.text(rows, layout, seed))
    with open(f"{folder}/site.ini", "w", encoding="ascii") as file:
        file.write("[site]\nask_postfix = no\n" + lives.thresholds())
    told = ["--config", f"{folder}/site.ini"]
    settings = layouts.settings(layout)
    if settings is not None:
        with open(f"{folder}/postconf.txt", "w", encoding="ascii") as file:
            file.write(settings)
        told += ["--postconf", f"{folder}/postconf.txt"]
    return [*told, "scan", "--json", f"{folder}/mail.log"]


def scan(program, attack, layout, seed):
    """The incidents that a scan finds, by (kind, key); or what went wrong, as a string."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [program, *write(temporary, attack, layout, seed)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode not in (0, 1):
        return f"exit status {done.returncode}: {done.stderr.strip()[-200:]}"
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    unparsed = sum(row.get("unparsed", 0) for row in rows if row["type"] == "summary")
    if unparsed:
        return f"{unparsed} lines were not understood"
    return [digest(row) for row in rows if row["type"] == "incident"]


def digest(row):
    """Of an incident, what must not depend on the layout."""
    kept = {name: row[name] for name in ("kind", "key", "cause", *FIELDS)}
    kept.update({name: sorted(row[name]) for name in LISTS})
    kept["subjects"] = sum(one["messages"] for one in row["subjects"])
    if row["clients"] > len(row["client_list"]):  # some of them, whichever came first
        del kept["client_list"]
    return kept


def name_of(row):
    """Two incidents are the same one if these are."""
    return row["kind"], json.dumps(row["key"]), row["cause"] or ""


@functools.lru_cache(maxsize=None)
def plain_scan(program, attack, variant):
    """The scan that all others are held against; first it must find what the life says."""
    found = scan(program, attack, layouts.plain(attack), variant)
    expected = lives.live(attack, variant).expected
    if isinstance(found, str):
        return f"plain: {found}"
    told = [{field: row[field] for field in one} for one, row in zip(expected, found)]
    if len(found) != len(expected) or told != expected:
        return f"plain: found {[name_of(row) for row in found]}, want {expected}"
    return found


# Comparing


def compare(plain, found, layout):
    """What differs, in words. Where a second's lines come in any order, some come before what
    explains them, and then count for nobody: the incidents must be the same, not all their
    figures."""
    if isinstance(plain, str) or isinstance(found, str):
        return [one for one in (plain, found) if isinstance(one, str)]
    want = {name_of(row): row for row in plain}
    have = {name_of(row): row for row in found}
    bad = [f"missed {' '.join(name)} ({figures(want[name])})" for name in want if name not in have]
    bad += [f"false {' '.join(name)} ({figures(have[name])})" for name in have if name not in want]
    if len(have) != len(found):
        bad.append("one incident twice")
    if layout["order"] == "any":
        return bad + [f"{' '.join(name)}: messages {have[name]['messages']}, want half of "
                      f"{want[name]['messages']}" for name in want.keys() & have.keys()
                      if have[name]["messages"] < 0.5 * want[name]["messages"]]
    for name in want.keys() & have.keys():
        subjects = have[name]["messages"] if layout["subjects"] != "none" else 0
        if have[name]["subjects"] != subjects and not name[0].startswith("backscatter"):
            bad.append(f"{' '.join(name)}: {have[name]['subjects']} subjects, want {subjects}")
        bad += [f"{' '.join(name)}: {field} {have[name].get(field)}, want "
                f"{want[name].get(field)}"
                for field in FIELDS + LISTS if have[name].get(field) != want[name].get(field)]
    return bad


def figures(row):
    return f"{row['messages']} messages, {row['recipients']} recipients, {row['notices']} notices"


# One seed


def run(task):
    """(seed, attack, layout, what differs)."""
    options, seed = task
    attack = options.only or sorted(lives.ATTACKS)[seed % len(lives.ATTACKS)]
    layout = layouts.choose(seed, attack)
    if options.any_order:
        layout["order"] = "any"
    bad = differences(options, attack, layout, seed)
    if bad and options.shrink:
        layout, bad = shrink(options, attack, layout, seed, bad)
    if bad:
        keep(options, attack, layout, seed, bad)
    return seed, attack, layout, bad


def differences(options, attack, layout, seed):
    plain = plain_scan(options.bin, attack, seed % VARIANTS)
    return compare(plain, scan(options.bin, attack, layout, seed), layout)


def shrink(options, attack, layout, seed, bad):
    """Makes one dimension after the other plain while it still fails."""
    again = True
    while again:
        again = False
        for name, value in layouts.PLAIN.items():
            smaller = layouts.settle({**layout, name: value}, attack)
            if options.any_order:
                smaller["order"] = "any"
            if smaller == layout:
                continue
            still = differences(options, attack, smaller, seed)
            if still:
                layout, bad, again = smaller, still, True
    return layout, bad


def keep(options, attack, layout, seed, bad):
    """The failing log, its settings, the plain log beside it, and what to run."""
    folder = os.path.join(options.keep, f"{seed}-{attack}")
    shutil.rmtree(folder, ignore_errors=True)
    command = shlex.join([options.bin, *write(folder, attack, layout, seed)])
    write(f"{folder}/plain", attack, layouts.plain(attack), seed % VARIANTS)
    with open(f"{folder}/README", "w", encoding="ascii") as file:
        file.write(f"{attack}, seed {seed}: {layouts.words(layout)}\n\n{command}\n\n"
                   + "".join(f"{one}\n" for one in bad))


# All of them


def report(row, verbose):
    seed, attack, layout, bad = row
    if bad:
        print(f"FAIL seed {seed} {attack}: {layouts.words(layout)}")
        for one in bad if verbose else bad[:4]:
            print(f"     {one}"[:300])
    elif verbose:
        print(f"pass seed {seed} {attack}: {layouts.words(layout)}")


def summary(rows):
    """How often each value of a dimension failed, the worst first."""
    counts = collections.defaultdict(lambda: [0, 0])
    for _, attack, layout, bad in rows:
        for name, value in [("attack", attack), *layout.items()]:
            said = "+".join(value) if isinstance(value, tuple) else value
            counts[f"{name} {said}"][bool(bad)] += 1
    for name, (good, failed) in sorted(counts.items(), key=lambda one: -one[1][1] / sum(one[1])):
        if failed:
            print(f"{failed:4} of {failed + good:4} failed with {name}")


def main():
    options = arguments()
    first = options.seed or 0
    count = options.count or (300 if options.seed is None else 1)
    rows = []
    with multiprocessing.Pool(options.jobs) as pool:
        for row in pool.imap(run, [(options, first + i) for i in range(count)], chunksize=4):
            report(row, options.verbose)
            rows.append(row)
    failed = sum(bool(bad) for *_, bad in rows)
    if failed and count > 1:
        summary(rows)
        print(f"The failing logs are in {options.keep}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
