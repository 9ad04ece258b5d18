use cooee_call::CallId;
use cooee_machine::{Entropy, Machine, Now};

use crate::{Command, Input, Output, PhoneConfig};

/// The signalling half of a phone as one value: its accounts, their flows and user agents, and its calls. The media half
/// (gathering, sessions, sound) runs beside it; the two exchange [`cooee_call::MediaRequest`] and [`cooee_call::MediaEvent`].
#[derive(Debug)]
pub struct Phone {
    config: PhoneConfig,
    entropy: Entropy,
    next_call: u64,
}

impl Phone {
    /// A phone without accounts.
    #[must_use]
    pub fn new(config: PhoneConfig, entropy: Entropy) -> Self {
        Self { config, entropy, next_call: 0 }
    }

    /// A name for a call that no other has had.
    pub fn allot_call(&mut self) -> CallId {
        self.next_call += 1;
        CallId(self.next_call)
    }
}

impl Machine for Phone {
    type Command = Command;
    type Input<'a> = Input<'a>;
    type Output = Output;

    fn handle_command(&mut self, _command: Command, _now: Now) {}

    fn handle_input(&mut self, _input: Input<'_>, _now: Now) {}

    fn poll_output(&mut self) -> Output {
        let _ = (&self.config, &mut self.entropy);
        Output::Wake(None)
    }
}
