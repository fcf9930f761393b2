"""What happens to a machine that serves: crashes, hangs, restarts, power cuts, full and broken disks; backups and their use."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import Host
from tests.e2e.guest import SmallDisk

GUEST, PROXY = 14, "nginx"
DATABASE = "/var/lib/funding/funding.db"


def data(host: Host) -> tuple[int, int]:
    """Status, and how many rates are served."""
    status, _, body = host.get("/api/funding/current")
    return status, json.loads(body).get("count", 0) if status == 200 else 0


def fresh(host: Host, seconds: float = 60) -> None:
    """Rates are served, and the collector goes on bringing new ones."""
    deadline = time.monotonic() + seconds
    while True:
        status, _, body = host.get("/api/health")
        if status == 200 and json.loads(body)["data_age_seconds"] <= 3 * host.interval:
            return
        assert time.monotonic() < deadline, f"no fresh data in {seconds} s: {status} {body:.300}"
        time.sleep(0.2)


def events(host: Host) -> list[str]:
    return host.guest.sh("funding event").splitlines()[1:]


@pytest.fixture(autouse=True)
def _well_before_and_after(served: Host) -> Iterator[None]:
    fresh(served)
    yield
    fresh(served)


@pytest.mark.parametrize("unit", ["api", "collector"])
def test_killed_it_is_back_at_once_and_leaves_a_note(
    unit: str, served: Host, figure: Callable[[str, object], None]
) -> None:
    name = served.api if unit == "api" else "funding-collector.service"
    served.guest.sh("rm -f /run/funding/crash-*")
    noted = len(events(served))
    pid = served.show(name, "MainPID")
    with served.load() as load:
        begun = time.monotonic()
        served.guest.sh(f"kill -9 {pid}")
        served.guest.until(
            f'[ "$(systemctl show -p ActiveState,SubState --value {name} | tr "\\n" " ")" = "active running " ]'
            f' && [ "$(systemctl show -p MainPID --value {name})" != {pid} ]', "a restart", 20,
        )  # fmt: skip
        took = time.monotonic() - begun
    figure(f"kill -9 of the {unit}, back after", f"{took:.1f} s; meanwhile {load}")
    if unit == "collector":
        assert load.failed == 0
    else:
        # What was under way is lost, the rest waits in the socket's queue.
        assert sum(load.failures.values()) + load.answers[502] <= 2 * 8
    served.guest.until(f"funding event | tail -n +{noted + 2} | grep -q 'crash.*{name} ended: signal'", "a note")
    assert took < 15


def test_a_storm_of_crashes_is_one_note(served: Host) -> None:
    served.guest.sh("rm -f /run/funding/crash-*")
    noted = len(events(served))
    for _ in range(3):
        pid = served.show("funding-collector", "MainPID")
        served.guest.sh(f"kill -9 {pid}")
        served.guest.until(
            f"m=$(systemctl show -p MainPID --value funding-collector); [ $m != 0 ] && [ $m != {pid} ]", "a restart"
        )
    time.sleep(1)
    assert len([line for line in events(served)[noted:] if "crash" in line]) <= 1


def test_a_collector_that_hangs_is_restarted_by_the_watchdog(served: Host) -> None:
    served.guest.sh("rm -f /run/funding/crash-*")
    pid = served.show("funding-collector", "MainPID")
    served.guest.sh(f"kill -STOP {pid}")
    served.guest.until(
        f'm=$(systemctl show -p MainPID --value funding-collector); [ "$m" != 0 ] && [ "$m" != {pid} ]', "a restart", 75
    )
    served.guest.until("funding event | grep -q 'funding-collector.service ended: watchdog'", "a note")


def test_an_api_that_hangs_is_restarted_by_the_watchdog(served: Host) -> None:
    pid = served.show(served.api, "MainPID")
    served.guest.sh(f"kill -STOP {pid}")
    served.guest.until(
        f'm=$(systemctl show -p MainPID --value {served.api}); [ "$m" != 0 ] && [ "$m" != {pid} ]', "a restart", 60
    )


def test_the_api_reads_on_while_the_collector_is_stopped_and_even_starts_then(served: Host) -> None:
    served.guest.sh("systemctl stop funding-collector")
    assert data(served) == (200, 120)
    served.guest.sh(f"systemctl stop 'funding-api@*'; rm -f {DATABASE}-shm; systemctl start {served.api}")
    assert data(served) == (200, 120)
    served.guest.sh("systemctl start funding-collector")


def test_a_second_collector_is_refused(served: Host) -> None:
    done = served.guest.try_("funding collect --once")
    assert done.returncode == 75
    assert "another collector holds it" in done.stderr


def test_a_reboot_brings_everything_back(served: Host, figure: Callable[[str, object], None]) -> None:
    served.guest.power_off()
    took = served.guest.boot()
    begun = time.monotonic()
    fresh(served)
    figure(
        "reboot", f"{took:.1f} s until the units are started, {time.monotonic() - begun:.1f} s more until fresh rates"
    )
    assert served.serving == [served.current]


def test_a_machine_that_drops_dead_comes_back_with_a_sound_database(served: Host) -> None:
    for _ in range(3):
        served.guest.drop_dead()
        served.guest.boot()
        fresh(served)
        assert served.guest.sh("funding db check 2>&1").endswith("sound")


@pytest.fixture(scope="module")
def small_disk(served: Host) -> Iterator[SmallDisk]:
    """The database on 60 MB of their own, which can be filled, and turned read-only under everybody at once."""
    guest = served.guest
    guest.power_off()
    with SmallDisk(guest.folder / "disk.img", guest.root / "var/lib/funding", 60) as disk:
        guest.boot()
        yield disk
        guest.power_off()
    guest.boot()


def test_a_full_disk_costs_nothing_but_the_new_rates_and_it_goes_on_by_itself(
    served: Host, small_disk: SmallDisk
) -> None:
    served.guest.sh(
        "systemctl stop funding-collector 'funding-api@*'"
    )  # a WAL that had grown would go on without new space
    served.guest.sh(f"runuser -u funding-collector -- sqlite3 {DATABASE} 'PRAGMA wal_checkpoint(TRUNCATE)'")
    served.do("ctl.sh", "start")
    fresh(served)
    restarts = served.show("funding-collector", "NRestarts")
    served.guest.sh("dd if=/dev/zero of=/var/lib/funding/full bs=64k 2>/dev/null; true")
    served.guest.until(
        "journalctl -u funding-collector --since=-30s -o cat | grep -q 'the disk is full'", "words of it"
    )
    assert data(served) == (200, 120)
    assert served.show("funding-collector", "ActiveState") == "active"
    served.guest.sh("rm /var/lib/funding/full")
    fresh(served)
    assert served.show("funding-collector", "NRestarts") == restarts


def test_a_disk_that_turns_read_only_costs_nothing_but_the_new_rates(served: Host, small_disk: SmallDisk) -> None:
    restarts = served.show("funding-collector", "NRestarts")
    small_disk.turn_read_only()
    served.guest.until("journalctl -u funding-collector --since=-10s -o cat | grep -q 'not stored'", "words of it")
    assert data(served) == (200, 120)
    assert served.show("funding-collector", "ActiveState") == "active"
    assert served.show("funding-collector", "NRestarts") == restarts
    served.guest.power_off()
    small_disk.mend()
    served.guest.boot()


def test_a_backup_is_made_checked_and_restored(served: Host, figure: Callable[[str, object], None]) -> None:
    begun = time.monotonic()
    figure("backup", f"{served.do('ctl.sh', 'backup').splitlines()[-1]}, {time.monotonic() - begun:.1f} s")
    served.guest.sh("systemctl start funding-restore-check.service")
    newest = served.guest.sh("ls /var/backups/funding/*.db.gz | tail -n 1")
    served.guest.sh("funding event note 'after the backup'")
    with served.load() as load:
        begun = time.monotonic()
        said = served.do("ctl.sh", "restore")
        figure("restore, collector stopped and started again", f"{time.monotonic() - begun:.1f} s; meanwhile {load}")
    assert newest in said
    assert load.failed == 0
    assert not [line for line in events(served) if "after the backup" in line]
    assert served.guest.sh("stat -c '%U %G %a' /var/lib/funding/funding.db") == "funding-collector funding 640"


def test_the_collector_cannot_change_the_backups(served: Host) -> None:
    folder = "/var/backups/funding"
    assert served.guest.sh(f"stat -c '%U %G %a' {folder}") == "funding-backup funding 750"
    assert served.guest.try_(f"runuser -u funding-collector -- rm -f {folder}/funding-*").returncode != 0
    assert served.guest.try_(f"runuser -u funding-collector -- ls {folder}").returncode == 0


def test_the_timers_are_set(served: Host) -> None:
    listed = served.guest.sh("systemctl list-timers --no-legend --plain 'funding-*'")
    assert "funding-backup.timer" in listed
    assert "funding-restore-check.timer" in listed


@pytest.mark.parametrize(("place", "harm"), [("header", "bs=100 count=1"), ("middle", "bs=4096 seek=2 count=20")])
def test_a_damaged_database_is_replaced_by_the_newest_backup_and_said_loudly(
    place: str, harm: str, served: Host
) -> None:
    served.do("ctl.sh", "backup")
    served.guest.sh("systemctl stop funding-collector 'funding-api@*'")
    served.guest.sh(f"runuser -u funding-collector -- sqlite3 {DATABASE} 'PRAGMA wal_checkpoint(TRUNCATE)'")
    served.guest.sh(f"dd if=/dev/urandom of={DATABASE} conv=notrunc {harm} 2>/dev/null")
    served.guest.sh(f"systemctl start {served.api}")
    assert served.get("/api/funding/current")[0] == 503  # never served as good
    served.guest.sh("systemctl start funding-collector")
    fresh(served)
    time.sleep(1)  # each of the API's threads tries again after a second
    assert data(served) == (200, 120)
    assert [line for line in events(served) if "was damaged" in line], place
    served.guest.sh("journalctl -u funding-collector -o cat | grep -q 'CRITICAL.*was damaged'")
    served.guest.sh("ls -d /var/lib/funding/funding.db.damaged-* && rm -r /var/lib/funding/funding.db.damaged-*")


def test_a_wal_that_was_deleted_under_everybody_ends_with_a_sound_database(served: Host) -> None:
    served.guest.sh(f"systemctl kill -s KILL funding-collector; rm {DATABASE}-wal; systemctl restart {served.api}")
    fresh(served)
    assert served.guest.sh("funding db check 2>&1").endswith("sound")


def test_a_secret_is_handed_over_by_standard_input_and_read_by_the_unit_that_names_it_alone(served: Host) -> None:
    said = served.run("ctl.sh", "secret", given="s3cr3t-words", NAME="telegram_token")
    assert said.returncode == 0
    path = "/etc/funding/credentials/telegram_token"
    assert served.guest.sh(f"stat -c '%U %a' {path}; cat {path}").split() == ["root", "600", "s3cr3t-words"]
    unit = f"systemd-run -q --wait --pipe -p DynamicUser=yes -p LoadCredential=telegram_token:{path}"
    assert served.guest.sh(f"{unit} sh -c 'cat $CREDENTIALS_DIRECTORY/telegram_token'") == "s3cr3t-words"
    assert served.guest.try_("journalctl -q | grep -q s3cr3t-words").returncode != 0
    assert "s3cr3t" not in said.stdout


@pytest.mark.parametrize(
    ("unit", "may"),
    [
        ("funding-api@.service", ""),
        ("funding-collector.service", "inet,state"),
        ("funding-backup.service", "backups"),
        ("funding-restore-check.service", "backups"),
    ],
)
def test_no_escape_from_the_sandbox_succeeds(unit: str, may: str, served: Host) -> None:
    served.run("ctl.sh", "secret", given="s3cr3t-words", NAME="telegram_token")
    here = "/opt/funding/current/deploy"
    said = served.guest.sh(
        f"bash {here}/sandbox.sh {served.current} {unit} '/usr/bin/python3 -IB {here}/probe.py --may {may or 'nothing'}'"
    )
    assert "0 escaped" in said.splitlines()[-1], said


def test_without_a_sandbox_most_escapes_succeed_so_the_probe_can_tell(served: Host) -> None:
    done = served.guest.try_("/usr/bin/python3 -IB /opt/funding/current/deploy/probe.py")
    assert done.returncode == 1
    escaped = int(re.findall(r"(\d+) escaped", done.stdout)[-1])
    assert escaped >= 20, done.stdout


@pytest.mark.parametrize(("unit", "most"), [("api@.service", 0.5), ("collector.service", 1.5), ("backup.service", 0.5)])
def test_the_exposure_of_the_units_as_they_run_stays_low(
    unit: str, most: float, served: Host, figure: Callable[[str, object], None]
) -> None:
    name = served.api if unit.startswith("api") else f"funding-{unit}"
    said = served.guest.sh(f"systemd-analyze security --no-pager {name} | tail -n 1")
    exposure = float(re.findall(r"[\d.]+(?= [A-Z])", said)[-1])
    figure(f"exposure of funding-{unit}", exposure)
    assert exposure <= most
