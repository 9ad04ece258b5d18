//! Cooee's SIP parser beside other people's, in one run and on one message: `cargo run --release`, here.
//!
//! Three jobs on an INVITE of 822 octets: to parse it, however deep the crate's parser goes; to read the headers that routing
//! rests on (`Via`, `From`, `To`, `Contact`, `Call-ID`, `CSeq`, `Max-Forwards`, `Route`), which ours does whenever it parses;
//! and to do what a proxy does, which prints it with a `Via` on top besides. Every crate does them in its usual way. The
//! rounds alternate, and the fastest round of each counts: it is the one least disturbed.

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
    jobs: [Job; 3],
}

const JOBS: [&str; 3] = ["parse", "parse and read", "parse, read, print"];

const CONTESTANTS: &[Contestant] = &[
    Contestant { name: "cooee-sip", jobs: [peers::cooee::parse, peers::cooee::read, peers::cooee::forward] },
    Contestant { name: "rsipstack 0.7.14", jobs: [peers::rsipstack::parse, peers::rsipstack::read, peers::rsipstack::forward] },
    Contestant { name: "sipx-sip 1.0.1", jobs: [peers::sipx::parse, peers::sipx::read, peers::sipx::forward] },
    Contestant { name: "rsip 0.4.0", jobs: [peers::rsip::parse, peers::rsip::read, peers::rsip::forward] },
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
    let mut best = vec![[0.0f64; JOBS.len()]; CONTESTANTS.len()];
    for _ in 0..ROUNDS {
        for (contestant, best) in CONTESTANTS.iter().zip(&mut best) {
            for (job, best) in contestant.jobs.into_iter().zip(best) {
                *best = best.max(round(job));
            }
        }
    }
    println!("{:<18}{}", "messages a second", JOBS.map(|job| format!("{job:>20}")).concat());
    for (contestant, rates) in CONTESTANTS.iter().zip(&best) {
        println!("{:<18}{}", contestant.name, rates.map(|rate| format!("{:>18.0} k", rate / 1e3)).concat());
    }
    for (job, name) in JOBS.iter().enumerate() {
        let others = CONTESTANTS.iter().zip(&best).skip(1).map(|(c, rates)| (c.name, rates[job]));
        let (peer, rate) = others.fold(("", 0.0), |a, b| if b.1 > a.1 { b } else { a });
        println!("{name}: {:.1} times the best other, {peer}", best[0][job] / rate);
    }
}
