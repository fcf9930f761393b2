"""Requests over real sockets and real TLS, to servers that behave and to servers that do not."""

import contextlib
import errno
import gzip
import itertools
import socket
import ssl
import threading
import time
import zlib
from pathlib import Path
from urllib.error import URLError

import pytest

from funding.errors import FetchError, SettingError
from funding.fetch import USER_AGENT, Fetcher, authorities_as_needed, translate
from funding.message import Request
from tests.fetching import failure, fetching, get, no_proxies, told  # noqa: F401
from tests.servers import Answer, Server, client_tls

ENDLESS = itertools.repeat(b"[" * 65_536)


# What goes out and comes back


def test_a_request_says_who_asks_and_what_it_takes():
    with Server({"/rates": Answer()}) as server:
        get(server.url + "/rates?symbol=BTC-USDT&limit=5#top")
    [seen] = server.seen
    assert (seen.method, seen.target, seen.body) == ("GET", "/rates?symbol=BTC-USDT&limit=5", b"")
    assert seen.headers == {
        "host": server.host,
        "user-agent": USER_AGENT,
        "accept": "application/json",
        "accept-encoding": "gzip",
    }
    assert USER_AGENT.endswith("(+https://github.com/funding-finder/funding-finder)")


def test_a_body_is_posted_as_json():
    with Server({"/info": Answer()}) as server, fetching() as fetcher:
        fetcher.fetch(Request("POST", server.url + "/info", b'{"type":"meta"}'))
    [seen] = server.seen
    assert (seen.method, seen.body) == ("POST", b'{"type":"meta"}')
    assert seen.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [200, 204, 400, 418, 429, 451, 500, 503])
def test_an_answer_of_any_status_is_a_reply(status):
    body = b"" if status == 204 else b'{"code":1}'
    with Server({"/": Answer(status, body, {"Retry-After": "7"})}) as server:
        before = time.time()
        reply = get(server.url)
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (status, body, "7")
    assert before <= reply.at <= time.time()


def test_gzip_and_chunks_are_undone():
    packed = gzip.compress(b'{"rows":[1,2,3]}')
    chunks = (packed[:9], packed[9:])
    with Server({"/": Answer(headers={"Content-Encoding": "gzip"}, chunks=chunks)}) as server:
        assert get(server.url).body == b'{"rows":[1,2,3]}'


def test_ready_is_called_once_with_the_connection_open_and_nothing_sent():
    with Server({"/": Answer()}) as server, fetching() as fetcher:
        seen_by_then = []

        def ready() -> None:
            while not server.connections:
                time.sleep(0.01)
            seen_by_then.append(len(server.seen))

        fetcher.fetch(Request("GET", server.url), ready)
    assert seen_by_then == [0]


def test_what_ready_raises_comes_out_and_nothing_is_sent():
    def refuse() -> None:
        raise FetchError("rate_limited", "not now")

    with Server({"/": Answer()}) as server, fetching() as fetcher:
        with pytest.raises(FetchError, match="not now"):
            fetcher.fetch(Request("GET", server.url), refuse)
        assert server.seen == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://venue.example/", "venue.example"),
        ("file:///etc/passwd", "no host"),
        ("https:///", "no host"),
        ("https://venue.example/a b", "venue.example"),
        ("https://venue.example/\u00e4", "venue.example"),
    ],
)
def test_only_https_addresses_are_asked(url, host):
    assert told(failure(url)) == ("connect", f"{host}: not an https address")


def test_an_endless_body_is_stopped_at_the_limit():
    with Server({"/": Answer(chunks=ENDLESS)}) as server:
        assert told(failure(server.url)) == ("too_big", f"{server.host} answers with more than 1000000 bytes")


def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(bytes(50_000_000))
    with Server({"/": Answer(headers={"Content-Encoding": "gzip"}, body=bomb)}) as server:
        assert failure(server.url).kind == "too_big"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(body=b"[1,2", length=100), "reset"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"), "reset"),
        (Answer(body=gzip.compress(b"[1,2,3]")[:-5], headers={"Content-Encoding": "gzip"}), "reset"),
        (Answer(body=b"not a gzip", headers={"Content-Encoding": "gzip"}), "not_json"),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.2p1\r\n"), "http"),
        (Answer(headers={"Content-Encoding": "br"}), "shape"),
    ],
    ids=["short body", "short headers", "short gzip", "damaged gzip", "not HTTP", "brotli"],
)
def test_an_answer_that_is_not_whole_is_an_error(answer, kind):
    with Server({"/": answer}) as server:
        error = failure(server.url)
    assert error.kind == kind
    assert server.host in error.words


