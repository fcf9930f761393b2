"""The settings table and what it comes to: one frozen Config. Is given flags and environment; reads neither itself."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from funding.errors import SettingError

ADDRESS = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?(/[\w./~-]*)?")
FILE = "funding.toml"
FILE_VARIABLE = "FUNDING_CONFIG"
PREFIX = "FUNDING_"
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")  # noqa: S104  compared, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting, converted. Built by `resolve`."""

    database: Path
    host: str
    port: int
    exchanges: tuple[str, ...]  # () = all
    interval_seconds: int
    upstream: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `convert` takes text or a TOML value and raises ValueError with what is allowed."""

    name: str  # of the field and the TOML key; with hyphens the flag
    variables: tuple[str, ...]  # the first one that is set counts
    convert: Callable[[Any], Any]
    default: Any
    sentence: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting's value comes from, as `funding config show` says it."""

    setting: Setting
    value: Any
    source: str


# Converters


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("a line of text")
    return value.strip()


def _path(value: Any) -> Path:
    return Path(_text(value))


def _host(value: Any) -> str:
    host = _text(value)
    if not re.fullmatch(r"[\w.:%-]+", host):
        raise ValueError("a host name or address without port, such as 127.0.0.1 or ::1")
    return host


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def convert(value: Any) -> int:
        text = "" if isinstance(value, bool | float) else str(value).strip()
        if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return convert


def _names(value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError("a comma list of exchanges, or all")
    names = [item.strip().lower() for item in items]
    if names == ["all"]:
        return ()
    if not names or "" in names or "all" in names or len(set(names)) < len(names):
        raise ValueError("a comma list of exchanges, each once, or all by itself")
    return tuple(names)


def _upstream(value: Any) -> str:
    text = _text(value).rstrip("/")
    try:
        port = urlsplit(text).port
    except ValueError:
        port = 0
    if port == 0 or not ADDRESS.fullmatch(text):
        raise ValueError("an address such as http://127.0.0.1:9100")
    return text


SETTINGS = (
    Setting("database", ("FUNDING_DATABASE",), _path, Path("funding.db"), "The SQLite file."),
    Setting("host", ("FUNDING_HOST",), _host, "127.0.0.1", "Address that the API listens on."),
    Setting("port", ("FUNDING_PORT", "PORT"), _whole(0, 65535), 8083, "Port that the API listens on; 0: any free one."),
    Setting("exchanges", ("FUNDING_EXCHANGES",), _names, (), "Exchanges to collect: a comma list, or all."),
    Setting(
        "interval_seconds", ("FUNDING_INTERVAL_SECONDS",), _whole(1, 86_400), 300, "Seconds from one cycle to the next."
    ),
    Setting(
        "upstream",
        ("FUNDING_UPSTREAM",),
        _upstream,
        None,
        "Address that gets every request to an exchange, as <upstream>/<host><path>.",
    ),
)
NAMES = tuple(setting.name for setting in SETTINGS)


def resolve(
    flags: Mapping[str, str | None], environ: Mapping[str, str], file: str | None
) -> tuple[Config, list[Origin]]:
    """The settings by flag, environment, TOML file, default, in that order, and where each came from.

    `flags`: name → text, None where it was not given; an empty environment variable counts as not given. `file`: the
    path that the command line gave for FUNDING_CONFIG. Raises SettingError that names the setting.
    """
    _refuse_slips(environ)
    path, table = _read_file(file, environ)
    origins = [_origin(setting, flags, environ, path, table) for setting in SETTINGS]
    config = Config(**{origin.setting.name: origin.value for origin in origins})
    _refuse_contradictions(config)
    return config, origins


def _origin(
    setting: Setting, flags: Mapping[str, str | None], environ: Mapping[str, str], path: str, table: Mapping[str, Any]
) -> Origin:
    if (given := flags.get(setting.name)) is not None:
        return _converted(setting, given, setting.flag)
    for variable in setting.variables:
        if environ.get(variable):
            return _converted(setting, environ[variable], variable)
    if setting.name in table:
        return _converted(setting, table[setting.name], path)
    return Origin(setting, setting.default, "default")


def _converted(setting: Setting, given: Any, source: str) -> Origin:
    try:
        return Origin(setting, setting.convert(given), source)
    except ValueError as error:
        name = source if source in (setting.flag, *setting.variables) else f"{source}: {setting.name}"
        raise SettingError(f"{name} is {error}, not {given!r:.80}") from error


def _read_file(given: str | None, environ: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The TOML file's path and its keys. The default one need not be there; one that was asked for must be."""
    asked = given or environ.get(FILE_VARIABLE)
    path = asked or FILE
    try:
        table = _parsed(Path(path).read_text("utf-8"))
    except FileNotFoundError as error:
        if asked:
            raise SettingError(f"{path}: there is no such settings file") from error
        return path, {}
    except OSError as error:
        raise SettingError(f"{path}: the settings file cannot be read: {error.strerror}") from error
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
        raise SettingError(f"{path}: not TOML: {error}") from error
    for key in table:
        if key not in NAMES:
            raise SettingError(f"{path}: {key} is not a setting{near(key, NAMES)}")
    return path, table


def _parsed(text: str) -> dict[str, Any]:
    import tomllib  # 8 ms of a start, which most do without

    return tomllib.loads(text)


def _refuse_slips(environ: Mapping[str, str]) -> None:
    """A name that is nearly a setting's is a slip. Others that begin alike may be anybody's: container platforms set some."""
    known = [FILE_VARIABLE, *(variable for setting in SETTINGS for variable in setting.variables)]
    ends = {name.removeprefix(PREFIX): name for name in known if name.startswith(PREFIX)}
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            for end in nearest(name.removeprefix(PREFIX), ends, cutoff=0.65)[:1]:
                raise SettingError(f"{name} is not a setting; did you mean {ends[end]}?")


def _refuse_contradictions(config: Config) -> None:
    if config.upstream is None:
        return
    parts = urlsplit(config.upstream)
    same_host = parts.hostname == config.host or {parts.hostname, config.host} <= set(LOOPBACK)
    if same_host and parts.port == config.port:
        raise SettingError(f"upstream {config.upstream} is this program's own address: give another upstream or port")


def near(word: str, known: Iterable[str]) -> str:
    """ "; did you mean okx?" with the nearest of the known names, or nothing."""
    found = nearest(word, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """The known names that look like the word, whatever the case, best first; three at most."""
    import difflib  # only mistakes need it

    names = {name.lower(): name for name in known}
    return [names[name] for name in difflib.get_close_matches(word[:80].lower(), names, n=3, cutoff=cutoff)]
