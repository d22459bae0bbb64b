"""What runs beside it: Debian's monitoring systems and its OpenRC, with the files of conf/examples and
the installed program, and relaywatch-kafka."""
import os
import re
import time

from kit import (EXAMPLES, Skip, apt, attack, begin_anew, expect, expect_in, figures_become, incidents,
                 runs, settle, status, step, wait_for)

CHECK_NRPE = "/usr/lib/nagios/plugins/check_nrpe", "-H", "127.0.0.1", "-c", "check_relaywatch"
NAGIOS = "/etc/nagios4/nagios.cfg"
PLACES = (("nagios", "nagios/relaywatch.cfg", "/etc/nagios4/conf.d/relaywatch.cfg"),
          ("nagios", "nagios/nrpe.cfg", "/etc/nagios/nrpe.d/relaywatch.cfg"),
          ("zabbix", "zabbix/relaywatch.conf", "/etc/zabbix/zabbix_agentd.conf.d/relaywatch.conf"))


def nagios_says(box):
    """The last result of the service: state and text."""
    found = re.search(r"service_description=relaywatch\n.*?\tcurrent_state=(\d)\n.*?\tplugin_output=(.*?)\n",
                      box.run("cat", "/var/lib/nagios4/status.dat", check=False).stdout, re.S)
    return found and (found[1], found[2].split(":")[0])


@step
def monitoring_systems_ask(box):
    """Nagios, NRPE and a Zabbix agent, each as its own user, who is in the group as the examples say."""
    begin_anew(box, type="journal")
    # Installed while no systemd ran.
    box.run("systemd-tmpfiles", "--create", check=False)
    for user, file, to in PLACES:
        box.run("adduser", user, "relaywatch")
        box.run("cp", f"{EXAMPLES}/{file}", to)
    attack(box, "198.18.13.7", "monitored.example", 7)
    settle(box)
    figures_become(box, "198.18.13.7", messages=7)
    want = "RELAYWATCH CRITICAL - 1 open incident (1 critical, 0 warning, 0 info): open-relay of client 198.18.13.7"

    box.run("systemctl", "restart", "nagios-nrpe-server")
    wait_for("NRPE", (2, True), lambda: (lambda done: (done.returncode, done.stdout.startswith(want)))(
        box.run(*CHECK_NRPE, check=False)))
    expect_in("Zabbix", box.run("runuser", "-u", "zabbix", "--", "zabbix_agentd", "-t", "relaywatch.status").stdout,
              f"[t|{want}")
    expect_in("nagios4 -v", box.run("nagios4", "-v", NAGIOS).stdout, "Total Warnings: 0", "Total Errors:   0")
    box.run("sed", "-i", "s/^status_update_interval=.*/status_update_interval=1/", NAGIOS)
    box.run("systemctl", "start", "nagios4")
    wait_for("Nagios listens", 0, lambda: box.run("test", "-p", "/var/lib/nagios4/rw/nagios.cmd",
                                                  check=False).returncode)
    now = int(time.time())
    box.run("sh", "-c", f"echo '[{now}] SCHEDULE_FORCED_SVC_CHECK;localhost;relaywatch;{now}' "
            ">/var/lib/nagios4/rw/nagios.cmd")
    wait_for("Nagios", ("2", want.split(":", maxsplit=1)[0]), lambda: nagios_says(box), 60)
    box.run("systemctl", "stop", "nagios4", "nagios-nrpe-server")
    box.run("rm", *(to for _, _, to in PLACES))


