"""The end-to-end tests: the deployed thing on a throw-away machine. Collected by `make e2e` alone: they take minutes.

E2E=quick: the files that fit into four minutes; E2E=all: every one.
"""

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from bench.simulator import Simulator
from tests.e2e.guest import Guest, obstacle
from tests.e2e.load import Load, once
from tests.programs import ROOT

WANTED = os.environ.get("E2E", "")
QUICK = ("test_deploy.py",)
collect_ignore_glob = [] if WANTED == "all" else ["test_*.py"] if not WANTED else [
    path.name for path in Path(__file__).parent.glob("test_*.py") if path.name not in QUICK
]  # fmt: skip

SOURCE = Path(os.environ.get("E2E_SOURCE", ROOT))
DOMAIN = "funding.test"
EXCHANGES = ("okx", "bybit", "kraken")
CONFIG = """
database = "/var/lib/funding/funding.db"
backups = "/var/backups/funding"
exchanges = {exchanges}
interval_seconds = {interval}
upstream = "{upstream}"
limit_free = 0
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One line, and visible, where no guest can be booted."""
    why = obstacle()
    for item in items:
        if why and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason=f"no guest on this machine: {why}"))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the simulator's certificate and the door's."""
    return trustme.CA()


@dataclass
class Repository:
    """A copy of this one with everything committed: what is deployed is a commit, and broken releases are made here."""

    path: Path

    def commit(self, words: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", words)

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=e2e", "-c", "user.email=e2e@localhost"]
        return subprocess.run(
            ["git", *identity, *words], cwd=self.path, check=True, capture_output=True, text=True
        ).stdout.strip()

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.path / file
        text = path.read_text("utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")

    def back_to(self, commit: str) -> None:
        self.git("reset", "-q", "--hard", commit)
        self.git("clean", "-qfd")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def copied(path: Path) -> Repository:
    path.mkdir()
    for name in ("funding", "deploy", "Makefile", "setup.cfg", "pyproject.toml"):
        source = SOURCE / name
        if source.is_dir():
            shutil.copytree(source, path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, path / name)
    made = Repository(path)
    made.git("init", "-q")
    made.commit("the release under test")
    return made


@dataclass
class Host:
    """A guest with what is deployed to it: the scripts run as a person would run them, on this side."""

    guest: Guest
    repository: Repository
    authority: trustme.CA
    simulator: Simulator
    files: Path
    proxy: str
    interval: int = 3

    def environment(self, **more: str) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("HOST", "FILE", "ARGS", "NAME", "PROXY")
        }
        return kept | {
            "HOST": f"root@{self.guest.address}", "SSH_OPTIONS": " ".join(self.guest.ssh_options), "TESTS": "no",
            "CYCLE_SECONDS": "25", **more,
        }  # fmt: skip

    def start(self, script: str, *words: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", str(self.repository.path / "deploy" / script), *words], env=self.environment(**more),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, script: str, *words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(self.repository.path / "deploy" / script), *words], env=self.environment(**more),
            input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240,
        )  # fmt: skip

    def do(self, script: str, *words: str, **more: str) -> str:
        done = self.run(script, *words, **more)
        assert done.returncode == 0, f"{script} {words}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def provision(self) -> str:
        door = self.authority.issue_cert(DOMAIN)
        cert, key, config = self.files / "cert.pem", self.files / "key.pem", self.files / "config.toml"
        cert.write_bytes(b"".join(part.bytes() for part in door.cert_chain_pems))
        key.write_bytes(door.private_key_pem.bytes())
        config.write_text(
            CONFIG.format(exchanges=list(EXCHANGES), interval=self.interval, upstream=self.simulator.url).replace(
                "'", '"'
            )
        )
        tls = {} if self.proxy == "none" else {"CERT": str(cert), "KEY": str(key), "DOMAIN": DOMAIN}
        said = self.do("provision.sh", PROXY=self.proxy, CONFIG=str(config), DEPLOY="no", **tls)
        self.guest.put("/etc/funding/simulator-ca.pem", self.authority.cert_pem.bytes())
        self.guest.put("/etc/funding/collector.env", "SSL_CERT_FILE=/etc/funding/simulator-ca.pem\n")
        return said

    @property
    def door(self) -> tuple[tuple[str, int], ssl.SSLContext | None, str]:
        if self.proxy == "none":
            return (self.guest.address, 8083), None, DOMAIN
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return (self.guest.address, 443), context, DOMAIN

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        return once(*self.door, path, headers)

    def load(self) -> Load:
        return Load(*self.door)

    @property
    def current(self) -> str:
        return self.guest.sh("readlink /opt/funding/current").removeprefix("releases/")

    @property
    def serving(self) -> list[str]:
        """The releases whose API runs."""
        units = self.guest.sh(
            "systemctl list-units --plain --no-legend --state=active 'funding-api@*' | awk '{print $1}'"
        )
        return [unit.removeprefix("funding-api@").removesuffix(".service") for unit in units.split()]

    def show(self, unit: str, name: str) -> str:
        return self.guest.sh(f"systemctl show -p {name} --value '{unit}'")

    @property
    def api(self) -> str:
        return f"funding-api@{self.current}.service"


@pytest.fixture(scope="module")
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA
) -> Iterator[Host]:
    """A fresh machine for the module, which names its number and its proxy; not yet provisioned."""
    files = tmp_path_factory.mktemp("host")
    with Guest(files / "guest", request.module.GUEST) as guest:
        issued = authority.issue_cert(guest.ours)
        cert, key, root = files / "sim.pem", files / "sim.key", files / "ca.pem"
        cert.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        key.write_bytes(issued.private_key_pem.bytes())
        root.write_bytes(authority.cert_pem.bytes())
        words = ["--host", guest.ours, "--tls", str(cert), str(key), "--contracts", "40", "--seconds", "3000"]
        with Simulator(*words, "--exchanges", ",".join(EXCHANGES), cafile=root) as simulator:
            made = Host(
                guest,
                copied(files / "repository"),
                authority,
                simulator,
                files,
                request.module.PROXY,
                getattr(request.module, "INTERVAL", 3),
            )
            yield made
            if request.session.testsfailed:
                print(made.do("ctl.sh", "logs"))


@pytest.fixture(scope="module")
def served(host: Host) -> Host:
    """Provisioned, and a first release at work."""
    host.provision()
    host.do("deploy.sh")
    return host


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Figures stand at the end of the run."""

    def note(name: str, value: object) -> None:
        request.config.stash.setdefault(FIGURES, []).append(f"{name}: {value}")

    return note


FIGURES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(f"figure: {line}")
