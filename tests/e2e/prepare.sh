#!/usr/bin/env bash
# prepare.sh [SUITE]: what the end-to-end tests need of this machine, installed where it may be, and the guests' root file
# system, made once and kept outside the repository. Says why where it cannot; the tests then skip in one line.
set -euo pipefail

suite=${1:-bookworm}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/funding-e2e
[ "$(id -u)" = 0 ] || { echo "e2e: needs root"; exit 0; }

missing=()
for pair in systemd-nspawn:systemd-container mmdebstrap:mmdebstrap rsync:rsync nft:nftables ip:iproute2 ssh:openssh-client; do
  command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
    { echo "e2e: ${missing[*]} could not be installed"; exit 0; }
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$cache/$suite/.complete" ]; then
  echo "e2e: making the root file system of $suite, once"
  [ -e "$cache/$suite.tar" ] || {
    mmdebstrap --quiet --variant=minbase --mode=root --format=tar --include=systemd,systemd-sysv,dbus,openssh-server,rsync,sudo,python3,python3-venv,ca-certificates,iproute2,sqlite3,nftables,curl,procps,libnss-systemd,nginx,caddy \
      "$suite" "$cache/$suite.tar.part" >"$cache/$suite.log" 2>&1 || { echo "e2e: no root file system: $(tail -n 1 "$cache/$suite.log")"; exit 0; }
    mv "$cache/$suite.tar.part" "$cache/$suite.tar"
  }
  rm -rf "${cache:?}/$suite" && mkdir "$cache/$suite"
  tar -x -f "$cache/$suite.tar" -C "$cache/$suite"
  cd "$cache/$suite"
  echo vps >etc/hostname
  printf '127.0.0.1 localhost vps\n' >etc/hosts
  : >etc/machine-id
  rm -f etc/resolv.conf etc/systemd/system/multi-user.target.wants/{nginx,caddy}.service
  ln -sf /dev/null etc/systemd/system/systemd-networkd-wait-online.service
  touch .complete
fi
