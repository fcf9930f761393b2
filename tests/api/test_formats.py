"""JSON, CSV and NDJSON: what is written, how one of them is asked for, and that they say the same."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webtest import TestApp

from funding.analysis.current import FIELDS
from funding.api.formats import BATCH, csv_rows, json_rows, ndjson_rows
from tests.api.stored import Stored, rate

CURRENT = "/api/funding/current"
LISTS = [CURRENT, f"{CURRENT}?kind=linear", "/api/funding/symbol/BTC", "/api/funding/history/BTC", "/api/exchanges"]

Writer = Callable[[Sequence[str], Iterable[tuple[Any, ...]]], Iterator[bytes]]


def written(write: Writer, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> str:
    return b"".join(write(columns, rows)).decode()


def test_json_rows_are_objects_with_commas_between_them() -> None:
    rows = [("é", 1.5, None), ('"\\\n', 3, True)]
    assert written(json_rows, ["a", "b", "c"], rows) == ('{"a":"é","b":1.5,"c":null},{"a":"\\"\\\\\\n","b":3,"c":true}')
    assert written(json_rows, ["a"], []) == ""


def test_ndjson_is_an_object_a_line() -> None:
    assert written(ndjson_rows, ["a", "b"], [(1, "x"), (2, None)]) == '{"a":1,"b":"x"}\n{"a":2,"b":null}\n'
    assert written(ndjson_rows, ["a"], []) == ""


def test_csv_has_a_header_row_and_ends_its_lines_as_the_rfc_says() -> None:
    rows = [("plain", 0.1, None, True), ('a,"b"', -3, 1e-05, False), ("two\r\nlines", 1e22, "", None)]
    assert written(csv_rows, ["a", "b", "c", "d"], rows) == (
        'a,b,c,d\r\nplain,0.1,,true\r\n"a,""b""",-3,1e-05,false\r\n"two\r\nlines",1e+22,,\r\n'
    )
    assert written(csv_rows, ["a", "b"], []) == "a,b\r\n"


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t"])
def test_a_csv_text_that_a_spreadsheet_would_take_for_a_formula_is_made_a_text(beginning: str) -> None:
    [_, [text, number]] = csv.reader(io.StringIO(written(csv_rows, ["a", "b"], [(f"{beginning}1+1", -1.5)])))
    assert (text, number) == (f"'{beginning}1+1", "-1.5")


def test_a_value_that_is_a_list_or_an_object_is_written_in_all_of_them() -> None:
    rows = [({"x": 1, "y": [2, 3]}, ["a", "b"], 1), ({}, [], 2), ({"x": 1}, ["a"], 3)]
    columns = ["a", "b", "c"]
    expected = [dict(zip(columns, row, strict=True)) for row in rows]
    assert json.loads(f"[{written(json_rows, columns, rows)}]") == expected
    assert [json.loads(line) for line in written(ndjson_rows, columns, rows).splitlines()] == expected
    [_, first, *_] = csv.reader(io.StringIO(written(csv_rows, columns, rows)))
    assert first == ['{"x":1,"y":[2,3]}', '["a","b"]', "1"]


plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
cells = plain | st.text(st.characters(codec="utf-8")) | st.lists(plain, max_size=3)
tables = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[cells] * width), min_size=1, max_size=BATCH + 2))


@given(rows=tables)
def test_whatever_the_values_are_they_come_out_of_json_as_they_went_in(rows: list[tuple[Any, ...]]) -> None:
    columns = [f"c{number}" for number in range(len(rows[0]))]
    expected = [dict(zip(columns, row, strict=True)) for row in rows]
    assert json.loads(f"[{written(json_rows, columns, rows)}]") == expected
    assert [json.loads(line) for line in written(ndjson_rows, columns, rows).split("\n")[:-1]] == expected


@given(rows=tables)
def test_whatever_the_values_are_a_csv_reader_finds_the_rows_and_columns(rows: list[tuple[Any, ...]]) -> None:
    columns = [f"c{number}" for number in range(len(rows[0]))]
    found = list(csv.reader(io.StringIO(written(csv_rows, columns, rows), newline="")))
    assert [len(row) for row in found if row] == [len(columns)] * (len(rows) + 1) or columns == ["c0"]
    texts = [cell for row in found[1:] for cell in row]
    assert not any(text[:1] in ("=", "@", "\t") for text in texts)


# Over HTTP


