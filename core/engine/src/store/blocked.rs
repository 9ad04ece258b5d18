use cooee_phone::BlockRule;

use super::{Store, StoreError};

/// Lists of people that decide who may ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    /// Whose calls and messages are not taken.
    Blocked,
    /// Whose calls ring although no call is to.
    Allowed,
}

impl List {
    fn table(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Allowed => "allowed",
        }
    }
}

impl Store {
    /// Whose calls and messages are not taken, and how many messages of theirs came.
    pub(crate) fn blocked(&mut self) -> Result<Vec<(BlockRule, u32)>, StoreError> {
        let rules: Vec<(String, u32)> = self.0.with(|connection| {
            let mut statement = connection.prepare("SELECT rule, texts FROM blocked ORDER BY rule")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })?;
        Ok(rules.into_iter().filter_map(|(rule, texts)| Some((BlockRule::parse(&rule)?, texts))).collect())
    }

    /// Who is on a list, in the order of rules.
    pub(crate) fn listed(&mut self, list: List) -> Result<Vec<BlockRule>, StoreError> {
        let rules: Vec<String> = self.0.with(|connection| {
            let mut statement = connection.prepare(&format!("SELECT rule FROM {}", list.table()))?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        let mut rules: Vec<BlockRule> = rules.iter().filter_map(|rule| BlockRule::parse(rule)).collect();
        rules.sort();
        Ok(rules)
    }

    /// From now on this rule is on the list, or is not. The others stay: another process may have put them there.
    pub(crate) fn set_listed(&mut self, list: List, rule: &BlockRule, is_on_it: bool) -> Result<(), StoreError> {
        let table = list.table();
        let change = match is_on_it {
            true => format!("INSERT OR IGNORE INTO {table} (rule) VALUES (?)"),
            false => format!("DELETE FROM {table} WHERE rule = ?"),
        };
        self.0.with(|connection| connection.execute(&change, [rule.to_string()])).map(drop)
    }

    /// A message came of somebody whom this rule blocks.
    pub(crate) fn count_blocked(&mut self, rule: &BlockRule) -> Result<(), StoreError> {
        let count = "UPDATE blocked SET texts = min(texts + 1, 4294967295) WHERE rule = ?";
        self.0.with(|connection| connection.execute(count, [rule.to_string()])).map(drop)
    }
}
