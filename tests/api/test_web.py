"""The dashboard's files: what a version stands for. How they are served is tested with the dashboard."""

from pathlib import Path

import pytest

from funding.api.problems import ProblemError
from funding.api.web import look


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "views").mkdir()
    (tmp_path / "main.js").write_text("one")
    (tmp_path / "views" / "list.js").write_text("two")
    return tmp_path


def test_a_file_is_found_by_its_name_in_the_folder(folder: Path) -> None:
    found = look(folder)
    assert list(found.digests) == ["main.js", "views/list.js"]
    assert found.content("views/list.js") == b"two"


def test_a_version_stands_for_names_and_contents(folder: Path) -> None:
    first = look(folder).version
    assert look(folder).version == first
    (folder / "main.js").write_text("One")
    changed = look(folder).version
    (folder / "main.js").rename(folder / "more.js")
    assert len({first, changed, look(folder).version}) == 3


def test_a_file_that_was_replaced_is_not_given_under_the_old_version(folder: Path) -> None:
    found = look(folder)
    (folder / "main.js").write_text("One")
    (folder / "views" / "list.js").unlink()
    for name in found.digests:
        with pytest.raises(ProblemError, match="were replaced") as caught:
            found.content(name)
        assert caught.value.status == 503
