"""The checks of `funding doctor` that stay on this machine: database, who collects, disk, port. They change nothing."""

import errno
import os
import shutil
import socket
import time
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

from funding.cli import console
from funding.cli.database import holder
from funding.cli.finding import FAIL, OK, WARN, Finding
from funding.config import UNIX, Config
from funding.errors import FetchError, FundingError
from funding.fetch import Fetcher
from funding.message import Request
from funding.store.exchanges import select_exchanges
from funding.store.migrate import check_writable, state
from funding.store.open import check_integrity, reader

LARGE_BYTES = 1 << 30  # reading a file through takes longer than somebody who watches likes to wait
LITTLE_DISK, FAR_TOO_LITTLE = 1 << 30, 200 << 20


def database(path: Path) -> Finding:
    folder = path.absolute().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        words = "may not be written by this user" if folder.is_dir() else "is not there"
        return Finding("database", FAIL, f"the folder {folder} {words}", "make it, or give another --database")
    if not path.exists():
        return Finding("database", WARN, f"{path}: there is none yet", "`funding run` or `funding migrate` makes it")
    try:
        with closing(reader(path)) as conn:
            check_writable(conn)
            sound = _soundness(conn, path.stat().st_size)
            schema = state(conn).schema
    except FundingError as error:
        return Finding("database", FAIL, str(error))  # its words say what to do
    if not os.access(path, os.W_OK):
        return Finding(
            "database", WARN, f"{path} may not be written by this user", "fine for serving, not for collecting"
        )
    return Finding("database", OK, f"{path}: schema {schema}, {console.size(path.stat().st_size)}, {sound}")


def _soundness(conn: Connection, size: int) -> str:
    """Raises StoreError where it is damaged."""
    if size > LARGE_BYTES:
        return "not read through, `funding db check` does"
    check_integrity(conn)
    return "sound"


def collector(path: Path, interval_seconds: int) -> Finding:
    """Who holds the database, and whether anything comes in."""
    process, age = holder(path), _age(path)
    last = "nothing was ever collected" if age is None else f"the last run was {console.span(age)} ago"
    if process is None:
        return Finding("collector", OK, f"nobody is collecting; {last}")
    if age is None or age <= 3 * interval_seconds:
        return Finding("collector", OK, f"process {process} is collecting; {last}")
    return Finding(
        "collector", WARN, f"process {process} holds the database, but {last}", "see its log, or start it anew"
    )


def _age(path: Path) -> int | None:
    """Seconds since the newest run; None where there was none, or it cannot be read, which another check says."""
    try:
        with closing(reader(path)) as conn:
            runs = [row["last_run_at"] for row in select_exchanges(conn) if row["last_run_at"] is not None]
    except FundingError:
        return None
    return max(0, int(time.time()) - max(runs)) if runs else None


def disk(path: Path) -> Finding:
    folder = path.absolute().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", FAIL, f"{folder}: {error.strerror}")
    level = FAIL if free < FAR_TOO_LITTLE else WARN if free < LITTLE_DISK else OK
    todo = "" if level == OK else "make room: old backups, logs; `funding db vacuum` gives empty space of the file back"
    return Finding("disk", level, f"{console.size(free)} free where {path.name} lies", todo)


def port(config: Config) -> Finding:
    """Whether the API can listen there, or already does."""
    where = config.host if config.host.startswith(UNIX) else f"{config.host} port {config.port}"
    if config.host.startswith(UNIX) or not config.port:
        return Finding("port", OK, f"{where}: nothing to look at")
    try:
        family, kind, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
            door.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(config, where)
        return Finding(
            "port", FAIL, f"{where} cannot be listened on: {error.strerror}", "give another --host or --port"
        )
    return Finding("port", OK, f"{where} is free")


def _taken(config: Config, where: str) -> Finding:
    host = f"[{config.host}]" if ":" in config.host else config.host
    fetcher = Fetcher(f"http://{host}:{config.port}")
    try:
        answer = fetcher.fetch(Request("GET", "https://api/health"))  # an upstream is asked for /api/health by that
    except FetchError:
        answer = None
    finally:
        fetcher.close()
    if answer and b'"stale_threshold_seconds"' in answer.body:
        return Finding("port", OK, f"{where} is served by Funding Finder")
    return Finding("port", FAIL, f"{where} is taken by another program", "give another: PORT=9000, or --port")
