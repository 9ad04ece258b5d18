//! Nothing unwinds across: whatever is done for a caller is done behind this door.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Refused;

/// Does `work`, and answers [`Refused::Broken`] in place of a panic.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Refused>) -> Result<T, Refused> {
    // What the engine shares is behind locks and channels that stand a panic, and is the engine's to mend.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Refused::Broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_behind_the_door_is_an_answer_before_it() {
        let nothing: Vec<u8> = Vec::new();
        assert_eq!(guarded(|| Ok(nothing[0])), Err(Refused::Broken));
        assert_eq!(guarded(|| Ok(7)), Ok(7));
        assert_eq!(guarded::<()>(|| Err(Refused::NotNow)), Err(Refused::NotNow));
    }
}
