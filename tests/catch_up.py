#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""While a long log is read back the daemon still hears everybody: it answers, reloads, and stops at
once; what it has read by then is saved, and read no second time.

usage: catch_up.py RELAYWATCH SHIM"""
import os, re, shutil, signal, subprocess, sys, tempfile

FEWEST = LINES = 3_000_000
LINE = b"2026-11-24T03:00:00.000000+00:00 mx1 postfix/anvil[1]: statistics: max cache size 1\n"
binary, shim = sys.argv[1], os.path.abspath(sys.argv[2])
top = tempfile.mkdtemp(prefix="relaywatch-catch-up-")
log, conf, socket = (os.path.join(top, n) for n in ("mail.log", "conf", "control"))
with open(conf, "w") as f:
    f.write(f"[source]\ntype = file\nfiles = {log}\nbackfill = 30d\n[alert]\njournal = no\n"
            "[site]\nask_postfix = no\nown_domains = example.net\n")
passed = failed = 0


def write(lines):
    with open(log, "ab") as f:
        for _ in range(lines // 100_000):
            f.write(LINE * 100_000)


def check(name, ok, got):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": got {got}"))


def start():
    daemon = subprocess.Popen([binary, "run", "--config", conf, "--socket", socket],
                              env=dict(os.environ, STATE_DIRECTORY=os.path.join(top, "state"),
                                       LD_PRELOAD=shim, ASAN_OPTIONS="verify_asan_link_order=0"),
                              stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "following" in line:
            return daemon
    sys.exit("FAIL the daemon ended before it followed")


def interrupt():
    """What the daemon says and does when it is asked, told to reload and to stop, in that order."""
    daemon = start()
    answer = subprocess.run([binary, "status", "--json", "--socket", socket], capture_output=True,
                            text=True)
    daemon.send_signal(signal.SIGHUP)
    for line in daemon.stderr:
        if "settings read again" in line or "up to date" in line:
            break
    daemon.send_signal(signal.SIGTERM)
    rest = daemon.stderr.read()
    return answer, line, rest, daemon.wait()


write(LINES)
answer, line, rest, status = interrupt()
# On a busy machine all of it may have been read by the time we ask: then there is more to read.
while "up to date" in line + rest and LINES < 8 * FEWEST:
    shutil.rmtree(os.path.join(top, "state"), ignore_errors=True)
    write(LINES)
    LINES *= 2
    answer, line, rest, status = interrupt()
check("status answers", answer.returncode in (0, 1) and '"status"' in answer.stdout, answer)
check("a reload comes first", "settings read again" in line, line)
check("a stop comes first", "up to date" not in rest, rest)
check("its end is good", status == 0, status)
daemon = start()
for line in daemon.stderr:
    if "up to date" in line:
        break
read = re.search(r"up to date: (\d+) lines", line)
check("each line is read once", read and int(read[1]) == LINES, line)
daemon.send_signal(signal.SIGTERM)
daemon.stderr.read()
daemon.wait()
shutil.rmtree(top, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
