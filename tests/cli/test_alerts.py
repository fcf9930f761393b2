"""`funding alerts`, `funding watch`, and the watch inside `funding run`."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.store.exchanges import declare
from funding.store.observations import save_observations
from funding.store.open import writer
from funding.store.outbox import Letter, Standing, save_judgement
from funding.store.runs import Contracts, observations_of, save
from tests.alerts.botapi import TOKEN, BotApi
from tests.alerts.given import alert
from tests.cli.conftest import Call
from tests.programs import Program, until
from tests.servers import Answer, Server
from tests.store.given import OKX, XT, rate, run

RULES = """
[[alerts.rule]]
name = "high"
what = "rate"
above = 50

[[alerts.rule]]
name = "turn"
what = "sign_flip"
"""


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApi]:
    with BotApi("1001", "@channel") as one:
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
        monkeypatch.setenv("TELEGRAM_CHAT_ID", "1001,@channel,7")
        monkeypatch.setenv("FUNDING_TELEGRAM_URL", one.url)
        yield one


def test_a_sample_says_what_came_of_it(funding: Call, bot: BotApi) -> None:
    said = funding("alerts", "test")
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        "telegram to 1001: sent, message 1",
        "telegram to @channel: sent, message 2",
        "telegram to 7: not sent: Telegram: 400 Bad Request: chat not found",
    ]
    assert bot.texts("1001") == [
        "⚪ A sample of Funding Finder's alerts\nsent by `funding alerts test`\n"
        "a real one says here since when, and the figures\nfunding alerts list"
    ]


def test_a_sample_goes_to_the_webhook_too(funding: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server({"/hook": Answer(204, b"")}, tls=None) as server:
        monkeypatch.setenv("FUNDING_WEBHOOK_URL", f"{server.url}/hook")
        assert funding("alerts", "test").code == 2
        monkeypatch.setenv("FUNDING_WEBHOOK_SECRET", "a secret of some length")
        said = funding("alerts", "test")
        assert (said.code, said.err) == (0, f"webhook to {server.host}: sent\n")
        assert json.loads(server.seen[0].body)["kind"] == "sample"


def test_without_settings_alerts_are_off_and_that_is_said(funding: Call) -> None:
    said = funding("alerts", "test")
    assert (said.code, said.err) == (
        1, "alerts are off: neither TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID nor FUNDING_WEBHOOK_URL is set\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "missing"), [("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"), ("TELEGRAM_CHAT_ID", "TELEGRAM_BOT_TOKEN")]
)
def test_half_a_bot_is_refused(funding: Call, monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.setenv(given, TOKEN if given == "TELEGRAM_BOT_TOKEN" else "1")
    funding("migrate")
    for words in (["config", "check"], ["watch"], ["alerts", "test"], ["run", "--port", "0"]):
        said = funding(*words)
        assert said.code == 2
        assert (
            said.err.splitlines()[-1] == f"funding: {given} is set and {missing} is not: a bot needs both, or neither"
        )


def test_a_wrong_rule_refuses_to_start_with_its_line(funding: Call) -> None:
    funding("migrate")
    Path("funding.toml").write_text(RULES.replace("above", "abov"))
    for words in (["config", "check"], ["watch"], ["alerts", "check"], ["run", "--port", "0"]):
        said = funding(*words)
        assert said.code == 2
        assert said.err.splitlines()[-1].startswith(
            "funding: funding.toml line 5: rule high: abov is not a word of a rule; did you mean above?"
        )


def test_what_stands_and_what_was_sent_are_listed(funding: Call) -> None:
    funding("migrate")
    assert funding("alerts", "list").out == "nothing is wrong\n"
    now = int(time.time())
    bad = Standing("disk", now, announced=True, title="the disk has 1 GB left")
    with closing(writer("funding.db")) as conn:
        save_judgement(conn, [bad], [Letter("telegram", "1001", alert(title="the disk has 1 GB left").to_json())], now)
    muted = funding("alerts", "mute", "exchange:okx", "--for", "2h")
    assert (muted.code, muted.err.startswith("exchange:okx: nothing is said until ")) == (0, True)
    lines = funding("alerts", "list").lines
    assert [line.split()[0] for line in lines[:3]] == ["KEY", "disk", "exchange:okx"]
    assert lines[1].endswith("the disk has 1 GB left")
    assert [word for word in lines[-1].split("  ") if word][1:] == [
        "telegram 1001",
        "🔴 the disk has 1 GB left",
        "waits",
    ]
    said = json.loads(funding("alerts", "list", "--json").out)
    assert [one["key"] for one in said["standing"]] == ["disk", "exchange:okx"]
    assert said["letters"][0]["alert"]["title"] == "the disk has 1 GB left"
    assert funding("alerts", "unmute", "exchange:okx").err == "exchange:okx: no longer muted\n"
    assert [one["key"] for one in json.loads(funding("alerts", "list", "--json").out)["standing"]] == ["disk"]


@pytest.mark.parametrize(
    ("words", "code", "end"),
    [
        (["mute"], 2, "alerts mute takes a KEY; funding alerts list shows them"),
        (["mute", "disk", "--for", "2w"], 2, "--for is a number with m, h or d, such as 8h, not '2w'"),
        (["mute", "disk"], 3, "funding.db: there is no database"),
        (["check", "--rule", "hih"], 2, "hih is not a rule of the settings; did you mean high?"),
        (["check", "--since", "2099-01-01"], 2, "--since 2099-01-01: that is in the future"),
    ],
)
def test_what_cannot_be_done_is_said(funding: Call, words: list[str], code: int, end: str) -> None:
    Path("funding.toml").write_text(RULES)
    said = funding("alerts", *words)
    assert (said.code, said.err.splitlines()[-1]) == (code, f"funding: {end}")


def test_rules_are_tried_on_what_is_stored_and_nothing_is_sent(
    funding: Call, bot: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FUNDING_INTERVAL_SECONDS", "300")
    Path("funding.toml").write_text(RULES)
    funding("migrate")
    now = int(time.time())
    collect(now)
    said = funding("alerts", "check")
    assert said.code == 0
    assert said.err.splitlines() == [
        "alerts by Telegram to 1001, @channel, 7; 2 rules", "1 message now, of 2 rules; nothing was sent",
    ]  # fmt: skip
    assert said.lines[1].strip() == "🔴 BTC on okx: +109.50 % a year"
    past = funding("alerts", "check", "--since", "3h", "--json")
    assert past.err.splitlines()[-1] == "4 messages in 3 h, of 2 rules; nothing was sent"
    assert [(one["kind"], one["title"]) for one in map(json.loads, past.lines)] == [
        ("event", "BTC on xt turned: shorts pay, −0.0100 %"),
        ("raised", "BTC on okx: +109.50 % a year"),
        ("resolved", "BTC on okx is back behind 50 % a year"),
        ("raised", "BTC on okx: +109.50 % a year"),
    ]
    moments = [(now - json.loads(line)["at"]) // 60 for line in past.lines]
    assert [round(minutes / 10) * 10 for minutes in moments] == [100, 80, 60, 20]
    only = funding("alerts", "check", "--since", "3h", "--rule", "turn")
    assert only.err.splitlines()[-1] == "1 message in 3 h, of 1 rules; nothing was sent"
    assert bot.messages == []


def collect(now: int) -> None:
    """Two hours of cycles: xt turns after 20 minutes; okx is high for 20 minutes after 40, and at the end."""
    known: dict[str, Contracts] = {}
    with closing(writer("funding.db")) as conn:
        declare(conn, [OKX, XT])
        for age in range(7200, -1, -300):
            at = now - age
            high = 3600 < age <= 4800 or age <= 1200
            okx = rate(observed_at=at, funding_rate=0.001 if high else 0.0001, funding_interval_hours=8.0)
            xt = rate(exchange="xt", observed_at=at, funding_rate=0.0001 if age > 6000 else -0.0001)
            outcomes = [run(okx, started_at=at), run(xt, exchange="xt", started_at=at)]
            for outcome in outcomes:
                save(conn, outcome, known=known)
            save_observations(conn, at, observations_of(outcomes, known))


def test_a_watch_sends_what_was_noted_and_ends_when_it_is_told_to(bot: BotApi, tmp_path: Path, funding: Call) -> None:
    funding("migrate")
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "1001", "FUNDING_TELEGRAM_URL": bot.url}
    with Program(tmp_path, "watch", **settings) as watch:
        watch.line("alerts by Telegram to 1001; 0 rules")
        with closing(writer("funding.db")) as conn:
            until(lambda: conn.execute("SELECT 1 FROM alert_mark WHERE name = 'event'").fetchone(), "a first look")
        assert funding("event", "deploy", "deploy of abc complete").code == 0
        until(lambda: bot.texts(), "a message")
        assert watch.end() == 0
    assert bot.texts()[0].startswith("🔵 deploy of abc complete\nat ")
    assert watch.lines[-1].endswith("stopped")


def test_run_sends_alerts_too(bot: BotApi, tmp_path: Path) -> None:
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "1001", "FUNDING_TELEGRAM_URL": bot.url, "FUNDING_PORT": 0,
        "FUNDING_EXCHANGES": "kraken", "FUNDING_PUBLIC_URL": "http://127.0.0.1:9",
        "FUNDING_UPSTREAM": "http://127.0.0.1:9",
    }  # fmt: skip
    with Program(tmp_path, "run", **settings) as program:
        until(lambda: bot.texts(), "a message")
        assert program.end() == 0
    assert bot.texts()[0].startswith("🔴 the API cannot be reached from outside\nconnect: 127.0.0.1:9: refused")
    assert not [line for line in program.lines if "Traceback" in line]
