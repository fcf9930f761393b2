"""Every path of the service, in one table: what answers it, what it may be asked, and a sentence on what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from funding.api.formats import CCXT, CSV, HTML, ICS, JSON, LISTS, METRICS, SVG, TEXT, Format
from funding.api.query import Param

METHODS = ("GET", "HEAD", "OPTIONS")
MCP, FRONT = "mcp.answer_post", "front.answer_page"  # beside the table: these two answer bottle's own request
CLOSED_SECONDS = 3_600  # so long after a time is over nothing more comes in of it, but by a late correction

Handler = Callable[..., Any]  # gives an Answer


def never(_values: Mapping[str, Any], _now: int) -> bool:
    return False


def moment_is_over(values: Mapping[str, Any], now: int) -> bool:
    return values["at"] is not None and bool(values["at"] <= now - CLOSED_SECONDS)


def window_is_over(values: Mapping[str, Any], now: int) -> bool:
    """It has a beginning and an end, and both are past."""
    return values["start"] is not None and values["end"] is not None and bool(values["end"] <= now - CLOSED_SECONDS)


@cache
def part_of_api(place: str) -> Any:
    """What has that name in that module of this folder, "rates.get_current", which is imported when it is first wanted.

    So a program answers before it has read everything that it can answer.
    """
    module, _, name = place.rpartition(".")
    return getattr(import_module(f"funding.api.{module}"), name)


@dataclass(frozen=True, slots=True)
class Route:
    """`handled_by`: as part_of_api() takes it. `asked_by`: the name of its table in params, if anything may be asked.

    `formats`: those it is given in, the first by default; of a list each has a suffix of the path too.
    `from_snapshot`: the handler is given a Reading and its answer may be kept; otherwise it is given the request alone.
    `is_closed`: whether parameters at a moment ask of a time that is over, so that the answer may be kept for a day.
    """

    path: str
    handled_by: str
    sentence: str
    asked_by: str = ""
    formats: tuple[Format, ...] = (JSON,)
    from_snapshot: bool = True
    is_closed: Callable[[Mapping[str, Any], int], bool] = never

    @property
    def name(self) -> str:
        return self.handled_by.rpartition(".get_")[2]

    @property
    def handler(self) -> Handler:
        handler: Handler = part_of_api(self.handled_by)
        return handler

    @property
    def params(self) -> tuple[Param, ...]:
        """Empty where nothing may be asked."""
        table: tuple[Param, ...] = part_of_api(f"params.{self.asked_by}") if self.asked_by else ()
        return table

    @property
    def paths(self) -> dict[str, Format | None]:
        """The path, and with a suffix for each format but the default, which a suffix asks for. Those come first: the
        path's last part would take them for its own."""
        return {f"{self.path}.{one.name}": one for one in self.formats[1:]} | {self.path: None}


ROUTES = (
    Route("/api/health", "health.get_health", "Whether the data are complete and fresh.", from_snapshot=False),
    Route(
        "/api/funding/current",
        "rates.get_current",
        "The latest row of every contract.",
        "CURRENT",
        (*LISTS, CCXT),
        is_closed=moment_is_over,
    ),
    Route("/api/funding/arb", "arb.get_arb", "Pairs to short and to long, net of fees.", "ARB", LISTS),
    Route("/api/funding/extremes", "overview.get_extremes", "The highest and the lowest rates.", "EXTREMES"),
    Route("/api/funding/sentiment", "overview.get_sentiment", "What longs pay on average.", "SENTIMENT", LISTS),
    Route(
        "/api/funding/divergence",
        "overview.get_divergence",
        "Rates far from their asset's median.",
        "DIVERGENCE",
        LISTS,
    ),
    Route(
        "/api/funding/heatmap",
        "overview.get_heatmap",
        "Exchanges × assets, a rate in each cell.",
        "HEATMAP",
        (JSON, CSV),
    ),
    Route("/api/funding/by_volume", "overview.get_by_volume", "Assets by what is traded of them.", "BY_VOLUME", LISTS),
    Route("/api/funding/carry", "carry.get_carry", "What holding a pair pays, with a ledger.", "CARRY"),
    Route("/api/funding/calendar", "calendar.get_calendar", "Coming settlements, by time.", "CALENDAR", (*LISTS, ICS)),
    Route("/api/funding/accuracy", "accuracy.get_accuracy", "Predicted rates against settled ones.", "ACCURACY", LISTS),
    Route(
        "/api/funding/symbol/<base>",
        "rates.get_symbol",
        "Every contract of one asset, on all exchanges.",
        "SYMBOL",
        LISTS,
    ),
    Route(
        "/api/funding/history/<base>",
        "history.get_history",
        "What the contracts of one asset charged, or what they quoted, in time.",
        "HISTORY",
        LISTS,
        is_closed=window_is_over,
    ),
    Route(
        "/api/funding/intervals",
        "intervals.get_intervals",
        "When contracts changed how often they pay funding.",
        "INTERVALS",
        LISTS,
    ),
    Route(
        "/api/exchanges",
        "exchanges.get_exchanges",
        "What is collected, and how each exchange stands.",
        "EXCHANGES",
        LISTS,
    ),
    Route("/api/exchanges/<id>", "exchanges.get_exchange", "How one exchange stands."),
    Route("/metrics", "metrics.get_metrics", "Figures for Prometheus.", formats=(METRICS,), from_snapshot=False),
    Route("/livez", "live.get_livez", "The process answers.", formats=(TEXT,), from_snapshot=False),
    Route("/readyz", "health.get_readyz", "The data are there and fresh.", formats=(TEXT,), from_snapshot=False),
)

PAGES = (
    Route(
        "/openapi.json", "pages.get_openapi", "This description, as OpenAPI 3.1.", formats=(JSON,), from_snapshot=False
    ),
    Route("/docs", "pages.get_docs", "This description, to read and to try.", formats=(HTML,), from_snapshot=False),
    Route(
        "/robots.txt",
        "pages.get_robots",
        "What search engines should leave alone.",
        formats=(TEXT,),
        from_snapshot=False,
    ),
    Route(
        "/.well-known/security.txt",
        "pages.get_security",
        "Whom to tell of a weakness.",
        formats=(TEXT,),
        from_snapshot=False,
    ),
    Route("/favicon.svg", "pages.get_favicon", "The sign.", formats=(SVG,), from_snapshot=False),
)


def read_all() -> None:
    """Every handler and what it needs, for a program that answers already: the first who asks need not wait for it."""
    for route in (*ROUTES, *PAGES):
        _ = route.handler, route.params
    for place in (MCP, FRONT):
        part_of_api(place)
