-- By the person's word the account's server connects every phone by TLS and lets nobody call under another's name.
ALTER TABLE account ADD COLUMN tls_throughout INTEGER NOT NULL DEFAULT 0;
