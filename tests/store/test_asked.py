"""How far back history was asked."""

import pytest

from funding.store.asked import insert_asked, select_asked
from funding.store.open import transaction
from funding.store.runs import save
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
