#!/usr/bin/env python3
"""Adds up a CTest run: tally.py JUNIT.xml prints 'N passed, M failed, K skipped'.

A test that counts for itself (Check's summary, or a closing 'N passed, M failed') is taken at its
word; any other is one. A unit test can't skip in Check's words: it says 'SKIP WHY' on a line of its
own, and passes; each of these is one skipped and none passed. All of them are shown."""
import re
import sys
import xml.etree.ElementTree as tree

CHECK = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
SKIP = re.compile(r"^ *SKIP\b.*", re.M)
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def numbers(case):
    """(passed, failed, skipped) of one test."""
    status = case.get("status")
    if status in ("notrun", "disabled"):
        return 0, 0, 1
    output = case.findtext("system-out") or ""
    passed = failed = skipped = 0
    for checks, failures, errors in CHECK.findall(output):
        skipped += len(SKIP.findall(output))
        failed += int(failures) + int(errors)
        passed += int(checks) - int(failures) - int(errors) - skipped
    if not CHECK.search(output) and not PLAIN.search(output): # all of it
        skipped = len(SKIP.findall(output))
    for row in PLAIN.findall(output)[-1:]:
        passed, failed, skipped = passed + int(row[0]), failed + int(row[1]), int(row[2] or 0)
    if status != "run":
        return passed, max(failed, 1), skipped
    return (passed, failed, skipped) if passed + skipped else (1, 0, 0)


cases = list(tree.parse(sys.argv[1]).getroot().iter("testcase"))
for case in cases:
    for line in SKIP.findall(case.findtext("system-out") or ""):
        print(f"{line.strip()} [{case.get('name')}]")
rows = [numbers(case) for case in cases]
print("{} passed, {} failed, {} skipped".format(*map(sum, zip(*rows)))
      if rows else "0 passed, 1 failed")
