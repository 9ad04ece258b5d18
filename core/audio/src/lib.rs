//! Sound devices behind one trait: files, tones, nothing at all, and the microphone and speaker of a desktop computer.
//!
//! A device is pulled and pushed in blocks of 10 ms by the media thread, which keeps the time; a device with a clock of its
//! own smooths the difference out and tells it.
#![forbid(unsafe_code)]

mod capture;
mod clock;
#[cfg(feature = "desktop")]
mod desktop;
mod device;
#[cfg(feature = "desktop")]
mod echo;
mod file;
mod null;
mod open_files;
mod playback;
mod recording;
mod ring;
mod speech;
mod system;
mod tone;
mod wav;

pub use capture::{Capture, CaptureFeed};
pub use clock::StreamClock;
#[cfg(feature = "desktop")]
pub use desktop::{DesktopConfig, DesktopDevice, DeviceInfo, desktop_devices};
pub use device::{Device, DeviceError, DeviceEvent, OpenDevice};
#[cfg(feature = "desktop")]
pub use echo::EchoControl;
pub use file::{FileDevice, FileDeviceConfig, Repeat};
pub use null::NullDevice;
pub use open_files::OpenFiles;
pub use playback::{Playback, PlaybackDrain};
pub use recording::{RecordError, Recording};
pub use ring::{Consumer, Producer, ring};
pub use speech::{Speech, SpeechError};
pub use system::SystemDevice;
pub use tone::ToneDevice;
