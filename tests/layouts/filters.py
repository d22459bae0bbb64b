# SPDX-License-Identifier: MIT
"""Hops through this host: how a message leaves one queue file and comes back in another.

Each hop writes the records of both sides. The new queue file is accepted before the old one's
delivery is logged, since a filter answers last; the rest of its life ends before that record
("late") or after it ("early")."""
from dataclasses import replace

import post as posts
from layout import behind, boxed, container, filters_of, port, socket
from life import HOST, MYHOSTNAME
from post import FIRST, LOCALHOST, SECOND

AGENT = {"lmtp_silent": "lmtp", "lmtp_socket": "lmtp"}
FILTER_UID = 111


def late(run):
    """How long the old queue file's last records wait, in seconds."""
    link = run.layout["link"]
    if link == "either":
        link = run.random.choice(("early", "late"))
    return 4.0 if link == "late" else 0.05


def smtp_hop(kind):
    """A filter that takes the mail by SMTP or LMTP and hands it back by SMTP."""
    def hop(run, post, sender, to, rest):
        place = len(filters_of(run.layout, "smtpd")) - len(rest) - 1
        run.active(post, sender, to)
        run.at += run.random.uniform(0.05, 0.5)
        back = run.accept(post.instance, "reinject", *reinjected(run, kind, post, place))
        back.mapping = posts.mapping_behind(post, rest)
        if forwards_client(kind):
            back.client = post.client
        session = f"5A1{run.random.getrandbits(60):015X}"
        report(run, kind, post, back, sender, to, session)
        close(run.fork(late(run)), kind, post, to, place, ANSWERS[kind].format(
            port=port(place) + 1, new=back.id, session=session))
        run.pass_on(back, sender, to, rest)
    return hop


def forwards_client(kind):
    return kind in ("lmtp_silent", "xforward")


def reinjected(run, kind, post, place):
    """client, message-id and further fields of the smtpd that takes the mail back."""
    more = ""
    if boxed(run.layout):
        return behind(run.layout, place, run.random.randrange(3)), post.message_id, more
    if kind == "xforward":
        more += f", orig_queue_id={post.id}"
    if forwards_client(kind) and post.client:
        more += f", orig_client={post.client[0]}[{post.client[1]}]"
    name = "localhost.localdomain" if kind == "lmtp_silent" else "localhost"
    return (name, "127.0.0.1"), post.message_id, more


ANSWERS = {
    "smtp_queued": "250 2.0.0 Ok: queued as {new}",
    "amavis": "250 2.0.0 from MTA(smtp:[127.0.0.1]:{port}): 250 2.0.0 Ok: queued as {new}",
    "smtp_silent": "250 Message accepted for delivery",
    "xforward": "250 2.0.0 Ok",
    "lmtp_silent": "250 2.5.0 OK ({session})",
    "lmtp_socket": "250 2.6.0 Message accepted for delivery",
}


def report(run, kind, post, back, sender, to, session):
    """What the filter itself logs."""
    names = [f"<{address}>" for address, _ in aliased(run, post, to)]
    if kind == "amavis":
        client = f"[{post.client[1]}]:40001 [{post.client[1]}] " if post.client else ""
        message_id = f"Message-ID: {post.message_id}, " if post.message_id != "<>" else ""
        run.log_other("amavis", f"({run.random.randrange(10**5):05}-01) Passed CLEAN "
                      f"{{RelayedInbound}}, {client}<{sender}> -> {','.join(names)}, Queue-ID: "
                      f"{post.id}, {message_id}mail_id: x{run.random.randrange(10**6)}, Hits: -, "
                      f"size: 2345, queued_as: {back.id}, 210 ms")
    if kind == "lmtp_silent":
        for name in names:
            run.log_other("pmg-smtp-filter", f"{session}: accept mail to {name} ({back.id}) "
                          "(rule: default-accept)")


def aliased(run, post, to):
    return [posts.aliased(run.layout, post, one) for one in to]


def close(run, kind, post, to, place, answer):
    """The old queue file's delivery to the filter, and its end."""
    address = container(place)[1] if boxed(run.layout) else "127.0.0.1"
    relay = (f"{MYHOSTNAME}[{socket(run.layout, place)}]" if kind == "lmtp_socket"
             else f"{address}[{address}]:{port(place)}")
    run.transaction(post, AGENT.get(kind, "to_filter"), aliased(run, post, to), relay, "sent",
                    "2.5.0" if kind == "lmtp_silent" else "2.0.0", answer)
    run.removed(post)


