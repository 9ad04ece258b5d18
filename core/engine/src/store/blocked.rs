use cooee_phone::BlockRule;

use super::{Store, StoreError};

impl Store {
    /// Whose calls and messages are not taken.
    pub(crate) fn blocked(&mut self) -> Result<Vec<BlockRule>, StoreError> {
        let rules: Vec<String> = self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT rule FROM blocked ORDER BY rule")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        Ok(rules.iter().filter_map(|rule| BlockRule::parse(rule)).collect())
    }

    /// The same from now on, in place of the former list.
    pub(crate) fn set_blocked(&mut self, rules: &[BlockRule]) -> Result<(), StoreError> {
        self.0.with(|connection| {
            let transaction = connection.transaction()?;
            transaction.execute("DELETE FROM blocked", [])?;
            for rule in rules {
                transaction.execute("INSERT OR IGNORE INTO blocked VALUES (?)", [rule.to_string()])?;
            }
            transaction.commit()
        })
    }
}
