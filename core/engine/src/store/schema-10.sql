-- The keys that phones of people proved themselves with in calls; `ours` is the other end's of such a call. `verified`: when the two people
-- compared it.
CREATE TABLE media_key (
    person TEXT NOT NULL,
    account TEXT NOT NULL,
    peer TEXT NOT NULL,
    theirs BLOB NOT NULL CHECK (length(theirs) = 32),
    ours BLOB NOT NULL CHECK (length(ours) = 32),
    seen INTEGER NOT NULL,
    verified INTEGER,
    PRIMARY KEY (person, theirs)
) STRICT, WITHOUT ROWID;
