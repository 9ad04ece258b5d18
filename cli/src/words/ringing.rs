//! Sentences for what ringing needs.

use cooee_call::EndReason;
use cooee_phone::{RingCondition, RingFigure, RingLevel, RingLine, RingProof, RingTestResult, WhoRings};

use crate::time::age;

/// How a condition is, as one sentence. `unix`: what time it is, in seconds since the Unix epoch.
#[must_use]
pub fn condition(line: &RingLine, unix: u64) -> String {
    use RingCondition as C;
    let is_met = line.level == RingLevel::Met;
    let pick = |met: &str, unmet: &str| if is_met { met } else { unmet }.to_owned();
    match line.condition {
        C::Running => pick("The phone runs.", "No phone runs here."),
        C::Network => pick("This device has a network.", "This device has no network."),
        C::Account => pick("There is an address to be called at.", "There is no address to be called at."),
        C::LoggedIn => logged_in(line, unix),
        C::Encrypted if line.figure == Some(RingFigure::AddedAuthority) => {
            "What the server says comes encrypted; only an authority that was added to this device vouches for the server.".to_owned()
        }
        C::Encrypted => pick(
            "What the server says comes encrypted.",
            "What the server says comes without encryption: others on the way can make this phone ring, or keep it from ringing.",
        ),
        C::Certificate => certificate(line, unix),
        C::Clock => clock(line),
        C::Undisturbed => pick("You may be disturbed.", "You are not to be disturbed: only calls of who is allowed ring."),
        C::Strangers => strangers(line).to_owned(),
        C::Notifications => pick("The system lets it show that it rings.", "The system does not let it show that it rings."),
        C::FullScreen => pick("Incoming calls fill the screen.", "Incoming calls show as a small note only."),
        C::Background => pick("It keeps its connection while the device sleeps.", "The system cuts it off while the device sleeps."),
        C::Power => pick("The device saves no power.", "The device saves power: it may ring late."),
        C::Microphone => pick("It may use the microphone.", "It may not use the microphone: you would only listen."),
        other => other.as_str().to_owned(),
    }
}

fn logged_in(line: &RingLine, unix: u64) -> String {
    match (&line.reason, line.figure) {
        (Some(reason), _) => EndReason::explanation(reason).what,
        (None, Some(RingFigure::HeardAt(at))) => match unix.saturating_sub(at.as_secs()) {
            0..60 => "The server knows that you are here; it was heard just now.".to_owned(),
            ago => format!("The server knows that you are here; it was heard {} ago.", age(ago)),
        },
        _ if line.level == RingLevel::Met => "The server knows that you are here.".to_owned(),
        _ => "The server does not know that you are here.".to_owned(),
    }
}

fn certificate(line: &RingLine, unix: u64) -> String {
    let Some(RingFigure::HoldsUntil(at)) = line.figure else { return "The server's certificate holds.".to_owned() };
    match at.as_secs().checked_sub(unix) {
        Some(left) => format!("The server's certificate holds for {} yet.", age(left)),
        None => "The server's certificate does not hold any more.".to_owned(),
    }
}

fn clock(line: &RingLine) -> String {
    match line.figure {
        Some(RingFigure::ClockOff(by)) if line.level != RingLevel::Met => {
            format!("This device's clock and the server's differ by {}.", age(by.as_secs()))
        }
        _ => "This device's clock is right, by the server's.".to_owned(),
    }
}

fn strangers(line: &RingLine) -> &'static str {
    match line.figure {
        Some(RingFigure::Rings(WhoRings::Everybody)) => "Everybody's calls ring.",
        Some(RingFigure::Rings(WhoRings::Known)) => "Calls of people you know ring; all others are requests: cooee requests",
        _ => "Calls of people you know and of your own domain ring; all others are requests: cooee requests",
    }
}

/// What calling oneself has shown, as one or two sentences.
#[must_use]
pub fn proven(result: &RingTestResult) -> String {
    let took = result.took.map_or_else(String::new, |took| format!(" after {:.1} s", took.as_secs_f64()));
    match result.proof() {
        RingProof::Nothing => "No call rang here. What keeps it from that: cooee reach".to_owned(),
        RingProof::Path if result.asked.is_zero() => format!("It rang{took}: calls find their way to your server and back to this phone."),
        RingProof::Path => {
            format!(
                "It rang{took}, at once: your server cannot wait, so only the way there and back is proven, not that a sleeping phone wakes up."
            )
        }
        RingProof::Later => {
            format!("It rang{took}, when your server had waited for {} s: calls reach this phone also then.", result.waited.as_secs())
        }
    }
}
