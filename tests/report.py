#!/usr/bin/env python3
"""The pages of `relaywatch report`: report.py RELAYWATCH [--browser [--keep DIRECTORY]]

A page must be one well-formed file that loads nothing and runs nothing, whatever strangers have
written into the log. With --browser, a real Chromium (Debian's package chromium) renders the pages
on a telephone, a desk and paper, light and dark: no script runs, no request leaves, nothing is wider
than its screen, and an incident takes two sheets. --keep leaves the pictures there, to be looked at.
Without Chromium that part is skipped (status 77)."""
import base64
import datetime
import html.parser
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORPORA = f"{ROOT}/tests/corpora"
RELAY = f"{CORPORA}/open_relay"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8",
                   **{f"{name}_OPTIONS": "exitcode=99" for name in ("ASAN", "UBSAN", "TSAN")})
# What strangers may write into an address, a HELO name, a login, a reply.
INJECTIONS = [text.encode() for text in (
    "<script>alert(1)</script>", "\"><img/src=x/onerror=alert(1)>", "'onmouseover='alert(1)",
    "`onfocus=alert(1)autofocus`", "javascript:alert(1)", "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "</pre></td></svg><script>alert(1)</script>",
    "<svg/onload=alert(1)>", "<iframe/src=https://x.example/>", "<link/rel=stylesheet/href=//x>",
    "<base/href=//x.example/>", "<meta/http-equiv=refresh/content=0;url=//x.example/>",
    "&lt;script&gt;&#60;b&#x3c;", "<!--", "]]><![CDATA[", "<?xml?>", "+ADw-script+AD4-alert(1)",
    "@import'//x.example/'", "{background:url(//x.example/)}", "\u202emoc.elpmaxe\u2066",
    "a\u200bb\ufeffc\xad", "\u2028\u0085", "\x1b[31m\x07\x7f", "\U000e0041\ufffe",
    "x" * 3000)] + [
        b"\xff\xfe<\xc0\xbcscript>", b"\xed\xa0\x80\xf4\x90\x80\x80", b"\xe2<script>alert(1)//", b"a\0b"]


class Skip(Exception):
    """Why a test can't be made here."""


class Page(html.parser.HTMLParser):
    """Every element and attribute of a page, and its text."""
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def check_page(text, what):
    """Well-formed, and nothing in it is loaded or run."""
    xml.etree.ElementTree.fromstring(re.sub("^<!DOCTYPE html>", "", text))
    page = Page(text)
    known = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p", "span",
             "ul", "ol", "li", "b", "div", "section", "table", "tr", "td", "pre", "code", "figure",
             "figcaption", "svg", "path", "text", "footer"}
    attributes = {"lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "width",
                  "height", "role", "aria-label", "aria-hidden", "d", "x", "y", "text-anchor"}
    for tag, found in page.elements:
        assert tag in known, f"{what}: <{tag}>"
        assert found.keys() <= attributes, f"{what}: {tag} has {found.keys() - attributes}"
    assert len([tag for tag, _ in page.elements if tag == "style"]) == 1, what
    style = re.search("<style>(.*?)</style>", text, re.S)[1]
    assert "url(" not in style and "@import" not in style and "<" not in style, what
    for pre in re.findall("<pre>(.*?)</pre>", text, re.S):
        assert re.fullmatch("(<span>[^<\n]*\n</span>)+", pre), f"{what}: lines are no elements: {pre}"
    unseen = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069"
                       "\ufeff\ufffe\uffff\U000e0000-\U000e007f]", text)
    assert not unseen, f"{what}: {unseen}"
    return page


