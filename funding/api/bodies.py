"""What each path's JSON looks like, as JSON schema, put together from the fields. What documents the API."""

from collections.abc import Iterable
from typing import Any

from funding.analysis import accuracy, arb, by_volume, calendar, carry, divergence, sentiment
from funding.analysis.current import FIELDS as CURRENT_FIELDS
from funding.analysis.heatmap import UNITS
from funding.analysis.history import RESOLUTIONS, SERIES
from funding.api.exchanges import STATUSES
from funding.api.fields import FIELDS, Schema, object_of
from funding.api.params import EXCHANGE_FIELDS, INTERVAL_FIELDS, SYMBOL_FIELDS

FETCHED_AT = {"type": "integer", "description": "When the answer was made. Unix seconds."}
NOTICES = {"type": "array", "items": {"type": "string"}, "description": "What the caller should know, in words."}
COUNT = {"type": "integer", "minimum": 0, "description": "Rows here."}
TOTAL = {
    "type": ["integer", "null"],
    "minimum": 0,
    "description": "Rows without limit; null where they are not counted.",
}
TEXTS = {"type": "array", "items": {"type": "string"}}
NULL_TEXT = {"type": ["string", "null"]}
CELLS: Schema = {"type": "array", "items": {"type": "array", "items": {"type": ["number", "null"]}}}

HISTORY_FIELDS = dict.fromkeys(name for one in SERIES.values() for name in (*one.columns, *one.bucket_columns))

# Rows by name; what fields= leaves out may be missing
ROWS: dict[str, Schema] = {
    name: object_of(fields, all_given=False)
    for name, fields in {
        "Contract": CURRENT_FIELDS,
        "ContractOfAsset": SYMBOL_FIELDS,
        "Pair": arb.FIELDS,
        "Sentiment": sentiment.FIELDS,
        "Divergence": divergence.FIELDS,
        "Volume": by_volume.FIELDS,
        "Settlement": calendar.FIELDS,
        "Accuracy": accuracy.FIELDS,
        "Past": HISTORY_FIELDS,
        "IntervalChange": INTERVAL_FIELDS,
        "Exchange": EXCHANGE_FIELDS,
    }.items()
}
PROBLEM: Schema = {
    "type": "object",
    "description": "What is wrong, as RFC 9457 writes it.",
    "required": ["type", "title", "status", "detail", "instance", "request_id", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In words, for a person."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "request_id": {"type": "string", "description": "Under which our log has it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "detail", "value"],
                "properties": {name: {"type": "string"} for name in ("parameter", "detail", "value")},
            },
        },
    },
}


def _reference(row: str) -> Schema:
    return {"$ref": f"#/components/schemas/{row}"}


def _rows(row: str) -> Schema:
    return {"type": "array", "items": _reference(row)}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


def _list(row: str, **more: Any) -> Schema:
    """The envelope of every list; `more` stands in it beside the rows."""
    return _object(
        {"fetched_at": FETCHED_AT, "count": COUNT, "total": TOTAL, **more, "rows": _rows(row), "notices": NOTICES}
    )


def _named(fields: Iterable[str]) -> Schema:
    return {name: FIELDS[name] for name in fields}


HEALTH = _object(
    {
        "ok": {"type": "boolean"},
        "status": {"type": "string", "enum": ["ok", "degraded", "down"]},
        "data_age_seconds": {"type": ["integer", "null"], "minimum": 0},
        "stale_threshold_seconds": {"type": "integer", "minimum": 0},
        "exchanges": {
            "type": "array",
            "items": _object(
                {
                    "exchange": FIELDS["exchange"],
                    "symbols": COUNT,
                    "age_seconds": FIELDS["age_seconds"],
                    "status": {"type": "string", "enum": list(STATUSES)},
                }
            ),
        },
        "stale_exchanges": TEXTS,
        "total_rows": {"type": "integer", "minimum": 0},
        "notices": NOTICES,
    }
)
CCXT: Schema = {
    "type": "object",
    "description": "format=ccxt: {exchange: {unified symbol: FundingRate}}, of one exchange= the inner object alone.",
}
BODIES: dict[str, Schema] = {
    "/api/health": HEALTH,
    "/api/funding/current": {"anyOf": [_list("Contract"), CCXT]},
    "/api/funding/arb": _list("Pair"),
    "/api/funding/extremes": _object(
        {"fetched_at": FETCHED_AT, "highest": _rows("Contract"), "lowest": _rows("Contract"), "notices": NOTICES}
    ),
    "/api/funding/sentiment": _list("Sentiment", market=_reference("Sentiment")),
    "/api/funding/divergence": _list("Divergence"),
    "/api/funding/heatmap": _object(
        {
            "fetched_at": FETCHED_AT,
            "unit": {"type": "string", "enum": list(UNITS)},
            "exchanges": TEXTS,
            "bases": TEXTS,
            "cells": {**CELLS, "description": "cells[i][j]: what exchanges[i] pays for bases[j]."},
            "spreads": {
                **CELLS["items"],
                "description": "spreads[j]: highest less lowest of bases[j]; null where fewer than two are known, or for unit=raw.",
            },
            "notices": NOTICES,
        }
    ),
    "/api/funding/by_volume": _list("Volume"),
    "/api/funding/carry": _object({"fetched_at": FETCHED_AT, **_named(carry.FIELDS)}),
    "/api/funding/calendar": _list("Settlement"),
    "/api/funding/accuracy": _list("Accuracy"),
    "/api/funding/symbol/<base>": _list(
        "ContractOfAsset", **_named(("asset", "asset_class", "median_annualized_pct", "spread_annualized_pct"))
    ),
    "/api/funding/history/<base>": _list(
        "Past",
        asset=FIELDS["asset"],
        series={"type": "string", "enum": list(SERIES)},
        resolution={"type": "string", "enum": list(RESOLUTIONS)},
        start_time=FIELDS["start_time"],
        end_time=FIELDS["end_time"],
        next_cursor={**NULL_TEXT, "description": "cursor= of the next page; null on the last."},
    ),
    "/api/funding/intervals": _list("IntervalChange"),
    "/api/exchanges": _list("Exchange"),
    "/api/exchanges/<id>": _object({"fetched_at": FETCHED_AT, **_named(EXCHANGE_FIELDS)}),
}
