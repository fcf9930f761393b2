"""Puts the application together: routes, validation, and what lies around them."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

import bottle

from funding.api import query as queries
from funding.api.answer import IF_NONE_MATCH, has_tag, response, tag, unchanged
from funding.api.context import Clock, Context, Request, Settings
from funding.api.counters import Counters, counted
from funding.api.database import Database
from funding.api.formats import LISTS, Format
from funding.api.guard import guarded
from funding.api.kept import FullList, PerSnapshot
from funding.api.negotiate import preferred
from funding.api.problems import ProblemError
from funding.api.quota import Quotas
from funding.api.routes import MCP, METHODS, PAGES, ROUTES, Route, part_of_api
from funding.api.web import add_dashboard

ALLOW = ", ".join(METHODS)
PREFLIGHT = {
    "Access-Control-Allow-Methods": ALLOW,
    "Access-Control-Allow-Headers": "Accept, Authorization, If-None-Match, X-API-Key, X-Request-Id",
    "Access-Control-Max-Age": "86400",
}
REAL_TIME = Clock()


def make_app(settings: Settings, clock: Clock = REAL_TIME) -> WSGIApplication:
    """The WSGI application. The database need not be there yet: until it is, the answers are 503."""
    database = Database(settings.database, clock.wall, clock.monotonic)
    database.hold()
    quotas = Quotas(settings, clock, database)
    context = _context(settings, clock, database, quotas)
    app = bottle.Bottle()
    app.config["catchall"] = False  # an error goes on to the guard, never to bottle's own page
    app.default_error_handler = _refuse
    for route in (*ROUTES, *PAGES):
        for path, suffix in route.paths.items():
            app.route(path, list(METHODS), _callback(context, route, suffix))
    app.route("/mcp", ["POST", "OPTIONS"], lambda: part_of_api(MCP)(context))
    add_dashboard(app, METHODS, context)
    return counted(guarded(app, settings, quotas), context.counters, clock.monotonic)


def _context(settings: Settings, clock: Clock, database: Database, quotas: Quotas) -> Context:
    threshold = settings.stale_threshold_seconds
    judged: PerSnapshot[Any] = PerSnapshot(lambda reading: part_of_api("market.judge")(reading, threshold))
    market: PerSnapshot[Any] = PerSnapshot(
        lambda reading: part_of_api("market.make_market")(reading, threshold, judged.get(reading).suspects)
    )
    return Context(
        settings=settings,
        clock=clock,
        database=database,
        full_lists={one: FullList(clock.monotonic) for one in LISTS},
        exchanges=PerSnapshot(
            lambda reading: part_of_api("exchanges.exchanges_of")(reading, judged.get(reading).frozen)
        ),
        judged=judged,
        market=market,
        best=PerSnapshot(lambda reading: part_of_api("front.best_pairs")(market.get(reading), settings.fees)),
        counters=Counters(),
        clients=quotas.__len__,
    )


def _callback(context: Context, route: Route, suffix: Format | None) -> Callable[..., bottle.HTTPResponse]:
    def call(**parts: str) -> bottle.HTTPResponse:
        environ = bottle.request.environ
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return _options(environ["PATH_INFO"])
        query = environ.get("QUERY_STRING", "")
        values = queries.read(query, route.params)
        request = Request(
            context=context,
            path=environ["PATH_INFO"],
            query=query,
            parts=parts,
            format=_format(route, values.pop("format", None), suffix, environ),
            values=values,
            host=environ.get("HTTP_HOST", ""),
            is_closed=route.is_closed(values, int(context.clock.wall())),
        )
        return _answer(route, request, environ)

    return call


def _options(path: str) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(status=204, headers={"Allow": ALLOW, **(PREFLIGHT if path.startswith("/api/") else {})})


def _format(route: Route, asked: str | None, suffix: Format | None, environ: Mapping[str, Any]) -> Format:
    """By parameter, else suffix, else Accept. Raises ProblemError (406)."""
    if asked is not None:
        return next(one for one in route.formats if one.name == asked)
    found = suffix or preferred(environ.get("HTTP_ACCEPT", ""), route.formats)
    if found is None:
        given = " and ".join(one.media for one in route.formats)
        raise ProblemError(406, f"This path gives {given}, which the Accept header leaves out.")
    return found


def _answer(route: Route, request: Request, environ: Mapping[str, Any]) -> bottle.HTTPResponse:
    if not route.from_snapshot:
        return response(route.handler(request), request, environ)
    if IF_NONE_MATCH in environ:
        etag = tag(request.context.database.snapshot(), request)
        if has_tag(environ, etag):
            return unchanged(etag, request, environ)
    with request.context.database.reading() as reading:
        answer = route.handler(request, reading)
    return response(answer, request, environ)


def _refuse(error: bottle.HTTPError) -> NoReturn:
    """What bottle's router refuses: a path, or a method, that is not in the table."""
    if error.status_code == 405:
        allow = ", ".join(error.get_header("Allow").split(","))
        raise ProblemError(405, f"This path takes {allow}.", headers=[("Allow", allow)])
    raise ProblemError(404, "There is nothing under this path.")
