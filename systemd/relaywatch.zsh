#compdef relaywatch
# SPDX-License-Identifier: MIT
#
# Completion for relaywatch(8) in zsh. tests/manual.py checks the options against `relaywatch --help`.

# The running daemon's open and recent incidents; none if it does not answer at once.
_relaywatch_incidents() {
  local -a ids
  ids=(${(f)"$(timeout 2 relaywatch incidents --json 2>/dev/null |
    sed -n 's/^{.*"type": *"incident".*/&/; s/^.*"id": *"\([A-Za-z0-9_-]*\)".*$/\1/p')"})
  (($#ids)) && compadd -- $ids
}

_relaywatch() {
  local curcontext=$curcontext state command option
  local -A options specs
  local -a commands wanted
  commands=(
    'scan:read whole logs, say which attacks they show'
    'suggest:read a month of logs, print settings for it'
    'explain:one message\: its way, the verdict'
    'report:a page in HTML of an incident or of logs'
    'check:what was understood of this server'
    'run:the daemon'
    'status:the running daemon'
    'incidents:open and recent incidents'
    'show:one incident in full'
    'queue:what an incident has left in the queue'
    'clients:the client addresses of an incident'
    'close:no more alerts of an incident'
    'test-alert:a test of every way of an alert'
  )
  options=(
    run '--config --postconf --socket --trace --help'
    scan '--config --postconf --json --annotate --trace --no-color --help'
    suggest '--config --postconf --help'
    explain '--config --postconf --json --all --host --socket --no-color --help'
    report '--config --postconf --output --socket --help'
    status '--config --json --watch --nagios --socket --no-color --help'
    incidents '--config --json --all --socket --no-color --help'
    show '--config --json --socket --no-color --help'
    close '--config --json --socket --help'
    test-alert '--config --json --socket --help'
    clients '--config --socket --help'
    queue '--config --json --all --host --socket --help'
    check '--config --postconf --json --defaults --quiet --no-color --help'
  )
  specs=(
    --config '--config[settings]:file:_files'
    --postconf '--postconf[a saved output of postconf]:file:_files'
    --socket '--socket[the socket of the daemon]:socket:_files'
    --trace '--trace[say what is decided and why]:area:(record link site judge detect source state all)'
    --output '--output[where to write the page]:file:_files'
    --json '--json[one JSON object per line]'
    --annotate '--annotate[print every line with what it was read as]'
    --all '--all[more than usual]'
    --host '--host[on that host of a fleet]:host:'
    --watch '--watch[refresh every second]'
    --nagios '--nagios[one line for a monitoring system]'
    --defaults '--defaults[the settings file with every key at its default]'
    --quiet '--quiet[only the errors of the settings file]'
    --no-color '--no-color[no colour]'
    --help '--help[explain the command]'
  )
  _arguments -C '1:command:->command' '*::argument:->argument' && return
  case $state in
    command) _describe command commands ;;
    argument)
      command=$words[1]
      for option in ${(s: :)options[$command]}; do wanted+=$specs[$option]; done
      case $command in
        scan | suggest) wanted+=('*:log:_files') ;;
        explain) wanted+=('1:queue ID:' '*:log:_files') ;;
        report) wanted+=('1:incident or log:->report' '*:log:_files') ;;
        show | queue | clients) wanted+=('1:incident:_relaywatch_incidents') ;;
        close) wanted+=('1:incident:_relaywatch_incidents' '*:reason:') ;;
      esac
      _arguments $wanted && return
      [[ $state == report ]] && { _relaywatch_incidents; _files }
      ;;
  esac
}

_relaywatch "$@"
