"""The engine's steps, on an invented venue whose answers the test writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from funding.adapter import HOUR, Answer, Call, Exchange, Row, Tables, find, per_second
from funding.collect import PARSING, Live, Memory, collect
from funding.errors import FetchError
from funding.message import Reply
from funding.outcome import Outcome
from funding.rate import Rate
from funding.values import number, seconds

NOW = 1_795_507_200  # 2026-11-24T08:00:00Z
URL = "https://venue.example"


def parse(row: Row, tables: Tables) -> Rate | None:
    listed = find(tables.get("instruments", {}), row["name"])
    if listed is None or row.get("spot"):
        return None
    return Rate(
        symbol=row["name"],
        base=row["name"],
        quote="USD",
        kind="linear",
        funding_rate=number(row["rate"]),
        next_funding_time=seconds(row.get("next")),
        open_interest_usd=number(tables.get("interest", {}).get(row["name"], {}).get("oi")),
    )


INSTRUMENTS = Call("instruments", URL + "/instruments", key="name", good_for=HOUR)
RATES = Call("rates", URL + "/rates")
EACH = Call("rates", URL + "/rate?name={name}", each=lambda tables: list(tables["instruments"]))


class Venue:
    """Answers by path and query; a list is a sequence of answers, the last one for ever. Counts what it was asked."""

    def __init__(self, *calls: Call, answers: dict[str, Any], **declared: Any) -> None:
        declared = {"kind": "cex", "budget": per_second(5), "parse": parse, "interval_hours": 8.0, **declared}
        self.exchange = Exchange(title="Venue", calls=calls, **declared)
        self.answers, self.memory, self.now, self.asked = answers, Memory(), NOW, list[str]()

    def get(self, request: Any, read: Any) -> Any:
        path = request.url.removeprefix(URL)
        self.asked.append(path)
        answer = self.answers.get(path, FetchError("http", f"HTTP 404: no {path}"))
        if isinstance(answer, list) and answer and isinstance(answer[0], Answers):
            answer = answer.pop(0).body if len(answer) > 1 else answer[0].body
        if isinstance(answer, FetchError):
            raise answer
        return read(Reply(200, answer if isinstance(answer, bytes) else json.dumps(answer).encode(), self.now))

    def run(self, timer: Callable[[], float] = lambda: 0.0) -> Outcome:
        self.asked.clear()
        source = Live(self.get, lambda host: 2)
        return collect("venue", self.exchange, source, self.memory, lambda: self.now, timer)


class Answers:
    """One of several answers that a path gives in turn."""

    def __init__(self, body: Any) -> None:
        self.body = body


def turns(*bodies: Any) -> list[Answers]:
    return [Answers(body) for body in bodies]


def rows(*names: str, rate: str = "0.0001") -> list[Row]:
    return [{"name": name, "rate": rate} for name in names]


def symbols(outcome: Outcome) -> list[str]:
    return sorted(rate.symbol for rate in outcome.rates)


def test_a_row_becomes_a_rate_with_what_the_engine_knows():
    rate = Venue(RATES, answers={"/rates": rows("BTC")}, rate_kind="fixed", on_grid=True).run().rates[0]
    assert (rate.exchange, rate.asset, rate.observed_at, rate.rate_kind) == ("venue", "BTC", NOW, "fixed")
    assert (rate.funding_interval_hours, rate.interval_source) == (8.0, "documented")
    assert (rate.next_funding_time, rate.next_funding_source) == (
        NOW + 8 * HOUR,
        "derived",
    )  # at 08:00 the next is 16:00


def test_the_grid_is_that_of_the_contracts_own_interval():
    def parse_own(row: Row, tables: Tables) -> Rate:
        return Rate(
            symbol="A", base="A", quote="USD", kind="linear", funding_rate=0.1, funding_interval_hours=row["hours"]
        )

    venue = Venue(RATES, answers={"/rates": [{"hours": 4}]}, parse=parse_own, on_grid=True)
    venue.now = NOW - 7 * HOUR + 1800  # 01:30
    assert venue.run().rates[0].next_funding_time == NOW - 4 * HOUR


def test_bad_rows_are_counted_with_their_reason_and_the_others_kept():
    answer = [*rows("BTC", "ETH", "SOL"), {"name": "X"}, {"name": "Y", "rate": "7"}, {"name": "Z", "spot": True}]
    outcome = Venue(RATES, answers={"/rates": answer}).run()
    assert symbols(outcome) == ["BTC", "ETH", "SOL"]
    assert outcome.skipped == {"no field 'rate'": 1, "funding_rate is implausible: 7": 1}
    assert outcome.not_ours == 1


def test_when_most_rows_are_bad_the_run_fails_and_says_why():
    outcome = Venue(RATES, answers={"/rates": [*rows("BTC"), {"name": "X"}, {"name": "Y"}, {"name": "Z"}]}).run()
    assert (outcome.error_kind, outcome.rates) == ("shape", ())
    assert outcome.error == "rates: 3 of 4 rows are unreadable, 3 × no field 'rate'"


def test_two_bad_rows_never_fail_a_run():
    assert Venue(RATES, answers={"/rates": [*rows("BTC"), {"name": "X"}, {"name": "Y"}]}).run().ok


def test_rows_that_are_not_ours_never_fail_a_run():
    answer = [*rows("BTC"), *({"name": f"S{n}", "spot": True} for n in range(50))]
    outcome = Venue(RATES, answers={"/rates": answer}).run()
    assert (symbols(outcome), outcome.not_ours) == (["BTC"], 50)


def test_success_with_nothing_in_it_is_a_failure():
    assert Venue(RATES, answers={"/rates": []}).run().error == "rates: success with nothing in it"
    venue = Venue(INSTRUMENTS, RATES, answers={"/instruments": [], "/rates": rows("BTC")})
    assert venue.run().error == "instruments: success with nothing in it"


def test_no_rates_where_there_were_some_is_a_failure_and_fewer_than_half_is_said():
    venue = Venue(RATES, answers={"/rates": turns(rows("A", "B", "C"), rows("A"), [{"name": "S", "spot": True}])})
    assert venue.run().notices == ()
    assert venue.run().notices == ("1 rates, the last good run had 3",)
    assert venue.run().error == "rates: no rates, the last good run had 1"


def test_a_refused_answer_fails_the_run_with_the_venues_words():
    venue = Venue(RATES, answers={"/rates": {"code": 7, "msg": "maintenance"}}, answer=Answer("code", good=("0",)))
    outcome = venue.run()
    assert (outcome.error_kind, outcome.error) == ("refused", "rates: refused with code 7: maintenance")


def test_a_list_is_fetched_again_only_when_it_is_too_old():
    venue = Venue(INSTRUMENTS, RATES, answers={"/instruments": rows("BTC"), "/rates": rows("BTC", "OLD")})
    assert symbols(venue.run()) == ["BTC"]
    assert venue.asked == ["/instruments", "/rates"]
    venue.now += HOUR - 1
    venue.run()
    assert venue.asked == ["/rates"]
    venue.now += 1
    venue.run()
    assert venue.asked == ["/instruments", "/rates"]


def test_a_list_that_cannot_be_fetched_again_serves_on_for_a_day_and_then_fails_the_run():
    down = FetchError("timeout", "no answer for 30 s")
    venue = Venue(INSTRUMENTS, RATES, answers={"/instruments": turns(rows("BTC"), down), "/rates": rows("BTC", "OLD")})
    venue.run()
    venue.now += 24 * HOUR
    outcome = venue.run()
    assert (symbols(outcome), outcome.failures) == (["BTC"], {"timeout": 1})
    venue.now += 1
    outcome = venue.run()
    assert (outcome.error_kind, outcome.error) == ("timeout", "instruments: no answer for 30 s")


def test_a_list_that_is_suddenly_empty_takes_the_place_of_none_that_had_rows():
    venue = Venue(INSTRUMENTS, RATES, answers={"/instruments": turns(rows("BTC"), []), "/rates": rows("BTC", "OLD")})
    venue.run()
    venue.now += HOUR
    outcome = venue.run()
    assert symbols(outcome) == ["BTC"]
    assert outcome.notices == ("instruments: success with nothing in it, the last list serves on",)


def test_an_empty_list_is_asked_for_again_in_the_next_run():
    venue = Venue(INSTRUMENTS, RATES, answers={"/instruments": turns([], rows("BTC")), "/rates": rows("BTC")})
    assert venue.run().error == "instruments: success with nothing in it"
    assert symbols(venue.run()) == ["BTC"]


def test_an_empty_list_is_asked_for_again_also_after_a_run_that_failed_for_another_reason():
    intervals, down = Call("intervals", URL + "/intervals", key="name", good_for=HOUR), FetchError("timeout", "slow")
    answers = {"/instruments": turns(down, rows("BTC")), "/intervals": turns([], rows("BTC")), "/rates": rows("BTC")}
    venue = Venue(INSTRUMENTS, intervals, RATES, answers=answers)
    assert venue.run().error == "instruments: slow"
    assert symbols(venue.run()) == ["BTC"]


def test_an_optional_table_is_done_without():
    interest = Call("interest", URL + "/interest", key="name", optional=True)
    venue = Venue(interest, RATES, answers={"/interest": turns(FetchError("timeout", "slow"), [{"name": "BTC", "oi": 5}]),
                                            "/rates": rows("BTC")})  # fmt: skip
    outcome = venue.run()
    assert (outcome.ok, outcome.failures, outcome.rates[0].open_interest_usd) == (True, {"timeout": 1}, None)
    assert venue.run().rates[0].open_interest_usd == 5.0


def test_what_a_failed_run_had_fetched_for_itself_is_not_taken_for_the_present_later():
    interest, down = Call("interest", URL + "/interest", key="name", optional=True), FetchError("timeout", "slow")
    answers = {"/instruments": turns(down, rows("BTC")), "/interest": turns([{"name": "BTC", "oi": 5}], down)}
    venue = Venue(INSTRUMENTS, interest, RATES, answers={**answers, "/rates": rows("BTC")})
    assert venue.run().error == "instruments: slow"
    venue.now += 6 * HOUR
    assert venue.run().rates[0].open_interest_usd is None


def test_a_table_holds_on_to_nothing_but_what_is_asked_for():
    call = Call("instruments", URL + "/i", key="name", keep=("a",), good_for=HOUR)
    venue = Venue(call, RATES, answers={"/i": [{"name": "BTC", "a": 1, "b": 2}], "/rates": rows("BTC")})
    venue.run()
    assert dict(venue.memory.parts["instruments"][None].rows) == {"BTC": {"a": 1}}


def test_one_request_per_item_and_what_fails_is_counted_by_kind():
    answers = {"/instruments": rows("A", "B", "C"), "/rate?name=A": rows("A"), "/rate?name=C": rows("C")}
    outcome = Venue(INSTRUMENTS, EACH, answers={**answers, "/rate?name=B": FetchError("timeout", "slow")}).run()
    assert (symbols(outcome), outcome.failures, outcome.calls) == (["A", "C"], {"timeout": 1}, 4)


def test_when_every_item_fails_the_run_fails():
    outcome = Venue(INSTRUMENTS, EACH, answers={"/instruments": rows("A", "B")}).run()
    assert (outcome.error_kind, outcome.failures) == ("http", {"http": 2})


def test_what_is_not_begun_when_a_run_has_grown_too_old_has_failed():
    answers = {"/instruments": rows("A", "B", "C", "D"), **{f"/rate?name={name}": rows(name) for name in "ABCD"}}
    venue = Venue(INSTRUMENTS, EACH, answers=answers)
    outcome = venue.run(timer=lambda: 200.0 * max(0, len(venue.asked) - 1))  # each item takes so long
    assert symbols(outcome) == ["A", "B"]
    assert outcome.failures == {"timeout": 2}


def test_tables_that_can_be_done_without_leave_time_for_the_rates():
    each = Call(
        "interest", URL + "/oi?name={name}", each=lambda tables: list("ABCD"), about=4, key="name", optional=True
    )
    answers = {"/rates": rows("A"), **{f"/oi?name={name}": FetchError("timeout", "no answer") for name in "ABCD"}}
    venue = Venue(each, RATES, answers=answers)
    outcome = venue.run(timer=lambda: 90.0 * len(venue.asked))
    assert symbols(outcome) == ["A"]
    assert venue.asked == ["/oi?name=A", "/oi?name=B", "/rates"]
    assert outcome.failures == {"timeout": 4}


def test_a_list_that_names_nobody_fails_the_run():
    call = Call("rates", URL + "/rate?name={name}", each=lambda tables: [])
    outcome = Venue(call, answers={}).run()
    assert (outcome.error_kind, outcome.error) == (
        "shape",
        "rates: nothing to ask for, no table names a contract that is ours",
    )


def test_a_row_is_given_its_item_but_keeps_its_own_word():
    call = Call("rates", URL + "/rate?name={name}", each=("A", "B"))
    venue = Venue(call, answers={"/rate?name=A": {"rate": "0.1"}, "/rate?name=B": {"rate": "0.1", "name": "OWN"}})
    assert symbols(venue.run()) == ["A", "OWN"]


def test_at_most_so_many_items_a_run_the_longest_unasked_first():
    call = Call("rates", URL + "/rate?name={name}", each=("A", "B", "C"), at_most=2)
    venue = Venue(call, answers={f"/rate?name={name}": rows(name) for name in "ABC"})
    assert symbols(venue.run()) == ["A", "B"]
    venue.now += 300
    assert symbols(venue.run()) == ["A", "C"]
    venue.now += 300
    assert symbols(venue.run()) == ["A", "B"]  # B waited longest


def test_items_that_stay_good_are_not_asked_again():
    interest = Call("interest", URL + "/oi?name={name}", key="name", each=lambda tables: list(tables["instruments"]),
                    at_most=1, good_for=HOUR, optional=True)  # fmt: skip
    answers = {"/instruments": rows("A", "B"), "/rates": rows("A", "B"),
               "/oi?name=A": {"oi": 1}, "/oi?name=B": {"oi": 2}}  # fmt: skip
    venue = Venue(INSTRUMENTS, interest, RATES, answers=answers)
    known = [[rate.open_interest_usd for rate in venue.run().rates] for _ in range(3)]
    assert known == [[1.0, None], [1.0, 2.0], [1.0, 2.0]]
    assert venue.asked == ["/rates"]


def test_pages_by_cursor_until_it_is_empty_and_a_cursor_that_repeats_ends_it():
    call = Call("rates", URL + "/rates?cursor={cursor}", rows="list", cursor="next")
    pages = {"/rates": {"list": rows("A"), "next": "p=2"}, "/rates?cursor=p%3D2": {"list": rows("B"), "next": ""}}
    assert symbols(Venue(call, answers=pages).run()) == ["A", "B"]
    pages["/rates?cursor=p%3D2"] = {"list": rows("B"), "next": "p=2"}
    venue = Venue(call, answers=pages)
    assert (symbols(venue.run()), len(venue.asked)) == (["A", "B"], 2)


def test_pages_by_number_and_by_offset_until_one_is_not_full():
    by_page = Call("rates", URL + "/rates?page={page}", page_size=2)
    venue = Venue(by_page, answers={"/rates?page=1": rows("A", "B"), "/rates?page=2": rows("C")})
    assert symbols(venue.run()) == ["A", "B", "C"]
    by_offset = Call("rates", URL + "/rates?offset={offset}", page_size=2)
    venue = Venue(by_offset, answers={"/rates?offset=0": rows("A", "B"), "/rates?offset=2": []})
    assert symbols(venue.run()) == ["A", "B"]


def test_pages_without_an_end_are_left_after_fifty_and_it_is_said():
    call = Call("rates", URL + "/rates?page={page}", page_size=1)
    venue = Venue(call, answers={f"/rates?page={n}": rows(f"C{n}") for n in range(1, 60)})
    outcome = venue.run()
    assert (len(outcome.rates), outcome.notices) == (50, ("rates: more than 50 pages, the rest was left",))


def test_a_symbol_that_comes_twice_counts_once_and_is_said():
    outcome = Venue(RATES, answers={"/rates": [*rows("A"), *rows("A", rate="0.2")]}).run()
    assert [rate.funding_rate for rate in outcome.rates] == [0.2]
    assert outcome.notices == ("rates: 1 symbols came twice, the last one counts",)


def test_the_interval_is_learnt_from_one_settlement_that_was_watched():
    def answer(due: int) -> list[Row]:
        return [{"name": "A", "rate": "0.1", "next": due}]

    turned = turns(answer(NOW + 60), answer(NOW + 60), answer(NOW + 60 + 4 * HOUR))
    venue = Venue(RATES, answers={"/rates": turned}, interval_hours=None)
    found = []
    for venue.now in (NOW, NOW + 50, NOW + 70):
        found.append(venue.run().rates[0])
    assert [rate.funding_interval_hours for rate in found] == [None, None, 4.0]
    assert found[-1].interval_source == "derived"


def test_a_settlement_that_nobody_watched_teaches_nothing():
    turned = turns(
        [{"name": "A", "rate": "0.1", "next": NOW + 60}], [{"name": "A", "rate": "0.1", "next": NOW + 12 * HOUR}]
    )
    venue = Venue(RATES, answers={"/rates": turned}, interval_hours=None)
    venue.run()
    venue.now += 9 * HOUR
    assert venue.run().rates[0].funding_interval_hours is None


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a"', b"[1e999, NaN]"])
def test_garbage_fails_the_run_and_not_the_collector(body):
    assert Venue(RATES, answers={"/rates": body}).run().error_kind == "not_json"


def test_a_list_of_items_that_cannot_be_made_is_another_shape():
    venue = Venue(INSTRUMENTS, Call("rates", URL + "/rate?name={name}", each=lambda tables: list(tables["instruments"]["gone"])),
                  answers={"/instruments": rows("A")})  # fmt: skip
    outcome = venue.run()
    assert (outcome.error_kind, outcome.error) == (
        "shape",
        "rates: the list of its items cannot be made: KeyError('gone')",
    )


def test_rows_are_taken_before_the_next_payload_is_unpacked():
    held: list[bool] = []

    def name_of(row: Row) -> Any:
        held.append(PARSING.locked())
        return row["name"]

    def parsed(row: Row, tables: Tables) -> Rate | None:
        held.append(PARSING.locked())
        return parse(row, tables)

    instruments = Call("instruments", URL + "/instruments", key=name_of)
    answers = {"/instruments": [{"name": "BTC"}], "/rates": [{"name": "BTC", "rate": "0.0001"}]}
    assert len(Venue(instruments, RATES, answers=answers, parse=parsed).run().rates) == 1
    assert held == [True, True]
