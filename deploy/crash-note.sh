#!/bin/sh
# crash-note.sh UNIT: systemd runs it after a service of ours has ended. An end that nobody asked for becomes an event, from
# which an alert is made; at most one in ten minutes and unit. (OnFailure= would stay silent: with Restart=always a unit
# does not count as failed.)
set -u

unit=$1
note=/run/funding/crash-$unit
[ "${SERVICE_RESULT:-success}" = success ] && exit 0
[ -n "$(find "$note" -mmin -10 2>/dev/null)" ] && exit 0
: >"$note"

words="$unit ended: $SERVICE_RESULT (${EXIT_CODE:-?} ${EXIT_STATUS:-?})"
cd /
# Not awaited: the service is restarted meanwhile.
systemd-run --quiet --no-block --collect --unit="funding-note-$$" --property=User=funding-collector --property=ReadWritePaths=/var/lib/funding \
  --setenv=FUNDING_CONFIG=/etc/funding/config.toml \
  /usr/bin/python3 -IB "$(readlink -f "$(dirname "$0")/..")/app" event crash "$words" ||
  echo "$words; it could not be noted in the database"
