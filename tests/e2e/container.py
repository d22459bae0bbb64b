"""A throw-away machine: systemd as PID 1 on an overlay of this machine's root, or of another Debian's.
What it writes lives in a tmpfs and goes with it; its network is its own and has no way out. Needs root and systemd-nspawn."""
import os
import shutil
import signal
import subprocess
import tempfile
import time


class CannotBoot(Exception):
    """Here it can't be done; the reason is the text."""


class Container:
    def __init__(self, *read_only, lower="/"):
        """read_only: pairs (path here, path inside). lower: the root that it begins with."""
        self.read_only, self.lower = read_only, lower
        self.dir = self.root = self.share = None
        self.nspawn = self.init = None
        self.cgroups = []

    # --- up and down ---

    def prepare(self, packages, optional=()):
        """The file system, with the packages in it: nothing is installed on the machine itself. Those
        that are optional are there if they can be."""
        if os.geteuid() != 0:
            raise CannotBoot("only root may boot a container")
        if not shutil.which("systemd-nspawn"):
            raise CannotBoot("systemd-nspawn is not there (package systemd-container)")
        self.dir = tempfile.mkdtemp(prefix="relaywatch-e2e-", dir="/var/tmp")
        self.root, self.share = f"{self.dir}/root", f"{self.dir}/share"
        self._mount("-t", "tmpfs", "-o", "size=8g", "tmpfs", self.dir)
        for name in "upper", "work", "root", "share":
            os.mkdir(f"{self.dir}/{name}")
        self._mount("-t", "overlay", "overlay", "-o",
                    f"lowerdir={self.lower},upperdir={self.dir}/upper,workdir={self.dir}/work", self.root)
        self._install(packages)
        for name in optional:
            try:
                self._install([name])
            except CannotBoot as why:
                print(f"without {name}: {str(why).splitlines()[0]}", flush=True)
        # From now on an installation may start services: it is one of the things to see.
        if os.path.exists(f"{self.root}/usr/sbin/policy-rc.d"):
            os.remove(f"{self.root}/usr/sbin/policy-rc.d")
        # Only what a test starts runs in there, and nothing of this machine's services.
        for wants in "multi-user.target.wants", "network-online.target.wants", "timers.target.wants":
            shutil.rmtree(f"{self.root}/etc/systemd/system/{wants}", ignore_errors=True)
        with open(f"{self.root}/etc/machine-id", "w", encoding="ascii") as file:
            file.write(os.urandom(16).hex() + "\n")
        os.makedirs(f"{self.root}/var/log/journal", exist_ok=True)
        self.write("/etc/systemd/journald.conf.d/e2e.conf",
                   "[Journal]\nStorage=persistent\nForwardToSyslog=yes\nRateLimitIntervalSec=0\n")

    def _mount(self, *arguments):
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotBoot(f"mount {' '.join(arguments[:2])}: {done.stderr.strip()}")

    def _install(self, packages):
        missing = [name for name in packages if b"ok installed" not in subprocess.run(
            ["dpkg-query", f"--admindir={self.lower}/var/lib/dpkg", "-W", "-f=${Status}", name], capture_output=True, check=False).stdout]
        if not missing:
            return
        # Services that an installation would start are not: there is no systemd in there yet.
        self.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
        script = ("apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "
                  f"--no-install-recommends {' '.join(missing)}")
        done = subprocess.run(["systemd-nspawn", "-q", "--pipe", "--register=no", "--keep-unit",
                               "-D", self.root, "sh", "-c", script], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise CannotBoot(f"installing {' '.join(missing)}: {(done.stderr or done.stdout)[-300:]}")

    def _make_cgroups(self):
        """Of its own: two containers in one would end each other's services. cgroup 2, and systemd's of
        cgroup 1."""
        with open("/proc/self/cgroup", encoding="ascii") as file:
            paths = {names: path for _, names, path in (line.strip().split(":", 2) for line in file)}
        for names, mount in ("", ""), ("", "/unified"), ("name=systemd", "/systemd"):
            above = f"/sys/fs/cgroup{mount}{paths.get(names, '')}".rstrip("/")
            if names in paths and os.path.exists(f"{above}/cgroup.procs"):
                self.cgroups.append(f"{above}/relaywatch-e2e-{os.getpid()}")
                os.makedirs(self.cgroups[-1], exist_ok=True)

    def _enter_cgroups(self):
        for path in self.cgroups:
            with open(f"{path}/cgroup.procs", "w", encoding="ascii") as file:
                file.write("0")

    def boot(self, timeout=180):
        try:
            self._make_cgroups()
        except OSError as error:
            raise CannotBoot(f"no control group can be made: {error}") from error
        binds = [f"--bind-ro={here}:{inside}" for here, inside in self.read_only]
        with open(f"{self.dir}/nspawn.log", "wb") as log:
            try:
                self.nspawn = subprocess.Popen(
                    ["systemd-nspawn", "-D", self.root, "--register=no", "--keep-unit",
                     "--private-network", "--link-journal=no", "--console=pipe",
                     f"--machine=relaywatch-e2e-{os.getpid()}", f"--bind={self.share}:/share",
                     *binds, "-b"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    preexec_fn=self._enter_cgroups)
            except subprocess.SubprocessError as error:
                raise CannotBoot(f"no control group of its own: {error}") from error
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.nspawn.poll() is None:
            time.sleep(0.3)
            self.init = self.init or self._find_init()
            if self.init and self.run("systemctl", "is-system-running",
                                      check=False).stdout.strip() in ("running", "degraded"):
                return
        with open(f"{self.dir}/nspawn.log", encoding="utf-8", errors="replace") as log:
            raise CannotBoot("systemd did not come up: " + log.read().strip()[-300:])

    def _find_init(self):
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children",
                  encoding="ascii") as file:
            for pid in file.read().split():
                try:
                    with open(f"/proc/{pid}/comm", encoding="ascii") as comm:
                        if comm.read().strip() == "systemd":
                            return int(pid)
                except OSError:
                    pass
        return None

    def down(self):
        if self.nspawn and self.nspawn.poll() is None:
            self.nspawn.send_signal(signal.SIGTERM)  # an orderly shutdown
            try:
                self.nspawn.wait(20)
            except subprocess.TimeoutExpired:
                if self.init:
                    os.kill(self.init, signal.SIGKILL)
                self.nspawn.kill()
                self.nspawn.wait()
        for path in self.cgroups:
            for under, _, _ in os.walk(path, topdown=False):
                try:
                    os.rmdir(under)
                except OSError:
                    pass  # somebody is in it still
        if self.dir:
            for path in self.root, self.dir:
                subprocess.run(["umount", "-R", "-q", path], check=False)
            os.rmdir(self.dir)

    # --- inside ---

    def run(self, *command, check=True, stdin=None, timeout=120):
        """Runs it inside; output as text."""
        done = subprocess.run(["nsenter", "-t", str(self.init), "-a", "--", *command],
                              input=stdin, capture_output=True, text=True, timeout=timeout,
                              check=False)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)}: status {done.returncode}: "
                               f"{done.stderr.strip()[-300:]}")
        return done

    def start(self, *command):
        """The same, in the background, until the container goes."""
        return subprocess.Popen(["nsenter", "-t", str(self.init), "-a", "--", *command],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def read(self, path):
        with open(self.root + path, encoding="utf-8") as file:
            return file.read()

    def write(self, path, text, mode=0o644):
        os.makedirs(os.path.dirname(self.root + path), exist_ok=True)
        with open(self.root + path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.root + path, mode)
