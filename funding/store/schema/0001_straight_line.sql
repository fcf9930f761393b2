-- From an exchange's run to its current rates. Times are Unix seconds, rates fractions of notional per funding interval.
-- A later migration that older code could not write beside says so with UPDATE schema_number SET writable_from = <itself>.

PRAGMA application_id = 1182101092; -- "Fund": a file without it is not ours

CREATE TABLE schema_number (
    one           INTEGER PRIMARY KEY CHECK (one = 1),
    schema        INTEGER NOT NULL, -- migrations applied
    writable_from INTEGER NOT NULL  -- the oldest schema number whose code may still write
) STRICT;
INSERT INTO schema_number (one, schema, writable_from) VALUES (1, 0, 1);

CREATE TABLE exchange (
    id              TEXT PRIMARY KEY, -- the adapter's name, the same in URLs, logs and metrics
    title           TEXT NOT NULL,
    kind            TEXT NOT NULL,    -- cex, dex
    hosts           INTEGER NOT NULL,
    calls_per_cycle INTEGER,
    budget          TEXT NOT NULL,    -- in words: "10 a second"
    budget_share    REAL,             -- part of the budget that a cycle uses, 0 to 1
    declared        INTEGER NOT NULL  -- 1: collected by this installation; 0: once was, its rows are kept and not shown
) STRICT;

CREATE TABLE contract (
    id            INTEGER PRIMARY KEY,
    exchange      TEXT NOT NULL REFERENCES exchange (id),
    symbol        TEXT NOT NULL,
    base          TEXT NOT NULL,
    asset         TEXT NOT NULL,
    asset_class   TEXT,
    multiplier    REAL NOT NULL,
    quote         TEXT NOT NULL,
    settle        TEXT,
    kind          TEXT NOT NULL, -- linear, inverse
    first_seen_at INTEGER NOT NULL,
    UNIQUE (exchange, symbol)
) STRICT;
CREATE INDEX contract_asset ON contract (asset);

-- One row a contract, overwritten in place. observed_at is also when it was last seen to be listed.
CREATE TABLE latest (
    contract_id            INTEGER PRIMARY KEY REFERENCES contract (id),
    observed_at            INTEGER NOT NULL,
    exchange_at            INTEGER,
    funding_rate           REAL NOT NULL,
    rate_kind              TEXT NOT NULL,
    funding_interval_hours REAL,
    interval_source        TEXT,
    next_funding_time      INTEGER,
    next_funding_source    TEXT,
    last_settled_rate      REAL,
    last_settled_at        INTEGER,
    funding_rate_cap       REAL,
    funding_rate_floor     REAL,
    mark_price             REAL,
    index_price            REAL,
    open_interest_usd      REAL,
    volume_24h_usd         REAL
) STRICT;

-- What was charged. Clustered by contract, so that a year of one contract is one stretch of pages.
CREATE TABLE settlement (
    contract_id    INTEGER NOT NULL REFERENCES contract (id),
    funding_time   INTEGER NOT NULL,
    rate           REAL NOT NULL,
    interval_hours REAL,
    mark_price     REAL,
    source         TEXT NOT NULL CHECK (source IN ('observed', 'venue')),
    predicted_10m  REAL, -- what was quoted 10 minutes, 1 and 4 hours before
    predicted_1h   REAL,
    predicted_4h   REAL,
    PRIMARY KEY (contract_id, funding_time)
) STRICT, WITHOUT ROWID;

-- Every run of every exchange, good (error_kind IS NULL) or failed. Whoever prunes it keeps the last good and the last
-- failed run of each exchange and the newest of all: current rates, the exchanges' state and the snapshot's id hang on them.
CREATE TABLE run (
    id           INTEGER PRIMARY KEY,
    exchange     TEXT NOT NULL REFERENCES exchange (id),
    started_at   INTEGER NOT NULL,
    took_seconds REAL NOT NULL,
    calls        INTEGER NOT NULL,
    rows         INTEGER NOT NULL,
    not_ours     INTEGER NOT NULL,
    skipped      TEXT NOT NULL, -- JSON object: reason → rows
    failures     TEXT NOT NULL, -- JSON object: kind → calls
    notices      TEXT NOT NULL, -- JSON array of sentences
    error_kind   TEXT,
    error        TEXT
) STRICT;
-- Two halves instead of one index on (exchange, id): the last good, the last failed and the failures since are one seek each.
CREATE INDEX run_good ON run (exchange, id) WHERE error_kind IS NULL;
CREATE INDEX run_failed ON run (exchange, id) WHERE error_kind IS NOT NULL;
