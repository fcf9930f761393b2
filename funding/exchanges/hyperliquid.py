"""Hyperliquid: the main dex and the builder-deployed ones (info endpoint, "metaAndAssetCtxs").

Names and figures are two parallel arrays; delisted assets stay in them for ever. A builder dex settles in the token that
its `collateralToken` points to, and its names carry the dex: xyz:TSLA.
"""

from typing import Any

from funding.adapter import DAY, HOUR, Call, Exchange, History, Row, Settlement, Tables, weight
from funding.rate import Rate
from funding.values import ms, number, price, times

INFO = "https://api.hyperliquid.xyz/info"
USDC = 0  # the token's index


def assets(body: Any) -> list[Row]:
    meta, contexts = body
    collateral = {"collateral": meta.get("collateralToken", USDC)}
    return [{**asset, **context, **collateral} for asset, context in zip(meta["universe"], contexts, strict=True)]


def dexs(tables: Tables) -> list[str]:
    return ["", *tables["dexs"]]


def parse(row: Row, tables: Tables) -> Rate | None:
    if row.get("isDelisted"):
        return None
    token = {"name": "USDC"} if row["collateral"] == USDC else tables["tokens"].get(row["collateral"], {})
    mark = price(row["markPx"])
    return Rate(
        symbol=row["name"],
        base=row["name"].rpartition(":")[2],
        quote=token.get("name", "USD"),  # prices are in dollars, whatever the collateral
        settle=token.get("name"),
        kind="linear",
        funding_rate=number(row["funding"]),
        mark_price=mark,
        index_price=price(row["oraclePx"]),
        open_interest_usd=times(number(row.get("openInterest")), mark),
        volume_24h_usd=number(row.get("dayNtlVlm")),
    )


def settlement(row: Row) -> Settlement:
    return Settlement(ms(row["time"]), number(row["fundingRate"]))


EXCHANGE = Exchange(
    title="Hyperliquid",
    kind="dex",
    budget=weight(1200, 60),
    parse=parse,
    interval_hours=1,
    on_grid=True,
    calls=(
        Call(
            "dexs", INFO, body={"type": "perpDexs"}, key="name", keep=("name",), good_for=HOUR, weight=20, optional=True
        ),
        Call(
            "tokens",
            INFO,
            body={"type": "spotMeta"},
            rows="tokens",
            key="index",
            keep=("name",),
            good_for=DAY,
            weight=20,
            optional=True,
        ),
        Call(
            "rates",
            INFO,
            body={"type": "metaAndAssetCtxs", "dex": "{dex}"},
            each=dexs,
            about=10,
            rows=assets,
            weight=20,
        ),
    ),
    history=History(
        INFO,
        body={"type": "fundingHistory", "coin": "{symbol}", "startTime": "{since_ms}", "endTime": "{until_ms}"},
        parse=settlement,
        page_size=500,
        weight=45,
    ),
)
