-- The SHA-256 of the authority that a private server's certificate must be signed by.
ALTER TABLE account ADD COLUMN authority BLOB CHECK (length(authority) = 32);
