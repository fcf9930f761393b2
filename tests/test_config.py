"""Settings: by flag, environment, file, default; and what refuses to start."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from funding.config import SETTINGS, Config, Origin, Secret, near, resolve
from funding.errors import SettingError

NETWORKS = "a comma list of addresses and networks, such as 127.0.0.1, 10.0.0.0/8"
HOST = "such as 127.0.0.1 or ::1, or unix:/a/path"


def settings(flags: dict[str, str | None] | None = None, environ: dict[str, str] | None = None) -> Config:
    return resolve(flags or {}, environ or {}, None)[0]


def refusal(environ: dict[str, str], file: str | None = None) -> str:
    with pytest.raises(SettingError) as caught:
        resolve({}, environ, file)
    return str(caught.value)


def sources(found: list[Origin]) -> dict[str, str]:
    return {origin.setting.name: origin.source for origin in found}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_anything_the_defaults_hold() -> None:
    assert settings() == Config(
        database=Path("funding.db"),
        host="127.0.0.1",
        port=8083,
        exchanges=(),
        interval_seconds=300,
        fees=(),
        upstream=None,
        backups=Path("backups"),
        limit_free=60,
        limit_paid=600,
        limit_pro=3000,
        trusted_proxy=None,
        public_url=None,
        security_contact=None,
        telegram_bot_token=None,
        telegram_chat_id=None,
        telegram_url="https://api.telegram.org",
        webhook_url=None,
        webhook_secret=None,
        dead_man_url=None,
        rules=(),
    )


def test_a_flag_goes_before_the_environment_and_that_before_the_file_and_that_before_the_default() -> None:
    Path("funding.toml").write_text('port = 1\nhost = "file"\ninterval_seconds = 30\n')
    config, found = resolve({"port": "3", "host": None}, {"FUNDING_PORT": "2", "FUNDING_HOST": "environment"}, None)
    assert (config.port, config.host, config.interval_seconds) == (3, "environment", 30)
    assert sources(found) == {
        "database": "default",
        "host": "FUNDING_HOST",
        "port": "--port",
        "exchanges": "default",
        "interval_seconds": "funding.toml",
        "fees": "default",
        "upstream": "default",
        "backups": "default",
        "limit_free": "default",
        "limit_paid": "default",
        "limit_pro": "default",
        "trusted_proxy": "default",
        "public_url": "default",
        "security_contact": "default",
        "telegram_bot_token": "default",
        "telegram_chat_id": "default",
        "telegram_url": "default",
        "webhook_url": "default",
        "webhook_secret": "default",
        "dead_man_url": "default",
    }


def test_port_counts_where_funding_port_is_not_set() -> None:
    assert settings(environ={"PORT": "9000"}).port == 9000
    assert settings(environ={"PORT": "9000", "FUNDING_PORT": "9001"}).port == 9001


def test_an_empty_variable_counts_as_not_set() -> None:
    assert settings(environ={"FUNDING_PORT": "", "FUNDING_UPSTREAM": ""}) == settings()


def test_the_file_may_be_named_by_a_flag_or_the_environment() -> None:
    Path("a.toml").write_text("port = 1\n")
    Path("b.toml").write_text("port = 2\n")
    assert resolve({}, {"FUNDING_CONFIG": "a.toml"}, None)[0].port == 1
    assert resolve({}, {"FUNDING_CONFIG": "a.toml"}, "b.toml")[0].port == 2


def test_a_file_that_was_asked_for_must_be_there() -> None:
    assert refusal({"FUNDING_CONFIG": "gone.toml"}) == "gone.toml: there is no such settings file"
    assert refusal({}, ".") == ".: the settings file cannot be read: Is a directory"


def test_a_file_that_is_not_toml_is_refused_with_the_place() -> None:
    Path("funding.toml").write_text("port = \n")
    assert refusal({}) == "funding.toml: not TOML: Invalid value (at line 1, column 8)"


def test_a_key_that_is_no_setting_is_refused_with_the_nearest_ones() -> None:
    Path("funding.toml").write_text('databse = "x.db"\n')
    assert refusal({}) == "funding.toml: databse is not a setting; did you mean database?"
    Path("funding.toml").write_text("[collector]\nspeed = 1\n")
    assert refusal({}) == "funding.toml: collector is not a setting"


def test_a_variable_that_is_nearly_a_setting_is_refused_and_one_that_only_begins_alike_is_not_ours() -> None:
    assert refusal({"FUNDING_EXCHANGE": "okx"}) == "FUNDING_EXCHANGE is not a setting; did you mean FUNDING_EXCHANGES?"
    assert settings(environ={"FUNDING_SERVICE_HOST": "10.0.0.1", "FUNDING_PORT_8083_TCP_ADDR": "x"}) == settings()


def test_the_names_that_others_rely_on_stay() -> None:
    assert {setting.name: setting.variables for setting in SETTINGS} == {
        "database": ("FUNDING_DATABASE",),
        "host": ("FUNDING_HOST",),
        "port": ("FUNDING_PORT", "PORT"),
        "exchanges": ("FUNDING_EXCHANGES",),
        "interval_seconds": ("FUNDING_INTERVAL_SECONDS",),
        "fees": ("FUNDING_FEES",),
        "upstream": ("FUNDING_UPSTREAM",),
        "backups": ("FUNDING_BACKUPS",),
        "limit_free": ("FUNDING_LIMIT_FREE",),
        "limit_paid": ("FUNDING_LIMIT_PAID",),
        "limit_pro": ("FUNDING_LIMIT_PRO",),
        "trusted_proxy": ("FUNDING_TRUSTED_PROXY",),
        "public_url": ("FUNDING_PUBLIC_URL",),
        "security_contact": ("FUNDING_SECURITY_CONTACT",),
        "telegram_bot_token": ("TELEGRAM_BOT_TOKEN",),
        "telegram_chat_id": ("TELEGRAM_CHAT_ID",),
        "telegram_url": ("FUNDING_TELEGRAM_URL",),
        "webhook_url": ("FUNDING_WEBHOOK_URL",),
        "webhook_secret": ("FUNDING_WEBHOOK_SECRET",),
        "dead_man_url": ("FUNDING_DEAD_MAN_URL",),
    }


def test_exchanges_are_a_comma_list_in_text_and_an_array_in_the_file() -> None:
    assert settings(environ={"FUNDING_EXCHANGES": " okx, Bybit "}).exchanges == ("okx", "bybit")
    assert settings(environ={"FUNDING_EXCHANGES": "all"}).exchanges == ()
    Path("funding.toml").write_text('exchanges = ["okx", "bybit"]\n')
    assert settings().exchanges == ("okx", "bybit")


def test_trusted_proxies_are_addresses_and_networks_in_text_or_an_array_in_the_file() -> None:
    expected = (ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
    assert settings(environ={"FUNDING_TRUSTED_PROXY": "127.0.0.1, fd00::/8"}).trusted_proxy == expected
    Path("funding.toml").write_text('trusted_proxy = ["127.0.0.1", "fd00::/8"]\n')
    assert settings().trusted_proxy == expected


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("FUNDING_LIMIT_FREE", "-1", "FUNDING_LIMIT_FREE is a whole number from 0 to 1000000, not '-1'"),
        ("FUNDING_TRUSTED_PROXY", "10.0.0.1/8", f"FUNDING_TRUSTED_PROXY is {NETWORKS}, not '10.0.0.1/8'"),
        ("FUNDING_TRUSTED_PROXY", "nginx", f"FUNDING_TRUSTED_PROXY is {NETWORKS}, not 'nginx'"),
        ("FUNDING_TRUSTED_PROXY", "127.0.0.1,", f"FUNDING_TRUSTED_PROXY is {NETWORKS}, not '127.0.0.1,'"),
        ("FUNDING_HOST", "unix:api.sock", f"FUNDING_HOST is a host name or address without port, {HOST}, not 'unix:api.sock'"),
        ("FUNDING_PORT", "65536", "FUNDING_PORT is a whole number from 0 to 65535, not '65536'"),
        ("FUNDING_PORT", "tcp://10.0.0.1:80", "FUNDING_PORT is a whole number from 0 to 65535, not 'tcp://10.0.0.1:80'"),
        ("PORT", "-1", "PORT is a whole number from 0 to 65535, not '-1'"),
        ("FUNDING_INTERVAL_SECONDS", "0", "FUNDING_INTERVAL_SECONDS is a whole number from 1 to 86400, not '0'"),
        ("FUNDING_INTERVAL_SECONDS", "1.5", "FUNDING_INTERVAL_SECONDS is a whole number from 1 to 86400, not '1.5'"),
        ("FUNDING_EXCHANGES", "okx,okx", "FUNDING_EXCHANGES is a comma list of exchanges, each once, or all by itself, not 'okx,okx'"),
        ("FUNDING_EXCHANGES", "okx,all", "FUNDING_EXCHANGES is a comma list of exchanges, each once, or all by itself, not 'okx,all'"),
        ("FUNDING_EXCHANGES", ",", "FUNDING_EXCHANGES is a comma list of exchanges, each once, or all by itself, not ','"),
        ("FUNDING_HOST", "http://x", f"FUNDING_HOST is a host name or address without port, {HOST}, not 'http://x'"),
        ("FUNDING_DATABASE", "a\nb", "FUNDING_DATABASE is a line of text, not 'a\\nb'"),
        ("FUNDING_UPSTREAM", "localhost:9100", "FUNDING_UPSTREAM is an address such as http://127.0.0.1:9100, not 'localhost:9100'"),
        ("FUNDING_UPSTREAM", "http://x:99999", "FUNDING_UPSTREAM is an address such as http://127.0.0.1:9100, not 'http://x:99999'"),
        ("FUNDING_UPSTREAM", "http://a@x", "FUNDING_UPSTREAM is an address such as http://127.0.0.1:9100, not 'http://a@x'"),
        ("FUNDING_UPSTREAM", "http://x/?a=1", "FUNDING_UPSTREAM is an address such as http://127.0.0.1:9100, not 'http://x/?a=1'"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_refused_with_what_may_be_given(variable: str, value: str, words: str) -> None:
    assert refusal({variable: value}) == words


@pytest.mark.parametrize(
    "line",
    [
        "port = true",
        "port = 1.0",
        "exchanges = 1",
        "exchanges = [1]",
        "trusted_proxy = [1]",
        "trusted_proxy = 1",
        'host = ""',
    ],
)
def test_a_value_of_another_type_in_the_file_is_refused(line: str) -> None:
    Path("funding.toml").write_text(line)
    assert refusal({}).startswith(f"funding.toml: {line.split()[0]} is a")


def test_an_upstream_that_is_this_program_itself_is_a_contradiction() -> None:
    words = "upstream http://localhost:8083 is this program's own address: give another upstream or port"
    assert refusal({"FUNDING_UPSTREAM": "http://localhost:8083/"}) == words
    assert settings(environ={"FUNDING_UPSTREAM": "http://localhost:8084"}).upstream == "http://localhost:8084"


def test_near_names_are_given_whatever_the_case_and_none_where_nothing_is_near() -> None:
    assert near("OKEX", ["okx", "bybit"]) == "; did you mean okx?"
    assert near("zzz", ["okx", "bybit"]) == ""


TOKEN = "123456789:AAE-secret_of-the_bot0123456789abcde"


def test_a_secret_may_be_in_a_file_or_a_credential_and_the_variable_goes_first(tmp_path: Path) -> None:
    file, folder = tmp_path / "token", tmp_path / "credentials"
    folder.mkdir()
    file.write_text(f" {TOKEN}x\n")
    (folder / "telegram_bot_token").write_text(f"{TOKEN}y\n")
    (folder / "telegram_chat_id").write_text("\n")  # a unit's credential that nobody filled in
    environ = {"CREDENTIALS_DIRECTORY": str(folder)}
    config, found = resolve({}, environ, None)
    assert config.telegram_bot_token == Secret(f"{TOKEN}y")
    assert (sources(found)["telegram_bot_token"], config.telegram_chat_id) == ("credential telegram_bot_token", None)
    environ |= {"TELEGRAM_BOT_TOKEN_FILE": str(file), "TELEGRAM_CHAT_ID_FILE": ""}
    assert settings(environ=environ).telegram_bot_token == Secret(f"{TOKEN}x")
    assert settings(environ=environ | {"TELEGRAM_BOT_TOKEN": TOKEN}).telegram_bot_token == Secret(TOKEN)


def test_a_file_of_a_secret_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    words = f"TELEGRAM_BOT_TOKEN_FILE: {path} cannot be read: "
    assert refusal({"TELEGRAM_BOT_TOKEN_FILE": str(path)}) == words + "No such file or directory"
    path.write_bytes(b"\xff")
    assert refusal({"TELEGRAM_BOT_TOKEN_FILE": str(path)}) == words + "not text"


@pytest.mark.parametrize("contact", ["mailto:security@example.org", "https://example.org/report?from=api"])
def test_who_is_told_of_a_weakness_is_an_address_or_a_page(contact: str) -> None:
    assert settings(environ={"FUNDING_SECURITY_CONTACT": f" {contact} "}).security_contact == contact


@pytest.mark.parametrize("contact", ["security@example.org", "http://example.org", "mailto:nobody", "https://a b"])
def test_any_other_contact_is_refused(contact: str) -> None:
    words = "FUNDING_SECURITY_CONTACT is mailto: and an address, or an https:// page, not "
    assert refusal({"FUNDING_SECURITY_CONTACT": contact}) == f"{words}{contact!r}"


def test_chats_are_numbers_and_channels() -> None:
    assert settings(environ={"TELEGRAM_CHAT_ID": "12, -1001234, @some_channel"}).telegram_chat_id == (
        "12", "-1001234", "@some_channel",
    )  # fmt: skip
    Path("funding.toml").write_text("telegram_chat_id = [12, -100]\n")
    assert settings().telegram_chat_id == ("12", "-100")
    words = "TELEGRAM_CHAT_ID is a comma list of chats, each once: numbers such as -1001234567890, or @channel, not "
    for wrong in ("me", "1,1", "1,", "@a b"):
        assert refusal({"TELEGRAM_CHAT_ID": wrong}) == f"{words}{wrong!r}"


def test_a_webhook_is_signed() -> None:
    words = "webhook_url is set and webhook_secret is not: what it gets must be signed"
    assert refusal({"FUNDING_WEBHOOK_URL": "https://example.org/x"}) == words
    assert refusal({"FUNDING_WEBHOOK_SECRET": "short"}).startswith(
        "FUNDING_WEBHOOK_SECRET is a line of at least 16 letters"
    )
