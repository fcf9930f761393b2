"""Pairs of legs: against the plain search through all of them."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.analysis.legs import Leg, Pair, all_pairs, best_pairs


def leg(where: str, rate: float, fee: float = 0.0, depth: float = 1.0, asset: str = "BTC") -> Leg:
    exchange, symbol = where.split(":")
    return Leg(
        group=(asset, "dollar"),
        exchange=exchange,
        taker_fee_pct=fee,
        rate=rate,
        earns=rate - fee,
        costs=rate + fee,
        depth=depth,
        row={"symbol": symbol},
    )


def names(pairs: list[Pair]) -> list[tuple[str, str]]:
    """(short, long)"""
    return [tuple(f"{one.exchange}:{one.row['symbol']}" for one in (pair.short, pair.long)) for pair in pairs]  # type: ignore[misc]


def test_the_highest_is_sold_and_the_lowest_bought() -> None:
    legs = [leg("a:X", 10), leg("b:X", 30), leg("c:X", -5), leg("d:X", 20)]
    [pair] = best_pairs(legs, 0)
    assert names([pair]) == [("b:X", "c:X")]
    assert pair.net == 35


def test_two_contracts_of_one_exchange_make_no_pair() -> None:
    assert best_pairs([leg("a:X", 10), leg("a:Y", 30)], 0) == []
    legs = [leg("a:X", 1), leg("a:Y", 30), leg("b:X", 20), leg("c:X", 4)]
    assert names(best_pairs(legs, 0)) == [("a:Y", "c:X")]  # not a:Y with a:X, 29
    assert names(best_pairs([leg("a:X", 1), leg("a:Y", 30), leg("b:X", 28)], 0)) == [
        ("b:X", "a:X")
    ]  # 27, the other way 2


def test_the_best_is_the_best_after_fees() -> None:
    legs = [leg("a:X", 30, fee=8), leg("b:X", 25, fee=1), leg("c:X", 10, fee=1)]
    [pair] = best_pairs(legs, 0)
    assert names([pair]) == [("b:X", "c:X")]
    assert pair.net == 13  # a:X would leave 20 - 9 = 11


def test_a_net_of_the_least_is_enough_and_below_it_is_not() -> None:
    legs = [leg("a:X", 30), leg("b:X", 10)]
    assert len(best_pairs(legs, 20)) == 1
    assert best_pairs(legs, 20.001) == []


def test_equal_rates_make_no_pair_and_one_leg_makes_none() -> None:
    assert best_pairs([leg("a:X", 10), leg("b:X", 10)], 0) == []
    assert all_pairs([leg("a:X", 10), leg("b:X", 10)], 0, 9) == ([], False)
    assert best_pairs([leg("a:X", 10)], 0) == []
    assert best_pairs([], 0) == []


def test_of_equal_legs_the_deeper_counts_and_then_the_name_in_any_order_of_the_rows() -> None:
    legs = [leg("a:X", 30), leg("b:X", 30, depth=5), leg("c:X", 10), leg("d:X", 10)]
    for order in permutations(legs):
        assert names(best_pairs(order, 0)) == [("b:X", "c:X")]
        assert names(all_pairs(order, 0, 9)[0]) == [
            ("b:X", "c:X"), ("b:X", "d:X"), ("a:X", "c:X"), ("a:X", "d:X"),
        ]  # fmt: skip


def test_where_equal_pairs_are_cut_the_deeper_ones_stay() -> None:
    legs = [leg("a:X", 30), leg("b:X", 30, depth=5), leg("c:X", 10), leg("d:X", 10, depth=5)]
    for order in permutations(legs):
        assert names(best_pairs(order, 0)) == [("b:X", "d:X")]
        assert names(all_pairs(order, 0, 2)[0]) == [("b:X", "d:X"), ("b:X", "c:X")]


def test_groups_do_not_mix_and_the_best_pair_comes_first() -> None:
    legs = [leg("a:X", 10), leg("b:X", 12), leg("a:Y", 10, asset="ETH"), leg("b:Y", 90, asset="ETH")]
    assert names(best_pairs(legs, 0)) == [("b:Y", "a:Y"), ("b:X", "a:X")]


def test_through_an_exchange_one_leg_is_there_on_either_side() -> None:
    legs = [leg("a:X", 10), leg("b:X", 30), leg("c:X", -5), leg("d:X", 20)]
    assert names(best_pairs(legs, 0, through="a")) == [("b:X", "a:X")]  # 20, the other way 15
    assert names(all_pairs(legs, 0, 9, through="a")[0]) == [("b:X", "a:X"), ("a:X", "c:X"), ("d:X", "a:X")]
    assert best_pairs(legs, 0, through="e") == []


def test_more_pairs_than_wanted_are_said_to_be_there() -> None:
    legs = [leg("a:X", 1), leg("b:X", 2), leg("c:X", 4)]
    assert all_pairs(legs, 0, 3)[1] is False
    pairs, more = all_pairs(legs, 0, 2)
    assert (names(pairs), more) == ([("c:X", "a:X"), ("c:X", "b:X")], True)


def test_of_all_pairs_those_that_fit_are_picked_before_they_are_cut() -> None:
    legs = [leg("a:X", 1), leg("b:X", 2), leg("c:X", 4)]
    pairs, more = all_pairs(legs, 0, 1, fits=lambda pair: pair.short.exchange != "c")
    assert (names(pairs), more) == ([("b:X", "a:X")], False)


SOME_LEGS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(-3, 6), st.integers(0, 2), st.sampled_from(["BTC", "ETH"])),
    max_size=12,
)


@given(drawn=SOME_LEGS, least=st.integers(-2, 4), through=st.sampled_from([None, "a"]), most=st.integers(1, 30))
def test_nothing_is_found_but_what_a_plain_search_finds(
    drawn: list[tuple[str, int, int, str]], least: int, through: str | None, most: int
) -> None:
    legs = [leg(f"{ex}:{place}", rate, fee, asset=asset) for place, (ex, rate, fee, asset) in enumerate(drawn)]
    plain = sorted(
        (
            Pair(short, long)
            for short, long in product(legs, legs)
            if short.group == long.group
            and short.exchange != long.exchange
            and short.rate > long.rate
            and short.earns - long.costs >= least
            and through in (None, short.exchange, long.exchange)
        ),
        key=lambda pair: pair.place,
    )
    pairs, more = all_pairs(legs, least, most, through)
    assert more == (len(plain) > most)
    assert [pair.net for pair in pairs] == [pair.net for pair in plain[:most]]
    assert set(names(pairs)) <= set(names(plain))
    best = best_pairs(legs, least, through)
    assert [(pair.short.group, pair.net) for pair in best] == _best_of_each(plain)


def _best_of_each(ranked: list[Pair]) -> list[tuple[tuple[str, str], float]]:
    first: dict[tuple[str, str], float] = {}
    for pair in ranked:
        first.setdefault(pair.short.group, pair.net)
    return sorted(first.items(), key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize("number", [1, 3])
def test_a_great_many_equal_pairs_are_cut_where_it_is_said(number: int) -> None:
    legs = [leg(f"{place:03}:X", place % 2) for place in range(60)]
    pairs, more = all_pairs(legs, 0, number)
    assert (len(pairs), more, {pair.net for pair in pairs}) == (number, True, {1.0})