# Redirects


def to(target: str) -> Answer:
    return Answer(302, headers={"Location": target})


def test_a_redirect_within_the_host_is_followed():
    with Server({"/old": to("/new?a=1"), "/new": Answer(body=b"new")}) as server:
        assert get(server.url + "/old").body == b"new"
    assert server.targets() == ["/old", "/new?a=1"]


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "http://localhost/", "file:///etc/passwd", "//elsewhere.example/", ""]
)
def test_a_redirect_anywhere_else_is_refused(target):
    with Server({"/": to(target)}) as server:
        error = failure(server.url + "/")
        assert (error.kind, error.retryable) == ("redirect", False)
        assert len(server.seen) == 1


def test_a_redirect_to_http_on_the_same_host_is_refused():
    with Server() as server:
        server.script["/"] = to(f"http://{server.host}/")
        error = failure(server.url)
    assert told(error) == ("redirect", f"{server.host} redirects to http://{server.host}: not followed")


def test_redirects_in_a_circle_end():
    with Server({"/a": to("/b"), "/b": to("/a")}) as server:
        assert failure(server.url + "/a").kind == "redirect"
        assert len(server.seen) == 4


def test_a_posted_body_is_not_sent_on():
    with Server({"/": to("/new")}) as server, fetching() as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch(Request("POST", server.url, b"{}"))
    assert caught.value.kind == "redirect"


# By way of others


@pytest.mark.parametrize("tls", [None, "localhost"], ids=["http", "https"])
def test_an_upstream_gets_every_request_under_the_real_host(tls):
    with Server({"/mirror/venue.example/v1/rates": Answer()}, tls) as server:
        get("https://venue.example/v1/rates?x=1", upstream=f"{server.url}/mirror/")
    [seen] = server.seen
    assert (seen.target, seen.headers["host"]) == ("/mirror/venue.example/v1/rates?x=1", server.host)


def test_connections_to_an_upstream_are_kept_by_the_real_host():
    with Server(tls=None) as server, fetching(server.url) as fetcher:
        for host in ("a.example", "b.example", "a.example"):
            fetcher.fetch(Request("GET", f"https://{host}/"))
    assert server.connections == 2


def test_an_error_of_an_upstream_names_both():
    with Server({"/venue.example/": Answer(reset=True)}, None) as server:
        error = failure("https://venue.example/", upstream=server.url)
    assert error.words == f"venue.example (through {server.host}): closed the connection without an answer"


