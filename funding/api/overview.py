"""The market as a whole: extremes, sentiment, divergence, heatmap, volumes."""

from collections.abc import Mapping, Sequence
from typing import Any

from funding.analysis.by_volume import FIELDS as BY_VOLUME_FIELDS
from funding.analysis.by_volume import by_volume
from funding.analysis.current import current
from funding.analysis.divergence import FIELDS as DIVERGENCE_FIELDS
from funding.analysis.divergence import divergence
from funding.analysis.eligible import among
from funding.analysis.eligible import notices as left_out_notices
from funding.analysis.extremes import extremes
from funding.analysis.heatmap import heatmap
from funding.analysis.sentiment import FIELDS as SENTIMENT_FIELDS
from funding.analysis.sentiment import sentiment
from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.contracts import asset_spellings, check_exchanges
from funding.api.database import Reading
from funding.api.earlier import Earlier
from funding.api.exchanges import notices_of
from funding.api.formats import CSV, csv_rows, encode
from funding.api.listing import Page, in_place, list_answer, tuples
from funding.api.market import Row
from funding.store.rates import select_current

DAY = 86_400
HEATMAP_FIELDS = ("exchanges", "bases", "cells", "spreads")


def get_extremes(request: Request, reading: Reading) -> Answer:
    """/api/funding/extremes: the rows of `current` that pay most and least a year."""
    values = request.values
    check_exchanges(values["exchange"], {row["id"] for row in request.context.exchanges.get(reading)})
    found = extremes(
        _market(request, reading),
        values["limit"],
        min_volume_usd=values["min_volume"] or 0,
        exchanges=frozenset(values["exchange"]),
    )
    ends: list[list[Row]] = [found.highest, found.lowest]  # type: ignore[list-item]
    whole = _whole_rows(request, reading, [row for rows in ends for row in rows])
    # an exchange that is no longer collected, since this minute, has none
    highest, lowest = ([whole[row.contract_id] for row in rows if row.contract_id in whole] for rows in ends)
    return _answer(request, reading, {"highest": highest, "lowest": lowest}, found.left_out)


def get_sentiment(request: Request, reading: Reading) -> Answer:
    """/api/funding/sentiment: the whole market, and asset by asset, against 24 h and 7 d ago."""
    day_ago, week_ago = (request.context.own(Earlier).get(reading, days * DAY) for days in (1, 7))
    assets = frozenset(asset_spellings(request.values["base"]))
    found = sentiment(_market(request, reading), day_ago, week_ago, assets)
    page = Page(tuples(SENTIMENT_FIELDS, found.assets), request.values, in_place(SENTIMENT_FIELDS))
    more = {"market": found.market}
    return list_answer(request, reading, SENTIMENT_FIELDS, page, page, _notices(request, reading, found.left_out), more)


def get_divergence(request: Request, reading: Reading) -> Answer:
    """/api/funding/divergence: the contracts farthest from what the others of their asset pay."""
    found = divergence(_market(request, reading), min_volume_usd=request.values["min_volume"] or 0)
    page = Page(tuples(DIVERGENCE_FIELDS, found.rows), request.values, in_place(DIVERGENCE_FIELDS))
    return list_answer(request, reading, DIVERGENCE_FIELDS, page, page, _notices(request, reading, found.left_out))


def get_by_volume(request: Request, reading: Reading) -> Answer:
    """/api/funding/by_volume: assets by what is traded of them."""
    found = by_volume(_market(request, reading))
    page = Page(tuples(BY_VOLUME_FIELDS, found.rows), request.values, in_place(BY_VOLUME_FIELDS))
    return list_answer(request, reading, BY_VOLUME_FIELDS, page, page, _notices(request, reading, found.left_out))


def get_heatmap(request: Request, reading: Reading) -> Answer:
    """/api/funding/heatmap: exchanges × assets, one rate in each cell; as a table a row an asset."""
    values = request.values
    check_exchanges(values["exchange"], {row["id"] for row in request.context.exchanges.get(reading)})
    chosen = among(
        frozenset(values["exchange"]),
        min_volume_usd=values["min_volume"] or 0,
        kind=values["kind"] or "",
        search=values["search"] or "",
    )
    found = heatmap(_market(request, reading), values["unit"], values["limit"], chosen=chosen)
    if request.format is CSV:
        rows = zip(found.bases, *found.cells, found.spreads, strict=True)
        table = csv_rows(("base", *found.exchanges, "spread"), rows)
        return Answer(b"".join(table), snapshot=reading.snapshot)
    figures = {"unit": values["unit"]} | {name: getattr(found, name) for name in HEATMAP_FIELDS}
    return _answer(request, reading, figures, found.left_out)


def _market(request: Request, reading: Reading) -> Sequence[Row]:
    return request.context.market.get(reading)


def _whole_rows(request: Request, reading: Reading, rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """Contract id → its row of `current`. `rows` may hold one twice, and none that is suspect."""
    threshold = request.context.settings.stale_threshold_seconds
    contract_ids = list(dict.fromkeys(row.contract_id for row in rows))
    stored = select_current(reading.connection, contract_ids=contract_ids) if contract_ids else ()
    return {one["contract_id"]: current(dict(one), reading.now, threshold) for one in stored}


def _answer(request: Request, reading: Reading, figures: dict[str, Any], left_out: Mapping[str, int]) -> Answer:
    body = {"fetched_at": reading.now, **figures, "notices": _notices(request, reading, left_out)}
    return Answer(encode(body).encode(), snapshot=reading.snapshot)


def _notices(request: Request, reading: Reading, left_out: Mapping[str, int]) -> list[str]:
    threshold = request.context.settings.stale_threshold_seconds
    on_exchanges = notices_of(request.context.exchanges.get(reading), reading.now, threshold)
    return [*on_exchanges, *left_out_notices(left_out)]
