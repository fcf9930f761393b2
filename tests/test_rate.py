import math
from dataclasses import replace

import pytest

from funding.errors import BadRow
from funding.rate import Rate

GOOD = Rate(symbol="BTC-USDT-SWAP", base="BTC", quote="USDT", kind="linear", funding_rate=0.0001)


def test_a_rate_needs_only_what_no_venue_lacks():
    assert (GOOD.funding_interval_hours, GOOD.next_funding_time, GOOD.mark_price) == (None, None, None)


@pytest.mark.parametrize("name", ["symbol", "base", "quote", "funding_rate"])
def test_a_mandatory_field_that_is_missing_is_named(name):
    with pytest.raises(BadRow, match=f"no {name}"):
        replace(GOOD, **{name: None})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("funding_rate", 5.0, "funding_rate is implausible: 5"),
        ("funding_rate", math.nan, "funding_rate is not a number"),
        ("funding_rate", "0.1", "funding_rate is not a number"),
        ("funding_rate", True, "funding_rate is not a number"),
        ("mark_price", 0.0, "mark_price is implausible: 0"),
        ("mark_price", -1.0, "mark_price is implausible: -1"),
        ("index_price", math.inf, "index_price is not a number"),
        ("open_interest_usd", -1.0, "open_interest_usd is implausible: -1"),
        ("volume_24h_usd", math.inf, "volume_24h_usd is not a number"),
        ("funding_interval_hours", 0.0, "funding_interval_hours is implausible: 0"),
        ("funding_interval_hours", 28_800.0, "funding_interval_hours is implausible: 28800"),
        ("next_funding_time", 1_795_507_200_000, "next_funding_time is implausible: 1795507200000"),
        ("next_funding_time", 1_795_507_200.5, "next_funding_time is not whole seconds"),
        ("kind", "quanto", "kind is not one of linear, inverse"),
        ("rate_kind", "guessed", "rate_kind is not one of predicted, fixed, settled"),
        ("symbol", "BTC\nUSDT", "symbol is not a name"),
        ("symbol", "B" * 81, "symbol is not a name"),
        ("base", "B C", "base is not a name"),
    ],
)
def test_the_implausible_is_refused_and_named(field, value, words):
    with pytest.raises(BadRow, match=words):
        replace(GOOD, **{field: value})


def test_a_cap_below_the_floor_is_refused():
    with pytest.raises(BadRow, match=r"^funding_rate_cap .* is below funding_rate_floor"):
        replace(GOOD, funding_rate_cap=0.001, funding_rate_floor=0.002)


def test_a_figure_without_a_word_on_its_source_was_reported():
    rate = replace(GOOD, funding_interval_hours=8.0, next_funding_time=1_795_507_200)
    assert (rate.interval_source, rate.next_funding_source) == ("reported", "reported")


def test_a_figure_that_is_unknown_has_no_source():
    rate = replace(GOOD, interval_source="derived")
    assert rate.interval_source is None


def test_names_in_any_script_are_names():
    assert replace(GOOD, symbol="币安人生USDT", base="币安人生").base == "币安人生"
