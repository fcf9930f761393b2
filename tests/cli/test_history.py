"""`funding history`: what is stored of an asset's past, as a table, JSON or CSV."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from funding.analysis.history import SERIES
from funding.store.observations import save_observations
from funding.store.packing import Observation
from funding.store.settlements import Charged, save_settlements
from tests.api.stored import NOW, Stored, rate
from tests.cli.conftest import Call

HOUR = 3600
EIGHT = NOW - NOW % HOUR  # 2027-01-15 08:00
WINDOW = ("--since", EIGHT - 24 * HOUR, "--until", EIGHT + 1)


@pytest.fixture
def stored() -> Iterator[Stored]:
    """BTC on two exchanges: the last two settlements of okx, one of bybit; two quotes of okx."""
    with Stored(Path("funding.db")) as database:
        database.declare("bybit", "okx")
        database.good("bybit", rate("BTCUSDT", "BTC"))  # contract 1
        database.good("okx", rate("BTC-USDT-SWAP", "BTC"), rate("PEPE-USDT-SWAP", "PEPE"))
        save_settlements(
            database.connection,
            [
                Charged(1, EIGHT, 0.0003, 4.0, None, "observed"),
                Charged(2, EIGHT - 8 * HOUR, 0.0001, 8.0, 80_000.5, "venue"),
                Charged(2, EIGHT, -0.0003, 8.0, 81_000.0, "venue"),
            ],
        )
        quotes = [Observation(2, EIGHT - 600, 0.0001, 8.0, EIGHT), Observation(2, EIGHT - 300, 0.0002, 8.0, EIGHT)]
        save_observations(database.connection, EIGHT - 300, quotes)
        yield database


def test_what_was_charged_is_a_table_by_contract_and_time(stored: Stored, funding: Call) -> None:
    said = funding("history", "btc", *WINDOW)
    assert (said.code, said.err) == (0, "")
    assert " ".join(said.lines[0].split()) == "EXCHANGE SYMBOL CHARGED AT RATE A YEAR EVERY MARK KNOWN FROM"
    assert [line.split() for line in said.lines[1:]] == [
        ["bybit", "BTCUSDT", "2027-01-15", "08:00", "+0.0300%", "+65.70%", "4h", "–", "observed"],
        ["okx", "BTC-USDT-SWAP", "2027-01-15", "00:00", "+0.0100%", "+10.95%", "8h", "80,000.5", "venue"],
        ["okx", "BTC-USDT-SWAP", "2027-01-15", "08:00", "-0.0300%", "-32.85%", "8h", "81,000.0", "venue"],
    ]


def test_json_and_csv_have_every_field(stored: Stored, funding: Call) -> None:
    rows = json.loads(funding("history", "XBT", *WINDOW, "--exchange", "okx", "--json").out)
    assert [tuple(row) for row in rows] == [SERIES["settled"].columns] * 2
    assert rows[0] == {
        "exchange": "okx", "symbol": "BTC-USDT-SWAP", "funding_time": EIGHT - 8 * HOUR, "funding_rate": 0.0001,
        "funding_rate_pct": 0.01, "annualized_pct": 10.95, "funding_interval_hours": 8.0, "mark_price": 80_000.5,
        "source": "venue",
    }  # fmt: skip
    table = list(csv.reader(io.StringIO(funding("history", "BTC", *WINDOW, "--csv").out)))
    assert tuple(table[0]) == SERIES["settled"].columns
    assert table[1] == ["bybit", "BTCUSDT", str(EIGHT), "0.0003", "0.03", "65.7", "4.0", "", "observed"]


def test_what_was_quoted_is_another_series(stored: Stored, funding: Call) -> None:
    said = funding("history", "BTC", "--observed", *WINDOW)
    assert " ".join(said.lines[0].split()) == "EXCHANGE SYMBOL QUOTED AT RATE A YEAR EVERY FOR"
    assert [line.split()[3:6] for line in said.lines[1:]] == [
        ["07:50", "+0.0100%", "+10.95%"],
        ["07:55", "+0.0200%", "+21.90%"],
    ]


def test_a_resolution_adds_up_what_was_charged(stored: Stored, funding: Call) -> None:
    said = funding("history", "BTC", *WINDOW, "--symbol", "BTC-USDT-SWAP", "--resolution", "1d")
    assert " ".join(said.lines[0].split()) == "EXCHANGE SYMBOL FROM TIMES SUM A YEAR EVERY"
    assert said.lines[1].split() == ["okx", "BTC-USDT-SWAP", "2027-01-15", "00:00", "2", "-0.0200%", "-10.95%", "8h"]


def test_the_span_begins_with_since_and_ends_before_until(stored: Stored, funding: Call) -> None:
    rows = json.loads(funding("history", "BTC", "--since", EIGHT - 8 * HOUR, "--until", EIGHT, "--json").out)
    assert [row["funding_time"] for row in rows] == [EIGHT - 8 * HOUR]


def test_what_is_not_there_is_exit_code_3_and_says_what_is_near(stored: Stored, funding: Call) -> None:
    said = funding("history", "PEP", *WINDOW)
    assert (said.code, said.err) == (3, "funding: no contract of PEP was ever collected here; did you mean PEPE?\n")
    assert funding("history", "BTC", "--exchange", "gate").err == "funding: no contract of BTC is like that\n"
    said = funding("history", "PEPE", *WINDOW)
    assert (said.code, said.err) == (3, "funding: nothing charged is stored for that span\n")


def test_wrong_usage_is_said_in_a_line(stored: Stored, funding: Call) -> None:
    assert funding("history", "BTC", "--since", "noon").err.startswith("funding: --since is Unix seconds, ")
    assert funding("history", "BTC", "--since", EIGHT, "--until", EIGHT).code == 2
    assert funding("history", "BTC", "--until", EIGHT - 90 * 24 * HOUR).err.endswith("it is 7 days ago\n")
    assert funding("history", "BTC", "--csv", "--json").err == "funding: --csv or --json, not both\n"
