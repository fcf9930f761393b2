"""Who may import whom. The straight line has two halves that meet only in the database."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "funding"
DOMAIN = {"rate", "errors", "values", "assets"}
FILES = sorted(ROOT.rglob("*.py"))


def modules_of(path: Path) -> set[str]:
    """What of ours a file imports, as dotted names without the package's own: "store.open", "rate", "exchanges._mexc"."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return {name.removeprefix("funding.") for name in found if name.startswith("funding.")}


def standard_of(path: Path) -> set[str]:
    """The top-level modules that are not ours."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in modules_of(path)}


def inside(folder: str) -> list[Path]:
    return [path for path in FILES if path.is_relative_to(ROOT / folder)]


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [ROOT / f"{name}.py" for name in sorted(DOMAIN)], ids=ids)
def test_the_domain_imports_nothing_of_ours_but_itself(path):
    assert tops(path) <= DOMAIN


@pytest.mark.parametrize("path", inside("exchanges"), ids=ids)
def test_an_exchange_knows_the_contract_and_no_machinery(path):
    dialects = {name for name in modules_of(path) if name.startswith("exchanges.")}
    assert tops(path) <= {"adapter", "rate", "values", "errors", "exchanges"}
    assert all(name.split(".")[1].startswith("_") for name in dialects), "an exchange never imports another exchange"
    assert not standard_of(path) & {"time", "os", "logging", "socket", "urllib", "datetime", "random", "threading"}


@pytest.mark.parametrize("path", [*inside("api"), *inside("analysis")], ids=ids)
def test_the_serving_half_knows_nothing_of_collecting(path):
    assert not tops(path) & {
        "adapter",
        "exchanges",
        "fetch",
        "pace",
        "fanout",
        "collect",
        "schedule",
        "record",
        "replay",
    }


@pytest.mark.parametrize("path", inside("alerts"), ids=ids)
def test_alerts_are_given_what_fetches_and_know_no_exchange(path):
    assert not tops(path) & {"adapter", "exchanges", "fetch", "pace", "fanout", "collect", "schedule", "topup", "api"}


def test_who_asks_for_history_knows_no_database_and_who_stores_it_no_network():
    network = {"fetch", "connections", "pace", "fanout", "message"}
    assert not tops(ROOT / "backfill.py") & {"store", "ledger", "topup"}
    assert not tops(ROOT / "ledger.py") & network
    assert not tops(ROOT / "topup.py") & network


@pytest.mark.parametrize("path", inside("store"), ids=ids)
def test_the_store_knows_the_data_and_neither_half(path):
    assert tops(path) <= DOMAIN | {"outcome", "store"}


@pytest.mark.parametrize("path", inside("analysis"), ids=ids)
def test_analysis_is_pure(path):
    assert tops(path) <= DOMAIN | {"analysis"}
    assert not standard_of(path) & {"time", "os", "sqlite3", "socket", "threading", "logging"}


HALF = ("fetch", "connections", "http1", "pace", "fanout", "collect", "complete", "reading", "record", "schedule")
COLLECTING = [ROOT / f"{name}.py" for name in HALF]


@pytest.mark.parametrize("path", COLLECTING, ids=ids)
def test_the_collecting_half_knows_nothing_of_serving(path):
    assert not tops(path) & {"api", "analysis", "bottle", "waitress"}
    assert not standard_of(path) & {"bottle", "waitress"}


@pytest.mark.parametrize("path", [path for path in FILES if not path.is_relative_to(ROOT / "cli")], ids=ids)
def test_nobody_imports_the_command_line(path):
    if path.name != "__main__.py":
        assert "cli" not in tops(path)


@pytest.mark.parametrize("path", [path for path in FILES if not path.is_relative_to(ROOT / "cli")], ids=ids)
def test_only_the_command_line_reads_the_environment(path):
    text = path.read_text("utf-8")
    assert "os.environ" not in text
    assert "getenv" not in text


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_only_fetch_opens_outgoing_connections(path):
    opens = standard_of(path) & {"http", "ssl"} and "http.client" in path.read_text("utf-8")
    assert not opens or path.name in ("fetch.py", "connections.py")


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_every_file_says_what_it_is_for_and_stays_under_four_hundred_lines(path):
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)) or not text
    assert len(text.splitlines()) <= 400


def test_sql_is_written_in_the_store_alone():
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "PRAGMA ")
    elsewhere = [ids(path) for path in FILES if not path.is_relative_to(ROOT / "store")
                 if any(word in path.read_text("utf-8") for word in words)]  # fmt: skip
    assert elsewhere == []
