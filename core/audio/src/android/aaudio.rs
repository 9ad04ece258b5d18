#![allow(unsafe_code, reason = "the system hands out samples as a pointer")]

use std::ffi::c_void;
use std::slice;
use std::sync::mpsc::Sender;
use std::time::Instant;

use cooee_codec::RATE;
use ndk::audio::{
    AudioCallbackResult, AudioContentType, AudioDirection, AudioError, AudioFormat, AudioInputPreset, AudioPerformanceMode,
    AudioSharingMode, AudioStream, AudioStreamBuilder, AudioUsage,
};

use super::{Library, MICROPHONE, SPEAKER, failed, gone, missing};
use crate::capture::CaptureFeed;
use crate::playback::PlaybackDrain;
use crate::{DeviceError, DeviceEvent};

/// The system's own interface.
pub(super) struct AAudio;

impl Library for AAudio {
    type Input = AudioStream;
    type Output = AudioStream;

    fn input(mut feed: CaptureFeed, news: Sender<DeviceEvent>) -> Result<AudioStream, DeviceError> {
        let heard = move |_: &AudioStream, samples: *mut c_void, frames: i32| {
            if let Some(count) = count(samples, frames) {
                // SAFETY: the system lends this many frames for as long as the callback runs, each one sample of 16 bits, as `builder` demands.
                let samples = unsafe { slice::from_raw_parts(samples.cast::<i16>(), count) };
                feed.push(samples.iter().copied(), Instant::now());
            }
            AudioCallbackResult::Continue
        };
        let builder = builder(MICROPHONE, AudioDirection::Input, news)?.input_preset(AudioInputPreset::VoiceCommunication);
        started(MICROPHONE, builder.data_callback(Box::new(heard)))
    }

    fn output(mut drain: PlaybackDrain, news: Sender<DeviceEvent>) -> Result<AudioStream, DeviceError> {
        let played = move |_: &AudioStream, samples: *mut c_void, frames: i32| {
            if let Some(count) = count(samples, frames) {
                // SAFETY: the system lends this many frames to be filled for as long as the callback runs, each one sample of 16 bits, as
                // `builder` demands.
                let samples = unsafe { slice::from_raw_parts_mut(samples.cast::<i16>(), count) };
                drain.fill(samples, Instant::now());
            }
            AudioCallbackResult::Continue
        };
        let builder = builder(SPEAKER, AudioDirection::Output, news)?;
        let builder = builder.usage(AudioUsage::VoiceCommunication).content_type(AudioContentType::Speech);
        started(SPEAKER, builder.data_callback(Box::new(played)))
    }
}

/// How many samples there are, if there are any.
fn count(samples: *mut c_void, frames: i32) -> Option<usize> {
    usize::try_from(frames).ok().filter(|_| !samples.is_null())
}

/// Demands mono of 16 bits: a stream of anything else is not opened.
fn builder(device: &'static str, direction: AudioDirection, news: Sender<DeviceEvent>) -> Result<AudioStreamBuilder, DeviceError> {
    let builder = AudioStreamBuilder::new().map_err(|error| refusal(device, error))?;
    Ok(builder
        .direction(direction)
        .channel_count(1)
        .format(AudioFormat::PCM_I16)
        .sample_rate(RATE as i32)
        .sharing_mode(AudioSharingMode::Shared)
        .performance_mode(AudioPerformanceMode::LowLatency)
        .error_callback(Box::new(move |_, _| gone(&news))))
}

fn started(device: &'static str, builder: AudioStreamBuilder) -> Result<AudioStream, DeviceError> {
    let stream = builder.open_stream().map_err(|error| refusal(device, error))?;
    stream.request_start().map_err(|error| refusal(device, error))?;
    Ok(stream)
}

fn refusal(device: &'static str, error: AudioError) -> DeviceError {
    match error {
        AudioError::Unavailable | AudioError::NoFreeHandles => DeviceError::Busy(device),
        AudioError::Disconnected => missing(device),
        error => failed(device, &error),
    }
}
