from typing import Any

import pytest
from webtest import TestApp

from funding.analysis.current import FIELDS
from tests.api.conftest import Ticks
from tests.api.market import STALE, charge, fill
from tests.api.stored import NOW, Stored, rate

CURRENT = "/api/funding/current"
SETTLED = ("settled_1d_pct", "settled_3d_pct", "settled_7d_pct", "settled_30d_pct")


def symbols(client: TestApp, query: str) -> list[str]:
    return [f"{row['exchange']}:{row['symbol']}" for row in client.get(f"{CURRENT}?{query}").json["rows"]]


def test_the_whole_list_comes_in_the_envelope_ordered_by_exchange_and_symbol(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(CURRENT)
    assert list(answer.json) == ["fetched_at", "count", "total", "rows", "notices"]
    assert (answer.json["fetched_at"], answer.json["count"], answer.json["total"]) == (NOW, 5, 5)
    assert answer.json["notices"] == []
    assert [row["symbol"] for row in answer.json["rows"]] == [
        "1000PEPEUSDT",
        "BTCUSDT",
        "BTC-PERPETUAL",
        "BTC-USDT-SWAP",
        "PEPE-USDT-SWAP",
    ]


def test_a_row_is_exactly_that_of_the_contract(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    [row] = client.get(f"{CURRENT}?symbol=bybit:1000PEPEUSDT").json["rows"]
    assert tuple(row) == FIELDS
    assert row == {
        "exchange": "bybit",
        "symbol": "1000PEPEUSDT",
        "unified_symbol": "1000PEPE/USDT:USDT",
        "base": "1000PEPE",
        "asset": "PEPE",
        "asset_class": None,
        "multiplier": 1000.0,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
        "funding_rate": 0.0002,
        "funding_rate_pct": 0.02,
        "rate_1h_pct": 0.005,
        "rate_8h_pct": 0.04,
        "rate_1d_pct": 0.12,
        "annualized_pct": 43.8,
        "rate_kind": "predicted",
        "funding_interval_hours": 4.0,
        "interval_source": "reported",
        "next_funding_time": 1_800_028_800,
        "next_funding_source": "reported",
        "last_settled_rate": None,
        "last_settled_at": None,
        "funding_rate_cap": None,
        "funding_rate_floor": None,
        "at_cap": None,
        "mark_price": None,
        "index_price": None,
        "open_interest_usd": None,
        "volume_24h_usd": None,
        "exchange_at": None,
        "observed_at": NOW - 5,
        "age_seconds": 5,
        "stale": False,
        "stale_reason": None,
        "suspect": None,
    }


@pytest.mark.parametrize("query", ["limit=20000", "offset=0&stale=include", "limit=5"])
def test_the_list_is_the_same_whether_it_comes_from_the_cache_or_not(
    query: str, stored: Stored, client: TestApp
) -> None:
    stored.three_exchanges()
    assert client.get(f"{CURRENT}?{query}").json == client.get(CURRENT).json


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("exchange=okx", ["okx:BTC-USDT-SWAP", "okx:PEPE-USDT-SWAP"]),
        ("exchange=okx,deribit&base=BTC", ["deribit:BTC-PERPETUAL", "okx:BTC-USDT-SWAP"]),
        ("base=xbt", ["bybit:BTCUSDT", "deribit:BTC-PERPETUAL", "okx:BTC-USDT-SWAP"]),
        ("base=kPEPE", ["bybit:1000PEPEUSDT", "okx:PEPE-USDT-SWAP"]),
        ("base=1000pepe,doge", ["bybit:1000PEPEUSDT", "okx:PEPE-USDT-SWAP"]),
        ("base=DOGE", []),
        ("quote=usd", ["deribit:BTC-PERPETUAL"]),
        ("quote=USD,USDT&kind=inverse", ["deribit:BTC-PERPETUAL"]),
        ("kind=linear&exchange=bybit", ["bybit:1000PEPEUSDT", "bybit:BTCUSDT"]),
        ("symbol=BTCUSDT", ["bybit:BTCUSDT"]),
        ("symbol=bybit:BTCUSDT", ["bybit:BTCUSDT"]),
        ("symbol=bybit:BTCUSDT&exchange=okx,bybit", ["bybit:BTCUSDT"]),
        ("symbol=okx:BTCUSDT", []),
        ("min_volume=4000000000", ["bybit:BTCUSDT", "okx:BTC-USDT-SWAP"]),
        ("min_volume=4.5e9", ["okx:BTC-USDT-SWAP"]),
        ("min_open_interest=1", ["bybit:BTCUSDT", "okx:BTC-USDT-SWAP"]),
        ("interval_hours=1,4", ["bybit:1000PEPEUSDT", "deribit:BTC-PERPETUAL"]),
        ("interval_hours=8&exchange=bybit", ["bybit:BTCUSDT"]),
        ("search=PEPE", ["bybit:1000PEPEUSDT", "okx:PEPE-USDT-SWAP"]),
        ("search=usdt+bybit", ["bybit:1000PEPEUSDT", "bybit:BTCUSDT"]),
        ("search=d", ["deribit:BTC-PERPETUAL"]),  # one letter begins a name
        ("search=swap&base=BTC", ["okx:BTC-USDT-SWAP"]),
        ("search=doge", []),
        ("min_annualized=43.8", ["bybit:1000PEPEUSDT", "deribit:BTC-PERPETUAL", "okx:PEPE-USDT-SWAP"]),
        ("min_annualized=43.81", ["okx:PEPE-USDT-SWAP"]),  # -54.75
        ("min_annualized=30&search=btc", ["bybit:BTCUSDT", "deribit:BTC-PERPETUAL"]),
    ],
)
def test_filters_leave_the_contracts_that_are_asked_for(
    query: str, expected: list[str], stored: Stored, client: TestApp
) -> None:
    stored.three_exchanges()
    assert symbols(client, query) == expected


