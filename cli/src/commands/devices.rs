//! `cooee devices`: microphones and speakers of this computer, and which of them calls use.

use std::sync::Arc;

use cooee_engine::Engine;

use crate::args::{Common, Devices};
use crate::open;
use crate::report::Reporter;
use crate::sound::is_there;

/// The settings under which the chosen devices are kept.
pub const MICROPHONE: &str = "microphone";
/// The same for what plays.
pub const SPEAKER: &str = "speaker";

/// Takes a choice away.
const DEFAULT: &str = "default";

/// Keeps what was chosen, if anything was, and lists them all by the names that `--microphone` and `--speaker` take.
pub async fn run(common: &Common, devices: &Devices, reporter: &Arc<Reporter>) -> anyhow::Result<()> {
    let chosen = open::stored(common, reporter, async |engine| {
        choose(engine, devices).await?;
        Chosen::read(engine).await
    });
    list(&chosen.await?, reporter)
}

async fn choose(engine: &Engine, devices: &Devices) -> anyhow::Result<()> {
    let named = |name: &Option<String>| name.clone().filter(|name| name != DEFAULT);
    is_there(named(&devices.microphone).as_deref(), named(&devices.speaker).as_deref())?;
    for (setting, choice) in [(MICROPHONE, &devices.microphone), (SPEAKER, &devices.speaker)] {
        if choice.is_some() {
            engine.set_setting(setting, named(choice).as_deref()).await?;
        }
    }
    Ok(())
}

/// The devices that calls use; `None`: whichever the system uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// To hear us.
    pub microphone: Option<String>,
    /// To play.
    pub speaker: Option<String>,
}

impl Chosen {
    /// As they are kept.
    pub async fn read(engine: &Engine) -> anyhow::Result<Self> {
        Ok(Self { microphone: engine.setting(MICROPHONE).await?, speaker: engine.setting(SPEAKER).await? })
    }
}

#[cfg(feature = "desktop")]
fn list(chosen: &Chosen, reporter: &Reporter) -> anyhow::Result<()> {
    use crate::line::{Device, Line};
    let devices = cooee_audio::desktop_devices()?;
    let is_used = |choice: &Option<String>, name: &str, is_default: bool| choice.as_deref().map_or(is_default, |choice| choice == name);
    for device in &devices {
        reporter.tell(&Line::Device(Device {
            name: device.name.clone(),
            microphone: device.microphone,
            speaker: device.speaker,
            default_microphone: device.default_microphone,
            default_speaker: device.default_speaker,
            used_microphone: device.microphone && is_used(&chosen.microphone, &device.name, device.default_microphone),
            used_speaker: device.speaker && is_used(&chosen.speaker, &device.name, device.default_speaker),
        }));
    }
    for (kind, choice) in [("microphone", &chosen.microphone), ("speaker", &chosen.speaker)] {
        let missing = choice.as_ref().filter(|choice| !devices.iter().any(|device| device.name == **choice));
        if let Some(name) = missing {
            let text =
                format!("Your {kind} “{name}” is not connected: calls use the system's. Choose another: cooee devices --{kind} NAME");
            reporter.tell(&Line::Note { text });
        }
    }
    if devices.is_empty() {
        reporter.say("No sound device found. Connect one, or use files: --speak FILE.wav --record FILE.wav");
    }
    Ok(())
}

/// There are none for a program that was built without them.
#[cfg(not(feature = "desktop"))]
fn list(_: &Chosen, reporter: &Reporter) -> anyhow::Result<()> {
    reporter.say("This cooee was built without microphones and speakers. Use files: --speak FILE.wav --record FILE.wav");
    Ok(())
}
