use std::sync::mpsc::Sender;
use std::time::Instant;

use cooee_codec::RATE;
use oboe::{
    AudioInputCallback, AudioInputStreamSafe, AudioOutputCallback, AudioOutputStreamSafe, AudioStream, AudioStreamAsync,
    AudioStreamBuilder, ContentType, DataCallbackResult, Error, Input, InputPreset, Mono, Output, PerformanceMode, SharingMode, Usage,
};

use super::{Library, MICROPHONE, SPEAKER, failed, gone, missing};
use crate::capture::CaptureFeed;
use crate::playback::PlaybackDrain;
use crate::{DeviceError, DeviceEvent};

/// Google's library over AAudio and OpenSL ES. It asks for no session id, with which some devices give up the fast path.
pub(super) struct Oboe;

impl Library for Oboe {
    type Input = AudioStreamAsync<Input, Heard>;
    type Output = AudioStreamAsync<Output, Played>;

    fn input(feed: CaptureFeed, news: Sender<DeviceEvent>) -> Result<Self::Input, DeviceError> {
        let stream = AudioStreamBuilder::default()
            .set_input()
            .set_channel_count::<Mono>()
            .set_format::<i16>()
            .set_sample_rate(RATE as i32)
            .set_sharing_mode(SharingMode::Shared)
            .set_performance_mode(PerformanceMode::LowLatency)
            .set_input_preset(InputPreset::VoiceCommunication)
            .set_callback(Heard { feed, news })
            .open_stream();
        started(MICROPHONE, stream)
    }

    fn output(drain: PlaybackDrain, news: Sender<DeviceEvent>) -> Result<Self::Output, DeviceError> {
        let stream = AudioStreamBuilder::default()
            .set_output()
            .set_channel_count::<Mono>()
            .set_format::<i16>()
            .set_sample_rate(RATE as i32)
            .set_sharing_mode(SharingMode::Shared)
            .set_performance_mode(PerformanceMode::LowLatency)
            .set_usage(Usage::VoiceCommunication)
            .set_content_type(ContentType::Speech)
            .set_callback(Played { drain, news })
            .open_stream();
        started(SPEAKER, stream)
    }
}

fn started<S: AudioStream>(device: &'static str, stream: Result<S, Error>) -> Result<S, DeviceError> {
    let mut stream = stream.map_err(|error| refusal(device, error))?;
    stream.start().map_err(|error| refusal(device, error))?;
    Ok(stream)
}

fn refusal(device: &'static str, error: Error) -> DeviceError {
    match error {
        Error::Unavailable | Error::NoFreeHandles => DeviceError::Busy(device),
        Error::Disconnected => missing(device),
        error => failed(device, &error),
    }
}

/// The microphone's callbacks.
pub(super) struct Heard {
    feed: CaptureFeed,
    news: Sender<DeviceEvent>,
}

impl AudioInputCallback for Heard {
    type FrameType = (i16, Mono);

    fn on_audio_ready(&mut self, _stream: &mut dyn AudioInputStreamSafe, frames: &[i16]) -> DataCallbackResult {
        self.feed.push(frames.iter().copied(), Instant::now());
        DataCallbackResult::Continue
    }

    fn on_error_after_close(&mut self, _stream: &mut dyn AudioInputStreamSafe, _error: Error) {
        gone(&self.news);
    }
}

/// The speaker's callbacks.
pub(super) struct Played {
    drain: PlaybackDrain,
    news: Sender<DeviceEvent>,
}

impl AudioOutputCallback for Played {
    type FrameType = (i16, Mono);

    fn on_audio_ready(&mut self, _stream: &mut dyn AudioOutputStreamSafe, frames: &mut [i16]) -> DataCallbackResult {
        self.drain.fill(frames, Instant::now());
        DataCallbackResult::Continue
    }

    fn on_error_after_close(&mut self, _stream: &mut dyn AudioOutputStreamSafe, _error: Error) {
        gone(&self.news);
    }
}
