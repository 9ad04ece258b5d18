//! Sound devices behind one trait: files, tones, nothing at all, and the microphone and speaker of a desktop computer or an Android
//! device.
//!
//! A device is pulled and pushed in blocks of 10 ms by the media thread, which keeps the time; a device with a clock of its
//! own smooths the difference out and tells it.
// Android's own interface hands out samples as pointers: one file there knows how.
#![cfg_attr(not(target_os = "android"), forbid(unsafe_code))]
#![cfg_attr(target_os = "android", deny(unsafe_code))]

#[cfg(target_os = "android")]
mod android;
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
#[cfg(any(test, feature = "desktop", target_os = "android"))]
mod streams;
mod system;
mod tone;
mod wav;

#[cfg(target_os = "android")]
pub use android::AndroidDevice;
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
