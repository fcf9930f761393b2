"""Counts each request against its client's quota, and has every answer say where the client stands.

A request with a key that is refused is counted against its address, so that trying keys is limited too.
"""

from math import ceil
from typing import Any

from funding.api.client import Client, client_of, holder_of
from funding.api.context import FREE, Clock, Settings
from funding.api.database import Database
from funding.api.limits import Limiter, Standing
from funding.api.problems import ProblemError

WINDOW_SECONDS = 60
UNLIMITED = ("/livez", "/readyz")
UNLIMITED_BELOW = "/static/"

Headers = list[tuple[str, str]]


class Quotas:
    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self._limits = settings.limits
        self._trusted_proxies = settings.trusted_proxies
        self._wall = clock.wall
        self._database = database
        self._addresses = Limiter(clock.monotonic)
        self._keys = Limiter(clock.monotonic)  # apart: a flood of addresses must not crowd out who has a key

    def __len__(self) -> int:
        """Clients that are being counted."""
        return len(self._addresses) + len(self._keys)

    def count(self, environ: dict[str, Any], path: str) -> tuple[Headers, ProblemError | None]:
        """The headers for its answer, and the problem that the answer is: the quota is used up, or the key is wrong."""
        if path in UNLIMITED or path.startswith(UNLIMITED_BELOW):
            return [], None
        refusal = None
        client = client_of(environ, self._trusted_proxies)
        try:
            client = holder_of(environ, self._database) or client
        except ProblemError as problem:
            refusal = problem
        headers, too_many = self._hit(client)
        return headers, too_many or refusal

    def _hit(self, client: Client) -> tuple[Headers, ProblemError | None]:
        quota = self._limits[client.tier]
        if not quota:
            return [], None
        limiter = self._addresses if client.tier == FREE else self._keys
        standing = limiter.hit(client.key, quota, WINDOW_SECONDS)
        headers = self._headers(client.tier, quota, standing)
        return headers, None if standing.allowed else _too_many(quota, standing)

    def _headers(self, tier: str, quota: int, standing: Standing) -> Headers:
        """The customary ones, and those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers)."""
        return [
            ("X-RateLimit-Limit", str(quota)),
            ("X-RateLimit-Remaining", str(standing.remaining)),
            ("X-RateLimit-Reset", str(ceil(self._wall()) + standing.reset_seconds)),
            ("RateLimit-Policy", f'"{tier}";q={quota};w={WINDOW_SECONDS}'),
            ("RateLimit", f'"{tier}";r={standing.remaining};t={standing.reset_seconds}'),
        ]


def _too_many(quota: int, standing: Standing) -> ProblemError:
    words = (
        f"More than {quota} requests within {WINDOW_SECONDS} seconds;"
        f" the next one is answered in {standing.reset_seconds} seconds."
    )
    return ProblemError(429, words, headers=[("Retry-After", str(standing.reset_seconds))])
