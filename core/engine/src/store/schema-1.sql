-- Times are milliseconds: since the Unix epoch (begun, added), or since the call began (…_after).
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE,
    display_name TEXT,
    auth_user TEXT,
    proxy TEXT,
    transport TEXT CHECK (transport IN ('udp', 'tcp', 'tls')),
    added INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The account's address and not its id: the log outlives the account.
CREATE TABLE call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('outgoing', 'incoming')),
    peer TEXT NOT NULL,
    peer_name TEXT,
    begun INTEGER NOT NULL,
    reason TEXT NOT NULL,
    security TEXT CHECK (security IN ('none', 'to-servers', 'end-to-end', 'verified')),
    cipher TEXT,
    codec TEXT
) STRICT;

CREATE INDEX call_begun ON call (begun);

-- What belongs into the sentence that the reason stands for.
CREATE TABLE call_argument (
    call INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (call, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE call_step (
    call INTEGER NOT NULL REFERENCES call (id) ON DELETE CASCADE,
    milestone TEXT NOT NULL,
    after INTEGER NOT NULL,
    PRIMARY KEY (call, milestone)
) STRICT, WITHOUT ROWID;
