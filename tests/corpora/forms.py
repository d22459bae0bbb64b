"""One log, three forms: what rsyslog's traditional format, and what the journal, make of the lines of
an RFC 3339 log."""
import datetime
import re

LINE = re.compile(rb"(\S+) (\S+) ([^\[: ]+)(?:\[(\d+)\])?: (.*)")
SEVERITY = {b"warning": b"4", b"error": b"3", b"fatal": b"2", b"panic": b"0"}


def _moment(text):
    return datetime.datetime.fromisoformat(text.decode())


def traditional(iso):
    """RFC 3164: local time as the line has it, to the second; no year."""
    lines = []
    for line in iso.splitlines():
        when, rest = line.split(b" ", 1)
        moment = _moment(when)
        lines.append(moment.strftime(f"%b {moment.day:2d} %H:%M:%S ").encode() + rest)
    return b"\n".join(lines) + b"\n"


def export(iso):
    """The journal's export format, as systemd-journal-remote reads it."""
    entries = []
    for number, line in enumerate(iso.splitlines()):
        when, host, tag, pid, text = LINE.fullmatch(line).groups()
        us = round(_moment(when).timestamp() * 1e6)
        severity = SEVERITY.get(text.split(b":", 1)[0], b"6")
        entries.append(b"\n".join([
            b"__CURSOR=s=%032x;i=%x;b=%032x;m=%x;t=%x;x=%x" % (1, number + 1, 2, number + 1, us,
                                                               number + 1),
            b"__REALTIME_TIMESTAMP=%d" % us, b"__MONOTONIC_TIMESTAMP=%d" % (number + 1),
            b"_BOOT_ID=%032x" % 2, b"_MACHINE_ID=%032x" % 3, b"_HOSTNAME=" + host,
            b"_TRANSPORT=syslog", b"PRIORITY=" + severity, b"SYSLOG_FACILITY=2",
            b"SYSLOG_IDENTIFIER=" + tag, b"SYSLOG_PID=" + (pid or b"1"), b"_PID=" + (pid or b"1"),
            b"_UID=0", b"MESSAGE=" + text,
            b"_SOURCE_REALTIME_TIMESTAMP=%d" % us, b"", b""]))
    return b"".join(entries)


def last_time(iso):
    """Seconds since 1970 of the last line."""
    return _moment(iso.splitlines()[-1].split(b" ", 1)[0]).timestamp()
