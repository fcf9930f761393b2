"""Whose address counts: the socket's, unless the peer is a proxy of ours."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.api.client import UNKNOWN, client_of, sender_of

PROXIES = (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
ATTACKER = "203.0.113.9"


def sender(peer: str, forwarded_for: str = "") -> str:
    return str(sender_of(peer, forwarded_for, PROXIES))


@pytest.mark.parametrize("forged", ["", "1.2.3.4", "1.2.3.4, 127.0.0.1", "::1", "garbage", ",", "127.0.0.1"])
def test_what_anyone_else_says_of_itself_is_not_believed(forged: str) -> None:
    assert sender(ATTACKER, forged) == ATTACKER
    assert str(sender_of("127.0.0.1", forged, ())) == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded_for", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7", "198.51.100.7"),  # the client wrote the first itself
        ("198.51.100.7, 10.1.2.3", "198.51.100.7"),  # through two of our proxies
        ("1.2.3.4, 198.51.100.7, 10.1.2.3,10.9.9.9", "198.51.100.7"),
        ("10.1.2.3, 10.9.9.9", "10.1.2.3"),  # all are ours: the farthest
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        (" \t198.51.100.7 ", "198.51.100.7"),
        ("", "127.0.0.1"),
        ("garbage", "127.0.0.1"),
        ("198.51.100.7, garbage", "127.0.0.1"),
        ("198.51.100.7, garbage, 10.1.2.3", "10.1.2.3"),
        ("198.51.100.7,", "127.0.0.1"),
        ("198.51.100.7:1234", "127.0.0.1"),
    ],
)
def test_of_what_a_trusted_proxy_forwards_the_last_hop_that_is_none_of_ours_counts(
    forwarded_for: str, expected: str
) -> None:
    assert sender("127.0.0.1", forwarded_for) == expected
    assert sender("::ffff:127.0.0.1", forwarded_for) == expected
    assert sender("fd00::1", forwarded_for) == expected.replace("127.0.0.1", "fd00::1")


def test_at_the_other_end_of_a_unix_socket_is_the_proxy() -> None:
    assert str(sender_of("localhost", "1.2.3.4, 198.51.100.7", ())) == "198.51.100.7"
    assert sender_of("localhost", "", ()) is None
    assert sender_of("", "garbage", ()) is None


def test_hops_beyond_the_sixteenth_are_not_looked_at() -> None:
    assert sender("127.0.0.1", "198.51.100.7" + ", 10.0.0.1" * 16) == "198.51.100.7"
    assert sender("127.0.0.1", "198.51.100.7" + ", 10.0.0.1" * 17) == "10.0.0.1"
    assert sender("127.0.0.1", ",".join(["10.0.0.1"] * 5000)) == "10.0.0.1"


def key(peer: str, forwarded_for: str = "") -> bytes:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded_for}
    return client_of(environ, PROXIES).key


def test_an_ipv4_address_is_a_client_and_an_ipv6_network_is() -> None:
    assert key("203.0.113.9") != key("203.0.113.10")
    assert key("203.0.113.9") == key("::ffff:203.0.113.9")
    assert key("2001:db8:0:1::1") == key("2001:db8:0:1:ffff:ffff:ffff:ffff")
    assert key("2001:db8:0:1::1") != key("2001:db8:0:2::1")
    assert key("fe80::1%eth0") == key("fe80::2%eth1")


def test_what_has_no_address_is_one_client() -> None:
    assert key("localhost") == key("") == UNKNOWN
    assert client_of({}, PROXIES).key == UNKNOWN


addresses = st.ip_addresses().map(str)


@given(peer=addresses, forwarded_for=st.lists(addresses | st.text(max_size=5), max_size=5).map(",".join))
def test_whoever_is_no_proxy_of_ours_is_counted_by_its_socket_whatever_it_sends(peer: str, forwarded_for: str) -> None:
    if not any(ip_address(peer) in network for network in PROXIES):
        assert key(peer, forwarded_for) == key(peer)


@given(peer=st.text(max_size=10), forwarded_for=st.text(max_size=50))
def test_nothing_that_is_sent_breaks_it(peer: str, forwarded_for: str) -> None:
    assert isinstance(key(peer, forwarded_for), bytes)
