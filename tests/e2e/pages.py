"""What the manual pages print and only an installed service can do: typed as it stands there."""
import gzip
import os
import sys

from kit import (CONF, HERE, alerts, attack, begin_anew, expect, expect_in, figures_become, reload, runs,
                 settle, step, wait_for)
from notify import MAILBOX, mails, set_aliases

sys.path.insert(0, os.path.dirname(HERE))
from manual import examples  # noqa: E402


def printed(box, *words):
    """The first example of the installed pages with these words."""
    found = []
    for name in "man8/relaywatch.8", "man5/relaywatch.conf.5":
        with gzip.open(f"{box.root}/usr/share/man/{name}.gz", "rt", encoding="utf-8") as file:
            found += examples(file.read())
    return next(text for text in found if all(word in text for word in words))


@step
def manual_is_typed(box):
    """The command that mails, in its drop-in; what to do with an incident; who else may ask."""
    begin_anew(box, type="journal")
    box.run("sh", "-c", printed(box, "relaywatch check"))
    box.run("sh", "-c", printed(box, "systemctl reload"))
    box.run("useradd", "peter")
    box.run("sh", "-c", printed(box, "adduser mary").replace("mary", "peter"))
    box.run("runuser", "-u", "peter", "--", "relaywatch", "status")

    box.run("sh", "-c", f"rm -f {MAILBOX}")
    box.write("/etc/aliases", f"postmaster: {MAILBOX}\n")
    box.run("postalias", "hash:/etc/aliases")
    set_aliases(box, "hash:/etc/aliases")
    settings = printed(box, "command = /usr/local/bin/mail-alert")
    box.write("/usr/local/bin/mail-alert", printed(box, "#!/bin/sh", "curl"), mode=0o755)
    box.write("/etc/systemd/system/relaywatch.service.d/override.conf", printed(box, "[Service]", "=localhost"))
    box.write(CONF, box.read(CONF).replace("[alert]\n", settings))
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "restart", "relaywatch")
    runs(box)
    attack(box, "198.18.12.7", "manual.example", 7, ["later@gmail.com", "b@yahoo.com"])
    settle(box)
    one = figures_become(box, "198.18.12.7", messages=7, sent=7, deferred=7, queued=7)
    wait_for("mails", ["relaywatch: open-relay raised"], lambda: [mail["Subject"] for mail in mails(box)])

    wait_for("alerts", 1, lambda: len(alerts(box, one["id"])))
    expect_in("journalctl", box.run("sh", "-c", printed(box, "journalctl -x")).stdout, one["id"],
              "This server relays for strangers (198.18.12.7)")
    box.run("sh", "-c", printed(box, "relaywatch queue ID").replace("ID", one["id"]))
    figures_become(box, "198.18.12.7", held=7, queued=7)
    box.run("sh", "-c", printed(box, "relaywatch queue --all ID").replace("ID", one["id"]))
    figures_become(box, "198.18.12.7", held=0, queued=0)
    box.run("sh", "-c", printed(box, "relaywatch clients ID").replace("ID", one["id"]))
    box.run("sh", "-c", printed(box, "relaywatch close ID").replace("ID", one["id"]))
    expect("the table", box.read("/etc/postfix/clients.cidr"), "198.18.12.7 REJECT\n")
    figures_become(box, "198.18.12.7", close_reason="the newsletter of November")
    box.run("rm", "-r", "/etc/systemd/system/relaywatch.service.d", "/etc/postfix/clients.cidr",
            "/usr/local/bin/mail-alert")
    box.run("systemctl", "daemon-reload")
    set_aliases(box, "")
    reload(box)
