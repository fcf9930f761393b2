"""H1, H2: requests a second, p50 and p99 by wrk, CPU per request: ours, raw waitress as the ceiling, and what others pick.

python -m bench.serving [--contracts 6800] [--seconds 3] [--repeats 3] [--json]
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from bench import drawing, limiting, program
from bench.children import Failed, environment
from bench.figures import Figure, Goal, Measured, in_turn
from bench.memory import filled
from bench.program import Report, Table
from bench.served import BARE, FASTAPI, FLASK, RAW, RAW_OURS, Served, free_port, ours, peer, serving

CONNECTIONS = 8
WARM_SECONDS = 1  # wrk takes whole seconds
OURS, NGINX = "ours", "nginx, static"
GZIP = {"Accept-Encoding": "gzip"}
LIST = "/api/funding/current"
ONE = f"{LIST}?symbol=exchange07:BTC-USDT-SWAP"
EXCHANGE = "/api/exchanges/exchange07"
MADE = "the list from SQLite, gzip"
UNCHANGED = "small, unchanged (304)"

LATENCY = re.compile(r"(50|99)%\s+([\d.]+)(us|ms|s)")
REQUESTS = re.compile(r"(\d+) requests in ([\d.]+)(ms|s|m)")
FAILURES = re.compile(r"Non-2xx or 3xx responses: \d+|Socket errors: .*")
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw. Latencies in ms; `cpu`: the server's CPU time per request, ms; `size`: bytes of a body."""

    per_second: float
    p50: float
    p99: float
    cpu: float
    size: int


@dataclass(frozen=True, slots=True)
class Target:
    server: str
    what: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.server}: {self.what}"


TARGETS = (
    Target(OURS, UNCHANGED, LIST),
    Target(OURS, "one exchange", EXCHANGE),
    Target(RAW, "small", "/small"),
    Target(RAW_OURS, "small", "/small"),
    Target(BARE, "small", "/small"),
    Target(FLASK, "small", "/small"),
    Target(FASTAPI, "small", "/small"),
    Target(NGINX, "small", "/small"),
    Target(OURS, "one contract", ONE),
    Target(BARE, "one contract", "/one"),
    Target(FLASK, "one contract", "/one"),
    Target(FASTAPI, "one contract", "/one"),
    Target(OURS, "the list, gzip", LIST, GZIP),
    Target(OURS, "the list, plain", LIST),
    Target(NGINX, "the list, gzip", "/list", GZIP),
    Target(BARE, MADE, "/list", GZIP),
    Target(FLASK, MADE, "/list", GZIP),
    Target(FASTAPI, MADE, "/list", GZIP),
    Target(BARE, "the list from SQLite, plain", "/list"),
    Target(FLASK, "the list from SQLite, plain", "/list"),
    Target(FASTAPI, "the list from SQLite, plain", "/list"),
)


def read_wrk(text: str) -> tuple[int, float, dict[str, float]]:
    """Requests, seconds, and latency by percentile in ms. Raises Failed where a request failed."""
    if bad := FAILURES.search(text):
        raise Failed(bad[0])
    found = REQUESTS.search(text)
    if not found or not int(found[1]):
        raise Failed(f"wrk said {text[-200:]!r}")
    latency = {share: float(number) * MILLISECONDS[unit] for share, number, unit in LATENCY.findall(text)}
    return int(found[1]), float(found[2]) * MILLISECONDS[found[3]] / 1000, latency


def load(server: Served, target: Target, seconds: int) -> Load:
    """One thread of wrk with eight connections that are kept."""
    url = f"http://127.0.0.1:{server.port}{target.path}"
    headers = dict(target.headers)
    if target.what == UNCHANGED:
        wait_for_a_minute_of(WARM_SECONDS + seconds + 1)
    size, etag = asked(url, headers)
    if target.what == UNCHANGED:
        size, headers = 0, {"If-None-Match": etag}
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--timeout", "30s", "--latency", *words]
    subprocess.run([*command, f"-d{WARM_SECONDS}s", url], capture_output=True, check=True)
    before = server.cpu_seconds()
    done = subprocess.run([*command, f"-d{seconds}s", url], capture_output=True, text=True, check=True)
    requests, took, latency = read_wrk(done.stdout)
    cpu = server.cpu_seconds() - before
    return Load(requests / took, latency["50"], latency["99"], 1000 * cpu / requests, size)


def wait_for_a_minute_of(seconds: float) -> None:
    """Until the present one has as many seconds left: with the next one every answer is another."""
    left = 60 - time.time() % 60
    time.sleep(left if left < seconds else 0)


