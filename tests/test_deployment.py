"""What stands in deploy/: units that systemd takes and whose exposure stays low, wheels that fit setup.cfg, scripts that parse."""

import configparser
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
EXPOSURES = {
    "funding-api@.service": 0.5,
    "funding-collector.service": 1.5,
    "funding-watch.service": 1.5,
    "funding-backup.service": 0.5,
    "funding-restore-check.service": 0.5,
    "simple/funding.service": 1.5,
}
systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze on this machine")


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words], cwd=UNITS, capture_output=True, text=True, check=False, timeout=60
    )


@systemd
@pytest.mark.parametrize("unit", EXPOSURES)
def test_a_units_exposure_stays_low(unit: str) -> None:
    said = analyze("security", "--offline=true", f"--threshold={int(EXPOSURES[unit] * 10)}", f"./{unit}")
    assert said.returncode == 0, said.stdout[-300:] + said.stderr


@systemd
def test_systemd_takes_the_units_as_they_are(tmp_path: Path) -> None:
    """In a tree of their own, where the programs that they start are."""
    there = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, there, ignore=shutil.ignore_patterns("simple", "sysusers.d", "tmpfiles.d"))
    for program in ("usr/bin/python3", "usr/sbin/runuser", "bin/sh"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    for target in ("sysinit", "basic", "sockets", "timers", "multi-user", "network-online", "shutdown", "time-sync"):
        (there / f"{target}.target").write_text("[Unit]\n")
    names = [path.name for path in UNITS.iterdir() if path.is_file()]
    said = analyze("verify", "--man=no", f"--root={tmp_path}", *names)
    assert (said.returncode, [line for line in said.stderr.splitlines() if "funding" in line]) == (0, [])


@pytest.mark.parametrize("path", sorted(UNITS.rglob("funding*.service")), ids=lambda path: path.name)
def test_every_service_is_restarted_for_ever_or_runs_once(path: Path) -> None:
    text = path.read_text("utf-8")
    if "Type=oneshot" in text:
        assert "Restart=" not in text
    else:
        assert "Restart=always" in text
        assert "StartLimitIntervalSec=0" in text
        assert "RestartPreventExitStatus=2 75 78" in text
    assert re.search(r"^MemoryMax=", text, re.MULTILINE)
    assert re.search(r"^TasksMax=", text, re.MULTILINE)


def test_every_line_of_the_hardening_has_its_reason_above() -> None:
    lines = (UNITS / "funding-.service.d/hardening.conf").read_text("utf-8").splitlines()
    for above, line in itertools.pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("#") or "=" in above, f"{line} says no reason"


def test_the_wheels_are_pinned_by_their_bytes_to_versions_that_setup_cfg_allows() -> None:
    wanted = configparser.ConfigParser()
    wanted.read(ROOT / "setup.cfg")
    allowed = dict(re.findall(r"^(\w+) >=([\d.]+),<[\d.]+$", wanted["options"]["install_requires"], re.MULTILINE))
    upper = dict(re.findall(r"^(\w+) >=[\d.]+,<([\d.]+)$", wanted["options"]["install_requires"], re.MULTILINE))
    pinned = re.findall(
        r"^(\w+)==([\d.]+) --hash=sha256:[0-9a-f]{64}$", (DEPLOY / "wheels.txt").read_text("utf-8"), re.MULTILINE
    )
    assert {name for name, _ in pinned} == set(allowed)
    for name, version in pinned:
        assert numbers(allowed[name]) <= numbers(version) < numbers(upper[name])


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.sh")), ids=lambda path: path.name)
def test_a_script_parses_and_says_what_it_is(path: Path) -> None:
    subprocess.run(["bash", "-n", path], check=True, timeout=30)
    lines = path.read_text("utf-8").splitlines()
    assert lines[1 if lines[0].startswith("#!") else 0].startswith("# ")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("nginx.conf", "proxy_set_header X-Forwarded-For $remote_addr;"),
        ("nginx.conf", "client_header_timeout 5s;"),
        ("nginx.conf", "limit_conn funding_connections"),
        ("Caddyfile", "header_up X-Forwarded-For {http.request.remote.host}"),
        ("Caddyfile", "read_header 5s"),
    ],
)
def test_the_proxies_keep_what_the_api_relies_on(file: str, words: str) -> None:
    assert words in (DEPLOY / "proxy" / file).read_text("utf-8")
