#!/usr/bin/env bash
# make status|logs|start|stop|restart|backup|restore|rollback|key|secret HOST=user@host: the day's tasks, each a line or two
# that could as well be typed on the host.
#
#   HOST=user@host  SSH_OPTIONS=…  FILE=(of restore)  ARGS=(of key)  NAME=(of secret)  ctl.sh [--dry-run] VERB
source "$(dirname "${BASH_SOURCE[0]}")/remote.sh"

[ "${1:-}" != --dry-run ] || { dry_run=yes && shift; }
verb=${1:-}
connect

all="funding-api.socket funding-api@*.service funding-collector.service funding-watch.service funding-backup.timer funding-restore-check.timer"
# The API's unit carries the release in its name.
named='api=funding-api@$(basename "$(readlink /opt/funding/current)").service'

case $verb in
  status)
    on bash -c "cat /opt/funding/current/COMMIT; systemctl --no-pager --lines=0 status $all; funding event | tail -n 5; ls -lt /var/backups/funding | sed -n 2,3p" || true
    ;;
  logs) on journalctl --no-pager --lines="${LINES_SHOWN:-200}" --output=short-iso -t funding-deploy -u 'funding-*' ;;
  start) change bash -c "$named; systemctl start funding-api.socket \$api funding-collector.service funding-watch.service" ;;
  # With the socket stopped, connections are refused; that is what a stop means.
  stop) change systemctl stop funding-watch.service funding-collector.service funding-api.socket 'funding-api@*.service' ;;
  # The socket stays: what arrives meanwhile waits, and is answered.
  restart) change bash -c "$named; systemctl restart \$api funding-collector.service funding-watch.service" ;;
  backup) change bash -c 'systemctl start funding-backup.service && journalctl -u funding-backup --no-pager -o cat -n 12 | grep "backed up" | tail -n 1' ;;
  restore)
    say "the collector is stopped meanwhile; the API goes on"
    change bash -c 'systemctl stop funding-collector; funding restore '"${FILE:+$(printf %q "$FILE")}"'; code=$?; systemctl start funding-collector; exit $code' ;;
  rollback)
    if [ "$dry_run" = yes ]; then
      say "would go back to $(on readlink /opt/funding/previous || echo nothing)"
    else
      held_open bash /opt/funding/current/deploy/host.sh rollback
    fi
    ;;
  # shellcheck disable=SC2086  # several words on purpose
  key) change funding keys ${ARGS:-} ;;
  secret)
    # From our standard input to a file that systemd alone reads; never an argument, never a variable.
    [[ ${NAME:-} =~ ^[a-z_]+$ ]] || fail "NAME is missing, as in: make secret HOST=… NAME=telegram_bot_token <token.txt"
    change bash -c "umask 077; cat >/etc/funding/credentials/.$NAME && mv /etc/funding/credentials/.$NAME /etc/funding/credentials/$NAME"
    say "a unit that names it sees it after its next restart"
    ;;
  *) fail "there is no $verb" ;;
esac
