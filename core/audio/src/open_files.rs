use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Device, DeviceError, FileDevice, FileDeviceConfig, OpenDevice};

/// Files for one call after the other: each speaks from the beginning, and has a recording of its own.
#[derive(Debug)]
pub struct OpenFiles {
    config: FileDeviceConfig,
    opened: AtomicU32,
}

impl OpenFiles {
    /// The first recording has the name that is asked for, later ones a number besides.
    #[must_use]
    pub fn new(config: FileDeviceConfig) -> Self {
        Self { config, opened: AtomicU32::new(0) }
    }

    /// The files of the next call.
    ///
    /// # Errors
    /// The recording cannot be made.
    pub fn next(&self) -> Result<FileDevice, DeviceError> {
        let already = self.opened.fetch_add(1, Ordering::Relaxed);
        let record = self.config.record.as_deref().map(|path| numbered(path, already));
        FileDevice::open(FileDeviceConfig { record, ..self.config.clone() })
    }
}

impl OpenDevice for OpenFiles {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Ok(Box::new(self.next()?))
    }
}

/// A second call must not write over the recording of the first: `heard.wav`, `heard-2.wav`, …
fn numbered(path: &Path, already: u32) -> PathBuf {
    if already == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-{}{extension}", already + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_recordings_get_a_number() {
        assert_eq!(numbered(Path::new("a/heard.wav"), 0), Path::new("a/heard.wav"));
        assert_eq!(numbered(Path::new("a/heard.wav"), 1), Path::new("a/heard-2.wav"));
        assert_eq!(numbered(Path::new("heard"), 2), Path::new("heard-3"));
    }
}
