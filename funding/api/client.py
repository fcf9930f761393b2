"""Who sent a request, by its key, else as far as its address tells: what requests are counted by."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

from funding import keys
from funding.api.context import FREE
from funding.api.database import Database
from funding.api.problems import ProblemError
from funding.store.keys import tier_of

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

MOST_HOPS = 16  # of X-Forwarded-For that are looked at, from the right
NETWORK_BYTES = 8  # of an IPv6 address: whoever has one, has all of its /64
UNKNOWN = b"?"  # all that come through a socket that tells no address, and no proxy that does
BEARER = "bearer"
CHALLENGE = ("WWW-Authenticate", 'Bearer realm="Funding Finder", error="invalid_token"')


class Client(NamedTuple):
    """`tier` is one of context's; `key` has a length of its own for each kind, so that none passes for another."""

    key: bytes
    tier: str


def client_of(environ: Mapping[str, Any], trusted_proxies: Networks) -> Client:
    """Who is asking, by its address alone."""
    address = sender_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return Client(UNKNOWN if address is None else _key_of(address), FREE)


def holder_of(environ: Mapping[str, Any], database: Database) -> Client | None:
    """Who is asking, by the key that was sent; None where none was.

    Looked up each time, so that a revocation holds at once. Raises ProblemError: 401, in the same words for whatever is
    wrong with a key; 400 for two different ones; 503 where it cannot be looked up.
    """
    key = key_in(environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_X_API_KEY"))
    if key is None:
        return None
    if not keys.is_well_formed(key):
        raise _unauthorized()
    digest = keys.digest(key)
    with database.reading() as reading:
        found = tier_of(reading.connection, digest)
    if found is None:
        raise _unauthorized()
    return Client(digest, found[1])


def key_in(authorization: str | None, x_api_key: str | None) -> str | None:
    """The key of these two headers. Another scheme than Bearer is a wrong key. Raises ProblemError (400, 401)."""
    given = {x_api_key.strip()} if x_api_key is not None else set()
    if authorization is not None:
        scheme, _, credentials = authorization.strip().partition(" ")
        if scheme.lower() != BEARER:
            raise _unauthorized()
        given.add(credentials.strip())
    if len(given) > 1:
        raise ProblemError(400, "Authorization and X-API-Key hold different keys; one of them is enough.")
    return given.pop() if given else None


def _unauthorized() -> ProblemError:
    words = "This is no valid API key: it is mistyped, unknown or revoked. Without a key the free limit holds."
    return ProblemError(401, words, headers=[CHALLENGE])


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
