use std::path::PathBuf;

/// Where the fixtures of the repository are.
#[must_use]
pub fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures"))
}

/// The files of one fixture folder, in the order of their names.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(fixtures().join(folder)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths.iter().filter_map(|p| std::fs::read(p).ok()).collect()
}

/// The torture messages, where cargo can fetch them, and our own.
pub(crate) fn sip() -> Vec<Vec<u8>> {
    let torture = [cooee_torture::rfc4475(), cooee_torture::rfc5118()].into_iter().filter_map(Result::ok).flatten();
    torture.map(|t| t.bytes).chain(files("sip", "sip")).collect()
}

/// The bodies of the SIP messages that carry a description, and descriptions of their own.
pub(crate) fn sdp() -> Vec<Vec<u8>> {
    let body = |message: &Vec<u8>| {
        let start = message.windows(7).position(|w| w == b"\r\n\r\nv=0")?;
        message.get(start + 4..).map(<[u8]>::to_vec)
    };
    sip().iter().filter_map(body).chain(files("sdp", "sdp")).collect()
}

/// Connections as they begin: several messages one after the other, with pings between.
pub(crate) fn streams() -> Vec<Vec<u8>> {
    let messages: Vec<Vec<u8>> = sip().into_iter().filter(|message| message.len() < 4096).collect();
    let separators: [&[u8]; 4] = [b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"];
    let pair = |(number, message): (usize, &Vec<u8>)| {
        let next = messages.get((number * 7 + 3) % messages.len()).map_or(&[][..], Vec::as_slice);
        let separator = separators.get(number % separators.len()).copied().unwrap_or_default();
        [message.as_slice(), separator, next].concat()
    };
    messages.iter().enumerate().map(pair).collect()
}

/// A Binding request (RFC 8489).
pub(crate) fn stun() -> Vec<u8> {
    [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], b"transaction-"].concat()
}
