"""Builds what sends and watches: the channels that the settings name, the rules, the watch."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from funding.adapter import load
from funding.alerts.delivery import Channel
from funding.alerts.gather import OutsideClock
from funding.alerts.rules import Rule, read_rules
from funding.alerts.telegram import Telegram
from funding.alerts.watch import Plan, Watch
from funding.alerts.webhook import Webhook, host_of
from funding.analysis.fees import Fees
from funding.assets import canonical
from funding.cli.finding import FAIL, OK, WARN, Finding
from funding.config import Config
from funding.connections import Limits
from funding.errors import FundingError, SettingError
from funding.fetch import Fetcher
from funding.store.open import reader
from funding.store.outbox import select_undelivered

OFF = "alerts are off: neither TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID nor FUNDING_WEBHOOK_URL is set"
LIMITS = Limits(
    connect_seconds=4, answer_seconds=8, body_bytes=1 << 20
)  # one slow receiver must not hold up the others
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Channels:
    """Who is told, and how. `recipients`: channel, recipient."""

    by_name: dict[str, Channel] = field(default_factory=dict)
    recipients: tuple[tuple[str, str], ...] = ()


def rules_of(config: Config) -> tuple[Rule, ...]:
    """Raises SettingError that names the line."""
    return read_rules(config.rules, canonical, load()) if config.rules else ()


def check(config: Config) -> None:
    """Whether alerts can work with these settings, or are off. Raises SettingError."""
    rules = rules_of(config)
    if (config.telegram_bot_token is None) != (config.telegram_chat_id is None):
        given, missing = "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"
        given, missing = (missing, given) if config.telegram_bot_token is None else (given, missing)
        raise SettingError(f"{given} is set and {missing} is not: a bot needs both, or neither")
    names = {
        name for name, is_set in (("telegram", config.telegram_chat_id), ("webhook", config.webhook_url)) if is_set
    }
    for rule in rules:
        if names and rule.channel not in ("all", *names):
            raise SettingError(f"rule {rule.name}: its channel, {rule.channel}, is not set up")


def standing(config: Config) -> str:
    """How alerts are set up, in words. Raises SettingError."""
    check(config)
    rules = f"{len(config.rules)} rule{'' if len(config.rules) == 1 else 's'}"
    said = [f"Telegram to {', '.join(config.telegram_chat_id)}"] if config.telegram_chat_id else []
    said += [f"webhook to {host_of(config.webhook_url.value)}"] if config.webhook_url else []
    return f"alerts by {' and '.join(said)}; {rules}" if said else OFF


def finding(config: Config) -> Finding:
    """For the doctor: whether anybody is told, and whether the last messages arrived."""
    try:
        words = standing(config)
    except SettingError as error:
        return Finding("alerts", FAIL, str(error), "funding config check")
    if not config.tells_somebody:
        return Finding("alerts", OK, f"{words}; docs/alerts.md tells how, in two minutes")
    try:
        with closing(reader(config.database)) as conn:
            failed = [f"{row['channel']} to {row['recipient']}: {row['error']}" for row in select_undelivered(conn)]
    except FundingError:  # the database has a line of its own
        failed = []
    if failed:
        return Finding(
            "alerts", WARN, f"{words}; the last message did not arrive: {'; '.join(failed)}", "funding alerts test"
        )
    return Finding("alerts", OK, words)


@contextmanager
def outside() -> Iterator[tuple[OutsideClock, Fetcher]]:
    """The way to the receivers of alerts, which the owner named himself."""
    fetcher = Fetcher(plain=True, limits=LIMITS)
    try:
        yield OutsideClock(fetcher.fetch), fetcher
    finally:
        fetcher.close()


def channels(config: Config, fetch: OutsideClock) -> Channels:
    """Raises SettingError."""
    check(config)
    found = Channels()
    recipients: list[tuple[str, str]] = []
    if config.telegram_bot_token is not None and config.telegram_chat_id is not None:
        found.by_name["telegram"] = Telegram(fetch, config.telegram_bot_token.value, config.telegram_url)
        recipients += [("telegram", chat) for chat in config.telegram_chat_id]
    if config.webhook_url is not None and config.webhook_secret is not None:
        found.by_name["webhook"] = Webhook(fetch, config.webhook_url.value, config.webhook_secret.value, time.time)
        recipients.append(("webhook", host_of(config.webhook_url.value)))
    return Channels(found.by_name, tuple(recipients))


@contextmanager
def watching(config: Config, stop: threading.Event) -> Iterator[Watch]:
    """The watch of these settings. Raises SettingError."""
    with outside() as (clock, fetcher):
        told = channels(config, clock)
        plan = Plan(
            database=config.database,
            backups=config.backups,
            interval_seconds=config.interval_seconds,
            rules=rules_of(config),
            channels=told.by_name,
            recipients=told.recipients,
            fees=Fees(dict(config.fees)),
            public_url=config.public_url,
            dead_man_url=config.dead_man_url.value if config.dead_man_url else None,
        )
        yield Watch(plan, clock, fetcher.fetch, sleep=stop.wait)


@contextmanager
def watched(config: Config) -> Iterator[None]:
    """The watch in a thread of its own. Raises SettingError."""
    stop = threading.Event()
    with watching(config, stop) as watch:
        thread = threading.Thread(target=watch.forever, args=(stop,), name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(STOP_SECONDS)
