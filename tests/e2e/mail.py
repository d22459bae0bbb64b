#!/usr/bin/env python3
"""Runs inside the container: the world outside (sink), and mail from anywhere (send).

  mail.py sink ADDRESS     an SMTP server that takes everything, but for recipients who begin with
                           "later": those it wants to have later
  mail.py send < JSON      [{"client": address, "sender": s, "to": [..], "count": n,
                           "pause": seconds, "login": name, "password": p}, ...]; prints how many
                           were taken. Postfix lets us speak for any client (XCLIENT), and believes a
                           login without a password; with one, it asks SASL. "certificate" names a
                           file with a key and what is shown in TLS. With "patient", a
                           Postfix that is just being restarted is no error."""
import asyncio
import json
import smtplib
import ssl
import sys
import time


async def serve(reader, writer):
    def say(text):
        writer.write(text.encode() + b"\r\n")

    say("220 sink ESMTP")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"DATA":
            say("354 go on")
            await writer.drain()
            while (await reader.readline()).rstrip(b"\r\n") != b".":
                pass
            say("250 2.0.0 Ok: queued as 4XqPz92Lb0z4wxY")
        elif verb == b"RCPT" and line[8:].lstrip(b" <").startswith(b"later"):
            say("450 4.2.1 Too much mail for this mailbox, try again later")
        elif verb == b"QUIT":
            say("221 2.0.0 Bye")
            break
        else:
            say("250 2.0.0 Ok")
        await writer.drain()
    writer.close()


async def sink(address):
    server = await asyncio.start_server(serve, address, 25)
    await server.serve_forever()


def send(job):
    taken = 0
    with smtplib.SMTP("127.0.0.1", 25, timeout=60, local_hostname="client") as smtp:
        smtp.ehlo()
        if job.get("client"):
            told = job.get("login") and "password" not in job
            login = f" LOGIN={job['login']}" if told else ""
            code, reply = smtp.docmd(
                "XCLIENT", f"ADDR={job['client']} NAME=[UNAVAILABLE] HELO=client{login}")
            if code != 220:
                raise RuntimeError(reply)
            smtp.ehlo()
        if "certificate" in job:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.load_cert_chain(job["certificate"])
            smtp.starttls(context=context)
            smtp.ehlo()
        if "password" in job:
            smtp.login(job["login"], job["password"])
        for number in range(job.get("count", 1)):
            try:
                smtp.sendmail(job["sender"], job["to"],
                              f"Subject: {number}\nMessage-ID: <{number}.{job['client']}@client>\n\nx\n")
                taken += 1
                time.sleep(job.get("pause", 0))
            except smtplib.SMTPRecipientsRefused:
                pass
    return taken


def patiently(job):
    try:
        return send(job)
    except OSError:  # smtplib's are, too
        time.sleep(0.1)
        return 0


if __name__ == "__main__":
    if sys.argv[1] == "sink":
        asyncio.run(sink(sys.argv[2]))
    else:
        print(sum(patiently(job) if job.get("patient") else send(job)
                  for job in json.load(sys.stdin)))
