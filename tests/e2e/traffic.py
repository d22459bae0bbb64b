#!/usr/bin/env python3
"""Runs inside the container: mixed mail through Postfix, until a file appears.

  traffic.py RATE STOPFILE     RATE messages a second, if Postfix takes them; prints as JSON how many
                               messages of each kind it took"""
import collections
import json
import os
import random
import smtplib
import subprocess
import sys
import threading
import time

WORKERS = 16
EACH = 10  # messages on one connection


def outside(count):
    return [f"u{random.randrange(10000)}@{random.choice(('gmail.com', 'yahoo.com', 'other.example'))}"
            for _ in range(count)]


# Each gives client, login, sender and recipients of the messages of one connection.
def partner():
    return f"198.51.100.{random.randrange(30, 250)}", None, "p@partner.example", ["root@example.org"]


def own_host():
    return f"192.0.2.{random.randrange(1, 4)}", None, "root@example.org", outside(1)


def stranger():
    client = random.randrange(1, 4)
    later = ["later@gmail.com"] if random.random() < 0.01 else []
    return f"198.18.{client}.7", None, f"x@pills{client}.example", outside(2) + later


def stolen_account():
    user = random.choice(("mary", "john"))
    return f"100.64.{random.randrange(20)}.9", user, f"{user}@example.org", outside(2)


def to_nobody():
    return "198.51.100.20", None, f"f{random.randrange(1000)}@forged.example", ["nobody9@example.org"]


def refused():
    return "198.51.100.21", None, "y@bad.example", ["z@gmail.com"]


KINDS = {partner: 45, own_host: 20, stranger: 15, stolen_account: 10, to_nobody: 5, refused: 5}


class Traffic:
    def __init__(self, rate, stop):
        self.rate, self.stop = rate, stop
        self.lock, self.due = threading.Lock(), time.monotonic()
        self.taken = collections.Counter()

    def over(self):
        return os.path.exists(self.stop)

    def wait_turn(self):
        """Spreads the messages of all workers evenly; who is late does not catch up."""
        with self.lock:
            self.due = max(self.due, time.monotonic() - 0.5) + 1 / self.rate
            wait = self.due - time.monotonic()
        time.sleep(max(0, wait))

    def connection(self, kind):
        client, login, sender, _ = kind()
        with smtplib.SMTP("127.0.0.1", 25, timeout=60, local_hostname="client") as smtp:
            smtp.ehlo()
            smtp.docmd("XCLIENT", f"ADDR={client} NAME=[UNAVAILABLE]"
                                  + (f" LOGIN={login}" if login else ""))
            smtp.ehlo()
            for number in range(EACH):
                self.wait_turn()
                if self.over():
                    return
                unique = f"{number}.{random.getrandbits(60)}"
                try:
                    smtp.sendmail(sender, kind()[3],
                                  f"Subject: x\nMessage-ID: <{unique}@client>\n\nx\n")
                except smtplib.SMTPRecipientsRefused:
                    continue
                with self.lock:
                    self.taken[kind.__name__] += 1

    def work(self):
        kinds, weights = list(KINDS), list(KINDS.values())
        while not self.over():
            try:
                self.connection(random.choices(kinds, weights)[0])
            except OSError:  # Postfix is being restarted; smtplib's errors are these, too
                time.sleep(0.1)

    def script(self):
        """A web form that was found, and sends as www-data."""
        while not self.over():
            done = subprocess.run(["runuser", "-u", "www-data", "--", "sendmail", *outside(10)],
                                  input=b"Subject: x\n\nx\n", check=False)
            self.taken["script"] += done.returncode == 0
            time.sleep(3)


def main():
    traffic = Traffic(float(sys.argv[1]), sys.argv[2])
    threads = [threading.Thread(target=traffic.work) for _ in range(WORKERS)]
    threads.append(threading.Thread(target=traffic.script))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(traffic.taken))


if __name__ == "__main__":
    main()
