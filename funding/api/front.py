"""The dashboard's page. Without scripts it is a table of the best pairs, which are what the API gives."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

import bottle

from funding.analysis.arb import arb_row
from funding.analysis.fees import Fees
from funding.analysis.pairs import Wanted, find_pairs
from funding.api.context import Context
from funding.api.kept import pack
from funding.api.market import Row
from funding.api.problems import ProblemError
from funding.api.web import encoded, files

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TOP = 20

Pair = Mapping[str, Any]  # a row of `arb`


def answer_page(context: Context) -> bottle.HTTPResponse:
    """Answers bottle's request."""
    environ = bottle.request.environ
    return get_page(_known(context), environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_IF_NONE_MATCH", ""))


def get_page(pairs: Sequence[Pair], accept_encoding: str, if_none_match: str = "") -> bottle.HTTPResponse:
    """The page. `pairs`: rows of `arb`, for readers without scripts."""
    text = page(pairs).encode()
    tag = f'W/"{hashlib.blake2s(text, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    if tag in if_none_match:
        return bottle.HTTPResponse(status=304, headers=headers)
    return encoded(pack([text]), accept_encoding, headers | {"Content-Type": "text/html; charset=utf-8"})


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
    yield str(pair["asset"])
    for leg in (pair["short"], pair["long"]):
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


def best_pairs(market: Sequence[Row], fees: Mapping[str, float]) -> list[Pair]:
    """The first rows of `arb` as it is by default. `fees`: the installation's own."""
    costs, wanted = Fees(dict(fees)), Wanted()
    found = find_pairs(market, costs, wanted)
    return [arb_row(pair, wanted.holding_hours, costs.model) for pair in found.pairs[:TOP]]


def _known(context: Context) -> list[Pair]:
    """Empty while there are no data: the page comes all the same."""
    try:
        with context.database.reading() as reading:
            return context.best.get(reading)
    except ProblemError:
        return []
