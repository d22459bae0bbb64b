#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether a flood's memory is given back: the log the daemon follows grows by N messages, each with
a client, a domain and a recipient of its own; then its time goes on, and they are forgotten.

usage: memory.py --bin relaywatch --make-log make_log [--messages N]"""
import argparse
import datetime
import os
import subprocess
import time

import kit

HOURS = 2, 26, 170, 171  # after the flood; what is not heard of for six days is forgotten


def last_time(path):
    with open(path, "rb") as log:
        log.seek(-4096, os.SEEK_END)
        stamp = log.read().splitlines()[-1].split()[0].decode()
    return datetime.datetime.fromisoformat(stamp).timestamp()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--make-log", required=True)
    parser.add_argument("--messages", type=int, default=500000)
    args = parser.parse_args()
    figures, lines = [], 4 * args.messages

    def note(when):
        time.sleep(12)  # a save, ten seconds after the last line, gives memory back
        figures.append(f"{when} {daemon.status('VmRSS') / 1024:.1f} MiB")

    with kit.Daemon(args.bin) as daemon:
        note("before")
        with open(daemon.log, "a", encoding="ascii") as log:
            subprocess.run([args.make_log, "--lines", str(lines), "--flood", "--form", "rfc3339"],
                           stdout=log, stderr=subprocess.DEVNULL, check=True)
        daemon.read(lines)
        note("after it")
        figures.append(f"at most {daemon.status('VmHWM') / 1024:.1f} MiB")
        end = last_time(daemon.log)
        for i, hours in enumerate(HOURS):
            with open(daemon.log, "a", encoding="ascii") as log:
                log.write(kit.as_lines(kit.of_message(i), end + hours * 3600))
            lines += 4
            daemon.read(lines)
            there = daemon.ask_status()["messages"]["in_flight"]
            note(f"{hours} hours later, {there:,} in flight,")
    print(f"memory, a flood of {args.messages:,} messages: " + ", ".join(figures))


if __name__ == "__main__":
    main()
