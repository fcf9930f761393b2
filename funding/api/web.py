"""The dashboard's files, under a name that changes with their content, so that they may be kept for a year."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bottle

from funding.api.context import Context
from funding.api.kept import Packed, pack
from funding.api.negotiate import accepts_gzip
from funding.api.problems import ProblemError
from funding.api.routes import FRONT, part_of_api

FOLDER = Path(__file__).parents[1] / "web"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    "": "text/plain; charset=utf-8",  # a library's licence and checksums
}
FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Files:
    """`version` stands for the content of all of them, `digests` for that of each: most are never asked for."""

    folder: Path
    version: str
    digests: Mapping[str, bytes]

    def content(self, name: str) -> bytes:
        """Raises ProblemError (503) where the file is no longer the one that the version stands for."""
        try:
            found = (self.folder / name).read_bytes()
        except FileNotFoundError:
            found = b""
        if _digest(found) != self.digests[name]:
            raise ProblemError(503, "The dashboard's files were replaced; the service is to be started again.")
        return found


@cache
def files() -> Files:
    """Those of the dashboard, as they were when the process first looked."""
    return look(FOLDER)


def look(folder: Path) -> Files:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): _digest(path.read_bytes()) for path in paths}
    whole = hashlib.blake2s(repr(list(digests.items())).encode(), digest_size=6)
    return Files(folder, whole.hexdigest(), digests)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2s(content).digest()


def get_file(version: str, name: str, accept_encoding: str) -> bottle.HTTPResponse:
    """Raises ProblemError (404), for the files of another release too: what is kept for a year must not be wrong."""
    found = files()
    if version != found.version or name not in found.digests or name.endswith(".html"):
        raise ProblemError(
            404, "There is no such file in this release of the dashboard; loading the page again gives it."
        )
    headers = {"Content-Type": MEDIA.get(Path(name).suffix, MEDIA[""]), "Cache-Control": FOR_A_YEAR}
    return encoded(_packed(name), accept_encoding, headers)


@cache
def _packed(name: str) -> Packed:
    return pack([files().content(name)])


def encoded(packed: Packed, accept_encoding: str, headers: dict[str, str]) -> bottle.HTTPResponse:
    headers |= {"Vary": "Accept-Encoding"}
    if accepts_gzip(accept_encoding):
        sent = {"Content-Encoding": "gzip", "Content-Length": str(len(packed.gzip))}
        return bottle.HTTPResponse(packed.gzip, 200, headers | sent)
    return bottle.HTTPResponse(packed.plain(), 200, headers | {"Content-Length": str(packed.length)})


def add_dashboard(app: bottle.Bottle, methods: Sequence[str], context: Context) -> None:
    """Puts `/` and `/static/…` into the application."""

    def static(version: str, name: str) -> bottle.HTTPResponse:
        return get_file(version, name, bottle.request.environ.get("HTTP_ACCEPT_ENCODING", ""))

    app.route("/", list(methods), lambda: part_of_api(FRONT)(context))
    app.route("/static/<version>/<name:path>", list(methods), static)
