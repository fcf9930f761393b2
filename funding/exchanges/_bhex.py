"""The dialect of the exchanges that run on Bluehelix (BHEX): exchangeInfo's `contracts`, fundingRate, historyFundingRate.

`baseAsset` of a contract repeats its symbol; the coin is `underlying`. Numbers are text. Nothing here knows a venue.
"""

from typing import Any

from funding.adapter import HOUR, Call, Row, Tables, find, split_quote
from funding.rate import Rate
from funding.values import number


def is_trading(inst: Row) -> bool:
    return bool(inst.get("status", "TRADING") == "TRADING")


def trading(tables: Tables) -> list[str]:
    """The symbols of `instruments` that trade: the items of a call that is made per contract."""
    return [symbol for symbol, inst in tables["instruments"].items() if is_trading(inst)]


def listed(row: Row, tables: Tables) -> Row | None:
    """The row's contract ({}: unknown); None where the list lacks it or it does not trade."""
    inst = find(tables["instruments"], row["symbol"])
    return inst if inst is not None and is_trading(inst) else None


def rate(
    row: Row,
    inst: Row,
    quotes: dict[str, str],
    *,
    open_interest: Any = None,
    volume_24h: Any = None,
    **differences: Any,
) -> Rate:
    """The Rate of a fundingRate row. `quotes` are the symbol's endings, for where `inst` is {}.

    `open_interest` and `volume_24h` are in the quote; what they count on an inverse contract is not known, they are left
    out there. `differences` are the fields of Rate that each venue gives in its own way, or alone.
    """
    base, quote = (inst["underlying"], inst["quoteAsset"]) if inst else split_quote(row["symbol"], quotes)
    inverse = inst.get("inverse") in (True, "true")
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=inst.get("marginToken") or (base if inverse else quote),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["rate"]),
        open_interest_usd=None if inverse else open_interest,
        volume_24h_usd=None if inverse else volume_24h,
        **differences,
    )


def instruments(url: str) -> Call:
    return Call(
        "instruments",
        url,
        rows="contracts",
        key="symbol",
        keep=("status", "underlying", "quoteAsset", "marginToken", "inverse", "contractMultiplier"),
        good_for=HOUR,
    )
