#!/usr/bin/env bash
# Builds the Debian source package and the binary package from it: debian_source.sh BUILD_DIRECTORY
#
# Lintian must have nothing to say of either, and the binary package must have the files and scripts
# of the one that cpack makes from BUILD_DIRECTORY. Takes a minute and a half. Exit status 77: skipped.
set -euo pipefail
build=$(readlink -f "${1:?usage: debian_source.sh BUILD_DIRECTORY}")
cd "$(dirname "$(readlink -f "$0")")/.."
for tool in dpkg-buildpackage dh lintian cpack; do
  command -v "$tool" >/dev/null || { echo "SKIP: a source package needs $tool"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

contents() { dpkg-deb -c "$1" | awk '$6 != "./" { print $1, $2, $6 }' | sort -k 3; }
scripts() { # What debhelper adds for nothing, an empty line, is left out.
  rm -rf "$dir/control"
  dpkg-deb -e "$1" "$dir/control"
  (cd "$dir/control" && tail -n +1 conffiles postinst prerm postrm) | sed '/^$/d'
}

tree=$(systemd/debian/lay_out.sh "$dir")
(cd "$tree" && DEB_BUILD_OPTIONS=nocheck DEB_BUILD_PROFILES=nocheck \
  dpkg-buildpackage -us -uc >"$dir/log" 2>&1) ||
  { tail -n 40 "$dir/log"; exit 1; }
(umask 022 && cd "$build" && cpack -G DEB --config CPackConfig.cmake -B "$dir/cpack" >/dev/null)
ours=$(echo "$dir"/cpack/*.deb) theirs=$(echo "$dir"/relaywatch_*.deb)
lintian --tag-display-limit 0 --fail-on error,warning "$dir"/*.changes
diff -u <(contents "$ours") <(contents "$theirs")
diff -u <(scripts "$ours") <(scripts "$theirs")
mkdir -p build/package
cp "$dir"/relaywatch_* build/package/
echo "1 passed, 0 failed"
