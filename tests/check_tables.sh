#!/usr/bin/env bash
# What a reader takes for granted, held to: every module has its test and its five-line statement,
# functions stay short, dangerous calls stay out, and what is shipped or told equals the tables in
# the code. Silence is success.
# usage: check_tables.sh [RELAYWATCH]   (without the program, what needs it is left out)
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
bin=${1:-}
passed=0 failed=0

check() { # NAME COMMAND...: it passes when the command prints nothing
  local name=$1 said
  shift
  said=$("$@" 2>&1) || said+="${said:+$'\n'}(status $?)"
  if [[ $said ]]; then
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$name"
    printf '     %s\n' "${said//$'\n'/$'\n'     }"
  else
    passed=$((passed + 1))
  fi
}

tests_of_modules() {
  local source test
  for source in lib/*/*.c; do
    test=${source#lib/}
    test=tests/unit/${test%/*}/test_${test##*/}
    [[ -f $test ]] || echo "$source has no $test"
  done
}

statements() {
  local header
  for header in lib/*/*.h daemon/*/*.h; do
    [[ -f $header ]] || continue
    awk '
      NR == 1 && !/SPDX-License-Identifier: MIT/ { print FILENAME ": no SPDX line"; exit }
      NR > 40 { exit }
      /^ \* [A-Z][a-z'\'' ]+:/ { split($0, part, ":"); seen = seen substr(part[1], 4) " " }
      END { if (seen !~ /^Does Doesn.t know Owns Time Fails /)
              print FILENAME ": its statement has: " seen }' "$header"
  done
}

short_functions() {
  ctags -f - --languages=C --kinds-C=f --fields=+ne lib/*/*.c daemon/*/*.c | awk -F'\t' '
    { from = to = 0
      for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) from = substr($i, 6)
        if ($i ~ /^end:/) to = substr($i, 5)
      }
      if (to - from + 1 > 70) print $2 ": " $1 " has " to - from + 1 " lines, 70 are allowed" }'
}

# Wide enough for code, narrow enough for two windows; as long as one person keeps in mind.
measured() {
  awk 'length > 100 { print FILENAME ":" FNR ": " length " columns, 100 are allowed" }
       FNR == 451 { print FILENAME ": more than 450 lines" }' lib/*/*.[ch] daemon/*/*.[ch]
}

# One word a line; found as a call, in code (not in comments that begin a line).
banned() {
  local words=$1
  shift
  grep -nE "(^|[^A-Za-z0-9_>.])($words)[[:space:]]*\(" "$@" | grep -vE '^[^:]+:[0-9]+: *(/\*|\*)' || true
}

banned_calls() {
  local everywhere='strcpy|strcat|sprintf|vsprintf|strtok|strtok_r|gets|atoi|atol|atof|alloca'
  everywhere+='|localtime|gmtime|ctime|asctime|mktemp|tmpnam|system|popen|strncpy|rand|srand'
  local core='strto(l|ul|ll|ull|d|f)|sscanf|setlocale|json_(load|dump)_file|json_(load|dump)f'
  banned "$everywhere" lib/*/*.[ch] daemon/*/*.[ch]
  banned "$core" lib/*/*.[ch]
}

headers_stand_alone() {
  local header flags
  read -ra flags <<<"$(pkg-config --cflags libevent libsystemd inih jansson libpsl)"
  for header in lib/*/*.h daemon/*/*.h; do
    [[ -f $header ]] || continue
    "${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Ilib -Idaemon "${flags[@]}" \
      -include "$header" -x c /dev/null || echo "$header needs others before it"
  done
}

# The daemon asks the detector for its incidents; its tables are its own.
tables_inside() {
  grep -nE '(->|\.)(incident|cell|scope|level)\[|cell_deref|struct cell\b|m->cell' daemon/*/*.[ch] || true
}

shipped_settings() {
  diff -u conf/relaywatch.conf <("$bin" check --defaults)
}

# The check itself must notice an arrow upward, a circle, a file that no page names, and what a build
# left at the top.
rooms_notice() {
  local copy said
  copy=$(mktemp -d)
  cp -r lib daemon "$copy"
  echo '#include "life/lifecycle.h"' >>"$copy/lib/base/list.h"
  echo '#include "track/tracker_lists.h"' >>"$copy/lib/track/hosts.h"
  touch "$copy/lib/base/stray.h" "$copy/Makefile"
  git -C "$copy" init -q
  git -C "$copy" add Makefile
  said=$(python3 tests/layers.py --root "$copy") || true
  rm -rf "$copy"
  for words in 'lib/life/lifecycle, a higher room' 'a circle: ' 'lib/base/stray is named by no page' \
    'Makefile does not belong at the top'; do
    [[ $said == *"$words"* ]] || echo "an arrow or file was added, and this is not said: $words"
  done
}

# Each folder says what it was tried with, and the tests that it names are there.
examples() {
  local test
  diff <(find conf/examples -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort) \
    <(sed -n 's/^| .\([a-z0-9]*\)\/.*/\1/p' conf/examples/README.md | sort)
  grep -rhoE 'tests/[a-z0-9_/]+\.(py|sh)' conf/examples --include=README.md | sort -u | while read -r test; do
    [[ -f $test ]] || echo "conf/examples names $test, which is not there"
  done
}

check "the rooms: order, circles, files" python3 tests/layers.py
check "the rooms' check notices" rooms_notice
check "a test for every module" tests_of_modules
check "a statement in every header" statements
check "functions of at most 70 lines" short_functions
check "lines of at most 100 columns, files of 450 lines" measured
check "banned calls" banned_calls
check "the detector's tables stay inside lib/" tables_inside
check "headers stand alone" headers_stand_alone
check "every example says what it was tried with" examples
check "the README shows what the code has" python3 tests/readme.py ${bin:+"$bin"}
if [[ -x $bin ]]; then
  check "conf/relaywatch.conf is check --defaults" shipped_settings
fi
echo "$passed passed, $failed failed"
((failed == 0))
