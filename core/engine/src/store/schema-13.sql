-- Calls that are not over, of each process that has some: whoever finds those of one that is no more knows that they were cut off.
CREATE TABLE open_call (
    process INTEGER NOT NULL,
    call INTEGER NOT NULL,
    account TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('outgoing', 'incoming')),
    peer TEXT NOT NULL,
    peer_name TEXT,
    begun INTEGER NOT NULL,
    answered INTEGER,
    PRIMARY KEY (process, call)
) STRICT, WITHOUT ROWID;
