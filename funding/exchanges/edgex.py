"""edgeX: perpetuals settled in USDC (API v2, "Get Latest Funding Rate" of many contracts in one query).

`forecastFundingRate` is the running rate, due one interval after `fundingTime`; `fundingRate` is what was settled then, and
`predictedFundingRate` only the interest. Rows carry a number: names come from the metadata, and a name may be Chinese, so
the base is the coin's. Open interest and volume take a request per contract. No limit is published.
Over a hundred lines: names from one body, rates in batches, tickers per contract.
"""

from typing import Any

from funding.adapter import (
    HOUR,
    MINUTE,
    Answer,
    Call,
    Exchange,
    History,
    Row,
    Settlement,
    Tables,
    find,
    in_batches,
    per_second,
)
from funding.rate import Rate
from funding.values import hours_minutes, ms, number, price, times

API = "https://edgex-prod-v2.edgex.exchange/api/v2/public"
SWITCHES = ("enableTrade", "enableOpenPosition", "enableDisplay")


def contracts(body: Any) -> list[Row]:
    """Each with the names of its coins, which the same answer lists."""
    coins = {coin["coinId"]: coin["coinName"] for coin in body["data"]["coinList"]}
    return [
        {**contract, "base": coins.get(contract.get("baseCoinId")), "quote": coins.get(contract.get("quoteCoinId"))}
        for contract in body["data"]["contractList"]
    ]


def is_live(contract: Row) -> bool:
    return all(contract.get(switch, True) for switch in SWITCHES)


def live(tables: Tables) -> list[str]:
    return [key for key, contract in tables["contracts"].items() if is_live(contract)]


def batches(tables: Tables) -> list[str]:
    return in_batches(live(tables), 200)


def next_time(settled_at: Any, hours: Any) -> Any:
    return None if settled_at is None or hours is None else int(settled_at + hours * HOUR)


def parse(row: Row, tables: Tables) -> Rate | None:
    contract, ticker = find(tables["contracts"], row["contractId"]), tables["tickers"].get(row["contractId"], {})
    if not contract or not is_live(contract):  # what is not in the metadata has no name
        return None
    hours, settled_at = hours_minutes(row.get("fundingRateIntervalMin")), ms(row["fundingTime"])
    mark = price(row.get("markPrice"))
    return Rate(
        symbol=contract["contractName"],
        base=contract["base"],
        quote=contract["quote"],
        settle="USDC",
        kind="linear",
        funding_rate=number(row["forecastFundingRate"]),
        funding_interval_hours=hours,
        next_funding_time=next_time(settled_at, hours),
        next_funding_source="derived",
        last_settled_rate=number(row.get("fundingRate")),
        last_settled_at=settled_at,
        mark_price=mark,
        index_price=price(row.get("indexPrice")),
        open_interest_usd=times(number(ticker.get("openInterest")), mark),
        volume_24h_usd=number(ticker.get("value")),
        exchange_at=ms(row.get("fundingTimestamp")),
    )


def settlement(row: Row) -> Settlement | None:
    if not row.get("isSettlement", True):
        return None
    hours = hours_minutes(row.get("fundingRateIntervalMin"))
    return Settlement(ms(row["fundingTime"]), number(row["fundingRate"]), hours, price(row.get("markPrice")))


def contract_id(contract: Any, tables: Tables) -> Row:
    names = {row["contractName"]: key for key, row in tables["contracts"].items()}
    return {"contractId": names[contract.symbol]}


EXCHANGE = Exchange(
    title="edgeX",
    kind="dex",
    budget=per_second(4),
    parse=parse,
    answer=Answer("code", good=("SUCCESS",), slow_down=("RATE_LIMIT_EXCEEDED",)),
    calls=(
        Call(
            "contracts",
            API + "/meta/getMetaData",
            rows=contracts,
            key="contractId",
            keep=("contractName", "base", "quote", *SWITCHES),
            good_for=HOUR,
        ),
        Call(
            "tickers",
            API + "/quote/getTicker?contractId={contractId}",
            each=live,
            at_most=40,
            rows="data",
            key="contractId",
            keep=("openInterest", "value"),
            good_for=30 * MINUTE,
            optional=True,
        ),
        Call("rates", API + "/funding/getLatestFundingRate?contractId={ids}", each=batches, about=1, rows="data"),
    ),
    history=History(
        API
        + "/funding/getFundingRatePage?contractId={contractId}&size=100&filterSettlementFundingRate=true"
        + "&filterBeginTimeInclusive={since_ms}&filterEndTimeExclusive={until_ms}",
        rows="data.dataList",
        parse=settlement,
        asks=contract_id,
        page_size=100,
    ),
)
