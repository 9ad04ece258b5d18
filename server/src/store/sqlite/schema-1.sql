-- Accounts.
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE account (
    user TEXT PRIMARY KEY,
    digest_md5 BLOB NOT NULL,
    digest_sha256 BLOB NOT NULL,
    scram_salt BLOB NOT NULL,
    scram_iterations INTEGER NOT NULL,
    scram_sha1_stored BLOB NOT NULL,
    scram_sha1_server BLOB NOT NULL,
    scram_sha256_stored BLOB NOT NULL,
    scram_sha256_server BLOB NOT NULL
) STRICT, WITHOUT ROWID;
