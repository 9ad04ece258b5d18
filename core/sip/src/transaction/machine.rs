use cooee_machine::Wake;

use super::{InviteClient, InviteServer, NonInviteClient, NonInviteServer};

/// A transaction of any of the four kinds.
#[derive(Debug)]
pub(super) enum Machine {
    InviteClient(InviteClient),
    NonInviteClient(NonInviteClient),
    InviteServer(InviteServer),
    NonInviteServer(NonInviteServer),
}

impl Machine {
    pub(super) fn is_client(&self) -> bool {
        matches!(self, Self::InviteClient(_) | Self::NonInviteClient(_))
    }

    pub(super) fn next_wake(&self) -> Option<Wake> {
        match self {
            Self::InviteClient(machine) => machine.next_wake(),
            Self::NonInviteClient(machine) => machine.next_wake(),
            Self::InviteServer(machine) => machine.next_wake(),
            Self::NonInviteServer(machine) => machine.next_wake(),
        }
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        match self {
            Self::InviteClient(machine) => machine.into_buffer(),
            Self::NonInviteClient(machine) => machine.into_buffer(),
            Self::InviteServer(machine) => machine.into_buffer(),
            Self::NonInviteServer(machine) => machine.into_buffer(),
        }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        match self {
            Self::InviteClient(machine) => machine.kept_bytes(),
            Self::NonInviteClient(machine) => machine.kept_bytes(),
            Self::InviteServer(machine) => machine.kept_bytes(),
            Self::NonInviteServer(machine) => machine.kept_bytes(),
        }
    }
}
