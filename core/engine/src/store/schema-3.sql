-- What domains say about calls. The key is HMAC-SHA-256 of the name; the key to it is among the platform's secrets.
CREATE TABLE reach_domain (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    state TEXT NOT NULL CHECK (state IN ('calls', 'refuses', 'nothing', 'unknown')),
    -- Labels of SRV records, the best first, with a space between them; why it is unknown.
    detail TEXT NOT NULL,
    secure INTEGER NOT NULL,
    -- Milliseconds, as all times.
    checked INTEGER NOT NULL,
    ttl INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which people were there, by the same kind of key.
CREATE TABLE reach_person (
    key BLOB PRIMARY KEY CHECK (length(key) = 32),
    answered INTEGER NOT NULL,
    protocol TEXT NOT NULL CHECK (protocol IN ('sip', 'xmpp')),
    proof TEXT NOT NULL CHECK (proof IN ('call', 'asked'))
) STRICT, WITHOUT ROWID;

-- Who was asked what kind of thing how often, by the hour since the Unix epoch. About whom is not in here.
CREATE TABLE asked (
    hour INTEGER NOT NULL,
    whom TEXT NOT NULL,
    kind TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (hour, whom, kind)
) STRICT, WITHOUT ROWID;
