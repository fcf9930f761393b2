-- What was quoted, and when an interval changed. Additive: a release that knows 0001 alone may still write beside it.

-- What one cycle observed, as one blob (store/packing.py). As rows by contract and time each would write a page of its own.
CREATE TABLE observation (
    at       INTEGER PRIMARY KEY, -- when the cycle ended
    first_at INTEGER NOT NULL,    -- its oldest observation
    records  BLOB NOT NULL
) STRICT;

-- The cycles of an hour that is over, regrouped by 32 contracts: one contract's month is 720 short reads. With a rowid on
-- purpose: WITHOUT ROWID would move rows of this size to overflow pages, mostly empty.
CREATE TABLE observation_hour (
    hour     INTEGER NOT NULL, -- its first second; that of the cycle's end, not of the observation
    block    INTEGER NOT NULL, -- contract id / 32
    first_at INTEGER NOT NULL,
    records  BLOB NOT NULL,
    PRIMARY KEY (hour, block)
) STRICT;

CREATE TABLE interval_change (
    contract_id INTEGER NOT NULL REFERENCES contract (id),
    changed_at  INTEGER NOT NULL, -- when it was first seen
    from_hours  REAL NOT NULL,
    to_hours    REAL NOT NULL,
    PRIMARY KEY (contract_id, changed_at)
) STRICT, WITHOUT ROWID;
