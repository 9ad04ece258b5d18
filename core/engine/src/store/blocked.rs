use cooee_database::rusqlite::{self, Transaction};
use cooee_phone::BlockRule;

use super::{Store, StoreError};

impl Store {
    /// Whose calls and messages are not taken, and how many messages of theirs came.
    pub(crate) fn blocked(&mut self) -> Result<Vec<(BlockRule, u32)>, StoreError> {
        let rules: Vec<(String, u32)> = self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT rule, texts FROM blocked ORDER BY rule")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })?;
        Ok(rules.into_iter().filter_map(|(rule, texts)| Some((BlockRule::parse(&rule)?, texts))).collect())
    }

    /// The same from now on, in place of the former list.
    pub(crate) fn set_blocked(&mut self, rules: &[BlockRule]) -> Result<(), StoreError> {
        self.0.write(|transaction| set(transaction, "blocked", rules))
    }

    /// A message came of somebody whom this rule blocks.
    pub(crate) fn count_blocked(&mut self, rule: &BlockRule) -> Result<(), StoreError> {
        let count = "UPDATE blocked SET texts = min(texts + 1, 4294967295) WHERE rule = ?";
        self.0.with(|connection| connection.execute(count, [rule.to_string()])).map(drop)
    }

    /// Whose calls ring although no call is to.
    pub(crate) fn allowed(&mut self) -> Result<Vec<BlockRule>, StoreError> {
        let rules: Vec<String> = self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT rule FROM allowed ORDER BY rule")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        Ok(rules.iter().filter_map(|rule| BlockRule::parse(rule)).collect())
    }

    /// The same from now on, in place of the former list.
    pub(crate) fn set_allowed(&mut self, rules: &[BlockRule]) -> Result<(), StoreError> {
        self.0.write(|transaction| set(transaction, "allowed", rules))
    }
}

/// Puts a list in place of the former one; what is in both stays.
fn set(transaction: &Transaction<'_>, table: &str, rules: &[BlockRule]) -> rusqlite::Result<()> {
    let rules: Vec<String> = rules.iter().map(BlockRule::to_string).collect();
    let kept: Vec<String> =
        transaction.prepare(&format!("SELECT rule FROM {table}"))?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for gone in kept.iter().filter(|rule| !rules.contains(rule)) {
        transaction.execute(&format!("DELETE FROM {table} WHERE rule = ?"), [gone])?;
    }
    for rule in &rules {
        transaction.execute(&format!("INSERT OR IGNORE INTO {table} (rule) VALUES (?)"), [rule])?;
    }
    Ok(())
}
