"""The dashboard: `/`, and its files under a name that changes with their content, so that they may be kept for a year.

Without scripts the page is a table of the best pairs. It reads nothing but what the API gives.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import bottle

from funding.analysis.arb import arb_row
from funding.analysis.fees import Fees
from funding.analysis.pairs import Wanted, find_pairs
from funding.api.context import Context
from funding.api.database import Reading
from funding.api.kept import Packed, PerSnapshot, pack
from funding.api.negotiate import accepts_gzip
from funding.api.problems import ProblemError

FOLDER = Path(__file__).parents[1] / "web"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    "": "text/plain; charset=utf-8",  # a library's licence and checksums
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FOR_A_YEAR = "public, max-age=31536000, immutable"
TOP = 20

Pair = Mapping[str, Any]  # a row of `arb`


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
    return _encoded(_packed(name), accept_encoding, headers)


@cache
def _packed(name: str) -> Packed:
    return pack([files().content(name)])


def get_page(pairs: Sequence[Pair], accept_encoding: str, if_none_match: str = "") -> bottle.HTTPResponse:
    """The page. `pairs`: rows of `arb`, for readers without scripts."""
    text = page(pairs).encode()
    tag = f'W/"{hashlib.blake2s(text, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if tag in if_none_match:
        return bottle.HTTPResponse(status=304, headers=headers)
    return _encoded(pack([text]), accept_encoding, headers | {"Content-Type": "text/html; charset=utf-8"})


def page(pairs: Sequence[Pair]) -> str:
    static = f"/static/{files().version}"
    modules = [
        name
        for name in files().digests
        if name.endswith(".js") and name != "theme.js" and not name.startswith(("vendor/", "docs/"))
    ]
    preloads = "\n".join(f'<link rel="modulepreload" href="{static}/{name}">' for name in modules)
    text = files().content("index.html").decode()
    return text.replace("{static}", static).replace("{preloads}", preloads).replace("{pairs}", _plain(pairs))


def _plain(pairs: Sequence[Pair]) -> str:
    """The best pairs as a table; whatever comes from an exchange is escaped."""
    heads = ("Coin", "Short", "Long", "Spread per 8 h", "Net APR", "Breakeven", "Min open interest")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(pair))}</tr>" for pair in pairs[:TOP])
    table = f"<div><table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>" if pairs else ""
    words = "The pairs with the highest net yield now." if pairs else "There are no pairs yet."
    return (
        f'<main class="plain"><h1>Funding Finder</h1><p>{words} With JavaScript this page shows all contracts, filters and'
        f" history.</p>{table}"
        '<p><a href="/api/funding/arb?format=csv">All pairs as CSV</a> · <a href="/api/funding/current?format=csv">All'
        ' contracts as CSV</a> · <a href="/docs">Documentation</a></p></main>'
    )


def _cells(pair: Pair) -> Iterable[str]:
    for side in ("short", "long"):
        if side == "short":
            yield str(pair["asset"])
        leg = pair[side]
        yield f"{leg['exchange']} {leg['symbol']} {_percent(leg['annualized_pct'], 2)}"
    yield _percent(pair["spread_8h_pct"], 4)
    yield _percent(pair["net_annualized_pct"], 2)
    yield _or_dash(pair["breakeven_hours"], lambda hours: f"{hours:,.1f} h")
    yield _or_dash(pair["min_open_interest_usd"], lambda dollars: f"${dollars:,.0f}")


def _percent(value: float | None, digits: int) -> str:
    """With its sign, a minus being a real one."""
    return _or_dash(value, lambda known: f"{known:+,.{digits}f}%".replace("-", "−"))


def _or_dash(value: float | None, write: Callable[[float], str]) -> str:
    return "–" if value is None else write(value)


def _encoded(packed: Packed, accept_encoding: str, headers: dict[str, str]) -> bottle.HTTPResponse:
    headers |= {"Vary": "Accept-Encoding"}
    if accepts_gzip(accept_encoding):
        sent = {"Content-Encoding": "gzip", "Content-Length": str(len(packed.gzip))}
        return bottle.HTTPResponse(packed.gzip, 200, headers | sent)
    return bottle.HTTPResponse(packed.plain(), 200, headers | {"Content-Length": str(packed.length)})


def add_dashboard(app: bottle.Bottle, methods: Sequence[str], context: Context) -> None:
    """Puts `/` and `/static/…` into the application."""
    best = PerSnapshot(lambda reading: best_pairs(context, reading))

    def root() -> bottle.HTTPResponse:
        environ = bottle.request.environ
        return get_page(
            _known(context, best), environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        )

    def static(version: str, name: str) -> bottle.HTTPResponse:
        return get_file(version, name, bottle.request.environ.get("HTTP_ACCEPT_ENCODING", ""))

    app.route("/", list(methods), root)
    app.route("/static/<version>/<name:path>", list(methods), static)


def best_pairs(context: Context, reading: Reading) -> list[Pair]:
    """The first rows of `arb` as it is by default."""
    fees, wanted = Fees(dict(context.settings.fees)), Wanted()
    found = find_pairs(context.market.get(reading), fees, wanted)
    return [arb_row(pair, wanted.holding_hours, fees.model) for pair in found.pairs[:TOP]]


def _known(context: Context, best: PerSnapshot[list[Pair]]) -> list[Pair]:
    """None while there are no data: the page comes all the same."""
    try:
        with context.database.reading() as reading:
            return best.get(reading)
    except ProblemError:
        return []
