#!/usr/bin/env bash
# provision-host.sh PROXY DOMAIN PORT: on the host, as root; called by provision.sh with what it brought in the folder above.
set -euo pipefail
umask 022

proxy=$1 domain=$2 port=$3
files=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd /
step() { printf '%s  %s\n' "$(date +%T)" "$1"; }

step "see that this is a machine to do it on"
. /etc/os-release
[ "$ID" = debian ] && [ "${VERSION_ID:-13}" -ge 12 ] || { echo "this is $PRETTY_NAME; Debian 12 or later is needed" >&2; exit 1; }
[ -d /run/systemd/system ] || { echo "systemd does not run here" >&2; exit 1; }

step "install what is missing"
packages=(python3 rsync curl ca-certificates)
[ "$proxy" = none ] || packages+=("$proxy")
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
python3 -c 'import sys, sqlite3; sys.exit(sys.version_info < (3, 11))' || { echo "its python3 is older than 3.11" >&2; exit 1; }

step "make users and folders"
install -D -m 644 "$files/deploy/systemd/sysusers.d/funding.conf" /etc/sysusers.d/funding.conf
install -D -m 644 "$files/deploy/systemd/tmpfiles.d/funding.conf" /etc/tmpfiles.d/funding.conf
systemd-sysusers /etc/sysusers.d/funding.conf
systemd-tmpfiles --create /etc/tmpfiles.d/funding.conf

step "write the settings"
if [ -e "$files/config.toml" ]; then
  install -m 644 "$files/config.toml" /etc/funding/config.toml
elif [ ! -e /etc/funding/config.toml ]; then
  cat >/etc/funding/config.toml <<'CONFIG'
# `funding config` shows all settings. A change is seen after: make restart HOST=…
database = "/var/lib/funding/funding.db"
backups = "/var/backups/funding"
CONFIG
fi
cat >/usr/local/bin/funding <<'FUNDING'
#!/bin/sh
# The release at work, as the owner of the database: funding rates BTC
umask 027
cd / && exec runuser -u funding-collector -- env FUNDING_CONFIG=/etc/funding/config.toml /usr/bin/python3 -IB /opt/funding/current/app "$@"
FUNDING
chmod 755 /usr/local/bin/funding

step "let collector and watch reach their name servers"
servers=$(awk '$1 == "nameserver" { print $2 }' /etc/resolv.conf 2>/dev/null | tr '\n' ' ')
for unit in funding-collector funding-watch; do
  mkdir -p "/etc/systemd/system/$unit.service.d"
  printf '# Name servers may have an address that the unit denies.\n[Service]\nIPAddressAllow=%s\n' "$servers" \
    >"/etc/systemd/system/$unit.service.d/names.conf"
done

step "make the door"
mkdir -p /etc/systemd/system/funding-api.socket.d
listen=/etc/systemd/system/funding-api.socket.d/listen.conf
if [ "$proxy" = none ]; then
  printf '# No proxy in front.\n[Socket]\nListenStream=\nListenStream=%s\nNoDelay=true\n' "$port" >"$listen.new"
  echo "http://127.0.0.1:$port" >/etc/funding/door
else
  printf '# A proxy in front: the UNIX socket of the unit.\n[Socket]\n' >"$listen.new"
  printf '%s\n' "https://$domain" --resolve "$domain:443:127.0.0.1" >/etc/funding/door
fi
if ! cmp -s "$listen.new" "$listen"; then
  mv "$listen.new" "$listen"
  systemctl daemon-reload
  systemctl stop funding-api.socket 2>/dev/null || true  # it is started with the next release, or below
  [ ! -e /opt/funding/current ] || systemctl start funding-api.socket "funding-api@$(basename "$(readlink /opt/funding/current)")"
fi
rm -f "$listen.new"

certificate() {
  [ -e "$files/cert.pem" ] || return 0
  install -m 600 "$files/cert.pem" "$files/key.pem" /etc/funding/tls/
}

case $proxy in
  nginx)
    step "set up nginx"
    certificate
    usermod -aG funding-proxy www-data
    sed "s/@DOMAIN@/$domain/g" "$files/deploy/proxy/nginx.conf" >/etc/nginx/conf.d/funding.conf
    rm -f /etc/nginx/sites-enabled/default
    systemctl disable -q --now caddy 2>/dev/null || true
    nginx -q -t
    systemctl enable -q nginx
    systemctl restart nginx
    ;;
  caddy)
    step "set up caddy"
    certificate
    usermod -aG funding-proxy caddy
    tls=
    if [ -e /etc/funding/tls/cert.pem ]; then
      install -o caddy -m 400 -D -t /etc/caddy/funding-tls /etc/funding/tls/cert.pem /etc/funding/tls/key.pem
      tls="tls /etc/caddy/funding-tls/cert.pem /etc/caddy/funding-tls/key.pem"
    fi
    sed -e "s/@DOMAIN@/$domain/g" -e "s#@TLS@#$tls#" "$files/deploy/proxy/Caddyfile" >/etc/caddy/Caddyfile
    systemctl disable -q --now nginx 2>/dev/null || true
    caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile >/dev/null 2>&1 || caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile
    systemctl enable -q caddy
    systemctl restart caddy
    ;;
  none)
    step "no proxy: whoever reaches port $port reaches the API itself"
    ;;
esac
step "provisioned"
