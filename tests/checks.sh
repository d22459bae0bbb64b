# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the tests in shell, which source it: counts what passed and failed.
passed=0 failed=0

check() { # NAME COMMAND...: passes if the command succeeds; shows its output if it fails
  local name=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAIL %s\n     %s\n' "$name" "${said//$'\n'/$'\n'     }"
  fi
}
