"""`funding keys`: what a person sees, and what the database holds afterwards."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from funding.keys import digest, is_well_formed
from funding.store.keys import tier_of
from funding.store.open import reader
from tests.cli.conftest import Call as Funding


@pytest.fixture(autouse=True)
def _database(funding: Funding) -> None:
    assert funding("migrate").code == 0


def tier(key: str) -> str | None:
    with closing(reader("funding.db")) as conn:
        found = tier_of(conn, digest(key))
    return found[1] if found else None


def test_a_key_is_shown_once_on_stdout_and_nowhere_kept(funding: Funding) -> None:
    said = funding("keys", "create", "Ada & Söhne", "--tier", "pro")
    key = said.out.strip()
    assert (said.code, said.err) == (0, "key 1 for Ada & Söhne, pro; it is shown this once:\n")
    assert is_well_formed(key)
    assert tier(key) == "pro"
    kept = b"".join(path.read_bytes() for path in Path().glob("funding.db*"))
    assert key.encode() not in kept
    assert key[3:33].encode() not in kept


def test_a_revoked_key_is_no_key_from_then_on(funding: Funding) -> None:
    key = funding("keys", "create", "Ada").out.strip()
    assert tier(key) == "paid"
    assert funding("keys", "revoke", 1).err == "key 1 is revoked\n"
    assert tier(key) is None
    assert funding("keys", "revoke", 1).code == 0


def test_keys_are_listed_without_themselves(funding: Funding) -> None:
    funding("keys", "create", "Ada", "--tier", "pro")
    funding("keys", "create", "Bob")
    funding("keys", "revoke", 1)
    rows = json.loads(funding("keys", "list", "--json").out)
    assert [(row["id"], row["name"], row["tier"], row["revoked_at"] is None) for row in rows] == [
        (1, "Ada", "pro", False),
        (2, "Bob", "paid", True),
    ]
    assert funding("keys", "list").lines[0].split() == ["ID", "NAME", "TIER", "MADE", "REVOKED"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("revoke", 7), 3, "there is no key 7"),
        (("revoke", "Ada"), 2, "keys revoke takes a key's id, not Ada"),
        (("revoke",), 2, "keys revoke takes a key's id, not nothing"),
        (("create",), 2, "keys create takes a name"),
        (("create", "a\nb"), 2, "keys create takes a name"),
        (("create", "Ada", "--tier", "gold"), 2, "invalid choice: 'gold'"),
    ],
)
def test_what_cannot_be_done_is_said(funding: Funding, arguments: tuple[object, ...], code: int, words: str) -> None:
    said = funding("keys", *arguments)
    assert said.code == code
    assert words in said.err


def test_without_a_database_there_are_no_keys(funding: Funding) -> None:
    Path("funding.db").unlink()
    assert funding("keys", "list").code == 3
