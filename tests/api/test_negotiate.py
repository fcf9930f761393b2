import pytest

from funding.api.formats import CSV, JSON, NDJSON
from funding.api.negotiate import accepts_gzip, preferred


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", True),
        ("*/*", True),
        ("application/json", True),
        ("APPLICATION/JSON", True),
        ("application/*;q=0.5", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html", False),
        ("text/html, image/*", False),
        ("application/json;q=0", False),
        ("application/json;q=0, */*", False),
        ("application/*;q=0, */*;q=1", False),
        ("application/json;q=lots", False),
        ("application/json;q=0.000", False),
        (",;,", True),
    ],
)
def test_the_most_specific_range_of_accept_decides(header: str, expected: bool) -> None:
    assert (preferred(header, (JSON,)) is JSON) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", JSON),
        ("text/csv", CSV),
        ("application/x-ndjson, text/csv;q=0.9", NDJSON),
        ("application/jsonl", NDJSON),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/*, application/json;q=0.1", CSV),
        ("text/html", None),
    ],
)
def test_of_several_formats_the_one_with_most_weight_is_given(header: str, expected: object) -> None:
    assert preferred(header, (JSON, CSV, NDJSON)) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5, br", True),
        ("br", False),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity", False),
    ],
)
def test_gzip_is_used_only_when_it_is_asked_for(header: str, expected: bool) -> None:
    assert accepts_gzip(header) is expected
