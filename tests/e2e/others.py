"""Debian's monitoring systems, and its OpenRC, with the files of conf/examples and the installed
program."""
import os
import re
import time

from kit import (EXAMPLES, Skip, attack, begin_anew, expect, expect_in, figures_become, incidents, settle,
                 step, wait_for)

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
