#!/usr/bin/env bash
# sandbox.sh RELEASE UNIT-FILE COMMAND: on the host, as root, runs a command where that unit of the release runs: as its user,
# with all its limits. Shows what it says; the exit code is 0 if it went well. For a release's own check, and for probe.py:
#
#   r=$(basename $(readlink /opt/funding/current)); d=/opt/funding/current/deploy
#   bash $d/sandbox.sh $r funding-api@.service "/usr/bin/python3 -IB $d/probe.py"
set -euo pipefail

release=$1 unit=$2 command=$3
source=/opt/funding/releases/$release/deploy/systemd
trial=/run/systemd/system/fundingtrial.service
shown=/run/funding/trial.log

leave() {
  rm -rf "$trial" "$trial.d"
  systemctl daemon-reload
}
trap leave EXIT

# The unit as it is, but for how it is started and kept alive; not under its own prefix, since that would bring the drop-ins
# of the release that is at work.
mkdir -p "$trial.d"
cp "$source"/funding-.service.d/*.conf "$trial.d/"
sed -E -e '/^(Type|Sockets|Restart.*|WatchdogSec|Exec(Start|Stop).*|Requires|After|Wants|Timeout.*)=/d' -e "s/%i/$release/g" \
  -e "s#^\[Service\]#&\nType=oneshot\nTimeoutStartSec=60\nStandardOutput=truncate:$shown\nStandardError=inherit\nExecStart=$command#" \
  "$source/$unit" >"$trial"
systemctl daemon-reload
result=0
systemctl start fundingtrial.service 2>/dev/null || result=$?
sed 's/^/          | /' "$shown"
exit "$result"
