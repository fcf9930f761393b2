"""The description of the API, the page that shows it, and the small files beside them."""

import re
from pathlib import Path

import pytest
from webtest import TestApp

from funding.api.app import make_app
from funding.api.context import Settings
from funding.api.pages import DOCS_POLICY
from tests.api.conftest import Ticks
from tests.api.stored import Stored

PAGES = ["/openapi.json", "/docs", "/robots.txt", "/.well-known/security.txt", "/favicon.svg"]


@pytest.mark.parametrize("url", PAGES)
def test_it_is_given_without_data_and_not_again_to_who_has_it(url: str, client: TestApp) -> None:
    answer = client.get(url)
    assert answer.headers["Cache-Control"] == "no-cache"
    same = client.get(url, headers={"If-None-Match": answer.headers["ETag"]}, status=304)
    assert (same.body, same.headers["ETag"]) == (b"", answer.headers["ETag"])
    assert client.head(url).headers["Content-Length"] == str(len(answer.body))
    assert client.options(url).headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_docs_page_has_nothing_within_and_nothing_from_elsewhere(client: TestApp) -> None:
    answer = client.get("/docs")
    assert answer.content_type == "text/html"
    assert "://" not in answer.text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", answer.text) == []
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
    assert [name.rpartition("/")[2] for name in files] == ["swagger-ui.css", "swagger-ui-bundle.js", "start.js"]
    for name in files:
        client.get(name)


def test_the_docs_policy_lets_in_our_own_files_and_nothing_unsafe(client: TestApp) -> None:
    assert client.get("/docs").headers.getall("Content-Security-Policy") == [DOCS_POLICY]
    assert "unsafe" not in DOCS_POLICY
    assert "script-src 'self'; style-src 'self';" in DOCS_POLICY


def test_crawlers_are_kept_off_the_figures(client: TestApp) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /api/\nDisallow: /mcp\n"


def test_security_txt_names_a_mailbox_and_does_not_expire(client: TestApp, ticks: Ticks) -> None:
    answer = client.get("/.well-known/security.txt", headers={"Host": "funding.example:8083"})
    assert answer.text == (
        "Contact: mailto:security@funding.example\nExpires: 2027-07-14T00:00:00Z\nPreferred-Languages: en\n"
    )
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    ticks.go_on(300 * 86_400)
    assert "Expires: 2028-05-09T00:00:00Z\n" in client.get("/.well-known/security.txt").text


@pytest.mark.parametrize("host", ["[::1]:80", "a b", "x\ty", "<script>"])
def test_a_host_that_is_none_is_not_repeated(host: str, client: TestApp) -> None:
    text = client.get("/.well-known/security.txt", headers={"Host": host}).text
    assert text.startswith("Contact: mailto:security@localhost\n")


def test_an_installation_names_its_own_contact(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "none.db", security_contact="https://example.org/report")
    text = TestApp(make_app(settings)).get("/.well-known/security.txt").text
    assert text.startswith("Contact: https://example.org/report\n")


def test_the_favicon_is_a_picture(client: TestApp) -> None:
    answer = client.get("/favicon.svg", headers={"Accept": "image/avif,image/webp,image/*,*/*;q=0.8"})
    assert answer.content_type == "image/svg+xml"
    assert answer.body.startswith(b"<svg ")


def test_the_description_names_the_exchanges_that_may_be_asked_for(stored: Stored, client: TestApp) -> None:
    def ids() -> object:
        parameters = client.get("/openapi.json").json["paths"]["/api/funding/current"]["get"]["parameters"]
        [exchange] = [one for one in parameters if one["name"] == "exchange"]
        return exchange["schema"]["items"].get("enum")

    assert ids() is None
    stored.declare("okx", "bybit")
    assert ids() == ["bybit", "okx"]


def test_its_version_is_the_programs(client: TestApp) -> None:
    from funding import __version__

    assert client.get("/openapi.json").json["info"]["version"] == __version__
