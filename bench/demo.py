"""`make demo`: the real collector and API on exchanges that the simulator plays, by the real clock. Needs no internet.

This process is `funding run`; the simulator is its child and ends with it. The database goes when it ends.
"""

import os
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.simulator import Simulator
from bench.simulator.contracts import EXCHANGES
from funding.__main__ import main as funding
from funding.config import resolve
from funding.errors import FundingError

MARKET = ("--contracts", "60", "--first-settlement", "60", "--past-days", "3", "--seconds", "86400")
INTERVAL_SECONDS = 10

TIPS = """
Six exchanges, played from an invented market: {exchanges}. Every {interval} s they are asked anew.
Ctrl-C ends it and leaves nothing behind. To try, in another terminal:

  curl -s '{url}/api/funding/current?base=BTC&fields=exchange,symbol,annualized_pct&sort=-annualized_pct'
  curl -s {url}/api/exchanges/okx
  {funding} rates ETH --database {database}
  {funding} backfill bybit --days 3 --database {database} --upstream {upstream}
  curl -s '{url}/api/funding/history/BTC?exchange=bybit&limit=3'

Most contracts settle within two minutes, and then by their interval.
"""


def main() -> int:
    """The exit code of `funding run`."""
    try:
        port = resolve({}, os.environ, None)[0].port or free_port()
    except FundingError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="funding-demo-") as folder, Simulator(*MARKET) as simulator:
        print(tips(port, Path(folder), simulator.url), file=sys.stderr, flush=True)
        return funding([
            "run", "--quiet", "--host", "127.0.0.1", "--port", str(port), "--upstream", simulator.url,
            "--exchanges", ",".join(EXCHANGES), "--interval-seconds", str(INTERVAL_SECONDS),
            "--database", str(database(Path(folder))), "--backups", str(Path(folder) / "backups"),
        ])  # fmt: skip


def free_port() -> int:
    """One that nobody has now; the tips name it before it is listened on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def database(folder: Path) -> Path:
    return folder / "funding.db"


def tips(port: int, folder: Path, upstream: str) -> str:
    return TIPS.format(
        exchanges=", ".join(EXCHANGES),
        interval=INTERVAL_SECONDS,
        url=f"http://127.0.0.1:{port}",
        funding=os.path.relpath(Path(sys.executable).with_name("funding")),
        database=database(folder),
        upstream=upstream,
    )


if __name__ == "__main__":
    sys.exit(main())
