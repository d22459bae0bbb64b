#!/usr/bin/env bash
# Checks a build without libsystemd: plain.sh BUILD_DIRECTORY
#
# It reads log files as any build does, says why it reads no journal, and links nothing of systemd.
set -euo pipefail
build=$(readlink -f "${1:?usage: plain.sh BUILD_DIRECTORY}")
cd "$(dirname "$(readlink -f "$0")")/.."
source tests/checks.sh
program=$build/relaywatch
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

nothing_of_systemd() {
  ! ldd "$program" | grep systemd
}

scan_finds() {
  local story=tests/corpora/open_relay said status=0
  said=$("$program" scan --json --postconf $story/postconf-n.txt $story/mail.log) || status=$?
  [[ $status == 1 ]] || { echo "exit status $status"; return 1; }
  [[ $(grep -c '"kind":"open-relay"' <<<"$said") == 1 ]] || { echo "$said"; return 1; }
}

# refuses WORDS COMMAND...: exit status 2, and what is missing is said.
refuses() {
  local words=$1 said status=0
  shift
  said=$("$program" "$@" 2>&1) || status=$?
  [[ $status == 2 && $said == *"$words"*"built without libsystemd"* ]] ||
    { echo "exit status $status: $said"; return 1; }
}

check "nothing of systemd" nothing_of_systemd
check "a scan" scan_finds
for setting in 'type = journal' 'journal_directory = /var/log/journal' 'journal_namespace = mail'; do
  printf '[source]\n%s\n' "$setting" >"$dir/conf"
  for command in check 'check --quiet' run; do
    read -ra words <<<"$command"
    check "$setting: $command" refuses "$dir/conf: [source]" "${words[@]}" --config "$dir/conf"
  done
done
touch "$dir/system.journal"
check "a journal's file" refuses "$dir/system.journal" scan "$dir/system.journal"
check "unit tests" ctest --test-dir "$build" -j "$(nproc)" -L '^(common|source)$' -LE slow --output-on-failure
echo "$passed passed, $failed failed"
((failed == 0))
