"""What is wrong with a request, or with us, as RFC 9457 writes it: application/problem+json, never HTML, never a traceback."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from funding.errors import FundingError

MEDIA = "application/problem+json"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
LONGEST_ECHO = 200  # characters of what was sent that an error repeats
MUCH_LESS = 0.3  # alike, of 1: beside the nearest name such a one is only confusing


class ProblemError(FundingError):
    """Raised anywhere below the routes: what the client gets, and what the log line of the request says."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = tuple(headers)


def parameter_error(parameter: str, detail: str, value: str) -> dict[str, str]:
    """One of a problem's `errors`."""
    return {"parameter": parameter[:LONGEST_ECHO], "detail": detail, "value": value[:LONGEST_ECHO]}


def bad_parameters(errors: Sequence[Mapping[str, str]]) -> ProblemError:
    """The 400 that names every parameter that is wrong."""
    words = "; ".join(f"{error['parameter']}: {error['detail']}" for error in errors)
    return ProblemError(400, words, errors=errors)


def problem_body(problem: ProblemError, instance: str, request_id: str) -> bytes:
    """`instance` is the path, percent-encoded. The type is about:blank: the status says it all, the detail is for people."""
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[problem.status],
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
        "errors": list(problem.errors),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "; did you mean a, b?" with the nearest of the known names, or nothing."""
    import difflib  # only mistakes need it

    names, word = {name.casefold(): name for name in known}, word[:LONGEST_ECHO].casefold()
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    likeness = [difflib.SequenceMatcher(None, name, word).ratio() for name in near]
    meant = [names[name] for name, like in zip(near, likeness, strict=True) if like > likeness[0] - MUCH_LESS]
    return f"; did you mean {', '.join(meant)}?" if meant else ""
