#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon that reads Kafka, by relaywatch-kafka: what it finds is what `scan` finds in a file with
the same lines, each of them read once, whichever of the two is killed, and when; and it says so when
it can't read. The cluster is librdkafka's mock of one (kafka_cluster.c): Debian has no broker. What
systemd does for relaywatch-kafka.socket, a process for each connection, is done here.

usage: kafka.py RELAYWATCH SHIM DIRECTORY [NAME...]

DIRECTORY has relaywatch-kafka and kafka_cluster, or all is skipped."""
import datetime, glob, json, lzma, os, random, re, shutil, signal, socket, subprocess, sys
import threading, time

from follower import Checks, Follower, World, iso, relayed

binary, shim, programs = os.path.abspath(sys.argv[1]), sys.argv[2], os.path.abspath(sys.argv[3])
HERE = os.path.dirname(os.path.abspath(__file__))
KILLS = int(os.environ.get("KAFKA_KILLS", "30"))


class Cluster:
    def __init__(self, partitions, topic="mail"):
        self.process = subprocess.Popen(
            [os.path.join(programs, "kafka_cluster"), topic, str(partitions)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.brokers = self.process.stdout.readline().strip()

    def do(self, command):
        """Returns once it is done."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer == "ok\n", (command, answer)

    def produce(self, messages):
        """(partition, seconds, line) each; returns once they are in the cluster."""
        for partition, when, line in messages:
            self.process.stdin.write(f"{partition} {int(when * 1000)} {line}\n")
        self.do("flush")

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)


class Socket:
    """relaywatch-kafka.socket: one program for each connection."""

    def __init__(self, path, conf, said):
        self.conf, self.said, self.running, self.started = conf, said, [], 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError: # it was closed
                return
            self.running = [one for one in self.running if one.poll() is None] + [subprocess.Popen(
                [os.path.join(programs, "relaywatch-kafka"), "--config", self.conf],
                stdin=connection, stdout=connection, stderr=self.said)]
            self.started += 1
            connection.close()

    def kill(self):
        """Whether there was one to kill."""
        alive = [one for one in self.running if one.poll() is None]
        for one in alive:
            one.kill()
            one.wait()
        return bool(alive)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        self.kill()


class Kafka:
    """A cluster, the socket, and the daemon's settings."""

    def __init__(self, partitions, settings="", backfill="30d", ours="", listen=True):
        self.world, self.cluster = World(shim), Cluster(partitions)
        self.path = os.path.join(self.world.top, "kafka")
        self.config = os.path.join(self.world.top, "librdkafka.conf")
        with open(self.config, "w") as f: # the mock answers no earlier than this
            f.write("# as librdkafka has them\nfetch.wait.max.ms = 20\n")
        self.daemon = Follower(
            binary, self.world, settings, limits="save_every = 1s\n", source="type = kafka\n"
            f"kafka_topics = mail\nkafka_brokers = {self.cluster.brokers}\nbackfill = {backfill}\n"
            f"kafka_config = {self.config}\nkafka_socket = {self.path}\n")
        if ours:
            self.daemon.site = ours
            self.daemon.configure(settings)
        self.said = open(os.path.join(self.world.top, "said"), "a")
        self.socket = None
        if listen:
            self.listen()

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.socket = Socket(self.path, self.daemon.conf, self.said)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.daemon.process and self.daemon.process.poll() is None:
            self.daemon.kill()
        if self.socket:
            self.socket.end()
        self.cluster.end()
        self.said.close()
        self.world.end()

    def incidents(self):
        done = subprocess.run([binary, "incidents", "--all", "--json", "--socket",
                               self.daemon.socket], capture_output=True, text=True)
        return stories(done.stdout)


def blind(status):
    return [row["text"] for row in status["blind"]]


def check(kafka):
    done = subprocess.run([binary, "check", "--config", kafka.daemon.conf], capture_output=True,
                          text=True)
    return done.returncode, done.stdout + done.stderr


def stories(text):
    """Each incident but for when it was raised."""
    rows = map(json.loads, text.splitlines())
    return {row["id"]: {k: v for k, v in row.items() if k != "raised_at"} for row in rows
            if row["type"] == "incident"}


