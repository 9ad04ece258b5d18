-- What ordinary providers need, per account.
ALTER TABLE account ADD COLUMN protection TEXT NOT NULL DEFAULT 'encrypted' CHECK (protection IN ('encrypted', 'best-effort', 'plain'));
ALTER TABLE account ADD COLUMN stun_server TEXT;
-- The SHA-256 of the only certificate that is believed.
ALTER TABLE account ADD COLUMN pin BLOB CHECK (length(pin) = 32);
-- Seconds that are asked for; the server decides.
ALTER TABLE account ADD COLUMN expires INTEGER;
ALTER TABLE account ADD COLUMN register INTEGER NOT NULL DEFAULT 1;
ALTER TABLE account ADD COLUMN numbers INTEGER NOT NULL DEFAULT 0;

-- The only authorities that are believed for this account, as DER.
CREATE TABLE account_authority (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

ALTER TABLE call ADD COLUMN missed INTEGER NOT NULL DEFAULT 0;
UPDATE call SET missed = 1
    WHERE direction = 'incoming' AND reason IN ('no-answer.us', 'no-answer.peer', 'cancelled.peer', 'busy.us', 'shut-down');

-- ben@example.org, or example.org for everybody there.
CREATE TABLE blocked (
    rule TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Numbered in the order in which they came or were sent.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    peer TEXT NOT NULL,
    peer_name TEXT,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'sent', 'delivered', 'failed')),
    trouble TEXT
) STRICT;