def test_a_minimum_of_nothing_keeps_contracts_whose_volume_is_unknown(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    assert len(symbols(client, "min_volume=0&min_open_interest=0")) == 5


def test_a_contract_whose_yearly_rate_is_unknown_reaches_none(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.good("okx", rate("A", "A", 0.01, funding_interval_hours=None), rate("B", "B", 0.0))
    assert symbols(client, "min_annualized=0.001") == []
    assert symbols(client, "min_annualized=0") == ["okx:A", "okx:B"]  # 0 asks for nothing


def test_suspect_rows_are_left_out_on_request_and_that_is_said(stored: Stored, client: TestApp) -> None:
    fill(stored)
    answer = client.get(f"{CURRENT}?base=PEPE&suspect=exclude").json
    assert [row["exchange"] for row in answer["rows"]] == ["bybit"]
    assert (answer["count"], answer["total"]) == (1, 1)
    assert answer["notices"] == [STALE, "1 suspect row left out"]
    both = client.get(f"{CURRENT}?suspect=exclude&stale=exclude").json
    assert (both["total"], both["notices"]) == (8, [STALE, "1 stale row left out", "1 suspect row left out"])


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("search=", "search", "is not one word or more, together at most 80 characters"),
        ("search=+", "search", "is not one word or more, together at most 80 characters"),
        (f"search={'x' * 81}", "search", "is not one word or more, together at most 80 characters"),
        ("search=a%0Ab", "search", "is not one word or more, together at most 80 characters"),
        ("min_annualized=-1", "min_annualized", "is not a number from 0 to 1e+06"),
        ("suspect=yes", "suspect", "may not be yes; it is one of include, exclude"),
    ],
)
def test_a_filter_that_is_no_value_of_its_kind_is_refused(
    query: str, parameter: str, detail: str, stored: Stored, client: TestApp
) -> None:
    stored.three_exchanges()
    [error] = client.get(f"{CURRENT}?{query}", status=400).json["errors"]
    assert (error["parameter"], error["detail"]) == (parameter, detail)


