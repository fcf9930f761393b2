"""Counts each request against its client's quota, and has every answer say where the client stands."""

from math import ceil
from typing import Any

from funding.api.client import client_of
from funding.api.context import Clock, Settings
from funding.api.limits import Limiter, Standing
from funding.api.problems import ProblemError

WINDOW_SECONDS = 60
UNLIMITED = ("/livez", "/readyz")
UNLIMITED_BELOW = "/static/"

Headers = list[tuple[str, str]]


class Quotas:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._limits = settings.limits
        self._trusted_proxies = settings.trusted_proxies
        self._wall = clock.wall
        self._limiter = Limiter(clock.monotonic)

    def count(self, environ: dict[str, Any], path: str) -> tuple[Headers, ProblemError | None]:
        """The headers for its answer, and the problem that the answer is where the quota is used up."""
        if path in UNLIMITED or path.startswith(UNLIMITED_BELOW):
            return [], None
        client = client_of(environ, self._trusted_proxies)
        quota = self._limits[client.tier]
        if not quota:
            return [], None
        standing = self._limiter.hit(client.key, quota, WINDOW_SECONDS)
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
