"""The settings table and what it comes to: one frozen Config. Is given flags and environment; reads neither itself."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from funding.errors import SettingError
from funding.written import Written, written

ADDRESS = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d+)?(/[\w./~-]*)?")
CHAT = re.compile(r"-?\d{1,20}|@[A-Za-z]\w{3,31}", re.ASCII)
SHORTEST_KEY = 16
GREATEST_FEE_PCT = 10.0
FILE = "funding.toml"
FILE_VARIABLE = "FUNDING_CONFIG"
PREFIX = "FUNDING_"
UNIX = "unix:"  # before the path of a socket
FILE_ENDING = "_FILE"  # TELEGRAM_BOT_TOKEN_FILE names the file that holds what TELEGRAM_BOT_TOKEN would
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # where systemd puts what a unit's LoadCredential= names
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")  # noqa: S104  compared, not bound


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that no log, table or traceback may show: `value` is for the one that sends it."""

    value: str

    def __repr__(self) -> str:
        return "(set, not shown)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every setting, converted. Built by `resolve`."""

    database: Path
    host: str
    port: int
    exchanges: tuple[str, ...]  # () = all
    interval_seconds: int
    upstream: str | None
    backups: Path
    limit_free: int
    limit_paid: int
    limit_pro: int
    trusted_proxy: tuple[IPv4Network | IPv6Network, ...] | None
    fees: tuple[tuple[str, float], ...]  # exchange, your own taker fee in per cent per fill
    public_url: str | None
    security_contact: str | None
    telegram_bot_token: Secret | None
    telegram_chat_id: tuple[str, ...] | None
    telegram_url: str
    webhook_url: Secret | None
    webhook_secret: Secret | None
    dead_man_url: Secret | None
    rules: tuple[Written, ...] = field(default=(), repr=False)  # from the settings file alone

    @property
    def tells_somebody(self) -> bool:
        """Whether the watch has anything to do: somebody to tell, or to ping."""
        return bool(self.telegram_bot_token or self.telegram_chat_id or self.webhook_url or self.dead_man_url)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `convert` takes text or a TOML value and raises ValueError with what is allowed.

    `handed`: may also be given by <variable>_FILE or as a systemd credential of its name. `secret`: in no other way but
    these and the variable, since a command line and a settings file are read by many.
    """

    name: str  # of the field and the TOML key; with hyphens the flag
    variables: tuple[str, ...]  # the first one that is set counts
    convert: Callable[[Any], Any]
    default: Any
    sentence: str
    handed: bool = False
    secret: bool = False

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting's value comes from, as `funding config show` says it."""

    setting: Setting
    value: Any
    source: str


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("a line of text")
    return value.strip()


def _path(value: Any) -> Path:
    return Path(_text(value))


def _host(value: Any) -> str:
    if not re.fullmatch(rf"(?!{UNIX})[\w.:%-]+|{UNIX}/.+", host := _text(value)):
        raise ValueError("a host name or address without port, such as 127.0.0.1 or ::1, or unix:/a/path")
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


def _contact(value: Any) -> str:
    if not re.fullmatch(r"https://[\x21-\x7e]+|mailto:[^\s@]+@[^\s@]+", text := _text(value)):
        raise ValueError("mailto: and an address, or an https:// page")
    return text


def _networks(value: Any) -> tuple[IPv4Network | IPv6Network, ...]:
    items = value.split(",") if isinstance(value, str) else value
    try:
        return tuple(ip_network(_text(item)) for item in items)
    except (TypeError, ValueError):
        raise ValueError("a comma list of addresses and networks, such as 127.0.0.1, 10.0.0.0/8") from None


def _token(value: Any) -> Secret:
    if not re.fullmatch(r"\d{3,20}:[\w-]{10,100}", str(value).strip(), re.ASCII):
        raise ValueError("a bot's token as BotFather gives it, such as 123456789:AAE-x…")
    return Secret(value.strip())