@step
def openrc_runs_it(box):
    """Its supervisor, by the init script; a machine that OpenRC has booted has localmount."""
    if not os.path.exists(f"{box.root}/usr/sbin/openrc-run"):
        raise Skip("OpenRC can't be installed beside this Debian's systemd")
    begin_anew(box, type="file", files="/var/log/mail.log")
    box.run("systemctl", "stop", "relaywatch")
    box.run("sh", "-ec", "install -m 0755 " + f"{EXAMPLES}/openrc/relaywatch /etc/init.d/relaywatch\n"
            "printf '#!/sbin/openrc-run\\nstart() { :; }\\n' >/etc/init.d/localmount\nchmod 755 /etc/init.d/localmount\n"
            "for name in starting started daemons options exclusive failed inactive stopping scheduled wasinactive "
            "hotplugged; do mkdir -p /run/openrc/$name; done\necho default >/run/openrc/softlevel\nrc-update -u")
    box.run("rc-service", "relaywatch", "start")
    wait_for("it answers", 0, lambda: box.run("relaywatch", "status", check=False).returncode)
    expect("as whom", box.run("sh", "-c", "ps -o user= -p $(relaywatch status --json | sed -n 's/.*\"pid\":\\([0-9]*\\).*/\\1/p')"
                              ).stdout.split(), ["relaywatch"])
    attack(box, "198.18.14.7", "openrc.example", 7)
    settle(box)
    figures_become(box, "198.18.14.7", messages=7)
    box.run("rc-service", "relaywatch", "reload")
    box.run("rc-service", "relaywatch", "restart")
    wait_for("it answers", 0, lambda: box.run("relaywatch", "status", check=False).returncode)
    expect("what it remembers", list(incidents(box)), ["198.18.14.7"])
    box.run("rc-service", "relaywatch", "stop")
    expect("stopped", box.run("relaywatch", "status", check=False).returncode, 2)
    box.run("rm", "/etc/init.d/relaywatch", "/etc/init.d/localmount", "/var/log/relaywatch.log")


def hand_to_kafka(box, after):
    """Postfix's lines after the first so many, as an rsyslog would; how many there are now."""
    settle(box)
    lines = box.read("/var/log/mail.log").splitlines()
    now = int(time.time() * 1000)
    box.run("sh", "-c", "cat >/run/kafka.do", stdin="".join(f"1 {now} {line}\n" for line in lines[after:]))
    return len(lines)


@step
def kafka_is_read(box):
    """By relaywatch-kafka's package and what `check` says to type. The cluster is librdkafka's mock of
    one: Debian has no broker."""
    if not os.path.exists(f"{box.share}/relaywatch-kafka.deb"):
        raise Skip("this build has no relaywatch-kafka")
    box.run("mkfifo", "/run/kafka.do")
    box.start("sh", "-c", "/share/kafka_cluster mail 2 <>/run/kafka.do >/run/kafka.says")
    wait_for("the cluster", 1, lambda: box.run("cat", "/run/kafka.says", check=False).stdout.count("\n"))
    brokers = box.run("cat", "/run/kafka.says").stdout.strip()
    begin_anew(box, type="kafka", kafka_topics="mail", kafka_brokers=brokers)
    done = box.run("relaywatch", "check", check=False)
    typed = re.search(r"systemctl enable --now \S+", done.stdout)
    expect("what to type", (done.returncode, typed and typed[0]),
           (1, "systemctl enable --now relaywatch-kafka.socket"))

    apt(box, "install", "/share/relaywatch-kafka.deb")
    box.run(*typed[0].split())
    expect("the socket", box.run("systemctl", "is-active", "relaywatch-kafka.socket").stdout, "active\n")
    expect("blind by `check`", box.run("relaywatch", "check", check=False).stdout.count("can't be read"), 0)
    box.run("systemctl", "restart", "relaywatch")
    runs(box)
    wait_for("blind", [], lambda: status(box)["blind"])
    lines = len(box.read("/var/log/mail.log").splitlines())
    attack(box, "198.18.15.7", "broker.example", 7)
    lines = hand_to_kafka(box, lines)
    figures_become(box, "198.18.15.7", messages=7)
    box.run("systemctl", "kill", "--signal=KILL", "relaywatch-kafka@*")
    attack(box, "198.18.15.7", "broker.example", 3)
    hand_to_kafka(box, lines)
    figures_become(box, "198.18.15.7", messages=10)
    apt(box, "purge", "relaywatch-kafka")
    expect("the socket", box.run("systemctl", "is-active", "relaywatch-kafka.socket", check=False).returncode, 3)
