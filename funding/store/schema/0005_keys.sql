-- API keys. The key itself is shown once, when it is made, and stored nowhere.

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,        -- whose it is, for people
    tier       TEXT NOT NULL CHECK (tier IN ('paid', 'pro')),
    digest     BLOB NOT NULL UNIQUE, -- SHA-256 of the key
    created_at INTEGER NOT NULL,
    revoked_at INTEGER               -- NULL: it is good
) STRICT;
