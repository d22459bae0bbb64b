#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A switch of sources between two runs: the new one holds what the old one told already, and nothing
of it counts twice.

usage: switch.py RELAYWATCH DIR      (DIR: a labelled log)"""
import json, lzma, os, shutil, signal, subprocess, sys, tempfile, time

REMOTE = "/usr/lib/systemd/systemd-journal-remote"
binary, story = sys.argv[1], sys.argv[2]
if not os.path.exists(REMOTE):
    print("SKIP: there is no systemd-journal-remote here")
    sys.exit(77)
top = tempfile.mkdtemp(prefix="relaywatch-switch-")
log, journals, socket = (os.path.join(top, n) for n in ("mail.log", "journals", "control"))
os.mkdir(journals)
shutil.copy(os.path.join(story, "mail.log"), log)
export = lzma.open(os.path.join(story, "mail.export.xz")).read()
subprocess.run([REMOTE, "-o", os.path.join(journals, "mail.journal"), "-"], input=export, check=True,
               stderr=subprocess.DEVNULL)
SOURCES = {"file": f"type = file\nfiles = {log}\n",
           "journal": f"type = journal\njournal_directory = {journals}\n"}


def run(source, state):
    """Incidents after the daemon is up to date with that source."""
    with open(os.path.join(top, "conf"), "w") as f:
        f.write("[source]\n" + SOURCES[source] + "[alert]\njournal = no\n")
    daemon = subprocess.Popen(
        [binary, "run", "--config", os.path.join(top, "conf"), "--postconf",
         os.path.join(story, "postconf-n.txt"), "--socket", socket],
        env=dict(os.environ, STATE_DIRECTORY=os.path.join(top, state)),
        stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "up to date" in line:
            break
    time.sleep(0.2)
    answer = subprocess.run([binary, "incidents", "--all", "--json", "--socket", socket],
                            capture_output=True, text=True).stdout
    daemon.send_signal(signal.SIGTERM)
    daemon.stderr.read()
    daemon.wait()
    rows = [json.loads(line) for line in answer.splitlines()]
    return [(r["kind"], r["id"], r["messages"], r["recipients"], r["notices"]) for r in rows]


passed = failed = 0
for first, second in (("file", "journal"), ("journal", "file")):
    want, got = run(first, first), run(second, first)
    ok = got == want and want != []
    passed, failed = passed + ok, failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {first}, then {second}" +
          ("" if ok else f": got {got}, want {want}"))
shutil.rmtree(top, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
