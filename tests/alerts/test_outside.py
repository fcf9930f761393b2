"""What the watch needs of the network: nothing sent twice, when a certificate ends, how far the clock is off."""

import datetime
import time

import pytest

from funding.alerts.gather import MEASURE_SECONDS, OutsideClock
from funding.errors import FetchError
from funding.fetch import Fetcher
from funding.message import Reply, Request
from tests.alerts.given import DATE, Time, fetching
from tests.servers import Answer, Server, authority, client_tls, in_turn, server_tls


def test_what_may_not_be_repeated_is_not_sent_twice_though_a_kept_connection_died(fetcher: Fetcher) -> None:
    with Server({"/": in_turn(Answer(), Answer(reset=True), Answer())}, tls=None) as server:
        fetcher.fetch(Request("GET", server.url + "/"))
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(Request("POST", server.url + "/", b"{}", repeatable=False))
        assert (caught.value.kind, len(server.seen)) == ("reset", 2)
        assert server.seen[1].connection == 2


def test_what_may_be_repeated_is_sent_again_over_a_fresh_connection(fetcher: Fetcher) -> None:
    with Server({"/": in_turn(Answer(), Answer(reset=True), Answer())}, tls=None) as server:
        for _ in range(2):
            assert fetcher.fetch(Request("GET", server.url + "/")).status == 200
        assert [seen.connection for seen in server.seen] == [1, 1, 2]


def test_a_reply_says_when_the_certificate_ends_on_a_kept_connection_too() -> None:
    ends = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=9)
    context = server_tls("localhost")
    authority().issue_cert("localhost", not_after=ends).configure_cert(context)
    with Server({"/": Answer()}, tls=context) as server:
        fetcher = Fetcher(tls=client_tls())
        found = [fetcher.fetch(Request("GET", server.url + "/")).certificate_ends for _ in range(2)]
        fetcher.close()
    assert found == [ends.timestamp()] * 2
    with Server({"/": Answer()}, tls=None) as server, fetching() as plain:
        assert plain.fetch(Request("GET", server.url + "/")).certificate_ends is None


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Sep 2026 14:00:00 GMT"])
def test_a_date_that_is_none_measures_nothing(date: str, now: Time) -> None:
    outside = OutsideClock(lambda request: Reply(200, b"", now.wall(), {"date": date}), now.timer)
    outside(Request("GET", "http://x"))
    assert outside.ahead() is None


def test_a_measurement_counts_for_a_while(now: Time) -> None:
    date = time.strftime(DATE, time.gmtime(now.wall() - 100))
    outside = OutsideClock(lambda request: Reply(200, b"", now.wall(), {"date": date}), now.timer)
    outside(Request("GET", "http://x"))
    assert outside.ahead() == 100
    now.go(MEASURE_SECONDS + 1)
    assert outside.ahead() is None
