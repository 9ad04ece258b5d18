use std::io::{self, Seek, SeekFrom, Write};

use cooee_codec::{BLOCK, Block, RATE};

/// Octets before the samples.
const HEADER: u32 = 44;
/// What the header's 32 bits can count; about 12 hours.
const LARGEST: u32 = u32::MAX - HEADER;

/// Writes 48 kHz mono 16-bit WAV whose header is true whenever [`WavWriter::sync`] has run.
pub(crate) struct WavWriter<W> {
    file: W,
    octets: u32,
}

impl<W: Write + Seek> WavWriter<W> {
    /// Begins an empty file.
    pub(crate) fn new(mut file: W) -> io::Result<Self> {
        file.write_all(&header(0))?;
        Ok(Self { file, octets: 0 })
    }

    /// Appends blocks; the header does not know of them yet.
    pub(crate) fn append(&mut self, blocks: &[Block]) -> io::Result<()> {
        let mut samples = Vec::with_capacity(blocks.len() * BLOCK * 2);
        blocks.iter().flatten().for_each(|sample| samples.extend_from_slice(&sample.to_le_bytes()));
        let octets = u32::try_from(samples.len()).ok().and_then(|added| self.octets.checked_add(added)).filter(|sum| *sum <= LARGEST);
        let Some(octets) = octets else {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a WAV file ends after 12 hours"));
        };
        self.file.write_all(&samples)?;
        self.octets = octets;
        Ok(())
    }

    /// Makes the header true: first the samples, then their number.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(self.octets))?;
        self.file.seek(SeekFrom::Start(u64::from(HEADER) + u64::from(self.octets)))?;
        self.file.flush()
    }
}

/// RIFF, WAVE, `fmt ` for PCM, `data`.
fn header(octets: u32) -> [u8; HEADER as usize] {
    let mut header = [0; HEADER as usize];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &(octets + HEADER - 8).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &RATE.to_le_bytes(),
        &(RATE * 2).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &octets.to_le_bytes(),
    ];
    for (octet, value) in header.iter_mut().zip(fields.into_iter().flatten()) {
        *octet = *value;
    }
    header
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(octets: &[u8]) -> Vec<i16> {
        hound::WavReader::new(octets).unwrap().into_samples().map(Result::unwrap).collect()
    }

    #[test]
    fn the_file_is_true_after_every_sync_and_only_longer_in_between() {
        let mut octets = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut octets).unwrap();
        writer.append(&[[1; 480], [2; 480]]).unwrap();
        writer.sync().unwrap();
        writer.append(&[[3; 480]]).unwrap();
        let unsynced = octets.into_inner();
        assert_eq!(unsynced.len(), 44 + 3 * 960);
        let heard = read(&unsynced);
        assert_eq!((heard.len(), heard[0], heard[959]), (960, 1, 2));
    }

    #[test]
    fn an_empty_recording_is_a_wav_file() {
        let mut octets = Cursor::new(Vec::new());
        WavWriter::new(&mut octets).unwrap();
        assert!(read(octets.get_ref()).is_empty());
    }
}
