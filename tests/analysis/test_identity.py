"""The price test, on cases worked out by hand. Prices and open interest are those of real collisions where one is named."""

from itertools import permutations

from funding.analysis.identity import Market, find_suspects


def market(
    where: str,
    mark_price: float | None,
    open_interest_usd: float | None,
    *,
    asset: str = "BB",
    multiplier: float = 1.0,
) -> Market:
    exchange, symbol = where.split(":", 1)
    return Market(
        asset=asset,
        exchange=exchange,
        symbol=symbol,
        mark_price=mark_price,
        multiplier=multiplier,
        open_interest_usd=open_interest_usd,
    )


def test_a_price_of_another_asset_is_told_from_the_deepest_market() -> None:
    assert (
        find_suspects(
            [
                market("binance:BBUSDT", 0.0096, 5e6),
                market("bybit:BBUSDT", 0.0095995, 3e6),
                market("okx:BB-USDT-SWAP", 7.7195, 1e6),
            ]
        )
        == {
            ("okx", "BB-USDT-SWAP"): (
                "price per token 7.7195 is 804.1 times that of BB's deepest market, binance:BBUSDT at 0.0096"  # 7.7195 / 0.0096
            )
        }
    )


def test_the_deepest_market_is_right_even_where_most_venues_list_the_other_asset() -> None:
    rows = [
        market("hyperliquid:PURR", 0.109, 11.15e6, asset="PURR"),
        market("gate:PURR_USDT", 11.407, 0.3e6, asset="PURR"),
        market("okx:PURR-USDT-SWAP", 11.45, 0.3e6, asset="PURR"),
        market("bybit:PURRUSDT", 11.5, 0.31e6, asset="PURR"),
    ]
    assert set(find_suspects(rows)) == {
        ("gate", "PURR_USDT"),
        ("okx", "PURR-USDT-SWAP"),
        ("bybit", "PURRUSDT"),
    }


def test_a_price_is_compared_per_token() -> None:
    rows = [
        market("okx:PEPE-USDT-SWAP", 0.00000335, 40e6, asset="PEPE"),
        market("binance:1000PEPEUSDT", 0.00336, 90e6, asset="PEPE", multiplier=1_000),
        market("velocity:1MPEPE-PERP", 3.34, 1e5, asset="PEPE", multiplier=1_000_000),
    ]
    assert find_suspects(rows) == {}


def test_a_thousandfold_that_nobody_knew_of_is_found() -> None:
    rows = [
        market("binance:1000PEPEUSDT", 0.00336, 90e6, asset="PEPE", multiplier=1_000),
        market("new:PEPEUSDT", 0.00336, 1e5, asset="PEPE"),
    ]
    reason = "price per token 0.00336 is 1000 times that of PEPE's deepest market, binance:1000PEPEUSDT at 3.36e-06"
    assert find_suspects(rows) == {("new", "PEPEUSDT"): reason}


def test_ten_per_cent_either_way_is_allowed_and_no_more() -> None:
    rows = [
        market("a:DEEP", 100.0, 9e6),
        market("b:HIGH", 110.0, 1e6),
        market("c:LOW", 90.0, 1e6),
        market("d:TOO-HIGH", 110.01, 1e6),
        market("e:TOO-LOW", 89.99, 1e6),
    ]
    assert find_suspects(rows) == {
        ("d", "TOO-HIGH"): "price per token 110.01 is 1.1 times that of BB's deepest market, a:DEEP at 100",
        ("e", "TOO-LOW"): "price per token 89.99 is 0.8999 times that of BB's deepest market, a:DEEP at 100",
    }


def test_a_collision_too_small_to_see_by_eye_is_found() -> None:
    rows = [  # Quant against Quantinuum
        market("binance:QNTUSDT", 65.10, 8e6, asset="QNT"),
        market("bybit:QNTUSDT", 65.05, 4e6, asset="QNT"),
        market("venue:QNT", 50.52, 2e6, asset="QNT"),
    ]
    assert set(find_suspects(rows)) == {("venue", "QNT")}


def test_assets_do_not_judge_each_other() -> None:
    rows = [market("a:BTC", 90_000.0, 9e9, asset="BTC"), market("a:ETH", 3_000.0, 1e9, asset="ETH")]
    assert find_suspects(rows) == {}


def test_a_contract_that_stands_alone_is_not_judged() -> None:
    assert find_suspects([market("a:NEW", 0.5, None)]) == {}


def test_a_contract_without_a_price_is_not_judged_and_judges_nobody() -> None:
    rows = [market("a:DEEP", None, 9e9), market("b:X", 100.0, 1e6), market("c:Y", 101.0, 2e6)]
    assert find_suspects(rows) == {}


def test_a_market_without_open_interest_is_judged_but_is_no_reference() -> None:
    rows = [
        market("a:UNKNOWN", 50.0, None),
        market("b:ZERO", 51.0, 0.0),
        market("c:SMALL", 100.0, 10.0),
    ]
    assert set(find_suspects(rows)) == {("a", "UNKNOWN"), ("b", "ZERO")}


def test_without_any_open_interest_prices_that_agree_are_left_alone() -> None:
    rows = [market("a:X", 100.0, None), market("b:X", 104.0, 0.0), market("c:X", 109.0, None)]
    assert find_suspects(rows) == {}


def test_without_any_open_interest_prices_that_disagree_make_all_of_them_suspect() -> None:
    rows = [market("a:X", 100.0, None), market("b:X", 101.0, None), market("c:X", 7.0, None)]
    reason = "prices per token of BB lie between 7 and 101, and no open interest is known"
    assert find_suspects(rows) == {("a", "X"): reason, ("b", "X"): reason, ("c", "X"): reason}


def test_of_two_equally_deep_markets_that_agree_either_is_the_reference() -> None:
    rows = [market("a:X", 100.0, 5e6), market("b:X", 101.0, 5e6), market("c:X", 7.0, 1e6)]
    assert set(find_suspects(rows)) == {("c", "X")}


def test_two_equally_deep_markets_that_disagree_make_all_contracts_suspect() -> None:
    rows = [market("a:X", 100.0, 5e6), market("b:X", 7.0, 5e6), market("c:X", 100.0, 1e6)]
    reason = "prices per token of BB lie between 7 and 100, and its deepest markets are of one size"
    assert find_suspects(rows) == {("a", "X"): reason, ("b", "X"): reason, ("c", "X"): reason}


def test_two_contracts_of_one_size_that_disagree_are_both_suspect() -> None:
    reason = "prices per token of BB lie between 7 and 100, and its deepest markets are of one size"
    rows = [market("a:X", 100.0, 5e6), market("b:X", 7.0, 5e6)]
    assert find_suspects(rows) == {("a", "X"): reason, ("b", "X"): reason}


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = [market("a:X", 100.0, 5e6), market("b:X", 109.0, 5e6), market("c:X", 112.0, 1e6)]
    answers = [find_suspects(order) for order in permutations(rows)]
    assert answers == [answers[0]] * 6
    assert set(answers[0]) == {("c", "X")}  # 12 % off a:X, the first of the two that tie
