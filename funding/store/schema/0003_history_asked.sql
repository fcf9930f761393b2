-- How far back each contract's history was asked. Additive: a release that knows 0002 alone may still write beside it.

-- What an exchange has from `since` on is stored: so that what it does not have, before a listing, is not asked for again.
CREATE TABLE history_asked (
    contract_id INTEGER PRIMARY KEY REFERENCES contract (id),
    since       INTEGER NOT NULL
) STRICT;
