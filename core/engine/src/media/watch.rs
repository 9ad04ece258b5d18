//! Whether there is something wrong with a call's sound that a person should be told.

use std::collections::VecDeque;

use cooee_call::SoundTrouble;
use cooee_codec::{Block, Level};

/// 3 s, 5 s and 10 s, in blocks of 10 ms.
const ALL_ZERO: u32 = 300;
const NEVER_CAME: u32 = 500;
const LONG_QUIET: u32 = 1_000;
/// In dBFS: a quiet room with an ordinary microphone is louder.
const QUIET: f32 = -60.0;
/// Samples from here on are cut off, most likely.
const FULL_SCALE: u16 = 32_600;
/// So many of them in a second are heard; after a second without, it is over.
const CLIPPED: u32 = 480;
const SECOND: usize = 100;

/// Watches one call. Fed once for each 10 ms.
#[derive(Debug, Default)]
pub(super) struct SoundWatch {
    /// Blocks since the microphone gave anything but zeros, and anything that could be heard.
    zero: u32,
    quiet: u32,
    /// Clipped samples of each block of the last second.
    clipped: VecDeque<u32>,
    /// Packets that have come, and blocks since the last did.
    packets: u64,
    waited: u32,
    present: [bool; 3],
}

impl SoundWatch {
    /// What the microphone gave; `None` while it is not to be heard.
    pub(super) fn spoken(&mut self, block: Option<&Block>) {
        let Some(block) = block else {
            (self.zero, self.quiet) = (0, 0);
            self.clipped.clear();
            return;
        };
        let is_zero = block.iter().all(|sample| *sample == 0);
        self.zero = if is_zero { self.zero.saturating_add(1) } else { 0 };
        self.quiet = if Level::of(block).rms < QUIET { self.quiet.saturating_add(1) } else { 0 };
        let clipped = block.iter().filter(|sample| sample.unsigned_abs() >= FULL_SCALE).count();
        self.clipped.push_back(u32::try_from(clipped).unwrap_or(0));
        if self.clipped.len() > SECOND {
            self.clipped.pop_front();
        }
    }

    /// How many packets of the peer have come so far; `None` while none are expected.
    pub(super) fn arrived(&mut self, packets: Option<u64>) {
        let expected = packets.is_some_and(|packets| packets <= self.packets);
        self.waited = if expected { self.waited.saturating_add(1) } else { 0 };
        self.packets = packets.unwrap_or(self.packets);
    }

    /// The next trouble that began (`true`) or is over (`false`).
    pub(super) fn poll(&mut self) -> Option<(SoundTrouble, bool)> {
        let clipped: u32 = self.clipped.iter().sum();
        let patience = if self.packets == 0 { NEVER_CAME } else { LONG_QUIET };
        let silent = self.zero >= ALL_ZERO || self.quiet >= LONG_QUIET;
        let [was_silent, was_clipping, was_deaf] = self.present;
        let now = [silent, clipped >= CLIPPED || (was_clipping && clipped > 0), self.waited >= patience];
        let troubles = [SoundTrouble::MicrophoneSilent, SoundTrouble::Clipping, SoundTrouble::NothingArrives];
        let was = [was_silent, was_clipping, was_deaf];
        let changed = (0..3).find(|at| now.get(*at) != was.get(*at))?;
        let (trouble, begins) = (troubles.get(changed)?, now.get(changed)?);
        *self.present.get_mut(changed)? = *begins;
        Some((*trouble, *begins))
    }
}

#[cfg(test)]
mod tests {
    use cooee_codec::{BLOCK, SILENCE};

    use super::*;

    /// Feeds this for so many blocks; what is told, and after how many.
    fn told(
        watch: &mut SoundWatch,
        blocks: u32,
        block: Option<&Block>,
        mut packets: impl FnMut(u32) -> Option<u64>,
    ) -> Vec<(u32, SoundTrouble, bool)> {
        let mut told = Vec::new();
        for at in 1..=blocks {
            watch.spoken(block);
            watch.arrived(packets(at));
            told.extend(std::iter::from_fn(|| watch.poll()).map(|(trouble, begins)| (at, trouble, begins)));
        }
        told
    }

    const fn flowing(at: u32) -> Option<u64> {
        Some(at as u64)
    }

    #[test]
    fn a_dead_microphone_is_told_after_three_seconds_and_its_first_sound_as_well() {
        let mut watch = SoundWatch::default();
        assert_eq!(told(&mut watch, 1_500, Some(&SILENCE), flowing), [(300, SoundTrouble::MicrophoneSilent, true)]);
        assert_eq!(told(&mut watch, 100, Some(&[500; BLOCK]), flowing), [(1, SoundTrouble::MicrophoneSilent, false)]);
    }

    #[test]
    fn a_microphone_that_only_hisses_is_told_after_ten_seconds() {
        let mut watch = SoundWatch::default();
        assert_eq!(told(&mut watch, 1_500, Some(&[9; BLOCK]), flowing), [(1_000, SoundTrouble::MicrophoneSilent, true)]);
    }

    #[test]
    fn nothing_is_said_while_the_microphone_is_muted_or_nothing_is_expected() {
        let mut watch = SoundWatch::default();
        assert_eq!(told(&mut watch, 3_000, None, |_| None), []);
        told(&mut watch, 300, Some(&SILENCE), flowing);
        assert_eq!(told(&mut watch, 1, None, flowing), [(1, SoundTrouble::MicrophoneSilent, false)]);
    }

    #[test]
    fn speech_at_full_scale_is_told_once_until_a_second_without() {
        let mut watch = SoundWatch::default();
        assert_eq!(told(&mut watch, 200, Some(&[i16::MIN; BLOCK]), flowing), [(1, SoundTrouble::Clipping, true)]);
        assert_eq!(told(&mut watch, 200, Some(&[5_000; BLOCK]), flowing), [(100, SoundTrouble::Clipping, false)]);
        let mut once = [5_000; BLOCK];
        once[..4].fill(i16::MAX);
        assert_eq!(told(&mut watch, 99, Some(&once), flowing), [], "four samples in each block are not heard");
    }

    #[test]
    fn a_peer_of_whom_nothing_arrives_is_told_after_five_seconds_and_one_that_stops_after_ten() {
        let mut watch = SoundWatch::default();
        assert_eq!(told(&mut watch, 600, Some(&[500; BLOCK]), |_| Some(0)), [(500, SoundTrouble::NothingArrives, true)]);
        assert_eq!(told(&mut watch, 10, Some(&[500; BLOCK]), flowing), [(1, SoundTrouble::NothingArrives, false)]);
        assert_eq!(told(&mut watch, 1_100, Some(&[500; BLOCK]), |_| Some(10)), [(1_000, SoundTrouble::NothingArrives, true)]);
    }
}
