#!/usr/bin/env bash
# Builds the image of conf/examples/container and runs it as that folder's README.md has it.
#
# As root, by a user without privileges, who exists in this script's own mount namespace only: podman
# is rootless, nothing on the machine is changed. The base is debootstrapped once, into
# build/container. Takes five minutes at first. Exit status 77: skipped.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
source tests/checks.sh
example=$PWD/conf/examples/container
for tool in podman runc debootstrap newuidmap setpriv jq; do
  command -v "$tool" >/dev/null || { echo "SKIP: a container's image needs $tool"; exit 77; }
done
((EUID == 0)) || { echo "SKIP: only root can debootstrap the base of an image"; exit 77; }
if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --propagation private "$0" --inside
fi

dir=$(mktemp -d -p /var/tmp relaywatch-container.XXXXXX)
user=2000000 first_id=2000100000
chmod 0755 "$dir"

# --- the user, and podman ----------------------------------------------------------------------

make_user() {
  local name file
  for name in passwd group subuid subgid; do
    file=/etc/$name
    [[ -e $file ]] || touch "$file"
    case $name in
      passwd) { cat "$file"; echo "relaywatch-test:x:$user:$user::$dir/home:/bin/sh"; } ;;
      group) { cat "$file"; echo "relaywatch-test:x:$user:"; } ;;
      *) echo "relaywatch-test:$first_id:65536" ;;
    esac >"$dir/$name"
    mount --bind "$dir/$name" "$file"
  done
  install -d -o "$user" -g "$user" -m 0700 "$dir/home" "$dir/run"
  install -d "$dir/log" "$dir/etc" "$dir/nothing"
}

# Cgroups of version 1 can't be delegated, and aren't needed; nor is systemd, which would run the
# health checks. What podman has to say of both is left out. Its standard error is a file, since a
# container's monitor keeps that open; 7, the pipe's writing end, must not be kept open by any.
podman_() {
  local errors status=0
  errors=$(mktemp "$dir/errors.XXXXXX")
  (cd "$dir/home" && exec setpriv --reuid "$user" --regid "$user" --clear-groups env -i \
    PATH="$PATH" HOME="$dir/home" XDG_RUNTIME_DIR="$dir/run" TMPDIR=/var/tmp podman \
    --root "$dir/home/store" --runroot "$dir/run/store" --storage-driver "$driver" \
    --cgroup-manager cgroupfs --runtime runc --events-backend none "$@" 2>"$errors" 7>&-) || status=$?
  grep -vE 'is not a shared mount|dial unix .*/systemd/private' "$errors" >&2 || :
  rm -f "$errors"
  return "$status"
}

cleanup() {
  local pid
  podman_ rm --force --all --time 0 >/dev/null 2>&1 || :
  if pid=$(cat "$dir"/run/libpod/tmp/pause.pid 2>/dev/null); then kill "$pid" || :; fi
  rm -rf "$dir"
}
driver=overlay
trap cleanup EXIT
make_user

# --- the image ---------------------------------------------------------------------------------

