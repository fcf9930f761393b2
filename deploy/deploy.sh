#!/usr/bin/env bash
# make deploy HOST=user@host: brings the committed state of this repository to a machine that was provisioned.
#
#   HOST=user@host  SSH_OPTIONS=…  TESTS=no (do not run them first)  deploy.sh [--dry-run]
#
# Here: checks, one artefact, its way there. On the host: deploy/host.sh, which comes with the artefact. Whatever fails, the
# old release goes on; killed half way, too, and the next deploy succeeds by itself.
source "$(dirname "${BASH_SOURCE[0]}")/remote.sh"

python=${PYTHON:-$root/.venv/bin/python}
[ -x "$python" ] || python=python3
cache=${XDG_CACHE_HOME:-$HOME/.cache}/funding-deploy

check_here() {
  cd "$root"
  [ -z "$(git status --porcelain)" ] || fail "the tree is not clean: what is deployed is a commit"
  commit=$(git rev-parse --short=10 HEAD)
  release=$(date -u +%Y%m%dT%H%M%S)-$commit
  if [ "${TESTS:-yes}" = no ]; then
    say "tests: not run, as TESTS=no says"
  else
    say "tests"
    make --no-print-directory test >"$scratch/tests" 2>&1 || { tail -n 30 "$scratch/tests" >&2; fail "the tests"; }
    tail -n 1 "$scratch/tests"
  fi
}

check_there() {
  connect
  # One call; each line that comes back is a reason not to go on.
  local found
  found=$(on bash -s "$(date +%s)" <<'CHECK'
    command -v rsync >/dev/null && [ -d /opt/funding/releases ] || { echo "it is not provisioned: make provision HOST=…"; exit; }
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || echo "its python3 is older than 3.11"
    apart=$(($(date +%s) - $1)); [ "${apart#-}" -le 30 ] || echo "its clock is $apart s apart from this one"
    database=$(stat -c %s /var/lib/funding/funding.db 2>/dev/null || echo 0)
    free=$(df --output=avail -B1 /opt/funding | tail -n 1)
    [ "$free" -gt $((3 * 20000000 + 2 * database)) ] || echo "it has $((free / 1000000)) MB of free disk: not enough for three releases and a backup"
CHECK
  )
  [ -z "$found" ] || fail "$HOST: $found"
}

fetch_wheels() {
  mkdir -p "$cache"
  local wanted file
  wanted=$(grep -o 'sha256:[0-9a-f]*' deploy/wheels.txt | cut -d: -f2)
  have() { cd "$cache" && for file in *.whl; do [ -f "$file" ] && sha256sum "$file"; done | grep -F "$wanted"; }
  if [ "$(have | wc -l)" -lt "$(wc -l <<<"$wanted")" ]; then
    "$python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary :all: --require-hashes \
      --requirement deploy/wheels.txt --dest "$cache" || fail "the wheels could not be fetched"
  fi
  wheels=$(have | awk -v folder="$cache" '{ print folder "/" $2 }')
}

# app/ is our code and the wheels, unpacked: the host needs its python3 and nothing else, and the manifest covers every byte.
build() {
  artefact=$scratch/artefact
  mkdir -p "$artefact/app"
  git archive HEAD funding | tar -x -C "$artefact/app"
  git archive HEAD deploy | tar -x -C "$artefact"
  local wheel
  for wheel in $wheels; do "$python" -m zipfile -e "$wheel" "$artefact/app"; done
  printf 'import sys\n\nfrom funding.__main__ import main\n\nsys.exit(main())\n' >"$artefact/app/__main__.py"
  git log -1 --format='%H %cI %s' >"$artefact/COMMIT"
  chmod -R u=rwX,go=rX "$artefact"
  (cd "$artefact" && find . -type f ! -name MANIFEST.sha256 -print0 | sort -z | xargs -0 sha256sum) >"$scratch/MANIFEST.sha256"
  mv "$scratch/MANIFEST.sha256" "$artefact/MANIFEST.sha256"
  find "$artefact" -exec touch -h -d @0 {} +  # so that unchanged files can be shared between releases
}

send() {
  local options=(-a --checksum --delete --rsync-path="${sudo}rsync" -e "$(printf '%q ' "${ssh[@]}")")
  ! on test -e /opt/funding/current || options+=(--link-dest=/opt/funding/current/)
  change mkdir -p "/opt/funding/releases/.incoming/$release"
  [ "$dry_run" = yes ] || rsync "${options[@]}" "$artefact/" "$HOST:/opt/funding/releases/.incoming/$release/" || fail "the upload"
}

switch() {
  if [ "$dry_run" = yes ]; then
    say "would run there: deploy/host.sh switch $release, which is"
    sed -n 's/^ *step "\(.*\)".*/            \1/p' deploy/host.sh
    return
  fi
  held_open bash "/opt/funding/releases/.incoming/$release/deploy/host.sh" switch "$release"
}

[ "${1:-}" != --dry-run ] || dry_run=yes
check_here
say "$commit to $HOST"
check_there
fetch_wheels
build
say "built: $(find "$artefact" -type f | wc -l) files, $(du -sh "$artefact" | cut -f1)"
send
say "uploaded"
switch
