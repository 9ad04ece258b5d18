-- Where users are. Moments in milliseconds since the Unix epoch; the key's 64 bits as a signed number; `path` one URI a line;
-- `flow` the connection's or socket's number.
CREATE TABLE binding (
    user TEXT NOT NULL REFERENCES account (user) ON DELETE CASCADE,
    key INTEGER NOT NULL,
    contact TEXT NOT NULL,
    params TEXT NOT NULL,
    instance TEXT,
    reg_id INTEGER,
    q INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    cseq INTEGER NOT NULL,
    path TEXT NOT NULL,
    transport TEXT NOT NULL,
    local TEXT NOT NULL,
    remote TEXT NOT NULL,
    flow INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    user_agent TEXT,
    PRIMARY KEY (user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX binding_expires ON binding (expires);
