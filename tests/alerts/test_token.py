"""The token, the secret and the addresses that hold keys appear nowhere: log, database, backup, tracebacks, ps, commands."""

import json
import os
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from funding.__main__ import main
from funding.alerts.telegram import Telegram
from funding.config import Config, Secret, resolve
from funding.errors import FetchError, SettingError
from funding.fetch import Fetcher
from funding.message import Request
from tests.alerts.botapi import OTHER_TOKEN, TOKEN, BotApi
from tests.alerts.given import alert, fetching
from tests.programs import Program, until
from tests.servers import Answer, Server

HOOK_KEY, HOOK_PATH, PING_PATH = "a-key-for-signatures-42", "hook-path-3141", "ping-path-2718"
SECRETS = (TOKEN, OTHER_TOKEN, TOKEN.split(":")[1], HOOK_KEY, HOOK_PATH, PING_PATH)


def shown(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """As a unit has them: as credentials, in a folder of their own."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    with (
        BotApi("1001") as bot,
        Server({f"/{HOOK_PATH}": Answer(500), f"/{PING_PATH}": Answer(500)}, tls=None) as server,
    ):
        bot.faults.append("lost")
        given = {
            "telegram_bot_token": TOKEN, "telegram_chat_id": "1001, 2002", "webhook_url": f"{server.url}/{HOOK_PATH}",
            "webhook_secret": HOOK_KEY, "dead_man_url": f"{server.url}/{PING_PATH}",
        }  # fmt: skip
        for name, value in given.items():
            (folder / name).write_text(f"{value}\n")
        yield {
            "CREDENTIALS_DIRECTORY": str(folder), "FUNDING_TELEGRAM_URL": bot.url, "FUNDING_PUBLIC_URL": server.url,
            "FUNDING_DATABASE": str(tmp_path / "funding.db"), "FUNDING_BACKUPS": str(tmp_path / "backups"),
        }  # fmt: skip


def test_a_watch_shows_them_nowhere(settings: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "funding.db"
    with Program(tmp_path, "migrate", **settings) as migrate:
        assert migrate.process.wait(30) == 0
    with Program(tmp_path, "event", "deploy", "deploy of x complete", **settings) as event:
        assert event.process.wait(30) == 0
    with Program(tmp_path, "watch", "--verbose", **settings) as watch:
        watch.line("alerts by Telegram to 1001, 2002 and webhook to localhost:")
        with closing(sqlite3.connect(path)) as conn:  # the API is out of reach: the first message
            until(lambda: conn.execute("SELECT 1 FROM outbox WHERE error IS NOT NULL").fetchone(), "a failed try")
            until(lambda: conn.execute("SELECT 1 FROM outbox WHERE done_at IS NOT NULL").fetchone(), "one given up")
        for file in ("cmdline", "environ"):
            assert shown(Path(f"/proc/{watch.process.pid}/{file}").read_text("utf-8", "replace")) == []
        assert watch.end() == 0
    log = "\n".join(watch.lines)
    assert "telegram to 2002: given up: Telegram: 400 Bad Request: chat not found" in log
    assert shown(log) == []
    with Program(tmp_path, "backup", **settings) as backup:
        assert backup.process.wait(30) == 0
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.parent.name != "credentials"]
    assert {"funding.db"} <= {file.name for file in files}
    assert [(file, secret) for file in files for secret in SECRETS if secret.encode() in file.read_bytes()] == []


@pytest.mark.parametrize(
    "words", [["config"], ["config", "--json"], ["config", "check"], ["alerts", "test"], ["alerts", "list"]]
)
def test_no_command_shows_them(
    settings: dict[str, str], words: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    main(["migrate"])
    main(words)
    said = capfd.readouterr()
    assert shown(said.out + said.err) == []
    if words == ["config", "--json"]:
        rows = {row["setting"]: (row["value"], row["source"]) for row in json.loads(said.out)}
        assert rows["telegram_bot_token"] == ("(set, not shown)", "credential telegram_bot_token")
        assert rows["webhook_url"] == ("(set, not shown)", "credential webhook_url")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", f"bot{TOKEN}"),
        ("TELEGRAM_BOT_TOKEN", f"{TOKEN} {TOKEN}"),
        ("FUNDING_WEBHOOK_URL", f"ftp://x/{HOOK_PATH}"),
        ("FUNDING_DEAD_MAN_URL", f"x/{PING_PATH}"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_without_showing_it(variable: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(value)
    for environ in ({variable: value}, {f"{variable}_FILE": str(file)}):
        with pytest.raises(SettingError) as caught:
            resolve({}, environ, None)
        assert shown("".join(traceback.format_exception(caught.value))) == []
        assert str(caught.value).startswith(next(iter(environ)))


def test_a_secret_has_no_flag_and_no_place_in_the_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["watch", "--telegram-bot-token", TOKEN])
    capfd.readouterr()
    Path("funding.toml").write_text(f'telegram_bot_token = "{TOKEN}"\n')
    assert main(["config"]) == 2
    said = capfd.readouterr().err
    assert said.startswith(
        "funding: funding.toml: telegram_bot_token is a secret and not kept in the settings file: give "
    )
    assert shown(said) == []


def test_settings_and_channels_do_not_show_them_when_they_are_printed() -> None:
    config: Config = resolve({}, {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": "1"}, None)[0]
    assert shown(f"{config!r} {config} {Secret(TOKEN)} {[Secret(TOKEN)]!r}") == []
    assert config.telegram_bot_token == Secret(TOKEN)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1:9", "http://nowhere.invalid", "gopher://x"])
def test_a_request_that_fails_leaves_no_trace_of_them(fetcher: Fetcher, url: str) -> None:
    try:
        fetcher.fetch(Request("POST", f"{url}/bot{TOKEN}/sendMessage", b"{}"))
    except FetchError as error:
        assert shown("".join(traceback.format_exception(error))) == []
    else:
        raise AssertionError("it got through")


def test_a_redirect_does_not_take_the_token_elsewhere() -> None:
    path = f"/bot{TOKEN}/sendMessage"
    elsewhere = Server({path: Answer()}, tls=None)
    with elsewhere, fetching() as fetcher:
        moved = Answer(307, headers={"Location": f"{elsewhere.url}{path}"})
        with Server({path: moved}, tls=None) as server:
            with pytest.raises(Exception, match="redirect") as caught:
                Telegram(fetcher.fetch, TOKEN, server.url).send(alert(), "1001")
            assert shown("".join(traceback.format_exception(caught.value))) == []
        assert elsewhere.seen == []
    assert os.environ.get("TELEGRAM_BOT_TOKEN") is None
