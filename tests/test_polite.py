"""Asking politely, with a fetcher that plays the venue, on a virtual clock; and once over a real connection."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from funding.adapter import per_second, window
from funding.errors import FetchError
from funding.message import Reply, Request
from funding.pace import polite
from tests.fetching import fetching
from tests.pacing import HOST, START, VirtualTime, paced, refusal
from tests.servers import Answer, Server, in_turn


class Venue:
    """A fetcher that takes two seconds and gives what it was told to, in turn."""

    def __init__(self, time: VirtualTime, *answers: Reply | FetchError) -> None:
        self.time, self.answers, self.sent = time, list(answers), list[float]()
        self.connected = 0

    def fetch(self, request: Request, ready: Callable[[], None]) -> Reply:
        self.connected += 1
        ready()
        self.sent.append(self.time.now - START)
        self.time.now += 2
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, FetchError):
            raise answer
        return answer


GOOD = Reply(200, b"good", 0.0)
ASK = Request("GET", f"https://{HOST}/")


def read(reply: Reply) -> bytes:
    if reply.status == 200:
        return reply.body
    kinds = {429: "rate_limited", 418: "banned", 403: "blocked"}
    raise FetchError(
        kinds.get(reply.status, "http"),
        f"HTTP {reply.status}",
        retryable=reply.status in (429, 500),
        status=reply.status,
    )


def test_a_good_answer_is_what_was_read_of_it():
    pace, time = paced(per_second(10))
    assert polite(Venue(time, GOOD), pace)(ASK, read) == b"good"


@pytest.mark.parametrize(
    ("error", "sent_at"),
    [
        (FetchError("timeout", "no answer"), [0.0, 2.5, 5.5]),
        (FetchError("dns", "no such name"), [0.0, 2.5, 5.5]),
        (FetchError("http", "HTTP 500", retryable=True), [0.0, 2.5, 5.5]),
        (FetchError("refused", "code 5"), [0.0, 2.5]),
        (FetchError("http", "HTTP 404"), [0.0]),
        (FetchError("tls", "expired"), [0.0]),
        (FetchError("shape", "no rows"), [0.0]),
    ],
)
def test_what_another_try_may_help_is_tried_again_after_a_pause(error, sent_at):
    pace, time = paced(per_second(10))
    venue = Venue(time, error)
    assert refusal(lambda: polite(venue, pace)(ASK, read)) is error
    assert venue.sent == sent_at


def test_a_429_is_waited_out_and_asked_again():
    pace, time = paced(per_second(10))
    venue = Venue(time, Reply(429, b"", 0.0), Reply(429, b"", 0.0), GOOD)
    assert polite(venue, pace)(ASK, read) == b"good"
    assert venue.sent == [0.0, 3.0, 7.0]  # two seconds each to learn it; then one second, then two


def test_an_open_circuit_costs_no_connection():
    pace, time = paced(per_second(10))
    venue = Venue(time, Reply(403, b"", 0.0))
    get = polite(venue, pace)
    for _ in range(3):
        assert refusal(lambda: get(ASK, read)).kind == "blocked"
    assert venue.connected == 1


def test_what_pace_itself_refuses_does_not_prolong_the_refusal():
    pace, time = paced(per_second(10))
    get = polite(Venue(time, Reply(403, b"", 0.0), GOOD), pace)
    refusal(lambda: get(ASK, read))
    time.now += 599
    assert refusal(lambda: get(ASK, read)).kind == "blocked"
    time.now += 1
    assert get(ASK, read) == b"good"


def test_a_refusal_that_meets_a_waiting_request_is_no_news_either():
    pace, time = paced(per_second(10))

    class Other(Venue):
        def fetch(self, request: Request, ready: Callable[[], None]) -> Reply:
            pace.failed(
                HOST, FetchError("blocked", "HTTP 403", status=403)
            )  # another thread's, while this one connects
            return super().fetch(request, ready)

    assert refusal(lambda: polite(Other(time, GOOD), pace)(ASK, read)).kind == "blocked"
    time.now += 600
    pace.wait(HOST)


def test_the_wait_for_a_turn_is_no_latency():
    pace, time = paced(window(10, 100))
    venue = Venue(time, GOOD)
    get = polite(venue, pace)
    for _ in range(11):
        get(ASK, read)
    assert venue.sent[-1] > 100
    assert pace.workers(HOST) == 2  # 0.1 a second × 2 seconds, and one


def test_a_fault_of_the_reader_is_not_hidden():
    pace, time = paced(per_second(10))
    with pytest.raises(ZeroDivisionError):
        polite(Venue(time, GOOD), pace)(ASK, lambda reply: 1 // 0)


def test_the_background_asks_politely_too():
    pace, time = paced(window(4, 60))
    venue = Venue(time, GOOD)
    for get in (polite(venue, pace, background=True), polite(venue, pace)):
        for _ in range(3):
            get(ASK, read)
    assert [round(after - before) for before, after in pairwise(venue.sent)][:2] == [2, 58]


def test_over_a_real_connection_a_429_is_waited_out():
    pace, time = paced(per_second(10))
    with Server({"/": in_turn(Answer(429), Answer(body=b"good"))}) as server, fetching() as fetcher:
        pace.budget(server.host, per_second(10))
        assert polite(fetcher, pace)(Request("GET", server.url + "/"), read) == b"good"
        assert (server.targets(), server.connections) == (["/", "/"], 1)
    assert time.now - START == 1


def test_over_a_real_connection_an_open_circuit_costs_nothing():
    pace, _ = paced(per_second(10))
    with Server({"/": Answer(403)}) as server, fetching() as fetcher:
        pace.budget(server.host, per_second(10))
        for _ in range(3):
            assert refusal(lambda: polite(fetcher, pace)(Request("GET", server.url + "/"), read)).kind == "blocked"
        assert server.targets() == ["/"]
