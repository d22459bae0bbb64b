#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The scripts of conf/examples/notify against real receivers: a web server, mail servers with and
without TLS, a sendmail, all of this test. What strangers write arrives as text and nothing else.

usage: notify.py RELAYWATCH SHIM [NAME...]"""
import base64, email, email.policy, http.server, json, os, re, shutil, socket, socketserver, ssl, subprocess, sys
import tempfile, threading, time

from follower import Checks, Follower, World, relayed

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPTS = os.path.join(ROOT, "conf", "examples", "notify")
binary, shim = os.path.abspath(sys.argv[1]), sys.argv[2]

INCIDENT = {
    "type": "incident", "id": "aa-0123456789ab", "kind": "account-abuse", "severity": "critical", "event": "raised",
    "key": {"sasl_username": "bob"}, "host": "mx1", "messages": 7, "recipients": 9, "sent": 1, "deferred": 2,
    "bounced": 3, "queued": 4, "held": 5, "first_seen": "2026-11-24T03:47:12Z", "last_seen": "2026-11-24T03:48:12Z",
    "reason": "login bob sent", "advice": ["Change the password", "Look at the queue"]}
TEXT = ("relaywatch critical: account-abuse raised, sasl_username bob on mx1\nlogin bob sent\n"
        "7 messages, 9 recipients: 1 sent, 2 deferred, 3 bounced; 4 queued, 5 held\n"
        "seen from 2026-11-24T03:47:12Z to 2026-11-24T03:48:12Z\n1. Change the password\n2. Look at the queue\n"
        "more: relaywatch show aa-0123456789ab\n")
WARNING = {"type": "warning", "code": "blind", "text": "Attacks may go unseen", "event": "warning"}
# What strangers may call themselves; as it is shown.
HOSTILE = (
    ("a\r\nBcc: all@x.example\r\n\r\nhello", "a??Bcc: all@x.example????hello"),
    ("<!channel> <@U0123> <http://x.example|bob> & @here @ROOM @everyone",) * 2,
    ("*b* _i_ ~s~ `c` [l](http://x.example) <b>h</b> \"q\" 'q' $(id) `id`",) * 2,
    ("\x1b[31m\x07\x00\u202emoc\u2066 a\u200bb\u2028c\ud800", "?[31m???moc? a?b?c?"),
    ("x" * 400, "x" * 297 + "..."),
    (".\n.\nQUIT", ".?.?QUIT"),
)


def incident(name=None, **more):
    changed = dict(INCIDENT, **more)
    if name is not None:
        changed.update(key={"sasl_username": name}, reason=f"login {name} sent")
    return changed


def cut(text, most):
    return text if len(text) <= most else text[:most - 3] + "..."


def text_of(shown):
    return TEXT.replace("login bob sent", cut(f"login {shown} sent", 300)).replace(" bob ", f" {shown} ")


# --- receivers ------------------------------------------------------------------------------------

class Web(http.server.ThreadingHTTPServer):
    """Keeps what is posted; answers with the statuses given, then with 200."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), WebRequest)
        self.got, self.answers, self.delay = [], [], 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.shutdown()
        self.server_close()


