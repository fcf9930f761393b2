"""The six dialects against readers of their own, written from the venues' documented forms: reading back gives the truth."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from bench.simulator.contracts import EXCHANGES
from bench.simulator.dialects import BY_HOST, DIALECTS, Dialect, refuse
from bench.simulator.faults import STATUSES, WORDS
from bench.simulator.market import Market

START = 1_800_000_000
NOW = START + 4_321
MS = 1_000
Rows = dict[str, dict[str, Any]]


class Venue:
    """Asks one dialect of a small market as a client would, at one moment."""

    def __init__(self, exchange: str, seed: int = 1, live: int = 40, now: int = NOW, **options: Any) -> None:
        self.dialect: Dialect = DIALECTS[exchange]
        self.market = Market(seed, {exchange: live}, START, **options)
        self.now = now

    def ask(self, path: str, /, **query: str) -> Any:
        return self._answer(200, path, query, None)

    def refused(self, status: int, path: str, /, **query: str) -> Any:
        return self._answer(status, path, query, None)

    def post(self, body: Any, status: int = 200) -> Any:
        return self._answer(status, "/info", {}, body)

    def _answer(self, status: int, path: str, query: dict[str, str], body: Any) -> Any:
        reply = self.dialect.answer(self.market, self.now, path, query, body)
        assert reply.status == status
        return json.loads(json.dumps(reply.body))


def by(name: str, rows: list[dict[str, Any]]) -> Rows:
    return {row[name]: row for row in rows}


def row(symbol: str, base: str, quote: str, settle: str, kind: str, **figures: Any) -> dict[str, Any]:
    return {"symbol": symbol, "base": base, "quote": quote, "settle": settle, "kind": kind, **figures}


def read_okx(venue: Venue) -> Rows:
    v5 = "/api/v5"

    def table(path: str, key: str = "instId", **query: str) -> Rows:
        both = [venue.ask(v5 + path, instType=kind, **query) for kind in ("SWAP", "FUTURES")]
        assert {body["code"] for body in both} == {"0"}
        return by(key, [one for body in both for one in body["data"]])

    instruments, marks = table("/public/instruments"), table("/public/mark-price")
    tickers, interest = table("/market/tickers"), table("/public/open-interest")
    indexes = {
        quote: by("instId", venue.ask(v5 + "/market/index-tickers", quoteCcy=quote)["data"])
        for quote in ("USDT", "USD")
    }
    rows = {}
    for rate in venue.ask(v5 + "/public/funding-rate", instId="ANY")["data"]:
        name = rate["instId"]
        instrument = instruments[name]
        if instrument["state"] != "live":
            continue
        base, quote = instrument["uly"].split("-")
        rows[name] = row(
            name, base, quote, instrument["settleCcy"], instrument["ctType"],
            funding_rate=float(rate["fundingRate"]),
            funding_interval_hours=(int(rate["nextFundingTime"]) - int(rate["fundingTime"])) / 3_600_000,
            next_funding_time=int(rate["fundingTime"]) // MS,
            mark_price=float(marks[name]["markPx"]),
            index_price=float(indexes[quote][instrument["uly"]]["idxPx"]),
            open_interest_usd=float(interest[name]["oiUsd"]),
            volume_24h_usd=float(tickers[name]["volCcy24h"]) * float(tickers[name]["last"]),
        )  # fmt: skip
    return rows


def read_binance(venue: Venue) -> Rows:
    v1 = "/fapi/v1"
    instruments = by("symbol", venue.ask(v1 + "/exchangeInfo")["symbols"])
    hours = {one["symbol"]: one["fundingIntervalHours"] for one in venue.ask(v1 + "/fundingInfo")}
    tickers = by("symbol", venue.ask(v1 + "/ticker/24hr"))
    rows = {}
    for rate in venue.ask(v1 + "/premiumIndex"):
        name = rate["symbol"]
        instrument = instruments[name]
        if instrument["status"] != "TRADING" or instrument["contractType"] not in ("PERPETUAL", "TRADIFI_PERPETUAL"):
            continue
        mark, quote = float(rate["markPrice"]), instrument["quoteAsset"]
        amount = float(venue.ask(v1 + "/openInterest", symbol=name)["openInterest"])
        rows[name] = row(
            name, instrument["baseAsset"], quote, instrument["marginAsset"], "linear",
            funding_rate=float(rate["lastFundingRate"]),
            funding_interval_hours=hours.get(name, 8),
            next_funding_time=rate["nextFundingTime"] // MS,
            mark_price=mark,
            index_price=float(rate["indexPrice"]),
            open_interest_usd=None if quote == "BTC" else amount * mark,
            volume_24h_usd=None if quote == "BTC" else float(tickers[name]["quoteVolume"]),
        )  # fmt: skip
    return rows


def bybit_instruments(venue: Venue, category: str, **query: str) -> list[Rows]:
    pages: list[Rows] = []
    cursor = ""
    while not pages or cursor:
        more = {"cursor": cursor} if cursor else {}
        result = venue.ask("/v5/market/instruments-info", category=category, **query, **more)["result"]
        pages.append(by("symbol", result["list"]))
        cursor = result["nextPageCursor"]
    return pages


def read_bybit(venue: Venue) -> Rows:
    rows = {}
    for category in ("linear", "inverse"):
        instruments = {k: v for page in bybit_instruments(venue, category, limit="7") for k, v in page.items()}
        body = venue.ask("/v5/market/tickers", category=category)
        assert body["retCode"] == 0
        for ticker in body["result"]["list"]:
            instrument = instruments.get(ticker["symbol"])
            if instrument is None or not instrument["contractType"].endswith("Perpetual"):
                continue
            linear = category == "linear"
            assert instrument["fundingInterval"] == int(ticker["fundingIntervalHour"]) * 60
            rows[ticker["symbol"]] = row(
                ticker["symbol"], instrument["baseCoin"], instrument["quoteCoin"], instrument["settleCoin"], category,
                funding_rate=float(ticker["fundingRate"]),
                funding_interval_hours=int(ticker["fundingIntervalHour"]),
                next_funding_time=int(ticker["nextFundingTime"]) // MS,
                mark_price=float(ticker["markPrice"]),
                index_price=float(ticker["indexPrice"]),
                open_interest_usd=float(ticker["openInterestValue" if linear else "openInterest"]) / 2,
                volume_24h_usd=float(ticker["turnover24h" if linear else "volume24h"]),
            )  # fmt: skip
    return rows


def read_hyperliquid(venue: Venue) -> Rows:
    dexs = [dex["name"] if dex else "" for dex in venue.post({"type": "perpDexs"})]
    tokens = {token["index"]: token["name"] for token in venue.post({"type": "spotMeta"})["tokens"]}
    rows = {}
    for dex in dexs:
        meta, contexts = venue.post({"type": "metaAndAssetCtxs"} | ({"dex": dex} if dex else {}))
        coin = tokens[meta["collateralToken"]]
        for asset, context in zip(meta["universe"], contexts, strict=True):
            if asset.get("isDelisted"):
                assert context["funding"] == "0.0"
                continue
            name, mark = asset["name"], float(context["markPx"])
            rows[name] = row(
                name, name.split(":")[-1], coin, coin, "linear",
                funding_rate=float(context["funding"]),
                funding_interval_hours=1,
                next_funding_time=venue.now - venue.now % 3600 + 3600,
                mark_price=mark,
                index_price=float(context["oraclePx"]),
                open_interest_usd=float(context["openInterest"]) * mark,
                volume_24h_usd=float(context["dayNtlVlm"]),
            )  # fmt: skip
    return rows


def read_kraken(venue: Venue) -> Rows:
    rows = {}
    body = venue.ask("/derivatives/api/v3/tickers")
    assert body["result"] == "success"
    for ticker in body["tickers"]:
        if ticker.get("tag") != "perpetual" or ticker["suspended"]:
            continue
        base, quote = ({"XBT": "BTC", "XDG": "DOGE"}.get(coin, coin) for coin in ticker["pair"].split(":"))
        inverse = ticker["symbol"].startswith("PI_")
        index, mark = ticker["indexPrice"], ticker["markPrice"]
        rate = ticker["fundingRate"] * index if inverse else ticker["fundingRate"] / index
        rows[ticker["symbol"]] = row(
            ticker["symbol"], base, quote, base if inverse else quote, "inverse" if inverse else "linear",
            funding_rate=rate,
            funding_interval_hours=1,
            next_funding_time=venue.now - venue.now % 3600 + 3600,
            mark_price=mark,
            index_price=index,
            open_interest_usd=ticker["openInterest"] if inverse else ticker["openInterest"] * mark,
            volume_24h_usd=ticker["vol24h"] if inverse else ticker["volumeQuote"],
        )  # fmt: skip
    return rows


def read_gate(venue: Venue) -> Rows:
    rows = {}
    for settle in ("usdt", "btc"):
        tickers = by("contract", venue.ask(f"/api/v4/futures/{settle}/tickers"))
        for contract in venue.ask(f"/api/v4/futures/{settle}/contracts"):
            if contract["status"] != "trading" or contract["in_delisting"]:
                continue
            name, mark = contract["name"], float(contract["mark_price"])
            base, quote = name.split("_")
            inverse = contract["type"] == "inverse"
            size, ticker = contract["position_size"], tickers[name]
            assert int(ticker["total_size"]) == 2 * size
            rows[name] = row(
                name, base, quote, settle.upper(), "inverse" if inverse else "linear",
                funding_rate=float(contract["funding_rate"]),
                funding_interval_hours=contract["funding_interval"] / 3600,
                next_funding_time=contract["funding_next_apply"],
                mark_price=mark,
                index_price=float(contract["index_price"]),
                open_interest_usd=size if inverse else size * float(contract["quanto_multiplier"]) * mark,
                volume_24h_usd=float(ticker["volume_24h_quote"]),
            )  # fmt: skip
    return rows


def nearly(figures: dict[str, Any]) -> dict[str, Any]:
    """Kraken's money is divided by a price again: the last digit may differ."""
    return {k: pytest.approx(v, rel=1e-12, abs=0) if isinstance(v, float) else v for k, v in figures.items()}


