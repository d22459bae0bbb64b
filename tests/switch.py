#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A switch of sources between two runs, or by a reload: the new one holds what the old one told
already, and nothing of it counts twice.

usage: switch.py RELAYWATCH SHIM DIR      (DIR: a labelled log)"""
import json, lzma, os, shutil, signal, subprocess, sys, tempfile

from follower import World, end_of_export

REMOTE = "/usr/lib/systemd/systemd-journal-remote"
binary, shim, story = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3]
if not os.path.exists(REMOTE):
    print("SKIP: there is no systemd-journal-remote here")
    sys.exit(77)
top = tempfile.mkdtemp(prefix="relaywatch-switch-")
log, part, part2, other, journals, more, socket, conf = (
    os.path.join(top, n) for n in ("mail.log", "part.log", "part2.log", "other.log", "journals",
                                   "more", "control", "conf"))
shutil.copy(os.path.join(story, "mail.log"), log)
shutil.copy(log, other)
with open(log) as f, open(part, "w") as g:
    lines = f.readlines()
    g.writelines(lines[:len(lines) // 2])
shutil.copy(part, part2)
export = lzma.open(os.path.join(story, "mail.export.xz")).read()
# The day of the log, lest it lie before what is read back; and its year.
world = World(shim)
world.step_to(end_of_export(export) + 3600)
for name in log, part, part2, other:
    os.utime(name, (end_of_export(export),) * 2)
for directory in journals, more:
    os.mkdir(directory)
    subprocess.run([REMOTE, "-o", os.path.join(directory, "mail.journal"), "-"], input=export,
                   check=True, stderr=subprocess.DEVNULL)
SOURCES = {"file": f"type = file\nfiles = {log}\n",
           "other file": f"type = file\nfiles = {other}\n",
           "three files": f"type = file\nfiles = {part2} {log} {part}\n",
           "journal": f"type = journal\njournal_directory = {journals}\nbackfill = 30d\n",
           "other journal": f"type = journal\njournal_directory = {more}\nbackfill = 30d\n",
           "journal, no backfill": f"type = journal\njournal_directory = {more}\nbackfill = 0s\n"}


class Daemon:
    """`relaywatch run`, up to date with a source."""

    def __init__(self, source, state):
        self.write(source)
        self.process = subprocess.Popen(
            [binary, "run", "--config", conf, "--postconf",
             os.path.join(story, "postconf-n.txt"), "--socket", socket],
            env=world.environment(STATE_DIRECTORY=os.path.join(top, state)),
            stderr=subprocess.PIPE, text=True)
        self.wait()

    def write(self, source):
        with open(conf, "w") as f:
            f.write("[source]\n" + SOURCES[source] + "[alert]\njournal = no\n")

    def wait(self):
        for line in self.process.stderr:
            if "up to date" in line:
                return
        sys.exit("FAIL the daemon ended before it was up to date")

    def reload(self, source):
        self.write(source)
        self.process.send_signal(signal.SIGHUP)
        self.wait()

    def end(self):
        """Its incidents."""
        answer = subprocess.run([binary, "incidents", "--all", "--json", "--socket", socket],
                                capture_output=True, text=True).stdout
        self.process.send_signal(signal.SIGTERM)
        self.process.stderr.read()
        self.process.wait()
        rows = [json.loads(line) for line in answer.splitlines()]
        return [(r["kind"], r["id"], r["messages"], r["recipients"], r["notices"]) for r in rows]


passed = failed = 0


def check(name, got, want):
    global passed, failed
    ok = got == want and want != []
    passed, failed = passed + ok, failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": got {got}, want {want}"))


for i, (first, second) in enumerate((
        ("file", "journal"), ("journal", "file"), ("journal", "three files"), ("file", "other file"),
        ("journal", "other journal"), ("file", "journal, no backfill"))):
    want = Daemon(first, f"{i}").end()
    check(f"{first}, then {second}", Daemon(second, f"{i}").end(), want)
    check(f"and {second} again", Daemon(second, f"{i}").end(), want)
    daemon = Daemon(first, f"{i}-reload")
    daemon.reload(second)
    check(f"{first}, then {second} by a reload", daemon.end(), want)
world.end()
shutil.rmtree(top, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