class Reports:
    def __init__(self, binary, tmp):
        self.binary, self.tmp = binary, tmp

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], capture_output=True, timeout=120,
                              env=ENVIRONMENT, check=False)

    def report(self, *arguments):
        done = self.run("report", *arguments)
        assert done.returncode == 0, f"{arguments}: {done}"
        return done.stdout.decode()

    def incidents(self, *arguments):
        rows = self.run("scan", "--json", *arguments).stdout.splitlines()
        return [row for row in map(json.loads, rows) if row["type"] == "incident"]

    def file(self, name, data):
        with open(f"{self.tmp}/{name}", "wb") as file:
            file.write(data)
        return file.name

    def injected(self):
        """A log in which every name that a stranger can choose is an attempt: a relay of each, a
        login of each, and a victim."""
        lines, start = [], datetime.datetime(2026, 11, 24, 3)
        def line(text):
            at = start + datetime.timedelta(seconds=len(lines) // 3)
            lines.append(at.strftime("%Y-%m-%dT%H:%M:%SZ mx1 postfix/").encode() + text + b"\n")
        for number, odd in enumerate(INJECTIONS * 2):
            login = b", sasl_method=PLAIN, sasl_username=" + odd if number < len(INJECTIONS) else b""
            for again in range(6):
                queue_id = b"%X" % (0xA0000000 + number * 16 + again)
                line(b"smtpd[1]: " + queue_id + b": client=" + odd[:200] + b"[192.0.2.%d]" % number + login)
                for header in b"Subject", b"X-PHP-Script":
                    line(b"cleanup[1]: " + queue_id + b": warning: header " + header + b": " + odd +
                         b" from " + odd + b"; from=<" + odd + b">")
                line(b"cleanup[1]: " + queue_id + b": message-id=<" + odd + b"%d@x>" % again)
                line(b"qmgr[1]: " + queue_id + b": from=<" + odd + b"@" + odd[:60] +
                     b".example>, size=1, nrcpt=1 (queue active)")
                line(b"smtp[1]: " + queue_id + b": to=<" + odd + b"@" + odd[:60] +
                     b"v.example>, relay=m[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (250 " +
                     odd + b")")
        config = self.file("injected.conf", b"[account-abuse]\nrecipients = 5\n[site]\n"
                           b"own_domains = example.net\nask_postfix = no\n")
        return ("--config", config), self.file("injected.log", b"".join(lines))

    # --- tests ---

    def test_incident_has_its_figures(self):
        site, log = ("--postconf", f"{RELAY}/postconf-n.txt"), f"{RELAY}/mail.log"
        incident = self.incidents(*site, log)[0]
        page = check_page(self.report(*site, incident["id"], log), "incident")
        text = "".join(page.text)
        for word in (incident["reason"][1:], "critical", *incident["evidence"],
                     "cpe-192-181-15-33.kya.res.rr.com[192.181.15.33]", "tbg4-finance.org", "ukmail.net", "53",
                     "End smtpd_relay_restrictions with reject_unauth_destination",
                     f"relaywatch queue {incident['id']} | postsuper -h -", "raised the alarm",
                     "[open-relay 192.181.15.33]", "6D70F280A: client=cpe-192-181-15-33"):
            assert word in text, f"no {word}"
        assert "no plot" not in text
        # What the plot adds up to is what the incident has counted.
        legend = {word: int(n) for word, n in re.findall(
            r"(sent|deferred|bounced|messages accepted) (\d+)", text[text.index("attempts") - 200:])}
        assert legend == {"messages accepted": 150, "sent": 98, "deferred": 89, "bounced": 47}, legend

    def test_hosts_of_a_fleet_are_named(self):
        fleet = f"{ROOT}/tests/fleet/late"
        with lzma.open(f"{fleet}/mail.log.xz") as packed:
            log, site = self.file("fleet.log", packed.read()), ("--config", f"{fleet}/site.ini")
        incident, = self.incidents(*site, log)
        assert incident["hosts"] == 6, incident
        text = "".join(check_page(self.report(*site, incident["id"], log), "fleet").text)
        for word in "6 hosts (recipients)", *incident["host_list"][:5], "and 1 more":
            assert word in text, f"no {word}"

    def test_plots_add_up(self):
        """Of every incident of every bundled log; attempts beyond the first may be more."""
        for name in sorted(os.listdir(CORPORA)):
            log, site = f"{CORPORA}/{name}/mail.log", ("--postconf", f"{CORPORA}/{name}/postconf-n.txt")
            if not os.path.exists(log) or not os.path.exists(site[1]):
                continue
            for incident in self.incidents(*site, log):
                text = "".join(check_page(self.report(*site, incident["id"], log), name).text)
                got = {word: int(n) for word, n in re.findall(
                    r"^ (sent|deferred|bounced|messages accepted|notices written) (\d+)$", text, re.M)}
                accepted = got.pop("messages accepted", None)
                if accepted is None:
                    accepted = got.pop("notices written")
                want = incident["messages"] or incident["notices"]
                assert accepted == want, f"{name} {incident['id']}: {accepted} accepted, not {want}"
                assert got["bounced"] == incident["bounced"], (name, got, incident["id"])
                assert got["sent"] == incident["sent"], (name, got, incident["id"])
                assert got["deferred"] >= incident["deferred"], (name, got, incident["id"])

    def test_overview(self):
        site, log = ("--postconf", f"{RELAY}/postconf-n.txt"), f"{RELAY}/mail.log"
        text = "".join(check_page(self.report(*site, log), "overview").text)
        for incident in self.incidents(*site, log):
            for word in incident["id"], incident["reason"][1:], incident["kind"]:
                assert word in text, f"no {word}"
        assert "2 incidents" in text and "1,739 lines" in text, text

    def test_quiet_log(self):
        page = self.report("--postconf", f"{CORPORA}/normal_day/postconf-n.txt",
                           f"{CORPORA}/normal_day/mail.log")
        assert "Nothing in this log looks like abuse" in "".join(check_page(page, "quiet").text)

    def test_injections(self):
        site, log = self.injected()
        found = self.incidents(*site, log)
        assert len(found) >= 25, [incident["key"] for incident in found]
        overview = check_page(self.report(*site, log), "injected")
        text = "".join(overview.text)
        for word in ("<script>alert(1)</script>", "javascript:alert(1)", "[U+202E]moc.elpmaxe[U+2066]",
                     "&lt;script&gt;&#60;b&#x3c;", "+ADw-script", "more bytes"):
            assert word in text, f"not shown: {word}"
        for incident in found:
            page = check_page(self.report(*site, incident["id"], log), incident["id"])
            assert "no plot" not in "".join(page.text), incident["id"]
            assert "Scripts, by the mail's headers (messages)" in "".join(page.text), incident["id"]

    def test_output_file(self):
        site, log = ("--postconf", f"{RELAY}/postconf-n.txt"), f"{RELAY}/mail.log"
        want = self.report(*site, log)
        for option in "-o", "--output":
            path = f"{self.tmp}/page.html"
            assert self.report(*site, log, option, path) == ""
            with open(path, encoding="utf-8") as file:
                assert file.read() == want
        done = self.run("report", *site, log, "-o", f"{self.tmp}/no/such.html")
        assert done.returncode == 2 and b"such.html: No such file" in done.stderr, done

    def test_mistakes(self):
        site, log = ("--postconf", f"{RELAY}/postconf-n.txt"), f"{RELAY}/mail.log"
        for arguments, word in (
                ([], b"an argument is missing"), (["or-0123456789ab", *site, log], b"no incident or-"),
                (["no-such.log", *site], b"no-such.log: No such file"),
                (["or-0123456789ab", "--socket", f"{self.tmp}/control"], b"is not running"),
                (["--json", log], b"does not take")):
            done = self.run("report", *arguments)
            assert done.returncode == 2 and word in done.stderr and not done.stdout, done

    def test_same_bytes(self):
        arguments = "--postconf", f"{RELAY}/postconf-n.txt", f"{RELAY}/mail.log"
        assert self.report(*arguments) == self.report(*arguments)

    # --- in a browser ---

    def pages(self):
        """{name: page} to be looked at."""
        pages = {}
        for name in "open_relay", "stolen_account", "accept_then_bounce", "joe_job":
            site, log = ("--postconf", f"{CORPORA}/{name}/postconf-n.txt"), f"{CORPORA}/{name}/mail.log"
            pages[f"{name}_scan"] = self.report(*site, log)
            for number, incident in enumerate(self.incidents(*site, log)[:2]):
                pages[f"{name}_{number + 1}"] = self.report(*site, incident["id"], log)
        site, log = self.injected()
        pages["injected_scan"] = self.report(*site, log)
        for number, incident in enumerate(self.incidents(*site, log)):
            pages[f"injected_{number + 1}"] = self.report(*site, incident["id"], log)
        return pages

    def look(self, keep):
        with Browser(self.tmp) as browser:
            for name, text in self.pages().items():
                path = self.file(f"{name}.html", text.encode())
                odd = name.startswith("injected")
                for view, width, dark in ("phone", 360, False), ("desk", 1200, False), ("dark", 1200, True):
                    picture = browser.picture(f"file://{path}", width, dark)
                    if keep and (not odd or name in ("injected_scan", "injected_2")):
                        with open(f"{keep}/{name}_{view}.png", "wb") as file:
                            file.write(picture)
                sheets, pdf = browser.paper()
                if keep and not odd:
                    with open(f"{keep}/{name}.pdf", "wb") as file:
                        file.write(pdf)
                assert odd or name.endswith("_scan") or sheets <= 2, f"{name}: {sheets} sheets"


class Browser:
    """Chromium, spoken to through pipes."""
    def __init__(self, tmp):
        self.tmp, self.number, self.events, self.rest = tmp, 0, [], b""

    def __enter__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not program:
            raise Skip("there is no chromium (apt install chromium)")
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        def at_3_and_4():
            os.dup2(to_browser, 13)
            os.dup2(from_browser, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={self.tmp}/chromium", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-quic",
             "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=at_3_and_4,
            close_fds=False)
        os.close(to_browser)
        os.close(from_browser)
        self.session = None
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"],
                                flatten=True)["sessionId"]
        for domain in "Page", "Network", "Runtime", "Log":
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(30)
        os.close(self.write_end)
        os.close(self.read_end)

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.read_end, 1 << 20)
            assert more, "chromium has ended"
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write_end, json.dumps(request).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == self.number:
                assert "result" in message, message
                return message["result"]
            self.events.append(message)

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def picture(self, url, width, dark):
        self.events = []
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1,
                 mobile=width < 500)
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())
        wide = self.value("Math.max(...[...document.querySelectorAll('body *')].map("
                          "e => e.getBoundingClientRect().right), document.documentElement.scrollWidth)")
        assert wide <= width, f"{url}: {wide} pixels wide on a screen of {width}"
        # Their first lines stand out, and a date takes no more than two.
        edges = self.value("[...document.querySelectorAll('pre span')].map(e => { const r = document.createRange();"
                           " r.selectNodeContents(e); const x = [...r.getClientRects()].map(e => e.left);"
                           " return x.length < 2 || x[0] < Math.min(...x.slice(1)) })")
        assert all(edges), f"{url}: of {len(edges)} lines {edges.count(False)} are wrapped without indentation"
        dates = self.value("[...document.querySelectorAll('td.when')].map(e => { const r = document.createRange();"
                           " r.selectNodeContents(e); return r.getClientRects().length })")
        assert not dates or max(dates) <= 2, f"{url}: dates take {dates} lines"
        assert self.value("document.scripts.length") == 0, url
        picture = self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        asked = [event["params"]["request"]["url"] for event in self.events
                 if event.get("method") == "Network.requestWillBeSent"]
        assert asked == [url], f"it asks for {asked}"
        # Log.entryAdded: what the policy in the page's head had to forbid.
        odd = [event for event in self.events if event.get("method") in (
            "Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Runtime.consoleAPICalled",
            "Log.entryAdded")]
        assert not odd, f"{url}: {odd}"
        return base64.b64decode(picture)

    def paper(self):
        pdf = base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True,
                                        printBackground=True)["data"])
        return len(re.findall(rb"/Type\s*/Page\b", pdf)), pdf


def main():
    keep = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else None
    # The browser's helpers outlive it by a moment, and may still write into its profile.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as tmp:
        reports = Reports(os.path.abspath(sys.argv[1]), tmp)
        if "--browser" in sys.argv:
            try:
                reports.look(keep)
            except Skip as why:
                print(f"SKIPPED: {why}")
                return 77
            return 0
        failed = 0
        for name in [name for name in dir(reports) if name.startswith("test_")]:
            try:
                getattr(reports, name)()
            except AssertionError as error:
                failed += 1
                print(f"FAIL {name}: {str(error)[:2000]}")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
