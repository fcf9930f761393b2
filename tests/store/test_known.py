"""What is known of history, and how far back it was asked."""

import pytest

from funding.store.known import insert_asked, select_asked, select_known
from funding.store.open import transaction
from funding.store.runs import save
from funding.store.settlements import Charged, save_settlements
from tests.store.given import NOW, rate, run


@pytest.fixture
def filled(conn):
    save(conn, run(rate(), rate("ETH-USDT-SWAP")))
    save(conn, run(rate("btc_usdt", exchange="xt"), exchange="xt"))
    return conn


def asked(conn, contract_id, since):
    with transaction(conn):
        insert_asked(conn, contract_id, since)


def test_only_the_deepest_counts(filled):
    for since in (NOW - 100, NOW - 300, NOW - 200):
        asked(filled, 1, since)
    assert select_asked(filled, "okx") == {1: NOW - 300}


def test_each_exchange_has_its_own(filled):
    asked(filled, 2, NOW - 100)
    asked(filled, 3, NOW - 200)
    assert (select_asked(filled, "okx"), select_asked(filled, "xt")) == ({2: NOW - 100}, {3: NOW - 200})
    assert select_asked(filled, "kraken") == {}


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (None, [(NOW - 200, 8.0), (NOW, None)]),
        (NOW - 100, [(NOW - 200, 8.0), (NOW - 100, 1.0), (NOW, None)]),
        (NOW - 300, [(NOW - 300, 1.0), (NOW - 200, 8.0), (NOW - 100, 1.0), (NOW, None)]),
    ],
)
def test_what_the_exchange_told_is_known_and_what_was_observed_from_a_moment_on(filled, observed, expected):
    told = Charged(1, NOW, 0.1, None, None, "venue")
    seen = Charged(1, NOW - 100, 0.1, 1.0, None, "observed")
    rows = [
        told,
        seen,
        Charged(1, NOW - 200, 0.1, 8.0, None, "venue"),
        Charged(1, NOW - 300, 0.1, 1.0, None, "observed"),
    ]
    other = [Charged(2, NOW, 0.1, 8.0, None, "venue")]
    outside = [Charged(1, at, 0.1, 8.0, None, "venue") for at in (NOW - 301, NOW + 1)]
    save_settlements(filled, [*rows, *other, *outside])
    assert select_known(filled, 1, NOW - 300, NOW, observed) == expected
