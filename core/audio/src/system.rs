use crate::{Device, DeviceError, OpenDevice};

/// The microphone and speaker that this system uses for calls, where this build knows its sound: an Android device, or a desktop computer
/// with the feature `desktop`. Elsewhere there is neither.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDevice;

#[cfg(target_os = "android")]
impl OpenDevice for SystemDevice {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Ok(Box::new(crate::AndroidDevice::open()?))
    }
}

#[cfg(all(feature = "desktop", not(target_os = "android")))]
impl OpenDevice for SystemDevice {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        crate::DesktopConfig::default().open()
    }

    fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
        crate::DesktopConfig::default().reopen()
    }
}

#[cfg(not(any(feature = "desktop", target_os = "android")))]
impl OpenDevice for SystemDevice {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Err(DeviceError::NoMicrophone)
    }
}
