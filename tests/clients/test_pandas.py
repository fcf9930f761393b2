"""pandas reads every list by its URL alone, as CSV and as NDJSON, and both say what the JSON says."""

import io
import json
import urllib.request
from importlib.util import find_spec
from typing import Any

import pytest

from funding.api.formats import CSV, NDJSON
from funding.api.routes import ROUTES

pytestmark = pytest.mark.skipif(not find_spec("pandas"), reason="pandas is not installed")

LISTS = [route.path for route in ROUTES if CSV in route.formats and NDJSON in route.formats]
QUERIES = {"/api/funding/arb": "?min_volume=0&fees=none"}


def address(url: str, path: str, suffix: str = "") -> str:
    return url + path.replace("<base>", "BTC") + suffix + QUERIES.get(path, "")


def rows_of(url: str, path: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(address(url, path), timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)["rows"]
        return found


@pytest.mark.parametrize("path", LISTS)
def test_csv_by_its_url(path: str, url: str) -> None:
    import pandas  # type: ignore[import-untyped,unused-ignore]

    rows = rows_of(url, path)
    frame = pandas.read_csv(address(url, path, ".csv"))
    assert len(frame) == len(rows)
    if rows:
        assert list(frame.columns) == list(rows[0])
        for column in frame.columns:
            is_figure = column.endswith(("_pct", "_rate", "_usd")) and not isinstance(rows[0][column], list)
            if is_figure and frame[column].notna().all():
                assert list(frame[column]) == [row[column] for row in rows]


@pytest.mark.parametrize("path", LISTS)
def test_ndjson_by_its_url(path: str, url: str) -> None:
    import pandas  # type: ignore[import-untyped,unused-ignore]

    rows = rows_of(url, path)
    address_of_it = address(url, path, ".ndjson")
    if not rows:
        with urllib.request.urlopen(address_of_it, timeout=10) as answer:
            assert answer.read() == b""
        return
    frame = pandas.read_json(address_of_it, lines=True)
    assert list(frame.columns) == list(rows[0])
    for column in ("exchange", "symbol", "asset"):
        if column in frame:
            assert list(frame[column]) == [row[column] for row in rows]


def test_a_symbol_that_looks_like_a_formula_is_text_and_names_keep_their_letters(url: str) -> None:
    import pandas  # type: ignore[import-untyped,unused-ignore]

    frame = pandas.read_csv(f"{url}/api/funding/current.csv")
    assert {"'=PEPE", "币安人生USDT"} <= set(frame["symbol"])
    assert frame.loc[frame["symbol"] == "BTCUSDT", "annualized_pct"].item() == 54.75


def test_a_table_of_nothing_has_its_header(url: str) -> None:
    import pandas  # type: ignore[import-untyped,unused-ignore]

    with urllib.request.urlopen(f"{url}/api/funding/current.csv?base=NONE", timeout=10) as answer:
        frame = pandas.read_csv(io.BytesIO(answer.read()))
    assert (len(frame), frame.columns[0]) == (0, "exchange")
