"""What `funding doctor` finds: a line each, and what to do about it."""

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`elsewhere`: the fault is on the way to an exchange, or at its end, and not in this installation."""

    check: str
    level: str
    words: str
    todo: str = ""
    elsewhere: bool = False