class WebRequest(http.server.BaseHTTPRequestHandler):
    def take(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.got.append((self.command, self.path, dict(self.headers), body))
        time.sleep(self.server.delay)
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.end_headers()
        self.wfile.write(b"a\x1bnswer")

    do_GET = do_POST = do_PUT = take

    def log_message(self, *unused):
        pass


class Mail(socketserver.ThreadingTCPServer):
    """A mail server; `got` has (envelope, bytes) of each mail, and under which protection it came."""
    daemon_threads = allow_reuse_address = True

    def __init__(self, tls=None, starttls=None, refuse=()):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.tls, self.starttls, self.refuse, self.got, self.logins = tls, starttls, refuse, [], []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.shutdown()
        self.server_close()


class MailSession(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def wrap(self, context):
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def handle(self):
        try:
            if self.server.tls:
                self.wrap(self.server.tls)
            self.say("220 sink")
            self.session(bool(self.server.tls))
        except OSError: # the client has hung up
            pass

    def session(self, protected):
        sender, to = "", []
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.split(" ", 1)[0].upper()
            if verb == "EHLO":
                self.say("250-sink")
                if self.server.starttls and not protected:
                    self.say("250-STARTTLS")
                self.say("250 AUTH PLAIN" if protected else "250 8BITMIME")
            elif verb == "STARTTLS":
                self.say("220 go")
                self.wrap(self.server.starttls)
                protected = True
            elif verb == "AUTH":
                self.server.logins.append(base64.b64decode(line.split()[2]).decode())
                self.say("235 in")
            elif verb == "MAIL":
                sender, to = line, []
                self.say("250 ok")
            elif verb == "RCPT":
                to.append(line)
                self.say("550 no" if any(who in line for who in self.server.refuse) else "250 ok")
            elif verb == "DATA":
                self.say("354 go")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part[1:] if part.startswith(b".") else part
                self.server.got.append((sender, to, data, protected))
                self.say("250 ok")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                break


class Place:
    """A directory with settings, a fake relaywatch and a fake sendmail, for `with`."""

    def __enter__(self):
        self.top = tempfile.mkdtemp(prefix="relaywatch-notify-")
        self.relaywatch = self.file("relaywatch", '#!/bin/sh\necho "$1 of $2"\n')
        self.sendmail = self.file("sendmail", f'#!/bin/sh\nprintf "%s\\n" "$@" >{self.top}/args\ncat >{self.top}/mail\n')
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.top)

    def file(self, name, text):
        path = os.path.join(self.top, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)
        return path

    def read(self, name):
        with open(os.path.join(self.top, name), "rb") as f:
            return f.read()

    def run(self, script, alert, settings, before=()):
        """Exit status and standard error."""
        ini = self.file("notify.ini", settings if re.search(r"^\[", settings, re.M) else f"[way]\n{settings}")
        arguments = [ini] if script == "notify" else [ini, "way"]
        done = subprocess.run([*before, os.path.join(SCRIPTS, script), *arguments], timeout=60, check=False,
                              input=json.dumps(alert).encode() if not isinstance(alert, bytes) else alert,
                              capture_output=True, env={"PATH": "/usr/bin:/bin"})
        return done.returncode, done.stderr.decode()


# --- web hooks ------------------------------------------------------------------------------------

def slack_text(text):
    text = re.sub(r"@(channel|here|all|everyone|room)\b", "@\u200b\\1", text, flags=re.I)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def formats(t):
    """Each body, exactly; with what strangers write."""
    with Place() as it, Web() as web:
        for name, shown in (("bob", "bob"), *HOSTILE):
            what, raw = shown[:20], json.dumps(incident(name)).encode()
            text = text_of(shown)
            title = text.split("\n", 1)[0]
            for form, method, path, body in (
                    ("slack", "POST", "/hook", {"text": slack_text(text), "mrkdwn": False, "parse": "none",
                                                "link_names": False, "unfurl_links": False, "unfurl_media": False}),
                    ("matrix", "PUT", "/hook/_matrix/client/v3/rooms/%21a%3Ax.example/send/m.room.message/",
                     {"msgtype": "m.text", "body": re.sub(r"@(here|room|everyone)\b", "@\u200b\\1", text, flags=re.I),
                      "m.mentions": {}}),
                    ("ntfy", "POST", "/hook", {"topic": "t", "title": title, "message": text, "priority": 5})):
                web.got.clear()
                t.check(f"{form}: {what}", it.run("webhook", raw, f"format = {form}\nurl = {web.url}/hook\n"
                        "room = !a:x.example\ntopic = t\ntoken = s3cret\n"), (0, ""))
                (got_method, got_path, headers, got_body), = web.got
                t.check(f"{form}: {what}: where", (got_method, re.sub(r"[0-9a-f]{64}$", "", got_path)), (method, path))
                t.check(f"{form}: {what}: headers", (headers["Content-Type"], headers["Authorization"]),
                        ("application/json", "Bearer s3cret"))
                t.check(f"{form}: {what}: body", json.loads(got_body), body)
            web.got.clear()
            it.run("webhook", raw, f"format = generic\nurl = {web.url}/hook\n")
            t.check(f"generic: {what}", [(m, p, "Authorization" in h, b) for m, p, h, b in web.got],
                    [("POST", "/hook", False, raw)])


def events(t):
    """Warnings, tests and what is over; a Matrix transaction is the same only for the same alert."""
    with Place() as it, Web() as web:
        def told(alert, form="ntfy"):
            it.run("webhook", alert, f"format = {form}\nurl = {web.url}\ntopic = t\nroom = r\n")
            return web.got[-1]
        host = socket.gethostname()
        for alert, title, message, priority in (
                (WARNING, f"relaywatch warning: blind on {host}",
                 f"relaywatch warning: blind on {host}\nAttacks may go unseen\n", 4),
                (dict(WARNING, event="warning-over"), f"relaywatch warning-over: blind on {host}",
                 f"relaywatch warning-over: blind on {host}\nAttacks may go unseen\n", 3),
                ({"type": "test", "event": "test", "host": "mx1", "text": "this is a test"},
                 "relaywatch TEST on mx1: nothing is wrong",
                 "relaywatch TEST on mx1: nothing is wrong\nthis is a test\n", 4),
                (incident(event="ended"), TEXT.split("\n", 1)[0].replace("raised", "ended"),
                 TEXT.replace("raised", "ended"), 3),
                (incident(severity="warning"), TEXT.split("\n", 1)[0].replace("critical", "warning"),
                 TEXT.replace("critical", "warning"), 4)):
            t.check(f"event: {title}", json.loads(told(alert)[3]),
                    {"topic": "t", "title": title, "message": message, "priority": priority})
        long = json.loads(told(incident(advice=["\u20ac" * 290] * 9))[3])["message"]
        t.check("ntfy: a long one is cut at a character", (len(long.encode()) <= 4000, "\ufffd" in long), (True, False))
        paths = [told(alert, "matrix")[1] for alert in (INCIDENT, INCIDENT, incident(event="updated"))]
        t.check("matrix: transactions", (paths[0] == paths[1], paths[0] == paths[2]), (True, False))


def trouble(t):
    """A server that fails, sends elsewhere, is slow, or is not there."""
    with Place() as it, Web() as web:
        hook = f"format = generic\nurl = {web.url}\n"
        at = web.url.removeprefix("http://")
        for answers, status, said, tried in (
                ([500, 429], 0, "", 3),
                ([500, 502, 503], 1, f"way: {at} answers 503: a?nswer\n", 3),
                ([403], 1, f"way: {at} answers 403: a?nswer\n", 1),
                ([302], 1, f"way: {at} answers 302: a?nswer\n", 1)):
            web.got.clear()
            web.answers = list(answers)
            t.check(f"web: {answers}", it.run("webhook", INCIDENT, hook), (status, said))
            t.check(f"web: {answers}: tries", len(web.got), tried)
        web.delay = 20
        began = time.monotonic()
        t.check("web: slow", it.run("webhook", INCIDENT, hook + "limit = 0.5\n")[0], 1)
        t.check("web: limit", time.monotonic() - began, lambda took: took < 10)
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        t.check("web: nobody", it.run("webhook", INCIDENT, f"format = generic\nurl = http://127.0.0.1:{port}\n"),
                (1, f"way: 127.0.0.1:{port}: [Errno 111] Connection refused\n"))
        t.check("web: a file", it.run("webhook", INCIDENT, "format = generic\nurl = file:///etc/passwd\n"),
                (1, "way: url = file:///etc/passwd; allowed: http:// or https://\n"))
        t.check("web: a format", it.run("webhook", INCIDENT, "format = irc\n"),
                (1, "way: format = irc; allowed: slack, matrix, ntfy, generic\n"))
        t.check("web: no url", it.run("webhook", INCIDENT, "format = slack\n")[0], 1)
        t.check("web: no alert", it.run("webhook", b"{", hook)[0], 1)


# --- mail -----------------------------------------------------------------------------------------

HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "References", "MIME-Version", "Content-Type"}


