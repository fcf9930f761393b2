"""The dashboard's files as they are served. Needs no browser."""

import gzip
import hashlib
import re
import warnings
from pathlib import Path

import pytest

from funding.api.app import make_app
from funding.api.context import Settings
from funding.api.front import page
from funding.api.web import FOLDER, files, get_file

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # webob still imports the standard library's cgi
    from webtest import TestApp

MOST_BYTES = 120 * 1024
VENDORED = [*(path.parent for path in FOLDER.rglob("SHA256SUMS")), Path(__file__).parent / "vendor"]
APART = (FOLDER / "docs", FOLDER / "vendor" / "swagger-ui")  # the page of the API, which the dashboard does not load
SHIPPED = [
    path
    for path in FOLDER.rglob("*")
    if path.suffix in (".html", ".css", ".js") and not any(path.is_relative_to(folder) for folder in APART)
]
PAIR = {
    "asset": "<script>alert(1)</script>",
    "short": {"exchange": "okx", "symbol": "A&B", "annualized_pct": 12.5},
    "long": {"exchange": "gate", "symbol": '"x"', "annualized_pct": -3.25},
    "spread_8h_pct": 0.0144,
    "net_annualized_pct": -1.5,
    "breakeven_hours": None,
    "min_open_interest_usd": 1_234_567.0,
}


@pytest.fixture
def app(tmp_path: Path) -> TestApp:
    return TestApp(make_app(Settings(database=tmp_path / "funding.db")))


def test_all_of_it_stays_under_120_kilobytes_compressed() -> None:
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in SHIPPED) <= MOST_BYTES


@pytest.mark.parametrize("folder", VENDORED, ids=str)
def test_what_is_vendored_is_what_was_released(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in map(str.split, lines)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert found == sums
    assert "LICENSE" in found


def test_the_page_is_served_before_there_are_any_data(app: TestApp) -> None:
    answer = app.get("/")
    assert answer.content_type == "text/html"
    assert "There are no pairs yet." in answer.text


def test_the_policy_lets_in_the_pages_own_files_and_nothing_unsafe(app: TestApp) -> None:
    policies = app.get("/").headers.getall("Content-Security-Policy")
    assert len(policies) == 1
    assert "unsafe" not in policies[0]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policies[0]


def test_the_page_has_no_script_or_style_within(app: TestApp) -> None:
    text = app.get("/").text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", text) == []


def test_every_file_that_the_page_names_is_there_and_may_be_kept_for_a_year(app: TestApp) -> None:
    names = re.findall(r'(?:src|href)="(/static/[^"]+)"', app.get("/").text)
    assert len(names) > 10
    for name in names:
        assert app.get(name).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_is_served_compressed_where_that_is_understood() -> None:
    content = (FOLDER / "main.js").read_bytes()
    compressed, plain = get_file(files().version, "main.js", "gzip"), get_file(files().version, "main.js", "")
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.body) == content
    assert b"".join(plain.body) == content


@pytest.mark.parametrize("name", ["/static/0123456789ab/main.js", "/static/{}/no.js", "/static/{}/../api/web.py"])
def test_another_release_or_another_folder_is_not_found(app: TestApp, name: str) -> None:
    answer = app.get(name.format(files().version), status=404)
    assert answer.content_type == "application/problem+json"


def test_an_unchanged_page_is_answered_without_a_body(app: TestApp) -> None:
    tag = app.get("/").headers["ETag"]
    assert app.get("/", headers={"If-None-Match": tag}, status=304).body == b""


def test_without_scripts_what_exchanges_say_is_escaped() -> None:
    text = page([PAIR])
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "gate &quot;x&quot; −3.25%" in text
    assert "<td>–</td><td>$1,234,567</td>" in text


def test_without_scripts_there_are_twenty_pairs_at_most() -> None:
    assert page([PAIR] * 30).count("okx A&amp;B") == 20


CSS = (FOLDER / "style.css").read_text("utf-8")
THEMES = re.findall(r"^ *:root(?:\[data-theme=\"\w+\"\])? \{(.*?)^ *\}", CSS, re.DOTALL | re.MULTILINE)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES[:3], ids=["light", "dark", "auto"])
def test_every_step_of_the_colours_is_readable(theme: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", theme))
    steps = [f"{side}{step}" for side in "pn" for step in range(1, 5)]
    pairs = [(f"{step}-text", step) for step in steps] + [("z-text", "ground")]
    pairs += [(text, ground) for text in ("text", "soft", "warn") for ground in ("ground", "raised")]
    found = {(text, ground): contrast(colours[text], colours[ground]) for text, ground in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}


def test_the_dark_colours_are_the_same_by_choice_and_by_the_systems_wish() -> None:
    chosen, wished = (re.sub(r"\s+", " ", theme).strip() for theme in THEMES[1:3])
    assert chosen == wished
