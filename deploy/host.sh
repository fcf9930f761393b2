#!/usr/bin/env bash
# On the host, as root: puts a release to work, or goes back to the one before. deploy.sh and rollback call it over ssh, and
# hold its standard input open meanwhile.
#
#   host.sh switch RELEASE | rollback | status
#
# Until the last step the old release can serve at any moment; whatever fails before, including the connection, leads to
# `undo`. Killed outright, the next run sets things straight first (`settle`).
set -euo pipefail
umask 027
cd /

home=/opt/funding
releases=$home/releases
units=/etc/systemd/system
export FUNDING_CONFIG=/etc/funding/config.toml

say() {
  printf '%s  %s\n' "$(date +%T)" "$*" || true  # nobody may be listening any more
  logger -t funding-deploy -- "$*"
}
fail() {
  say "failed: $*"
  exit 1
}
step() {
  doing=$1
  say "$doing"
}
current() { basename "$(readlink "$home/current" 2>/dev/null)" 2>/dev/null || true; }
# funding RELEASE COMMAND…: as the owner of the database.
funding() { timeout 600 runuser -u funding-collector -- /usr/bin/python3 -IB "$releases/$1/app" "${@:2}"; }
# By the release that is at work: the other may not be able to.
event() { funding "$(current)" event "$1" "$2" 2>/dev/null || say "noted here alone: $2"; }
serving() { systemctl list-units --plain --no-legend --state=active,activating,reloading 'funding-api@*.service' | awk '{ print $1 }'; }
api() { echo "funding-api@$1.service"; }
# How the database file is read by a release that is not at work yet.
pending() { funding "$new" migrate --pending; }

# The public door, as /etc/funding/door has it for curl; status only.
knock() {
  local door=()
  mapfile -t door </etc/funding/door
  curl -s -k -m 10 -o /dev/null -w '%{http_code}\n' "${door[@]:1}" "${door[0]}$1" || true
}

point() { # NAME RELEASE: the link of that name, in one step
  ln -sfn "releases/$2" "$home/.$1.new"
  mv -T "$home/.$1.new" "$home/$1"
}

install_units() { # of a release
  rsync -a --chmod=F644 --exclude simple --exclude sysusers.d --exclude tmpfiles.d "$releases/$1/deploy/systemd/" "$units/"
  systemd-sysusers "$releases/$1/deploy/systemd/sysusers.d/funding.conf"
  systemd-tmpfiles --create "$releases/$1/deploy/systemd/tmpfiles.d/funding.conf"
}

name_release() { # which one the socket starts
  mkdir -p "$units/funding-api.socket.d"
  printf '[Socket]\nService=%s\n' "$(api "$1")" >"$units/funding-api.socket.d/release.conf"
  systemctl daemon-reload
}

# What a run that was killed left behind: the release that `current` names serves, no other.
settle() {
  rm -rf "$home"/.current.new "$home"/.previous.new
  systemctl reset-failed 'funding-*' 2>/dev/null || true
  [ -n "$old" ] || return 0
  local unit
  for unit in $(serving); do
    [ "$unit" = "$(api "$old")" ] && continue
    say "left by a deploy that was cut short: $unit; going back to $old"
    install_units "$old"
    name_release "$old"
    systemctl enable -q --now "$(api "$old")"
    systemctl disable -q --now "$unit"
  done
}

unpack() {
  step "verify the files that came against the manifest"
  local incoming=$releases/.incoming/$new
  (cd "$incoming" && sha256sum --quiet --strict -c MANIFEST.sha256) || fail "$new: a file is not what was sent"
  [ "$(cd "$incoming" && find . -type f ! -name MANIFEST.sha256 | wc -l)" = "$(wc -l <"$incoming/MANIFEST.sha256")" ] ||
    fail "$new: there are files that the manifest does not know"
  if [ -n "$old" ] && cmp -s "$incoming/MANIFEST.sha256" "$home/current/MANIFEST.sha256" && [ "$(serving)" = "$(api "$old")" ] &&
    systemctl is-active -q funding-collector; then
    rm -rf "$incoming"
    say "nothing to do: this is what $old is, and it is at work"
    trap - EXIT
    kill "$watcher" 2>/dev/null || true
    exit 0
  fi
  python3 -m compileall -q "$incoming/app" || fail "$new: it does not compile"
  chown -R root:root "$incoming"
  mv -T "$incoming" "$releases/$new"
}

