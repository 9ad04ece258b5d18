-- The addresses that an outgoing call went to, one after the other; `after` the call began it was the turn of each.
CREATE TABLE call_leg (
    call INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    address TEXT NOT NULL,
    account TEXT NOT NULL,
    after INTEGER NOT NULL,
    -- 'answered', or why not.
    outcome TEXT NOT NULL,
    PRIMARY KEY (call, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_leg_argument (
    call INTEGER NOT NULL,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (call, place, name),
    FOREIGN KEY (call, place) REFERENCES call_leg (call, place) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What the owner chose for a person: from which account to call, and at which address first. Both are hashes, as in reach_person.
CREATE TABLE choice (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    account INTEGER REFERENCES account (id) ON DELETE SET NULL,
    address BLOB CHECK (length(address) = 32)
) STRICT, WITHOUT ROWID;
