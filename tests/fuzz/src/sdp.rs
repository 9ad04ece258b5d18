#![allow(clippy::expect_used, reason = "a panic is what a finding looks like")]

use cooee_sdp::Description;

/// What reads as a description prints as one that reads the same.
pub(crate) fn run(input: &[u8]) {
    let Ok(description) = Description::parse(input) else { return };
    let printed = description.to_string();
    let again = Description::parse(printed.as_bytes()).expect("our own print is a description");
    assert_eq!(again.to_string(), printed, "printing is stable");
}
