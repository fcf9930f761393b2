"""The commands that give what the API gives: `funding arb`, `carry`, `calendar`, `intervals`, `rates`, `exchanges --standing`."""

import csv
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from funding.__main__ import COMMANDS
from funding.analysis import arb, calendar, carry
from funding.api.params import ARB, CALENDAR, CARRY, CURRENT, EXCHANGES, INTERVAL_FIELDS, INTERVALS
from funding.api.query import Param
from funding.store.observations import save_observations
from funding.store.packing import Observation
from tests.api.stored import Stored, rate
from tests.cli.conftest import Call

HOUR = 3600
NOW = int(time.time())
DUE = NOW + 2 * HOUR
CARRIED = ("carry", "--long", "okx:BTC-USDT-SWAP", "--short", "bybit:BTCUSDT")


@pytest.fixture
def stored() -> Iterator[Stored]:
    """BTC at 10.95 % on okx and at 43.8 % on bybit, where it is now paid every 8 h and once was every 4; the clock is real."""
    deep: dict[str, Any] = {
        "observed_at": NOW - 60, "next_funding_time": DUE, "mark_price": 80_000.0, "volume_24h_usd": 5e9,
        "open_interest_usd": 2e9,
    }  # fmt: skip
    with Stored(Path("funding.db")) as database:
        database.declare("bybit", "gate", "okx")
        database.good("okx", rate("BTC-USDT-SWAP", "BTC", 0.0001, **deep), at=NOW - 60)
        four = rate("BTCUSDT", "BTC", 0.0004, **deep | {"observed_at": NOW - 360}, funding_interval_hours=4.0)
        for at in (NOW - 360, NOW - 300):
            database.good("bybit", four, at=at)
        for at in (NOW - 120, NOW - 60):
            database.good("bybit", rate("BTCUSDT", "BTC", 0.0004, **deep | {"observed_at": at}), at=at)
        yield database


@pytest.mark.parametrize(
    ("command", "table", "besides"),
    [
        ("rates", CURRENT, {"base"}),
        ("arb", ARB, set()),
        ("carry", CARRY, set()),
        ("calendar", CALENDAR, set()),
        ("intervals", INTERVALS, set()),
        ("exchanges", EXCHANGES, set()),
    ],
)
def test_every_parameter_of_the_path_is_a_flag(
    command: str, table: tuple[Param, ...], besides: set[str], funding: Call
) -> None:
    assert command in COMMANDS
    text = funding(command, "--help").out
    for param in table:
        if param.name not in besides | {"format"}:
            assert f"--{param.name.replace('_', '-')} " in text, param.name
    assert "--csv" in text
    assert "--json" in text


def test_pairs_as_a_table(stored: Stored, funding: Call) -> None:
    said = funding("arb")
    assert (said.code, said.err) == (0, "1 exchange without data yet: gate\n")
    assert " ".join(said.lines[0].split()) == "ASSET SHORT LONG 8H NET A YEAR EVEN AFTER CHARGED 7D OI $"
    assert said.lines[1].split() == [
        "BTC", "bybit:BTCUSDT", "okx:BTC-USDT-SWAP", "+0.0300%", "+21.90%", "2d8h", "–", "2.00B",
    ]  # fmt: skip
    assert max(map(len, said.lines)) <= 100


def test_pairs_as_json_and_csv_with_every_field(stored: Stored, funding: Call) -> None:
    [row] = json.loads(funding("arb", "--json", "--holding-hours", "336").out)
    assert tuple(row) == arb.FIELDS
    assert row["net_annualized_pct"] == 27.375
    head, row = csv.reader(io.StringIO(funding("arb", "--csv", "--fields", "asset,fees_pct", "--fees", "none").out))
    assert (head, row) == (["asset", "fees_pct"], ["BTC", "0.0"])


def test_ones_own_fees_come_from_the_settings_too(stored: Stored, funding: Call, tmp_path: Path) -> None:
    (tmp_path / "funding.toml").write_text('fees = "okx:0,bybit:0"\n')
    [row] = json.loads(funding("arb", "--json").out)
    assert row["fees_pct"] == 0.0


def test_a_holding_as_a_ledger_with_its_sums(stored: Stored, funding: Call) -> None:
    said = funding(*CARRIED, "--hours", "3")
    assert (said.code, said.err) == (0, "")
    assert said.lines[0].split() == ["AT", "(UTC)", "LEG", "CONTRACT", "WHAT", "KNOWN", "FROM", "%", "AMOUNT"]
    assert [line.split()[2:] for line in said.lines[1:]] == [
        ["long", "okx:BTC-USDT-SWAP", "fee", "in", "-0.0500%", "-5.00"],
        ["short", "bybit:BTCUSDT", "fee", "in", "-0.0550%", "-5.50"],
        ["long", "okx:BTC-USDT-SWAP", "funding", "current", "-0.0100%", "-1.00"],
        ["short", "bybit:BTCUSDT", "funding", "current", "+0.0400%", "+4.00"],
        ["long", "okx:BTC-USDT-SWAP", "fee", "out", "-0.0500%", "-5.00"],
        ["short", "bybit:BTCUSDT", "fee", "out", "-0.0550%", "-5.50"],
        ["both", "funding", "+0.0300%", "+3.00"],
        ["both", "fees", "-0.2100%", "-21.00"],
        ["both", "net", "-0.1800%", "-18.00"],
    ]


