//! How well speech arrives over bad networks. Everything but PESQ and other people's phones is computed in virtual time from
//! seeds and committed recordings: the same on every machine, however busy.
#![forbid(unsafe_code)]

mod heard;
mod oracle;
mod plot;
mod speech;
mod table;
mod trace;

pub use heard::{Heard, play, play_later};
pub use oracle::{Oracle, SEGMENT};
pub use plot::plot;
pub use speech::{Clip, FRAME, FRAME_MICROS, Spoken};
pub use table::{Row, Scores, processes, table};
pub use trace::Trace;
