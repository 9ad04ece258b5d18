-- A text's number is never given again, though the last ones are forgotten: what becomes of one that is under way is no other's.
CREATE TABLE numbered (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    peer TEXT NOT NULL,
    peer_name TEXT,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'sent', 'delivered', 'failed')),
    trouble TEXT,
    person TEXT NOT NULL DEFAULT '',
    stranger INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO numbered (id, account, peer, peer_name, at, text, state, trouble, person, stranger)
    SELECT id, account, peer, peer_name, at, text, state, trouble, person, stranger FROM message;
DROP TABLE message;
ALTER TABLE numbered RENAME TO message;
CREATE INDEX message_person ON message (person, id);
CREATE INDEX message_stranger ON message (stranger, id);