check() {
  step "verify the units"
  systemd-analyze verify --man=no "$releases/$new"/deploy/systemd/*.{service,socket,timer} >/run/funding/trial.log 2>&1 || {
    sed 's/^/          | /' /run/funding/trial.log
    fail "$new: a unit that systemd does not take"
  }
  step "let the new release check itself in its sandbox"
  bash "$releases/$new/deploy/sandbox.sh" "$new" funding-api@.service "/usr/bin/python3 -IB $releases/$new/app serve --check" ||
    fail "$new: its own check"
  migrations=$(pending) || fail "$new: the database is not one that it may write to"
}

back_up() {
  step "back the database up"
  backup=
  [ -n "$old" ] && [ -e /var/lib/funding/funding.db ] || return 0
  systemctl start funding-backup.service || fail "the backup: journalctl -u funding-backup"
  backup=$(find /var/backups/funding -name 'funding-*.db.gz' | sort | tail -n 1)
  [ -z "$migrations" ] || try_migrations
}

try_migrations() {
  step "try the migrations on a copy"
  local copy=/var/lib/funding/trial.db result=0
  rm -f "$copy"*
  { funding "$new" restore "$backup" --database "$copy" && funding "$new" migrate --database "$copy" && reads "$new" "$copy"; } || result=1
  [ "$result" = 1 ] || reads "$old" "$copy" || say "the old release cannot read what is migrated: some answers will be 503 until the new one serves"
  rm -f "$copy"*
  [ "$result" = 0 ] || fail "$new: migrations $migrations"
}

# Whether a release gives rates from that database, if there are any to give.
reads() {
  local said
  said=$(funding "$1" serve --check --database "$2" 2>&1) && [[ $before != 200 || $said == *"200 /api/funding/current"* ]] || {
    sed 's/^/          | /' <<<"$said"
    return 1
  }
}

start_new() {
  changed=yes
  step "migrate the database"
  install_units "$new"
  systemctl daemon-reload
  if [ -n "$migrations" ]; then
    systemctl stop funding-collector  # the old one may not be able to write any more
    funding "$new" migrate || fail "$new: migrations $migrations"
  fi
  step "start the new API beside the old one"
  systemctl enable -q --now funding-api.socket
  timeout 40 systemctl start "$(api "$new")" || fail "$new: the API did not become ready: journalctl -u '$(api "$new")'"
  probe
}

# Both serve while they are two: enough knocks that the new one gets its share.
probe() {
  local code
  for _ in $(seq 20); do
    code=$(knock /livez)
    [ "$code" = 200 ] || fail "$new: /livez answers $code through the public door"
  done
  code=$(knock '/api/funding/current?limit=1')
  [ "$code" = "$before" ] || [ "$code" = 200 ] || [ -z "$old" ] || fail "$new: current rates answer $code through the public door, $before before"
}

retire_old() {
  step "stop the old API"
  local unit
  for unit in $(serving); do
    [ "$unit" = "$(api "$new")" ] || systemctl stop "$unit" 2>/dev/null || fail "$unit does not stop"
  done
  step "ask the new API through the public door"
  probe
}

restart_collector() {
  step "switch, and restart the collector"
  point current "$new"
  name_release "$new"
  systemctl enable -q funding-collector "$(api "$new")"
  timeout 60 systemctl restart funding-collector || fail "$new: the collector did not start: journalctl -u funding-collector"
  step "wait for a whole cycle"
  local words
  for _ in $(seq "${CYCLE_SECONDS:-300}"); do
    words=$(systemctl show -p StatusText --value funding-collector)
    if [[ $words == cycle:* ]]; then
      # Where the old one got nothing either, the network is to blame.
      [[ $words != "cycle: 0 of"* || $cycle_before == none || $cycle_before == "cycle: 0 of"* ]] || fail "$new: $words; before: $cycle_before"
      say "$words"
      restart_watch
      return
    fi
    [ "$(systemctl show -p NRestarts --value funding-collector)" = 0 ] || fail "$new: the collector crashed: journalctl -u funding-collector"
    systemctl is-active -q funding-collector || fail "$new: the collector ended: journalctl -u funding-collector"
    sleep 1
  done
  fail "$new: no cycle in ${CYCLE_SECONDS:-300} s"
}

# Alerts are worth having and not worth a failed deployment.
restart_watch() {
  systemctl enable -q funding-watch
  timeout 60 systemctl restart funding-watch || say "the watch did not start: journalctl -u funding-watch"
}

finish() {
  trap - EXIT TERM HUP INT PIPE
  [ -z "$old" ] || [ "$old" = "$new" ] || { point previous "$old" && systemctl disable -q "$(api "$old")" 2>/dev/null || true; }
  systemctl enable -q --now funding-backup.timer funding-restore-check.timer
  local kept=" $new $old " name
  for name in $(ls "$releases" | sort -r | tail -n +6); do
    [[ $kept == *" $name "* ]] || rm -rf "${releases:?}/$name"
  done
  find "$releases/.incoming" -mindepth 1 -maxdepth 1 -mtime +0 -exec rm -rf {} + 2>/dev/null || true
  event "$kind" "$kind of ${new#*-} complete"
  say "$new serves"
  kill "$watcher" 2>/dev/null || true
}

# Back to the old release, from wherever it was.
undo() {
  local result=$?
  trap '' TERM HUP INT PIPE
  trap - EXIT
  [ "$result" != 0 ] || result=1
  rm -rf "$releases/.incoming/$new"
  if [ "${changed:-no}" = yes ]; then
    say "going back to ${old:-nothing}"
    if [ -n "$old" ]; then
      install_units "$old"
      name_release "$old"
      systemctl start "$(api "$old")" || say "the old API does not start: journalctl -u '$(api "$old")'"
    fi
    systemctl disable -q --now "$(api "$new")" 2>/dev/null || true
    if [ -n "$old" ]; then
      [ "$(current)" = "$old" ] && [ -z "$migrations" ] || return_collector
    else
      systemctl disable -q --now funding-watch funding-collector funding-api.socket 2>/dev/null || true
      rm -f "$home/current"
    fi
  fi
  event "$kind" "$kind of ${new#*-} failed: $doing; ${old:-nothing} serves"
  [ "$kind" = rollback ] || [ "$new" = "$old" ] || rm -rf "${releases:?}/$new"
  say "it failed at: $doing. ${old:-Nothing} serves"
  kill "$watcher" 2>/dev/null || true
  exit "$result"
}

return_collector() {
  point current "$old"
  systemctl stop funding-collector
  if [ -n "$migrations" ] && [ -n "$backup" ] && ! funding "$old" migrate --pending >/dev/null; then
    say "the old release may not write to the migrated database: $backup is restored"
    funding "$old" restore "$backup"
  fi
  systemctl start funding-collector || say "the old collector does not start: journalctl -u funding-collector"
  systemctl try-restart funding-watch || say "the old watch does not start: journalctl -u funding-watch"
}

switch() {
  new=$1 old=$(current) kind=$2 doing="begin" changed=no migrations=
  trap undo EXIT
  trap 'exit 130' TERM HUP INT PIPE
  mkdir -p /run/funding
  exec 9>/run/funding/deploy.lock
  if ! flock -n 9; then
    trap - EXIT
    say "another deploy is under way"
    exit 75
  fi
  watch_connection
  settle
  before=$(knock '/api/funding/current?limit=1')
  cycle_before=$(systemctl show -p StatusText --value funding-collector)
  cycle_before=${cycle_before:-none}
  [ -d "$releases/$new" ] || unpack
  check
  back_up
  start_new
  retire_old
  restart_collector
  finish
}

# The other end holds our standard input. When it goes, so does the deploy.
watch_connection() {
  (
    exec 9>&- >/dev/null 2>&1
    cat
    kill -TERM $$
  ) <&0 &
  watcher=$!
}

case ${1:-} in
  switch) switch "$2" deploy ;;
  rollback)
    previous=$(basename "$(readlink "$home/previous" || true)")
    [ -d "$releases/$previous" ] && [ -n "$previous" ] || fail "there is no release before this one"
    switch "$previous" rollback
    ;;
  *) fail "usage: host.sh switch RELEASE | rollback" ;;
esac
