#!/usr/bin/env bash
# lib/ computes; it never reads a clock, a file, the environment or a locale, never logs and never
# exits. A plain build of it may need no symbol from outside but those of purity.allow. (Sanitizers,
# the stack protector and FORTIFY bring symbols of their own, so this build has none of them.)
# usage: purity.sh [DIR]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
flags="-std=gnu17 -O2 -U_FORTIFY_SOURCE -fno-stack-protector -D_GNU_SOURCE -Ilib \
  $(pkg-config --cflags inih jansson libpsl)"
export dir flags
# shellcheck disable=SC2016 # the inner shell expands them
printf '%s\n' "${1:-lib}"/*/*.c | xargs -P "$(nproc)" -I{} sh -c \
  '${CC:-cc} $flags -c "$1" -o "$dir/$(basename "$1" .c).o"' _ {}

nm -u "$dir"/*.o | awk '$1 == "U" { print $2 }' | sort -u >"$dir/needed"
nm --defined-only "$dir"/*.o | awk 'NF == 3 { print $3 }' | sort -u >"$dir/own"
sed -E 's/[[:space:]]*#.*//; /^$/d' tests/purity.allow >"$dir/allowed"
if stray=$(comm -23 "$dir/needed" "$dir/own" | grep -vxEf "$dir/allowed"); then
  for symbol in $stray; do
    printf '%s: used by %s\n' "$symbol" "$(nm -Au "$dir"/*.o |
      awk -v s="$symbol" '$3 == s { sub(".*/", "", $1); sub(":.*", "", $1); print $1 }' | xargs)"
  done
  echo "lib/ needs what tests/purity.allow does not grant"
  exit 1
fi
