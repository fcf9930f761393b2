"""The checks of `funding doctor` that go to the exchanges: name, TLS and one small answer of every host, and their clocks."""

import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import count
from statistics import median
from typing import Any

from funding.adapter import Exchange
from funding.cli.finding import FAIL, OK, WARN, Finding
from funding.connections import Limits
from funding.errors import FetchError
from funding.fanout import fanout
from funding.fetch import Fetcher, default_tls
from funding.message import Reply, Request

SHORT = Limits(connect_seconds=3, answer_seconds=3, body_bytes=65_536)
TOGETHER = 64  # hosts: as many names as the fetcher looks up at a time
UNREACHABLE = ("dns", "connect", "tls", "timeout", "reset")  # whoever answers anything else can be reached
SOON_DAYS = 3
DAY = 86_400
WELL_SECONDS, BADLY_SECONDS = 2, 30
LINES = 5  # hosts of one fault that get a line each
REMEDIES = {
    "dns": "is there a network, and a name server in /etc/resolv.conf?",
    "connect": "does a firewall, or a proxy of HTTPS_PROXY, stand in the way?",
    "timeout": "does a firewall, or a proxy of HTTPS_PROXY, stand in the way?",
    "reset": "does a firewall, or a proxy of HTTPS_PROXY, stand in the way?",
    "tls": "if something inspects your traffic, give its authority in SSL_CERT_FILE; else it is theirs to mend",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One host. `clock`: how far this machine's clock is ahead of its; `certificate_days`: how long that is good."""

    host: str
    exchanges: tuple[str, ...]
    seconds: float
    error: FetchError | None = None
    clock: float | None = None
    certificate_days: float | None = None

    def json(self) -> dict[str, Any]:
        days = None if self.certificate_days is None else round(self.certificate_days, 1)
        return {
            "host": self.host,
            "exchanges": list(self.exchanges),
            "ok": self.error is None,
            "error_kind": self.error and self.error.kind,
            "error": self.error and self.error.words,
            "seconds": round(self.seconds, 3),
            "certificate_days": days,
        }


class Tour:
    """Visits hosts. `close()` from any thread or a signal ends it."""

    def __init__(self, upstream: str | None, tls: ssl.SSLContext | None = None, **options: Any) -> None:
        self._upstream = upstream
        self._expires: dict[str, float] = {}
        noted = noting(tls or default_tls(), self._expires)
        self._fetcher = Fetcher(upstream, limits=SHORT, tls=noted, **options)
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self._fetcher.close()

    def visit_all(self, exchanges: Mapping[str, Exchange], show: Callable[[str], None]) -> list[Visit]:
        """Every host of the exchanges, side by side; of an upstream, which stands for all of them, one."""
        hosts: defaultdict[str, list[str]] = defaultdict(list)
        for name, exchange in exchanges.items():
            for host in exchange.hosts:
                hosts[host].append(name)
        wanted = sorted(hosts)[:1] if self._upstream else sorted(hosts)
        numbers = count(1)

        def visit(host: str) -> Visit:
            found = self.visit(host, tuple(hosts[host]))
            show(f"{next(numbers)} of {len(wanted)} hosts")
            return found

        return [one for _, one in fanout(wanted, visit, TOGETHER, "doctor").results]

    def visit(self, host: str, exchanges: tuple[str, ...] = ()) -> Visit:
        begun, started = time.monotonic(), time.time()
        error, clock = None, None
        try:
            clock = ahead(self._fetcher.fetch(Request("GET", f"https://{host}/")), started)
        except FetchError as found:
            error = found if found.kind in UNREACHABLE else None
        expires = self._expires.get(host.partition(":")[0])
        days = None if expires is None else (expires - time.time()) / DAY
        return Visit(host, exchanges, time.monotonic() - begun, error, clock, days)


def noting(context: ssl.SSLContext, expires: dict[str, float]) -> ssl.SSLContext:
    """The same context; when the certificate of each host ends, Unix seconds, is put into `expires`."""

    class Noting(ssl.SSLSocket):  # ssl asks for a class
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            certificate = self.getpeercert() or {}
            if self.server_hostname and "notAfter" in certificate:
                expires[self.server_hostname] = ssl.cert_time_to_seconds(str(certificate["notAfter"]))

    context.sslsocket_class = Noting
    return context


def ahead(reply: Reply, started: float) -> float | None:
    """Seconds that this machine's clock is ahead of the sender's. Its stamp is cut to whole seconds, half of one on average."""
    try:
        theirs = parsedate_to_datetime(reply.headers["date"]).timestamp() + 0.5
    except (KeyError, ValueError):
        return None
    return (started + reply.at) / 2 - theirs


# Findings


def reached(visits: list[Visit], upstream: str | None) -> list[Finding]:
    """One for all that is well, then one for each host that is not, or for all of one fault where they are many."""
    failed: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.error:
            failed[visit.error.kind].append(visit)
    well = [visit for visit in visits if not visit.error]
    found = [_all_well(well, visits, upstream)] if well else []
    found += [finding for kind, those in sorted(failed.items()) for finding in _failures(kind, those, upstream)]
    return found + [_ends_soon(visit) for visit in well if (visit.certificate_days or SOON_DAYS) < SOON_DAYS]


def _all_well(well: list[Visit], visits: list[Visit], upstream: str | None) -> Finding:
    if upstream:
        return Finding("exchanges", OK, f"{upstream}, which stands for them, answers")
    days = min((visit.certificate_days for visit in well if visit.certificate_days is not None), default=None)
    until = "" if days is None else f"; their certificates are good for {days:.0f} days or more"
    slowest = max(well, key=lambda visit: visit.seconds)
    words = f"{len(well)} of {len(visits)} hosts answer, the slowest {slowest.host} in {slowest.seconds:.1f} s{until}"
    return Finding("exchanges", OK, words)


def _failures(kind: str, those: list[Visit], upstream: str | None) -> list[Finding]:
    if upstream:
        return [Finding("exchanges", FAIL, f"{those[0].error}", "is the upstream there?", elsewhere=True)]
    if len(those) <= LINES:
        return [
            Finding("exchanges", FAIL, f"{', '.join(one.exchanges)}: {one.error}", REMEDIES[kind], elsewhere=True)
            for one in those
        ]
    words = f"{len(those)} hosts cannot be reached ({kind}). {those[0].error}; also {_names(those[1:])}"
    return [Finding("exchanges", FAIL, words, REMEDIES[kind], elsewhere=True)]


def _names(visits: Iterable[Visit]) -> str:
    hosts = [visit.host for visit in visits]
    return ", ".join(hosts[:LINES]) + (f" and {len(hosts) - LINES} others" if len(hosts) > LINES else "")


def _ends_soon(visit: Visit) -> Finding:
    return Finding("exchanges", WARN, f"{visit.host}: its certificate ends in {visit.certificate_days:.1f} days")


def clock(visits: Iterable[Visit]) -> Finding:
    """This machine's against the middle one of theirs: one that is wrong changes nothing."""
    found = [visit.clock for visit in visits if visit.clock is not None]
    if not found:
        return Finding("clock", WARN, "not compared: no exchange says what time it is")
    off = median(found)
    level = OK if abs(off) <= WELL_SECONDS else WARN if abs(off) <= BADLY_SECONDS else FAIL
    than = "the exchanges'" if len(found) > 1 else "the other one"
    words = f"{abs(off):.1f} s {'ahead of' if off > 0 else 'behind'} {than}"
    todo = "" if level == OK else "turn time synchronisation on: timedatectl set-ntp true"
    return Finding("clock", level, words, todo)
