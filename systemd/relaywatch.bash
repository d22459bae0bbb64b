# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion for relaywatch(8). tests/manual.py checks the options against `relaywatch --help`.

# The running daemon's open and recent incidents; none if it does not answer at once.
_relaywatch_incidents() {
  timeout 2 relaywatch incidents --json 2>/dev/null |
    sed -n 's/^{.*"type": *"incident".*/&/; s/^.*"id": *"\([A-Za-z0-9_-]*\)".*$/\1/p'
}

_relaywatch() {
  local -A options=(
    [run]='--config --postconf --socket --trace --help'
    [scan]='--config --postconf --json --annotate --trace --no-color --help'
    [suggest]='--config --postconf --help'
    [explain]='--config --postconf --json --all --host --socket --no-color --help'
    [report]='--config --postconf --output --socket --help'
    [status]='--config --json --watch --nagios --socket --no-color --help'
    [incidents]='--config --json --all --socket --no-color --help'
    [show]='--config --json --socket --no-color --help'
    [close]='--config --json --socket --help'
    [test-alert]='--config --json --socket --help'
    [clients]='--config --socket --help'
    [queue]='--config --json --all --host --socket --help'
    [check]='--config --postconf --json --defaults --quiet --no-color --help'
  )
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local word command='' count=0 i
  COMPREPLY=()

  case $previous in
    --config | --postconf | --socket | --output | -o)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    --host) return ;;
    --trace)
      mapfile -t COMPREPLY < <(
        compgen -W 'record link site judge detect source state all' -- "$cur"
      )
      return
      ;;
  esac
  # The command is the first word that is no option and no option's argument; `count` words follow it.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      --config | --postconf | --socket | --trace | --output | --host | -o) i=$((i + 1)) ;;
      -?*) ;;
      *) if [[ $command ]]; then count=$((count + 1)); else command=$word; fi ;;
    esac
  done

  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "${options[${command:-check}]:---help}" -- "$cur")
  elif [[ ! $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "${!options[*]}" -- "$cur")
  elif [[ " scan suggest " == *" $command "* || ($command == explain && $count -gt 0) ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  elif [[ $command == report ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(
      compgen -f -- "$cur"
      ((count)) || compgen -W "$(_relaywatch_incidents)" -- "$cur"
    )
  elif [[ " show clients close queue " == *" $command "* && $count -eq 0 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_relaywatch_incidents)" -- "$cur")
  fi
}

complete -F _relaywatch relaywatch
