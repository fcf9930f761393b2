"""POST /mcp: the Model Context Protocol, streamable HTTP without sessions: read-only tools over the same queries.

https://modelcontextprotocol.io/specification. A message in, its answer out as JSON; nothing is ever streamed.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import bottle

from funding import __version__
from funding.api import query as queries
from funding.api.answer import plain
from funding.api.context import Context, Request
from funding.api.formats import JSON
from funding.api.negotiate import preferred
from funding.api.openapi import PART, PARTS, schema_of
from funding.api.problems import ProblemError
from funding.api.query import Param
from funding.api.routes import ROUTES, Route

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")  # the newest first
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
UNSUPPORTED_VERSION = -32022
INSTRUCTIONS = (
    "Funding rates of perpetual futures on many exchanges. Positive: longs pay shorts. Units are in the names; times are Unix"
    " seconds; null is not known. Look at `notices` in every answer."
)
DEFAULT_ROWS, MOST_ROWS = 50, 500  # who reads them has not room for thousands
LEFT_OUT = ("format",)
TOOLS = {route.name: route for route in ROUTES if route.path.startswith("/api/")}

Message = dict[str, Any]


class RpcError(Exception):
    """Becomes the error of an answer. `status`: HTTP's."""

    def __init__(self, code: int, words: str, status: int = 200, data: Any = None) -> None:
        super().__init__(words)
        self.code, self.status, self.data = code, status, data


def answer_post(context: Context) -> bottle.HTTPResponse:
    """Answers bottle's request."""
    environ = bottle.request.environ
    if environ["REQUEST_METHOD"] == "OPTIONS":
        return bottle.HTTPResponse(status=204, headers={"Allow": "POST, OPTIONS"})
    check(environ)
    return respond(context, bottle.request.body.read(), environ.get("HTTP_MCP_PROTOCOL_VERSION"))


def check(environ: Mapping[str, Any]) -> None:
    """Raises ProblemError for what no message is looked at of."""
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != JSON.media:
        raise ProblemError(415, f"A message is {JSON.media}.")
    if preferred(environ.get("HTTP_ACCEPT", ""), (JSON,)) is None:
        raise ProblemError(406, f"An answer is {JSON.media}, which the Accept header leaves out.")
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin.partition("://")[2] != environ.get("HTTP_HOST"):
        raise ProblemError(403, "This is for programs, and for pages of this host: the Origin is another one.")


def respond(context: Context, body: bytes, version: str | None) -> bottle.HTTPResponse:
    message_id = None
    try:
        message = _message(body)
        message_id = message.get("id")
        if version is not None and version not in VERSIONS:
            data = {"supported": list(VERSIONS), "requested": version}
            raise RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", 400, data)
        if "id" not in message:  # a notification
            return bottle.HTTPResponse(status=202, headers={"Content-Length": "0", "Cache-Control": "no-store"})
        result = _method(message)(context, message.get("params", {}))
        return _sent({"jsonrpc": "2.0", "id": message_id, "result": result})
    except RpcError as error:
        told = {"code": error.code, "message": str(error)} | ({} if error.data is None else {"data": error.data})
        return _sent({"jsonrpc": "2.0", "id": message_id, "error": told}, error.status)


def _message(body: bytes) -> Message:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise RpcError(PARSE_ERROR, "The body is not JSON.", 400) from None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        raise RpcError(INVALID_REQUEST, 'The body is not one message of JSON-RPC 2.0 with a "method".', 400)
    if not isinstance(message.get("id", ""), str | int) or isinstance(message.get("id"), bool):
        message.pop("id")
        raise RpcError(INVALID_REQUEST, "An id is a string or a whole number.", 400)
    if not isinstance(message.get("params", {}), dict):
        raise RpcError(INVALID_PARAMS, "The params are not an object.")
    return message