def _chats(value: Any) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    chats = [str(item).strip() for item in items] if isinstance(items, list) else []
    if not chats or len(set(chats)) < len(chats) or not all(CHAT.fullmatch(chat) for chat in chats):
        raise ValueError("a comma list of chats, each once: numbers such as -1001234567890, or @channel")
    return tuple(chats)


def _address(value: Any) -> Secret:
    """Its path or query is often the key to it, so all of it is taken for a secret."""
    text = _text(value)
    if not re.fullmatch(r"https?://[^\s/?#@]+([/?][\x21-\x7e]*)?", text):
        raise ValueError("an address such as https://example.org/path")
    return Secret(text)


def _key(value: Any) -> Secret:
    if len(text := _text(value)) < SHORTEST_KEY:
        raise ValueError(f"a line of at least {SHORTEST_KEY} letters")
    return Secret(text)


def _fees(value: Any) -> tuple[tuple[str, float], ...]:
    """ "okx:0.04,bybit:0.05", or a TOML table of the same."""
    wrong = ValueError(f"exchange:per cent, each up to {GREATEST_FEE_PCT:g}, such as okx:0.04,bybit:0.05")
    items = [part.partition(":")[::2] for part in value.split(",")] if isinstance(value, str) else value
    try:
        found = {str(name).strip(): float(pct) for name, pct in (items.items() if isinstance(items, dict) else items)}
    except (TypeError, ValueError):
        raise wrong from None
    if not all(name and 0 <= pct <= GREATEST_FEE_PCT for name, pct in found.items()):
        raise wrong
    return tuple(sorted(found.items()))


MOST_REQUESTS = 1_000_000
SETTINGS = (
    Setting("database", ("FUNDING_DATABASE",), _path, Path("funding.db"), "The SQLite file."),
    Setting("host", ("FUNDING_HOST",), _host, "127.0.0.1", "Address that the API listens on, or unix:/path/of/a.sock."),
    Setting("port", ("FUNDING_PORT", "PORT"), _whole(0, 65535), 8083, "Port that the API listens on; 0: any free one."),
    Setting("exchanges", ("FUNDING_EXCHANGES",), _names, (), "Exchanges to collect: a comma list, or all."),
    Setting(
        "interval_seconds", ("FUNDING_INTERVAL_SECONDS",), _whole(1, 86_400), 300, "Seconds from one cycle to the next."
    ),
    Setting(
        "upstream", ("FUNDING_UPSTREAM",), _upstream, None,
        "Address that gets every request to an exchange, as <upstream>/<host><path>.",
    ),
    Setting("backups", ("FUNDING_BACKUPS",), _path, Path("backups"), "The folder of the backups."),
    Setting(
        "limit_free", ("FUNDING_LIMIT_FREE",), _whole(0, MOST_REQUESTS), 60,
        "Requests a minute from an address without a key; 0: no limit.",
    ),
    Setting(
        "limit_paid", ("FUNDING_LIMIT_PAID",), _whole(0, MOST_REQUESTS), 600,
        "Requests a minute with a paid key; 0: no limit.",
    ),
    Setting(
        "limit_pro", ("FUNDING_LIMIT_PRO",), _whole(0, MOST_REQUESTS), 3000,
        "Requests a minute with a pro key; 0: no limit.",
    ),
    Setting(
        "trusted_proxy", ("FUNDING_TRUSTED_PROXY",), _networks, None,
        "Addresses and networks of proxies whose X-Forwarded-For is believed: a comma list.",
    ),
    Setting(
        "fees", ("FUNDING_FEES",), _fees, (),
        "Your own taker fees in per cent per fill, as okx:0.04,bybit:0.05; the others are the dated table's.",
    ),
    Setting(
        "public_url", ("FUNDING_PUBLIC_URL",), _upstream, None,
        "Address under which the API is reached from outside; the watch looks at it and at its certificate.",
    ),
    Setting(
        "security_contact", ("FUNDING_SECURITY_CONTACT",), _contact, None,
        "Whom to tell of a weakness, for /.well-known/security.txt: mailto: or https://; without it security@ the host.",
    ),
    Setting(
        "telegram_bot_token", ("TELEGRAM_BOT_TOKEN",), _token, None,
        "The Telegram bot that sends alerts.", handed=True, secret=True,
    ),
    Setting(
        "telegram_chat_id", ("TELEGRAM_CHAT_ID",), _chats, None,
        "Who gets them: a comma list of chats and @channels.", handed=True,
    ),
    Setting(
        "telegram_url", ("FUNDING_TELEGRAM_URL",), _upstream, "https://api.telegram.org",
        "Another server of the Bot API.",
    ),
    Setting(
        "webhook_url", ("FUNDING_WEBHOOK_URL",), _address, None,
        "Address that gets every alert as JSON.", handed=True, secret=True,
    ),
    Setting(
        "webhook_secret", ("FUNDING_WEBHOOK_SECRET",), _key, None,
        "Key of the signature (HMAC-SHA256) that the webhook gets.", handed=True, secret=True,
    ),
    Setting(
        "dead_man_url", ("FUNDING_DEAD_MAN_URL",), _address, None,
        "Address that is asked every minute while alerts work; who answers there says when it no longer is.",
        handed=True, secret=True,
    ),
)  # fmt: skip
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
    config = Config(**{origin.setting.name: origin.value for origin in origins}, rules=written(path, table))
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
    for source, file in _files(setting, environ):
        if text := _contents(source, file):
            return _converted(setting, text, source)
    if setting.name in table:
        if setting.secret:
            words = f"{setting.variables[0]}, {setting.variables[0]}{FILE_ENDING} or a systemd credential"
            raise SettingError(f"{path}: {setting.name} is a secret and not kept in the settings file: give {words}")
        return _converted(setting, table[setting.name], path)
    return Origin(setting, setting.default, "default")


