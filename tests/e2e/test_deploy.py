"""From an empty machine to a served one, and from release to release while clients ask."""

import json
import re
from collections.abc import Callable

from tests.e2e.conftest import EXCHANGES, Host

GUEST, PROXY = 11, "nginx"


def test_an_empty_machine_is_provisioned_deployed_to_and_serves(host: Host) -> None:
    host.provision()
    said = host.do("deploy.sh")
    assert said.splitlines()[-1].endswith("serves")
    status, headers, body = host.get("/api/funding/current")
    assert status == 200
    assert {row["exchange"] for row in json.loads(body)["rows"]} == set(EXCHANGES)
    assert headers["strict-transport-security"]
    assert host.serving == [host.current]
    assert host.guest.sh("funding event").splitlines()[-1].endswith("complete")


def test_the_same_commit_twice_changes_nothing_and_restarts_nothing(host: Host) -> None:
    before = host.current, host.show(host.api, "MainPID"), host.show("funding-collector", "MainPID")
    assert "nothing to do" in host.do("deploy.sh")
    assert (host.current, host.show(host.api, "MainPID"), host.show("funding-collector", "MainPID")) == before


def test_provisioning_twice_changes_nothing_that_is_at_work(host: Host) -> None:
    before = host.show(host.api, "MainPID"), host.show("funding-api.socket", "ActiveEnterTimestamp")
    host.provision()
    assert (host.show(host.api, "MainPID"), host.show("funding-api.socket", "ActiveEnterTimestamp")) == before


def test_a_dry_run_says_what_it_would_do_and_does_nothing(host: Host) -> None:
    before = host.guest.sh("ls /opt/funding/releases; systemctl show -p MainPID 'funding-*'")
    host.repository.commit("not to be deployed yet")
    said = host.do("deploy.sh", "--dry-run")
    assert "start the new API beside the old one" in said
    assert "would run there" in host.do("ctl.sh", "--dry-run", "restart")
    assert host.guest.sh("ls /opt/funding/releases; systemctl show -p MainPID 'funding-*'") == before


def test_releases_follow_each_other_under_load_without_a_failed_request(
    host: Host, figure: Callable[[str, object], None]
) -> None:
    with host.load() as load:
        for number in range(3):
            host.repository.commit(f"release {number}")
            host.do("deploy.sh")
            assert host.serving == [host.current]
    figure("3 deploys under load", load)
    assert load.failed == 0


def test_a_broken_release_never_serves_and_the_old_one_goes_on_under_load(
    host: Host, figure: Callable[[str, object], None]
) -> None:
    good, before = host.repository.head, host.current
    host.repository.edit("funding/api/health.py", '"ready\\n"', '"ready\\n" + 1')
    host.repository.commit("broken")
    with host.load() as load:
        done = host.run("deploy.sh")
    assert done.returncode != 0
    assert (host.current, host.serving) == (before, [before])
    figure("a broken release under load", load)
    assert load.failed == 0
    host.repository.back_to(good)


def test_a_rollback_goes_back_under_load_and_forth_again(host: Host) -> None:
    before = host.current
    with host.load() as load:
        host.do("ctl.sh", "rollback")
        assert host.current != before
        assert host.serving == [host.current]
        host.do("ctl.sh", "rollback")
    assert (host.current, load.failed) == (before, 0)


def test_a_restart_fails_no_request_and_a_stop_refuses_them(host: Host) -> None:
    with host.load() as load:
        for _ in range(3):
            host.do("ctl.sh", "restart")
    assert load.failed == 0
    host.do("ctl.sh", "stop")
    assert host.get("/livez")[0] == 502
    assert host.serving == []
    host.do("ctl.sh", "start")
    assert host.get("/livez")[0] == 200
    assert host.current in host.do("ctl.sh", "status")


def test_a_key_made_on_the_host_is_taken_by_the_api_until_it_is_revoked(host: Host) -> None:
    said = host.do("ctl.sh", "key", ARGS="create somebody")
    [key] = re.findall(r"\bff_\w+", said)
    status, headers, _ = host.get("/api/health", Authorization=f"Bearer {key}")
    assert (status, headers["x-ratelimit-limit"]) == (200, "600")
    assert host.get("/api/health", Authorization=f"Bearer {key[:-1]}")[0] == 401
    host.do("ctl.sh", "key", ARGS="revoke 1")
    assert host.get("/api/health", Authorization=f"Bearer {key}")[0] == 401


def test_a_user_with_sudo_deploys_as_well_as_root(host: Host) -> None:
    host.guest.sh("useradd -m -s /bin/bash admin; cp -r /root/.ssh /home/admin/; chown -R admin: /home/admin/.ssh")
    host.guest.put("/etc/sudoers.d/admin", "admin ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    host.repository.commit("by a user with sudo")
    host.do("deploy.sh", HOST=f"admin@{host.guest.address}")
    assert host.current.endswith(host.repository.head[:10])
    assert host.guest.sh(f"find /opt/funding/releases/{host.current} ! -user root").strip() == ""


def test_five_releases_are_kept(host: Host) -> None:
    kept = host.guest.sh("ls /opt/funding/releases").split()
    assert len(kept) <= 6
    assert host.current in kept


def test_what_happened_stands_in_the_journal_a_line_an_event(host: Host) -> None:
    lines = host.guest.sh("journalctl -q -o cat -u 'funding-*' --no-pager").splitlines()
    assert not [line for line in lines if line.startswith((" ", "Traceback"))]