def pipe(run, post, sender, to, rest):
    """FILTER_README's simple filter: pipe(8), and sendmail(1) as the filter's user."""
    run.active(post, sender, to)
    run.at += run.random.uniform(0.05, 0.5)
    back = run.pick_up(post.instance, FILTER_UID, sender, post.message_id)
    back.mapping = posts.mapping_behind(post, rest)
    end = run.fork(late(run))
    end.transaction(post, "pipe", aliased(run, post, to), "spamassassin", "sent", "2.0.0",
                    "delivered via spamassassin service")
    end.removed(post)
    run.pass_on(back, sender, to, rest)


def mailscanner(run, post, sender, to, rest):
    """cleanup holds the message; MailScanner puts the queue file back under a new ID. qmgr never
    sees the old one."""
    header, envelope = held(post, to)
    run.log(post.instance, "cleanup", f"{post.id}: hold: header Received: {header[:190]} from "
            f"{envelope}; from=<{sender}> to=<{to[0].to}>" + (
                f" proto=ESMTP helo=<{HOST}.client.example>" if post.client else ""))
    back = replace(post, id=run.host.queue_id(post.instance, run.at))
    run.at += run.random.uniform(0.3, 2)
    run.log_other("MailScanner", "New Batch: Scanning 1 messages, 3606 bytes")
    run.log_other("MailScanner", f"Requeue: {post.id}.{run.random.randrange(0xA0000, 0xFFFFF):X} "
                  f"to {back.id}")
    run.log_other("MailScanner", "Uninfected: Delivered 1 messages")
    run.pass_on(back, sender, to, rest)


def held(post, to):
    """The Received: header that header_checks met, and where cleanup says it came from."""
    if not post.client:
        return f"by mx.example.org (Postfix, from userid 33)??id {post.id}", "local"
    who = f"{post.client[0]}[{post.client[1]}]"
    return (f"from client.example ({post.client[0]} [{post.client[1]}])??by mx.example.org "
            f"(Postfix) with ESMTP id {post.id}??for <{to[0].to}>; Mon,  2 Mar 2026 08:00:00 +0100 "
            "(CET)", who)


def proxy(run, message, rest):
    """A before-queue filter: the front smtpd has no queue file, the one behind has."""
    who = f"{message.client[0]}[{message.client[1]}]"
    role = "submission" if message.login else "smtpd"
    front = run.log(FIRST, role, f"connect from {who}")
    run.log(FIRST, role, f"NOQUEUE: client={who}{posts.login(message)}", front)
    back = run.accept(FIRST, "reinject", LOCALHOST, run.message_id(message.sender),
                      run.random.choice(("", f", orig_client={who}")))
    back.client, back.mapping = message.client, posts.mapping(run.layout, rest)
    run.log(FIRST, role, f"proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as {back.id}; "
            f"from=<{message.sender}> to=<{message.to[0].to}> proto=ESMTP helo=<{HOST}>", front)
    run.fork().log(FIRST, role, f"disconnect from {who} ehlo=1 mail=1 rcpt=1 data=1 quit=1 "
                   "commands=5", front)
    run.pass_on(back, message.sender, message.to, rest)


def second_instance(run, post, sender, to, orig_to=None):
    """The first instance's smtp(8) hands recipients to the second instance, which sends to them."""
    back = run.accept(SECOND, "reinject", LOCALHOST, post.message_id)
    back.mapping = "done"
    pairs = [(to[0].to, orig_to)] if orig_to else aliased(run, post, to)
    run.fork().finish(back, sender, [replace(one, to=address, forward=None)
                                     for one, (address, _) in zip(to, pairs)])
    run.at += late(run)
    run.transaction(post, "smtp", pairs, "127.0.0.1[127.0.0.1]:10125", "sent", "2.0.0",
                    f"250 2.0.0 Ok: queued as {back.id}")


HOPS = {kind: smtp_hop(kind) for kind in ANSWERS}
HOPS.update({"pipe": pipe, "mailscanner": mailscanner})