def _files(setting: Setting, environ: Mapping[str, str]) -> list[tuple[str, Path]]:
    """The files that may hold it, and how each is named. A unit names credentials that need not be there."""
    if not setting.handed:
        return []
    named = [f"{variable}{FILE_ENDING}" for variable in setting.variables]
    found = [(name, Path(environ[name])) for name in named if environ.get(name)]
    if environ.get(CREDENTIALS) and (credential := Path(environ[CREDENTIALS], setting.name)).exists():
        found.append((f"credential {setting.name}", credential))
    return found


def _contents(source: str, file: Path) -> str:
    """Raises SettingError that names the file, and never what is in it."""
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "not text"
        raise SettingError(f"{source}: {file} cannot be read: {words}") from None


def _converted(setting: Setting, given: Any, source: str) -> Origin:
    try:
        return Origin(setting, setting.convert(given), source)
    except ValueError as error:
        is_named = source.startswith((setting.flag, *setting.variables, "credential "))
        name = source if is_named else f"{source}: {setting.name}"
        if setting.secret:
            raise SettingError(f"{name} is {error}; what it is now is not shown") from None
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
        if key not in (*NAMES, "alerts"):
            raise SettingError(f"{path}: {key} is not a setting{near(key, (*NAMES, 'alerts'))}")
    return path, table


def _parsed(text: str) -> dict[str, Any]:
    import tomllib  # 8 ms of a start, which most do without

    return tomllib.loads(text)


def _refuse_slips(environ: Mapping[str, str]) -> None:
    """A name that is nearly a setting's is a slip. Others that begin alike may be anybody's: container platforms set some."""
    known = [FILE_VARIABLE, *(variable for setting in SETTINGS for variable in setting.variables)]
    known += [f"{variable}{FILE_ENDING}" for setting in SETTINGS if setting.handed for variable in setting.variables]
    ends = {name.removeprefix(PREFIX): name for name in known if name.startswith(PREFIX)}
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            for end in nearest(name.removeprefix(PREFIX), ends, cutoff=0.65)[:1]:
                raise SettingError(f"{name} is not a setting; did you mean {ends[end]}?")


def _refuse_contradictions(config: Config) -> None:
    if config.webhook_url is not None and config.webhook_secret is None:
        raise SettingError("webhook_url is set and webhook_secret is not: what it gets must be signed")
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
