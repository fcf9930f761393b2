-- What alerts know: how each thing stands that they watch, and the messages that are to be sent.
-- Additive: a release that knows less may still write beside it.

CREATE TABLE alert_state (
    key         TEXT PRIMARY KEY, -- exchange:okx, disk, rule:btc-spread:BTC
    bad_since   INTEGER,          -- NULL: all is well
    streak      INTEGER NOT NULL, -- looks in a row that said the other of what stands here
    raised_at   INTEGER,          -- when it was last announced, for the cooldown; kept after it was resolved
    announced   INTEGER NOT NULL, -- 1: the owner has been told that it is bad
    title       TEXT,             -- of what was last found
    resolved    TEXT,             -- the title of the message that it is over; NULL: there is none
    muted_until INTEGER           -- written by `funding alerts mute` alone
) STRICT;

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY, -- the order in which they are sent
    channel    TEXT NOT NULL,       -- telegram, webhook
    recipient  TEXT NOT NULL,       -- a chat, a host
    alert      TEXT NOT NULL,       -- JSON
    reply_to   INTEGER,             -- the outbox row that it is the end of
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,    -- no try before it
    unsure     INTEGER NOT NULL DEFAULT 0, -- 1: a try was begun and nobody knows what came of it
    done_at    INTEGER,             -- sent, or given up
    error      TEXT,                -- why the last try failed; with done_at: why it was given up
    message_id INTEGER              -- the recipient's number of it
) STRICT;
CREATE INDEX outbox_waiting ON outbox (channel, recipient, id) WHERE done_at IS NULL;

-- A group that became a supergroup has another number from then on; the settings may still have the old one.
CREATE TABLE recipient_moved (
    channel   TEXT NOT NULL,
    recipient TEXT NOT NULL,
    moved_to  TEXT NOT NULL,
    PRIMARY KEY (channel, recipient)
) STRICT, WITHOUT ROWID;

-- How far the watch has come: the event it told last, the moment whose rates it judged last.
CREATE TABLE alert_mark (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
