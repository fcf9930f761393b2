"""Puts the application together: routes, validation, and what lies around them."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

import bottle

from funding.api import params
from funding.api.answer import has_tag, response, tag, unchanged
from funding.api.context import Clock, Context, Request, Settings
from funding.api.database import Database
from funding.api.guard import guarded
from funding.api.kept import FullList, PerSnapshot
from funding.api.negotiate import accepts_media
from funding.api.problems import ProblemError
from funding.api.routes import METHODS, ROUTES, Route
from funding.store.exchanges import select_exchanges

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
    context = Context(settings, database, FullList(clock.monotonic), PerSnapshot(select_exchanges))
    app = bottle.Bottle()
    app.config["catchall"] = False  # an error goes on to the guard, never to bottle's own page
    app.default_error_handler = _refuse
    for route in ROUTES:
        app.route(route.path, list(METHODS), _callback(context, route))
    return guarded(app, settings)


def _callback(context: Context, route: Route) -> Callable[..., bottle.HTTPResponse]:
    def call(**parts: str) -> bottle.HTTPResponse:
        environ = bottle.request.environ
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return _options(environ["PATH_INFO"])
        query = environ.get("QUERY_STRING", "")
        values = params.read(query, route.params)
        return _answer(route, Request(context, environ["PATH_INFO"], query, parts, values), environ)

    return call


def _options(path: str) -> bottle.HTTPResponse:
    return bottle.HTTPResponse(status=204, headers={"Allow": ALLOW, **(PREFLIGHT if path.startswith("/api/") else {})})


def _answer(route: Route, request: Request, environ: Mapping[str, Any]) -> bottle.HTTPResponse:
    media = route.media.partition(";")[0]
    if not accepts_media(environ.get("HTTP_ACCEPT", ""), media):
        raise ProblemError(406, f"This path gives {media}, which the Accept header leaves out.")
    if not route.from_snapshot:
        return response(route.handler(request), request, environ)
    with request.context.database.reading() as reading:
        etag = tag(reading.snapshot, request, route.media)
        if has_tag(environ, etag):
            return unchanged(environ, etag)
        return response(route.handler(request, reading), request, environ)


def _refuse(error: bottle.HTTPError) -> NoReturn:
    """What bottle's router refuses: a path, or a method, that is not in the table."""
    if error.status_code == 405:
        allow = ", ".join(error.get_header("Allow").split(","))
        raise ProblemError(405, f"This path takes {allow}.", headers=[("Allow", allow)])
    raise ProblemError(404, "There is nothing under this path.")