READERS: dict[str, Callable[[Venue], Rows]] = {
    "okx": read_okx,
    "binance": read_binance,
    "bybit": read_bybit,
    "hyperliquid": read_hyperliquid,
    "kraken": read_kraken,
    "gate": read_gate,
}


@pytest.mark.parametrize("seed", [1, 2, 77])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_reading_it_back_gives_the_truth(exchange: str, seed: int) -> None:
    venue = Venue(exchange, seed, first_settlement=100, now=START + 50 + seed)
    truth = venue.market.truth(exchange, venue.now)
    read = READERS[exchange](venue)
    assert read.keys() == {one.symbol for one in truth}
    for one in truth:
        assert read[one.symbol] == nearly(asdict(one))


@pytest.mark.parametrize("exchange", [name for name in EXCHANGES if name != "kraken"])
def test_the_rates_texts_are_the_very_numbers(exchange: str) -> None:
    venue = Venue(exchange)
    truth = {one.symbol: one.funding_rate for one in venue.market.truth(exchange, NOW)}
    assert {name: one["funding_rate"] for name, one in READERS[exchange](venue).items()} == truth


def test_a_still_contract_has_a_real_zero() -> None:
    venue = Venue("bybit")
    (ticker,) = venue.ask("/v5/market/tickers", category="linear", symbol="OPENAIUSDT")["result"]["list"]
    assert ticker["fundingRate"] == "0"
    assert read_bybit(venue)["OPENAIUSDT"]["funding_rate"] == 0