def test_a_holding_as_json_and_its_ledger_as_csv(stored: Stored, funding: Call) -> None:
    found = json.loads(funding(*CARRIED, "--json").out)
    assert tuple(found) == ("fetched_at", *carry.FIELDS)
    table = list(csv.reader(io.StringIO(funding(*CARRIED, "--csv", "--hours", "3").out)))
    assert tuple(table[0]) == carry.LEDGER_FIELDS
    assert len(table) == 7


def test_coming_payments(stored: Stored, funding: Call) -> None:
    said = funding("calendar", "--base", "xbt", "--hours", "3")
    assert [line.split()[2:] for line in said.lines[1:]] == [
        ["bybit", "BTCUSDT", "+0.0400%", "8h", "reported"],
        ["okx", "BTC-USDT-SWAP", "+0.0100%", "8h", "reported"],
    ]
    rows = json.loads(funding("calendar", "--hours", "3", "--exchange", "okx", "--json").out)
    assert [(tuple(row), row["funding_time"]) for row in rows] == [(calendar.FIELDS, DUE)]
    assert funding("calendar", "--hours", "3", "--csv").out.count("\r\n") == 3


def test_intervals_that_changed(stored: Stored, funding: Call) -> None:
    said = funding("intervals")
    assert said.code == 0
    assert said.lines[1].split()[2:] == ["bybit", "BTCUSDT", "BTC", "4h", "8h"]
    [row] = json.loads(funding("intervals", "--json").out)
    assert tuple(row) == INTERVAL_FIELDS
    assert funding("intervals", "--since", NOW + HOUR).code == 3


def test_how_the_exchanges_stand(stored: Stored, funding: Call) -> None:
    stored.failed("okx", "timeout", "no answer within 10 s", at=NOW - 30)
    said = funding("exchanges", "--standing")
    assert said.lines[0].split() == ["EXCHANGE", "STATUS", "ROWS", "AGE", "TOOK", "FAILED", "LAST", "ERROR"]
    assert [line.split()[:3] for line in said.lines[1:]] == [
        ["bybit", "ok", "1"],
        ["gate", "never", "0"],
        ["okx", "failing", "1"],
    ]
    assert said.lines[3].endswith("no answer within 10 s")
    assert [
        row["exchange"] for row in json.loads(funding("exchanges", "--standing", "--json", "--limit", "1").out)
    ] == ["bybit"]
    said = funding("exchanges", "--limit", "1")
    assert (said.code, said.err) == (2, "funding: only --json goes without --standing\n")


def test_rates_have_all_filters_of_the_api(stored: Stored, funding: Call) -> None:
    assert funding("rates", "--interval-hours", "4").code == 3
    save_observations(stored.connection, NOW - 120, [Observation(1, NOW - 120, 0.0007, 8.0, DUE)])
    rows = json.loads(funding("rates", "--at", NOW - 30, "--fields", "exchange,funding_rate", "--json").out)
    assert rows == [{"exchange": "okx", "funding_rate": 0.0007}]
    assert funding("rates", "btc", "--csv", "--fields", "symbol").out == "symbol\r\nBTCUSDT\r\nBTC-USDT-SWAP\r\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("arb", "--exchange", "okex"), 2, "--exchange: okex is not an exchange collected here; did you mean okx?"),
        (("arb", "--limit", "0"), 2, "--limit: is not a whole number from 1 to 1000"),
        (("arb", "--min-yield", "99999"), 3, "nothing is like that"),
        (("arb", "--csv", "--json"), 2, "--csv or --json, not both"),
        (("arb", "--fields", "asset"), 2, "--fields goes with --json or --csv: a table has its own"),
        (("carry", "--long", "okx:X", "--short", "bybit:BTCUSDT"), 3, "long: okx:X is not a current contract"),
        (("carry", "--long", "okx", "--short", "bybit:BTCUSDT"), 2,
         "--long: is not a contract as exchange:symbol, such as okx:BTC-USDT-SWAP"),
        ((*CARRIED, "--csv", "--json"), 2, "--csv or --json, not both"),
        (("calendar", "--hours", "x"), 2, "--hours: is not a number from 0.016 to 72"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_flags_name(
    words: tuple[str, ...], code: int, said: str, stored: Stored, funding: Call
) -> None:
    found = funding(*words)
    assert (found.code, found.err.splitlines()[-1]) == (code, f"funding: {said}")


@pytest.mark.parametrize("command", [("arb",), CARRIED, ("calendar",), ("intervals",), ("exchanges", "--standing")])
def test_without_a_database_there_is_nothing_to_ask(command: tuple[str, ...], funding: Call) -> None:
    said = funding(*command)
    assert said.code == 3
    assert "there is no database" in said.err
