#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A log of make_log --form rfc3339 in the journal's export format, with what journald adds to it.

usage: export.py < LOG > EXPORT"""
import datetime
import re
import sys

LINE = re.compile(r"(\S+) (\S+) ([^\[]+)\[(\d+)\]: (.*)")
MONOTONIC = 10**11  # when the first line came; one of a clock that is behind may say earlier
ENTRY = """__REALTIME_TIMESTAMP={us}
__MONOTONIC_TIMESTAMP={monotonic}
_BOOT_ID=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
_MACHINE_ID=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
_HOSTNAME={host}
_TRANSPORT=syslog
PRIORITY=6
SYSLOG_FACILITY=2
SYSLOG_IDENTIFIER={tag}
SYSLOG_PID={pid}
SYSLOG_TIMESTAMP={short}
MESSAGE={text}
_PID={pid}
_UID=102
_GID=102
_COMM={name}
_EXE=/usr/lib/postfix/sbin/{name}
_CMDLINE={name} -n {name} -t unix -u -c
_CAP_EFFECTIVE=0
_SELINUX_CONTEXT=unconfined
_SYSTEMD_CGROUP=/system.slice/system-postfix.slice/postfix@-.service
_SYSTEMD_UNIT=postfix@-.service
_SYSTEMD_SLICE=system-postfix.slice
_SYSTEMD_INVOCATION_ID=cccccccccccccccccccccccccccccccc
_SOURCE_REALTIME_TIMESTAMP={source}

"""


def main():
    start = None
    for line in sys.stdin:
        stamp, host, tag, pid, text = LINE.fullmatch(line.rstrip("\n")).groups()
        when = datetime.datetime.fromisoformat(stamp)
        us = int(when.timestamp()) * 1000000 + when.microsecond
        start = start or us
        sys.stdout.write(ENTRY.format(
            us=us, monotonic=MONOTONIC + us - start, source=us - 30, host=host, tag=tag, pid=pid,
            short=f"{when:%b %e %H:%M:%S} ", text=text, name=tag.rpartition("/")[2]))


if __name__ == "__main__":
    main()
