"""Delta Exchange India: perpetuals quoted and settled in dollars (API v2, "Get tickers for products").

Rates are per cent of each contract's own interval, which only the products tell (`rate_exchange_interval`, undocumented;
8 hours where it is missing). `annualized_funding` is the cap of a year, no rate. No call has settled rates: the candles
of FUNDING: are those of the running one. Another venue, api.delta.exchange, has other contracts under the same name.
"""

from typing import Any

from funding.adapter import HOUR, Answer, Call, Exchange, Row, Tables, find, split_quote, weight
from funding.rate import Rate
from funding.values import hours_seconds, microseconds, number, percent, price

API = "https://api.india.delta.exchange/v2"
QUOTES = {"USDT": "USDT", "USD": "USD"}


def inside(product: Row, outer: str, inner: str) -> Any:
    return (product.get(outer) or {}).get(inner)


def products(body: Any) -> list[Row]:
    """With what is read of the objects inside put beside the rest: those of the currencies are a page each."""
    return [
        {
            **product,
            "base": inside(product, "underlying_asset", "symbol"),
            "quote": inside(product, "quoting_asset", "symbol"),
            "settle": inside(product, "settling_asset", "symbol"),
            "interval": inside(product, "product_specs", "rate_exchange_interval"),
        }
        for product in body["result"]
    ]


def parse(row: Row, tables: Tables) -> Rate | None:
    product = find(tables["products"], row["symbol"])
    if product is None or product.get("trading_status", "operational") != "operational":
        return None
    base, quote = (product["base"], product["quote"]) if product else split_quote(row["symbol"], QUOTES)
    return Rate(
        symbol=row["symbol"],
        base=base,
        quote=quote,
        settle=product.get("settle") or quote,
        kind="inverse" if product.get("notional_type") == "inverse" else "linear",
        funding_rate=percent(row["funding_rate"]),
        funding_interval_hours=hours_seconds(product.get("interval")),
        mark_price=price(row.get("mark_price")),
        index_price=price(row.get("spot_price")),
        open_interest_usd=number(row.get("oi_value_usd")),
        volume_24h_usd=number(row.get("turnover_usd")),
        exchange_at=microseconds(row.get("timestamp")),
    )


EXCHANGE = Exchange(
    title="Delta Exchange India",
    kind="cex",
    budget=weight(10_000, 300),
    parse=parse,
    answer=Answer("success", good=("true",), code="error.code"),
    interval_hours=8,
    on_grid=True,
    calls=(
        Call(
            "products",
            API + "/products?contract_types=perpetual_futures&states=live&page_size=500&after={cursor}",
            rows=products,
            cursor="meta.after",
            key="symbol",
            keep=("base", "quote", "settle", "interval", "trading_status", "notional_type"),
            good_for=HOUR,
            weight=3,
        ),
        Call("rates", API + "/tickers?contract_types=perpetual_futures", rows="result", weight=3),
    ),
)
