-- What happened to it until then, as in the log: that somebody asks to be let through must not get lost.
ALTER TABLE open_call ADD COLUMN story TEXT NOT NULL DEFAULT '';
