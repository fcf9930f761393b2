"""/livez: the process answers, whatever the data. Needs nothing else, so it is the first that a starting process can give."""

from funding.api.answer import Answer
from funding.api.context import Request


def get_livez(_request: Request) -> Answer:
    """/livez."""
    return Answer(b"ok\n")
