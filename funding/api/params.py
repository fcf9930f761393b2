"""Every parameter: its name, how its text is read, what it may be, its default and a sentence.

The tables here are what queries are read by and what documents the API: a parameter stands here or it does not exist.
"""

from funding.analysis import accuracy, arb, by_volume, calendar, divergence, sentiment
from funding.analysis.carry import LONGEST_HOURS
from funding.analysis.current import FIELDS
from funding.analysis.heatmap import UNITS
from funding.analysis.history import RESOLUTIONS, SERIES
from funding.api.formats import CCXT, CSV, ICS, JSON, LISTS, Format
from funding.api.kinds import CONTRACT as EXCHANGE_AND_SYMBOL
from funding.api.kinds import EXCHANGE_ID, MOMENT, NAME, OWN_FEE, SEARCH, number, whole
from funding.api.query import Param

LARGEST_OFFSET = 1_000_000_000
ALL = 20_000  # the greatest limit of the lists that are given whole by default

LONGEST_CALENDAR_HOURS = 72  # with all contracts some 80,000 settlements

MINUTE = 0.016  # of an hour: no figure may be divided by nothing
HOURS = number(MINUTE, LONGEST_HOURS)
DOLLARS = number(0, 1e15, "is not a number such as 1000000 or 0.5")
PER_CENT = number(0, 1e6)
NOTIONAL = number(0.01, 1e12)


def format_param(*formats: Format) -> Param:
    """The first is the default, which has no suffix."""
    suffixes = ", ".join(f".{one.name}" for one in formats[1:])
    return Param(
        "format",
        NAME,
        f"How the rows are written; goes before the path's suffix ({suffixes}) and Accept.",
        allowed=tuple(one.name for one in formats),
    )


FORMAT = format_param(*LISTS)


def list_params(
    fields: tuple[str, ...],
    default_limit: int,
    greatest_limit: int,
    unsorted: tuple[str, ...] = (),
    written_as: Param = FORMAT,
) -> tuple[Param, ...]:
    """The parameters of every list of rows with these fields; `unsorted` ones have no order."""
    sortable = [field for field in fields if field not in unsorted]
    return (
        Param("limit", whole(1, greatest_limit), "At most so many rows.", default_limit),
        Param("offset", whole(0, LARGEST_OFFSET), "Rows to pass over first.", 0),
        Param(
            "sort",
            NAME,
            "Fields to sort by, the first counts most; a minus in front turns the order round. Unknown values come last.",
            default=(),
            allowed=tuple(sign + field for field in sortable for sign in ("", "-")),
            many=True,
        ),
        _fields_param(fields),
        written_as,
    )


def _fields_param(fields: tuple[str, ...]) -> Param:
    return Param("fields", NAME, "Give these fields only, in this order.", default=(), allowed=fields, many=True)


EXCHANGE = Param("exchange", EXCHANGE_ID, "Only these exchanges, by id.", default=(), many=True)
BASE = Param(
    "base", NAME, "Only these assets, whatever the case; aliases and multipliers are resolved.", default=(), many=True
)
CONTRACT = Param("symbol", NAME, "Only this contract: the exchange's own symbol, or exchange:symbol.")
EVERY_WORD = "every word is found, whatever the case; a word of one letter finds what begins with it."
KIND = Param("kind", NAME, "Only contracts of this kind.", allowed=("linear", "inverse"))
CURRENT = (
    EXCHANGE,
    BASE,
    Param("quote", NAME, "Only contracts quoted in these currencies.", default=(), many=True),
    CONTRACT,
    Param("search", SEARCH, f"Only contracts in whose asset, symbol and exchange {EVERY_WORD}"),
    KIND,
    Param("min_volume", DOLLARS, "Only contracts known to trade so many US dollars in 24 hours; 0 asks for nothing."),
    Param("min_open_interest", DOLLARS, "Only contracts known to have so many US dollars open; 0 asks for nothing."),
    Param(
        "min_annualized", PER_CENT, "Only contracts known to pay or take so many per cent a year; 0 asks for nothing."
    ),
    Param("interval_hours", HOURS, "Only contracts that pay funding every so many hours.", default=(), many=True),
    Param("stale", NAME, "Whether stale rows are given.", default="include", allowed=("include", "exclude")),
    Param("suspect", NAME, "Whether suspect rows are given.", default="include", allowed=("include", "exclude")),
    Param("at", MOMENT, "Rate, interval and next time as they were known then; what was not kept is null."),
    *list_params(FIELDS, ALL, ALL, written_as=format_param(*LISTS, CCXT)),
)
SETTLED = ("settled_1d_pct", "settled_3d_pct", "settled_7d_pct", "settled_30d_pct")
SYMBOL_FIELDS = (*FIELDS, *SETTLED, "trade_url")
SYMBOL = list_params(SYMBOL_FIELDS, ALL, ALL)
HISTORY = (
    EXCHANGE,
    CONTRACT,
    Param("start", MOMENT, "From this time on; by default from 7 days ago."),
    Param("end", MOMENT, "Until before this time; by default until now."),
    Param("series", NAME, "What was charged, or what was quoted.", default="settled", allowed=tuple(SERIES)),
    Param(
        "resolution",
        NAME,
        "A row a point, or a bucket of UTC time: the sum of what was charged, or the last that was quoted, in it.",
        default="raw",
        allowed=tuple(RESOLUTIONS),
    ),
    Param("limit", whole(1, 10_000), "At most so many rows.", 1000),
    Param("cursor", NAME, "Goes on where a page ended, as its next_cursor says."),
    _fields_param(
        tuple(dict.fromkeys(field for one in SERIES.values() for field in (*one.columns, *one.bucket_columns)))
    ),
    FORMAT,
)
INTERVAL_FIELDS = (
    "exchange", "symbol", "base", "asset", "from_interval_hours", "to_interval_hours", "first_seen_at",
)  # fmt: skip
INTERVALS = (
    EXCHANGE,
    BASE,
    Param("since", MOMENT, "Only changes first seen at this time or later."),
    *list_params(INTERVAL_FIELDS, 100, 1000),
)
EXCHANGE_FIELDS = (
    "exchange", "title", "kind", "status", "contracts", "hosts", "calls_per_cycle", "budget", "budget_share",
    "last_run_at", "last_success_at", "age_seconds", "fetch_seconds", "calls", "skipped", "failures", "notices",
    "consecutive_failures", "last_error_at", "last_error_kind", "last_error", "fees", "link_pattern",
)  # fmt: skip
EXCHANGES = list_params(EXCHANGE_FIELDS, 100, 1000, unsorted=("skipped", "failures", "notices", "fees"))


