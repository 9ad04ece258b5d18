use cooee_call::{CallId, MediaEvent, MediaRequest};
use cooee_machine::{Action, Event, Wake};

use crate::probe::Reach;
use crate::{Address, Choice, PhoneEvent, Rest};

/// What the world tells the phone.
#[derive(Clone, Debug, PartialEq)]
pub enum Input<'a> {
    /// The network, the resolver, the clock.
    Io(Event<'a>),
    /// The media side of a call.
    Media {
        /// Which call.
        call: CallId,
        /// What.
        event: MediaEvent,
    },
    /// What the owner remembers of people.
    Recalled(Recalled),
}

/// What the owner remembers, as [`Output::Recall`] asked. It is a hint: what comes late, or never, holds no call up.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// Which call.
    pub call: CallId,
    /// What was chosen for who is dialled.
    pub choice: Choice,
    /// What is known of the addresses, in their order.
    pub reach: Vec<Reach>,
}

impl<'a> From<Event<'a>> for Input<'a> {
    fn from(event: Event<'a>) -> Self {
        Self::Io(event)
    }
}

/// What the phone asks of the world and tells its owner.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Output {
    /// Do this.
    Io(Action),
    /// Do this with the media of a call.
    Media(MediaRequest),
    /// Tell by [`Input::Recalled`] what is remembered. Waited for at most 100 ms.
    Recall {
        /// For which call.
        call: CallId,
        /// Who is dialled.
        dialled: Address,
        /// Where that person may be reached.
        addresses: Vec<Address>,
    },
    /// News for the owner.
    Event(PhoneEvent),
    /// Whether the device may sleep: at the start and on each change.
    Rest(Rest),
    /// Everything is hung up, unregistered and closed (or was given up on). Comes once; the phone does nothing afterwards.
    ShutDown,
    /// Nothing more for now. Come back then; `None`: only when something comes in.
    Wake(Option<Wake>),
}
