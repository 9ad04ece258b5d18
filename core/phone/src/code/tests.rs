use cooee_machine::Entropy;
use qrcodegen::{QrCode, QrCodeEcc};

use super::*;

/// What the app draws: an address, and a media key.
const TEXTS: [&str; 3] = [
    "sip:anna@example.org",
    "COOEE1:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "Straße, 東京: sip:%62en@xn--bcher-kva.example;transport=tls?subject=a%20long%20one%20that%20makes%20a%20code%20of%20many%20modules%20with%20version%20information",
];

struct Photo {
    luma: Vec<u8>,
    width: usize,
    height: usize,
}

impl Photo {
    /// Of a code whose modules are where `module_at` says: from the middle of the picture in pixels, to modules from the code's middle.
    fn of(text: &str, (width, height): (usize, usize), module_at: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let half = f64::from(code.size()) / 2.0;
        let pixel = |at: usize| {
            let (x, y) = ((at % width) as f64 + 0.5 - width as f64 / 2.0, (at / width) as f64 + 0.5 - height as f64 / 2.0);
            let (u, v) = module_at(x, y);
            let is_dark = code.get_module((u + half).floor() as i32, (v + half).floor() as i32);
            if is_dark { 40 } else { 210 }
        };
        Self { luma: (0..width * height).map(pixel).collect(), width, height }
    }

    /// Turned by so many degrees, with so many pixels a module.
    fn turned(text: &str, degrees: u32, scale: f64) -> Self {
        let (sine, cosine) = f64::from(degrees).to_radians().sin_cos();
        Self::of(text, (400, 420), |x, y| ((cosine * x + sine * y) / scale, (cosine * y - sine * x) / scale))
    }

    fn read(&self) -> Option<String> {
        Picture { luma: &self.luma, width: self.width, height: self.height, stride: self.width }.read_code()
    }
}

#[test]
fn what_is_drawn_is_what_is_read_at_any_angle_and_size() {
    for text in TEXTS {
        for degrees in (0..360).step_by(15) {
            for scale in [3.0, 5.0] {
                assert_eq!(Photo::turned(text, degrees, scale).read().as_deref(), Some(text), "{degrees}° {scale}");
            }
        }
    }
}

#[test]
fn a_code_that_is_seen_askew_is_read() {
    for text in &TEXTS[..2] {
        for degrees in (0..360).step_by(30) {
            let (sine, cosine) = f64::from(degrees).to_radians().sin_cos();
            let photo = Photo::of(text, (400, 420), |x, y| {
                let depth = 1.0 + 0.001 * x + 0.0005 * y;
                let (x, y) = (x / depth / 5.0, y / depth / 5.0);
                (cosine * x + sine * y, cosine * y - sine * x)
            });
            assert_eq!(photo.read().as_deref(), Some(*text), "{degrees}°");
        }
    }
}

#[test]
fn shadow_noise_and_a_damaged_corner_cost_no_letter() {
    for seed in 0..8 {
        let mut dice = Entropy::for_test(seed);
        let mut photo = Photo::turned(TEXTS[1], 20, 6.0);
        for (at, pixel) in photo.luma.iter_mut().enumerate() {
            let noisy = (u64::from(*pixel) + dice.below(61)).saturating_sub(30);
            *pixel = (noisy * (400 + at as u64 % 400) / 1000).min(255) as u8;
            // The stain lies where neither a finder nor the alignment pattern is.
            let (x, y) = (at % photo.width, at / photo.width);
            if (195..215).contains(&x) && (200..215).contains(&y) {
                *pixel = 20;
            }
        }
        assert_eq!(photo.read().as_deref(), Some(TEXTS[1]), "seed {seed}");
    }
}

#[test]
fn rows_may_be_longer_than_what_is_seen_of_them() {
    let photo = Photo::turned(TEXTS[0], 0, 5.0);
    let stride = photo.width + 13;
    let mut luma: Vec<u8> = photo.luma.chunks(photo.width).flat_map(|row| row.iter().copied().chain([0; 13])).collect();
    luma.truncate(luma.len() - 13);
    let read = |luma: &[u8]| Picture { luma, width: photo.width, height: photo.height, stride }.read_code();
    assert_eq!(read(&luma).as_deref(), Some(TEXTS[0]));
    luma.pop();
    assert_eq!(read(&luma), None, "an octet is missing");
}

#[test]
fn what_is_no_picture_or_shows_no_code_has_no_text() {
    let read = |luma: &[u8], width, height, stride| Picture { luma, width, height, stride }.read_code();
    assert_eq!(read(&[], 0, 0, 0), None);
    assert_eq!(read(&[0], 1, 1, 1), None);
    assert_eq!(read(&[0; 4], 2, 2, 1), None);
    assert_eq!(read(&[0; 4], usize::MAX, 2, usize::MAX), None);
    assert_eq!(read(&vec![0; MOST_PIXELS + 1], MOST_PIXELS + 1, 1, MOST_PIXELS + 1), None);
    assert_eq!(read(&vec![90; 640 * 480], 640, 480, 640), None);
}

#[test]
fn no_picture_makes_it_fail() {
    for seed in 0..150 {
        let mut dice = Entropy::for_test(seed);
        let size = (1 + dice.below(300) as usize, 1 + dice.below(300) as usize);
        let scale = 1.0 + dice.below(50) as f64 / 10.0;
        let (skew, shift) = (dice.below(20) as f64 / 1000.0, dice.below(100) as f64);
        let text = "ab".repeat(dice.below(100) as usize);
        let mut photo = Photo::of(&text, size, |x, y| ((x + shift) / (scale + skew * y), (y - shift) / (scale - skew * x)));
        for _ in 0..dice.below(3000) {
            let at = dice.below(photo.luma.len() as u64) as usize;
            photo.luma[at] = dice.below(256) as u8;
        }
        // What is read of a broken code is nothing or something; that it comes back from it is the test.
        let read = photo.read();
        assert!(read.is_none_or(|text| text.len() <= 7089), "seed {seed}");
    }
}

#[test]
fn a_wall_of_finder_patterns_holds_nobody_up() {
    let (width, height) = (960, 540);
    let is_dark = |x: i32, y: i32| matches!(x.abs().max(y.abs()), 0 | 1 | 3);
    let luma: Vec<u8> = (0..width * height).map(|at| if is_dark(at % width % 9 - 4, at / width % 9 - 4) { 0 } else { 255 }).collect();
    let picture = Picture { luma: &luma, width: width as usize, height: height as usize, stride: width as usize };
    let found = finder::find(&Black::of(&picture).unwrap());
    assert!(found.len() <= 24 && finder::triples(&found).len() <= 24 * 23 * 22 / 6, "{}", found.len());
    assert_eq!(picture.read_code(), None);
}
