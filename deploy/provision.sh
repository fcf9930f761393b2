#!/usr/bin/env bash
# make provision HOST=user@host …: from an empty Debian 12 or 13 to a machine that `make deploy` can serve from; then deploys.
#
#   PROXY=caddy|nginx|none  what faces the internet [caddy]; none: the API itself, on PORT, for a private network
#   DOMAIN=example.org      the name it is reached by; caddy then gets a certificate by itself
#   CERT=… KEY=…            certificate and key, PEM, instead
#   PORT=8083               with PROXY=none
#   CONFIG=…                a settings file to put there, instead of the default one; without it, one that is there stays
#   DEPLOY=no               only provision
#
# May be run again at any time: it sets what it finds otherwise.
source "$(dirname "${BASH_SOURCE[0]}")/remote.sh"

[ "${1:-}" != --dry-run ] || dry_run=yes
proxy=${PROXY:-caddy}
[[ $proxy =~ ^(caddy|nginx|none)$ ]] || fail "PROXY is caddy, nginx or none, not $proxy"
[ "$proxy" = none ] || [ -n "${DOMAIN:-}" ] || fail "DOMAIN is missing, the name that the machine is reached by"
[ "$proxy" != nginx ] || [ -n "${CERT:-}" ] || fail "nginx needs CERT and KEY; caddy gets a certificate by itself"
[ -z "${CERT:-}" ] || [ -n "${KEY:-}" ] || fail "a certificate needs its KEY"
connect

files=$scratch/files
mkdir -p "$files"
cp -R "$root/deploy" "$files/deploy"
[ -z "${CONFIG:-}" ] || cp "$CONFIG" "$files/config.toml"
[ -z "${CERT:-}" ] || { cp "$CERT" "$files/cert.pem" && cp "$KEY" "$files/key.pem"; }
say "$HOST: $proxy, ${DOMAIN:-port ${PORT:-8083}}"
if [ "$dry_run" = yes ]; then
  say "would run there: deploy/provision-host.sh, which is"
  sed -n 's/^step "\(.*\)".*/            \1/p' "$root/deploy/provision-host.sh"
else
  # Through standard input, since there is no rsync yet; the key in it is never an argument.
  tar -c -C "$files" . | on bash -c 'set -e; umask 077; f=$(mktemp -d); trap "rm -rf $f" EXIT; tar -x -C "$f"; bash "$f/deploy/provision-host.sh" "$@"' - \
    "$proxy" "${DOMAIN:-}" "${PORT:-8083}"
fi
[ "${DEPLOY:-yes}" = no ] || exec "$root/deploy/deploy.sh" "$@"
