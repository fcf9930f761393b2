"""What the peers' services ask of the database, the plain way: a connection a thread, rows as dicts."""

import os
import sqlite3
import threading
from typing import Any

OWN = threading.local()
SMALL = {"ok": True, "status": "ok", "data_age_seconds": 12, "stale_threshold_seconds": 900, "total_rows": 6800}
ALL = "SELECT c.*, l.* FROM contract AS c JOIN latest AS l ON l.contract_id = c.id ORDER BY c.exchange, c.symbol"
ONE = (
    "SELECT c.*, l.* FROM contract AS c JOIN latest AS l ON l.contract_id = c.id"
    " WHERE c.exchange = 'exchange07' AND c.symbol = 'BTC-USDT-SWAP'"
)


def rows(sql: str) -> list[dict[str, Any]]:
    conn = getattr(OWN, "conn", None)
    if conn is None:
        conn = OWN.conn = sqlite3.connect(f"file:{os.environ['BENCH_DATABASE']}?mode=ro", uri=True)
        conn.row_factory = sqlite3.Row
    return [dict(row) for row in conn.execute(sql)]
