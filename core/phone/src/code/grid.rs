use rqrr::BitGrid;

use super::black::Black;
use super::finder::{Finder, Triple};
use super::plane::{Point, Projection};

const VERSIONS: std::ops::RangeInclusive<usize> = 1..=40;
/// From the edge of a code to the middle of a finder pattern.
const FINDER: f64 = 3.5;
/// From the edge of a code to the middle of the alignment pattern in its lower right.
const ALIGNMENT: f64 = 6.5;

/// The modules of a code.
pub(super) struct Grid {
    size: usize,
    dark: Vec<bool>,
}

impl Grid {
    /// The text, if errors do not outweigh it.
    pub(super) fn read(self) -> Option<String> {
        let mut text = Vec::new();
        rqrr::Grid::new(self).decode_to(&mut text).ok()?;
        String::from_utf8(text).ok()
    }
}

impl BitGrid for Grid {
    fn size(&self) -> usize {
        self.size
    }

    fn bit(&self, y: usize, x: usize) -> bool {
        self.dark.get(y * self.size + x).copied().unwrap_or(false)
    }
}

/// How many modules a side the code may have, the likeliest first.
pub(super) fn sizes(triple: &Triple) -> Vec<usize> {
    let Triple { top_left, top_right, bottom_left, .. } = triple;
    let side = |end: &Finder| {
        let (across, down) = ((end.x - top_left.x).abs(), (end.y - top_left.y).abs());
        // Rows and columns run through a turned module on a longer way than its side.
        let length = across.hypot(down);
        let module = (end.module + top_left.module) / 2.0 * across.max(down) / length;
        length / module
    };
    let modules = (side(top_right) + side(bottom_left)) / 2.0 + 7.0;
    // Every version has four more than the one before.
    let version = ((modules - 17.0) / 4.0).round().clamp(1.0, 40.0) as usize;
    let likely = [version, version + 1, version - 1].into_iter().filter(|version| VERSIONS.contains(version));
    likely.map(|version| 17 + 4 * version).collect()
}

/// Reads every module where it is to be.
pub(super) fn sample(black: &Black, triple: &Triple, size: usize) -> Option<Grid> {
    let projection = place(black, triple, size)?;
    let mut dark = Vec::with_capacity(size * size);
    for y in 0..size {
        for x in 0..size {
            dark.push(is_dark(black, &projection, (x as f64 + 0.5, y as f64 + 0.5)));
        }
    }
    Some(Grid { size, dark })
}

/// What most of a module is, around its middle.
fn is_dark(black: &Black, projection: &Projection, (u, v): Point) -> bool {
    let around = [(0.0, 0.0), (-0.2, 0.0), (0.2, 0.0), (0.0, -0.2), (0.0, 0.2)];
    around.into_iter().filter(|(du, dv)| black.at_point(projection.at((u + du, v + dv)))).count() >= 3
}

/// Where the modules are. The fourth corner is the alignment pattern's; version 1 has none, and is taken for a parallelogram.
fn place(black: &Black, triple: &Triple, size: usize) -> Option<Projection> {
    let Triple { top_left, top_right, bottom_left, .. } = triple;
    let far = size as f64 - FINDER;
    let corners = [(top_left.x, top_left.y), (top_right.x, top_right.y), (bottom_left.x, bottom_left.y)];
    let with = |fourth: Point, at: f64| {
        let from = [(FINDER, FINDER), (far, FINDER), (at, at), (FINDER, far)];
        Projection::between(from, [corners[0], corners[1], fourth, corners[2]])
    };
    let guess = (top_right.x - top_left.x + bottom_left.x, top_right.y - top_left.y + bottom_left.y);
    let flat = with(guess, far)?;
    if size < 25 {
        return Some(flat);
    }
    let near = size as f64 - ALIGNMENT;
    // Near the farthest corner, perspective shifts it by some modules.
    let steps = || (-16..=16).map(|step| f64::from(step) / 3.0);
    let shifted = steps().flat_map(|v| steps().map(move |u| (near + u, near + v)));
    let scored = shifted.filter_map(|(u, v)| {
        let projection = with(flat.at((u, v)), near)?;
        let from_guess = (u - near).abs() + (v - near).abs();
        Some((f64::from(alignment(black, &projection, near)) - from_guess / 8.0, projection))
    });
    scored.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, projection)| projection)
}

/// How many modules around there are as in an alignment pattern: dark, a bright ring, a dark one.
fn alignment(black: &Black, projection: &Projection, middle: f64) -> u8 {
    let mut right = 0;
    for v in -2_i8..=2 {
        for u in -2_i8..=2 {
            let is_bright = u.abs().max(v.abs()) == 1;
            let at = (middle + f64::from(u), middle + f64::from(v));
            right += u8::from(is_dark(black, projection, at) != is_bright);
        }
    }
    right
}
