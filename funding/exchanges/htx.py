"""HTX: perpetuals settled in USDT and in coins (USDT-M and Coin-M Swaps, "Query a Batch of Funding Rate").

`funding_time` is the coming settlement; `next_funding_time`, the one after it, has become null. Open interest and
turnover are "sum of both buy and sell sides". No call gives mark prices in bulk. Not confirmed: how many coin-margined
contracts are left, and that `settlement_period`, which the documents lack, stays; their own word is `settle_period`.
Over a hundred lines: two families with different units, and five calls of each.
"""

from typing import Any

from funding.adapter import HOUR, MINUTE, Answer, Call, Exchange, History, Row, Settlement, Tables, find, window
from funding.rate import Rate
from funding.values import hours, hours_ms, ms, number, price, times

API = "https://api.hbdm.com"
LINEAR, INVERSE = FAMILIES = ("linear-swap-api", "swap-api")
ONE_SIDE = 0.5


def is_ours(code: str, inst: Row) -> bool:
    """Listed, and a perpetual: BTC-USDT-211231 is dated."""
    perpetual = code.count("-") == 1 and inst.get("business_type", "swap") == "swap"
    return perpetual and str(inst.get("contract_status", 1)) == "1"


def interval(row: Row, inst: Row, element: Row) -> tuple[Any, str | None]:
    """Hours and how they are known; answers until 2022 told them by two times of the row."""
    told = hours(inst.get("settlement_period")) or hours(element.get("settle_period"))
    if told or not row.get("next_funding_time"):
        return told, None
    return hours_ms(int(row["next_funding_time"]) - int(row["funding_time"])), "derived"


def dollars(interest: Row, inst: Row, inverse: bool) -> tuple[Any, Any]:
    """One side's open interest and volume. Coin-margined ones are counts of contracts of some dollars each."""
    size = times(number(inst.get("contract_size")) if inverse else 1, ONE_SIDE)
    names = ("volume", "trade_volume") if inverse else ("value", "trade_turnover")
    open_interest, volume = (times(number(interest.get(name)), size) for name in names)
    return open_interest, volume


def parse(row: Row, tables: Tables) -> Rate | None:
    code = row["contract_code"]
    inst, element = find(tables["instruments"], code), tables["intervals"].get(code, {})
    if inst is None or not is_ours(code, inst):
        return None
    base, quote = code.split("-")
    inverse = row["family"] == INVERSE
    funding_interval_hours, interval_source = interval(row, inst, element)
    open_interest_usd, volume_24h_usd = dollars(tables["interest"].get(code, {}), inst, inverse)
    return Rate(
        symbol=code,
        base=base,
        quote=quote,
        settle=row.get("fee_asset") or (base if inverse else quote),
        kind="inverse" if inverse else "linear",
        funding_rate=number(row["funding_rate"]),
        funding_interval_hours=funding_interval_hours,
        interval_source=interval_source,
        next_funding_time=ms(row["funding_time"]),
        index_price=price(tables["indexes"].get(code, {}).get("index_price")),
        open_interest_usd=open_interest_usd,
        volume_24h_usd=volume_24h_usd,
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["funding_time"]), number(row["funding_rate"]))  # realized_rate has become null


def asks(contract: Any, tables: Tables) -> Row:
    return {"symbol": contract.symbol, "family": INVERSE if contract.kind == "inverse" else LINEAR}


def table(name: str, path: str, **more: Any) -> Call:
    """A list of contracts, one answer a family."""
    return Call(name, API + "/{family}/v1/" + path, each=FAMILIES, rows="data", key="contract_code", **more)


EXCHANGE = Exchange(
    title="HTX",
    kind="cex",
    budget=window(240, 3),
    parse=parse,
    answer=Answer("status", good=("ok",), code="err_code", slow_down=("1032",)),
    calls=(
        table(
            "instruments",
            "swap_contract_info",
            keep=("contract_status", "business_type", "settlement_period", "contract_size"),
            good_for=10 * MINUTE,
        ),
        table("intervals", "swap_query_elements", keep=("settle_period",), good_for=HOUR, optional=True),
        table(
            "interest",
            "swap_open_interest",
            keep=("value", "volume", "trade_turnover", "trade_volume"),
            optional=True,
        ),
        table("indexes", "swap_index", keep=("index_price",), optional=True),
        Call("rates", API + "/{family}/v1/swap_batch_funding_rate", each=FAMILIES, rows="data"),
    ),
    history=History(
        API + "/{family}/v1/swap_historical_funding_rate?contract_code={symbol}&page_index={page}&page_size=50",
        rows="data.data",
        parse=settlement,
        asks=asks,
        page_size=50,
    ),
)
