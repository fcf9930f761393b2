from email.utils import formatdate

import pytest

from funding.adapter import Answer, columns, keyed
from funding.errors import FetchError
from funding.message import Reply
from funding.reading import read, rows_of, text_at

NOW = 1_795_507_200.0


def reply(body: bytes = b"{}", status: int = 200, **headers: str) -> Reply:
    return Reply(status, body, NOW, {name.replace("_", "-"): value for name, value in headers.items()})


STATUS_ALONE = Answer()


def refusal(made: Reply, answer: Answer = STATUS_ALONE) -> FetchError:
    with pytest.raises(FetchError) as caught:
        read(made, answer)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, "http", False),
        (403, "blocked", False),
        (404, "http", False),
        (405, "banned", False),
        (418, "banned", False),
        (429, "rate_limited", True),
        (451, "blocked", False),
        (500, "http", True),
        (503, "http", True),
        (304, "redirect", False),
    ],
)
def test_the_status_alone_says_what_kind_of_refusal_it_is(status, kind, retryable):
    error = refusal(reply(b'{"code": 0, "msg": "why"}', status))
    assert (error.kind, error.retryable, error.words) == (kind, retryable, f"HTTP {status}: why")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"retMsg": "too many", "message": ""}', "too many"),
        (b'{"error": {"code": 5, "message": "deep"}}', "deep"),
        (b'{"label": "X"}', '{"label": "X"}'),
        (b'["error", 10020, "symbol: invalid"]', '["error", 10020, "symbol: invalid"]'),
        (b"<html>\n<b>Bad</b>\x07 gateway", "<html> <b>Bad</b> gateway"),
        (b"", "an empty body"),
    ],
)
def test_the_words_of_an_error_are_found_wherever_venues_put_them(body, words):
    assert refusal(reply(body, 400)).words == f"HTTP 400: {words}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "an empty body"),
        (b"<html>down</html>", "not JSON: '<html>down</html>'"),
        (b'{"a": NaN}', "not JSON: '{\"a\": NaN}'"),
        (b'{"a": [1, 2', "not JSON: '{\"a\": [1, 2'"),
        (b"\xff\xfe", "not JSON: '\ufffd\ufffd'"),
    ],
)
def test_what_is_not_json_says_how_it_begins(body, words):
    error = refusal(reply(body))
    assert (error.kind, error.words) == ("not_json", words)


def test_a_key_that_stands_twice_with_different_values_says_nothing():
    body = b'{"rate": "0.0001", "rate": "0.5", "mark": 1, "mark": 1, "rows": [{"a": 1, "a": 2, "a": 1, "b": 3}]}'
    assert read(reply(body), STATUS_ALONE) == {"mark": 1, "rows": [{"b": 3}]}


def test_a_body_nested_a_hundred_thousand_deep_is_not_json():
    assert refusal(reply(b"[" * 100_000)).kind == "not_json"


OKX = Answer("code", good=("0",), slow_down=("50011",), barred=("451",))


@pytest.mark.parametrize("body", [b'{"code": "0"}', b'{"code": 0}', b'{"data": []}', b"[1]"])
def test_a_good_code_as_text_or_number_or_no_code_is_no_refusal(body):
    read(reply(body), OKX)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"code": 50011, "msg": "slow"}', "rate_limited"),
        (b'{"code": "451", "msg": "no"}', "blocked"),
        (b'{"code": "51001", "msg": "unknown"}', "refused"),
    ],
)
def test_a_refusal_with_200_is_what_its_code_means(body, kind):
    assert refusal(reply(body), OKX).kind == kind


def test_success_as_a_word_and_the_reason_elsewhere():
    answer = Answer("success", good=("true",), code="code", slow_down=("-1003",))
    read(reply(b'{"success": true, "code": -1003}'), answer)
    assert refusal(reply(b'{"success": false, "code": -1003, "message": "x"}'), answer).kind == "rate_limited"


def test_where_an_error_field_is_enough_its_presence_refuses():
    answer = Answer("error.code", slow_down=("10028",))
    read(reply(b'{"result": []}'), answer)
    assert refusal(reply(b'{"error": {"code": 10028, "message": "too_many_requests"}}'), answer).kind == "rate_limited"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (str(int(NOW) + 30), 30.0),  # a Unix time
        (formatdate(NOW + 60, usegmt=True), 60.0),
        ("120000", 900.0),  # milliseconds: the cap bounds the harm
        ("-5", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_every_form_that_venues_send(header, seconds):
    assert refusal(reply(b"{}", 429, retry_after=header)).retry_after == seconds


def test_a_ban_may_last_longer_than_a_pause():
    assert refusal(reply(b"{}", 418, retry_after="7200")).retry_after == 7200.0


@pytest.mark.parametrize(
    ("rows", "body", "found"),
    [
        ("", [{"a": 1}, None, {"a": 2}], [{"a": 1}, {"a": 2}]),
        ("data.list", {"data": {"list": [{"a": 1}]}}, [{"a": 1}]),
        ("data", {"data": {"a": 1}}, [{"a": 1}]),
        ("markets.*", {"markets": {"X": {"a": 1}, "Y": {"a": 2}}}, [{"a": 1}, {"a": 2}]),
        ("*", {"X": {"a": 1}}, [{"a": 1}]),
        (columns({0: "a", 2: "b"}), [[1, 2, 3], [4]], [{"a": 1, "b": 3}, {"a": 4, "b": None}]),
        (keyed("name", "data"), {"data": {"X": {"a": 1}}}, [{"a": 1, "name": "X"}]),
    ],
)
def test_rows_are_found_at_a_path_or_by_a_function(rows, body, found):
    assert rows_of(body, rows) == found


@pytest.mark.parametrize(
    ("rows", "body", "words"),
    [
        ("data", {"other": []}, "no 'data'"),
        ("data", {"data": "text"}, "rows at 'data' are str"),
        ("data", [1], "the answer has another shape"),
        ("", [1, 2], "a row is not an object: 1"),
        (columns({0: "a"}), ["error", 10020], "a row is not an array: 'error'"),
    ],
)
def test_another_shape_is_said_in_words(rows, body, words):
    with pytest.raises(FetchError, match=words) as caught:
        rows_of(body, rows)
    assert caught.value.kind == "shape"


def test_text_at_reads_what_venues_put_there_as_text():
    assert text_at({"a": {"b": True}}, "a.b") == "true"
    assert text_at({"a": [{"id": 7}]}, "a.0.id") == "7"
    assert text_at({"a": [{"id": 7}, {"id": 8}]}, "a.-1.id") == "8"
    assert text_at({"a": None}, "a") is None
    assert text_at([], "a.b") is None
