//! Seen askew, a square is any quadrilateral.

pub(super) type Point = (f64, f64);

/// What takes one plane to another (a homography), as a matrix of homogeneous coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projection([[f64; 3]; 3]);

impl Projection {
    /// Takes each of `from` to its of `to`; `None` if three of either are in one line.
    pub(super) fn between(from: [Point; 4], to: [Point; 4]) -> Option<Self> {
        let back = Self::of_square(from)?.adjoint();
        Some(Self::of_square(to)?.after(&back)).filter(|projection| projection.0.as_flattened().iter().all(|number| number.is_finite()))
    }

    /// Takes (0,0), (1,0), (1,1) and (0,1) to these corners (Heckbert, *Fundamentals of Texture Mapping and Image Warping*, 2.2.3).
    fn of_square([(x0, y0), (x1, y1), (x2, y2), (x3, y3)]: [Point; 4]) -> Option<Self> {
        let (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let area = dx1 * dy2 - dx2 * dy1;
        if area.abs() < 1e-6 {
            return None;
        }
        let (g, h) = ((sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area);
        Some(Self([[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]]))
    }

    /// The way back, but for a factor, which means nothing.
    fn adjoint(&self) -> Self {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        Self([
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ])
    }

    fn after(&self, first: &Self) -> Self {
        let [[a, b, c], [d, e, f], [g, h, i]] = first.0;
        let columns = [[a, d, g], [b, e, h], [c, f, i]];
        Self(self.0.map(|row| columns.map(|column| row.iter().zip(column).map(|(one, other)| one * other).sum())))
    }

    /// Where a point comes to be; nowhere in particular if it lies beyond the horizon.
    pub(super) fn at(&self, (u, v): Point) -> Point {
        let [x, y, depth] = self.0.map(|[a, b, c]| a * u + b * v + c);
        (x / depth, y / depth)
    }
}