# What is odd about each venue


def test_okx_gives_the_coming_settlement_first_and_the_one_after_as_next() -> None:
    found = Venue("okx").ask("/api/v5/public/funding-rate", instId="BTC-USDT-SWAP")["data"]
    assert found == [
        {
            "formulaType": "withRate",
            "fundingRate": "-0.0002860829000000",
            "fundingTime": "1800014400000",
            "impactValue": "20000.0000000000000000",
            "instId": "BTC-USDT-SWAP",
            "instType": "SWAP",
            "interestRate": "0.0001000000000000",
            "maxFundingRate": "0.015",
            "method": "current_period",
            "minFundingRate": "-0.015",
            "nextFundingRate": "",
            "nextFundingTime": "1800028800000",
            "premium": "-0.0001712674656450",
            "prevFundingTime": "1800000000000",
            "settFundingRate": "-0.0002923508000000",
            "settState": "settled",
            "ts": "1800004321000",
        }
    ]


def test_okx_lists_test_and_suspended_contracts_and_xperps_among_the_rates_but_no_dated_ones() -> None:
    venue = Venue("okx", live=12)
    every = venue.ask("/api/v5/public/funding-rate", instId="ANY")["data"]
    names = {one["instId"]: one["instType"] for one in every}
    states = by("instId", venue.ask("/api/v5/public/instruments", instType="SWAP")["data"])
    assert names["BTC-USD_UM_XPERP-310404"] == "FUTURES"
    assert states["TEST01-USDT-SWAP"]["state"] == "test"
    assert states["OLD1-USDT-SWAP"]["state"] == "suspend"
    assert {"TEST01-USDT-SWAP", "OLD1-USDT-SWAP"} <= names.keys()
    assert "BTC-USD-270316" not in names
    futures = by("instId", venue.ask("/api/v5/public/instruments", instType="FUTURES")["data"])
    assert futures["BTC-USD-270316"]["ruleType"] == "normal"
    assert futures["BTC-USD_UM_XPERP-310404"]["ruleType"] == "xperp"


