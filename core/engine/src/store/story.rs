use std::time::Duration;

use cooee_call::Story;
use cooee_database::rusqlite::{OptionalExtension, params};
use cooee_phone::AccountId;

use super::accounts::number;
use super::{Store, StoreError, duration, milliseconds};

impl Store {
    /// Keeps how an account's last attempt to log in went. Of one that is gone nothing is kept.
    pub(crate) fn keep_account_story(&mut self, account: AccountId, begun: Duration, story: &Story) -> Result<(), StoreError> {
        let update = "UPDATE account SET story = ?, story_begun = ? WHERE id = ?";
        self.0.with(|connection| connection.execute(update, params![story.to_text(), milliseconds(begun), number(account)]))?;
        Ok(())
    }

    /// How the last attempt to log in went, and when it began; empty before the first.
    pub(crate) fn account_story(&mut self, account: AccountId) -> Result<(Duration, Story), StoreError> {
        self.0.with(|connection| {
            let read = |row: &cooee_database::rusqlite::Row<'_>| Ok((duration(row.get(0)?), Story::from_text(&row.get::<_, String>(1)?)));
            let found = connection.query_row("SELECT story_begun, story FROM account WHERE id = ?", [number(account)], read).optional()?;
            Ok(found.unwrap_or_default())
        })
    }
}
