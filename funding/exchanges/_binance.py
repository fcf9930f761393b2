"""The dialect of Binance's futures API: premiumIndex rows, exchangeInfo and fundingInfo as their tables, fundingRate as history.

Venues that speak it use its words in other senses. What differs comes as an argument; nothing here knows a venue.
"""

from collections.abc import Callable
from typing import Any

from funding.adapter import Row, Settlement, Tables, find, split_quote
from funding.rate import Rate
from funding.values import hours, ms, number, price

PERPETUALS = ("PERPETUAL", "TRADIFI_PERPETUAL")  # the second: stocks, metals, indices
DOLLARS = ("USD", "USDT", "USDC", "USD1", "BUSD", "U")


def is_trading(inst: Row, status: str = "status") -> bool:
    """Is it a perpetual that trades? Nothing speaks against an unknown one ({})."""
    return inst.get("contractType", "PERPETUAL") in PERPETUALS and inst.get(status, "TRADING") == "TRADING"


def trading(tables: Tables, trades: Callable[[Row], bool] = is_trading) -> list[str]:
    """The symbols of `instruments` that trade: the items of a call that is made per contract."""
    return [symbol for symbol, inst in tables["instruments"].items() if trades(inst)]


def listed(row: Row, tables: Tables, trades: Callable[[Row], bool] = is_trading) -> Row | None:
    """The row's instrument ({}: unknown); None where it is no perpetual that trades. A dated future has no next payment."""
    inst = find(tables["instruments"], row["symbol"])
    dated = ms(row["nextFundingTime"]) is None
    return None if inst is None or dated or not trades(inst) else inst


def interval(row: Row, tables: Tables, unlisted: float | None = None) -> tuple[Any, str]:
    """Hours by fundingInfo, and their source. `unlisted`: the venue's rule for a contract that the whole list lacks."""
    info = find(tables["intervals"], row["symbol"])
    return (unlisted, "assumed") if info is None else (hours(info.get("fundingIntervalHours")), "reported")


def rate(
    row: Row,
    inst: Row,
    quotes: dict[str, str],
    *,
    inverse: bool = False,
    open_interest: Any = None,
    volume_24h: Any = None,
    **differences: Any,
) -> Rate:
    """The Rate of a premiumIndex row. `quotes` are the symbol's endings, for where `inst` is {}.

    `open_interest` and `volume_24h` are in the quote, and are left out where that is no dollar (ETHBTC). `differences`
    are the fields of Rate that venues read in their own way, funding_rate the first of them.
    """
    base, quote = (inst["baseAsset"], inst["quoteAsset"]) if inst else split_quote(row["symbol"], quotes)
    settle = inst.get("marginAsset") or (base if inverse else quote)
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=settle,
        kind="inverse" if settle == base else "linear",
        next_funding_time=ms(row["nextFundingTime"]),
        mark_price=price(row.get("markPrice")),
        index_price=price(row.get("indexPrice")),
        open_interest_usd=open_interest if quote in DOLLARS else None,
        volume_24h_usd=volume_24h if quote in DOLLARS else None,
        **differences,
    )


def settlement(row: Row) -> Settlement | None:
    """A fundingRate row; None for the extra payment of a stock's dividend, which comes at the time of a regular one."""
    if row.get("rateType") == "Special":
        return None
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]), mark_price=price(row.get("markPrice")))
