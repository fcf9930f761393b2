"""Releases that are broken, each in its way, and deploys that are cut short: the old release serves, the next deploy succeeds."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import Host, Repository

GUEST, PROXY, INTERVAL = 12, "caddy", 20  # so that rates are not stale before a deploy is given up

Harm = Callable[[Repository], None]


def syntax(repository: Repository) -> None:
    repository.edit("funding/cli/serve.py", "def run(", "def run((")


def missing_module(repository: Repository) -> None:
    (repository.path / "funding/store/rates.py").unlink()


def exits_at_start(repository: Repository) -> None:
    repository.edit("funding/cli/serve.py", "    server = listen(", "    raise SystemExit(1)\n    server = listen(")


def never_ready(repository: Repository) -> None:
    repository.edit(
        "funding/cli/serve.py", "        systemd.ready(", "        import time; time.sleep(1e6)\n        systemd.ready("
    )


def answers_500(repository: Repository) -> None:
    repository.edit(
        "funding/api/rates.py", "def get_current(", "def get_current(*_):\n    1 / 0\n\n\ndef old_get_current("
    )


def bad_unit(repository: Repository) -> None:
    repository.edit("deploy/systemd/funding-api@.service", "ExecStart=/usr/bin/python3", "ExecStart=usr/bin/python3")


def too_tight_a_sandbox(repository: Repository) -> None:
    repository.edit(
        "deploy/systemd/funding-.service.d/hardening.conf",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=@default",
    )


def migration_with_an_error(repository: Repository) -> None:
    (repository.path / "funding/store/schema/0900_wrong.sql").write_text("ALTER TABLE gone ADD COLUMN x;\n")


def migration_that_breaks_the_queries(repository: Repository) -> None:
    (repository.path / "funding/store/schema/0900_wrong.sql").write_text(
        "ALTER TABLE latest RENAME COLUMN mark_price TO mark;\nUPDATE schema_number SET writable_from = 900;\n"
    )


def collector_crashes(repository: Repository) -> None:
    repository.edit("funding/cli/collect.py", "        schedule.forever()", "        raise SystemExit(1)")


def collector_hangs(repository: Repository) -> None:
    repository.edit(
        "funding/schedule.py",
        "    def _receive(",
        "    def _receive(self, *_):\n        time.sleep(1e6)\n\n    def _old(",
    )


def collector_gets_nothing(repository: Repository) -> None:
    for name in ("okx", "bybit", "kraken"):
        repository.edit(
            f"funding/exchanges/{name}.py", "def parse(", "def parse(*_):\n    raise ValueError\n\n\ndef old_parse("
        )


HARMS = (
    syntax, missing_module, exits_at_start, never_ready, answers_500, bad_unit, too_tight_a_sandbox, migration_with_an_error,
    migration_that_breaks_the_queries, collector_crashes, collector_hangs, collector_gets_nothing,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _good_again(served: Host) -> Iterator[None]:
    good = served.repository.head
    yield
    served.repository.back_to(good)


def stands(host: Host, release: str) -> None:
    """It serves, alone, with data, and its collector collects."""
    assert (host.current, host.serving) == (release, [release])
    assert host.get("/api/funding/current?limit=1")[0] == 200
    assert host.show("funding-collector", "ActiveState") == "active"
    host.guest.until(
        "systemctl show -p StatusText --value funding-collector | grep -q '^cycle: 3 of 3'", "a good cycle"
    )


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_broken_release_never_takes_over(harm: Harm, served: Host) -> None:
    before = served.current
    harm(served.repository)
    served.repository.commit(harm.__name__)
    with served.load() as load:
        done = served.run("deploy.sh")
    assert done.returncode != 0, done.stdout
    assert load.failed == 0, f"{load}\n{done.stdout}"
    stands(served, before)
    assert "failed" in served.guest.sh("funding event").splitlines()[-1]


def test_an_upload_that_was_damaged_on_its_way_is_refused(served: Host) -> None:
    before = served.current
    served.repository.edit("deploy/deploy.sh", "send\n", "echo harm >>$artefact/COMMIT\nsend\n")
    served.repository.commit("damaged on its way")
    done = served.run("deploy.sh")
    assert done.returncode != 0
    assert "a file is not what was sent" in done.stdout
    stands(served, before)


def test_a_second_deploy_at_the_same_time_is_refused(served: Host) -> None:
    before = served.current
    served.guest.sh("systemd-run -q --unit=first flock /run/funding/deploy.lock sleep 60")
    served.repository.commit("second")
    done = served.run("deploy.sh")
    served.guest.sh("systemctl stop first")
    assert done.returncode != 0
    assert "another deploy is under way" in done.stdout
    stands(served, before)


STEPS = (
    "verify the files", "let the new release check itself", "back the database up", "migrate the database",
    "start the new API", "stop the old API", "ask the new API", "switch, and restart", "wait for a whole cycle",
)  # fmt: skip


def cut_short(host: Host, step: str, cut: Callable[[subprocess.Popen[str]], object]) -> None:
    """Deploys, and cuts it short when that step is announced."""
    process = host.start("deploy.sh")
    assert process.stdout is not None
    with process.stdout as lines:
        seen = next((line for line in lines if step in line), None)
        cut(process)
        rest = lines.read()
    process.wait(120)
    assert seen, rest


def settled(host: Host) -> None:
    """Nobody holds the lock any more."""
    host.guest.until("flock -n /run/funding/deploy.lock true", "the end of what runs there", 90)


@pytest.mark.parametrize("step", STEPS)
def test_a_deployer_that_is_killed_leaves_the_old_release_and_no_lock(step: str, served: Host) -> None:
    before = served.current
    served.repository.commit(f"killed at {step}")
    with served.load() as load:
        cut_short(served, step, lambda process: os.killpg(process.pid, signal.SIGKILL))
        settled(served)
    assert load.failed == 0, str(load)
    stands(served, before)


@pytest.mark.parametrize("step", STEPS)
def test_after_the_hosts_part_is_killed_something_serves_and_the_next_deploy_succeeds_unaided(
    step: str, served: Host
) -> None:
    served.repository.commit(f"killed at {step}")
    with served.load() as load:
        cut_short(served, step, lambda _: served.guest.sh("pkill -9 -f 'host.sh [s]witch'"))
        time.sleep(0.5)
        served.repository.commit("the next")
        served.do("deploy.sh")
    assert load.failed == 0, str(load)
    stands(served, served.current)
    assert served.current.endswith(served.repository.head[:10])


def test_a_rollback_crosses_a_migration_that_only_adds(served: Host) -> None:
    before = served.current
    (served.repository.path / "funding/store/schema/0900_more.sql").write_text(
        "CREATE TABLE more (x INTEGER) STRICT;\n"
    )
    served.repository.commit("more")
    with served.load() as load:
        served.do("deploy.sh")
        assert served.guest.sh("sqlite3 /var/lib/funding/funding.db 'SELECT schema FROM schema_number'") == "900"
        served.do("ctl.sh", "rollback")
    assert load.failed == 0
    stands(served, before)