def check_mail(t, what, data, shown, body):
    """These headers and no other, two parts, exact text."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    t.check(f"{what}: headers", set(mail.keys()), HEADERS)
    t.check(f"{what}: subject", mail["Subject"], text_of(cut(shown, 60)).split("\n", 1)[0])
    t.check(f"{what}: to", (mail["From"], mail["To"]), ("relaywatch@x.example", "a@x.example, b@x.example"))
    t.check(f"{what}: no answers", mail["Auto-Submitted"], "auto-generated")
    parts = list(mail.iter_parts())
    t.check(f"{what}: parts", [(p.get_content_type(), p.get_filename()) for p in parts],
            [("text/plain", None), ("text/html", "aa-0123456789ab.html")])
    t.check(f"{what}: text", parts[0].get_content().replace("\r\n", "\n"), body)
    t.check(f"{what}: report", parts[1].get_content().replace("\r\n", "\n"), "report of aa-0123456789ab\n")


ALWAYS = "to = a@x.example b@x.example\nfrom = relaywatch@x.example\n"


def sendmail(t):
    with Place() as it:
        settings = f"{ALWAYS}relaywatch = {it.relaywatch}\nsendmail = {it.sendmail}\n"
        for name, shown in (("bob", "bob"), *HOSTILE):
            what = f"sendmail: {shown[:20]}"
            t.check(what, it.run("mail", incident(name), settings), (0, ""))
            t.check(f"{what}: arguments", it.read("args").decode().split("\n"),
                    ["-i", "-f", "relaywatch@x.example", "--", "a@x.example", "b@x.example", ""])
            check_mail(t, what, it.read("mail"), shown, text_of(shown) + "\nshow of aa-0123456789ab\n")
        it.run("mail", incident(event="updated"), settings)
        t.check("sendmail: no report of an update", b"text/html" in it.read("mail"), False)
        it.run("mail", incident(id="--socket=x"), settings)
        t.check("sendmail: an id that is none", b" of --socket" in it.read("mail"), False)
        it.run("mail", WARNING, settings)
        t.check("sendmail: a warning", email.message_from_bytes(it.read("mail"), policy=email.policy.default).get_content(),
                f"relaywatch warning: blind on {socket.gethostname()}\nAttacks may go unseen\n")
        it.file("relaywatch", "#!/bin/sh\necho 'no daemon' >&2\nexit 2\n")
        t.check("sendmail: no daemon", it.run("mail", INCIDENT, settings), (0, ""))
        t.check("sendmail: no daemon, said", email.message_from_bytes(it.read("mail"), policy=email.policy.default).get_content(),
                TEXT + "\nno daemon\nno report: no daemon\n")
        it.file("sendmail", "#!/bin/sh\ncat >/dev/null\necho full >&2\nexit 75\n")
        t.check("sendmail: fails", it.run("mail", INCIDENT, settings), (1, f"way: {it.sendmail}: status 75: full?\n"))
        it.file("sendmail", "#!/bin/sh\nexec sleep 30\n")
        began = time.monotonic()
        t.check("sendmail: hangs", it.run("mail", INCIDENT, settings + "limit = 0.5\n")[0], 1)
        t.check("sendmail: limit", time.monotonic() - began, lambda took: took < 10)
        t.check("mail: to nobody", it.run("mail", INCIDENT, "from = a@x.example\n"), (1, "way: to = is missing: whom to tell\n"))


def localhost(t):
    """Where sendmail would hang, by SMTP."""
    with Place() as it, Mail() as server, Mail(refuse=("<b@",)) as choosy:
        settings = f"{ALWAYS}relaywatch = {it.relaywatch}\nsendmail = {it.sendmail}\n"
        for name, shown in (("bob", "bob"), *HOSTILE):
            what = f"localhost: {shown[:20]}"
            server.got.clear()
            t.check(what, it.run("mail", incident(name), f"{settings}server = 127.0.0.1:{server.port}\nway = smtp\n"), (0, ""))
            (sender, to, data, _), = server.got
            t.check(f"{what}: envelope", (sender.split(" size")[0].split(" BODY")[0], to),
                    ("mail FROM:<relaywatch@x.example>", ["rcpt TO:<a@x.example>", "rcpt TO:<b@x.example>"]))
            check_mail(t, what, data, shown, text_of(shown) + "\nshow of aa-0123456789ab\n")
        t.check("localhost: one is refused", it.run("mail", INCIDENT, f"{settings}server = 127.0.0.1:{choosy.port}\nway = smtp\n"),
                (1, f"way: 127.0.0.1:{choosy.port} refuses {{'b@x.example': (550, b'no')}}\n"))
        server.got.clear()
        if not shutil.which("setpriv"):
            t.skip("localhost: NoNewPrivileges: there is no setpriv (apt install util-linux)")
            return
        t.check("localhost: NoNewPrivileges", it.run("mail", INCIDENT, f"{settings}server = 127.0.0.1:{server.port}\n",
                                                     ("setpriv", "--no-new-privs")), (0, ""))
        t.check("localhost: it was not sendmail", (len(server.got), os.path.exists(f"{it.top}/mail")), (1, False))


def certificate(it, name):
    """A context with a certificate of that name, signed by itself."""
    key, cert = f"{it.top}/{name}.key", f"{it.top}/{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key,
                    "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


def second_path(t):
    if not shutil.which("openssl"):
        t.skip("second-path: there is no openssl (apt install openssl)")
        return
    with Place() as it:
        context, cert = certificate(it, "localhost")
        other, other_cert = certificate(it, "mx.x.example")
        with Mail(tls=context) as tls, Mail(starttls=context) as start, Mail() as bare, Mail(tls=other) as wrong:
            settings = (f"{ALWAYS}relaywatch = {it.relaywatch}\nserver = localhost\nuser = u\npassword = p%w\nca = {cert}\n")
            for name, shown in (("bob", "bob"), *HOSTILE[:2]):
                for server, more in (tls, ""), (start, "starttls = yes\n"):
                    what = f"second-path: {more[:8]} {shown[:20]}"
                    server.got.clear()
                    server.logins.clear()
                    t.check(what, it.run("second-path", incident(name), f"{settings}port = {server.port}\n{more}"), (0, ""))
                    t.check(f"{what}: login", server.logins, ["\0u\0p%w"])
                    (_, to, data, protected), = server.got
                    t.check(f"{what}: to", (to, protected), (["rcpt TO:<a@x.example>", "rcpt TO:<b@x.example>"], True))
                    check_mail(t, what, data, shown, text_of(shown) + "\nshow of aa-0123456789ab\n")
            got = it.run("second-path", INCIDENT, f"{settings}port = {bare.port}\nstarttls = yes\n")
            t.check("second-path: a server without TLS", got, (1, "way: localhost: STARTTLS extension not supported by server.\n"))
            got = it.run("second-path", INCIDENT, f"{settings}port = {wrong.port}\n".replace(cert, other_cert))
            t.check("second-path: another's certificate", got, lambda it: it[0] == 1 and "Hostname mismatch" in it[1])
            got = it.run("second-path", INCIDENT, f"{settings}port = {tls.port}\n".replace(f"ca = {cert}\n", ""))
            t.check("second-path: nobody's certificate", got, lambda it: it[0] == 1 and "self-signed" in it[1])
            t.check("second-path: no word without TLS", (bare.got, bare.logins, wrong.got), ([], [], []))


# --- all at once ----------------------------------------------------------------------------------

def several(t):
    with Place() as it, Web() as web:
        own = it.file("own", f"#!/bin/sh\ncat >{it.top}/own-$2\n")
        settings = (f"[one]\nscript = webhook\nformat = generic\nurl = {web.url}/1\n"
                    f"[two]\nscript = {own}\n[three]\nscript = webhook\nformat = generic\nurl = {web.url}/3\n")
        t.check("notify", it.run("notify", INCIDENT, settings), (0, ""))
        t.check("notify: both hooks", sorted(got[1] for got in web.got), ["/1", "/3"])
        t.check("notify: one's own", json.loads(it.read("own-two")), INCIDENT)
        it.file("own", "#!/bin/sh\nexit 3\n")
        web.got.clear()
        web.answers = [404, 404]
        status, said = it.run("notify", INCIDENT, settings.replace("/3\n", "/3\n[four]\nscript = ../own\n"))
        at = web.url.removeprefix("http://")
        t.check("notify: which failed", (status, said.strip().split("; ", 3)),
                (1, [f"one: {at} answers 404: a?nswer", "two: status 3", f"three: {at} answers 404: a?nswer",
                     "four: script = ../own; allowed: mail, webhook, second-path, or a path"]))
        t.check("notify: no settings", it.run("notify", INCIDENT, "[")[0], 1)
        it.file("own", "#!/bin/sh\nexec sleep 30\n")
        began = time.monotonic()
        t.check("notify: hangs", it.run("notify", INCIDENT, f"[two]\nscript = {own}\nlimit = 0.2\n")[0], 1)
        t.check("notify: limit", time.monotonic() - began, lambda took: took < 10)
        with open(os.path.join(SCRIPTS, "notify.ini"), encoding="utf-8") as f:
            example = f.read()
        for port in re.findall(r"url = (https://\S+?)/?$", example, re.M):
            example = example.replace(port, f"{web.url}/x")
        for section in "second", "mail":
            example = re.sub(rf"\[{section}\]\n.*?\n\n", "", example, flags=re.S)
        web.got.clear()
        t.check("notify: the example's hooks", it.run("notify", INCIDENT, example), (0, ""))
        t.check("notify: the example's hooks, all", len(web.got), 4)


def login(at, number, account):
    """A login's message to the outside, of one recipient."""
    return relayed(at, number).replace("[192.0.2.1]\n", f"[192.0.2.1], sasl_method=PLAIN, sasl_username={account}\n")


