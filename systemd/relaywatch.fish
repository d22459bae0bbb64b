# SPDX-License-Identifier: MIT
#
# Completion for relaywatch(8) in fish. tests/manual.py checks the options against `relaywatch --help`.

# The running daemon's open and recent incidents; none if it does not answer at once.
function __relaywatch_incidents
    timeout 2 relaywatch incidents --json 2>/dev/null |
        string match -r -g '^\{.*"type": *"incident".*?"id": *"([A-Za-z0-9_-]*)"' |
        string replace -r '$' '\tincident'
end

# How many words that are no options follow the command.
function __relaywatch_has_argument
    set -l words (string match -v -- '-*' (commandline -opc))
    test (count $words) -gt 2
end

set -l commands scan suggest explain report check run status incidents show queue clients close test-alert
set -l told '__fish_seen_subcommand_from'
complete -c relaywatch -f
complete -c relaywatch -n "not $told $commands" -a scan -d 'read whole logs, say which attacks they show'
complete -c relaywatch -n "not $told $commands" -a suggest -d 'read a month of logs, print settings for it'
complete -c relaywatch -n "not $told $commands" -a explain -d 'one message: its way, the verdict'
complete -c relaywatch -n "not $told $commands" -a report -d 'a page in HTML of an incident or of logs'
complete -c relaywatch -n "not $told $commands" -a check -d 'what was understood of this server'
complete -c relaywatch -n "not $told $commands" -a run -d 'the daemon'
complete -c relaywatch -n "not $told $commands" -a status -d 'the running daemon'
complete -c relaywatch -n "not $told $commands" -a incidents -d 'open and recent incidents'
complete -c relaywatch -n "not $told $commands" -a show -d 'one incident in full'
complete -c relaywatch -n "not $told $commands" -a test-alert -d 'a test of every way of an alert'
complete -c relaywatch -n "not $told $commands" -a queue -d 'what an incident has left in the queue'
complete -c relaywatch -n "not $told $commands" -a clients -d 'the client addresses of an incident'
complete -c relaywatch -n "not $told $commands" -a close -d 'no more alerts of an incident'

complete -c relaywatch -n "$told scan suggest explain report" -F
complete -c relaywatch -n "$told show queue clients close report; and not __relaywatch_has_argument" \
    -a '(__relaywatch_incidents)'

complete -c relaywatch -n "$told run scan suggest explain report status incidents show close test-alert clients queue check" -l config -r -F -d 'settings'
complete -c relaywatch -n "$told run scan suggest explain report check" -l postconf -r -F -d 'a saved output of postconf'
complete -c relaywatch -n "$told run explain report status incidents show close test-alert clients queue" -l socket -r -F -d 'the socket of the daemon'
complete -c relaywatch -n "$told run scan" -l trace -x -a 'record link site judge detect source state all' -d 'say what is decided and why'
complete -c relaywatch -n "$told scan explain status incidents show close queue test-alert check" -l json -d 'one JSON object per line'
complete -c relaywatch -n "$told scan" -l annotate -d 'print every line with what it was read as'
complete -c relaywatch -n "$told explain incidents queue" -l all -d 'more than usual'
complete -c relaywatch -n "$told explain queue" -l host -x -d 'on that host of a fleet'
complete -c relaywatch -n "$told report" -l output -s o -r -F -d 'where to write the page'
complete -c relaywatch -n "$told status" -l watch -d 'refresh every second'
complete -c relaywatch -n "$told status" -l nagios -d 'one line for a monitoring system'
complete -c relaywatch -n "$told check" -l defaults -d 'the settings file with every key at its default'
complete -c relaywatch -n "$told check" -l quiet -d 'only the errors of the settings file'
complete -c relaywatch -n "$told scan explain status incidents show check" -l no-color -d 'no colour'
complete -c relaywatch -n "$told run scan suggest explain report status incidents show close test-alert clients queue check" -l help -d 'explain the command'
