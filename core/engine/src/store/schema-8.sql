-- Whether the owner wants these people asked if they are there: 1 though never called, 0 not even though called. Keys as in reach_person.
CREATE TABLE mark (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    wanted INTEGER NOT NULL CHECK (wanted IN (0, 1))
) STRICT, WITHOUT ROWID;

-- When they were asked last, and what was said last and when.
CREATE TABLE inquiry (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    asked INTEGER NOT NULL,
    reply TEXT CHECK (reply IN ('there', 'no-such-user', 'not-taken')),
    replied INTEGER,
    CHECK ((reply IS NULL) = (replied IS NULL))
) STRICT, WITHOUT ROWID;

-- What is left there are calls.
ALTER TABLE reach_person DROP COLUMN proof;
