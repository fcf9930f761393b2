"""The synthetic market: deterministic, plausible, and true to its own settlements."""

from typing import Any

import pytest

from bench.simulator.assets import COLLISION
from bench.simulator.contracts import EXCHANGES, HOUR
from bench.simulator.market import DAY, Market

START = 1_800_000_000  # 2027-01-15 08:00:00 UTC, a whole multiple of eight hours
REPORTING = ("okx", "binance", "bybit", "gate")


def market(seed: int = 1, live: int = 40, **options: Any) -> Market:
    return Market(seed, dict.fromkeys(EXCHANGES, live), START, **options)


def test_the_same_seed_gives_the_same_truth_at_the_same_moment_whatever_was_asked_before() -> None:
    first, second = market(), market()
    for moment in range(START, START + 7 * HOUR, HOUR // 3):
        second.truth("okx", moment)
    for exchange in EXCHANGES:
        assert first.truth(exchange, START + 100) == second.truth(exchange, START + 100)


def test_another_seed_is_another_market() -> None:
    assert market(seed=1).truth("gate", START) != market(seed=2).truth("gate", START)


def test_a_known_market_has_known_figures() -> None:
    btc = next(row for row in market().truth("binance", START + 500) if row.symbol == "BTCUSDT")
    assert (btc.base, btc.quote, btc.settle, btc.kind) == ("BTC", "USDT", "USDT", "linear")
    assert btc.funding_rate == -8.206e-05
    assert btc.funding_interval_hours == 4
    assert btc.next_funding_time == START + 4 * HOUR
    assert (btc.mark_price, btc.index_price) == (91963.09, 91935.21)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_there_are_as_many_live_contracts_as_asked_for_and_others_beside_them(exchange: str) -> None:
    found = market(live=33)
    rows = found.truth(exchange, START)
    assert len(rows) == 33
    assert len({row.symbol for row in rows}) == 33
    assert len(found.contracts[exchange]) > 33
    assert len({c.symbol for c in found.contracts[exchange]}) == len(found.contracts[exchange])


def test_rows_that_are_none_of_ours_are_among_the_contracts_and_not_in_the_truth() -> None:
    found = market(live=12)
    strange = {c.symbol: c.state for rows in found.contracts.values() for c in rows if c.state != "live"}
    assert strange == {
        "OLD1-USDT-SWAP": "delisted",
        "TEST01-USDT-SWAP": "test",
        "BTC-USD-270316": "dated",
        "OLD1USDT": "delisted",
        "BTCUSDT_270316": "dated",
        "BTCUSDT-16MAR27": "dated",
        "BTCUSD-16MAR27": "dated",
        "OLD1": "delisted",
        "xyz:GOLD": "delisted",
        "km:GOLD": "delisted",
        "PF_OLD1USD": "delisted",
        "FI_XBTUSD_270316": "dated",
        "OLD1_USDT": "delisted",
    }
    live = {row.symbol for exchange in EXCHANGES for row in found.truth(exchange, START)}
    assert not live & strange.keys()


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_what_is_charged_is_what_was_quoted_at_that_moment_for_it(exchange: str) -> None:
    found = market()
    for contract in found.contracts[exchange][:20]:
        due = found.quote(contract, START + 10).next_time
        charged = [] if contract.state == "dated" else found.settled(exchange, contract.symbol, due, due)
        for settled in charged:
            before, after = found.quote(contract, due - 1), found.quote(contract, due)
            assert before.next_time == due
            assert before.funding_rate == pytest.approx(settled.rate, abs=2e-6)
            assert (after.last_time, after.last_rate) == (due, settled.rate)
            assert after.next_time == due + contract.interval


def test_a_fixed_rate_stands_still_for_its_hour_and_a_predicted_one_walks() -> None:
    found = market()
    moments = range(START, START + HOUR, 60)

    def rates(exchange: str, symbol: str) -> set[float]:
        contract = found.contract(exchange, symbol)
        assert contract
        return {found.quote(contract, moment).funding_rate for moment in moments}

    assert len(rates("kraken", "PF_XBTUSD")) == 1
    assert len(rates("okx", "BTC-USDT-SWAP")) > 30


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_settlements_fall_at_whole_multiples_of_the_interval(exchange: str) -> None:
    for row in market().truth(exchange, START + 4321):
        interval = int(row.funding_interval_hours * HOUR)
        assert row.next_funding_time % interval == 0
        assert START + 4321 < row.next_funding_time <= START + 4321 + interval


def test_a_first_settlement_comes_at_the_whole_minute_after_the_wish_and_then_by_interval() -> None:
    found = market(first_settlement=61)
    for exchange in REPORTING:
        assert {row.next_funding_time for row in found.truth(exchange, START)} == {START + 120}
        for row in found.truth(exchange, START + 120):
            assert row.next_funding_time == START + 120 + row.funding_interval_hours * HOUR
            assert [one.time for one in found.settled(exchange, row.symbol, START, START + 200)] == [START + 120]
    for exchange in ("hyperliquid", "kraken"):
        assert {row.next_funding_time for row in found.truth(exchange, START)} == {START + HOUR}


def test_history_reaches_as_far_back_as_asked_for_and_no_farther() -> None:
    found = market(past_days=3)
    times = [row.time for row in found.settled("hyperliquid", "BTC", 0, START)]
    assert times == list(range(START - 3 * DAY, START + 1, HOUR))


def test_history_of_an_unknown_contract_is_an_error() -> None:
    with pytest.raises(KeyError):
        market().settled("okx", "NOBODY-USDT-SWAP", 0, START)


def test_the_same_asset_has_nearly_the_same_price_per_token_everywhere() -> None:
    found = market()
    prices: dict[str, list[float]] = {}
    for exchange in EXCHANGES:
        for quote in found.quotes(exchange, START):
            contract = quote.contract
            if contract.state == "live" and contract.asset != COLLISION and not contract.priced_in:
                prices.setdefault(contract.asset.ticker, []).append(quote.mark_price / contract.tokens)
    shared = [values for values in prices.values() if len(values) > 4]
    assert len(shared) > 15
    assert max(max(values) / min(values) for values in shared) < 1.01
    assert min(len(prices[name]) for name in ("BTC", "ETH", "PEPE", "SHIB")) > 5


def test_one_ticker_is_another_asset_on_one_exchange() -> None:
    rows = {exchange: market().truth(exchange, START) for exchange in ("okx", "bybit")}
    okx, bybit = (next(row for row in found if row.base == "BB") for found in rows.values())
    assert okx.mark_price / bybit.mark_price > 500


def test_special_forms_are_there_even_in_a_small_market() -> None:
    found = market(live=12)
    symbols = {row.symbol for exchange in EXCHANGES for row in found.truth(exchange, START)}
    assert symbols >= {
        "BTC-USD-SWAP", "BTC-USD_UM-SWAP", "BTC-USD_UM_XPERP-310404", "1000PEPEUSDT", "SHIB1000USDT", "TSLAUSDT", "ETHBTC",
        "BTCPERP", "BTCUSD", "kPEPE", "xyz:TSLA", "km:TSLA", "hyna:BTC", "PF_XBTUSD", "PI_XBTUSD", "PF_TSLAxUSD",
        "BTC_USD", "币安人生_USDT",
    }  # fmt: skip


def test_amounts_in_coin_are_not_given_as_dollars() -> None:
    cross = next(row for row in market().truth("binance", START) if row.symbol == "ETHBTC")
    assert (cross.quote, cross.open_interest_usd, cross.volume_24h_usd) == ("BTC", None, None)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_everything_stays_plausible_over_a_month(exchange: str) -> None:
    found = market()
    for moment in range(START, START + 30 * DAY, 5 * DAY + 1234):
        for row in found.truth(exchange, moment):
            assert abs(row.funding_rate) < 0.02
            assert row.mark_price == pytest.approx(row.index_price, rel=0.01)
            assert row.open_interest_usd is None or row.open_interest_usd > 1000
            assert row.volume_24h_usd is None or row.volume_24h_usd > 1000
