use cooee_machine::Entropy;

use crate::mutate::{below, pick};

/// Octets and fields that mean something in some header.
const OCTETS: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
const FIELDS: [u32; 8] = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff];

/// Changes a datagram in one to four ways: bits, fields, its end, pieces of another.
pub(crate) fn mutate(datagram: &mut Vec<u8>, other: &[u8], entropy: &mut Entropy) {
    for _ in 0..=entropy.below(4) {
        change(datagram, other, entropy);
        datagram.truncate(1600);
    }
}

fn change(datagram: &mut Vec<u8>, other: &[u8], entropy: &mut Entropy) {
    // Most of what decides is near the beginning.
    let end = if entropy.below(2) == 0 { datagram.len().min(24) } else { datagram.len() };
    let place = below(end.max(1), entropy);
    match entropy.below(9) {
        0 => {
            let flipped = datagram.get(place).copied().unwrap_or(0) ^ (1 << entropy.below(8));
            set(datagram, place, &[flipped]);
        }
        1 => set(datagram, place, &[*pick(&OCTETS, entropy)]),
        2 => set(datagram, place, &entropy.u32().to_be_bytes()),
        3 => set(datagram, place, pick(&FIELDS, entropy).to_be_bytes().get(2..).unwrap_or_default()),
        4 => set(datagram, place, &pick(&FIELDS, entropy).to_be_bytes()),
        5 => datagram.truncate(place),
        6 => datagram.extend_from_slice(other.get(..below(other.len().min(200) + 1, entropy)).unwrap_or_default()),
        7 => {
            let end = (place + below(16, entropy)).min(datagram.len());
            datagram.drain(place.min(end)..end);
        }
        _ => {
            let cut = below(other.len().min(64) + 1, entropy);
            let place = place.min(datagram.len());
            datagram.splice(place..place, other.get(..cut).unwrap_or_default().iter().copied());
        }
    }
}

fn set(datagram: &mut [u8], place: usize, octets: &[u8]) {
    for (octet, to) in datagram.iter_mut().skip(place).zip(octets) {
        *octet = *to;
    }
}
