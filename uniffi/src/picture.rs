use cooee_phone::Picture;

/// The text of a QR code in a picture of brightness; none if none can be read. `luma`: an octet a pixel, row by row, 0 is black, as the first
/// plane of Android's `YUV_420_888`; `width`, `height`: in pixels, 1920 × 1080 at most in all; `stride`: octets from one row to the next.
///
/// It asks nobody and takes some milliseconds of a processor, more for a picture full of what looks like codes: not for a thread that draws.
#[uniffi::export]
#[must_use]
pub fn read_code(luma: Vec<u8>, width: u32, height: u32, stride: u32) -> Option<String> {
    Picture { luma: &luma, width: width as usize, height: height as usize, stride: stride as usize }.read_code()
}