def read_csv(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def test_the_whole_list_is_the_same_in_all_formats(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    expected = client.get(CURRENT).json["rows"]
    assert [json.loads(line) for line in client.get(f"{CURRENT}.ndjson").text.splitlines()] == expected
    rows = read_csv(client.get(f"{CURRENT}.csv"))
    assert [tuple(row) for row in rows] == [FIELDS] * 5
    for row, same in zip(rows, expected, strict=True):
        assert [None if cell == "" else cell for cell in row.values()] == [
            value if value is None or isinstance(value, str) else json.dumps(value) for value in same.values()
        ]


@pytest.mark.parametrize(
    ("url", "accept", "media"),
    [
        (CURRENT, "", "application/json"),
        (f"{CURRENT}?format=json", "text/csv", "application/json"),
        (f"{CURRENT}?format=csv", "application/json", "text/csv; charset=utf-8"),
        (f"{CURRENT}?format=ndjson", "", "application/x-ndjson"),
        (f"{CURRENT}.csv", "application/json", "text/csv; charset=utf-8"),
        (f"{CURRENT}.ndjson", "", "application/x-ndjson"),
        (f"{CURRENT}.csv?format=ndjson", "", "application/x-ndjson"),
        (f"{CURRENT}.csv?format=json&limit=2", "", "application/json"),
        (CURRENT, "text/csv", "text/csv; charset=utf-8"),
        (CURRENT, "application/x-ndjson, application/json;q=0.5", "application/x-ndjson"),
        (f"{CURRENT}?format=csv", "image/png", "text/csv; charset=utf-8"),
        ("/api/exchanges.csv", "", "text/csv; charset=utf-8"),
        ("/api/funding/symbol/BTC.csv", "", "text/csv; charset=utf-8"),
        ("/api/funding/history/BTC.ndjson", "", "application/x-ndjson"),
        ("/api/funding/intervals.csv", "", "text/csv; charset=utf-8"),
    ],
)
def test_the_parameter_goes_before_the_suffix_and_that_before_accept(
    url: str, accept: str, media: str, stored: Stored, client: TestApp
) -> None:
    stored.three_exchanges()
    assert client.get(url, headers={"Accept": accept} if accept else {}).headers["Content-Type"] == media


@pytest.mark.parametrize("url", LISTS)
def test_every_list_is_given_in_every_format_with_the_same_rows(url: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    asked = url + ("&" if "?" in url else "?") + "format="
    expected = client.get(asked + "json").json
    lines = client.get(asked + "ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == expected["rows"]
    assert len(read_csv(client.get(asked + "csv"))) == expected["count"]


def test_a_csv_is_a_file_with_a_name_and_the_others_are_not(stored: Stored, client: TestApp) -> None:
    stored.declare("binance")
    stored.good("binance", rate("币安人生USDT", "币安人生"), rate("BTCUSDT", "BTC"))

    def name(url: str) -> str | None:
        found: str | None = client.get(url).headers.get("Content-Disposition")
        return found

    assert name(f"{CURRENT}.csv") == 'attachment; filename="funding-current.csv"'
    assert name("/api/funding/symbol/BTC?format=csv") == 'attachment; filename="funding-symbol-BTC.csv"'
    assert name("/api/funding/symbol/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9F.csv") == (
        'attachment; filename="funding-symbol-.csv"'
    )
    assert name(CURRENT) is None
    assert name(f"{CURRENT}.ndjson") is None


def test_the_fields_asked_for_are_the_columns(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(f"{CURRENT}.csv?fields=symbol,funding_rate&exchange=okx")
    assert answer.text == "symbol,funding_rate\r\nBTC-USDT-SWAP,0.0001\r\nPEPE-USDT-SWAP,-0.0005\r\n"
    assert client.get(f"{CURRENT}.ndjson?fields=symbol&exchange=deribit").text == '{"symbol":"BTC-PERPETUAL"}\n'


def test_a_list_without_rows_is_a_header_or_nothing(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    assert client.get(f"{CURRENT}.csv?base=DOGE&fields=symbol,base").text == "symbol,base\r\n"
    answer = client.get(f"{CURRENT}.ndjson?base=DOGE")
    assert (answer.body, answer.headers["Content-Length"]) == (b"", "0")


def test_a_page_leads_to_the_next_in_the_same_format(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    link = f"{CURRENT}.csv?limit=2&fields=symbol"
    assert client.get(link).headers["Link"] == f'<{CURRENT}.csv?limit=2&fields=symbol&offset=2>; rel="next"'
    seen: list[str] = []
    while link:
        answer = client.get(link)
        seen += [row["symbol"] for row in read_csv(answer)]
        link = answer.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
    assert seen == [row["symbol"] for row in client.get(CURRENT).json["rows"]]


def test_each_format_has_a_tag_of_its_own_and_is_not_sent_again(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    tags = {}
    for form in ("json", "csv", "ndjson"):
        tags[form] = client.get(f"{CURRENT}?format={form}").headers["ETag"]
        client.get(f"{CURRENT}?format={form}", headers={"If-None-Match": tags[form]}, status=304)
    assert len(set(tags.values())) == 3
    assert client.get(f"{CURRENT}?format=csv", headers={"If-None-Match": tags["json"]}).status_int == 200


def test_a_csv_is_compressed_like_everything_else(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    plain_body = client.get(f"{CURRENT}.csv").body
    request = client.RequestClass.blank(f"{CURRENT}.csv", headers={"Accept-Encoding": "gzip"})
    _, headers, body = request.call_application(client.app)
    assert ("Content-Encoding", "gzip") in headers
    assert gzip.decompress(b"".join(body)) == plain_body


@pytest.mark.parametrize(
    "url", [f"{CURRENT}.csv?limit=x", f"{CURRENT}?format=ndjson&foo=1", "/api/funding/symbol/ZZZ.csv"]
)
def test_a_problem_stays_a_problem_in_every_format(url: str, stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    answer = client.get(url, headers={"Accept": "text/csv"}, status="4*")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Content-Disposition" not in answer.headers


def test_a_format_that_there_is_not_is_named(stored: Stored, client: TestApp) -> None:
    stored.three_exchanges()
    [error] = client.get(f"{CURRENT}?format=xml", status=400).json["errors"]
    assert error["parameter"] == "format"
    assert error["detail"].startswith("may not be xml; it is one of json, csv, ndjson")
    for url in ("/api/health?format=csv", "/api/exchanges/okx?format=csv"):
        [error] = client.get(url, status=400).json["errors"]
        assert error["detail"].startswith("is not a parameter of this path")
    assert client.get("/api/health.csv", status=404).json["detail"] == "There is nothing under this path."
