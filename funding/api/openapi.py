"""The API's description, OpenAPI 3.1, made from the tables that the handlers validate and shape with."""

import re
from collections.abc import Sequence
from typing import Any

from funding import __version__
from funding.api.bodies import BODIES, PROBLEM, ROWS
from funding.api.fields import Schema
from funding.api.formats import CCXT, JSON
from funding.api.guard import UNPRINTABLE
from funding.api.kinds import EXCHANGE_ID, MOST_ITEMS, OWN_FEE, PER_CENT
from funding.api.problems import MEDIA, TITLES
from funding.api.query import Param
from funding.api.routes import Route

PART = re.compile(r"<(\w+)>")
PARTS = {
    "base": "An asset, as BTC; XBT and 1000PEPE are understood.",
    "id": "An exchange's id.",
}
REFUSALS = (400, 401, 404, 406, 414, 429, 500, 503)
COUNTED = "Present unless the limit is 0."
HEADERS = {
    "X-Request-Id": "The request's id, its own where that is harmless; our log has it.",
    "X-RateLimit-Limit": f"Requests that are allowed in any 60 seconds. {COUNTED}",
    "X-RateLimit-Remaining": f"Requests that are left now. {COUNTED}",
    "X-RateLimit-Reset": f"When used ones come back, Unix seconds. {COUNTED}",
    "RateLimit-Policy": f"The same, as the IETF's draft has it. {COUNTED}",
    "RateLimit": f"The same, as the IETF's draft has it. {COUNTED}",
}
KEPT = {
    "ETag": "From the newest run, the minute and what was asked; If-None-Match with it brings a 304.",
    "Last-Modified": "When the minute began that the answer is of.",
    "Cache-Control": "How long it may be kept.",
    "Link": "The next page, where there is one.",
}
DESCRIPTION = """\
Funding rates of perpetual futures on every exchange. Positive: longs pay shorts.

Units are in the names: `_pct` per cent, `_usd` US dollars, `_hours`, `_seconds`; a `_rate` is a fraction per funding
interval (0.0001 is 0.01 %). Times are Unix seconds. What is not known is `null`, never 0 and never left out.

Lists come as JSON, CSV or NDJSON: by `format=`, by a suffix of the path (`.csv`, `.ndjson`), or by `Accept`. Parameters
that are not listed are refused, and so is a parameter given twice. `HEAD` and `OPTIONS` work everywhere. A key is not
needed; with one the limit is higher."""


def document(routes: Sequence[Route], exchanges: Sequence[str]) -> dict[str, Any]:
    """`exchanges`: the ids that may be asked for; none: they are not known yet."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Funding Finder",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"bearer": []}, {"key": []}],
        "tags": [{"name": "rates"}, {"name": "exchanges"}, {"name": "service"}],
        "paths": {PART.sub(r"{\1}", route.path): {"get": _operation(route, exchanges)} for route in routes},
        "components": {
            "schemas": {**ROWS, "Problem": PROBLEM},
            "headers": {
                name: {"description": words, "schema": {"type": "string"}} for name, words in (HEADERS | KEPT).items()
            },
            "responses": {str(status): _refusal(status) for status in REFUSALS} | {"304": _unchanged()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "ff_…"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _operation(route: Route, exchanges: Sequence[str]) -> dict[str, Any]:
    statuses = [str(status) for status in REFUSALS] + (["304"] if route.from_snapshot else [])
    return {
        "operationId": route.name,
        "summary": route.sentence,
        "tags": [_tag(route.path)],
        "parameters": [
            *(_part(name, exchanges) for name in PART.findall(route.path)),
            *(_parameter(one, exchanges) for one in route.params),
        ],
        "responses": {status: {"$ref": f"#/components/responses/{status}"} for status in statuses} | _good(route),
    }


def _tag(path: str) -> str:
    return "rates" if path.startswith("/api/funding") else "exchanges" if path.startswith("/api/ex") else "service"


def _good(route: Route) -> dict[str, Any]:
    """200; and where a service that is not well says so in the same words, 503."""
    names = [*HEADERS, *(KEPT if route.from_snapshot else ())]
    found: dict[str, Any] = {
        "description": route.sentence,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": _content(route),
    }
    if route.path not in ("/api/health", "/readyz"):
        return {"200": found}
    problem = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    down = {"description": "It is down; why, it says.", "content": found["content"] | problem}
    return {"200": found, "503": found | down}


def _content(route: Route) -> dict[str, Any]:
    """The ccxt form has JSON's type, and is described with it."""
    text: Schema = {"type": "string"}
    return {
        one.media: {"schema": BODIES.get(route.path, {"type": "object"}) if one is JSON else text}
        for one in route.formats
        if one is not CCXT
    }


def _part(name: str, exchanges: Sequence[str]) -> dict[str, Any]:
    schema: Schema = {"type": "string", "pattern": f"^[^{UNPRINTABLE}]+$"}
    if name == "id" and exchanges:
        schema["examples"] = [exchanges[0]]
    return {"name": name, "in": "path", "required": True, "description": PARTS[name], "schema": schema}


def _parameter(param: Param, exchanges: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": param.name,
        "in": "query",
        "description": param.sentence,
        "schema": schema_of(param, exchanges),
    }
    if param.required:
        found["required"] = True
    return found | ({"style": "form", "explode": False} if param.many else {})


def schema_of(param: Param, exchanges: Sequence[str] = ()) -> Schema:
    """Of a parameter's value: an array, where it is a comma list."""
    kind = param.kind
    allowed = list(param.allowed or (exchanges if kind is EXCHANGE_ID else ()))
    one = {"type": "string", "enum": allowed} if allowed else dict((param.many and kind.item) or kind.schema)
    if kind is OWN_FEE and exchanges:
        one["pattern"] = f"^({'|'.join(exchanges)}):{PER_CENT}$"
    if not param.many:
        return one if param.default is None else one | {"default": param.default}
    return {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_ITEMS}


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
        "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _unchanged() -> dict[str, Any]:
    names = [*HEADERS, "ETag", "Cache-Control"]
    return {
        "description": "What If-None-Match names is still so.",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