MIN_VOLUME = Param("min_volume", DOLLARS, "Only contracts known to trade so many US dollars in 24 hours.")
FEES = (
    Param("fees", NAME, "Whose fees: the dated table's, or none.", default="default", allowed=("default", "none")),
    Param(
        "fee_pct", OWN_FEE, "Your own taker fees in per cent per fill, as okx:0.05,bybit:0.055.", default=(), many=True
    ),
)
ARB = (
    Param("min_yield", PER_CENT, "Only pairs with so many per cent a year net of fees.", 0.0),
    Param("min_volume", DOLLARS, "Only legs known to trade so many US dollars in 24 hours.", 1_000_000.0),
    Param("min_open_interest", DOLLARS, "Only legs known to have so many US dollars open.", 0.0),
    EXCHANGE,
    Param("exclude_exchange", EXCHANGE_ID, "No leg on these exchanges.", default=(), many=True),
    BASE,
    Param("quote", NAME, "Only legs quoted in these currencies.", default=(), many=True),
    Param("kind", NAME, "Only legs of this kind.", allowed=KIND.allowed),
    Param("search", SEARCH, f"Only pairs in whose asset, exchanges and symbols {EVERY_WORD}"),
    *FEES,
    Param("holding_hours", HOURS, "How long a pair is held: the fees are spread over it.", 168.0),
    Param("pairs", NAME, "The best pair of each asset, or all.", default="best", allowed=("best", "all")),
    *list_params(arb.FIELDS, 100, 1000, unsorted=("long", "short", "settled_spread_daily_pct")),
)
EXTREMES = (EXCHANGE, MIN_VOLUME, Param("limit", whole(1, 1000), "At most so many rows at each end.", 20))
SENTIMENT = (BASE, *list_params(sentiment.FIELDS, 100, 1000))
DIVERGENCE = (MIN_VOLUME, *list_params(divergence.FIELDS, 100, 1000))
BY_VOLUME = list_params(by_volume.FIELDS, 100, 1000)
HEATMAP = (
    Param("unit", NAME, "raw: the fraction per interval; the others in per cent.", default="8h", allowed=tuple(UNITS)),
    EXCHANGE,
    Param("search", SEARCH, f"Only assets in which {EVERY_WORD}"),
    KIND,
    MIN_VOLUME,
    Param("limit", whole(1, 1000), "At most so many assets.", 50),
    format_param(JSON, CSV),
)
CARRY = (
    Param("long", EXCHANGE_AND_SYMBOL, "The contract that is bought, as exchange:symbol.", required=True),
    Param("short", EXCHANGE_AND_SYMBOL, "The contract that is sold, as exchange:symbol.", required=True),
    Param("hours", HOURS, "How long both are held; at most 8760.", 72.0),
    Param("notional", NOTIONAL, "Of each leg, in its quote currency.", 10_000.0),
    Param("start", MOMENT, "When they are entered; by default now."),
    *FEES,
)
CALENDAR = (
    BASE,
    EXCHANGE,
    Param("hours", number(MINUTE, LONGEST_CALENDAR_HOURS), "So far ahead.", 24.0),
    *list_params(calendar.FIELDS, 100, 1000, written_as=format_param(*LISTS, ICS)),
)
ACCURACY = (EXCHANGE, *list_params(accuracy.FIELDS, 100, 1000))
