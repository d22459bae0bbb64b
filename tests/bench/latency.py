#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From the write of the deciding line to the alert, with a followed file: each of N accounts
crosses a threshold of one recipient, and the alert comes out of the daemon's standard error.

With --journal through a directory of journals to which systemd-journal-remote writes, which tells
its readers at once: what comes out is our part of the delay. journald adds 250 to 500 ms (a timer,
and what sd-event allows a timer to be late), as tests/e2e shows.

usage: latency.py --bin relaywatch [--journal] [-n N]"""
import argparse
import os
import shutil
import subprocess
import tempfile
import time

import kit


class Journal:
    """A directory of journals, with one host known and no message yet."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="relaywatch-journals-")
        self.remote = subprocess.Popen(
            [kit.JOURNAL_REMOTE, "-o", os.path.join(self.directory, "mail.journal"), "-"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.write([("master", "daemon started")])
        # Not only the file: a directory without any host is looked at again after five seconds.
        while not subprocess.run(["journalctl", "-q", "-o", "cat", "-D", self.directory],
                                 capture_output=True, check=False).stdout:
            time.sleep(0.01)

    def write(self, records):
        self.remote.stdin.write(kit.as_export(records).encode())

    def close(self):
        self.remote.stdin.close()
        self.remote.wait()
        shutil.rmtree(self.directory)


def measure(daemon, write, count):
    """Milliseconds, sorted."""
    took = []
    for i in range(count):
        *before, last = kit.of_message(i)
        write(before)
        time.sleep(0.01)
        begin = time.perf_counter()
        write([last])
        daemon.hear(f'user{i}"')
        took.append((time.perf_counter() - begin) * 1000)
    return sorted(took)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--journal", action="store_true")
    parser.add_argument("-n", type=int, default=300)
    args = parser.parse_args()
    if args.journal:
        journal = Journal()
        with kit.Daemon(args.bin, journal.directory) as daemon:
            took = measure(daemon, journal.write, args.n)
        journal.close()
    else:
        with kit.Daemon(args.bin) as daemon, open(daemon.log, "ab", buffering=0) as log:
            took = measure(daemon, lambda records: log.write(kit.as_lines(records).encode()),
                           args.n)
    print(f"write to alert, {'journal' if args.journal else 'file'}, {args.n} alerts: median "
          f"{took[len(took) // 2]:.2f} ms, 99th percentile {took[int(len(took) * 0.99)]:.2f} ms, "
          f"worst {took[-1]:.2f} ms")


if __name__ == "__main__":
    main()
