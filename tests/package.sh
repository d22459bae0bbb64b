#!/usr/bin/env bash
# Checks the Debian package: package.sh BUILD_DIRECTORY
#
# Makes the package from an existing build, runs the program in it, and checks its files, unit, user,
# manual pages and completion. tests/e2e installs it under a real systemd. Exit status 77: skipped.
set -euo pipefail
build=$(readlink -f "${1:?usage: package.sh BUILD_DIRECTORY}")
cd "$(dirname "$(readlink -f "$0")")/.."
source tests/checks.sh
skipped=0
for tool in dpkg-deb dpkg-shlibdeps cpack file; do
  command -v "$tool" >/dev/null || { echo "SKIP: making a package needs $tool"; exit 77; }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

check_with() { # TOOL NAME COMMAND...: skips the check if the tool is missing
  if command -v "$1" >/dev/null; then
    check "${@:2}"
  else
    skipped=$((skipped + 1))
    echo "SKIP: $2 (it needs $1)"
  fi
}

# --- contents --------------------------------------------------------------------------------

# A strict umask, as root may have: the package must not depend on it.
make_package() {
  (umask 077 && cd "$dir" && cpack -G DEB --config "$build/$1" -B "$dir/$2")
}

files() {
  dpkg-deb -c "$deb" | awk '$1 !~ /^d/ { print $1, $2, substr($6, 2) }' | sort -k3
}

# Nothing else but the examples, and these permissions.
contents() {
  diff -u - <(files | grep -v ' /usr/share/doc/relaywatch/examples/') <<'LIST'
-rw-r--r-- root/root /etc/relaywatch/relaywatch.conf
-rwxr-xr-x root/root /usr/bin/relaywatch
-rw-r--r-- root/root /usr/lib/systemd/catalog/relaywatch.catalog
-rw-r--r-- root/root /usr/lib/systemd/system/relaywatch.service
-rw-r--r-- root/root /usr/lib/sysusers.d/relaywatch.conf
-rw-r--r-- root/root /usr/share/bash-completion/completions/relaywatch
-rw-r--r-- root/root /usr/share/doc/relaywatch/README.md
-rw-r--r-- root/root /usr/share/doc/relaywatch/changelog.Debian.gz
-rw-r--r-- root/root /usr/share/doc/relaywatch/copyright
-rw-r--r-- root/root /usr/share/fish/vendor_completions.d/relaywatch.fish
-rw-r--r-- root/root /usr/share/lintian/overrides/relaywatch
-rw-r--r-- root/root /usr/share/man/man5/relaywatch.conf.5.gz
-rw-r--r-- root/root /usr/share/man/man7/relaywatch-json.7.gz
-rw-r--r-- root/root /usr/share/man/man8/relaywatch.8.gz
-rw-r--r-- root/root /usr/share/zsh/vendor-completions/_relaywatch
LIST
}

examples() {
  diff -u <(find conf/examples -type f -printf '-rw-r--r-- root/root /usr/share/doc/relaywatch/%P\n' |
              sed 's|doc/relaywatch/|&examples/|' | sort -k3) \
    <(files | grep ' /usr/share/doc/relaywatch/examples/')
}

# What reads Kafka is a package of its own.
kafka_contents() {
  diff -u - <(deb=$kafka files) <<'LIST'
-rw-r--r-- root/root /usr/lib/systemd/system/relaywatch-kafka.socket
-rw-r--r-- root/root /usr/lib/systemd/system/relaywatch-kafka@.service
-rwxr-xr-x root/root /usr/libexec/relaywatch-kafka
-rw-r--r-- root/root /usr/share/doc/relaywatch-kafka/changelog.Debian.gz
-rw-r--r-- root/root /usr/share/doc/relaywatch-kafka/copyright
-rw-r--r-- root/root /usr/share/lintian/overrides/relaywatch-kafka
-rw-r--r-- root/root /usr/share/man/man8/relaywatch-kafka.8.gz
LIST
}

kafka_fields() {
  local version
  version=$(dpkg-deb -f "$deb" Version)
  [[ $(dpkg-deb -f "$kafka" Package) == relaywatch-kafka ]]
  [[ $(dpkg-deb -f "$kafka" Version) == "$version" ]] || { echo "it is not of $version"; return 1; }
  dpkg-deb -f "$kafka" Depends | grep -qF "relaywatch (= $version)" || { echo "it needs no relaywatch"; return 1; }
  dpkg-deb -f "$kafka" Depends | grep -qw librdkafka1 || { echo "it needs no librdkafka"; return 1; }
  ! dpkg-deb -f "$deb" Depends | grep -w librdkafka1
}

