-- What happened to a call, a line a step: how long after its beginning, what, and what belongs into the sentence. It goes with the call.
ALTER TABLE call ADD COLUMN story TEXT NOT NULL DEFAULT '';
-- The same of the last attempt to log in, and when it began.
ALTER TABLE account ADD COLUMN story TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN story_begun INTEGER NOT NULL DEFAULT 0;
