-- Whom the account's exchange asks us to call is called without asking the person.
ALTER TABLE account ADD COLUMN follow_transfers INTEGER NOT NULL DEFAULT 0;

-- Who is at the other end, however the address is written: ben@example.org. A stranger is whom the person has never called,
-- written to or answered; strangers' rows go first.
ALTER TABLE call ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE call ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;
-- A row stands for so many calls of one peer that nobody took notice of, one after the other.
ALTER TABLE call ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
ALTER TABLE message ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;

UPDATE call SET person = substr(peer, instr(peer, ':') + 1);
UPDATE call SET person = substr(person, 1, instr(person, ';') - 1) WHERE instr(person, ';') > 0;
UPDATE message SET person = substr(peer, instr(peer, ':') + 1);
UPDATE message SET person = substr(person, 1, instr(person, ';') - 1) WHERE instr(person, ';') > 0;
CREATE TEMP TABLE known AS
    SELECT person FROM call WHERE direction = 'outgoing' OR id IN (SELECT call FROM call_step WHERE milestone = 'answered')
    UNION SELECT person FROM message WHERE state <> 'received';
UPDATE call SET stranger = 1 WHERE person NOT IN (SELECT person FROM known);
UPDATE message SET stranger = 1 WHERE person NOT IN (SELECT person FROM known);
DROP TABLE known;

CREATE INDEX call_person ON call (person, id);
CREATE INDEX call_stranger ON call (stranger, id);
CREATE INDEX message_person ON message (person, id);
CREATE INDEX message_stranger ON message (stranger, id);

-- So many texts of theirs came and were not told.
ALTER TABLE blocked ADD COLUMN texts INTEGER NOT NULL DEFAULT 0;

-- Whose calls ring although no call is to: ben@example.org, or example.org for everybody there.
CREATE TABLE allowed (
    rule TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
