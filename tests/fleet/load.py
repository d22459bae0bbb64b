#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A fleet's lines through a real rsyslogd to the daemon, by the files of conf/examples/fleet: what
was sent is in the files and was read, the incidents are those of a scan, and what it took: lag,
processor time, memory. An attack through many hosts goes on meanwhile.

usage: load.py RELAYWATCH [--hosts N] [--rate LINES] [--seconds N] [--per-host] [--keep]

--per-host: a file per host, not one for all. Skipped where there is no rsyslogd."""
import argparse, bisect, glob, json, os, shutil, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLES = os.path.join(ROOT, "conf", "examples", "fleet")
RSYSLOGD = "/usr/sbin/rsyslogd"
LINES_A_MESSAGE = 7.55  # of make_log
VICTIMS = 400
TICKS = os.sysconf("SC_CLK_TCK")


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06}+00:00"


class Process:
    """With what it took so far."""

    def __init__(self, command, **more):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **more)
        self.took, self.most = 0.0, 0.0

    def look(self):
        try:
            with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
                kb = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        except (FileNotFoundError, StopIteration):
            return
        self.took, self.most = (int(fields[11]) + int(fields[12])) / TICKS, kb / 1024

    def end(self):
        if self.process.poll() is None:
            self.look()
            self.process.terminate()
            self.process.wait(60)


class Load:
    def __init__(self, args):
        self.args = args
        self.top = tempfile.mkdtemp(prefix="relaywatch-load-", dir=args.directory)
        self.conf, self.socket = (os.path.join(self.top, name) for name in ("conf", "control"))
        self.logs = os.path.join(self.top, "hosts/*/mail.log" if args.per_host else "mail.log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.sent, self.samples, self.attacked = [(0.0, 0)], [], 0
        self.configure()
        for name, source in ("make_log", "bench/make_log.c"), ("send_log", "fleet/send_log.c"):
            subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", os.path.join(self.top, name),
                            os.path.join(ROOT, "tests", source)], check=True)

    def configure(self):
        """The examples, but for the places of files and the port."""
        name = "rsyslog-server-file-per-host.conf" if self.args.per_host else "rsyslog-server.conf"
        with open(os.path.join(EXAMPLES, name), encoding="ascii") as file:
            text = file.read().replace("1514", str(self.port)).replace("/var/log/hosts", f"{self.top}/hosts")
        with open(os.path.join(self.top, "rsyslog.conf"), "w", encoding="ascii") as file:
            file.write(f'global(workDirectory="{self.top}")\n'
                       + text.replace("/var/log/mail-of-the-fleet.log", f"{self.top}/mail.log"))
        with open(os.path.join(EXAMPLES, "relaywatch.conf"), encoding="ascii") as file:
            text = (file.read().replace("/var/log/mail-of-the-fleet.log", self.logs)
                    .replace("trusted_networks = ", "trusted_networks = 192.0.2.0/24, "))
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(text + "[alert]\njournal = no\n")

    def start(self):
        self.rsyslogd = Process([RSYSLOGD, "-n", "-f", f"{self.top}/rsyslog.conf", "-i", f"{self.top}/pid"])
        end = time.monotonic() + 20
        while True:
            try:
                self.attacker = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        with open(f"{self.top}/said", "w", encoding="ascii") as said:
            self.daemon = Process([self.args.bin, "run", "--config", self.conf, "--socket", self.socket],
                                  env=dict(os.environ, STATE_DIRECTORY=f"{self.top}/state"),
                                  stderr=said)
        while self.status() is None:
            if self.daemon.process.poll() is not None:
                with open(f"{self.top}/said", encoding="ascii") as said:
                    raise RuntimeError(said.read())
            time.sleep(0.05)

    def status(self):
        done = subprocess.run([self.args.bin, "status", "--json", "--socket", self.socket],
                              capture_output=True, check=False)
        for row in map(json.loads, done.stdout.splitlines()):
            if row.get("type") == "status":
                return row
        return None

    def attack(self):
        """A stolen login sends through many hosts, below the threshold on each."""
        pause = self.args.seconds * 0.8 / VICTIMS
        for i in range(VICTIMS):
            mail, now, text = f"F{i:09X}", time.time(), ""
            for program, record in (
                    ("submission/smtpd", "client=bot[198.51.100.7], sasl_method=PLAIN, "
                                         "sasl_username=victim@example.org"),
                    ("cleanup", f"message-id=<{i}@attack.example>"),
                    ("qmgr", "from=<victim@example.org>, size=900, nrcpt=1 (queue active)"),
                    ("smtp", f"to=<v{i}@far.example>, relay=mx.far.example[192.0.2.26]:25, delay=1, "
                             "delays=0/0/0/1, dsn=2.0.0, status=sent (Ok)"), ("qmgr", "removed")):
                line = f"<22>{iso(now)} mx{i * 7 % self.args.hosts + 1} postfix/{program}[9]: {mail}: {record}"
                text += f"{len(line)} {line}"
            self.attacker.sendall(text.encode())
            self.attacked += 5
            time.sleep(pause)

    def hear(self, errors):
        for line in errors:
            first, second = line.split()
            if first == "late":
                self.late = float(second)
            else:
                self.sent.append((float(first), int(second)))

    def sample(self):
        """How old the oldest line was that was sent and not read."""
        status = self.status()
        now, read = time.time(), status["lines"]["read"]
        after = bisect.bisect_right(self.sent, read, key=lambda each: each[1])
        if after < len(self.sent):
            self.samples.append((now - self.sent[after][0], self.sent[-1][1] - read))
        else:
            self.samples.append((0.0, 0))
        self.daemon.look()
        self.rsyslogd.look()
        return read

    def run(self):
        args = self.args
        total = args.seconds * args.rate
        make = subprocess.Popen(
            [f"{self.top}/make_log", "--lines", str(total), "--hosts", str(args.hosts), "--form", "rfc3339",
             "--arrivals", str(int(args.rate / LINES_A_MESSAGE)), "--trusted", "4",
             "--start", str(int(time.time()) + 2)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        send = subprocess.Popen([f"{self.top}/send_log", str(self.port)], stdin=make.stdout,
                                stderr=subprocess.PIPE, text=True)
        threads = [threading.Thread(target=self.hear, args=(send.stderr,)),
                   threading.Thread(target=self.attack)]
        begin = time.time() + 2
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            self.sample()
        self.seconds = time.time() - begin
        self.want = self.sent[-1][1] + self.attacked
        end = time.monotonic() + 120
        while self.sample() < self.want and time.monotonic() < end:
            time.sleep(0.2)
        self.attacker.close()
        self.read = self.status()["lines"]["read"]

    def incidents(self, *command):
        done = subprocess.run([self.args.bin, "--json", "--config", self.conf, *command],
                              capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return sorted(json.dumps({k: v for k, v in row.items() if k != "raised_at"}, sort_keys=True)
                      for row in rows if row["type"] == "incident")

    def written(self):
        lines = 0
        for name in glob.glob(self.logs):
            with open(name, "rb") as file:
                while block := file.read(1 << 22):
                    lines += block.count(b"\n")
        return lines

    def end(self):
        for process in self.daemon, self.rsyslogd:
            process.end()
        if not self.args.keep:
            shutil.rmtree(self.top, ignore_errors=True)


def report(load):
    lags = sorted(lag for lag, _ in load.samples)
    behind = max(lines for _, lines in load.samples)
    print(f"{load.args.hosts} hosts, {'a file per host' if load.args.per_host else 'one file'}: "
          f"{load.want} lines in {load.seconds:.0f} s, {load.want / load.seconds:.0f} a second "
          f"({load.args.rate} wanted; the sender was {load.late:.1f} s late at most)\n"
          f"lag, rsyslogd included: median {lags[len(lags) // 2]:.2f} s, most {lags[-1]:.2f} s "
          f"and {behind} lines, in {len(lags)} samples\n"
          f"processor: relaywatch {load.daemon.took:.1f} s, {load.daemon.took / load.want * 1e6:.2f} us "
          f"a line; rsyslogd {load.rsyslogd.took:.1f} s; load {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} cores\n"
          f"memory at most: relaywatch {load.daemon.most:.0f} MiB, rsyslogd {load.rsyslogd.most:.0f} MiB",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin", type=os.path.abspath)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--per-host", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--directory", help="for the logs")
    args = parser.parse_args()
    if not os.path.exists(RSYSLOGD):
        print("SKIP: there is no rsyslogd here")
        return 77
    load, good = Load(args), []
    try:
        load.start()
        load.run()
        report(load)
        got = load.incidents("incidents", "--socket", load.socket)
        want = load.incidents("scan", *sorted(glob.glob(load.logs)))
        for name, one, other in (("lines written", load.written(), load.want),
                                 ("lines read", load.read, load.want),
                                 ("incidents", got, want), ("the login's is one", len(want), 1),
                                 ("of recipients", json.loads(want[0])["recipients"], VICTIMS),
                                 ("of hosts", json.loads(want[0])["hosts"], min(VICTIMS, args.hosts))):
            good.append(one == other)
            print(f"ok   {name}" if one == other else f"FAIL {name}: got {one}, want {other}")
    finally:
        load.end()
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    return sum(good) < len(good)


if __name__ == "__main__":
    sys.exit(main())