make_base() {
  local base=$PWD/build/container/base
  if [[ ! -e $base.tar ]]; then
    mkdir -p "${base%/*}"
    rm -rf "$base"
    # shellcheck source=/dev/null
    (. /etc/os-release && debootstrap --variant=minbase "$VERSION_CODENAME" "$base") || return 1
    rm -rf "$base"/var/cache/apt/archives/*.deb
    tar -C "$base" -cf "$base.tmp" .
    mv "$base.tmp" "$base.tar"
    rm -rf "$base"
  fi
  ln "$base.tar" "$dir/base.tar" 2>/dev/null || cp "$base.tar" "$dir/base.tar"
  podman_ import --quiet "$dir/base.tar" localhost/base
}

make_image() {
  local context=$dir/context
  mkdir "$context"
  cp -r CMakeLists.txt LICENSE README.md lib daemon systemd conf "$context"
  chmod -R go+rX "$context"
  podman_ build --quiet --format docker --network host --build-arg BASE=localhost/base \
    --tag relaywatch --file "$context/conf/examples/container/Containerfile" "$context"
}

size_of() { podman_ image inspect --format '{{.Size}}' "$1"; }
is_small() {
  local more=$(($(size_of relaywatch) - $(size_of localhost/base)))
  ((more > 0 && more < 6000000)) || { echo "$more bytes more than its base"; return 1; }
}

is() { # GOT WANT
  [[ $1 == "$2" ]] || { printf 'got  "%s"\nwant "%s"\n' "$1" "$2"; return 1; }
}

in_image() { podman_ run --rm --network none relaywatch "$@"; }
user_is_nobody_special() {
  is "$(in_image sh -c 'id -u; id -g; id -G' | paste -sd' ')" "10001 10001 10001 4"
}
# shellcheck disable=SC2016 # The image's shell expands it.
has_no_tools() {
  is "$(in_image sh -c 'for t in systemctl gcc cmake python3; do command -v $t; done; echo none')" none
}

# The settings in the image name a file that only the operator can write.
says_what_is_missing() {
  local said status=0
  said=$(in_image 2>&1) || status=$?
  is "$status $said" "2 relaywatch: /etc/relaywatch/relaywatch.conf: [site] postconf = $missing"
}
missing='/etc/relaywatch/postconf: No such file or directory'

# --- a log file, through a volume --------------------------------------------------------------

# Waits until COMMAND succeeds, a minute at most.
until_() {
  local deadline=$((SECONDS + 60))
  until "$@"; do
    ((SECONDS < deadline)) || { echo "waited a minute for: $*"; return 1; }
    sleep 0.1
  done
}
printed() { podman_ logs "$1" 2>/dev/null; }
said() { { podman_ logs "$1" >/dev/null; } 2>&1; }
# has N EVENT KIND NAME: how many such alerts it has printed.
has() { [[ $(printed "$4" | jq -r 'select(.type == "incident") | .event + " " + .kind' |
             grep -cx "$2 $3") == "$1" ]]; }
follows() { [[ $(said "$2" | grep -c 'up to date') == "$1" ]]; }

secured=(--network none --read-only --cap-drop all --security-opt no-new-privileges)
start_file() {
  podman_ run --detach --name file "${secured[@]}" --volume state:/var/lib/relaywatch \
    --volume "$dir/log:/var/log/mail:ro" --volume "$dir/etc:/etc/relaywatch:ro" relaywatch
  until_ follows 1 file
}
attack() { cat "tests/corpora/$1/mail.log" >>"$dir/log/mail.log"; }

one_alert_of_the_relay() {
  attack open_relay
  until_ has 1 raised open-relay file && until_ has 1 raised backscatter-source file
}
every_line_is_json() {
  is "$(printed file | jq -r .type | sort | uniq -c | sed 's/^ *//' | paste -sd,)" "$1"
}
daemon_is_process_1() {
  is "$(podman_ exec file sh -c 'cat /proc/1/comm; stat -c %u /proc/1')" $'relaywatch\n10001'
}
root_is_read_only() {
  local said status=0
  said=$(podman_ exec --user 0 file touch /usr/bin/x 2>&1) || status=$?
  is "$status $said" "1 touch: cannot touch '/usr/bin/x': Read-only file system"
}
commands_answer() {
  is "$(podman_ exec file relaywatch incidents --json | jq -r .kind | sort | paste -sd,)" \
    backscatter-source,open-relay
}
is_healthy() { podman_ healthcheck run file; }
is_unhealthy_where_the_log_is_missing() {
  podman_ run --detach --name blind "${secured[@]}" --volume "$dir/nothing:/var/log/mail:ro" \
    --volume "$dir/etc:/etc/relaywatch:ro" relaywatch
  until_ sees_nothing
  local status=0
  podman_ healthcheck run blind || status=$?
  is "$status" 1
}
sees_nothing() { printed blind | jq -e 'select(.code == "blind")' >/dev/null; }

