# SPDX-License-Identifier: MIT
"""A log that is written line by line, and seventeen ways in which people rotate one."""
import gzip, itertools, os, re, subprocess, time

STAMP = re.compile(rb"(?:\w{3} [ \d]\d [\d:]{8}|\d{4}-\S+) \S+ ") # the time and the host
PIECE = 4096


class Log:
    """`path` is what everybody knows it by; lines go to whatever file the writer has open."""

    def __init__(self, top, style, random):
        self.top, self.style, self.random = top, style, random
        self.path = os.path.join(top, "mail.log")
        self.old = os.path.join(top, "old") if style == "olddir" else top
        self.day = self.target = 0
        self.stamp, self.padding = b"Jan  1 00:00:00 mx1 ", 0
        self.certain = 0 # lines of padding that must be read,
        self.doubtful = 0 # and those that fell between a copy and its truncation
        if style == "symlink":
            self.point_elsewhere()
        os.makedirs(self.old, exist_ok=True)
        self.open()

    def open(self):
        self.file = open(self.path, "ab", buffering=0)

    def close(self):
        self.file.close()

    def write(self, line):
        """Now and then in two pieces."""
        self.stamp = STAMP.match(line)[0]
        begun = self.random.randrange(len(line)) if self.random.random() < 0.03 else 0
        if begun:
            self.file.write(line[:begun])
            self.pause(0.02)
        self.file.write(line[begun:])

    def pad(self, file):
        """Writes a line that says nothing, and is like no other."""
        self.padding += 1
        file.write(self.stamp + b"postfix/anvil[9]: statistics: max cache size %d\n" % self.padding)

    def pause(self, longest):
        time.sleep(self.random.random() * longest)

    def chance(self, share):
        return self.random.random() < share

    def rotate(self, coming):
        """`coming` are the next lines. Returns how many of them it has written: a writer that hears
        late of a rotation goes on in the old file."""
        return STYLES[self.style](self, coming) or 0

    # What the styles share.

    def number(self, packed=""):
        """Gives each rotated file the next number; returns the name that is free then. Only those
        without a suffix and those that end with `packed` are known to this logrotate."""
        name = os.path.join(self.old, "mail.log.")
        taken = list(itertools.takewhile(
            lambda n: any(os.path.exists(f"{name}{n}{suffix}") for suffix in ("", packed)),
            itertools.count(1)))
        for n, suffix in itertools.product(reversed(taken), {"", packed}):
            if os.path.exists(f"{name}{n}{suffix}"):
                os.rename(f"{name}{n}{suffix}", f"{name}{n + 1}{suffix}")
        return f"{name}1"

    def move(self, name):
        self.close()
        os.rename(self.path, name)
        self.open()

    def copy(self, name):
        """In pieces, as cp(1) does, while time passes."""
        self.close()
        size = PIECE if self.chance(0.5) else 1 << 20
        with open(self.path, "rb") as log, open(name, "wb") as copy:
            while piece := log.read(size):
                copy.write(piece)
                copy.flush()
                if self.chance(0.2):
                    time.sleep(0.01)

    def truncate(self):
        os.truncate(self.path, 0)
        self.open()

    def gzip(self, name):
        """gzip(1) writes to the final name, others rename what they have written."""
        packed = f"{name}.gz"
        written = f"{packed}.tmp" if self.chance(0.5) else packed
        times = os.stat(name)
        with open(name, "rb") as plain, gzip.open(written, "wb") as out:
            out.write(plain.read())
        if written != packed:
            os.rename(written, packed)
        os.utime(packed, ns=(times.st_atime_ns, times.st_mtime_ns))
        os.unlink(name)

    @staticmethod
    def pack_with_zstd(name):
        subprocess.run(["zstd", "-q", "--rm", name], check=True)

    def go_on_in_old(self, coming, most):
        """The writer hasn't heard of the rotation yet."""
        late = coming[:self.random.randrange(most)]
        for line in late:
            self.write(line)
            if self.chance(0.3):
                self.pause(0.1)
        return len(late)

    # The styles.

    def create(self, _):
        self.move(self.number())

    def twice(self, coming):
        """Two rotations in a row; between them comes one line or none."""
        self.move(self.number())
        between = coming[:1] if self.chance(0.7) else []
        for line in between:
            self.write(line)
        self.move(self.number())
        return len(between)

    def delayed(self, coming):
        os.rename(self.path, self.number())
        open(self.path, "ab").close()
        return self.reopen_late(coming)

    def rename_reopen_late(self, coming):
        """Until the writer reopens it there is no log."""
        os.rename(self.path, self.number())
        return self.reopen_late(coming)

    def reopen_late(self, coming):
        late = self.go_on_in_old(coming, 30)
        self.close()
        self.open()
        return late

    def delayed_both(self, coming):
        """One process goes on in the old file while others write to the new one."""
        os.rename(self.path, self.number())
        with open(self.path, "ab", buffering=0) as new:
            late = coming[:self.random.randrange(20)]
            for line in late:
                self.write(line)
                if self.chance(0.3):
                    self.pad(new)
                    self.certain += 1
                if self.chance(0.3):
                    self.pause(0.1)
        self.close()
        self.open()
        return len(late)

    def copytruncate(self, _):
        self.copy(self.number())
        self.truncate()

    def copytruncate_compress(self, _):
        name = self.number(".gz")
        self.copy(name)
        self.truncate()
        self.gzip(name)

    def copytruncate_concurrent(self, _):
        """What comes between the copy and the truncation may be lost to everybody."""
        self.copy(self.number())
        with open(self.path, "ab", buffering=0) as log:
            for _ in range(self.random.randrange(4)):
                self.pad(log)
                self.doubtful += 1
        if self.chance(0.5):
            self.pause(0.05)
        self.truncate()

    def compress(self, coming):
        return self.pack_at_once(".gz", self.gzip, coming)

    def zstd(self, coming):
        return self.pack_at_once(".zst", self.pack_with_zstd, coming)

    def pack_at_once(self, suffix, pack, coming):
        name = self.number(suffix)
        self.move(name)
        first = coming[:1] if self.chance(0.5) else []
        for line in first:
            self.write(line)
        pack(name)
        return len(first)

    def delaycompress(self, _):
        last = os.path.join(self.old, "mail.log.1")
        if os.path.exists(last):
            self.gzip(last)
        self.move(self.number(".gz"))

    def dateext(self, _):
        self.day += 1
        self.move(f"{self.path}-2026{self.day // 28 + 1:02}{self.day % 28 + 1:02}")

    def delcreate(self, _):
        self.close()
        os.unlink(self.path)
        self.open()

    def symlink(self, _):
        self.close()
        self.point_elsewhere()
        self.open()

    def point_elsewhere(self):
        """A new file, and `path` is a link to it."""
        self.target += 1
        name, link = f"{self.top}/real.{self.target}", f"{self.top}/link"
        open(name, "x").close()
        os.symlink(name, link)
        os.rename(link, self.path)

    def mixed(self, coming):
        """Somebody changes logrotate's settings all the time."""
        return STYLES[self.random.choice(MIXED)](self, coming)


STYLES = {"create": Log.create, "delayed": Log.delayed, "delayed_both": Log.delayed_both,
          "copytruncate": Log.copytruncate, "copytruncate_concurrent": Log.copytruncate_concurrent,
          "compress": Log.compress, "delaycompress": Log.delaycompress, "zstd": Log.zstd,
          "dateext": Log.dateext, "burst": Log.create, "twice": Log.twice,
          "delcreate": Log.delcreate, "symlink": Log.symlink, "olddir": Log.create,
          "copytruncate_compress": Log.copytruncate_compress,
          "rename_reopen_late": Log.rename_reopen_late, "mixed": Log.mixed}
MIXED = "create", "delayed", "copytruncate", "compress", "twice"
OFTEN = "burst", "twice" # a few lines come between rotations, not dozens
