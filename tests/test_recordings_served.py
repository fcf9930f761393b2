"""One evening's recordings of two dozen exchanges, stored and asked for as a trader would: what comes must hold together.

All were made within an hour and a half on 2026-09-13, so that prices, rates and sizes of one asset can be compared.
"""

import csv
import io
import json
import math
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from funding import record
from funding.adapter import load
from funding.api.app import make_app
from funding.api.context import FREE, Clock, Settings
from funding.cli.cost import declaration
from funding.record import Recording, Recordings
from funding.replay import replay, replay_history
from funding.store.exchanges import declare
from funding.store.migrate import migrate
from funding.store.open import writer
from funding.store.runs import save
from funding.store.settlements import Charged, save_settlements, to_minute
from tests import recordings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # webob still imports the standard library's cgi
    from webtest import TestApp

pytestmark = recordings.MISSING

HOUR = 3600
NOW = 1_789_339_500  # 2026-09-13 22:45
EXCHANGES = (
    "aevo", "arcus", "backpack", "blofin", "bluefin", "bullet", "edgex", "extended", "grvt", "hibachi", "lbank", "nado",
    "ondo", "orderly", "pacifica", "pionex", "reya", "risex", "sodex", "standx", "variational", "velocity", "weex",
)  # fmt: skip
TABLES = ("instruments", "intervals", "tickers")
MARK_OF_ANOTHER_YEAR = (
    "blofin ETH-USDT"  # from the documentation: 1620 where the others have 2480, so it must be suspect
)
# Per cent a year, of each exchange's contracts on BTC: by hand from the recorded bodies and the exchanges' documents.
BITCOIN = {
    "aevo BTC-PERP": 7.008, "arcus BTC-USD": 10.95, "backpack BTC_USDC_PERP": 0.696, "blofin BTC-USD": 10.959,
    "blofin BTC-USDC": -2.288, "blofin BTC-USDT": 20.310, "bluefin BTC-PERP": 12.672, "bullet BTC-USD": 10.95,
    "edgex BTCUSDC": -12.246, "extended BTC-USD": 11.388, "grvt BTC_USDT_Perp": 3.3945, "hibachi BTC/USDT-P": 5.256,
    "lbank BTCUSDT": 8.441, "nado BTC-PERP_USDT0": 4.012, "ondo BTC-USD.P": -31.448, "orderly PERP_BTC_USDC": 10.95,
    "pacifica BTC": 4.161, "pionex BTC_USDT_PERP": None, "reya BTCRUSDPERP": 8.879, "risex BTC/USDC": 4.134,
    "sodex BTC-USD": 6.540, "standx BTC-USD": 7.341, "variational BTC": 9.124, "velocity BTC-PERP": 71.666,
    "weex BTCUSDT": 9.875,
}  # fmt: skip


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> TestApp:
    path = tmp_path_factory.mktemp("served") / "funding.db"
    _fill(path)
    return TestApp(make_app(Settings(database=path, limits={FREE: 0}), Clock(lambda: NOW + 30.0)))


def _fill(path: Path) -> None:
    """One run of each exchange, and what it charged up to then by its own recorded history."""
    adapters = load()
    with closing(writer(path)) as conn:
        migrate(conn)
        declare(conn, [declaration(name, adapters[name], 300) for name in EXCHANGES])
        for name in EXCHANGES:
            given = record.load(recordings.of(name))
            rates = [one for one in given if one.what == "rates" and _is_of_that_month(one)]
            source = Recordings([*rates, *(one for one in given if one.what in TABLES)], NOW)
            outcome = replay(name, adapters[name], source)
            assert outcome.ok, outcome.error
            save(conn, outcome, clock=lambda: NOW)
            numbers = dict(conn.execute("SELECT symbol, id FROM contract WHERE exchange = ?", (name,)).fetchall())
            save_settlements(conn, _charged(name, given, numbers))


def _is_of_that_month(recording: Recording) -> bool:
    return recording.status == 200 and recording.at is not None and abs(recording.at - NOW) < 31 * 24 * HOUR


def _charged(name: str, given: list[Recording], numbers: dict[str, int]) -> Iterator[Charged]:
    wanted = [one for one in given if one.what != "history" or _is_of_that_month(one)]
    for one in replay_history(load()[name], Recordings(wanted, NOW)):
        if one.symbol in numbers and one.settlement.time <= NOW:
            paid = one.settlement
            time = to_minute(paid.time)
            yield Charged(numbers[one.symbol], time, paid.rate, paid.interval_hours, paid.mark_price, "venue")


