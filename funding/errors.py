"""The one family of errors. Each says in words what is wrong and names the thing; who catches it decides by type and kind."""

# kind → is another try worth it? The same words stand in the log, the API and the metrics.
KINDS = {
    "dns": True,
    "connect": True,
    "tls": False,
    "timeout": True,
    "reset": True,
    "http": False,  # 4xx; a 5xx is raised with retryable=True
    "rate_limited": True,
    "banned": False,
    "blocked": False,
    "too_big": False,
    "redirect": False,
    "not_json": True,
    "shape": False,
    "refused": True,
}

# what reading a body of another shape raises; LookupError is KeyError and IndexError
SHAPE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class FundingError(Exception):
    """Anything that this program itself finds wrong. `str()` is a sentence for a person."""


class SettingError(FundingError):
    """A setting or an argument is not usable: its name, what it was, what is allowed."""


class StoreError(FundingError):
    """The database may not be written: from the future, corrupt, or not ours."""


class LockedError(FundingError):
    """Another collector holds the database."""


class NotFoundError(FundingError):
    """What was asked for is not there."""


class BadRow(FundingError):
    """One row is ours but unreadable or implausible: it is skipped and counted under these words."""


class FetchError(FundingError):
    """A request gave no usable answer. `kind` is one of KINDS; `retry_after` is in seconds, if the venue said so."""

    def __init__(
        self,
        kind: str,
        words: str,
        *,
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.retryable = KINDS[kind] if retryable is None else retryable
        self.retry_after = retry_after
        self.status = status


class NotRecordedError(FetchError):
    """A replay has no recording of this call. No fault of the venue: the call's rows are simply not there."""

    def __init__(self, words: str) -> None:
        super().__init__("shape", words, retryable=False)
