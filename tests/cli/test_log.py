"""The log's form."""

import logging

from funding.cli.log import FORMAT, OneLine


def test_what_an_exchange_says_cannot_start_a_second_line() -> None:
    record = logging.LogRecord("funding.schedule", logging.WARNING, "", 0, "xt: %s", ("a\nFAKE line\x1b[2J",), None)
    line = OneLine(FORMAT).format(record)
    assert line.endswith(" WARNING funding.schedule: xt: a FAKE line [2J")
    assert "\n" not in line
