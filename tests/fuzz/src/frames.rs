use cooee_sip::{Frame, Framer, FramingError};

use crate::mutate::{below, dice};

/// A stream gives the same frames wherever it is cut, and holds no more than what has not been handed out.
pub(crate) fn run(input: &[u8]) {
    let whole = frames(&[input]);
    let mut entropy = dice(input.len() as u64, u64::from(input.iter().map(|octet| u32::from(*octet)).sum::<u32>()));
    for most in [1, 7, 200, 4096] {
        let mut pieces = Vec::new();
        let mut rest = input;
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at((1 + below(most, &mut entropy)).min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        // Octet by octet is slow where the input is long.
        if pieces.len() < 20_000 {
            assert_eq!(frames(&pieces), whole, "where the stream is cut makes no difference");
        }
    }
}

/// The messages, and what ended the stream; pings depend on where the network tears them.
pub(crate) fn frames(pieces: &[&[u8]]) -> Vec<Result<Vec<u8>, FramingError>> {
    let (mut framer, mut found) = (Framer::new(64 * 1024), Vec::new());
    let (mut given, mut taken) = (0, 0);
    for piece in pieces {
        framer.push(piece);
        given += piece.len();
        while let Some(frame) = framer.poll() {
            match frame {
                Ok(Frame::Message(bytes)) => {
                    taken += bytes.len();
                    assert!(taken <= given, "more came out than went in");
                    found.push(Ok(bytes));
                }
                Ok(_) => {}
                Err(error) => {
                    assert!(framer.refused().len() <= given - taken);
                    found.push(Err(error));
                    return found;
                }
            }
        }
    }
    found
}
