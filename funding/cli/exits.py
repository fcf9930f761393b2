"""The exit codes, and which error leads to which."""

from funding.errors import (
    FetchError,
    FundingError,
    LockedError,
    NotFoundError,
    SettingError,
    StoreError,
)

OK = 0
FAILED = 1
USAGE = 2
NOTHING_FOUND = 3
EXCHANGE_FAILED = 4
LOCKED = 75
UNWRITABLE = 78
INTERRUPTED = 130

MEANINGS = {
    OK: "ok",
    FAILED: "failed",
    USAGE: "the command line or a setting is wrong",
    NOTHING_FOUND: "nothing found",
    EXCHANGE_FAILED: "some exchange failed",
    LOCKED: "another collector holds the database",
    UNWRITABLE: "the database may not be written",
}
CODES: tuple[tuple[type[FundingError], int], ...] = (
    (SettingError, USAGE),
    (NotFoundError, NOTHING_FOUND),
    (FetchError, EXCHANGE_FAILED),
    (LockedError, LOCKED),
    (StoreError, UNWRITABLE),
)


def code_of(error: FundingError) -> int:
    return next((code for kind, code in CODES if isinstance(error, kind)), FAILED)
