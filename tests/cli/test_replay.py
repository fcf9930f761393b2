"""`funding replay`: its exact form."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from funding.analysis.current import FIELDS
from tests import recordings
from tests.cli.conftest import Call
from tests.programs import FUNDING, environment

KRAKEN = "https://futures.kraken.com/derivatives/api"
OKX = "https://www.okx.com/api/v5"
AT = 1_775_037_600  # 2026-04-01 10:00
PF = {
    "tag": "perpetual", "pair": "XBT:USD", "symbol": "PF_XBTUSD", "markPrice": 80_000, "indexPrice": 80_000,
    "openInterest": 2_000, "volumeQuote": 1_000_000, "fundingRate": 0.8, "relativeFundingRate": 0.00001,
}  # fmt: skip


def write(
    name: str, url: str, body: Any, what: str = "rates", status: int = 200, recorded: str = "2026-04-01T10:00:00Z"
) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps({
            "exchange": "any", "what": what, "source": "test", "recorded": recorded,
            "request": {"method": "GET", "url": url, "body": None},
            "response": {"status": status, "headers": {}, "body": body},
        })
    )  # fmt: skip
    return path


def tickers(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"result": "success", "tickers": list(rows)}


@pytest.fixture
def kraken() -> Path:
    return write("kraken/rates.json", f"{KRAKEN}/v3/tickers", tickers(PF))


def test_off_a_terminal_every_rate_is_a_json_line_with_the_fields_of_current(kraken: Path, funding: Call) -> None:
    said = funding("replay", "kraken", kraken)
    assert (said.code, said.err) == (0, "")
    [row] = [json.loads(line) for line in said.lines]
    assert tuple(row) == FIELDS
    expected = {
        "exchange": "kraken", "symbol": "PF_XBTUSD", "unified_symbol": "BTC/USD:USD", "base": "BTC", "asset": "BTC",
        "kind": "linear", "funding_rate": 0.00001, "funding_interval_hours": 1, "next_funding_time": AT + 3600,
        "open_interest_usd": 160_000_000.0, "volume_24h_usd": 1_000_000.0, "observed_at": AT, "age_seconds": 0,
        "stale": False,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_a_folder_is_all_its_recordings_and_one_run(kraken: Path, funding: Call) -> None:
    assert funding("replay", "kraken", kraken.parent).out == funding("replay", "kraken", kraken).out


@pytest.mark.parametrize(
    "at", [AT + 7200, (AT + 7200) * 1000, "2026-04-01T12:00:00Z", "2026-04-01T14:00+02:00", "2026-04-01T12:00"]
)
def test_the_clock_stands_where_at_says_in_any_of_the_forms_of_a_time(at: object, kraken: Path, funding: Call) -> None:
    [row] = [json.loads(line) for line in funding("replay", "kraken", kraken, "--at", at).lines]
    assert (row["observed_at"], row["next_funding_time"]) == (AT + 7200, AT + 10_800)


@pytest.mark.parametrize("at", ["noon", "0", "123456789012", "9999999999999", "-5", "NaN", "²"])
def test_a_time_that_is_none_is_wrong_usage(at: str, kraken: Path, funding: Call) -> None:
    said = funding("replay", "kraken", kraken, f"--at={at}")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("funding: --at is Unix seconds, milliseconds or ISO 8601 UTC")


def test_without_any_recorded_time_the_clock_stands_at_the_present_and_it_is_said(funding: Call) -> None:
    path = write("rates.json", f"{KRAKEN}/v3/tickers", tickers(PF), recorded="unknown")
    said = funding("replay", "kraken", path)
    assert said.code == 0
    assert json.loads(said.out)["observed_at"] > AT
    assert said.err == "no recording says when it was made: the clock stands at the present\n"


def test_rows_that_are_not_ours_are_no_fault(funding: Call) -> None:
    path = write("rates.json", f"{KRAKEN}/v3/tickers", tickers({"tag": "month", "symbol": "FI_XBTUSD_260626"}))
    said = funding("replay", "kraken", path)
    assert (said.code, said.out) == (0, "")
    assert said.err == "rows of another kind, or not listed: 1\n"


def test_rows_that_cannot_be_read_are_named_by_their_reason(funding: Call) -> None:
    path = write("rates.json", f"{KRAKEN}/v3/tickers", tickers(PF, {**PF, "symbol": "PF_ETHUSD", "markPrice": "high"}))
    said = funding("replay", "kraken", path)
    assert said.code == 0
    assert len(said.lines) == 1
    assert said.err == "unreadable rows: 1 × ValueError: could not convert string to float: 'high'\n"


def test_calls_without_a_recording_and_recordings_without_a_call_are_named(funding: Call) -> None:
    rates = {"code": "0", "data": [{"instId": "BTC-USDT-SWAP", "instType": "SWAP", "fundingRate": "0.0001",
             "fundingTime": "1775059200000", "nextFundingTime": "1775088000000", "prevFundingTime": "1775030400000"}]}  # fmt: skip
    write("okx/rates.json", f"{OKX}/public/funding-rate?instId=ANY", rates)
    write("okx/time.json", f"{OKX}/public/time", {})
    said = funding("replay", "okx", "okx")
    assert said.code == 0
    assert json.loads(said.out)["funding_rate"] == 0.0001
    assert "not recorded: GET www.okx.com/api/v5/public/instruments?instType=SWAP" in said.err.splitlines()
    assert said.err.splitlines()[-1] == "unused: GET www.okx.com/api/v5/public/time"


def test_an_answer_that_is_an_error_is_exit_code_4_with_its_words(funding: Call) -> None:
    path = write("error.json", f"{KRAKEN}/v3/tickers", {"result": "error", "error": "Server Error"}, "error")
    said = funding("replay", "kraken", path)
    assert (said.code, said.out) == (4, "")
    assert said.err.splitlines() == [
        "failed, refused: rates: refused with code Server Error: Server Error",
        "calls that failed: 1 × refused",
    ]


def test_an_error_for_a_table_that_can_be_done_without_is_exit_code_4_too(funding: Call) -> None:
    api = "https://api.crypto.com/exchange/v1/public/get-"
    rates = {"code": 0, "result": {"data": [{"v": "0.0001", "t": 1}]}}
    write("c/rates.json", f"{api}valuations?instrument_name=BTCUSD-PERP&valuation_type=funding_rate", rates)
    write("c/tickers.json", f"{api}tickers", {"code": 10_001, "message": "SYS_ERROR"}, "error")
    said = funding("replay", "cryptocom", "c")
    assert said.code == 4
    assert json.loads(said.out)["symbol"] == "BTCUSD-PERP"
    assert "calls that failed: 1 × refused" in said.err.splitlines()


def test_history_gives_what_was_charged(funding: Call) -> None:
    rows = [
        {"timestamp": f"2026-04-01T0{hour}:00:00Z", "relativeFundingRate": rate}
        for hour, rate in ((7, 1e-5), (8, -2e-5))
    ]
    write(
        "h/history.json",
        f"{KRAKEN}/v4/historicalfundingrates?symbol=PF_XBTUSD",
        {"result": "success", "rates": rows},
        "history",
    )
    write("h/rates.json", f"{KRAKEN}/v3/tickers", tickers(PF))
    said = funding("replay", "kraken", "h", "--history")
    assert said.code == 0
    assert [json.loads(line) for line in said.lines] == [
        {"symbol": "PF_XBTUSD", "funding_time": AT - 10_800, "funding_rate": 1e-5, "funding_interval_hours": 1.0, "mark_price": None},
        {"symbol": "PF_XBTUSD", "funding_time": AT - 7200, "funding_rate": -2e-5, "funding_interval_hours": 1.0, "mark_price": None},
    ]  # fmt: skip
    assert said.err == "unused: GET futures.kraken.com/derivatives/api/v3/tickers\n"


def test_settlements_that_cannot_be_read_are_named_by_their_reason(funding: Call) -> None:
    rows = [
        {"timestamp": f"2026-04-01T0{hour}:00:00Z", "relativeFundingRate": rate}
        for hour, rate in ((7, None), (8, 1e-5))
    ]
    body = {"result": "success", "rates": rows}
    path = write("history.json", f"{KRAKEN}/v4/historicalfundingrates?symbol=PF_XBTUSD", body, "history")
    said = funding("replay", "kraken", path, "--history")
    assert (said.code, len(said.lines)) == (0, 1)
    assert said.err == "unreadable rows: 1 × no rate\n"


def test_a_history_answer_that_is_an_error_is_exit_code_4(funding: Call) -> None:
    path = write(
        "h.json", f"{KRAKEN}/v4/historicalfundingrates?symbol=X", {"result": "error", "error": "badArgument"}, "error"
    )
    said = funding("replay", "kraken", path, "--history")
    assert (said.code, said.out) == (4, "")
    assert said.err == "failed, refused: refused with code badArgument: badArgument\n"


def test_what_the_caller_got_wrong_is_one_line(kraken: Path, funding: Call) -> None:
    Path("empty").mkdir()
    Path("notes.json").write_text("{}")
    assert funding("replay", "krakn", kraken).err == "funding: krakn is not an exchange; did you mean kraken?\n"
    assert funding("replay", "kraken", "gone.json").err == "funding: gone.json: No such file or directory\n"
    assert funding("replay", "kraken", "notes.json").err.startswith("funding: notes.json: not a recording: ")
    said = funding("replay", "kraken", "empty")
    assert (said.code, said.err) == (3, "funding: no recordings in empty\n")


@recordings.MISSING
def test_the_recordings_beside_the_project_are_read() -> None:
    replay = [*FUNDING, "replay", "okx", str(recordings.CAPTURES / "okx"), "--at", "2026-04-27T10:00:00Z"]
    process = subprocess.run(replay, capture_output=True, text=True, env=environment(), timeout=30, check=False)
    symbols = [json.loads(line)["symbol"] for line in process.stdout.splitlines()]
    assert process.returncode == 0
    assert "BTC-USDT-SWAP" in symbols
    assert "Traceback" not in process.stderr
