"""The table of docs/api.md: every path with its parameters and an example. A test runs the examples."""

from urllib.parse import urlsplit

from funding.api.routes import PAGES, ROUTES, Route

EVERY = (*ROUTES, *PAGES)
LIST_PARAMETERS = ("limit", "offset", "sort", "fields", "format")
EXAMPLES = (
    "/api/health",
    "/api/funding/current?exchange=okx,bybit&min_volume=1000000&sort=-annualized_pct&limit=5",
    "/api/funding/arb?min_open_interest=5000000&holding_hours=72&fee_pct=okx:0.03&limit=3",
    "/api/funding/extremes?limit=5&min_volume=1000000",
    "/api/funding/sentiment?base=BTC,ETH",
    "/api/funding/divergence?min_volume=1000000&limit=10",
    "/api/funding/heatmap?unit=apr&limit=20",
    "/api/funding/by_volume.csv?limit=50",
    "/api/funding/carry?long=okx:BTC-USDT-SWAP&short=bybit:BTCUSDT&hours=24&notional=5000",
    "/api/funding/calendar.ics?base=BTC&hours=24",
    "/api/funding/accuracy?sort=-mean_absolute_error_1h_pct",
    "/api/funding/symbol/BTC?fields=exchange,symbol,annualized_pct,settled_7d_pct",
    "/api/funding/history/BTC?series=settled&resolution=1d&exchange=okx",
    "/api/funding/intervals?exchange=okx",
    "/api/exchanges?sort=status&fields=exchange,status,last_error",
    "/api/exchanges/okx",
    "/metrics",
    "/livez",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/robots.txt",
    "/.well-known/security.txt",
    "/favicon.svg",
)  # in the order of the routes


def table() -> str:
    rows = [
        f"| `{route.path}` | {_parameters(route)} | {route.sentence} | `{example}` |"
        for route, example in zip(EVERY, EXAMPLES, strict=True)
    ]
    return "\n".join(["| path | parameters | gives | an example |", "|---|---|---|---|", *rows])


def _parameters(route: Route) -> str:
    """Those that every list has are told once, above the table."""
    names = [param.name for param in route.params]
    is_list = set(LIST_PARAMETERS) <= set(names)
    own = [f"`{name}`" for name in names if not (is_list and name in LIST_PARAMETERS)]
    return " ".join([*own, "list"] if is_list else own) or "–"


def path_of(example: str) -> str:
    """Without query and suffix."""
    path = urlsplit(example).path
    return path.removesuffix(".csv").removesuffix(".ics")
