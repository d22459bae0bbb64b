"""Who may relay shows a certificate: what Postfix logs of it, and what comes of that."""
from cure import Settings
from kit import (begin_anew, expect, figures_become, incidents, journal_end, said, send, settle,
                 status, step, wait_for)

PKI = "/etc/postfix/pki"
OFFICE, STRANGER = "198.18.24.7", "198.18.26.7"
# One CA, the server's own certificate, and one for each client.
MAKE = f"""mkdir -p {PKI} && cd {PKI}
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2
for name in server office stranger; do
    openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.crt -days 2
    cat $name.key $name.crt > $name.pem
done
openssl x509 -in office.crt -noout -fingerprint -sha256 | sed 's/.*=//; s/$/ office/' > listed"""


def certified(client, count=6):
    name = "office" if client == OFFICE else "stranger"
    return {"client": client, "sender": f"x@{name}.example", "to": ["a@gmail.com", "b@yahoo.com"],
            "count": count, "certificate": f"{PKI}/{name}.pem"}


@step
def office_shows_a_certificate(box):
    """It may relay by relay_clientcerts, so its mail is no open relay; with
    permit_tls_all_clientcerts, everybody's is who has one."""
    box.run("sh", "-ec", MAKE)
    with Settings(box):
        box.run("postconf", "-e", "smtpd_tls_security_level=may", f"smtpd_tls_CAfile={PKI}/ca.pem",
                f"smtpd_tls_chain_files={PKI}/server.pem", "smtpd_tls_ask_ccert=yes",
                "smtpd_tls_loglevel=1", "smtpd_tls_fingerprint_digest=sha256",
                f"relay_clientcerts=texthash:{PKI}/listed",
                "smtpd_relay_restrictions=permit_mynetworks, permit_tls_clientcerts, "
                "reject_unauth_destination")
        box.run("postfix", "reload")
        begin_anew(box)
        expect("taken of the stranger", send(box, certified(STRANGER, 1)), 0)
        expect("taken of the office", send(box, certified(OFFICE)), 6)
        settle(box)
        wait_for("messages seen", 6, lambda: status(box)["messages"]["seen"])
        expect("incidents", incidents(box), {})
        mark = journal_end(box)
        box.run("postconf", "-e", "smtpd_relay_restrictions=permit_mynetworks, "
                "permit_tls_all_clientcerts, reject_unauth_destination")
        box.run("postfix", "reload")
        wait_for("settings read", True, lambda: "settings read again" in said(box, mark))
        expect("taken of the stranger", send(box, certified(STRANGER)), 6)
        one = figures_become(box, STRANGER, messages=6, recipients=12)
        expect("kind", one["kind"], "open-relay")
        expect("incidents", len(incidents(box)), 1)
