#!/usr/bin/env bash
# Lays out what Debian calls a source package: lay_out.sh DIRECTORY
#
# Makes DIRECTORY/relaywatch_VERSION.orig.tar.xz and, beside it, that tree with a debian/ in it, ready
# for dpkg-buildpackage. The project itself has no debian/ at its top.
set -euo pipefail
out=$(readlink -f "${1:?usage: lay_out.sh DIRECTORY}")
cd "$(dirname "$(readlink -f "$0")")/../.."
version=$(sed -n '1s/.*(\(.*\)-.*/\1/p' systemd/debian/changelog)
tree=$out/relaywatch-$version
parts=(daemon lib conf systemd tests CMakeLists.txt CMakePresets.json README.md LICENSE dev .clang-format)

mkdir -p "$tree"
tar -c --exclude=__pycache__ --exclude=tests/bench/data "${parts[@]}" | tar -x -C "$tree"
tar -cJf "$out/relaywatch_$version.orig.tar.xz" -C "$out" --sort=name --owner=0 --group=0 \
  --numeric-owner --mode=go=rX,u+rw "relaywatch-$version"
mkdir -p "$tree/debian/source"
cp systemd/debian/changelog systemd/debian/copyright "$tree/debian/"
cp systemd/debian/dh/control systemd/debian/dh/rules "$tree/debian/"
for script in postinst prerm postrm; do
  { cat "systemd/debian/$script"; printf '\n#DEBHELPER#\n'; } >"$tree/debian/relaywatch.$script"
done
cp systemd/debian/dh/format "$tree/debian/source/format"
cp systemd/debian/lintian-overrides "$tree/debian/relaywatch.lintian-overrides"
chmod +x "$tree/debian/rules"
echo "$tree"
