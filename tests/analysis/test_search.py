"""What a search finds: the rule that the dashboard has too."""

import pytest

from funding.analysis.search import searcher

NAMES = ("BTC", "BTC-USDT-SWAP", "okx")


@pytest.mark.parametrize("query", ["btc", "BTC", "tc", "usdt okx", "  okx   swap ", "b", "o", "b o"])
def test_every_word_is_found_whatever_the_case_and_the_order(query: str) -> None:
    assert searcher(query)(NAMES)


@pytest.mark.parametrize("query", ["eth", "btc eth", "k", "x", "t", "btcokx"])
def test_a_word_that_no_name_holds_is_not_found_and_one_letter_must_begin_one(query: str) -> None:
    assert not searcher(query)(NAMES)


def test_names_outside_ascii_are_found_too() -> None:
    assert searcher("币安")(["币安人生", "binance"])
    assert searcher("币")(["币安人生"])
    assert searcher("ÄRA")(["ära"])


def test_no_word_finds_everything() -> None:
    assert searcher("")(NAMES)
