//! SIP users that an exchange takes for telephone numbers.

use cooee_sip::Uri;

use super::signs::Signs;

/// What an exchange could dial for the user of a URI, however it is written: with signs between the digits, percent signs, parameters, or
/// `user=phone` (RFC 3261 19.1.1). `None` if it is no number.
pub(crate) fn dialled_for(uri: &Uri<'_>) -> Option<String> {
    let user = uri.decoded_user().unwrap_or_default();
    let user = String::from_utf8_lossy(&user);
    let user = user.split(';').next().unwrap_or_default();
    let is_said_to_be = uri.param("user").flatten().is_some_and(|kind| kind.eq_ignore_ascii_case("phone"));
    match Signs::read(user) {
        Some(Signs { dialled, afterwards: None }) => Some(dialled),
        Some(Signs { dialled, afterwards: Some(afterwards) }) => Some(format!("{dialled},{afterwards}")),
        None => is_said_to_be.then(|| user.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str) -> Option<String> {
        dialled_for(&Uri::parse(uri).unwrap())
    }

    #[test]
    fn a_number_is_one_however_it_is_written() {
        for user in ["+19005551234", "+1-900-555-1234", "%2B19005551234", "+1.900.555.1234", "+19005551234;phone-context=+49"] {
            assert_eq!(read(&format!("sip:{user}@example.org")).as_deref(), Some("+19005551234"), "{user}");
        }
        assert_eq!(read("sip:*21*0900%23@example.org").as_deref(), Some("*21*0900#"));
        assert_eq!(read("sip:1-1-2@example.org").as_deref(), Some("112"));
        assert_eq!(read("sip:+19005551234%2C99@example.org").as_deref(), Some("+19005551234,99"));
        assert_eq!(read("sip:anna@example.org;user=phone").as_deref(), Some("anna"));
        assert_eq!(read("sip:anna2@example.org"), None);
        assert_eq!(read("sip:example.org"), None);
    }
}