def test_a_csv_has_what_the_filters_leave(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    text = client.get(f"{CURRENT}.csv?search=btc&min_annualized=30&suspect=exclude&fields=symbol,rate_1d_pct").text
    assert text == "symbol,rate_1d_pct\r\nBTCUSDT,0.09\r\nBTC-PERPETUAL,0.12\r\n"


def test_a_symbol_may_hold_colons_and_slashes_itself(stored: Stored, client: TestApp) -> None:
    stored.declare("gmx", "hyperliquid")
    stored.good("gmx", rate("BTC/USD:BTC-USDC", "BTC"))
    stored.good("hyperliquid", rate("xyz:NVDA", "NVDA"), rate("gmx", "GMX"))
    assert symbols(client, "symbol=xyz:NVDA") == ["hyperliquid:xyz:NVDA"]
    assert symbols(client, "symbol=hyperliquid:xyz:NVDA") == ["hyperliquid:xyz:NVDA"]
    assert symbols(client, "symbol=gmx") == ["hyperliquid:gmx"]
    assert symbols(client, "symbol=BTC/USD:BTC-USDC") == ["gmx:BTC/USD:BTC-USDC"]
    assert symbols(client, "symbol=gmx%3ABTC%2FUSD%3ABTC-USDC") == ["gmx:BTC/USD:BTC-USDC"]


def test_a_symbol_on_an_exchange_that_is_left_out_is_a_contradiction(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}?symbol=bybit:BTCUSDT&exchange=okx", status=400)
    assert answer.json["errors"] == [
        {
            "parameter": "symbol",
            "detail": "is on bybit, which exchange= leaves out",
            "value": "bybit:BTCUSDT",
        }
    ]


def test_an_exchange_that_is_not_collected_is_named_with_its_nearest(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}?exchange=okx,bibyt,ftx", status=400)
    assert answer.json["errors"] == [
        {
            "parameter": "exchange",
            "detail": "bibyt is not an exchange collected here; did you mean bybit?",
            "value": "bibyt",
        },
        {"parameter": "exchange", "detail": "ftx is not an exchange collected here", "value": "ftx"},
    ]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-annualized_pct", ["1000PEPEUSDT", "BTC-PERPETUAL", "BTCUSDT", "BTC-USDT-SWAP", "PEPE-USDT-SWAP"]),
        ("funding_rate", ["PEPE-USDT-SWAP", "BTC-PERPETUAL", "BTC-USDT-SWAP", "1000PEPEUSDT", "BTCUSDT"]),
        ("asset,-funding_rate", ["BTCUSDT", "BTC-USDT-SWAP", "BTC-PERPETUAL", "1000PEPEUSDT", "PEPE-USDT-SWAP"]),
        ("volume_24h_usd", ["PEPE-USDT-SWAP", "BTCUSDT", "BTC-USDT-SWAP", "1000PEPEUSDT", "BTC-PERPETUAL"]),
        ("-volume_24h_usd", ["BTC-USDT-SWAP", "BTCUSDT", "PEPE-USDT-SWAP", "1000PEPEUSDT", "BTC-PERPETUAL"]),
    ],
)
def test_rows_are_sorted_by_several_fields_with_the_unknown_last(
    sort: str, expected: list[str], stored: Stored, client: TestApp
) -> None:
    stored.three_exchanges()
    assert [row["symbol"] for row in client.get(f"{CURRENT}?sort={sort}").json["rows"]] == expected


def test_only_the_fields_asked_for_are_given(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}?fields=annualized_pct,exchange&exchange=deribit")
    assert answer.json["rows"] == [{"annualized_pct": 43.8, "exchange": "deribit"}]
    assert list(answer.json["rows"][0]) == ["annualized_pct", "exchange"]


