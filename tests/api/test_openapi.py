"""The description of the API: it is whole, it is valid, and what is answered is what it says."""

import json
import re
import warnings
from importlib.util import find_spec
from typing import Any

import pytest
from webtest import TestApp

from funding.analysis import arb
from funding.api.bodies import BODIES, ROWS
from funding.api.fields import FIELDS
from funding.api.formats import JSON
from funding.api.kinds import CONTRACT as CONTRACT_KIND
from funding.api.kinds import MOMENT, NAME, OWN_FEE, Kind, number, whole
from funding.api.openapi import document, schema_of
from funding.api.params import CURRENT
from funding.api.routes import PAGES, ROUTES
from tests.api.stored import Stored

DOCUMENT = document((*ROUTES, *PAGES), ("bybit", "okx"))
needs = pytest.mark.skipif


def operation(path: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path]["get"]
    return found


@needs(not find_spec("openapi_spec_validator"), reason="openapi-spec-validator is not installed")
def test_a_validator_finds_nothing_wrong() -> None:
    from openapi_spec_validator import validate

    validate(json.loads(json.dumps(DOCUMENT)))


def test_every_path_and_every_parameter_is_in_it() -> None:
    found = {
        path: [one["name"] for one in item["get"]["parameters"] if one["in"] == "query"]
        for path, item in DOCUMENT["paths"].items()
    }
    expected = {
        re.sub(r"<(\w+)>", r"{\1}", route.path): [param.name for param in route.params] for route in (*ROUTES, *PAGES)
    }
    assert found == expected


def test_every_json_answer_has_a_shape_and_every_operation_a_name() -> None:
    assert [route.path for route in ROUTES if JSON in route.formats] == list(BODIES)
    names = [item["get"]["operationId"] for item in DOCUMENT["paths"].values()]
    assert len(set(names)) == len(names)
    assert "arb" in names


def test_every_field_has_a_type_and_a_sentence_with_its_unit() -> None:
    units = {
        "_pct": "per cent",
        "_usd": "US dollars",
        "_hours": "hours",
        "_at": "Unix seconds",
        "_time": "Unix seconds",
    }
    for name, schema in FIELDS.items():
        assert schema["type"]
        assert re.match(r"[A-Za-z].*\.$", schema["description"], re.DOTALL), name
        for ending, unit in units.items():
            if name.endswith(ending) and name != "checked_at":
                assert unit in schema["description"] or "percentage points" in schema["description"], name


def test_a_parameter_says_what_it_takes() -> None:
    table = {param.name: schema_of(param, ("bybit", "okx")) for param in CURRENT}
    assert table["kind"] == {"type": "string", "enum": ["linear", "inverse"]}
    assert table["limit"] == {"type": "integer", "minimum": 1, "maximum": 20_000, "default": 20_000}
    assert table["exchange"] == {
        "type": "array", "items": {"type": "string", "enum": ["bybit", "okx"]}, "minItems": 1, "maxItems": 100,
    }  # fmt: skip
    assert table["min_volume"] == {"type": "number", "minimum": 0, "maximum": 1e15}
    assert operation("/api/funding/current")["parameters"][0]["explode"] is False
    assert [one["name"] for one in operation("/api/funding/carry")["parameters"] if one.get("required")] == [
        "long",
        "short",
    ]


def test_fields_that_may_be_unknown_may_be_null_and_others_not() -> None:
    contract = ROWS["Contract"]["properties"]
    assert contract["open_interest_usd"]["type"] == ["number", "null"]
    assert contract["exchange"]["type"] == "string"
    assert contract["rate_kind"]["enum"] == ["predicted", "fixed", "settled", None]
    assert ROWS["Pair"]["properties"]["long"]["required"] == list(arb.LEG_FIELDS)


def test_keys_may_be_sent_and_need_not_be() -> None:
    assert DOCUMENT["security"] == [{}, {"bearer": []}, {"key": []}]
    assert DOCUMENT["components"]["securitySchemes"]["key"] == {"type": "apiKey", "in": "header", "name": "X-API-Key"}


KINDS = {
    "number": (number(0.5, 20), ["0.5", "1e1", "20"], ["0.4", "20.1", "nan", "inf", "-1", "", "1_0", "0x1", " 1"]),
    "whole": (whole(1, 20), ["1", "020"], ["0", "21", "1.0", "-1", "", "٣"]),
    "name": (NAME, ["a", "币安人生", "x" * 80, "a,b:c/d"], ["", "x" * 81, "a b", "a\tb", "a\x00", "a\u2028b"]),
    "contract": (CONTRACT_KIND, ["okx:A", "dydx:A,B:C/D"], ["okx", "okx:", ":A", "okx:A B", "okx:" + "A" * 77]),
    "own fee": (OWN_FEE, ["okx:0.05", "okx:10"], ["okx", "okx:", ":1", "okx:-1", "okx:11", "okx:x"]),
    "moment": (
        MOMENT,
        ["1800000000", "1800000000123", "2027-01-15", "2027-01-15T08:00:00Z", "2027-01-15T08:00:00.5+02:00"],
        ["", "0", "99", "2009-12-31", "2100-01-02", "15.01.2027", "now", "1800000000.5"],
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_reads_what_its_schema_lets_pass_and_refuses_the_rest(name: str) -> None:
    kind, good, bad = KINDS[name]
    for text in good:
        kind.read(text)
        assert passes(kind, text), text
    for text in bad:
        with pytest.raises(ValueError, match=r"^is "):
            kind.read(text)
        assert not passes(kind, text), text


def passes(kind: Kind, text: str) -> bool:
    """Whether the schema takes the text, or the number that it is."""
    choices = kind.schema.get("anyOf", [kind.schema])
    return any(_passes(schema, text) for schema in choices)


def _passes(schema: Any, text: str) -> bool:
    if schema["type"] == "string":
        return re.search(schema["pattern"], text) is not None and len(text) <= schema.get("maxLength", len(text))
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text, re.ASCII) or (
        schema["type"] == "integer" and not text.isdecimal()
    ):
        return False
    return bool(schema["minimum"] <= float(text) <= schema["maximum"])


PATHS = {
    **{path: path for path in BODIES},
    "/api/funding/symbol/<base>": "/api/funding/symbol/BTC",
    "/api/funding/history/<base>": "/api/funding/history/BTC",
    "/api/exchanges/<id>": "/api/exchanges/okx",
    "/api/funding/carry": "/api/funding/carry?long=bybit:BTCUSDT&short=okx:BTC-USDT-SWAP",
    "/api/funding/arb": "/api/funding/arb?min_volume=0&fees=none",
}


@needs(not find_spec("jsonschema"), reason="jsonschema is not installed")
@pytest.mark.parametrize("route", BODIES)
def test_what_is_answered_is_what_is_described(route: str, stored: Stored, client: TestApp) -> None:
    from jsonschema import Draft202012Validator

    stored.three_exchanges()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = {**BODIES[route], "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(client.get(PATHS[route]).json)
