//! Codecs, resampling, tones and concealment: functions on samples.