def test_okx_refuses_in_its_own_words() -> None:
    venue = Venue("okx")
    assert venue.ask("/api/v5/public/funding-rate", instId="NO-USDT-SWAP")["code"] == "51001"
    assert venue.refused(400, "/api/v5/public/funding-rate")["code"] == "50014"
    assert (
        venue.refused(400, "/api/v5/public/funding-rate-history", instId="BTC-USDT-SWAP", limit="x")["code"] == "51000"
    )
    assert venue.refused(404, "/api/v5/public/nothing")["code"] == "404"


def test_binance_gives_an_object_with_a_symbol_and_an_array_without() -> None:
    venue = Venue("binance")
    one = venue.ask("/fapi/v1/premiumIndex", symbol="BTCUSDT")
    assert one in venue.ask("/fapi/v1/premiumIndex")
    assert one == {
        "symbol": "BTCUSDT",
        "markPrice": "91468.82000000",
        "indexPrice": "91435.93000000",
        "estimatedSettlePrice": "91435.93000000",
        "lastFundingRate": "-0.00007495",
        "interestRate": "0.00010000",
        "nextFundingTime": 1800014400000,
        "time": 1800004321000,
    }
    assert venue.refused(400, "/fapi/v1/premiumIndex", symbol="NOBODY") == {"code": -1121, "msg": "Invalid symbol."}


def test_binance_shows_dated_contracts_with_a_zero_rate_and_no_time() -> None:
    dated = Venue("binance").ask("/fapi/v1/premiumIndex", symbol="BTCUSDT_270316")
    assert (dated["lastFundingRate"], dated["nextFundingTime"]) == ("0.00000000", 0)


def test_binance_names_no_interval_for_some_that_have_eight_hours() -> None:
    venue = Venue("binance", live=200)
    named = {one["symbol"]: one["fundingIntervalHours"] for one in venue.ask("/fapi/v1/fundingInfo")}
    unnamed = [one for one in venue.market.truth("binance", NOW) if one.symbol not in named]
    assert {one.funding_interval_hours for one in unnamed} == {8}
    assert set(named.values()) == {1, 4, 8}
    assert "BCHUSD_PERP" in named
    assert len(unnamed) > 20


def test_binance_weighs_a_question_for_all_more_than_one_for_one() -> None:
    weigh = DIALECTS["binance"].weigh
    assert weigh("/fapi/v1/premiumIndex", {}, None) == 10
    assert weigh("/fapi/v1/premiumIndex", {"symbol": "BTCUSDT"}, None) == 1
    assert weigh("/fapi/v1/ticker/24hr", {}, None) == 40
    assert weigh("/fapi/v1/exchangeInfo", {}, None) == 1


def test_bybit_cuts_its_instruments_into_pages_whose_cursor_comes_back_as_it_was() -> None:
    venue = Venue("bybit", live=40)
    pages = bybit_instruments(venue, "linear", limit="10")
    assert [len(page) for page in pages] == [10, 10, 10, 9]
    assert len({name for page in pages for name in page}) == 39
    first = venue.ask("/v5/market/instruments-info", category="linear", limit="10")["result"]["nextPageCursor"]
    assert first.startswith("first%3D1000000MOGUSDT%26last%3D")
    decoded = first.replace("%3D", "=").replace("%26", "&")
    assert venue.ask("/v5/market/instruments-info", category="linear", limit="10", cursor=decoded)["retCode"] == 10001