open_directories() {
  ! dpkg-deb -c "$deb" | grep '^d' | grep -v '^drwxr-xr-x root/root '
}

fields() {
  local version
  version=$("$dir/root/usr/bin/relaywatch" --help | sed -n '1s/^relaywatch \([^:]*\):.*/\1/p')
  [[ $(dpkg-deb -f "$deb" Package) == relaywatch ]]
  [[ $(dpkg-deb -f "$deb" Version) == "$version-1" ]] || { echo "the version is not $version-1"; return 1; }
  [[ $(dpkg-deb -f "$deb" Architecture) == "$(dpkg --print-architecture)" ]]
  for library in systemd libc6 libsystemd0 libinih1 libjansson4; do
    dpkg-deb -f "$deb" Depends | grep -qE "(^|, )$library( |,|$)" || { echo "does not depend on $library"; return 1; }
  done
  [[ $(dpkg-deb -f "$deb" Enhances) == postfix ]]
}

control_files() {
  dpkg-deb -e "$deb" "$dir/control"
  diff -u <(echo /etc/relaywatch/relaywatch.conf) "$dir/control/conffiles"
  for script in postinst prerm postrm; do
    [[ -x $dir/control/$script ]] || { echo "$script is not executable"; return 1; }
    sh -n "$dir/control/$script"
  done
  zcat "$dir/root/usr/share/doc/relaywatch/changelog.Debian.gz" | head -n 1 |
    grep -qF "relaywatch ($(dpkg-deb -f "$deb" Version))" || { echo "the changelog has another version"; return 1; }
}

# --- unit and user -----------------------------------------------------------------------------

# The program is not installed here, so the unit gets the path of the unpacked one. Complaints about
# other units don't count.
unit_is_good() {
  local said unit=$dir/root/usr/lib/systemd/system/relaywatch.service
  grep -qx 'ExecStart=/usr/bin/relaywatch run' "$unit"
  sed "s:=/usr/bin/relaywatch:=$dir/root/usr/bin/relaywatch:" "$unit" >"$dir/relaywatch.service"
  said=$(systemd-analyze verify --man=no "$dir/relaywatch.service" 2>&1 |
    grep -F relaywatch.service || true)
  [[ -z $said ]] || { echo "$said"; return 1; }
}

# At most 0.6 of 10; the option counts in tenths.
unit_is_hardened() {
  systemd-analyze security --no-pager --offline=true --threshold=6 systemd/relaywatch.service
}

