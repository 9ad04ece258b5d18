use std::sync::Arc;

use super::{Phone, bounded};
use crate::door::guarded;
use crate::{Blocked, Numbering, Refused, Standing};

#[uniffi::export]
impl Phone {
    /// Who is blocked, in the order of the alphabet: at most 100, without the first `skip`.
    ///
    /// # Errors
    /// More are asked for, or what is stored cannot be read.
    pub async fn blocked(&self, skip: u32, n: u32) -> Result<Vec<Blocked>, Refused> {
        let engine = Arc::clone(&self.engine);
        let (skip, n) = part(skip, n)?;
        let listed = async move {
            let blocked = engine.blocked().await?.into_iter().skip(skip).take(n);
            Ok(blocked.map(|(rule, texts)| Blocked { whom: rule.to_string(), texts }).collect())
        };
        self.room.run(listed).await
    }

    /// Whose calls ring at any time: at most 100, without the first `skip`.
    ///
    /// # Errors
    /// More are asked for.
    pub fn allowed(&self, skip: u32, n: u32) -> Result<Vec<String>, Refused> {
        let (skip, n) = part(skip, n)?;
        guarded(|| Ok(self.engine.snapshot().allowed.iter().skip(skip).take(n).map(ToString::to_string).collect()))
    }

    /// What the owner has said about whoever has this address, however it is written; of each kind the narrowest.
    ///
    /// # Errors
    /// It is no address of anybody who calls.
    pub fn standing(&self, address: String) -> Result<Standing, Refused> {
        guarded(|| Ok(self.engine.standing(&address)?.into()))
    }

    /// How telephone numbers are understood and looked up.
    ///
    /// # Errors
    /// None that an app could mend.
    pub fn numbering(&self) -> Result<Numbering, Refused> {
        guarded(|| Ok((&self.engine.snapshot().numbering).into()))
    }

    /// From now on they are understood and looked up like this.
    ///
    /// # Errors
    /// There is no such region, a suffix is no domain, or the phone is ending.
    pub fn set_numbering(&self, numbering: Numbering) -> Result<(), Refused> {
        guarded(|| {
            let numbering = numbering.into_core(&self.engine.snapshot().numbering)?;
            Ok(self.engine.set_numbering(numbering)?)
        })
    }
}

fn part(skip: u32, n: u32) -> Result<(usize, usize), Refused> {
    Ok((skip as usize, bounded(n as usize)?))
}
