#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""From the write of the deciding line to the alert, with a followed file: each of N accounts crosses
a threshold of one recipient, and the alert comes out of the daemon's standard error.

usage: latency.py --bin relaywatch [-n N]"""
import argparse, os, shutil, subprocess, tempfile, time

ap = argparse.ArgumentParser()
ap.add_argument("--bin", required=True)
ap.add_argument("-n", type=int, default=300)
args = ap.parse_args()
top = tempfile.mkdtemp(prefix="relaywatch-latency-")
log = os.path.join(top, "mail.log")
with open(os.path.join(top, "conf"), "w") as f:
    f.write(f"[source]\ntype = file\nfiles = {log}\n[site]\nask_postfix = no\n"
            "own_domains = example.org\n[account-abuse]\nrecipients = 1\n[alert]\njournal = no\n")
open(log, "w").close()
daemon = subprocess.Popen([args.bin, "run", "--config", os.path.join(top, "conf"), "--socket",
                           os.path.join(top, "control")], stderr=subprocess.PIPE,
                          env=dict(os.environ, STATE_DIRECTORY=os.path.join(top, "state")))
try:
    while b"up to date" not in daemon.stderr.readline():
        pass
    took = []
    with open(log, "ab", buffering=0) as out:
        for i in range(args.n):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
            head, qid = f"{stamp} mx postfix", f"{0x40000 + i:05X}3F{i:04X}"
            out.write((f"{head}/smtpd[1]: {qid}: client=a[203.0.113.9], sasl_method=PLAIN, "
                       f"sasl_username=user{i}\n{head}/cleanup[2]: {qid}: message-id=<{i}@x>\n"
                       f"{head}/qmgr[3]: {qid}: from=<a@example.org>, size=1, nrcpt=1 "
                       "(queue active)\n").encode())
            time.sleep(0.01)
            line = (f"{head}/smtp[4]: {qid}: to=<b@elsewhere.example>, relay=h[192.0.2.1]:25, "
                    "delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)\n").encode()
            begin = time.perf_counter()
            out.write(line)
            while f"user{i}\"".encode() not in daemon.stderr.readline():
                pass
            took.append((time.perf_counter() - begin) * 1000)
    took.sort()
    print(f"write to alert, file, {args.n} alerts: median {took[len(took) // 2]:.2f} ms, "
          f"99th percentile {took[int(len(took) * 0.99)]:.2f} ms, worst {took[-1]:.2f} ms")
finally:
    daemon.terminate()
    daemon.wait()
    shutil.rmtree(top, ignore_errors=True)
