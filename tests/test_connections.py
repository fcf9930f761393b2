"""How connections are opened, kept and ended, over real sockets and real TLS, to servers that behave and that do not."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trustme

from funding.connections import LOOKUPS, Limits, Names
from funding.errors import FetchError
from funding.message import Request
from tests.fetching import SHORT, failure, fetching, get, no_proxies, told  # noqa: F401
from tests.servers import Answer, Seen, Server, authority, in_turn, self_signed_tls, server_tls

# Connections


def test_requests_in_a_row_share_one_connection():
    with Server({"/": Answer(), "/none": Answer(404)}) as server, fetching() as fetcher:
        for path in ("/", "/none", "/", "/"):
            fetcher.fetch(Request("GET", server.url + path))
    assert (server.connections, len(server.seen)) == (1, 4)


def test_threads_share_connections_and_never_an_answer():
    with Server({"/": lambda seen: Answer(body=seen.target.encode())}) as server, fetching() as fetcher:
        urls = [f"{server.url}/?{number}" for number in range(60)]
        with ThreadPoolExecutor(4) as threads:
            replies = list(threads.map(lambda url: fetcher.fetch(Request("GET", url)), urls))
    assert [reply.body.decode() for reply in replies] == [f"/?{number}" for number in range(60)]
    assert server.connections <= 4


def test_the_connection_that_was_used_last_is_used_next():
    together = threading.Barrier(2)

    def both(seen: Seen) -> Answer:
        together.wait(10)
        return Answer()

    with Server({"/both": both, "/": Answer()}) as server, fetching() as fetcher:
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda _: fetcher.fetch(Request("GET", server.url + "/both")), range(2)))
        for _ in range(3):
            fetcher.fetch(Request("GET", server.url + "/"))
        assert server.connections == 2
        assert len({seen.connection for seen in server.seen if seen.target == "/"}) == 1


def test_a_host_that_is_left_to_rest_has_no_idle_connection_and_a_new_one_when_it_is_asked_again():
    with Server({"/": Answer()}) as server, fetching() as fetcher:
        request = Request("GET", server.url + "/")
        fetcher.fetch(request)
        fetcher.rest(["other.example"])
        fetcher.fetch(request)
        assert server.connections == 1
        fetcher.rest([request.host])
        fetcher.fetch(request)
        assert server.connections == 2


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_once():
    with Server({"/": in_turn(Answer(hang_up=True), Answer(body=b"second"))}) as server, fetching() as fetcher:
        calls = []
        for _ in range(2):
            reply = fetcher.fetch(Request("GET", server.url), lambda: calls.append(1))
        assert (reply.body, server.connections, len(server.seen), len(calls)) == (b"second", 2, 2, 2)


def test_a_kept_connection_that_fails_within_the_answer_is_not_tried_again():
    with Server({"/": in_turn(Answer(), Answer(raw=b"HTTP/1.1 200 OK\r\nConte"))}) as server, fetching() as fetcher:
        fetcher.fetch(Request("GET", server.url))
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(Request("GET", server.url))
        assert told(caught.value) == ("reset", f"{server.host} closed the connection in the middle of the answer")
        assert len(server.seen) == 2


def test_a_fresh_connection_that_fails_is_not_tried_again():
    with Server({"/": Answer(reset=True)}) as server:
        error = failure(server.url)
        assert told(error) == ("reset", f"{server.host}: closed the connection without an answer")
        assert len(server.seen) == 1


def test_a_kept_connection_that_stays_silent_is_not_tried_again():
    script = in_turn(Answer(), Answer(delay=30))
    with Server({"/": script}) as server, fetching(limits=SHORT) as fetcher:
        fetcher.fetch(Request("GET", server.url))
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(Request("GET", server.url))
        assert (caught.value.kind, len(server.seen)) == ("timeout", 2)


def test_a_connection_is_not_kept_where_the_server_says_so():
    with Server({"/": Answer(headers={"Connection": "close"})}) as server, fetching() as fetcher:
        for _ in range(2):
            fetcher.fetch(Request("GET", server.url))
    assert server.connections == 2


def test_a_connection_that_was_idle_too_long_is_not_used():
    with Server({"/": Answer()}) as server, fetching(limits=Limits(idle_seconds=0.1)) as fetcher:
        fetcher.fetch(Request("GET", server.url))
        time.sleep(0.3)
        fetcher.fetch(Request("GET", server.url))
    assert server.connections == 2


def test_a_connection_that_idled_while_its_turn_was_waited_for_is_replaced_without_another_turn():
    turns = []

    def ready() -> None:
        turns.append(1)
        time.sleep(0.3)

    with Server({"/": Answer()}) as server, fetching(limits=Limits(idle_seconds=0.1)) as fetcher:
        assert fetcher.fetch(Request("GET", server.url), ready).status == 200
    assert (server.connections, len(turns)) == (2, 1)


def test_closing_ends_what_is_under_way():
    with Server({"/": Answer(delay=30)}) as server, fetching() as fetcher:
        threading.Timer(0.2, fetcher.close).start()
        for _ in range(2):  # the second is not even begun
            with pytest.raises(FetchError, match="this program is stopping") as caught:
                fetcher.fetch(Request("GET", server.url))
            assert (caught.value.kind, caught.value.retryable) == ("reset", False)
        assert len(server.seen) == 1


# Deadlines and sizes


def test_a_server_that_never_answers_is_given_up():
    with Server({"/": Answer(delay=30)}) as server:
        assert told(failure(server.url, limits=SHORT)) == ("timeout", f"{server.host}: no whole answer within 0.3 s")


@pytest.mark.parametrize("headers", [{}, {"X-Long": "x" * 1000}], ids=["body", "header"])
def test_a_drip_that_outlives_every_socket_timeout_is_cut_off(headers):
    with Server({"/": Answer(headers=headers, body=b" " * 1000, drip=0.02)}) as server:
        assert told(failure(server.url, limits=SHORT)) == ("timeout", f"{server.host}: no whole answer within 0.3 s")


def test_a_dripped_body_without_a_length_does_not_pass_for_whole():
    def drip() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            time.sleep(0.02)
            yield b"1"

    with Server({"/": Answer(raw=drip())}) as server:
        assert failure(server.url, limits=SHORT).kind == "timeout"


# Getting there


def test_a_name_that_does_not_resolve_is_a_dns_error():
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    error = failure("https://venue.example/", getaddrinfo=unknown)
    assert told(error) == ("dns", "venue.example: the name does not resolve: Name or service not known")


def test_a_resolver_that_hangs_is_not_waited_for():
    release = threading.Event()
    lookups = []

    def hang(*_: Any, **__: Any) -> Any:
        lookups.append(1)
        release.wait(30)
        return []

    with fetching(getaddrinfo=hang, limits=Limits(connect_seconds=0.1)) as fetcher:
        for _ in range(3):  # the same look-up serves all that ask for the name
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(Request("GET", "https://venue.example/"))
            assert caught.value.kind == "dns"
    release.set()
    assert len(lookups) == 1


def test_a_dead_resolver_does_not_gather_threads_without_end():
    release = threading.Event()
    names = Names(lambda *_, **__: [release.wait(30)])
    words = []
    for number in range(LOOKUPS + 1):
        with pytest.raises(FetchError) as caught:
            names.addresses(f"{number}.example", 443, 0.001)
        words.append(caught.value.words)
    release.set()
    assert words[0] == "0.example: the name was not resolved within 0.001 s"
    assert words[-1] == f"{LOOKUPS}.example: not looked up, {LOOKUPS} other names are still waiting"


def test_closing_ends_the_wait_for_a_name():
    release = threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        release.wait(100)
        return []

    with fetching(getaddrinfo=hang, limits=Limits(connect_seconds=100)) as fetcher:
        threading.Timer(0.1, fetcher.close).start()
        with pytest.raises(FetchError, match="this program is stopping"):
            fetcher.fetch(Request("GET", "https://venue.example/"))
    release.set()


def test_a_refused_connection_is_a_connect_error():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert told(failure(f"https://localhost:{port}/")) == ("connect", f"localhost:{port}: refused the connection")


def test_the_second_address_is_tried_where_the_first_is_dead():
    def two(name: str, port: int, **rest: Any) -> Any:
        return [*socket.getaddrinfo("127.0.0.2", port, **rest), *socket.getaddrinfo("127.0.0.1", port, **rest)]

    with Server({"/": Answer()}) as server:
        assert get(server.url, getaddrinfo=two).status == 200


def test_an_address_that_swallows_everything_leaves_time_for_the_next_one():
    def two(name: str, port: int, **rest: Any) -> Any:
        return [*socket.getaddrinfo("127.0.0.2", port, **rest), *socket.getaddrinfo("127.0.0.1", port, **rest)]

    with Server({"/": Answer()}) as server, contextlib.ExitStack() as opened:
        full = opened.enter_context(socket.socket())
        full.bind(("127.0.0.2", server.port))
        full.listen(0)
        for _ in range(4):  # until its queue is full and the kernel drops what comes
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.2", server.port))
        assert get(server.url, getaddrinfo=two, limits=Limits(connect_seconds=1)).status == 200


def test_a_name_is_looked_up_for_every_new_connection():
    lookups = []

    def count(name: str, port: int, **rest: Any) -> Any:
        lookups.append(name)
        return socket.getaddrinfo("127.0.0.1", port, **rest)

    with Server({"/": Answer(close=True)}) as server, fetching(getaddrinfo=count) as fetcher:
        for _ in range(2):
            fetcher.fetch(Request("GET", server.url))
    assert lookups == ["localhost", "localhost"]


def test_a_handshake_that_hangs_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"localhost:{silent.getsockname()[1]}"
        assert told(failure(f"https://{host}/", limits=SHORT)) == ("timeout", f"{host}: no connection within 0.3 s")


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (lambda: server_tls("localhost", expired=True), "its certificate is not accepted: expired"),
        (lambda: server_tls("other.example"), "its certificate is not accepted: made out for another host"),
        (self_signed_tls, "its certificate is not accepted: self-signed"),
        (
            lambda: server_tls("localhost", ca=trustme.CA()),
            "its certificate is not accepted: signed by an unknown authority",
        ),
    ],
    ids=["expired", "wrong host", "self-signed", "unknown authority"],
)
def test_a_server_that_cannot_prove_itself_is_refused_in_words(tls, words):
    with Server({"/": Answer()}, tls()) as server:
        error = failure(server.url.replace("http:", "https:"))
        assert told(error) == ("tls", f"{server.host}: {words}")
        assert server.seen == []


def test_a_server_that_speaks_no_tls_is_refused_in_words():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as client:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                client.recv(10_000)

        threading.Thread(target=answer, daemon=True).start()
        host = f"localhost:{listener.getsockname()[1]}"
        assert told(failure(f"https://{host}/")) == ("tls", f"{host}: TLS failed: wrong version number")


def test_ssl_cert_file_names_the_authorities(monkeypatch, tmp_path):
    authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Server({"/": Answer()}) as server:
        assert failure(server.url, tls=None).kind == "tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert get(server.url, tls=None).status == 200
