use super::{MOST_PIXELS, Picture};

/// Which pixels of a picture are dark, compared with those around them.
pub(super) struct Black {
    pub(super) width: usize,
    pub(super) height: usize,
    dark: Vec<bool>,
}

impl Black {
    /// By the mean of a window as wide as an eighth of the picture (Bradley and Roth, *Adaptive Thresholding Using the Integral Image*).
    pub(super) fn of(picture: &Picture<'_>) -> Option<Self> {
        let Picture { luma, width, height, stride } = *picture;
        let pixels = width.checked_mul(height).filter(|pixels| (1..=MOST_PIXELS).contains(pixels))?;
        if stride < width || luma.len() < stride.checked_mul(height - 1)?.checked_add(width)? {
            return None;
        }
        let rows: Vec<&[u8]> = luma.chunks(stride).take(height).filter_map(|row| row.get(..width)).collect();
        let sums = Sums::of(&rows, width);
        let reach = (width.max(height) / 16).max(4);
        let mut dark = Vec::with_capacity(pixels);
        for (y, row) in rows.iter().enumerate() {
            let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
            for (x, value) in row.iter().enumerate() {
                let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                let count = ((right - left) * (bottom - top)) as u64;
                dark.push(u64::from(*value) * count * 10 < sums.within(left, top, right, bottom) * 9);
            }
        }
        Some(Self { width, height, dark })
    }

    /// Whether this pixel is dark; there is nothing dark outside.
    pub(super) fn at(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dark.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// The pixel that the point is in.
    pub(super) fn at_point(&self, (x, y): (f64, f64)) -> bool {
        x >= 0.0 && y >= 0.0 && x < self.width as f64 && y < self.height as f64 && self.at(x as usize, y as usize)
    }

    /// A row from left to right.
    pub(super) fn row(&self, y: usize) -> &[bool] {
        self.dark.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }
}

/// Sums of everything above and to the left.
struct Sums {
    width: usize,
    sums: Vec<u32>,
}

impl Sums {
    fn of(rows: &[&[u8]], width: usize) -> Self {
        let mut sums = vec![0_u32; width + 1];
        sums.reserve(rows.len() * (width + 1));
        for row in rows {
            sums.push(0);
            let mut line = 0;
            for value in *row {
                line += u32::from(*value);
                let above = sums.get(sums.len() - (width + 1)).copied().unwrap_or(0);
                sums.push(above + line);
            }
        }
        Self { width: width + 1, sums }
    }

    fn within(&self, left: usize, top: usize, right: usize, bottom: usize) -> u64 {
        let at = |x: usize, y: usize| self.sums.get(y * self.width + x).copied().map_or(0, u64::from);
        at(right, bottom) + at(left, top) - at(left, bottom) - at(right, top)
    }
}
