#!/usr/bin/env bash
# Builds the RPM with Debian's rpmbuild: rpm.sh
#
# Debian has neither the macros of systemd nor packages under Fedora's names, so the first are given
# here and the build requirements are not checked. Takes a minute. Exit status 77: skipped.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
source tests/checks.sh
command -v rpmbuild >/dev/null || { echo "SKIP: an RPM needs rpmbuild (package rpm)"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

version=$(sed -n 's/^Version: *//p' systemd/rpm/relaywatch.spec)
make_package() {
  systemd/debian/lay_out.sh "$dir" >/dev/null
  mkdir -p "$dir/SOURCES"
  mv "$dir/relaywatch_$version.orig.tar.xz" "$dir/SOURCES/relaywatch-$version.tar.xz"
  rpmbuild -bb --nodeps --define "_topdir $dir" --define "_unitdir /usr/lib/systemd/system" \
    --define "_sysusersdir /usr/lib/sysusers.d" \
    --define "systemd_post() systemctl --no-reload preset %1 || :" \
    --define "systemd_preun() systemctl --no-reload disable --now %1 || :" \
    --define "systemd_postun_with_restart() systemctl try-restart %1 || :" systemd/rpm/relaywatch.spec
}
query() { rpm --dbpath "$dir/db" -qp "$@" "$dir"/RPMS/*/relaywatch-"$version"-*.rpm; }

# Debian's rpmbuild compresses no pages, and names the directory of the licence by version.
files() {
  diff -u - <(query --list | sed "s/\.gz\$//; s/licenses\/relaywatch-$version/licenses\/relaywatch/" |
                grep -vE '/share/doc/relaywatch/examples|/\.build-id' | sort) <<'LIST'
/etc/relaywatch
/etc/relaywatch/relaywatch.conf
/usr/bin/relaywatch
/usr/lib/systemd/catalog/relaywatch.catalog
/usr/lib/systemd/system/relaywatch.service
/usr/lib/sysusers.d/relaywatch.conf
/usr/share/bash-completion/completions/relaywatch
/usr/share/doc/relaywatch
/usr/share/doc/relaywatch/README.md
/usr/share/fish/vendor_completions.d/relaywatch.fish
/usr/share/licenses/relaywatch
/usr/share/licenses/relaywatch/LICENSE
/usr/share/man/man5/relaywatch.conf.5
/usr/share/man/man7/relaywatch-json.7
/usr/share/man/man8/relaywatch.8
/usr/share/zsh/site-functions/_relaywatch
LIST
}

settings_are_kept() { [[ $(query --configfiles) == /etc/relaywatch/relaywatch.conf ]]; }

# Unpacked: the program runs, the user is in no group that is not there, the unit calls what is there.
unpacked() {
  mkdir "$dir/root"
  (cd "$dir/root" && rpm2cpio "$dir"/RPMS/*/relaywatch-"$version"-*.rpm | cpio -id --quiet)
  "$dir/root/usr/bin/relaywatch" --version
  ! grep -w adm "$dir/root/usr/lib/sysusers.d/relaywatch.conf" || return 1
  grep -qx 'ExecStart=/usr/bin/relaywatch run' "$dir/root/usr/lib/systemd/system/relaywatch.service"
}

same_version() { grep -qF "VERSION $version " CMakeLists.txt; }

check "the version" same_version
check "the package" make_package
check "files" files
check "settings" settings_are_kept
check "unpacked" unpacked
if ((failed == 0)); then
  mkdir -p build/package
  cp "$dir"/RPMS/*/*.rpm build/package/
fi
echo "$passed passed, $failed failed"
((failed == 0))
