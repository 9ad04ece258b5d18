use super::gate::GateRefusal;
use super::seal::Seal;
use crate::{HeaderName, Message, Scheme};

/// Is the request fit to be forwarded? (RFC 3261 16.3, in its order.)
///
/// # Errors
/// What to answer instead.
pub(super) fn check(request: &Message<'_>, seal: &Seal) -> Result<(), GateRefusal> {
    let Some(uri) = request.request_uri() else { return Err(GateRefusal::new(400, "")) };
    if !matches!(uri.scheme(), Scheme::Sip | Scheme::Sips) {
        return Err(GateRefusal::new(416, ""));
    }
    if request.max_forwards() == Some(0) {
        return Err(GateRefusal::new(483, ""));
    }
    let mark = seal.loop_mark(request);
    if request.vias().any(|via| via.branch().is_some_and(|branch| branch.ends_with(mark.as_str()))) {
        return Err(GateRefusal::new(482, ""));
    }
    let required: Vec<&[u8]> = request.header_values(HeaderName::ProxyRequire).take(8).collect();
    if !required.is_empty() {
        let unsupported = String::from_utf8_lossy(&required.join(&b", "[..])).into_owned();
        return Err(GateRefusal::new(420, "").with(HeaderName::Unsupported, unsupported));
    }
    Ok(())
}
