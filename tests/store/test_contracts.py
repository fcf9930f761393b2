from funding.store.contracts import select_contracts
from funding.store.exchanges import declare
from funding.store.runs import save
from tests.store.given import DAY, NOW, OKX, rate, run


def symbols(conn, **wanted):
    return [f"{row['exchange']}:{row['symbol']}" for row in select_contracts(conn, **wanted)]


def test_contracts_come_with_what_they_are_by_exchange_and_symbol(conn):
    save(conn, run(rate("BTC-USDT-SWAP", settle="USDT", asset_class="crypto")))
    save(conn, run(rate("AAA-USD", quote="USD", kind="inverse", multiplier=1000.0), exchange="xt"))
    [first, second] = select_contracts(conn)
    assert dict(first) == {
        "contract_id": 1,
        "exchange": "okx",
        "symbol": "BTC-USDT-SWAP",
        "base": "BTC",
        "asset": "BTC",
        "asset_class": "crypto",
        "multiplier": 1.0,
        "quote": "USDT",
        "settle": "USDT",
        "kind": "linear",
    }
    assert (second["exchange"], second["symbol"], second["kind"]) == ("xt", "AAA-USD", "inverse")


def test_those_that_are_listed_or_collected_no_more_are_among_them(conn):
    save(conn, run(rate("OLD-USDT-SWAP", observed_at=NOW - 9 * DAY), started_at=NOW - 9 * DAY))
    save(conn, run(rate("BTC-USDT-SWAP")))
    save(conn, run(rate("BTC-USDT"), exchange="xt"))
    declare(conn, [OKX])
    assert symbols(conn) == ["okx:BTC-USDT-SWAP", "okx:OLD-USDT-SWAP", "xt:BTC-USDT"]


def test_filters_leave_those_that_are_asked_for(conn):
    save(conn, run(rate("BTC-USDT-SWAP"), rate("ETH-USDT-SWAP"), rate("BTC-USD-SWAP", quote="USD", kind="inverse")))
    save(conn, run(rate("BTC-USDT"), exchange="xt"))
    assert symbols(conn, assets=("ETH", "DOGE")) == ["okx:ETH-USDT-SWAP"]
    assert symbols(conn, exchanges=("xt",)) == ["xt:BTC-USDT"]
    assert symbols(conn, symbols=("BTC-USDT", "ETH-USDT-SWAP")) == ["okx:ETH-USDT-SWAP", "xt:BTC-USDT"]
    assert symbols(conn, quotes=("USD",), kind="inverse") == ["okx:BTC-USD-SWAP"]
    assert symbols(conn, kind="inverse", exchanges=("xt",)) == []
