use serde::Serialize;

/// What a phone of somebody's proves itself with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Key {
    /// Whose.
    pub peer: String,
    /// The own address in that call.
    pub account: String,
    /// What the two people read to each other.
    pub words: String,
    /// The same for a QR code, which the other phone reads.
    pub code: String,
    /// When it was used last.
    pub seen: u64,
    /// `unknown`, `verified`, `changed`.
    pub state: &'static str,
}

impl Key {
    pub(super) fn sentence(&self) -> String {
        let Self { peer, account, words, code, seen, state } = self;
        let said = match *state {
            "verified" => "verified: you have compared this key",
            "changed" => "this is not the key that you have compared: another device of theirs, or somebody in between",
            _ => "not compared yet",
        };
        let seen = crate::time::date(*seen);
        format!(
            "{peer} (with {account}, last call {seen}): {said}\nRead to each other, half of them each; at the other end they must be the same:\n  {words}\nOr as a QR code: {code}"
        )
    }
}
