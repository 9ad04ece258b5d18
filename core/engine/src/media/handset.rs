use std::sync::Arc;
use std::time::Duration;

use cooee_audio::{Device, DeviceError, DeviceEvent, OpenDevice};
use cooee_codec::{BLOCK_TIME, Block, SILENCE};

/// The sound device of all calls: opened when one needs it, away from this thread, and closed after the last.
pub(super) struct Handset {
    source: Arc<dyn OpenDevice>,
    state: State,
    /// Counts openings, so that a device that comes late is recognised.
    opening: u64,
}

enum State {
    Closed,
    /// The device went away in the midst of a call.
    Lost,
    Opening,
    Open(Box<dyn Device>),
    /// It could not be opened; not tried again before the next call.
    Failed,
}

/// A device to be opened, on a thread that may wait.
pub(super) struct Opening {
    number: u64,
    /// Any device will do.
    again: bool,
    source: Arc<dyn OpenDevice>,
}

/// What became of it.
pub(super) struct Opened {
    number: u64,
    device: Result<Box<dyn Device>, DeviceError>,
}

impl Opening {
    /// May take its time.
    pub(super) fn run(self) -> Opened {
        let device = if self.again { self.source.reopen() } else { self.source.open() };
        Opened { number: self.number, device }
    }
}

impl Handset {
    pub(super) fn new(source: Arc<dyn OpenDevice>) -> Self {
        Self { source, state: State::Closed, opening: 0 }
    }

    /// Sound is needed: what is to be opened, if it is not yet.
    pub(super) fn open(&mut self) -> Option<Opening> {
        let again = match self.state {
            State::Closed => false,
            State::Lost => true,
            State::Opening | State::Open(_) | State::Failed => return None,
        };
        self.state = State::Opening;
        self.opening += 1;
        Some(Opening { number: self.opening, again, source: Arc::clone(&self.source) })
    }

    /// A device was opened. Gives back its trouble, or the device if nobody wants it any more (to be dropped elsewhere).
    pub(super) fn opened(&mut self, opened: Opened) -> (Option<DeviceError>, Option<Box<dyn Device>>) {
        let wanted = opened.number == self.opening && matches!(self.state, State::Opening);
        match opened.device {
            Ok(device) if wanted => {
                self.state = State::Open(device);
                (None, None)
            }
            Ok(device) => (None, Some(device)),
            Err(error) if wanted => {
                self.state = State::Failed;
                (Some(error), None)
            }
            Err(_) => (None, None),
        }
    }

    /// No sound is needed, or by another way: the device, to be dropped where waiting does no harm. It is opened anew when sound is needed.
    pub(super) fn close(&mut self) -> Option<Box<dyn Device>> {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Open(device) => Some(device),
            State::Closed | State::Lost | State::Opening | State::Failed => None,
        }
    }

    /// The device is gone: another is opened in its place. The old one, to be dropped elsewhere.
    pub(super) fn lose(&mut self) -> Option<Box<dyn Device>> {
        let lost = self.close();
        self.state = State::Lost;
        lost
    }

    /// Another device from now on; the old one, to be dropped elsewhere.
    pub(super) fn replace(&mut self, source: Arc<dyn OpenDevice>) -> Option<Box<dyn Device>> {
        self.source = source;
        self.close()
    }

    /// 10 ms from the microphone; silence without one.
    pub(super) fn read(&mut self) -> Block {
        let mut block = SILENCE;
        if let State::Open(device) = &mut self.state {
            device.read(&mut block);
        }
        block
    }

    /// Whether a person can speak into it.
    pub(super) fn has_microphone(&self) -> bool {
        matches!(&self.state, State::Open(device) if device.has_microphone())
    }

    /// How many blocks it takes and gives at once.
    pub(super) fn step(&self) -> u32 {
        let is_even = matches!(&self.state, State::Open(device) if device.has_clock());
        if is_even { 1 } else { 2 }
    }

    /// 10 ms to the speaker.
    pub(super) fn write(&mut self, block: &Block) {
        if let State::Open(device) = &mut self.state {
            device.write(block);
        }
    }

    pub(super) fn poll_event(&mut self) -> Option<DeviceEvent> {
        match &mut self.state {
            State::Open(device) => device.poll_event(),
            State::Closed | State::Lost | State::Opening | State::Failed => None,
        }
    }

    /// How long sound is under way in the device, and waits for the tick's other blocks.
    pub(super) fn delay(&self) -> Duration {
        let device = match &self.state {
            State::Open(device) => device.delay(),
            State::Closed | State::Lost | State::Opening | State::Failed => Duration::ZERO,
        };
        device + BLOCK_TIME * (self.step() - 1)
    }
}

#[cfg(test)]
mod tests {
    use cooee_audio::NullDevice;

    use super::*;

    fn works() -> Arc<dyn OpenDevice> {
        Arc::new(|| -> Result<Box<dyn Device>, DeviceError> { Ok(Box::new(NullDevice)) })
    }

    #[test]
    fn a_device_is_opened_once_and_closed_once() {
        let mut handset = Handset::new(works());
        let opening = handset.open().unwrap();
        assert!(handset.open().is_none());
        assert!(matches!(handset.opened(opening.run()), (None, None)));
        assert!(handset.open().is_none());
        assert!(handset.close().is_some() && handset.close().is_none());
    }

    #[test]
    fn in_place_of_a_device_that_was_lost_any_other_is_opened() {
        struct Headset;
        impl OpenDevice for Headset {
            fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
                Err(DeviceError::NoSuchDevice("headset".into()))
            }

            fn reopen(&self) -> Result<Box<dyn Device>, DeviceError> {
                Ok(Box::new(NullDevice))
            }
        }
        let mut handset = Handset::new(Arc::new(Headset));
        let opening = handset.open().unwrap();
        assert!(matches!(handset.opened(opening.run()), (Some(DeviceError::NoSuchDevice(_)), None)));
        handset.lose();
        let opening = handset.open().unwrap();
        assert!(matches!(handset.opened(opening.run()), (None, None)));
        assert!(handset.close().is_some());
    }

    #[test]
    fn a_device_is_opened_anew_by_another_way_also_where_the_first_did_not_work() {
        for source in [works(), Arc::new(|| -> Result<Box<dyn Device>, DeviceError> { Err(DeviceError::NoMicrophone) })] {
            let mut handset = Handset::new(source);
            let opening = handset.open().unwrap();
            handset.opened(opening.run());
            handset.close();
            assert!(!handset.open().unwrap().again, "the same device, not any");
        }
    }

    #[test]
    fn a_device_that_comes_too_late_is_given_back() {
        let mut handset = Handset::new(works());
        let first = handset.open().unwrap();
        assert!(handset.replace(works()).is_none());
        let second = handset.open().unwrap();
        assert!(matches!(handset.opened(first.run()), (None, Some(_))));
        assert!(matches!(handset.opened(second.run()), (None, None)));
    }

    #[test]
    fn a_missing_device_is_told_once_and_tried_again_with_the_next_call() {
        let mut handset = Handset::new(Arc::new(|| -> Result<Box<dyn Device>, DeviceError> { Err(DeviceError::NoMicrophone) }));
        let opening = handset.open().unwrap();
        assert!(matches!(handset.opened(opening.run()), (Some(DeviceError::NoMicrophone), None)));
        assert!(handset.open().is_none());
        assert_eq!(handset.read(), SILENCE);
        handset.close();
        assert!(handset.open().is_some());
    }
}