def asked(url: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """Bytes of the body, and its ETag."""
    content, etag = fetched(url, headers)
    return len(content), etag


def fetched(url: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
    try:
        with urlopen(Request(url, headers=dict(headers)), timeout=60) as answer:
            return answer.read(), answer.headers.get("ETag", "")
    except HTTPError as error:
        raise Failed(f"{url}: {error.code}") from error


NGINX_CONF = """
worker_processes 1; daemon off; pid FOLDER/nginx.pid; error_log stderr error;
events { worker_connections 256; }
http {
  access_log off; gzip_static on; default_type application/json; sendfile on; keepalive_requests 1000000;
  client_body_temp_path FOLDER/b; proxy_temp_path FOLDER/p; fastcgi_temp_path FOLDER/f; uwsgi_temp_path FOLDER/u;
  scgi_temp_path FOLDER/s;
  server { listen 127.0.0.1:PORT; root FOLDER/static; }
}
"""


def nginx(folder: Path, port: int, small: bytes, everything: bytes) -> list[str]:
    """The command that serves our own answers as files: what no program in Python reaches."""
    if not shutil.which("nginx"):
        raise Failed("not installed: apt-get install nginx-light")
    static = folder / "static"
    static.mkdir()
    for name, content in (("livez", b"ok\n"), ("small", small), ("list", b""), ("list.gz", everything)):
        (static / name).write_bytes(content)
    folder.chmod(0o755)  # its workers are another user's
    conf = folder / "nginx.conf"
    conf.write_text(NGINX_CONF.replace("FOLDER", str(folder)).replace("PORT", str(port)))
    return ["nginx", "-c", str(conf)]


def started(stack: ExitStack, folder: Path, database: Path) -> dict[str, Served | str]:
    """Every server; words for one that does not start. They all run at once: who is not asked, takes nothing."""
    found: dict[str, Served | str] = {OURS: stack.enter_context(serving(*ours("serve", database), folder))}
    for name in (RAW, RAW_OURS, BARE, FLASK, FASTAPI):
        try:
            found[name] = stack.enter_context(serving(*peer(name, database), folder))
        except Failed as error:
            found[name] = f"failed: {error}"
    try:
        url = f"http://127.0.0.1:{found[OURS].port}"  # type: ignore[union-attr]
        port = free_port()
        command = nginx(folder, port, fetched(url + EXCHANGE, {})[0], fetched(url + LIST, GZIP)[0])
        found[NGINX] = stack.enter_context(serving(command, environment(), folder, port))
    except Failed as error:
        found[NGINX] = f"failed: {error}"
    return found


def turn(server: Served | str, target: Target, seconds: int) -> Load | str:
    if isinstance(server, str):
        return server
    try:
        return load(server, target, seconds)
    except Failed as error:
        return f"failed: {error}"


def over(turns: Sequence[Load | str], name: str) -> Measured:
    if failed := [one for one in turns if isinstance(one, str)]:
        return Measured((), failed[0])
    return Measured(tuple(float(getattr(one, name)) for one in turns))


def figures(found: Mapping[str, Sequence[Load | str]]) -> list[Figure]:
    rates = {name: over(turns, "per_second") for name, turns in found.items()}
    mine, small = rates[f"{OURS}: the list, gzip"], rates[f"{OURS}: {UNCHANGED}"]
    lists = {name: rates[f"{name}: {MADE}"] for name in (BARE, FLASK, FASTAPI)}
    smalls = {name: rates[f"{name}: small"] for name in (RAW, RAW_OURS, FLASK, FASTAPI, NGINX)}
    title = "H2 small answers"
    return [
        Figure("H1 the full list", "/s", mine, Goal(200, BARE, at_least=True), None, lists),
        Figure("H1 the full list", "/s", mine, Goal(100, FASTAPI, at_least=True), None, lists),
        Figure(title, "/s", small, Goal(0.75, RAW, at_least=True), None, smalls),
        Figure(title, "/s", small, Goal(0.50, RAW_OURS, at_least=True), None, smalls),
        Figure(title, "/s", small, Goal(2, FLASK, at_least=True), None, smalls),
    ]


def details(found: Mapping[str, Sequence[Load | str]]) -> Table:
    columns = ("what", "requests/s", "p50 ms", "p99 ms", "CPU ms a request", "bytes")
    rows = []
    for name, turns in found.items():
        size = turns[0].size if isinstance(turns[0], Load) else 0
        numbers = [over(turns, word).text() for word in ("per_second", "p50", "p99", "cpu")]
        rows.append([name, *numbers, f"{size:,}"])
    return Table(f"wrk with {CONNECTIONS} connections", columns, rows)


def measure(options: argparse.Namespace) -> Report:
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with TemporaryDirectory(prefix="funding-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        servers = started(stack, folder, filled(folder / "full.db", options))
        ways = {one.name: partial(turn, servers[one.server], one, options.seconds) for one in TARGETS}
        found = in_turn(ways, options.repeats)
    limited = limiting.measure(options)
    rates = [(name, over(turns, "per_second").median or 0.0, None) for name, turns in found.items()]
    picture = drawing.bars("Answers", "requests a second", rates, logarithmic=True)
    return Report([*figures(found), *limited.figures], [details(found), *limited.tables], {"serving": picture})


def parser() -> argparse.ArgumentParser:
    made = program.parser(__doc__, repeats=3)
    made.add_argument("--contracts", type=int, default=6800)
    made.add_argument("--seconds", type=int, default=3, help="that wrk asks each")
    made.add_argument("--clients", type=int, default=20_000, help="that the limiter counts")
    return made


if __name__ == "__main__":
    sys.exit(program.main(parser(), measure))
