"""The pages stay true: what they list exists, and nothing that exists is missing."""

import re
from pathlib import Path

import pytest

from docs.tables import PAGES, with_tables
from funding.__main__ import COMMANDS
from funding.adapter import load
from funding.api.routes import ROUTES
from funding.config import FILE_VARIABLE, SETTINGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TEXTS = {path.name: path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]}


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_of_a_page_are_those_that_the_code_makes(page):
    text = (ROOT / page).read_text("utf-8")
    assert text == with_tables(text), f"{page} is behind the code: python -m docs.tables"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"`{command}`" in README or f"funding {command}" in README


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_route_is_in_the_readme(route):
    assert f"`{route.path}`" in README


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme(setting):
    assert all(f"`{variable}`" in README for variable in setting.variables)


@pytest.mark.parametrize("name", load())
def test_every_exchange_is_in_the_readme(name):
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("page", TEXTS)
def test_what_a_page_names_exists(page):
    text = TEXTS[page]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    variables = {name for setting in SETTINGS for name in setting.variables} | {FILE_VARIABLE, "FUNDING_CAPTURES"}
    assert set(re.findall(r"`?make ([a-z][a-z-]+)\b(?=[`\n ])", text)) - targets <= {"it", "the"}
    assert set(re.findall(r"`funding ([a-z]+)", text)) <= set(COMMANDS)
    assert set(re.findall(r"\bFUNDING_[A-Z_]+\b", text)) <= variables


@pytest.mark.parametrize("page", TEXTS)
def test_a_file_that_a_page_names_is_there(page):
    names = re.findall(r"`((?:funding|tests|deploy|bench|docs)/[\w./-]+)`", TEXTS[page])
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", TEXTS[page]) if "://" not in link]
    made_up = {"funding/exchanges/acme.py", "tests/exchanges/acme/"}
    assert [name for name in [*names, *links] if name not in made_up and not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", TEXTS)
def test_the_project_speaks_of_itself_alone(page):
    words = re.compile(r"/work/|/root/|\bsession\b|issue #?\d|\bhelper-\d", re.IGNORECASE)
    assert words.findall(TEXTS[page]) == []