# What it had told before is not told again, and what came meanwhile is.
killed_and_started_again() {
  podman_ kill --signal KILL file
  podman_ wait file
  attack stolen_account
  podman_ start file
  until_ follows 2 file && until_ has 1 raised account-abuse file || return 1
  is "$(printed file | jq -r 'select(.event == "raised") | .kind' | sort | paste -sd,)" \
    account-abuse,backscatter-source,open-relay
}
settings_are_read_again() {
  echo 'events = raised' >>"$dir/etc/relaywatch.conf"
  podman_ kill --signal HUP file
  until_ reloaded
}
reloaded() { said file | grep -q 'settings'; }
stops_in_order() {
  podman_ stop --time 50 file
  is "$(podman_ inspect --format '{{.State.ExitCode}}' file)" 0
}

# --- what docker logs prints, through a pipe ---------------------------------------------------

# A corpus as docker logs --timestamps prints it, and as the json-file driver writes it.
as_docker_logs() { # NAME DAY
  awk -v day="$2" '{ printf "%sT03:%02d:%02d.%09dZ %s\n", day, NR / 60 % 60, NR % 60, NR, $0 }' \
    "tests/corpora/$1/mail.log"
}
as_json_file() { # NAME DAY
  as_docker_logs "$1" "$2" |
    jq -cR 'capture("(?<time>\\S+) (?<log>.*)") | {log: (.log + "\n"), stream: "stdout", time}'
}
# Not within a check, which is a process of its own.
start_pipe() {
  mkfifo "$dir/fifo"
  podman_ run --rm --interactive --name pipe "${secured[@]}" --volume piped:/var/lib/relaywatch \
    --volume "$dir/etc-pipe:/etc/relaywatch:ro" relaywatch pipe \
    <"$dir/fifo" >>"$dir/printed" 2>>"$dir/said" &
  pipe=$!
  exec 7>"$dir/fifo"
  rm "$dir/fifo"
}
raised_are() {
  [[ $(jq -r 'select(.event == "raised") | .kind' "$dir/printed" | sort | paste -sd,) == "$1" ]]
}

alert_comes_through_the_pipe() {
  as_docker_logs open_relay 2026-11-24 >&7
  until_ raised_are backscatter-source,open-relay && until_ has_kept "$(lines_of open_relay)"
}
kill_pipe() { podman_ kill --signal KILL pipe; }
remembers_the_last_line() {
  is "$(podman_ run --rm --network none --volume piped:/var/lib/relaywatch relaywatch last)" \
    "$(as_docker_logs open_relay 2026-11-24 | tail -n 1 | cut -d ' ' -f 1)"
}
# It is given all again, as by docker logs without --since, and more.
alert_comes_once() {
  { as_docker_logs open_relay 2026-11-24; as_json_file stolen_account 2026-11-25; } >&7
  until_ raised_are account-abuse,backscatter-source,open-relay
}
lines_of() { wc -l <"tests/corpora/$1/mail.log"; }
kept_lines() { podman_ exec pipe sh -c 'wc -l </var/lib/relaywatch/spool/mail.log'; }
has_kept() { (($(kept_lines) >= $1)); }
no_line_was_kept_twice() {
  local want=$(($(lines_of open_relay) + $(lines_of stolen_account)))
  until_ has_kept "$want"
  is "$(kept_lines)" "$want"
}

# --- the scripts for the host ------------------------------------------------------------------

# A docker that knows two mail servers.
make_docker() {
  cat >"$dir/docker" <<'STUB'
#!/bin/bash
dump() { # HOST DOMAINS RELAY_DOMAINS
  printf '%s\n' "myhostname = mail.$1" "mydestination = localhost" "virtual_mailbox_domains = $2" \
    "relay_domains = $3" 'relay_recipient_maps = texthash:x' 'virtual_alias_maps = texthash:x' \
    'virtual_alias_domains = $virtual_alias_maps' 'mynetworks = 127.0.0.0/8'
}
sql=proxy:mysql:/opt/postfix/conf/sql
case "$*" in
  "exec mailserver cat /etc/postfix/vhost") printf '%s\n' a.example b.example ;;
  "exec mailserver sh -c postconf "*) dump dms.example /etc/postfix/vhost '' ;;
  "compose exec -T postfix-mailcow sh -c postconf "*)
    dump cow.example $sql/mysql_virtual_domains_maps.cf $sql/mysql_virtual_relay_domain_maps.cf ;;
  "compose exec -T mysql-mailcow sh -c mariadb "*)
    read -r query
    case $query in *"backupmx = 1;") echo backup.example ;; *) echo one.example ;; esac ;;
  "exec gone "*) echo "Error: No such container: gone" >&2; exit 1 ;;
  *) echo "docker $*?" >&2; exit 9 ;;
