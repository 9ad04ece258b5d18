use cooee_call::CallId;
use cooee_phone::AccountId;

use super::Phone;
use crate::door::guarded;
use crate::{Refused, SystemCall};

#[uniffi::export]
impl Phone {
    /// Calls somebody, written in any way that people write addresses and numbers. Its id; the stream of calls shows it, or
    /// [`Event::DialRefused`](crate::Event::DialRefused) follows. `account`: from which; else the one that fits best.
    ///
    /// # Errors
    /// There is no account, or nothing is written.
    #[uniffi::method(default(account = None, anonymous = false))]
    pub fn dial(&self, target: String, account: Option<u64>, anonymous: bool) -> Result<u64, Refused> {
        let account = account.map(AccountId);
        guarded(|| {
            let dialled = if anonymous { self.engine.dial_anonymously(&target, account) } else { self.engine.dial(&target, account) };
            Ok(dialled?.0)
        })
    }

    /// Takes an incoming call; others are put on hold, or ended.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    #[uniffi::method(default(ending_others = false))]
    pub fn answer(&self, call: u64, ending_others: bool) -> Result<(), Refused> {
        self.about(call, |call| if ending_others { self.engine.answer_ending(call) } else { self.engine.answer(call) })
    }

    /// Refuses an incoming call: for all devices of the called person, or as busy for this one.
    ///
    /// # Errors
    /// There is no such call, or it does not ring.
    #[uniffi::method(default(busy = false))]
    pub fn decline(&self, call: u64, busy: bool) -> Result<(), Refused> {
        self.about(call, |call| if busy { self.engine.decline_busy(call) } else { self.engine.decline(call) })
    }

    /// Ends a call in whatever state it is.
    ///
    /// # Errors
    /// There is no such call.
    pub fn hang_up(&self, call: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.hang_up(call))
    }

    /// Puts a call on hold.
    ///
    /// # Errors
    /// There is no such call, or it cannot be held now.
    pub fn hold(&self, call: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.hold(call))
    }

    /// Takes a call back from hold; others are put on hold.
    ///
    /// # Errors
    /// There is no such call, or we do not hold it.
    pub fn resume(&self, call: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.resume(call))
    }

    /// Sends silence instead of the microphone, or the microphone again.
    ///
    /// # Errors
    /// There is no such call.
    pub fn mute(&self, call: u64, muted: bool) -> Result<(), Refused> {
        self.about(call, |call| self.engine.mute(call, muted))
    }

    /// Sends a digit: `0` to `9`, `*`, `#`, `A` to `D`.
    ///
    /// # Errors
    /// It is none, or more than one; or the call takes none now.
    pub fn digit(&self, call: u64, digit: String) -> Result<(), Refused> {
        let mut signs = digit.chars();
        let (Some(digit), None) = (signs.next(), signs.next()) else { return Err(Refused::NotADigit) };
        self.about(call, |call| self.engine.digit(call, digit))
    }

    /// Asks the peer to call somebody else instead, who is not asked before. [`Event::Transfer`](crate::Event::Transfer) tells how it goes.
    ///
    /// # Errors
    /// There is no such call, it cannot be handed over now, or nothing is written.
    pub fn transfer(&self, call: u64, target: String) -> Result<(), Refused> {
        self.about(call, |call| self.engine.transfer(call, &target))
    }

    /// Joins the peers of two calls and leaves both.
    ///
    /// # Errors
    /// One of the calls is not there, or the first cannot be handed over now.
    pub fn transfer_to(&self, call: u64, other: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.transfer_to(call, CallId(other)))
    }

    /// Calls whom the peer asks us to call instead.
    ///
    /// # Errors
    /// There is no such call, or it asks for nothing.
    pub fn follow_transfer(&self, call: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.follow_transfer(call))
    }

    /// Stays in the call; the peer learns that we do not call them.
    ///
    /// # Errors
    /// There is no such call, or it asks for nothing.
    pub fn refuse_transfer(&self, call: u64) -> Result<(), Refused> {
        self.about(call, |call| self.engine.refuse_transfer(call))
    }

    /// The way to microphone and speaker is another: a headset came, or was taken off. Calls under way open their streams anew.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn route_changed(&self) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.route_changed()?))
    }

    /// What a call of the device's own, over the mobile network, does to ours from now on. Where it takes the sound, calls of ours go on hold;
    /// the one that was spoken in comes back when it is over, unless the person has chosen otherwise. Whoever calls meanwhile is a second
    /// call.
    ///
    /// # Errors
    /// The phone is ending.
    pub fn system_call(&self, call: SystemCall) -> Result<(), Refused> {
        guarded(|| Ok(self.engine.set_system_call(call.into())?))
    }
}

impl Phone {
    fn about(&self, call: u64, act: impl FnOnce(CallId) -> Result<CallId, cooee_engine::Refused>) -> Result<(), Refused> {
        guarded(|| Ok(act(CallId(call)).map(|_| ())?))
    }
}
