"""Who sent a request, as far as its address tells: what requests are counted by."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

from funding.api.context import FREE

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

MOST_HOPS = 16  # of X-Forwarded-For that are looked at, from the right
NETWORK_BYTES = 8  # of an IPv6 address: whoever has one, has all of its /64
UNKNOWN = b"?"  # all that come through a socket that tells no address, and no proxy that does


class Client(NamedTuple):
    """`tier` is one of context's; `key` has a length of its own for each kind, so that none passes for another."""

    key: bytes
    tier: str


def client_of(environ: Mapping[str, Any], trusted_proxies: Networks) -> Client:
    """Who is asking. Keys will be read here: a request with one is counted by it, in its tier."""
    address = sender_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return Client(UNKNOWN if address is None else _key_of(address), FREE)


def sender_of(peer: str, forwarded_for: str, trusted_proxies: Networks) -> Address | None:
    """The peer, unless it is a trusted proxy: then the last hop before it, from the right, that is none.

    A peer without an address is at the other end of a UNIX socket, which only our own proxy may open. A hop that is no
    address ends the search: what a proxy of ours wrote is one, so a client may have written the rest.
    """
    sender = _address(peer)
    if not forwarded_for or not (sender is None or _is_trusted(sender, trusted_proxies)):
        return sender
    for hop in reversed(forwarded_for.rsplit(",", MOST_HOPS)):
        address = _address(hop.strip())
        if address is None:
            return sender
        sender = address
        if not _is_trusted(address, trusted_proxies):
            return sender
    return sender


@lru_cache(1024)
def _address(text: str) -> Address | None:
    """An IPv4 address inside IPv6 is that IPv4 address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address, trusted_proxies: Networks) -> bool:
    return any(address in network for network in trusted_proxies)


def _key_of(address: Address) -> bytes:
    return address.packed if isinstance(address, IPv4Address) else address.packed[:NETWORK_BYTES]
