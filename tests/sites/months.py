# SPDX-License-Identifier: MIT
"""Five sites and a normal month of each: May 2026, with its holidays on the 1st, 14th and 25th.

The logs are scaled by leaving out mailboxes, never by slowing one down: what a login, a client or a
uid sends in an hour is what it would really send. Each class says who is there and what is left
out."""
from mailserver import DAY, DAYS, LOCALHOST, START, Recipient
from world import BRIDGE, HOME, Site, is_working


class Family(Site):
    """Five people, all of them: a club's secretary, a traveller, a daughter whose mail goes on to
    Gmail, a grandmother, and a son's Nextcloud."""
    name, own = "home.family.example", ("family.example",)
    main_cf = """mydestination = home.family.example, localhost
myhostname = home.family.example
mynetworks = 127.0.0.0/8 [::1]/128
myorigin = family.example
virtual_mailbox_domains = family.example
virtual_transport = lmtp:unix:private/dovecot-lmtp
"""

    def __init__(self, seed):
        super().__init__(seed)
        self.members = [f"{name}@family.example" for name in ("mother", "father", "son", "granny")]
        self.mobile = [self.address() for _ in range(40)]
        self.hotels = [self.address() for _ in range(14)]

    def day(self, day):
        send, pick = self.server, self.random.choice
        home = f"p5b0c{day:02x}.dsl.example[91.10.{day}.17]"  # a new address each night
        self.inbox(day, 130, self.members, HOME, personal=0.3)
        self.strangers(day, 90)
        for at in self.times(day, 14, HOME):
            client = pick((home, home, f"mobile.example[{pick(self.mobile)}]"))
            self.write_out(at, pick(self.members), client)
        # The father's week of meetings, each letter from another train, hotel or mobile network.
        for at in self.times(day, 55 if day == 12 else 18 if 10 <= day < 15 else 0):
            client = f"unknown[{pick(self.hotels + self.mobile[:6])}]"
            self.write_out(at, self.members[1], client)
        # The daughter's mail goes on to Gmail, which refuses some of the spam.
        wave = day == 19
        evening = [self.once(day, 20, i % 55) for i in range(30 * wave)]
        for at in self.times(day, 45, HOME) + evening:
            spam = self.random.random() < (0.12 + 0.6 * wave)
            self.from_outside(at, f"s{int(at)}@forged{int(at) % 300}.example" if spam
                              else pick(self.friends),
                              [Recipient("daughter.f@gmail.com", "spam" if spam else "sent",
                                         "daughter@family.example")])
        for at in self.times(day, 3, HOME):
            send.pick_up(at, 33, "www-data@family.example",
                         pick(self.members) if self.random.random() < 0.6 else self.anybody(),
                         given="www-data")
        send.pick_up(self.once(day, 6, 25), 0, "root@family.example", self.members[2], given="root")
        if day in (3, 17):  # the club's letter
            self.write_out(self.once(day, 20), self.members[0], home,
                           self.anybody(180, later=0.1, unknown=0.06))
        if day == 8:  # the grandmother's new address, to an old address book
            self.write_out(self.once(day, 17), self.members[3], home,
                           self.anybody(110, unknown=0.3))
        if day == 22:  # the invitation to the club's fair
            self.write_out(self.once(day, 11), self.members[0], home, self.anybody(260))


