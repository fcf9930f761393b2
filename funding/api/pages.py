"""What lies beside the queries: the API's description, the page that shows it, and small files that clients look for."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from funding.api.answer import Answer
from funding.api.context import Request
from funding.api.formats import encode
from funding.api.openapi import document
from funding.api.problems import ProblemError
from funding.api.routes import PAGES, ROUTES
from funding.api.web import files
from funding.store.exchanges import select_exchanges

# Swagger UI has pictures in its style sheet, and styles that it sets by script, which this policy lets pass
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /mcp\n"
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
VALID_DAYS = 180  # RFC 9116 wants less than a year


def get_openapi(request: Request) -> Answer:
    """/openapi.json: with the ids of the exchanges that are collected here, where they are known."""
    return Answer(encode(document((*ROUTES, *PAGES), _exchanges(request))).encode(), by_content=True)


def get_docs(_request: Request) -> Answer:
    """/docs: Swagger UI, from our own files."""
    found = files()
    page = found.content("docs/index.html").decode().replace("{static}", f"/static/{found.version}")
    return Answer(page.encode(), headers=(("Content-Security-Policy", DOCS_POLICY),), by_content=True)


def get_robots(_request: Request) -> Answer:
    """/robots.txt: figures of the minute are nothing for a search engine."""
    return Answer(ROBOTS.encode(), by_content=True)


def get_security(request: Request) -> Answer:
    """/.well-known/security.txt (RFC 9116). Without a contact of its own: the mailbox that RFC 2142 sets apart for it."""
    contact = request.context.settings.security_contact or f"mailto:security@{_host(request)}"
    expires = datetime.fromtimestamp(request.context.clock.wall(), UTC).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    expires += timedelta(days=VALID_DAYS)
    text = f"Contact: {contact}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: en\n"
    return Answer(text.encode(), by_content=True)


def get_favicon(_request: Request) -> Answer:
    """/favicon.svg: for those who look for it there; the pages name their own."""
    return Answer(files().content("favicon.svg"), by_content=True)


def _exchanges(request: Request) -> Sequence[str]:
    try:
        with request.context.database.reading() as reading:
            return [row["id"] for row in select_exchanges(reading.connection)]
    except ProblemError:
        return []


def _host(request: Request) -> str:
    name = request.host.rpartition(":")[0] or request.host
    return name if HOST.fullmatch(name) else "localhost"
