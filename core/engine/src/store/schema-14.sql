-- By what an account proves itself: the name of a key of the platform's, and our certificates.
ALTER TABLE account ADD COLUMN client_key TEXT;
CREATE TABLE account_certificate (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;
