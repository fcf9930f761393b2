-- What happened to the installation: deploys, crashes, rescues. Additive: a release that knows less may write beside it.

CREATE TABLE event (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL, -- Unix seconds
    kind TEXT NOT NULL,    -- one word: deploy, rollback, crash, rescue, backup
    text TEXT NOT NULL     -- a sentence for people
) STRICT;
