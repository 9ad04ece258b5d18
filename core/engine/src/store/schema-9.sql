-- Who is at the other end, as it is written since step 5: that step left ports, headers and the case of hosts in what was there before it,
-- took `tel:` away, and gave bare users no domain.
UPDATE call SET person = trim(peer) WHERE peer LIKE 'tel:%';
UPDATE message SET person = trim(peer) WHERE peer LIKE 'tel:%';
UPDATE call SET person = peer || substr(account, instr(account, '@'))
    WHERE peer <> '' AND instr(account, '@') > 0 AND instr(peer, '@') + instr(peer, ':') + instr(peer, '.') = 0;
UPDATE message SET person = peer || substr(account, instr(account, '@'))
    WHERE peer <> '' AND instr(account, '@') > 0 AND instr(peer, '@') + instr(peer, ':') + instr(peer, '.') = 0;
UPDATE call SET person = substr(person, 1, instr(person, '?') - 1) WHERE instr(person, '@') > 0 AND instr(person, '?') > instr(person, '@');
UPDATE message SET person = substr(person, 1, instr(person, '?') - 1) WHERE instr(person, '@') > 0 AND instr(person, '?') > instr(person, '@');
UPDATE call SET person = substr(person, 1, instr(person, ']')) WHERE instr(person, '@[') > 0 AND instr(person, ']') > 0;
UPDATE message SET person = substr(person, 1, instr(person, ']')) WHERE instr(person, '@[') > 0 AND instr(person, ']') > 0;
UPDATE call SET person = substr(person, 1, instr(person, '@') + instr(substr(person, instr(person, '@') + 1), ':') - 1)
    WHERE instr(person, '@') > 0 AND instr(person, '@[') = 0 AND instr(substr(person, instr(person, '@') + 1), ':') > 0;
UPDATE message SET person = substr(person, 1, instr(person, '@') + instr(substr(person, instr(person, '@') + 1), ':') - 1)
    WHERE instr(person, '@') > 0 AND instr(person, '@[') = 0 AND instr(substr(person, instr(person, '@') + 1), ':') > 0;
UPDATE call SET person = substr(person, 1, instr(person, '@')) || lower(substr(person, instr(person, '@') + 1)) WHERE instr(person, '@') > 0;
UPDATE message SET person = substr(person, 1, instr(person, '@')) || lower(substr(person, instr(person, '@') + 1)) WHERE instr(person, '@') > 0;
CREATE TEMP TABLE known AS
    SELECT person FROM call WHERE NOT stranger UNION SELECT person FROM message WHERE NOT stranger;
UPDATE call SET stranger = 0 WHERE stranger AND person IN (SELECT person FROM known);
UPDATE message SET stranger = 0 WHERE stranger AND person IN (SELECT person FROM known);
DROP TABLE known;

-- A choice of which nothing is left is none.
DELETE FROM choice WHERE account IS NULL AND address IS NULL;
CREATE TRIGGER choice_gone AFTER UPDATE ON choice WHEN NEW.account IS NULL AND NEW.address IS NULL BEGIN
    DELETE FROM choice WHERE key = NEW.key;
END;