def ask(api: TestApp, path: str, **query: Any) -> Any:
    return api.get(f"{path}?{urlencode(query)}" if query else path).json


@pytest.fixture(scope="module")
def rows(api: TestApp) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(api, "/api/funding/current")["rows"]
    return found


def by_asset(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[row["asset"]].append(row)
    return found


# The rates


def test_every_exchange_is_there_and_fresh(api: TestApp, rows: list[dict[str, Any]]) -> None:
    health = ask(api, "/api/health")
    assert (health["status"], health["stale_exchanges"]) == ("ok", [])
    assert {row["exchange"] for row in rows} == set(EXCHANGES)
    assert [row["symbol"] for row in rows if row["stale"]] == []
    assert [f"{row['exchange']} {row['symbol']}" for row in rows if row["suspect"]] == [MARK_OF_ANOTHER_YEAR]


def test_bitcoin_pays_what_the_exchanges_say(rows: list[dict[str, Any]]) -> None:
    found = {
        f"{row['exchange']} {row['symbol']}": row for row in rows if row["asset"] == "BTC" and row["quote"] != "ETH"
    }
    assert {name: row["annualized_pct"] for name, row in found.items()} == {
        name: value if value is None else pytest.approx(value, abs=0.0005) for name, value in BITCOIN.items()
    }


def test_per_cents_hours_and_times_follow_from_the_rate(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        rate, hours, due = row["funding_rate"], row["funding_interval_hours"], row["next_funding_time"]
        assert row["funding_rate_pct"] == pytest.approx(rate * 100)
        assert hours in (None, 1, 4, 8)
        for field, length in (("rate_1h_pct", 1), ("rate_8h_pct", 8), ("annualized_pct", 8760)):
            assert row[field] == (None if hours is None else pytest.approx(rate * 100 * length / hours))
        if due is not None:
            assert due % HOUR == 0, row
            assert NOW < due <= NOW + (hours or 8) * HOUR, row


def test_an_asset_has_one_price_everywhere_per_token(rows: list[dict[str, Any]]) -> None:
    for asset, together in by_asset(rows).items():
        priced = [row for row in together if row["mark_price"] and row["quote"] != "ETH" and not row["suspect"]]
        prices = [row["mark_price"] / row["multiplier"] for row in priced]
        assert not prices or max(prices) <= 1.03 * min(prices), (asset, prices)


def test_marks_are_near_the_index(rows: list[dict[str, Any]]) -> None:
    both = [row for row in rows if row["mark_price"] and row["index_price"]]
    assert [row for row in both if not 0.98 < row["mark_price"] / row["index_price"] < 1.02] == []


def test_what_is_open_and_what_is_traded_are_of_one_size(rows: list[dict[str, Any]]) -> None:
    """In a day a market on BTC trades from a hundredth of what is open to some thirty times it: coins taken for contracts
    or for dollars would be a thousand times off."""
    turned = {
        row["exchange"]: row["volume_24h_usd"] / row["open_interest_usd"]
        for row in rows
        if row["asset"] == "BTC" and row["open_interest_usd"] and row["volume_24h_usd"]
    }
    assert {name: times for name, times in turned.items() if not 0.01 < times < 35} == {}
    millions = {f"{row['exchange']} {row['symbol']}": (row["open_interest_usd"] or 0) / 1e6 for row in rows}
    wanted = {
        "arcus BTC-USD": 4.63, "edgex BTCUSDC": 252.2, "extended BTC-USD": 44.8, "grvt BTC_USDT_Perp": 193.7,
        "hibachi BTC/USDT-P": 0.70, "nado BTC-PERP_USDT0": 16.5, "pacifica BTC": 31.7, "sodex BTC-USD": 59.4,
        "standx BTC-USD": 29.6, "variational BTC": 74.8,
    }  # fmt: skip
    assert {name: millions[name] for name in wanted} == pytest.approx(wanted, rel=0.01)


# What is made from them


def test_an_assets_volume_is_the_sum_of_its_contracts(api: TestApp, rows: list[dict[str, Any]]) -> None:
    totals = {row["asset"]: row for row in ask(api, "/api/funding/by_volume", limit=1000)["rows"]}
    for asset, together in by_asset(rows).items():
        for field in ("volume_24h_usd", "open_interest_usd"):
            known = [row[field] for row in together if row[field] is not None]
            assert totals[asset][field] == (pytest.approx(math.fsum(known)) if known else None), asset
    assert [row for row in totals if totals[row]["contracts"] > 10] == ["BTC", "ETH"]


def test_pairs_are_of_one_coin_at_one_price_and_add_up_by_hand(api: TestApp, rows: list[dict[str, Any]]) -> None:
    query = {
        "pairs": "all",
        "limit": 1000,
        "min_volume": 0,
        "fee_pct": ",".join(f"{name}:0.05" for name in EXCHANGES[:20]),
    }
    pairs = ask(api, "/api/funding/arb", **query, holding_hours=240)["rows"]
    legs = {(row["exchange"], row["symbol"]): row for row in rows}
    assert len(pairs) > 100
    for pair in pairs:
        short, long = (legs[pair[side]["exchange"], pair[side]["symbol"]] for side in ("short", "long"))
        assert short["asset"] == long["asset"] == pair["asset"]
        assert short["exchange"] != long["exchange"]
        assert abs(pair["entry_price_gap_pct"] or 0) < 3
        gross = short["annualized_pct"] - long["annualized_pct"]
        fees = 2 * (pair["short"]["taker_fee_pct"] + pair["long"]["taker_fee_pct"])
        assert pair["gross_annualized_pct"] == pytest.approx(gross)
        assert pair["spread_8h_pct"] == pytest.approx(short["rate_8h_pct"] - long["rate_8h_pct"])
        assert pair["net_annualized_pct"] == pytest.approx(gross - fees * 8760 / 240)
        assert pair["net_annualized_pct"] >= 0


def test_the_best_pairs_of_the_evening(api: TestApp) -> None:
    found = ask(api, "/api/funding/arb", fees="none", min_volume=100_000)["rows"]
    assert [
        (pair["asset"], pair["short"]["exchange"], pair["long"]["exchange"], pair["net_annualized_pct"])
        for pair in found
    ] == [
        ("BTC", "blofin", "ondo", pytest.approx(51.758, abs=0.001)),
        ("WTI", "standx", "nado", pytest.approx(43.330, abs=0.001)),
        ("HYPE", "orderly", "reya", pytest.approx(18.828, abs=0.001)),
        ("ETH", "pacifica", "hibachi", pytest.approx(17.538, abs=0.001)),
        ("MU", "extended", "lbank", pytest.approx(17.52, abs=0.001)),
        ("XAU", "pacifica", "lbank", pytest.approx(10.95, abs=0.001)),
    ]


def test_settlements_come_at_the_next_time_and_then_every_interval(api: TestApp, rows: list[dict[str, Any]]) -> None:
    coming = defaultdict(list)
    answer = ask(api, "/api/funding/calendar", hours=9, limit=1000)
    assert answer["count"] == answer["total"]
    for row in answer["rows"]:
        coming[row["exchange"], row["symbol"]].append(row)
    for row in rows:
        times = [one["funding_time"] for one in coming[row["exchange"], row["symbol"]]]
        due, hours = row["next_funding_time"], row["funding_interval_hours"]
        step = int(hours * HOUR) if hours else 10 * HOUR
        assert times == ([] if due is None else list(range(due, NOW + 31 + 9 * HOUR, step)))
        if times:
            assert coming[row["exchange"], row["symbol"]][0]["funding_rate"] == row["funding_rate"]


def test_carry_is_the_sum_of_what_was_charged(api: TestApp) -> None:
    """hibachi charged 0.000011, 0.00001, 0.000008 and 0.000019 in those four hours, backpack 33.872 millionths in all."""
    answer = ask(
        api, "/api/funding/carry", long="hibachi:BTC/USDT-P", short="backpack:BTC_USDC_PERP", hours=4,
        start="2026-09-13T18:30", fee_pct="hibachi:0.045,backpack:0.05",
    )  # fmt: skip
    assert [leg["funding_pct"] for leg in answer["legs"]] == [pytest.approx(-0.0048), pytest.approx(0.0033872)]
    assert (answer["fees_pct"], answer["net_pct"]) == (pytest.approx(-0.19), pytest.approx(-0.1914128))
    assert answer["net_annualized_pct"] == pytest.approx(-0.1914128 * 8760 / 4)
    assert math.fsum(row["amount"] for row in answer["ledger"]) == pytest.approx(answer["net_amount"]) == -19.14128
    assert answer["notices"] == []


def test_the_last_settled_rate_is_the_last_of_the_history(api: TestApp, rows: list[dict[str, Any]]) -> None:
    newest: dict[tuple[str, str], tuple[int, float]] = {}
    for asset in by_asset(rows):
        for point in ask(api, f"/api/funding/history/{asset}", limit=10_000)["rows"]:
            newest[point["exchange"], point["symbol"]] = point["funding_time"], point["funding_rate"]
    told = {(row["exchange"], row["symbol"]): row for row in rows if row["last_settled_at"] is not None}
    assert {name: (row["last_settled_at"], row["last_settled_rate"]) for name, row in told.items()} == {
        name: newest[name] for name in told
    }
    assert newest["hibachi", "BTC/USDT-P"] == (NOW - 45 * 60, 0.000019)
    untimed = [row for row in rows if row["last_settled_at"] is None and row["last_settled_rate"] is not None]
    for row in untimed:  # an exchange that names the rate and not the time
        name = row["exchange"], row["symbol"]
        assert name not in newest or newest[name][1] == pytest.approx(row["last_settled_rate"]), name


def test_a_sum_of_the_history_is_that_of_its_points(api: TestApp) -> None:
    points = ask(api, "/api/funding/history/BTC", exchange="hibachi,nado,grvt", limit=10_000)["rows"]
    sums = ask(api, "/api/funding/history/BTC", exchange="hibachi,nado,grvt", resolution="8h", limit=10_000)["rows"]
    assert [row["settlements"] for row in sums] == [1, 1, 1, 1, 4, 6]
    for row in sums:
        inside = [
            point["funding_rate"]
            for point in points
            if point["symbol"] == row["symbol"] and row["start_time"] <= point["funding_time"] < row["end_time"]
        ]
        assert (row["settlements"], row["funding_rate_sum"]) == (len(inside), pytest.approx(math.fsum(inside)))


# The paths


CARRY = {"long": "hibachi:BTC/USDT-P", "short": "backpack:BTC_USDC_PERP"}


def paths(api: TestApp) -> Iterator[tuple[str, list[str]]]:
    """Every path of the description with what it needs, and the names of its parameters."""
    for path, methods in ask(api, "/openapi.json")["paths"].items():
        if "get" in methods:
            names = [one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "query"]
            target = path.replace("{base}", "BTC").replace("{id}", "nado")
            yield (f"{target}?{urlencode(CARRY)}" if "short" in names else target), names


def test_every_path_answers_get_head_and_options_and_names_a_parameter_that_is_wrong(api: TestApp) -> None:
    for path, names in paths(api):
        got = api.get(path)
        head = api.head(path)
        assert (head.status_int, head.body, head.headers["Content-Type"]) == (200, b"", got.headers["Content-Type"])
        assert api.options(path).headers["Allow"] == "GET, HEAD, OPTIONS"
        if "ETag" in got.headers:
            assert api.get(path, headers={"If-None-Match": got.headers["ETag"]}).status_int == 304
        if names:
            wrong = api.get(f"{path}{'&' if '?' in path else '?'}{names[0]}x=1", status=400)
            assert wrong.json["errors"][0]["parameter"] == f"{names[0]}x"


def test_a_list_says_the_same_as_json_csv_and_ndjson(api: TestApp) -> None:
    for path, names in paths(api):
        given = ask(api, path).get("rows") if "format" in names else None
        if given is not None:
            assert [json.loads(line) for line in api.get(f"{path}.ndjson").text.splitlines()] == given
            table = list(csv.reader(io.StringIO(api.get(f"{path}.csv").text)))
            assert len(table) == 1 + len(given)
            for line, row in zip(table[1:], given, strict=True):
                plain = {
                    name: value for name, value in row.items() if isinstance(value, int | float) and value is not None
                }
                cells = dict(zip(table[0], line, strict=True))
                assert {name: json.loads(cells[name]) for name in plain if name in cells} == {
                    name: plain[name] for name in plain if name in cells
                }


def test_ccxts_form_has_the_same_rates(api: TestApp, rows: list[dict[str, Any]]) -> None:
    found = ask(api, "/api/funding/current", format="ccxt")
    ours = {(row["exchange"], row["symbol"]): (row["funding_rate"], row["next_funding_time"]) for row in rows}
    theirs = {
        (exchange, one["info"]["symbol"]): (
            one["fundingRate"],
            one["fundingTimestamp"] and one["fundingTimestamp"] // 1000,
        )
        for exchange, there in found.items()
        for one in there.values()
    }
    assert theirs == ours


def test_pages_put_together_are_the_whole(api: TestApp) -> None:
    whole = ask(api, "/api/funding/history/BTC", limit=10_000)["rows"]
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(api, "/api/funding/history/BTC", limit=7, **cursor)
        found += page["rows"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == whole