def test_pages_follow_each_other_by_their_links(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    link, pages = f"{CURRENT}?limit=2&sort=symbol&fields=symbol", []
    while link:
        answer = client.get(link)
        assert answer.json["total"] == 5
        assert answer.json["count"] == len(answer.json["rows"])
        pages.append([row["symbol"] for row in answer.json["rows"]])
        link = answer.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
    assert pages == [["1000PEPEUSDT", "BTC-PERPETUAL"], ["BTC-USDT-SWAP", "BTCUSDT"], ["PEPE-USDT-SWAP"]]


def test_a_page_beyond_the_end_is_empty_and_leads_nowhere(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}?offset=5&limit=10")
    assert (answer.json["rows"], answer.json["count"], answer.json["total"]) == ([], 0, 5)
    assert "Link" not in answer.headers


def test_an_empty_result_is_no_error_once_a_run_was_stored(stored: Stored, client: TestApp) -> None:
    stored.declare("okx")
    stored.failed("okx", "timeout", "no answer within 10 s")
    answer = client.get(CURRENT)
    assert (answer.json["rows"], answer.json["count"], answer.json["total"]) == ([], 0, 0)
    assert answer.json["notices"] == ["1 exchange without data yet: okx"]


def test_stale_rows_are_left_out_on_request_and_that_is_said(stored: Stored, client: TestApp, ticks: Ticks) -> None:
    stored.three_exchanges()
    ticks.go_on(890)
    stored.good("okx", rate("BTC-USDT-SWAP", "BTC", observed_at=NOW + 885), at=NOW + 884)
    ticks.go_on(10)
    answer = client.get(f"{CURRENT}?stale=exclude")
    assert [row["symbol"] for row in answer.json["rows"]] == ["BTC-USDT-SWAP"]
    assert (answer.json["count"], answer.json["total"]) == (1, 1)
    assert answer.json["notices"] == ["2 exchanges stale: bybit, deribit", "4 stale rows left out"]


def test_notices_are_about_the_exchanges_that_were_asked_for(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    stored.failed("bybit", "blocked", "HTTP 403")
    assert client.get(f"{CURRENT}?exchange=okx").json["notices"] == []
    assert client.get(f"{CURRENT}?base=PEPE").json["notices"] == ["1 exchange blocking this server: bybit"]


def test_an_asset_has_all_its_contracts_with_median_and_spread(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer: dict[str, Any] = client.get("/api/funding/symbol/BTC").json
    rows = answer.pop("rows")
    assert answer == {
        "fetched_at": NOW,
        "count": 3,
        "total": 3,
        "asset": "BTC",
        "asset_class": None,
        "median_annualized_pct": 32.85,
        "spread_annualized_pct": 32.85,
        "notices": [],
    }
    assert [(row["exchange"], row["annualized_pct"]) for row in rows] == [
        ("bybit", 32.85),
        ("deribit", 43.8),
        ("okx", 10.95),
    ]
    assert tuple(rows[0]) == (*FIELDS, *SETTLED, "trade_url")
    assert [row["trade_url"] for row in rows][::2] == [
        "https://www.bybit.com/trade/usdt/BTCUSDT",
        "https://www.okx.com/trade-swap/btc-usdt-swap",
    ]
    assert [rows[0][name] for name in SETTLED] == [None] * 4


def test_what_an_asset_charged_is_added_up_as_far_as_it_is_known(stored: Stored, client: TestApp) -> None:
    fill(stored)
    charge(stored, "okx", "BTC-USDT-SWAP", 0.0001, 5)
    rows = client.get(f"/api/funding/symbol/BTC?fields={','.join(('exchange', *SETTLED))}").json["rows"]
    assert [row for row in rows if row["exchange"] == "okx"] == [
        {
            "exchange": "okx",
            "settled_1d_pct": 0.03,
            "settled_3d_pct": 0.09,
            "settled_7d_pct": None,
            "settled_30d_pct": None,
        }
    ]


@pytest.mark.parametrize("base", ["PEPE", "pepe", "1000PEPE", "1000pepe", "kPEPE"])
def test_an_asset_is_found_by_any_of_its_names(base: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"/api/funding/symbol/{base}?sort=-exchange&fields=exchange,multiplier").json
    assert answer["asset"] == "PEPE"
    assert answer["rows"] == [{"exchange": "okx", "multiplier": 1.0}, {"exchange": "bybit", "multiplier": 1000.0}]


def test_an_asset_that_the_table_does_not_know_keeps_the_case_of_the_venue(stored: Stored, client: TestApp) -> None:
    stored.declare("gate")
    stored.good("gate", rate("SOLVx_USDT", "SOLVx"))
    assert client.get("/api/funding/symbol/SOLVx").json["count"] == 1
    assert symbols(client, "base=SOLVx") == ["gate:SOLVx_USDT"]


def test_an_unknown_asset_is_not_found_and_the_near_ones_are_named(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get("/api/funding/symbol/pepee", status=404)
    assert answer.json["detail"] == "No contract of PEPEE; did you mean PEPE?"
    assert client.get("/api/funding/symbol/ZZZ", status=404).json["detail"] == "No contract of ZZZ"


def test_a_stale_contract_does_not_count_in_the_median(stored: Stored, client: TestApp) -> None:
    stored.declare("bybit", "okx")
    stored.good("okx", rate("BTC-USDT-SWAP", "BTC", 0.0001))
    stored.good("bybit", rate("BTCUSDT", "BTC", 0.0003, exchange_at=NOW - 3700))
    answer = client.get("/api/funding/symbol/BTC").json
    assert (answer["count"], answer["median_annualized_pct"], answer["spread_annualized_pct"]) == (2, 10.95, 0.0)


def test_a_name_outside_ascii_finds_its_contract_and_its_next_page(stored: Stored, client: TestApp) -> None:
    stored.declare("binance", "okx")
    stored.good("binance", rate("币安人生USDT", "币安人生"))
    stored.good("okx", rate("币安人生-USDT-SWAP", "币安人生"))
    answer = client.get("/api/funding/symbol/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F?limit=1")
    assert answer.json["rows"][0]["symbol"] == "币安人生USDT"
    link = answer.headers["Link"]
    assert link == '</api/funding/symbol/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F?limit=1&offset=1>; rel="next"'
    assert client.get(link.split(">")[0][1:]).json["rows"][0]["symbol"] == "币安人生-USDT-SWAP"
