"""`funding config`."""

import json
from pathlib import Path

import pytest

from funding.config import NAMES
from tests.cli.conftest import Call


def test_every_setting_is_shown_with_its_value_and_source(funding: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("funding.toml").write_text('exchanges = ["okx", "bybit"]\n')
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("FUNDING_TRUSTED_PROXY", "127.0.0.1,10.0.0.0/8")
    said = funding("config", "show", "--host", "::1", "--json")
    assert said.code == 0
    rows = json.loads(said.out)
    assert [row["setting"] for row in rows] == list(NAMES)
    assert {row["setting"]: (row["value"], row["source"]) for row in rows} == {
        "database": ("funding.db", "default"),
        "host": ("::1", "--host"),
        "port": (9000, "PORT"),
        "exchanges": (["okx", "bybit"], "funding.toml"),
        "interval_seconds": (300, "default"),
        "fees": ([], "default"),
        "upstream": (None, "default"),
        "backups": ("backups", "default"),
        "limit_free": (60, "default"),
        "limit_paid": (600, "default"),
        "limit_pro": (3000, "default"),
        "trusted_proxy": (["127.0.0.1/32", "10.0.0.0/8"], "FUNDING_TRUSTED_PROXY"),
        "public_url": (None, "default"),
        "security_contact": (None, "default"),
        "telegram_bot_token": (None, "default"),
        "telegram_chat_id": (None, "default"),
        "telegram_url": ("https://api.telegram.org", "default"),
        "webhook_url": (None, "default"),
        "webhook_secret": (None, "default"),
        "dead_man_url": (None, "default"),
    }


def test_it_is_a_table_for_people(funding: Call) -> None:
    said = funding("config")
    assert said.lines[0].split() == ["SETTING", "VALUE", "SOURCE"]
    assert said.lines[4].split()[:3] == ["exchanges", "all", "default"]


def test_check_says_nothing_but_that_all_is_well(funding: Call) -> None:
    said = funding("config", "check")
    assert (said.code, said.out, said.err) == (0, "", "the settings are usable\n")


def test_an_exchange_that_is_none_is_refused_with_the_nearest(funding: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDING_EXCHANGES", "okx,bibyt")
    for command in (["config", "check"], ["config"], ["run", "--port", "0"], ["collect", "--once"]):
        funding("migrate")
        said = funding(*command)
        assert said.code == 2
        assert said.err.splitlines()[-1] == "funding: bibyt is not an exchange; did you mean bybit?"
