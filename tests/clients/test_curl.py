"""curl, as people call it: a file by its name, compressed, only if it changed, without a body."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="there is no curl")
CURRENT = "/api/funding/current"


def curl(folder: Path, *words: str) -> str:
    run = subprocess.run(
        [str(CURL), "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", *words],
        cwd=folder, capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    return run.stdout.decode()


def test_the_address_alone_gives_json(url: str, tmp_path: Path) -> None:
    assert json.loads(curl(tmp_path, f"{url}{CURRENT}"))["count"] == 5


def test_a_csv_is_saved_under_the_name_it_is_sent_with(url: str, tmp_path: Path) -> None:
    curl(tmp_path, "-OJ", f"{url}{CURRENT}.csv?limit=2")
    assert (tmp_path / "funding-current.csv").read_bytes().count(b"\r\n") == 3


def test_what_is_compressed_is_the_same(url: str, tmp_path: Path) -> None:
    assert curl(tmp_path, "--compressed", f"{url}{CURRENT}") == curl(tmp_path, f"{url}{CURRENT}")


def test_what_it_has_already_is_not_fetched_again(url: str, tmp_path: Path) -> None:
    code = ("--write-out", "%{http_code}", "-o", "body")
    assert curl(tmp_path, "--etag-save", "tag", *code, f"{url}{CURRENT}") == "200"
    assert curl(tmp_path, "--etag-compare", "tag", *code, f"{url}{CURRENT}") == "304"


@pytest.mark.parametrize("path", [CURRENT, "/docs", "/metrics", "/livez", "/openapi.json"])
def test_a_head_names_the_length_that_a_get_has(path: str, url: str, tmp_path: Path) -> None:
    head = curl(tmp_path, "--head", f"{url}{path}").lower()
    assert head.startswith("http/1.1 200 ok\r\n")
    if path != "/metrics":  # it counts this very request
        assert f"\r\ncontent-length: {len(curl(tmp_path, f'{url}{path}').encode())}\r\n" in head


def test_a_refusal_can_be_read(url: str, tmp_path: Path) -> None:
    problem = json.loads(curl(tmp_path, f"{url}{CURRENT}?limt=1"))
    assert problem["detail"] == "limt: is not a parameter of this path; did you mean limit?"
    assert "401" in curl(tmp_path, "-u", "name:password", "--write-out", "%{http_code}", f"{url}{CURRENT}")
