import pytest

from funding.api.params import ALL, CURRENT
from funding.api.problems import ProblemError
from funding.api.query import MOST_PARAMETERS, defaults, pairs, read


def refused(query: str) -> list[dict[str, str]]:
    with pytest.raises(ProblemError) as caught:
        read(query, CURRENT)
    assert caught.value.status == 400
    return [dict(error) for error in caught.value.errors]


def test_what_is_not_given_has_its_default() -> None:
    assert read("", CURRENT) == defaults(CURRENT)
    assert read("", CURRENT) == {
        "exchange": (),
        "base": (),
        "quote": (),
        "symbol": None,
        "search": None,
        "kind": None,
        "min_volume": None,
        "min_open_interest": None,
        "min_annualized": None,
        "interval_hours": (),
        "stale": "include",
        "suspect": "include",
        "at": None,
        "limit": ALL,
        "offset": 0,
        "sort": (),
        "fields": (),
        "format": None,
    }


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("exchange=okx,bybit,okx", "exchange", ("okx", "bybit")),
        ("exchange=okx%2Cbybit", "exchange", ("okx", "bybit")),
        ("exch%61nge=okx", "exchange", ("okx",)),
        ("interval_hours=1,8,0.5", "interval_hours", (1.0, 8.0, 0.5)),
        ("min_volume=1e6", "min_volume", 1e6),
        ("min_volume=0", "min_volume", 0.0),
        ("limit=1", "limit", 1),
        ("limit=20000", "limit", 20_000),
        ("sort=-annualized_pct,exchange", "sort", ("-annualized_pct", "exchange")),
        ("base=%E5%B8%81", "base", ("币",)),
        ("base=\xe5\xb8\x81", "base", ("币",)),  # the same bytes, not escaped
        ("symbol=a:b/c", "symbol", "a:b/c"),
        ("search=+btc%20okx+", "search", " btc okx "),
        ("search=b,c", "search", "b,c"),
        ("min_annualized=12.5", "min_annualized", 12.5),
    ],
)
def test_a_value_is_read_as_what_it_means(query: str, parameter: str, value: object) -> None:
    assert read(query, CURRENT)[parameter] == value


@pytest.mark.parametrize(
    ("query", "parameter", "detail", "value"),
    [
        ("exchnge=okx", "exchnge", "is not a parameter of this path; did you mean exchange?", "okx"),
        ("EXCHANGE=okx", "EXCHANGE", "is not a parameter of this path; did you mean exchange?", "okx"),
        ("zzz=1", "zzz", "is not a parameter of this path", "1"),
        (
            "at=1800",
            "at",
            "is not a time between 2010 and 2100, as Unix seconds, milliseconds or ISO 8601 in UTC",
            "1800",
        ),
        ("=1", "", "is not a parameter of this path", "1"),
        ("exchange", "exchange", "has no value", ""),
        ("exchange=", "exchange", "is empty", ""),
        ("exchange=okx,,bybit", "exchange", "is empty", "okx,,bybit"),
        ("exchange=okx%00", "exchange", "is not a name of at most 80 characters", "okx%00"),
        ("base=a+b", "base", "is not a name of at most 80 characters", "a+b"),
        ("base=%ff", "base", "is not UTF-8", "%ff"),
        ("base=\xff", "base", "is not UTF-8", "\xff"),
        ("base=%zz", "base", "has a % that is not followed by two hexadecimal digits", "%zz"),
        ("kind=lineer", "kind", "may not be lineer; did you mean linear, inverse?", "lineer"),
        ("kind=x", "kind", "may not be x; it is one of linear, inverse", "x"),
        ("stale=no", "stale", "may not be no; it is one of include, exclude", "no"),
        ("limit=0", "limit", "is not a whole number from 1 to 20000", "0"),
        ("limit=20001", "limit", "is not a whole number from 1 to 20000", "20001"),
        ("limit=1.5", "limit", "is not a whole number from 1 to 20000", "1.5"),
        ("limit=" + "9" * 400, "limit", "is not a whole number from 1 to 20000", "9" * 200),
        ("limit=%D9%A1", "limit", "is not a whole number from 1 to 20000", "%D9%A1"),
        ("offset=-1", "offset", "is not a whole number from 0 to 1000000000", "-1"),
        ("min_volume=-1", "min_volume", "is not a number such as 1000000 or 0.5", "-1"),
        ("min_volume=nan", "min_volume", "is not a number such as 1000000 or 0.5", "nan"),
        ("min_volume=1e999", "min_volume", "is not a number such as 1000000 or 0.5", "1e999"),
        ("min_volume=1_000", "min_volume", "is not a number such as 1000000 or 0.5", "1_000"),
        ("interval_hours=8,0", "interval_hours", "is not a number from 0.016 to 8760", "8,0"),
        ("sort=annualised_pct", "sort", "may not be annualised_pct; did you mean annualized_pct, -annualized_pct?", ""),
        ("sort=-anualized_pct", "sort", "may not be -anualized_pct; did you mean -annualized_pct, annualized_pct?", ""),
        ("sort=--exchange", "sort", "may not be --exchange; did you mean -exchange, exchange, -exchange_at?", ""),
        ("fields=exchange,price", "fields", "may not be price; did you mean mark_price, index_price?", ""),
        ("base=" + ",".join(["A"] * 101), "base", "has more than 100 items", "A," * 100),
    ],
)
def test_a_parameter_that_is_wrong_is_named_with_the_reason(
    query: str, parameter: str, detail: str, value: str
) -> None:
    assert refused(query) == [{"parameter": parameter, "detail": detail, "value": value or query.partition("=")[2]}]


def test_a_repeated_parameter_is_refused_even_with_the_same_value() -> None:
    [error] = refused("exchange=okx&exchange=okx")
    assert (error["parameter"], error["detail"].partition(";")[0]) == ("exchange", "is given more than once")


def test_every_wrong_parameter_is_named_at_once() -> None:
    assert [error["parameter"] for error in refused("limit=x&exchange=okx&foo=1&kind=")] == ["limit", "foo", "kind"]


def test_a_query_of_very_many_parameters_is_refused_unread() -> None:
    with pytest.raises(ProblemError, match=f"more than {MOST_PARAMETERS} parameters"):
        read("&".join(f"a{i}=1" for i in range(MOST_PARAMETERS + 1)), CURRENT)


def test_the_pairs_of_a_query_come_decoded_and_in_order() -> None:
    assert pairs("sort=-a%2Cb&base=\xe5\xb8\x81") == [("sort", "-a,b"), ("base", "币")]