kafka_units_are_good() {
  local said unit=$dir/kafka/usr/lib/systemd/system
  grep -qx 'ExecStart=/usr/libexec/relaywatch-kafka' "$unit/relaywatch-kafka@.service"
  mkdir "$dir/units"
  cp "$unit/relaywatch-kafka.socket" "$dir/units/"
  sed "s:=/usr/libexec/:=$dir/kafka/usr/libexec/:" "$unit/relaywatch-kafka@.service" \
    >"$dir/units/relaywatch-kafka@.service"
  said=$(SYSTEMD_UNIT_PATH=$dir/units: systemd-analyze verify --man=no "$dir"/units/* 2>&1 |
    grep -F relaywatch-kafka || true)
  [[ -z $said ]] || { echo "$said"; return 1; }
  systemd-analyze security --no-pager --offline=true --threshold=11 "$unit/relaywatch-kafka@.service"
}

user_is_created() {
  mkdir -p "$dir/root/etc"
  systemd-sysusers --root="$dir/root" "$dir/root/usr/lib/sysusers.d/relaywatch.conf"
  grep -q '^relaywatch:' "$dir/root/etc/passwd"
  for group in adm systemd-journal; do
    grep -qE "^$group:.*:relaywatch$" "$dir/root/etc/group" || { echo "the user is not in $group"; return 1; }
  done
}

catalog_is_good() {
  mkdir -p "$dir/root/var/lib/systemd/catalog"
  journalctl --update-catalog --root="$dir/root"
  [[ -s $dir/root/var/lib/systemd/catalog/database ]]
}

# --- completion --------------------------------------------------------------------------------

# completes LINE WANTED...: what completion offers at the end of LINE, in any order.
completes() {
  local words
  read -ra words <<<"$1"
  [[ $1 == *' ' ]] && words+=('')
  shift
  diff -u <(printf '%s\n' "$@" | sort) <(
    PATH=$dir/fake:$PATH bash -c '
      compopt() { :; }
      . systemd/relaywatch.bash
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _relaywatch
      printf "%s\n" "${COMPREPLY[@]}"' completes "${words[@]}" | sort)
}

# offers LINE WANTED...: what fish offers there.
offers() {
  local line=$1
  shift
  diff -u <(printf '%s\n' "$@" | sed '/^$/d' | sort) <(
    PATH=$dir/fake:$PATH HOME=$dir fish --no-config \
      -c "source systemd/relaywatch.fish; complete -C '$line'" | cut -f 1 | sort)
}

# A daemon that reports two incidents.
fake_daemon() {
  mkdir "$dir/fake"
  cat >"$dir/fake/relaywatch" <<'SCRIPT'
#!/bin/sh
[ "$*" = "incidents --json" ] || exit 2
echo '{"type":"incident","id":"a1-b2","kind":"open-relay","related":["c3"]}'
echo '{"type":"incident","id":"a9","kind":"local-abuse","key":{"uid":33},"related":[]}'
SCRIPT
  chmod +x "$dir/fake/relaywatch"
}

# --- run -----------------------------------------------------------------------------------------

check "making the package" make_package CPackConfig.cmake out
deb=$(echo "$dir"/out/*.deb)
[[ -f $deb ]] || { echo "$passed passed, $failed failed"; exit 1; }
check "unpacking it" dpkg-deb -x "$deb" "$dir/root"
check "running the program in it" "$dir/root/usr/bin/relaywatch" --help
check "its files" contents
check "its examples" examples
check "its directories, whatever the umask" open_directories
check "its fields" fields
check "its control files" control_files
# Lintian rightly objects to a debug build.
if grep -qx CMAKE_BUILD_TYPE:STRING=Release "$build/CMakeCache.txt"; then
  check_with lintian "lintian" lintian --tag-display-limit 0 --fail-on error,warning "$deb"
fi
if [[ -f $build/CPackKafkaConfig.cmake ]]; then
  check "making the package relaywatch-kafka" make_package CPackKafkaConfig.cmake out-kafka
  kafka=$(echo "$dir"/out-kafka/*.deb)
  check "unpacking relaywatch-kafka" dpkg-deb -x "$kafka" "$dir/kafka"
  check "running the program in it" "$dir/kafka/usr/libexec/relaywatch-kafka" --version
  check "the files of relaywatch-kafka" kafka_contents
  check "the fields of relaywatch-kafka" kafka_fields
  check_with systemd-analyze "the units of relaywatch-kafka" kafka_units_are_good
  if grep -qx CMAKE_BUILD_TYPE:STRING=Release "$build/CMakeCache.txt"; then
    check_with lintian "lintian of relaywatch-kafka" \
      lintian --tag-display-limit 0 --fail-on error,warning "$kafka"
  fi
else
  skipped=$((skipped + 1))
  echo "SKIP: the package relaywatch-kafka (it needs librdkafka)"
fi
check_with systemd-sysusers "the user" user_is_created
check_with systemd-analyze "the unit" unit_is_good
check_with systemd-analyze "the sandbox" unit_is_hardened
check_with journalctl "the catalog" catalog_is_good
check_with mandoc "the manual pages" mandoc -T lint -W warning systemd/man/*.[578]
check "manual pages and completion match the program" \
  python3 tests/manual.py "$dir/root/usr/bin/relaywatch"
fake_daemon
check "completion: commands" completes "relaywatch s" scan show status suggest
check "completion: options" completes "relaywatch queue --a" --all
check "completion: incidents" completes "relaywatch show " a1-b2 a9
check "completion: only one of them" completes "relaywatch show a9 " ""
check "completion: files" completes "relaywatch scan CMakeL" CMakeLists.txt
check "completion: files for an option" completes "relaywatch check --config CMakeL" CMakeLists.txt
check "completion: an ID or files" completes "relaywatch report a1" a1-b2
check "completion: files of a report" completes "relaywatch report a9 CMakeL" CMakeLists.txt
check "completion: an ID, then files" completes "relaywatch explain ABC CMakeL" CMakeLists.txt
check_with zsh "completion in zsh" zsh -n systemd/relaywatch.zsh
check_with fish "completion in fish: commands" offers "relaywatch s" scan show status suggest
check_with fish "completion in fish: options" offers "relaywatch queue --a" --all
check_with fish "completion in fish: incidents" offers "relaywatch show " a1-b2 a9
check_with fish "completion in fish: only one of them" offers "relaywatch show a9 " ""
check_with fish "completion in fish: files" offers "relaywatch report a9 CMakeL" CMakeLists.txt
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
