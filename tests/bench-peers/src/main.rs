//! Cooee's SIP parser beside other people's, in one run and on one message: `cargo run --release`, here.
//!
//! Two jobs: to parse an INVITE of 822 octets, and to do with it what a proxy does (parse it; know the top `Via`, the tags,
//! `Call-ID`, `CSeq`, `Max-Forwards`, `Route` and the request-URI; print it with a `Via` on top). Every crate does them in
//! its usual way. The rounds alternate, and the fastest round of each counts: it is the one least disturbed.

use std::hint::black_box;
use std::time::Instant;

mod peers;

const INVITE: &[u8] = include_bytes!("../../fixtures/sip/invite-822.sip");
const ROUNDS: usize = 15;
const PER_ROUND: u32 = 20_000;

/// A crate at a job: gives the octets it made or saw, so that nothing is optimised away.
type Job = fn(&[u8]) -> usize;

struct Contestant {
    name: &'static str,
    parse: Job,
    route: Job,
}

const CONTESTANTS: &[Contestant] = &[
    Contestant { name: "cooee-sip", parse: peers::cooee::parse, route: peers::cooee::route },
    Contestant { name: "rsipstack 0.7.14", parse: peers::rsipstack::parse, route: peers::rsipstack::route },
    Contestant { name: "sipx-sip 1.0.1", parse: peers::sipx::parse, route: peers::sipx::route },
    Contestant { name: "rsip 0.4.0", parse: peers::rsip::parse, route: peers::rsip::route },
];

/// Messages a second in one round.
fn round(job: Job) -> f64 {
    let begun = Instant::now();
    let mut sum = 0;
    for _ in 0..PER_ROUND {
        sum += job(black_box(INVITE));
    }
    black_box(sum);
    f64::from(PER_ROUND) / begun.elapsed().as_secs_f64()
}

fn main() {
    assert_eq!(INVITE.len(), 822);
    let mut best = vec![[0.0f64; 2]; CONTESTANTS.len()];
    for _ in 0..ROUNDS {
        for (contestant, best) in CONTESTANTS.iter().zip(&mut best) {
            for (job, best) in [contestant.parse, contestant.route].into_iter().zip(best) {
                *best = best.max(round(job));
            }
        }
    }
    println!("{:<18} {:>14} {:>20}", "", "parse", "parse, route, print");
    for (contestant, [parse, route]) in CONTESTANTS.iter().zip(&best) {
        println!("{:<18} {:>10.0} k/s {:>16.0} k/s", contestant.name, parse / 1e3, route / 1e3);
    }
    for (job, name) in ["parse", "parse, route, print"].iter().enumerate() {
        let (peer, rate) = CONTESTANTS.iter().zip(&best).skip(1).map(|(c, b)| (c.name, b[job])).fold(("", 0.0), |a, b| if b.1 > a.1 { b } else { a });
        println!("{name}: {:.1} times the best other, {peer}", best[0][job] / rate);
    }
}
