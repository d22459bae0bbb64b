#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a line of an ordinary log costs in instructions, whatever the machine and its load.

The limits are what a line cost at commit 94f1c15 and a tenth: since then the program has learned to
link mail through filters, forwards and other hosts, and to find out whose mail it is.

usage: instructions.py PROGRAM
"""
import multiprocessing
import os
import subprocess
import sys
import tempfile

from doubling import callgrind

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = 50000, 150000  # what a scan takes before its first line cancels out

# The host, how make_log writes its log, and what a line cost at 94f1c15.
HOSTS = [
    ("mostly receives", ["--in-flight", "400"], 1786),
    ("mostly sends", ["--in-flight", "400", "--trusted", "70", "--filter", "0"], 2190),
    ("has a long queue", ["--in-flight", "20000"], 1748),
]
LIMIT = 1.1


def instructions(program, log):
    one_core = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
    return callgrind([program, "scan", "--config", f"{HERE}/bench/site.ini", log], one_core)


def cost_of_a_line(program, make_log, options, folder):
    counts = []
    for size in SIZES:
        with tempfile.NamedTemporaryFile(dir=folder) as log:
            subprocess.run([make_log, "--lines", str(size), *options], stdout=log,
                           stderr=subprocess.DEVNULL, check=True)
            counts.append(instructions(program, log.name))
    return (counts[1] - counts[0]) / (SIZES[1] - SIZES[0])


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool() as pool:
        make_log = os.path.join(folder, "make_log")
        subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", make_log, f"{HERE}/bench/make_log.c",
                        "-lm"], check=True)
        costs = pool.starmap(cost_of_a_line, [(sys.argv[1], make_log, options, folder)
                                              for _, options, _ in HOSTS])
    for (host, _, before), cost in zip(HOSTS, costs):
        good = 0 < cost <= LIMIT * before
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} a host that {host}: {cost:.0f} instructions a line; "
              f"{before} before, at most {LIMIT * before:.0f}")
    print(f"{len(HOSTS) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