class Proxy:
    """CONNECTs to where it was asked to, and remembers the heads of what it was asked."""

    def __init__(self, status: str = "200 Connection established") -> None:
        self.heads: list[bytes] = []
        self._status = status
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.heads.append(head)
        client.sendall(f"HTTP/1.1 {self._status}\r\nVia: test\r\n\r\n".encode())
        if self._status.startswith("200"):
            port = int(head.split()[1].rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port)) as server:
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()
        client.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_https_proxy_is_asked_for_a_tunnel_that_is_kept(monkeypatch):
    with Server({"/": Answer()}) as server, contextlib.closing(Proxy()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:p%40ss@{proxy.address}")
        with fetching() as fetcher:
            for _ in range(2):
                assert fetcher.fetch(Request("GET", server.url)).status == 200
        [head] = proxy.heads
        assert head.startswith(f"CONNECT {server.host} HTTP/1.1\r\n".encode())
        assert b"Proxy-Authorization: Basic dXNlcjpwQHNz\r\n" in head
        assert "proxy-authorization" not in server.seen[0].headers
        assert server.seen[0].headers["host"] == server.host


def test_no_proxy_names_hosts_that_are_reached_directly(monkeypatch):
    with Server({"/": Answer()}) as server, contextlib.closing(Proxy()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", "localhost")
        assert get(server.url).status == 200
        assert proxy.heads == []


def test_a_proxy_that_refuses_is_named(monkeypatch):
    with contextlib.closing(Proxy("403 Forbidden")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        error = failure("https://venue.example/")
    words = f"the proxy {proxy.address} does not let us to venue.example:443: 403"
    assert told(error) == ("connect", words)


def test_a_dead_proxy_is_named_without_its_password(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{port}")
    error = failure("https://venue.example/")
    assert told(error) == ("connect", f"venue.example (through 127.0.0.1:{port}): refused the connection")


def test_a_proxy_of_another_kind_is_refused_at_start(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(SettingError, match="HTTPS_PROXY"):
        Fetcher(tls=client_tls())


# Every exception as one


def unverified(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "path length constraint exceeded"
    return error


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}]")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (socket.gaierror(-3, "Temporary failure in name resolution"), "dns", "the name does not resolve: Temporary"),
        (UnicodeError("label empty or too long"), "dns", "not the name of a host: label empty or too long"),
        (ConnectionRefusedError(111, "Connection refused"), "connect", "refused the connection"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "connect", "no connection: No route to host"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "connect", "no connection: Network is unreachable"),
        (OSError(errno.EMFILE, "Too many open files"), "connect", "no connection, this process is out of file"),
        (unverified(10), "tls", "its certificate is not accepted: expired"),
        (unverified(25), "tls", "its certificate is not accepted: path length constraint exceeded"),
        (alert("SSLV3_ALERT_HANDSHAKE_FAILURE"), "tls", "TLS failed: sslv3 alert handshake failure"),
        (ssl.SSLEOFError(8, "EOF occurred"), "reset", "closed the connection in the middle of TLS"),
        (ssl.SSLZeroReturnError(6, "closed"), "reset", "closed the connection in the middle of TLS"),
        (TimeoutError("timed out"), "timeout", "timed out"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), "timeout", "Connection timed out"),
        (ConnectionResetError(104, "reset by peer"), "reset", "closed the connection without an answer"),
        (BrokenPipeError(32, "Broken pipe"), "reset", "closed the connection without an answer"),
        (zlib.error("Error -3"), "not_json", "the gzip is damaged: Error -3"),
        (URLError(ConnectionRefusedError()), "connect", "refused the connection"),
        (URLError("unknown url type: x"), "connect", "no connection: <urlopen error unknown url type: x>"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_exception_is_one_kind_with_words_that_name_the_host(error, kind, words):
    found = translate(error, "venue.example")
    assert found.kind == kind
    assert found.words.startswith(f"venue.example: {words}")


def test_what_is_already_ours_stays_as_it_is():
    error = FetchError("rate_limited", "slowly", retry_after=3)
    assert translate(error, "venue.example") is error


# Authorities


def verify_paths(folder: Path, bundle: str, chosen: str | None = None) -> ssl.DefaultVerifyPaths:
    """As on Debian: the bundle stands in the folder, under its own name elsewhere too; `chosen` is SSL_CERT_FILE."""
    usual = folder.parent / "cert.pem"
    usual.symlink_to(bundle)
    return ssl.DefaultVerifyPaths(
        chosen or str(usual), str(folder), "SSL_CERT_FILE", str(usual), "SSL_CERT_DIR", str(folder)
    )


def authorities(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).touch()
    return folder


def test_authorities_are_read_as_needed_where_the_systems_bundle_is_made_of_its_folder(tmp_path):
    (tmp_path / "certs").mkdir()
    folder = authorities(tmp_path / "certs", "bundle.crt", "002c0b4f.0")
    assert authorities_as_needed(verify_paths(folder, str(folder / "bundle.crt"))) == str(folder)


@pytest.mark.parametrize("case", ["chosen", "elsewhere", "no names by hash", "nothing"])
def test_authorities_that_somebody_chose_or_that_cannot_be_found_by_name_are_read_whole(case, tmp_path):
    (tmp_path / "certs").mkdir()
    folder = authorities(tmp_path / "certs", "bundle.crt", "a.pem" if case == "no names by hash" else "002c0b4f.0")
    own = authorities(tmp_path, "own.pem") / "own.pem"
    bundle = own if case == "elsewhere" else folder / "bundle.crt"
    paths = verify_paths(folder, str(bundle), chosen=str(folder / "bundle.crt") if case == "chosen" else None)
    assert authorities_as_needed(paths._replace(cafile="") if case == "nothing" else paths) is None
