"""The door: TLS, who a client is, and what slow or numerous ones can do. Behind nginx, behind caddy, and without either."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.conftest import DOMAIN, Host

GUEST, PROXY = 13, "nginx"
DRIPPING = 400


@pytest.fixture(params=["nginx", "caddy", "none"], scope="module")
def door(request: pytest.FixtureRequest, host: Host) -> Iterator[Host]:
    """The same machine provisioned anew for each: what was there before must not stand in the way."""
    host.proxy = request.param
    host.provision()
    if host.guest.try_("test -e /opt/funding/current").returncode != 0:
        host.do("deploy.sh")
    host.guest.until("systemctl is-active -q 'funding-api@*' funding-api.socket", "the API")
    yield host


def test_the_rates_come_through_the_door(door: Host) -> None:
    status, headers, body = door.get("/api/funding/current?limit=2")
    assert (status, '"count":2' in body.replace(" ", "")) == (200, True)
    assert ("strict-transport-security" in headers) == (door.proxy != "none")
    packed = door.get("/api/funding/current", **{"Accept-Encoding": "identity"})
    assert len(packed[2]) > 10_000
    assert door.get("/api/funding/nothing")[0] == 404


def test_a_deploy_goes_through_it_without_a_failed_request(door: Host) -> None:
    with door.load() as load:
        door.repository.commit(f"through {door.proxy}")
        door.do("deploy.sh")
    assert load.failed == 0, str(load)


def test_a_restart_of_the_api_is_not_noticed(door: Host) -> None:
    with door.load() as load:
        for _ in range(3):
            door.guest.sh(f"systemctl restart {door.api}")
    assert load.failed == 0, str(load)


def test_what_a_client_claims_about_its_address_counts_for_nothing(door: Host) -> None:
    """The limit on clients is per address: with each request claiming another, it must be reached all the same."""
    door.guest.sh("sed -i 's/^limit_free.*/limit_free = 5/' /etc/funding/config.toml")
    door.guest.sh(f"systemctl restart {door.api}")
    try:
        statuses = [
            door.get("/api/health", **{"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"})[0]
            for number in range(12)
        ]
        ours = door.guest.try_(f"curl -s -k -o /dev/null -w '%{{http_code}}' {local(door)}/api/health").stdout
    finally:
        door.guest.sh("sed -i 's/^limit_free.*/limit_free = 0/' /etc/funding/config.toml")
        door.guest.sh(f"systemctl restart {door.api}")
    assert statuses.count(429) >= 5, statuses
    assert ours == "200"  # another address is another client: the proxy said who asked


def local(door: Host) -> str:
    return "http://127.0.0.1:8083" if door.proxy == "none" else f"--resolve {DOMAIN}:443:127.0.0.1 https://{DOMAIN}"


def test_400_clients_that_drip_their_headers_do_not_keep_others_waiting(door: Host) -> None:
    if door.proxy == "none":
        pytest.skip("without a proxy they do: that is why there is one (deploy/README.md)")
    address, context, _ = door.door
    assert context is not None
    begin = f"GET /livez HTTP/1.1\r\nHost: {DOMAIN}\r\n".encode()
    with ExitStack() as held:
        slow = [held.enter_context(dripping(address, context)) for _ in range(DRIPPING)]
        for one in slow:
            one.sendall(begin)
        waits = []
        for _ in range(5):
            begun = time.monotonic()
            assert door.guest.sh(f"curl -s -k {local(door)}/livez") == "ok"
            waits.append(time.monotonic() - begun)
        time.sleep(6)
        closed = sum(is_closed(one) for one in slow)
    assert max(waits) < 2
    assert closed == DRIPPING


def dripping(address: tuple[str, int], context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(address, timeout=20), server_hostname=DOMAIN)


def is_closed(one: ssl.SSLSocket) -> bool:
    one.settimeout(0.05)
    try:
        while one.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_plain_http_leads_to_https(door: Host) -> None:
    if door.proxy == "none":
        pytest.skip("there is no TLS without a proxy")
    said = door.guest.sh(
        f"curl -s -o /dev/null -w '%{{http_code}} %{{redirect_url}}' -H 'Host: {DOMAIN}' http://127.0.0.1/x"
    )
    assert said.split()[0] in ("301", "308")
    assert said.split()[1].startswith(f"https://{DOMAIN}/x")


def test_nobody_but_the_proxy_can_reach_the_socket(door: Host) -> None:
    if door.proxy == "none":
        pytest.skip("the door is a port")
    for user, reaches in (("nobody", False), ({"nginx": "www-data", "caddy": "caddy"}[door.proxy], True)):
        asked = f"runuser -u {user} -- curl -s -m 5 --unix-socket /run/funding-api.sock http://x/livez"
        assert (door.guest.try_(asked).returncode == 0) == reaches
