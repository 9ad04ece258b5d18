use cooee_call::{EndReason, TlsTrouble};
use cooee_phone::{AccountTrouble, MessageTrouble};

/// What happened and what to do, as one text.
#[must_use]
pub fn explain(reason: &EndReason) -> String {
    let explanation = reason.explanation();
    [explanation.what.as_str(), explanation.advice].join(" ").trim().to_owned()
}

/// What is wrong with the account of this address and what to do, as one text.
#[must_use]
pub fn explain_account(address: &str, trouble: &AccountTrouble) -> String {
    let what = trouble.end_reason().explanation().what;
    if let AccountTrouble::InsecureOnly { offered, .. } = trouble {
        let transport = offered.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
        return format!("{what} If that is what you want, say so: cooee account add {address} --transport {transport}");
    }
    let text = format!("{what} {}", trouble.advice()).trim().to_owned();
    match trouble {
        // To be typed as the owner tells it: what the server shows is not offered to be copied.
        AccountTrouble::Untrusted(TlsTrouble::UnknownAuthority { shown: Some(_) }) => {
            format!("{text} To trust it: cooee account trust {address} FINGERPRINT, with the one its owner tells you")
        }
        _ => text,
    }
}

/// Why a text did not arrive and what to do, as one text.
#[must_use]
pub fn explain_message(trouble: &MessageTrouble) -> String {
    match trouble {
        MessageTrouble::NoAccount => "You have no address to write from. Add one: cooee account add anna@example.org".to_owned(),
        MessageTrouble::BadAddress => "That is no address that can be written to. Write it like anna@example.org.".to_owned(),
        MessageTrouble::NotConnected => "Your server cannot be reached. Check this device's network, and try again.".to_owned(),
        MessageTrouble::NoAnswer => "Nobody answered. Try again later.".to_owned(),
        MessageTrouble::Refused(404) => "There is nobody at that address. Check how it is spelled.".to_owned(),
        MessageTrouble::Refused(480) => "None of their phones is reachable. Try again later.".to_owned(),
        MessageTrouble::Refused(405 | 415 | 501) => "Their phone takes no texts. Call instead.".to_owned(),
        MessageTrouble::Refused(status) => format!("The other side refuses it ({status})."),
        other => format!("It was not sent: {other}."),
    }
}
