"""Which fields rates' rows are known to have, and what a change of them looks like."""

from typing import Any

import pytest

from docs.fields import PAYLOADS, fields_of
from funding.adapter import Exchange, Row, Tables, load, per_second
from funding.errors import BadRow
from funding.fields import Fields, changes, known, watched
from funding.rate import Rate
from tests import recordings


def parse(row: Row, tables: Tables) -> Rate | None:
    if "spot" in row:
        return None
    row["touched"] = True
    if row["rate"] is None:
        raise BadRow("no funding_rate")
    return Rate(symbol="A", base="A", quote="USD", kind="linear", funding_rate=row["rate"])


def met(*rows: Row) -> Fields:
    """What is noted of rows that an exchange is given to parse."""
    fields = Fields()
    exchange = watched(Exchange(title="V", kind="cex", budget=per_second(1), calls=(), parse=parse), fields)
    for row in rows:
        try:
            exchange.parse(row, {})
        except (BadRow, KeyError):
            assert row.get("rate") is None
    return fields


def test_fields_are_noted_of_rows_that_give_a_rate_or_should_have_given_one() -> None:
    fields = met({"rate": 0.1, "a": 1, "b": 2}, {"rate": 0.2, "a": 1}, {"rate": None, "odd": 1}, {"spot": 1, "c": 1})
    assert fields.always == {"rate", "a"}
    assert fields.ever == {"rate", "a", "b", "odd"}


def test_a_field_that_was_renamed_is_a_new_one_and_one_that_is_gone() -> None:
    always = known()["okx"].always
    assert always is not None
    row: dict[str, Any] = dict.fromkeys(always - {"fundingRate"} | {"impactValue", "rateOfFunding"})
    assert changes("okx", met(row)) == {"new fields": ["rateOfFunding"], "gone": ["fundingRate"]}


def test_a_field_that_only_some_rows_ever_had_is_not_gone() -> None:
    assert "impactValue" in known()["okx"].ever
    assert changes("okx", met(dict.fromkeys(known()["okx"].always or ()))) == {}


def test_a_run_without_rows_and_an_exchange_of_which_nothing_is_known_have_no_changes() -> None:
    assert changes("okx", met()) == changes("venue", met({"rate": 0.1})) == {}


@pytest.mark.parametrize("name", load())
def test_the_fields_of_every_payload_are_known(name: str) -> None:
    payload = fields_of(name, [PAYLOADS / name.replace("-", "_")])
    stored = known()[name]
    assert {*payload["always"], *payload["sometimes"]} <= stored.ever, f"python -m docs.fields {name}"
    assert (stored.always or set()) <= set(payload["always"]), f"python -m docs.fields {name}"


@recordings.MISSING
@pytest.mark.parametrize("name", load())
def test_the_fields_of_every_recording_are_known(name: str) -> None:
    recorded = fields_of(name, [recordings.CAPTURES / name])
    assert {*recorded["always"], *recorded["sometimes"]} <= known()[name].ever


def test_no_other_exchange_is_listed() -> None:
    assert list(known()) == list(load())
