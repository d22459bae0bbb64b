"""Another release of Debian than this machine's: its root, and the package as it is built there."""
import os
import shutil
import subprocess

from container import CannotBoot

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# What a machine has, and what the package is built with: see dev.
PACKAGES = ("systemd", "systemd-sysv", "dbus", "procps", "ca-certificates", "gcc", "libc6-dev", "cmake",
            "ninja-build", "pkg-config", "libevent-dev", "libsystemd-dev", "libinih-dev",
            "libjansson-dev", "libpsl-dev", "zlib1g-dev", "libzstd-dev", "dpkg-dev", "file")


def shell(root, command, timeout=900):
    done = subprocess.run(["chroot", root, "sh", "-ec", command], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, check=False,
                          env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                               "DEBIAN_FRONTEND": "noninteractive"})
    if done.returncode:
        raise CannotBoot(f"in {root}: {(done.stderr or done.stdout)[-500:]}")


def make_root(release):
    """Below build/, made once."""
    root = f"{ROOT}/build/debian-{release}"
    if os.path.exists(f"{root}/made"):
        return root
    if not shutil.which("debootstrap"):
        raise CannotBoot("debootstrap is not there")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(f"{ROOT}/build", exist_ok=True)
    with open(f"{ROOT}/build/debian-{release}.log", "wb") as log:
        if subprocess.run(["debootstrap", "--variant=minbase", release, root], stdout=log,
                          stderr=log, timeout=900, check=False).returncode:
            raise CannotBoot(f"debootstrap failed: see {log.name}")
    for name in "/etc/resolv.conf", "/etc/hosts":
        shutil.copy(name, root + name)
    shell(root, "apt-get update -qq && apt-get install -y -qq --no-install-recommends "
          + " ".join(PACKAGES))
    open(f"{root}/made", "wb").close()
    return root


def build(root):
    """Builds this tree there; the build directory as it is called inside."""
    shutil.rmtree(f"{root}/src", ignore_errors=True)
    os.mkdir(f"{root}/src")
    subprocess.run([f"{ROOT}/systemd/debian/lay_out.sh", f"{root}/src"], check=True,
                   stdout=subprocess.DEVNULL)
    shell(root, "cd /src/relaywatch-* && cmake --preset release && cmake --build build/release")
    return "/src/" + next(name for name in os.listdir(f"{root}/src")
                          if os.path.isdir(f"{root}/src/{name}")) + "/build/release"


def make_packages(root, directory):
    """As kit.make_packages, but of this root's build."""
    inside = build(root)
    for number in "1", "2":
        shell(root, f"rm -rf /src/out && cd /src && cpack -G DEB --config {inside}/CPackConfig.cmake "
              f"-B /src/out -D CPACK_DEBIAN_PACKAGE_RELEASE={number}")
        deb, = (name for name in os.listdir(f"{root}/src/out") if name.endswith(".deb"))
        shutil.copy(f"{root}/src/out/{deb}", f"{directory}/relaywatch-{number}.deb")
