# Sourced by the scripts that work over ssh: HOST is user@host, SSH_OPTIONS whatever ssh needs besides (-p 2222 -i key).
# Whoever is not root there needs sudo without a password.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
dry_run=no

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
fail() {
  say "failed: $*" >&2
  exit 1
}

# One connection for all that follows.
# shellcheck disable=SC2206  # several words on purpose
ssh=(ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ControlMaster=auto
  -o "ControlPath=$scratch/%C" -o ControlPersist=60 ${SSH_OPTIONS:-})

leave() {
  [ -z "${HOST:-}" ] || "${ssh[@]}" -O exit "$HOST" 2>/dev/null || true
  rm -rf "$scratch"
}
trap leave EXIT

connect() {
  [ -n "${HOST:-}" ] || fail "HOST is missing: make … HOST=user@host"
  local user
  user=$("${ssh[@]}" "$HOST" id -u </dev/null) || fail "no way to $HOST by ssh"
  sudo=
  [ "$user" = 0 ] || sudo="sudo -n "
  "${ssh[@]}" "$HOST" "${sudo}true" </dev/null || fail "$HOST: neither root nor sudo without a password"
}

# Runs a command there as root. Its words reach the other shell as they are.
on() { "${ssh[@]}" "$HOST" "$sudo$(printf '%q ' "$@")"; }

# The same, in a dry run only shown.
change() {
  if [ "$dry_run" = yes ]; then
    say "would run there: $*"
  else
    on "$@"
  fi
}

# Runs a command there whose standard input stays open as long as this script lives: by that it knows when we are gone.
held_open() {
  mkfifo "$scratch/alive"
  on env "CYCLE_SECONDS=${CYCLE_SECONDS:-300}" "$@" <"$scratch/alive" &
  exec 8>"$scratch/alive"
  wait $! || exit $?
}