def test_bybit_shows_absence_as_empty_text_and_halted_contracts_only_in_the_tickers() -> None:
    venue = Venue("bybit", live=40)
    tickers = by("symbol", venue.ask("/v5/market/tickers", category="linear")["result"]["list"])
    dated = tickers["BTCUSDT-16MAR27"]
    assert (dated["fundingRate"], dated["nextFundingTime"], dated["fundingIntervalHour"]) == ("", "0", "")
    listed = {name for page in bybit_instruments(venue, "linear") for name in page}
    assert "BTCUSDT-16MAR27" in listed
    assert tickers.keys() - listed == {"OLD1USDT", "OLD2USDT", "OLD3USDT"}


def test_bybit_refuses_with_200_and_a_code() -> None:
    venue = Venue("bybit")
    body = venue.ask("/v5/market/tickers", category="spot")
    assert (body["retCode"], body["result"]) == (10001, {})


def test_hyperliquid_answers_dexs_one_by_one_and_keeps_the_delisted() -> None:
    venue = Venue("hyperliquid", live=12)
    assert venue.post({"type": "perpDexs"})[0] is None
    meta, contexts = venue.post({"type": "metaAndAssetCtxs", "dex": "km"})
    assert meta["collateralToken"] == 360
    names = [asset["name"] for asset in meta["universe"]]
    assert sorted(names) == ["km:GOLD", "km:TSLA"]
    gold = contexts[names.index("km:GOLD")]
    assert (gold["funding"], gold["premium"], gold["midPx"]) == ("0.0", None, None)


def test_hyperliquid_refuses_what_it_cannot_read() -> None:
    venue = Venue("hyperliquid")
    assert venue.post({"type": "nothing"}, status=422).startswith("Failed to deserialize")
    assert venue.post(None, status=422).startswith("Failed to deserialize")
    assert venue.post({"type": "metaAndAssetCtxs", "dex": "nobody"}, status=500) is None
    venue.refused(404, "/other")


def test_kraken_gives_money_for_a_rate_unless_asked_to_give_the_fraction_too() -> None:
    old, new = Venue("kraken"), Venue("kraken", relative_rates=True)
    for venue in (old, new):
        rows = by("symbol", venue.ask("/derivatives/api/v3/tickers")["tickers"])
        truth = by("symbol", [asdict(one) for one in venue.market.truth("kraken", NOW)])
        linear, inverse = rows["PF_XBTUSD"], rows["PI_XBTUSD"]
        assert linear["fundingRate"] / linear["indexPrice"] == pytest.approx(
            truth["PF_XBTUSD"]["funding_rate"], rel=1e-12
        )
        assert inverse["fundingRate"] * inverse["indexPrice"] == pytest.approx(
            truth["PI_XBTUSD"]["funding_rate"], rel=1e-12
        )
        assert abs(linear["fundingRate"]) > 1000 * abs(truth["PF_XBTUSD"]["funding_rate"])
        if venue is new:
            assert linear["relativeFundingRate"] == truth["PF_XBTUSD"]["funding_rate"]
        else:
            assert "relativeFundingRate" not in linear


def test_kraken_mixes_indices_dated_and_suspended_rows_in() -> None:
    rows = by("symbol", Venue("kraken", live=12).ask("/derivatives/api/v3/tickers")["tickers"])
    assert "tag" not in rows["in_xbtusd"]
    assert rows["FI_XBTUSD_270316"]["tag"] == "quarter"
    assert rows["PF_OLD1USD"]["suspended"] is True
    assert not [name for name in ("FI_XBTUSD_270316", "PF_OLD1USD") if "fundingRate" in rows[name]]


def test_gate_gives_bare_arrays_and_refuses_a_limit_above_a_hundred() -> None:
    venue = Venue("gate", live=130)
    contracts = "/api/v4/futures/usdt/contracts"
    assert len(venue.ask(contracts)) == 136
    assert len(venue.ask(contracts, limit="100", offset="100")) == 36
    assert venue.refused(400, contracts, limit="1000") == {
        "label": "INVALID_PARAM_VALUE",
        "message": "invalid limit, must in (0, 100]",
    }
    assert venue.ask(contracts + "/BTC_USDT")["name"] == "BTC_USDT"
    assert venue.refused(400, contracts + "/NO_USDT")["label"] == "CONTRACT_NOT_FOUND"
    assert venue.refused(400, "/api/v4/futures/doge/contracts")["label"] == "INVALID_PARAM_VALUE"
    venue.refused(404, "/api/v4/nothing")


