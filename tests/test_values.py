import pytest

from funding import values


@pytest.mark.parametrize("blank", [None, ""])
@pytest.mark.parametrize(
    "convert",
    [values.number, values.price, values.percent, values.seconds, values.ms, values.microseconds, values.nanoseconds,
     values.iso, values.hours, values.hours_minutes, values.hours_seconds, values.hours_ms, values.hours_nanoseconds],
)  # fmt: skip
def test_what_is_absent_stays_absent(convert, blank):
    assert convert(blank) is None


@pytest.mark.parametrize("zero", [0, "0", 0.0])
def test_a_time_of_zero_is_no_time(zero):
    assert values.ms(zero) is None
    assert values.seconds(zero) is None


def test_a_rate_of_zero_is_a_number_but_a_price_of_zero_is_none():
    assert values.number("0.00000") == 0.0
    assert values.price("0") is None


@pytest.mark.parametrize("bad", ["1e999", "NaN", "inf", float("nan"), True, "1_000", "abc", [], {}])
def test_what_is_no_finite_number_is_refused(bad):
    with pytest.raises((ValueError, TypeError)):
        values.number(bad)


def test_units():
    assert values.percent("0.0125") == 0.000125
    assert values.scaled("125000", 1e9) == 0.000125
    assert values.hours_ms(28_800_000) == 8.0
    assert values.hours_minutes(480) == 8.0
    assert values.hours_seconds("3600") == 1.0
    assert values.hours_nanoseconds(3_600_000_000_000) == 1.0
    assert values.hours("0") is None


def test_every_unit_of_time_gives_the_same_second():
    second = 1_795_507_200
    assert values.seconds(str(second)) == second
    assert values.ms(second * 1_000 + 999) == second
    assert values.microseconds(second * 1_000_000) == second
    assert values.nanoseconds(str(second * 1_000_000_000 + 1)) == second
    assert values.ms(f"{second}000.0") == second
    assert values.iso("2026-11-24T08:00:00Z") == second
    assert values.iso("2026-11-24 08:00:00.250") == second
    assert values.iso("2026-11-24T09:00:00+01:00") == second


def test_nanoseconds_beyond_what_a_float_holds_keep_their_second():
    assert values.nanoseconds(1_795_507_199_999_999_999) == 1_795_507_199


def test_times_carries_none_and_takes_no_text():
    assert values.times(2.0, 3, 0.5) == 3.0
    assert values.times(2.0, None) is None
    with pytest.raises(ValueError, match="not a number"):
        values.times("2", 3)
