#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the daemon costs when nothing is logged: wake-ups, processor time and memory over N seconds,
with one message in the queue of the log it follows.

usage: idle.py --bin relaywatch [--seconds N]"""
import argparse
import time

import kit

SETTLE = 15  # seconds: by then the state is saved, for the first time and not the last


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    with kit.Daemon(args.bin) as daemon:
        with open(daemon.log, "a", encoding="ascii") as log:
            log.write(kit.as_lines(kit.of_message(0)[:3]))
        time.sleep(SETTLE)
        (slept, pushed), cpu = daemon.switches(), daemon.cpu_seconds()
        time.sleep(args.seconds)
        slept, pushed = daemon.switches()[0] - slept, daemon.switches()[1] - pushed
        print(f"idle, file, one message queued, {args.seconds} s: {slept} voluntary and {pushed} "
              f"involuntary context switches, {(daemon.cpu_seconds() - cpu) * 1000:.0f} ms of "
              f"processor time, {daemon.status('VmRSS') / 1024:.1f} MiB resident, "
              f"{daemon.status('VmHWM') / 1024:.1f} MiB at most")


if __name__ == "__main__":
    main()
