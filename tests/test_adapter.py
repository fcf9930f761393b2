from dataclasses import replace

import pytest

from funding.adapter import (
    TABLE_NAMES,
    Call,
    Exchange,
    Table,
    check,
    find,
    in_batches,
    load,
    per_second,
    split_quote,
)
from funding.errors import BadRow

RATES = Call("rates", "https://a.example/rates")
GOOD = Exchange(title="A", kind="cex", budget=per_second(1), calls=(RATES,), parse=lambda row, tables: None)
TABLE = Call("instruments", "https://a.example/i", key="name")


def test_every_exchange_of_the_folder_is_loaded_under_its_file_name():
    found = load()
    assert {"okx", "bybit", "hyperliquid", "kraken", "cryptocom"} <= set(found)
    assert list(found) == sorted(found)
    assert not any(name.startswith("_") or "_" in name for name in found)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"calls": (TABLE,)}, "exactly one 'rates'"),
        ({"calls": (RATES, RATES)}, "exactly one 'rates'"),
        ({"calls": (RATES, TABLE, TABLE)}, "unique"),
        ({"kind": "bank"}, "kind is cex or dex, not 'bank'"),
        ({"rate_kind": "guess"}, "rate_kind is one of predicted, fixed, settled, not 'guess'"),
        ({"on_grid": True}, "on_grid needs interval_hours"),
        ({"calls": (RATES, replace(TABLE, name="stuff"))}, "is not one of the names of tables"),
        ({"calls": (replace(RATES, url="http://a.example"),)}, "is not https"),
        ({"calls": (RATES, replace(TABLE, key=None))}, "needs a key"),
        ({"calls": (replace(RATES, url="https://a.example/{x}"),)}, "needs exactly one placeholder for `each`"),
        ({"calls": (replace(RATES, each=("a",)),)}, "needs exactly one placeholder for `each`"),
        ({"calls": (replace(RATES, url="https://a.example/?c={cursor}"),)}, "{cursor} and `cursor` go together"),
        ({"calls": (replace(RATES, page_size=5),)}, "{page} or {offset} and `page_size` go together"),
    ],
)
def test_a_declaration_that_breaks_the_contract_is_refused_with_its_file(changed, words):
    with pytest.raises(ValueError, match=r"^funding/exchanges/made_up\.py: ") as caught:
        check("made-up", replace(GOOD, **changed))
    assert words in str(caught.value)


def test_a_placeholder_in_the_body_counts():
    check("a", replace(GOOD, calls=(Call("rates", "https://a.example", body={"dex": "{dex}"}, each=("",)),)))


def test_the_hosts_of_an_exchange_are_known_before_it_is_asked():
    two = Call("rates", "https://{host}/x", each=("a.example", "b.example"))
    assert replace(GOOD, calls=(two,)).hosts == {"a.example", "b.example"}


def test_what_a_whole_list_lacks_is_not_listed_and_what_a_sample_lacks_is_unknown():
    assert find(Table({"A": {"x": 1}}, complete=True), "A") == {"x": 1}
    assert find(Table({"A": {"x": 1}}, complete=True), "B") is None
    assert find(Table({"A": {"x": 1}}), "B") == {}


def test_batches_are_comma_lists():
    assert in_batches([1, 2, 3], 2) == ["1,2", "3"]
    assert in_batches([], 2) == []


def test_a_symbol_is_split_by_the_first_ending_that_fits():
    quotes = {"USDT": "USDT", "PERP": "USDC"}
    assert split_quote("1000PEPEUSDT", quotes) == ("1000PEPE", "USDT")
    assert split_quote("BTCPERP", quotes) == ("BTC", "USDC")
    with pytest.raises(BadRow, match="neither a list nor the symbol"):
        split_quote("USDT", quotes)


@pytest.mark.parametrize("name", load())
def test_the_tables_of_every_exchange_have_names_from_one_list(name):
    assert {call.name for call in load()[name].calls} <= set(TABLE_NAMES)