def attacked(t):
    """The daemon runs it: a stolen login with a stranger's name for it, and test-alert."""
    world = World(shim)
    with Place() as it, Web() as web, Mail() as server:
        wrapper = it.file("relaywatch", f'#!/bin/sh\nexec {binary} "$@" --socket {world.top}/control\n')
        ini = it.file("notify.ini", f"[chat]\nscript = webhook\nformat = slack\nurl = {web.url}/chat\nlimit = 60\n"
                      f"[mail]\nscript = mail\nway = smtp\nserver = 127.0.0.1:{server.port}\nto = a@x.example\n"
                      f"limit = 60\nrelaywatch = {wrapper}\n")
        daemon = Follower(binary, world)
        daemon.configure("events = raised\n[account-abuse]\nrecipients = 5\n")
        with open(daemon.conf, encoding="utf-8") as f:
            conf = f.read()
        it.file("conf", re.sub(r"(?m)^command = .*$", f"command = {SCRIPTS}/notify {ini}", conf))
        daemon.conf = f"{it.top}/conf"
        try:
            daemon.start()
            name = "<!channel>&@here\u202e'\"x"
            daemon.write("".join(login(world.now(), n, name) for n in range(6)))
            t.check("attacked: raised", daemon.wait_status(lambda s: s["incidents"]["open"], 1), 1)
            end = time.monotonic() + 60
            while not (web.got and server.got) and time.monotonic() < end:
                time.sleep(0.02)
            text = json.loads(web.got[0][3])["text"]
            t.check("attacked: chat", text.split("\n")[0], lambda got: got.startswith(
                "relaywatch ") and "account-abuse raised, sasl_username &lt;!channel&gt;&amp;@\u200bhere" in got)
            mail = email.message_from_bytes(server.got[0][2], policy=email.policy.default)
            parts = list(mail.iter_parts())
            t.check("attacked: mail", mail["Subject"], lambda got: "account-abuse raised, sasl_username <!channel>&@here" in got)
            t.check("attacked: show", parts[0].get_content(), lambda got: "postsuper -h -" in got)
            t.check("attacked: report", parts[1].get_content(), lambda got: got.startswith("<!DOCTYPE html>"))
            web.got.clear()
            got = subprocess.run([wrapper, "test-alert"], capture_output=True, text=True, timeout=120, check=False)
            t.check("test-alert", (got.returncode, got.stderr), (0, ""))
            t.check("test-alert: said", got.stdout, lambda out: bool(re.fullmatch(
                r"ok      (the journal|syslog|standard error): took it\nok      command: exited with status 0\n", out)))
            t.check("test-alert: chat", [json.loads(body)["text"].split("\n")[0] for _, _, _, body in web.got],
                    [f"relaywatch TEST on {socket.gethostname()}: nothing is wrong"])
            web.answers = [404]
            got = subprocess.run([wrapper, "test-alert", "--json"], capture_output=True, text=True, timeout=120, check=False)
            t.check("test-alert: one fails", got.returncode, 1)
            t.check("test-alert: which", [json.loads(line) for line in got.stdout.splitlines()][1:],
                    [{"type": "route", "route": "command", "ok": False, "text":
                      f"exited with status 1; it said: chat: {web.url.removeprefix('http://')} answers 404: a?nswer "}])
            web.delay = 3 # longer than one look
            clients = [subprocess.Popen([wrapper, "test-alert"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                       for _ in range(2)]
            ends = sorted((client.wait(120), client.stderr.read()) for client in clients)
            t.check("test-alert: one at a time", ends, [(0, ""), (2, "relaywatch: another test is running\n")])
            t.check("events: nothing else ran it", len([mail for mail in server.got if b"TEST" not in mail[2]]), 1)
        finally:
            if daemon.process and daemon.process.poll() is None:
                daemon.kill()
            world.end()


tests = Checks()
for test in formats, events, trouble, sendmail, localhost, second_path, several, attacked:
    if not sys.argv[3:] or test.__name__ in sys.argv[3:]:
        tests.run(test)
tests.end()
