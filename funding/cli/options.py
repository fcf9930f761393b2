"""The flags that commands share, and the one place where settings are read from the environment."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from funding.config import FILE, FILE_VARIABLE, NAMES, SETTINGS, Config, Origin, near, resolve
from funding.errors import SettingError
from funding.rate import EARLIEST, LATEST

if TYPE_CHECKING:
    from funding.adapter import Exchange

MS_DIGITS = 13


def add_settings(parser: ArgumentParser, *names: str) -> None:
    """Flags for the settings that a command uses; without names for all."""
    group = parser.add_argument_group("settings", "by flag, environment, settings file, default, in that order")
    group.add_argument(
        "--config", metavar="FILE", help=f"Settings file, TOML. [{FILE_VARIABLE}; {FILE} if it is there]"
    )
    for setting in SETTINGS:
        if not setting.secret and (not names or setting.name in names):
            default = setting.default or ("all" if setting.name == "exchanges" else None)
            known_by = ", else ".join(setting.variables) + ("" if default is None else f"; {default}")
            group.add_argument(setting.flag, metavar="…", help=f"{setting.sentence} [{known_by}]")


def add_json(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"{what} instead of a table.")


def settings(args: Namespace) -> Config:
    """Raises SettingError."""
    return origins(args)[0]


def origins(args: Namespace) -> tuple[Config, list[Origin]]:
    """The settings and where each comes from. Raises SettingError."""
    return resolve({name: getattr(args, name, None) for name in NAMES}, os.environ, args.config)


def pick(names: tuple[str, ...], exchanges: Mapping[str, "Exchange"]) -> dict[str, "Exchange"]:
    """Those of the names, all where there are none. Raises SettingError for a name that no exchange has."""
    for name in names:
        if name not in exchanges:
            raise SettingError(f"{name} is not an exchange{near(name, exchanges)}")
    return {name: exchanges[name] for name in names or exchanges}


def comma_list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def moment(flag: str, text: str) -> float:
    """Unix seconds, from seconds, milliseconds or ISO 8601. Raises SettingError."""
    try:
        if text.isdecimal():
            found = int(text) / 1000 if len(text) == MS_DIGITS else int(text)
        else:
            read = datetime.fromisoformat(text)
            found = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        found = -1
    if not EARLIEST <= found <= LATEST:
        raise SettingError(
            f"{flag} is Unix seconds, milliseconds or ISO 8601 UTC, between 2010 and 2100, not {text!r:.60}"
        )
    return found
