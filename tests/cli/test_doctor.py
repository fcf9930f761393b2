"""`funding doctor`: each check, and the code that it comes to."""

import json
import os
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from funding.cli.database import held
from tests.api.stored import Stored, rate
from tests.cli.conftest import Call
from tests.programs import Program
from tests.servers import Answer, Server

DATABASE = Path("funding.db")


@pytest.fixture
def exchanges(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An upstream that stands for Kraken, and knows what time it is."""
    with Server({"/futures.kraken.com/": at(time.time())}, tls=None) as server:
        monkeypatch.setenv("FUNDING_UPSTREAM", server.url)
        monkeypatch.setenv("FUNDING_EXCHANGES", "kraken")
        monkeypatch.setenv("FUNDING_PORT", "0")
        yield server


def at(moment: float) -> Answer:
    return Answer(404, headers={"Date": formatdate(moment, usegmt=True)})


def found(funding: Call, *words: object) -> dict[str, tuple[str, str, str]]:
    """Check → level, words, what to do."""
    findings = json.loads(funding("doctor", "--json", *words).out)["findings"]
    return {one["check"]: (one["level"], one["words"], one["todo"]) for one in findings}


def test_a_machine_on_which_all_is_well_is_a_line_a_check_and_code_0(exchanges: Server, funding: Call) -> None:
    funding("migrate")
    said = funding("doctor")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[:2] for line in said.lines] == [
        ["ok", check] for check in ("settings", "database", "collector", "disk", "port", "alerts", "exchanges", "clock")
    ]
    assert said.lines[0] == "  ok    settings   usable; 1 exchanges, every 300 s"
    assert said.lines[1].startswith("  ok    database   funding.db: schema ")
    assert said.lines[1].endswith(" kB, sound")
    assert said.lines[5].startswith("  ok    alerts     alerts are off: neither TELEGRAM_BOT_TOKEN")
    assert said.lines[6].endswith(f"{exchanges.url}, which stands for them, answers")
    assert exchanges.targets() == ["/futures.kraken.com/"]


def test_as_json_it_is_one_object_with_the_hosts(exchanges: Server, funding: Call) -> None:
    said = json.loads(funding("doctor", "--json").out)
    assert said["ok"] is True
    assert [(host["host"], host["exchanges"], host["ok"]) for host in said["hosts"]] == [
        ("futures.kraken.com", ["kraken"], True)
    ]


def test_what_has_not_been_made_yet_is_no_failure_and_the_doctor_makes_nothing(
    exchanges: Server, funding: Call
) -> None:
    said = funding("doctor")
    assert said.code == 0
    assert said.lines[1:3] == [
        "  warn  database   funding.db: there is none yet",
        "                   → `funding run` or `funding migrate` makes it",
    ]
    assert list(Path().iterdir()) == []


def test_a_setting_that_is_wrong_is_the_only_thing_that_is_said(exchanges: Server, funding: Call) -> None:
    said = funding("doctor", "--exchanges", "krakn")
    assert said.code == 1
    assert said.lines == [
        "  fail  settings   krakn is not an exchange; did you mean kraken?",
        "                   → mend it and ask again: the rest was not looked at",
    ]
    assert exchanges.seen == []


# Database and collector


def test_a_database_that_is_not_ours_is_a_failure(exchanges: Server, funding: Call) -> None:
    with closing(sqlite3.connect(DATABASE)) as conn:
        conn.execute("CREATE TABLE theirs (a)")
    assert funding("doctor").code == 1
    level, words, _ = found(funding)["database"]
    assert (level, words.partition(" (")[0]) == ("fail", "funding.db: this is another program's database")


def test_a_database_that_is_damaged_is_a_failure(exchanges: Server, funding: Call) -> None:
    with Stored(DATABASE) as stored:
        stored.three_exchanges()
        stored.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with DATABASE.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4096))
    level, words, _ = found(funding)["database"]
    assert level == "fail"
    assert "corrupt" in words


def test_a_database_that_is_behind_says_how_to_bring_it_up(exchanges: Server, funding: Call) -> None:
    funding("migrate")
    with closing(sqlite3.connect(DATABASE)) as conn, conn:
        conn.execute("UPDATE schema_number SET schema = 1, writable_from = 1")
    level, words, _ = found(funding)["database"]
    assert level == "fail"
    assert words.endswith("run `funding migrate`")


def test_a_folder_that_is_not_there_is_a_failure(exchanges: Server, funding: Call) -> None:
    level, words, todo = found(funding, "--database", "gone/funding.db")["database"]
    assert (level, todo) == ("fail", "make it, or give another --database")
    assert words.endswith("/gone is not there")


def test_it_is_said_who_collects_and_that_does_not_disturb_him(exchanges: Server, funding: Call) -> None:
    now = int(time.time())
    with Stored(DATABASE) as stored:
        stored.declare("okx")
        stored.good("okx", rate("BTC-USDT-SWAP", "BTC", observed_at=now - 70), at=now - 75)
        state, words, *_ = found(funding)["collector"]
        assert state == "ok"
        assert re.fullmatch(r"nobody is collecting; the last run was 1m[123]\ds ago", words)
        with held(DATABASE):
            state, words, *_ = found(funding)["collector"]
            assert state == "ok"
            assert re.fullmatch(rf"process {os.getpid()} is collecting; the last run was 1m[123]\ds ago", words)
            level, words, todo = found(funding, "--interval-seconds", 20)["collector"]
        assert (level, todo) == ("warn", "see its log, or start it anew")
        assert re.fullmatch(rf"process {os.getpid()} holds the database, but the last run was 1m[123]\ds ago", words)


# Port


def test_a_port_that_nobody_has_is_free(exchanges: Server, funding: Call) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held_until_now:
        number = held_until_now.getsockname()[1]
    assert found(funding, "--port", number)["port"] == ("ok", f"127.0.0.1 port {number} is free", "")


def test_a_port_that_another_program_has_is_a_failure(exchanges: Server, funding: Call) -> None:
    with Server({"/api/health": Answer(body=b'{"ok": true}')}, tls=None) as other:
        assert funding("doctor", "--port", other.port).code == 1
        level, words, _ = found(funding, "--port", other.port)["port"]
        assert (level, words) == ("fail", f"127.0.0.1 port {other.port} is taken by another program")


def test_a_port_that_this_service_has_is_well(exchanges: Server, funding: Call, tmp_path: Path) -> None:
    with Program(tmp_path, "serve", FUNDING_PORT=0) as server:
        number = server.url.rpartition(":")[2]
        assert found(funding, "--port", number)["port"][:2] == (
            "ok",
            f"127.0.0.1 port {number} is served by Funding Finder",
        )


def test_an_address_of_another_machine_is_a_failure(exchanges: Server, funding: Call) -> None:
    level, words, _ = found(funding, "--host", "192.0.2.1", "--port", 8083)["port"]
    assert (level, words.partition(":")[0]) == ("fail", "192.0.2.1 port 8083 cannot be listened on")


# Exchanges and clock


def test_exchanges_that_cannot_be_reached_are_code_4_if_all_else_is_well(exchanges: Server, funding: Call) -> None:
    exchanges.script["/futures.kraken.com/"] = Answer(reset=True)
    said = funding("doctor")
    assert said.code == 4
    assert f"futures.kraken.com (through localhost:{exchanges.port}): closed the connection" in said.out
    assert found(funding)["clock"][0] == "warn"
    assert funding("doctor", "--database", "gone/funding.db").code == 1


@pytest.mark.parametrize(
    ("ahead", "level", "code", "words"),
    [(0, "ok", 0, ""), (10, "warn", 0, " ahead of the other one"), (-3600, "fail", 1, " behind the other one")],
)
def test_the_clock_is_compared_with_theirs(
    ahead: float, level: str, code: int, words: str, exchanges: Server, funding: Call
) -> None:
    exchanges.script["/futures.kraken.com/"] = lambda seen: at(time.time() - ahead)
    clock: Any = found(funding)["clock"]
    assert clock[0] == level
    assert clock[1].endswith(words)
    assert abs(float(clock[1].split()[0]) - abs(ahead)) <= 1.5
    assert funding("doctor").code == code
