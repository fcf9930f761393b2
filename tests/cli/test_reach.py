"""How `funding doctor` looks at the exchanges' hosts, over real TLS."""

import socket
from typing import Any

from funding.adapter import load
from funding.cli.finding import Finding
from funding.cli.reach import Tour, Visit, reached
from funding.errors import FetchError
from tests.servers import Answer, Server, client_tls, server_tls

BYBIT, KRAKEN = "api.bybit.com", "futures.kraken.com"
DATE = {"Date": "Tue, 24 Nov 2026 10:00:00 GMT"}


def visits(**ports: int | None) -> dict[str, Visit]:
    """A tour of both exchanges, whose hosts are at these ports of this machine; None: the name does not resolve."""

    def resolve(name: str, port: int, **rest: Any) -> Any:
        found = ports["kraken" if name == KRAKEN else "bybit"]
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return socket.getaddrinfo("127.0.0.1", found, **rest)

    tour = Tour(None, client_tls(), getaddrinfo=resolve)
    try:
        found = tour.visit_all({name: load()[name] for name in ports}, lambda text: None)
    finally:
        tour.close()
    return {visit.host: visit for visit in found}


def test_a_host_that_answers_anything_can_be_reached_and_its_certificate_is_looked_at() -> None:
    with Server({"/": Answer(404, headers=DATE)}, tls=server_tls(BYBIT, KRAKEN)) as server:
        found = visits(bybit=server.port, kraken=server.port)
    for host in (BYBIT, KRAKEN):
        visit = found[host]
        assert (visit.error, visit.clock is not None) == (None, True)
        assert visit.certificate_days is not None
        assert visit.certificate_days > 30
    [finding] = reached(list(found.values()), None)
    assert (finding.level, finding.check) == ("ok", "exchanges")
    assert finding.words.startswith("2 of 2 hosts answer, the slowest ")
    assert "; their certificates are good for " in finding.words


def test_a_redirect_or_too_long_a_page_is_an_answer() -> None:
    with Server({"/": Answer(302, headers={"Location": "https://elsewhere.example/"})}, tls=server_tls(BYBIT)) as one:
        assert visits(bybit=one.port)[BYBIT].error is None
        one.script["/"] = Answer(body=b" " * 100_000)
        assert visits(bybit=one.port)[BYBIT].error is None


def test_what_is_wrong_with_a_host_is_said_with_what_to_do() -> None:
    with Server(tls=server_tls(KRAKEN, expired=True)) as expired:
        found = visits(bybit=None, kraken=expired.port)
    assert reached(list(found.values()), None) == [
        Finding(
            "exchanges",
            "fail",
            "bybit: api.bybit.com: the name does not resolve: Name or service not known",
            "is there a network, and a name server in /etc/resolv.conf?",
            elsewhere=True,
        ),
        Finding(
            "exchanges",
            "fail",
            "kraken: futures.kraken.com: its certificate is not accepted: expired",
            "if something inspects your traffic, give its authority in SSL_CERT_FILE; else it is theirs to mend",
            elsewhere=True,
        ),
    ]


def test_many_hosts_of_one_fault_are_one_line() -> None:
    failed = [Visit(f"h{n}.example", ("x",), 0.1, FetchError("timeout", f"h{n}.example: no answer")) for n in range(9)]
    well = Visit("good.example", ("y",), 0.2, certificate_days=80.0)
    first, second = reached([*failed, well], None)
    assert first.words.startswith("1 of 10 hosts answer, the slowest good.example in 0.2 s")
    assert second.words == (
        "9 hosts cannot be reached (timeout). h0.example: no answer; also h1.example, h2.example, h3.example, h4.example,"
        " h5.example and 3 others"
    )


def test_a_certificate_that_ends_soon_is_a_warning() -> None:
    warning = reached([Visit("good.example", ("y",), 0.2, certificate_days=1.26)], None)[1]
    assert (warning.level, warning.words) == ("warn", "good.example: its certificate ends in 1.3 days")
