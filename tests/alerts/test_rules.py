"""Rules as the settings file has them: what is read, and what is refused with its line."""

import re
from pathlib import Path

import pytest

from funding.alerts.rules import Rule, read_rules
from funding.assets import canonical
from funding.config import resolve
from funding.errors import SettingError

EXCHANGES = {"okx": None, "bybit": None, "binance": None}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str) -> tuple[Rule, ...]:
    Path("funding.toml").write_text(text)
    return read_rules(resolve({}, {}, None)[0].rules, canonical, EXCHANGES)


def refusal(text: str) -> str:
    with pytest.raises(SettingError) as caught:
        read(text)
    return str(caught.value)


def test_every_word_is_read() -> None:
    [rule] = read("""
        port = 1
        [[alerts.rule]]
        name = "btc-spread"
        what = "spread"
        base = ["XBT", "kPEPE"]
        exchange = ["okx", "bybit"]
        min_volume = 1e6
        min_open_interest = 500_000
        above = 15
        resolve = 10.5
        snapshots = 2
        holding_hours = 72
        cooldown = 3600
        channel = "telegram"
    """)
    assert rule == Rule(
        name="btc-spread", what="spread", base=("BTC", "PEPE"), exchange=("okx", "bybit"), min_volume=1e6,
        min_open_interest=500_000, above=15, resolve=10.5, snapshots=2, holding_hours=72, cooldown=3600,
        channel="telegram",
    )  # fmt: skip


def test_one_name_needs_no_list_and_what_is_left_out_asks_for_nothing() -> None:
    assert read('[[alerts.rule]]\nname = "a"\nwhat = "listing"\nexchange = "okx"') == (
        Rule(name="a", what="listing", exchange=("okx",)),
    )
    assert read("") == ()


RATE = '[[alerts.rule]]\nname = "r"\nwhat = "rate"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RATE + "abov = 5", "4: abov is not a word of a rule; did you mean above?; it has name, what, base,"),
        ('\n\n[[alerts.rule]]\nwhat = "rate"', "funding.toml line 3: rule number 1: name is missing"),
        ('[[alerts.rule]]\nname = "r"', "1: what is missing"),
        ('[[alerts.rule]]\nname = "R x"\nwhat = "rate"\nabove = 1', "funding.toml line 2: rule R x: its name is small letters"),
        ('[[alerts.rule]]\nname = "r"\nwhat = "rates"',
         "3: what is one of rate, spread, at_cap, settles_soon, sign_flip, interval_change, listing, delisting, "
         "not 'rates'; did you mean rate?"),
        (RATE, "3: a rule on a rate has above or below, in per cent a year"),
        (RATE + 'above = "5"', "4: above is a number, not '5'"),
        (RATE + "above = true", "4: above is a number, not True"),
        (RATE + "above = nan", "4: above is a number, not nan"),
        (RATE + "above = inf", "4: above is a number, not inf"),
        (RATE + "above = 5\nsnapshots = 1.5", "5: snapshots is a whole number, not 1.5"),
        (RATE + "above = 5\nsnapshots = 0", "5: snapshots is at least 1"),
        (RATE + "above = 5\ncooldown = -1", "5: cooldown is at least 0"),
        (RATE + "above = 5\nbase = 3", "5: base is a name or a list of names, not 3"),
        (RATE + 'above = 5\nexchange = "okex"', "5: okex is not an exchange; did you mean okx?"),
        (RATE + 'above = 5\nchannel = "mail"', "5: channel is one of all, telegram, webhook, not 'mail'"),
        (RATE + "above = 5\nchannel = 7", "5: channel is text, not 7"),
        (RATE + "above = 5\nbelow = 6", "5: below 6 and above 5: one of them would always be so"),
        (RATE + "above = 5\nresolve = 6", "5: resolve 6 lies beyond above 5: it would be over before it begins"),
        (RATE + "below = 5\nresolve = 4", "5: resolve 4 lies beyond below 5: it would be over before it begins"),
        (RATE + "above = 5\nbelow = 1\nresolve = 3", "6: resolve goes with above or with below, not with both"),
        (RATE + "above = 5\nminutes = 3", "5: minutes is for a rule on settles_soon"),
        (RATE + "above = 5\nholding_hours = 3", "5: holding_hours is for a rule on spread"),
        ('[[alerts.rule]]\nname = "r"\nwhat = "settles_soon"\nminutes = 0', "4: minutes is above 0"),
        ('[[alerts.rule]]\nname = "r"\nwhat = "at_cap"\nabove = 1', "4: above is for rates and spreads; a rule on at_cap has no level"),
        ('[[alerts.rule]]\nname = "r"\nwhat = "listing"\nsnapshots = 2', "4: snapshots is for what lasts; listing happens once"),
        (RATE + "above = 5\n# another\n" + RATE + "above = 6", "funding.toml line 7: another rule has the name r already"),
        ("[alerts]\nrules = 1", "funding.toml: alerts holds nothing but rules, written as [[alerts.rule]] tables"),
        ("[alerts]\nrule = 1", "funding.toml: alerts holds nothing but rules, written as [[alerts.rule]] tables"),
        ("alerts = 1", "funding.toml: alerts holds nothing but rules, written as [[alerts.rule]] tables"),
        ('[alerts]\nrule = [{name = "r", what = "x"}]', "funding.toml: rule r: what is one of rate,"),
        ('[[alert.rule]]\nname = "r"', "funding.toml: alert is not a setting; did you mean alerts?"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused_with_its_line_and_what_may_be_given(text: str, words: str) -> None:
    expected = re.sub(r"^(\d+)", r"funding.toml line \1: rule r", words)
    assert refusal(text)[: len(expected)] == expected


def test_what_stands_may_go_back_behind_its_level_before_it_is_over() -> None:
    high, low = Rule(name="a", what="rate", above=20, resolve=10), Rule(name="a", what="rate", below=-20)
    assert [high.is_beyond(figure, False) for figure in (20, 20.1)] == [False, True]
    assert [high.is_beyond(figure, True) for figure in (10, 10.1, 20.1)] == [False, True, True]
    assert [low.is_beyond(figure, True) for figure in (-20, -20.1)] == [False, True]