class Company(Site):
    """Five hundred people. Who is away gets all that a person gets, so that vacation replies are as
    many as they would be; of the others every sixth writes and is written to."""
    name, own, trusted = "mail.company.example", ("company.example",), ("127.", "10.20.")
    main_cf = """mydestination = mail.company.example, localhost
mydomain = company.example
myhostname = mail.company.example
mynetworks = 127.0.0.0/8 10.20.0.0/16
myorigin = $mydomain
virtual_mailbox_domains = company.example
virtual_transport = lmtp:unix:private/dovecot-lmtp
"""

    def __init__(self, seed):
        super().__init__(seed)
        self.staff = self.people[:500]
        self.desk = {one: f"pc{i}.company.example[10.20.{4 + i // 250}.{i % 250 + 1}]"
                     for i, one in enumerate(self.staff)}
        self.home = {one: self.client() for one in self.staff}
        self.mobile = [self.address() for _ in range(60)]
        self.active = self.staff[:80]
        self.away = {}  # a person: the days
        for i, one in enumerate(self.staff[80:]):  # an eighth at a time, a third over the bridge
            first = self.random.randrange(-10, DAYS)
            days = (BRIDGE if i % 3 == 0 else
                    range(first, first + self.random.choice((5, 7, 14))))
            self.away[one] = days
            self.server.vacation(one, lambda at, days=days: int((at - START) // DAY) in days)
        for i, one in enumerate(self.active[:6]):
            self.server.redirect(one, f"boss{i}.private@gmail.com")

    def day(self, day):
        pick, busy = self.random.choice, is_working(day)
        self.inbox(day, 300 if busy else 100, self.active, personal=0.5)
        absent = [one for one, days in self.away.items() if day in days]
        self.inbox(day, (5.0 if busy else 1) * len(absent), absent, personal=0.4)
        self.strangers(day, 120)
        for at in self.times(day, 520 if busy else 25):
            one, x = pick(self.active), self.random.random()
            client = (self.desk[one] if x < 0.6 else self.home[one] if x < 0.85
                      else f"mobile.example[{pick(self.mobile)}]")
            to = ([Recipient(other) for other in self.random.sample(self.staff[80:], 3)]
                  if x < 0.25 else self.anybody(1 if x < 0.9 else 4))
            self.write_out(at, one, client, to)
        self.machines(day, busy)
        # The hotline's one login, used by eleven people at their homes.
        for at in self.times(day, 420 if day == 18 else 90) if busy else ():
            self.write_out(at, "hotline@company.example", self.home[pick(self.staff[90:101])])
        if day in (5, 19):  # the marketing run
            self.bulk(self.once(day, 10), 5000, "marketing@company.example",
                      self.desk[self.staff[85]], 2600, later=0.05, unknown=0.03)
            self.out_of_office(self.once(day, 10, 2), 5400, "marketing@company.example", 180)
        if day == 11:  # an invitation to all customers of one seller, in four letters
            for i in range(4):
                self.write_out(self.once(day, 15, i), self.active[40], self.desk[self.active[40]],
                               self.anybody(90))

    def machines(self, day, busy):
        """The ERP with its invoices, scanners, and the watch over servers."""
        send, pick = self.server, self.random.choice
        erp = "erp.company.example[10.20.0.10]"
        for at in self.times(day, 70 if busy else 5):
            send.receive(at, erp, pick(("orders@company.example", pick(self.active))),
                         self.anybody())
        if day in (4, 28):
            for i, one in enumerate(self.anybody(950)):
                send.receive(self.once(day, 6) + i * 3, erp, "invoices@company.example", [one])
        # A ticket system, fed by pipe, tells whoever writes that it has got the letter.
        for at in self.times(day, 110 if busy else 10):
            sender = pick(self.friends + self.partners)
            self.from_outside(at, sender, "help@company.example")
            send.pick_up(at + 1.8, 48, "help@company.example", sender)
        for at in self.times(day, 60 if busy else 0):
            send.receive(at, f"scan{int(at) % 9}.company.example[10.20.1.{int(at) % 9 + 1}]",
                         "scanner@company.example", pick(self.staff))
        for at in ([self.once(day, 3, i % 50) for i in range(240)] if day == 9
                   else self.times(day, 8, HOME)):
            send.receive(at, "watch.company.example[10.20.0.5]", "nagios@watch.company.example",
                         [Recipient("4915155500011@sms.example"), Recipient("duty@gmx.de")])


class Provider(Site):
    """A hundred thousand mailboxes, of which eight hundred are here, and with them one in a hundred
    of the letters that only many people together send, such as vacation replies. Not scaled: each
    login, the lists (a list server on 127.0.0.1), and the notices of full mailboxes and of refused
    forwards that a host writes in an hour."""
    name, own = "mx.provider.example", ("provider.example",)
    main_cf = """mydestination = mx.provider.example, lists.provider.example, localhost
myhostname = mx.provider.example
mynetworks = 127.0.0.0/8
myorigin = provider.example
virtual_mailbox_domains = provider.example
virtual_transport = lmtp:unix:private/dovecot-lmtp
"""

    def __init__(self, seed):
        super().__init__(seed)
        self.users = self.people[:800]
        self.home = {one: self.client() for one in self.users}
        self.carrier = [f"cgnat{i}.carrier.example[100.{70 + i // 8}.{i}.9]" for i in range(24)]
        self.full = self.users[700:730]
        self.forwards = {one: f"f{i}@gmail.com" for i, one in enumerate(self.users[730:760])}
        self.lists = {"club": 300, "parents": 120, "linux": 650, "choir": 90}

    def day(self, day):
        pick, send = self.random.choice, self.server
        self.inbox(day, 260, self.users[:700], HOME, personal=0.35)
        self.strangers(day, 100)
        for at in self.times(day, 220, HOME):
            one = pick(self.users)
            mobile = self.random.random() < 0.4
            self.write_out(at, one, pick(self.carrier) if mobile else self.home[one])
        for at in self.times(day, 220, HOME):  # full mailboxes; most of it is newsletters
            sender = pick(self.friends) if self.random.random() < 0.3 else \
                f"bounce-{int(at)}@news.shop{int(at) % 60}.example"
            self.from_outside(at, sender, [Recipient(pick(self.full), "full")])
        for at in self.times(day, 150, HOME):  # forwards; the other side refuses spam
            one, spam = pick(tuple(self.forwards)), self.random.random() < 0.4
            self.from_outside(at, f"s{int(at)}@forged{int(at) % 900}.example" if spam
                              else pick(self.friends),
                              [Recipient(self.forwards[one], "spam" if spam else "sent", one)])
        for at in self.times(day, 5, HOME):
            send.pick_up(at, 5000, "", pick(self.friends), root=("autoreply",))
        self.list_server(day)
        # A plumber's invoices under his own domain, which is elsewhere; clubs and a parish.
        if day in (3, 29):
            self.bulk(self.once(day, 18), 2400, self.users[5], self.home[self.users[5]], 130,
                      "office@plumber-example.example")
        for i, (when, count) in enumerate(((2, 240), (7, 310), (12, 450), (20, 230), (27, 600))):
            if day == when:
                login = self.users[10 + i]
                self.write_out(self.once(day, 19), login, self.home[login],
                               self.anybody(count, later=0.08, unknown=0.05))

    def list_server(self, day):
        """Posts go to mailman by pipe, and come back by SMTP from 127.0.0.1, fifty a time."""
        for name, posts in (("club", 2), ("parents", 1), ("linux", 0.7), ("choir", 1)):
            times = self.times(day, posts, HOME)
            if name == "club" and day == 16:  # a heated evening
                times += [self.once(day, 20, i * 5) for i in range(10)]
            for at in times:
                self.post(at, name)
        if day == 0:  # mailman reminds everybody of a password
            for i, one in enumerate(self.friends[:2300]):
                self.server.receive(self.once(day, 5) + i * 0.4, LOCALHOST,
                                    "mailman-bounces@lists.provider.example", one)

    def post(self, at, name):
        """By a subscriber from outside, or by one of ours."""
        send, address = self.server, f"{name}@lists.provider.example"
        message_id = f"<{self.random.getrandbits(60):x}@mua.example>"
        queue_id = send.queue_id(at)
        ours = self.random.random() < 0.4
        login = self.random.choice(self.users) if ours else ""
        sender = login or self.random.choice(self.friends)
        client = self.home[login] if ours else f"out1.{sender.split('@')[1]}[192.0.9.9]"
        more = f", sasl_method=PLAIN, sasl_username={login}" if login else ""
        send.log(at - 0.1, "postfix/smtpd[3090]", f"connect from {client}")
        send.log(at, "postfix/smtpd[3090]", f"{queue_id}: client={client}{more}")
        send.log(at + 0.01, "postfix/cleanup[4090]", f"{queue_id}: message-id={message_id}")
        send.log(at + 0.02, "postfix/qmgr[1204]",
                 f"{queue_id}: from=<{sender}>, size=4100, nrcpt=1 (queue active)")
        send.log(at + 0.05, "postfix/smtpd[3090]", f"disconnect from {client} ehlo=1 mail=1 rcpt=1 "
                 "data=1 quit=1 commands=5")
        send.log(at + 0.3, "postfix/local[8090]", f"{queue_id}: to=<{address}>, relay=local, "
                 "delay=0.3, delays=0.1/0/0/0.2, dsn=2.0.0, status=sent (delivered to command: "
                 f"/usr/lib/mailman/mail/mailman post {name})")
        send.log(at + 0.31, "postfix/qmgr[1204]", f"{queue_id}: removed")
        first = sum(name.encode()) % 1000
        members = self.friends[first:first + self.lists[name]]
        for i in range(0, len(members), 50):
            to = [Recipient(one, self.outcome(dead=0.0001)) for one in members[i:i + 50]]
            send.receive(at + 4 + i / 25, LOCALHOST, f"{name}-bounces@lists.provider.example", to,
                         message_id=message_id)


class WebHost(Site):
    """Two thousand sites, all of whose scripts run as uid 33, at their true rate together: contact
    forms, shops, a newsletter now and then. A third give no sender of their own."""
    name, own = "web1.webhost.example", ("webhost.example",)
    main_cf = """mydestination = web1.webhost.example, localhost
myhostname = web1.webhost.example
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = webhost.example
virtual_transport = lmtp:unix:private/dovecot-lmtp
"""
    php = 33

    def __init__(self, seed):
        super().__init__(seed)
        self.own = self.server.own = (*self.own, self.name)
        # A few shops send much, most sites a letter a day.
        self.weights = [40 if i < 8 else 8 if i < 80 else 1 for i in range(2000)]
        self.owners = [f"owner{i}@{self.random.choice(('gmail.com', 'web.de', 'gmx.de'))}"
                       for i in range(2000)]

    def sender(self, number):
        return (f"www-data@{self.name}" if number % 3 == 0 else
                f"wordpress@site{number}.example" if number % 3 == 1 else
                f"info@site{number}.example")

    def day(self, day):
        pick, send = self.random.choice, self.server
        fair = day == 6  # everybody's sale begins
        times = self.times(day, 4200 if fair else 1900 if is_working(day) else 1000, HOME)
        for at, number in zip(times, self.random.choices(range(2000), self.weights, k=len(times))):
            to = (Recipient(self.owners[number]) if self.random.random() < 0.6
                  else self.anybody(1, unknown=0.03)[0])
            sender = self.sender(number)
            send.pick_up(at, self.php, sender, [to],
                         given="www-data" if number % 3 == 0 else sender)
        for when, number, count in ((4, 301, 420), (18, 1402, 650)):  # a site's newsletter
            if day == when:
                for i, one in enumerate(self.anybody(count, unknown=0.04)):
                    send.pick_up(self.once(day, 9) + i * 7, self.php, self.sender(number), [one])
        self.inbox(day, 60, self.people[:30])
        self.strangers(day, 120)
        for at in self.times(day, 40):
            self.write_out(at, pick(self.people[:30]), self.client())
        send.pick_up(self.once(day, 6, 25), 0, f"root@{self.name}", self.people[0], given="root")


class Shop(Site):
    """A transactional sender behind myorigin: the shop's own server (uid 1001), its two machines of
    a trusted network, a cloud machine with a login, and a newsletter each Thursday."""
    name, own, trusted = "mta.shop.example", ("shop.example",), ("127.", "10.1.0.")
    main_cf = """mydestination = mta.shop.example, localhost
myhostname = mta.shop.example
mynetworks = 127.0.0.0/8 10.1.0.0/24
myorigin = shop.example
virtual_alias_domains = shop.example
virtual_alias_maps = hash:/etc/postfix/virtual
"""
    cloud = "cloud.shop.example[198.19.5.20]"

    def day(self, day):
        send = self.server
        busy = 1.3 if (day + 4) % 7 in (0, 6) else 1.0
        for at in self.times(day, 650 * busy, HOME):  # orders, passwords: bare senders
            send.pick_up(at, 1001, "app@shop.example", self.anybody(1, unknown=0.02), given="app")
        for at in self.times(day, 130 * busy, HOME):
            send.receive(at, f"app{int(at) % 2}.shop.example[10.1.0.{11 + int(at) % 2}]",
                         "no-reply@shop.example", self.anybody())
        for at in self.times(day, 440 * busy, HOME):  # the parcels' way, from a cloud
            send.receive(at, self.cloud, "parcels@shop.example", self.anybody(1, unknown=0.02),
                         "cloud@shop.example")
        for at in self.times(day, 25, HOME):
            self.from_outside(at, self.random.choice(self.friends),
                              [Recipient("help@desk.example", "sent", "help@shop.example")])
        self.strangers(day, 60)
        if day in (6, 20):  # the newsletter, each letter with a return address of its own
            self.newsletter(day, "bounce+{}@shop.example")
        if day in (13, 27):
            self.newsletter(day, "news@shop.example")
            self.out_of_office(self.once(day, 10, 2), 5400, "news@shop.example", 150)

    def newsletter(self, day, sender):
        start = self.once(day, 10)
        for i, one in enumerate(self.anybody(2500, unknown=0.03)):
            self.server.receive(start + i * 1.2, "app0.shop.example[10.1.0.11]",
                                sender.format(one.to.replace("@", "=")), [one])


SITES = {site.__name__.lower(): site for site in (Family, Company, Provider, WebHost, Shop)}
