//! `cooee devices`: microphones and speakers of this computer.

use crate::report::Reporter;

/// Lists them by the names that `--microphone` and `--speaker` take.
#[cfg(feature = "desktop")]
pub fn list(reporter: &Reporter) -> anyhow::Result<()> {
    use crate::line::Line;
    let devices = cooee_audio::desktop_devices()?;
    for device in &devices {
        reporter.tell(&Line::Device { name: device.name.clone(), microphone: device.microphone, speaker: device.speaker });
    }
    if devices.is_empty() {
        reporter.say("No sound device found. Connect one, or use files: --speak FILE.wav --record FILE.wav");
    }
    Ok(())
}

/// There are none for a program that was built without them.
#[cfg(not(feature = "desktop"))]
pub fn list(reporter: &Reporter) -> anyhow::Result<()> {
    reporter.say("This cooee was built without microphones and speakers. Use files: --speak FILE.wav --record FILE.wav");
    Ok(())
}