# Settled rates


def charged(venue: Venue, exchange: str, symbol: str, since: int, until: int) -> list[tuple[int, float]]:
    return [(one.time, one.rate) for one in venue.market.settled(exchange, symbol, since, until)]


def test_okx_history_goes_back_from_a_time_newest_first() -> None:
    venue = Venue("okx", past_days=5)
    path, name = "/api/v5/public/funding-rate-history", "BTC-USDT-SWAP"
    known = charged(venue, "okx", name, 0, NOW)[::-1]

    def page(**query: str) -> list[tuple[int, float]]:
        rows = venue.ask(path, instId=name, **query)["data"]
        return [(int(one["fundingTime"]) // MS, float(one["realizedRate"])) for one in rows]

    assert page(limit="400") == known
    assert page(limit="3") == known[:3]
    assert page(limit="3", after=str(known[2][0] * MS)) == known[3:6]
    assert page(before=str(known[2][0] * MS)) == known[:2]
    assert known[0][0] == START


def test_binance_history_goes_forward_in_a_window_with_both_ends() -> None:
    venue = Venue("binance", past_days=5)
    path = "/fapi/v1/fundingRate"
    known = charged(venue, "binance", "BTCUSDT", 0, NOW)

    def page(**query: str) -> list[tuple[int, float]]:
        rows = venue.ask(path, symbol="BTCUSDT", **query)
        assert {one["rateType"] for one in rows} <= {"Regular"}
        return [(one["fundingTime"] // MS, float(one["fundingRate"])) for one in rows]

    assert page() == known
    assert page(limit="2") == known[-2:]
    assert page(startTime=str(known[1][0] * MS), limit="3") == known[1:4]
    times = [one["fundingTime"] for one in venue.ask(path, symbol="BTCUSDT")]
    assert page(startTime=str(times[1]), endTime=str(times[4])) == known[1:5]
    assert page(startTime=str(times[1] + 1), endTime=str(times[4])) == known[2:5]
    assert max(time % 60_000 for time in times) > 0
    assert venue.refused(400, path, symbol="NOBODY")["code"] == -1121


def test_binance_history_of_a_stock_has_special_charges_beside_the_regular_ones() -> None:
    venue = Venue("binance", past_days=5)
    rows = venue.ask("/fapi/v1/fundingRate", symbol="TSLAUSDT", limit="1000")
    regular = [(one["fundingTime"] // MS, float(one["fundingRate"])) for one in rows if one["rateType"] == "Regular"]
    assert regular == charged(venue, "binance", "TSLAUSDT", 0, NOW)
    assert [one["fundingRate"] for one in rows if one["rateType"] == "Special"][:1] == ["-0.01230000"]


def test_bybit_history_is_newest_first_and_wants_an_end() -> None:
    venue = Venue("bybit", past_days=5)
    path = "/v5/market/funding/history"
    known = charged(venue, "bybit", "BTCUSD", 0, NOW)[::-1]

    def page(**query: str) -> list[tuple[int, float]]:
        rows = venue.ask(path, category="inverse", symbol="BTCUSD", **query)["result"]["list"]
        return [(int(one["fundingRateTimestamp"]) // MS, float(one["fundingRate"])) for one in rows]

    assert page() == known
    assert page(endTime=str(known[2][0] * MS - 1), limit="2") == known[3:5]
    assert page(startTime=str(known[4][0] * MS), endTime=str(known[2][0] * MS)) == known[2:5]
    assert venue.ask(path, category="inverse", symbol="BTCUSD", startTime="1")["retCode"] == 10001
    assert venue.ask(path, category="linear", symbol="BTCUSD")["retCode"] == 10001


def test_hyperliquid_history_goes_forward_five_hundred_at_a_time() -> None:
    venue = Venue("hyperliquid", past_days=30)
    known = charged(venue, "hyperliquid", "xyz:TSLA", 0, NOW)
    read: list[tuple[int, float]] = []
    start, pages = (START - 40 * 86_400) * MS, []
    while True:
        rows = venue.post({"type": "fundingHistory", "coin": "xyz:TSLA", "startTime": start})
        if not rows:
            break
        pages.append(len(rows))
        read += [(one["time"] // MS, float(one["fundingRate"])) for one in rows]
        start = rows[-1]["time"] + 1
    assert read == known
    assert pages == [500, 222]
    window = {"startTime": (START - 7200) * MS, "endTime": (START - 1) * MS}
    rows = venue.post({"type": "fundingHistory", "coin": "BTC", **window})
    assert [one["time"] // MS for one in rows] == [START - 7200, START - 3600]
    assert venue.post({"type": "fundingHistory", "coin": "NOBODY", "startTime": 0}, status=500) is None
    venue.post({"type": "fundingHistory", "coin": "BTC"}, status=422)


def test_kraken_history_comes_whole_with_the_fraction_beside_the_money() -> None:
    venue = Venue("kraken", past_days=2)
    rates = venue.ask("/derivatives/api/v4/historicalfundingrates", symbol="PI_XBTUSD")["rates"]
    known = charged(venue, "kraken", "PI_XBTUSD", 0, NOW)
    assert [one["relativeFundingRate"] for one in rates] == [rate for _, rate in known]
    assert (rates[0]["timestamp"], rates[-1]["timestamp"]) == ("2027-01-13T08:00:00.000Z", "2027-01-15T09:00:00.000Z")
    assert venue.ask("/derivatives/api/v4/historicalfundingrates", symbol="PF_NOUSD")["result"] == "error"


def test_gate_history_is_newest_first_in_seconds_a_second_late() -> None:
    venue = Venue("gate", past_days=5)
    path, known = "/api/v4/futures/usdt/funding_rate", charged(venue, "gate", "BTC_USDT", 0, NOW)[::-1]

    def page(**query: str) -> list[tuple[int, float]]:
        rows = venue.ask(path, contract="BTC_USDT", **query)
        return [(one["t"] - 1, float(one["r"])) for one in rows]

    assert page(limit="1000") == known
    window = {"from": str(known[5][0]), "to": str(known[2][0])}
    assert page(**window) == known[3:6]
    assert venue.refused(400, path, contract="BTC_USDT", limit="1001")["label"] == "INVALID_PARAM_VALUE"
    assert venue.refused(400, path, contract="BTC_USD")["label"] == "CONTRACT_NOT_FOUND"


def test_no_history_tells_of_settlements_to_come() -> None:
    gate, binance = Venue("gate", now=START - 1), Venue("binance", now=START - 1)
    newest = gate.ask("/api/v4/futures/usdt/funding_rate", contract="BTC_USDT", to=str(START + 9_999))[0]
    assert START - 8 * 3600 <= newest["t"] < START
    last = binance.ask("/fapi/v1/fundingRate", symbol="BTCUSDT", endTime=str((START + 9_999) * MS))[-1]
    assert START - 8 * 3600 <= last["fundingTime"] // MS < START


# Refusals


@pytest.mark.parametrize("exchange", EXCHANGES)
@pytest.mark.parametrize("why", [*STATUSES, *WORDS])
def test_every_exchange_has_words_for_every_refusal(exchange: str, why: str) -> None:
    reply = refuse(exchange, why)
    if why in STATUSES:
        assert reply.status == int(why)
    else:
        assert reply.status in (200, 403, 429, 451)


def test_the_venues_own_refusals_with_200_are_the_documented_ones() -> None:
    assert (refuse("okx", "slow_down").status, refuse("okx", "slow_down").body["code"]) == (200, "50011")
    assert (refuse("bybit", "slow_down").status, refuse("bybit", "slow_down").body["retCode"]) == (200, 10006)
    assert (refuse("bybit", "barred").status, refuse("bybit", "barred").body["retCode"]) == (200, 10009)
    assert (refuse("binance", "barred").status, refuse("binance", "barred").body["code"]) == (451, 0)
    assert (refuse("kraken", "refused").status, refuse("kraken", "refused").body["result"]) == (200, "error")


def test_hosts_are_the_venues_own() -> None:
    assert BY_HOST == {
        "www.okx.com": "okx",
        "fapi.binance.com": "binance",
        "api.bybit.com": "bybit",
        "api.hyperliquid.xyz": "hyperliquid",
        "futures.kraken.com": "kraken",
        "api.gateio.ws": "gate",
    }
