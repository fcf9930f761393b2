"""Nado: perpetuals settled in USDT0 (archive, "Contracts" v2; gateway, "Symbols").

The current rate is of 24 hours, of which a 24th is paid each hour; the history is per hour. Whether a contract trades is
told by another host. Two limits hold at once: 400 in ten seconds meets both. No refusal with these codes was recorded.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, History, Row, Settlement, Tables, find, weight
from funding.rate import Rate
from funding.values import number, price, scaled, seconds

ARCHIVE = "https://archive.prod.nado.xyz"
QUOTE = "USDT0"
RATE_HOURS = 24
X18 = 10**18


def symbols(body: Any) -> list[Row]:
    """Each with its contract's name, which has the quote behind."""
    listed = body["data"]["symbols"].values()
    return [{**row, "ticker_id": f"{row.get('symbol')}_{QUOTE}"} for row in listed if row]


def parse(row: Row, tables: Tables) -> Rate | None:
    inst = find(tables["instruments"], row["base_currency"])
    if inst is None or row["product_type"] != "perpetual" or inst.get("trading_status", "live") != "live":
        return None
    return Rate(
        symbol=row["ticker_id"],
        base=row["base_currency"].removesuffix("-PERP"),
        quote=row["quote_currency"],
        settle=row["quote_currency"],
        kind="linear",
        funding_rate=scaled(row["funding_rate"], RATE_HOURS),
        next_funding_time=seconds(row["next_funding_rate_timestamp"]),
        mark_price=price(row.get("mark_price")),
        index_price=price(row.get("index_price")),
        open_interest_usd=number(row.get("open_interest_usd")),
        volume_24h_usd=number(row.get("quote_volume")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(seconds(row["timestamp"]), scaled(row["funding_rate_x18"], X18))


def product_of(contract: Any, tables: Tables) -> Row:
    ids = {row["ticker_id"]: row["product_id"] for row in tables["instruments"].values()}
    return {"product_id": ids[contract.symbol]}


EXCHANGE = Exchange(
    title="Nado",
    kind="dex",
    budget=weight(400, 10),
    parse=parse,
    answer=Answer("status", good=("success",), code="error_code", slow_down=("1000", "1015"), barred=("1002", "1003")),
    interval_hours=1,
    calls=(
        Call(
            "instruments",
            "https://gateway.prod.nado.xyz/v1/query?type=symbols",
            rows=symbols,
            key="symbol",
            keep=("ticker_id", "product_id", "trading_status"),
            good_for=HOUR,
            weight=2,
        ),
        Call("rates", ARCHIVE + "/v2/contracts?edge=false", rows="*"),
    ),
    history=History(
        ARCHIVE + "/v1",
        body={
            "funding_rate_history": {
                "product_id": "{product_id}",
                "start_time": "{since_s}",
                "end_time": "{until_s}",
                "limit": 1000,
            }
        },
        rows="funding_rates",
        parse=settlement,
        asks=product_of,
        page_size=1000,
        weight=12,
    ),
)