def scan(kafka, lines):
    name = os.path.join(kafka.world.top, "whole.log")
    with open(name, "w") as f:
        f.write("".join(line + "\n" for line in lines))
    done = subprocess.run([binary, "scan", "--json", "--config", kafka.daemon.conf, name],
                          capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return stories(done.stdout)


def log_of(directory):
    for name in "mail.iso.log.xz", "mail.log.xz":
        path = os.path.join(HERE, directory, name)
        if os.path.exists(path):
            with lzma.open(path, "rt") as f:
                return f.read().splitlines()
    raise AssertionError(f"no log in {directory}")


def when(line):
    return datetime.datetime.fromisoformat(line.split(" ", 1)[0]).timestamp()


def host(line):
    return line.split(" ", 2)[1]


def settings_of(directory):
    """Lines of [site]."""
    path = os.path.join(HERE, directory, "site.ini")
    if not os.path.exists(path):
        return f"postconf = {os.path.join(HERE, directory, 'postconf-n.txt')}\n"
    with open(path) as f:
        return "".join(line for line in f if not line.startswith(("[", "ask_postfix", "own_")))


def differences(got, want, but=()):
    bad = [f"incidents: got {sorted(got)}, want {sorted(want)}"] if set(got) != set(want) else []
    for told in set(got) & set(want):
        bad += [f"{told}: {name}: got {got[told].get(name)}, want {value}"
                for name, value in want[told].items() if name not in but and got[told].get(name) != value]
    return bad


def replay(checks, directory, partitions, seed, by_order=()):
    """A partition has all lines of a host, in order, as omkafka's key keeps them."""
    lines, rng = log_of(directory), random.Random(seed)
    hosts = sorted({host(line) for line in lines})
    deaths = sorted(rng.sample(range(1, len(lines)), KILLS))
    began = time.time() - len(lines) / 100
    kills = {"relaywatch": 0, "relaywatch-kafka": 0}
    with Kafka(partitions, ours=settings_of(directory)) as kafka:
        kafka.daemon.start(until=None)
        for first in range(0, len(lines), 25):
            # Their time is when they came, in order, as omkafka's is, or the broker's.
            kafka.cluster.produce((hosts.index(host(line)) % partitions, began + number / 100, line)
                                  for number, line in enumerate(lines[first:first + 25], first))
            while deaths and first >= deaths[0]:
                deaths.pop(0)
                time.sleep(rng.random() * 0.3)
                if rng.random() < 0.5 and kafka.socket.kill():
                    kills["relaywatch-kafka"] += 1
                else:
                    kafka.daemon.kill()
                    kafka.daemon.start(until=None)
                    kills["relaywatch"] += 1
        checks.check(f"{directory}: both were killed", min(kills.values()) > 0, True)
        got = kafka.daemon.wait_read(len(lines))
        checks.check(f"{directory}: lines after {kills}", got, len(lines))
        checks.check(f"{directory}: the incidents of scan",
                     differences(kafka.incidents(), scan(kafka, lines), by_order), [])
        status, _ = kafka.daemon.stop()
        checks.check(f"{directory}: exit status", status, 0)
        kafka.daemon.start()
        checks.check(f"{directory}: nothing comes twice after a restart",
                     kafka.daemon.status()["lines"]["read"], len(lines))


def one_host(checks):
    replay(checks, "corpora/open_relay", 3, 1)
    replay(checks, "corpora/stolen_account", 1, 2)


# What comes at once comes from each partition in order, but the partitions in any; and where to type
# what is advised follows from the hosts.
BY_ORDER = "hosts", "host_list", "queue_ids", "message_ids", "commands", "advice"


def fleet(checks):
    replay(checks, "fleet/late", 4, 3, BY_ORDER)


def read_back(checks):
    """What waits is merged by its times."""
    lines = log_of("fleet/late")
    hosts = sorted({host(line) for line in lines})
    with Kafka(4, ours=settings_of("fleet/late")) as kafka:
        began = time.time() - len(lines) / 100
        kafka.cluster.produce((hosts.index(host(line)) % 4, began + number / 100, line)
                              for number, line in enumerate(lines))
        kafka.daemon.start()
        checks.check("read back: lines", kafka.daemon.status()["lines"]["read"], len(lines))
        checks.check("read back: all of the incidents of scan",
                     differences(kafka.incidents(), scan(kafka, lines)), [])


def since(checks):
    with Kafka(1, backfill="5d") as kafka:
        now = time.time()
        kafka.cluster.produce((0, at, f"{iso(at)} mx1 postfix/anvil[1]: statistics: one")
                              for at in (now - 10 * 86400, now - 9 * 86400, now - 3600, now))
        kafka.daemon.start()
        checks.check("older messages than backfill are left out",
                     kafka.daemon.status()["lines"]["read"], 2)


def gone(checks):
    """The mock keeps 5 MB of a partition."""
    with Kafka(1) as kafka:
        now = time.time()
        line = f"{iso(now)} mx1 postfix/anvil[1]: statistics: {'x' * 1000}"
        kafka.daemon.start()
        kafka.cluster.produce([(0, now, line)] * 10)
        kafka.daemon.wait_read(10)
        kafka.daemon.stop()
        for _ in range(100):
            kafka.cluster.produce([(0, now, line)] * 100)
        kafka.daemon.start(until=None)
        _, said = kafka.daemon.wait_said("are gone")
        first, last = (int(word) for word in re.findall(r"messages (\d+) to (\d+) are gone", said)[0])
        checks.check("lost messages are said from the first", first, 10)
        checks.check("and the others are read", kafka.daemon.wait_read(10009 - last + 10),
                     10009 - last + 10)
        checks.check("a lost message is a warning",
                     kafka.daemon.wait_warnings("log-lines-lost", 1)[0][0], "warning")


def nobody(checks):
    with Kafka(1, listen=False) as kafka:
        now = time.time()
        kafka.cluster.produce([(0, now, f"{iso(now)} mx1 postfix/anvil[1]: statistics: one")])
        kafka.daemon.start(until="nobody answers")
        want = [f"Kafka is not there: nobody answers at {kafka.path}: is relaywatch-kafka.socket "
                "started?"]
        checks.check("no program: status", kafka.daemon.wait_status(blind, want), want)
        checks.check("no program: check", check(kafka), lambda got: got[0] == 1 and
                     "nobody answers" in got[1] and "systemctl enable --now" in got[1])
        kafka.listen()
        checks.check("a program comes", kafka.daemon.wait_read(1), 1)
        checks.check("and all is well", kafka.daemon.wait_status(blind, [], 60), [])
        checks.check("and check finds nothing", "Kafka" in check(kafka)[1].split("source:")[1]
                     .split("\n", 1)[1], False)


def brokers_down(checks):
    with Kafka(2) as kafka:
        now = time.time()
        messages = [(n % 2, now, f"{iso(now)} mx1 postfix/anvil[1]: statistics: {n}")
                    for n in range(20)]
        kafka.cluster.produce(messages[:10])
        kafka.daemon.start()
        kafka.daemon.wait_read(10)
        kafka.cluster.do("down")
        kafka.daemon.wait_said("no broker can be reached")
        got = kafka.daemon.wait_status(lambda s: [text[:20] for text in blind(s)],
                                       ["Kafka can't be read:"], 60)
        checks.check("brokers down: status", got, ["Kafka can't be read:"])
        kafka.cluster.do("up")
        kafka.cluster.produce(messages[10:])
        checks.check("brokers up", kafka.daemon.wait_read(20), 20)


def bad_config(checks):
    with Kafka(1) as kafka:
        with open(kafka.config, "a") as f:
            f.write("nonsense = 1\n")
        kafka.daemon.start(until="librdkafka.conf:3: No such configuration property: \"nonsense\"")
        checks.check("a bad file of librdkafka's settings: check", check(kafka),
                     lambda got: "librdkafka.conf:3: " in got[1])
        with open(kafka.config, "w") as f:
            f.write("")
        kafka.daemon.wait_said("Kafka is read again")
        checks.check("corrected", kafka.daemon.wait_status(blind, []), [])


def explained(checks):
    """The lines of a message that the daemon has forgotten are read from Kafka."""
    with Kafka(1, settings="") as kafka:
        now = time.time() - 60
        text = "".join(relayed(now + n, n) for n in range(1, 20)).splitlines()
        kafka.cluster.produce((0, when(line), line) for line in text)
        kafka.daemon.start()
        kafka.daemon.wait_read(len(text))
        done = subprocess.run([binary, "explain", "--socket", kafka.daemon.socket, "0000000003"],
                              capture_output=True, text=True)
        checks.check("explain: the message's lines", done.stdout.count("0000000003: "), 4)


def judged_again(checks):
    """Other own domains: the log of `backfill` is read a second time."""
    with Kafka(1) as kafka:
        now = time.time() - 600
        text = "".join(relayed(now + n, n) for n in range(1, 20)).splitlines()
        kafka.cluster.produce((0, when(line), line) for line in text)
        kafka.daemon.start()
        checks.check("an open relay", kafka.daemon.wait_alerts(1)[0][0], "raised")
        kafka.daemon.site = "relay_domains = victim.example\n"
        kafka.daemon.configure()
        kafka.daemon.process.send_signal(signal.SIGHUP)
        kafka.daemon.wait_said("open-relay withdrawn")
        kafka.daemon.wait_said("judged again: 0 incidents withdrawn, 0 raised")
        kafka.cluster.produce((0, when(line), line) for line in
                              relayed(time.time(), 99).splitlines())
        checks.check("the second reading goes on", kafka.daemon.wait_read(len(text) + 4),
                     len(text) + 4)
        kafka.daemon.site = ""
        kafka.daemon.configure()
        kafka.daemon.process.send_signal(signal.SIGHUP)
        _, said = kafka.daemon.wait_said("judged again: ")
        checks.check("and finds the open relay again", said,
                     lambda got: "0 incidents withdrawn, 1 raised" in got)


EXAMPLE = os.path.join(HERE, "..", "conf", "examples", "kafka")


def rsyslogd(kafka, name, example, before):
    """rsyslogd with a file of the examples, the mock's brokers in it, and what comes before it."""
    with open(os.path.join(EXAMPLE, example)) as f:
        text = f.read()
    text = text.replace('"kafka1.example.net:9092", "kafka2.example.net:9092"',
                        ", ".join(f'"{broker}"' for broker in kafka.cluster.brokers.split(",")))
    text = text.replace("/var/log/", kafka.world.top + "/").replace('fileGroup="adm"', "")
    text = text.replace("confParam=[", 'confParam=["fetch.wait.max.ms=20", ' if "imkafka" in text
                        else "confParam=[")
    conf = os.path.join(kafka.world.top, name + ".conf")
    with open(conf, "w") as f:
        f.write(f'global(workDirectory="{kafka.world.top}")\n{before}\n{text}')
    return subprocess.Popen(["rsyslogd", "-n", "-f", conf, "-i", conf + ".pid"],
                            stdout=kafka.said, stderr=kafka.said)


def rsyslog(checks):
    """Both examples: a mail host's rsyslog writes, and relaywatch-kafka and a log server's read."""
    modules = [os.path.join(top, "rsyslog", "omkafka.so") for top in glob.glob("/usr/lib/*") +
               ["/usr/lib", "/usr/lib64"]]
    if not shutil.which("rsyslogd") or not any(map(os.path.exists, modules)):
        checks.skip("rsyslog: there is no rsyslogd with omkafka here")
        return
    lines = log_of("corpora/open_relay")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Kafka(3, ours=settings_of("corpora/open_relay")) as kafka:
        host = rsyslogd(kafka, "host", "rsyslog-host.conf", 'module(load="imptcp")\n'
                        f'input(type="imptcp" address="127.0.0.1" port="{port}")')
        server = rsyslogd(kafka, "server", "rsyslog-server.conf", "")
        try:
            kafka.daemon.start(until=None)
            for _ in range(200):
                try:
                    sender = socket.create_connection(("127.0.0.1", port))
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            sender.sendall("".join(f"<22>{line}\n" for line in lines).encode())
            sender.close()
            checks.check("rsyslog: lines", kafka.daemon.wait_read(len(lines)), len(lines))
            checks.check("rsyslog: the incidents of scan",
                         differences(kafka.incidents(), scan(kafka, lines)), [])
            path, end = os.path.join(kafka.world.top, "mail-of-the-fleet.log"), time.time() + 60
            while time.time() < end and (not os.path.exists(path) or
                                         open(path).read().count("\n") < len(lines)):
                time.sleep(0.05)
            with open(path) as f:
                checks.check("rsyslog: the file by imkafka", f.read().splitlines() == lines, True)
        finally:
            for one in host, server:
                one.terminate()
                one.wait(60)


ASKED = ( # a request, and what is answered before any line
    ("begin", "partition mail 0 0"),
    ("end", "partition mail 0 10"),
    ("since 0", "partition mail 0 0"),
    ("end\nat mail 0 5", "partition mail 0 5"),
    ("begin\nat mail 0 10", "partition mail 0 10"),
    ("begin\nat other 0 10", "partition mail 0 0"),
    ("begin\nat mail 1 10", "partition mail 0 0"),
    # beyond its end, by as much as there is, and by more
    ("begin\nat mail 0 20", "partition mail 0 10"),
    ("begin\nat mail 0 21", "partition mail 0 0"),
    ("begin\nat mail 0 5\nat mail 0 5", "error what was asked is no request of relaywatch"),
    ("begin\nat ma/il 0 5", "error what was asked is no request of relaywatch"),
    ("begin\nready", "error what was asked is no request of relaywatch"),
    ("relaywatch-kafka 1\nbegin", "error what was asked is no request of relaywatch"),
    ("begin " + "x" * 2000, "error what was asked is no request of relaywatch"),
)


def asked(checks):
    """What relaywatch-kafka itself answers."""
    with Kafka(1) as kafka:
        now = time.time()
        kafka.cluster.produce([(0, now, f"{iso(now)} mx1 postfix/anvil[1]: statistics: 1")] * 10)
        for request, want in ASKED:
            ours, theirs = socket.socketpair()
            program = subprocess.Popen(
                [os.path.join(programs, "relaywatch-kafka"), "--config", kafka.daemon.conf],
                stdin=theirs, stdout=theirs, stderr=kafka.said)
            theirs.close()
            ours.sendall(f"relaywatch-kafka 1\n{request}\ngo\n".encode())
            with ours.makefile() as answer:
                got = [answer.readline().rstrip("\n") for _ in range(2)]
            ours.close()
            checks.check(f"asked {request[:40]!r}", got, ["relaywatch-kafka 1", want])
            checks.check("and it ends with its connection", program.wait(60),
                         1 if want.startswith("error") else 0)


def other_topics(checks):
    """A reload that names one more: what was read of the first stays read."""
    with Kafka(1) as kafka:
        now = time.time()
        messages = [(0, now, f"{iso(now)} mx1 postfix/anvil[1]: statistics: {n}") for n in range(9)]
        kafka.cluster.do("topic other 2")
        kafka.cluster.produce(messages[:5])
        kafka.daemon.start()
        kafka.daemon.wait_read(5)
        kafka.daemon.source = kafka.daemon.source.replace("= mail\n", "= mail other\n")
        kafka.daemon.configure()
        kafka.daemon.process.send_signal(signal.SIGHUP)
        kafka.daemon.wait_said("following Kafka: mail other")
        kafka.cluster.produce(messages[5:])
        checks.check("another topic: lines", kafka.daemon.wait_read(9), 9)
        kafka.daemon.source = kafka.daemon.source.replace("= mail other\n", "= none\n")
        kafka.daemon.configure()
        kafka.daemon.process.send_signal(signal.SIGHUP)
        kafka.daemon.wait_said("following Kafka: none")
        checks.check("an empty topic", kafka.daemon.wait_status(blind, []), [])


tests = [one_host, fleet, read_back, since, gone, nobody, brokers_down, bad_config, explained,
         judged_again, asked, other_topics, rsyslog]

if not os.path.exists(os.path.join(programs, "relaywatch-kafka")):
    print("SKIP: relaywatch-kafka was not built: there is no librdkafka here")
    sys.exit(77)
checks = Checks()
for test in tests:
    if not sys.argv[4:] or test.__name__ in sys.argv[4:]:
        checks.run(test)
checks.end()
