use serde::Serialize;

/// A sound device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// It can hear.
    pub microphone: bool,
    /// It can play.
    pub speaker: bool,
    /// The system uses this microphone unless told otherwise.
    pub default_microphone: bool,
    /// The system plays here unless told otherwise.
    pub default_speaker: bool,
    /// Calls use this microphone.
    pub used_microphone: bool,
    /// Calls play here.
    pub used_speaker: bool,
}

impl Device {
    pub(super) fn sentence(&self) -> String {
        let used = kind(self.used_microphone, self.used_speaker).map_or_else(String::new, |kind| format!(", used as {kind}"));
        format!("{}: {}{used}", self.name, kind(self.microphone, self.speaker).unwrap_or("neither microphone nor speaker"))
    }
}

fn kind(microphone: bool, speaker: bool) -> Option<&'static str> {
    match (microphone, speaker) {
        (true, true) => Some("microphone and speaker"),
        (true, false) => Some("microphone"),
        (false, true) => Some("speaker"),
        (false, false) => None,
    }
}
