//! The text of a QR code (ISO/IEC 18004) in a picture that a camera took.
//!
//! Anybody may have drawn it: the work is bounded by the picture's size, whatever is in it, and no picture makes the reader fail.
//! The modules that are found are read by a library; finding them is our own (`docs/decisions/0039`).

mod black;
mod finder;
mod grid;
mod plane;
#[cfg(test)]
mod tests;

use black::Black;

/// The most pixels of a picture: 1920 × 1080.
pub const MOST_PIXELS: usize = 1920 * 1080;
/// So many threes of finder patterns are taken for a code, at most.
const TRIED: usize = 12;

/// A picture of brightness, as the first plane of what Android's cameras give (`YUV_420_888`).
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// An octet a pixel, row by row, 0 is black.
    pub luma: &'a [u8],
    /// Pixels a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Octets from the beginning of one row to that of the next, at least `width`.
    pub stride: usize,
}

impl Picture<'_> {
    /// The text of a QR code in it: UTF-8, 7089 characters at most. `None` if none can be read; also of a picture that is none, without
    /// pixels, with more than [`MOST_PIXELS`], or with fewer octets than its size says.
    #[must_use]
    pub fn read_code(&self) -> Option<String> {
        let black = Black::of(self)?;
        let found = finder::find(&black);
        finder::triples(&found).into_iter().take(TRIED).find_map(|triple| {
            let grids = grid::sizes(&triple).into_iter();
            grids.filter_map(|size| grid::sample(&black, &triple, size)).find_map(grid::Grid::read)
        })
    }
}