esac
STUB
  chmod 755 "$dir/docker"
}
# What the program makes of the settings that were asked.
asks() { # WANT KIND WHERE
  DOCKER=$dir/docker "$example/postfix-settings" "$2" "$3" "$dir/asked" || return 1
  is "$(podman_ run --rm --network none --volume "$dir/asked:/etc/relaywatch:ro" \
    --volume "$dir/log:/var/log/mail:ro" relaywatch relaywatch check --json |
    jq -r '(.domains[]? | .domain + " " + .class), (.code // empty)' | sort | paste -sd,)" "$1"
}
keeps_what_was_asked_before() {
  local status=0
  DOCKER=$dir/docker "$example/postfix-settings" docker-mailserver gone "$dir/asked" || status=$?
  ((status != 0)) && is "$(find "$dir/asked" -mindepth 1 -printf '%P\n' | sort | paste -sd,)" postconf,relaywatch.conf
}
compose_file_is_as_the_recipe() {
  python3 - "$example/docker-mailserver.yaml" <<'PY'
import sys, yaml
service = yaml.safe_load(open(sys.argv[1]))["services"]["relaywatch"]
places = {volume.split(":")[1].rstrip("/") for volume in service["volumes"]}
assert {"/var/lib/relaywatch", "/var/log/mail", "/etc/relaywatch"} <= places, places
assert service["read_only"] and service["cap_drop"] == ["ALL"], service
PY
}

# --- all of it ---------------------------------------------------------------------------------

check "base" make_base
check "image" make_image
if ((failed)); then
  echo "$passed passed, $failed failed"
  exit 1
fi
check "small" is_small
check "user" user_is_nobody_special
check "no tools" has_no_tools
check "no settings yet" says_what_is_missing

touch "$dir/log/mail.log"
sed 's/^events = .*//' "$example/relaywatch.conf" >"$dir/etc/relaywatch.conf"
cp tests/corpora/open_relay/postconf-n.txt "$dir/etc/postconf"
check "file: started" start_file
check "file: process 1" daemon_is_process_1
check "file: root file system" root_is_read_only
check "file: alerts" one_alert_of_the_relay
check "file: standard output" every_line_is_json "2 incident,1 warning"
check "file: commands" commands_answer
check "file: healthy" is_healthy
check "file: unhealthy without a log" is_unhealthy_where_the_log_is_missing
check "file: killed" killed_and_started_again
check "file: reload" settings_are_read_again
check "file: stopped" stops_in_order

mkdir "$dir/etc-pipe" "$dir/asked"
sed 's/^files/#&/; s/^#\(files = .*spool.*\)/\1/' "$example/relaywatch.conf" >"$dir/etc-pipe/relaywatch.conf"
cp "$dir/etc/postconf" "$dir/etc-pipe"
start_pipe
check "pipe: alerts" alert_comes_through_the_pipe
check "pipe: kill" kill_pipe
wait "$pipe" || status=$?
check "pipe: killed" is "$status" 137
exec 7>&-
check "pipe: last line" remembers_the_last_line
start_pipe
check "pipe: alert after that" alert_comes_once
check "pipe: spool" no_line_was_kept_twice
exec 7>&-
status=0
wait "$pipe" || status=$?
check "pipe: ends with its input" is "$status" 0

make_docker
cp "$example/relaywatch.conf" "$dir/asked"
check "docker-mailserver's settings" asks \
  "a.example ours,b.example ours,localhost ours" docker-mailserver mailserver
check "mailcow's settings" asks \
  "backup.example relay-domain,localhost ours,one.example ours" mailcow "$dir"
check "settings of a server that is gone" keeps_what_was_asked_before
check "compose file" compose_file_is_as_the_recipe
echo "$passed passed, $failed failed"
((failed == 0))
