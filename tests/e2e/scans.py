"""The logs of all that, read at once."""
from begin import is_the_relay
from kit import expect_in, expect_narrow, scan, step


@step
def scan_of_traditional_log(box):
    """The relay is found in rsyslog's traditional file, Postfix itself being asked what is ours."""
    is_the_relay(scan(box, "/var/log/mail.log")[0])


@step
def scan_of_rfc3339_log(box):
    """And in its RFC 3339 file."""
    is_the_relay(scan(box, "/var/log/mail.iso.log")[0])


@step
def scan_of_journal(box):
    """And in the journal's own files."""
    is_the_relay(scan(box, "/var/log/journal")[0])


@step
def scan_for_people(box):
    """What a person reads names the client and what to do, within 100 columns."""
    text = box.run("relaywatch", "scan", "/var/log/mail.log", check=False).stdout
    expect_in("scan", text, "203.0.113.7", "pills.example", "smtpd_relay_restrictions")
    expect_narrow("scan", text, 100)