def _sent(message: Message, status: int = 200) -> bottle.HTTPResponse:
    body = json.dumps(message, separators=(",", ":")).encode()  # in ASCII: an id may hold what is no UTF-8
    headers = {"Content-Type": JSON.content_type, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
    return bottle.HTTPResponse([body], status, headers)


def _method(message: Message) -> Callable[[Context, Message], Message]:
    found = METHODS.get(message["method"])
    if found is None:
        raise RpcError(
            METHOD_NOT_FOUND, f"There is no method {message['method'][:80]}; there are {', '.join(METHODS)}."
        )
    return found


# Methods


def initialize(_context: Context, given: Message) -> Message:
    asked = given.get("protocolVersion")
    return {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": "funding-finder", "title": "Funding Finder", "version": __version__},
        "instructions": INSTRUCTIONS,
    }


def ping(_context: Context, _given: Message) -> Message:
    return {}


def list_tools(_context: Context, _given: Message) -> Message:
    return {"tools": [_described(route) for route in TOOLS.values()]}


def call_tool(context: Context, given: Message) -> Message:
    """What the tool found, or, in words for whoever called it, why it could not: that is a result too."""
    name, arguments = given.get("name"), given.get("arguments") or {}
    if not isinstance(name, str) or name not in TOOLS:
        raise RpcError(INVALID_PARAMS, f"There is no tool {str(name)[:80]}; there are {', '.join(TOOLS)}.")
    if not isinstance(arguments, dict):
        raise RpcError(INVALID_PARAMS, "The arguments are not an object.")
    try:
        text = _ask(context, TOOLS[name], arguments)
    except ProblemError as problem:
        return {"content": [{"type": "text", "text": problem.detail}], "isError": True}
    return {"content": [{"type": "text", "text": text}], "structuredContent": json.loads(text), "isError": False}


METHODS: dict[str, Callable[[Context, Message], Message]] = {
    "initialize": initialize,
    "ping": ping,
    "tools/list": list_tools,
    "tools/call": call_tool,
}


# Tools


def _described(route: Route) -> Message:
    parts = {name: {"type": "string", "description": PARTS[name]} for name in PART.findall(route.path)}
    asked = [param for param in route.params if param.name not in LEFT_OUT]
    return {
        "name": route.name,
        "description": route.sentence,
        "inputSchema": {
            "type": "object",
            "properties": parts | {param.name: _schema(param) for param in asked},
            "required": [*parts, *(param.name for param in asked if param.required)],
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
    }


def _schema(param: Param) -> Message:
    schema = schema_of(param) | {"description": param.sentence}
    if param.name == "limit":
        schema |= {"maximum": MOST_ROWS, "default": min(DEFAULT_ROWS, param.default)}
    return schema


def _ask(context: Context, route: Route, arguments: Message) -> str:
    """The answer's JSON. Raises ProblemError."""
    names = PART.findall(route.path)
    parts = {name: _text(arguments, name) for name in names}
    query = _query(route, {name: value for name, value in arguments.items() if name not in names})
    values = queries.read(query, route.params)
    values.pop("format", None)
    path = PART.sub(lambda part: quote(parts[part[1]], safe=""), route.path)
    request = Request(context=context, path=path, query=query, parts=parts, format=JSON, values=values)
    if not route.from_snapshot:
        return plain(route.handler(request).body).decode()
    with context.database.reading() as reading:
        return plain(route.handler(request, reading).body).decode()


def _text(arguments: Message, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise ProblemError(400, f"{name}: is missing, or is no text. {PARTS[name]}")
    return value


def _query(route: Route, arguments: Message) -> str:
    """As it would stand in a URL, so that it is read and refused in the same way and words."""
    known = {param.name for param in route.params}
    given = {name: _written(name, value) for name, value in arguments.items() if value is not None or name not in known}
    if "format" in given:
        raise ProblemError(400, "format: is not a parameter of a tool, which answers in JSON.")
    limit = next((param for param in route.params if param.name == "limit"), None)
    if limit is not None:
        text = given.setdefault("limit", str(min(DEFAULT_ROWS, limit.default)))
        if text.isdecimal() and int(text) > MOST_ROWS:
            raise ProblemError(400, f"limit: is at most {MOST_ROWS} here; offset or cursor lead on.")
    return urlencode(given, errors="surrogatepass")


def _written(name: str, value: Any) -> str:
    items = value if isinstance(value, list) else ["" if value is None else value]
    if not all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items):
        raise ProblemError(400, f"{name[:80]}: is a text, a number or a list of them.")
    return ",".join(map(str, items))
