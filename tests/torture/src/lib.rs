//! The torture messages of RFC 4475 and RFC 5118, octet by octet as they were published: read from the sources of
//! `sipx-testkit`, which cargo has fetched, without compiling it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The package that carries the corpora.
const CARRIER: &str = "sipx-testkit";

/// One torture message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torture {
    /// Its name in its RFC.
    pub name: String,
    /// Its octets. Those of RFC 5118 have had their line ends made CRLF and their `Content-Length` corrected, without which
    /// none of them is a SIP message.
    pub bytes: Vec<u8>,
}

/// Why there are no messages.
#[derive(Debug)]
pub struct Unavailable(String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the torture messages are not at hand ({}); `cargo fetch` brings them", self.0)
    }
}

impl std::error::Error for Unavailable {}

/// The 49 messages that RFC 4475 describes, in the order of their names.
///
/// # Errors
/// [`Unavailable`] where cargo cannot fetch.
pub fn rfc4475() -> Result<Vec<Torture>, Unavailable> {
    let mut messages = read("rfc4475", |name| name.strip_suffix(".dat"))?;
    // The archive has one more file, which no section describes.
    messages.retain(|m| m.name != "test");
    Ok(messages)
}

/// The 12 messages of the 10 sections of RFC 5118, in the order of their names.
///
/// # Errors
/// [`Unavailable`] where cargo cannot fetch.
pub fn rfc5118() -> Result<Vec<Torture>, Unavailable> {
    let mut messages = read("rfc5118", |name| (!name.contains('.')).then_some(name))?;
    messages.iter_mut().for_each(|m| m.bytes = on_the_wire(&m.bytes));
    Ok(messages)
}

fn read(folder: &str, name_of: impl Fn(&str) -> Option<&str>) -> Result<Vec<Torture>, Unavailable> {
    let failed = |why: std::io::Error| Unavailable(why.to_string());
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(sources()?.join("corpus").join(folder)).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some(name) = path.file_name().and_then(|n| n.to_str()).and_then(&name_of) {
            messages.push(Torture { name: name.to_owned(), bytes: std::fs::read(&path).map_err(failed)? });
        }
    }
    messages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(messages)
}

/// Where cargo keeps the sources of the carrier, fetched if need be; asked for once.
fn sources() -> Result<PathBuf, Unavailable> {
    static SOURCES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    SOURCES.get_or_init(|| find_sources().map_err(|why| why.0)).clone().map_err(Unavailable)
}

fn find_sources() -> Result<PathBuf, Unavailable> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(cargo).args(["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest]).output();
    let output = output.map_err(|why| Unavailable(why.to_string()))?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).map_err(|_| Unavailable(String::from_utf8_lossy(&output.stderr).into_owned()))?;
    let packages = metadata.get("packages").and_then(|p| p.as_array()).into_iter().flatten();
    let manifest = packages.filter(|p| p.get("name").is_some_and(|n| n == CARRIER)).find_map(|p| p.get("manifest_path")?.as_str());
    manifest.and_then(|m| Path::new(m).parent()).map(Path::to_path_buf).ok_or_else(|| Unavailable(format!("no package {CARRIER}")))
}

/// A file of the archive of RFC 5118 as a SIP message: its lines end in LF, some lack the empty line, and no way to count
/// gives the `Content-Length` it states.
fn on_the_wire(file: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let body = body.replace('\n', "\r\n");
    let mut message = String::new();
    for line in head.lines() {
        if line.to_ascii_lowercase().starts_with("content-length:") {
            message.push_str(&format!("Content-Length: {}\r\n", body.len()));
        } else {
            message.push_str(line);
            message.push_str("\r\n");
        }
    }
    (message + "\r\n" + &body).into_bytes()
}
