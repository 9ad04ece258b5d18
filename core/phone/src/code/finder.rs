use super::black::Black;

/// So many finder patterns of a picture are looked at, those that most lines went through.
const MOST: usize = 24;
/// So many may be found before the weakest are dropped.
const FOUND: usize = 256;

/// The middle of a finder pattern: dark and bright in the ratio 1:1:3:1:1, across and down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finder {
    pub(super) x: f64,
    pub(super) y: f64,
    /// Pixels a module.
    pub(super) module: f64,
    lines: u32,
}

impl Finder {
    fn distance(&self, other: &Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// Three that could be those of one code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Triple {
    pub(super) top_left: Finder,
    pub(super) top_right: Finder,
    pub(super) bottom_left: Finder,
    /// How far from a square, 0 being one.
    skew: f64,
}

/// The finder patterns of a picture, the surest first.
pub(super) fn find(black: &Black) -> Vec<Finder> {
    let mut found: Vec<Finder> = Vec::new();
    for y in 0..black.height {
        let mut runs = [0_usize; 5];
        let mut last = false;
        // A bright pixel behind the last closes what the edge cuts off.
        for (x, dark) in black.row(y).iter().copied().chain([false]).enumerate() {
            if dark != last {
                if last && is_finder(&runs) {
                    keep(black, &mut found, &runs, x, y);
                }
                runs.rotate_left(1);
                runs[4] = 0;
                last = dark;
            }
            runs[4] += 1;
        }
    }
    found.sort_by_key(|finder| std::cmp::Reverse(finder.lines));
    found.truncate(MOST);
    found
}

/// A line of a row that ends before `end` looks like one: if a line down does too, it is kept, or makes one that is known surer.
fn keep(black: &Black, found: &mut Vec<Finder>, runs: &[usize; 5], end: usize, y: usize) {
    let x = middle(runs, end);
    let total: usize = runs.iter().sum();
    let Some((y, down)) = line_through(y, black.height, total, |y| black.at(x as usize, y)) else { return };
    let Some((x, across)) = line_through(x as usize, black.width, total, |x| black.at(x, y as usize)) else { return };
    let module = (down + across) as f64 / 14.0;
    let new = Finder { x, y, module, lines: 1 };
    let is_same = |known: &&mut Finder| known.distance(&new) < known.module.max(1.0) * 1.5;
    if let Some(known) = found.iter_mut().find(is_same) {
        let lines = f64::from(known.lines);
        let mean = |known: f64, new: f64| (known * lines + new) / (lines + 1.0);
        *known = Finder { x: mean(known.x, x), y: mean(known.y, y), module: mean(known.module, module), lines: known.lines + 1 };
    } else {
        if found.len() == FOUND {
            found.sort_by_key(|finder| std::cmp::Reverse(finder.lines));
            found.truncate(FOUND / 2);
        }
        found.push(new);
    }
}

/// The middle of the three modules in the middle.
fn middle(runs: &[usize; 5], end: usize) -> f64 {
    end as f64 - (runs[4] + runs[3]) as f64 - runs[2] as f64 / 2.0
}

/// Dark, bright, dark, bright and dark in the ratio 1:1:3:1:1, each within half a module of it.
fn is_finder(runs: &[usize; 5]) -> bool {
    let total: usize = runs.iter().sum();
    if total < 7 || runs.contains(&0) {
        return false;
    }
    let module = total as f64 / 7.0;
    let near = |run: usize, modules: f64| (run as f64 - modules * module).abs() < modules * module / 2.0 + 0.5;
    runs.iter().zip([1.0, 1.0, 3.0, 1.0, 1.0]).all(|(run, modules)| near(*run, modules))
}

/// The middle and length of such a pattern on a line through `start`, about as long as `total`.
fn line_through(start: usize, end: usize, total: usize, is_dark: impl Fn(usize) -> bool) -> Option<(f64, usize)> {
    if start >= end || !is_dark(start) {
        return None;
    }
    let run = |from: usize, forward: bool, dark: bool| {
        let mut at = from;
        let mut length = 0;
        // No run of a finder pattern is longer than all of it.
        while length < total && at < end && is_dark(at) == dark {
            length += 1;
            at = if forward { at + 1 } else { at.wrapping_sub(1) };
        }
        (length, at)
    };
    let (up, at) = run(start.wrapping_sub(1), false, true);
    let (bright_up, at) = run(at, false, false);
    let (dark_up, _) = run(at, false, true);
    let (down, at) = run(start, true, true);
    let (bright_down, at) = run(at, true, false);
    let (dark_down, at) = run(at, true, true);
    let runs = [dark_up, bright_up, up + down, bright_down, dark_down];
    let length: usize = runs.iter().sum();
    // Seen askew, one side may be up to twice as long as the other.
    let is_alike = length < total * 2 && total < length * 2;
    (is_alike && is_finder(&runs)).then(|| (middle(&runs, at), length))
}

/// Threes that could be those of one code, the squarest first.
pub(super) fn triples(found: &[Finder]) -> Vec<Triple> {
    let mut triples = Vec::new();
    for (i, a) in found.iter().enumerate() {
        for (j, b) in found.iter().enumerate().skip(i + 1) {
            for c in found.iter().skip(j + 1) {
                triples.extend(triple(*a, *b, *c));
            }
        }
    }
    triples.sort_by(|one: &Triple, other| one.skew.total_cmp(&other.skew));
    triples
}

fn triple(a: Finder, b: Finder, c: Finder) -> Option<Triple> {
    let modules = [a.module, b.module, c.module];
    let (least, most) = (modules.into_iter().fold(f64::MAX, f64::min), modules.into_iter().fold(0.0, f64::max));
    if most > least * 1.8 {
        return None;
    }
    // The longest side lies opposite the corner.
    let (ab, bc, ca) = (a.distance(&b), b.distance(&c), c.distance(&a));
    let (corner, one, other) = if ab >= bc && ab >= ca {
        (c, a, b)
    } else if bc >= ca {
        (a, b, c)
    } else {
        (b, c, a)
    };
    let (first, second) = (corner.distance(&one), corner.distance(&other));
    let turn = (one.x - corner.x) * (other.y - corner.y) - (one.y - corner.y) * (other.x - corner.x);
    // Clockwise, as rows go down.
    let (top_right, bottom_left) = if turn > 0.0 { (one, other) } else { (other, one) };
    let sine = turn.abs() / (first * second);
    let (short, long) = (first.min(second), first.max(second));
    // 14 modules lie between them at least, 170 at most; what is taken for a module may be off.
    let is_apart = short > least * 8.0 && long < most * 250.0;
    let skew = (long / short - 1.0) + (1.0 - sine) * 2.0 + (most / least - 1.0);
    (is_apart && sine > 0.5 && long < short * 2.0).then_some(Triple { top_left: corner, top_right, bottom_left, skew })
}
