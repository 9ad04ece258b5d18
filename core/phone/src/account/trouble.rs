//! Why a REGISTER failed, in the phone's words.

use cooee_call::{LoginTrouble, NetworkTrouble};
use cooee_sip::ua::{RefusalKind, RegistrationFailure};

use crate::AccountTrouble;

pub(super) fn login_trouble(kind: RefusalKind, status: u16, text: String) -> LoginTrouble {
    match kind {
        RefusalKind::WrongPassword => LoginTrouble::WrongPassword,
        RefusalKind::UnknownUser => LoginTrouble::UnknownUser,
        RefusalKind::Forbidden => LoginTrouble::Forbidden,
        _ => LoginTrouble::Other { status, text },
    }
}

pub(super) fn registration_trouble(cause: RegistrationFailure) -> AccountTrouble {
    match cause {
        RegistrationFailure::ServerError(status) => AccountTrouble::ServerError(status),
        RegistrationFailure::NoBinding => {
            AccountTrouble::Login(LoginTrouble::Other { status: 200, text: "registered, but not this device".to_owned() })
        }
        _ => AccountTrouble::Unreachable(NetworkTrouble::Silent),
    }
}

/// RFC 3263 4.3: silence and 503 are reasons to try the next server.
pub(super) fn is_for_another_hop(cause: RegistrationFailure) -> bool {
    matches!(cause, RegistrationFailure::Timeout | RegistrationFailure::ServerError(503))
}
