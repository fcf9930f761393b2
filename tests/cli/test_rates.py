"""`funding rates`: what is stored, as a table or as JSON."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from funding.analysis.current import FIELDS
from tests.api.stored import Stored, rate
from tests.cli.conftest import Call
from tests.programs import FUNDING, environment

SOON = int(time.time()) + 7200


@pytest.fixture
def stored() -> Iterator[Stored]:
    """BTC on two exchanges and PEPE on one, a minute ago; the clock is the real one, as it is for the command."""
    now = int(time.time())
    with Stored(Path("funding.db")) as database:
        database.declare("bybit", "okx")
        database.good(
            "okx",
            rate("BTC-USDT-SWAP", "BTC", 0.0001, observed_at=now - 60, next_funding_time=SOON, volume_24h_usd=5e9),
            rate("PEPE-USDT-SWAP", "PEPE", -0.0005, observed_at=now - 60, next_funding_time=SOON),
            at=now - 60,
        )
        old = rate("BTCUSDT", "BTC", 0.0003, observed_at=now - 3600, next_funding_time=SOON, volume_24h_usd=4e9)
        database.good("bybit", old, at=now - 60)
        yield database


def symbols(out: str) -> list[str]:
    return [row["symbol"] for row in json.loads(out)]


def test_all_rates_by_exchange_and_symbol_as_one_array_with_every_field(stored: Stored, funding: Call) -> None:
    said = funding("rates", "--json")
    assert said.code == 0
    rows = json.loads(said.out)
    assert [tuple(row) for row in rows] == [FIELDS] * 3
    assert symbols(said.out) == ["BTCUSDT", "BTC-USDT-SWAP", "PEPE-USDT-SWAP"]
    assert rows[2]["funding_rate"] == -0.0005
    assert rows[2]["annualized_pct"] == -54.75


def test_a_table_shows_rate_year_and_age_and_marks_what_is_stale(stored: Stored, funding: Call) -> None:
    said = funding("rates")
    assert said.code == 0
    assert " ".join(said.lines[0].split()) == "EXCHANGE SYMBOL RATE EVERY A YEAR DUE IN MARK OI $ VOLUME $ AGE"
    assert said.lines[1].split()[:5] == ["bybit", "BTCUSDT", "+0.0300%", "8h", "+32.85%"]
    assert said.lines[1].endswith("1h!")
    assert said.lines[3].split()[:5] == ["okx", "PEPE-USDT-SWAP", "-0.0500%", "8h", "-54.75%"]
    assert max(map(len, said.lines)) <= 100
    assert said.err == "1 exchange stale: bybit\n1 of 3 rows are stale (!)\n"


def test_filters_leave_out_the_others(stored: Stored, funding: Call) -> None:
    assert symbols(funding("rates", "xbt", "--json").out) == ["BTCUSDT", "BTC-USDT-SWAP"]
    assert symbols(funding("rates", "1000PEPE", "--json").out) == ["PEPE-USDT-SWAP"]
    assert symbols(funding("rates", "--exchange", "okx", "--json").out) == ["BTC-USDT-SWAP", "PEPE-USDT-SWAP"]
    assert symbols(funding("rates", "--symbol", "BTCUSDT", "--json").out) == ["BTCUSDT"]
    assert symbols(funding("rates", "--min-volume", "4.5e9", "--json").out) == ["BTC-USDT-SWAP"]
    assert symbols(funding("rates", "--quote", "usdt", "--kind", "linear", "--limit", "1", "--json").out) == ["BTCUSDT"]


def test_sorted_by_a_field_what_is_unknown_comes_last(stored: Stored, funding: Call) -> None:
    assert symbols(funding("rates", "--sort", "funding_rate", "--json").out)[0] == "PEPE-USDT-SWAP"
    assert symbols(funding("rates", "--sort=-volume_24h_usd", "--json").out) == [
        "BTC-USDT-SWAP",
        "BTCUSDT",
        "PEPE-USDT-SWAP",
    ]
    assert symbols(funding("rates", "--sort=volume_24h_usd", "--json").out) == [
        "BTCUSDT",
        "BTC-USDT-SWAP",
        "PEPE-USDT-SWAP",
    ]


def test_what_is_asked_for_and_unknown_is_wrong_usage_with_the_nearest_names(stored: Stored, funding: Call) -> None:
    said = funding("rates", "--exchange", "okex")
    assert (said.code, said.err) == (
        2,
        "funding: --exchange: okex is not an exchange collected here; did you mean okx?\n",
    )
    said = funding("rates", "--sort=-anualized_pct")
    assert said.code == 2
    assert said.err == "funding: --sort: may not be -anualized_pct; did you mean -annualized_pct, annualized_pct?\n"
    assert funding("rates", "--limit", "0").code == 2


def test_nothing_found_is_exit_code_3(stored: Stored, funding: Call) -> None:
    said = funding("rates", "DOGE")
    assert (said.code, said.out) == (3, "")
    assert said.err == "1 exchange stale: bybit\nfunding: nothing is like that\n"


def test_no_database_and_nothing_collected_are_said(funding: Call) -> None:
    said = funding("rates")
    assert said.code == 3
    assert said.err == "funding: funding.db: there is no database; the collector or `funding migrate` makes it\n"
    assert funding("migrate").code == 0
    said = funding("rates")
    assert (said.code, said.err) == (3, "funding: funding.db: nothing has been collected yet\n")


def test_a_reader_who_has_seen_enough_of_a_long_list_is_no_error(stored: Stored) -> None:
    now = int(time.time())
    stored.good("okx", *(rate(f"T{n}-USDT-SWAP", f"T{n}", observed_at=now) for n in range(3000)), at=now)
    with subprocess.Popen(
        [*FUNDING, "rates"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"EXCHANGE")
        process.stdout.close()
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
