//! Streams of a sound library, held on a thread of their own, and our ends of them.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
use std::time::{Duration, Instant};

use cooee_codec::{Block, SILENCE};

use crate::{Capture, Device, DeviceError, DeviceEvent, Playback};

/// Glitches are told together, at most this often.
const GLITCHES: Duration = Duration::from_secs(1);

/// What runs: our ends of the streams, and what is reported of them. The streams stop when this is dropped.
pub(crate) struct Streams {
    capture: Option<Capture>,
    playback: Option<Playback>,
    events: Receiver<DeviceEvent>,
    /// Glitches not told yet that the library reported, all that our own ends counted when last told, and when that was.
    reported: u64,
    counted: u64,
    told: Instant,
    /// Dropped to stop the streams.
    _running: Sender<()>,
}

/// Streams that were opened, and our ends of them.
pub(crate) struct Opened<S> {
    pub(crate) streams: S,
    pub(crate) capture: Option<Capture>,
    pub(crate) playback: Option<Playback>,
}

impl Streams {
    /// Lets `open` work on a new thread of this name, which keeps the streams: on some systems they are bound to the thread that made them.
    /// What happens to them is to be told to the sender.
    ///
    /// # Errors
    /// Those of `open`; or the sound system does not answer within `patience`.
    pub(crate) fn open<S>(
        name: &str,
        patience: Duration,
        open: impl FnOnce(&Sender<DeviceEvent>) -> Result<Opened<S>, DeviceError> + Send + 'static,
    ) -> Result<Self, DeviceError> {
        let (ends, opening) = sync_channel(1);
        let (event, events) = channel();
        let (running, stop) = channel::<()>();
        let failed = |reason: String| DeviceError::Failed { device: "sound system", reason };
        let hold = move || match open(&event) {
            Ok(Opened { streams, capture, playback }) => {
                if ends.send(Ok((capture, playback))).is_ok() {
                    // Ends when the device is dropped; nothing is ever sent.
                    let _dropped = stop.recv();
                }
                drop(streams);
            }
            // Nobody waits any more if this fails.
            Err(error) => _ = ends.send(Err(error)),
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(hold).map_err(|error| failed(error.to_string()))?;
        let (capture, playback) = opening.recv_timeout(patience).map_err(|_| failed("it does not answer".into()))??;
        Ok(Self { capture, playback, events, reported: 0, counted: 0, told: Instant::now(), _running: running })
    }
}

impl Device for Streams {
    fn read(&mut self, block: &mut Block) {
        match &mut self.capture {
            Some(capture) => capture.read(block),
            None => *block = SILENCE,
        }
    }

    fn write(&mut self, block: &Block) {
        if let Some(playback) = &mut self.playback {
            playback.write(block);
        }
    }

    fn has_microphone(&self) -> bool {
        self.capture.is_some()
    }

    fn has_clock(&self) -> bool {
        true
    }

    fn poll_event(&mut self) -> Option<DeviceEvent> {
        loop {
            match self.events.try_recv() {
                Ok(DeviceEvent::Glitches(count)) => self.reported += count,
                Ok(event) => return Some(event),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        if self.told.elapsed() < GLITCHES {
            return None;
        }
        let counted = self.capture.as_ref().map_or(0, Capture::glitches) + self.playback.as_ref().map_or(0, Playback::glitches);
        let new = std::mem::take(&mut self.reported) + (counted - self.counted);
        (self.counted, self.told) = (counted, Instant::now());
        (new > 0).then_some(DeviceEvent::Glitches(new))
    }

    fn drift_ppm(&self) -> Option<f32> {
        let drift = self.capture.as_ref().and_then(Capture::drift_ppm).or_else(|| self.playback.as_ref().and_then(Playback::drift_ppm));
        drift.map(|drift| drift as f32)
    }

    fn delay(&self) -> Duration {
        self.capture.as_ref().map_or(Duration::ZERO, Capture::delay) + self.playback.as_ref().map_or(Duration::ZERO, Playback::delay)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    struct Stream(Arc<AtomicBool>);

    impl Drop for Stream {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Release);
        }
    }

    #[test]
    fn streams_run_until_the_device_is_dropped_and_what_happens_to_them_is_told() {
        let is_stopped = Arc::new(AtomicBool::new(false));
        let stream = Stream(Arc::clone(&is_stopped));
        let mut streams = Streams::open("test", PATIENCE, move |events| {
            let (_feed, capture) = Capture::new(48_000, Instant::now()).unwrap();
            events.send(DeviceEvent::RouteChanged).unwrap();
            Ok(Opened { streams: stream, capture: Some(capture), playback: None })
        })
        .unwrap();
        assert_eq!((streams.poll_event(), streams.poll_event()), (Some(DeviceEvent::RouteChanged), None));
        let mut block = [1; 480];
        streams.read(&mut block);
        streams.write(&block);
        assert!(block == SILENCE && streams.has_microphone() && !is_stopped.load(Ordering::Acquire));
        drop(streams);
        let begun = Instant::now();
        while !is_stopped.load(Ordering::Acquire) {
            assert!(begun.elapsed() < PATIENCE, "it never stops");
            std::thread::yield_now();
        }
    }

    #[test]
    fn why_streams_cannot_be_opened_is_told() {
        let opened = Streams::open("test", PATIENCE, |_| Err::<Opened<()>, _>(DeviceError::NoSpeaker)).map(|_| ());
        assert_eq!(opened, Err(DeviceError::NoSpeaker));
    }
}
