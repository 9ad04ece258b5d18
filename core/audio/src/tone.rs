use cooee_codec::{Block, Level, Meter, Tone, ToneGenerator};

use crate::Device;

/// Speaks one steady tone and measures what it hears.
#[derive(Clone, Debug)]
pub struct ToneDevice {
    generator: ToneGenerator,
    heard: Meter,
}

impl ToneDevice {
    /// Speaks this frequency, in Hz.
    #[must_use]
    pub fn new(frequency: u16) -> Self {
        Self { generator: ToneGenerator::new(Tone::Steady(frequency)), heard: Meter::new() }
    }

    /// How loud it is at the ear.
    #[must_use]
    pub fn heard(&self) -> Level {
        self.heard.level()
    }
}

impl Device for ToneDevice {
    fn read(&mut self, block: &mut Block) {
        *block = self.generator.next_block();
    }

    fn write(&mut self, block: &Block) {
        self.heard.update(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_hears_itself_when_its_ends_are_joined() {
        let mut device = ToneDevice::new(1_000);
        let mut block = [0; 480];
        for _ in 0..100 {
            device.read(&mut block);
            device.write(&block);
        }
        assert!((device.heard().rms + 19.3).abs() < 1.0, "{:?}", device.heard());
    }
}
